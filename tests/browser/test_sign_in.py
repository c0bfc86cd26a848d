"""Signing in with an issuer and out again, in a real browser: who gets in, and until when."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.visits import go_by_the_menu, new_visitor, wait_until_drawn
from tests.offices import (
    CLERK,
    CLIENT_SECRET,
    COOKIE_SECRET,
    LEADER,
    STRANGER,
    Office,
    serve_office,
)

pytestmark = pytest.mark.browser

OTHER_COUNTY = "城中区"
OWN_COUNTY = "融安县"
WHOM_TO_ASK = "市“双减”办系统管理员"
IDENTITY = "_streamlit_user"
HOURS = 12


@pytest.fixture(scope="module")
def served_office(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with serve_office(sample, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def office(served_office: Office) -> Office:
    served_office.move_clock(hours=0)
    served_office.let_in(CLERK, "county", "450224")
    return served_office


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser that reaches this machine alone: the issuer's pages ask a CDN."""
    context = visitor(browser)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def visitor(browser: Browser, cookies: list[Any] | None = None) -> BrowserContext:
    context = new_visitor(browser)
    context.route("https://**", lambda route: route.abort())
    context.add_cookies(cookies or [])
    return context


def arrive(page: Page, office: Office, path: str = "/") -> None:
    page.goto(office.url + path)
    wait_until_drawn(page)


def ask_to_sign_in(page: Page) -> None:
    page.get_by_role("button", name="登录", exact=True).click()


def sign_in(page: Page, office: Office, subject: str, path: str = "/") -> None:
    arrive(page, office, path)
    ask_to_sign_in(page)
    say_who(page, office, subject)


def say_who(page: Page, office: Office, subject: str) -> None:
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.wait_for_url(f"{office.url}/**")
    wait_until_drawn(page)


def sign_out(page: Page, email: str) -> None:
    page.get_by_role("button", name=email).click()
    page.wait_for_url("**/oauth2/end_session**")


def is_in(page: Page, email: str) -> None:
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name=email)).to_be_visible()


