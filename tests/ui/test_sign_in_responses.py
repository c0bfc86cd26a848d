"""Cookies that keep to TLS and to their hours, and a way back that leads to no other server."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import pytest
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests import loops
from ui.sign_in_responses import CALLBACK, LOGIN, PAGE_COOKIE, SignInResponses, page_of

HOST = "jg.example.gov.cn"
ISSUER = "https://sso.example.gov.cn/authorize"
HOURS = 12
PAGE = "/rectification?county=%E8%9E%8D%E5%AE%89%E5%8E%BF&day=2022-08-18"


class Answer:
    """What a browser gets: status, headers in order, body."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.status = messages[0]["status"]
        self.headers = [(name.decode(), value.decode()) for name, value in messages[0]["headers"]]
        self.body = b"".join(message.get("body", b"") for message in messages[1:]).decode()

    @property
    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name == "set-cookie"]

    @property
    def location(self) -> str | None:
        return dict(self.headers).get("location")


def ask(
    answer: Response | Exception,
    path: str = "/",
    *,
    query: str = "",
    is_over_tls: bool = False,
    **headers: str,
) -> Answer:
    """What comes of a request that Streamlit answers with ``answer``."""
    sent: list[Message] = []

    async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(answer, Exception):
            raise answer
        await answer(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [
            (name.encode(), value.encode()) for name, value in ({"host": HOST} | headers).items()
        ],
    }
    mended = SignInResponses(streamlit, seconds=HOURS * 3600, is_over_tls=is_over_tls)
    loops.run(mended(scope, receive, send))
    return Answer(sent)


def with_cookie(name: str, *, seconds: int | None = 30 * 24 * 3600) -> Response:
    response = Response("ok")
    response.set_cookie(name, "a.b.c", max_age=seconds, httponly=True, samesite="lax")
    return response


@pytest.mark.parametrize("name", ["_streamlit_user", "_streamlit_user_1", "_streamlit_user_tokens"])
def test_identity_is_kept_for_the_hours_of_a_sign_in_and_no_longer(name: str) -> None:
    [cookie] = ask(with_cookie(name)).cookies

    assert cookie == f"{name}=a.b.c; HttpOnly; Max-Age=43200; Path=/; SameSite=lax"


def test_cookie_that_ends_sooner_keeps_its_end() -> None:
    assert "Max-Age=60;" in ask(with_cookie("_streamlit_user", seconds=60)).cookies[0]
    assert "Max-Age=0;" in ask(with_cookie("_streamlit_user", seconds=0)).cookies[0]


def test_cookies_that_are_nobody_s_identity_keep_their_time() -> None:
    assert "Max-Age=2592000" in ask(with_cookie("_streamlit_session")).cookies[0]
    assert "Max-Age" not in ask(with_cookie("_streamlit_xsrf", seconds=None)).cookies[0]


@pytest.mark.parametrize("name", ["_streamlit_user", "_streamlit_xsrf", "_streamlit_session"])
def test_no_cookie_travels_without_tls_where_people_come_over_it(name: str) -> None:
    assert ask(with_cookie(name), is_over_tls=True).cookies[0].endswith("; Secure")
    assert "Secure" not in ask(with_cookie(name)).cookies[0]


def test_cookie_that_is_secure_is_not_made_so_twice() -> None:
    response = Response("ok")
    response.set_cookie("a", "b", secure=True)

    assert ask(response, is_over_tls=True).cookies[0].lower().count("secure") == 1


def test_page_on_which_the_button_was_pressed_is_kept_while_the_issuer_asks() -> None:
    answer = ask(
        RedirectResponse(ISSUER, 302), LOGIN, is_over_tls=True, referer=f"https://{HOST}{PAGE}"
    )

    assert answer.location == ISSUER
    kept = quote(PAGE, safe="")
    assert answer.cookies == [
        f"{PAGE_COOKIE}={kept}; Path=/; Max-Age=1800; HttpOnly; SameSite=lax; Secure"
    ]


