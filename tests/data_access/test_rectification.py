"""What counts as open, overdue and relapsed, and on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, insert

from data_access import rectification, rectification_items, schema
from data_access.scope import Scope
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY, visit_stop
from tests.factories import inspection as add_inspection
from tests.factories import institution as add_institution
from tests.factories import rectification as add_item
from tests.factories import report as add_report
from tests.factories import spell as add_spell

EVERYWHERE = Scope.city()
FRIDAY = THURSDAY - timedelta(days=6)
CLOSED = THURSDAY - timedelta(days=60)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def counted(conn: Connection, day: date, scope: Scope = EVERYWHERE, **more: object) -> list[int]:
    """Open, overdue and due this week in the whole city."""
    rows = rectification.open_on_days(conn, scope=scope, as_of=THURSDAY, days=(day,), **more)  # type: ignore[arg-type]
    return [int(rows[name].sum()) for name in ("open", "overdue", "due_this_week")]


def test_item_is_open_from_its_day_until_the_day_before_it_is_closed(conn: Connection) -> None:
    add_item(conn, opened_on=FRIDAY, closed_on=THURSDAY, status="closed", due_on=THURSDAY)

    assert counted(conn, FRIDAY - days(1)) == [0, 0, 0]
    assert counted(conn, FRIDAY) == [1, 0, 1]
    assert counted(conn, THURSDAY - days(1)) == [1, 0, 1]
    assert counted(conn, THURSDAY) == [0, 0, 0]


@pytest.mark.parametrize(
    ("due_on", "overdue", "due_this_week"),
    [
        (THURSDAY - days(3), 1, 0),
        (THURSDAY - days(2), 0, 1),
        (THURSDAY, 0, 1),
        (THURSDAY + days(1), 0, 0),
    ],
)
def test_item_is_overdue_from_the_day_after_it_is_due(
    conn: Connection, due_on: date, overdue: int, due_this_week: int
) -> None:
    add_item(conn, due_on=due_on)

    assert counted(conn, THURSDAY - days(2)) == [1, overdue, due_this_week]


def test_closed_and_reopened_item_is_not_open_between(conn: Connection) -> None:
    item = add_item(conn, status="reopened", closed_on=CLOSED, spells=False)
    add_spell(conn, item, opened_on=EARLIER, closed_on=CLOSED)
    add_spell(conn, item, spell_no=2, opened_on=FRIDAY)

    assert [counted(conn, day)[0] for day in (CLOSED - days(1), CLOSED, FRIDAY)] == [1, 0, 1]


def test_every_day_and_county_has_a_row_in_the_order_of_the_documents(conn: Connection) -> None:
    add_item(conn, county_code=SOUTH)
    chosen = (THURSDAY, FRIDAY, THURSDAY + days(1))

    rows = rectification.open_on_days(conn, scope=EVERYWHERE, as_of=THURSDAY, days=chosen)

    assert rows["day"].dt.date.unique().tolist() == [FRIDAY, THURSDAY]
    assert rows["county_code"].tolist()[:3] == [CITY, "450203", SOUTH]
    assert len(rows) == 24
    assert rows.loc[rows["open"] == 1, "county_code"].tolist() == [SOUTH, SOUTH]


def test_counts_keep_to_counties_categories_and_released_rows(conn: Connection) -> None:
    arts = add_institution(conn, category="arts")
    add_item(conn, institution_id=arts)
    add_item(conn, institution_id=add_institution(conn, category="sports"))
    add_item(conn)
    add_item(conn, county_code=SOUTH)
    add_item(conn, withheld=True)

    assert counted(conn, THURSDAY)[0] == 4
    assert counted(conn, THURSDAY, Scope.city(unreleased=True))[0] == 5
    assert counted(conn, THURSDAY, Scope.county(SOUTH))[0] == 1
    assert counted(conn, THURSDAY, categories=("arts", "technology"))[0] == 1
    assert counted(conn, THURSDAY, Scope.county())[0] == 0


def test_open_items_show_what_was_known_on_the_day(conn: Connection) -> None:
    item = add_item(conn, ledger_no="ZG-1", opened_on=FRIDAY, closed_on=THURSDAY, status="closed")
    add_item(conn, opened_on=EARLIER, closed_on=FRIDAY, status="closed")
    for day, step in [(FRIDAY, "assign"), (FRIDAY, "register"), (THURSDAY, "close")]:
        conn.execute(
            insert(schema.rectification_event).values(
                rectification_id=item,
                county_code=CITY,
                happened_on=day,
                step=step,
                received_by_us_on=day,
            )
        )

    [row] = rectification_items.open_items(
        conn, scope=EVERYWHERE, as_of=THURSDAY - days(1)
    ).to_dict("records")

    assert (row["ledger_no"], row["county"]) == ("ZG-1", "城中区")
    assert row["last_step"] == "assign"
    assert row["closed_on"] is pd.NaT
    assert rectification_items.open_items(conn, scope=EVERYWHERE, as_of=THURSDAY).empty


def test_closed_items_are_those_of_the_days_both_included(conn: Connection) -> None:
    for number, closed_on in enumerate((FRIDAY - days(1), FRIDAY, THURSDAY, THURSDAY + days(1))):
        add_item(conn, ledger_no=f"ZG-{number}", closed_on=closed_on, status="closed")

    rows = rectification_items.closed_items(conn, scope=EVERYWHERE, as_of=THURSDAY, since=FRIDAY)

    assert rows["ledger_no"].tolist() == ["ZG-1", "ZG-2"]
    assert rows["closed_on"].dt.date.tolist() == [FRIDAY, THURSDAY]


def relapse(conn: Connection, as_of: date = THURSDAY, scope: Scope = EVERYWHERE) -> tuple[int, int]:
    rows = rectification.relapse(conn, scope=scope, as_of=as_of)
    return int(rows["closed_before"].sum()), int(rows["relapsed"].sum())


@pytest.mark.parametrize(("age", "closed_before"), [(29, 0), (30, 1), (31, 1)])
def test_relapse_is_asked_of_items_closed_thirty_days_before(
    conn: Connection, age: int, closed_before: int
) -> None:
    add_item(conn, closed_on=THURSDAY - days(age), status="closed")

    assert relapse(conn) == (closed_before, 0)


def test_item_reopened_by_the_day_relapsed_and_counts_once(conn: Connection) -> None:
    item = add_item(conn, status="reopened", spells=False)
    add_spell(conn, item, opened_on=EARLIER, closed_on=EARLIER + days(5))
    add_spell(conn, item, spell_no=2, opened_on=EARLIER + days(9), closed_on=CLOSED)
    add_spell(conn, item, spell_no=3, opened_on=FRIDAY)

    assert relapse(conn) == (1, 1)
    assert relapse(conn, EARLIER + days(35)) == (1, 1)


def test_item_reopened_after_the_day_has_not_relapsed_yet(conn: Connection) -> None:
    item = add_item(conn, status="reopened", spells=False)
    add_spell(conn, item, opened_on=EARLIER, closed_on=CLOSED)
    add_spell(conn, item, spell_no=2, opened_on=THURSDAY)

    assert relapse(conn, THURSDAY - days(1)) == (1, 0)
    assert relapse(conn) == (1, 1)


@pytest.mark.parametrize(
    ("after", "status", "verified", "relapsed"),
    [
        (0, "substantiated", 40, 0),  # received on the day of the close-out
        (1, "substantiated", 40, 1),
        (30, "substantiated", 40, 1),
        (31, "substantiated", 40, 0),
        (10, "substantiated", 60, 1),  # verified on the day itself
        (10, "substantiated", 61, 0),  # verified after it
        (10, "unsubstantiated", 40, 0),
    ],
)
def test_substantiated_report_within_thirty_days_is_a_relapse(
    conn: Connection, after: int, status: str, verified: int, relapsed: int
) -> None:
    place = add_institution(conn)
    add_item(conn, institution_id=place, closed_on=CLOSED, status="closed")
    add_report(
        conn,
        institution_id=place,
        received_on=CLOSED + days(after),
        status=status,
        verified_on=CLOSED + days(verified),
    )

    assert relapse(conn) == (1, relapsed)


@pytest.mark.parametrize(
    ("outcome", "after", "relapsed"),
    [("violation", 30, 1), ("violation", 31, 0), ("clear", 5, 0), ("closed_door", 5, 0)],
)
def test_violation_found_within_thirty_days_is_a_relapse(
    conn: Connection, outcome: str, after: int, relapsed: int
) -> None:
    place = add_institution(conn)
    add_item(conn, institution_id=place, closed_on=CLOSED, status="closed")
    add_inspection(conn, institution_id=place, inspected_on=CLOSED + days(after), outcome=outcome)

    assert relapse(conn) == (1, relapsed)


@pytest.mark.parametrize(
    ("item", "found", "relapsed"),
    [
        ({"place_name": "金都大厦"}, {"place_name": "金都大厦"}, 1),
        ({"place_name": "金都大厦"}, {"place_name": "银都大厦"}, 0),
        ({"place_name": "金都大厦"}, {"place_name": "金都大厦", "county_code": SOUTH}, 0),
        # The place is known, so the name says nothing.
        ({"place_name": "金都大厦", "institution_name": "甲"}, {"institution_name": "甲"}, 0),
        ({"institution_name": "甲"}, {"institution_name": "甲"}, 1),
        ({"institution_name": "甲"}, {"institution_name": "甲", "county_code": SOUTH}, 0),
        ({"institution_name": "甲"}, {"institution_name": "乙"}, 0),
        (
            {"institution_name": "甲 ", "institution_name_key": "甲"},
            {"institution_name": "甲", "institution_name_key": "甲"},
            1,
        ),
        ({}, {}, 0),  # nowhere is not the same place as nowhere
    ],
)
def test_item_without_institution_goes_by_place_then_by_name(
    conn: Connection, item: dict[str, str], found: dict[str, str], relapsed: int
) -> None:
    add_item(conn, closed_on=CLOSED, status="closed", **item)
    add_inspection(conn, inspected_on=CLOSED + days(5), outcome="violation", **found)

    assert relapse(conn) == (1, relapsed)


def test_item_of_an_institution_goes_by_the_institution_alone(conn: Connection) -> None:
    add_item(
        conn,
        institution_id=add_institution(conn),
        place_name="金都大厦",
        closed_on=CLOSED,
        status="closed",
    )
    add_inspection(conn, inspected_on=CLOSED + days(5), outcome="violation", place_name="金都大厦")

    assert relapse(conn) == (1, 0)


def test_relapse_keeps_to_scope_and_to_released_rows(conn: Connection) -> None:
    stop = visit_stop(conn)
    place = add_institution(conn)
    add_item(conn, institution_id=place, closed_on=CLOSED, status="closed")
    add_item(conn, county_code=SOUTH, closed_on=CLOSED, status="closed")
    add_item(conn, closed_on=CLOSED, status="closed", withheld=True)
    add_inspection(
        conn,
        institution_id=place,
        inspected_on=CLOSED + days(5),
        outcome="violation",
        visit_stop_id=stop,
        withheld=True,
    )

    assert relapse(conn) == (2, 0)
    assert relapse(conn, scope=Scope.city(unreleased=True)) == (3, 1)
    assert relapse(conn, scope=Scope.county(SOUTH)) == (1, 0)
    assert rectification.relapse(conn, scope=Scope.county(), as_of=THURSDAY).empty


def test_relapsed_items_name_the_day_on_which_it_was_known(conn: Connection) -> None:
    place = add_institution(conn)
    item = add_item(conn, ledger_no="ZG-1", institution_id=place, closed_on=CLOSED, status="closed")
    add_item(conn, ledger_no="ZG-2", closed_on=CLOSED, status="closed")
    for verified in (50, 20):
        add_report(
            conn,
            report_no=f"JB-{verified}",
            institution_id=place,
            received_on=CLOSED + days(10),
            status="substantiated",
            verified_on=CLOSED + days(verified),
        )

    [row] = rectification_items.relapsed_items(conn, scope=EVERYWHERE, as_of=THURSDAY).to_dict(
        "records"
    )
    behind = rectification.incidents(conn, scope=EVERYWHERE, as_of=THURSDAY, rectification_id=item)

    assert row["ledger_no"] == "ZG-1"
    assert row["relapsed_on"].date() == CLOSED + days(20)
    assert behind["number"].tolist() == ["JB-20", "JB-50"]
    assert behind["known_on"].dt.date.tolist() == [CLOSED + days(20), CLOSED + days(50)]


def test_steps_come_in_the_order_in_which_they_happened_and_end_with_the_day(
    conn: Connection,
) -> None:
    item, other = add_item(conn), add_item(conn)
    steps = [
        (item, THURSDAY, "close"),
        (item, FRIDAY, "submit"),
        (item, FRIDAY, "register"),
        (item, THURSDAY + days(1), "reopen"),
        (other, FRIDAY, "assign"),
    ]
    for number, day, step in steps:
        conn.execute(
            insert(schema.rectification_event).values(
                rectification_id=number,
                county_code=CITY,
                happened_on=day,
                step=step,
                actor="经办人甲",
                received_by_us_on=day,
            )
        )

    rows = rectification_items.events(conn, scope=EVERYWHERE, as_of=THURSDAY, rectification_id=item)

    assert rows["step"].tolist() == ["register", "submit", "close"]
    elsewhere = rectification_items.events(
        conn, scope=Scope.county(SOUTH), as_of=THURSDAY, rectification_id=item
    )
    assert elsewhere.empty


def test_nothing_in_scope_gives_no_rows_but_all_columns(conn: Connection) -> None:
    nobody = Scope.county()
    frames = [
        rectification.open_on_days(conn, scope=nobody, as_of=THURSDAY, days=(THURSDAY,)),
        rectification.closures(conn, scope=nobody, as_of=THURSDAY),
        rectification.incidents(conn, scope=nobody, as_of=THURSDAY),
        rectification_items.open_items(conn, scope=nobody, as_of=THURSDAY),
        rectification_items.relapsed_items(conn, scope=nobody, as_of=THURSDAY),
    ]

    assert all(frame.empty for frame in frames)
    assert frames[1].dtypes.astype(str).to_dict() == {
        "rectification_id": "int64",
        "spell_no": "int64",
        "county_code": "str",
        "closed_on": "datetime64[s]",
        "relapsed_on": "datetime64[s]",
    }
