"""The season of what counties send: a wall of counties and documents."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from analysis.submissions import TITLES, WEEKLY_FORM, State
from ui import formatting
from ui.charts.base import TopLevel, whose
from ui.charts.walls import wall
from ui.labels import LABELS

_TONES: Final = {
    State.SENT: "in_order",
    State.LATE: "late",
    State.MISSING: "missing",
    State.DUE: "due",
    State.AHEAD: "ahead",
}
_WORDS: Final = {
    State.SENT: "按时",
    State.MISSING: "未报",
    State.DUE: "待报",
    State.AHEAD: "未到",
}
# Over a column: what it is in short, and its due day below.
_SHORT: Final = {
    WEEKLY_FORM: "周报",
    "summary": "总结",
    "case": "案例",
    "contact_receipt": "回执",
}


def season(rows: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw what has become of each document of each county, one cell each.

    ``rows`` is ``analysis.submissions.judged``. Weekly forms stand first, then the documents
    that are due once or twice. A click selects ``county_code``.
    """
    is_form = rows["document"] == WEEKLY_FORM
    columns = rows.assign(
        column=[
            f"{_SHORT[document]} {due.month}/{due.day}"
            for document, due in zip(rows["document"], rows["due_on"], strict=True)
        ]
    )["column"]
    cells = pd.DataFrame(
        {
            "county_code": rows["county_code"],
            "county": rows["county"],
            "column": columns,
            "document": rows["document"].map(TITLES),
            "due": [formatting.day_of_week(due, beside=as_of) for due in rows["due_on"]],
            "sent": [formatting.day_of_week(on, beside=as_of) for on in rows["submitted_on"]],
            "tone": [_TONES[State(state)] for state in rows["state"]],
            "word": [
                f"迟{days}天" if state == State.LATE else _WORDS[State(state)]
                for state, days in zip(rows["state"], rows["days_late"], strict=True)
            ],
            "late": [f"{days} 天" if days else "—" for days in rows["days_late"]],
        }
    )
    return wall(
        cells,
        columns=list(dict.fromkeys([*columns[is_form], *columns[~is_form]])),
        tooltips={
            "county": LABELS["county"],
            "document": LABELS["document"],
            "due": LABELS["submission_due"],
            "sent": LABELS["submitted_on"],
            "word": LABELS["submission_state"],
            "late": LABELS["days_late"],
        },
        title=f"{whose(rows['county'])}材料报送，截至 {formatting.day(as_of)}",
        subtitle="每格一份材料，列上为应报日期；迟 N 天为过了应报日期才报，"
        "未报为过了应报日期仍没有报；点选一格看这个县区",
    )
