"""Nobody is sent what is not theirs: every page, every option, every file, as every reader."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import ColumnElement, FromClause, select

from data_access import schema
from data_access.accounts import PERMISSIONS, Role
from data_access.audit import Action
from data_access.engine import get_engine
from data_access.scope import Scope
from tests.canaries.choices import Wanted, everything, the_main_ones, walk
from tests.canaries.conftest import serve
from tests.canaries.markers import (
    PLAN,
    PLANS,
    RELEASED,
    REPORTER,
    RESULTS,
    SEALED,
    Marker,
    Reader,
    markers_in,
)
from tests.canaries.readers import BY_ROLE, NOBODY, READERS, STRANGER
from tests.canaries.tables import NOT_SHOWN, SHOWN_ON, name_of
from tests.canaries.visitor import Screen, Visitor
from ui.navigation import ENTRIES, MenuEntry

# What the pages show at once, and what they show of a row that is chosen.
SHOWN = {
    "county",
    "import_batch",
    "inspection",
    "institution",
    "rectification",
    "refund_dispute",
    "violation_report",
}
SHOWN_OF_A_ROW = {"import_problem", "rectification_event"}
# What the pages of plans show of each plan, draft, sealed or released: these are the secrets.
SHOWN_OF_PLANS = {
    ("visit_candidate", "left_reason"),
    ("visit_candidate", "name"),
    ("visit_candidate", "place_name"),
    ("visit_candidate", "reasons"),
    ("visit_plan", "routing"),
    ("visit_team", "officers"),
    ("visit_team", "start_name"),
}
SUPERVISOR = BY_ROLE[Role.SUPERVISOR]

each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
each_page = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.url_path)


Walked = tuple[set[str], set[Marker]]


class Walks:
    """Walks through pages of one database, each taken once: what leaked, and all markers seen.

    ``asked`` are the tables that the pages of each reader asked for.

    On the long ones every option makes every file; on the others a page makes those of a name once.
    """

    def __init__(self, city: Path, wanted: Wanted) -> None:
        self.take = cache(self._take)
        self.asked: defaultdict[Reader, set[str]] = defaultdict(set)
        self._city, self._wanted = city, wanted

    def _take(self, reader: Reader, entry: MenuEntry) -> Walked:
        if reader.role is not Role.ADMIN:
            return self._walk(reader, entry)
        # What the others did is logged by then; and administrators change accounts.
        for other in (BY_ROLE[role] for role in Role if role is not Role.ADMIN):
            self.seen_by(other)
        with TemporaryDirectory() as folder, serve(copy_of(self._city, Path(folder))):
            return self._walk(reader, entry)

    def _walk(self, reader: Reader, entry: MenuEntry) -> Walked:
        leaks: set[str] = set()
        seen: set[Marker] = set()
        made = None if self._wanted is everything else set[str]()
        with noted(self.asked[reader]):
            for option, screen in walk(Visitor(reader, entry.script, made=made), self._wanted):
                leaks |= named(screen, reader, entry, option)
                seen |= screen.markers()
        return leaks, seen

    def seen_by(self, reader: Reader) -> set[Marker]:
        """Return the markers that a reader sees on all pages of their role."""
        assert reader.role
        return {
            seen
            for entry in ENTRIES
            if entry.permission in PERMISSIONS[reader.role]
            for seen in self.take(reader, entry)[1]
        }


@contextmanager
def noted(tables: set[str]) -> Iterator[None]:
    """Put in here the tables whose scope is asked for while the block lasts."""
    held = Scope.allows

    def allows(self: Scope, table: FromClause) -> ColumnElement[bool]:
        tables.add(name_of(table))
        return held(self, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scope, "allows", allows)
        yield


def named(screen: Screen, reader: Reader, entry: MenuEntry, option: str) -> set[str]:
    """Name what leaked: on which page, to whom, by which option, in what, and which marker."""
    return {f"{entry.title}, {reader.name}, {option}, {leak}" for leak in screen.leaks(reader)}


def copy_of(database: Path, folder: Path) -> Path:
    """Copy a database that is being served, with all that was written to it."""
    path = folder / database.name
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


@pytest.fixture(scope="module")
def city(city_to_look_at: Path) -> Path:
    return city_to_look_at


@pytest.fixture(scope="module")
def walks(city: Path) -> Walks:
    return Walks(city, the_main_ones)


@pytest.fixture(scope="module")
def whole_walks(city: Path) -> Walks:
    return Walks(city, everything)


@pytest.mark.parametrize("reader", BY_ROLE.values(), ids=lambda reader: reader.name)
@each_page
def test_no_page_sends_what_is_not_its_readers(
    walks: Walks, reader: Reader, entry: MenuEntry
) -> None:
    leaks, _ = walks.take(reader, entry)

    assert leaks == set()


@each_page
def test_without_a_sign_in_no_page_sends_anything(city: Path, entry: MenuEntry) -> None:
    visitor = Visitor(NOBODY, entry.script)

    assert named(visitor.screen, NOBODY, entry, "as it opens") == set()
    assert not visitor.screen.files


@each_page
def test_without_an_account_no_page_sends_anything(
    city: Path, monkeypatch: pytest.MonkeyPatch, entry: MenuEntry
) -> None:
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)

    visitor = Visitor(NOBODY, entry.script, user=STRANGER)

    assert visitor.screen.markers() == set()
    assert not visitor.screen.files
    assert STRANGER["email"] in visitor.app.error[0].value.replace("\\", "")


def test_supervisors_see_every_county_and_what_is_born_of_plans(walks: Walks, city: Path) -> None:
    seen = walks.seen_by(SUPERVISOR)

    assert {(marker.owner, marker.table) for marker in seen} >= {
        (county, table) for county in counties() for table in SHOWN
    }
    assert {marker.table for marker in seen if marker.kind == SEALED} >= {
        "inspection",
        "rectification",
    }
    assert {marker.table for marker in seen} >= SHOWN_OF_A_ROW


@pytest.mark.parametrize("kind", [PLAN, SEALED, RELEASED])
def test_supervisors_see_candidates_reasons_teams_and_stops_of_every_plan(
    walks: Walks, kind: str
) -> None:
    """So whoever was sent any of them would be found out."""
    seen = {
        (marker.table, marker.column) for marker in walks.seen_by(SUPERVISOR) if marker.kind == kind
    }

    stops = RESULTS - {("visit_stop", "place_name")} if kind != PLAN else set()
    assert seen >= SHOWN_OF_PLANS | stops


def test_supervisors_see_the_officers(walks: Walks) -> None:
    seen = {(marker.table, marker.column) for marker in walks.seen_by(SUPERVISOR)}

    assert seen >= {("officer", "name"), ("officer", "department")}


def test_leaders_see_where_released_plans_went(walks: Walks) -> None:
    seen = {marker for marker in walks.seen_by(BY_ROLE[Role.LEADER]) if marker.kind in PLANS}

    assert {(marker.table, marker.column) for marker in seen} == {("visit_stop", "name")}
    assert {marker.owner for marker in seen} == {f"{RELEASED}_{county}" for county in counties()}


def test_county_sees_its_own(walks: Walks) -> None:
    reader = BY_ROLE[Role.COUNTY]
    seen = walks.seen_by(reader)

    assert {marker.owner for marker in seen} == {reader.county}
    assert {marker.table for marker in seen} >= SHOWN | SHOWN_OF_A_ROW


def test_every_table_that_pages_ask_for_is_tried(walks: Walks) -> None:
    """Taken out of the scope, that is: those that are not are named, with the reason."""
    reader = BY_ROLE[Role.COUNTY]
    walks.seen_by(reader)

    assert (
        walks.asked[reader]
        == {table for param in SHOWN_ON for table in param.values[0]} | NOT_SHOWN
    )


def test_nothing_of_plans_and_reporters_is_kept_in_the_access_log(walks: Walks, city: Path) -> None:
    walks.seen_by(SUPERVISOR)

    assert kinds_in_the_log().isdisjoint(PLANS | {REPORTER})


def kinds_in_the_log() -> set[str]:
    with get_engine().connect() as conn:
        rows = conn.execute(select(schema.audit_event)).all()
    assert len(rows) > len(Action)
    return {marker.kind for row in rows for marker in markers_in(repr(row).encode())}


@pytest.mark.soak
@each_reader
@each_page
def test_no_option_of_any_page_makes_it_send_what_is_not_its_readers(
    whole_walks: Walks, reader: Reader, entry: MenuEntry
) -> None:
    leaks, _ = whole_walks.take(reader, entry)

    assert leaks == set()


@pytest.mark.soak
def test_supervisors_find_the_rows_of_every_county(whole_walks: Walks, city: Path) -> None:
    seen = {(marker.owner, marker.table) for marker in whole_walks.seen_by(SUPERVISOR)}

    assert seen >= {(county, table) for county in counties() for table in SHOWN | SHOWN_OF_A_ROW}
    assert kinds_in_the_log().isdisjoint(PLANS | {REPORTER})


def counties() -> set[str]:
    with get_engine().connect() as conn:
        return set(conn.scalars(select(schema.county.c.code)))
