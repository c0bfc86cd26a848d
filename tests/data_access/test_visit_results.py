"""What visits found: entered once, corrected, withheld until the release, counted from then on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Table, insert, select, update

from data_access import clock, schema, summaries, versions, visit_results
from data_access.accounts import User
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.rectification_items import open_items
from data_access.schema import inspection, rectification, rectification_event, rectification_spell
from data_access.scope import Scope
from data_access.visit_coverage import units
from data_access.visit_plan_changes import release, save_stops
from data_access.visit_results import Recorded, record, recorded, results
from data_access.visit_writing import PlanError
from data_access.weekly import weekly_counts
from tests import factories as make
from tests.data_access.visits import (
    ADMIN,
    COUNTY,
    FIRST,
    LEADER,
    SUPERVISOR,
    an_office,
    candidates,
    draft,
    logged,
    sealed,
    stop_ids,
    stops,
)
from tests.factories import CITY, SOUTH

DUE = date(2022, 9, 15)
AS_OF = date(2022, 9, 1)
VIOLATION: dict[str, Any] = {
    "outcome": "violation",
    "visited_on": FIRST,
    "violation_type": "一对一",
    "severity": 2,
    "due_on": DUE,
}
OWN = Scope.county(CITY)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


@pytest.fixture
def plan() -> int:
    """A sealed plan with a stop in the city, at an institution, and one in the south."""
    with get_engine().begin() as conn:
        known = make.institution(
            conn, name="甲子培训中心", name_key="甲子培训中心", credit_code="91450202XXXX0001XX"
        )
        summaries.rebuild_all(conn)
    drawn = candidates()
    drawn.loc[0, ["institution_id", "name", "category"]] = [known, "甲子培训中心", "arts"]
    drawn.loc[1, "place_name"] = None
    return sealed(candidates=drawn)


@pytest.fixture
def stop(plan: int) -> int:
    return stop_ids(plan)[0]


def enter(stop: int, who: User = SUPERVISOR, **changed: Any) -> None:
    record(who, stop, **VIOLATION | changed)


def rows(table: Table) -> list[dict[str, Any]]:
    with get_engine().connect() as conn:
        return [row._asdict() for row in conn.execute(select(table))]


def read(function: Callable[..., Any], *, scope: Scope = SUPERVISOR.scope, **asked: Any) -> Any:
    with reading(SUPERVISOR) as conn:
        return function(conn, scope=scope, **asked)


def counted(scope: Scope) -> dict[str, int]:
    """Figures of the week of the visit, of inspections and of items opened."""
    return {
        subject: int(read(weekly_counts, scope=scope, as_of=AS_OF, subject=subject)["n"].sum())
        for subject in ("inspection", "rectification_opened")
    }


def summaries_are_right() -> bool:
    """Whether the figures kept are those that the facts give."""
    kept = rows(schema.weekly_summary)
    with get_engine().begin() as conn:
        summaries.rebuild_all(conn)
    key = lambda row: str(sorted(row.items(), key=str))  # noqa: E731
    return sorted(map(key, kept)) == sorted(map(key, rows(schema.weekly_summary)))


class TestViolation:
    def test_becomes_an_inspection_with_team_place_and_institution(self, stop: int) -> None:
        enter(stop, measures="责令停止", individuals=1)

        [found] = rows(inspection)
        assert found["inspection_no"].startswith("XT-")
        assert (found["inspected_on"], found["week"]) == (FIRST, FIRST)
        assert (found["method"], found["outcome"], found["people"]) == (
            "unannounced",
            "violation",
            2,
        )
        assert (found["officers"], found["departments"]) == (
            "检查员甲、检查员乙",
            "教育局、市场监管局",
        )
        assert (found["institution_name"], found["institution_name_key"]) == ("甲子培训中心",) * 2
        assert found["credit_code"] == "91450202XXXX0001XX"
        assert (found["place_name"], found["address"]) == ("角宿1号楼", "立春路 1 号")
        assert (found["violation_type"], found["violation_type_group"]) == ("一对一", "一对一")
        assert (found["measures"], found["individuals"]) == ("责令停止", 1)
        assert (found["visit_stop_id"], found["withheld"], found["county_code"]) == (
            stop,
            True,
            CITY,
        )

    def test_becomes_an_item_with_its_first_step_and_spell(self, stop: int) -> None:
        enter(stop, note="负责人在场")

        [visit], [item] = rows(inspection), rows(rectification)
        assert item["ledger_no"] == visit["inspection_no"]
        assert item["institution_id"] == visit["institution_id"]
        names = ("source", "issue_type", "severity", "opened_on", "due_on", "status", "withheld")
        assert [item[name] for name in names] == [
            *("supervision", "一对一", 2, FIRST, DUE, "assigned", True)
        ]
        [step] = rows(rectification_event)
        names = ("rectification_id", "step", "happened_on", "note", "inferred", "county_code")
        assert [step[name] for name in names] == [
            *(item["id"], "register", FIRST, "负责人在场", False, CITY)
        ]
        [spell] = rows(rectification_spell)
        assert (spell["opened_on"], spell["closed_on"], spell["withheld"]) == (FIRST, None, True)
        assert read(open_items, as_of=AS_OF)["ledger_no"].tolist() == [item["ledger_no"]]

    def test_of_a_place_without_institution_names_the_place(self, plan: int) -> None:
        enter(stop_ids(plan)[1])

        [visit], [item] = rows(inspection), rows(rectification)
        for row in (visit, item):
            assert (row["institution_name"], row["institution_id"]) == (None, None)
            assert (row["place_name"], row["county_code"]) == ("角宿2号楼", SOUTH)

    def test_is_for_the_team_alone_until_the_release(self, plan: int, stop: int) -> None:
        enter(stop)

        assert counted(SUPERVISOR.scope) == {"inspection": 1, "rectification_opened": 1}
        for scope in (Scope.city(), OWN):
            assert counted(scope) == {"inspection": 0, "rectification_opened": 0}
            assert read(open_items, scope=scope, as_of=AS_OF).empty

        release(SUPERVISOR, plan)

        assert counted(SUPERVISOR.scope) == counted(Scope.city()) == counted(OWN)
        assert counted(OWN) == {"inspection": 1, "rectification_opened": 1}
        assert len(read(open_items, scope=OWN, as_of=AS_OF)) == 1
        assert counted(Scope.county(SOUTH)) == {"inspection": 0, "rectification_opened": 0}
        assert summaries_are_right()

    def test_words_are_kept_without_personal_data(self, stop: int) -> None:
        enter(stop, note="学生电话13800138027", measures="姓名：张三 转学")

        kept = str([*rows(inspection), *rows(rectification_event)])
        assert "13800138027" not in kept
        assert "张三" not in kept

    def test_log_is_told_the_plan_and_no_place(self, plan: int, stop: int) -> None:
        enter(stop)
        enter(stop, severity=3)

        assert [
            (action, target, json.loads(str(detail))) for _, action, target, detail in logged()[-2:]
        ] == [
            ("visit_record", f"暗访计划 {plan}", {"what": what, "stop": stop})
            for what in ("登记", "更正")
        ]

    def test_figures_are_asked_for_again(self, stop: int) -> None:
        with get_engine().connect() as conn:
            before = versions.current(conn)

        enter(stop)

        with get_engine().connect() as conn:
            assert versions.current(conn) > before


@pytest.mark.parametrize("outcome", ["clear", "closed_door"])
def test_anything_else_becomes_an_inspection_alone(stop: int, outcome: str) -> None:
    record(
        SUPERVISOR, stop, outcome, visited_on=FIRST, measures="已登记", note="无人应门", people=3
    )

    [found] = rows(inspection)
    assert (found["outcome"], found["measures"], found["people"]) == (
        outcome,
        "已登记；无人应门",
        3,
    )
    assert rows(rectification) == rows(rectification_event) == []
    assert summaries_are_right()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"outcome": "unknown"}, "请选择检查结果"),
        ({"visited_on": FIRST - timedelta(days=1)}, "早于计划的第一天"),
        ({"visited_on": date(2999, 1, 1), "due_on": date(2999, 1, 2)}, "晚于今天"),
        ({"violation_type": None}, "违规类型"),
        ({"violation_type": ""}, "违规类型"),
        ({"violation_type": "别的"}, "其他"),
        ({"severity": None}, "严重程度"),
        ({"severity": 4}, "严重程度"),
        ({"due_on": None}, "整改期限"),
        ({"due_on": FIRST - timedelta(days=1)}, "整改期限"),
        ({"people": -1}, "出动人次"),
        ({"people": 1000}, "出动人次"),
        ({"individuals": -1}, "查处个人"),
        ({"note": "字" * 501}, "备注超过"),
        ({"measures": "字" * 501}, "处理方式超过"),
        ({"outcome": "clear"}, "只有发现违规"),
        ({"outcome": "closed_door", "violation_type": None, "severity": None}, "只有发现违规"),
    ],
)
def test_what_cannot_be_is_refused_in_words(stop: int, changed: dict[str, Any], why: str) -> None:
    with pytest.raises(PlanError, match=why):
        enter(stop, **changed)

    assert rows(inspection) == rows(rectification) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"due_on": FIRST},
        {"violation_type": "其他"},
        {"severity": 1},
        {"severity": 3},
        {"people": 0, "individuals": 999},
        {"visited_on": date(2022, 8, 27)},
    ],
)
def test_what_lies_on_the_boundary_is_taken(stop: int, changed: dict[str, Any]) -> None:
    enter(stop, **changed)

    assert len(rows(rectification)) == 1


def test_visit_of_today_is_taken(stop: int) -> None:
    record(SUPERVISOR, stop, "clear", visited_on=clock.today())

    assert len(rows(inspection)) == 1


def test_number_is_drawn_by_lot_and_again_when_it_is_taken(
    plan: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county that is told its own must not count from them how many others there are."""
    drawn = iter([4_711, 4_711, 23])
    monkeypatch.setattr("data_access.visit_findings.secrets.randbelow", lambda limit: next(drawn))

    for stop in stop_ids(plan)[:2]:
        enter(stop)

    numbers = ["XT-AF00004711", "XT-AF00000023"]
    assert [row["inspection_no"] for row in rows(inspection)] == numbers
    assert [row["ledger_no"] for row in rows(rectification)] == numbers


