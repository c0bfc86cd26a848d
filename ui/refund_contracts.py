"""Disputes with and without the standard contract on screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import contracts as judgement
from data_access import refund_weeks
from data_access.accounts import User
from data_access.weeks import WEEK
from ui import formatting, tables
from ui.filters import Filters
from ui.formatting import count, plain
from ui.load import load
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


def build(conn: Any, **asked: Any) -> tuple[str, Table]:
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


def show(user: User, chosen: Filters) -> None:
    """Draw the comparison, folded: it is of the half year, and not of the week."""
    said, groups = load(build, user, chosen)
    with st.expander("使用与未使用示范合同的机构，退费纠纷各有多少"):
        st.caption(plain(said))
        if not groups.empty:
            tables.show(
                groups,
                key="refunds.contracts",
                file_name="退费纠纷与示范合同",
                alt="使用与未使用示范合同的机构及其退费纠纷",
            )


def _rate(row: dict[Any, Any]) -> str:
    if row["contract"] == "unlinked":
        return formatting.MISSING
    if formatting.is_missing(row["per_100"]):
        return f"{count(row['disputes'])} 件 / {count(row['institutions'])} 家"
    return f"{row['per_100']:.1f}（{row['low']:.1f}–{row['high']:.1f}）"
