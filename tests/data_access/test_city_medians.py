"""The city's medians are worked out once for a day and a version of the data, by who may."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import city_medians, schema, summaries, versions
from data_access.engine import get_engine
from data_access.reference import UNITS
from tests import factories as make
from tests.data_access.visits import an_office
from tests.factories import THURSDAY

LATE = date(2022, 8, 24)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six counties with 0 to 5 items overdue of 10 open; the others have none."""
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            for late, unit in enumerate(UNITS[:6]):
                for number in range(10):
                    due_on = LATE if number < late else THURSDAY + timedelta(days=30)
                    make.rectification(conn, county_code=unit.code, due_on=due_on)
            stop, _ = make.visit_plan(conn, UNITS[0].code, UNITS[1].code, status="sealed")
            for _ in range(10):  # born of a plan: it moves no median
                make.rectification(conn, county_code=UNITS[0].code, due_on=LATE, withheld=True)
            make.inspection(conn, visit_stop_id=stop, withheld=True)
            summaries.rebuild_all(conn)
        yield


def known(day: date = THURSDAY) -> dict[str, float | None]:
    with get_engine().connect() as conn:
        return city_medians.medians(conn, as_of=day)


def stored() -> int:
    with get_engine().connect() as conn:
        return conn.scalar(select(func.count()).select_from(schema.city_median)) or 0


def version() -> int:
    with get_engine().connect() as conn:
        return versions.current(conn)


def test_median_is_that_of_the_counties_with_ten_or_more_and_of_released_rows() -> None:
    before = version()
    assert known() == {}

    assert city_medians.refresh(THURSDAY)

    assert known()["overdue_items"] == pytest.approx(0.25)  # of 0, 10, 20, 30, 40, 50 %
    assert known()["coverage"] is None  # nobody has an institution
    assert known()["open_disputes"] == 0
    assert version() == before


def test_medians_are_worked_out_again_when_the_data_has_changed_and_not_before() -> None:
    city_medians.refresh(THURSDAY)
    rows = stored()
    city_medians.refresh(THURSDAY)
    assert stored() == rows

    with get_engine().begin() as conn:
        for _ in range(10):
            make.rectification(conn, county_code=UNITS[6].code, due_on=LATE)
        versions.bump(conn)
    assert known() == {}

    assert city_medians.refresh(THURSDAY)
    assert known()["overdue_items"] == pytest.approx(0.3)
    assert stored() == rows


def test_a_day_of_its_own_has_its_own() -> None:
    city_medians.refresh(THURSDAY)

    assert known(THURSDAY + timedelta(days=1)) == {}


def test_who_may_not_write_works_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city_medians, "why_no_writer", lambda _conn: "不是表的所有者")

    assert not city_medians.refresh(THURSDAY)
    assert stored() == 0


def test_what_was_worked_out_of_older_data_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    work = city_medians._worked_out

    def meanwhile(conn: object, as_of: date) -> object:
        rows = work(conn, as_of)  # type: ignore[arg-type]
        with get_engine().begin() as other:
            versions.bump(other)
        return rows

    monkeypatch.setattr(city_medians, "_worked_out", meanwhile)

    assert not city_medians.refresh(THURSDAY)
    assert stored() == 0


def test_two_at_once_store_them_once() -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(city_medians.refresh, [THURSDAY] * 4))

    assert done == [True] * 4
    assert stored() == len(known()) > 0
