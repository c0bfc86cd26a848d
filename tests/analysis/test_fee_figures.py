"""The week's figures on prepaid money and checks, from rows to what a meeting reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from analysis import frozen, prepaid
from analysis.concerns import (
    Topic,
    charge_concerns,
    check_concerns,
    stopped_concerns,
    worst_first,
)
from analysis.fee_figures import CODES, DOMAINS, beside, charge_limits, of_counties, parts
from analysis.week_figures import SAID, Figure, as_counties, limits, week_figures
from data_access import meeting_counts
from data_access.compliance_checks import DOMAINS as OF_VOCABULARY
from data_access.scope import Scope
from data_access.weeks import last_weeks
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

DAY = timedelta(days=1)
FRIDAY = THURSDAY - 6 * DAY


def found(conn: Connection, as_of: date = THURSDAY) -> dict[str, dict[str, tuple[float, float]]]:
    """By figure and county: numerator and denominator, NaN for none."""
    counted = meeting_counts.fee_counts(
        conn, scope=Scope.city(), as_of=as_of, charged_beyond=charge_limits()
    )
    result: dict[str, dict[str, tuple[float, float]]] = {}
    for code, (numerators, denominators) in parts(counted, as_of=as_of).items():
        of = {} if denominators is None else dict(denominators.items())
        result[code] = {
            str(county): (float(n), float(of.get(county, float("nan"))))
            for county, n in numerators.items()
        }
    return result


def test_every_figure_is_one_of_the_week() -> None:
    assert set(CODES) <= {str(figure) for figure in Figure}
    assert all(SAID[Figure(code)].title for code in CODES)
    assert tuple(DOMAINS) == OF_VOCABULARY
    assert meeting_counts.STOPPED == prepaid.STOPPED


def test_supervised_are_those_in_custody_or_with_a_deposit(conn: Connection) -> None:
    for supervision in ("escrow", "deposit", "none", None):
        make.institution(conn, fee_supervision=supervision)
    make.institution(conn, fee_supervision="escrow", deregistered_on=THURSDAY)

    assert found(conn)["supervised"][CITY] == (2, 4)


def test_charge_counts_in_its_week_and_once_however_many_rules_it_breaks(conn: Connection) -> None:
    one = make.institution(conn)
    make.charge(conn, one, charged_on=FRIDAY, months=4, lessons=61, into_escrow=False)
    make.charge(conn, one, charged_on=THURSDAY, lessons=60)
    make.charge(conn, one, charged_on=FRIDAY - DAY, lessons=61)
    make.charge(conn, one, charged_on=THURSDAY + DAY, lessons=61)

    assert found(conn)["illegal_charges"][CITY] == (1, 2)
    assert found(conn, FRIDAY)["illegal_charges"][CITY] == (1, 1)


@pytest.mark.parametrize(
    ("state", "counts"),
    [("suspended", True), ("unlicensed", True), ("deregistered", True), ("operating", False)],
)
def test_only_money_of_institutions_that_stopped_is_counted(
    conn: Connection, state: str, counts: bool
) -> None:
    gone = {"deregistered_on": THURSDAY} if state == "deregistered" else {}
    one = make.institution(conn, operating_status=state, **gone)
    course = {"course_starts_on": THURSDAY - 4 * DAY, "course_ends_on": THURSDAY + 5 * DAY}
    make.charge(conn, one, charged_on=FRIDAY, amount_yuan=1000, **course)
    make.charge(conn, one, charged_on=FRIDAY, amount_yuan=600, refunded_yuan=100, **course)
    make.charge(conn, one, charged_on=FRIDAY, amount_yuan=700, refunded_yuan=700, **course)

    figures = found(conn)

    if counts:
        # Five of ten days are taught: 500 of 1,000, and 300 of 600 without the 100 paid back.
        assert figures["stopped_with_money"][CITY][0] == 1
        assert figures["stopped_yuan"][CITY][0] == pytest.approx(700)
    else:
        assert CITY not in figures["stopped_with_money"]


def test_findings_are_open_of_found_and_late(conn: Connection) -> None:
    make.institution(conn)
    for due in (THURSDAY - DAY, THURSDAY):
        item = make.rectification(conn, due_on=due)
        make.check(conn, outcome="finding", rectification_id=item)
    closed = make.rectification(conn, status="closed", closed_on=THURSDAY)
    make.check(conn, outcome="finding", rectification_id=closed)

    figures = found(conn)

    assert figures["check_findings"][CITY] == (2, 3)
    assert figures["check_findings_late"][CITY][0] == 1


def counties(**figures: dict[str, float]) -> pd.DataFrame:
    """Rows of ``of_counties``: what is not named is 0."""
    usual: dict[str, float] = dict.fromkeys([*CODES, *(f"{code}_of" for code in CODES)], 0.0)
    rows = [
        {"county_code": f"45020{place}", "county": name} | usual | values
        for place, (name, values) in enumerate(figures.items())
    ]
    return pd.DataFrame(rows)


def test_stopped_institutions_are_told_with_their_money_the_most_first() -> None:
    [concern] = stopped_concerns(
        counties(
            甲县={"stopped_with_money": 1, "stopped_yuan": 500},
            乙县={"stopped_with_money": 2, "stopped_yuan": 12_000},
            丙县={},
        )
    )

    assert concern.text == "乙县、甲县有 3 家停业、注销或无证机构收了钱还没上完课，估算 1.2 万元"
    assert (concern.topic, concern.counties) == (Topic.STOPPED, ("450201", "450200"))
    assert list(stopped_concerns(counties(甲县={}))) == []


def test_illegal_charges_are_told_with_the_counties_that_stand_out() -> None:
    [concern] = charge_concerns(
        counties(
            甲县={"illegal_charges": 10, "illegal_charges_of": 10},
            乙县={"illegal_charges": 9, "illegal_charges_of": 9},
            丙县={"illegal_charges": 0, "illegal_charges_of": 200},
        )
    )

    assert concern.text == "本周登记的预收费中 8.7%（19/219）不合规定，甲县明显偏多"
    assert list(charge_concerns(counties(甲县={"illegal_charges_of": 10}))) == []


def test_domain_in_which_nobody_was_checked_is_named_but_not_of_an_empty_ledger() -> None:
    checked = {f"{domain}_checks": 1.0 for domain in DOMAINS}
    of = {f"{domain}_checks_of": 12.0 for domain in DOMAINS}
    [concern] = check_concerns(
        counties(甲县=checked | of, 乙县=checked | of | {"contest_checks": 0.0}, 丙县={})
    )

    assert concern.text == "有一类专项检查一家机构都没查的县区：乙县（违规竞赛）"
    assert concern.counties == ("450201",)
    assert not concern.is_late


def test_week_that_was_frozen_without_these_figures_says_nothing_of_them() -> None:
    units = pd.DataFrame({"county_code": [CITY, SOUTH], "county": ["城中区", "柳南区"]})
    row: dict[str, Any] = {"county_code": CITY, "numerator": 1.0, "denominator": 2.0}
    old = pd.DataFrame([row | {"indicator": "coverage"}])

    known = beside(units, old)

    assert of_counties(units, old).empty
    assert known["supervised_written"].tolist() == ["—", "—"]
    assert known["open_findings"].isna().all()


def test_figures_stand_beside_the_counties_they_are_of() -> None:
    units = pd.DataFrame({"county_code": [SOUTH, CITY], "county": ["柳南区", "城中区"]})
    figures = pd.DataFrame(
        [
            {"county_code": CITY, "indicator": "supervised", "numerator": 3.0, "denominator": 4.0},
            {"county_code": CITY, "indicator": "check_findings", "numerator": 5, "denominator": 9},
        ]
    )

    known = beside(units, figures)

    assert known["supervised_written"].tolist() == ["—", "3/4"]
    assert known["open_findings"].tolist() == [pd.NA, 5]
    assert of_counties(units, figures)["county"].tolist() == ["城中区"]


def test_week_frozen_before_a_figure_was_added_is_read_without_it(conn: Connection) -> None:
    make.institution(conn, fee_supervision="escrow")
    now = week_figures(
        meeting_counts.counts(conn, scope=Scope.city(), as_of=THURSDAY, **limits()), as_of=THURSDAY
    )
    old = now[~now["indicator"].isin(set(CODES))].assign(week=pd.Timestamp(THURSDAY))
    units = pd.DataFrame(
        [{"county_code": CITY, "county": "城中区", "short_name": "城中", "boundary_code": CITY}]
    )

    counties = as_counties(old, units, as_of=THURSDAY, ends_on=date(2022, 9, 30))
    found = worst_first(
        counties,
        frozen.relapse(old, THURSDAY, units),
        frozen.watched(old, THURSDAY),
        ends_on=date(2022, 9, 30),
        as_of=THURSDAY,
        fees=old,
    )

    assert frozen.figures(old, last_weeks(THURSDAY, 13)).coverage.denominator == 1
    assert beside(counties, old)["supervised_written"].tolist() == ["—"]
    assert not {Topic.STOPPED, Topic.CHARGES, Topic.CHECKS} & {each.topic for each in found}
    assert set(now["indicator"]) - set(old["indicator"]) == set(CODES)
