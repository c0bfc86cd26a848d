"""The section of a meeting on prepaid money and checks: ``None`` where there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from analysis import fee_figures as figures
from analysis import signs, wording
from analysis.briefing_content import Grid, Section
from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson

if TYPE_CHECKING:
    from analysis.briefing import Meeting

_HEADING: Final = "预收费和专项检查"


def fees(meeting: Meeting) -> Section | None:
    """Say whose prepaid money is supervised, what was charged against the rules, what is open."""
    if meeting.fees is None:
        return None
    counties = figures.of_counties(meeting.counties, meeting.fees)
    sums = counties.drop(columns=["county_code", "county"]).sum()
    said = list(sentences(counties).values())
    begun = () if meeting.signs is None else tuple(signs.sentences(meeting.signs).values())
    if not said:
        return _of_signs(meeting, begun) if begun else None
    ledgers = ("课程收费台账", "退费纠纷台账") if begun else ()
    return Section(
        key="fees",
        heading=_HEADING,
        title="；".join(said),
        source=meeting.source("机构台账", "预收费台账", "专项检查", "整改台账", *ledgers)
        + "；违规按收费当日的规定判断，检查自行动开始计"
        + ("；红色为监管率明显低于全市、违规明显多于全市，或有逾期的" if len(counties) > 1 else ""),
        grid=_grid(counties, sums),
        notes=("；".join(begun),) if begun else (),
    )


def _of_signs(meeting: Meeting, begun: tuple[str, ...]) -> Section:
    return Section(
        key="fees",
        heading=_HEADING,
        title="；".join(begun),
        source=meeting.source("课程收费台账", "退费纠纷台账"),
    )


def sentences(counties: pd.DataFrame) -> dict[str, str]:
    """Say in words what there is of each figure, all counties added up; by its code.

    ``counties`` is ``analysis.fee_figures.of_counties``.
    """
    sums = counties.drop(columns=["county_code", "county"]).sum()
    said = {}
    if sums[f"{figures.SUPERVISED}_of"]:
        said[figures.SUPERVISED] = f"预收费监管率 {_share(sums, figures.SUPERVISED)}"
    if sums[f"{figures.ILLEGAL_CHARGES}_of"]:
        illegal = _share(sums, figures.ILLEGAL_CHARGES)
        said[figures.ILLEGAL_CHARGES] = f"本周预收费违规 {illegal}"
    if sums[f"{figures.FINDINGS}_of"]:
        late = sums[figures.FINDINGS_LATE]
        words = f"专项检查发现的问题未销号 {wording.count(sums[figures.FINDINGS])} 个"
        said[figures.FINDINGS] = words + (f"，逾期 {wording.count(late)} 个" if late else "")
    return said


def _share(row: Any, code: str) -> str:
    return wording.share(row[code], row[f"{code}_of"])


def _grid(counties: pd.DataFrame, sums: pd.Series) -> Grid:
    whole = wording.ratio(sums[figures.SUPERVISED], sums[f"{figures.SUPERVISED}_of"])
    illegal = wording.ratio(sums[figures.ILLEGAL_CHARGES], sums[f"{figures.ILLEGAL_CHARGES}_of"])
    rows, late = [], set()
    for place, row in enumerate(counties.to_dict("records")):
        rows.append(
            (
                str(row["county"]),
                _share(row, figures.SUPERVISED),
                _share(row, figures.ILLEGAL_CHARGES),
                _least_checked(row),
                _findings(row),
            )
        )
        if len(counties) > 1 and _is_behind(row, whole):
            late.add((place, 1))
        if len(counties) > 1 and _is_above(row, illegal):
            late.add((place, 2))
        if row[figures.FINDINGS_LATE]:
            late.add((place, 4))
    headers = ("县区", "预收费监管率", "本周预收费违规", "查得最少的一类检查", "发现问题未销号")
    return Grid(headers, tuple(rows), frozenset(late))


def _is_behind(row: Any, whole: float) -> bool:
    part, of = int(row[figures.SUPERVISED]), int(row[f"{figures.SUPERVISED}_of"])
    return of >= SMALL_DENOMINATOR and wilson(part, of)[1] < whole


def _is_above(row: Any, whole: float) -> bool:
    part, of = int(row[figures.ILLEGAL_CHARGES]), int(row[f"{figures.ILLEGAL_CHARGES}_of"])
    return of >= SMALL_DENOMINATOR and wilson(part, of)[0] > whole


def _least_checked(row: Any) -> str:
    known = [
        (row[code], word, wording.fraction(row[code], row[f"{code}_of"]))
        for code, word in figures.CHECKS.items()
        if row[f"{code}_of"]
    ]
    if not known:
        return wording.MISSING
    _, word, written = min(known, key=lambda each: each[0])
    return f"{word} {written}"


def _findings(row: Any) -> str:
    if not row[f"{figures.FINDINGS}_of"]:
        return wording.MISSING
    late = row[figures.FINDINGS_LATE]
    said = wording.fraction(row[figures.FINDINGS], row[f"{figures.FINDINGS}_of"])
    return f"{said}，逾期 {wording.count(late)}" if late else said