def is_out(page: Page, why: str) -> None:
    """Nothing of the dashboard is there but why, and the way in."""
    expect(page.get_by_text(why)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    shows_nothing(page)
    # An empty sidebar may be left.
    expect(page.get_by_test_id("stSidebar").get_by_role("link")).to_have_count(0)


def shows_nothing(page: Page) -> None:
    """No figure, chart, list or choice."""
    for kind in ("stMetric", "stVegaLiteChart", "stDataFrame", "stMultiSelect", "stPageLink"):
        expect(page.get_by_test_id(kind)).to_have_count(0)


def identities(context: BrowserContext) -> list[Any]:
    return [each for each in context.cookies() if each["name"].startswith(IDENTITY)]


def test_leader_signs_in_reads_every_county_and_signs_out_with_the_issuer_too(
    page: Page, office: Office
) -> None:
    sign_in(page, office, LEADER)

    is_in(page, LEADER)
    expect(page.get_by_role("heading", level=1)).to_have_text("全市总览")
    expect(page.get_by_text(OTHER_COUNTY).first).to_be_visible()

    sign_out(page, LEADER)
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{office.url}/")
    wait_until_drawn(page)

    is_out(page, "请用统一身份认证登录")
    assert identities(page.context) == []
    assert [action for action, _ in office.log_of(LEADER)][-2:] == ["sign_in", "sign_out"]


@pytest.mark.soak
def test_clerk_of_a_county_reads_that_county_alone(page: Page, office: Office) -> None:
    """What a county is sent `tests/canaries` shows, page by page."""
    sign_in(page, office, CLERK, "/rectification")

    is_in(page, CLERK)
    expect(page.get_by_text(OWN_COUNTY).first).to_be_visible()
    assert OTHER_COUNTY not in page.locator("body").inner_text()


@pytest.mark.soak
def test_somebody_without_an_account_sees_whom_to_ask_and_nothing_else(
    page: Page, office: Office
) -> None:
    """What they see `tests/canaries` shows without a browser, and that they do not get in
    `tests/data_access/test_sign_ins`.
    """
    sign_in(page, office, STRANGER, "/refund_disputes")

    is_out(page, f"您已登录为 {STRANGER}，但这个账号还没有开通。")
    expect(page.get_by_text(WHOM_TO_ASK)).to_be_visible()
    assert office.log_of(STRANGER) == [("refused", "no_account")]

    page.get_by_role("button", name="换一个账号登录").click()
    page.wait_for_url("**/oauth2/end_session**")
    page.get_by_role("button", name="End session").click()
    sign_in(page, office, LEADER)
    is_in(page, LEADER)


@pytest.mark.soak
def test_the_cookie_of_a_sign_in_that_was_ended_opens_nothing_in_another_browser(
    browser: Browser, page: Page, office: Office
) -> None:
    """That a sign-in is ended for good `tests/pages/test_sign_in` shows without a browser."""
    sign_in(page, office, LEADER)
    stolen = page.context.cookies()

    thief = visitor(browser, stolen)
    before = thief.new_page()
    arrive(before, office)
    is_in(before, LEADER)  # the cookie is as good as the person, until they sign out

    sign_out(page, LEADER)
    go_by_the_menu(before, "整改销号")
    is_out(before, "这次登录已经退出，请重新登录。")
    after = thief.new_page()
    arrive(after, office, "/rectification")
    is_out(after, "这次登录已经退出，请重新登录。")
    assert ("refused", "ended") in office.log_of(LEADER)
    thief.close()


@pytest.mark.soak
def test_signing_out_in_one_tab_stops_the_other_at_its_next_action(
    page: Page, office: Office
) -> None:
    """Each time another browser with the same cookie is stopped: the server knows no tabs."""
    sign_in(page, office, LEADER)
    other = page.context.new_page()
    arrive(other, office, "/refund_disputes")
    is_in(other, LEADER)

    sign_out(page, LEADER)
    go_by_the_menu(other, "整改销号")

    is_out(other, "这次登录已经退出，请重新登录。")


@pytest.mark.soak
def test_deactivated_account_is_stopped_at_its_next_action(page: Page, office: Office) -> None:
    sign_in(page, office, CLERK, "/refund_disputes")
    is_in(page, CLERK)

    office.write("UPDATE account SET active = 0 WHERE email = ?", (CLERK,))
    go_by_the_menu(page, "整改销号")

    is_out(page, f"您已登录为 {CLERK}，但这个账号已停用。")
    assert office.log_of(CLERK)[-1] == ("refused", "inactive")


@pytest.mark.soak
def test_sign_in_ends_with_its_hours_and_begins_anew_with_the_issuer(
    page: Page, office: Office
) -> None:
    """That it ends `tests/pages/test_sign_in` shows, hour by hour."""
    sign_in(page, office, LEADER, "/rectification")

    office.move_clock(hours=HOURS - 0.1)
    go_by_the_menu(page, "登记覆盖")
    is_in(page, LEADER)

    office.move_clock(hours=HOURS + 0.1)
    go_by_the_menu(page, "退费纠纷")
    is_out(page, "登录已到时限，请重新登录。")
    page.reload()
    wait_until_drawn(page)
    is_out(page, "登录已到时限，请重新登录。")

    office.move_clock(hours=0)
    ask_to_sign_in(page)
    say_who(page, office, LEADER)
    is_in(page, LEADER)
    expect(page.get_by_role("heading", level=1)).to_have_text("退费纠纷")


def test_forged_cookie_signs_nobody_in(browser: Browser, page: Page, office: Office) -> None:
    sign_in(page, office, LEADER)
    cookies = page.context.cookies()
    for cookie in cookies:
        if cookie["name"] == IDENTITY:
            said, at, signature = cookie["value"].rsplit(".", 2)
            cookie["value"] = f"{said}.{at}.{signature[::-1]}"

    forger = visitor(browser, cookies)
    forged = forger.new_page()
    arrive(forged, office)

    is_out(forged, "请用统一身份认证登录")
    forger.close()


@pytest.mark.soak
def test_address_that_the_issuer_has_not_verified_is_nobody_s(page: Page, office: Office) -> None:
    office.issuer_says("somebody-else", email=LEADER, email_verified=False)
    before = office.log_of(LEADER)
    sign_in(page, office, "somebody-else")

    is_out(page, "统一身份认证没有给出经过核实的邮箱，不能确定您是谁。")
    expect(page.get_by_text(WHOM_TO_ASK).first).to_be_visible()
    assert office.log_of(LEADER) == before


@pytest.mark.soak
def test_address_in_capitals_is_the_same_account(page: Page, office: Office) -> None:
    office.issuer_says("LI MING", email="Li.Ming@LZ.gov.cn", email_verified=True)
    sign_in(page, office, "LI MING")

    is_in(page, LEADER)


@pytest.mark.soak
def test_nobody_chooses_who_to_be_in_the_address(page: Page, office: Office) -> None:
    office.let_in("supervisor@demo", "supervisor")
    for named in ("supervisor@demo", LEADER):
        arrive(page, office, f"/?as={named}")
        is_out(page, "请用统一身份认证登录")
    sign_in(page, office, CLERK, f"/overview?as={LEADER}")

    is_in(page, CLERK)
    assert OTHER_COUNTY not in page.locator("body").inner_text()


def test_page_that_was_asked_for_is_there_after_signing_in_with_all_its_address_says(
    page: Page, office: Office
) -> None:
    sign_in(page, office, LEADER, f"/rectification?county={quote(OWN_COUNTY)}&day=2022-08-18")

    expect(page.get_by_role("heading", level=1)).to_have_text("整改销号")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_test_id("stMultiSelect").first).to_contain_text(OWN_COUNTY)
    assert "day=2022-08-18" in page.url
    assert "page_after_sign_in" not in {each["name"] for each in page.context.cookies()}


