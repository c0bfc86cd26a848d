"""Which disputes are open, and what stands behind each institution."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import refunds
from data_access.scope import Scope
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.factories import dispute as add_dispute
from tests.factories import institution as add_institution

EVERYWHERE = Scope.city()
FRIDAY = THURSDAY - timedelta(days=6)
RECENT_DAYS = 30


def counted(
    conn: Connection,
    day: date = THURSDAY,
    scope: Scope = EVERYWHERE,
    categories: tuple[str, ...] = (),
) -> list[float]:
    """Disputes, students and yuan open in the whole city."""
    rows = refunds.open_on_days(
        conn, scope=scope, as_of=THURSDAY, categories=categories, days=(day,)
    )
    return [float(rows[name].sum()) for name in ("open", "students", "amount_yuan")]


def institutions(conn: Connection, scope: Scope = EVERYWHERE) -> pd.DataFrame:
    return refunds.by_institution(conn, scope=scope, as_of=THURSDAY, recent_days=RECENT_DAYS)


def test_dispute_is_open_until_the_day_before_it_is_resolved(conn: Connection) -> None:
    add_dispute(
        conn,
        opened_on=FRIDAY,
        resolved_on=THURSDAY,
        status="resolved",
        students=4,
        amount_yuan=900.5,
    )

    assert counted(conn, FRIDAY - timedelta(days=1)) == [0, 0, 0]
    assert counted(conn, FRIDAY) == [1, 4, 900.5]
    assert counted(conn, THURSDAY - timedelta(days=1)) == [1, 4, 900.5]
    assert counted(conn, THURSDAY) == [0, 0, 0]


def test_litigation_is_open_until_it_has_its_day(conn: Connection) -> None:
    add_dispute(conn, dispute_no="TF-1", opened_on=EARLIER, status="litigation")
    add_dispute(
        conn, dispute_no="TF-2", opened_on=EARLIER, status="litigation", resolved_on=THURSDAY
    )

    rows = refunds.open_disputes(conn, scope=EVERYWHERE, as_of=THURSDAY)

    assert rows["dispute_no"].tolist() == ["TF-1"]
    assert rows["state"].tolist() == ["litigation"]
    assert counted(conn)[0] == 1


def test_every_day_and_county_has_a_row_and_the_future_has_none(conn: Connection) -> None:
    rows = refunds.open_on_days(
        conn,
        scope=EVERYWHERE,
        as_of=THURSDAY,
        days=(THURSDAY + timedelta(days=7), THURSDAY, FRIDAY),
    )

    assert rows["day"].dt.date.unique().tolist() == [FRIDAY, THURSDAY]
    assert rows["county_code"].tolist()[:3] == [CITY, "450203", SOUTH]
    assert len(rows) == 24


def test_counts_keep_to_counties_and_categories(conn: Connection) -> None:
    add_dispute(conn, institution_id=add_institution(conn, category="arts"))
    add_dispute(conn, institution_id=add_institution(conn, category="sports"))
    add_dispute(conn)
    add_dispute(conn, county_code=SOUTH)

    assert counted(conn)[0] == 4
    assert counted(conn, scope=Scope.county(SOUTH))[0] == 1
    assert counted(conn, categories=("arts",))[0] == 1
    assert counted(conn, scope=Scope.county())[0] == 0


def test_list_shows_a_dispute_as_it_stood_on_the_day(conn: Connection) -> None:
    add_dispute(
        conn,
        opened_on=EARLIER,
        resolved_on=THURSDAY,
        status="resolved",
        route="refund",
        refunded_yuan=800.0,
    )
    day_before = THURSDAY - timedelta(days=1)

    [before] = refunds.open_disputes(conn, scope=EVERYWHERE, as_of=day_before).to_dict("records")
    [after] = refunds.resolved_disputes(
        conn, scope=EVERYWHERE, as_of=THURSDAY, since=FRIDAY
    ).to_dict("records")

    assert (before["state"], before["county"]) == ("open", "城中区")
    assert before["resolved_on"] is pd.NaT
    assert pd.isna(before["route"])
    assert pd.isna(before["refunded_yuan"])
    assert (after["state"], after["route"], after["refunded_yuan"]) == ("resolved", "refund", 800.0)


def test_opened_and_resolved_lists_hold_the_days_both_included(conn: Connection) -> None:
    outside = (FRIDAY - timedelta(days=1), THURSDAY + timedelta(days=1))
    for number, day in enumerate((outside[0], FRIDAY, THURSDAY, outside[1])):
        add_dispute(conn, dispute_no=f"TF-{number}", opened_on=day)
        add_dispute(
            conn, dispute_no=f"TG-{number}", opened_on=EARLIER, resolved_on=day, status="resolved"
        )

    opened = refunds.opened_disputes(conn, scope=EVERYWHERE, as_of=THURSDAY, since=FRIDAY)
    resolved = refunds.resolved_disputes(conn, scope=EVERYWHERE, as_of=THURSDAY, since=FRIDAY)

    assert opened["dispute_no"].tolist() == ["TF-1", "TF-2"]
    assert resolved["dispute_no"].tolist() == ["TG-1", "TG-2"]


def test_institution_adds_up_its_open_disputes_and_counts_the_recent(conn: Connection) -> None:
    place = add_institution(conn, name="示例艺术")
    month = [THURSDAY - timedelta(days=age) for age in (0, 29, 30)]
    add_dispute(conn, institution_id=place, opened_on=month[0], students=3, amount_yuan=500.0)
    add_dispute(
        conn,
        institution_id=place,
        opened_on=month[1],
        resolved_on=THURSDAY,
        status="resolved",
        students=9,
    )
    add_dispute(
        conn,
        institution_id=place,
        opened_on=month[2],
        students=4,
        amount_yuan=700.0,
        plan_in_place=True,
    )
    add_dispute(conn, opened_on=THURSDAY + timedelta(days=1), institution_id=place)

    [row] = institutions(conn).to_dict("records")

    assert row["institution_name"] == "示例艺术"
    assert (row["recent"], row["open"], row["students"], row["amount_yuan"]) == (2, 2, 7, 1200.0)
    assert row["oldest_on"].date() == month[2]
    assert row["plan_in_place"] is True


def test_disputes_without_institution_stand_together_by_county_and_name(
    conn: Connection,
) -> None:
    add_dispute(conn, institution_name="甲（总店）", institution_name_key="甲(总店)")
    add_dispute(conn, institution_name="甲(总店)", institution_name_key="甲(总店)")
    add_dispute(conn, institution_name="甲(总店)", county_code=SOUTH)

    rows = institutions(conn)

    assert rows[["county_code", "name_key", "open"]].to_numpy().tolist() == [
        [CITY, "甲(总店)", 2],
        [SOUTH, "甲(总店)", 1],
    ]
    assert institutions(conn, Scope.county(SOUTH))["county_code"].tolist() == [SOUTH]


@pytest.mark.parametrize(("age", "listed"), [(29, 1), (30, 0)])
def test_institution_whose_disputes_are_resolved_stays_while_they_are_recent(
    conn: Connection, age: int, listed: int
) -> None:
    add_dispute(
        conn,
        opened_on=THURSDAY - timedelta(days=age),
        resolved_on=THURSDAY,
        status="resolved",
    )

    rows = institutions(conn)

    assert len(rows) == listed
    assert rows["open"].tolist() == [0] * listed
    assert rows["oldest_on"].isna().all()


def test_disputes_of_an_institution_are_all_of_them_newest_first(conn: Connection) -> None:
    place = add_institution(conn)
    add_dispute(conn, dispute_no="TF-1", institution_id=place, opened_on=EARLIER)
    add_dispute(conn, dispute_no="TF-2", institution_id=place, opened_on=FRIDAY)
    add_dispute(
        conn, dispute_no="TF-3", institution_id=place, opened_on=THURSDAY + timedelta(days=1)
    )
    add_dispute(conn, dispute_no="TF-4", institution_name="乙", opened_on=FRIDAY)
    add_dispute(conn, dispute_no="TF-5", institution_name="乙", county_code=SOUTH)
    common = {"scope": EVERYWHERE, "as_of": THURSDAY, "county_code": CITY}

    linked = refunds.disputes_of(conn, institution=place, **common)  # type: ignore[arg-type]
    named = refunds.disputes_of(conn, institution="乙", **common)  # type: ignore[arg-type]

    assert linked["dispute_no"].tolist() == ["TF-2", "TF-1"]
    assert named["dispute_no"].tolist() == ["TF-4"]


def test_nothing_in_scope_gives_no_rows_but_all_columns(conn: Connection) -> None:
    add_dispute(conn)
    nobody = Scope.county()

    counts = refunds.open_on_days(conn, scope=nobody, as_of=THURSDAY, days=(THURSDAY,))
    rows = refunds.open_disputes(conn, scope=nobody, as_of=THURSDAY)

    assert counts.empty
    assert counts.dtypes.astype(str).to_dict() == {
        "day": "datetime64[s]",
        "county_code": "str",
        "county": "str",
        "open": "int64",
        "students": "int64",
        "amount_yuan": "float64",
    }
    assert rows.empty
    assert rows.dtypes.astype(str)["resolved_on"] == "datetime64[s]"
    assert institutions(conn, nobody).empty
