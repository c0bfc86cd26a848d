"""Judgement on when classes are held: too late in the evening, or on days off.

What is known of a class is a report: its hours, and the day on which it was received. The class's
own day is not known, so a report is judged as if the class had been held on the day of the report,
and every sentence says so. A report is a lead, not a proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

import numpy as np
import pandas as pd

from analysis import school_days
from analysis.rules import Rule, holding, measured_by, with_rule
from analysis.wording import count, is_missing, share

MEASURES: Final = ("ends_after", "rest_day")
LOOKED_BACK: Final = timedelta(days=364)  # reports of a year: the day and the 364 before it
_A_DAY: Final = 24 * 60 * 60


def findings(
    classes: pd.DataFrame, known: Iterable[Rule], *, terms: school_days.Settings | None = None
) -> pd.DataFrame:
    """Say which reported classes break which rule.

    ``classes`` is ``class_hours.reported_classes``. A class that ends at the very hour keeps the
    rule; one that ends before it starts runs past midnight. Where the end is not known, only the
    day is judged. A category that is not known is held by rules for all of them alone, and a day
    of which nobody has said what it is breaks nothing: see :func:`unjudged`.

    Returns one row per report and rule, in the order of rules and reports: the columns of
    ``classes``, those of `rules.with_rule`, and ``found`` (str), what is wrong in words.
    """
    ends = _seconds(classes["class_ends_at"])
    starts = _seconds(classes["class_starts_at"])
    ends = ends.where(~(ends < starts), ends + _A_DAY)
    off = _off(classes, terms)["off"]
    none = classes.iloc[:0]
    parts = [with_rule(none, _ANY).assign(found=pd.Series(dtype="str"))]
    for rule in measured_by(known, MEASURES):
        holds = holding(rule, classes["received_on"], classes["category"], classes["mode"])
        if rule.latest is not None:
            broken = holds & (ends > _second_of(rule.latest))
            said = classes["class_ends_at"].map(_clock) + f" 下课，限 {_clock(rule.latest)}"
        else:
            broken = holds & (off != "")
            said = "接报日是" + off
        parts.append(with_rule(classes[broken], rule).assign(found=said[broken].astype("str")))
    return pd.concat(parts, ignore_index=True)


# Of no fact: it gives an empty result its columns.
_ANY: Final = Rule("", "", "rest_day", date.max, None, None, None, (), None, "", "")


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Reports with hours that could not be judged wholly, and why.

    ``no_end``: when the class ends is not said; ``no_category``: nothing tells whether it is a
    school subject; ``no_day``: of a school subject, and nobody has said what the day is.
    """

    no_end: int
    no_category: int
    no_day: int


def unjudged(classes: pd.DataFrame, *, terms: school_days.Settings | None = None) -> Unjudged:
    """Count what :func:`findings` could not judge."""
    is_subject = classes["category"].eq("subject").fillna(value=False).astype(bool)
    is_known = _off(classes, terms)["known"]
    return Unjudged(
        int(classes["class_ends_at"].isna().sum()),
        int(classes["category"].isna().sum()),
        int((is_subject & ~is_known).sum()),
    )


def county_classes(classes: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Count by county the reports with hours, and those that break a rule.

    Returns the counties that have any, in the order of their codes: ``county_code``, ``county``
    (str), ``classes`` (int64, reports with hours), ``illegal`` (those that break any rule),
    ``late`` and ``days_off`` (int64, by what they break).
    """
    result = (
        classes.groupby(["county_code", "county"], as_index=False)
        .agg(classes=("report_no", "size"))
        .astype({"classes": "int64"})
    )
    for name, of in {
        "illegal": found["measure"].notna(),
        "late": found["measure"] == "ends_after",
        "days_off": found["measure"] == "rest_day",
    }.items():
        n = found[of].groupby("county_code")["report_no"].nunique()
        result[name] = result["county_code"].map(n).fillna(0).astype("int64")
    return result


def headline(classes: pd.DataFrame, found: pd.DataFrame) -> str:
    """Say how many reports point at classes held too late or on days off, and how many hold."""
    if classes.empty:
        return "近一年没有写明上课时间的举报。"
    reports = found.drop_duplicates("report_no")
    if reports.empty:
        return f"近一年写明上课时间的 {count(len(classes))} 件举报中，没有反映超时或休息日上课的。"
    late = found.loc[found["measure"] == "ends_after", "report_no"].nunique()
    off = found.loc[found["measure"] == "rest_day", "report_no"].nunique()
    said = [
        words
        for n, words in (
            (late, f"{count(late)} 件反映下课过晚"),
            (off, f"{count(off)} 件反映学科类在休息日上课"),
        )
        if n
    ]
    return f"近一年写明上课时间的 {count(len(classes))} 件举报中，{'，'.join(said)}。"


def notes(classes: pd.DataFrame, found: pd.DataFrame, missing: Unjudged) -> str:
    """Say how much of it was verified, by which day it was judged, and what could not be."""
    reports = found.drop_duplicates("report_no")
    proven = int((reports["state"] == "substantiated").sum())
    verified = proven + int((reports["state"] == "unsubstantiated").sum())
    left = [
        words
        for n, words in (
            (missing.no_end, f"{count(missing.no_end)} 件没写下课时间"),
            (missing.no_category, f"{count(missing.no_category)} 件不知是否学科类"),
            (missing.no_day, f"{count(missing.no_day)} 件的接报日不在校历内"),
        )
        if n
    ]
    said = ["举报没有上课的日期，按接报日判断适用的规定和是否休息日，须到现场核实。"]
    if len(reports):
        rate = (
            f"已核实 {count(verified)} 件，属实 {share(proven, verified)}"
            if verified
            else "均未核实"
        )
        said.append(f"反映违规的 {count(len(reports))} 件中，{rate}。")
    if left:
        said.append(f"未能全部判断的：{'，'.join(left)}。")
    return "".join(said)


def _off(classes: pd.DataFrame, terms: school_days.Settings | None) -> pd.DataFrame:
    """Return ``off`` and ``known`` of the day of each report; each day is looked up once."""
    days = school_days.days_off(classes["received_on"].dt.date.unique(), known=terms)
    found = classes[["received_on"]].merge(
        days, left_on="received_on", right_on="day", how="left", validate="many_to_one"
    )
    return found[["off", "known"]].set_index(classes.index)


def _seconds(times: pd.Series) -> pd.Series:
    """Return the seconds since midnight; NaN where no time is known."""
    return pd.Series(
        [np.nan if is_missing(at) else _second_of(at) for at in times],
        index=times.index,
        dtype="float64",
    )


def _second_of(at: time) -> int:
    return (at.hour * 60 + at.minute) * 60 + at.second


def _clock(at: time | None) -> str:
    return "" if at is None or is_missing(at) else f"{at:%H:%M}"
