"""The server: the dashboard, the files its maps ask for, and the headers of every response.

``python server.py --port 8501`` serves with the settings that cost least; ``uvicorn server:app``
serves the same application with uvicorn's own settings.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import gzip
import hashlib
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair as alt
import pandas as pd
import streamlit as st
import uvicorn
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from data_access import sign_ins
from data_access.command_line import Parser
from ui import errors, issuer
from ui.frontend_words import WORDS, in_chinese
from ui.map_files import MapFileError, MapStyle, ServedFile, boundaries, map_style
from ui.sign_in_responses import SignInResponses
from ui.start_checks import refuse_closed_port, refuse_unsafe_start
from ui.visitor_messages import VisitorMessages

ROOT = Path(__file__).parent
TITLE = "柳州市校外培训监管"
NO_SCRIPT = "本系统需要启用浏览器的 JavaScript。"
GARBAGE_SECONDS = 30
LOOK_AT_ALL = 20  # once in so many times: every ten minutes
# How long a thread that computes keeps others from running. Drawing a page gives way dozens of
# times, and at the usual 5 ms would wait a third of a second in all while somebody computes.
SWITCH_SECONDS = 0.0005
MOST_PORTS = 65535
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
COMPRESSED = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
SCRIPT_TYPES = {".js": "text/javascript", ".css": "text/css"}
# Streamlit's own, for machines: they tell of the server's memory and of its visitors.
CLOSED = re.compile(r"/_stcore/(agent|metrics|script-health-check)(/|$)")
HEADERS = {
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
ROOMS = ("data_access", "analysis", "ui")
# What Streamlit imports when a page draws its first icon, table, chart or map.
IMPORTED_LATE = (
    *("PIL.Image", "pyarrow.pandas_compat", "pydeck"),
    *("streamlit.emojis", "streamlit.material_icon_names"),
)


def warm_up() -> None:
    """Import all that pages use and draw a first chart, so that no visitor waits for it."""
    for name in IMPORTED_LATE:
        importlib.import_module(name)
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    # Altair reads its schema, and the adapters for pandas, when it writes its first chart.
    alt.Chart(pd.DataFrame({"x": [0], "y": ["0"]})).mark_bar().encode(x="x", y="y").to_dict()
    inspect.stack()  # looks at every module once, as Streamlit does before its first element


def index_page() -> str:
    """Return the page that loads the frontend, as one in Chinese: Streamlit's says English.

    Screen readers and the choice of characters' shapes go by it. The frontend is loaded from an
    address that changes with Streamlit and with the words put into it, so that browsers may keep
    what they have.
    """
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    version = hashlib.sha256(f"{page}{WORDS}".encode()).hexdigest()[:16]
    page = re.sub(
        r"<noscript>.*?</noscript>", f"<noscript>{NO_SCRIPT}</noscript>", page, flags=re.S
    )
    return (
        page.replace('<html lang="en">', '<html lang="zh-CN">')
        .replace("<title>Streamlit</title>", f"<title>{TITLE}</title>")
        .replace('"./static/', f'"./frontend/{version}/')
    )


class PageAddress(Convertor[str]):
    """A page's address, also of one that there is not: the frontend says so, in Chinese."""

    regex = "(?!oauth2callback$)[^/.]+"  # where the issuer sends who has signed in

    def convert(self, value: str) -> str:
        """Return the address."""
        return value

    def to_string(self, value: str) -> str:
        """Return the address."""
        return value


class LostAddress(PageAddress):
    """An address below a page's, where there is none.

    What is Streamlit's own is left to it; so is what its frontend asks for while it looks for
    the folder that it is served from.
    """

    regex = r"(?!(?:app/static|auth|component|media|static)/)(?!(?s:.*)_stcore/)[^/]+/(?s:.*)"


def index_routes(page: str) -> list[Route]:
    """Return the routes of the pages a visitor can come in by."""

    async def respond(_request: Request) -> Response:
        return Response(page, media_type="text/html", headers={"Cache-Control": "no-cache"})

    register_url_convertor("page", PageAddress())
    return [Route("/", respond), Route("/{page:page}", respond)]


def lost_route() -> Route:
    """Return the route of addresses below a page's, where the frontend cannot find its scripts.

    It leads to an address that no page has, whether or not there is a page of any of its names.
    """

    async def respond(request: Request) -> Response:
        names = request.path_params["lost"].strip("/").replace(".", "/").split("/")
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{quote('-'.join(names), safe='')}{query}")

    register_url_convertor("lost", LostAddress())
    return Route("/{lost:lost}", respond)


def frontend_route() -> Route:
    """Return the route of Streamlit's scripts and styles, in Chinese, and of its fonts.

    Scripts refer to each other from where they are, so that all come from below one address. Each
    is put into Chinese and compressed when it is first asked for.
    """
    folder = Path(file_util.get_static_dir(), "static")
    files = {path.relative_to(folder).as_posix(): path for path in folder.glob("*/*")}

    @cache
    def compressed(path: Path) -> bytes:
        text = path.read_text(encoding="utf-8")
        return gzip.compress(in_chinese(path.name, text).encode(), mtime=0)

    def respond(request: Request) -> Response:  # not async: it may take a tenth of a second
        path = files.get(request.path_params["file"])
        if path is None:
            return Response(status_code=404)
        if path.suffix not in SCRIPT_TYPES:
            return FileResponse(path, headers=FOREVER)
        headers = {**FOREVER, **COMPRESSED}
        return Response(compressed(path), media_type=SCRIPT_TYPES[path.suffix], headers=headers)

    return Route("/frontend/{version}/{file:path}", respond)


