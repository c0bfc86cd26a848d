"""What has just begun to stand out: prices that may have been raised, disputes above the usual.

Both are suspicions to be looked into, and no findings: each is told with how often it comes about
by chance. They are known of a day as it is known now, and are in no frozen week.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import pandas as pd

from analysis import wording

# By the code of what is said of them.
RISES: Final = "suspected_rises"
ALARMS: Final = "refund_alarms"
_TENTH: Final = 0.05  # what one decimal would round to nothing
_WHOLE: Final = 10  # from here on without a decimal


class Rise(NamedTuple):
    """The suspected course that stands out most."""

    institution: str
    county: str
    rise: float


class Alarm(NamedTuple):
    """An institution, or a whole county (no institution), whose week passes its bounds.

    ``usual`` is the mean of the weeks before; NaN where there are too few.
    """

    county_code: str
    county: str
    institution: str | None
    cases: int
    usual: float


class Rises(NamedTuple):
    """Which prices may have been raised.

    ``institutions`` and ``courses`` are suspected of ``judged`` courses, ``by_chance`` courses
    would be if changes fell on them by chance; ``counties`` have one, in order of their courses.
    """

    institutions: int
    courses: int
    judged: int
    by_chance: float
    counties: tuple[str, ...]
    strongest: Rise | None


class Signs(NamedTuple):
    """What stands out on a day: the ``alarms`` are those of ``week``, institutions first.

    Plain values alone, so that results may be kept by them.
    """

    rises: Rises
    week: date
    alarms: tuple[Alarm, ...]


def rises_of(courses: pd.DataFrame) -> Rises:
    """Sum up which prices may have been raised, of rows of ``prices.suspected_rises``."""
    found = courses[courses["suspected"]]
    first = found.head(1).to_dict("records")
    return Rises(
        institutions=int(found["institution_id"].nunique()),
        courses=len(found),
        judged=int(courses["judged"].sum()),
        by_chance=float(courses["chance"].sum()),
        counties=tuple(dict.fromkeys(found["county_code"].tolist())),
        strongest=next(
            (Rise(row["institution_name"], row["county"], float(row["rise"])) for row in first),
            None,
        ),
    )


def alarms_of(rows: pd.DataFrame) -> tuple[Alarm, ...]:
    """Tell the alarms of a week, institutions first, of rows of ``alarms.of_week``.

    Those of counties have no ``institution_name``.
    """
    is_one = rows["institution_name"].notna()
    return tuple(
        Alarm(
            row["county_code"],
            row["county"],
            None if wording.is_missing(row["institution_name"]) else row["institution_name"],
            int(row["n"]),
            float(row["usual"]),
        )
        for row in pd.concat([rows[is_one], rows[~is_one]]).to_dict("records")
    )


def sentences(known: Signs) -> dict[str, str]:
    """Say in words what stands out, by :data:`RISES` and :data:`ALARMS`.

    Of prices as soon as one course could be judged, as none suspected is an answer, too; of
    alarms where there is one.
    """
    said = {}
    if known.rises.judged:
        by_chance = f"（仅凭偶然预计{few(known.rises.by_chance)} 门）"
        none = f"可比的 {wording.count(known.rises.judged)} 门课程中没有发现疑似涨价"
        said[RISES] = f"{_counted(known.rises)}{by_chance}" if known.rises.courses else none
    if known.alarms:
        ones = sum(alarm.institution is not None for alarm in known.alarms)
        named = ((len(known.alarms) - ones, "个县区"), (ones, "家机构"))
        whose = "、".join(f"{wording.count(n)} {unit}" for n, unit in named if n)
        said[ALARMS] = f"{wording.day(known.week)}这一周退费预警 {whose}"
    return said


def rise_sentence(known: Rises) -> str:
    """Name the strongest suspected rise; empty where no more are suspected than by chance."""
    if known.strongest is None or known.courses <= known.by_chance:
        return ""
    one = known.strongest
    return (
        f"{_counted(known)}，{'最突出的' if known.courses > 1 else ''}是"
        f"{one.institution}（{one.county}），比暑期前涨 {wording.percent(one.rise)}，"
        f"须核实；仅凭偶然预计{few(known.by_chance)} 门"
    )


def alarm_sentence(known: Signs) -> str:
    """Name who had more disputes in the week than is usual; empty where nobody had."""
    if not known.alarms:
        return ""
    named = [_named(alarm) for alarm in known.alarms]
    listed = wording.listed(named, at_most=2, unit="个机构和县区")
    return f"{wording.day(known.week)}这一周退费纠纷异常增多：{listed}"


def few(number: float) -> str:
    """Write an expected number of few things, after a word: `` 0``, ``不到 0.1``, ``约 2.4``."""
    if not number:
        return " 0"
    if number < _TENTH:
        return "不到 0.1"
    return f"约 {number:.1f}" if number < _WHOLE else f"约 {number:,.0f}"


def _counted(known: Rises) -> str:
    return f"疑似涨价 {wording.count(known.institutions)} 家 {wording.count(known.courses)} 门"


def _named(alarm: Alarm) -> str:
    name = f"{alarm.county}全县区" if alarm.institution is None else alarm.institution
    where = "" if alarm.institution is None else f"{alarm.county}，"
    usual = "" if wording.is_missing(alarm.usual) else f"，此前 13 周平均每周 {alarm.usual:.1f} 件"
    return f"{name}（{where}{wording.count(alarm.cases)} 件{usual}）"
