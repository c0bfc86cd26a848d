"""Judgement on refund disputes: whom to watch, how concentrated, how long they last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from analysis import refund_plans
from analysis.wording import count, day, yuan

LARGEST: Final = 5
FLOWS: Final = ("opened", "refund", "course_exchange", "legal", "")


@dataclass(frozen=True, slots=True)
class WatchThresholds:
    """From where an institution needs a plan of its own (一企一策); each limit alone suffices.

    ``disputes`` are those opened within ``days`` days, resolved ones too; ``students`` and
    ``amount_yuan`` are those of the disputes still open.
    """

    disputes: int = 3
    days: int = 30
    students: int = 30
    amount_yuan: float = 100_000


# The action plan names 退费纠纷不断、涉及人数较多、影响较大 without figures; these are the city's.
WATCH: Final = WatchThresholds()


def watch_list(
    institutions: pd.DataFrame, plans: pd.DataFrame, *, thresholds: WatchThresholds = WATCH
) -> pd.DataFrame:
    """Return the institutions at or above a threshold, each with its reason in words.

    ``institutions`` is ``refunds.by_institution`` with ``recent_days`` of ``thresholds.days``,
    ``plans`` ``refund_plans.plans`` of the same day.

    Returns their rows with ``reason`` (str) and ``has_plan`` (bool, by
    ``analysis.refund_plans.in_place``), those with more reasons first, then by the amount still
    open, the largest first.
    """
    limits = thresholds
    found = institutions
    reasons = [
        [words for words, reached in words_and_limits if reached]
        for words_and_limits in (
            (
                (f"{limits.days} 天内 {recent} 件", recent >= limits.disputes),
                (f"{count(students)} 人未化解", students >= limits.students),
                (f"{yuan(amount)}未化解", amount >= limits.amount_yuan),
            )
            for recent, students, amount in zip(
                found["recent"].tolist(),
                found["students"].tolist(),
                found["amount_yuan"].tolist(),
                strict=True,
            )
        )
    ]
    weighed = found.assign(
        reason=pd.Series(["；".join(each) for each in reasons], index=found.index, dtype="str"),
        weight=pd.Series([len(each) for each in reasons], index=found.index, dtype="int64"),
        has_plan=refund_plans.in_place(found, plans),
    )
    order = ["weight", "amount_yuan", "recent"]
    return (
        weighed[weighed["weight"] > 0]
        .sort_values(order, ascending=False, ignore_index=True, kind="stable")
        .drop(columns="weight")
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """The watch list in sums: institutions, of these without a plan, and what is still open."""

    institutions: int
    unplanned: int
    students: int
    amount_yuan: float

    @classmethod
    def of(cls, watched: pd.DataFrame) -> Watched:
        """Add :func:`watch_list` up."""
        return cls(
            len(watched),
            int((~watched["has_plan"]).sum()),
            int(watched["students"].sum()),
            float(watched["amount_yuan"].sum()),
        )


def watched_sentence(watched: Watched) -> str:
    """Say how many institutions need a plan of their own, and how many have none."""
    return (
        f"{count(watched.institutions)} 家机构的退费纠纷须“一企一策”，"
        f"未化解 {yuan(watched.amount_yuan)}、涉及学生 {count(watched.students)} 人；"
        f"{'其中 ' if watched.unplanned else ''}{refund_plans.lacking(watched.unplanned)}"
    )


@dataclass(frozen=True, slots=True)
class Concentration:
    """The share of the largest institutions in the money still open.

    ``largest_yuan`` ÷ ``all_yuan``; ``institutions`` is how many the largest are, five or
    fewer, ``of`` how many have open disputes at all.
    """

    largest_yuan: float
    all_yuan: float
    institutions: int
    of: int


def concentration(institutions: pd.DataFrame) -> Concentration:
    """Add up what the five institutions with the largest open amounts stand for.

    ``institutions`` is ``refunds.by_institution``.
    """
    amounts = institutions.loc[institutions["open"] > 0, "amount_yuan"]
    largest = amounts.nlargest(LARGEST)
    return Concentration(float(largest.sum()), float(amounts.sum()), len(largest), len(amounts))


def median_age(disputes: pd.DataFrame, *, as_of: date) -> float:
    """Return the median age in days of open disputes; NaN without any."""
    if disputes.empty:
        return math.nan
    return float((pd.Timestamp(as_of) - disputes["opened_on"]).dt.days.median())


def days_taken(resolved: pd.DataFrame) -> pd.Series:
    """Return the days (float64) from opened to resolved; resolved on the same day is 0.

    NaN where it is not resolved, or said to be resolved before it was opened.
    """
    days = (resolved["resolved_on"] - resolved["opened_on"]).dt.days
    return days.where(days >= 0)


def weekly_flow(
    opened: pd.DataFrame, resolved: pd.DataFrame, *, weeks: Sequence[date]
) -> pd.DataFrame:
    """Put what was opened and resolved in each of ``weeks`` into one list.

    Both are ``weekly.weekly_counts``. Returns one row per week and flow: ``week``
    (datetime64[s], the Thursday that names it), ``flow`` (str: opened, or the code of a route,
    '' where none is given) and ``n`` (int64), weeks without a case too.
    """
    both = pd.concat([opened.assign(kind="opened"), resolved])
    counts = both.groupby(["week", "kind"])["n"].sum()
    named = pd.Series(weeks, dtype="datetime64[s]")
    index = pd.MultiIndex.from_product([named, FLOWS], names=["week", "flow"])
    counts.index.names = ["week", "flow"]
    return counts.reindex(index, fill_value=0).astype("int64").reset_index()


def headline(
    now: pd.DataFrame,
    before: pd.DataFrame,
    watched: int,
    *,
    as_of: date,
    beside: date,
    alarms: str = "",
) -> str:
    """Say in a sentence what is still open, whether it grew, how many need a plan, and who alarms.

    ``now`` and ``before`` are the rows of ``refunds.open_on_days`` of ``as_of`` and of the
    same weekday of the week before, with ``county`` (names); ``watched`` is the length of
    the watch list, ``alarms`` names who gives an alarm, if anybody. ``beside`` is the last day
    of the campaign: days of another year say so.
    """
    total, amount = int(now["open"].sum()), float(now["amount_yuan"].sum())
    if not total:
        return f"截至 {day(as_of, beside=beside)}，没有未化解的退费纠纷。"
    change = total - int(before["open"].sum())
    then = day(as_of - timedelta(days=7), beside=beside)
    moved = f"比 {then}多 {change} 件" if change > 0 else f"比 {then}少 {-change} 件"
    sentence = f"未化解 {count(total)} 件、{yuan(amount)}，" + (
        moved if change else f"件数与 {then}持平"
    )
    if watched:
        sentence += f"；{count(watched)} 家机构需要一企一策"
    if alarms:
        sentence += f"；{alarms}的登记数异常增多，见“预警”"
    return f"{sentence}。"


def concentration_sentence(found: Concentration) -> str:
    """Say what the five largest institutions stand for."""
    if not found.all_yuan:
        return "没有未化解金额。"
    if found.of <= LARGEST:
        return f"未化解金额全部来自 {count(found.of)} 家机构。"
    return (
        f"金额最大的 {count(found.institutions)} 家机构占未化解金额的 "
        f"{found.largest_yuan / found.all_yuan:.1%}"
        f"（{yuan(found.largest_yuan)}/{yuan(found.all_yuan)}），共涉及 {count(found.of)} 家。"
    )
