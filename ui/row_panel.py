"""The panel of one row that is chosen in a list: the record, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from data_access.accounts import User
from data_access.ledgers.kinds import Kind
from data_access.row_edits import Changed
from data_access.writing import WritingError
from ui import row_forms, row_words, saving, tables
from ui.formatting import MISSING, plain
from ui.row_forms import Row
from ui.tables import Table, table

HISTORY_HEIGHT: Final = 260
_CHOSEN: Final = "row_panel.chosen"
_SAID: Final = "row_panel.said"


class Record(NamedTuple):
    """A row as it stands: its columns, its words, its history, and who changed it last."""

    values: Mapping[str, Any]
    words: Mapping[str, str]
    history: Table
    changed_by: str

    def row(self, name: str, kind: Kind) -> Row:
        """Return the row as its form knows it."""
        version = int(self.values["row_version"])
        return Row(name, kind, version, self.words, self.changed_by)


def record(
    kind: Kind, found: pd.DataFrame, changes: pd.DataFrame, steps: pd.DataFrame | None = None
) -> Record | None:
    """Put a row of ``ledger_records`` and its changes into a record; ``None``: there is none.

    ``steps`` are rows of its history besides the changes: ``happened_on``, ``step_written``,
    ``actor`` and ``note``. Of one day the steps come first.
    """
    if found.empty:
        return None
    told = [
        {"happened_on": day, "step_written": "改动", "actor": who, "note": said}
        for day, who, said in row_words.changes(kind, changes)
    ]
    columns = ["happened_on", "step_written", "actor", "note"]
    changed = pd.DataFrame(told, columns=columns).astype({"happened_on": "datetime64[s]"})
    parts = [part for part in (steps, changed) if part is not None and not part.empty]
    both = pd.concat([part[columns] for part in parts], ignore_index=True) if parts else changed
    both = both.sort_values("happened_on", kind="stable", ignore_index=True)
    return Record(
        {str(name): value for name, value in found.iloc[0].items()},
        row_words.words_of(kind, found.iloc[0]),
        table(both, columns, widest=["note"]),
        row_words.last_change(changes),
    )


def list_key(key: str, ids: Sequence[object]) -> str:
    """Name a list by what is in it, so that a choice never passes on to another row."""
    digest = sha256(",".join(map(str, ids)).encode()).hexdigest()[:12]
    return f"{key}.{digest}"


def keep_chosen(asked: object, key: str, chosen: int | None) -> int | None:
    """Return the row that is chosen, also where the list has become another one around it.

    ``asked`` is what the reader chose the list by, ``key`` that of the list as it is drawn. What
    somebody else changes must not take away the row that the reader is working on.
    """
    kept = st.session_state.get(_CHOSEN)
    if chosen is None and kept is not None and kept[0] == asked and kept[1] != key:
        chosen = kept[2]
    st.session_state[_CHOSEN] = (asked, key, chosen)
    return chosen


def show_record(title: str, kind: Kind, words: Mapping[str, str], *, columns: int) -> None:
    """Draw what a row says, in so many columns; long words below, over the whole width."""
    st.markdown(f"**{plain(title)}**")
    headers = row_words.headers_of(kind)
    short = [name for name in headers if name in words and name not in row_forms.LONG]
    each = -(-len(short) // columns)
    for place, column in enumerate(st.columns(columns, gap="small")):
        names = short[place * each : (place + 1) * each]
        column.markdown("  \n".join(_line(headers[name], words[name]) for name in names))
    for name in headers:
        if name in row_forms.LONG and words.get(name):
            st.markdown(_line(headers[name], words[name]))


def show_history(of: Record, *, key: str, file_name: str, alt: str) -> None:
    """Draw what became of a row."""
    if of.history.empty:
        st.caption("入账以后没有改动。")
        return
    tables.show(of.history, key=key, file_name=file_name, alt=alt, height=HISTORY_HEIGHT)


def act(row: Row, what: Callable[[], Changed], said: str) -> None:
    """Do what was pressed, and say what happens next; or say why it was not done."""
    try:
        changed = what()
    except WritingError as error:
        saving.refused(error)
        return
    row_forms.done(row)
    st.session_state[_SAID] = (row.name, said, changed.warnings)
    st.rerun()


def tell(name: str) -> None:
    """Say once what became of what was pressed last on this row."""
    kept = st.session_state.get(_SAID)
    if kept is None or kept[0] != name:
        return
    del st.session_state[_SAID]
    st.success(plain(kept[1]), icon=":material/check_circle:")
    for warning in kept[2]:
        st.warning(plain(warning), icon=":material/info:")


def may_read(user: User, found: Record | None) -> bool:
    """Say so where the row that was chosen is no more, or not in the reader's reach."""
    if found is None:
        st.info("所选的这一条已不在您能查看的范围内，请在名单中另选一行。")
    return found is not None


def _line(header: str, words: str) -> str:
    return f"{plain(header)}　**{plain(words) if words else MISSING}**"
