"""What the server answers while somebody signs in: Streamlit's own answers, mended.

Streamlit keeps an identity for thirty days in a cookie that a browser sends without TLS as well,
leads everybody who has signed in to the first page, and says in English, or not at all, that
a sign-in failed.
"""

from __future__ import annotations

import logging
import re
import secrets
from html import escape
from typing import Final
from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.issuer import CALLBACK
from ui.session import contact

LOGIN: Final = "/auth/login"
IDENTITY: Final = "_streamlit_user"  # and its parts, and the tokens
PAGE_COOKIE: Final = "page_after_sign_in"
PAGE_SECONDS: Final = 1800
PAGE_LENGTH: Final = 2000
REDIRECTS: Final = range(300, 400)

# One name below the root, and parameters; nothing by which a browser could leave this server.
_PAGE: Final = re.compile(r"/(?!oauth2callback)[A-Za-z0-9_]*(\?[A-Za-z0-9\-._~%+&=:,;@!$'()*/?]*)?")

_FAILED: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>登录没有完成</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ margin: 15vh auto 0; max-width: 32em; padding: 0 1.5em; color: #1f2933; line-height: 1.7;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }}
h1 {{ font-size: 1.75rem; font-weight: 600 }}
a {{ display: inline-block; margin-top: 1em; padding: .4em 1.2em; border-radius: 4px;
  background: #1f4e79; color: #fff; text-decoration: none }}
</style></head>
<body><h1>登录没有完成</h1>
<p>{why}</p>
<p>仍不行时，请联系{contact}，并告知编号 {number}。</p>
<a href="{page}">重新登录</a></body></html>
"""
_AWAY: Final = "暂时连不上统一身份认证。请稍等片刻后再试。"
_DENIED: Final = "统一身份认证没有通过这次登录，或者登录已被取消。"
_USED: Final = "统一身份认证没有确认这次登录，或者这个登录网址已经用过。请重新登录。"

_log = logging.getLogger(__name__)


class SignInResponses:
    """Mends cookies, leads back to the page that was asked for, and tells of failures in Chinese.

    ``seconds`` is how long a browser keeps an identity at most. With ``is_over_tls`` no cookie
    travels without TLS.
    """

    def __init__(self, app: ASGIApp, *, seconds: int, is_over_tls: bool) -> None:
        self.app = app
        self.seconds = seconds
        self.is_over_tls = is_over_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_mended(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, self._mended(value) if name.lower() == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        if scope["path"] in {LOGIN, CALLBACK}:
            await self._sign_in(scope, receive, send_mended)
        else:
            await self.app(scope, receive, send_mended)

    def _mended(self, cookie: bytes) -> bytes:
        text = cookie.decode("latin-1")
        if text.startswith(IDENTITY):
            text = re.sub(
                r"(?i)(; *max-age=)(\d+)",
                lambda found: f"{found[1]}{min(int(found[2]), self.seconds)}",
                text,
            )
        if self.is_over_tls and not re.search(r"(?i); *secure *(;|$)", text):
            text += "; Secure"
        return text.encode("latin-1")

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what Streamlit answers, or tell why it did not come to a sign-in."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        request = Request(scope)
        page = page_of(unquote(request.cookies.get(PAGE_COOKIE, ""))) or "/"
        try:
            await self.app(scope, receive, keep)
        except Exception:  # noqa: BLE001  Streamlit's own, and none that a visitor could read
            _log.exception("sign-in failed at %s", scope["path"])
            await _failed(_AWAY, page)(scope, receive, send)
            return
        start = answer[0]
        headers = MutableHeaders(scope=start)
        why = _why_it_failed(scope, start["status"], headers)
        if why is not None:
            response = _failed(why, page)
            response.raw_headers += [h for h in start["headers"] if h[0].lower() == b"set-cookie"]
            await response(scope, receive, send)
            return
        if scope["path"] == CALLBACK:
            headers["location"] = page
            headers.append("set-cookie", _page_cookie("", 0))
        elif asked_for := _page_asked_for(request):
            headers.append("set-cookie", _page_cookie(quote(asked_for, safe=""), PAGE_SECONDS))
        for message in answer:
            await send(message)


def page_of(address: str) -> str | None:
    """Return an address below this server's own if it may be one of a page, else ``None``."""
    return address if len(address) <= PAGE_LENGTH and _PAGE.fullmatch(address) else None


def _page_asked_for(request: Request) -> str | None:
    """Return the page on which the button was pressed: browsers say it to the same server."""
    _, _, came_from = request.headers.get("referer", "").partition("://")
    host, _, address = came_from.partition("/")
    return page_of(f"/{address}") if host == request.headers.get("host") else None


def _page_cookie(value: str, seconds: int) -> str:
    return f"{PAGE_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=lax"


def _why_it_failed(scope: Scope, status: int, answer: Headers) -> str | None:
    if status not in REDIRECTS:
        return _AWAY
    if scope["path"] == LOGIN:
        return None
    if any(cookie.startswith(f"{IDENTITY}=") for cookie in _cookies_given(answer)):
        return None
    asked = scope["query_string"].decode("latin-1")
    if re.search(r"(^|&)error=", asked):
        return _DENIED
    return _USED if re.search(r"(^|&)code=", asked) else None  # neither: back from signing out


def _cookies_given(answer: Headers) -> list[str]:
    return [each for each in answer.getlist("set-cookie") if "max-age=0" not in each.lower()]


def _failed(why: str, page: str) -> HTMLResponse:
    number = secrets.token_hex(4)
    _log.warning("sign-in failed, number %s", number)
    text = _FAILED.format(
        why=why, contact=escape(contact()), number=number, page=escape(page, quote=True)
    )
    status = 503 if why == _AWAY else 400
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
