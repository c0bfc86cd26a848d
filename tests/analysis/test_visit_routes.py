from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.travel import great_circle_km, travel
from analysis.visit_routes import Routes, plan_routes
from tests.analysis.route_simulator import broken_rules

DAY = date(2022, 7, 15)
NEAR, ROAD, FAR = "450202", "450223", "450226"
CENTRES = {NEAR: (109.411, 24.316), ROAD: (109.751, 24.473), FAR: (109.607, 25.783)}
NAMES = {NEAR: "城中区", ROAD: "鹿寨县", FAR: "三江县"}


def candidates(*rows: dict[str, Any]) -> pd.DataFrame:
    """Places near the middle of the city unless told otherwise, open all day, scores falling."""
    known = [
        {
            "ordinal": n,
            "county_code": (county := row.get("county_code", NEAR)),
            "name": f"地点{n}",
            "category": "arts",
            "longitude": CENTRES[county][0] + 0.002 * n,
            "latitude": CENTRES[county][1],
            "opens_at": None,
            "closes_at": None,
            "score": float(100 - n),
            "left_reason": None,
            **row,
        }
        for n, row in enumerate(rows, 1)
    ]
    return pd.DataFrame(known).astype(
        {"category": "str", "opens_at": object, "closes_at": object, "left_reason": object}
    )


def officer(home: str | None) -> dict[str, str | None]:
    return {"name": "甲", "department": "教育", "home_county": home}


def teams(*rows: dict[str, Any]) -> pd.DataFrame:
    known = [
        {
            "team": n,
            "officers": [
                {"name": "甲", "department": "教育", "home_county": row.pop("home", None)}
            ],
            "start_name": "市局",
            "longitude": 109.411,
            "latitude": 24.316,
            "starts_at": time(9),
            "ends_at": time(17),
            **row,
        }
        for n, row in enumerate(rows or ({},), 1)
    ]
    return pd.DataFrame(known)


