"""Tables of the shared supervision database, as SQLAlchemy Core metadata.

Other systems read this database: names and units are public, and every table and
column says in its comment what it holds (``docs/data-dictionary.md``).
"""

from data_access.schema.administration import (
    account,
    audit_event,
    county_action,
    decision,
    row_change,
    sign_in,
    submission,
)
from data_access.schema.base import metadata
from data_access.schema.institutions import (
    course_fee,
    fee_charge,
    institution,
    roster_decision,
    roster_entry,
    verification,
)
from data_access.schema.planning import (
    officer,
    visit_candidate,
    visit_plan,
    visit_stop,
    visit_team,
)
from data_access.schema.reference import (
    campaign,
    county,
    data_version,
    import_batch,
    import_problem,
    town,
)
from data_access.schema.refund_plans import refund_plan, refund_plan_step
from data_access.schema.summaries import (
    city_median,
    place_week_summary,
    report_cell,
    report_place_summary,
    report_week_summary,
    weekly_snapshot,
    weekly_snapshot_history,
    weekly_summary,
)
from data_access.schema.supervision import (
    compliance_check,
    inspection,
    rectification,
    rectification_event,
    rectification_spell,
    refund_dispute,
    violation_report,
)
from data_access.schema.unit_summaries import (
    report_cell_summary,
    report_conclusion_summary,
    report_unit_summary,
    report_verdict_summary,
)

__all__ = [
    "account",
    "audit_event",
    "campaign",
    "city_median",
    "compliance_check",
    "county",
    "county_action",
    "course_fee",
    "data_version",
    "decision",
    "fee_charge",
    "import_batch",
    "import_problem",
    "inspection",
    "institution",
    "metadata",
    "officer",
    "place_week_summary",
    "rectification",
    "rectification_event",
    "rectification_spell",
    "refund_dispute",
    "refund_plan",
    "refund_plan_step",
    "report_cell",
    "report_cell_summary",
    "report_conclusion_summary",
    "report_place_summary",
    "report_unit_summary",
    "report_verdict_summary",
    "report_week_summary",
    "roster_decision",
    "roster_entry",
    "row_change",
    "sign_in",
    "submission",
    "town",
    "verification",
    "violation_report",
    "visit_candidate",
    "visit_plan",
    "visit_stop",
    "visit_team",
    "weekly_snapshot",
    "weekly_snapshot_history",
    "weekly_summary",
]
