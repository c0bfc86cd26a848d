"""A city in which every text says whose it is: the database that the proofs run on.

Built from the schema: a table that is added later is filled like all others, each of its texts
with a marker, or the build fails and says which column cannot hold one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from analysis.week_figures import Figure
from data_access import accounts, clock, migration, schema, summaries
from data_access.audit import Action
from data_access.engine import connect_to
from data_access.ledgers.matching import OWN_NUMBERS
from data_access.ledgers.places import h3_cells
from data_access.schema import metadata
from data_access.weeks import reporting_week
from tests import small_cities
from tests.canaries.markers import ADMIN, CITY, PLAN, RELEASED, REPORTER, SEALED, marker
from tests.wrong_rows import right_row

THURSDAY: Final = date(2022, 8, 25)
LAST: Final = THURSDAY - timedelta(days=1)  # of what is not born of a plan

# Texts with listed words, or with a form, that no rule of the database lists.
LISTED: Final = {
    "audit_event.action",
    "import_batch.kind",
    "import_batch.sha256",
    "inspection.violation_type_group",
    "institution.town_code",
    "violation_report.cell",
    "violation_report.channel_group",
    "violation_report.town_code",
    "violation_report.violation_type_group",
    "visit_candidate.category",
}
WORDS_OF_REPORTERS: Final = {"violation_report.reporter_phone", "violation_report.summary"}
PLANS: Final = {"officer", "visit_candidate", "visit_plan", "visit_stop", "visit_team"}
ADMINISTRATION: Final = {"account", "audit_event", "sign_in"}
# Rows that every database has, and rows that are counted from others.
GIVEN: Final = {"campaign", "city_median", "county", "data_version", "town"}
COUNTED: Final = {
    *("place_week_summary", "report_cell", "report_place_summary", "report_week_summary"),
    "weekly_summary",
    *("report_cell_summary", "report_conclusion_summary"),
    *("report_unit_summary", "report_verdict_summary"),
}
# Tables with several rows a county, written one by one below.
VARIED: Final = {
    "compliance_check",
    "course_fee",
    "fee_charge",
    "inspection",
    "institution",
    "rectification",
    "rectification_event",
    "rectification_spell",
    "refund_dispute",
    "submission",
    "verification",
    "violation_report",
}

# What a rule of a table asks of columns that would be filled otherwise.
# What is held against lists must have come by the first choice of a day.
CAME: Final = {"received_by_us_on": LAST - timedelta(days=30)}
BY_RULE: Final[dict[str, dict[str, Any]]] = {
    "institution": CAME,
    "roster_entry": {"institution_id": None, **CAME},
}

# Ordinals of candidates that no route leads to.
NOT_REACHED: Final = 21
LEFT: Final = 22
TEAMS: Final = 3

# How pages know the JSON of a column, around its marker.
SHAPES: Final[dict[str, Callable[[str], Any]]] = {
    "visit_candidate.reasons": lambda said: [f"{said}（+2 分）"],
    "visit_plan.parameters": lambda said: {
        "stops_by_lot": 2,
        "teams": TEAMS,
        "team_size": 2,
        "most_stops": 12,
        "starts": [said],
        "departments": [said],
        "counties": [],
        "officers": [{"id": 1, "name": said, "department": said, "home_county": None}],
    },
    "visit_plan.routing": lambda said: {"explained": [said], "left_out": {str(NOT_REACHED): said}},
    "visit_stop.reasons": lambda said: [f"{said}（+2 分）"],
    "visit_team.officers": lambda said: [
        {"name": said, "department": said, "home_county": None} for _ in range(2)
    ],
}
# Every plan has been to each of its steps, from the first to its own.
STATUSES: Final = {PLAN: ("draft",), SEALED: ("sealed",), RELEASED: ("sealed", "released")}

_numbers = count(1)


def build(path: Path) -> Path:
    """Write the city of canaries to an SQLite file that is not there yet."""
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        codes = list(conn.scalars(select(schema.county.c.code).order_by(schema.county.c.ordinal)))
        for code in codes:
            named = {"name": marker(code, "county", "name", 32)}
            conn.execute(update(schema.county).where(schema.county.c.code == code).values(named))
        _Rows(conn, ADMIN).add_administration()
        city = _Rows(conn, CITY)
        for table in _plain_tables():
            if table.name == "import_problem" or _is_nullable(table, "county_code"):
                city.add(table)
        plans = {kind: _Rows(conn, kind) for kind in STATUSES}
        for plan in plans.values():
            plan.add(schema.visit_plan, status="draft")
            for team in range(1, TEAMS + 1):
                plan.add(schema.visit_team, team=team)
        plans[PLAN].add(schema.officer)
        for place, code in enumerate(codes):
            _add_county(conn, code, place, plans)
        for kind, statuses in STATUSES.items():
            mine = schema.visit_plan.c.id == plans[kind].links["visit_plan"]
            for status in statuses:
                conn.execute(update(schema.visit_plan).where(mine).values(status=status))
        summaries.rebuild_all(conn)
        freeze(conn)
    engine.dispose()
    return path


def freeze(conn: Connection) -> None:
    """Put the figures of the week, as the rows have them, beside the markers of frozen ones."""
    figures, of = small_cities.figures(conn, THURSDAY), schema.weekly_snapshot.c
    conn.execute(delete(schema.weekly_snapshot).where(of.indicator.in_(list(Figure))))
    marks = {
        "week": THURSDAY,
        "frozen_at": right_row(schema.weekly_snapshot)["frozen_at"],
        "last_batch_id": conn.scalar(select(func.max(schema.import_batch.c.id))),
        "last_change_id": conn.scalar(select(func.max(schema.row_change.c.id))),
    }
    rows = figures.astype("object").where(figures.notna(), None).to_dict("records")
    conn.execute(insert(schema.weekly_snapshot), [{**row, **marks} for row in rows])


@dataclass
class _Rows:
    """Rows of one owner, each text of them a marker; links lead to the owner's first rows."""

    conn: Connection
    owner: str
    county: str | None = None
    links: dict[str, Any] = field(default_factory=dict)

    def add(self, table: Table, **columns: Any) -> Any:
        """Write a row that is right but for the markers and ``columns``; return its key."""
        columns = BY_RULE.get(table.name, {}) | columns
        row = {c.name: self._value(c, next(_numbers)) for c in table.c if c.name not in columns}
        row = {name: value for name, value in row.items() if value is not None} | columns
        key = self.conn.execute(insert(table).values(row)).inserted_primary_key
        assert key is not None
        self.links.setdefault(table.name, key[0])
        return key[0]

    def _value(self, column: Column[Any], number: int) -> Any:
        table = column.table
        if column.foreign_keys:
            [target] = [key.column.table.name for key in column.foreign_keys]
            return self.county if target == "county" else self.links.get(target)
        if column.name == "id":
            return None
        if isinstance(column.type, JSON):
            said = marker(self.owner, table.name, column.name)
            return SHAPES.get(f"{table.name}.{column.name}", lambda said: {"said": said})(said)
        name = f"{table.name}.{column.name}"
        is_text = isinstance(column.type, String) and name not in LISTED
        if not is_text or f"ck_{table.name}_{column.name}_known" in _checks(table):
            return right_row(table).get(column.name)
        owner = f"{REPORTER}_{self.owner}" if name in WORDS_OF_REPORTERS else self.owner
        row = str(number) if column.name in _unique(table) else ""
        said = marker(owner, table.name, column.name, column.type.length, row)
        is_own_number = owner.startswith(SEALED) and column.name in {"inspection_no", "ledger_no"}
        return f"{OWN_NUMBERS}{said}" if is_own_number else said

    def add_administration(self) -> None:
        """Write an account, a sign-in and one event of each kind, just now."""
        now = clock.now()
        for table in metadata.sorted_tables:
            if table.name in ADMINISTRATION - {"audit_event"}:
                self.add(table, **({"at": now} if "at" in table.c else {}))
        for action in Action:
            detail = json.dumps({"said": marker(ADMIN, "audit_event", "detail")})
            self.add(schema.audit_event, at=now, action=action, detail=detail)


