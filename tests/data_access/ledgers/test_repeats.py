from __future__ import annotations

import pandas as pd
import pytest

from data_access.ledgers.kinds import KINDS
from data_access.ledgers.repeats import find_repeats
from tests.data_access.ledgers.files import DISPUTE, INSTITUTION, read, read_rows, said, table, xlsx

CODE, OTHER_CODE = "914403001922038216", "91440300708461136T"


def repeats(kind: str, *rows: dict[str, object]) -> list[tuple[int, int, str]]:
    names = dict.fromkeys(name for column in KINDS[kind].columns for name in [column.name])
    frame = pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    )
    return [tuple(repeat) for repeat in find_repeats(KINDS[kind], frame)]


def institution(name: str, code: str | None = None, county: str = "450202") -> dict[str, object]:
    return {"name": name, "credit_code": code, "county_code": county}


@pytest.mark.parametrize(
    ("first", "second", "column"),
    [
        (institution("甲", CODE), institution("乙", CODE), "credit_code"),
        (institution("甲"), institution("甲"), "name"),
        (institution("甲（城中）"), institution("甲(城 中)"), "name"),
        (institution("甲", CODE), institution("甲"), "name"),
        (institution("甲"), institution("甲", CODE), "name"),
    ],
)
def test_institution_is_the_same_by_code_else_by_county_and_name(first, second, column) -> None:
    assert repeats("institutions", first, second) == [(1, 0, column)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (institution("甲", CODE), institution("甲", OTHER_CODE)),
        (institution("甲"), institution("甲", county="450205")),
        (institution("甲"), institution("乙")),
        (institution("甲", CODE), institution("乙")),
    ],
)
def test_other_institutions_are_not_the_same(first, second) -> None:
    assert repeats("institutions", first, second) == []


def test_each_repeat_names_the_first_row() -> None:
    rows = [institution("甲"), institution("乙"), institution("甲"), institution("甲")]

    assert repeats("institutions", *rows) == [(2, 0, "name"), (3, 0, "name")]


def test_verification_is_the_same_by_institution_item_and_day() -> None:
    one = {"institution_name": "甲", "county_code": "450202", "item": "staff", "verified_on": 1}

    assert repeats("verifications", one, one) == [(1, 0, "item")]
    for other in ({"item": "scale"}, {"verified_on": 2}, {"institution_name": "乙"}):
        assert repeats("verifications", one, {**one, **other}) == []
    assert repeats("verifications", {**one, "item": None}, {**one, "item": None}) == []


def test_entry_is_the_same_by_source_and_number_else_by_county_and_name() -> None:
    one = {"source": "moe", "entry_no": "1", "name": "甲", "county_code": "450202"}
    bare = {**one, "entry_no": None}

    assert repeats("roster_entries", one, {**one, "name": "乙"}) == [(1, 0, "entry_no")]
    assert repeats("roster_entries", bare, bare) == [(1, 0, "name")]
    assert repeats("roster_entries", one, {**one, "entry_no": "2"}) == []
    assert repeats("roster_entries", one, {**one, "source": "platform"}) == []
    assert repeats("roster_entries", bare, {**bare, "county_code": None}) == []


def test_event_is_the_same_by_item_day_and_step() -> None:
    one = {"ledger_no": "ZG-1", "happened_on": 1, "step": "submit"}

    assert repeats("rectification_events", one, one) == [(1, 0, "ledger_no")]
    assert repeats("rectification_events", one, {**one, "step": "close"}) == []
    assert repeats("rectification_events", one, {**one, "happened_on": None}) == []


def test_rows_without_their_number_repeat_nothing() -> None:
    assert repeats("violation_reports", {"report_no": None}, {"report_no": None}) == []


def test_row_that_repeats_is_rejected_and_names_the_other() -> None:
    understanding = read_rows(
        DISPUTE, {**DISPUTE, "纠纷编号": "TF-002"}, DISPUTE, kind="refund_disputes"
    )

    assert said(understanding) == ["4 纠纷编号：与第 2 行重复，请删除本行"]
    assert understanding.rejected.tolist() == [False, False, True]


def test_row_that_says_otherwise_of_the_same_number_is_rejected_too() -> None:
    understanding = read_rows(DISPUTE, {**DISPUTE, "涉及金额": "5"}, kind="refund_disputes")

    assert said(understanding) == ["3 纠纷编号：与第 2 行重复，请核对后只留一行"]


def test_row_that_repeats_a_rejected_one_is_rejected_with_it() -> None:
    broken = {**DISPUTE, "涉及金额": "约1200"}

    assert read_rows(broken, DISPUTE, kind="refund_disputes").rejected.tolist() == [True, True]


def test_row_of_another_sheet_is_named_with_its_sheet() -> None:
    rows = table({**DISPUTE, "县区": None})

    understanding = read(xlsx(城中区=rows, 柳北区=[[], *rows]), "refund_disputes")

    assert said(understanding) == ["3 纠纷编号：与工作表“城中区”第 2 行重复，请删除本行"]


def test_institution_in_two_counties_is_no_repeat() -> None:
    rows = table({**INSTITUTION, "县区": None})

    assert not read(xlsx(城中区=rows, 柳北区=rows)).rejected.any()


def test_price_that_repeats_is_told_by_what_makes_it_the_same() -> None:
    price = {
        "县区": "城中区",
        "机构名称": "甲子培训中心",
        "课程名称": "围棋",
        "培训项目": "围棋",
        "班型": "小班",
        "课时时长": "45",
        "收费标准": "80",
        "执行日期": "2022-07-05",
    }

    understanding = read_rows(price, {**price, "收费标准": "90"}, kind="course_fees")

    assert said(understanding) == [
        "3 课程名称：与第 2 行重复（机构、课程名称、班型、执行日期都相同），请核对后只留一行"
    ]


def test_charge_that_repeats_is_told_by_its_receipt() -> None:
    charge = {
        "县区": "城中区",
        "机构名称": "甲子培训中心",
        "票据号": "1",
        "课程名称": "围棋",
        "收费日期": "2022-07-05",
        "收费金额": "80",
    }

    understanding = read_rows(charge, charge, kind="fee_charges")

    assert said(understanding) == ["3 票据号：与第 2 行重复（机构、票据号都相同），请删除本行"]