def pins(*rows: tuple[int, date, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ordinal", "visit_on", "team"])


def plan(
    found: pd.DataFrame,
    who: pd.DataFrame | None = None,
    *,
    ways: dict[int, str] | None = None,
    **asked: Any,
) -> Routes:
    """Plan, drive the plan, and count that nobody is lost."""
    who = teams() if who is None else who
    asked = {"days": [DAY], "travel": travel(), "most_stops": 50, **asked}
    ways = ways or {}
    chosen_by = pd.Series(
        [ways.get(n, "risk") for n in found["ordinal"]], index=found.index, dtype="str"
    )
    options = {"seconds": 1.0, "seed": 1, "counties": NAMES, **asked}
    routes = plan_routes(found, who, chosen_by=chosen_by, **options)
    rules = ("days", "travel", "most_stops", "most_per_day", "pins")
    checked = {name: value for name, value in asked.items() if name in rules}

    assert broken_rules(routes.stops, found, who, **checked) == []
    assert sorted([*routes.stops["ordinal"], *routes.left_out["ordinal"]]) == sorted(
        found["ordinal"]
    )
    scores = found.set_index("ordinal")["score"]
    assert routes.prize == pytest.approx(scores[routes.stops["ordinal"]].sum())
    assert (routes.left_out["why"].str.len() > 0).all()
    assert routes.explained or len(routes.stops)
    return routes


def why(routes: Routes, ordinal: int) -> str:
    return str(routes.left_out.set_index("ordinal").at[ordinal, "why"])


def test_stops_are_in_the_order_of_days_teams_and_visits_with_their_types() -> None:
    routes = plan(
        candidates(*[{}] * 9), teams({}, {}), days=[DAY, DAY + timedelta(days=1)], most_per_day=3
    )

    assert len(routes.stops) == 9
    order = ["visit_on", "team", "sequence"]
    pd.testing.assert_frame_equal(routes.stops, routes.stops.sort_values(order, ignore_index=True))
    assert {name: str(kind) for name, kind in routes.stops.dtypes.items()} == {
        "visit_on": "datetime64[s]",
        "team": "int64",
        "sequence": "int64",
        "ordinal": "int64",
        "arrives_at": "object",
        "leaves_at": "object",
        "chosen_by": "str",
        "pinned": "bool",
    }
    assert {name: str(kind) for name, kind in routes.left_out.dtypes.items()} == {
        "ordinal": "int64",
        "why": "str",
    }


def test_a_visit_starts_when_classes_are_on_first_and_last_minute_included() -> None:
    minutes = travel().minutes(np.array([CENTRES[NEAR]]), np.array([(109.413, 24.316)]))[0, 0]
    arrival = time(9, int(minutes))
    exact = {"opens_at": time(9), "closes_at": arrival}

    assert plan(candidates(exact)).stops["arrives_at"].tolist() == [arrival]
    late = plan(candidates({**exact, "closes_at": time(9, int(minutes) - 1)}))
    assert late.stops.empty
    assert why(late, 1).startswith("上课时间 09:00–09:0")
    assert "赶不到" in why(late, 1)
    waiting = plan(candidates({"opens_at": time(15), "closes_at": time(16)}))
    assert waiting.stops["arrives_at"].tolist() == [time(15)]
    assert waiting.stops["leaves_at"].tolist() == [time(15, 30)]


def test_a_team_is_back_in_time_to_the_minute() -> None:
    minutes = int(travel().minutes(np.array([CENTRES[NEAR]]), np.array([(109.413, 24.316)]))[0, 0])
    needed = 30 + 2 * minutes

    assert len(plan(candidates({}), teams({"ends_at": time(9, needed)})).stops) == 1
    short = plan(candidates({}), teams({"ends_at": time(9, needed - 1)}))
    assert short.stops.empty
    assert "一天只有" in why(short, 1)
    assert short.explained[0].startswith("城中区 1 队 ")
    assert "一处也到不了" in short.explained[0]


def test_evening_classes_are_outside_the_hours_of_every_team() -> None:
    routes = plan(candidates({"opens_at": time(19), "closes_at": time(20)}, {}))

    assert routes.stops["ordinal"].tolist() == [2]
    assert why(routes, 1) == "上课时间 19:00–20:00 不在工作时间内（各组都是如此）"


def test_hours_that_end_before_they_start_are_said_to_be_wrong() -> None:
    routes = plan(candidates({"opens_at": time(12), "closes_at": time(10)}))

    assert "前后颠倒" in why(routes, 1)


def test_nobody_visits_home_and_what_nobody_may_visit_is_said() -> None:
    found = candidates({}, {"county_code": ROAD}, {}, {"county_code": ROAD})

    routes = plan(found, teams({"home": NEAR}, {"home": ROAD}))
    team_of = routes.stops.set_index("ordinal")["team"].to_dict()
    assert team_of == {1: 2, 2: 1, 3: 2, 4: 1}
    alone = plan(found, teams({"home": NEAR}))
    assert alone.stops["ordinal"].isin([2, 4]).all()
    assert why(alone, 1) == "赶得到的组都有人须回避城中区"
    assert "赶得到的组都有人须回避城中区：2 处去不了" in alone.explained


def test_higher_scores_are_visited_and_lower_ones_are_told_why_not() -> None:
    routes = plan(candidates(*[{}] * 8), most_stops=5)

    assert sorted(routes.stops["ordinal"]) == [1, 2, 3, 4, 5]
    assert why(routes, 8) == "只排 5 处，得分 92.0 低于排入的地点"
    assert routes.explained == ()


def test_when_the_best_scored_lie_too_far_the_next_best_take_their_place() -> None:
    far = {"county_code": FAR}
    routes = plan(candidates(far, far, *[{}] * 6), teams({"ends_at": time(13)}), most_stops=3)

    assert sorted(routes.stops["ordinal"]) == [3, 4, 5]
    assert "来回连检查约要" in why(routes, 1)


def test_no_more_than_the_stops_wanted_are_planned_though_more_would_fit() -> None:
    # Of the three best one can be visited; six more fit beside it, and two of them are wanted.
    noon = {"opens_at": time(12), "closes_at": time(12)}
    routes = plan(candidates(noon, noon, noon, *[{}] * 6), most_stops=3)

    assert sorted(routes.stops["ordinal"]) == [1, 4, 5]
    assert why(routes, 2) == "只排 3 处，得分 98.0，与得分合计更高的一组地点时间排不开"


def test_fewer_than_asked_is_explained_with_hours_and_teams() -> None:
    routes = plan(
        candidates(*[{}] * 30), teams(*[{"ends_at": time(11)} for _ in range(3)]), most_stops=20
    )

    assert 0 < len(routes.stops) < 20
    assert routes.explained == (
        f"城中区 3 队 2 小时内只能到 {len(routes.stops)} 处，少于要求的 20 处",
    )


def test_too_few_candidates_are_not_blamed_on_the_hours() -> None:
    routes = plan(candidates({}, {}, {"left_reason": "停业"}), most_stops=9)

    assert routes.explained == ("候选地点只有 2 处，都已排入，少于要求的 9 处",)


def test_a_lot_is_never_dropped_for_risk() -> None:
    # There is time for the far place or for several near ones of the highest score.
    found = candidates(*[{}] * 6, {"county_code": ROAD, "score": 0.0})
    for way in ("random", "must"):
        routes = plan(found, teams({"ends_at": time(12, 30)}), ways={7: way})

        assert 7 in set(routes.stops["ordinal"])
        assert routes.stops.set_index("ordinal").at[7, "chosen_by"] == way
    assert 7 not in set(plan(found, teams({"ends_at": time(12, 30)})).stops["ordinal"])


def test_a_lot_that_cannot_be_reached_is_named() -> None:
    routes = plan(
        candidates({}, {"county_code": FAR}), teams({"ends_at": time(12)}), ways={2: "random"}
    )

    assert routes.stops["ordinal"].tolist() == [1]
    assert any(line.startswith("抽签抽中的“地点2”没有排入：来回") for line in routes.explained)


def test_more_lots_than_stops_are_explained_one_by_one() -> None:
    routes = plan(candidates(*[{}] * 5), ways=dict.fromkeys(range(1, 6), "must"), most_stops=3)

    assert len(routes.stops) == 3
    assert sum(line.startswith("指定必到的") for line in routes.explained) == 2
    assert set(routes.left_out["why"]) == {"已排满 3 处"}


def test_lots_that_exclude_each_other_are_explained() -> None:
    noon = {"opens_at": time(12), "closes_at": time(12)}
    routes = plan(candidates(noon, noon, {}), ways={1: "random", 2: "random"})

    assert len(routes.stops) == 2
    assert "与其他抽中、指定或固定的地点时间排不开" in set(routes.left_out["why"])
    assert any("抽签抽中的" in line for line in routes.explained)


def test_pinned_places_stay_with_their_day_and_team() -> None:
    tomorrow = DAY + timedelta(days=1)
    fixed = pins((6, tomorrow, 2), (1, DAY, 1), (2, tomorrow, 1))
    routes = plan(
        candidates(*[{}] * 6), teams({}, {}), days=[DAY, tomorrow], pins=fixed, most_stops=4
    )

    assert set(routes.stops.loc[routes.stops["pinned"], "ordinal"]) == {1, 2, 6}
    assert len(routes.stops) == 4


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ((1, DAY, 9), "固定的日期或组不在计划里"),
        ((1, DAY + timedelta(days=3), 1), "固定的日期或组不在计划里"),
        ((1, DAY, 1), "固定在7 月 15 日第 1 组，但组里有人须回避城中区"),
        ((2, DAY, 2), "固定在7 月 15 日第 2 组，但来回连检查约要"),
    ],
)
def test_a_pin_that_cannot_be_kept_is_explained(pin: tuple[int, date, int], words: str) -> None:
    who = teams({"home": NEAR}, {"ends_at": time(11)})
    routes = plan(candidates({}, {"county_code": FAR}, {}), who, pins=pins(pin))

    assert why(routes, pin[0]).startswith(words)
    assert any(line.startswith(f"固定的“地点{pin[0]}”没有排入") for line in routes.explained)


