"""How far counties are with each kind of check: a wall of counties and domains."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import pandas as pd

from analysis import compliance_checks as judgement
from ui import formatting
from ui.charts.base import TopLevel, whose
from ui.charts.walls import wall
from ui.labels import LABELS

_TONES: Final = {
    judgement.LATE: "late",
    judgement.UNCHECKED: "late",
    judgement.OPEN: "due",
    judgement.PART: "ahead",
    judgement.FULL: "in_order",
    judgement.NOBODY: "ahead",
}


def coverage(found: pd.DataFrame, words: Mapping[str, str], *, as_of: date) -> TopLevel:
    """Draw how far each county is in each domain, one cell each.

    ``found`` is ``analysis.compliance_checks.cells``, ``words`` the domains' by code. A click
    selects ``county_code``.
    """
    cells = pd.DataFrame(
        {
            "county_code": found["county_code"],
            "county": found["county"],
            "column": found["domain"].map(words),
            "tone": found["state"].map(_TONES),
            "word": found["word"],
            "checked": [
                f"{formatting.fraction(checked, of)} 家"
                for checked, of in zip(found["checked"], found["in_operation"], strict=True)
            ],
            **{name: found[name].astype("str") for name in ("findings", "open", "overdue")},
        }
    )
    return wall(
        cells,
        columns=list(words.values()),
        tooltips={
            "county": LABELS["county"],
            "column": LABELS["domain"],
            "checked": LABELS["checked_written"],
            "findings": LABELS["found_findings"],
            "open": LABELS["open_findings"],
            "overdue": LABELS["overdue_findings"],
        },
        title=f"{whose(found['county'])}在营机构查过的占比，截至 {formatting.day(as_of)}",
        subtitle=(
            "未销 N：N 个问题没有销号；红底为有逾期或没查，黄底为未逾期",
            "在营不足 10 家的写查过/在营；点选一格看这个县区",
        ),
    )
