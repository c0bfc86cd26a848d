"""Which tables pages ask for, and where what is asked for too much would be seen."""

from __future__ import annotations

import pytest
from sqlalchemy import FromClause

from ui.navigation import (
    BRIEFING,
    COMPLIANCE_CHECKS,
    COUNTY_ACTIONS,
    LEDGER_IMPORT,
    OVERVIEW,
    PREPAID_FEES,
    RECONCILIATION,
    RECTIFICATION,
    REFUND_DISPUTES,
    REGISTRATION_COVERAGE,
    SUBMISSIONS,
    VIOLATION_MAP,
)

# An item, its spells and its steps are scoped apart and asked together: each holds for the rest;
# and the page fails where it counts items of counties that it has no names for.
ITEMS = ("rectification", "rectification_event", "rectification_spell", "county")
SHOWN_ON = [
    pytest.param(("compliance_check",), COMPLIANCE_CHECKS, id="compliance_check"),
    pytest.param(("county",), OVERVIEW, id="county"),
    # A change is scoped with the duty that it is of.
    pytest.param(("row_change", "county_action"), COUNTY_ACTIONS, id="county_action"),
    pytest.param(("decision",), BRIEFING, id="decision"),
    # What was charged is named with its institution.
    pytest.param(("fee_charge", "institution"), PREPAID_FEES, id="fee_charge"),
    pytest.param(("import_batch",), LEDGER_IMPORT, id="import_batch"),
    pytest.param(("inspection",), OVERVIEW, id="inspection"),
    pytest.param(("institution",), REGISTRATION_COVERAGE, id="institution"),
    pytest.param(ITEMS, RECTIFICATION, id="rectification"),
    pytest.param(("roster_entry",), RECONCILIATION, id="roster_entry"),
    pytest.param(("refund_dispute",), REFUND_DISPUTES, id="refund_dispute"),
    pytest.param(("submission",), SUBMISSIONS, id="submission"),
    pytest.param(("violation_report",), VIOLATION_MAP, id="violation_report"),
    pytest.param(("report_place_summary",), VIOLATION_MAP, id="report_place_summary"),
]
# Whose names a sum holds.
SUMMED_UP = {"report_place_summary": "violation_report"}
# Shown as figures alone, or, as verifications are, only beside their institution, decisions on
# pairs only where line and institution are both the reader's, and old values of a row chosen.
# Plans for refunds are held to the institution, in its county, that was chosen.
NOT_SHOWN = {
    *("refund_plan", "refund_plan_step", "report_cell"),
    *("report_conclusion_summary", "report_week_summary", "roster_decision"),
    *("row_change", "verification"),
    *("weekly_snapshot", "weekly_snapshot_history", "weekly_summary"),
    # Prices, only where enough institutions teach the same.
    "course_fee",
}


def name_of(table: FromClause) -> str:
    """Return the name of a table, also of one that goes by another."""
    return str(getattr(table, "element", table).name)
