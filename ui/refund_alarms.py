"""退费预警 on screen: whose weekly count passes its bounds, and the weeks before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import alarms as judgement
from analysis.signs import Alarm, alarms_of
from data_access import refund_weeks
from data_access.accounts import User
from data_access.weeks import WEEK, last_full_week, last_weeks, reporting_week
from ui.arriving import DISPUTES, arriving
from ui.charts.base import spec
from ui.charts.refund_alarms import course_bars
from ui.filters import Filters
from ui.formatting import count, day, is_missing, plain
from ui.load import load
from ui.refund_plans import institution_of
from ui.tables import Table, table

SHOWN_WEEKS: Final = 4  # of which alarms are listed
COURSE_WEEKS: Final = 26
WHOLE_COUNTY: Final = "全县区"
RULE_WORDS: Final = {"c1": "C1", "c2": "C2", "nb": "负二项"}
BOUNDS_IN_WORDS: Final = (
    "规则后的数是它的界限（件）：一周登记的多于它，即为越界；"
    "C1 看前 7 周，C2 看隔开最近两周的前 7 周，负二项看前 13 周"
)
_COLUMNS: Final = ("week", "alarm_of", "cases", "rules_passed", "usual", "county")


def build_list(conn: Any, **asked: Any) -> tuple[str, Table]:
    """List the alarms of the last full weeks, the newest first; say how many would be false."""
    last = last_full_week(asked["as_of"])
    by_kind = _by_kind(conn, last, **asked)
    weeks = [pd.Timestamp(last - WEEK * back) for back in range(SHOWN_WEEKS)]
    found = [
        judgement.of_week(wide[wide.index <= week]).assign(week=week)
        for week in weeks
        for wide in by_kind
    ]
    rows = pd.concat(found, ignore_index=True).astype({"week": "datetime64[s]"})
    late = arriving(conn, DISPUTES, **asked).weeks - (last != reporting_week(asked["as_of"]))
    rates = [judgement.false_alarms_a_year(wide.to_numpy()) for wide in by_kind]
    said = _sentence(rows[rows["week"] == weeks[0]], last, rates=rates, is_provisional=late > 0)
    return said, table(_worded(rows), _COLUMNS, wide=["rules_passed"])


def of_last_week(conn: Any, **asked: Any) -> str:
    """Say in a clause how many counties and institutions give an alarm; empty where none does."""
    rows = latest(conn, **asked)
    is_one = rows["institution_name"].notna()
    return "、".join(_whose(rows[~is_one], rows[is_one]))


def latest(conn: Any, **asked: Any) -> pd.DataFrame:
    """Return the alarms of the last full week: counties, without an institution, and those."""
    by_kind = _by_kind(conn, last_full_week(asked["as_of"]), **asked)
    return pd.concat(map(judgement.of_week, by_kind), ignore_index=True)


def signs(conn: Any, **asked: Any) -> tuple[Alarm, ...]:
    """Tell the alarms of the last full week, institutions first."""
    return alarms_of(latest(conn, **asked))


def build_course(
    conn: Any, *, county_code: str, institution: int | str | None, **asked: Any
) -> dict[str, Any] | None:
    """Draw the weeks of one county, or of one institution in it, with their bounds."""
    _, wide = _by_kind(conn, last_full_week(asked["as_of"]), **asked)
    wide = wide.loc[:, wide.columns.get_level_values("county_code") == county_code]
    if institution is not None:
        column = "institution_id" if isinstance(institution, int) else "name_key"
        wide = wide.loc[:, wide.columns.get_level_values(column) == institution]
    if wide.empty or not wide.shape[1]:
        return None
    whole = wide.sum(axis=1, skipna=False).to_frame()
    return spec(course_bars(judgement.course(whole, 0, weeks=COURSE_WEEKS)))


def show_course(user: User, chosen: Filters, row: dict[str, Any] | None) -> None:
    """Draw the course of the row that is chosen in the list of :func:`build_list`."""
    if row is None:
        return
    institution = institution_of(row)
    drawn = load(
        build_course, user, chosen, county_code=row["county_code"], institution=institution
    )
    name = f"{row['institution_name']}（{row['county']}）" if institution else row["county"]
    st.markdown(f"**{plain(name)}**：每周登记的纠纷与三条界限")
    if drawn is not None:
        st.vega_lite_chart(drawn, key="refunds.alarm", alt="所选县区或机构每周登记的纠纷与预警界限")


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    number = rows["institution_id"].astype("Int64")
    rules = [
        "；".join(
            f"{word} {bound:.1f}"
            for word, bound in zip(RULE_WORDS.values(), bounds, strict=True)
            if n > bound
        )
        for n, *bounds in rows[["n", *RULE_WORDS]].itertuples(index=False)
    ]
    return rows.assign(
        institution_id=number.where(number > 0),
        alarm_of=rows["institution_name"].fillna(rows["county"] + f"（{WHOLE_COUNTY}）"),
        cases=rows["n"].astype("int64"),
        usual=rows["usual"].round(1),
        rules_passed=pd.Series(rules, index=rows.index, dtype="str"),
    )


def _sentence(
    now: pd.DataFrame, last: date, *, rates: Sequence[float], is_provisional: bool
) -> str:
    is_one = now["institution_name"].notna()
    whose = "、".join(_whose(now[~is_one], now[is_one]))
    said = f"{day(last)}这一周" + (
        f"有 {whose}的登记数越过界限。" if whose else "没有县区或机构的登记数越过界限。"
    )
    if is_provisional:
        said += "这一周还有迟报的，数字可能再增加。"
    if any(is_missing(rate) for rate in rates):
        return f"{said}在册不足 14 周，误报率还不能推算。"
    return (
        f"{said}三条规则中至少两条越界才列入；按各自平时的起伏推算，即使没有异常，"
        f"所选范围一年也会误报县区约 {_times(rates[0])}、机构约 {_times(rates[1])}。"
        f"{BOUNDS_IN_WORDS}。"
    )


def _by_kind(conn: Any, last: date, **asked: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weeks up to ``last`` by county and by institution."""
    weeks = last_weeks(last, judgement.WEEKS)
    counts = refund_weeks.institution_weeks(conn, **asked | {"as_of": last}, weeks=tuple(weeks))
    return judgement.by_kind(counts, weeks=weeks)


def _whose(counties: pd.DataFrame, institutions: pd.DataFrame) -> list[str]:
    named = ((counties, "个县区"), (institutions, "家机构"))
    return [f"{count(len(found))} {unit}" for found, unit in named if len(found)]


def _times(rate: float) -> str:
    return f"{rate:.0f} 次" if rate >= 1 else "不到 1 次"
