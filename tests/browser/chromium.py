"""The Chromium that tests drive: where it is, how it starts, how it gets onto a fresh machine.

``python -m tests.browser.chromium`` installs one where there is none: Playwright's own where it
can be downloaded, else Debian's package (by apt-get, as root or through sudo). Debian's package
without windows draws a page in half the time, so root gets it in any case.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests import debian

DOWNLOAD_SECONDS = 240
CONNECT_MILLISECONDS = "10000"
SHELL, WITH_WINDOWS = "chromium-headless-shell", "chromium"
FONT = "fonts-noto-cjk"
# The sandbox does not start as root; the rest draws WebGL without a graphics card, and nothing
# else by it.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu-compositing",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium where there is one, otherwise Playwright's own.

    Raises ``playwright.sync_api.Error`` when neither starts.
    """
    found = shutil.which(SHELL) or shutil.which(WITH_WINDOWS)
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)


def starts() -> bool:
    """Whether a Chromium starts here."""
    with sync_playwright() as playwright:
        try:
            launch(playwright).close()
        except PlaywrightError:
            return False
    return True


def download() -> None:
    """Let Playwright fetch its own Chromium; give up soon where the network does not let it."""
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    env = {**os.environ, "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": CONNECT_MILLISECONDS}
    try:
        debian.run(command, env=env, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        sys.stderr.write("Playwright's Chromium takes too long to download.\n")


def install_debian_package() -> None:
    """Install Debian's Chromium without windows, and a font with Chinese characters."""
    debian.install(SHELL, FONT)


def install() -> bool:
    """See to it that a Chromium starts; whether one does."""
    if shutil.which(WITH_WINDOWS) and not shutil.which(SHELL) and os.geteuid() == 0:
        install_debian_package()
    if starts():
        return True
    for attempt in (download, install_debian_package):
        attempt()
        if starts():
            return True
    return False


if __name__ == "__main__":
    if not install():
        sys.exit("No Chromium starts here. Install the package chromium, then run this again.")
