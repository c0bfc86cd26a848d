"""What ends a plan: sealed, its sheets taken, released; or given up as a draft."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from data_access import visit_plan_changes, vocabulary
from data_access.accounts import User
from ui import downloads
from ui.exports.visit_sheets import TeamSheet, team_sheet_pdf, visit_workbook
from ui.rows import in_words
from ui.visits import choosing
from ui.visits.names import named
from ui.visits.stored import Stored


def draft(user: User, stored: Stored) -> None:
    """Offer to seal a draft, or to give it up; each is asked for twice."""
    plan = stored.plan
    key = f"{plan.id}.{plan.row_version}"
    with st.popover("封存计划", disabled=stored.stops.empty):
        st.write(
            "封存后任何人都不能再改动。候选、抽签、路线的摘要记入访问日志，公布后可用命令核对抽签是否如实。"
        )
        if st.button("确认封存", type="primary", key=f"visits.seal.{key}"):
            choosing.do(
                lambda: visit_plan_changes.seal(user, plan.id, plan.row_version),
                "计划已封存，可以下载各组的工作单。",
            )
    with st.popover("放弃草稿"):
        st.write("草稿连同候选和抽签一并删除。抽签的种子仍留在访问日志中。")
        if st.button("确认删除草稿", key=f"visits.delete.{key}"):
            choosing.do(
                lambda: visit_plan_changes.delete_draft(user, plan.id),
                "草稿已删除。",
                go_to=lambda _: None,
            )


def sheets(stored: Stored, units: dict[str, str]) -> None:
    """Offer the sheets of each team, and all of them as one workbook."""
    found = team_sheets(stored, units)
    for sheet in found:
        downloads.button(
            f"第 {sheet.team} 组工作单",
            partial(team_sheet_pdf, sheet),
            file_name=f"暗访计划{stored.plan.id}_第{sheet.team}组工作单.pdf",
            what="暗访工作单",
            rows=len(sheet.stops),
            key=f"visits.sheet.{stored.plan.id}.{sheet.team}",
        )
    downloads.button(
        "全部工作单（Excel）",
        lambda: visit_workbook(found),
        file_name=f"暗访计划{stored.plan.id}_工作单.xlsx",
        what="暗访工作单",
        rows=len(stored.stops),
        key=f"visits.sheets.{stored.plan.id}",
    )


def team_sheets(stored: Stored, units: dict[str, str]) -> list[TeamSheet]:
    """Return what each team takes along; neither scores nor reasons are in it."""
    stops = named(stored.with_places(), units)
    stops = stops.assign(
        category=in_words(stops["category"], vocabulary.CATEGORY),
        visit_kind=pd.Series(None, index=stops.index, dtype="str"),
    )
    days = list(pd.date_range(stored.plan.first_day, stored.plan.last_day).date)
    return [
        TeamSheet(
            plan=f"{stored.plan.id} 号",
            team=int(team["team"]),
            days=days,
            officers=team["officers"],
            start_name=str(team["start_name"]),
            starts_at=team["starts_at"],
            ends_at=team["ends_at"],
            stops=stops[stops["team"] == team["team"]].reset_index(drop=True),
        )
        for team in stored.teams.to_dict("records")
    ]
