"""The form of one row: what it says, to be changed, and what somebody else changed meanwhile.

Fields are those of the row's ledger, and what is filled in is text, read as a file's cells are.
The row as the reader saw it is remembered. Where it has become another since, the fields that the
reader left alone follow, what they filled in stays, and nothing is sent before they have seen it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

import streamlit as st

from data_access import clock, vocabulary
from data_access.ledgers.cells import CLEAR
from data_access.ledgers.kinds import Column, Kind, Read
from data_access.ledgers.values import text_limit
from ui.formatting import plain
from ui.row_words import NO, YES, headers_of

LONGEST: Final = 2_000  # of what the database holds at any length
LONG: Final = frozenset({"evidence", "answer", "note", "finding"})
_OPEN: Final = "row_forms.open"
_ROUND: Final = "row_forms.round"
_LEFT: Final = "row_forms.left"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands: what it is known by on this screen, its version, and its words.

    ``changed_by`` says who changed it last and on which day.
    """

    name: str
    kind: Kind
    version: int
    words: Mapping[str, str]
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was pressed, and by column what the fields say: of those changed, and of all."""

    pressed: str
    changed: Mapping[str, str]
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    version: int
    words: Mapping[str, str]
    fields: tuple[Column, ...] = field(default=())


def draw(
    row: Row,
    fields: Sequence[Column],
    buttons: Mapping[str, str],
    *,
    labels: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
    columns: int = 1,
) -> Answer | None:
    """Draw the form; return what was pressed, once the reader has seen the row as it is.

    ``buttons`` are words by what is pressed, the first the main one; ``labels`` stand in place
    of a field's header, ``hints`` in a field that is empty. A field of which the row has no words
    begins empty.
    """
    key, said_of = _key_of(row), {**headers_of(row.kind), **(labels or {})}
    news = _follow(row, fields, key)
    if news:
        st.warning(plain(news), icon=":material/sync_problem:")
    with st.form(key, border=True):
        grid = st.columns(columns, gap="small") if columns > 1 else [st.container()]
        narrow = [column for column in fields if column.name not in LONG]
        for place, column in enumerate(narrow):
            with grid[place % columns]:
                _field(row.kind, column, f"{key}.{column.name}", said_of, hints or {})
        for column in fields:
            if column.name in LONG:
                _field(row.kind, column, f"{key}.{column.name}", said_of, hints or {})
        pressed = None
        with st.container(horizontal=True):
            for place, (name, words) in enumerate(buttons.items()):
                main = "primary" if place == 0 else "secondary"
                if st.form_submit_button(words, type=cast("Any", main)):
                    pressed = name
    if pressed is None or news:
        return None
    said = {column.name: _text(st.session_state[f"{key}.{column.name}"]) for column in fields}
    changed = {
        name: text or CLEAR for name, text in said.items() if text != row.words.get(name, "")
    }
    return Answer(pressed, changed, said)


def done(row: Row) -> None:
    """Begin the form anew: what was filled in is stored."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_LEFT, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def left_over(row: Row) -> None:
    """Where there is no form any more, show what was filled in while there was one."""
    seen: _Seen | None = st.session_state.get(_OPEN)
    if seen is not None and seen.name == row.name:
        filled = {
            column.header: text
            for column in seen.fields
            if (text := _text(st.session_state.get(f"{_key_of(row)}.{column.name}")))
            and text != seen.words.get(column.name, "")
        }
        news = f"{row.changed_by} 改动了这一条，现在不能再这样办理。"
        st.session_state[_LEFT] = (row.name, news, filled)
        st.session_state.pop(_OPEN)
    left = st.session_state.get(_LEFT)
    if left is None or left[0] != row.name:
        return
    st.warning(plain(left[1]), icon=":material/sync_problem:")
    if left[2]:
        lines = "\n".join(f"{header}：{text}" for header, text in left[2].items())
        st.text(f"您刚才填写的内容没有保存，可以复制：\n{lines}")


def _key_of(row: Row) -> str:
    return f"row.{row.name}.{st.session_state.get(_ROUND, 0)}"


def _follow(row: Row, fields: Sequence[Column], key: str) -> str | None:
    """Fill the fields; say what has become of the row since it was seen, if anything has."""
    seen: _Seen | None = st.session_state.get(_OPEN)
    is_same = seen is not None and seen.name == row.name
    st.session_state[_OPEN] = _Seen(row.name, row.version, row.words, tuple(fields))
    moved = seen if seen is not None and is_same and seen.version != row.version else None
    for column in fields:
        at, now = f"{key}.{column.name}", row.words.get(column.name, "")
        was = now if moved is None else moved.words.get(column.name, "")
        if at not in st.session_state or (moved and _text(st.session_state[at]) == was):
            st.session_state[at] = _value(column, now)
    if moved is None:
        return None
    said = [
        f"{column.header}：{moved.words.get(column.name) or '空'} → {text or '空'}"
        for column in row.kind.columns
        if (text := row.words.get(column.name)) != moved.words.get(column.name)
    ]
    what = f"（{'；'.join(said)}）" if said else ""
    return (
        f"{row.changed_by} 改动了这一条{what}。您填写的内容还在，没有提交；"
        "请看过现在的内容，确认后再提交。"
    )


def _field(
    kind: Kind, column: Column, key: str, labels: Mapping[str, str], hints: Mapping[str, str]
) -> None:
    label = labels.get(column.name, column.header)
    match column.read:
        case Read.DAY | Read.DAY_AHEAD:
            latest = clock.today() if column.read is Read.DAY else date(2100, 1, 1)
            st.date_input(
                label,
                value=None,
                min_value=date(1990, 1, 1),
                max_value=latest,
                format="YYYY-MM-DD",
                key=key,
            )
        case Read.YES_NO:
            st.segmented_control(label, [YES, NO], key=key)
        case Read.WORD:
            st.selectbox(label, _options(column), key=key, format_func=lambda word: word or "未填")
        case _ if column.name in LONG:
            limit = max(LONGEST, len(st.session_state[key]))
            st.text_area(label, key=key, max_chars=limit, height=100)
        case _:
            most = text_limit(kind, column.name) if column.read is Read.TEXT else None
            hint = hints.get(column.name)
            st.text_input(label, key=key, max_chars=most or 255, placeholder=hint)


def _options(column: Column) -> list[str]:
    words = vocabulary.first_words(column.words).values() if column.words else ()
    return [*words] if column.required else ["", *words]


def _value(column: Column, text: str) -> Any:
    """Return the value of a field that shows a text."""
    if column.read in (Read.DAY, Read.DAY_AHEAD):
        return date.fromisoformat(text) if text else None
    if column.read is Read.YES_NO:
        return text or None
    if column.required and column.words and not text:
        return _options(column)[0]
    return text


def _text(value: Any) -> str:
    """Return what a field says, as a cell would."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value).strip()
