"""Deregistered institutions that teach on: found by what is tied to them, not by their address."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from analysis import deregistered
from analysis.risk import Evidence, as_known, weights
from data_access.report_evidence import at_places
from data_access.scope import Scope
from tests.analysis.conftest import ReadEvidence
from tests.analysis.evidence import (
    COUNTY,
    THURSDAY,
    ago,
    check,
    closed_school,
    evidence,
    report,
    school,
    true_report,
)

AS_OF = THURSDAY.date()
PLACE = f"{COUNTY}:甲大厦"
DEREGISTERED = ago(100)
PLANTED = {
    "庚子文化课培训中心": (4, 2),
    "庚寅语数英培训学校": (3, 2),
    "庚辰初中课业培训中心": (4, 1),
}


def found(**rows: Any) -> pd.DataFrame:
    rows.setdefault("institutions", [closed_school(place_key=PLACE, credit_code="91A")])
    return deregistered.still_teaching(evidence(**rows), AS_OF)


def charge(**columns: Any) -> dict[str, Any]:
    return {"institution_id": 1, "charged_on": ago(9), "amount_yuan": 3600.0} | columns


@pytest.mark.parametrize(
    "rows",
    [
        {"reports": [true_report(institution_id=1)]},
        {"reports": [report(institution_id=1)]},
        {"reports": [true_report(credit_code="91A")]},
        {"reports": [true_report(institution_id=7, credit_code="91A")]},
        {"reports": [true_report(institution_id=1, received_on=ago(99))]},
        {"inspections": [check(institution_id=1, outcome="violation")]},
        {"charges": [charge()]},
    ],
    ids=[
        "true report",
        "report being verified",
        "by its code",
        "by its code, tied to another",
        "the day after",
        "violation",
        "charge",
    ],
)
def test_what_is_tied_to_it_after_its_deregistration_says_that_it_teaches(
    rows: dict[str, Any],
) -> None:
    assert found(**rows)["institution_id"].tolist() == [1]


@pytest.mark.parametrize(
    "rows",
    [
        {},
        {"reports": [report(institution_id=1, state="unsubstantiated")]},
        {"reports": [true_report(institution_id=1, received_on=DEREGISTERED)]},
        {"reports": [true_report(institution_id=1, violation_type_group="退费难")]},
        {"reports": [true_report(credit_code="91B"), true_report()]},
        {"reports": [true_report(place_key=PLACE) for _ in range(9)]},
        {"reports": [true_report(place_key=PLACE, institution_id=2)]},
        {"inspections": [check(institution_id=1), check(institution_id=1, outcome="closed_door")]},
        {"inspections": [check(institution_id=1, outcome="violation", inspected_on=DEREGISTERED)]},
        {"charges": [charge(charged_on=DEREGISTERED), charge(institution_id=2)]},
        {"institutions": [school()], "reports": [true_report(institution_id=1)]},
    ],
    ids=[
        "nothing",
        "report found untrue",
        "report of the day itself",
        "dispute over money",
        "report of somebody else",
        "reports of the building that name nobody",
        "report of a neighbour",
        "inspection that found nothing",
        "violation of the day itself",
        "charge of the day itself, or of another",
        "institution in operation",
    ],
)
def test_other_things_do_not(rows: dict[str, Any]) -> None:
    assert found(**rows).empty


def test_each_sign_has_its_sentence_and_the_institution_one_of_all() -> None:
    there = {"received_on": ago(30), "place_key": PLACE}
    rows = {
        "reports": [
            true_report(institution_id=1, received_on=ago(40), violation_type_group="假注销真运营"),
            report(institution_id=1, received_on=ago(20)),
            true_report(**there),
            true_report(place_key=PLACE, received_on=ago(120)),
            true_report(place_key=PLACE, institution_id=2),
        ],
        "inspections": [check(institution_id=1, outcome="violation", inspected_on=ago(10))],
        "charges": [charge()],
    }

    row = found(**rows).iloc[0]

    assert row["signs"] == [
        "7 月 16 日又被举报（假注销真运营），已查实",
        "7 月 26 日同一地点被举报（一对一），未点名，已查实",
        "8 月 5 日又被举报（一对一），尚在核实",
        "8 月 15 日检查发现违规",
        "8 月 16 日仍在收费 3,600 元",
    ]
    assert row["headline"] == (
        "5 月 17 日注销后：被举报 2 件、检查发现违规 1 次、收费 1 笔、"
        "同一地点未点名举报 1 件，最近 8 月 16 日"
    )
    assert (row["proofs"], row["place_reports"], row["is_certain"]) == (4, 1, True)


def test_reported_but_not_verified_is_not_certain_and_comes_last() -> None:
    rows = found(
        institutions=[closed_school(1), closed_school(2)],
        reports=[report(institution_id=1), report(institution_id=1), true_report(institution_id=2)],
    )

    assert rows["institution_id"].tolist() == [2, 1]
    assert rows["is_certain"].tolist() == [True, False]
    assert deregistered.summary(rows) == (
        "2 家已注销机构有仍在办学的证据：机构2、机构1；其中 1 家的举报还在核实"
    )


def test_none_is_said_in_words_and_keeps_the_columns() -> None:
    nothing, some = found(), found(charges=[charge()])

    assert deregistered.summary(nothing) == "没有发现已注销机构仍在办学的证据"
    assert list(nothing.columns) == list(some.columns)
    assert nothing.dtypes.to_dict() == some.dtypes.to_dict()


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        (deregistered.AT_PLACE - 1, "同一地点未点名举报 99 件，"),
        (deregistered.AT_PLACE, "同一地点未点名举报 100 件以上，"),
    ],
)
def test_of_a_busy_place_as_many_reports_as_were_read_are_told_as_at_least(
    reports: int, told: str
) -> None:
    near = [report(place_key=PLACE) for _ in range(reports)]

    [row] = found(reports=[true_report(institution_id=1), *near]).to_dict("records")

    assert told in row["headline"]
    assert row["is_cut"] == ("以上" in told)


@pytest.mark.parametrize(("over_on", "is_cut"), [(ago(3), True), (ago(2), False), (ago(1), False)])
def test_reports_of_a_place_are_all_known_where_the_oldest_came_before_the_deregistration(
    over_on: pd.Timestamp, is_cut: bool
) -> None:
    """An institution that left the place later than another is told how many came since."""
    days = [ago(2)] * 60 + [ago(0)] * 40
    rows = found(
        institutions=[
            closed_school(1, place_key=PLACE),
            closed_school(2, place_key=PLACE) | {"deregistered_on": over_on},
        ],
        reports=[
            *(true_report(institution_id=number) for number in (1, 2)),
            *(report(place_key=PLACE, received_on=day) for day in days),
        ],
    )

    cut = dict(zip(rows["institution_id"], rows["is_cut"], strict=True))
    assert cut == {1: True, 2: is_cut}


def test_report_of_a_place_that_was_read_already_is_counted_once() -> None:
    known = evidence(
        institutions=[closed_school(place_key=PLACE, credit_code="91A")],
        reports=[true_report(credit_code="91A", place_key=PLACE)],
    )
    proofs = deregistered.Proofs(*(getattr(known, name) for name in deregistered.Proofs._fields))

    [row] = deregistered.still_teaching(deregistered.beside(proofs, known.named), AS_OF).to_dict(
        "records"
    )

    assert (row["proofs"], row["place_reports"]) == (1, 0)


def with_places(conn: Connection, known: Evidence, places: dict[str, date]) -> Evidence:
    """The evidence of the sample, and what is reported of these places."""
    city = Scope.city(unreleased=True)
    asked = {"scope": city, "as_of": AS_OF, "places": places}
    near = at_places(conn, **asked, latest=deregistered.AT_PLACE)
    proofs = deregistered.Proofs(*(getattr(known, name) for name in deregistered.Proofs._fields))
    return known._replace(named=deregistered.beside(proofs, near).named)


def test_exactly_the_three_of_the_sample_are_found(
    evidence_of: ReadEvidence, sample_rows: Connection
) -> None:
    strong = deregistered.still_teaching(evidence_of(AS_OF), AS_OF)
    known = with_places(sample_rows, evidence_of(AS_OF), deregistered.places(strong))
    rows = deregistered.still_teaching(known, AS_OF).set_index("name")

    signs = {name: (row["proofs"], row["place_reports"]) for name, row in rows.iterrows()}
    assert signs == PLANTED
    assert rows["is_certain"].all()


def test_busy_buildings_bring_none_in_though_they_give_signs(
    evidence_of: ReadEvidence, sample_rows: Connection
) -> None:
    known = evidence_of(AS_OF)
    over = known.institutions[known.institutions["deregistered_on"].notna()]
    every = deregistered.signs(with_places(sample_rows, known, deregistered.places(over)), AS_OF)

    strong = every.loc[every["is_strong"], "institution_id"]
    assert strong.nunique() == len(PLANTED)
    assert every["institution_id"].nunique() > len(PLANTED)


def test_before_anything_was_known_of_them_none_is_found(evidence_of: ReadEvidence) -> None:
    known = evidence_of(AS_OF)

    def on(day: date) -> list[str]:
        then = as_known(known, day)
        return sorted(deregistered.still_teaching(then, day)["name"])

    assert on(date(2022, 6, 13)) == []
    assert on(date(2022, 6, 14)) == ["庚子文化课培训中心"]
    assert on(date(2022, 7, 6)) == ["庚子文化课培训中心"]
    assert on(date(2022, 7, 20)) == sorted(PLANTED)


@pytest.mark.parametrize("day", [date(2022, 4, 28), date(2022, 7, 7), AS_OF])
def test_evidence_as_an_earlier_day_knew_it_is_what_was_read_then(
    evidence_of: ReadEvidence, day: date
) -> None:
    days = {date(2022, 3, 31), day}
    known, then = as_known(evidence_of(AS_OF, days=sorted(days)), day), evidence_of(day, days=[day])
    on_the_day = evidence_of(day)

    for name, frame in then._asdict().items():
        now = getattr(known, name).reset_index(drop=True)
        if name == "places":  # what they are called and where they lie stays as it is now
            keys = ["institution_id", "place_key", "county_code", "first_on"]
            now, frame = now[keys], frame[keys]
        if name == "reports":
            now, frame = added_up(now, day), added_up(on_the_day.reports, day)
        if name == "returned":  # the last of several may have come since
            now, frame = now.drop(columns="received_on"), frame.drop(columns="received_on")
        pd.testing.assert_frame_equal(now, frame, obj=name)


def added_up(reports: pd.DataFrame, day: date) -> pd.DataFrame:
    """What reports weigh on the day, by unit."""
    days = (pd.Timestamp(day) - reports["known_on"]).dt.days
    fresh = 0.5 ** (days / weights().half_life_days)
    worth = {name: fresh * reports[name] for name in ("proven_worth", "open_worth")}
    names = ["reports", "proven", "proven_worth", "open", "open_worth"]
    units = reports.assign(**worth).groupby(["institution_id", "place_key"], dropna=False)
    return units[names].sum()
