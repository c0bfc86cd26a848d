"""Reported classes on screen: what is read is judged, in the reader's scope, in words."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import Connection

from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from ui import class_hours as screen


@pytest.fixture
def reports(conn: Connection) -> None:
    late: dict[str, Any] = {"class_starts_at": time(19), "class_ends_at": time(21)}
    make.report(conn, report_no="LATE", institution_id=make.institution(conn), **late)
    make.report(
        conn,
        report_no="OFF",
        county_code=SOUTH,
        violation_type="学科类违规开班",
        violation_type_group="学科类违规开班",
        class_starts_at=time(9),
        class_ends_at=time(11),
        summary="举报人的原话",
    )
    make.report(conn, report_no="FINE", class_ends_at=time(20, 30))


def test_list_names_rule_version_and_document_and_no_words_of_the_reporter(
    conn: Connection, reports: None
) -> None:
    view = screen.build(conn, scope=Scope.city(), as_of=THURSDAY)
    rows = view.rows.shown.to_pandas().set_index("线索编号")

    assert set(rows.index) == {"LATE", "OFF"}
    assert rows.loc["LATE", "情况"] == "21:00 下课，限 20:30"
    assert rows.loc["LATE", "上课时间"] == "19:00–21:00"
    assert rows.loc["LATE", "规定自"] == date(2018, 8, 22)
    assert rows.loc["OFF", "情况"] == "接报日是暑假"
    assert rows.loc["OFF", "依据"].startswith("双减意见《")
    assert "举报人的原话" not in rows.to_string()
    assert view.headline == (
        "近一年写明上课时间的 3 件举报中，1 件反映下课过晚，1 件反映学科类在休息日上课。"
    )
    assert "按接报日判断" in view.notes
    assert "尚未由教育局核对" in view.notes
    assert view.counties["illegal"].sum() == 2


def test_reader_is_told_of_the_own_county_alone(conn: Connection, reports: None) -> None:
    view = screen.build(conn, scope=Scope.county(CITY), as_of=THURSDAY)

    assert view.rows.frame["report_no"].tolist() == ["LATE"]
    assert "校历" not in screen.build(conn, scope=Scope.county(), as_of=THURSDAY).notes
