"""The figures of a week, county by county, in one long list: what is frozen for a meeting.

A list of indicators can be stored, compared with itself a week later, and turned back into
the table that the overview judges (:func:`as_counties`), so that a frozen week is judged by
the very same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis import fee_figures as fees
from analysis import registration
from analysis.fee_figures import CHECKS, charge_limits
from analysis.overview import fractions
from analysis.refunds import WATCH, watch_list


class Figure(StrEnum):
    """What is reported of a county's week; codes are what the database keeps."""

    COVERAGE = "coverage"
    QUALIFIED_SHARE = "qualified_share"
    REGISTERED_BEFORE = "registered_before"
    OPEN_ITEMS = "open_items"
    OVERDUE_ITEMS = "overdue_items"
    DUE_THIS_WEEK = "due_this_week"
    RELAPSE = "relapse"
    ITEMS_OPENED = "items_opened"
    ITEMS_CLOSED = "items_closed"
    OPEN_DISPUTES = "open_disputes"
    DISPUTED_STUDENTS = "disputed_students"
    DISPUTED_YUAN = "disputed_yuan"
    DISPUTES_OPENED = "disputes_opened"
    DISPUTES_RESOLVED = "disputes_resolved"
    WATCH_LIST = "watch_list"
    WATCH_LIST_UNPLANNED = "watch_list_unplanned"
    WATCH_LIST_STUDENTS = "watch_list_students"
    WATCH_LIST_YUAN = "watch_list_yuan"
    REPORTS = "reports"
    REPORTS_BEFORE = "reports_before"
    SUBSTANTIATED = "substantiated"
    INSPECTIONS = "inspections"
    PREMISES_CHECKED = "premises_checked"
    REPORTS_HANDLED = "reports_handled"
    JOINT_INSPECTIONS = "joint_inspections"
    SUPERVISED = fees.SUPERVISED
    ILLEGAL_CHARGES = fees.ILLEGAL_CHARGES
    STOPPED_WITH_MONEY = fees.STOPPED
    STOPPED_YUAN = fees.STOPPED_YUAN
    STAFF_CHECKS = "staff_checks"
    MATERIALS_CHECKS = "materials_checks"
    SAFETY_CHECKS = "safety_checks"
    EPIDEMIC_CHECKS = "epidemic_checks"
    CONTEST_CHECKS = "contest_checks"
    CHECK_FINDINGS = fees.FINDINGS
    CHECK_FINDINGS_LATE = fees.FINDINGS_LATE


@dataclass(frozen=True, slots=True)
class Said:
    """How a figure is called; ``unit`` is that of the numerator, and of a share its denominator."""

    title: str
    unit: str
    is_share: bool = False


SAID: Final[dict[Figure, Said]] = {
    Figure.COVERAGE: Said("登记覆盖率", "家", is_share=True),
    Figure.QUALIFIED_SHARE: Said("合格登记率", "家", is_share=True),
    Figure.REGISTERED_BEFORE: Said("四周前已登记", "家"),
    Figure.OPEN_ITEMS: Said("未销号整改", "件"),
    Figure.OVERDUE_ITEMS: Said("逾期整改", "件", is_share=True),
    Figure.DUE_THIS_WEEK: Said("本周到期整改", "件"),
    Figure.RELAPSE: Said("反弹率", "件", is_share=True),
    Figure.ITEMS_OPENED: Said("本周新立整改", "件"),
    Figure.ITEMS_CLOSED: Said("本周销号", "件"),
    Figure.OPEN_DISPUTES: Said("未化解纠纷", "件"),
    Figure.DISPUTED_STUDENTS: Said("未化解涉及学生", "人"),
    Figure.DISPUTED_YUAN: Said("未化解金额", "元"),
    Figure.DISPUTES_OPENED: Said("本周新增纠纷", "件"),
    Figure.DISPUTES_RESOLVED: Said("本周化解纠纷", "件"),
    Figure.WATCH_LIST: Said("一企一策机构", "家"),
    Figure.WATCH_LIST_UNPLANNED: Said("一企一策没有方案", "家", is_share=True),
    Figure.WATCH_LIST_STUDENTS: Said("一企一策涉及学生", "人"),
    Figure.WATCH_LIST_YUAN: Said("一企一策未化解金额", "元"),
    Figure.REPORTS: Said("本周举报", "件"),
    Figure.REPORTS_BEFORE: Said("上周同期举报", "件"),
    Figure.SUBSTANTIATED: Said("本周核实属实", "件", is_share=True),
    Figure.INSPECTIONS: Said("本周检查", "次"),
    Figure.PREMISES_CHECKED: Said("场地核查率", "家", is_share=True),
    Figure.REPORTS_HANDLED: Said("举报核查完成率", "件", is_share=True),
    Figure.JOINT_INSPECTIONS: Said("联合检查占比", "次", is_share=True),
    Figure.SUPERVISED: Said("预收费监管率", "家", is_share=True),
    Figure.ILLEGAL_CHARGES: Said("本周违规预收费", "笔", is_share=True),
    Figure.STOPPED_WITH_MONEY: Said("停业仍有预收款机构", "家"),
    Figure.STOPPED_YUAN: Said("停业机构未上完课的预收款", "元"),
    **{Figure(code): Said(f"{words}检查率", "家", is_share=True) for code, words in CHECKS.items()},
    Figure.CHECK_FINDINGS: Said("专项检查发现未销号", "个", is_share=True),
    Figure.CHECK_FINDINGS_LATE: Said("专项检查发现逾期", "个"),
}
_Parts = dict[Figure, tuple[pd.Series, pd.Series | None]]
_PACE: Final = timedelta(days=registration.DAYS_A_WEEK * registration.PACE_WEEKS)