class TestCorrection:
    def test_replaces_the_first_entry_and_keeps_what_it_said(self, stop: int) -> None:
        enter(stop, measures="停课")

        enter(stop, visited_on=date(2022, 8, 26), severity=3, measures="停课", note="补记")

        [visit], [item] = rows(inspection), rows(rectification)
        assert (visit["inspected_on"], visit["week"]) == (date(2022, 8, 26), date(2022, 9, 1))
        assert (item["opened_on"], item["severity"], item["row_version"]) == (
            date(2022, 8, 26),
            3,
            2,
        )
        [step], [spell] = rows(rectification_event), rows(rectification_spell)
        assert (step["happened_on"], step["note"]) == (date(2022, 8, 26), "补记")
        assert spell["opened_on"] == date(2022, 8, 26)
        kept = {
            (row["table_name"], row["column_name"]): (row["old_value"], row["new_value"])
            for row in rows(schema.row_change)
        }
        assert kept == {
            ("inspection", "inspected_on"): ("2022-08-25", "2022-08-26"),
            ("rectification", "opened_on"): ("2022-08-25", "2022-08-26"),
            ("rectification", "severity"): ("2", "3"),
            ("rectification_event", "happened_on"): ("2022-08-25", "2022-08-26"),
            ("rectification_event", "note"): (None, "补记"),
        }
        assert {row["email"] for row in rows(schema.row_change)} == {SUPERVISOR.email}
        assert summaries_are_right()

    def test_that_says_the_same_changes_nothing(self, stop: int) -> None:
        enter(stop)
        before = rows(inspection), rows(rectification), rows(rectification_event)

        enter(stop)

        assert (rows(inspection), rows(rectification), rows(rectification_event)) == before
        assert rows(schema.row_change) == []

    def test_to_no_violation_withdraws_an_item_that_nobody_has_touched(self, stop: int) -> None:
        enter(stop)

        record(SUPERVISOR, stop, "clear", visited_on=FIRST)

        assert rows(rectification) == rows(rectification_event) == rows(rectification_spell) == []
        kept = {
            row["column_name"]: (row["old_value"], row["new_value"])
            for row in rows(schema.row_change)
            if row["table_name"] == "rectification"
        }
        assert kept["issue_type"] == ("一对一", None)
        assert kept["status"] == ("assigned", None)
        assert summaries_are_right()

        enter(stop)
        assert len(rows(rectification)) == 1

    @pytest.mark.parametrize("touch", ["status", "step", "file"])
    def test_leaves_an_item_alone_that_has_been_worked_on(self, stop: int, touch: str) -> None:
        enter(stop)
        [item] = rows(rectification)
        with get_engine().begin() as conn:
            if touch == "status":
                conn.execute(update(rectification).values(status="in_progress"))
            elif touch == "step":
                step = {"rectification_id": item["id"], "happened_on": AS_OF, "step": "submit"}
                step |= {"county_code": CITY, "received_by_us_on": AS_OF}
                conn.execute(insert(rectification_event).values(step))
            else:
                batch = conn.execute(insert(schema.import_batch).values(_batch()))
                change = {"table_name": "rectification", "row_key": item["ledger_no"]}
                change |= {"column_name": "severity", "changed_on": AS_OF}
                change["batch_id"] = (batch.inserted_primary_key or [None])[0]
                conn.execute(insert(schema.row_change).values(change))
        before = rows(inspection), rows(rectification), rows(rectification_event)

        for change in (
            lambda: record(SUPERVISOR, stop, "clear", visited_on=FIRST),
            lambda: enter(stop, severity=3),
        ):
            with pytest.raises(PlanError, match=f"{item['ledger_no']} 已有办理记录"):
                change()
        assert (rows(inspection), rows(rectification), rows(rectification_event)) == before

        enter(stop, individuals=2)
        assert rows(inspection)[0]["individuals"] == 2

    def test_of_its_own_corrections_does_not_count_as_work(self, stop: int) -> None:
        enter(stop)
        enter(stop, severity=3)

        enter(stop, severity=1)
        record(SUPERVISOR, stop, "clear", visited_on=FIRST)

        assert rows(rectification) == []

    def test_of_what_a_file_has_mended_since_leaves_that_mended(self, stop: int) -> None:
        enter(stop)
        with get_engine().begin() as conn:
            conn.execute(update(inspection).values(address="雨水路 2 号", county_code=SOUTH))

        record(SUPERVISOR, stop, "clear", visited_on=FIRST)

        [visit] = rows(inspection)
        assert (visit["address"], visit["county_code"]) == ("雨水路 2 号", SOUTH)

    def test_shows_what_stands_entered(self, stop: int) -> None:
        assert read(recorded, stop_id=stop) is None
        enter(stop, note="负责人在场", individuals=1)

        found = read(recorded, stop_id=stop)

        assert found == Recorded(*("violation", FIRST, "一对一", 2, DUE, None, 2, 1, "负责人在场"))
        assert read(recorded, scope=Scope.city(), stop_id=stop) is None
        assert read(recorded, scope=OWN, stop_id=stop) is None


