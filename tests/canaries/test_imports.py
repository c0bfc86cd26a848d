"""What a file says in its cells: whoever sent it sees it, an administrator never does."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from sqlalchemy import select

from data_access import schema
from data_access.accounts import Role
from data_access.engine import get_engine
from data_access.ledgers.draft import Sender
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import INSPECTIONS, KINDS, RECTIFICATIONS, Column, Kind, Read
from tests.canaries.comparing import NOW
from tests.canaries.conftest import serve
from tests.canaries.less import without_plans
from tests.canaries.markers import Reader, marker
from tests.canaries.readers import BY_ROLE, NEIGHBOUR
from tests.canaries.visitor import Screen, Visitor, recorded
from tests.data_access.ledgers.files import xlsx
from ui.navigation import LEDGER_IMPORT

RIGHT = {
    Read.COUNT: "3",
    Read.COUNTY: NEIGHBOUR.county,
    Read.DAY: "2022-08-01",
    Read.DAY_AHEAD: "2022-09-01",
    Read.MONEY: "1200",
    Read.NUMBER: "24.3",
    Read.TIME_SPAN: "19:00-20:30",
    Read.YES_NO: "是",
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


def ledger(kind: Kind) -> bytes:
    """A ledger whose texts are markers: two rows alike that can be read, and a row of markers."""
    columns = [column for column in kind.columns if column.name != "row_version"]
    right = [value(kind, column) for column in columns]
    wrong = [said(kind, column) for column in columns]
    return xlsx([[column.header for column in columns], right, right, wrong])


def value(kind: Kind, column: Column) -> str | None:
    if column.words:
        return next(iter(column.words.values()))[0]
    return RIGHT.get(column.read) or said(kind, column)


def right(kind: Kind, column: Column) -> str | None:
    """Return a value that is not refused for itself, so that its row is looked up by its number."""
    return None if column.name == "credit_code" else value(kind, column)


def said(kind: Kind, column: Column) -> str:
    return marker(NEIGHBOUR.county or "", kind.table.name, column.name, row="cell")


def bring(reader: Reader, kind: Kind, data: bytes | None = None) -> tuple[Screen, Screen]:
    """Choose a ledger, drop the file, and confirm; return both screens."""
    page = Visitor(reader, LEDGER_IMPORT.script).app
    page.selectbox[0].set_value(kind.name)
    with recorded() as tried:
        page.file_uploader[0].set_value([("台账.xlsx", data or ledger(kind), "")]).run()
    with recorded() as done:
        for button in page.button:
            if button.label.startswith("确认导入"):
                button.click().run()
                break
    assert not page.exception
    return tried, done


@each_kind
def test_administrator_is_shown_no_cell_of_a_file(city: Path, kind: Kind) -> None:
    for screen in bring(BY_ROLE[Role.ADMIN], kind):
        assert screen.leaks(BY_ROLE[Role.ADMIN]) == set()


@each_kind
def test_county_is_shown_the_cells_of_its_own_file(city: Path, kind: Kind) -> None:
    screens = bring(NEIGHBOUR, kind)

    assert any(seen.table == kind.table.name for screen in screens for seen in screen.markers())
    for screen in screens:  # the words that a county column takes are no secret
        leaks = {leak for leak in screen.leaks(NEIGHBOUR) if not leak.endswith("-county-name")}
        assert leaks == set()


@pytest.mark.parametrize("kind", [INSPECTIONS, RECTIFICATIONS], ids=lambda kind: kind.name)
def test_county_cannot_tell_a_number_of_a_plan_from_one_that_nobody_has(
    city: Path, kind: Kind
) -> None:
    number = kind.table.c[kind.columns[0].name]
    of_plan = select(number).where(
        kind.table.c.withheld, kind.table.c.county_code == NEIGHBOUR.county
    )
    with get_engine().connect() as conn:
        hidden = conn.scalars(of_plan).first()
    assert hidden

    told = told_of(kind, hidden)

    assert kind.columns[0].header in {column for column, _ in told}
    assert told == told_of(kind, f"{hidden[:-1]}x")


@pytest.mark.parametrize("name", ["inspections", "rectifications", "rectification_events"])
def test_plans_make_no_difference_to_what_is_sent_of_a_file_that_names_their_numbers(
    canaries: Path, tmp_path: Path, name: str
) -> None:
    """One file, with the numbers of all that is born of plans here, and one of the county's own."""
    kind = KINDS[name]
    without = without_plans(canaries, tmp_path / "without.db")
    data = ledger_of_hidden(canaries, kind)

    assert sent_of(canaries, kind, data) == sent_of(without, kind, data)


def ledger_of_hidden(database: Path, kind: Kind) -> bytes:
    """A ledger of right rows, one under each number that is born of a plan in the county."""
    table = schema.inspection if kind is INSPECTIONS else schema.rectification
    number = table.c["inspection_no" if kind is INSPECTIONS else "ledger_no"]
    stop = select(schema.visit_stop.c.place_name).limit(1)
    with serve(database), get_engine().connect() as conn:
        is_hidden = table.c.withheld, table.c.county_code == NEIGHBOUR.county
        hidden = list(conn.scalars(select(number).where(*is_hidden)))
        own = conn.scalars(
            select(number).where(~table.c.withheld, table.c.county_code == NEIGHBOUR.county)
        ).first()
        place = conn.scalars(stop.where(schema.visit_stop.c.county_code == NEIGHBOUR.county)).one()
    assert len(hidden) > 1
    assert own
    columns = [column for column in kind.columns if column.name != "row_version"]
    rows = [
        [
            {number.name: row, "place_name": place}.get(column.name) or right(kind, column)
            for column in columns
        ]
        for row in [*hidden, own]
    ]
    return xlsx([[column.header for column in columns], *rows])


def sent_of(database: Path, kind: Kind, data: bytes) -> list[list[tuple[str, bytes]]]:
    with (
        TemporaryDirectory() as folder,
        serve(Path(shutil.copy(database, folder))),
        patch("data_access.clock.now", lambda: NOW),
    ):
        return [screen.comparable() for screen in bring(NEIGHBOUR, kind, data)]


def told_of(kind: Kind, number: str) -> list[tuple[str | None, str]]:
    """Try a file of the county with one row of that number; return what is told of it."""
    columns = [column for column in kind.columns if column.name != "row_version"]
    row = [number, *(right(kind, column) for column in columns[1:])]
    data = xlsx([[column.header for column in columns], row])
    sender = Sender(NEIGHBOUR.account or "", NEIGHBOUR.county, is_county_account=True)
    tried = import_file(
        get_engine(), kind, data, file_name="台账.xlsx", sender=sender, dry_run=True
    )
    return [(problem.column, problem.problem) for problem in tried.report.problems]
