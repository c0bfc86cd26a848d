"""What counties sent and have in place: the figures of the pages are those that were planted."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from sqlalchemy import Connection

from analysis import county_actions as duties
from analysis import submissions as sending
from data_access import county_actions, reference, submissions
from data_access.engine import connect_to
from data_access.scope import Scope
from sample_data import county_work as planted
from sample_data.units import UNITS
from tests.databases import sample_database
from tests.sample_data.conftest import LAST_DAY
from tests.workers import shared_folder

CITY = Scope.city()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The sample as it was built. Not to be written to."""
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(scope="module")
def units(sample: Connection) -> pd.DataFrame:
    rows = [(unit.code, unit.name) for unit in reference.counties(sample, scope=CITY)]
    return pd.DataFrame(rows, columns=["county_code", "county"])


@pytest.fixture(scope="module")
def sent(sample: Connection) -> pd.DataFrame:
    return submissions.submissions(sample, scope=CITY, as_of=LAST_DAY)


@pytest.fixture(scope="module")
def calendar(sample: Connection) -> pd.DataFrame:
    campaign = reference.newest_campaign(sample)
    return sending.expected(campaign.starts_on, campaign.ends_on)


@pytest.fixture(scope="module")
def judged(sent: pd.DataFrame, units: pd.DataFrame, calendar: pd.DataFrame) -> pd.DataFrame:
    return sending.judged(sent, units, calendar, as_of=LAST_DAY)


@pytest.fixture(scope="module")
def in_place(sample: Connection, units: pd.DataFrame) -> pd.DataFrame:
    campaign = reference.newest_campaign(sample)
    actions = county_actions.county_actions(sample, scope=CITY, as_of=LAST_DAY)
    due = duties.expected(campaign.starts_on, campaign.ends_on)
    return duties.judged(actions, units, due, as_of=LAST_DAY)


def keys(rows: pd.DataFrame) -> set[tuple[str, str, object]]:
    days = (day.date() for day in rows["due_on"])
    return set(zip(rows["county_code"], rows["document"], days, strict=True))


def test_late_missing_and_due_are_those_planted(judged: pd.DataFrame) -> None:
    late = judged[judged["state"] == "late"]

    assert {
        (row.county_code, row.document, row.due_on.date()): row.days_late
        for row in late.itertuples()
    } == planted.LATE
    assert keys(judged[judged["state"] == "missing"]) == planted.MISSING
    assert keys(judged[judged["state"] == "due"]) == planted.STILL_DUE
    assert (judged["state"] == "sent").sum() == (
        len(UNITS) * len(planted.OWED)
        - len(planted.LATE)
        - len(planted.MISSING)
        - len(planted.STILL_DUE)
    )


def test_shares_are_those_planted(judged: pd.DataFrame) -> None:
    counts = sending.punctuality(judged).set_index("county")

    assert counts.loc["融安县", ["due", "on_time", "late", "missing"]].tolist() == [12, 8, 4, 0]
    assert counts.loc["三江侗族自治县", ["due", "on_time", "missing"]].tolist() == [12, 9, 3]
    assert (counts["on_time"] == counts["due"]).sum() == 7
    assert counts["share"].notna().all()


def test_second_cases_are_beside_the_calendar(sent: pd.DataFrame, calendar: pd.DataFrame) -> None:
    found = sending.besides(sent, calendar, as_of=LAST_DAY)

    assert {
        (row.county_code, row.due_on.date()) for row in found.itertuples()
    } == planted.SECOND_CASES


def test_mended_file_keeps_its_day(sent: pd.DataFrame) -> None:
    unit, document, due = planted.CORRECTED
    is_it = (
        (sent["county_code"] == unit)
        & (sent["document"] == document)
        & (sent["due_on"] == pd.Timestamp(due))
    )

    [row] = sent[is_it].itertuples()
    assert row.file_name.endswith("（更正）.xlsx")
    assert row.submitted_on <= row.due_on
    assert row.row_version == 2


def test_duties_are_in_place_but_for_those_planted(in_place: pd.DataFrame) -> None:
    is_done = in_place["state"].isin(["done", "late"])
    undone = in_place[~is_done]

    assert (
        set(zip(undone["county_code"], undone["duty"], strict=True))
        == planted.NOT_BEGUN | planted.UNPROVEN
    )
    written = undone[undone["detail"].notna()]
    assert set(zip(written["county_code"], written["duty"], strict=True)) == planted.UNPROVEN
    late = in_place[in_place["state"] == "late"]
    assert {
        (row.county_code, row.duty): row.days_late for row in late.itertuples()
    } == planted.LATE_ACTIONS
    missing = in_place[in_place["state"] == "missing"]
    assert missing[["county_code", "duty"]].to_numpy().tolist() == [["450226", "contact"]]


def test_new_contact_is_shown_and_the_old_one_kept(
    sample: Connection, in_place: pd.DataFrame
) -> None:
    ways = duties.ways(in_place).set_index("county_code")["contact"]
    planted_now = {unit: detail for unit, (_, detail) in planted.NEW_CONTACTS.items()}

    assert ways[list(planted_now)].to_dict() == planted_now
    changes = county_actions.changes(sample, scope=Scope.city(unreleased=True))
    assert dict(zip(changes["county_code"], changes["new_value"], strict=True)) == planted_now
    assert changes["old_value"].notna().all()
