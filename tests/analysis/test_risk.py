"""Which places first, and why."""

from __future__ import annotations

import re
import time as clock
from datetime import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import risk
from analysis.risk import Evidence
from analysis.risk_weights import SETTINGS
from tests.analysis.evidence import (
    COUNTY,
    DTYPES,
    THURSDAY,
    ago,
    check,
    closed_school,
    dispute,
    evidence,
    hours,
    item,
    of_frames,
    price,
    report,
    rows_of,
    school,
    true_report,
)

AS_OF = THURSDAY.date()
WEIGHTS = risk.weights()
PLACE = f"{COUNTY}:甲小区"
_FILLED = ("institutions", "reports", "inspections")
POINTS = re.compile(r"（\+([\d.]+) 分）$")


def score(found: Evidence) -> pd.DataFrame:
    return risk.score(found, risk.units(found, AS_OF), AS_OF).set_index("key")


def told(**rows: Any) -> dict[str, float]:
    """The reasons of institution 1, without their points, and those; checked today."""
    rows.setdefault("institutions", [school()])
    rows["inspections"] = [*rows.get("inspections", []), check(institution_id=1)]
    reasons = score(evidence(**rows)).loc["i:1", "reasons"]
    return {POINTS.sub("", each): float(POINTS.search(each)[1]) for each in reasons}  # type: ignore[index]


def test_institution_against_which_nothing_speaks_has_no_points() -> None:
    assert told() == {}


def test_each_substantiated_report_counts_less_the_older_it_is() -> None:
    half = int(WEIGHTS.half_life_days)

    reasons = told(
        reports=[
            true_report(institution_id=1),
            true_report(institution_id=1, received_on=ago(half)),
            report(institution_id=1, state="unsubstantiated"),
            true_report(institution_id=2),
        ]
    )

    assert reasons == {"属实举报 2 件，最近 8 月 25 日": 1.5 * WEIGHTS.substantiated_report}


def test_report_that_is_not_verified_counts_less_than_a_true_one() -> None:
    states = [report(institution_id=1, state=each) for each in ("received", "verifying")]

    assert told(reports=states) == {"未核实完的举报 2 件，最近 8 月 25 日": 2 * WEIGHTS.open_report}
    assert WEIGHTS.open_report < WEIGHTS.substantiated_report


def test_many_reports_count_no_more_than_the_most() -> None:
    reports = [true_report(institution_id=1) for _ in range(50)]

    assert list(told(reports=reports).values()) == [WEIGHTS.substantiated_most]


CLOSED = item(institution_id=1, rectification_id=7, opened_on=ago(90), closed_on=ago(40))


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        ({"reports": [true_report(institution_id=1, received_on=ago(10))]}, 1),
        ({"reports": [true_report(institution_id=1, received_on=ago(9))]}, 0),
        ({"reports": [true_report(institution_id=1, received_on=ago(40))]}, 0),
        ({"reports": [report(institution_id=1, received_on=ago(20))]}, 0),
        ({"reports": [true_report(institution_id=2, received_on=ago(20))]}, 0),
        ({"inspections": [check(institution_id=1, inspected_on=ago(39), outcome="violation")]}, 1),
        ({"inspections": [check(institution_id=1, inspected_on=ago(39))]}, 0),
        ({"items": [CLOSED, CLOSED | {"opened_on": ago(3), "closed_on": None}]}, 1),
        ({"items": [CLOSED, CLOSED | {"rectification_id": 8, "closed_on": None}]}, 0),
    ],
    ids=[
        "true report on the thirtieth day",
        "on the thirty-first",
        "on the day of the close-out",
        "not verified",
        "elsewhere",
        "violation",
        "clear inspection",
        "opened again",
        "another item",
    ],
)
def test_what_comes_back_after_a_close_out_counts_once(rows: dict[str, Any], times: int) -> None:
    reasons = told(**{"items": [CLOSED], **rows})

    assert [points for text, points in reasons.items() if "反弹" in text] == [
        WEIGHTS.repeat
    ] * times


