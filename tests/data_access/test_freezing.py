"""A week that is frozen stays what it was, whoever writes and however."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from analysis.week_figures import Figure
from data_access import clock, schema, snapshot_seals, snapshots, summaries, versions
from data_access.__main__ import main
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.freezing import AlreadyFrozenError, FreezeError, Frozen, freeze, freeze_week
from data_access.scope import Scope
from tests import factories as make
from tests.data_access.visits import COUNTY, LEADER, SUPERVISOR, an_office
from tests.factories import CITY, SOUTH, THURSDAY

EVENING = datetime(2022, 8, 25, 18)  # noqa: DTZ001
REASON = "漏报三家机构"
CITY_SCOPE = Scope.city()


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            make.institution(conn)
            make.institution(conn, county_code=SOUTH)
            make.report(conn)
            summaries.rebuild_all(conn)
        yield


def frozen(week: date = THURSDAY, **asked: Any) -> Frozen:
    with get_engine().begin() as conn:
        return freeze(conn, week, **{"by": None, **asked})


def figures(scope: Scope = CITY_SCOPE, week: date = THURSDAY) -> pd.Series:
    with reading(SUPERVISOR) as conn:
        found = snapshots.figures(conn, scope=scope, week_from=week, week_to=week)
    return found.set_index(["county_code", "indicator"])["numerator"]


def weeks(scope: Scope = CITY_SCOPE) -> pd.DataFrame:
    with reading(SUPERVISOR) as conn:
        return snapshots.weeks(conn, scope=scope)


def logged() -> list[tuple[str | None, dict[str, Any]]]:
    event = schema.audit_event.c
    stmt = select(event.email, event.detail).where(event.action == "snapshot_freeze")
    with get_engine().connect() as conn:
        return [(row.email, json.loads(row.detail)) for row in conn.execute(stmt)]


def test_every_figure_of_every_county_is_stored_and_stays() -> None:
    done = frozen(frozen_at=EVENING)
    with get_engine().begin() as conn:
        make.report(conn)
        summaries.rebuild_all(conn)

    found = figures()
    assert done == Frozen(THURSDAY, EVENING, 12 * len(Figure), 0)
    assert len(found) == done.figures
    assert found[CITY, Figure.REPORTS] == 1
    assert found[SOUTH, Figure.REPORTS] == 0
    assert weeks().to_dict("records") == [
        {
            "week": pd.Timestamp(THURSDAY),
            "frozen_at": pd.Timestamp(EVENING),
            "counties": 12,
            "replaced": 0,
            "reason": pytest.approx(float("nan"), nan_ok=True),
        }
    ]


def test_what_a_plan_brought_is_frozen_for_nobody_until_it_is_released() -> None:
    with get_engine().begin() as conn:
        stop = make.visit_stop(conn)
        born: dict[str, Any] = {"withheld": True}
        make.inspection(conn, visit_stop_id=stop, **born)
        make.rectification(conn, opened_on=THURSDAY, **born)
        summaries.rebuild_all(conn)

    frozen()

    found = figures(SUPERVISOR.scope)
    for figure in (Figure.INSPECTIONS, Figure.OPEN_ITEMS, Figure.ITEMS_OPENED):
        assert found[CITY, figure] == 0


def test_county_reads_its_own_figures_alone() -> None:
    frozen()

    own = Scope.county(SOUTH)
    assert set(figures(own).index.get_level_values("county_code")) == {SOUTH}
    assert weeks(own)["counties"].tolist() == [1]
    assert weeks(Scope.county()).empty


@pytest.mark.parametrize(
    ("week", "why"),
    [
        (date(2022, 8, 24), "2022-08-24 不是周四，没有冻结。.*应写 2022-08-25"),
        (date(2022, 8, 26), "应写 2022-09-01"),
        (date(2022, 5, 26), "截至 2022-05-26 库里没有一家机构"),
    ],
)
def test_week_that_cannot_be_frozen_is_refused(week: date, why: str) -> None:
    with pytest.raises(FreezeError, match=why):
        frozen(week)

    assert weeks().empty
    assert logged() == []


@pytest.mark.parametrize(
    ("today", "week", "why"),
    [
        (date(2022, 8, 24), THURSDAY, "2022-08-25 还没有到.*最近一个已到的周四是 2022-08-18"),
        # The Thursday that names the day is still to come: the one before is named.
        (date(2022, 8, 24), date(2022, 8, 24), "应写 2022-08-18"),
    ],
)
def test_week_that_is_not_over_is_refused(
    monkeypatch: pytest.MonkeyPatch, today: date, week: date, why: str
) -> None:
    monkeypatch.setattr(clock, "today", lambda: today)

    with pytest.raises(FreezeError, match=why):
        frozen(week)


def test_thursday_is_frozen_on_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: THURSDAY)

    assert frozen().figures


@pytest.mark.parametrize(
    "asked",
    [{}, {"reason": REASON}, {"force": True}, {"force": True, "reason": "  改 "}],
    ids=["neither", "no force", "no reason", "too short"],
)
def test_second_freeze_is_refused_without_force_and_reason(asked: dict[str, Any]) -> None:
    frozen(frozen_at=EVENING)

    with pytest.raises(AlreadyFrozenError, match="已于 2022-08-25 18:00 冻结，没有改动"):
        frozen(**asked)

    assert len(logged()) == 1


def test_forced_freeze_keeps_what_it_replaces_and_says_so() -> None:
    frozen(frozen_at=EVENING)
    with get_engine().begin() as conn:
        make.report(conn)
        summaries.rebuild_all(conn)
    done = freeze_week(SUPERVISOR, THURSDAY, force=True, reason=f"{REASON} 13800138000")

    assert done.replaced == done.figures
    assert figures()[CITY, Figure.REPORTS] == 2
    history = schema.weekly_snapshot_history.c
    kept = select(history.numerator, history.frozen_at, history.replaced_by, history.reason).where(
        history.county_code == CITY, history.indicator == Figure.REPORTS
    )
    with get_engine().connect() as conn:
        [row] = conn.execute(kept).all()
    assert tuple(row)[:3] == (1, EVENING, SUPERVISOR.email)
    assert row.reason.startswith(REASON)
    assert "13800138000" not in row.reason
    assert (weeks()["replaced"][0], weeks()["reason"][0]) == (1, row.reason)
    assert logged()[-1] == (
        SUPERVISOR.email,
        {
            "week": "2022-08-25",
            "rows": done.figures,
            "what": "重新冻结",
            "reason": row.reason,
            "replaced": done.figures,
        },
    )


def test_moments_of_one_second_are_kept_apart() -> None:
    frozen(frozen_at=EVENING)
    again = [frozen(frozen_at=EVENING, force=True, reason=REASON) for _ in range(2)]

    assert [each.frozen_at - EVENING for each in again] == [
        timedelta(seconds=1),
        timedelta(seconds=2),
    ]


@pytest.mark.parametrize("who", [LEADER, COUNTY])
def test_nobody_but_the_supervision_team_freezes(who: Any) -> None:
    with pytest.raises(FreezeError, match="您的账号已不能冻结会议数字"):
        freeze_week(who, THURSDAY)

    assert weeks().empty


def test_freezing_tells_pages_to_count_again() -> None:
    with get_engine().connect() as conn:
        before = versions.current(conn)
    frozen()

    with get_engine().connect() as conn:
        assert versions.current(conn) == before + 1


KEY = f"week = '{THURSDAY}' AND county_code = '{CITY}' AND indicator = 'reports'"
COPIED = f"SELECT week, indicator, county_code, {{}}, denominator, frozen_at FROM weekly_snapshot WHERE {KEY}"  # noqa: S608, E501
COLUMNS = "(week, indicator, county_code, numerator, denominator, frozen_at)"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE weekly_snapshot SET numerator = 9",
        "UPDATE weekly_snapshot SET frozen_at = '2022-08-26'",
        "DELETE FROM weekly_snapshot",
        f"INSERT OR REPLACE INTO weekly_snapshot {COLUMNS} {COPIED.format('9')}",
        f"INSERT INTO weekly_snapshot SELECT week, 'new', county_code, 1, NULL, '2022-08-26',"  # noqa: S608
        f" 0, 0 FROM weekly_snapshot WHERE {KEY}",
        "UPDATE weekly_snapshot_history SET numerator = 9",
        "DELETE FROM weekly_snapshot_history",
        "INSERT OR REPLACE INTO weekly_snapshot_history SELECT week, indicator, county_code,"
        " frozen_at, 9, denominator, replaced_at, replaced_by, reason FROM weekly_snapshot_history",
    ],
)
def test_database_refuses_to_change_what_is_frozen_or_kept(statement: str) -> None:
    frozen(frozen_at=EVENING - timedelta(days=1))
    frozen(force=True, reason=REASON, frozen_at=EVENING)

    with pytest.raises(IntegrityError, match=snapshot_seals.REFUSAL), get_engine().begin() as conn:
        conn.execute(text(statement))


def test_figure_that_is_kept_as_another_cannot_be_taken_out() -> None:
    frozen(frozen_at=EVENING)
    row = {
        "week": THURSDAY,
        "indicator": "reports",
        "county_code": CITY,
        "frozen_at": EVENING,
        "numerator": 9,
        "replaced_at": EVENING,
        "reason": REASON,
    }

    with get_engine().begin() as conn:
        conn.execute(insert(schema.weekly_snapshot_history), [row])
        with pytest.raises(IntegrityError, match=snapshot_seals.REFUSAL):
            conn.execute(text(f"DELETE FROM weekly_snapshot WHERE {KEY}"))  # noqa: S608


def test_command_freezes_and_says_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = main(["freeze", "--week", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run("2022-08-24") == (
        2,
        "2022-08-24 不是周四，没有冻结。报送周从周五到周四，以周四为名，应写 2022-08-25\n",
    )
    code, said = run("2022-08-25")
    assert code == 0
    assert said.startswith(f"已冻结 2022-08-25 这一周的 {12 * len(Figure)} 个数字")
    code, said = run("2022-08-25")
    assert code == 2
    assert said.endswith("（命令行：--force --reason 原因）\n")
    code, said = run("2022-08-25", "--force", "--reason", REASON)
    assert code == 0
    assert f"换下的 {12 * len(Figure)} 个数字已留存" in said
