"""What counties send to the city by the action plan (材料报送), and what has become of it by a day.

A term counts through its last day: 「前」 in the plan takes that day in. What was sent is judged
by the plan's day, whatever day a ledger gives; a corrected file keeps the day of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import pandas as pd

from analysis.indicators import SMALL_DENOMINATOR
from analysis.wording import MISSING, count, day, day_of_week, fraction, listed, share

THURSDAY: Final = 3
SOON: Final = timedelta(days=7)
WEEKLY_FORM: Final = "weekly_form"
CITATION: Final = "工作方案四（四）按时报送材料"


@dataclass(frozen=True, slots=True)
class Term:
    """One day of the plan on which something is due: month and day of the campaign's year."""

    document: str
    month: int
    day: int


# 「于7月29日前、8月18日前将暑期校外培训专项治理工作总结和1—2个工作典型案例报送至市“双减”办邮箱」
# 「并于7月29日前报送联系人回执」: one typical case is asked for, a second is welcome.
TERMS: Final = (
    Term("contact_receipt", 7, 29),
    Term("summary", 7, 29),
    Term("case", 7, 29),
    Term("summary", 8, 18),
    Term("case", 8, 18),
)
# The plan's words on each document.
DEMANDS: Final = {
    WEEKLY_FORM: "每周四前完成《柳州市各地查处变相违规学科类培训情况汇总表（线下）》填报",
    "summary": "于7月29日前、8月18日前将暑期校外培训专项治理工作总结报送至市“双减”办邮箱",
    "case": "于7月29日前、8月18日前将1—2个工作典型案例报送至市“双减”办邮箱",
    "contact_receipt": "确定1名专项行动工作联系人，并于7月29日前报送联系人回执",
}
TITLES: Final = {
    WEEKLY_FORM: "每周报表",
    "summary": "工作总结",
    "case": "典型案例",
    "contact_receipt": "联系人回执",
}


class State(StrEnum):
    """What has become of a document by a day."""

    AHEAD = "ahead"  # due in seven days or later
    DUE = "due"  # due within seven days, today the first of them
    SENT = "sent"  # sent by its day
    LATE = "late"  # sent after its day
    MISSING = "missing"  # its day is past, and it is not sent


OWING: Final = (State.DUE, State.MISSING)


def expected(starts_on: date, ends_on: date) -> pd.DataFrame:
    """Return the calendar of the plan for a campaign: what every county sends, by when.

    A weekly form for each Thursday from ``starts_on`` to ``ends_on``, both counted, and what
    :data:`TERMS` names, each in the year of ``starts_on`` where it lies within the campaign.
    ``period`` is the due day as 2022-07-29: of a weekly form the Thursday that names its week.

    ========  =============  =========================================
    document  str            code, as ``data_access.vocabulary.DOCUMENT``
    period    str            所属期
    due_on    datetime64[s]  last day in time
    ========  =============  =========================================

    By day; of one day the weekly form first.
    """
    thursday = starts_on + timedelta(days=(THURSDAY - starts_on.weekday()) % 7)
    due = []
    while thursday <= ends_on:
        due.append((WEEKLY_FORM, thursday))
        thursday += timedelta(days=7)
    days = ((term.document, date(starts_on.year, term.month, term.day)) for term in TERMS)
    due += [(document, on) for document, on in days if starts_on <= on <= ends_on]
    due.sort(key=lambda each: each[1])  # stable: of one day in the order above
    frame = pd.DataFrame(
        [(document, on.isoformat(), on) for document, on in due],
        columns=["document", "period", "due_on"],
    )
    return frame.astype({"document": "str", "period": "str", "due_on": "datetime64[s]"})


def judged(
    sent: pd.DataFrame, units: pd.DataFrame, expected: pd.DataFrame, *, as_of: date
) -> pd.DataFrame:
    """Say of each county and each document of the calendar what has become of it by ``as_of``.

    ``sent`` is ``data_access.submissions.submissions``; what was sent after ``as_of``, or taken
    back, does not count, nor what the calendar does not ask for (:func:`besides`). ``units``
    has ``county_code`` and ``county``; every unit owes everything that ``expected`` names.

    ============  =============  ==========================================================
    county_code   str            reporting unit, in the order of ``units``
    county        str            its full name
    document      str            code
    period        str            所属期
    due_on        datetime64[s]  last day in time, by the plan
    submitted_on  datetime64[s]  NaT: not sent by ``as_of``
    state         str            code of :class:`State`
    days_late     int64          days after the due day, until it was sent or, missing, until
                                 ``as_of``; 0 in time
    ============  =============  ==========================================================

    Counties first, the calendar's order within.
    """
    today = pd.Timestamp(as_of)
    owed = units[["county_code", "county"]].merge(expected, how="cross")
    key = ["county_code", "document", "period"]
    counted = sent.loc[sent["submitted_on"] <= today, [*key, "submitted_on"]]
    rows = owed.merge(counted, how="left", on=key)
    due, done = rows["due_on"], rows["submitted_on"]
    is_sent, is_past = done.notna(), due < today
    state = pd.Series(str(State.AHEAD), index=rows.index, dtype="str")
    state = state.mask(~is_sent & ~is_past & (due < today + SOON), str(State.DUE))
    state = state.mask(~is_sent & is_past, str(State.MISSING))
    state = state.mask(is_sent, str(State.SENT)).mask(is_sent & (done > due), str(State.LATE))
    late = (done.fillna(today) - due).dt.days.clip(lower=0).astype("int64")
    days = dict.fromkeys(("due_on", "submitted_on"), "datetime64[s]")
    return rows.assign(state=state, days_late=late).astype(days)


