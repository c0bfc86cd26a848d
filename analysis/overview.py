"""What leaders ask for first: six figures, each county beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.indicators import Indicator, count_indicator, share_indicator
from analysis.registration import city_course
from analysis.wording import MISSING, fraction


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows that the overview is worked out from, as the queries return them.

    ``course`` of registration, ``items`` and ``disputes`` have one row per county and day
    (this weekday of the last thirteen weeks); ``reports``, ``verified`` and ``inspections``
    are weekly counts, the last week up to the day; ``…_before`` are those of the week
    before up to the same weekday.
    """

    course: pd.DataFrame
    items: pd.DataFrame
    disputes: pd.DataFrame
    reports: pd.DataFrame
    reports_before: pd.DataFrame
    verified: pd.DataFrame
    inspections: pd.DataFrame
    inspections_before: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Figures:
    """The six figures, with what stands beside three of them."""

    coverage: Indicator
    qualified_share: Indicator
    open_items: Indicator
    overdue_items: Indicator
    open_disputes: Indicator
    disputed_yuan: float
    reports: Indicator
    substantiated: int
    verified: int
    inspections: Indicator

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count: nothing in operation, open or of this week."""
        counts = (self.open_items, self.open_disputes, self.reports, self.inspections)
        return not self.coverage.denominator and not any(each.value for each in counts)


def figures(counted: Counted, weeks: Sequence[date]) -> Figures:
    """Work out the figures of all counties in ``counted``.

    ``weeks`` are the thirteen reporting weeks, so that a week without a case is a zero.
    """
    city = city_course(counted.course)
    items = counted.items.groupby("day")[["open", "overdue"]].sum()
    disputes = counted.disputes.groupby("day")[["open", "amount_yuan"]].sum()
    verified = counted.verified[counted.verified["week"] == pd.Timestamp(weeks[-1])]
    return Figures(
        coverage=share_indicator(city["registered"], city["in_operation"]),
        qualified_share=share_indicator(city["qualified_registered"], city["qualified"]),
        open_items=count_indicator(items["open"], more_is_worse=None),
        overdue_items=count_indicator(items["overdue"], more_is_worse=True),
        open_disputes=count_indicator(disputes["open"], more_is_worse=None),
        disputed_yuan=float(disputes["amount_yuan"].iloc[-1]),
        reports=_weekly(counted.reports, counted.reports_before, weeks),
        substantiated=int(verified.loc[verified["status"] == "substantiated", "n"].sum()),
        verified=int(verified["n"].sum()),
        inspections=_weekly(counted.inspections, counted.inspections_before, weeks),
    )


def _weekly(counts: pd.DataFrame, before: pd.DataFrame, weeks: Sequence[date]) -> Indicator:
    course = counts.groupby("week")["n"].sum().reindex(pd.to_datetime(list(weeks)), fill_value=0)
    return count_indicator(course, more_is_worse=None, before=float(before["n"].sum()))


def by_county(counted: Counted, projection: pd.DataFrame, week: date) -> pd.DataFrame:
    """Put the figures of each county into one row, in the order of ``projection``.

    ``projection`` is ``analysis.registration.projection``; ``week`` names the week of the
    day. Counts are int64; a share whose denominator is 0 is NaN, its fraction ``—``.

    Returns ``projection`` with ``registered_written`` and ``qualified_written`` (fractions),
    ``open_items``, ``overdue_items``, ``open_disputes``, ``amount_yuan``, ``reports``,
    ``reports_before``, ``substantiated_written`` (of those verified in the week) and
    ``inspections``.
    """
    day = projection["day"].iloc[0]
    codes = projection["county_code"]
    items = counted.items[counted.items["day"] == day].set_index("county_code")
    disputes = counted.disputes[counted.disputes["day"] == day].set_index("county_code")

    def this_week(counts: pd.DataFrame) -> pd.Series:
        return (
            codes.map(_by_county(counts[counts["week"] == pd.Timestamp(week)]))
            .fillna(0)
            .astype("int64")
        )

    substantiated = this_week(counted.verified[counted.verified["status"] == "substantiated"])
    return projection.assign(
        registered_written=fractions(projection["registered"], projection["in_operation"]),
        qualified_written=fractions(projection["qualified_registered"], projection["qualified"]),
        open_items=codes.map(items["open"]),
        overdue_items=codes.map(items["overdue"]),
        open_disputes=codes.map(disputes["open"]),
        amount_yuan=codes.map(disputes["amount_yuan"]),
        reports=this_week(counted.reports),
        reports_before=codes.map(_by_county(counted.reports_before)).fillna(0).astype("int64"),
        substantiated_written=fractions(substantiated, this_week(counted.verified)),
        inspections=this_week(counted.inspections),
    )


def _by_county(counts: pd.DataFrame) -> pd.Series:
    return counts.groupby("county_code")["n"].sum()


def fractions(numerators: pd.Series, denominators: pd.Series) -> list[str]:
    """Write each part of its whole as ``46/65``, ``—`` where the whole is 0."""
    return [
        fraction(part, whole) if whole else MISSING
        for part, whole in zip(numerators, denominators, strict=True)
    ]
