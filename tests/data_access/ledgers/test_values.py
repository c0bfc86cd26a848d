from __future__ import annotations

from typing import Any

import pytest

from data_access.ledgers.kinds import KINDS
from data_access.ledgers.values import Setting, county_of_sheet, read_column, text_limit
from data_access.vocabulary import CHANNELS, OTHER
from tests.data_access.ledgers.files import COUNTIES, TODAY

SETTING = Setting(TODAY, 2022, COUNTIES)
INSTITUTIONS = KINDS["institutions"]
REPORTS = KINDS["violation_reports"]
RIGHT = "914403001922038216"


def meaning_of(text: str, name: str, kind: str = "institutions") -> tuple[Any, str | None]:
    """Return what a text means in a column, and what is wrong with it."""
    ledger = KINDS[kind]
    meaning = read_column(ledger, ledger.column(name), [text], scale=1, setting=SETTING)
    value = meaning.values[name][0]
    return value, meaning.errors.get(0) or meaning.warnings.get(0)


@pytest.mark.parametrize(
    "text", ["是", "有", "已", "√", "✓", "Y", "y", "Ｙ", "1", "TRUE", "yes", " 是 "]
)
def test_yes_in_every_way(text: str) -> None:
    assert meaning_of(text, "standard_contract") == (True, None)


@pytest.mark.parametrize("text", ["否", "无", "未", "×", "✗", "x", "N", "n", "0", "FALSE", "No"])
def test_no_in_every_way(text: str) -> None:
    assert meaning_of(text, "standard_contract") == (False, None)


@pytest.mark.parametrize("text", ["部分", "2", "是否", "待定"])
def test_neither_yes_nor_no_is_refused(text: str) -> None:
    assert meaning_of(text, "standard_contract")[1] is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("450225", "450225"),
        ("融水", "450225"),
        ("融水县", "450225"),
        ("融水苗族自治县", "450225"),
        ("柳州市融水苗族自治县", "450225"),
        ("广西柳州市城中区", "450202"),
        ("４５０２２５", "450225"),
        (" 融 水 ", "450225"),
        ("4502ld", "4502LD"),
        ("柳东", "4502LD"),
        ("柳东新区", "4502LD"),
        ("柳城", "450222"),
    ],
)
def test_county_by_code_full_name_or_short_name(text: str, code: str) -> None:
    assert meaning_of(text, "county_code") == (code, None)


@pytest.mark.parametrize("text", ["450103", "青秀区", "城中县", "柳", "融水区"])
def test_county_of_another_city_is_refused_with_those_that_are(text: str) -> None:
    value, problem = meaning_of(text, "county_code")

    assert value is None
    assert problem == (
        "不是本市的县区（新区），应填其中之一：城中区、柳北区、柳东新区、柳城县、融水苗族自治县"
    )


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ("融水", "450225"),
        ("融水县", "450225"),
        ("450225", "450225"),
        ("融水县机构台账", "450225"),
        ("1.城中区（7月）", "450202"),
        ("城中村排查", None),
        ("城中区、柳北区", None),
        ("Sheet1", None),
        ("汇总", None),
    ],
)
def test_sheet_is_named_after_one_county_or_none(sheet: str, code: str | None) -> None:
    assert county_of_sheet(sheet, COUNTIES) == code


@pytest.mark.parametrize(
    "text", [RIGHT, f" {RIGHT} ", RIGHT.replace("1", "１"), f"{RIGHT[:8]}-{RIGHT[8:]}"]
)
def test_credit_code_is_mended(text: str) -> None:
    assert meaning_of(text, "credit_code") == (RIGHT, None)


def test_credit_code_in_lower_case_is_mended() -> None:
    assert meaning_of("91440300708461136t", "credit_code") == ("91440300708461136T", None)


@pytest.mark.parametrize("text", [RIGHT[:-1] + "7", "9144O3001922038216"])
def test_credit_code_with_a_wrong_check_digit_is_loaded_and_told(text: str) -> None:
    assert meaning_of(text, "credit_code") == (text, "统一社会信用代码的校验位不符，已照录，请核对")


@pytest.mark.parametrize("text", [RIGHT[:-1], RIGHT + "0", "无", "450200600123456"])
def test_what_is_no_credit_code_is_refused(text: str) -> None:
    assert meaning_of(text, "credit_code") == (
        None,
        "信用代码应为 18 位数字或大写字母，请核对；没有的留空",
    )


