"""Places of violation reports, and the reports themselves."""

from __future__ import annotations

from datetime import date, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import violations
from data_access.scope import Scope
from data_access.violations import Asked
from tests import factories as make
from tests.factories import CITY, NEW_AREA, SOUTH, THURSDAY

DAY = timedelta(days=1)
TOWER, ESTATE = f"{CITY}:甲大厦", f"{CITY}:乙小区"


def at(key: str, longitude: float | None = 109.41, latitude: float | None = 24.32) -> dict:
    """Columns of a report at a place; none of its own coordinates when they are ``None``."""
    return {
        "place_key": key,
        "place_name": key.partition(":")[2] or None,
        "longitude": longitude,
        "latitude": None if longitude is None else latitude,
        "cell": None if longitude is None else "89411ab2c2fffff",
    }


def verified(status: str, on: date = THURSDAY) -> dict:
    return {"status": status, "verified_on": on}


def count(conn: Connection, **arguments: object) -> pd.DataFrame:
    asked = {"scope": Scope.city(), "as_of": THURSDAY, **arguments}
    return violations.places(conn, **asked).set_index("place_key")


def test_reports_of_one_building_are_one_place_between_their_points(conn: Connection) -> None:
    make.report(conn, **at(TOWER, 109.40, 24.30), **verified("substantiated"))
    make.report(conn, **at(TOWER, 109.42, 24.34), **verified("unsubstantiated"))
    make.report(conn, **at(ESTATE))

    rows = count(conn)

    assert sorted(rows.index) == sorted([TOWER, ESTATE])
    assert rows.loc[TOWER, ["reports", "located", "verified", "substantiated"]].tolist() == [
        *(2, 2, 2, 1)
    ]
    assert rows.loc[TOWER, ["longitude", "latitude"]].tolist() == pytest.approx([109.41, 24.32])


def test_different_places_at_one_point_stay_two_places(conn: Connection) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(ESTATE))

    assert len(count(conn)) == 2


def test_report_without_coordinates_lies_where_its_place_is(conn: Connection) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(TOWER, None))

    row = count(conn).loc[TOWER]

    assert (row["reports"], row["located"], row["longitude"]) == (2, 1, 109.41)


def test_place_is_known_from_reports_that_are_not_counted(conn: Connection) -> None:
    make.report(conn, **at(TOWER), received_on=THURSDAY - 90 * DAY)
    make.report(conn, **at(TOWER, None))
    asked = Asked(since=THURSDAY)

    row = count(conn, asked=asked).loc[TOWER]
    nowhere = violations.reports(
        conn, unplaced=True, scope=Scope.city(), as_of=THURSDAY, asked=asked
    )

    assert (row["reports"], row["located"], row["longitude"]) == (1, 0, 109.41)
    assert nowhere.empty


def test_report_of_later_does_not_tell_where_a_place_is(conn: Connection) -> None:
    make.report(conn, **at(TOWER, None))
    make.report(conn, **at(TOWER), received_on=THURSDAY + DAY)

    assert count(conn)["longitude"].isna().tolist() == [True]


def test_reports_without_any_place_are_counted_by_county(conn: Connection) -> None:
    make.report(conn)
    make.report(conn)
    make.report(conn, county_code=SOUTH)

    rows = count(conn)

    assert rows.index.isna().all()
    assert rows.set_index("county_code")["reports"].to_dict() == {CITY: 2, SOUTH: 1}


def test_what_no_map_can_show_is_listed(conn: Connection) -> None:
    make.report(conn, report_no="nothing")
    make.report(conn, report_no="name only", **at(ESTATE, None))
    make.report(conn, report_no="borrowed", **at(TOWER, None))
    make.report(conn, report_no="placed", **at(TOWER))

    rows = violations.reports(conn, unplaced=True, scope=Scope.city(), as_of=THURSDAY)
    places = count(conn)

    assert set(rows["report_no"]) == {"nothing", "name only"}
    assert places.loc[places["longitude"].isna(), "reports"].sum() == len(rows)


