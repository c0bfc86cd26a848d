"""Judgement on registration: how far, how fast, and what holds an institution up."""

from __future__ import annotations

import math
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import pandas as pd

from analysis import wording

PACE_WEEKS: Final = 4  # "at the pace of the last four weeks"
DAYS_A_WEEK: Final = 7


class Outlook(StrEnum):
    """Whether a county reaches full coverage."""

    DONE = "done"
    ON_TIME = "on_time"
    LATE = "late"
    UNKNOWN = "unknown"  # the pace is nil
    EMPTY = "empty"  # there is nothing to register


# Full coverage by the end of the campaign is not in sight.
BEHIND: Final = (Outlook.LATE, Outlook.UNKNOWN)


def city_course(course: pd.DataFrame) -> pd.DataFrame:
    """Add the counties of ``registration.coverage_on_days`` up, day by day.

    Returns one row per day, oldest first: ``day``, the four counts, ``coverage`` and
    ``qualified_share`` (float64, 0 to 1, NaN where there is nothing to divide by).
    """
    counts = ["in_operation", "registered", "qualified", "qualified_registered"]
    return with_shares(course.groupby("day", as_index=False)[counts].sum())


def with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Add 登记覆盖率 and 合格登记率 to counts.

    ``coverage`` is registered ÷ in operation; ``qualified_share`` is registered and
    qualified ÷ qualified. Both 0 to 1, NaN where the denominator is 0.
    """
    return counts.assign(
        coverage=counts["registered"] / counts["in_operation"].where(counts["in_operation"] > 0),
        qualified_share=counts["qualified_registered"]
        / counts["qualified"].where(counts["qualified"] > 0),
    )


def projection(course: pd.DataFrame, *, ends_on: date) -> pd.DataFrame:
    """Say for each county when it reaches full coverage at the pace of the last four weeks.

    ``course`` is ``registration.coverage_on_days`` with at least five weeks. The pace is
    the growth of the registered since the same weekday four weeks before, per day; what
    is missing now is divided by it. Late is a day after ``ends_on``; a pace of nil (or
    less) says nothing, so the day is unknown.

    Returns the rows of the last day with ``coverage``, ``qualified_share``,
    ``unregistered`` (int64), ``pace`` (float64, institutions a week), ``projected_on``
    (datetime64[s], NaT if done or unknown) and ``outlook`` (str, :class:`Outlook`).
    """
    as_of = course["day"].max()
    before = as_of - pd.Timedelta(days=DAYS_A_WEEK * PACE_WEEKS)
    then = course.loc[course["day"] == before].set_index("county_code")["registered"]
    now = course.loc[course["day"] == as_of].reset_index(drop=True)
    at_first = now["county_code"].map(then).astype("float64").fillna(0)
    return projected(now, at_first, ends_on=ends_on)


def projected(now: pd.DataFrame, at_first: pd.Series, *, ends_on: date) -> pd.DataFrame:
    """Say what :func:`projection` says, from the rows of one day and where each began.

    ``now`` are the rows of ``registration.coverage_on_days`` of one day, ``at_first`` how
    many were registered four weeks before, row by row.
    """
    pace = (now["registered"] - at_first) / PACE_WEEKS
    missing = now["in_operation"] - now["registered"]
    day_of = [
        _reached(day.date(), each_missing, each_pace)
        for day, each_missing, each_pace in zip(now["day"], missing, pace, strict=True)
    ]
    return with_shares(now).assign(
        unregistered=missing,
        pace=pace,
        projected_on=pd.Series(day_of, dtype="datetime64[s]"),
        outlook=[
            str(_outlook(total, each_missing, day, ends_on))
            for total, each_missing, day in zip(now["in_operation"], missing, day_of, strict=True)
        ],
    )


def headline(city: pd.DataFrame, projected: pd.DataFrame, *, where: str, ends_on: date) -> str:
    """Say in a sentence how far registration is and which counties will not make it.

    ``city`` is :func:`city_course`, ``projected`` is :func:`projection`, ``where`` the name
    of what is counted.
    """
    now = city.iloc[-1]
    if not now["in_operation"]:
        return "所选范围内没有在营的非学科类机构。"
    written = wording.share(now["registered"], now["in_operation"])
    change = wording.points(now["coverage"] - city["coverage"].iloc[-2])
    if change == wording.MISSING:
        moved = "上周还没有在营机构"
    else:
        moved = "与上周持平" if change == "持平" else f"较上周 {change}"
    late = projected.loc[projected["outlook"].isin(BEHIND), "county"].tolist()
    is_over = now["day"].date() > ends_on
    end = wording.day(ends_on, beside=now["day"])
    if now["registered"] == now["in_operation"]:
        outlook = "已全覆盖"
    elif not late and not is_over:
        outlook = f"按近四周进度 {end}前可全覆盖"
    elif is_over:
        outlook = (
            f"{wording.full_day(ends_on)}到期时没有全覆盖：{wording.listed(late, unit='个县区')}"
        )
    elif len(projected) == 1:
        outlook = f"按近四周进度 {end}前不能全覆盖"
    else:
        outlook = (
            f"{len(late)} 个县区按近四周进度 {end}前不能全覆盖："
            f"{wording.listed(late, unit='个县区')}"
        )
    return f"{where}登记覆盖率 {written}，{moved}；{outlook}"


def qualified_note(city: pd.DataFrame) -> str:
    """Say 合格登记率 in a sentence, and what is registered without being found qualified.

    ``city`` is :func:`city_course`; qualified ones are to be registered one by one.
    """
    now = city.iloc[-1]
    if not now["qualified"]:
        return "还没有核查合格的机构，合格登记率无从计算。"
    share = wording.share(now["qualified_registered"], now["qualified"])
    waiting = now["qualified"] - now["qualified_registered"]
    early = now["registered"] - now["qualified_registered"]
    return (
        f"合格登记率 {share}，合格而未登记 {wording.count(waiting)} 家"
        + (f"；另有 {wording.count(early)} 家未核查合格而已登记" if early else "")
        + "。"
    )


def subject_note(subject: pd.DataFrame) -> str:
    """Say in a sentence how many subject institutions there are: they are counted apart.

    ``subject`` is ``registration.coverage_on_days(…, weeks=1, subject=True)``.
    """
    total = int(subject["in_operation"].sum())
    if not total:
        return "所选范围内没有在营的学科类机构。"
    registered = int(subject["registered"].sum())
    return (
        f"学科类机构另计，不在以上数字内：在营 {wording.count(total)} 家，"
        f"其中平台已登记 {wording.count(registered)} 家。"
    )


def _reached(as_of: date, missing: int, pace: float) -> date | None:
    if missing <= 0 or pace <= 0:
        return None
    try:
        return as_of + timedelta(days=math.ceil(missing / pace * DAYS_A_WEEK))
    except OverflowError:  # a pace so slow that the calendar ends first
        return None


def _outlook(total: int, missing: int, day: date | None, ends_on: date) -> Outlook:
    if not total:
        return Outlook.EMPTY
    if missing <= 0:
        return Outlook.DONE
    if day is None:
        return Outlook.UNKNOWN
    return Outlook.LATE if day > ends_on else Outlook.ON_TIME


def holdups(
    unregistered: pd.DataFrame, states: pd.DataFrame, *, items: tuple[str, ...]
) -> pd.DataFrame:
    """Say which of the seven items holds each unregistered institution up.

    ``states`` is ``registration.verification_states``. An item holds up when its latest
    outcome failed or is pending, or nobody has looked at it.

    Returns ``unregistered`` with ``failed``, ``pending`` and ``missing``: for each a tuple
    of item codes in the order of ``items``. A qualified institution is held up by none.
    """
    outcome = states.pivot(index="institution_id", columns="item", values="outcome")
    outcome = outcome.reindex(index=unregistered["id"], columns=list(items))
    is_qualified = unregistered["qualified_on"].notna().to_numpy()

    def having(is_such: pd.DataFrame) -> pd.Series:
        found = [
            () if done else tuple(item for item, hit in zip(items, row, strict=True) if hit)
            for done, row in zip(is_qualified, is_such.to_numpy(), strict=True)
        ]
        return pd.Series(found, index=unregistered.index, dtype="object")

    return unregistered.assign(
        failed=having(outcome == "fail"),
        pending=having(outcome == "pending"),
        missing=having(outcome.isna()),
    )
