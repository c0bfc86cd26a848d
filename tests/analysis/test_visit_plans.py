"""Who is a candidate of a plan, how each was chosen, and what the plan is called."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pandas as pd
import pytest

from analysis import visit_plans as plans
from analysis.visit_plans import Frame

ONE_DAY = (date(2022, 8, 26), date(2022, 8, 26))


def scored(**columns: Any) -> pd.DataFrame:
    """Three units by their scores."""
    rows = {
        "key": ["i:1", "p:2", "i:3"],
        "county_code": ["450202", "450202", "450204"],
        "longitude": [109.4, 109.41, 109.42],
        "latitude": [24.3, 24.31, 24.32],
        "score": [9.0, 5.0, 1.0],
    }
    return pd.DataFrame(rows | columns)


def drawn(*rows: tuple[str, int | None, str | None], must: tuple[int, ...] = ()) -> pd.DataFrame:
    """Candidates as (county, place in the lot, why they left), some of them insisted on."""
    return pd.DataFrame(
        {
            "county_code": [row[0] for row in rows],
            "drawn_order": pd.Series([row[1] for row in rows], dtype="Int64"),
            "left_reason": pd.Series([row[2] for row in rows], dtype="object"),
            "must": [index in must for index in range(len(rows))],
        }
    )


def test_candidates_are_numbered_by_score_and_those_seen_lately_are_none() -> None:
    frame = plans.candidates(scored(), seen={"p:2", "i:99"}, must=())

    assert frame.candidates["key"].tolist() == ["i:1", "i:3"]
    assert frame.candidates["ordinal"].tolist() == [1, 2]
    assert frame.candidates["drawn_order"].isna().all()
    assert not frame.candidates["must"].any()
    assert (frame.seen, frame.unplaced) == (1, 0)


def test_who_must_be_visited_is_a_candidate_though_seen_lately() -> None:
    frame = plans.candidates(scored(), seen={"p:2"}, must=["p:2"])

    assert frame.candidates["key"].tolist() == ["i:1", "p:2", "i:3"]
    assert frame.candidates["must"].tolist() == [False, True, False]
    assert frame.seen == 0


def test_what_another_plan_is_to_visit_is_no_candidate_unless_it_must_be() -> None:
    frame = plans.candidates(scored(), seen={"i:1"}, must=["i:3"], booked={"i:1", "p:2", "i:3"})

    assert frame.candidates["key"].tolist() == ["i:3"]
    assert (frame.seen, frame.booked) == (1, 1)


def test_unit_without_coordinates_is_no_candidate_and_is_counted_once() -> None:
    places = scored(longitude=[109.4, None, None], latitude=[24.3, None, None])

    frame = plans.candidates(places, seen={"i:3"}, must=())

    assert frame.candidates["key"].tolist() == ["i:1"]
    assert (frame.seen, frame.unplaced) == (1, 1)


def test_nobody_to_visit_gives_no_candidates() -> None:
    frame = plans.candidates(scored().head(0), seen=(), must=())

    assert frame.candidates.empty
    assert frame.candidates["ordinal"].dtype == "int64"


def test_the_lot_falls_on_the_first_in_its_order_and_the_rest_is_there_by_score() -> None:
    ways = plans.chosen_by(drawn(("甲", 2, None), ("甲", 1, None), ("乙", 3, None)), lots=2)

    assert ways.to_dict() == {0: "random", 1: "random", 2: "risk"}


def test_who_is_insisted_on_is_neither_drawn_nor_there_by_score() -> None:
    ways = plans.chosen_by(drawn(("甲", None, None), ("甲", 1, None), must=(0,)), lots=1)

    assert ways.to_dict() == {0: "must", 1: "random"}


def test_who_left_the_lot_is_followed_by_the_next_of_the_same_county() -> None:
    rows = drawn(
        ("甲", 1, "已搬走"), ("乙", 2, None), ("乙", 3, None), ("甲", 4, "停业"), ("甲", 5, None)
    )

    ways = plans.chosen_by(rows, lots=2)

    assert ways.to_dict() == {1: "random", 2: "risk", 4: "random"}


def test_where_the_county_has_nobody_left_the_next_of_any_county_follows() -> None:
    rows = drawn(("甲", 1, "已搬走"), ("乙", 2, None), ("丙", 3, None), ("乙", 4, None))

    assert plans.chosen_by(rows, lots=2).to_dict() == {1: "random", 2: "random", 3: "risk"}


def test_when_all_have_left_the_lot_falls_on_nobody() -> None:
    rows = drawn(("甲", 1, "已搬走"), ("甲", 2, "停业"))

    assert plans.chosen_by(rows, lots=1).empty


def test_who_left_without_having_been_drawn_is_not_replaced() -> None:
    rows = drawn(("甲", 1, None), ("甲", 2, "不必去"), ("甲", 3, None))

    assert plans.chosen_by(rows, lots=1).to_dict() == {0: "random", 2: "risk"}


@pytest.mark.parametrize(
    ("days", "status", "ways", "expected"),
    [
        (ONE_DAY, "draft", [], "3 号计划（草稿）：8 月 26 日，2 组，还没有排路线"),
        (
            (ONE_DAY[0], date(2022, 8, 27)),
            "sealed",
            ["risk", "random", "risk"],
            "3 号计划（已封存）：8 月 26 日至 8 月 27 日，2 组，排入 3 处（抽签 1 处、风险 2 处）",
        ),
        (
            ONE_DAY,
            "released",
            ["must"],
            "3 号计划（已公布）：8 月 26 日，2 组，排入 1 处（指定 1 处）",
        ),
    ],
)
def test_headline_says_when_how_many_and_how_they_were_chosen(
    days: tuple[date, date], status: str, ways: list[str], expected: str
) -> None:
    stops = pd.DataFrame({"chosen_by": pd.Series(ways, dtype="str")})

    assert plans.headline(3, status, days, stops, 2) == expected


def test_what_is_set_aside_is_said_with_its_reason() -> None:
    three = pd.DataFrame({"ordinal": [1, 2, 3]})

    assert plans.set_aside(Frame(three, 0, 0, 0), 30) == "候选 3 处。"
    assert plans.set_aside(Frame(three, 2, 4, 1), 30) == (
        "候选 3 处；近 30 天查过的 2 处不再去；已排在其他封存计划里的 4 处不再排；"
        "1 处没有坐标，排不进路线。"
    )


def test_what_there_is_to_choose_from_is_said_before_anything_is_drawn() -> None:
    assert plans.before_drawing(scored()) == ("可去的机构和地点 3 处：按证据和抽签选点，抽签派人")
    assert plans.before_drawing(scored().head(0)) == "还没有可去的机构和地点"


def test_teams_are_said_with_the_counties_they_stay_out_of() -> None:
    teams = pd.DataFrame(
        {
            "team": [1, 2],
            "officers": [
                [
                    {"name": "检查员甲", "department": "教育局", "home_county": "450202"},
                    {"name": "检查员乙", "department": "公安局", "home_county": "450202"},
                ],
                [{"name": "检查员丙", "department": "教育局", "home_county": None}],
            ],
            "start_name": ["城中区", "柳南区"],
            "starts_at": [time(8, 30), time(8, 30)],
            "ends_at": [time(20, 30), time(12)],
        }
    )

    assert plans.team_sentences(teams, {"450202": "城中区"}) == [
        "第 1 组 检查员甲、检查员乙（城中区 08:30–20:30，回避城中区）",
        "第 2 组 检查员丙（柳南区 08:30–12:00）",
    ]