def content_security_policy(style: MapStyle | None, index: str) -> str:
    """Return the policy that keeps browsers from asking any host but this one.

    The tile service of ``style`` is let in. Scripts may not be evaluated from strings, and of
    those written into a page only that of ``index`` runs.
    """
    hashes = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in re.findall(r"<script>(.*?)</script>", index, flags=re.S)
    )
    tiles = "".join(f" {origin}" for origin in style.origins) if style else ""
    return "; ".join(
        [
            "default-src 'self'",
            # deck.gl's decoder of compressed meshes starts as WebAssembly, needed or not.
            "script-src 'self' 'wasm-unsafe-eval' "
            + " ".join(f"'sha256-{value}'" for value in hashes),
            "style-src 'self' 'unsafe-inline'",  # the frontend writes its styles as it draws
            f"img-src 'self' data: blob:{tiles}",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{tiles}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


class ResponseHeaders:
    """Adds headers to every HTTP response; answers nothing at addresses that nobody needs."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                if scope["path"].startswith("/media/"):
                    headers["Cache-Control"] = "no-store"  # ledgers, on computers that many use
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        app = Response(status_code=404) if CLOSED.match(scope["path"]) else self.app
        await app(scope, receive, send_with_headers)


def file_route(file: ServedFile) -> Route:
    """Return the route of a file that never changes under its address, compressed once."""
    headers = {**FOREVER, **COMPRESSED}
    body = gzip.compress(file.body, mtime=0)

    async def respond(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers=headers)

    return Route(file.url, respond)


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[dict[str, Any] | None]:
    """Collect garbage now and then, and never again among what is loaded by now.

    Streamlit would do so after every rerun, at a sixth of what a page costs.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    collecting = asyncio.create_task(collect_garbage())
    yield None
    collecting.cancel()


async def collect_garbage() -> None:
    """Free what finished runs and closed sessions left in cycles, for as long as we serve.

    Nobody is served meanwhile, and the more results are kept, the longer. So only what came since
    the last time is looked at, and now and then everything.
    """
    for times in count(1):
        await asyncio.sleep(GARBAGE_SECONDS)
        if times % LOOK_AT_ALL == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()


def create_app() -> App:
    """Return the application, ready to serve; exits when it may not be served."""
    errors.keep_values_out_of_logs()
    refuse_unsafe_start()
    warm_up()
    try:
        style = map_style()
        files: Iterable[ServedFile] = [boundaries().file, *([style.file] if style else [])]
    except MapFileError as error:
        sys.exit(str(error))
    # Until the first session has called st.navigation, Streamlit takes pages/ for pages of the old
    # kind: it would say of every address but the first that there is no such page.
    PagesManager.uses_pages_directory = False
    index = index_page()
    headers = {
        **HEADERS,
        **(OVER_TLS if issuer.is_over_tls() else {}),
        "Content-Security-Policy": content_security_policy(style, index),
    }
    return App(
        ROOT / "dashboard.py",
        routes=[
            *index_routes(index),
            frontend_route(),
            *(file_route(file) for file in files),
            lost_route(),
        ],
        middleware=[
            Middleware(ResponseHeaders, headers=headers),
            Middleware(
                SignInResponses,
                seconds=sign_ins.hours() * 3600,
                is_over_tls=issuer.is_over_tls(),
            ),
            Middleware(VisitorMessages),
        ],
        lifespan=lifespan,
        on_script_error=errors.tell,
    )


def port_number(words: str) -> int:
    """Return the port that the command line names.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not re.fullmatch(r"[0-9]{1,5}", words) or not 1 <= int(words) <= MOST_PORTS:
        raise argparse.ArgumentTypeError(f"应为 1 到 {MOST_PORTS} 的整数，现为“{words}”")
    return int(words)


def serve(make_app: Callable[[], App]) -> None:
    """Serve an application on the host and port of the command line, until interrupted."""
    parser = Parser(description="启动监管看板的服务。")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    parser.add_argument("--port", type=port_number, default=8501, help="端口（默认 8501）")
    args = parser.parse_args()
    app = make_app()
    refuse_closed_port(args.host, args.port)
    st.get_option("logger.level")  # read now: reading it later would bring the access log back
    uvicorn.run(
        app,
        host=args.host,
        port=args.port,
        access_log=False,  # addresses hold what people looked for
        log_config=None,
        timeout_graceful_shutdown=5,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # costs more CPU than it saves time on an office network
        ws_ping_timeout=60,
    )


def __getattr__(name: str) -> App:
    """Make ``server:app`` when uvicorn asks for it: importing this module starts nothing."""
    if name == "app":
        return create_app()
    raise AttributeError(name)


if __name__ == "__main__":
    serve(create_app)
