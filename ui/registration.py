"""Registration on screen: the lists of institutions, and the one that is chosen."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from analysis import registration as judgement
from data_access import registration, vocabulary
from ui import row_panel, tables
from ui.filters import Filters
from ui.rows import in_words, unregistered_rows
from ui.tables import Table, table

# Which rows the list holds, as addresses name them.
ROWS: Final = {"unregistered": "未登记机构", "all": "全部机构"}
LIST_HEIGHT: Final = 370
_ALL: Final = (
    *("county", "name", "category", "operating_status", "found_on", "qualified_on"),
    *("platform_registered_on", "deregistered_on", "address"),
)


def build_list(conn: Any, *, rows: str, **asked: Any) -> Table:
    """List what is not registered, with the items that hold each up; or every institution."""
    if rows == "all":
        found = registration.institutions(conn, **asked)
        words = found.assign(
            category=in_words(found["category"], vocabulary.CATEGORY),
            operating_status=in_words(found["operating_status"], vocabulary.OPERATING_STATUS),
        )
        return table(words, _ALL)
    held_up = judgement.holdups(
        registration.unregistered(conn, **asked),
        registration.verification_states(conn, **asked),
        items=tuple(vocabulary.VERIFICATION_ITEM),
    )
    return unregistered_rows(held_up)


def show_list(found: Table, rows: str, *, asked: Filters) -> int | None:
    """Draw the list that ``rows`` names; return the id of the institution chosen in it."""
    words = ROWS[rows]
    about = "：卡在哪一项" if rows == "unregistered" else "：已注销的也在内"
    st.subheader(f"{words} {len(found.frame)} 家{about}", anchor=False)
    ids = found.frame["id"].tolist()
    key, place = row_panel.list_key(f"coverage.{rows}", ids), None
    if found.empty:
        none = "未登记的在营机构" if rows == "unregistered" else "机构"
        st.info(f"所选范围内没有{none}。换一个统计日期、县区或类别可查看其他名单。")
    else:
        place = tables.show(
            found, key=key, file_name=words, alt=words, height=LIST_HEIGHT, select=True
        )
    chosen = None if place is None else int(ids[place])
    return row_panel.keep_chosen(("coverage", rows, asked), key, chosen)