def test_who_left_and_who_lies_nowhere_is_left_out_with_the_reason() -> None:
    routes = plan(candidates({"left_reason": "已搬迁"}, {"longitude": np.nan}, {}), most_stops=1)

    assert why(routes, 1) == "已撤出：已搬迁"
    assert why(routes, 2) == "没有坐标，排不进路线"
    assert routes.explained == ("1 处候选没有坐标，排不进路线",)


@pytest.mark.parametrize(
    ("found", "who", "asked", "words"),
    [
        (candidates({}).head(0), teams(), {}, "没有候选地点"),
        (candidates({}), teams().head(0), {}, "没有可派的组或日期"),
        (candidates({}), teams(), {"days": []}, "没有可派的组或日期"),
        (candidates({}), teams(), {"most_stops": 0}, "要排的处数是 0"),
        (candidates({"longitude": np.nan}), teams(), {}, "一处也到不了"),
    ],
)
def test_nothing_to_plan_is_said_in_words(
    found: pd.DataFrame, who: pd.DataFrame, asked: dict[str, Any], words: str
) -> None:
    routes = plan(found, who, **asked)

    assert routes.stops.empty
    assert str(routes.stops["visit_on"].dtype) == "datetime64[s]"
    assert words in routes.explained[0]


def test_a_plan_sets_out_from_an_earlier_one_and_is_not_worse() -> None:
    found = candidates(*[{}] * 20)
    before = plan(found, teams({}, {}), most_stops=12)
    # The best place is dropped by hand.
    gone = found.assign(left_reason=["停业"] + [None] * 19)
    after = plan(gone, teams({}, {}), most_stops=12, kept=before.stops)

    assert len(after.stops) == 12
    assert after.prize == before.prize - 99 + found.at[12, "score"]


