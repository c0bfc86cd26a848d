"""What is not a reader's makes no difference to what they are sent, not even to a figure.

Stronger than looking for markers: a count, an order, the height of a table or the first choice
of a day would tell of hidden rows, too. The same database is served with and without them, and
every page must send the same, byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_access.accounts import Role
from tests.canaries.choices import everything, nothing
from tests.canaries.comparing import differences, shown
from tests.canaries.less import with_results_alone, with_rows_of, without_plans
from tests.canaries.markers import Reader
from tests.canaries.readers import BY_ROLE
from tests.menu import entries
from ui.navigation import BRIEFING, OVERVIEW, RECTIFICATION, VISIT_RESULTS, MenuEntry


def pages_of(*roles: Role) -> list[Any]:
    return [
        pytest.param(BY_ROLE[role], entry, id=f"{entry.url_path}-{role}")
        for role in roles
        for entry in entries(role)
    ]


@pytest.fixture(scope="module")
def without(canaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_plans(canaries, tmp_path_factory.mktemp("without") / "canaries.db")


@pytest.fixture(scope="module")
def results_alone(canaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_results_alone(canaries, tmp_path_factory.mktemp("results") / "canaries.db")


@pytest.fixture
def without_medians(monkeypatch: pytest.MonkeyPatch) -> None:
    """The city's medians, the one figure that looks past a county, are not worked out."""
    monkeypatch.setattr("data_access.city_medians.refresh", lambda _day: False)


@pytest.fixture(scope="module")
def alone(canaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    county = BY_ROLE[Role.COUNTY].county
    assert county
    return with_rows_of(county, canaries, tmp_path_factory.mktemp("alone") / "canaries.db")


ALL = pages_of(Role.LEADER, Role.COUNTY, Role.ADMIN)
# What leaders are told of plans: of released ones, and of these not everything.
RESULTS = [param for param in pages_of(Role.LEADER) if param.values[1] in (BRIEFING, VISIT_RESULTS)]
HIDDEN = [param for param in ALL if param.id not in {each.id for each in RESULTS}]
# The overview's slides are the sections of the briefing: only who begins them is told.
SLIDES = [each for each in HIDDEN if each.id == f"{OVERVIEW.url_path}-{Role.LEADER}"]
plans_are_hidden_whatever_is_chosen = pytest.mark.parametrize(
    ("reader", "entry"), [each for each in HIDDEN if each not in SLIDES]
)
but_for_results_whatever_is_chosen = pytest.mark.parametrize(
    ("reader", "entry"), [*RESULTS, *SLIDES]
)
# Leaders may see more rows than a county, and so of more plans what may not be there; what plans
# bring to each page of a county is what `test_plans` looks for.
OF_LEADERS = {each.values[1] for each in HIDDEN if each.values[0] is BY_ROLE[Role.LEADER]}
plans_are_hidden_in_short = pytest.mark.parametrize(
    ("reader", "entry"),
    [
        pytest.param(*each.values, id=each.id, marks=[pytest.mark.soak] if is_left else [])
        for each in HIDDEN
        for is_left in [each.values[0] is BY_ROLE[Role.COUNTY] and each.values[1] in OF_LEADERS]
    ],
)
but_for_results = pytest.mark.parametrize(("reader", "entry"), RESULTS)
others_are_hidden = pytest.mark.parametrize(("reader", "entry"), pages_of(Role.COUNTY))


@plans_are_hidden_in_short
def test_plans_make_no_difference_to_a_page(
    canaries: Path, without: Path, reader: Reader, entry: MenuEntry
) -> None:
    """What leaders open, too, is left to the soak as a county opens it."""
    with_plans = shown(canaries, reader, entry, nothing)

    assert differences(with_plans, shown(without, reader, entry, nothing)) == []


@but_for_results
def test_but_for_where_released_plans_went_plans_make_no_difference_to_their_results(
    canaries: Path, results_alone: Path, without: Path, reader: Reader, entry: MenuEntry
) -> None:
    with_plans = shown(canaries, reader, entry, nothing)

    assert reader is BY_ROLE[Role.LEADER]
    assert differences(with_plans, shown(results_alone, reader, entry, nothing)) == []
    assert differences(with_plans, shown(without, reader, entry, nothing)) != []


@others_are_hidden
def test_other_counties_make_no_difference_to_a_page(
    canaries: Path, alone: Path, reader: Reader, entry: MenuEntry, without_medians: None
) -> None:
    among_others = shown(canaries, reader, entry, nothing)

    assert differences(among_others, shown(alone, reader, entry, nothing)) == []


@pytest.mark.parametrize("entry", [OVERVIEW, RECTIFICATION], ids=lambda entry: entry.url_path)
def test_plans_do_make_a_difference_to_supervisors(
    canaries: Path, without: Path, entry: MenuEntry
) -> None:
    reader = BY_ROLE[Role.SUPERVISOR]
    with_plans = shown(canaries, reader, entry, nothing)

    assert differences(with_plans, shown(without, reader, entry, nothing)) != []


@pytest.mark.soak
@plans_are_hidden_whatever_is_chosen
def test_plans_make_no_difference_whatever_is_chosen(
    canaries: Path, without: Path, reader: Reader, entry: MenuEntry
) -> None:
    with_plans = shown(canaries, reader, entry, everything)

    assert differences(with_plans, shown(without, reader, entry, everything)) == []


@pytest.mark.soak
@but_for_results_whatever_is_chosen
def test_but_for_where_released_plans_went_plans_make_no_difference_whatever_is_chosen(
    canaries: Path, results_alone: Path, reader: Reader, entry: MenuEntry
) -> None:
    with_plans = shown(canaries, reader, entry, everything)

    assert differences(with_plans, shown(results_alone, reader, entry, everything)) == []


@pytest.mark.soak
@others_are_hidden
def test_other_counties_make_no_difference_whatever_is_chosen(
    canaries: Path, alone: Path, reader: Reader, entry: MenuEntry, without_medians: None
) -> None:
    among_others = shown(canaries, reader, entry, everything)

    assert differences(among_others, shown(alone, reader, entry, everything)) == []
