"""Lists too long for one table: a page of them at a time, and of files the first so many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import streamlit as st

from ui import formatting
from ui.formatting import plain

PAGE_ROWS: Final = 200
FILE_ROWS: Final = 10_000
Key = TypeVar("Key")


def first_row(total: int, *, key: str) -> int:
    """Draw which page of ``total`` rows is shown, if there are several; return its first row.

    Rows are counted from 0. A page that there is no more, since the list got shorter, is the last.
    """
    pages = max(-(-total // PAGE_ROWS), 1)
    if pages == 1:
        return 0
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    number, said = st.columns([1, 4], vertical_alignment="bottom")
    page = number.number_input("页码", 1, pages, key=key)
    first = (int(page) - 1) * PAGE_ROWS
    said.caption(plain(said_of(first, total)))
    return first


def said_of(first: int, total: int) -> str:
    """Say which rows a page holds: ``第 1–200 条，共 310,000 条``."""
    last = min(first + PAGE_ROWS, total)
    return (
        f"第 {formatting.count(first + 1)}–{formatting.count(last)} 条，"
        f"共 {formatting.count(total)} 条"
    )


def cut(parts: Sequence[tuple[Key, int]], first: int, rows: int) -> list[tuple[Key, int, int]]:
    """Return of which parts, of a list of parts with their sizes, so many rows from ``first`` are.

    Each with the place of the first of its rows and how many they are.
    """
    pieces = []
    for part, size in parts:
        skipped = min(first, size)
        taken = min(size - skipped, rows)
        first, rows = first - skipped, rows - taken
        if taken:
            pieces.append((part, skipped, taken))
    return pieces
