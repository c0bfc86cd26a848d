"""The figures of a meeting counted once more, by hand: plain SQL on the facts, no code of ours.

What was known on a day is told by the facts themselves: rows that reached us later are taken out,
and values that were replaced later are put back, the last change first. No summary, no spell and
no frozen figure is read.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
FACTS = {
    "institution": "id",
    "verification": "id",
    "violation_report": "report_no",
    "inspection": "inspection_no",
    "rectification": "ledger_no",
    "rectification_event": "id",
    "refund_dispute": "dispute_no",
    "fee_charge": "id",
    "compliance_check": "check_no",
}
ALWAYS = date(9999, 12, 31)


def known_on(sample: Path, day: date = ALWAYS) -> sqlite3.Connection:
    """Copy the sample and take back all that became known after ``day``."""
    db = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(f"file:{sample}?mode=ro", uri=True)) as source:
        source.backup(db)
    db.execute("PRAGMA ignore_check_constraints = ON")  # columns are put back one by one
    for table, column, key, old in db.execute(
        "SELECT table_name, column_name, row_key, old_value FROM row_change"
        " WHERE changed_on > ? ORDER BY id DESC",
        (day.isoformat(),),
    ).fetchall():
        if table not in FACTS:
            continue
        value = {"True": 1, "False": 0}.get(old, old)
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {FACTS[table]} = ?", (value, key))  # noqa: S608
    for table in FACTS:
        db.execute(f"DELETE FROM {table} WHERE received_by_us_on > ?", (day.isoformat(),))  # noqa: S608
    for table in (
        *("violation_report", "inspection", "rectification", "refund_dispute"),
        *("compliance_check", "fee_charge"),
    ):
        db.execute(
            f"UPDATE {table} SET institution_id = NULL"  # noqa: S608
            " WHERE institution_id NOT IN (SELECT id FROM institution)"
        )
    return db


class Recount:
    """Counts as of ``day`` in ``db``; counts by county leave out counties without a case."""

    def __init__(self, db: sqlite3.Connection, day: date) -> None:
        self.db, self.day = db, day
        friday = day - timedelta(days=(day.weekday() - 4) % 7)
        self.named = {
            "day": day.isoformat(),
            "friday": friday.isoformat(),
            "before": (day - timedelta(days=30)).isoformat(),
            "recent": (day - timedelta(days=29)).isoformat(),
        }

    def rows(self, sql: str, **more: Any) -> list[Row]:
        return self.db.execute(sql, self.named | more).fetchall()

    def by_county(self, sql: str, **more: Any) -> dict[str, Any]:
        return {row[0]: row[1] if len(row) == 2 else row[1:] for row in self.rows(sql, **more)}

    def counties(self) -> dict[str, str]:
        return dict(self.rows("SELECT code, name FROM county ORDER BY ordinal"))

    def registration(self) -> dict[str, Row]:
        """By county: in operation, registered, qualified, both; subject institutions left out."""
        return self.by_county(
            "SELECT county_code, COUNT(*),"
            " COUNT(*) FILTER (WHERE platform_registered_on <= :day),"
            " COUNT(*) FILTER (WHERE qualified_on <= :day),"
            " COUNT(*) FILTER (WHERE MAX(qualified_on, platform_registered_on) <= :day)"
            " FROM institution WHERE category <> 'subject' AND found_on <= :day"
            " AND COALESCE(deregistered_on, '9999') > :day GROUP BY county_code"
        )

    def items(self) -> dict[str, Row]:
        """By county: open and overdue, from the steps alone: the last one decides."""
        return self.by_county(
            "WITH last AS (SELECT rectification_id, step, ROW_NUMBER() OVER (PARTITION BY"
            " rectification_id ORDER BY happened_on DESC, id DESC) AS place"
            " FROM rectification_event WHERE happened_on <= :day"
            " AND step IN ('register', 'close', 'reopen'))"
            " SELECT r.county_code, COUNT(*), COUNT(*) FILTER (WHERE r.due_on < :day)"
            " FROM last JOIN rectification AS r ON r.id = last.rectification_id"
            " WHERE last.place = 1 AND last.step <> 'close' GROUP BY r.county_code"
        )

    def relapse(self) -> dict[str, Row]:
        """By county: items closed thirty days ago or longer, and those that came back."""
        return self.by_county(
            "WITH closed AS (SELECT r.id, r.county_code, r.institution_id, r.place_name,"
            " COALESCE(r.institution_name_key, r.institution_name) AS name, e.happened_on AS ended"
            " FROM rectification AS r JOIN rectification_event AS e ON e.rectification_id = r.id"
            " WHERE e.step = 'close' AND e.happened_on <= :before),"
            " found AS MATERIALIZED (SELECT county_code, institution_id, place_name,"
            " COALESCE(institution_name_key, institution_name) AS name, received_on AS happened"
            " FROM violation_report WHERE status = 'substantiated' AND verified_on <= :day"
            " UNION ALL SELECT county_code, institution_id, place_name,"
            " COALESCE(institution_name_key, institution_name), inspected_on"
            " FROM inspection WHERE outcome = 'violation' AND inspected_on <= :day),"
            " back AS (SELECT c.id FROM closed AS c JOIN rectification_event AS e"
            " ON e.rectification_id = c.id WHERE e.step = 'reopen'"
            " AND e.happened_on BETWEEN c.ended AND :day"
            " UNION SELECT c.id FROM closed AS c JOIN found AS f ON f.happened > c.ended"
            " AND f.happened <= date(c.ended, '+30 days')"
            " AND CASE WHEN c.institution_id IS NOT NULL THEN f.institution_id = c.institution_id"
            " ELSE f.county_code = c.county_code AND CASE WHEN c.place_name IS NOT NULL"
            " THEN f.place_name = c.place_name ELSE f.name = c.name END END)"
            " SELECT county_code, COUNT(DISTINCT id),"
            " COUNT(DISTINCT CASE WHEN id IN (SELECT id FROM back) THEN id END)"
            " FROM closed GROUP BY county_code"
        )

    def disputes(self) -> Row:
        """Open disputes and their yuan."""
        [row] = self.rows(
            "SELECT COUNT(*), SUM(amount_yuan) FROM refund_dispute WHERE opened_on <= :day"
            " AND (resolved_on IS NULL OR resolved_on > :day)"
        )
        return row

    def flow(self) -> Row:
        """Disputes opened and resolved in the week, up to the day."""
        [row] = self.rows(
            "SELECT COUNT(*) FILTER (WHERE opened_on BETWEEN :friday AND :day),"
            " COUNT(*) FILTER (WHERE resolved_on BETWEEN :friday AND :day) FROM refund_dispute"
        )
        return row

    def watch_list(self) -> list[Row]:
        """Name, county, open, students, yuan, plan: by limits reached, then by yuan.

        A plan is one that the ledger tells of, or one on record that is under way.
        """
        return self.rows(
            "WITH each AS (SELECT d.county_code, COALESCE(MAX(i.name), MAX(d.institution_name)) AS"
            " name, SUM(d.opened_on >= :recent) AS recent,"
            " SUM(COALESCE(d.resolved_on, '9999') > :day) AS still,"
            " SUM(CASE WHEN COALESCE(d.resolved_on, '9999') > :day THEN d.students ELSE 0 END)"
            " AS students, SUM(CASE WHEN COALESCE(d.resolved_on, '9999') > :day"
            " THEN d.amount_yuan ELSE 0 END) AS yuan, MAX(CASE WHEN COALESCE(d.resolved_on, '9999')"
            " > :day THEN COALESCE(d.plan_in_place, 0) ELSE 0 END) AS reported,"
            " MAX(EXISTS (SELECT 1 FROM refund_plan AS p WHERE p.county_code = d.county_code"
            " AND COALESCE(p.institution_id, p.institution_name_key)"
            " = COALESCE(d.institution_id, d.institution_name_key) AND p.opened_on <= :day"
            " AND COALESCE(p.closed_on, '9999') > :day)) AS made"
            " FROM refund_dispute AS d LEFT JOIN institution AS i ON i.id = d.institution_id"
            " WHERE d.opened_on <= :day GROUP BY d.county_code, COALESCE(d.institution_id,"
            " d.institution_name_key, d.institution_name))"
            " SELECT each.name, county.name, still, students, yuan, MAX(reported, made)"
            " FROM each JOIN county ON county.code = each.county_code"
            " WHERE recent >= 3 OR students >= 30 OR yuan >= 100000"
            " ORDER BY (recent >= 3) + (students >= 30) + (yuan >= 100000) DESC, yuan DESC"
        )

    def reports(self) -> dict[str, int]:
        return self.by_county(
            "SELECT county_code, COUNT(*) FROM violation_report"
            " WHERE received_on BETWEEN :friday AND :day GROUP BY county_code"
        )

    def verified(self) -> Row:
        """Reports verified in the week: substantiated, and all."""
        [row] = self.rows(
            "SELECT COALESCE(SUM(status = 'substantiated'), 0), COUNT(*) FROM violation_report"
            " WHERE verified_on BETWEEN :friday AND :day"
            " AND status IN ('substantiated', 'unsubstantiated')"
        )
        return row

    def inspections(self) -> dict[str, int]:
        return self.by_county(
            "SELECT county_code, COUNT(*) FROM inspection"
            " WHERE inspected_on BETWEEN :friday AND :day GROUP BY county_code"
        )

    def supervised(self) -> dict[str, Row]:
        """By county: institutions in custody or with a deposit, and all in operation."""
        return self.by_county(
            "SELECT county_code, COUNT(*) FILTER (WHERE fee_supervision IN ('escrow', 'deposit')),"
            " COUNT(*) FROM institution WHERE found_on <= :day"
            " AND COALESCE(deregistered_on, '9999') > :day GROUP BY county_code"
        )

    def charges(self) -> dict[str, Row]:
        """By county: charges of the week beyond a rule of the summer of 2022, and all of them.

        Three months, counted by the days where none are stated; sixty lessons; a month ahead;
        into the account.
        """
        return self.by_county(
            "SELECT county_code, COUNT(*) FILTER (WHERE months > 3 OR lessons > 60"
            " OR (months IS NULL AND course_ends_on > date(course_starts_on, '+3 months'))"
            " OR date(charged_on, '+1 month') < course_starts_on OR into_escrow = 0), COUNT(*)"
            " FROM fee_charge WHERE charged_on BETWEEN :friday AND :day GROUP BY county_code"
        )

    def stopped(self) -> list[Row]:
        """County and yuan not taught yet of each institution that stopped, by days alone."""
        return self.rows(
            "SELECT i.county_code, SUM(MAX(0, c.amount_yuan * MIN(1, MAX(0, 1 -"
            " MAX(0, julianday(:day) - julianday(COALESCE(c.course_starts_on, c.charged_on)) + 1)"
            " / (julianday(c.course_ends_on)"
            " - julianday(COALESCE(c.course_starts_on, c.charged_on)) + 1)))"
            " - COALESCE(c.refunded_yuan, 0))) AS left_yuan"
            " FROM fee_charge AS c JOIN institution AS i ON i.id = c.institution_id"
            " WHERE c.charged_on <= :day AND c.course_ends_on > :day"
            " AND COALESCE(c.refunded_yuan, 0) < c.amount_yuan"
            " AND (i.deregistered_on <= :day OR i.operating_status IN ('suspended', 'unlicensed'))"
            " GROUP BY i.id HAVING left_yuan > 0"
        )

    def checked(self, domain: str, since: str) -> dict[str, Row]:
        """By county: institutions that were checked in the domain, and all in operation."""
        return self.by_county(
            "SELECT county_code, COUNT(*) FILTER (WHERE id IN (SELECT institution_id"
            " FROM compliance_check WHERE domain = :domain AND checked_on BETWEEN :since AND :day"
            ")), COUNT(*) FROM institution WHERE found_on <= :day"
            " AND COALESCE(deregistered_on, '9999') > :day GROUP BY county_code",
            domain=domain,
            since=since,
        )

    def check_findings(self, since: str) -> dict[str, Row]:
        """By county: findings, and those whose item is open and overdue, from its steps."""
        return self.by_county(
            "WITH last AS (SELECT rectification_id, step, ROW_NUMBER() OVER (PARTITION BY"
            " rectification_id ORDER BY happened_on DESC, id DESC) AS place"
            " FROM rectification_event WHERE happened_on <= :day"
            " AND step IN ('register', 'close', 'reopen')),"
            " state AS (SELECT c.county_code, COALESCE(l.step, '') <> 'close' AS is_open,"
            " COALESCE(r.due_on, c.due_on) AS due_on FROM compliance_check AS c"
            " LEFT JOIN last AS l ON l.rectification_id = c.rectification_id AND l.place = 1"
            " LEFT JOIN rectification AS r ON r.id = c.rectification_id"
            " WHERE c.outcome = 'finding' AND c.checked_on BETWEEN :since AND :day)"
            " SELECT county_code, COUNT(*), SUM(is_open), SUM(is_open AND due_on < :day)"
            " FROM state GROUP BY county_code",
            since=since,
        )

    def points(self, since: str) -> dict[str, dict[str, Row]]:
        """By measure and county: part and whole of what has been done in the campaign."""
        return {
            "场地核查率": self.by_county(
                "SELECT county_code, COUNT(*) FILTER (WHERE id IN (SELECT institution_id"
                " FROM verification WHERE item = 'premises' AND verified_on <= :day"
                " AND outcome IN ('pass', 'fail'))), COUNT(*) FROM institution"
                " WHERE found_on <= :day AND COALESCE(deregistered_on, '9999') > :day"
                " GROUP BY county_code"
            ),
            "举报核查完成率": self.by_county(
                "SELECT county_code, COUNT(*) FILTER (WHERE verified_on <= :day"
                " AND status LIKE '%substantiated'), COUNT(*) FROM violation_report"
                " WHERE received_on BETWEEN :since AND :day GROUP BY county_code",
                since=since,
            ),
            "联合检查占比": self.by_county(
                "SELECT county_code, SUM(method = 'joint'), COUNT(*) FROM inspection"
                " WHERE inspected_on BETWEEN :since AND :day GROUP BY county_code",
                since=since,
            ),
        }