def limits() -> dict[str, Any]:
    """Return the settings by which ``meeting_counts`` counts."""
    return {"recent_days": WATCH.days, "charged_beyond": charge_limits()}


def week_figures(counts: Mapping[str, pd.DataFrame], *, as_of: date) -> pd.DataFrame:
    """Work out every figure of every county.

    ``counts`` is ``meeting_counts.counts`` as of that day, by :func:`limits`. Figures of the
    week are those of the reporting week of the day, up to it. What does not happen is a 0: every
    county has a row for every figure.

    Returns, in the order of the counties and of :class:`Figure`:

    ===========  =======  ==================================================================
    county_code  str      reporting unit
    indicator    str      code of :class:`Figure`
    numerator    float64  a count, or yuan
    denominator  float64  of a share; NaN where the figure is a count
    ===========  =======  ==================================================================
    """
    day = pd.Timestamp(as_of)
    course = counts["course"]
    codes = pd.Index(course["county_code"].unique(), dtype="str")

    def on_day(frame: pd.DataFrame, when: pd.Timestamp = day) -> pd.DataFrame:
        return frame[frame["day"] == when].set_index("county_code")

    def this_week(name: str, status: str | None = None) -> pd.Series:
        rows = counts[name]
        rows = rows[(rows["week"] >= day) & (rows["week"] < day + pd.Timedelta(days=7))]
        if status is not None:
            rows = rows[rows["status"] == status]
        return rows.groupby("county_code")["n"].sum()

    now, then = on_day(course), on_day(course, day - _PACE)
    items, disputes = on_day(counts["items"]), on_day(counts["disputes"])
    relapse = counts["relapse"].set_index("county_code")
    points = counts["points"].set_index("county_code")
    watched = watch_list(counts["institutions"], counts["plans"])
    watched_sizes = watched.groupby("county_code").size()
    watched_sums = watched.groupby("county_code")[["students", "amount_yuan"]].sum()
    parts: _Parts = {
        Figure.COVERAGE: (now["registered"], now["in_operation"]),
        Figure.QUALIFIED_SHARE: (now["qualified_registered"], now["qualified"]),
        Figure.REGISTERED_BEFORE: (then["registered"], None),
        Figure.OPEN_ITEMS: (items["open"], None),
        Figure.OVERDUE_ITEMS: (items["overdue"], items["open"]),
        Figure.DUE_THIS_WEEK: (items["due_this_week"], None),
        Figure.RELAPSE: (relapse["relapsed"], relapse["closed_before"]),
        Figure.ITEMS_OPENED: (this_week("items_opened"), None),
        Figure.ITEMS_CLOSED: (this_week("items_closed"), None),
        Figure.OPEN_DISPUTES: (disputes["open"], None),
        Figure.DISPUTED_STUDENTS: (disputes["students"], None),
        Figure.DISPUTED_YUAN: (disputes["amount_yuan"], None),
        Figure.DISPUTES_OPENED: (this_week("disputes_opened"), None),
        Figure.DISPUTES_RESOLVED: (this_week("disputes_resolved"), None),
        Figure.WATCH_LIST: (watched_sizes, None),
        Figure.WATCH_LIST_UNPLANNED: (
            watched[~watched["has_plan"]].groupby("county_code").size(),
            watched_sizes,
        ),
        Figure.WATCH_LIST_STUDENTS: (watched_sums["students"], None),
        Figure.WATCH_LIST_YUAN: (watched_sums["amount_yuan"], None),
        Figure.REPORTS: (this_week("reports"), None),
        Figure.REPORTS_BEFORE: (counts["reports_before"].groupby("county_code")["n"].sum(), None),
        Figure.SUBSTANTIATED: (
            this_week("verified", "substantiated"),
            this_week("verified"),
        ),
        Figure.INSPECTIONS: (this_week("inspections"), None),
        Figure.PREMISES_CHECKED: (points["premises_checked"], points["in_operation"]),
        Figure.REPORTS_HANDLED: (points["handled"], points["received"]),
        Figure.JOINT_INSPECTIONS: (points["joint"], points["inspections"]),
    }

    parts |= _of_fees(counts, as_of)
    return _in_one_list(codes, parts)


