"""Run a function of the database from a page: in the reader's scope, and once for all.

What a page shows depends on (scope, filters, data version) alone. ``load`` keeps results
by these; two readers who may see the same and ask the same share one computation. The
results are shared, not copied: nobody changes them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

import streamlit as st

from data_access import versions
from data_access.accounts import User
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.failures import DatabaseAwayError
from data_access.scope import Scope

if TYPE_CHECKING:
    from ui.filters import Filters

# Fourteen scopes, some twenty pages, about two results a page, and the filters most used.
MAX_RESULTS: Final = 2048
# Computing is work for one core: more at a time would take turns on the interpreter's lock, hold a
# connection each meanwhile, and keep everybody waiting whose result is there already.
MOST_AT_A_TIME: Final = 3
_turns: Final = threading.BoundedSemaphore(MOST_AT_A_TIME)
Result = TypeVar("Result")


def load(function: Callable[..., Result], user: User, chosen: Filters, **params: Any) -> Result:
    """Return ``function(conn, scope=…, as_of=…, categories=…, **params)``, kept for all.

    ``function`` is known by its file and name, so it depends on nothing but its
    arguments. ``params`` are strings, numbers, days, ``None`` or tuples of these.
    """
    arguments = {
        "scope": user.scope.within(chosen.counties),
        "as_of": chosen.as_of,
        "categories": chosen.categories,
        **params,
    }
    return run(function, user, arguments)


def run(function: Callable[..., Result], user: User, arguments: dict[str, Any]) -> Result:
    """Return ``function(conn, **arguments)``, kept under one canonical text.

    The text begins with who may read what, so that nothing kept crosses a wall.

    Raises:
        DatabaseAwayError: the database is away, and it was not worked out before.
        PermissionError: the scope asked for is not the user's.
        RuntimeError: a function that is being kept asks for another's kept result: whoever holds
            every turn would wait for one.
    """
    if _is_working.get():
        raise RuntimeError(f"{function.__qualname__} is asked for within a turn")
    _hold_to(user, arguments["scope"])
    key = json.dumps(
        {
            "reader": [user.role, user.scope.key],
            "scope": arguments["scope"].key,
            "version": _version(),
            "database": get_engine().url.database,
            # Not its module: every page script is __main__ while it runs.
            "function": f"{function.__code__.co_filename}:{function.__qualname__}",
            "arguments": {k: v for k, v in arguments.items() if k != "scope"},
        },
        default=_day,
        ensure_ascii=False,
        sort_keys=True,
    )
    result: Result = _kept(key, user, function, arguments)
    return result


def fresh(function: Callable[..., Result], user: User, arguments: dict[str, Any]) -> Result:
    """Return ``function(conn, **arguments)`` as it is now.

    For what can change under one version of the data, such as the files that came in: one
    that is sent again leaves every figure as it was.

    Raises:
        DatabaseAwayError: the database is away.
        PermissionError: the scope asked for is not the user's.
    """
    _hold_to(user, arguments["scope"])
    if _kept_only.get():
        raise DatabaseAwayError
    with reading(user) as conn:
        return function(conn, **arguments)


def _hold_to(user: User, scope: Scope) -> None:
    if not (user.scope.holds(scope) or user.import_scope.holds(scope)):
        raise PermissionError(f"{scope.key} was asked for by a reader of {user.scope.key}")


_version_of_run: ContextVar[int | None] = ContextVar("version_of_run", default=None)
_kept_only: ContextVar[bool] = ContextVar("kept_only", default=False)
_is_working: ContextVar[bool] = ContextVar("is_working", default=False)


def begin_run(version: int | None, *, kept_only: bool = False) -> None:
    """Take the version of the data, read once a run, so that a page shows one version.

    ``None``: not read; it is then read for every result. With ``kept_only`` the database is away:
    results that are kept of this version are returned, and nothing is worked out.
    """
    _version_of_run.set(version)
    _kept_only.set(kept_only)


def version_of_run() -> int | None:
    """Return the version of the data that this run shows, ``None`` where it was not read."""
    return _version_of_run.get()


def _version() -> int:
    version = _version_of_run.get()
    if version is not None:
        return version
    with get_engine().connect() as conn:
        return versions.current(conn)


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be part of a cache key")


@st.cache_resource(max_entries=MAX_RESULTS, show_spinner="正在计算…")
def _kept(key: str, _user: User, _function: Callable[..., Any], _arguments: dict[str, Any]) -> Any:
    if _kept_only.get():
        raise DatabaseAwayError
    working = _is_working.set(True)
    try:
        with _turns, reading(_user) as conn:
            return _function(conn, **_arguments)
    finally:
        _is_working.reset(working)
