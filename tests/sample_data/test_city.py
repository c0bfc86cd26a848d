from __future__ import annotations

import pytest

from sample_data import city
from sample_data.names import credit_check, credit_code
from sample_data.stories import CLUSTERS, GHOSTS, WAVES
from sample_data.units import UNITS
from sample_data.world import World

NEW_AREAS = {"4502LD": {"450203"}, "4502BS": {"450203", "450205"}}
MIDDLE_OF_LIUJIANG = (109.18543, 24.1752)


def polygons_of(unit: str) -> set[str]:
    return NEW_AREAS.get(unit, {unit})


def test_a_point_lies_in_one_county_only() -> None:
    inside = [adcode for adcode in city.boundaries() if city.contains(adcode, *MIDDLE_OF_LIUJIANG)]

    assert inside == ["450206"]


def test_every_institution_lies_in_its_own_county(world: World) -> None:
    astray = [
        institution.name
        for institution in world.institutions
        if not any(
            city.contains(adcode, institution.site.longitude, institution.site.latitude)
            for adcode in polygons_of(institution.unit)
        )
    ]

    assert astray == []


def test_every_report_lies_in_its_own_county(world: World) -> None:
    astray = [
        report.number
        for report in world.reports
        if not any(
            city.contains(adcode, report.site.longitude, report.site.latitude)
            for adcode in polygons_of(report.unit)
        )
    ]

    assert astray == []


def test_every_story_lies_in_its_own_county() -> None:
    points = [
        *((c.place.unit, c.place.longitude, c.place.latitude) for c in CLUSTERS),
        *((g.place.unit, g.place.longitude, g.place.latitude) for g in GHOSTS),
        *((w.unit, w.site.longitude, w.site.latitude) for w in WAVES),
    ]

    for unit, longitude, latitude in points:
        assert any(city.contains(adcode, longitude, latitude) for adcode in polygons_of(unit))


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.code)
def test_the_towns_of_a_unit_are_real_and_lie_in_its_polygon(unit) -> None:
    for spot in unit.spots:
        assert city.towns()[spot.town] == spot.polygon
        assert city.contains(spot.polygon, spot.longitude, spot.latitude)


def test_every_address_names_a_real_town(world: World) -> None:
    for institution in world.institutions:
        assert any(town in institution.site.address for town in city.towns())


def test_facts_in_one_building_share_its_point(world: World) -> None:
    points: dict[str, set[tuple[float, float]]] = {}
    for report in world.reports:
        if report.site.place:
            point = (report.site.longitude, report.site.latitude)
            points.setdefault(report.site.place.name, set()).add(point)

    assert {len(found) for found in points.values()} == {1}


def test_a_credit_code_is_made_up_and_right() -> None:
    code = credit_code("450202", 7)

    assert code.startswith("91450202XXXX0007")
    assert code[17] == credit_check(code[:17])


def test_the_check_digit_is_that_of_the_standard() -> None:
    # A published example code of GB 32100-2015.
    assert credit_check("91350100M000100Y4") == "3"


def test_nobody_can_be_called(world: World) -> None:
    phones = {r.phone for r in world.reports if r.phone} | {i.phone for i in world.institutions}

    assert all(phone.startswith(("0772-000", "100000")) for phone in phones)
