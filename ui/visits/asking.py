"""What a new plan is asked for: days, teams, start places, hours, the lot, who must be visited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from ui.filters import Filters
from ui.formatting import plain
from ui.visits.start_places import START_PLACES

MOST_TEAMS: Final = 8
MOST_STOPS: Final = 120
LONGEST: Final = 5  # days
LEAST_SHARE, SHARE = 5, 20  # percent by lot
LEAVE_OUT_DAYS: Final = 30
FIRST_HOUR, LAST_HOUR = time(8, 30), time(20, 30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks of a plan."""

    first_day: date
    last_day: date
    teams: int
    team_size: int
    most_stops: int
    share: float
    starts: tuple[str, ...]
    starts_at: time
    ends_at: time
    leave_out_days: int
    departments: tuple[str, ...]
    must: tuple[str, ...]

    @property
    def days(self) -> list[date]:
        """Every day of the plan."""
        return [
            self.first_day + timedelta(days=n)
            for n in range((self.last_day - self.first_day).days + 1)
        ]

    def parameters(self, chosen: Filters, **more: Any) -> dict[str, Any]:
        """Return the choices as the plan keeps them; ``more`` is what the lot was drawn from."""
        return {
            "as_of": chosen.as_of.isoformat(),
            "chosen_counties": list(chosen.counties),
            "categories": list(chosen.categories),
            "teams": self.teams,
            "team_size": self.team_size,
            "most_stops": self.most_stops,
            "share": self.share,
            "starts": list(self.starts),
            "leave_out_days": self.leave_out_days,
            "departments": list(self.departments),
            **more,
        }


def ask(
    chosen: Filters, scored: pd.DataFrame, officers: pd.DataFrame, units: Mapping[str, str]
) -> Wanted | None:
    """Draw the form of a new plan; return what is asked for when it is sent.

    Counties, categories and the day come from the filters that all pages share.
    """
    with st.form("visits.new", border=True):
        # Two days and what stands between them need more room than a number.
        widths = [5, 4, 4, 4]
        first, second, third, fourth = st.columns(widths)
        tomorrow = chosen.as_of + timedelta(days=1)
        days = first.date_input("日期（起止）", value=(tomorrow, tomorrow), key="visits.days")
        teams = second.number_input("小组数", 1, MOST_TEAMS, 2, key="visits.teams")
        size = third.number_input("每组人数", 1, 6, 2, key="visits.size")
        stops = fourth.number_input("最多查几处", 1, MOST_STOPS, 12, key="visits.stops")
        first, second, third, fourth = st.columns(widths)
        share = first.number_input(
            "抽签占比（%）",
            LEAST_SHARE,
            100,
            SHARE,
            step=5,
            key="visits.share",
            help="其余按风险分由高到低。至少抽 1 处：只去分高的地方，就不知道别处怎样。",
        )
        starts_at = second.time_input("出发时间", FIRST_HOUR, key="visits.starts_at")
        ends_at = third.time_input("收队时间", LAST_HOUR, key="visits.ends_at")
        leave_out = fourth.number_input(
            "近几天查过的不再去", 0, 365, LEAVE_OUT_DAYS, key="visits.leave_out"
        )
        left, right = st.columns(2)
        starts = left.multiselect(
            "出发地（各组轮流取用）", list(START_PLACES), list(START_PLACES)[:1], key="visits.from"
        )
        departments = right.multiselect(
            "联合部门（抽签只从这些部门的人员中抽）",
            sorted(officers.loc[officers["active"], "department"].unique()),
            placeholder="全部",
            key="visits.departments",
        )
        names = dict(
            zip(scored["key"], scored["county_code"].map(units) + scored["name"], strict=True)
        )
        must = st.multiselect(
            "必到的地点",
            list(names),
            format_func=names.__getitem__,
            placeholder="没有",
            key="visits.must",
            help="直接列入计划，不参加抽签，不受“近几天查过的不再去”限制。",
        )
        sent = st.form_submit_button("抽签并建立计划", type="primary", icon=":material/casino:")
    if not sent:
        return None
    span: tuple[date, ...] = days if isinstance(days, tuple) else (days,)
    wrong = _wrong(span, starts, starts_at, ends_at, len(must), int(stops))
    if wrong:
        st.error(plain(wrong), icon=":material/error:")
        return None
    return Wanted(
        span[0],
        span[-1],
        int(teams),
        int(size),
        int(stops),
        float(share) / 100,
        tuple(starts),
        starts_at,
        ends_at,
        int(leave_out),
        tuple(departments),
        tuple(must),
    )


def _wrong(
    days: tuple[date, ...],
    starts: list[str],
    starts_at: time,
    ends_at: time,
    must: int,
    stops: int,
) -> str | None:
    if len(days) != 2:
        return "请选好起止两个日期；只去一天就点同一天两次。"
    if (days[1] - days[0]).days >= LONGEST:
        return f"一个计划最多 {LONGEST} 天，请缩短日期，或分成几个计划。"
    if not starts:
        return "请至少选一个出发地。"
    if ends_at <= starts_at:
        return "收队时间要晚于出发时间。"
    if must > stops:
        return f"必到的地点有 {must} 处，超过最多查的 {stops} 处。请加大处数或减少必到的地点。"
    return None