@pytest.mark.parametrize(
    ("text", "code"), [("在营", "operating"), ("正常经营", "operating"), ("无 证", "unlicensed")]
)
def test_word_stands_for_its_code(text: str, code: str) -> None:
    assert meaning_of(text, "operating_status") == (code, None)


@pytest.mark.parametrize("text", ["营业中", "operating", "在营、停业"])
def test_unknown_word_is_refused_and_the_message_lists_those_that_are(text: str) -> None:
    value, problem = meaning_of(text, "operating_status")

    assert value is None
    assert problem == (
        "不是能识别的用词，应填其中之一：在营（正常、营业、正常经营）、停业（暂停、暂停营业）、"
        "已注销（注销）、无证（无证经营、无证照）"
    )


@pytest.mark.parametrize(
    ("text", "code"), [("一般", "1"), ("1", "1"), ("１", "1"), ("重大", "3"), ("3", "3")]
)
def test_severity_is_written_as_a_word_or_a_digit(text: str, code: str) -> None:
    assert meaning_of(text, "severity", "rectifications") == (code, None)


def test_unknown_severity_is_answered_with_words_and_digits() -> None:
    assert meaning_of("4", "severity", "rectifications")[1] == (
        "不是能识别的用词，应填其中之一：一般（1、轻微）、较重（2）、严重（3、重大）"
    )


def test_method_in_brackets_of_either_width_is_one_word() -> None:
    for text in ("暗访（四不两直）", "暗访(四不两直)", "四不两直"):
        assert meaning_of(text, "method", "inspections") == ("unannounced", None)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("12345 热线", "12345 热线"),
        ("12345热线", "12345 热线"),
        ('国务院"互联网+督查"', "国务院“互联网+督查”"),
        ("自治区“双减”举报平台", "自治区“双减”举报平台"),
        ("其他", OTHER),
    ],
)
def test_channel_is_kept_as_written_and_grouped(text: str, group: str) -> None:
    meaning = read_column(REPORTS, REPORTS.column("channel"), [text], scale=1, setting=SETTING)

    assert meaning.values["channel"].tolist() == [text]
    assert meaning.values["channel_group"].tolist() == [group]
    assert (meaning.errors, meaning.warnings) == ({}, {})


def test_channel_outside_the_list_is_other_and_told() -> None:
    meaning = read_column(
        REPORTS, REPORTS.column("channel"), ["局长信箱"], scale=1, setting=SETTING
    )

    assert meaning.values["channel"].tolist() == ["局长信箱"]
    assert meaning.values["channel_group"].tolist() == [OTHER]
    assert "、".join(CHANNELS) in meaning.warnings[0]


def test_text_as_long_as_the_database_holds_is_kept_and_longer_is_refused() -> None:
    assert text_limit(INSTITUTIONS, "name") == 128
    assert meaning_of("甲" * 128, "name") == ("甲" * 128, None)
    assert meaning_of("甲" * 129, "name") == (None, "文字过长（129 字，最多 128 字），请缩短")
    assert meaning_of("甲" * 65, "channel", "violation_reports")[1] is not None


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_that_goes_into_a_short_column_is_measured(kind: str) -> None:
    ledger = KINDS[kind]
    unlimited = {
        column.name
        for column in ledger.columns
        if column.read in ("text", "grouped") and text_limit(ledger, column.name) is None
    }

    assert unlimited <= {"answer", "evidence", "finding", "measures", "note", "summary"}


def test_line_breaks_stay_in_long_texts_alone() -> None:
    assert meaning_of("甲子\r\n培训中心", "name") == ("甲子 培训中心", None)
    assert meaning_of("第一行\r\n第二行", "summary", "violation_reports") == (
        "第一行\n第二行",
        None,
    )


def test_numbers_lose_full_width_and_blanks() -> None:
    assert meaning_of("ＬＺ－ 001", "report_no", "violation_reports") == ("LZ-001", None)
    assert meaning_of("１３８ 0000 0000", "phone") == ("13800000000", None)
    assert meaning_of("柳教民（2019）1 号", "licence_no") == ("柳教民（2019）1 号", None)


@pytest.mark.parametrize("name", ["name", "teachers", "found_on", "category", "credit_code"])
def test_broken_formula_is_refused_in_every_column(name: str) -> None:
    assert meaning_of("#REF!", name)[1] == "单元格里的公式出错，请改成数值或文字"


def test_number_sign_alone_is_a_text() -> None:
    assert meaning_of("#1 大厦", "place_name") == ("#1 大厦", None)
