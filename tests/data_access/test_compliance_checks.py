"""Who was checked for what, what was found, and what of it is still open, counted from rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from analysis.fee_figures import parts
from data_access.compliance_checks import (
    DOMAINS,
    checks,
    coverage,
    findings,
    open_before,
    unchecked,
)
from data_access.meeting_counts import fee_counts
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

SINCE = date(2022, 7, 1)
DAY = timedelta(days=1)
NUMBERS = ("in_operation", "checked", "checks", "findings", "open", "overdue")


def asked(**more: Any) -> dict[str, Any]:
    return {"scope": Scope.city(), "as_of": THURSDAY, "since": SINCE} | more


def counts(conn: Connection, domain: str = "safety", **more: Any) -> dict[str, tuple[int, ...]]:
    """By county: the numbers of a domain; counties with nothing left out."""
    frame = coverage(conn, **asked(**more))
    rows = frame[(frame["domain"] == domain) & (frame["in_operation"] + frame["checks"] > 0)]
    return {
        row["county_code"]: tuple(row[name] for name in NUMBERS) for row in rows.to_dict("records")
    }


def older(conn: Connection, **more: Any) -> list[str]:
    given = {"scope": Scope.city(), "as_of": THURSDAY, "before": SINCE} | more
    return open_before(conn, **given)["check_no"].tolist()


def find(conn: Connection, institution: int | None = None, **columns: Any) -> int:
    """Find something on the Thursday, due a week later."""
    row = {"outcome": "finding", "due_on": THURSDAY + 7 * DAY} | columns
    return make.check(conn, institution, **row)


def test_institution_counts_once_from_the_first_day_of_the_campaign_to_the_day(
    conn: Connection,
) -> None:
    first, last, early, late, gone = (make.institution(conn) for _ in range(5))
    make.check(conn, first, checked_on=SINCE)
    make.check(conn, first, checked_on=SINCE + DAY)
    make.check(conn, last, checked_on=THURSDAY)
    make.check(conn, early, checked_on=SINCE - DAY)
    make.check(conn, late, checked_on=THURSDAY + DAY)
    make.check(conn, gone, domain="staff")
    make.check(conn)  # of an institution that is not in the ledger yet

    assert counts(conn)[CITY][:3] == (5, 2, 4)
    assert counts(conn, "staff")[CITY][:3] == (5, 1, 1)
    assert counts(conn, "contest")[CITY][:3] == (5, 0, 0)


def test_only_institutions_in_operation_on_the_day_are_counted(conn: Connection) -> None:
    for columns in (
        {"deregistered_on": THURSDAY, "operating_status": "deregistered"},
        {"deregistered_on": THURSDAY + DAY, "operating_status": "deregistered"},
        {"found_on": THURSDAY + DAY},
        {"category": "subject"},
        {"operating_status": "suspended"},
    ):
        make.check(conn, make.institution(conn, **columns))

    assert counts(conn)[CITY][:3] == (3, 3, 5)


def test_finding_is_open_until_its_item_is_closed(conn: Connection) -> None:
    def item(**columns: Any) -> int:
        return make.rectification(conn, source="check", opened_on=SINCE, **columns)

    closed = {"status": "closed"}
    find(conn, rectification_id=item(closed_on=THURSDAY, **closed))
    find(conn, rectification_id=item(closed_on=THURSDAY + DAY, **closed))
    find(conn, rectification_id=item(due_on=THURSDAY))
    find(conn, rectification_id=item(due_on=THURSDAY - DAY))
    back = make.rectification(conn, spells=False, due_on=THURSDAY + DAY)
    make.spell(conn, back, closed_on=THURSDAY - 9 * DAY)
    make.spell(conn, back, spell_no=2, opened_on=THURSDAY - DAY)
    find(conn, rectification_id=back)
    make.check(conn, rectification_id=item())  # corrected: it found nothing

    assert counts(conn)[CITY][2:] == (6, 5, 4, 1)
    found = findings(conn, **asked())
    assert found["is_open"].tolist() == [False, True, True, True, True]
    assert found["is_filed"].all()


def test_older_findings_that_nobody_closed_are_listed_apart(conn: Connection) -> None:
    old = {"checked_on": SINCE - DAY}
    find(conn, check_no="甲", **old)
    find(conn, check_no="乙", checked_on=SINCE)
    find(conn, check_no="丙", county_code=SOUTH, **old)
    make.check(conn, check_no="丁", **old)  # found nothing
    for closed_on in (THURSDAY, THURSDAY + DAY):
        item = make.rectification(
            conn, source="check", opened_on=SINCE - DAY, closed_on=closed_on, status="closed"
        )
        find(conn, check_no=f"{closed_on:%d}", rectification_id=item, **old)

    assert counts(conn)[CITY][3:] == (1, 1, 0)
    assert set(older(conn)) == {"甲", "丙", "26"}
    assert older(conn, scope=Scope.county(SOUTH)) == ["丙"]
    assert older(conn, categories=("sports",)) == []


def test_finding_without_an_item_is_open_and_on_no_ledger(conn: Connection) -> None:
    find(conn, due_on=THURSDAY - DAY)
    find(conn, due_on=None)
    later = make.rectification(conn, opened_on=THURSDAY + DAY)
    find(conn, rectification_id=later)

    assert counts(conn)[CITY][3:] == (3, 3, 1)
    assert findings(conn, **asked())["is_filed"].tolist() == [False] * 3


def test_people_are_counted_where_a_check_says_how_many_it_looked_at(conn: Connection) -> None:
    for examined, failed in ((10, 2), (5, None), (None, 3)):
        make.check(conn, domain="staff", examined=examined, failed=failed)

    found = coverage(conn, **asked())
    [staff] = found[found["checks"] > 0].to_dict("records")

    assert (staff["examined"], staff["failed"]) == (15, 2)


def test_categories_and_counties_narrow_what_is_counted(conn: Connection) -> None:
    arts, south = make.institution(conn), make.institution(conn, county_code=SOUTH)
    sports = make.institution(conn, category="sports")
    find(conn, arts)
    find(conn, sports)
    find(conn, south, county_code=SOUTH)
    find(conn)

    assert counts(conn, categories=("sports",)) == {CITY: (1, 1, 1, 1, 1, 0)}
    assert counts(conn, scope=Scope.county(SOUTH)) == {SOUTH: (1, 1, 1, 1, 1, 0)}
    assert len(findings(conn, **asked(categories=("sports",)))) == 1
    assert findings(conn, **asked(scope=Scope.county(SOUTH)))["county_code"].tolist() == [SOUTH]
    assert unchecked(conn, **asked(scope=Scope.county(SOUTH)))["county_code"].tolist() == [SOUTH]
    assert coverage(conn, **asked(scope=Scope.county())).empty


def test_lists_hold_the_checks_of_the_time_asked_for(conn: Connection) -> None:
    for number, on in enumerate((SINCE - DAY, SINCE, THURSDAY, THURSDAY + DAY)):
        make.check(conn, check_no=f"ZX-{number}", checked_on=on)
        find(conn, check_no=f"FX-{number}", checked_on=on)

    assert checks(conn, **asked())["check_no"].tolist() == ["FX-2", "ZX-2", "FX-1", "ZX-1"]
    assert findings(conn, **asked())["check_no"].tolist() == ["FX-2", "FX-1"]
    assert checks(conn, **asked(since=THURSDAY))["check_no"].tolist() == ["FX-2", "ZX-2"]


def test_institution_leaves_the_list_when_it_was_checked_in_every_domain(conn: Connection) -> None:
    whole, part, nothing = (make.institution(conn, name=name) for name in "甲乙丙")
    for domain in DOMAINS:
        make.check(conn, whole, domain=domain)
    for domain in DOMAINS[1:]:
        make.check(conn, part, domain=domain, checked_on=THURSDAY - DAY)
    make.check(conn, part, domain=DOMAINS[0], checked_on=SINCE - DAY)
    make.check(conn, nothing, checked_on=SINCE - DAY)

    found = unchecked(conn, **asked()).set_index("name")

    assert sorted(found.index) == ["丙", "乙"]
    assert found.loc["乙", list(DOMAINS)].tolist() == [False, True, True, True, True]
    assert not found.loc["丙", list(DOMAINS)].any()
    assert found["last_checked_on"].dt.date.get("乙") == THURSDAY - DAY


@pytest.mark.parametrize("domain", DOMAINS)
def test_week_counts_the_very_same_institutions(conn: Connection, domain: str) -> None:
    for _ in range(2):
        make.check(conn, make.institution(conn), domain=domain)
    make.institution(conn)
    make.institution(conn, county_code=SOUTH)
    counted = fee_counts(conn, scope=Scope.city(), as_of=THURSDAY, charged_beyond={})
    checked, in_operation = parts(counted, as_of=THURSDAY)[f"{domain}_checks"]

    assert counts(conn, domain)[CITY][:2] == (3, 2)
    assert in_operation is not None
    assert (checked[CITY], in_operation[CITY]) == (2, 3)
    assert SOUTH not in checked.index  # with no check on record it has no share