@pytest.mark.parametrize(("as_of", "expected"), [(THURSDAY, (1, 1)), (THURSDAY - DAY, (0, 0))])
def test_verdict_counts_from_its_day_on(
    conn: Connection, as_of: date, expected: tuple[int, int]
) -> None:
    make.report(conn, **at(TOWER), **verified("substantiated"), received_on=THURSDAY - 7 * DAY)

    row = count(conn, as_of=as_of).loc[TOWER]

    assert (row["verified"], row["substantiated"]) == expected


def test_verdict_without_its_day_is_not_counted(conn: Connection) -> None:
    make.report(conn, **at(TOWER), status="substantiated")

    assert count(conn).loc[TOWER, ["verified", "substantiated"]].tolist() == [0, 0]


def test_report_of_tomorrow_is_not_counted(conn: Connection) -> None:
    make.report(conn, **at(TOWER), received_on=THURSDAY + DAY)

    assert count(conn).empty


def test_both_ends_of_the_period_are_counted(conn: Connection) -> None:
    for days in range(5):
        make.report(conn, **at(TOWER), received_on=THURSDAY - days * DAY)

    asked = Asked(since=THURSDAY - 3 * DAY, until=THURSDAY - DAY)

    assert count(conn, asked=asked)["reports"].tolist() == [3]


def test_period_does_not_reach_past_the_day(conn: Connection) -> None:
    make.report(conn, **at(TOWER), received_on=THURSDAY)

    rows = count(conn, as_of=THURSDAY - DAY, asked=Asked(until=THURSDAY))

    assert rows.empty


def test_type_and_channel_are_narrowed_by_the_listed_word(conn: Connection) -> None:
    make.report(conn, **at(TOWER), violation_type="1对1补课", violation_type_group="一对一")
    make.report(conn, **at(TOWER), violation_type="退费难", violation_type_group="退费难")
    make.report(conn, **at(TOWER), channel="热线", channel_group="其他")

    assert count(conn, asked=Asked(types=("退费难",)))["reports"].tolist() == [1]
    assert count(conn, asked=Asked(channels=("其他",)))["reports"].tolist() == [1]


def test_state_is_narrowed_as_it_stood_on_the_day(conn: Connection) -> None:
    make.report(conn, **at(TOWER), **verified("substantiated", THURSDAY + DAY))
    make.report(conn, **at(ESTATE), **verified("substantiated"))

    assert count(conn, asked=Asked(states=("substantiated",))).index.tolist() == [ESTATE]
    assert count(conn, asked=Asked(states=("verifying",))).index.tolist() == [TOWER]


def test_category_is_that_of_the_linked_institution(conn: Connection) -> None:
    arts = make.institution(conn, category="arts")
    make.report(conn, **at(TOWER), institution_id=arts)
    make.report(conn, **at(ESTATE))

    assert count(conn, categories=("arts",)).index.tolist() == [TOWER]
    assert count(conn, categories=("sports",)).empty


def test_types_of_a_place_are_counted_apart(conn: Connection) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(TOWER))
    make.report(conn, **at(TOWER), violation_type_group="退费难")
    make.report(conn)

    rows = violations.place_types(conn, scope=Scope.city(), as_of=THURSDAY)

    assert rows.set_index("violation_type_group")["reports"].to_dict() == {"一对一": 2, "退费难": 1}


def test_cell_counts_the_reports_in_it(conn: Connection) -> None:
    make.report(conn, **at(TOWER), **verified("substantiated"))
    make.report(conn, **at(ESTATE))
    make.report(conn, **at(ESTATE, None))

    [row] = violations.cells(conn, scope=Scope.city(), as_of=THURSDAY).to_dict("records")

    assert (row["reports"], row["verified"], row["substantiated"]) == (2, 1, 1)
    listed = violations.reports(
        conn, scope=Scope.city(), as_of=THURSDAY, cells=(row["cell"], "89411ab2c67ffff")
    )
    assert len(listed) == 2


