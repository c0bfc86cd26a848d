"""What every county has to put in place by the action plan (行动机制), and how far it is by a day.

Each duty in the plan's words, with the day by which it is due, and whether it was done. A duty
is done where a day is on record, which takes evidence; what is merely written down is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import pandas as pd

from analysis.submissions import SOON
from analysis.wording import count, day_of_week, listed


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: its name, the plan's words and where they stand, and its term.

    ``due`` is month and day in the campaign's year; ``None``: the plan names no day, and the
    campaign's last counts. ``detail`` is what belongs into 内容.
    """

    code: str
    title: str
    demand: str
    clause: str
    detail: str
    due: tuple[int, int] | None = None


DUTIES: Final = (
    Duty(
        "plan",
        "行动方案",
        "联合相关部门制定出台本地暑期校外培训治理行动工作方案，明确治理内容、组织机构、治理步骤、工作举措等",
        "二（一）",
        "文件名称、文号",
    ),
    Duty("hotline", "举报电话", "向社会公开集中治理举报电话", "二（一）", "公开的电话"),
    Duty("mailbox", "举报邮箱", "向社会公开集中治理举报邮箱", "二（一）", "公开的邮箱"),
    Duty(
        "contact",
        "联系人",
        "确定1名专项行动工作联系人，并于7月29日前报送联系人回执",
        "四（四）",
        "联系人姓名和电话",
        (7, 29),
    ),
    Duty(
        "campaign_check",
        "专项整治",
        "主动会同有关部门至少开展一次暑期校外培训专项整治",
        "二（三）",
        "行动名称、参加部门",
    ),
    Duty(
        "publicity",
        "集中宣传",
        "开展一次集中专项宣传：总结治理成果和好的经验做法，挖掘典型案例，"
        "开展校外培训治理成果宣传周（月）、访谈专栏、工作纪实报道等",
        "二（五）",
        "活动名称、载体",
    ),
)
TITLES: Final = {duty.code: duty.title for duty in DUTIES}
# Duties whose 内容 is a way to reach the county.
WAYS: Final = ("contact", "hotline", "mailbox")


class State(StrEnum):
    """How far a duty is by a day."""

    AHEAD = "ahead"  # due in seven days or later
    DUE = "due"  # due within seven days, today the first of them
    DONE = "done"  # done by its day
    LATE = "late"  # done after its day
    MISSING = "missing"  # its day is past, and it is not done


DONE: Final = (State.DONE, State.LATE)


def expected(starts_on: date, ends_on: date) -> pd.DataFrame:
    """Return what every county has to do in a campaign, in the plan's words, in its order.

    ======  =============  ======================================================
    duty    str            code, as ``data_access.vocabulary.COUNTY_DUTY``
    demand  str            what the plan asks for
    clause  str            where it says so
    due_on  datetime64[s]  last day in time; ``ends_on`` where the plan names none
    ======  =============  ======================================================
    """
    rows = [
        (
            duty.code,
            duty.demand,
            duty.clause,
            ends_on if duty.due is None else date(starts_on.year, *duty.due),
        )
        for duty in DUTIES
    ]
    frame = pd.DataFrame(rows, columns=["duty", "demand", "clause", "due_on"])
    return frame.astype({"duty": "str", "demand": "str", "clause": "str"} | _days("due_on"))


