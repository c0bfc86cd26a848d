"""Places and reports of violations as tables."""

from __future__ import annotations

from datetime import time
from typing import Final

import pandas as pd
import streamlit as st

from data_access import vocabulary
from ui.formatting import is_missing
from ui.labels import LABELS
from ui.rows import in_words
from ui.tables import HEADER_HEIGHT, ROW_HEIGHT, Table, table

MOST_PLACES: Final = 1_000
ROWS_IN_SIGHT: Final = 10
# Pixels: beside the map, the rate is in sight without scrolling sideways.
_WIDTHS: Final = {
    "place": 140,
    "short_name": 46,
    "substantiated": 46,
    "place_reports": 46,
    "rate_written": 112,
    "main_type": 142,
}


def place_rows(judged: pd.DataFrame) -> Table:
    """List places, worst first, at most 1,000; ``judged`` by ``violations.judge_places``."""
    rows = judged.head(MOST_PLACES)
    built = table(
        rows.assign(place_reports=rows["reports"]),
        ["place", "short_name", "substantiated", "place_reports", "rate_written", "main_type"],
    )
    for name, width in _WIDTHS.items():
        built.config[LABELS[name]] = st.column_config.Column(width=width)
    return built


def report_rows(reports: pd.DataFrame) -> Table:
    """List reports as the queries of ``data_access.violations`` return them."""
    spans = [
        hours(*span)
        for span in zip(reports["class_starts_at"], reports["class_ends_at"], strict=True)
    ]
    rows = reports.assign(
        reported_on=reports["received_on"],
        report_state=in_words(reports["state"], vocabulary.REPORT_STATUS),
        hours=pd.Series(spans, index=reports.index, dtype="str"),
        place=reports["place_name"].fillna(reports["address"]),
    )
    return table(
        rows,
        [
            "report_no",
            "reported_on",
            "channel",
            "violation_type",
            "report_state",
            "verified_on",
            "institution_name",
            "place",
            "short_name",
            "hours",
        ],
    )


def hours(starts_at: time | None, ends_at: time | None) -> str | None:
    """Write the hours of a class as ``19:00–20:30``; what is not known is left out."""
    known = [f"{at:%H:%M}" for at in (starts_at, ends_at) if at and not is_missing(at)]
    return "–".join(known) or None


def height_of(built: Table) -> int:
    """Return the height of a table of at most ten rows in sight, in pixels."""
    return HEADER_HEIGHT + ROW_HEIGHT * min(max(len(built.frame), 1), ROWS_IN_SIGHT)
