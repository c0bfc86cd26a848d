"""Concerns as links: each sentence leads to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from analysis.concerns import Concern, Topic
from ui.navigation import (
    RECTIFICATION,
    REFUND_DISPUTES,
    REGISTRATION_COVERAGE,
    VIOLATION_MAP,
)

AT_MOST: Final = 8

_ROWS: Final = {
    Topic.COVERAGE: (REGISTRATION_COVERAGE, {}),
    Topic.INSPECTIONS: (VIOLATION_MAP, {}),
    Topic.OVERDUE: (RECTIFICATION, {"rows": "逾期"}),
    Topic.RELAPSE: (RECTIFICATION, {"rows": "反弹"}),
    Topic.REPORTS: (VIOLATION_MAP, {}),
    Topic.WATCH_LIST: (REFUND_DISPUTES, {}),
}


def show(found: Sequence[Concern], address: dict[str, Any], names: dict[str, str]) -> None:
    """Draw the concerns in two columns, worst first, each leading to its rows.

    ``address`` are the parameters of the shared filters, ``names`` the counties' by code.
    """
    shown = found[:AT_MOST]
    columns = st.columns(2)
    half = (len(shown) + 1) // 2
    for place, concern in enumerate(shown):
        entry, rows = _ROWS[concern.topic]
        columns[place // half].page_link(
            entry.script,
            label=f":red[{concern.text}]" if concern.is_late else concern.text,
            icon=":material/chevron_right:",
            icon_position="right",
            query_params={
                **address,
                "county": [names[code] for code in concern.counties if code in names],
                **rows,
            },
        )
