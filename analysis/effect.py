"""The campaign's weeks held against the weeks before: averages, differences, and how sure.

This is a comparison of before and during, without a group that had no campaign. So nothing here
says that the campaign brought a difference about, and `CAVEATS` stand beside every table of it.

An interval is that of a bootstrap over weeks: weeks are drawn again with replacement,
``RESAMPLES`` times, before and during apart, and the middle 95 % of the differences are taken.
Whole weeks are drawn because cases of one week are not independent of each other. With fewer
than ``FEWEST_WEEKS`` weeks on a side, or fewer than ``FEWEST_CASES`` cases, there is none: draws
of almost nothing differ too little.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.wording import MINUS, MISSING, day, listed

MOST_WEEKS: Final = 13
FEWEST_WEEKS: Final = 4
FEWEST_CASES: Final = 10
RESAMPLES: Final = 2_000
SEED: Final = 20220701  # the same table has the same interval whenever it is drawn
Floats = npt.NDArray[np.float64]
_WEEK: Final = timedelta(days=7)
_TO_FRIDAY: Final = timedelta(days=6)
CAVEATS: Final = (
    "只是行动期间与行动前相比，没有未开展行动的地方作对照，不能据此认定是行动带来的。",
    "举报多少是弱证据：宣传、公布举报电话和检查本身都会使举报增多，举报多不等于违规多。",
    "行动期间正值暑假，培训和举报本来就随季节变化；没有与去年同期相比。",
    "近几周的台账还可能陆续补报，最近的数字偏低。",
    "检查去哪里不是随机的，查出率随选点变化；闭门未开的检查不算在查出率里。",
    "台账刚开始时看不到更早立账的事项，行动前的销号天数因此偏短。",
    "区间按周重抽样 2,000 次得出（取中间 95%），周数少时偏窄；"
    "同时比较多项，个别项偶然显出差别并不意外。",
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing compared: its name, unit, and what it is made of.

    ``unit`` is 件, 次 and the like for numbers a week, ``share`` or ``days``. ``cases`` and
    ``of`` pick rows of ``data_access.effect.counts``; without ``of`` it is cases a week.
    """

    name: str
    unit: str
    subject: str
    cases: Callable[[pd.DataFrame], pd.Series] | None = None
    of: Callable[[pd.DataFrame], pd.Series] | None = None


