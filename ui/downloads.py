"""Files that readers take away: asked for again at the click, logged, then handed out.

A button stays on a screen for hours. So what it hands out is made at the click, and only for
an account that still is what it was when the page was drawn; the access log has the line before
the reader has the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

import streamlit as st

from data_access import audit
from data_access.audit import Action
from ui import errors, session
from ui.formatting import UNSEEN

NAME_LENGTH: Final = 80
_NOT_IN_NAMES: Final = re.compile(r'[\s/\\:*?"<>|]+')  # what some file system does not take

_page_of_run: ContextVar[str] = ContextVar("page_of_run", default="")
_narrowed_of_run: ContextVar[dict[str, str] | None] = ContextVar("narrowed_of_run", default=None)


class NotHandedOutError(Exception):
    """A file that somebody asked for and does not get. Streamlit says so under the button."""


def begin_run(page: str) -> None:
    """Take the title of the page that is drawn, for the access log; nothing narrows it yet."""
    _page_of_run.set(page)
    _narrowed_of_run.set({})


def narrowed(label: str, words: str) -> None:
    """Note what the rows on this page are narrowed to, in words; no words: to nothing."""
    of_run = dict(_narrowed_of_run.get() or {})
    of_run.pop(label, None)
    _narrowed_of_run.set({**of_run, label: words} if words else of_run)


def button(
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    what: str,
    rows: int,
    key: str,
    tertiary: bool = False,
) -> None:
    """Draw the button of a file that ``make`` returns; ``what`` and ``rows`` go into the log.

    ``file_name`` does not: it may name an institution or an item, and administrators, who read
    the log, read no ledgers. So ``what`` says the same whichever row was chosen.
    """
    st.download_button(
        label,
        data=_logged(make, target=_page_of_run.get(), what=what, rows=rows),
        file_name=safe_name(file_name),
        icon=":material/download:",
        key=key,
        on_click="ignore",
        type="tertiary" if tertiary else "secondary",
    )


def safe_name(file_name: str) -> str:
    """Return a file name that every system takes, on one line, its ending kept."""
    written = _NOT_IN_NAMES.sub("_", UNSEEN.sub("", file_name))
    stem, dot, ending = written.rpartition(".")
    return f"{stem[: NAME_LENGTH - len(ending)].strip(' .')}{dot}{ending}"


def _logged(make: Callable[[], bytes], *, target: str, what: str, rows: int) -> Callable[[], bytes]:
    reader = session.reader()
    filters = dict(_narrowed_of_run.get() or {})

    def hand_out() -> bytes:
        # Runs in a thread of the server's, outside of any run.
        try:
            if not reader.still_holds():
                audit.record(Action.REFUSED, email=reader.user.email, target=target, why="export")
                raise NotHandedOutError("the account is not what it was")
            content = make()
            audit.record(
                Action.EXPORT,
                email=reader.user.email,
                target=target,
                what=what,
                rows=rows,
                filters=filters,
            )
        except NotHandedOutError:
            raise
        except Exception as error:  # noqa: BLE001  Streamlit would log its text
            raise NotHandedOutError(f"number {errors.logged(error)}") from None
        return content

    return hand_out
