"""The fixtures of this folder, on an application of a few lines served as the dashboard is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import Requests, address, wait_until_drawn
from tests.servers import ROOT, SAMPLE_SERVER, serve, serve_warm

pytestmark = pytest.mark.browser

SCRIPT = """
import time
import altair as alt
import pandas as pd
import streamlit as st

time.sleep(0.5)
st.title("你好，" + st.query_params.get("as", "访客"))
st.altair_chart(alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x"))
"""
SERVER = """
from streamlit.starlette import App
from server import serve

serve(lambda: App("page.py"))
"""


@pytest.fixture(scope="module")
def plain_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "page.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "serve.py").write_text(SERVER, encoding="utf-8")
    (folder / ".streamlit").symlink_to(ROOT / ".streamlit")
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with serve("serve.py", log=folder / "log", cwd=folder, env=environment) as server:
        yield server.url


def test_page_is_drawn_when_the_wait_is_over(page: Page, plain_url: str) -> None:
    page.goto(address(plain_url, "leader@demo"))
    wait_until_drawn(page)

    assert page.get_by_role("heading", level=1).inner_text() == "你好，leader@demo"
    assert page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").count() >= 1


def test_every_request_of_a_page_is_known_with_its_websocket(
    page: Page, requests: Requests, plain_url: str
) -> None:
    page.goto(plain_url)
    wait_until_drawn(page)

    [(host, urls)] = requests.by_host().items()
    assert plain_url == f"http://{host}"
    assert f"ws://{host}/_stcore/stream" in urls
    assert requests.off_this_machine() == []


def test_request_to_another_machine_is_seen_even_when_it_fails(browser: Browser) -> None:
    context = browser.new_context()
    requests = Requests(context)
    page = context.new_page()
    page.set_content('<img src="http://tiles.invalid/0.png"><img src="data:image/png;base64,AA">')
    page.wait_for_load_state("networkidle")
    context.close()

    assert requests.off_this_machine() == ["http://tiles.invalid/0.png"]


def test_browser_draws_webgl(page: Page) -> None:
    has_webgl = "() => !!document.createElement('canvas').getContext('webgl2')"

    assert page.evaluate(has_webgl)


def test_visitor_is_in_china(page: Page, plain_url: str) -> None:
    page.goto(plain_url)

    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"
    assert page.evaluate("navigator.language") == "zh-CN"
    expect(page.get_by_role("heading", name="你好，访客")).to_be_visible()


def test_server_that_exits_is_reported_with_its_output(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import sys; sys.exit('no such database')", encoding="utf-8")

    with (
        pytest.raises(AssertionError, match="no such database"),
        serve(str(script), log=tmp_path / "log"),
    ):
        pass


def test_copy_of_a_warm_process_runs_nothing_that_a_page_left_as_the_main_module(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    left = ModuleType("__main__")
    left.__file__ = str(tmp_path / "left.py")
    Path(left.__file__).write_text(f"open({str(ran)!r}, 'w')", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "__main__", left)
    environment = {"DATABASE_URL": f"sqlite:///{shutil.copy(sample, tmp_path)}"}
    with serve_warm(SAMPLE_SERVER, log=tmp_path / "log", env=environment):
        pass

    assert not ran.exists()
    assert sys.modules["__main__"] is left
