"""The proofs are proven: take the scope from one table, and they see what leaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, FromClause, true

from data_access import schema
from data_access.accounts import PERMISSIONS, Permission, Role
from data_access.scope import Scope
from tests.canaries.choices import Choice, nothing, the_main_ones, walk
from tests.canaries.comparing import differences, shown
from tests.canaries.less import with_rows_of, without_plans
from tests.canaries.markers import Reader
from tests.canaries.readers import BY_ROLE
from tests.canaries.tables import ITEMS, SHOWN_ON, SUMMED_UP, name_of
from tests.canaries.visitor import Visitor
from ui.navigation import (
    OVERVIEW,
    VISIT_PLANS,
    VISIT_RESULTS,
    MenuEntry,
)

COUNTY, LEADER = BY_ROLE[Role.COUNTY], BY_ROLE[Role.LEADER]


@pytest.fixture
def without_scope(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Tables that are put in here are asked for whole, whoever reads."""
    tables: set[str] = set()
    held = Scope.allows

    def allows(self: Scope, table: FromClause) -> ColumnElement[bool]:
        return held(Scope.city(unreleased=True) if name_of(table) in tables else self, table)

    monkeypatch.setattr(Scope, "allows", allows)
    return tables


@pytest.fixture
def without_release(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Tables that are put in here are asked for with what is born of plans."""
    tables: set[str] = set()
    held = Scope.allows

    def allows(self: Scope, table: FromClause) -> ColumnElement[bool]:
        unreleased = self.unreleased or name_of(table) in tables
        return held(Scope(self.counties, unreleased=unreleased), table)

    monkeypatch.setattr(Scope, "allows", allows)
    return tables


def lists(choice: Choice) -> bool:
    """Want the lists that a page does not open with."""
    return choice.option in {"检查明细", "违规收费"}


def leaks(entry: MenuEntry, reader: Reader) -> set[str]:
    visitor = Visitor(reader, entry.script)
    return {leak for _, screen in walk(visitor, lists) for leak in screen.leaks(reader)}


@pytest.mark.parametrize(("tables", "entry"), SHOWN_ON)
def test_query_without_its_counties_is_seen(
    city: Path, without_scope: set[str], tables: tuple[str, ...], entry: MenuEntry
) -> None:
    without_scope.update(tables)

    found = leaks(entry, COUNTY)

    assert any(f"-{SUMMED_UP.get(tables[0], tables[0])}-" in leak for leak in found)


@pytest.mark.parametrize(
    ("tables", "entry"), [param for param in SHOWN_ON if param.id in {"inspection", ITEMS[0]}]
)
def test_query_without_the_release_of_plans_is_seen(
    city: Path, without_release: set[str], tables: tuple[str, ...], entry: MenuEntry
) -> None:
    without_release.update(tables)

    found = leaks(entry, LEADER)

    assert any(f"-sealed_450202-{tables[0]}-" in leak for leak in found)


def test_figures_without_their_counties_are_seen(
    canaries: Path, tmp_path: Path, without_scope: set[str]
) -> None:
    without_scope.add("weekly_summary")
    alone = with_rows_of("450225", canaries, tmp_path / "alone.db")

    among_others = shown(canaries, COUNTY, OVERVIEW, nothing)

    assert differences(among_others, shown(alone, COUNTY, OVERVIEW, nothing)) != []


def test_figures_without_the_release_of_plans_are_seen(
    canaries: Path, tmp_path: Path, without_release: set[str]
) -> None:
    without_release.add("weekly_summary")
    without = without_plans(canaries, tmp_path / "without.db")

    with_plans = shown(canaries, LEADER, OVERVIEW, nothing)

    assert differences(with_plans, shown(without, LEADER, OVERVIEW, nothing)) != []


def test_results_without_the_release_of_plans_are_seen(
    city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = schema.visit_plan.c.status != "draft"
    monkeypatch.setattr("data_access.visit_results.shown", lambda scope: (sealed,))

    found = leaks(VISIT_RESULTS, LEADER)

    assert any("-sealed_450202-visit_stop-" in leak for leak in found)


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every role may open the pages of plans."""
    more = {Permission.VISIT_PLAN, Permission.VISIT_RECORD, Permission.VISIT_RESULT_VIEW}
    for role in Role:
        monkeypatch.setitem(PERMISSIONS, role, PERMISSIONS[role] | more)


@pytest.mark.parametrize("entry", [VISIT_PLANS, VISIT_RESULTS], ids=lambda each: each.url_path)
@pytest.mark.parametrize("reader", [COUNTY, LEADER], ids=lambda reader: reader.name)
def test_plans_are_nobody_else_s_even_where_their_pages_are_open(
    city: Path, open_to_all: None, reader: Reader, entry: MenuEntry
) -> None:
    visitor = Visitor(reader, entry.script)

    assert visitor.app.title[0].value.startswith(entry.title)
    for _, screen in walk(visitor, the_main_ones):
        assert screen.leaks(reader) == set()


def test_plans_without_their_own_condition_are_seen(
    city: Path, open_to_all: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.visit_plans._is_ours", lambda scope: true())
    visitor = Visitor(LEADER, VISIT_PLANS.script)

    found = {leak for _, screen in walk(visitor, the_main_ones) for leak in screen.leaks(LEADER)}

    for kind in ("plan", "sealed", "released"):
        assert any(f"-{kind}_450202-visit_candidate-reasons" in leak for leak in found)
