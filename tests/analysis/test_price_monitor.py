"""Which prices may be published: of enough institutions, and nobody's own."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.price_monitor import CITY, FEWEST, monitor
from tests.analysis.price_rows import AS_OF, JUNE, SPRING, frame, price


def cells(*rows: dict[str, Any], whole: bool = True) -> pd.DataFrame:
    of_county = {"450202": "城中区", "450203": "鱼峰区"}
    prices = frame(*rows)
    prices = prices.assign(
        county=prices["county_code"].map(of_county).astype("str"),
        cost=pd.Series([row.get("cost") for row in rows], dtype="float64"),
    )
    return monitor(prices, as_of=AS_OF, whole=whole)


def five(first: int = 1, **columns: Any) -> list[dict[str, Any]]:
    return [price(first + each, 100.0 + 10 * each, **columns) for each in range(FEWEST)]


def test_cell_of_five_has_its_middle_and_quartiles_for_city_and_county() -> None:
    found = cells(*five())

    assert found["county"].tolist() == [CITY, "城中区"]
    assert found["institutions"].tolist() == [5, 5]
    assert found[["lower", "median", "upper"]].to_numpy().tolist() == [[110, 120, 130]] * 2


def test_cell_of_four_is_not_published_though_the_city_is() -> None:
    there = [price(50 + each, 90.0, county_code="450203") for each in range(4)]

    assert cells(*five()[:4]).empty
    assert cells(*five(), *there)["county"].tolist() == [CITY, "城中区"]


def test_institution_counts_once_whatever_courses_it_has() -> None:
    many = [price(1, 100.0, course=f"钢琴{each}") for each in range(9)]

    assert cells(*five()[:4], *many).empty


def test_county_alone_has_no_city_above_it() -> None:
    assert cells(*five(), whole=False)["county"].tolist() == ["城中区"]


def test_price_in_force_counts_in_standard_lessons_and_later_ones_do_not() -> None:
    new = [price(each["institution_id"], 60.0, JUNE, lesson_minutes=30) for each in five()]
    later = [price(1, 500.0, AS_OF.replace(year=2023))]

    assert cells(*five(), *new, *later)["median"].tolist() == [90.0, 90.0]


@pytest.mark.parametrize(("reported", "known"), [(4, False), (5, True)])
def test_cost_is_published_where_five_reported_it(reported: int, known: bool) -> None:
    rows = [
        each | {"cost": 60.0 if place < reported else None} for place, each in enumerate(five())
    ]
    found = cells(*rows)

    assert found["cost_median"].notna().tolist() == [known, known]
    assert found["cost_institutions"].notna().tolist() == [known, known]


def test_kinds_stand_apart_by_item_size_and_mode() -> None:
    online = five(20, teaching_mode="online", lesson_minutes=30)
    small = five(40, class_size="小班")
    found = cells(*five(), *online, *small, *five(60, item=" 古 筝 "), whole=False)

    assert len(found) == 4
    assert found["item"].tolist() == ["古筝", "钢琴", "钢琴", "钢琴"] or set(found["item"]) == {
        " 古 筝 ",
        "钢琴",
    }


def test_nothing_gives_no_cells_but_all_columns() -> None:
    found = cells()

    assert found.empty
    assert {"item", "median", "cost_median"} <= set(found.columns)
    assert SPRING < AS_OF
