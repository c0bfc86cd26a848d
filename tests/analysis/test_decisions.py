"""What became of what a meeting decided, as a clerk would write it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.decisions import sentence, standing

AS_OF, WEEK = date(2022, 8, 25), date(2022, 8, 18)
DONE = {"done_on": date(2022, 8, 24)}
LATE = {"due_on": date(2022, 8, 24)}
DUE_TODAY = {"due_on": AS_OF}
NO_TERM: dict[str, Any] = {}
NOTICE, ACCOUNTABILITY = {"kind": "notice"}, {"kind": "accountability"}


def decided(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"week": WEEK, "due_on": None, "done_on": None, "kind": "decision"}
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    days = dict.fromkeys(("week", "due_on", "done_on"), "datetime64[s]")
    return frame.astype(days | {"kind": "str"})


def test_state_is_that_of_the_day() -> None:
    found = standing(
        decided(DONE, LATE, DUE_TODAY, NO_TERM, {**LATE, **DONE}, {"done_on": date(2022, 8, 26)}),
        as_of=AS_OF,
    )

    assert found["state"].tolist() == ["done", "overdue", "open", "open", "done", "open"]
    assert found["state"].dtype == "str"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([DONE, LATE, DUE_TODAY], "3 项决定：完成 1 项，未到期 1 项，逾期 1 项。"),
        ([DONE, NO_TERM], "2 项决定：完成 1 项，未定期限 1 项。"),
        ([DONE, DONE], "2 项决定全部完成。"),
        ([DONE], "1 项决定已完成。"),
        ([LATE, LATE], "2 项决定全部逾期。"),
        ([LATE], "1 项决定已逾期。"),
        ([DUE_TODAY], "1 项决定：未到期 1 项。"),
        ([], "没有登记决定。"),
        ([{**DONE, "week": date(2022, 8, 11)}], "没有登记决定。"),
        ([DONE, NOTICE, ACCOUNTABILITY], "1 项决定已完成；另有查处通报 1 件、追责问责 1 件。"),
        ([NOTICE], "没有会议决定，有查处通报 1 件。"),
    ],
)
def test_sentence_reads_as_a_clerk_would_write_it(rows: list[dict[str, Any]], said: str) -> None:
    assert sentence(decided(*rows), as_of=AS_OF, week=WEEK) == f"上次会议（8 月 18 日）{said}"