def test_overdue_item_counts_by_its_severity_and_one_due_today_does_not() -> None:
    own = {"institution_id": 1}
    reasons = told(
        items=[
            item(**own, due_on=ago(1), severity=3),
            item(**own, due_on=ago(0), severity=3),
            item(**own, due_on=ago(9), closed_on=ago(1)),
        ]
    )

    assert reasons == {"整改逾期 1 件，最近一件期限 8 月 24 日": 3 * WEIGHTS.overdue_severity}


def test_open_disputes_count_and_resolved_ones_do_not() -> None:
    reasons = told(disputes=[dispute(), dispute(resolved_on=ago(1)), dispute(institution_id=2)])

    assert reasons == {"退费纠纷未化解 1 件，最近登记 8 月 20 日": WEIGHTS.open_dispute}


@pytest.mark.parametrize(
    ("columns", "reason", "worth"),
    [
        (
            {"platform_registered_on": None, "qualified_on": ago(85)},
            "6 月 1 日核查合格，至今未登记全国平台",
            WEIGHTS.qualified_unregistered,
        ),
        (
            {"platform_registered_on": None, "qualified_on": None},
            "未登记全国平台，核查未合格",
            WEIGHTS.unregistered,
        ),
        ({"fee_supervision": "none"}, "预收费未监管", WEIGHTS.no_escrow),
        ({"licence_no": None}, "没有办学许可证", WEIGHTS.no_licence),
        ({"operating_status": "unlicensed"}, "没有办学许可证", WEIGHTS.no_licence),
        ({"licence_valid_to": ago(1)}, "办学许可证 8 月 24 日到期", WEIGHTS.licence_expired),
        ({"students": 200}, "在册学生 200 人", 2 * WEIGHTS.students_per_100),
        ({"students": 99_999}, "在册学生 99,999 人", WEIGHTS.students_most),
    ],
)
def test_gap_of_the_ledger_counts(columns: dict[str, Any], reason: str, worth: float) -> None:
    assert told(institutions=[school(**columns)]) == {reason: worth}


@pytest.mark.parametrize(
    "columns",
    [
        {"category": "subject", "platform_registered_on": None},
        {"fee_supervision": None},
        {"licence_valid_to": THURSDAY},
        {"licence_valid_to": None},
        {"students": 0},
    ],
)
def test_what_is_unknown_or_in_order_is_no_gap(columns: dict[str, Any]) -> None:
    assert told(institutions=[school(**columns)]) == {}


@pytest.mark.parametrize(
    ("prices", "rise"),
    [
        ([price(), price(effective_on=ago(9), price=120.0)], "20.0%"),
        ([price(), price(effective_on=ago(9), price=119.0)], None),
        ([price(), price(effective_on=ago(90), price=150.0)], None),
        ([price(), price(effective_on=ago(9), lesson_minutes=40)], "50.0%"),
        ([price(), price(effective_on=ago(9), price=200.0, class_size="小班")], None),
        (
            [
                price(),
                price(effective_on=ago(40), price=110.0),
                price(effective_on=ago(9), price=121.0),
            ],
            "21.0%",
        ),
        ([price(price=0.0), price(effective_on=ago(9))], None),
        ([price(), price(effective_on=ago(9), price=200.0, institution_id=2)], None),
    ],
    ids=[
        "a fifth",
        "less",
        "too long ago",
        "shorter lessons",
        "another course",
        "by steps",
        "free before",
        "another institution",
    ],
)
def test_price_that_rose_within_the_window_counts(prices: list[Any], rise: str | None) -> None:
    reasons = told(prices=prices)

    wanted = {f"课程价格疑似上涨 {rise}，自 8 月 16 日起": WEIGHTS.price_jump} if rise else {}
    assert reasons == wanted


