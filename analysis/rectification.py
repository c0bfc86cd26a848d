"""Judgement on rectification items: how old, how late, how urgent, and who relapses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson
from analysis.wording import count, day, listed, share

# How long an item has been open, in days, both ends included; the last has no end.
AGE_BANDS: Final = ((0, 7), (8, 14), (15, 30), (31, None))
AGE_WORDS: Final = ("0–7 天", "8–14 天", "15–30 天", "30 天以上")
# What an item needs, the most urgent first.
_STAGES: Final = ("overdue", "due", "later", "closed")


def ageing(items: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Count open items by county and by the days since they were opened (or reopened).

    ``items`` is ``rectification_items.open_items``.

    Returns one row per county and band of :data:`AGE_BANDS` that has items: ``county_code``,
    ``county`` (str), ``band`` (int64, place in ``AGE_BANDS``), ``n`` and, of these, ``overdue``
    (int64, items), counties in the order of ``items``.
    """
    starts = [first for first, _ in AGE_BANDS]
    age = (pd.Timestamp(as_of) - items["opened_on"]).dt.days
    band = pd.Series(starts).searchsorted(age, side="right") - 1
    is_late = (items["due_on"] < pd.Timestamp(as_of)).astype("int64")
    return (
        items.assign(band=band, is_late=is_late)
        .groupby(["county_code", "county", "band"], sort=False, as_index=False)
        .agg(n=("is_late", "size"), overdue=("is_late", "sum"))
        .astype({"band": "int64", "n": "int64", "overdue": "int64"})
    )


def by_urgency(items: pd.DataFrame, *, as_of: date, week_ends_on: date) -> pd.DataFrame:
    """Put items in the order in which they need somebody, and say why in words.

    Overdue ones first, the longest overdue and of these the most severe; then what is due
    by ``week_ends_on``, the nearest day first; then the rest by due day; closed ones last,
    the latest first.

    Returns ``items`` with ``stage`` (str: overdue, due, later or closed), ``open_days``
    (Int64, days since opened; NA once closed), ``overdue_days`` (Int64, NA unless overdue) and
    ``urgency`` (str, words).
    """
    today = pd.Timestamp(as_of)
    is_open = items["closed_on"].isna()
    left = (items["due_on"] - today).dt.days
    stage = pd.Series("later", index=items.index, dtype="str")
    stage = stage.mask(items["due_on"] <= pd.Timestamp(week_ends_on), "due")
    stage = stage.mask(left < 0, "overdue").where(is_open, "closed")
    ranked = items.assign(
        stage=stage,
        open_days=(today - items["opened_on"]).dt.days.where(is_open).astype("Int64"),
        overdue_days=(-left).where(stage == "overdue").astype("Int64"),
        urgency=pd.Series(
            [_words(*each) for each in zip(stage, left, strict=True)],
            index=items.index,
            dtype="str",
        ),
        first=stage.map(_STAGES.index),
        second=left.where(is_open, (today - items["closed_on"]).dt.days),
        third=-items["severity"],
    )
    ranked = ranked.sort_values(["first", "second", "third", "ledger_no"], ignore_index=True)
    return ranked.drop(columns=["first", "second", "third"])


def _words(stage: str, days_left: int) -> str:
    if stage == "closed":
        return "已销号"
    if days_left < 0:
        return f"逾期 {-days_left} 天"
    return "今日到期" if days_left == 0 else f"还有 {days_left} 天"


def headline(now: pd.DataFrame, before: pd.DataFrame, *, as_of: date, beside: date) -> str:
    """Say in a sentence how many items are open and late, and where.

    ``now`` and ``before`` are the rows of ``rectification.open_on_days`` of ``as_of`` and of
    the same weekday of the week before, with ``county`` (names).
    ``beside`` is the last day of the campaign: days of another year say so.
    """
    total, late = int(now["open"].sum()), int(now["overdue"].sum())
    if not total:
        return f"截至 {day(as_of, beside=beside)}，没有未销号的整改事项。"
    if not late:
        return f"未销号 {count(total)} 件，没有逾期的。"
    change = late - int(before["overdue"].sum())
    then = day(as_of - timedelta(days=7), beside=beside)
    moved = f"逾期比 {then}多 {change} 件" if change > 0 else f"逾期比 {then}少 {-change} 件"
    parts = [
        f"未销号 {count(total)} 件，逾期 {count(late)} 件",
        moved if change else f"逾期与 {then}持平",
    ]
    sentence = "，".join(parts)
    most = now.loc[now["overdue"] == now["overdue"].max(), "county"].tolist()
    if len(now) == 1:
        return f"{sentence}。"
    if len(most) == 1:
        worst = int(now["overdue"].max())
        return f"{sentence}；{most[0]}逾期最多（{count(worst)} 件）。"
    return f"{sentence}；{listed(most)}逾期最多（各 {count(int(now['overdue'].max()))} 件）。"