def test_place_lists_its_reports_the_latest_first_with_their_hours(conn: Connection) -> None:
    hours = {"class_starts_at": time(19), "class_ends_at": time(20, 30)}
    make.report(conn, **at(TOWER), report_no="earlier", received_on=THURSDAY - DAY, **hours)
    make.report(conn, **at(TOWER), report_no="later")
    make.report(conn, **at(ESTATE), report_no="elsewhere")

    rows = violations.reports(conn, scope=Scope.city(), as_of=THURSDAY, place_key=TOWER)

    assert rows["report_no"].tolist() == ["later", "earlier"]
    assert rows.loc[1, ["class_starts_at", "class_ends_at"]].tolist() == [time(19), time(20, 30)]


def test_report_names_its_institution_as_reported_else_as_the_ledger_does(conn: Connection) -> None:
    known = make.institution(conn, name="示例艺术")
    make.report(conn, report_no="1", institution_id=known)
    make.report(conn, report_no="2", institution_id=known, institution_name="艺术班")
    make.report(conn, report_no="3")

    rows = violations.reports(conn, scope=Scope.city(), as_of=THURSDAY).set_index("report_no")

    assert rows["institution_name"].fillna("").to_dict() == {
        "1": "示例艺术",
        "2": "艺术班",
        "3": "",
    }


def test_verdict_of_later_is_not_listed(conn: Connection) -> None:
    make.report(conn, **verified("substantiated", THURSDAY + DAY))

    [row] = violations.reports(conn, scope=Scope.city(), as_of=THURSDAY).to_dict("records")

    assert row["state"] == "verifying"
    assert pd.isna(row["verified_on"])


def test_list_is_cut_at_its_limit(conn: Connection) -> None:
    for _ in range(3):
        make.report(conn)

    assert len(violations.reports(conn, scope=Scope.city(), as_of=THURSDAY, limit=2)) == 2


def test_pages_of_a_list_hold_every_report_once(conn: Connection) -> None:
    for number in range(5):
        make.report(conn, report_no=f"甲{number}", received_on=THURSDAY - timedelta(number // 2))
    asked = {"scope": Scope.city(), "as_of": THURSDAY, "limit": 2}

    pages = [violations.reports(conn, **asked, first=first) for first in (0, 2, 4, 6)]

    numbers = [page["report_no"].tolist() for page in pages]
    assert numbers == [["甲1", "甲0"], ["甲3", "甲2"], ["甲4"], []]
    own = violations.reports(conn, **{**asked, "scope": Scope.county(SOUTH)}, first=0)
    assert own.empty


QUERIES = (
    violations.places,
    violations.place_types,
    violations.cells,
    violations.reports,
)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_reporters_words_and_phones_are_in_no_query(conn: Connection, query: object) -> None:
    columns = query(conn, scope=Scope.city(), as_of=THURSDAY).columns

    assert not {"summary", "reporter_phone"} & set(columns)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_no_county_in_scope_gives_no_rows_but_all_columns(conn: Connection, query: object) -> None:
    make.report(conn, **at(TOWER))

    empty = query(conn, scope=Scope.county(), as_of=THURSDAY)

    assert empty.empty
    assert empty.dtypes.equals(query(conn, scope=Scope.city(), as_of=THURSDAY).dtypes)


def test_county_sees_its_own_alone(conn: Connection) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(f"{NEW_AREA}:丙中心"), county_code=NEW_AREA)
    make.report(conn, county_code=NEW_AREA)
    make.report(conn)
    asked = {"scope": Scope.county(NEW_AREA), "as_of": THURSDAY}

    own = [
        violations.places(conn, **asked),
        violations.place_types(conn, **asked),
        violations.cells(conn, **asked),
        violations.reports(conn, **asked),
        violations.reports(conn, **asked, unplaced=True),
        violations.reports(conn, **asked, place_key=f"{NEW_AREA}:丙中心"),
    ]

    assert [set(frame["county_code"]) for frame in own] == [{NEW_AREA}] * len(own)
    assert violations.reports(conn, **asked, place_key=TOWER).empty
