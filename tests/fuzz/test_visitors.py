"""Whatever is asked of the server, it answers others as before, and shows nothing of its own."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from data_access.accounts import PERMISSIONS, Role
from tests import loops
from tests.bench.client import session
from tests.databases import sample_database
from tests.fuzz.hostile_addresses import OURS, ask, request, wrong
from tests.fuzz.hostile_messages import Visitor, misbehave, visiting
from tests.menu import ACCOUNTS
from tests.servers import DASHBOARD, Server, serve
from tests.workers import shared_folder
from ui.navigation import ENTRIES

SECRET: Final = [entry for entry in ENTRIES if entry.is_secret]
NOBODY: Final = ""
MANY: Final = 20  # requests at once


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("visitors")
    database = shutil.copy(sample_database(shared_folder(tmp_path_factory)), folder / "city.db")
    with serve(
        *DASHBOARD, log=folder / "log", env={"DATABASE_URL": f"sqlite:///{database}"}
    ) as server:
        yield server
    for path in folder.glob("city.db*"):
        path.unlink()


def port_of(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


def memory_mib(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def healthy_runs(server: Server) -> None:
    """A reader's page still draws; what goes wrong in it raises."""
    async with session(server.url, "overview", ACCOUNTS[Role.SUPERVISOR]) as reader:
        await reader.run()
        await reader.run()


def told_to_nobody(server: Server) -> frozenset[bytes]:
    """Words that no answer to a plain request may have: of the ledgers, and of secret pages."""
    [path] = server.log.parent.glob("city.db")
    with sqlite3.connect(path) as conn:
        names = [name for (name,) in conn.execute("SELECT name FROM institution LIMIT 200")]
    return frozenset(word.encode() for word in (*names, *(entry.title for entry in SECRET)))


async def send_addresses(server: Server, seed: int, n: int) -> Counter[int]:
    """Send odd requests, some at once; how often each status came."""
    chance = Random(seed)  # noqa: S311  the same every time
    secrets = told_to_nobody(server)
    statuses: Counter[int] = Counter()
    for start in range(0, n, MANY):
        sent = [request(chance) for _ in range(min(MANY, n - start))]
        answers = await asyncio.gather(*(ask(port_of(server), data) for data in sent))
        for data, answer in zip(sent, answers, strict=True):
            assert wrong(answer, secrets) is None, (wrong(answer, secrets), data[:600])
            statuses[answer.status] += 1
    return statuses


async def misbehave_often(server: Server, seed: int, n: int) -> Counter[str]:
    """Let visitors of each role, and nobody, do wrong things; what they did, and how it ended."""
    chance = Random(seed)  # noqa: S311  the same every time
    done: Counter[str] = Counter()
    while done.total() < n:
        role = chance.choice([*ACCOUNTS, None])
        async with visiting(server.url, ACCOUNTS[role] if role else NOBODY) as visitor:
            is_open = True
            while is_open and done.total() < n and chance.random() < 0.9:
                try:
                    done[await misbehave(chance, visitor)] += 1
                    is_open = await visitor.is_answered()
                except websockets.ConnectionClosed:
                    is_open = False
                shows_nothing_wrong(visitor, role)
    return done


def shows_nothing_wrong(visitor: Visitor, role: Role | None) -> None:
    """No trace, and no page of somebody else's.

    Where a widget is told to hold what it cannot, Streamlit stops the run; that is told in
    Chinese, under a number.
    """
    permitted = PERMISSIONS[role] if role else frozenset()
    kept = [entry for entry in SECRET if entry.permission not in permitted]
    for data in visitor.messages:
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.new_element.HasField("exception"):
            pytest.fail(f"an exception is shown: {message.delta.new_element.exception}")
        if message.delta.new_element.HasField("alert"):
            body = message.delta.new_element.alert.body
            assert not OURS.search(body.encode()), body
        if kind == "navigation":
            named = [entry.title for entry in kept if entry.title.encode() in data]
            assert not named, (role, named)
    visitor.messages.clear()