def _batch() -> dict[str, Any]:
    counts = dict.fromkeys(("rows_read", "rows_loaded", "rows_updated", "rows_rejected"), 0)
    row = {"kind": "rectifications", "file_name": "x.xlsx", "sha256": "0" * 64}
    return {
        **row,
        **counts,
        "imported_by": "x",
        "imported_at": clock.now(),
        "received_on": AS_OF,
    }


class TestWhen:
    def test_draft_takes_no_result(self) -> None:
        number = draft()
        save_stops(SUPERVISOR, number, stops((1, "random")), 1)

        with pytest.raises(PlanError, match="还没有封存"):
            enter(stop_ids(number)[0])

    def test_released_plan_takes_none_any_more(self, plan: int, stop: int) -> None:
        release(SUPERVISOR, plan)

        with pytest.raises(PlanError, match="计划已公布"):
            enter(stop)
        with pytest.raises(PlanError, match="计划已公布"):
            release(SUPERVISOR, plan)

    def test_stop_of_no_plan_is_refused(self, plan: int) -> None:
        with pytest.raises(PlanError, match="没有这一站"):
            enter(99)

    @pytest.mark.parametrize("who", [LEADER, COUNTY, ADMIN], ids=lambda who: who.role)
    def test_others_are_refused_and_that_is_logged(self, stop: int, who: User) -> None:
        with pytest.raises(PlanError, match="账号已不能"):
            enter(stop, who)

        assert rows(inspection) == []
        assert logged()[-1][:3] == (who.email, "refused", "暗访结果")

    def test_all_of_an_entry_is_kept_or_nothing(
        self, stop: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr(visit_results.audit, "add", fail)

        with pytest.raises(RuntimeError):
            enter(stop)

        assert rows(inspection) == rows(rectification) == []
        assert set(counted(SUPERVISOR.scope).values()) == {0}


class TestResults:
    def test_are_one_row_a_stop_entered_or_not(self, plan: int, stop: int) -> None:
        enter(stop)

        found = read(results, as_of=AS_OF)

        first, other = found.to_dict("records")
        assert (first["plan_id"], first["stop_id"], first["outcome"]) == (plan, stop, "violation")
        assert (first["institution_name"], first["category"]) == ("甲子培训中心", "arts")
        assert (first["severity"], first["violation_type"]) == (2, "一对一")
        assert first["inspection_no"] == first["ledger_no"]
        assert (first["chosen_by"], first["released"]) == ("random", False)
        assert (other["place_name"], other["county_code"]) == ("角宿2号楼", SOUTH)
        missing = ("institution_name", "outcome", "severity", "inspection_no", "inspected_on")
        assert all(pd.isna(other[name]) for name in missing)

    def test_of_a_later_day_are_not_known_yet(self, stop: int) -> None:
        enter(stop)

        found = read(results, as_of=FIRST - timedelta(days=1))

        assert len(found) == 2
        assert found["outcome"].isna().all()

    def test_are_shown_to_leaders_after_the_release_and_to_counties_never(
        self, plan: int, stop: int
    ) -> None:
        enter(stop)
        save_stops(SUPERVISOR, draft(), stops((1, "random")), 1)
        others = sealed()
        assert read(results, scope=Scope.city(), as_of=AS_OF).empty

        release(SUPERVISOR, plan)

        shown = read(results, scope=Scope.city(), as_of=AS_OF)
        assert set(shown["plan_id"]) == {plan}
        assert shown["outcome"].tolist()[0] == "violation"
        assert set(read(results, as_of=AS_OF)["plan_id"]) == {plan, others}
        for scope in (OWN, Scope.county(CITY, SOUTH), Scope.city().within((CITY,)), ADMIN.scope):
            assert read(results, scope=scope, as_of=AS_OF).empty
            assert read(recorded, scope=scope, stop_id=stop) is None
        narrowed = SUPERVISOR.scope.within((SOUTH,))
        assert set(read(results, scope=narrowed, as_of=AS_OF)["county_code"]) == {SOUTH}

    def test_say_nothing_of_score_and_reasons(self, plan: int) -> None:
        assert not {"score", "reasons"} & set(read(results, as_of=AS_OF).columns)


class TestCoverage:
    SINCE = date(2022, 8, 1)

    def ask(self, scope: Scope = SUPERVISOR.scope, *, as_of: date = AS_OF) -> list[list[Any]]:
        """By county and category: how many units, how many looked at, how many on a visit."""
        found = read(units, scope=scope, as_of=as_of, since=self.SINCE)
        counted: dict[tuple[str, str | None], list[int]] = {}
        for row in found.to_dict("records"):
            category = None if pd.isna(row["category"]) else row["category"]
            counts = counted.setdefault((row["county_code"], category), [0, 0, 0])
            marks = (True, not pd.isna(row["looked_on"]), row["by_plan"])
            counts[:] = [count + int(mark) for count, mark in zip(counts, marks, strict=True)]
        return [[*key, *counts] for key, counts in counted.items()]

    def test_counts_institutions_by_county_and_category(self) -> None:
        with get_engine().begin() as conn:
            seen = make.institution(conn)
            make.institution(conn)
            make.institution(conn, category="sports", county_code=SOUTH)
            make.institution(conn, found_on=AS_OF + timedelta(days=1))
            make.institution(conn, operating_status="deregistered", deregistered_on=AS_OF)
            make.inspection(conn, institution_id=seen, inspected_on=self.SINCE)
            make.inspection(conn, institution_id=seen, inspected_on=AS_OF)

        assert self.ask() == [[CITY, "arts", 2, 1, 0], [SOUTH, "sports", 1, 0, 0]]
        assert self.ask(OWN) == [[CITY, "arts", 2, 1, 0]]
        assert self.ask(Scope.county()) == []

    @pytest.mark.parametrize("day", [date(2022, 7, 31), AS_OF + timedelta(days=1)])
    def test_inspection_before_or_after_does_not_count(self, day: date) -> None:
        with get_engine().begin() as conn:
            make.inspection(conn, institution_id=make.institution(conn), inspected_on=day)

        assert self.ask() == [[CITY, "arts", 1, 0, 0]]

    def test_place_with_a_report_that_names_no_institution_is_a_unit(self) -> None:
        with get_engine().begin() as conn:
            key = f"{CITY}:角宿大厦"
            make.report(conn, place_key=key, place_name="角宿大厦")
            make.report(conn, place_key=key, place_name="角宿大厦")
            known = make.institution(conn)
            make.report(conn, place_key=f"{CITY}:b", place_name="b", institution_id=known)
            make.report(conn, place_key=f"{CITY}:b", place_name="b")
            make.report(
                conn,
                place_key=f"{CITY}:c",
                place_name="c",
                received_on=AS_OF + timedelta(days=1),
            )
            make.inspection(conn, place_name="角宿 大厦")
            make.inspection(conn, place_name="b", county_code=SOUTH)

        assert self.ask() == [[CITY, "arts", 1, 0, 0], [CITY, None, 2, 1, 0]]
        found = read(units, as_of=AS_OF, since=self.SINCE)
        assert found["unit"].tolist() == [f"i:{known}", f"p:{CITY}:b", f"p:{key}"]
        assert found["looked_on"].isna().tolist() == [True, True, False]

    def test_visits_of_plans_count_for_whom_they_are_shown_to(self, plan: int, stop: int) -> None:
        enter(stop)
        assert self.ask() == [[CITY, "arts", 1, 1, 1]]
        assert self.ask(Scope.city()) == self.ask(OWN) == [[CITY, "arts", 1, 0, 0]]

        release(SUPERVISOR, plan)

        assert self.ask(Scope.city()) == [[CITY, "arts", 1, 1, 1]]
        assert self.ask(OWN) == [[CITY, "arts", 1, 1, 0]]

    def test_place_without_a_name_is_known_by_its_coordinates(self, plan: int) -> None:
        enter(stop_ids(plan)[1])
        with get_engine().begin() as conn:
            conn.execute(update(inspection).values(place_name=None))
            placed = {"longitude": 109.4, "latitude": 24.3, "county_code": SOUTH}
            make.report(conn, place_key=f"{SOUTH}@109.4000,24.3000", **placed)

        assert [SOUTH, None, 1, 1, 1] in self.ask()

    def test_empty_city_has_none(self) -> None:
        found = read(units, as_of=AS_OF, since=self.SINCE)

        assert found.empty
        assert found.dtypes.astype(str).to_dict() == {
            **dict.fromkeys(("unit", "county_code", "county", "name", "category"), "str"),
            "looked_on": "datetime64[s]",
            "by_plan": "bool",
        }
