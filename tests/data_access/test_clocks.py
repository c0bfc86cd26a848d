"""Days are days in Beijing, wherever the server says it is and however its clock is set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from data_access import clock, freezing, migration, schema, weeks
from data_access.engine import connect_to
from data_access.ledgers import importing, storing
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from tests import factories as make
from tests.data_access import imports_that_fail as failing
from tests.servers import ROOT

# West of Beijing with daylight saving, and as far east as there is.
ZONES = ("America/New_York", "Pacific/Kiritimati")
ASKED = """
import json, sys
from datetime import datetime
from data_access import clock
from data_access.ledgers import importing
class Set(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(seconds, tz)
clock.datetime = importing.datetime = Set
said = []
for seconds in json.loads(sys.argv[1]):
    days = [clock.today(), importing.today_in_beijing()]
    said.append([str(each) for each in (clock.now(), clock.from_timestamp(seconds), *days)])
print(json.dumps(said))
"""
# A second before midnight in Beijing and midnight itself, and hours that summer time skips or
# has twice in New York.
MOMENTS = {
    "2022-08-25T15:59:59+00:00": "2022-08-25 23:59:59",
    "2022-08-25T16:00:00+00:00": "2022-08-26 00:00:00",
    "2022-03-13T07:30:00+00:00": "2022-03-13 15:30:00",
    "2022-11-06T05:30:00+00:00": "2022-11-06 13:30:00",
    "2022-10-30T01:30:00+00:00": "2022-10-30 09:30:00",
}


def set_to(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Let the machine's clock say this moment, in UTC."""
    seconds = datetime.fromisoformat(f"{moment}+00:00").timestamp()

    class Set(datetime):
        @classmethod
        def now(cls, tz: timezone | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(seconds, tz)

    for module in (clock, importing, storing):
        monkeypatch.setattr(module, "datetime", Set)


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_of_the_server_is_of_no_account(zone: str) -> None:
    moments = [datetime.fromisoformat(moment).timestamp() for moment in MOMENTS]
    done = subprocess.run(
        [sys.executable, "-c", ASKED, json.dumps(moments)],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [[now, now, now[:10], now[:10]] for now in MOMENTS.values()]


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2022-08-25 15:59:59", "2022-08-25"), ("2022-08-25 16:00:00", "2022-08-26")],
)
def test_file_has_reached_us_on_the_day_it_is_in_beijing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, day: str
) -> None:
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    set_to(monkeypatch, moment)
    failing.prepare(engine, failing.write_reports(tmp_path / "reports.csv", 5))

    with engine.connect() as conn:
        batch = conn.execute(select(schema.import_batch)).one()
        logged = conn.execute(select(schema.audit_event.c.at)).scalars().all()
    assert batch.received_on == date.fromisoformat(day)
    assert str(batch.imported_at)[:10] == day
    assert [str(each)[:10] for each in logged] == [day]
    engine.dispose()


def test_clock_that_jumps_moves_no_day_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imported at noon, again by a clock a day behind, and by one a year ahead: nothing moves."""
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    ledger = failing.write_reports(tmp_path / "reports.csv", 20)
    set_to(monkeypatch, "2022-08-25 04:00:00")
    failing.prepare(engine, ledger)
    before = failing.figures(failing.contents(str(engine.url)))
    for moment in ("2022-08-24 04:00:00", "2023-08-25 04:00:00", "2022-08-25 04:00:00"):
        set_to(monkeypatch, moment)
        sent = importing.import_file(
            engine,
            KINDS["violation_reports"],
            ledger,
            file_name=ledger.name,
            sender=Sender("测试"),
        )
        assert (sent.report.rows_updated, sent.report.rows_changed) == (20, 0)
        assert failing.figures(failing.contents(str(engine.url))) == before
    engine.dispose()


def test_day_ahead_of_the_clock_is_sent_back_and_the_same_day_later_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was set back refuses what is ahead of it, and says so; it loses nothing."""
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    migration.upgrade(engine)
    ledger = failing.write_reports(tmp_path / "reports.csv", 3)  # of the first days of May
    results = []
    for moment in ("2022-05-01 04:00:00", "2022-05-03 04:00:00"):
        set_to(monkeypatch, moment)
        sent = importing.import_file(
            engine,
            KINDS["violation_reports"],
            ledger,
            file_name=ledger.name,
            sender=Sender("测试"),
        )
        results.append((sent.report.rows_loaded, sent.report.rows_rejected))
    assert results == [(1, 2), (2, 0)]
    engine.dispose()


def test_week_can_be_frozen_from_its_thursday_in_beijing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        make.institution(conn, name="示例中心", name_key="示例中心")
    thursday = date(2022, 8, 25)
    set_to(monkeypatch, "2022-08-24 15:59:59")
    with engine.begin() as conn, pytest.raises(freezing.FreezeError):
        freezing.freeze(conn, thursday, by=None)
    set_to(monkeypatch, "2022-08-24 16:00:00")
    with engine.begin() as conn:
        done = freezing.freeze(conn, thursday, by=None)
    assert str(done.frozen_at) == "2022-08-25 00:00:00"
    engine.dispose()


def test_reporting_week_goes_by_the_day_alone() -> None:
    days = [date(2022, 8, 18) + timedelta(days=number) for number in range(15)]
    assert {weeks.reporting_week(day).weekday() for day in days} == {3}
    assert weeks.reporting_week(date(2022, 8, 25)) != weeks.reporting_week(date(2022, 8, 26))