def test_measured_minutes_win_over_the_estimate_both_ways() -> None:
    table = pd.DataFrame({"from_name": ["市局"], "to_name": ["地点1"], "minutes": [200]})

    routes = plan(candidates({}), travel=travel().measured(table))

    assert routes.stops["arrives_at"].tolist() == [time(12, 20)]
    too_long = travel().measured(table.assign(minutes=240))
    assert plan(candidates({}), travel=too_long).stops.empty


def test_the_same_seed_plans_the_same() -> None:
    found = candidates(*[{}] * 12)

    once, again = (plan(found, teams({}, {}), seconds=20.0) for _ in range(2))

    pd.testing.assert_frame_equal(once.stops, again.stops)
    assert once.seconds < 20


def test_progress_is_told_in_words() -> None:
    told: list[tuple[float, str]] = []
    found = candidates(*[{"opens_at": time(9), "closes_at": time(16)}] * 40)

    plan(found, most_stops=30, progress=lambda share, words: told.append((share, words)))

    assert told
    assert all(0 <= share <= 1 for share, _ in told)
    assert told[-1][1].startswith("正在排路线，已排入 ")


def random_case(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    random = np.random.default_rng(seed)
    counties = list(CENTRES)
    size = int(random.integers(1, 25))
    rows = []
    for _ in range(size):
        county = counties[random.choice(3, p=[0.6, 0.3, 0.1])]
        opens, length = int(random.integers(8, 20)), int(random.integers(0, 4))
        has_hours = random.random() < 0.8
        rows.append(
            {
                "county_code": county,
                "category": random.choice(["subject", "arts", "sports", None]),
                "longitude": CENTRES[county][0] + random.normal(0, 0.03),
                "latitude": CENTRES[county][1] + random.normal(0, 0.03),
                "opens_at": time(opens, 30) if has_hours else None,
                "closes_at": time(opens + length, 45) if has_hours else None,
                "score": float(random.integers(0, 60)),
                "left_reason": "停业" if random.random() < 0.1 else None,
            }
        )
    who = [
        {
            "home": random.choice([*counties, None]),
            "start_name": f"出发地{(start := random.integers(3))}",
            "longitude": CENTRES[counties[start]][0],
            "latitude": CENTRES[counties[start]][1],
            "starts_at": time(int(random.integers(8, 12))),
            "ends_at": time(int(random.integers(13, 22))),
        }
        for _ in range(int(random.integers(1, 4)))
    ]
    days = [DAY + timedelta(days=n) for n in range(int(random.integers(1, 3)))]
    fixed = [
        (int(n), days[random.integers(len(days))], int(random.integers(1, len(who) + 1)))
        for n in random.choice(size, min(2, size), replace=False) + 1
    ]
    ways = {n + 1: str(w) for n, w in enumerate(random.choice(["risk", "random", "must"], size))}
    asked = {
        "days": days,
        "pins": pins(*fixed),
        "ways": ways,
        "most_stops": int(random.integers(1, 15)),
        "seed": seed,
        "seconds": 0.3,
    }
    if random.random() < 0.5:
        asked["most_per_day"] = int(random.integers(1, 5))
    return candidates(*rows), teams(*who), asked


@pytest.mark.parametrize("seed", range(25))
def test_every_plan_can_be_driven(seed: int) -> None:
    found, who, asked = random_case(seed)

    plan(found, who, **asked)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 400))