def test_longer_unchecked_counts_more_never_checked_most_and_a_closed_door_is_no_check() -> None:
    schools = [school(number) for number in (1, 2, 3)]
    rows = score(
        evidence(
            institutions=schools,
            inspections=[
                check(institution_id=1, inspected_on=ago(60)),
                check(institution_id=2, inspected_on=ago(2), outcome="closed_door"),
                check(institution_id=3, inspected_on=ago(30)),
                check(institution_id=3, inspected_on=ago(90)),
            ],
        )
    )

    assert rows["score"].to_dict() == {
        "i:2": WEIGHTS.unchecked_most,
        "i:1": 2 * WEIGHTS.unchecked_per_30_days,
        "i:3": WEIGHTS.unchecked_per_30_days,
    }
    assert rows.loc["i:2", "reasons"] == [f"没有检查记录（+{WEIGHTS.unchecked_most:g} 分）"]
    assert rows.loc["i:3", "reasons"] == [
        f"距上次检查 30 天（7 月 26 日）（+{WEIGHTS.unchecked_per_30_days:g} 分）"
    ]


def test_deregistered_institution_is_a_unit_where_something_says_that_it_teaches_on() -> None:
    found = evidence(
        institutions=[closed_school(1), closed_school(2)],
        reports=[
            true_report(institution_id=1),
            true_report(institution_id=2, received_on=ago(101)),
        ],
        inspections=[check(institution_id=1)],
    )

    rows = score(found)

    assert list(rows.index) == ["i:1"]
    assert rows.loc["i:1", "reasons"][0] == (
        f"已注销，仍有办学证据 1 项，最近 8 月 25 日（+{WEIGHTS.deregistered:g} 分）"
    )


def test_place_without_an_institution_is_a_unit_with_its_own_reports_checks_and_items() -> None:
    there = {"place_key": PLACE}
    found = evidence(
        institutions=[school(place_key=PLACE)],
        reports=[
            true_report(**there, place_name="甲小区", longitude=109.0, latitude=24.0),
            true_report(**there, place_name="甲小区", longitude=110.0, latitude=25.0),
            true_report(**there, institution_id=1),
            true_report(place_key=None),
        ],
        inspections=[check(**there), check(institution_id=1, **there)],
        items=[item(**there, due_on=ago(1))],
    )

    rows = score(found)

    assert list(rows.index) == [f"p:{PLACE}", "i:1"]
    place = rows.loc[f"p:{PLACE}"]
    assert (place["name"], place["county_code"]) == ("甲小区", COUNTY)
    assert (place["longitude"], place["latitude"]) == (109.5, 24.5)
    assert pd.isna(place["institution_id"])
    assert pd.isna(place["category"])
    assert place["score"] == 2 * WEIGHTS.substantiated_report + WEIGHTS.overdue_severity


def test_unit_without_coordinates_lies_where_its_reports_say_or_is_flagged() -> None:
    unknown = {"longitude": None, "latitude": None}
    found = evidence(
        institutions=[school(1, **unknown), school(2, **unknown)],
        reports=[
            report(institution_id=1, longitude=109.2, latitude=24.2),
            report(institution_id=1, longitude=109.4, latitude=24.4),
            report(institution_id=1),
            report(longitude=109.9, latitude=24.9),
        ],
    )

    rows = risk.units(found, AS_OF).set_index("key")

    assert rows.loc["i:1", "longitude"] == pytest.approx(109.3)
    assert rows["is_located"].to_dict() == {"i:1": True, "i:2": False}


def test_visit_begins_within_the_hours_that_most_reports_name() -> None:
    def at(start: time | None, end: time | None) -> dict[str, Any]:
        return report(institution_id=1, class_starts_at=start, class_ends_at=end)

    usual = [at(time(19), time(20, 30)) for _ in range(20)]
    strange = [at(time(3), time(23, 50)), at(time(20), time(19)), at(time(8), None), at(None, None)]

    units = risk.units(evidence(institutions=[school()]), AS_OF)
    row = risk.with_hours(units, hours(rows_of("reports", usual + strange))).iloc[0]

    assert (row["opens_at"], row["closes_at"]) == (time(19), time(19, 45))