def _is(column: str, *values: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[column].isin(values)


INDICATORS: Final = (
    Indicator("每周举报", "件", "violation_report"),
    Indicator(
        "举报核实率",
        "share",
        "violation_report_verified",
        _is("status", "substantiated"),
        _is("status", "substantiated", "unsubstantiated"),
    ),
    Indicator("每周检查", "次", "inspection"),
    Indicator(
        "检查查出率",
        "share",
        "inspection",
        _is("status", "violation"),
        _is("status", "violation", "clear"),
    ),
    Indicator("每周整改立账", "件", "rectification_opened"),
    Indicator("每周整改销号", "件", "rectification_closed"),
    Indicator("销号用时中位数", "days", "rectification_closed"),
    Indicator("每周退费纠纷登记", "件", "refund_dispute_opened"),
    Indicator("每周退费纠纷化解", "件", "refund_dispute_resolved"),
    Indicator(
        "每周非学科类机构平台登记",
        "家",
        "institution_registered",
        _is("kind", "sports", "arts", "technology", "other"),
    ),
)


def since(starts_on: date) -> date:
    """Return the first day of the earliest week that may stand for the time before."""
    return _friday_from(starts_on) - _WEEK * MOST_WEEKS - _WEEK


def periods(
    starts_on: date, ends_on: date, as_of: date, *, began_on: date
) -> tuple[list[date], list[date]]:
    """Return the full weeks before the campaign and during it, named by their Thursdays.

    A week is Friday to Thursday. Before: its Thursday is before ``starts_on``, at most
    ``MOST_WEEKS`` of them; during: it begins on ``starts_on`` or later and is over by ``as_of``
    and by ``ends_on``. A week in which the campaign began, if not on its Friday, is in neither;
    nor is one that had begun before the records did.
    """
    last = min(as_of, ends_on)
    first_friday = max(_friday_from(began_on), _friday_from(since(starts_on)))
    fridays = []
    while first_friday + _TO_FRIDAY <= last:
        fridays.append(first_friday)
        first_friday += _WEEK
    weeks = [friday + _TO_FRIDAY for friday in fridays]
    before = [week for week in weeks if week < starts_on]
    during = [week for week in weeks if week - _TO_FRIDAY >= starts_on]
    return before[-MOST_WEEKS:], during


def compare(
    counts: pd.DataFrame,
    closed: pd.DataFrame,
    began: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    as_of: date,
) -> pd.DataFrame:
    """Hold each of ``INDICATORS`` during the campaign against before.

    ``counts`` and ``began`` are those of ``data_access.effect``, ``closed`` are the close-outs
    that ``data_access.rectification_items.closed_items`` lists. Weeks without a case count as
    nought once the records of the subject have begun. Days to close are those from the day an
    item was open since to its close-out, of the items closed in the weeks.

    Returns, in the order of ``INDICATORS``:

    ===================  =======  ===========================================================
    indicator, unit      str
    before, during       float64  a week's average, a share of 0 to 1, or days; NaN unknown
    change               float64  during less before
    low, high            float64  95 % interval of the change; NaN: too few weeks or cases
    before_weeks         int64    full weeks averaged over
    during_weeks         int64
    ===================  =======  ===========================================================
    """
    first = dict(zip(began["subject"], began["began_on"].dt.date, strict=True))
    rows = []
    for indicator in INDICATORS:
        weeks: tuple[list[date], list[date]] = ([], [])
        if indicator.subject in first:
            weeks = periods(starts_on, ends_on, as_of, began_on=first[indicator.subject])
        found = counts[counts["subject"] == indicator.subject]
        before, during = (
            _side_of_days(closed, each, side)
            if indicator.unit == "days"
            else _side_of_counts(found, indicator, each, side)
            for side, each in enumerate(weeks)
        )
        low, high = _interval(before, during)
        change = during.value - before.value
        values = (before.value, during.value, change, low, high)
        rows.append((indicator.name, indicator.unit, *values, before.weeks, during.weeks))
    names = ["indicator", "unit", "before", "during", "change", "low", "high"]
    names += ["before_weeks", "during_weeks"]
    dtypes = ["str", "str", *["float64"] * 5, "int64", "int64"]
    return pd.DataFrame(rows, columns=names).astype(dict(zip(names, dtypes, strict=True)))


def sentence(compared: pd.DataFrame, *, starts_on: date, ends_on: date, as_of: date) -> str:
    """Say what differs beyond chance between the campaign's weeks and those before, and no more."""
    if as_of < starts_on:
        return f"行动 {day(starts_on, beside=as_of)}才开始，还没有可比的周。"
    most = compared[["before_weeks", "during_weeks"]].max()
    if not most["during_weeks"]:
        return "行动还没有满一个报送周，无法与行动前相比。"
    if not most["before_weeks"]:
        return "行动前没有满一周的记录，无法相比。"
    first, last = (day(each, beside=ends_on) for each in (starts_on, min(as_of, ends_on)))
    span = (
        f"行动期间（{first}至 {last}，{most['during_weeks']} 个整周）"
        f"与行动前（最多 {most['before_weeks']} 个整周）相比"
    )
    up = compared.loc[compared["low"] > 0, "indicator"].tolist()
    down = compared.loc[compared["high"] < 0, "indicator"].tolist()
    said = [
        f"{word}的有{listed(names, at_most=4, unit='项')}"
        for names, word in ((up, "较高"), (down, "较低"))
        if names
    ]
    none = (
        "记录太少，分不清差别和偶然波动"
        if compared["low"].isna().all()
        else "各项都看不出超出偶然波动的差别"
    )
    seen = "；".join(said) or none
    rest = "，其余看不出超出偶然波动的差别" if said and len(up) + len(down) < len(compared) else ""
    return f"{span}：{seen}{rest}。这只是前后对比，不能据此认定是行动带来的。"


def written(value: float, unit: str) -> str:
    """Write an average: ``12.5 件``, ``35.2%``, ``8.0 天``."""
    if math.isnan(value):
        return MISSING
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.1f} {'天' if unit == 'days' else unit}"