def _add_county(conn: Connection, code: str, place: int, plans: dict[str, _Rows]) -> None:
    """Write the rows of a county, its last day being one of three, and what plans hold of it."""
    last = LAST - timedelta(days=place % 3)
    at = {"longitude": 109.4 + place / 100, "latitude": 24.3 + place / 100}
    own = _Rows(conn, code, code)
    own.add(schema.import_batch)
    _add_institutions(own, last, at)
    for table in _plain_tables():
        if table.name != "import_batch":
            own.add(table)
    _add_reports(own, last, at)
    _add_inspections(own, last)
    _add_disputes(own, last)
    _add_items(own, last)
    _add_money_and_checks(own, last)
    _add_own_work(own, last)
    linked = {name: own.links[name] for name in ("institution", "violation_report")}
    for kind, plan in plans.items():
        born = _Rows(conn, f"{kind}_{code}", code, {**plan.links, **linked})
        _add_visit(born, place, at)
        if kind == SEALED:
            _add_born_of_plan(born, last, place, at)
        elif kind == RELEASED:  # once it is, what it found is the county's own
            own.add(
                schema.inspection,
                inspected_on=last,
                week=reporting_week(last),
                visit_stop_id=born.links["visit_stop"],
                withheld=False,
            )


def _add_institutions(own: _Rows, last: date, at: dict[str, float]) -> None:
    found = {"found_on": last - timedelta(days=60), **at}
    first = own.add(schema.institution, **found)
    for item, outcome in (("licence", "pass"), ("staff", "fail"), ("content", "pending")):
        own.add(schema.verification, institution_id=first, item=item, outcome=outcome)
    own.add(schema.institution, **found, category="sports", qualified_on=last)
    own.add(schema.institution, **found, category="subject")
    for registered in (last, last - timedelta(days=20)):
        own.add(
            schema.institution,
            **found,
            category="technology",
            qualified_on=registered,
            platform_registered_on=registered,
        )
    own.add(
        schema.institution,
        **found,
        operating_status="deregistered",
        deregistered_on=last - timedelta(days=10),
    )