@dataclass(frozen=True, slots=True)
class RelapseRate:
    """反弹率: ``relapsed`` ÷ ``closed_before``, items closed at least 30 days before."""

    relapsed: int
    closed_before: int

    @classmethod
    def of(cls, counts: pd.DataFrame) -> RelapseRate:
        """Add the counties of ``rectification.relapse`` up."""
        return cls(int(counts["relapsed"].sum()), int(counts["closed_before"].sum()))

    @property
    def share(self) -> float:
        """The rate, 0 to 1; NaN where nothing was closed that long ago."""
        return self.relapsed / self.closed_before if self.closed_before else math.nan


def closed_between(closures: pd.DataFrame, first: date, last: date) -> int:
    """Count the close-outs of ``rectification.closures`` from ``first`` to ``last``."""
    return int(closures["closed_on"].between(pd.Timestamp(first), pd.Timestamp(last)).sum())


def weekly_flow(
    opened: pd.DataFrame, closed: pd.DataFrame, *, weeks: Sequence[date]
) -> pd.DataFrame:
    """Put what was opened and closed in each of ``weeks`` side by side.

    Both are ``weekly.weekly_counts``. Returns ``week`` (datetime64[s], the Thursday that names
    it), ``opened`` and ``closed`` (int64), in the order of ``weeks``, those without a case too.
    """
    named = pd.Series(weeks, dtype="datetime64[s]", name="week")
    sums = {
        name: counts.groupby("week")["n"].sum().reindex(named, fill_value=0).astype("int64")
        for name, counts in (("opened", opened), ("closed", closed))
    }
    return pd.DataFrame(sums).reset_index()


def relapse_sentence(counts: pd.DataFrame) -> str:
    """Say how many closed items came back, and in which counties clearly more than in all.

    ``counts`` is ``rectification.relapse`` with ``county`` (names). A county stands out when
    its whole Wilson interval lies above the share of all counties; one with fewer than ten
    items is not compared.
    """
    closed, relapsed = int(counts["closed_before"].sum()), int(counts["relapsed"].sum())
    if not closed:
        return "还没有销号满 30 天的事项，反弹率无从计算。"
    sentence = f"销号满 30 天的 {count(closed)} 件中反弹 {count(relapsed)} 件"
    if len(counts) == 1:
        return f"{sentence}。"
    rows = zip(
        counts["county"].tolist(),
        counts["relapsed"].tolist(),
        counts["closed_before"].tolist(),
        strict=True,
    )
    above = [
        f"{county} {share(of_these, of)}"
        for county, of_these, of in rows
        if of >= SMALL_DENOMINATOR and wilson(of_these, of)[0] > relapsed / closed
    ]
    if not above:
        return f"{sentence}，各县区之间看不出明显差别。"
    return f"{sentence}；{'、'.join(above)}明显高于整体。"


def history(events: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Put the steps of one item and what made it relapse into one order of time.

    ``events`` is ``rectification_items.events``, ``incidents`` is ``rectification.incidents``
    of the same item. An incident is listed once, also when it followed two close-outs.

    Returns ``happened_on`` (datetime64[s]), ``kind`` (str: step, report, inspection), ``step``,
    ``actor``, ``note``, ``number``, ``what`` (str), ``known_on`` (datetime64[s]) and
    ``inferred`` (boolean); what does not belong to a kind is unknown.
    """
    found = incidents.drop_duplicates("number").drop(
        columns=["rectification_id", "spell_no", "closed_on"]
    )
    both = pd.concat([events.assign(kind="step"), found], ignore_index=True)
    columns = [*events.columns, "kind", "number", "what", "known_on"]
    # A stable sort: the steps of one day keep their order, and come before what followed.
    return both.sort_values("happened_on", kind="stable", ignore_index=True)[columns]
