"""What of the newest weeks is still to be reported: how many are provisional, and the sentence."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd

from analysis import arrivals as judgement
from data_access import arrivals, clock, weeks
from data_access.scope import Scope

# What comes in late, by the names of ``data_access.arrivals``, as sentences call it.
REPORTS: Final = ("violation_report", "举报")
DISPUTES: Final = ("refund_dispute_opened", "退费纠纷")
ITEMS: Final = ("rectification_opened", "整改事项")


class Arriving(NamedTuple):
    """How many weeks up to that of the day are still filling up, and what is said of the last."""

    weeks: int
    sentence: str


def arriving(
    conn: Any,
    subject: tuple[str, str],
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
) -> Arriving:
    """Estimate from the history of arrival what is still to come of the weeks up to ``as_of``.

    How late a county reports does not depend on the category of an institution. The sentence has
    numbers of all categories and of all that is known, so it is empty where some are chosen, and
    of a day before the last that anything is known of.
    """
    name, title = subject
    today = clock.today()
    known_on = arrivals.known_on(conn, scope=scope, today=today) or today
    rows = arrivals.delays(conn, scope=scope, as_of_known=known_on, subject=name)
    expected = judgement.expected_later(rows, known_on=known_on)
    week = weeks.reporting_week(as_of)
    shown = expected[expected["week"] <= pd.Timestamp(week)]
    if shown.empty or shown["week"].iloc[-1] != pd.Timestamp(week):
        return Arriving(0, "")
    provisional = int(shown["provisional"].iloc[::-1].cumprod().sum())
    if categories or as_of < min(week, known_on):
        return Arriving(provisional, "")
    return Arriving(provisional, judgement.sentence(shown, title=title).rstrip("。"))
