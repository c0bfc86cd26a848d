"""Which kept old values tell why a figure of a past week is another now, and which rows were wrong.

``row_change`` keeps every value that a later file or person replaced, words of reporters among
them. These columns alone feed the figures of a week, and what is said of a row's quality: days,
states, counts, money, numbers of papers and places.
"""

from __future__ import annotations

from typing import Final

# Days: a change concerns a week where the old or the new day lies in it or before it.
DAYS: Final[dict[str, tuple[str, ...]]] = {
    "institution": ("found_on", "qualified_on", "platform_registered_on", "deregistered_on"),
    "violation_report": ("received_on", "verified_on"),
    "inspection": ("inspected_on",),
    "rectification": ("opened_on", "closed_on"),
    "refund_dispute": ("opened_on", "resolved_on"),
    "fee_charge": ("charged_on",),
    "compliance_check": ("checked_on",),
    "refund_plan": ("opened_on", "closed_on"),
}
# Other values: a change concerns a week where what the row tells of happened by then.
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "institution": ("category", "county_code", "fee_supervision"),
    "violation_report": ("county_code", "status"),
    "inspection": ("county_code", "outcome", "withheld"),
    "rectification": ("county_code", "due_on", "withheld"),
    "refund_dispute": ("amount_yuan", "county_code", "plan_in_place", "students"),
    "fee_charge": (
        *("amount_yuan", "county_code", "course_ends_on", "course_starts_on", "into_escrow"),
        *("lessons", "months", "refunded_yuan"),
    ),
    "compliance_check": ("county_code", "domain", "due_on", "outcome"),
    "refund_plan": (),
}
FIGURE_COLUMNS: Final = {table: (*days, *VALUES[table]) for table, days in DAYS.items()}
# Registers of the counties' own work, which hold nobody's words but theirs: every old value of
# them is for whom the row is.
REGISTERS: Final = ("county_action", "refund_plan", "refund_plan_step", "submission")
# What else rules of data quality look at, and is known again as it was (``as_known``). Words and
# telephones are none of it: what is kept of them is masked, or nobody's but the team's.
QUALITY: Final[dict[str, tuple[str, ...]]] = {
    "institution": (
        *("credit_code", "licence_no", "licence_valid_to", "operating_status"),
        *("teachers", "students", "longitude", "latitude"),
    ),
    "verification": ("outcome",),
    "roster_entry": ("credit_code", "licence_no", "address"),
    "violation_report": ("closed_on", "place_name", "longitude", "latitude"),
    "inspection": ("people", "violation_type", "report_no", "place_name"),
    "rectification": ("status", "place_name", "responsible_department"),
    "refund_dispute": ("status", "route", "refunded_yuan"),
    "course_fee": ("price_yuan_per_lesson",),
    "compliance_check": ("failed",),
    "submission": ("submitted_on", "sha256"),
    "county_action": ("done_on",),
}
READABLE: Final = {
    table: (*FIGURE_COLUMNS.get(table, ()), *QUALITY.get(table, ()))
    for table in {**FIGURE_COLUMNS, **QUALITY}
    if table in QUALITY or table not in REGISTERS
}
# By which number ``row_change.row_key`` names a row; of other tables by its id.
NUMBERED: Final = {
    "violation_report": "report_no",
    "inspection": "inspection_no",
    "rectification": "ledger_no",
    "refund_dispute": "dispute_no",
    "compliance_check": "check_no",
}
# Of which tables the history of a row is told to whoever may read the row: they hold no words of
# reporters, and telephone numbers are hidden in old values.
WITH_HISTORY: Final = frozenset({"institution", "rectification", "refund_dispute"})
# The states of a report that has been verified.
VERIFIED: Final = ("substantiated", "unsubstantiated")
