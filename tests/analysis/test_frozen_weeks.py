"""A frozen week stays what it was, whatever is written afterwards; plans are in none of it."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from analysis.briefing import NOW
from analysis.restated import restated
from data_access import schema, snapshots, summaries
from data_access.accounts import Role, User
from data_access.freezing import freeze
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, EARLIER, THURSDAY
from tests.small_cities import (
    KEYS,
    Rows,
    assert_same,
    by_figure,
    cities,
    everything,
    examples,
    figures,
    put,
    withheld,
)
from ui import meeting
from ui.filters import Filters

EVENING = datetime(2022, 8, 25, 18)  # noqa: DTZ001
few, many = examples(3), examples(200)


def said(written: object) -> str:
    """Write a briefing out (NaN is not NaN); made-up names are numbered on from city to city."""
    return re.sub(r"示例机构\d+", "示例机构", repr(written))


def frozen(conn: Connection) -> pd.DataFrame:
    asked = {"scope": Scope.city(), "week_from": THURSDAY, "week_to": THURSDAY}
    return snapshots.figures(conn, **asked).drop(columns="week")


# --- a frozen week stays

WRITES = (
    update(schema.institution).values(platform_registered_on=EARLIER, qualified_on=EARLIER),
    update(schema.institution).values(category="subject"),
    update(schema.refund_dispute).values(amount_yuan=7.5, students=99, plan_in_place=True),
    update(schema.rectification).values(due_on=EARLIER),
    update(schema.rectification_spell).values(closed_on=THURSDAY, closed_week=THURSDAY),
    update(schema.violation_report).values(
        status="substantiated", verified_on=THURSDAY, verified_week=THURSDAY
    ),
    update(schema.inspection).values(method="joint", outcome="violation"),
)
REFUSED = (
    "UPDATE weekly_snapshot SET numerator = numerator + 1",
    "UPDATE weekly_snapshot SET county_code = '450299'",
    "DELETE FROM weekly_snapshot",
    "INSERT OR REPLACE INTO weekly_snapshot SELECT week, indicator, county_code, 999, denominator,"
    " frozen_at, last_batch_id, last_change_id FROM weekly_snapshot",
)
writes = st.lists(st.sampled_from(WRITES), max_size=3)


def stays(engine: Engine, city: Rows, more: Rows, changes: list[Any]) -> None:
    with engine.connect() as conn:
        make.institution(conn)
        put(conn, city)
        reported = figures(conn)
        freeze(conn, THURSDAY, by=None, frozen_at=EVENING)
        assert_same(frozen(conn), reported)

        for change in changes:
            conn.execute(change)
        put(conn, more)
        for statement in REFUSED:
            with pytest.raises(IntegrityError):
                conn.execute(text(statement))
        assert_same(frozen(conn), reported)

        now = figures(conn)
        assert_listed(frozen(conn), now)
        again = freeze(conn, THURSDAY, by=None, force=True, reason="补录后重新冻结")
        assert_same(frozen(conn), now)
        history = schema.weekly_snapshot_history.c
        kept = conn.execute(
            select(*(history[name] for name in (*KEYS, "numerator", "denominator", "frozen_at")))
        ).all()
        conn.rollback()

    assert {row.frozen_at for row in kept} == {EVENING}
    assert again.replaced == len(kept) == len(reported)
    old = pd.DataFrame([tuple(row)[:4] for row in kept], columns=reported.columns)
    assert_same(old.astype(reported.dtypes.to_dict()), reported)


def assert_listed(then: pd.DataFrame, now: pd.DataFrame) -> None:
    """What is restated are the figures that differ, and no others."""
    units = pd.DataFrame({"county_code": then["county_code"].unique()}, dtype="str")
    listed = restated(then, now, units.assign(county=units["county_code"]))
    old = {tuple(row[:2]): row[2:] for row in then.to_numpy().tolist()}
    new = {tuple(row[:2]): row[2:] for row in now.to_numpy().tolist()}

    def differ(key: tuple[str, ...]) -> bool:
        return any(
            round((0 if math.isnan(a) else a) - (0 if math.isnan(b) else b), 2) != 0
            for a, b in zip(old[key], new[key], strict=True)
        )

    assert set(map(tuple, listed[KEYS].to_numpy())) == {key for key in old if differ(key)}
    assert old.keys() == new.keys()
    assert not listed.duplicated(KEYS).any()


@few
@given(city=cities, more=cities, changes=writes)
@example(city=everything(), more=everything(), changes=list(WRITES))
def test_frozen_week_stays_and_what_differs_is_listed(
    engine: Engine, city: Rows, more: Rows, changes: list[Any]
) -> None:
    stays(engine, city, more, changes)


@pytest.mark.soak
@many
@given(city=cities, more=cities, changes=writes)
def test_frozen_week_stays_whatever_is_written(
    engine: Engine, city: Rows, more: Rows, changes: list[Any]
) -> None:
    stays(engine, city, more, changes)


def test_share_whose_fraction_alone_changed_is_restated(conn: Connection) -> None:
    for registered in (EARLIER, None):
        make.institution(conn, platform_registered_on=registered)
    freeze(conn, THURSDAY, by=None)
    for registered in (EARLIER, None):
        make.institution(conn, platform_registered_on=registered)
    summaries.rebuild_all(conn)

    then, now = frozen(conn), figures(conn)

    assert_listed(then, now)
    assert by_figure(then)[CITY, "coverage"] == 1
    assert by_figure(now)[CITY, "coverage"] == 2


# --- what is born of a plan


BORN_OF_PLANS = ("inspection", "item")


def stays_hidden(engine: Engine, city: Rows, hidden: Rows) -> None:
    asked = {"scope": Scope.city(), "as_of": THURSDAY, "basis": NOW, "with_results": True}
    found, written = [], []
    for born_of_a_plan in ([], hidden):
        with engine.connect() as conn:
            make.institution(conn)
            put(conn, city, born_of_a_plan=born_of_a_plan)
            freeze(conn, THURSDAY, by=None)
            found.append(frozen(conn))
            written.append(meeting.briefing(conn, **asked))
            conn.rollback()

    assert_same(*found)
    assert said(written[0]) == said(written[1])


@few
@given(city=cities, hidden=withheld)
@example(city=everything(), hidden=[row for row in everything() if row[0] in BORN_OF_PLANS])
def test_what_is_born_of_a_plan_is_in_no_frozen_week_and_in_no_briefing(
    engine: Engine, city: Rows, hidden: Rows
) -> None:
    stays_hidden(engine, city, hidden)


@pytest.mark.soak
@many
@given(city=cities, hidden=withheld)
def test_nothing_born_of_a_plan_is_in_a_frozen_week_or_in_a_briefing(
    engine: Engine, city: Rows, hidden: Rows
) -> None:
    stays_hidden(engine, city, hidden)


def test_what_is_born_of_a_plan_would_change_figures_of_the_team_that_made_it(
    conn: Connection,
) -> None:
    row = {"county_code": CITY, "inspected_on": THURSDAY}
    put(conn, [], born_of_a_plan=[("inspection", row)])

    for scope, number in ((Scope.city(unreleased=True), 1), (Scope.city(), 0)):
        assert by_figure(figures(conn, scope=scope))[CITY, "inspections"] == number


@pytest.mark.parametrize("chosen", [(), (CITY,)])
def test_team_that_made_a_plan_is_shown_what_leaders_may_read(chosen: tuple[str, ...]) -> None:
    team = User("team@example.org", Role.SUPERVISOR, None, Scope.city(unreleased=True))

    scope = meeting.released(team, Filters(THURSDAY, chosen))

    assert scope == (Scope.county(*chosen) if chosen else Scope.city())


def test_week_of_another_moment_is_refused(conn: Connection) -> None:
    make.institution(conn)
    freeze(conn, THURSDAY, by=None, frozen_at=EVENING)
    row = {
        "week": THURSDAY,
        "indicator": "invented",
        "county_code": CITY,
        "numerator": 1,
        "frozen_at": EVENING + timedelta(seconds=1),
        "last_batch_id": 0,
        "last_change_id": 0,
    }

    with pytest.raises(IntegrityError):
        conn.execute(insert(schema.weekly_snapshot), [row])