def _add_reports(own: _Rows, last: date, at: dict[str, float]) -> None:
    key = marker(own.owner, "violation_report", "place_key")
    [cell] = h3_cells([at["longitude"]], [at["latitude"]])
    placed = {**at, "place_key": key, "cell": cell}
    nowhere = {"longitude": None, "latitude": None, "cell": None}
    for where, status, days in (
        (placed, "received", 0),
        (placed, "substantiated", 3),
        (placed, "unsubstantiated", 12),
        ({**nowhere, "place_key": f"{key}-2"}, "assigned", 1),
        ({**nowhere, "place_key": None, "place_name": None}, "verifying", 2),
    ):
        received = last - timedelta(days=days)
        verified = last if status.endswith("substantiated") else None
        own.add(
            schema.violation_report,
            **where,
            status=status,
            received_on=received,
            week=reporting_week(received),
            verified_on=verified,
            verified_week=reporting_week(verified) if verified else None,
        )


def _add_inspections(own: _Rows, last: date) -> None:
    for outcome, method, days in (
        ("clear", "routine", 0),
        ("violation", "joint", 2),
        ("closed_door", "unannounced", 9),
    ):
        day = last - timedelta(days=days)
        own.add(
            schema.inspection,
            outcome=outcome,
            method=method,
            inspected_on=day,
            week=reporting_week(day),
            visit_stop_id=None,
            withheld=False,
        )


def _add_disputes(own: _Rows, last: date) -> None:
    for status, days, resolved, linked in (
        ("open", 40, None, True),
        ("open", 1, None, False),
        ("litigation", 70, None, True),
        ("resolved", 30, last, True),
    ):
        opened = last - timedelta(days=days)
        own.add(
            schema.refund_dispute,
            status=status,
            opened_on=opened,
            week=reporting_week(opened),
            resolved_on=resolved,
            resolved_week=reporting_week(resolved) if resolved else None,
            route="refund" if resolved else None,
            refunded_yuan=1000 if resolved else None,
            students=40,
            amount_yuan=150_000,
            **({} if linked else {"institution_id": None}),
        )


def _add_own_work(own: _Rows, last: date) -> None:
    """A document of the calendar, one besides it, and a duty that was written otherwise."""
    own.add(schema.submission, submitted_on=last)
    own.add(
        schema.submission,
        document="summary",
        period="2022-08-18",
        due_on=date(2022, 8, 18),
        submitted_on=last,
    )
    own.add(
        schema.row_change,
        table_name=schema.county_action.name,
        row_key=str(own.links["county_action"]),
        column_name="detail",
        changed_on=last,
    )


def _add_items(own: _Rows, last: date) -> None:
    """Open and late, open and due, closed this week, come back, and closed weeks ago."""
    for opened, closed, reopened, due in (
        (40, None, None, 3),
        (10, None, None, 0),
        (30, 1, None, 5),
        (90, 60, 50, 20),
        (90, 45, None, 20),
    ):
        _add_item(own, last, opened, closed, reopened, due, withheld=False)


