"""Two processes of the office's server behind nginx, with the configuration that is shipped.

One of them is killed under whoever is on it: they go on with the other by themselves.
"""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests import crowd, loops
from tests.browser import nginx
from tests.browser.visits import new_visitor, wait_until_drawn
from tests.crowd import Visitor, signed_in
from tests.offices import (
    CLERK,
    COOKIE_SECRET,
    LEADER,
    Office,
    issuer_of,
    office_of,
    office_process,
)
from tests.servers import ROOT, Server, free_port
from tests.workers import skip_or_fail

pytestmark = pytest.mark.browser

COUNTY = "融安县"
DAY = "2022-08-18"
UNIT = ROOT / "docs" / "deployment" / "liuzhou@.service"
RECOVERY_SECONDS = 60.0
BUSY = {"every": 0.3, "sessions": 6}
MANY = {"every": 5.0, "sessions": 50}
SECURITY = (
    *("Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options"),
    *("X-Frame-Options", "Referrer-Policy", "Permissions-Policy"),
)


class Behind:
    """Processes behind nginx; each can be killed and started again."""

    def __init__(self, folder: Path, front: nginx.Nginx, office: Office, ports: list[int]) -> None:
        self.folder, self.front, self.office, self.ports = folder, front, office, ports
        self.url = front.url
        self.running: dict[int, tuple[Server, ExitStack]] = {}

    def start(self, port: int) -> Server:
        stack = ExitStack()
        self.running[port] = (stack.enter_context(office_process(self.folder, port=port)), stack)
        return self.running[port][0]

    def kill(self, port: int) -> None:
        server, stack = self.running.pop(port)
        server.process.kill()
        stack.close()

    def stop(self) -> None:
        for _, stack in self.running.values():
            stack.close()

    def all_up(self) -> Behind:
        """Start again what a test has killed; nginx tries it again after ten seconds at most."""
        for port in self.ports:
            if port not in self.running:
                self.start(port)
        return self

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.front.certificate))

    def visitor(self, email: str = LEADER, **options: Any) -> Visitor:
        cookies = signed_in(self.url, email, COOKIE_SECRET)
        return Visitor(self.url, email, cookies=cookies, tls=self.tls(), **options)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        parts = urlsplit(self.url)
        connection = http.client.HTTPSConnection(
            str(parts.hostname), parts.port, timeout=30, context=self.tls()
        )
        with closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
        return response


