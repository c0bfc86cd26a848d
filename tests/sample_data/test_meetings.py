"""The sample's meetings: weeks frozen as they went by, and decisions of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pandas as pd
import pytest
from sqlalchemy import Connection

from analysis.decisions import sentence, standing
from analysis.restated import NOT_KNOWN, because, restated
from analysis.week_figures import Figure, limits, week_figures
from data_access import snapshots
from data_access.decisions import decisions
from data_access.engine import connect_to
from data_access.meeting_counts import counts
from data_access.reference import counties
from data_access.scope import Scope
from sample_data.build import FROZEN
from tests.databases import sample_database
from tests.workers import shared_folder

AS_OF, WEEK = date(2022, 8, 25), date(2022, 8, 18)
CITY = Scope.city()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


def test_every_week_of_the_campaign_but_the_last_is_frozen_on_its_evening(
    sample: Connection,
) -> None:
    found = snapshots.weeks(sample, scope=CITY)

    assert (FROZEN[0], FROZEN[-1], len(FROZEN)) == (date(2022, 7, 7), WEEK, 7)
    assert [moment.to_pydatetime() for moment in found["frozen_at"]] == [
        datetime(week.year, week.month, week.day, 18)  # noqa: DTZ001
        for week in reversed(FROZEN)
    ]


@pytest.mark.parametrize(
    "week",
    [
        pytest.param(week, marks=[] if week in (FROZEN[0], FROZEN[-1]) else [pytest.mark.soak])
        for week in FROZEN
    ],
)
def test_frozen_week_is_restated_since_and_the_files_are_told(
    sample: Connection, week: date
) -> None:
    """The first and the last; those between are left to the soak."""
    frozen = snapshots.figures(sample, scope=CITY, week_from=week, week_to=week)
    now = week_figures(counts(sample, scope=CITY, as_of=week, **limits()), as_of=week)
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in counties(sample, scope=CITY)],
        columns=["county_code", "county"],
    )
    changes = snapshots.changes(sample, scope=CITY, week=week)

    found = restated(frozen.drop(columns="week"), now, units)

    assert len(frozen) == 12 * len(Figure)
    reports = found[found["indicator"] == Figure.REPORTS]
    assert len(reports) > 0
    assert (reports["now"] >= reports["frozen"]).all()
    reasons = [
        because(changes, county_code=row["county_code"], indicator=row["indicator"])
        for row in found.to_dict("records")
    ]
    # What is linked anew or falls due is no late row: a figure in a hundred may have no file.
    assert sum(reason == NOT_KNOWN for reason in reasons) <= len(reasons) / 50
    assert any("收到" in reason for reason in reasons)


def test_decisions_are_done_open_and_late(sample: Connection) -> None:
    found = standing(decisions(sample, scope=CITY, as_of=AS_OF), as_of=AS_OF)

    assert set(found["state"]) == {"done", "open", "overdue"}
    assert set(found["kind"]) == {"decision", "notice", "accountability"}
    assert found["county_code"].isna().sum() == 1
    assert sentence(found, as_of=AS_OF, week=WEEK) == (
        "上次会议（8 月 18 日）3 项决定：完成 1 项，未到期 1 项，逾期 1 项；另有追责问责 1 件。"
    )