def test_every_one_of_many_plans_can_be_driven(seed: int) -> None:
    found, who, asked = random_case(seed)

    plan(found, who, **asked)


def test_the_great_circle_is_the_published_one() -> None:
    # Nashville to Los Angeles, the worked example of the haversine formula.
    nashville, los_angeles = np.array([[-86.67, 36.12]]), np.array([[-118.40, 33.94]])

    km = great_circle_km(nashville, los_angeles)[0, 0]

    assert km == pytest.approx(2886.45, abs=0.5)


def test_minutes_are_the_bands_the_detour_and_the_buffer() -> None:
    # 0.1° along a meridian is 11.1195 km: 14.4553 km of road, 3 at 20 km/h, the rest at 32.
    south, north = np.array([[109.4, 24.3]]), np.array([[109.4, 24.4]])
    driven = 3 / 20 * 60 + (11.1195 * 1.3 - 3) / 32 * 60

    assert travel().minutes(south, north)[0, 0] == np.ceil(driven) + 5
    slow = travel().minutes(south, north, from_counties=[NEAR], to_counties=[FAR])
    assert slow[0, 0] == np.ceil(3 / 18 * 60 + (11.1195 * 1.35 - 3) / 28 * 60) + 5
    assert travel().minutes(south, south)[0, 0] == 5


def test_a_longer_leg_is_never_quicker() -> None:
    start = np.array([[109.4, 24.3]])
    further = np.column_stack([np.full(500, 109.4), np.linspace(24.3, 26.3, 500)])

    for counties in (None, [FAR] * 500):
        minutes = travel().minutes(start, further, to_counties=counties)[0]
        assert (np.diff(minutes) >= 0).all()


def test_service_is_by_category_and_longer_where_nobody_is_registered() -> None:
    told = replace(travel(), service=(("arts", 20), ("unregistered", 50)))

    minutes = told.service_minutes(pd.Series(["arts", None, "新类别"], dtype="str"))

    assert minutes.tolist() == [20, 50, 50]
