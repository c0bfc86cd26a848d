"""Disputes with and without the standard contract on screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pandas as pd

from analysis import contracts as judgement
from data_access import refund_weeks
from data_access.weeks import WEEK
from ui import formatting
from ui.formatting import count
from ui.tables import Table, table

WEEKS: Final = 26
_WORDS: Final = {
    "yes": "使用",
    "no": "未使用",
    "unknown": "台账未填",
    "unlinked": "纠纷未对上机构",
}
_COLUMNS: Final = (
    *("contract_written", "contract_institutions", "contract_disputes", "per_100_written"),
    "contract_students",
)


def build_list(conn: Any, **asked: Any) -> tuple[str, Table]:
    """Count disputes of the last half year by standard contract; compare, and claim nothing."""
    since = asked["as_of"] - WEEKS * WEEK + timedelta(days=1)
    rated = judgement.rates(refund_weeks.by_contract(conn, **asked, since=since))
    rows = rated.assign(
        contract_written=rated["contract"].map(_WORDS),
        contract_institutions=rated["institutions"],
        contract_disputes=rated["disputes"],
        contract_students=rated["students"],
        per_100_written=pd.Series(
            [_rate(row) for row in rated.to_dict("records")], index=rated.index, dtype="str"
        ),
    )
    said = f"{formatting.full_day(since)}起登记的纠纷。{judgement.sentence(rated)}"
    return said, table(rows, _COLUMNS, wide=["per_100_written"])


def _rate(row: dict[Any, Any]) -> str:
    if row["contract"] == "unlinked":
        return formatting.MISSING
    if formatting.is_missing(row["per_100"]):
        return f"{count(row['disputes'])} 件 / {count(row['institutions'])} 家"
    return f"{row['per_100']:.1f}（{row['low']:.1f}–{row['high']:.1f}）"
