"""New places without a registered institution (黑班)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.hotspots import DEFAULT
from analysis.new_places import new_places, none

THURSDAY = pd.Timestamp(date(2022, 8, 25))
WEEK = pd.Timedelta(weeks=1)


def report(place: str = "甲花园", weeks_ago: int = 1, **columns: Any) -> dict[str, Any]:
    """A report of a place, so many weeks ago."""
    week = THURSDAY - weeks_ago * WEEK
    return {
        "county_code": "450202",
        "county": "城中区",
        "short_name": "城中",
        "place_key": f"450202:{place}",
        "place_name": place,
        "address": None,
        "week": week,
        "substantiated_week": pd.NaT,
        "violation_type_group": "一对一",
        "longitude": 109.41,
        "latitude": 24.32,
        "reported_name": None,
        "reports": 1,
        "tied": 0,
        "first_on": week,
        "latest_on": week,
    } | columns


def institution(place: str = "乙大厦", **columns: Any) -> dict[str, Any]:
    return {
        "place_key": f"450202:{place}",
        "found_on": THURSDAY - 30 * WEEK,
        "longitude": 109.41,
        "latitude": 24.33,
    } | columns


def listed(
    *reports: dict[str, Any],
    there: tuple[dict[str, Any], ...] = (institution(),),
    week: pd.Timestamp = THURSDAY,
) -> pd.DataFrame:
    days = dict.fromkeys(["week", "substantiated_week", "first_on", "latest_on"], "datetime64[s]")
    texts = dict.fromkeys(["place_name", "address", "reported_name", "place_key"], "str")
    points = dict.fromkeys(["longitude", "latitude"], "float64")
    untied = pd.DataFrame(reports, columns=list(report())).astype(days | texts | points)
    known = pd.DataFrame(there, columns=list(institution())).astype({"found_on": "datetime64[s]"})
    return new_places(untied, known, week, DEFAULT)


def test_place_with_two_reports_is_listed_with_its_evidence() -> None:
    first = report(weeks_ago=3, violation_type_group="住家教师", reported_name="某某班")

    [row] = listed(first, report(reports=2)).to_dict("records")

    assert (row["place"], row["reports"], row["substantiated"]) == ("甲花园", 3, 0)
    assert (row["first_on"], row["latest_on"]) == (THURSDAY - 3 * WEEK, THURSDAY - WEEK)
    assert row["types_written"] == "一对一 2 件、住家教师 1 件"
    assert row["main_type"] == "一对一"
    assert row["reported_name"] == "某某班"
    assert row["nearest_metres"] == pytest.approx(1_113, abs=2)


def test_one_report_is_enough_only_when_it_is_true() -> None:
    assert listed(report()).empty
    assert len(listed(report(substantiated_week=THURSDAY))) == 1


def test_verdict_of_a_later_week_is_not_known_yet() -> None:
    later = report(weeks_ago=2, substantiated_week=THURSDAY)

    assert listed(later, week=THURSDAY - WEEK).empty


def test_report_of_a_later_week_is_not_known_yet() -> None:
    early, late = report(weeks_ago=2), report(weeks_ago=0)

    assert listed(early, late, week=THURSDAY - WEEK).empty
    assert len(listed(early, late)) == 1


@pytest.mark.parametrize(("weeks_ago", "is_new"), [(7, True), (8, False)])
def test_place_is_new_while_its_first_report_is_in_the_window(weeks_ago: int, is_new: bool) -> None:
    assert len(listed(report(weeks_ago=weeks_ago), report())) == is_new


def test_place_of_an_institution_is_left_out_from_the_day_it_was_found() -> None:
    there = institution("甲花园", found_on=THURSDAY)

    assert listed(report(reports=2), there=(there,)).empty
    assert len(listed(report(weeks_ago=2, reports=2), there=(there,), week=THURSDAY - WEEK)) == 1


def test_place_of_which_a_report_is_tied_to_an_institution_is_left_out() -> None:
    assert listed(report(reports=2), report(reports=1, tied=1)).empty


def test_place_without_coordinates_is_listed_without_a_distance() -> None:
    [row] = listed(report(reports=2, longitude=None, latitude=None)).to_dict("records")

    assert pd.isna(row["longitude"])
    assert pd.isna(row["nearest_metres"])


def test_place_lies_where_its_reports_with_coordinates_say_on_average() -> None:
    nowhere = report(longitude=None, latitude=None)
    two = report(reports=3, longitude=109.45)

    [row] = listed(report(), two, nowhere).to_dict("records")

    assert row["longitude"] == pytest.approx(109.44)


def test_place_without_a_name_is_called_by_its_address() -> None:
    unnamed = report(place_name=None, address="柳州市城中区立春路8号", reports=2)

    assert listed(unnamed)["place"].tolist() == ["立春路8号"]


def test_worst_first() -> None:
    many = report("多", reports=9)
    true = report("真", substantiated_week=THURSDAY)
    late = report("晚", weeks_ago=0, reports=9)

    assert listed(many, true, late)["place"].tolist() == ["真", "晚", "多"]


def test_nothing_has_the_same_columns() -> None:
    assert listed().dtypes.equals(listed(report(reports=2)).dtypes)
    assert none().dtypes.equals(listed().dtypes)