def judged(
    actions: pd.DataFrame, units: pd.DataFrame, expected: pd.DataFrame, *, as_of: date
) -> pd.DataFrame:
    """Say of each county and each duty how far it is by ``as_of``.

    ``actions`` is ``data_access.county_actions.county_actions``; what was done after ``as_of``
    does not count. ``units`` has ``county_code`` and ``county``; every unit has every duty.

    ===========  =============  =========================================================
    county_code  str            reporting unit, in the order of ``units``
    county       str            its full name
    duty         str            code
    demand       str            what the plan asks for
    clause       str            where it says so
    due_on       datetime64[s]  last day in time, by the plan
    done_on      datetime64[s]  NaT: not done by ``as_of``
    detail       str            number, address, name; NaN: none
    evidence     str            NaN: none
    state        str            code of :class:`State`
    days_late    int64          days after the due day, until it was done or, missing, until
                                ``as_of``; 0 in time
    ===========  =============  =========================================================

    Counties first, the plan's order within.
    """
    today = pd.Timestamp(as_of)
    owed = units[["county_code", "county"]].merge(expected, how="cross")
    key = ["county_code", "duty"]
    held = actions[[*key, "done_on", "detail", "evidence"]]
    rows = owed.merge(held, how="left", on=key)
    due, done = rows["due_on"], rows["done_on"].where(rows["done_on"] <= today)
    is_done, is_past = done.notna(), due < today
    state = pd.Series(str(State.AHEAD), index=rows.index, dtype="str")
    state = state.mask(~is_done & ~is_past & (due < today + SOON), str(State.DUE))
    state = state.mask(~is_done & is_past, str(State.MISSING))
    state = state.mask(is_done, str(State.DONE)).mask(is_done & (done > due), str(State.LATE))
    late = (done.fillna(today) - due).dt.days.clip(lower=0).astype("int64")
    rows = rows.assign(done_on=done, state=state, days_late=late)
    return rows.astype(_days("due_on", "done_on") | {"detail": "str", "evidence": "str"})


def ways(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how each county can be reached: whom to call, and where reports go.

    ``rows`` is :func:`judged`. Returns one row per county, in their order: ``county_code``,
    ``county``, ``contact``, ``hotline`` and ``mailbox`` (str, NaN where none is on record).
    """
    units = rows[["county_code", "county"]].drop_duplicates().set_index("county_code")
    details = rows[rows["duty"].isin(WAYS)].pivot(
        index="county_code", columns="duty", values="detail"
    )
    found = units.join(details.reindex(columns=list(WAYS)))
    return found.astype(dict.fromkeys(WAYS, "str")).reset_index()


def headline(rows: pd.DataFrame, *, as_of: date) -> str:
    """Say for one county what is done, what is late and what comes next; ``rows`` is judged."""
    is_done = rows["state"].isin([str(state) for state in DONE])
    done, total = int(is_done.sum()), len(rows)
    if done == total:
        return f"行动机制 {total} 项都已完成"
    said = f"行动机制 {total} 项，已完成 {done} 项"
    missing = rows[rows["state"] == State.MISSING]
    if len(missing):
        said += f"；逾期未完成 {len(missing)} 项：{listed(_titles(missing), unit='项')}"
    left = rows[~is_done & (rows["state"] != State.MISSING)]
    if len(left):
        on = left["due_on"].min()
        names = _titles(left[left["due_on"] == on])
        said += f"；{day_of_week(on, beside=as_of)}前要完成{listed(names, unit='项')}"
    return said


def city_headline(rows: pd.DataFrame) -> str:
    """Say for several counties which duties are lacking where; ``rows`` is :func:`judged`.

    What is past its day is named first, then the duty that most counties have not done.
    """
    total = rows["county_code"].nunique()
    is_done = rows["state"].isin([str(state) for state in DONE])
    if is_done.all():
        return f"{count(total)} 个县区的行动机制都已完成"
    parts = []
    missing = rows[rows["state"] == State.MISSING]
    for duty, of_duty in missing.groupby("duty", sort=False):
        parts.append(f"{listed(list(of_duty['county']))}逾期没有{TITLES[str(duty)]}")
    left = rows[~is_done & (rows["state"] != State.MISSING)]
    if len(left):
        numbers = (
            left.groupby("duty", sort=False).size().sort_values(ascending=False, kind="stable")
        )
        names = [f"{TITLES[str(duty)]} {count(n)} 个" for duty, n in numbers.head(3).items()]
        parts.append(f"尚未完成的县区：{'、'.join(names)}")
    return "；".join(parts)


def _titles(rows: pd.DataFrame) -> list[str]:
    return [TITLES[duty] for duty in rows["duty"]]


def _days(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "datetime64[s]")
