"""Concerns as links: each sentence leads to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from analysis.concerns import Concern, Topic
from ui.formatting import plain
from ui.navigation import (
    BRIEFING,
    COMPLIANCE_CHECKS,
    FEES,
    PREPAID_FEES,
    RECTIFICATION,
    REFUND_DISPUTES,
    REGISTRATION_COVERAGE,
    VIOLATION_MAP,
    page_of,
)

AT_MOST: Final = 8

_ROWS: Final = {
    Topic.ALARMS: (REFUND_DISPUTES, {"rows": "预警"}),
    Topic.CHARGES: (PREPAID_FEES, {"rows": "违规收费"}),
    Topic.CHECKS: (COMPLIANCE_CHECKS, {"rows": "未查机构"}),
    Topic.COVERAGE: (REGISTRATION_COVERAGE, {}),
    Topic.DECISIONS: (BRIEFING, {}),
    Topic.INSPECTIONS: (VIOLATION_MAP, {"period": "本周"}),
    Topic.OVERDUE: (RECTIFICATION, {"rows": "逾期"}),
    Topic.RELAPSE: (RECTIFICATION, {"rows": "反弹"}),
    Topic.REPORTS: (VIOLATION_MAP, {"period": "本周"}),
    Topic.RISES: (FEES, {}),
    Topic.STOPPED: (PREPAID_FEES, {"rows": "停业仍有预收费"}),
    Topic.WATCH_LIST: (REFUND_DISPUTES, {}),
}


def show(found: Sequence[Concern], address: dict[str, Any], names: dict[str, str]) -> None:
    """Draw the concerns, worst first, each leading to its rows; the lesser ones folded away.

    ``address`` are the parameters of the shared filters, ``names`` the counties' by code.
    """
    with st.container(gap=None):
        for concern in found[:AT_MOST]:
            _link(concern, address, names)
    if len(found) > AT_MOST:
        with st.expander(f"其余 {len(found) - AT_MOST} 项"), st.container(gap=None):
            for concern in found[AT_MOST:]:
                _link(concern, address, names)


def _link(concern: Concern, address: dict[str, Any], names: dict[str, str]) -> None:
    entry, rows = _ROWS[concern.topic]
    st.page_link(
        page_of(entry),
        label=f":red[{plain(concern.text)}]" if concern.is_late else plain(concern.text),
        icon=":material/chevron_right:",
        icon_position="right",
        query_params={
            **address,
            **_counties(concern, names),
            **rows,
        },
    )


def _counties(concern: Concern, names: dict[str, str]) -> dict[str, list[str]]:
    found = [names[code] for code in concern.counties if code in names]
    return {"county": found} if found else {}