def test_identity_is_kept_from_scripts_and_logs_and_no_longer_than_a_sign_in(
    page: Page, office: Office
) -> None:
    sign_in(page, office, LEADER)
    now = page.evaluate("Date.now() / 1000")

    kept = identities(page.context)
    assert {each["name"] for each in kept} == {IDENTITY, f"{IDENTITY}_tokens"}
    for cookie in kept:
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"
        assert now < cookie["expires"] <= now + HOURS * 3600 + 5

    sign_out(page, LEADER)
    log = office.server.log.read_text(encoding="utf-8")
    for secret in (COOKIE_SECRET, CLIENT_SECRET, *(each["value"][:64] for each in kept)):
        assert secret not in log
    assert LEADER not in log


def test_whoever_cancels_at_the_issuer_is_told_and_led_back(page: Page, office: Office) -> None:
    arrive(page, office, "/rectification")
    ask_to_sign_in(page)
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", name="登录没有完成")).to_be_visible()
    expect(page.get_by_text("登录已被取消")).to_be_visible()
    page.get_by_role("link", name="重新登录").click()
    wait_until_drawn(page)
    is_out(page, "请用统一身份认证登录")
    assert page.url == f"{office.url}/rectification"


@pytest.mark.soak
def test_issuer_that_does_not_answer_is_told_of_in_chinese(page: Page, office: Office) -> None:
    arrive(page, office)
    office.issuer.process.send_signal(signal.SIGSTOP)
    try:
        ask_to_sign_in(page)
        expect(page.get_by_text("暂时连不上统一身份认证。请稍等片刻后再试。")).to_be_visible()
        expect(page.get_by_text(WHOM_TO_ASK)).to_be_visible()
    finally:
        office.issuer.process.send_signal(signal.SIGCONT)

    page.get_by_role("link", name="重新登录").click()
    wait_until_drawn(page)
    ask_to_sign_in(page)
    say_who(page, office, LEADER)
    is_in(page, LEADER)


@pytest.mark.soak
def test_database_that_fails_lets_nobody_in_and_says_so(page: Page, office: Office) -> None:
    """That nobody gets in `tests/pages/test_outage` and `test_sign_in` show without a browser."""
    sign_in(page, office, LEADER)
    office.write("ALTER TABLE account RENAME TO account_away")
    try:
        go_by_the_menu(page, "整改销号")
        expect(page.get_by_text("页面出错，数据没有丢失")).to_be_visible()
        shows_nothing(page)
    finally:
        office.write("ALTER TABLE account_away RENAME TO account")

    page.reload()
    wait_until_drawn(page)
    is_in(page, LEADER)