def _add_money_and_checks(own: _Rows, last: date) -> None:
    """A price that doubled before the summer, charges as they may be and not, and checks."""
    names = {"course": 128, "class_size": 32}
    lesson: dict[str, Any] = {
        name: marker(own.owner, "course_fee", name, length) for name, length in names.items()
    }
    lesson |= {"lesson_minutes": 45, "class_students": 1}
    for effective_on, yuan in ((date(2022, 3, 1), 100), (date(2022, 6, 20), 200)):
        price = {"effective_on": effective_on, "price_yuan_per_lesson": yuan}
        own.add(schema.course_fee, **lesson, **price, quoted_yuan=yuan)
    for months, amount, supervised, days in ((3, 1_800, True, 5), (6, 9_000, False, 3)):
        own.add(
            schema.fee_charge,
            months=months,
            amount_yuan=amount,
            into_escrow=supervised,
            charged_on=last - timedelta(days=days),
            course_starts_on=last + timedelta(days=days),
        )
    for domain, outcome in (("staff", "finding"), ("safety", "finding"), ("materials", "clear")):
        found = {"severity": 2, "due_on": last} if outcome == "finding" else {"finding": None}
        own.add(
            schema.compliance_check,
            domain=domain,
            outcome=outcome,
            checked_on=last - timedelta(days=4),
            examined=10,
            failed=int(outcome == "finding"),
            rectification_id=own.links["rectification"] if outcome == "finding" else None,
            **found,
        )


def _add_visit(born: _Rows, place: int, at: dict[str, float]) -> None:
    """A candidate and the stop at it, every third by lot; in the first county two more that no
    route leads to, of which one has left for a reason."""
    hours = {"opens_at": time(8), "closes_at": time(21)}
    ordinals = {place + 1: {"left_reason": None}}
    if not place:
        ordinals |= {NOT_REACHED: {"left_reason": None}, LEFT: {}}
    for ordinal, left in ordinals.items():
        drawn = {"ordinal": ordinal, "drawn_order": ordinal, "score": 100.0 - ordinal}
        born.add(schema.visit_candidate, **at, **hours, **left, **drawn)
    _add_stop(born, place, at)


def _add_stop(born: _Rows, place: int, at: dict[str, float], again: int = 0) -> Any:
    return born.add(
        schema.visit_stop,
        **at,
        team=1 + again,
        sequence=place + 1,
        ordinal=place + 1,
        arrives_at=time(9),
        leaves_at=time(9, 40),
        chosen_by="risk" if place % 3 else "random",
    )


def _add_born_of_plan(born: _Rows, last: date, place: int, at: dict[str, float]) -> None:
    """What shows in every figure that counts it: the newest day, a relapse, a late item.

    Each visit is at a stop of its own.
    """
    stops = [born.links["visit_stop"], *(_add_stop(born, place, at, again) for again in (1, 2))]
    days = (THURSDAY, last, last - timedelta(days=35))
    for stop, day in zip(stops, days, strict=True):
        born.add(
            schema.inspection,
            visit_stop_id=stop,
            outcome="violation",
            inspected_on=day,
            week=reporting_week(day),
            withheld=True,
        )
    _add_item(born, last, 9, None, None, 2, withheld=True)
    _add_item(born, last, 8, 1, None, 2, withheld=True)


def _add_item(
    rows: _Rows,
    last: date,
    opened: int,
    closed: int | None,
    reopened: int | None,
    due: int,
    *,
    withheld: bool,
) -> None:
    """Write an item with its steps and spells; days are counted back from ``last``."""
    steps = {"register": opened, "close": closed, "reopen": reopened}
    days = {step: last - timedelta(days=back) for step, back in steps.items() if back is not None}
    is_closed = closed is not None and reopened is None
    item = rows.add(
        schema.rectification,
        source="inspection",
        opened_on=days["register"],
        due_on=last - timedelta(days=due),
        status="closed" if is_closed else "reopened" if reopened else "in_progress",
        closed_on=days["close"] if is_closed else None,
        withheld=withheld,
    )
    for step, day in days.items():
        rows.add(schema.rectification_event, rectification_id=item, happened_on=day, step=step)
    ends = [days.get("close"), None]
    starts = [days[step] for step in ("register", "reopen") if step in days]
    for number, (start, end) in enumerate(zip(starts, ends, strict=False), start=1):
        rows.add(
            schema.rectification_spell,
            rectification_id=item,
            spell_no=number,
            opened_on=start,
            opened_week=reporting_week(start),
            closed_on=end,
            closed_week=reporting_week(end) if end else None,
            withheld=withheld,
        )


def _plain_tables() -> Iterator[Table]:
    """Yield the tables that get one row of each owner, what others point at first."""
    apart = PLANS | ADMINISTRATION | GIVEN | COUNTED | VARIED
    return (table for table in metadata.sorted_tables if table.name not in apart)


def _is_nullable(table: Table, column: str) -> bool:
    return column in table.c and bool(table.c[column].nullable)


def _checks(table: Table) -> set[str]:
    return {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}


def _unique(table: Table) -> set[str]:
    """Return the columns in which no two rows, or not all of them, may say the same."""
    rules: list[Any] = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    rules += [table.primary_key, *(index for index in table.indexes if index.unique)]
    return {column.name for rule in rules for column in rule.columns}