@pytest.fixture(scope="module")
def served(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    if not nginx.found():
        skip_or_fail("REQUIRE_NGINX", "there is no nginx")
    folder = tmp_path_factory.mktemp("behind")
    port, plain, *ports = (free_port() for _ in range(4))
    running = nginx.nginx(folder, port=port, plain_port=plain, processes=ports)
    with running as front, issuer_of(sample, folder, url=front.url) as issuer:
        for_url = Server(front.url, issuer.process, issuer.log)
        behind = Behind(folder, front, office_of(for_url, issuer, folder), ports)
        try:
            yield behind.all_up()
        finally:
            behind.stop()


@pytest.fixture
def behind(served: Behind) -> Behind:
    return served.all_up()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that takes the test's certificate, and reaches this machine alone."""
    context = new_visitor(browser, ignore_https_errors=True)
    context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", lambda route: route.abort())
    yield context
    context.close()


def open_signed_in(context: BrowserContext, behind: Behind, email: str, path: str) -> Page:
    cookies = signed_in(behind.url, email, COOKIE_SECRET)
    context.add_cookies(
        [{"name": name, "value": value, "url": behind.url} for name, value in cookies.items()]
    )
    page = context.new_page()
    page.goto(behind.url + path)
    wait_until_drawn(page)
    return page


def way_of(context: BrowserContext) -> int:
    return int(next(each["value"] for each in context.cookies() if each["name"] == "way"))


def bodies(seen: list[str]) -> Callable[[ForwardMsg], None]:
    """Collect the words of headings and texts."""

    def look(message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") in {"heading", "markdown"}:
            seen.append(getattr(element, element.WhichOneof("type")).body)

    return look


def test_address_without_tls_leads_to_the_same_with_it(behind: Behind) -> None:
    parts = urlsplit(behind.front.plain_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    with closing(connection):
        connection.request("GET", f"/overview?day={DAY}")
        response = connection.getresponse()
        response.read()

    assert response.status == 301
    assert response.headers["Location"] == f"{behind.url}/overview?day={DAY}"


@pytest.mark.parametrize("path", ["/", "/overview", "/_stcore/health", "/no/such/page"])
def test_every_answer_has_each_security_header_once(behind: Behind, path: str) -> None:
    headers = behind.get(path).headers

    assert {name: len(headers.get_all(name, [])) for name in SECURITY} == dict.fromkeys(SECURITY, 1)
    assert headers["Server"] == "nginx"  # without its version


def test_process_that_answers_is_noted_once_for_scripts_to_leave_alone(behind: Behind) -> None:
    first = behind.get("/").headers.get_all("Set-Cookie", [])
    [way] = [each for each in first if each.startswith("way=")]
    name, *flags = way.split("; ")
    again = behind.get("/", Cookie=name).headers.get_all("Set-Cookie", [])

    assert int(name.removeprefix("way=")) in behind.ports
    assert set(flags) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    assert [each for each in again if each.startswith("way=")] == []


@pytest.mark.parametrize("invented", ["", "way=1", "way=8501", "way=../x"])
def test_whoever_invents_a_way_is_sent_to_a_process_that_there_is(
    behind: Behind, invented: str
) -> None:
    response = behind.get("/", Cookie=invented)

    assert response.status == 200
    assert any(f"way={port};" in str(response.headers) for port in behind.ports)


def test_all_connections_of_a_visitor_reach_one_process_and_visitors_are_spread(
    behind: Behind,
) -> None:
    async def ways() -> list[set[str]]:
        found = []
        for _ in range(4):
            visitor, seen = behind.visitor(), set()
            for _ in range(3):
                await visitor.open()
                seen.add(visitor.cookies["way"])
            found.append(seen)
            visitors.append(visitor)
        for visitor in visitors:
            await visitor.close()
        return found

    visitors: list[Visitor] = []
    found = loops.run(ways())

    assert [len(each) for each in found] == [1, 1, 1, 1]
    assert set().union(*found) == {str(port) for port in behind.ports}


def test_change_of_the_data_is_seen_by_both_processes_at_the_next_rerun(behind: Behind) -> None:
    """And one sign-in holds in both: neither knows of the other but by the database."""

    async def named() -> list[list[str]]:
        found = []
        await visitor.open()
        for port in behind.ports:
            visitor.cookies["way"] = str(port)
            await visitor.open()
            seen.clear()
            click = await visitor.go("self_review")
            assert click.errors == []
            assert visitor.cookies["way"] == str(port)
            found.append(list(seen))
        await visitor.close()
        return found

    seen: list[str] = []
    visitor = behind.visitor(CLERK, look=bodies(seen))
    before = loops.run(named())
    behind.office.write("UPDATE county SET name = '改名县' WHERE code = '450224'")
    unseen = loops.run(named())
    behind.office.write("UPDATE data_version SET version = version + 1")
    after = loops.run(named())
    behind.office.write("UPDATE county SET name = '融安县' WHERE code = '450224'")
    behind.office.write("UPDATE data_version SET version = version + 1")

    assert [any("改名县" in words for words in each) for each in before] == [False, False]
    assert [any("改名县" in words for words in each) for each in unseen] == [False, False]
    assert [any("改名县" in words for words in each) for each in after] == [True, True]


@pytest.mark.soak
def test_browser_on_a_killed_process_keeps_its_page_and_goes_on_with_the_other(
    behind: Behind, context: BrowserContext
) -> None:
    """That sessions go on the next test shows, without a browser."""
    address = f"/registration_coverage?county={quote(COUNTY)}&day={DAY}"
    page = open_signed_in(context, behind, LEADER, address)
    sidebar = page.get_by_test_id("stSidebar")
    told = page.get_by_test_id("stHeading").all_inner_texts()
    assert told
    first = way_of(context)
    other = next(port for port in behind.ports if port != first)

    behind.kill(first)
    deadline = time.monotonic() + RECOVERY_SECONDS
    while way_of(context) != other:
        assert time.monotonic() < deadline, "the browser has not come back"
        page.wait_for_timeout(100)
    wait_until_drawn(page)
    assert page.get_by_test_id("stHeading").all_inner_texts() == told

    behind.start(first)
    page.get_by_role("link", name="整改销号", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("整改销号")
    wait_until_drawn(page)
    expect(sidebar.get_by_role("button", name=LEADER)).to_be_visible()
    expect(sidebar.get_by_test_id("stMultiSelect").first).to_contain_text(COUNTY)
    assert f"day={DAY}" in page.url
    assert page.get_by_test_id("stException").count() == 0

    page.get_by_role("link", name="登记覆盖", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登记覆盖")
    wait_until_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 Excel").click()
    assert download.value.failure() is None
    assert way_of(context) == other  # though the first is up again


@pytest.mark.parametrize(
    "people", [pytest.param(BUSY, id="six"), pytest.param(MANY, id="fifty", marks=pytest.mark.soak)]
)
def test_sessions_of_a_process_killed_under_load_go_on_and_nobody_sees_an_error(
    behind: Behind, tmp_path: Path, people: dict[str, Any]
) -> None:
    number = people["sessions"]
    with crowd.crowd(
        behind.url,
        folder=tmp_path,
        accounts=[LEADER, CLERK],
        secret=COOKIE_SECRET,
        certificate=behind.front.certificate,
        pages=["registration_coverage", "rectification", "submissions"],
        **people,
    ) as walking:
        walking.wait_for(lambda clicks: len({click.visitor for click in clicks}) == number)
        killed = time.time()
        behind.kill(behind.ports[0])
        walking.wait_for(lambda clicks: len({c.visitor for c in clicks if c.at > killed}) == number)
        behind.start(behind.ports[0])
        back = time.time()
        clicks = walking.wait_for(
            lambda clicks: len({c.visitor for c in clicks if c.at > back}) == number
        )

    assert [click for click in clicks if click.errors] == []
    assert any(click.breaks for click in clicks)
    assert "Traceback" not in "".join(
        path.read_text(errors="replace") for path in behind.folder.glob("server-*.log")
    )


def test_with_no_process_left_visitors_read_in_chinese_that_it_is_starting(
    behind: Behind, context: BrowserContext
) -> None:
    for port in behind.ports:
        behind.kill(port)
    page = context.new_page()
    response = page.goto(behind.url)

    assert response is not None
    assert response.status == 503
    assert response.headers["retry-after"] == "10"
    expect(page.get_by_role("heading")).to_have_text("看板正在启动")


def test_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("there is no systemd-analyze")
    text = UNIT.read_text(encoding="utf-8")
    for name, there in (
        ("/srv/liuzhou/.venv/bin/python", "/bin/true"),
        ("/srv/liuzhou", str(tmp_path)),
        ("User=liuzhou", "User=root"),
        ("Group=liuzhou", "Group=root"),
    ):
        assert name in text
        text = text.replace(name, there)
    unit = tmp_path / "liuzhou@8501.service"
    unit.write_text(text, encoding="utf-8")

    done = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )

    assert [line for line in done.stderr.splitlines() if "liuzhou" in line] == []
