"""街道、乡镇 on a page: what each town has open, and the list that a county hands to it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access import towns
from data_access.accounts import User
from data_access.scope import Scope
from ui import formatting, tables
from ui.filters import Filters
from ui.formatting import plain
from ui.load import load
from ui.tables import Table, table

NOT_TOLD: Final = "未能判定街道"
TOWNS_HEIGHT: Final = 330
ROWS_HEIGHT: Final = 330
_COUNTS: Final = {
    "reports": "open_reports",
    "items": "open_items",
    "overdue": "overdue_items",
    "disputes": "open_disputes",
    "unregistered": "unregistered_institutions",
    "unqualified": "unqualified_institutions",
}
# What is open, and what a street can do about it.
_KINDS: Final = {
    "report": ("举报", "协助核实，尽快答复"),
    "item": ("整改", "督促整改，准备销号材料"),
    "dispute": ("退费纠纷", "协调化解"),
    "unregistered": ("未登记平台", "督促登记全国平台"),
    "unqualified": ("未核查合格", "配合核查"),
}


def build(conn: Any, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()) -> Table:
    """Return one line a town, what could not be told last; of released rows alone."""
    found = towns.open_by_town(conn, scope=scope.released(), as_of=as_of, categories=categories)
    shown = found.assign(town=found["town"].fillna(NOT_TOLD)).rename(columns=_COUNTS)
    return table(shown, ["county", "town", *_COUNTS.values()])


def build_rows(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    county_code: str,
    town_code: str,
) -> Table:
    """Return what is open in one town: the workbook that its street gets."""
    found = towns.open_in_town(
        conn,
        scope=scope.released(),
        as_of=as_of,
        categories=categories,
        county_code=county_code,
        town_code=town_code,
    )
    shown = found.assign(
        open_kind=found["kind"].map({kind: words[0] for kind, words in _KINDS.items()}),
        row_number=found["number"],
        row_name=found["name"],
        issue_type=found["what"],
        open_since=found["since"],
        waiting_days=(pd.Timestamp(as_of) - found["since"]).dt.days,
        street_does=found["kind"].map({kind: words[1] for kind, words in _KINDS.items()}),
    )
    columns = ("open_kind", "row_number", "row_name", "address", "issue_type", "open_since")
    return table(shown, [*columns, "waiting_days", "due_on", "street_does"], wide=["address"])


def show(user: User, chosen: Filters) -> None:
    """Draw the towns of the chosen counties; a chosen one's rows, to hand on as a workbook."""
    lines = load(build, user, chosen)
    if lines.empty:
        st.info("所选范围内没有待办的举报、整改、纠纷和机构，没有要交给街道的。")
        return
    st.subheader(plain(_headline(lines.frame)), anchor=False)
    row = tables.show(
        lines,
        key="towns",
        file_name="各街道乡镇待办",
        alt="各街道乡镇待办，点选一行看明细",
        height=TOWNS_HEIGHT,
        select=True,
    )
    if row is None:
        st.caption(
            "在表中点选一行，这里列出该街道（乡镇）的待办，可下载后交给街道办理。"
            "街道按机构和举报的地址判定：地址里没有写街道、乡镇的，或写了不止一个的，列入"
            f"“{NOT_TOLD}”，补全地址后自动归入。各行相加等于县区总数。"
        )
        return
    _show_rows(user, chosen, lines.frame.iloc[row])


def _headline(lines: pd.DataFrame) -> str:
    told = lines[lines["town_code"] != towns.NOT_TOLD]
    untold = int(lines.loc[lines["town_code"] == towns.NOT_TOLD, _no_overdue()].to_numpy().sum())
    said = f"{formatting.count(len(told))} 个街道（乡镇）有待办"
    if not told.empty:
        sums = told[_no_overdue()].sum(axis=1)
        most = told.iloc[int(sums.to_numpy().argmax())]
        said += f"，最多的是{most['county']}{most['town']} {formatting.count(sums.max())} 项"
    return f"{said}；{formatting.count(untold)} 项{NOT_TOLD}" if untold else said


def _no_overdue() -> list[str]:
    return [name for name in _COUNTS.values() if name != "overdue_items"]


def _show_rows(user: User, chosen: Filters, line: Any) -> None:
    asked = {"county_code": str(line["county_code"]), "town_code": str(line["town_code"])}
    found = load(build_rows, user, chosen, **asked)
    name = f"{line['county']}{line['town']}"
    st.markdown(f"**{plain(name)}**：待办 {len(found.frame)} 项，每类旧的在前")
    tables.show(
        found,
        key=f"towns.{asked['county_code']}.{asked['town_code']}",
        file_name=f"{name}待办",
        alt="所选街道（乡镇）的待办",
        height=ROWS_HEIGHT,
    )
