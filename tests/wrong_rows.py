"""A right row of every table, and for each rule of the schema a row that breaks it alone.

``RIGHT`` are rows that every database takes; ``wrong_rows`` changes one of them as little as
its rule asks for. A rule added to the schema is broken by the first value that fits its kind
(an unknown word, a negative amount, a link to nothing), or waits for a line in ``_BROKEN``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
    insert,
)

from data_access import schema
from data_access.schema.summaries import FLAWS, LOOKED_AT, TYPE_COLUMNS
from data_access.schema.unit_summaries import WEEKDAYS
from tests.factories import CITY, THURSDAY

AT: Final = datetime(2022, 8, 25, 9, 30)  # noqa: DTZ001
_PLACED: Final = {"longitude": 109.4, "latitude": 24.3}
_SUMMED_UP: Final = {
    "n": 1,
    "verified": 0,
    "substantiated": 0,
    "first_on": THURSDAY,
    "last_on": THURSDAY,
}
_OF_A_UNIT: Final = {"institution_id": 0, "place_key": "1", "n": 1}
_FACT: Final = {"county_code": CITY, "received_by_us_on": THURSDAY}
_LATER: Final = date(2022, 9, 30)

# In the order in which they can be written: what a row points at comes before it.
RIGHT: Final[dict[str, dict[str, Any]]] = {
    "county": {
        "code": "450299",
        "name": "示例区",
        "short_name": "示例",
        "kind": "district",
        "ordinal": 99,
    },
    "town": {"code": "450299001", "name": "示例街道", "boundary_code": "450299"},
    "campaign": {"id": 2, "name": "示例行动", "starts_on": THURSDAY, "ends_on": THURSDAY},
    "account": {"email": "甲@example.org", "role": "leader", "active": True},
    "sign_in": {"digest": "0" * 64, "email": "甲@example.org", "at": AT},
    "audit_event": {"id": 1, "at": AT, "action": "export"},
    "officer": {"id": 1, "name": "甲", "department": "教育局", "active": True},
    "import_batch": {
        "id": 1,
        "kind": "institutions",
        "file_name": "机构.xlsx",
        "sha256": "0" * 64,
        "imported_by": "甲@example.org",
        "imported_at": AT,
        "received_on": THURSDAY,
        **dict.fromkeys(("rows_read", "rows_loaded", "rows_updated", "rows_rejected"), 0),
    },
    "import_problem": {"id": 1, "batch_id": 1, "problem": "错误", "severity": "error"},
    "institution": {
        **_FACT,
        **_PLACED,
        "id": 1,
        "name": "甲",
        "name_key": "甲",
        "credit_code": "91450200TEST00001X",
        "category": "arts",
        "operating_status": "operating",
        "found_on": THURSDAY,
        "fee_supervision": "escrow",
    },
    "verification": {
        **_FACT,
        "id": 1,
        "institution_id": 1,
        "item": "licence",
        "verified_on": THURSDAY,
        "outcome": "pass",
    },
    "roster_entry": {
        **_FACT,
        "id": 1,
        "source": "moe",
        "entry_no": "1",
        "name": "甲",
        "name_key": "甲",
        "match_status": "unmatched",
    },
    "roster_decision": {
        "id": 1,
        "roster_entry_id": 1,
        "institution_id": 1,
        "county_code": CITY,
        "verdict": "different",
        "decided_by": "450202@demo",
        "decided_at": AT,
    },
    "course_fee": {
        **_FACT,
        "id": 1,
        "institution_id": 1,
        "course": "书法",
        "item": "书法",
        "class_size": "小班",
        "lesson_minutes": 0,
        "price_yuan_per_lesson": 0,
        "effective_on": THURSDAY,
    },
    "fee_charge": {
        **_FACT,
        "id": 1,
        "institution_id": 1,
        "receipt_no": "1",
        "course": "书法",
        "charged_on": THURSDAY,
        "amount_yuan": 0,
    },
    "visit_plan": {
        "id": 1,
        "first_day": THURSDAY,
        "last_day": THURSDAY,
        "created_by": "甲@example.org",
        "created_at": AT,
        "status": "draft",  # so that what belongs to it can be written after it
        "seed": 1,
        "parameters": {},
        "digest": "0" * 64,
    },
    "visit_candidate": {
        **_PLACED,
        "id": 1,
        "visit_plan_id": 1,
        "ordinal": 1,
        "county_code": CITY,
    },
    "visit_team": {
        **_PLACED,
        "id": 1,
        "visit_plan_id": 1,
        "team": 1,
        "officers": [],
        "start_name": "甲",
        "starts_at": time(8, 30),
        "ends_at": time(20, 30),
    },
    "visit_stop": {
        **_PLACED,
        "id": 1,
        "visit_plan_id": 1,
        "visit_on": THURSDAY,
        "team": 1,
        "sequence": 1,
        "county_code": CITY,
        "chosen_by": "risk",
    },
    "violation_report": {
        **_FACT,
        **_PLACED,
        "id": 1,
        "report_no": "JB-1",
        "received_on": THURSDAY,
        "week": THURSDAY,
        "channel": "12345 热线",
        "channel_group": "12345 热线",
        "violation_type": "一对一",
        "violation_type_group": "一对一",
        "status": "received",
    },
    "inspection": {
        **_FACT,
        "id": 1,
        "inspection_no": "JC-1",
        "inspected_on": THURSDAY,
        "week": THURSDAY,
        "method": "routine",
        "outcome": "clear",
        "visit_stop_id": 1,
        "withheld": True,
    },
    "rectification": {
        **_FACT,
        "id": 1,
        "ledger_no": "ZG-1",
        "source": "report",
        "issue_type": "无证办学",
        "severity": 3,
        "opened_on": THURSDAY,
        "due_on": _LATER,
        "status": "closed",
        "closed_on": THURSDAY,
        "evidence": "照片",
        "verified_by": "乙",
        "public_accepted": True,
    },
    "compliance_check": {
        **_FACT,
        "id": 1,
        "check_no": "1",
        "domain": "safety",
        "checked_on": THURSDAY,
        "outcome": "clear",
        "rectification_id": 1,
    },
    "refund_plan": {
        "id": 1,
        "county_code": CITY,
        "institution_id": 1,
        "institution_name": "示例机构",
        "institution_name_key": "示例机构",
        "opened_on": THURSDAY,
        "owner": "经办人甲",
        "aim": "分期退费",
        "created_by": "450202@demo",
        "created_at": AT,
    },
    "refund_plan_step": {
        "id": 1,
        "refund_plan_id": 1,
        "county_code": CITY,
        "step_no": 1,
        "what": "约谈负责人",
        "due_on": THURSDAY,
    },
    "rectification_event": {
        **_FACT,
        "id": 1,
        "rectification_id": 1,
        "happened_on": THURSDAY,
        "step": "register",
    },
    "rectification_spell": {
        "rectification_id": 1,
        "spell_no": 1,
        "county_code": CITY,
        "opened_on": THURSDAY,
        "opened_week": THURSDAY,
    },
    "refund_dispute": {
        **_FACT,
        "id": 1,
        "dispute_no": "TF-1",
        "institution_name": "甲",
        "opened_on": THURSDAY,
        "week": THURSDAY,
        "students": 0,
        "amount_yuan": 0,
        "status": "open",
    },
    "county_action": {**_FACT, "id": 1, "duty": "hotline"},
    "submission": {
        **_FACT,
        "id": 1,
        "document": "weekly_form",
        "period": "2022-08-25",
        "due_on": THURSDAY,
    },
    "decision": {
        "id": 1,
        "week": THURSDAY,
        "what": "约谈",
        "owner": "甲",
        "kind": "decision",
        "created_by": "甲@example.org",
        "created_at": AT,
    },
    "row_change": {
        "id": 1,
        "table_name": "institution",
        "row_key": "1",
        "column_name": "name",
        "email": "甲@example.org",
        "changed_on": THURSDAY,
    },
    "weekly_summary": {
        "subject": "inspection",
        "week": THURSDAY,
        "county_code": CITY,
        "status": "",
        "kind": "",
        "withheld": False,
        "n": 1,
        "students": 0,
        "amount_yuan": 0,
    },
    "place_week_summary": {
        "place_key": "1",
        "week": THURSDAY,
        "county_code": CITY,
        "status": "received",
        "kind": "",
        "n": 1,
    },
    "report_week_summary": {
        "week": THURSDAY,
        "county_code": CITY,
        "received_by_us_on": THURSDAY,
        "batch_id": 0,
        **_SUMMED_UP,
        **dict.fromkeys((*LOOKED_AT, *FLAWS), 0),
    },
    "report_cell": {"county_code": CITY, "cell": "894031a9dc3ffff"},
    "report_place_summary": {
        "week": THURSDAY,
        "county_code": CITY,
        "place_key": "",
        "place_name": "",
        **_SUMMED_UP,
        "located": 0,
        "longitude_sum": 0,
        "latitude_sum": 0,
        "unlinked": 0,
        **dict.fromkeys(TYPE_COLUMNS, 0),
    },
    "report_unit_summary": {
        "week": THURSDAY,
        "county_code": CITY,
        **_OF_A_UNIT,
        **dict.fromkeys(("proven", "open", "located", "named", "addressed"), 0),
        **dict.fromkeys(("longitude_sum", "latitude_sum"), 0),
        "first_on": THURSDAY,
        **{f"{kind}_{day}": 0 for kind in ("proven", "open", "n") for day in WEEKDAYS},
    },
    "report_verdict_summary": {
        "week": THURSDAY,
        "county_code": CITY,
        **_OF_A_UNIT,
        "verified_week": THURSDAY,
        "proven": 0,
        **{f"{kind}_{day}": 0 for kind in ("proven", "untrue") for day in WEEKDAYS},
    },
    "report_cell_summary": {
        "week": THURSDAY,
        "county_code": CITY,
        "cell": "1",
        "substantiated_week": THURSDAY,
        "n": 1,
    },
    "report_conclusion_summary": {
        "week": THURSDAY,
        "verified_week": THURSDAY,
        "county_code": CITY,
        "status": "substantiated",
        "violation_type_group": "一对一",
        "n": 1,
        **{f"verified_{day}": 0 for day in WEEKDAYS},
    },
    "weekly_snapshot": {
        "week": THURSDAY,
        "indicator": "coverage",
        "county_code": CITY,
        "frozen_at": AT,
    },
    "weekly_snapshot_history": {
        "week": THURSDAY,
        "indicator": "coverage",
        "county_code": CITY,
        "frozen_at": AT,
        "replaced_at": AT,
        "reason": "漏报",
    },
    "city_median": {"indicator": "coverage", "as_of": THURSDAY, "value": 0.5, "counties": 5},
}
# The one row of data_version is among the reference rows.
_REFERENCE: Final = {"data_version": {"id": 1, "version": 1}}

# What breaks a rule that says more than "one of these words" or "not below zero".
_BROKEN: Final[dict[str, list[dict[str, Any]]]] = {
    "uq_county_name": [{"code": "450298", "short_name": "别", "ordinal": 98}],
    "uq_county_short_name": [{"code": "450298", "name": "别", "ordinal": 98}],
    "uq_county_ordinal": [{"code": "450298", "name": "别", "short_name": "别"}],
    "ck_campaign_ends_after_it_starts": [{"ends_on": date(2022, 8, 24)}],
    "ck_data_version_one_row": [{"id": 2}],
    "ck_import_batch_rows_add_up": [{"rows_read": 1}, {"rows_rejected": 1}],
    "ck_import_batch_rows_loaded_not_negative": [{"rows_loaded": -1, "rows_updated": 1}],
    "ck_import_batch_rows_updated_not_negative": [{"rows_updated": -1, "rows_loaded": 1}],
    "ck_import_batch_rows_rejected_not_negative": [{"rows_rejected": -1, "rows_loaded": 1}],
    "ck_institution_deregistered_has_its_day": [{"operating_status": "deregistered"}],
    "ck_roster_entry_matched_names_its_institution": [
        {"match_status": "matched"},
        {"institution_id": 1},
        {"match_status": "dismissed", "institution_id": 1},
    ],
    "ck_compliance_check_severity_known": [{"severity": 0}, {"severity": 4}],
    "ck_compliance_check_aspects_are_of_safety": [{"aspect": "fire", "domain": "staff"}],
    "ck_compliance_check_failed_were_examined": [{"examined": 1, "failed": 2}],
    "ck_refund_plan_step_steps_from_one": [{"step_no": 0}],
    "ck_refund_plan_step_done_has_evidence": [{"done_on": THURSDAY}],
    "ck_inspection_only_visits_are_withheld": [{"visit_stop_id": None}],
    "ck_rectification_severity_known": [{"severity": 0}, {"severity": 4}],
    "ck_rectification_closed_is_verified": [
        {"closed_on": None},
        {"evidence": None},
        {"verified_by": None},
    ],
    "ck_rectification_reported_needs_acceptance": [
        {"public_accepted": False},
        {"public_accepted": None},
    ],
    "ck_rectification_spell_spell_no_from_one": [{"spell_no": 0}],
    "ck_refund_dispute_resolved_has_its_day": [{"status": "resolved"}],
    "ck_county_action_done_has_evidence": [{"done_on": THURSDAY}],
    "ck_refund_dispute_open_has_no_resolution_day": [{"resolved_on": THURSDAY}],
    "ck_visit_plan_days_in_order": [{"last_day": date(2022, 8, 24)}],
    "ck_visit_team_hours_in_order": [{"ends_at": time(8, 30)}],
    "ck_visit_plan_sealed_has_its_digest": [
        {"status": "sealed", "seed": None},
        {"status": "sealed", "digest": None},
    ],
    "ck_row_change_somebody_changed_it": [{"email": None}],
    "ck_account_county_account_has_county": [{"role": "county"}, {"county_code": CITY}],
    "ck_weekly_summary_n_positive": [{"n": 0}],
    "ck_place_week_summary_n_positive": [{"n": 0}],
    "ck_report_week_summary_n_positive": [{"n": 0}],
    "ck_report_place_summary_n_positive": [{"n": 0}],
    "ck_report_unit_summary_n_positive": [{"n": 0}],
    "ck_report_verdict_summary_n_positive": [{"n": 0}],
    "ck_report_cell_summary_n_positive": [{"n": 0}],
    "ck_report_conclusion_summary_n_positive": [{"n": 0}],
    "ck_city_median_hidden_under_five": [{"counties": 4}],
    "fk_account_county_code": [{"role": "county", "county_code": "999999"}],
    "fk_roster_entry_institution_id": [{"match_status": "matched", "institution_id": 999_999}],
}
_GEOGRAPHY: Final = {
    "coordinates_come_in_pairs": [{"longitude": None}, {"latitude": None}],
    "coordinates_on_the_globe": [{"longitude": 180.1}, {"latitude": -90.1}],
}
_NOT_NEGATIVE: Final = "_not_negative"
_KNOWN: Final = "_known"


@dataclass(frozen=True)
class WrongRow:
    """A row, and the rule that must refuse it.

    ``changed`` is what it has of its own beside the right row. SQLite does not name every
    rule that it holds to: ``sqlite`` is what it says. ``again`` rows are refused because the
    right one is there already.
    """

    rule: str
    table: Table
    changed: dict[str, Any]
    sqlite: str
    again: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """The whole row."""
        return right_row(self.table) | self.changed

    def __str__(self) -> str:
        return f"{self.rule}({', '.join(f'{k}={v}' for k, v in self.changed.items())})"


def right_row(table: Table) -> dict[str, Any]:
    """Return a row that ``table`` takes."""
    return RIGHT.get(table.name) or _REFERENCE[table.name]


def add_right_rows(conn: Connection, *, before: Table | None = None) -> None:
    """Write a right row into every table, or into those that come before one of them."""
    for name, row in RIGHT.items():
        if before is not None and name == before.name:
            return
        conn.execute(insert(schema.metadata.tables[name]).values(row))


def add_wrong_row(conn: Connection, wrong: WrongRow) -> None:
    """Write what the row points at, and then the row."""
    add_right_rows(conn, before=None if wrong.again else wrong.table)
    conn.execute(insert(wrong.table).values(wrong.columns))


def wrong_rows() -> list[WrongRow]:
    """Return for every rule of the schema the rows that break it."""
    found = []
    for table in schema.metadata.sorted_tables:
        unique = [index for index in table.indexes if index.unique]
        for rule in sorted([*table.constraints, *unique], key=lambda rule: str(rule.name)):
            name = str(rule.name)
            match rule:
                case CheckConstraint():
                    said = f"CHECK constraint failed: {name}"
                    rows = _BROKEN.get(name) or _breaking(name.removeprefix(f"ck_{table.name}_"))
                case ForeignKeyConstraint():
                    said = "FOREIGN KEY constraint failed"
                    rows = _BROKEN.get(name) or [_pointing_at_nothing(table, rule.column_keys)]
                case UniqueConstraint() | Index():
                    columns = ", ".join(f"{table.name}.{column.name}" for column in rule.columns)
                    said = f"UNIQUE constraint failed: {columns}"
                    rows = _BROKEN.get(name) or [{"id": 2}]
                case _:
                    continue  # the primary key
            again = isinstance(rule, UniqueConstraint | Index)
            found += [WrongRow(name, table, row, said, again) for row in rows]
    return found


def _breaking(check: str) -> list[dict[str, Any]]:
    """Return the rows that break a check that says no more than its name."""
    if check in _GEOGRAPHY:
        return _GEOGRAPHY[check]
    if check.endswith(_NOT_NEGATIVE):
        return [{check.removesuffix(_NOT_NEGATIVE): -1}]
    if check.endswith(_KNOWN):
        return [{check.removesuffix(_KNOWN): "x"}]
    raise AssertionError(f"no row breaks {check}: add one to {__name__}")


def _pointing_at_nothing(table: Table, columns: list[str]) -> dict[str, Any]:
    return {
        name: "999999" if table.c[name].type.python_type is str else 999_999 for name in columns
    }
