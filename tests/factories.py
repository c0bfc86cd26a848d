"""Rows for tests: everything a table insists on has a value that nobody relies on."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, insert, update

from data_access import schema, summaries
from data_access.weeks import reporting_week

CITY, SOUTH, NEW_AREA = "450202", "450204", "4502LD"
THURSDAY = date(2022, 8, 25)
EARLIER = date(2022, 6, 1)
_numbers = count(1)


def _add(conn: Connection, table: Table, row: dict[str, Any]) -> int:
    key = conn.execute(insert(table).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def institution(conn: Connection, **columns: Any) -> int:
    """An arts institution of the city, in operation since June."""
    name = columns.get("name", f"示例机构{next(_numbers)}")
    row = {
        "county_code": CITY,
        "name": name,
        "name_key": name,
        "category": "arts",
        "operating_status": "operating",
        "found_on": EARLIER,
        "received_by_us_on": EARLIER,
    }
    return _add(conn, schema.institution, row | columns)


def verification(conn: Connection, institution_id: int, **columns: Any) -> int:
    """A licence found in order."""
    row = {
        "institution_id": institution_id,
        "county_code": CITY,
        "item": "licence",
        "verified_on": EARLIER,
        "outcome": "pass",
        "received_by_us_on": EARLIER,
    }
    return _add(conn, schema.verification, row | columns)


def report(conn: Connection, *, counted: bool = True, **columns: Any) -> int:
    """A report received on the Thursday, at no place yet; its week is ``counted`` as by imports."""
    row = {
        "report_no": f"JB{next(_numbers)}",
        "received_on": THURSDAY,
        "channel": "12345 热线",
        "channel_group": "12345 热线",
        "violation_type": "一对一",
        "violation_type_group": "一对一",
        "county_code": CITY,
        "status": "received",
        "received_by_us_on": THURSDAY,
    } | columns
    row.setdefault("week", reporting_week(row["received_on"]))
    if row.get("verified_on"):
        row.setdefault("verified_week", reporting_week(row["verified_on"]))
    added = _add(conn, schema.violation_report, row)
    if counted:
        summaries.rebuild(conn, {"violation_report": [row["week"]]})
    return added


def inspection(conn: Connection, **columns: Any) -> int:
    """A routine inspection on the Thursday that found nothing."""
    row = {
        "inspection_no": f"JC{next(_numbers)}",
        "inspected_on": THURSDAY,
        "county_code": CITY,
        "method": "routine",
        "outcome": "clear",
        "received_by_us_on": THURSDAY,
    } | columns
    row.setdefault("week", reporting_week(row["inspected_on"]))
    return _add(conn, schema.inspection, row)


def rectification(conn: Connection, *, spells: bool = True, **columns: Any) -> int:
    """An item opened in June, due on the Thursday, with its one spell unless told otherwise."""
    row = {
        "ledger_no": f"ZG{next(_numbers)}",
        "county_code": CITY,
        "source": "inspection",
        "issue_type": "无证办学",
        "severity": 1,
        "opened_on": EARLIER,
        "due_on": THURSDAY,
        "status": "in_progress",
        "received_by_us_on": EARLIER,
    } | columns
    if row["status"] == "closed":
        row = {"evidence": "照片", "verified_by": "督查员甲", "public_accepted": True} | row
    item = _add(conn, schema.rectification, row)
    if spells:
        spell(
            conn,
            item,
            county_code=row["county_code"],
            opened_on=row["opened_on"],
            closed_on=row.get("closed_on"),
            withheld=row.get("withheld", False),
        )
    return item


def spell(conn: Connection, rectification_id: int, *, spell_no: int = 1, **columns: Any) -> None:
    """A time in which an item was open."""
    closed_on = columns.get("closed_on")
    row = {
        "rectification_id": rectification_id,
        "spell_no": spell_no,
        "county_code": CITY,
        "opened_on": EARLIER,
        "closed_week": reporting_week(closed_on) if closed_on else None,
    } | columns
    row["opened_week"] = reporting_week(row["opened_on"])
    conn.execute(insert(schema.rectification_spell).values(row))


def dispute(conn: Connection, **columns: Any) -> int:
    """A dispute of one student over 1,000 yuan, opened on the Thursday and still open."""
    row = {
        "dispute_no": f"TF{next(_numbers)}",
        "institution_name": "示例机构",
        "county_code": CITY,
        "opened_on": THURSDAY,
        "students": 1,
        "amount_yuan": 1000.0,
        "status": "open",
        "received_by_us_on": THURSDAY,
    } | columns
    row.setdefault("week", reporting_week(row["opened_on"]))
    if row.get("resolved_on"):
        row.setdefault("resolved_week", reporting_week(row["resolved_on"]))
    return _add(conn, schema.refund_dispute, row)


def price(conn: Connection, institution_id: int, **columns: Any) -> int:
    """A lesson of an hour for 100 yuan, in force since June."""
    row = {
        "institution_id": institution_id,
        "county_code": CITY,
        "course": "钢琴",
        "item": "钢琴",
        "class_size": "一对一",
        "lesson_minutes": 60,
        "price_yuan_per_lesson": 100.0,
        "effective_on": EARLIER,
        "received_by_us_on": EARLIER,
    }
    return _add(conn, schema.course_fee, row | columns)


def charge(conn: Connection, institution_id: int, **columns: Any) -> int:
    """1,000 yuan charged on the Thursday, into escrow."""
    row = {
        "receipt_no": f"PJ{next(_numbers)}",
        "course": "钢琴",
        "institution_id": institution_id,
        "county_code": CITY,
        "charged_on": THURSDAY,
        "amount_yuan": 1000.0,
        "into_escrow": True,
        "received_by_us_on": THURSDAY,
    }
    return _add(conn, schema.fee_charge, row | columns)


def refund_plan(conn: Connection, *steps: dict[str, Any], **columns: Any) -> int:
    """Add a plan for refunds with its steps, each due on the day unless it says otherwise."""
    row = {
        "county_code": CITY,
        "institution_name": "示例机构",
        "institution_name_key": columns.get("institution_name", "示例机构"),
        "opened_on": EARLIER,
        "owner": "责任人",
        "aim": "分批退费",
        "created_by": "450202@demo",
        "created_at": datetime.combine(EARLIER, time(9)),
    } | columns
    plan = _add(conn, schema.refund_plan, row)
    for number, step in enumerate(steps, start=1):
        usual = {"refund_plan_id": plan, "county_code": row["county_code"], "step_no": number}
        _add(conn, schema.refund_plan_step, usual | {"what": "约谈", "due_on": THURSDAY} | step)
    return plan


def roster(conn: Connection, **columns: Any) -> int:
    """A line of the ministry's list that came in June and is not matched."""
    name = columns.get("name", f"示例机构{next(_numbers)}")
    row = {
        "source": "moe",
        "county_code": CITY,
        "name": name,
        "name_key": name,
        "received_by_us_on": EARLIER,
    }
    return _add(conn, schema.roster_entry, row | columns)


