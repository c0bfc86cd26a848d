"""Which places stand out."""

from __future__ import annotations

import math
from typing import Any

import h3
import pandas as pd
import pytest

from analysis import violations
from analysis.violations import PlaceState

LATEST = pd.Timestamp(2022, 8, 25)


def place(name: str, **columns: Any) -> dict[str, Any]:
    return {
        "county_code": "450202",
        "county": "城中区",
        "place_key": f"450202:{name}",
        "place_name": name,
        "address": None,
        "longitude": 109.41,
        "latitude": 24.32,
        "reports": 1,
        "located": 1,
        "verified": 0,
        "substantiated": 0,
        "latest_on": LATEST,
    } | columns


NOWHERE = {"place_key": None, "place_name": None, "longitude": math.nan, "located": 0}


def frame(*places: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(places), columns=list(place("")))


def types(**counts: dict[str, int]) -> pd.DataFrame:
    rows = [
        ("450202", f"450202:{name}", word, n)
        for name, words in counts.items()
        for word, n in words.items()
    ]
    columns = ["county_code", "place_key", "violation_type_group", "reports"]
    return pd.DataFrame(rows, columns=columns)


def judge(*places: dict[str, Any]) -> pd.DataFrame:
    return violations.judge_places(frame(*places), types())


def test_most_substantiated_stands_first_then_most_reports_then_the_latest() -> None:
    judged = judge(
        place("many", reports=50, verified=20, substantiated=1),
        place("true", reports=4, verified=4, substantiated=3),
        place("more", reports=51, verified=20, substantiated=1),
        place("old", latest_on=pd.Timestamp(2022, 8, 1)),
        place("new"),
    )

    assert judged["place"].tolist() == ["true", "more", "many", "new", "old"]


def test_few_cases_never_come_first_by_their_rate() -> None:
    judged = judge(
        place("one of one", verified=1, substantiated=1),
        place("two of thirty", reports=30, verified=30, substantiated=2),
    )

    assert judged["place"].tolist() == ["two of thirty", "one of one"]


@pytest.mark.parametrize(
    ("substantiated", "verified", "written"),
    [(3, 5, "3/5"), (0, 9, "0/9"), (6, 10, "60.0%（6/10）"), (0, 0, "—")],
)
def test_rate_of_under_ten_is_a_fraction_alone(
    substantiated: int, verified: int, written: str
) -> None:
    assert violations.rate(substantiated, verified) == written


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"reports": 3, "verified": 3, "substantiated": 3}, PlaceState.REPEATED),
        ({"reports": 3, "verified": 2, "substantiated": 2}, PlaceState.SUBSTANTIATED),
        ({"reports": 3, "verified": 1, "substantiated": 1}, PlaceState.SUBSTANTIATED),
        ({"reports": 3, "verified": 2}, PlaceState.PENDING),
        ({"reports": 3, "verified": 3}, PlaceState.UNSUBSTANTIATED),
    ],
)
def test_state_of_a_place_is_the_worst_that_is_known(
    columns: dict[str, int], state: PlaceState
) -> None:
    assert judge(place("甲", **columns))["state"].tolist() == [state]


def test_place_without_a_name_is_called_by_its_address_else_by_its_point() -> None:
    judged = judge(
        place("a", place_name=None, address="示例路 1 号"),
        place("b", place_name=None),
        place("c", place_name=None, longitude=math.nan),
    )

    assert judged["place"].tolist() == ["示例路 1 号", "东经 109.4100° 北纬 24.3200°", "—"]


def test_address_is_called_without_the_city_and_county_that_stand_beside_it() -> None:
    addresses = ["柳州市城中区示例路1号", "城中区示例路2号", "柳州市柳南区示例路3号", "城中区"]

    judged = judge(*(place(a, place_name=None, address=a) for a in addresses))

    assert sorted(judged["place"]) == ["城中区", "柳南区示例路3号", "示例路1号", "示例路2号"]


def test_main_type_is_the_most_frequent_one_of_the_place() -> None:
    judged = violations.judge_places(
        frame(place("甲"), place("乙")),
        types(甲={"退费难": 1, "一对一": 3}, 乙={"退费难": 2, "一对一": 2}),
    )

    assert judged.set_index("place")["main_type"].to_dict() == {"甲": "一对一", "乙": "一对一"}


def test_reports_without_a_place_are_no_place_but_are_counted() -> None:
    places = frame(
        place("甲", reports=5, located=3, verified=2, substantiated=1),
        place("乙", reports=2, located=0, longitude=math.nan),
        place("", reports=4, **NOWHERE),
    )

    found = violations.totals(places)

    assert len(violations.judge_places(places, types())) == 2
    assert found == violations.Totals(
        reports=11,
        verified=2,
        substantiated=1,
        places=2,
        substantiated_places=1,
        drawn=5,
        borrowed=2,
        nowhere=6,
    )
    assert found.drawn + found.nowhere == found.reports


def say(*places: dict[str, Any]) -> str:
    rows = frame(*places)
    return violations.headline(violations.judge_places(rows, types()), violations.totals(rows))


def test_headline_names_the_worst_place_with_its_fraction() -> None:
    said = say(place("甲大厦", reports=20, verified=15, substantiated=9), place("乙"))

    assert said == (
        "2 处有举报，1 处查实；属实最多的是城中区甲大厦：20 件举报，核实率 60.0%（9/15）"
    )


def test_headline_names_equals_together() -> None:
    true = {"reports": 3, "verified": 2, "substantiated": 2}

    assert say(place("甲", **true), place("乙", **true)).endswith("是城中区乙、城中区甲，各 2 件")
    assert say(*(place(name, **true) for name in "甲乙丙")).endswith("等 3 处，各 2 件")


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], "所选范围内没有举报"),
        ([place("", reports=3, **NOWHERE)], "3 件举报都没有写明地点"),
        (
            [place("甲", reports=3), place("乙")],
            "2 处有举报，尚无查实；举报最多的是城中区甲（3 件）",
        ),
    ],
)
def test_headline_reads_well_when_nothing_is_known(places: list[dict[str, Any]], said: str) -> None:
    assert say(*places) == said


def test_largest_types_are_those_of_most_places() -> None:
    words = ["退费难", "一对一", "一对一", "其他", "其他", "其他", "高端家政"]
    judged = pd.DataFrame({"main_type": words})

    assert violations.largest_types(judged, at_most=2) == ("一对一", "退费难")


def test_cells_are_added_up_to_those_drawn_and_found_again() -> None:
    parent = h3.latlng_to_cell(24.32, 109.41, violations.DRAWN_CELL_RESOLUTION)
    inside = list(h3.cell_to_children(parent, 9))[:3]
    elsewhere = h3.latlng_to_cell(25.7, 109.5, 9)
    counts = {"county_code": "450202", "reports": 2, "verified": 1, "substantiated": 1}
    cells = pd.DataFrame([{**counts, "cell": cell} for cell in [elsewhere, *inside]])

    drawn = violations.drawn_cells(cells)

    assert drawn.to_dict("records")[0] == {
        "cell": parent,
        "reports": 6,
        "verified": 3,
        "substantiated": 3,
        "rate_written": "3/3",
    }
    assert set(inside) < set(violations.stored_cells(parent))
    assert elsewhere not in violations.stored_cells(parent)
    assert violations.stored_cells("no cell") == ()


def test_nothing_to_judge_keeps_its_columns() -> None:
    assert {"place", "main_type", "state", "rate_written"} <= set(judge().columns)
    assert violations.drawn_cells(
        pd.DataFrame(columns=["county_code", "cell", "reports", "verified", "substantiated"])
    ).empty