def fee_figures(counts: Mapping[str, pd.DataFrame], *, as_of: date) -> pd.DataFrame:
    """Work out the figures on prepaid money and checks alone: rows of :func:`week_figures`.

    ``counts`` is ``meeting_counts.overview_counts`` as of that day.
    """
    codes = pd.Index(counts["course"]["county_code"].unique(), dtype="str")
    return _in_one_list(codes, _of_fees(counts, as_of))


def _of_fees(counts: Mapping[str, pd.DataFrame], as_of: date) -> _Parts:
    return {Figure(code): pair for code, pair in fees.parts(counts, as_of=as_of).items()}


def _in_one_list(codes: pd.Index, parts: _Parts) -> pd.DataFrame:
    def of_all(values: pd.Series | None) -> np.ndarray:
        if values is None:
            return np.full(len(codes), np.nan)
        return values.reindex(codes).astype("float64").fillna(0).to_numpy()

    figures = [figure for figure in Figure if figure in parts]
    numerators = np.column_stack([of_all(parts[figure][0]) for figure in figures])
    denominators = np.column_stack([of_all(parts[figure][1]) for figure in figures])
    return pd.DataFrame(
        {
            "county_code": pd.Series(codes.repeat(len(figures)), dtype="str"),
            "indicator": pd.Series([str(each) for each in figures] * len(codes), dtype="str"),
            "numerator": numerators.ravel(),
            "denominator": denominators.ravel(),
        }
    )


def as_counties(
    figures: pd.DataFrame, units: pd.DataFrame, *, as_of: date, ends_on: date
) -> pd.DataFrame:
    """Turn the figures of one day back into what ``analysis.overview.by_county`` returns.

    ``figures`` is :func:`week_figures`, frozen or not; ``units`` has ``county_code``,
    ``county``, ``short_name`` and ``boundary_code`` in the order of the city's documents.
    Units of which the figures say nothing are left out: when the week was frozen they did not
    report on their own yet. ``ends_on`` is the last day of the campaign.

    Raises:
        KeyError: a figure is missing altogether.
    """
    numerators, denominators = (
        figures.pivot(index="county_code", columns="indicator", values=name)
        for name in ("numerator", "denominator")
    )
    known = units[units["county_code"].isin(numerators.index)].reset_index(drop=True)
    numerators = numerators.reindex(known["county_code"])
    denominators = denominators.reindex(known["county_code"])

    def count(figure: Figure) -> np.ndarray:
        return numerators[figure].to_numpy().astype("int64")

    def whole(figure: Figure) -> np.ndarray:
        return denominators[figure].to_numpy().astype("int64")

    names = ["county_code", "county", "short_name", "boundary_code"]
    now = known[names].assign(
        day=pd.Series([pd.Timestamp(as_of)] * len(known), dtype="datetime64[s]"),
        in_operation=whole(Figure.COVERAGE),
        registered=count(Figure.COVERAGE),
        qualified=whole(Figure.QUALIFIED_SHARE),
        qualified_registered=count(Figure.QUALIFIED_SHARE),
    )
    at_first = pd.Series(numerators[Figure.REGISTERED_BEFORE].to_numpy(), index=now.index)
    found = registration.projected(now, at_first, ends_on=ends_on)
    return found.assign(
        registered_written=fractions(found["registered"], found["in_operation"]),
        qualified_written=fractions(found["qualified_registered"], found["qualified"]),
        open_items=count(Figure.OPEN_ITEMS),
        overdue_items=count(Figure.OVERDUE_ITEMS),
        open_disputes=count(Figure.OPEN_DISPUTES),
        amount_yuan=numerators[Figure.DISPUTED_YUAN].to_numpy(),
        reports=count(Figure.REPORTS),
        reports_before=count(Figure.REPORTS_BEFORE),
        substantiated_written=fractions(
            pd.Series(count(Figure.SUBSTANTIATED)), pd.Series(whole(Figure.SUBSTANTIATED))
        ),
        inspections=count(Figure.INSPECTIONS),
    )