def test_visit_begins_within_the_usual_hours_where_no_report_names_any() -> None:
    too_short = report(institution_id=2, class_starts_at=time(9), class_ends_at=time(9, 20))
    found = evidence(
        institutions=[school(1, category="sports"), school(2, category="subject")],
        reports=[too_short, report(place_key=PLACE)],
    )

    named = hours(rows_of("reports", [too_short]))
    rows = risk.with_hours(risk.units(found, AS_OF), named)

    spans = list(zip(rows["opens_at"], rows["closes_at"], strict=True))
    assert spans == [WEIGHTS.hours[name] for name in ("sports", "subject", "place")]


def test_units_are_ordered_by_points_then_by_key() -> None:
    found = evidence(
        institutions=[school(2), school(1), school(3)], reports=[true_report(institution_id=3)]
    )

    assert list(score(found).index) == ["i:3", "i:1", "i:2"]


def test_points_of_the_reasons_add_up_to_the_score_and_the_heaviest_comes_first() -> None:
    rows = score(city(institutions=300, reports=3_000))

    points = [[float(POINTS.search(text)[1]) for text in texts] for texts in rows["reasons"]]  # type: ignore[index]
    assert [round(sum(each), 1) for each in points] == rows["score"].tolist()
    assert all(each == sorted(each, reverse=True) for each in points)
    assert all(each > 0 for some in points for each in some)
    assert max(len(each) for each in points) >= 5


def test_who_inspected_changes_nothing() -> None:
    found = city(institutions=300, reports=3_000)
    checks = found.inspections
    others = np.random.default_rng(2).permutation(checks["officers"].to_numpy())
    changed = found._replace(inspections=checks.assign(officers=others))
    without = found._replace(inspections=checks.drop(columns="officers"))

    assert not checks["officers"].equals(changed.inspections["officers"])
    pd.testing.assert_frame_equal(score(found), score(changed))
    pd.testing.assert_frame_equal(score(found), score(without))


def test_order_of_the_rows_changes_nothing() -> None:
    found = city(institutions=200, reports=2_000)
    mixed = Evidence(*(frame.sample(frac=1, random_state=3) for frame in found))

    names = ["score", "reasons", "longitude"]
    pd.testing.assert_frame_equal(score(found)[names], score(mixed)[names])


def test_nothing_known_is_no_unit_and_no_error() -> None:
    rows = score(evidence())

    assert rows.empty
    assert {"score", "reasons", "is_located"} <= set(rows.columns)
    assert rows["score"].dtype == "float64"


def test_place_that_was_seen_lately_is_told_by_its_key() -> None:
    found = evidence(
        inspections=[
            check(institution_id=1, place_key=PLACE, inspected_on=ago(7)),
            check(institution_id=2, inspected_on=ago(8)),
            check(institution_id=3, outcome="closed_door"),
            check(place_key=PLACE),
            check(),
        ]
    )

    assert risk.visited_since(found.inspections, ago(7).date()) == {"i:1", f"p:{PLACE}"}


def test_settings_file_is_complete_and_each_setting_says_what_it_is() -> None:
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if "=" in line]

    assert len(settings) > 25
    assert all(re.search(r"#.*[\u4e00-\u9fff]", line) for line in settings)
    assert risk.weights() is risk.weights()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("repeat = 6.0", "repeet = 6.0", "多出 repeet，缺少 repeat"),
        ("repeat = 6.0", "", "缺少 repeat"),
        ("[hours]", "[times]", "多出 times"),
        ("arts = ", "music = ", "多出 music，缺少 arts"),
        ("repeat = 6.0", "repeat = -1", "repeat 应是不小于 0 的数"),
        ("repeat = 6.0", "repeat = true", "repeat 应是不小于 0 的数"),
        ("repeat = 6.0", 'repeat = "8"', "repeat 应是不小于 0 的数"),
        ("half_life_days = 60", "half_life_days = 0", "half_life_days 应大于 0"),
        ('["08:30", "19:45"]  ', '["20:30", "08:30"]  ', "hours.subject 应是先后两个时间"),
        ('["08:30", "19:45"]  ', '["8", "9"]', "hours.subject 应是先后两个时间"),
        ("margin_minutes = 45", "", "缺少 margin_minutes"),
    ],
)
def test_settings_that_nobody_knows_or_that_are_missing_are_refused(
    old: str, new: str, said: str
) -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(ValueError, match=said):
        risk.read_weights(text.replace(old, new, 1))


