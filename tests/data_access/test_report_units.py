"""What reports weigh at a unit by sums of weeks is what they weigh one by one.

Reports are read as they were before there were sums, and weighed by plain means: that is what the
sums are held against, whatever day and time are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine, select

from data_access import evidence, summaries
from data_access.schema import violation_report
from data_access.scope import Scope
from data_access.weeks import first_day, last_full_week, reporting_week
from tests import factories as make
from tests.data_access.test_report_weeks import days, reports, scopes
from tests.factories import THURSDAY
from tests.small_cities import examples

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
HALF_LIFE = 45.0
SUMS = ["reports", "proven", "proven_worth", "open", "open_worth"]
UNIT = ["institution_id", "place_key"]

# With the number of an institution that it is tied to: the second lies nowhere.
cities = st.lists(st.tuples(reports(), st.sampled_from([None, None, 0, 1])), max_size=14)
thursdays = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).map(
    lambda back: sorted(THURSDAY - WEEK * each for each in back)
)


@contextmanager
def city_of(engine: Engine, rows: list[tuple[dict[str, Any], int | None]]) -> Iterator[Connection]:
    with engine.connect() as conn:
        ids = [make.institution(conn, longitude=109.4, latitude=24.3), make.institution(conn)]
        for row, at in rows:
            tied = None if at is None else ids[at]
            make.report(conn, counted=False, institution_id=tied, **row)
        summaries.rebuild_all(conn)
        yield conn
        conn.rollback()


def facts(conn: Connection, scope: Scope, as_of: date, since: date | None) -> pd.DataFrame:
    """The reports of the time as the day knew them, one a row."""
    report = violation_report.c
    first = since or as_of - timedelta(days=540)
    stmt = select(violation_report).where(
        scope.allows(violation_report), report.received_on.between(first, as_of)
    )
    rows = [row._asdict() for row in conn.execute(stmt.order_by(report.received_on, report.id))]
    for row in rows:
        is_done = row["status"] in ("substantiated", "unsubstantiated")
        is_known = is_done and (row["verified_on"] is None or row["verified_on"] <= as_of)
        row["state"] = row["status"] if is_known else "open"
        row["place_key"] = None if row["institution_id"] else row["place_key"]
    return pd.DataFrame(rows, columns=[*violation_report.c.keys(), "state"])


def weighed(rows: pd.DataFrame, on: date) -> pd.DataFrame:
    """Weigh reports one by one, by unit."""
    found = []
    for (institution, place), each in rows.groupby(UNIT, dropna=False):
        if pd.isna(institution) and pd.isna(place):
            continue
        told: dict[str, Any] = dict(zip(UNIT, (institution, place), strict=True))
        told["reports"] = len(each)
        for name, state in (("proven", "substantiated"), ("open", "open")):
            received = each.loc[each["state"] == state, "received_on"]
            told[name] = len(received)
            told[f"{name}_worth"] = sum(0.5 ** ((on - day).days / HALF_LIFE) for day in received)
            told[f"{name}_on"] = max(received, default=None)
        found.append(told)
    columns = [*UNIT, *SUMS, "proven_on", "open_on"]
    return sorted_(pd.DataFrame(found, columns=columns))


def sorted_(rows: pd.DataFrame) -> pd.DataFrame:
    dtypes = {"institution_id": "Int64", "place_key": "str", **dict.fromkeys(SUMS, "float64")}
    days = {name: "datetime64[s]" for name in ("proven_on", "open_on") if name in rows}
    return rows.astype(dtypes | days).sort_values(UNIT, ignore_index=True)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert_frame_equal(one, other, check_exact=False, atol=1e-9, rtol=0)


def as_of_day(found: pd.DataFrame, day: date) -> pd.DataFrame:
    """Add up what was known by a day."""
    known = found[found["known_on"] <= pd.Timestamp(day)]
    fresh = 0.5 ** ((pd.Timestamp(day) - known["known_on"]).dt.days / HALF_LIFE)
    worth = {name: known[name] * fresh for name in ("proven_worth", "open_worth")}
    sums = known.assign(**worth).groupby(UNIT, dropna=False)[SUMS].sum().reset_index()
    return sorted_(sums[(sums["reports"] > 0)])


@examples(20)
@given(rows=cities, scope=scopes, as_of=days, since=st.none() | days)
def test_what_reports_weigh_by_sums_is_what_they_weigh_one_by_one(
    engine: Engine,
    rows: list[tuple[dict[str, Any], int | None]],
    scope: Scope,
    as_of: date,
    since: date | None,
) -> None:
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "since": since}
    with city_of(engine, rows) as conn:
        found = evidence.reports_and_places(conn, **asked, half_life_days=HALF_LIFE)
        known = facts(conn, scope, as_of, since)

        told = found["reports"][[*UNIT, *SUMS, "proven_on", "open_on"]]
        same(sorted_(told), weighed(known, as_of))
        of_places = found["places"]
        unlinked = known[known["institution_id"].isna()]
        at_places = of_places[of_places["institution_id"].isna()].reset_index(drop=True)
        by_place = unlinked.groupby("place_key")
        assert at_places["place_key"].tolist() == list(by_place.groups)
        for column, expected in (
            ("county_code", by_place["county_code"].first()),
            ("place_name", by_place["place_name"].last()),
            ("address", by_place["address"].last()),
            ("first_on", by_place["received_on"].min()),
        ):
            wanted = expected.astype(at_places[column].dtype)
            assert at_places[column].astype("object").where(
                at_places[column].notna(), None
            ).tolist() == (wanted.astype("object").where(wanted.notna(), None).tolist()), column
        for column in ("longitude", "latitude"):
            expected = by_place[column].apply(lambda each: each.astype("float64").mean())
            assert at_places[column].tolist() == pytest.approx(
                expected.tolist(), abs=1e-7, nan_ok=True
            )


@examples(20)
@given(rows=cities, scope=scopes, by=thursdays, later=st.integers(0, 15), since=st.none() | days)
def test_what_each_thursday_knew_by_sums_is_what_the_reports_say(
    engine: Engine,
    rows: list[tuple[dict[str, Any], int | None]],
    scope: Scope,
    by: list[date],
    later: int,
    since: date | None,
) -> None:
    as_of = max(by) + timedelta(days=later)
    asked: dict[str, Any] = {"scope": scope, "since": since or as_of - timedelta(days=540)}
    with city_of(engine, rows) as conn:
        found = evidence.reports_by_week(
            conn, **asked, as_of=as_of, days=by, half_life_days=HALF_LIFE
        )
        for day in by:
            known = weighed(facts(conn, scope, day, asked["since"]), day)
            same(as_of_day(found, day), known[[*UNIT, *SUMS]])
        over = last_full_week(as_of)
        assert verdicts(found, by[0], over) == verdicts_of(conn, **asked, after=by[0], until=over)


def verdicts(found: pd.DataFrame, after: date, until: date) -> set[tuple[Any, ...]]:
    weeks = found["known_on"].between(pd.Timestamp(after + DAY), pd.Timestamp(until))
    rows = found[found["verified_on"].notna() & weeks]
    return {
        (
            None if pd.isna(row.institution_id) else row.institution_id,
            None if pd.isna(row.place_key) else row.place_key,
            row.verified_on.date(),
            None if pd.isna(row.found_on) else row.found_on.date(),
        )
        for row in rows.itertuples()
    }


def verdicts_of(
    conn: Connection, scope: Scope, since: date, after: date, until: date
) -> set[tuple[Any, ...]]:
    """The first verdict of each week after the day, and the first that a report is true."""
    rows = facts(conn, scope, until, since)
    rows = rows[rows["state"].isin(["substantiated", "unsubstantiated"])]
    rows = rows[
        rows["verified_on"].notna() & (rows["institution_id"].notna() | rows["place_key"].notna())
    ]
    first: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows.to_dict("records"):
        week = max(reporting_week(row["verified_on"]), row["week"])
        unit = (
            None if pd.isna(row["institution_id"]) else row["institution_id"],
            None if pd.isna(row["place_key"]) else row["place_key"],
        )
        if week > after:
            days = first.setdefault((*unit, week), [])
            days.append((row["verified_on"], row["state"] == "substantiated"))
    return {
        (*unit, min(day for day, _ in days), min((day for day, true in days if true), default=None))
        for (*unit, _), days in first.items()
    }


def test_a_day_that_is_no_thursday_is_refused(conn: Connection) -> None:
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY, "half_life_days": HALF_LIFE}

    assert evidence.reports_by_week(conn, **asked, days=()).empty
    assert evidence.reports_by_week(conn, **asked, days=[THURSDAY]).empty
    with pytest.raises(ValueError, match="Thursday"):
        evidence.reports_by_week(conn, **asked, days=[THURSDAY, THURSDAY - DAY])


def test_week_that_the_time_begins_within_counts_from_its_day_on(conn: Connection) -> None:
    since, verdict = first_day(THURSDAY - 4 * WEEK) + 2 * DAY, THURSDAY - DAY
    true = {"status": "substantiated", "verified_on": verdict}
    for day, more in ((since - DAY, {}), (since, true), (since + DAY, {})):
        make.report(conn, place_key="p", received_on=day, **more)
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY, "since": since}

    by = [THURSDAY - 2 * WEEK, THURSDAY]
    found = evidence.reports_by_week(conn, **asked, days=by, half_life_days=HALF_LIFE)
    known = [as_of_day(found, day).iloc[0] for day in by]

    assert [(row["reports"], row["proven"], row["open"]) for row in known] == [(2, 0, 2), (2, 1, 1)]
    assert known[1]["proven_worth"] == pytest.approx(0.5 ** ((THURSDAY - since).days / HALF_LIFE))
    assert found["found_on"].dropna().dt.date.tolist() == [verdict]


def test_verdict_that_is_older_than_its_report_is_known_with_the_report(conn: Connection) -> None:
    since, verdict = THURSDAY - 2 * DAY, THURSDAY - 2 * WEEK
    make.report(conn, place_key="p", received_on=since, status="substantiated", verified_on=verdict)
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY, "half_life_days": HALF_LIFE}

    for first in (since, since - 3 * WEEK):  # within the week of the report, and before
        found = evidence.reports_by_week(conn, **asked, since=first, days=[THURSDAY - WEEK])
        told = found[found["found_on"].notna()]
        assert told[["known_on", "found_on"]].to_dict("records") == [
            {"known_on": pd.Timestamp(THURSDAY), "found_on": pd.Timestamp(verdict)}
        ]


def test_what_was_verified_after_the_day_is_open_on_it(conn: Connection) -> None:
    received, day = THURSDAY - 3 * WEEK, THURSDAY - WEEK
    for verdict in (day, day + DAY):
        make.report(
            conn,
            place_key="p",
            received_on=received,
            status="substantiated",
            verified_on=verdict,
        )

    found = evidence.reports_and_places(
        conn, scope=Scope.city(), as_of=day, half_life_days=HALF_LIFE
    )

    [row] = found["reports"].to_dict("records")
    assert (row["reports"], row["proven"], row["open"]) == (2, 1, 1)


def test_verdicts_are_told_to_the_end_of_the_week_of_the_day_and_no_further(
    conn: Connection,
) -> None:
    for verdict in (THURSDAY, THURSDAY + DAY):
        true = {"status": "substantiated", "verified_on": verdict}
        make.report(conn, place_key=str(verdict), received_on=THURSDAY - 2 * WEEK, **true)
    asked: dict[str, Any] = {"scope": Scope.city(), "half_life_days": HALF_LIFE}

    for as_of in (THURSDAY - DAY, THURSDAY):
        found = evidence.reports_by_week(conn, **asked, as_of=as_of, days=[THURSDAY - WEEK])
        assert found["verified_on"].dropna().dt.date.tolist() == [THURSDAY]
