"""Judgement on the ledgers themselves: borders, check digits, silent weeks, ages, scores, words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest

from analysis import data_quality, outside, quality_scores, quality_standing
from analysis.quality_settings import (
    JUDGED,
    SETTINGS,
    SILENT_WEEK,
    Settings,
    SettingsError,
    parse,
    settings,
)

THURSDAY = date(2022, 8, 25)
RULES = settings()
CITY, SOUTH = "450202", "450204"
# A square of about a kilometre with a hole in it, and another county to the east.
SQUARE = [[0.0, 0.0], [0.01, 0.0], [0.01, 0.01], [0.0, 0.01], [0.0, 0.0]]
HOLE = [[0.004, 0.004], [0.006, 0.004], [0.006, 0.006], [0.004, 0.006], [0.004, 0.004]]
EAST = [[x + 0.01, y] for x, y in SQUARE]
COLLECTION = {
    "features": [
        {
            "properties": {"adcode": CITY},
            "geometry": {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
        },
        {
            "properties": {"adcode": SOUTH},
            "geometry": {"type": "MultiPolygon", "coordinates": [[EAST]]},
        },
    ]
}


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


def metres(county: str, longitude: float, latitude: float) -> float:
    places = pd.DataFrame(
        {"county_code": [county], "longitude": [longitude], "latitude": [latitude]}
    )
    return float(outside.metres_outside(places, outside.polygons_of(COLLECTION)).iloc[0])


@pytest.mark.parametrize(
    ("county", "longitude", "latitude", "far"),
    [
        (CITY, 0.002, 0.002, 0),
        (CITY, 0.012, 0.002, 222),  # in the other county
        (CITY, 0.005, 0.005, 111),  # in the hole
        (CITY, 0.005, -0.001, 111),
        (CITY, -0.003, -0.004, 556),  # from the corner
        (SOUTH, 0.012, 0.002, 0),
        (SOUTH, 0.002, 0.002, 890),
        # A new area has no polygon of its own: anywhere in the city will do.
        ("4502LD", 0.002, 0.002, 0),
        ("4502LD", 0.012, 0.002, 0),
        ("4502LD", 0.022, 0.002, 222),
    ],
)
def test_places_are_measured_from_the_border_of_their_county(
    county: str, longitude: float, latitude: float, far: float
) -> None:
    assert metres(county, longitude, latitude) == pytest.approx(far, abs=1)


def test_many_places_are_measured_as_one_by_one() -> None:
    random = np.random.default_rng(1)
    n = 4_321
    places = pd.DataFrame(
        {
            "county_code": random.choice([CITY, SOUTH, "4502LD"], n),
            "longitude": random.uniform(-0.01, 0.03, n).round(3),
            "latitude": random.uniform(-0.01, 0.02, n).round(3),
        }
    )
    polygons = outside.polygons_of(COLLECTION)

    together = outside.metres_outside(places, polygons)

    some = places.iloc[::200]
    alone = [
        float(outside.metres_outside(some.iloc[[at]], polygons).iloc[0]) for at in range(len(some))
    ]
    assert together.iloc[::200].tolist() == pytest.approx(alone)


def test_nowhere_is_nowhere() -> None:
    none = pd.DataFrame({"county_code": [], "longitude": [], "latitude": []})

    assert outside.metres_outside(none, outside.polygons_of(COLLECTION)).empty
    assert outside.metres_outside(none.astype("str"), {}).empty


@pytest.mark.parametrize(("far", "found"), [(300.0, False), (300.1, True)])
def test_place_near_the_border_is_not_said_to_be_outside(far: float, found: bool) -> None:
    places = pd.DataFrame({"table": ["violation_report"], "id": [7]})

    rows = data_quality.outside_county(places, pd.Series([far]), limits=RULES.limits)

    assert rows.to_dict("records") == (
        [{"rule": "report_outside", "table": "violation_report", "id": 7, "metres": far}]
        if found
        else []
    )


def test_codes_are_wrong_whose_check_digit_does_not_hold_or_that_are_none() -> None:
    asked: list[list[str]] = []

    def holds(codes: list[str]) -> list[bool]:
        asked.append(codes)
        return [code.endswith("1") for code in codes]

    codes = pd.DataFrame(
        {
            "table": ["institution", "institution", "roster_entry", "institution", "institution"],
            "id": [1, 2, 3, 4, 5],
            "credit_code": ["9" * 17 + "1", "9" * 18, "9" * 18, "短", "码" * 18],
        }
    )

    wrong = data_quality.wrong_codes(codes, holds)

    assert asked == [["9" * 17 + "1", "9" * 18, "9" * 18]]
    assert list(zip(wrong["rule"], wrong["id"], strict=True)) == [
        ("code_wrong", 2),
        ("roster_code_wrong", 3),
        ("code_wrong", 4),
        ("code_wrong", 5),
    ]
    assert data_quality.ids_of(wrong) == {"institution": (2, 4, 5), "roster_entry": (3,)}


def silent(*missing: int, as_of: date = THURSDAY, weeks: int = 30) -> list[int]:
    """How many weeks back those lie that are said to be silent, of a county without these."""
    heard = [back for back in range(weeks) if back not in missing]
    counts = pd.DataFrame(
        {
            "county_code": CITY,
            "county": "城中区",
            "week": pd.to_datetime([before(7 * back) for back in heard]).astype("datetime64[s]"),
            "reports": 1,
        }
    )
    units = pd.DataFrame({"county_code": [CITY, SOUTH], "county": ["城中区", "柳南区"]})
    found, looked = data_quality.silent_weeks(counts, units, as_of=as_of, limits=RULES.limits)
    assert set(found["county_code"]) <= {CITY}
    assert looked.set_index("county_code")["rows"][SOUTH] == 0
    return [(THURSDAY - day.date()).days // 7 for day in found["week"]]


def test_week_without_a_report_after_eight_with_one_is_silent() -> None:
    assert silent() == []
    assert silent(3) == [3]
    assert silent(3, 12) == [3, 12]
    assert silent(3, 11) == [11]  # eight weeks before, there was none either
    assert silent(1) == [1]
    assert silent(13) == [13]
    assert silent(14) == []  # too long ago


def test_week_whose_reports_may_still_come_is_not_silent() -> None:
    assert silent(0) == []
    assert silent(0, as_of=THURSDAY + timedelta(days=6)) == []
    assert silent(0, as_of=THURSDAY + timedelta(days=7)) == [0]


def test_county_that_began_to_report_lately_is_not_looked_at() -> None:
    assert silent(3, weeks=11) == []
    assert silent(3, weeks=12) == [3]


COLUMNS = {
    "id": 1,
    "row_key": "JB-1",
    "number": "JB-1",
    "name": "甲",
    "county_code": CITY,
    "county": "城中区",
    "received_by_us_on": pd.Timestamp(before(60)),
    "received_on": pd.Timestamp(before(50)),
    "verified_on": pd.NaT,
    "closed_on": pd.NaT,
    "status": "received",
    "institution_name": "甲",
}


def findings(*rows: dict[str, Any], rule: str = "report_open_long") -> dict[str, pd.DataFrame]:
    empty = {
        each.table: pd.DataFrame(
            {name: pd.Series(dtype="object") for name in ("id", *COLUMNS)}
            | {one.code: pd.Series(dtype="bool") for one in RULES.rules.values()}
        )
        for each in RULES.rules.values()
    }
    codes = [each.code for each in RULES.rules.values() if each.table == RULES.rules[rule].table]
    frame = pd.DataFrame(
        [{**COLUMNS, **dict.fromkeys(codes, False), rule: True, **row} for row in rows]
    )
    return empty | ({RULES.rules[rule].table: frame} if rows else {})


NOTHING = pd.DataFrame({"rule": [], "table": [], "id": [], "metres": []})
NO_WEEKS = pd.DataFrame({"county_code": [], "county": [], "week": pd.to_datetime([])})


def found(
    *rows: dict[str, Any],
    rule: str = "report_open_long",
    far: pd.DataFrame = NOTHING,
    weeks: pd.DataFrame = NO_WEEKS,
) -> pd.DataFrame:
    return data_quality.found(
        findings(*rows, rule=rule),
        outside=far,
        codes=NOTHING,
        silent=weeks,
        settings=RULES,
        as_of=THURSDAY,
    )


def test_nothing_wrong_is_an_empty_list_with_its_columns() -> None:
    rows = found()

    assert rows.empty
    assert rows.dtypes.astype(str).to_dict() == data_quality.FOUND


def test_row_says_what_is_wrong_with_its_values() -> None:
    (row,) = found({}).to_dict("records")

    assert row["said"] == "7 月 6 日接报，至今没有结论"
    assert (row["rule"], row["table"], row["number"]) == (
        "report_open_long",
        "violation_report",
        "JB-1",
    )


def test_row_is_known_since_it_came_or_since_time_made_it_wrong() -> None:
    came_early, came_late = found({}, {"received_by_us_on": pd.Timestamp(before(5))}).to_dict(
        "records"
    )

    assert came_early["known_on"].date() == before(50 - 31)
    assert came_early["known_days"] == 19
    assert came_late["known_days"] == 5


@pytest.mark.parametrize(
    ("column", "changed", "days"),
    [
        ("status", before(3), 3),
        ("status", before(40), 19),  # before time made it wrong
        ("closed_on", before(3), 19),  # the rule is not about it
    ],
)
def test_change_of_what_a_rule_is_about_makes_a_row_young(
    column: str, changed: date, days: int
) -> None:
    changes = pd.DataFrame(
        {
            "table": ["violation_report"],
            "row_key": ["JB-1"],
            "column": [column],
            "changed_on": pd.to_datetime([changed]).astype("datetime64[s]"),
        }
    )

    rows = data_quality.aged(found({}), changes, settings=RULES, as_of=THURSDAY)

    assert rows["known_days"].tolist() == [days]


def test_place_outside_says_how_far() -> None:
    far = pd.DataFrame(
        {
            "rule": ["report_outside"] * 2,
            "table": ["violation_report"] * 2,
            "id": [1, 2],
            "metres": [420.0, 12_340.0],
        }
    )

    rows = found({"report_open_long": False}, {"id": 2, "report_open_long": False}, far=far)

    assert rows["said"].tolist() == ["坐标在边界外 420 米", "坐标在边界外 12.3 公里"]


def test_silent_week_is_a_row_of_its_own() -> None:
    weeks = pd.DataFrame(
        {
            "county_code": [CITY],
            "county": ["城中区"],
            "week": pd.to_datetime([before(21)]).astype("datetime64[s]"),
        }
    )

    (row,) = found(weeks=weeks).to_dict("records")

    assert row["rule"] == SILENT_WEEK
    assert row["number"] == "2022-08-04 报送周"
    assert row["said"] == "之前 8 周每周都有举报，这一周没有"
    assert row["known_days"] == 13  # its reports had a week more to come


def test_every_rule_says_something_of_every_row() -> None:
    """No template asks for a value that its ledger does not hold: `tests/ui` tries them all."""
    for rule in RULES.rules.values():
        assert rule.title
        assert "{" not in rule.title
        assert rule.why.endswith("。")
        assert rule.mend.endswith("。")


CHECKED = {"table": "str", "rule": "str", "county_code": "str", "rows": "int64"}


def checked(*lines: tuple[str, str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(CHECKED)).astype(CHECKED)


def wrong(*lines: tuple[str, str, str]) -> pd.DataFrame:
    """Found rows of a rule, key and county."""
    rows = pd.DataFrame(lines, columns=["rule", "row_key", "county_code"]).astype("str")
    rows["table"] = rows["rule"].map({code: rule.table for code, rule in RULES.rules.items()})
    return rows.assign(known_days=5)


COUNTED = pd.DataFrame({"county_code": [], "rule": [], "rows": [], "before": []})


def standing(now: pd.DataFrame, then: pd.DataFrame, looked: pd.DataFrame) -> pd.DataFrame:
    """Of rows alone: none are only counted."""
    return quality_standing.standing(now, then, looked, counted=COUNTED, oldest={}, settings=RULES)


def test_rules_are_held_against_the_week_before() -> None:
    now = wrong(("report_no_place", "A", CITY), ("report_no_place", "B", SOUTH))
    then = wrong(
        ("report_no_place", "B", SOUTH),
        ("report_no_place", "C", CITY),
        ("report_open_long", "C", CITY),
    )
    looked = checked(
        ("violation_report", "report_no_place", CITY, 4),
        ("violation_report", "report_no_place", SOUTH, 3),
        ("violation_report", "report_open_long", CITY, 2),
        ("violation_report", "", CITY, 9),
    )

    rows = standing(now, then, looked)

    assert rows.to_dict("records") == [
        {
            "rule": "report_no_place",
            "urgency": 2,
            "rows": 2,
            "looked_at": 7,
            "oldest_days": 5,
            "before": 2,
            "mended": 1,
            "added": 1,
        },
        {
            "rule": "report_open_long",
            "urgency": 1,
            "rows": 0,
            "looked_at": 2,
            "oldest_days": None,
            "before": 1,
            "mended": 1,
            "added": 0,
        },
    ]


def test_what_to_mend_first_stands_first_and_what_is_clean_last() -> None:
    now = wrong(
        ("check_early", "A", CITY),
        ("report_no_place", "A", CITY),
        ("code_missing", "A", CITY),
        ("code_missing", "B", CITY),
        ("item_idle", "A", CITY),
    )
    looked = checked(*(("x", code, CITY, 1) for code in RULES.rules))

    rows = standing(now, wrong(), looked)

    assert rows["rule"].tolist()[:5] == [
        *("item_idle", "code_missing", "report_no_place", "check_early"),
        next(
            code for code, rule in RULES.rules.items() if rule.urgency == 1 and code != "item_idle"
        ),
    ]
    assert len(rows) == len(RULES.rules)


UNITS = pd.DataFrame({"county_code": [CITY, SOUTH], "county": ["城中区", "柳南区"]})


def scores(now: pd.DataFrame, then: pd.DataFrame, rows: int, south: int = 100) -> pd.DataFrame:
    looked = checked(
        ("violation_report", "", CITY, rows),
        ("violation_report", "report_no_place", CITY, 1),
        ("roster_entry", "", CITY, 1_000),
        ("violation_report", "", SOUTH, south),
    )
    return quality_scores.scores(now, then, looked, looked, UNITS, counted=COUNTED, settings=RULES)


def test_score_counts_each_row_once_and_what_the_county_mends_alone() -> None:
    now = wrong(
        ("report_no_place", "A", CITY),
        ("report_open_long", "A", CITY),
        ("report_open_long", "B", CITY),
        ("roster_twice", "1", CITY),
        ("item_closed_alone", "Z", CITY),
        (SILENT_WEEK, "w", CITY),
    )
    then = wrong(("report_no_place", "C", CITY), ("report_no_place", "A", CITY))

    row = scores(now, then, 20).iloc[0]

    assert (row["rows"], row["right"], row["wrong"]) == (20, 18, 2)
    assert (row["mended"], row["added"]) == (1, 1)
    assert row["share"] == 0.9
    assert row["change"] == 0
    assert (round(row["low"], 3), round(row["high"], 3)) == (0.699, 0.972)


@pytest.mark.parametrize(
    ("rows", "n_wrong", "against"),
    [(9, 9, "few"), (10, 10, "behind"), (100, 0, "alike"), (0, 0, "few")],
)
def test_county_with_few_rows_is_not_compared(rows: int, n_wrong: int, against: str) -> None:
    now = wrong(*(("report_no_place", str(n), CITY) for n in range(n_wrong)))

    assert scores(now, wrong(), rows)["against"].iloc[0] == against


def test_county_that_is_clearly_better_is_ahead_and_one_alone_is_compared_with_none() -> None:
    now = wrong(*(("report_no_place", str(n), SOUTH) for n in range(30)))

    both = scores(now, wrong(), 100)
    alone = quality_scores.scores(
        now,
        wrong(),
        checked(("violation_report", "", CITY, 50)),
        checked(),
        UNITS[:1],
        counted=COUNTED,
        settings=RULES,
    )

    assert both["against"].tolist() == ["ahead", "behind"]
    assert quality_scores.compared(both) == "柳南区的台账合格率明显低于全体"
    assert alone["against"].tolist() == [""]
    assert quality_scores.compared(alone) == "各县区台账合格率看不出明显差别"


def headline(now: pd.DataFrame, then: pd.DataFrame, rows: int = 20) -> str:
    looked = checked(
        *(("violation_report", code, CITY, rows) for code in ("", "report_no_place", SILENT_WEEK))
    )
    return quality_scores.headline(
        quality_scores.scores(
            now, then, looked, looked, UNITS[:1], counted=COUNTED, settings=RULES
        ),
        standing(now, then, looked),
        where="城中区",
        since=before(7),
        settings=RULES,
    )


def test_headline_says_how_many_are_right_what_changed_and_what_comes_first() -> None:
    place = ("report_no_place", "A", CITY)
    assert headline(wrong(place), wrong(("report_no_place", "B", CITY))) == (
        "城中区台账 20 行中 19 行没有问题（95.0%），比 8 月 18 日改好 1 行、新出问题 1 行；"
        "先改“举报没有地点”1 行"
    )
    assert headline(wrong(place), wrong(place)) == (
        "城中区台账 20 行中 19 行没有问题（95.0%），与 8 月 18 日相比没有变化；"
        "先改“举报没有地点”1 行"
    )
    assert headline(wrong((SILENT_WEEK, "w", CITY)), wrong()).endswith(
        "先改“一直有举报的县区整周没有举报”1 周"
    )
    assert headline(wrong(), wrong()) == (
        "城中区台账 20 行中 20 行没有问题（100.0%），与 8 月 18 日相比没有变化"
    )
    assert headline(wrong(), wrong(), rows=0) == "城中区没有台账数据"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0, 0, 0, 0), "一直没有"),
        ((3, 3, 0, 0), "持平"),
        ((3, 3, 1, 1), "持平（改好 1、新出 1）"),
        ((3, 1, 2, 0), "↓ 减少 2（改好 2）"),
        ((1, 1_004, 0, 1_003), "↑ 增加 1,003（新出 1,003）"),
        ((2, 0, 2, 0), "↓ 减少 2（改好 2）"),
    ],
)
def test_change_of_a_week_is_told_in_words(numbers: tuple[int, int, int, int], words: str) -> None:
    assert quality_scores.trend(*numbers) == words


def test_looked_at_adds_what_was_judged() -> None:
    places = pd.DataFrame(
        {
            "table": ["institution", "violation_report", "violation_report"],
            "county_code": [CITY, CITY, SOUTH],
        }
    )
    codes = pd.DataFrame({"table": ["institution"], "county_code": [CITY]})

    rows = data_quality.looked_at(checked(("institution", "", CITY, 5)), places, codes)

    assert sorted(rows.itertuples(index=False, name=None)) == [
        ("institution", "", CITY, 5),
        ("institution", "code_wrong", CITY, 1),
        ("institution", "institution_outside", CITY, 1),
    ]


def changed(old: str, new: str) -> str:
    text = SETTINGS.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("idle_item_days = 30", "", "缺少一项"),
        ("[limits]", "[limits]\nmore = 1", "多出一项"),
        ('owner = "县区"', 'owner = "省里"', "owner 应是"),
        ('"idle_item_days"]', '"idle_days"]', "没有的限值"),
        ('code = "report_outside"', 'code = "institution_outside"', "写了两次"),
        ("urgency = 1\n", "", "缺少一项"),
        (
            'owner = "县区"\nmend = "核对经纬度和县区',
            'owner = "市督查组"\nmend = "核对经纬度和县区',
            "应是县区",
        ),
    ],
)
def test_settings_that_cannot_be_used_are_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse(changed(old, new))


def test_limits_stand_in_the_titles() -> None:
    other: Settings = parse(changed("open_report_days = 30", "open_report_days = 15"))

    assert other.rules["report_open_long"].title == "举报受理超过 15 天没有结论"
    assert replace(other.limits, open_report_days=30) == RULES.limits
    assert set(JUDGED) <= set(RULES.rules)


def test_cells_are_doubtful_in_which_any_place_may_lie_too_far_outside() -> None:
    ring = [[109.0, 24.0], [109.1, 24.0], [109.1, 24.1], [109.0, 24.1], [109.0, 24.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    square = outside.polygons_of(
        {"features": [{"geometry": geometry, "properties": {"adcode": CITY}}]}
    )
    rng = np.random.default_rng(1)
    points = pd.DataFrame(
        {
            "county_code": CITY,
            "longitude": rng.uniform(108.985, 109.115, 3_000),
            "latitude": rng.uniform(23.985, 24.115, 3_000),
        }
    )
    degrees = zip(points["latitude"], points["longitude"], strict=True)
    points["cell"] = [h3.latlng_to_cell(*each, 9) for each in degrees]

    cells = points[["county_code", "cell"]].drop_duplicates()
    whole, partly = outside.doubtful_cells(cells, square, metres=300)

    far = outside.metres_outside(points, square) > 300
    assert set(whole) == set(partly) == {CITY}
    assert not set(whole[CITY]) & set(partly[CITY])
    assert set(points.loc[far, "cell"]) <= {*whole[CITY], *partly[CITY]}
    assert far[points["cell"].isin(whole[CITY])].all()
    assert points["cell"].isin(whole[CITY]).sum() > 100
    inland = points["longitude"].between(109.005, 109.095) & points["latitude"].between(
        24.005, 24.095
    )
    assert not set(points.loc[inland, "cell"]) & set(partly[CITY])
    # With no tolerance every cell is asked.
    whole, partly = outside.doubtful_cells(cells, square, metres=0)
    assert {*whole[CITY], *partly[CITY]} == set(points["cell"])
    none = outside.doubtful_cells(cells.head(0), square, metres=300)
    assert none == ({}, {})