@pytest.mark.parametrize(
    "referer",
    [
        f"https://evil.cn{PAGE}",
        f"https://{HOST}.evil.cn/overview",
        f"https://evil.cn//{HOST}//evil.cn/",
        f"https://{HOST}//evil.cn/",
        f"https://{HOST}@evil.cn/overview",
        f"https://{HOST}/\\evil.cn",
        f"https://{HOST}/auth/login?provider=x",
        f"https://{HOST}/oauth2callback?code=x",
        f"https://{HOST}/overview?{'a' * 2000}",
        "",
    ],
)
def test_nothing_is_kept_of_other_servers_and_of_what_is_no_page(referer: str) -> None:
    assert ask(RedirectResponse(ISSUER, 302), LOGIN, referer=referer).cookies == []


def signed_in() -> Response:
    response = RedirectResponse("/", 302)
    response.set_cookie("_streamlit_user", "a.b.c", max_age=99, httponly=True, samesite="lax")
    return response


def test_after_signing_in_one_is_led_to_that_page_and_it_is_forgotten() -> None:
    kept = f"{PAGE_COOKIE}={quote(PAGE, safe='')}"
    answer = ask(signed_in(), CALLBACK, query="code=1&state=2", cookie=kept)

    assert answer.status == 302
    assert answer.location == PAGE
    assert answer.cookies == [
        "_streamlit_user=a.b.c; HttpOnly; Max-Age=99; Path=/; SameSite=lax",
        f"{PAGE_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=lax",
    ]


@pytest.mark.parametrize(
    "page",
    [
        "//evil.cn",
        "//evil.cn/overview",
        "/\\evil.cn",
        "\\\\evil.cn",
        "https://evil.cn",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:a=b",
        "/overview\r\nSet-Cookie: a=b",
        "/overview\n",
        "/overview/../..//evil.cn",
        "/auth/logout",
        "/oauth2callback",
        "/media/0123.xlsx",
        "overview",
        "/overview#x",
        "/总览",
        "/overview?" + "a" * 2000,
        "",
    ],
)
def test_no_cookie_leads_to_another_server_or_to_what_is_no_page(page: str) -> None:
    assert page_of(page) is None
    kept = f"{PAGE_COOKIE}={quote(page, safe='')}"

    assert ask(signed_in(), CALLBACK, query="code=1&state=2", cookie=kept).location == "/"


@pytest.mark.parametrize("page", ["/", "/overview", "/?day=2022-08-25", PAGE, "/a?b=//evil.cn"])
def test_addresses_of_pages_lead_back(page: str) -> None:
    assert page_of(page) == page


def test_back_from_signing_out_one_is_led_to_the_first_page() -> None:
    answer = ask(RedirectResponse("/", 302), CALLBACK)

    assert answer.status == 302
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("answer", "path", "query", "said"),
    [
        (PlainTextResponse("Authentication error", 400), LOGIN, "provider=x", "暂时连不上"),
        (RuntimeError("no issuer"), LOGIN, "provider=x", "暂时连不上"),
        (RuntimeError("no issuer"), CALLBACK, "code=1&state=2", "暂时连不上"),
        (RedirectResponse("/", 302), CALLBACK, "error=access_denied&state=2", "登录已被取消"),
        (RedirectResponse("/", 302), CALLBACK, "code=1&state=2", "没有确认这次登录"),
    ],
)
def test_sign_in_that_failed_is_told_in_chinese_with_whom_to_ask_and_the_way_back(
    answer: Response | Exception, path: str, query: str, said: str
) -> None:
    kept = f"{PAGE_COOKIE}={quote('/overview?a=1&b=2', safe='')}"
    told = ask(answer, path, query=query, cookie=kept)

    assert told.status in {400, 503}
    assert '<html lang="zh-CN">' in told.body
    assert said in told.body
    assert "系统管理员" in told.body
    assert 'href="/overview?a=1&amp;b=2"' in told.body
    assert "no issuer" not in told.body
    assert ("cache-control", "no-store") in told.headers


def test_failed_sign_in_still_takes_the_old_identity_away() -> None:
    response = RedirectResponse("/", 302)
    response.delete_cookie("_streamlit_user")
    told = ask(response, CALLBACK, query="code=1&state=2")

    assert told.status == 400
    assert told.cookies[0].startswith('_streamlit_user=""')


def test_whom_to_ask_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACT", "<b>0772-2820000</b>")
    told = ask(RuntimeError("no issuer"), LOGIN)

    assert "&lt;b&gt;0772-2820000&lt;/b&gt;" in told.body
