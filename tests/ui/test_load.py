"""What a page loads is computed once for all who may see the same and ask the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Connection

from data_access import migration, versions
from data_access.accounts import Role, User, scope_of
from data_access.engine import get_engine
from data_access.scope import Scope
from tests.databases import forget_engines
from tests.factories import CITY, SOUTH
from ui import load as loading
from ui.filters import Filters
from ui.load import MOST_AT_A_TIME, begin_run, fresh, load, run

DAY = date(2022, 8, 25)
WAIT_SECONDS = 60
Load = Callable[..., Any]
calls: list[dict[str, Any]] = []


def user(role: Role, county_code: str | None = None) -> User:
    return User("甲@example.org", role, county_code, scope_of(role, county_code))


LEADER, SUPERVISOR, COUNTY = user(Role.LEADER), user(Role.SUPERVISOR), user(Role.COUNTY, CITY)


def ask(conn: Connection, **arguments: Any) -> str:
    calls.append(arguments)
    return f"result {len(calls)}"


def ask_else(conn: Connection, **arguments: Any) -> str:
    return f"else {ask(conn, **arguments)}"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'city.db'}")
    forget_engines()
    migration.upgrade(get_engine())
    calls.clear()
    begin()
    yield
    begin_run(None)
    st.cache_resource.clear()
    forget_engines()


def begin() -> None:
    """Begin a run as the dashboard does."""
    with get_engine().connect() as conn:
        begin_run(versions.current(conn))


def bump() -> None:
    with get_engine().begin() as conn:
        versions.bump(conn)


def function_of(file: Path, text: str) -> Load:
    """The function ``build`` of a page script, as Streamlit runs it: everything is __main__."""
    file.write_text(text, encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, str(file), "exec"), names)  # noqa: S102
    build: Load = names["build"]
    return build


def test_function_is_asked_in_the_scope_of_the_reader_with_all_that_was_chosen() -> None:
    load(ask, COUNTY, Filters(DAY, categories=("arts",)), weeks=4)

    assert calls == [
        {
            "scope": Scope.county(CITY),
            "as_of": DAY,
            "categories": ("arts",),
            "weeks": 4,
        }
    ]


def test_same_question_is_answered_once() -> None:
    first = load(ask, LEADER, Filters(DAY), days=(DAY,), words=("甲",))
    second = load(ask, user(Role.LEADER), Filters(DAY), days=(DAY,), words=("甲",))

    assert (first, second) == ("result 1", "result 1")
    assert len(calls) == 1


def test_result_is_shared_and_not_copied() -> None:
    def build(conn: Connection, **arguments: Any) -> list[int]:
        return [1]

    assert load(build, LEADER, Filters(DAY)) is load(build, LEADER, Filters(DAY))


@pytest.mark.parametrize(
    ("reader", "chosen", "params"),
    [
        (SUPERVISOR, Filters(DAY), {}),
        (COUNTY, Filters(DAY), {}),
        (user(Role.COUNTY, SOUTH), Filters(DAY), {}),
        (user(Role.ADMIN), Filters(DAY), {}),
        (LEADER, Filters(DAY, counties=(CITY,)), {}),
        (LEADER, Filters(DAY, categories=("arts",)), {}),
        (LEADER, Filters(date(2022, 8, 24)), {}),
        (LEADER, Filters(DAY), {"weeks": 1}),
        (LEADER, Filters(DAY), {"weeks": "1"}),
        (LEADER, Filters(DAY), {"weeks": None}),
        (LEADER, Filters(DAY), {"days": (DAY,)}),
    ],
)
def test_other_reader_or_other_question_is_answered_afresh(
    reader: User, chosen: Filters, params: dict[str, Any]
) -> None:
    load(ask, LEADER, Filters(DAY))
    load(ask, reader, chosen, **params)

    assert len(calls) == 2


def test_several_words_are_not_taken_for_one() -> None:
    load(ask, LEADER, Filters(DAY), words=("甲", "乙"))
    load(ask, LEADER, Filters(DAY), words=('甲", "乙',))
    load(ask, LEADER, Filters(DAY), words=("甲",), more=("乙",))

    assert len(calls) == 3


def test_county_that_chooses_another_is_asked_for_nothing() -> None:
    load(ask, COUNTY, Filters(DAY, counties=(SOUTH,)))

    assert calls[0]["scope"] == Scope.county()


def test_whole_city_narrowed_to_a_county_is_still_the_leaders_own_question() -> None:
    leader = load(ask, LEADER, Filters(DAY, counties=(CITY,)))
    supervisor = load(ask, SUPERVISOR, Filters(DAY, counties=(CITY,)))
    county = load(ask, COUNTY, Filters(DAY))

    # All may see what is released of one county, and yet nothing kept crosses between them.
    assert len({leader, supervisor, county}) == 3


def test_scope_that_the_reader_does_not_hold_is_never_asked_in() -> None:
    for scope in (Scope.city(), Scope.county(SOUTH), Scope(frozenset({CITY}), unreleased=True)):
        for ask_for in (run, fresh):
            with pytest.raises(PermissionError):
                ask_for(ask, COUNTY, {"scope": scope})
    assert calls == []


def test_two_functions_do_not_share_results() -> None:
    assert load(ask, LEADER, Filters(DAY)) == "result 1"
    assert load(ask_else, LEADER, Filters(DAY)) == "else result 2"


def test_functions_of_one_name_in_different_files_do_not_share_results(tmp_path: Path) -> None:
    first = function_of(tmp_path / "first.py", "def build(conn, **arguments): return 1")
    second = function_of(tmp_path / "second.py", "def build(conn, **arguments): return 2")
    assert first.__module__ == second.__module__ == "__main__"

    assert load(first, LEADER, Filters(DAY)) == 1
    assert load(second, LEADER, Filters(DAY)) == 2


def test_script_that_is_run_again_finds_its_result(tmp_path: Path) -> None:
    text = "def build(conn, **arguments): return object()"
    first = load(function_of(tmp_path / "page.py", text), LEADER, Filters(DAY))

    assert load(function_of(tmp_path / "page.py", text), LEADER, Filters(DAY)) is first


def test_bumped_version_is_seen_by_the_next_run_and_not_within_one() -> None:
    assert load(ask, LEADER, Filters(DAY)) == "result 1"

    bump()
    assert load(ask, LEADER, Filters(DAY)) == "result 1"

    begin()
    assert load(ask, LEADER, Filters(DAY)) == "result 2"
    assert load(ask, LEADER, Filters(DAY)) == "result 2"


def test_run_of_another_session_does_not_change_the_version_of_this_one() -> None:
    load(ask, LEADER, Filters(DAY))
    bump()
    copy_context().run(lambda: (begin(), load(ask, LEADER, Filters(DAY))))

    assert load(ask, LEADER, Filters(DAY)) == "result 1"
    assert len(calls) == 2


def test_other_database_has_its_own_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(ask, LEADER, Filters(DAY))
    get_engine().dispose()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    forget_engines()
    migration.upgrade(get_engine())
    begin()

    assert load(ask, LEADER, Filters(DAY)) == "result 2"


def test_function_that_fails_is_asked_again() -> None:
    failing = [True]

    def build(conn: Connection, **arguments: Any) -> str:
        if failing:
            raise RuntimeError(failing.pop())
        return "result"

    with pytest.raises(RuntimeError):
        load(build, LEADER, Filters(DAY))
    assert load(build, LEADER, Filters(DAY)) == "result"


def test_function_that_asks_for_a_kept_result_is_refused_before_it_waits_for_itself() -> None:
    def build(conn: Connection, **arguments: Any) -> Any:
        return load(ask, LEADER, Filters(DAY))

    with pytest.raises(RuntimeError, match="ask is asked for within a turn"):
        load(build, LEADER, Filters(DAY))
    assert calls == []
    assert load(ask, LEADER, Filters(DAY)) == "result 1"


@pytest.mark.parametrize("value", [object(), {DAY}, b"x"])
def test_what_cannot_be_written_down_is_no_argument(value: object) -> None:
    with pytest.raises(TypeError, match="cache key"):
        load(ask, LEADER, Filters(DAY), focus=value)


def test_page_opened_without_the_dashboard_sees_every_version() -> None:
    begin_run(None)
    assert load(ask, LEADER, Filters(DAY)) == "result 1"

    bump()
    assert load(ask, LEADER, Filters(DAY)) == "result 2"


def test_version_is_not_read_again_within_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(loading.versions, "current", lambda conn: asked.append(1))

    for weeks in range(3):
        load(ask, LEADER, Filters(DAY), weeks=weeks)

    assert not asked


def at_once(number: int, ask_one: Callable[[int], Any]) -> list[Any]:
    """Ask from that many threads at the same moment, each in a run of its own."""
    barrier = threading.Barrier(number)

    def in_a_run(place: int) -> Any:
        barrier.wait(WAIT_SECONDS)
        begin()
        return ask_one(place)

    with ThreadPoolExecutor(number) as pool:
        asked = [pool.submit(in_a_run, place) for place in range(number)]
        return [each.result(WAIT_SECONDS) for each in asked]


def test_fifty_sessions_that_ask_at_once_after_a_change_are_answered_by_one_computation() -> None:
    load(ask, LEADER, Filters(DAY))
    bump()
    answers = at_once(50, lambda _: load(ask, LEADER, Filters(DAY)))

    assert answers == ["result 2"] * 50
    assert len(calls) == 2


def test_who_asks_something_else_does_not_wait_for_one_that_takes_long() -> None:
    """And who asks for what is there already does not wait at all, whoever computes."""
    going_on, may_end = threading.Semaphore(0), threading.Event()

    def slow(conn: Connection, **arguments: Any) -> str:
        going_on.release()
        assert may_end.wait(WAIT_SECONDS)
        return "slow"

    known = load(ask, LEADER, Filters(DAY))
    with ThreadPoolExecutor(MOST_AT_A_TIME) as pool:
        waiting = [
            pool.submit(copy_context().run, load, slow, LEADER, Filters(DAY), weeks=weeks)
            for weeks in range(MOST_AT_A_TIME - 1)
        ]
        for _ in waiting:
            assert going_on.acquire(timeout=WAIT_SECONDS)
        other = load(ask, SUPERVISOR, Filters(DAY))
        waiting.append(pool.submit(copy_context().run, load, slow, COUNTY, Filters(DAY)))
        assert going_on.acquire(timeout=WAIT_SECONDS)
        again = load(ask, LEADER, Filters(DAY))
        may_end.set()

    assert (known, other, again) == ("result 1", "result 2", "result 1")
    assert [each.result() for each in waiting] == ["slow"] * MOST_AT_A_TIME


def test_many_different_questions_at_once_are_computed_a_few_at_a_time() -> None:
    """Each takes a connection; with all at once, most would wait for one and some in vain."""
    too_many = threading.Barrier(MOST_AT_A_TIME + 1)

    def meets_too_many(conn: Connection, **arguments: Any) -> bool:
        try:
            too_many.wait(1)
        except threading.BrokenBarrierError:
            return False
        return True

    met = at_once(20, lambda place: load(meets_too_many, LEADER, Filters(DAY), weeks=place))

    assert met == [False] * 20


def test_computation_that_fails_gives_its_turn_back() -> None:
    def failing(conn: Connection, **arguments: Any) -> None:
        raise ValueError("不成")

    for weeks in range(MOST_AT_A_TIME + 1):
        with pytest.raises(ValueError, match="不成"):
            load(failing, LEADER, Filters(DAY), weeks=weeks)

    assert load(ask, LEADER, Filters(DAY)) == "result 1"
