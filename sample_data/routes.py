"""Who sends which ledger, in which file, in which weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sample_data.days import THURSDAYS
from sample_data.records import Record, Values
from sample_data.units import COUNTIES, UNITS

URBAN = tuple(code for code in UNITS if code not in COUNTIES)
EVERYWHERE = tuple(UNITS)
CITY = "city"
CLEARED = "清空"
# The order in which the ledgers of one day go in: what others refer to comes first.
KINDS = (
    "institutions",
    "roster_entries",
    "verifications",
    "violation_reports",
    "inspections",
    "course_fees",
    "fee_charges",
    "compliance_checks",
    "rectifications",
    "rectification_events",
    "refund_disputes",
    "submissions",
    "county_actions",
)


@dataclass(frozen=True)
class Route:
    """Files that units send together.

    ``every``: weeks between two files, counted back from the last Thursday.
    ``layout``: "sheets" one a county, "column" a county column, "single" one
    unit that may leave its county out. ``habit``: whose way of writing, ''
    each unit's own. ``first_only``: the first stock, before the weekly files.
    """

    name: str
    kind: str
    units: tuple[str, ...]
    every: int = 1
    layout: str = "sheets"
    habit: str = ""
    sender: str = ""
    first_only: bool = False

    def days(self) -> tuple[date, ...]:
        """Return the Thursdays on which it sends."""
        if self.first_only:
            return THURSDAYS[:1]
        return tuple(sorted(THURSDAYS[:: -self.every]))


ROUTES = (
    *(
        Route(f"{unit.name}校外培训机构台账（首次）", "institutions", (code,), layout="single",
              first_only=True)
        for code, unit in UNITS.items()
    ),
    Route("城区及新区机构台账", "institutions", URBAN),
    Route("五县机构台账", "institutions", COUNTIES, every=2),
    Route("资质核查登记表", "verifications", EVERYWHERE, layout="column", habit="450203"),
    Route("12345热线转办举报线索", "violation_reports", EVERYWHERE, layout="column", habit=CITY,
          sender=CITY),
    Route("县区举报线索台账", "violation_reports", tuple(c for c in UNITS if c != "450205")),
    Route("柳北区举报线索", "violation_reports", ("450205",), every=2, layout="single"),
    Route("城区及新区检查台账", "inspections", URBAN),
    Route("五县检查台账", "inspections", COUNTIES, every=4, layout="column", habit="450223"),
    Route("城区及新区整改台账", "rectifications", URBAN),
    Route("五县整改台账", "rectifications", COUNTIES, every=2),
    Route("城区及新区整改过程", "rectification_events", URBAN, layout="column", habit="450204"),
    Route("五县整改过程", "rectification_events", COUNTIES, every=2, layout="column",
          habit="450222"),
    Route("退费纠纷台账", "refund_disputes", EVERYWHERE, layout="column", habit="450206"),
    Route("底数名单", "roster_entries", EVERYWHERE, layout="column", habit=CITY, sender=CITY),
    Route("课程收费公示台账", "course_fees", EVERYWHERE, every=4),
    Route("预收费台账", "fee_charges", EVERYWHERE, every=4),
    Route("专项检查台账", "compliance_checks", EVERYWHERE, every=2, layout="column",
          habit="450222"),
    Route("县区材料报送登记表", "submissions", EVERYWHERE),
    Route("县区行动机制登记表", "county_actions", EVERYWHERE, every=4),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of one file: canonical headers, codes and plain values."""

    unit: str
    key: str
    values: Values


@dataclass(frozen=True)
class Batch:
    """The rows of one file."""

    route: Route
    received_on: date
    rows: tuple[Row, ...]


def route_of(kind: str, unit: str, sender: str, ready_on: date) -> Route:
    """Find the first route that takes the row: stock first, then the weekly files."""
    for route in ROUTES:
        if (route.kind, route.sender) != (kind, sender) or unit not in route.units:
            continue
        if ready_on <= route.days()[-1]:
            return route
    raise LookupError(f"no route for {kind} of {unit} ready on {ready_on}")


def arrival(kind: str, unit: str, ready_on: date, sender: str = "") -> date:
    """Return the day on which a row that is ready on a day reaches the city."""
    days = route_of(kind, unit, sender, ready_on).days()
    return next(day for day in days if day >= ready_on)


def batches(records: Iterable[Record]) -> list[Batch]:
    """Return the files in order of arrival, each record as it stood by then."""
    files: dict[tuple[date, Route], list[Row]] = defaultdict(list)
    for record in records:
        for received_on, route, values in _sendings(record):
            files[received_on, route].append(Row(record.unit, record.key, values))
    order = {code: place for place, code in enumerate(UNITS)}
    made = [
        Batch(route, day, tuple(sorted(rows, key=lambda row: (order[row.unit], row.key))))
        for (day, route), rows in files.items()
    ]
    return sorted(
        made,
        key=lambda b: (b.received_on, KINDS.index(b.route.kind), ROUTES.index(b.route)),
    )


def _sendings(record: Record) -> list[tuple[date, Route, Values]]:
    """List what is sent of a record: of several changes between two files, the last."""
    latest: dict[date, tuple[Route, Values]] = {}
    for version in record.versions:
        route = route_of(record.kind, record.unit, record.sender, version.ready_on)
        day = next(day for day in route.days() if day >= version.ready_on)
        latest[day] = (route, version.values)
    sent: list[tuple[date, Route, Values]] = []
    before: Values = {}
    for day, (route, values) in latest.items():
        cleared: Values = {
            header: CLEARED
            for header, value in values.items()
            if value is None and before.get(header) not in (None, CLEARED)
        }
        sent.append((day, route, {**values, **cleared}))
        before = values
    return sent
