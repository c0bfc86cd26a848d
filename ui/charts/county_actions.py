"""What counties have in place: a wall of counties and duties."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from analysis.county_actions import DUTIES, TITLES, State
from ui import formatting
from ui.charts.base import TopLevel, whose
from ui.charts.walls import wall
from ui.labels import LABELS

_TONES: Final = {
    State.DONE: "in_order",
    State.LATE: "late",
    State.MISSING: "missing",
    State.DUE: "due",
    State.AHEAD: "ahead",
}


def state_words(state: str, days_late: int, detail: object) -> str:
    """Say how far a duty is; ``detail`` is what is written down of it."""
    match State(state):
        case State.DONE:
            return "已完成"
        case State.LATE:
            return f"迟 {days_late} 天完成"
        case State.MISSING:
            return f"逾期 {days_late} 天"
        case _:
            return "未完成" if formatting.is_missing(detail) else "已填写，未登记完成"


def duties(rows: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw how far each county is with each duty, one cell each.

    ``rows`` is ``analysis.county_actions.judged``. A click selects ``county_code``.
    """
    cells = pd.DataFrame(
        {
            "county_code": rows["county_code"],
            "county": rows["county"],
            "column": rows["duty"].map(TITLES),
            "due": [formatting.day_of_week(on, beside=as_of) for on in rows["due_on"]],
            "done": [formatting.day_of_week(on, beside=as_of) for on in rows["done_on"]],
            "detail": rows["detail"].fillna(formatting.MISSING),
            "tone": [_TONES[State(state)] for state in rows["state"]],
            "word": [
                state_words(*each)
                for each in zip(rows["state"], rows["days_late"], rows["detail"], strict=True)
            ],
        }
    )
    return wall(
        cells,
        columns=[duty.title for duty in DUTIES],
        tooltips={
            "county": LABELS["county"],
            "column": LABELS["duty"],
            "word": LABELS["duty_state"],
            "due": LABELS["duty_due"],
            "done": LABELS["done_on"],
            "detail": LABELS["duty_detail"],
        },
        title=f"{whose(rows['county'])}行动机制，截至 {formatting.day(as_of)}",
        subtitle="完成须有日期和佐证；联系人应于 7 月 29 日前报送，其他事项方案没有写日期，"
        "按专项行动最后一天计；点选一格看这个县区",
    )