def besides(sent: pd.DataFrame, expected: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Return the rows of ``sent`` by ``as_of`` that the calendar does not ask for.

    A second typical case is one, and so is whatever gives a period that is none.
    """
    asked = pd.MultiIndex.from_frame(expected[["document", "period"]])
    given = pd.MultiIndex.from_frame(sent[["document", "period"]])
    counted = sent["submitted_on"] <= pd.Timestamp(as_of)
    return sent[counted & ~given.isin(asked)].reset_index(drop=True)


def punctuality(rows: pd.DataFrame) -> pd.DataFrame:
    """Count for each county what was due by the day and what of it came in time.

    ``rows`` is :func:`judged`. Due is what was sent, or whose day is past: what is still to
    come counts once it is there.

    Returns one row per county, in their order: ``county_code``, ``county`` (str), ``due``,
    ``on_time``, ``late``, ``missing`` (int64, documents) and ``share`` (float64, on time ÷ due,
    0 to 1, NaN under ten: too few to be compared).
    """
    states = {"on_time": State.SENT, "late": State.LATE, "missing": State.MISSING}
    flags = rows.assign(**{name: rows["state"] == str(state) for name, state in states.items()})
    names = list(states)
    counts = flags.groupby(["county_code", "county"], sort=False, as_index=False)[names].sum()
    counts = counts.astype(dict.fromkeys(names, "int64"))
    due = counts[names].sum(axis="columns").astype("int64")
    share = (counts["on_time"] / due.where(due >= SMALL_DENOMINATOR)).astype("float64")
    return counts.assign(due=due, share=share)[["county_code", "county", "due", *names, "share"]]


def on_time_share(on_time: int, due: int) -> str:
    """Write what came in time: ``83.3%（10/12）``, under ten the fraction alone, ``—`` for none."""
    if not due:
        return MISSING
    return share(on_time, due) if due >= SMALL_DENOMINATOR else fraction(on_time, due)


def counted(rows: pd.DataFrame, *, as_of: date) -> str:
    """Say how much was due, and what became of it; ``rows`` is :func:`punctuality`."""
    sums = rows[["due", "on_time", "late", "missing"]].sum()
    due, on_time, late, missing = (int(n) for n in sums)
    if not due:
        return f"截至 {day(as_of)}还没有应报的材料"
    return (
        f"截至 {day(as_of)}应报 {count(due)} 份，按时 {on_time_share(on_time, due)}，"
        f"迟报 {count(late)} 份，逾期未报 {count(missing)} 份；还没有到期又没有报的不计"
    )


def title(document: str, period: str, *, beside: date) -> str:
    """Call a document and its period as a clerk does: ``7 月 7 日一周报表``."""
    begins, _, place = period[:10], period[10:11], period[11:]
    try:
        on = day(date.fromisoformat(begins), beside=beside)
    except ValueError:
        return f"{TITLES[document]}（{period}）"
    if document == WEEKLY_FORM:
        return f"{on}一周报表"
    return f"{on}前{TITLES[document]}" + (f"（第 {place} 个）" if place else "")


def headline(rows: pd.DataFrame, *, as_of: date) -> str:
    """Say for one county what is missing and what is due within seven days; the first thing.

    ``rows`` is :func:`judged` for one county.
    """
    missing = rows[rows["state"] == State.MISSING]
    due = rows[rows["state"] == State.DUE].sort_values("due_on", kind="stable")
    parts = []
    if len(missing):
        names = [
            title(document, period, beside=as_of)
            for document, period in zip(missing["document"], missing["period"], strict=True)
        ]
        parts.append(f"逾期未报 {count(len(missing))} 份：{listed(names, at_most=3, unit='份')}")
    for on in due["due_on"].unique().tolist():
        names = [TITLES[document] for document in due.loc[due["due_on"] == on, "document"]]
        when = "当天" if on == pd.Timestamp(as_of) else f"{day_of_week(on, beside=as_of)}前"
        parts.append(f"{when}要报{listed(names)}")
    if parts:
        return "；".join(parts)
    ahead = rows[rows["state"] == State.AHEAD]
    if not len(rows):
        return "方案没有要求报送材料"
    if ahead.empty:
        return "应报的材料都已报送"
    following = ahead["due_on"].min()
    return f"到期的材料都已报送，下一份应在 {day_of_week(following, beside=as_of)}前报送"


def city_headline(rows: pd.DataFrame, *, as_of: date) -> str:
    """Say for several counties what is missing, and by whom; ``rows`` is :func:`judged`."""
    missing = rows[rows["state"] == State.MISSING]
    due = rows[rows["state"] == State.DUE]
    parts = []
    if len(missing):
        counties = _most(missing["county"])
        parts.append(f"逾期未报 {count(len(missing))} 份，{counties}")
    if len(due):
        on = due["due_on"].min()
        first = due[due["due_on"] == on]
        when = "当天" if on == pd.Timestamp(as_of) else day_of_week(on, beside=as_of)
        parts.append(f"{when}到期的还有 {count(len(first))} 份未报")
    if parts:
        return "；".join(parts)
    if not (rows["state"] != State.AHEAD).any():
        return "还没有到期的材料"
    return "各县区到期的材料都已报送"


def _most(counties: pd.Series) -> str:
    """Name the counties with most rows, each with its number; at most three."""
    numbers = counties.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    named: Sequence[str] = [f"{county} {count(n)} 份" for county, n in numbers.head(3).items()]
    others = len(numbers) - len(named)
    return "、".join(named) + (f"，另有 {others} 个县区" if others else "")
