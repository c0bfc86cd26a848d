"""The nginx that tests run the shipped configuration on, and how it gets onto a fresh machine.

``python -m tests.browser.nginx`` installs Debian's package where there is none (by apt-get, as root
or through sudo).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import debian
from tests.servers import ROOT, STOP_SECONDS

PACKAGES = ("nginx-light", "openssl")
SHIPPED = ROOT / "docs" / "deployment" / "nginx.conf"
HOST = "jg.example.gov.cn"
FIRST_PORTS = ("8501", "8502")
UP_SECONDS = 20.0
# What Debian's /etc/nginx/nginx.conf has around the files of conf.d, as far as it matters here.
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; }}
    include {folder}/liuzhou.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its two addresses, and the certificate it shows."""

    url: str
    plain_url: str
    certificate: Path
    folder: Path


def found() -> str | None:
    """Return where nginx is; Debian has it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def shipped(
    folder: Path, *, port: int, plain_port: int, processes: Sequence[int], certificate: Path
) -> str:
    """Return the shipped configuration with nothing but addresses and paths replaced."""
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        (f"https://{HOST}", f"https://127.0.0.1:{port}"),
        (HOST, "127.0.0.1"),
        ("/etc/ssl/certs/liuzhou.crt", str(certificate)),
        ("/etc/ssl/private/liuzhou.key", str(certificate.with_suffix(".key"))),
        ("/var/log/nginx/liuzhou.error.log", str(folder / "liuzhou.error.log")),
        *((old, str(new)) for old, new in zip(FIRST_PORTS, processes, strict=True)),
    ):
        assert old in text, f"{old} is not in the shipped configuration"
        text = text.replace(old, new)
    return text


def make_certificate(folder: Path) -> Path:
    """Return a certificate for 127.0.0.1, its key beside it."""
    certificate = folder / "liuzhou.crt"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate


@contextmanager
def nginx(folder: Path, *, port: int, plain_port: int, processes: Sequence[int]) -> Iterator[Nginx]:
    """Run nginx with the shipped configuration before two processes until the block ends."""
    program = found()
    assert program, "there is no nginx"
    certificate = make_certificate(folder)
    text = shipped(
        *(folder,),
        port=port,
        plain_port=plain_port,
        processes=processes,
        certificate=certificate,
    )
    (folder / "liuzhou.conf").write_text(text, encoding="utf-8")
    around = folder / "nginx.conf"
    around.write_text(
        ("user root;" if os.geteuid() == 0 else "") + AROUND.format(folder=folder),
        encoding="utf-8",
    )
    with (folder / "nginx.out").open("wb") as output:
        process = subprocess.Popen(
            [program, "-c", str(around)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        started = Nginx(
            f"https://127.0.0.1:{port}", f"http://127.0.0.1:{plain_port}", certificate, folder
        )
        try:
            _wait_until_up(started, process)
            yield started
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_until_up(started: Nginx, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            opener = urllib.request.build_opener(_Stays)
            opener.open(started.plain_url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.05)
    said = "".join((started.folder / name).read_text() for name in ("nginx.out", "nginx.log"))
    raise AssertionError(f"nginx does not start:\n{said}")


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it is an error then."""

    def redirect_request(self, *_: object) -> None:
        return None


def install() -> bool:
    """See to it that there is an nginx; whether there is one."""
    if not found():
        debian.install(*PACKAGES)
    return found() is not None


if __name__ == "__main__":
    if not install():
        sys.exit("There is no nginx here. Install the package nginx-light, then run this again.")