def visit_stop(conn: Connection) -> int:
    """A stop of a plan that is not released."""
    return visit_plan(conn, CITY)[0]


def visit_plan(conn: Connection, *counties: str, status: str = "draft") -> list[int]:
    """A plan with one team, and in each county a candidate that it stops at; return the stops."""
    plan = _add(
        conn,
        schema.visit_plan,
        {
            "first_day": EARLIER,
            "last_day": THURSDAY,
            "created_by": "supervisor@demo",
            "created_at": datetime(2022, 6, 1, 9),  # noqa: DTZ001
            "status": "draft",
            "seed": 1,
            "parameters": {},
        },
    )
    team = {
        "visit_plan_id": plan,
        "team": 1,
        "officers": [{"name": "检查员甲", "department": "教育局", "home_county": None}],
        "start_name": "市政府",
        "starts_at": time(8, 30),
        "ends_at": time(20, 30),
    }
    _add(conn, schema.visit_team, team)
    stops = []
    for number, county in enumerate(counties, start=1):
        place = {"visit_plan_id": plan, "county_code": county, "name": "角宿大厦"}
        place |= {"ordinal": number, "score": 1.0, "reasons": ["属实举报 1 件（+1 分）"]}
        _add(conn, schema.visit_candidate, place | {"drawn_order": number})
        at = {"visit_on": EARLIER, "team": 1, "sequence": number, "chosen_by": "random"}
        stops.append(_add(conn, schema.visit_stop, place | at))
    steps = {"draft": [], "sealed": ["sealed"], "released": ["sealed", "released"]}
    for step in steps[status]:
        change = update(schema.visit_plan).where(schema.visit_plan.c.id == plan)
        conn.execute(change.values(status=step, digest="0" * 64))
    return stops


def check(conn: Connection, institution_id: int | None = None, **columns: Any) -> int:
    """A check of the safety of premises on the Thursday that found nothing."""
    row = {
        "check_no": f"ZX{next(_numbers)}",
        "institution_id": institution_id,
        "county_code": CITY,
        "domain": "safety",
        "checked_on": THURSDAY,
        "outcome": "clear",
        "received_by_us_on": THURSDAY,
    }
    return _add(conn, schema.compliance_check, row | columns)
