"""What each town has open: the same rows as on the pages of the ledgers, none lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from data_access import rectification, refunds, registration, schema, supervision_points, towns
from data_access.engine import connect_to
from data_access.scope import Scope
from tests import factories as make
from tests.databases import sample_database
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.workers import shared_folder

AS_OF = date(2022, 8, 25)
HEXI, NANZHAN = "450204001", "450204002"
COUNTS = ["reports", "items", "overdue", "disputes", "unregistered", "unqualified"]


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


def lines(conn: Connection, scope: Scope | None = None, **asked: Any) -> dict[str, list[int]]:
    found = towns.open_by_town(conn, scope=scope or Scope.city(), as_of=THURSDAY, **asked)
    return {row["town_code"]: [row[name] for name in COUNTS] for row in found.to_dict("records")}


def settled(conn: Connection, **columns: Any) -> int:
    """An institution of which nothing is left to do."""
    done = {"qualified_on": EARLIER, "platform_registered_on": EARLIER, "county_code": SOUTH}
    return make.institution(conn, **(done | columns))


def test_nothing_open_is_no_line(conn: Connection) -> None:
    settled(conn, town_code=HEXI)
    gone = {"operating_status": "deregistered", "deregistered_on": THURSDAY}
    make.institution(conn, county_code=SOUTH, town_code=HEXI, **gone)
    make.institution(conn, county_code=SOUTH, town_code=HEXI, category="subject")
    make.institution(conn, county_code=SOUTH, town_code=HEXI, found_on=before(-1))
    concluded = {"status": "substantiated", "verified_on": THURSDAY}
    make.report(conn, county_code=SOUTH, town_code=HEXI, **concluded)
    make.rectification(conn, county_code=SOUTH, status="closed", closed_on=THURSDAY)
    make.dispute(
        conn, county_code=SOUTH, status="resolved", resolved_on=THURSDAY, opened_on=before(9)
    )

    assert lines(conn) == {}


def test_what_is_open_stands_in_the_line_of_its_town(conn: Connection) -> None:
    here = settled(conn, town_code=HEXI)
    make.institution(conn, county_code=SOUTH, town_code=HEXI, qualified_on=THURSDAY)
    make.institution(conn, county_code=SOUTH, town_code=NANZHAN)
    make.report(conn, county_code=SOUTH, town_code=HEXI)
    make.report(conn, county_code=SOUTH, town_code=HEXI, status="substantiated")
    make.rectification(conn, county_code=SOUTH, institution_id=here)
    make.rectification(conn, county_code=SOUTH, institution_id=here, due_on=before(1))
    make.dispute(conn, county_code=SOUTH, institution_id=here)
    make.dispute(conn, county_code=SOUTH)

    assert lines(conn) == {
        HEXI: [2, 2, 1, 1, 1, 0],
        NANZHAN: [0, 0, 0, 0, 1, 1],
        towns.NOT_TOLD: [0, 0, 0, 1, 0, 0],
    }


def test_item_without_an_institution_is_where_its_building_is(conn: Connection) -> None:
    at = {"county_code": SOUTH, "place_name": "角宿大厦"}
    settled(conn, town_code=HEXI, place_name="角宿大厦")
    make.rectification(conn, **at)
    make.rectification(conn, county_code=SOUTH, place_name="亢宿大厦")
    make.rectification(conn, county_code=CITY, place_name="角宿大厦")

    assert lines(conn, Scope.county(SOUTH)) == {
        HEXI: [0, 1, 0, 0, 0, 0],
        towns.NOT_TOLD: [0, 1, 0, 0, 0, 0],
    }
    assert lines(conn, Scope.county(CITY)) == {towns.NOT_TOLD: [0, 1, 0, 0, 0, 0]}

    # A building that is said to be in two towns tells nothing.
    concluded = {"status": "unsubstantiated", "verified_on": THURSDAY}
    make.report(conn, **at, town_code=NANZHAN, **concluded)
    assert lines(conn, Scope.county(SOUTH)) == {towns.NOT_TOLD: [0, 2, 0, 0, 0, 0]}


def test_what_is_known_of_the_day_alone_counts(conn: Connection) -> None:
    make.report(conn, county_code=SOUTH, received_on=before(-1))
    make.rectification(
        conn, county_code=SOUTH, status="closed", closed_on=THURSDAY, opened_on=before(9)
    )
    make.dispute(conn, county_code=SOUTH, opened_on=before(-1))

    assert lines(conn) == {}
    then = towns.open_by_town(conn, scope=Scope.city(), as_of=before(1))
    assert then[COUNTS].to_numpy().tolist() == [[0, 1, 0, 0, 0, 0]]


def test_what_is_sealed_is_handed_to_no_town(conn: Connection) -> None:
    make.rectification(conn, county_code=SOUTH, withheld=True)

    assert lines(conn) == {}
    assert lines(conn, Scope.city(unreleased=True)) == {towns.NOT_TOLD: [0, 1, 0, 0, 0, 0]}


def test_categories_narrow_all_of_it(conn: Connection) -> None:
    make.institution(conn, county_code=SOUTH, town_code=HEXI, category="sports")
    make.report(conn, county_code=SOUTH, town_code=HEXI)

    assert lines(conn, categories=("sports",)) == {HEXI: [0, 0, 0, 0, 1, 1]}
    assert lines(conn, categories=("subject",)) == {}


def test_rows_of_a_town_are_those_that_its_line_counts(conn: Connection) -> None:
    here = settled(conn, town_code=HEXI, address="河西街道1号")
    make.dispute(conn, dispute_no="TF-1", county_code=SOUTH, institution_id=here)
    make.report(
        conn,
        report_no="JB-1",
        county_code=SOUTH,
        town_code=HEXI,
        address="河西街道2号",
        summary="原话",
        reporter_phone="10000000001",
    )
    make.report(conn, report_no="JB-0", county_code=SOUTH, town_code=HEXI, received_on=before(9))

    rows = towns.open_in_town(
        conn, scope=Scope.city(), as_of=THURSDAY, county_code=SOUTH, town_code=HEXI
    )

    assert rows["number"].tolist() == ["JB-0", "JB-1", "TF-1"]
    assert rows["kind"].tolist() == ["report", "report", "dispute"]
    assert rows["address"].tolist()[1:] == ["河西街道2号", "河西街道1号"]
    assert "原话" not in rows.to_string()
    assert "10000000001" not in rows.to_string()
    asked = {"as_of": THURSDAY, "county_code": SOUTH, "town_code": HEXI}
    assert towns.open_in_town(conn, scope=Scope.county(CITY), **asked).empty


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = sample_database(shared_folder(tmp_path_factory))
    engine = connect_to(f"sqlite:///{path}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


def test_lines_of_a_county_add_up_to_its_figures(sample: Connection) -> None:
    asked = {"scope": Scope.city(), "as_of": AS_OF}
    sums = towns.open_by_town(sample, **asked).groupby("county_code")[COUNTS].sum()
    codes = sums.index.tolist()

    items = rectification.open_on_days(sample, **asked, days=(AS_OF,)).set_index("county_code")
    disputes = refunds.open_on_days(sample, **asked, days=(AS_OF,)).set_index("county_code")
    points = supervision_points.supervision_points(sample, **asked, since=date(2000, 1, 1))
    points = points.set_index("county_code")
    coverage = registration.coverage_on_days(sample, **asked, weeks=1).set_index("county_code")
    by_county = {
        "items": items["open"],
        "overdue": items["overdue"],
        "disputes": disputes["open"],
        "reports": points["received"] - points["handled"],
        "unregistered": coverage["in_operation"] - coverage["registered"],
        "unqualified": coverage["in_operation"] - coverage["qualified"],
    }

    assert len(codes) == 12
    for name, figures in by_county.items():
        expected = figures.groupby(level=0).sum().reindex(codes).tolist()
        assert sums[name].tolist() == expected, name


def test_every_line_of_the_sample_has_its_rows(sample: Connection) -> None:
    asked = {"scope": Scope.county("450225"), "as_of": AS_OF}
    found = towns.open_by_town(sample, **asked)
    kinds = ["report", "item", "dispute", "unregistered", "unqualified"]

    assert len(found) >= 2
    for line in found.to_dict("records"):
        rows = towns.open_in_town(
            sample, **asked, county_code="450225", town_code=line["town_code"]
        )
        counts = rows["kind"].value_counts().reindex(kinds, fill_value=0)
        assert counts.tolist() == [
            line[name] for name in ("reports", "items", "disputes", "unregistered", "unqualified")
        ]


def test_almost_every_address_of_the_sample_tells_its_town(sample: Connection) -> None:
    for table in (schema.institution, schema.violation_report):
        has_one = table.c.town_code.is_not(None)
        stmt = select(has_one, func.count()).group_by(has_one)
        rows = {bool(told): number for told, number in sample.execute(stmt)}
        assert rows[True] / sum(rows.values()) > 0.99