def half_open(server: Server, n: int) -> list[asyncio.Task[None]]:
    """Open connections that begin a request, or a websocket, and never go on."""

    async def begin(data: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
        try:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(3_600)
        finally:
            writer.close()
            with suppress(OSError):  # the server may have been the first to close
                await writer.wait_closed()

    beginnings = (b"", b"GET /overview HT", b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
    return [asyncio.create_task(begin(beginnings[at % 3])) for at in range(n)]


async def given_up(begun: list[asyncio.Task[None]]) -> None:
    """End connections that were half open."""
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


def test_odd_requests_get_a_plain_answer(server: Server) -> None:
    async def check() -> None:
        statuses = await send_addresses(server, 1, 80)
        assert statuses[200] > 5
        assert statuses[404] > 5
        await healthy_runs(server)

    loops.run(check())


def test_visitors_who_misbehave_see_no_trace_and_disturb_nobody(server: Server) -> None:
    async def check() -> None:
        begun = half_open(server, 9)
        assert (await misbehave_often(server, 1, 12)).total() == 12
        await healthy_runs(server)
        await given_up(begun)

    loops.run(check())


@pytest.mark.parametrize(
    "odd",
    [
        {"origin": websockets.Origin("http://evil.example")},
        {"subprotocols": ["streamlit", "2|x|y|9"]},
        {"additional_headers": {"Cookie": "_streamlit_user=x; _streamlit_xsrf=x"}},
        {"additional_headers": {"Cookie": '_streamlit_user="2|1:0|10:9|4:user|4:e30=|x"'}},
    ],
    ids=["origin", "token", "cookie", "forged"],
)
def test_visitor_with_wrong_papers_is_let_in_as_nobody_or_not_at_all(
    server: Server, odd: dict[str, object]
) -> None:
    async def check() -> None:
        with suppress(websockets.InvalidHandshake, websockets.ConnectionClosed):
            async with visiting(server.url, **odd) as visitor:
                await visitor.send(visitor.rerun("violation_map").SerializeToString())
                await visitor.until_finished()
                shows_nothing_wrong(visitor, None)
        await healthy_runs(server)

    loops.run(check())


def test_nobody_s_order_to_forget_all_results_is_not_obeyed(server: Server) -> None:
    """Streamlit would obey whoever opens a websocket, and tell him of the repository."""
    orders = BackMsg(clear_cache=True), BackMsg(load_git_info=True), BackMsg(set_run_on_save=True)

    async def check() -> None:
        async with visiting(server.url) as visitor:
            for order in orders:
                await visitor.send(order.SerializeToString())
            assert await visitor.is_answered()
            kinds = {ForwardMsg.FromString(data).WhichOneof("type") for data in visitor.messages}
            assert "git_info_changed" not in kinds

    before = server.log.read_text(encoding="utf-8")
    loops.run(check())
    said = server.log.read_text(encoding="utf-8")[len(before) :]

    assert [f"dropped: {order.WhichOneof('type')}" in said for order in orders] == [True] * 3


@pytest.mark.soak
def test_server_is_as_before_after_thousands_of_odd_requests_and_messages(server: Server) -> None:
    async def check() -> None:
        await send_addresses(server, 2, 200)
        await misbehave_often(server, 2, 60)
        await healthy_runs(server)
        warm = memory_mib(server)
        begun = half_open(server, 60)
        statuses = await send_addresses(server, 3, 3_000)
        done = await misbehave_often(server, 3, 600)
        await healthy_runs(server)
        await given_up(begun)
        grown = memory_mib(server)
        figures = f"{dict(statuses)} {dict(done)} {warm:.0f} -> {grown:.0f} MiB"
        (server.log.parent / "figures").write_text(figures, encoding="utf-8")
        assert grown < warm + 200, figures

    loops.run(check())
