"""What is worth a decision today: exceptions in sentences, worked out from the figures.

Each rule looks at one subject and says nothing where there is nothing to say. A county is
named on its own only where it stands out; what is left is put into one sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import pandas as pd

from analysis import fee_figures, wording
from analysis.decisions import State
from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson
from analysis.refunds import Watched, watched_sentence
from analysis.registration import BEHIND, Outlook
from analysis.signs import Signs, alarm_sentence, rise_sentence

NAMED: Final = 2  # counties that a rule names on their own
SURGE: Final = 1.5  # this week against the same days of last week
SURGE_REPORTS: Final = 10  # … and at least so many reports


class Topic(StrEnum):
    """What a concern is about: where its rows are."""

    ALARMS = "alarms"
    CHARGES = "charges"
    CHECKS = "checks"
    COVERAGE = "coverage"
    DECISIONS = "decisions"
    INSPECTIONS = "inspections"
    OVERDUE = "overdue"
    RELAPSE = "relapse"
    RISES = "rises"
    REPORTS = "reports"
    STOPPED = "stopped"
    WATCH_LIST = "watch_list"


@dataclass(frozen=True, slots=True)
class Concern:
    """One exception: what it is about, in a sentence, and which counties it concerns.

    No ``counties``: all that were looked at, so that its rows add up to its numbers.

    ``is_late`` sets broken promises (late, relapsed) before what asks for attention.
    ``weight`` of 0 to 1 orders within these: how large a part of the whole is affected.
    """

    topic: Topic
    text: str
    counties: tuple[str, ...]
    is_late: bool
    weight: float


def worst_first(
    counties: pd.DataFrame,
    relapse: pd.DataFrame,
    watched: Watched,
    *,
    ends_on: date,
    as_of: date,
    decisions: pd.DataFrame | None = None,
    fees: pd.DataFrame | None = None,
    signs: Signs | None = None,
) -> list[Concern]:
    """Apply every rule and put what they find into one order: late first, then by weight.

    ``counties`` is ``analysis.overview.by_county``, ``relapse`` is ``rectification.relapse``,
    ``decisions`` is ``analysis.decisions.standing`` and ``fees`` are the figures of
    ``analysis.week_figures`` on prepaid money and checks, ``None`` where nobody asks for them;
    likewise ``signs``, which no frozen week has.
    """
    rules = (
        decision_concerns(decisions, as_of=as_of),
        coverage_concerns(counties, ends_on=ends_on),
        overdue_concerns(counties),
        relapse_concerns(relapse),
        watch_list_concerns(watched),
        report_concerns(counties),
        *_of_fees(counties, fees),
        sign_concerns(signs),
    )
    found = [list(rule) for rule in rules]
    # What belongs together stays together: rules by their heaviest, then within each.
    found.sort(key=lambda concerns: max((c.weight for c in concerns), default=0), reverse=True)
    in_order = [concern for concerns in found for concern in concerns]
    return sorted(in_order, key=lambda concern: not concern.is_late)


def coverage_concerns(projection: pd.DataFrame, *, ends_on: date) -> Iterator[Concern]:
    """Name the counties that do not reach full coverage by ``ends_on`` at their pace.

    ``projection`` is ``analysis.registration.projection``. Counties with fewer than ten
    institutions are not named on their own.
    """
    if not projection.empty and projection["day"].iloc[0].date() > ends_on:
        yield from _missed(projection, ends_on)
        return
    end = wording.day(ends_on, beside=None if projection.empty else projection["day"].iloc[0])
    behind = projection[projection["outlook"].isin(BEHIND)].sort_values("coverage", kind="stable")
    is_large = behind["in_operation"] >= SMALL_DENOMINATOR
    named = behind[is_large].head(NAMED)
    for _, row in named.iterrows():
        written = wording.share(row["registered"], row["in_operation"])
        if row["outlook"] == Outlook.UNKNOWN:
            pace = "近四周没有新增登记，何时全覆盖无法预计"
        else:
            pace = (
                f"按近四周进度 {wording.day(row['projected_on'], beside=ends_on)}完成，晚于 {end}"
            )
        yield Concern(
            Topic.COVERAGE,
            f"{row['county']}登记覆盖率 {written}，{pace}",
            (row["county_code"],),
            is_late=True,
            weight=1 - float(row["coverage"]),
        )
    others = behind.drop(named.index)
    if not others.empty:
        yield Concern(
            Topic.COVERAGE,
            f"{_also(named)}{wording.listed(others['county'].tolist(), unit='个县区')}按近四周进度"
            f"{'也' if len(named) else ''}赶不上 {end}全覆盖，"
            f"共 {wording.count(others['unregistered'].sum())} 家未登记",
            tuple(others["county_code"]),
            is_late=True,
            weight=_weight(others["unregistered"].sum(), others["in_operation"].sum()),
        )


def overdue_concerns(items: pd.DataFrame) -> Iterator[Concern]:
    """Name the counties with most overdue items, the rest in one sentence.

    ``items`` has one row a county: ``county_code``, ``county``, ``open_items``, ``overdue_items``.
    """
    late = items[items["overdue_items"] > 0].sort_values(
        "overdue_items", ascending=False, kind="stable"
    )
    named = late.head(NAMED)
    for _, row in named.iterrows():
        yield Concern(
            Topic.OVERDUE,
            f"{row['county']}整改逾期 {wording.count(row['overdue_items'])} 件，"
            f"占未销号的 {wording.share(row['overdue_items'], row['open_items'])}",
            (row["county_code"],),
            is_late=True,
            weight=_weight(row["overdue_items"], row["open_items"]),
        )
    others = late.drop(named.index)
    if not others.empty:
        yield Concern(
            Topic.OVERDUE,
            f"{_also(named)}{wording.listed(others['county'].tolist(), at_most=3, unit='个县区')}"
            f"共逾期 {wording.count(others['overdue_items'].sum())} 件",
            tuple(others["county_code"]),
            is_late=True,
            weight=_weight(others["overdue_items"].sum(), others["open_items"].sum()) / 2,
        )


def relapse_concerns(relapse: pd.DataFrame) -> Iterator[Concern]:
    """Say how many closed items came back; ``relapse`` is ``rectification.relapse``."""
    closed, relapsed = int(relapse["closed_before"].sum()), int(relapse["relapsed"].sum())
    if not relapsed:
        return
    yield Concern(
        Topic.RELAPSE,
        f"销号满 30 天的 {wording.count(closed)} 件中有 {wording.count(relapsed)} 件反弹"
        f"（反弹率 {wording.percent(relapsed / closed)}）",
        (),
        is_late=True,
        weight=_weight(relapsed, closed),
    )


def watch_list_concerns(watched: Watched) -> Iterator[Concern]:
    """Say how many institutions need a plan of their own, and how many have none."""
    if not watched.institutions:
        return
    yield Concern(
        Topic.WATCH_LIST,
        watched_sentence(watched),
        (),
        is_late=bool(watched.unplanned),
        weight=watched.unplanned / watched.institutions / 2,
    )


def decision_concerns(standing: pd.DataFrame | None, *, as_of: date) -> Iterator[Concern]:
    """Say which decisions of meetings are overdue; ``standing`` is ``decisions.standing``."""
    if standing is None or standing.empty:
        return
    overdue = standing[standing["state"] == str(State.OVERDUE)]
    for _, row in overdue.head(NAMED).iterrows():
        days = (pd.Timestamp(as_of) - row["due_on"]).days
        kind = row.get("kind_word", "会议决定")
        yield Concern(
            Topic.DECISIONS,
            f"{kind}“{row['what']}”逾期 {days} 天未完成（{row['owner']}，"
            f"期限 {wording.day(row['due_on'], beside=as_of)}）",
            (),
            is_late=True,
            weight=1.0,
        )
    others = len(overdue) - NAMED
    if others > 0:
        yield Concern(
            Topic.DECISIONS,
            f"另有 {others} 项会议决定逾期未完成",
            (),
            is_late=True,
            weight=1.0,
        )


def report_concerns(reports: pd.DataFrame) -> Iterator[Concern]:
    """Name the counties where reports surge, and those with reports and no inspection.

    ``reports`` has one row a county: ``county_code``, ``county``, and of the week so far
    ``reports``, ``reports_before`` (same days of last week) and ``inspections``.
    """
    surging = reports[
        (reports["reports"] >= SURGE_REPORTS)
        & (reports["reports"] >= SURGE * reports["reports_before"])
    ].sort_values("reports", ascending=False, kind="stable")
    for _, row in surging.head(NAMED).iterrows():
        difference = row["reports"] - row["reports_before"]
        yield Concern(
            Topic.REPORTS,
            f"{row['county']}本周举报 {wording.count(row['reports'])} 件，"
            f"比上周同期 {wording.change(difference, '件')}",
            (row["county_code"],),
            is_late=False,
            weight=float(difference / row["reports"]),
        )
    unseen = reports[(reports["reports"] > 0) & (reports["inspections"] == 0)]
    if not unseen.empty:
        yield Concern(
            Topic.INSPECTIONS,
            f"{wording.listed(unseen['county'].tolist(), unit='个县区')}本周有举报 "
            f"{wording.count(unseen['reports'].sum())} 件，尚无检查",
            tuple(unseen["county_code"]),
            is_late=False,
            weight=float(unseen["reports"].sum() / max(reports["reports"].sum(), 1)),
        )


def _of_fees(counties: pd.DataFrame, figures: pd.DataFrame | None) -> tuple[Iterator[Concern], ...]:
    if figures is None:
        return ()
    known = fee_figures.of_counties(counties, figures)
    return stopped_concerns(known), charge_concerns(known), check_concerns(known)


def stopped_concerns(counties: pd.DataFrame) -> Iterator[Concern]:
    """Say which institutions stopped while lessons that are paid for are not taught yet.

    ``counties`` is ``analysis.fee_figures.of_counties``.
    """
    found = counties[counties[fee_figures.STOPPED] > 0].sort_values(
        fee_figures.STOPPED_YUAN, ascending=False, kind="stable"
    )
    if found.empty:
        return
    where = wording.listed(found["county"].tolist(), at_most=3, unit="个县区")
    n, yuan = found[fee_figures.STOPPED].sum(), found[fee_figures.STOPPED_YUAN].sum()
    yield Concern(
        Topic.STOPPED,
        f"{where}有 {wording.count(n)} 家停业、注销或无证机构收了钱还没上完课，"
        f"估算 {wording.yuan(yuan)}",
        tuple(found["county_code"]),
        is_late=True,
        weight=1.0,
    )


def charge_concerns(counties: pd.DataFrame) -> Iterator[Concern]:
    """Say how many of the week's charges break a rule, and where clearly more than in all.

    ``counties`` is ``analysis.fee_figures.of_counties``.
    """
    name = fee_figures.ILLEGAL_CHARGES
    illegal, charges = counties[name].sum(), counties[f"{name}_of"].sum()
    if not illegal:
        return
    above = [
        str(row["county"])
        for row in counties.to_dict("records")
        if len(counties) > 1
        and row[f"{name}_of"] >= SMALL_DENOMINATOR
        and wilson(int(row[name]), int(row[f"{name}_of"]))[0] > illegal / charges
    ]
    said = f"，{wording.listed(above, at_most=3, unit='个县区')}明显偏多" if above else ""
    yield Concern(
        Topic.CHARGES,
        f"本周登记的预收费中 {wording.share(illegal, charges)}不合规定{said}",
        (),
        is_late=True,
        weight=_weight(illegal, charges) / 2,
    )


def check_concerns(counties: pd.DataFrame) -> Iterator[Concern]:
    """Name the counties that have not checked a single institution in some domain.

    ``counties`` is ``analysis.fee_figures.of_counties``. Where a county has no check on record in
    any domain, nothing is known of it.
    """
    missing = []
    for row in counties.to_dict("records"):
        words = [
            word
            for code, word in fee_figures.CHECKS.items()
            if row[f"{code}_of"] > 0 and row[code] == 0
        ]
        if words:
            missing.append((row["county_code"], f"{row['county']}（{'、'.join(words)}）"))
    if missing:
        yield Concern(
            Topic.CHECKS,
            "有一类专项检查一家机构都没查的县区："
            + wording.listed([said for _, said in missing], at_most=3, unit="个县区"),
            tuple(code for code, _ in missing),
            is_late=False,
            weight=len(missing) / len(counties) / 2,
        )


def sign_concerns(signs: Signs | None) -> Iterator[Concern]:
    """Name who had more disputes than is usual, and the strongest suspected rise of a price.

    Rises are told where there are more than by chance. Both are to be looked into; none is late.
    """
    if signs is None:
        return
    if said := alarm_sentence(signs):
        counties = tuple(dict.fromkeys(alarm.county_code for alarm in signs.alarms))
        yield Concern(Topic.ALARMS, said, counties, is_late=False, weight=1.0)
    rises = signs.rises
    if said := rise_sentence(rises):
        weight = _weight(rises.courses, rises.judged)
        yield Concern(Topic.RISES, said, rises.counties, is_late=False, weight=weight)


def _weight(part: float, whole: float) -> float:
    """Return a share to order by; one of fewer than ten is never ranked, so it comes last."""
    return float(part / whole) if whole >= SMALL_DENOMINATOR else 0.0


def _missed(projection: pd.DataFrame, ends_on: date) -> Iterator[Concern]:
    """Say which counties have not reached full coverage although ``ends_on`` is past."""
    behind = projection[projection["coverage"] < 1].sort_values("coverage", kind="stable")
    if behind.empty:
        return
    yield Concern(
        Topic.COVERAGE,
        f"{wording.full_day(ends_on)}已过，"
        f"{wording.listed(behind['county'].tolist(), unit='个县区')}仍未全覆盖，"
        f"共 {wording.count(behind['unregistered'].sum())} 家未登记",
        tuple(behind["county_code"]),
        is_late=True,
        weight=1 - float(behind["coverage"].mean()),
    )


def _also(named: pd.DataFrame) -> str:
    return "另有" if len(named) else ""