def test_five_thousand_institutions_and_a_hundred_thousand_reports_take_a_second() -> None:
    found = city(institutions=5_000, reports=100_000)
    begun = clock.process_time()

    rows = risk.score(found, risk.units(found, AS_OF), AS_OF)

    assert clock.process_time() - begun < 2.0  # a second by itself; twice that beside others
    assert len(rows) > 5_000


def city(*, institutions: int, reports: int) -> Evidence:
    """A city of that size, with some of everything."""
    rng = np.random.default_rng(1)
    number = np.arange(1, institutions + 1)
    some = len(number)

    def days(size: int, most: int = 500) -> Any:
        return THURSDAY - pd.to_timedelta(rng.integers(0, most, size), unit="D")

    def frame(**columns: Any) -> pd.DataFrame:
        return pd.DataFrame({"county_code": COUNTY, **columns})

    whose = rng.integers(1, institutions * 2, reports)
    places = np.array([f"{COUNTY}:{each}号楼" for each in range(500)])[
        rng.integers(0, 500, reports)
    ]
    state = rng.choice(
        ["substantiated", "unsubstantiated", "verifying"], reports, p=[0.25, 0.6, 0.15]
    )
    starts = np.array([time(9), time(14), time(19), None], dtype=object)[
        rng.integers(0, 4, reports)
    ]
    checks = reports // 2
    blank = evidence(institutions=[school()], reports=[report()], inspections=[check()])
    row = rows_of("reports", [report()])
    others = {name: getattr(blank, name) for name in DTYPES if name not in _FILLED}
    filled = of_frames(
        **others,
        institutions=frame(
            **{
                **blank.institutions.iloc[0].drop(["county_code"]).to_dict(),
                "institution_id": number,
                "name": [f"机构{each}" for each in number],
                "students": pd.array(rng.integers(0, 400, some), dtype="Int64"),
                "fee_supervision": rng.choice(["escrow", "none"], some),
                "licence_valid_to": days(some) + pd.Timedelta(days=300),
            }
        ).astype(blank.institutions.dtypes),
        reports=frame(
            **{
                **row.iloc[0].drop(["county_code"]).to_dict(),
                "report_id": np.arange(reports),
                "received_on": days(reports),
                "institution_id": pd.array(np.where(whose <= institutions, whose, 0), "Int64"),
                "place_key": places,
                "place_name": places,
                "longitude": 109.4,
                "latitude": 24.3,
                "state": state,
                "class_starts_at": starts,
                "class_ends_at": [each and time(each.hour + 2) for each in starts],
            }
        )
        .astype(row.dtypes)
        .assign(institution_id=lambda rows: rows["institution_id"].replace({0: pd.NA})),
        inspections=frame(
            **{
                **blank.inspections.iloc[0].drop(["county_code"]).to_dict(),
                "inspected_on": days(checks),
                "institution_id": pd.array(rng.integers(1, institutions + 1, checks), "Int64"),
                "outcome": rng.choice(["clear", "violation", "closed_door"], checks),
                "officers": rng.choice(["检查员甲", "检查员乙"], checks),
            }
        ).astype(blank.inspections.dtypes),
    )
    opened = rng.integers(1, institutions + 1, institutions // 2)
    return filled._replace(
        items=evidence(
            items=[
                item(
                    institution_id=int(each),
                    opened_on=ago(100),
                    due_on=ago(int(each) % 60 - 20),
                    closed_on=ago(50) if each % 2 else None,
                )
                for each in opened
            ]
        ).items,
        disputes=evidence(disputes=[dispute(institution_id=int(each)) for each in opened]).disputes,
    )
