"""Tables: labelled columns that can be searched, sorted, chosen from and taken away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, cast

import pandas as pd
import pyarrow as pa
import streamlit as st

from ui import downloads
from ui.exports.excel import to_excel
from ui.formatting import MISSING, count
from ui.labels import LABELS

ROW_HEIGHT: Final = 35
HEADER_HEIGHT: Final = 38
DAY_WIDTH: Final = 100
# Streamlit measures the first rows of a column: longer texts of rows below are cut.
_MEASURED: Final = 5
# Pixels of a letter, and around a text.
_CHINESE, _LATIN, _SPACE, _AROUND = 14, 8, 4, 20
_LONGER: Final = 1.5  # how much longer a text may be to have the room of its neighbours
_WIDE, _WIDER = 200, 270
_WIDEST = 480  # half of what a laptop shows of a table


@dataclass(frozen=True, slots=True)
class Table:
    """A built table: what is drawn, and the rows behind it.

    ``frame`` keeps every column of the rows, also those not shown, so that a page can
    ask which one was chosen; ``shown`` is drawn and exported.
    """

    frame: pd.DataFrame
    shown: pa.Table
    columns: tuple[str, ...]
    config: dict[str, Any]
    shares: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there are no rows."""
        return self.frame.empty


class Whole(NamedTuple):
    """A list that is shown by the page: what reads the first ``rows`` of ``total`` for a file."""

    read: Callable[[], pd.DataFrame]
    rows: int
    total: int

    @property
    def label(self) -> str:
        """Say what the button hands out, and of how many rows where these are not all."""
        if self.rows == self.total:
            return "下载 Excel"
        return f"下载 Excel（前 {count(self.rows)} 行，共 {count(self.total)} 行）"


def table(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    shares: Collection[str] = (),
    money: Collection[str] = (),
    bars: Collection[str] = (),
    wide: Collection[str] = (),
    widest: Collection[str] = (),
    whole: Collection[str] = (),
) -> Table:
    """Build a table of the named columns, each with its label of ``LABELS``.

    ``shares`` (0 to 1) are shown in percent, ``money`` in yuan, ``bars`` are shares drawn
    as bars, ``wide`` texts get room, ``widest`` ones twice as much, ``whole`` ones as much as the
    longest takes, up to half a laptop. Days show as 2022-08-25, unknown values as ``—``.
    """
    config: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for name in columns:
        values = frame[name]
        label = LABELS[name]
        if name in bars:
            shown[label] = values * 100
            config[label] = st.column_config.ProgressColumn(
                format="%.1f%%", min_value=0, max_value=100, width="small"
            )
        elif name in shares:
            shown[label] = values * 100
            config[label] = st.column_config.NumberColumn(format="%.1f%%")
        elif name in money:
            shown[label] = values
            config[label] = st.column_config.NumberColumn(format="localized")
        elif pd.api.types.is_datetime64_any_dtype(values):
            shown[label] = values.dt.date
            # Streamlit measures the first rows: a day is cut where these have none.
            config[label] = st.column_config.DateColumn(format="YYYY-MM-DD", width=DAY_WIDTH)
        elif pd.api.types.is_bool_dtype(values):
            shown[label] = values.map({True: "是", False: "否"}).astype("object")
        elif pd.api.types.is_integer_dtype(values):
            shown[label] = values
            config[label] = st.column_config.NumberColumn(format="localized")
        else:
            shown[label] = values
            width = (
                _whole(values, label)
                if name in whole
                else _wide(values, is_widest=name in widest)
                if name in wide or name in widest
                else _width(values, label)
            )
            if width is not None:
                config[label] = st.column_config.TextColumn(width=width)
    arrow = pa.Table.from_pandas(pd.DataFrame(shown), preserve_index=False)
    return Table(frame, arrow, tuple(columns), config, (*shares, *bars))


