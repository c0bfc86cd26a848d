"""Classes that reports say end too late or fall on days off, on screen."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import class_hours as judgement
from analysis import school_days
from analysis.rules import rules
from data_access import class_hours as queries
from data_access import vocabulary
from data_access.accounts import User
from ui import tables
from ui.filters import Filters
from ui.formatting import plain
from ui.load import load
from ui.rows import in_words
from ui.tables import Table, table
from ui.violation_rows import hours

HEIGHT: Final = 330
_COLUMNS: Final = (
    *("county", "institution_name", "place_name", "violation_type", "received_on", "hours"),
    *("rule_title", "found", "report_state", "rule_from", "citation", "report_no"),
)


class View(NamedTuple):
    """What reports say of when classes are held: a sentence, its limits, and the reports."""

    headline: str
    notes: str
    rows: Table
    counties: pd.DataFrame


def build(conn: Any, *, scope: Any, as_of: date, categories: tuple[str, ...] = ()) -> View:
    """Judge the reported classes of the year up to the day."""
    since = as_of - judgement.LOOKED_BACK
    classes = queries.reported_classes(
        conn, scope=scope, as_of=as_of, categories=categories, since=since
    )
    found = judgement.findings(classes, rules())
    notes = judgement.notes(classes, found, judgement.unjudged(classes))
    return View(
        judgement.headline(classes, found),
        notes + (school_days.unchecked() if len(found) else ""),
        finding_rows(found),
        judgement.county_classes(classes, found),
    )


def finding_rows(found: pd.DataFrame) -> Table:
    """List ``analysis.class_hours.findings``, the latest reports first."""
    newest = found.sort_values(
        ["received_on", "report_no"], ascending=False, kind="stable", ignore_index=True
    )
    spans = [
        hours(starts, ends) or ""
        for starts, ends in zip(newest["class_starts_at"], newest["class_ends_at"], strict=True)
    ]
    rows = newest.assign(
        hours=pd.Series(spans, index=newest.index, dtype="str"),
        report_state=in_words(newest["state"], vocabulary.REPORT_STATUS),
    )
    return table(rows, _COLUMNS, wide=["institution_name", "rule_title", "found"])


def show(user: User, chosen: Filters) -> None:
    """Draw what reports say of classes held too late or on days off, with the rule of each."""
    view = load(build, user, chosen)
    st.markdown(f"**{plain(view.headline)}**")
    st.caption(plain(view.notes))
    if not view.rows.empty:
        tables.show(
            view.rows,
            key="class_hours",
            file_name="上课时间违规线索",
            alt="举报反映的下课过晚和休息日上课",
            height=HEIGHT,
        )