def written_change(value: float, unit: str, *, bare: bool = False) -> str:
    """Write a change with its sign; ``bare`` without its unit, for the ends of an interval."""
    if math.isnan(value):
        return MISSING
    number = round(value * 100 if unit == "share" else value, 1)
    sign = "+" if number > 0 else MINUS if number < 0 else ""
    name = {"share": "个百分点", "days": "天"}.get(unit, unit)
    return f"{sign}{abs(number):,.1f}" + ("" if bare else f" {name}")


def written_interval(low: float, high: float, unit: str) -> str:
    """Write an interval: ``+3.1 至 +9.8``."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    return " 至 ".join(written_change(end, unit, bare=True) for end in (low, high))


def remark(row: pd.Series) -> str:
    """Say in a word how a row is to be read."""
    if not row["before_weeks"]:
        return "行动前没有记录，无法相比"
    if not row["during_weeks"]:
        return "行动期间还没有满一周的记录"
    if math.isnan(row["change"]):
        return "没有可算的记录"
    if math.isnan(row["low"]):
        return f"一侧不足 {FEWEST_WEEKS} 周或 {FEWEST_CASES} 件，不给区间"
    if row["low"] > 0:
        return "行动期间较高"
    return "行动期间较低" if row["high"] < 0 else "看不出超出偶然波动的差别"


def _friday_from(day_: date) -> date:
    """Return the first Friday that is not before a day."""
    return day_ + timedelta(days=(4 - day_.weekday()) % 7)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its value, how many weeks and cases it is of, and the values of drawn weeks."""

    value: float
    weeks: int
    cases: int
    drawn: Floats


def _side_of_counts(
    found: pd.DataFrame, indicator: Indicator, weeks: Sequence[date], side: int
) -> _Side:
    """Count cases by week, and what they are divided by: cases of another kind, or one week."""
    index = pd.to_datetime(pd.Series(weeks, dtype="object")).astype("datetime64[s]")

    def summed(picks: Callable[[pd.DataFrame], pd.Series] | None) -> Floats:
        rows = found if picks is None else found[picks(found)]
        by_week = rows.groupby("week")["n"].sum()
        return by_week.reindex(index, fill_value=0).to_numpy(dtype="float64")

    cases = summed(indicator.cases)
    of = np.ones(len(weeks)) if indicator.of is None else summed(indicator.of)
    below = of.sum()
    value = float(cases.sum() / below) if below else math.nan
    size = int(cases.sum() if indicator.of is None else below)
    if not len(weeks):
        return _Side(value, 0, 0, np.full(RESAMPLES, math.nan))
    drawn = _draws(len(weeks), side)
    drawn_below = of[drawn].sum(axis=1)
    ratios = cases[drawn].sum(axis=1) / np.where(drawn_below > 0, drawn_below, math.nan)
    return _Side(value, len(weeks), size, ratios)


def _side_of_days(closed: pd.DataFrame, weeks: Sequence[date], side: int) -> _Side:
    """Take the median of days to close over all items closed in the weeks."""
    took = (closed["closed_on"] - closed["opened_on"]).dt.days
    by_week: list[Floats] = []
    for week in weeks:
        first, last = pd.Timestamp(week - _TO_FRIDAY), pd.Timestamp(week)
        of_week = took[closed["closed_on"].between(first, last)].astype("float64")
        by_week.append(np.asarray(of_week))
    drawn = [_median([by_week[week] for week in draw]) for draw in _draws(len(weeks), side)]
    cases = sum(len(days) for days in by_week)
    return _Side(_median(by_week), len(weeks), cases, np.array(drawn))


def _draws(weeks: int, side: int) -> npt.NDArray[np.int64]:
    """Draw weeks again with replacement: others for each side, the same at every look."""
    if not weeks:
        return np.empty((RESAMPLES, 0), dtype="int64")
    return np.random.default_rng((SEED, side)).integers(0, weeks, (RESAMPLES, weeks))


def _interval(before: _Side, during: _Side) -> tuple[float, float]:
    if min(before.weeks, during.weeks) < FEWEST_WEEKS:
        return math.nan, math.nan
    if min(before.cases, during.cases) < FEWEST_CASES:
        return math.nan, math.nan
    differences = during.drawn - before.drawn
    low, high = np.nanpercentile(differences, [2.5, 97.5])
    return float(low), float(high)


def _median(by_week: Sequence[Floats]) -> float:
    days = np.concatenate(by_week) if len(by_week) else np.array([])
    return float(np.median(days)) if len(days) else math.nan