def _width(values: pd.Series, label: str) -> int | None:
    """Return the width in pixels of a column that would be cut by a little; ``None``: none would.

    The longest text is not among the first rows. One that is longer by far stays cut: it would
    push the other columns out of sight.
    """
    sizes = _pixels(values)
    measured = max(sizes.iloc[:_MEASURED].max(), _pixels(pd.Series([label])).max())
    is_little = sizes.max() > measured and sizes.max() <= measured * _LONGER
    return int(sizes.max()) if is_little else None


def _whole(values: pd.Series, label: str) -> int:
    """Return the width in pixels of a column's longest text, or of its header."""
    return min(int(_pixels(pd.Series([label, *values], dtype="str")).max()), _WIDEST)


def _wide(values: pd.Series, *, is_widest: bool) -> int | Literal["large"]:
    """Return the width in pixels of a column of long texts, a little more where that is all."""
    if is_widest:
        return "large"
    longest = _pixels(values).max()
    return int(longest) if _WIDE < longest <= _WIDER else _WIDE


def _pixels(values: pd.Series) -> pd.Series:
    """Return how wide texts are with what is around them; unknown ones as if empty."""
    texts = values.astype("str").where(values.notna(), "").tolist()
    # A Chinese letter is three bytes.
    chinese = [(len(text.encode("utf-8", "replace")) - len(text)) / 2 for text in texts]
    widths = [
        _CHINESE * letters + _LATIN * (len(text) - letters) - (_LATIN - _SPACE) * text.count(" ")
        for letters, text in zip(chinese, texts, strict=True)
    ]
    return pd.Series(widths, dtype="float64") + _AROUND


def chosen_row(built: Table, *, key: str) -> int | None:
    """Return the position of the row chosen in the table of that key when it was drawn last.

    For what stands above the table and is narrowed by it.
    """
    state = cast("dict[str, Any]", st.session_state.get(key) or {"selection": {"rows": []}})
    rows: list[int] = state["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(built.frame) else None


def show(
    built: Table,
    *,
    key: str,
    file_name: str,
    alt: str,
    what: str = "",
    height: int = 0,
    select: bool = False,
    of: Whole | None = None,
) -> int | None:
    """Draw a table with its download; return the position of the chosen row, if any.

    ``of`` is the list that this table is a page of: the file holds its first rows.

    ``file_name`` and ``alt`` say which rows these are; the access log takes ``what``, or ``alt``
    where that says no more than which they are, so that names no institution and no item.
    ``height`` is the most it takes, in pixels; 0 is as high as its rows.
    """
    of_rows = HEADER_HEIGHT + ROW_HEIGHT * max(len(built.frame), 1)
    event = st.dataframe(
        built.shown,
        hide_index=True,
        height=min(height or of_rows, of_rows),
        column_config=built.config,
        placeholder=MISSING,
        alt=alt,
        key=key,
        on_select="rerun" if select else "ignore",
        selection_mode="single-row",
    )
    of = of or Whole(lambda: built.frame, len(built.frame), len(built.frame))
    downloads.button(
        of.label,
        lambda: to_excel(of.read(), built.columns, sheet=file_name, shares=built.shares),
        file_name=f"{file_name}.xlsx",
        what=what or alt,
        rows=of.rows,
        key=f"{key}.export",
        tertiary=True,
    )
    if not select:
        return None
    rows: list[int] = cast("dict[str, Any]", event)["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(built.frame) else None


def choose_cell(
    shown: pa.Table, config: dict[str, Any], *, key: str, alt: str
) -> tuple[int, str] | None:
    """Draw a table as high as its rows of which single cells can be chosen; return the chosen one.

    A cell is the position of its row and the header of its column. What a browser says of cells
    that there are not is no choice.
    """
    event = st.dataframe(
        shown,
        hide_index=True,
        height=HEADER_HEIGHT + ROW_HEIGHT * max(shown.num_rows, 1),
        column_config=config,
        placeholder=MISSING,
        alt=alt,
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
    )
    cells = cast("dict[str, Any]", event)["selection"]["cells"]
    for row, header in cells:
        if isinstance(row, int) and 0 <= row < shown.num_rows and header in shown.column_names:
            return row, header
    return None
