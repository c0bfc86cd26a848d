"""What ledger and lists do not agree on: each finding with what is in it and what is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis import reconciliation_findings as findings
from analysis.reconciliation_differences import Compared, marked, side_by_side

CITY, SOUTH = ("450202", "城中区"), ("450204", "柳南区")
SOURCES = {"moe": "教育部", "platform": "全国平台"}
JUNE, JULY, AUGUST = (pd.Timestamp(2022, month, 1) for month in (6, 7, 8))
LINE: dict[str, Any] = {
    "source": "moe",
    "institution_id": None,
    "institution_county_code": None,
    "match_status": "unmatched",
    "received_on": JULY,
}
STATED = ("credit_code", "licence_no", "address", "phone")


def row(number: int, county: tuple[str, str] | None, name: str, **said: Any) -> dict[str, Any]:
    where = county or (None, None)
    place = {"id": number, "county_code": where[0], "county": where[1], "name": name}
    return place | dict.fromkeys(STATED) | said


def lines(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([LINE | each for each in rows]).astype(
        {"institution_id": "Int64", "received_on": "datetime64[s]"}
    )


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    found = pd.DataFrame([{"deregistered_on": None} | each for each in rows])
    return found.astype({"deregistered_on": "datetime64[s]"})


def proposed(**pairs: int) -> pd.DataFrame:
    entries = [int(name.removeprefix("of_")) for name in pairs]
    return pd.DataFrame(
        {"entry_id": entries, "institution_id": list(pairs.values())}, dtype="int64"
    )


def matched(number: int, county: tuple[str, str]) -> dict[str, Any]:
    return {
        "institution_id": number,
        "institution_county_code": county[0],
        "match_status": "matched",
    }


def test_lines_agree_where_their_own_county_has_them_and_every_line_is_counted_once() -> None:
    known = lines(
        row(1, CITY, "对上") | matched(7, CITY),
        row(2, CITY, "别县") | matched(8, SOUTH),
        row(3, None, "没写县区") | matched(8, SOUTH),
        row(4, CITY, "待判定"),
        row(5, CITY, "没有"),
        row(6, CITY, "排除") | {"match_status": "dismissed"},
        row(7, CITY, "另一份") | {"source": "platform", "match_status": "dismissed"},
    )

    counted = findings.agreement(known, proposed(of_4=9)).set_index("source")

    assert counted.loc["moe"].to_dict() == {
        "lines": 5,
        "agreeing": 2,
        "elsewhere": 1,
        "to_decide": 1,
        "missing": 1,
        "dismissed": 1,
        "rate": 0.4,
    }
    assert counted.loc["platform", ["lines", "dismissed"]].tolist() == [0, 1]
    assert pd.isna(counted.loc["platform", "rate"])
    assert findings.headline(counted, 1) == (
        "底数名单账账相符 40.0%（2/5）；还有 1 对待判定，1 行在台账里找不到。"
    )


def test_without_lines_nothing_is_said_to_agree() -> None:
    counted = findings.agreement(lines(row(1, CITY, "甲")).iloc[:0], proposed())

    assert counted.empty
    assert findings.headline(counted, 0) == "还没有底数名单，无从比对。"


def test_what_is_to_be_decided_is_neither_missing_nor_on_no_list() -> None:
    known = ledger(
        row(7, CITY, "对上"),
        row(8, CITY, "待判定"),
        row(9, CITY, "没有名单"),
        row(10, CITY, "注销") | {"deregistered_on": JULY},
    )
    said = lines(
        row(1, CITY, "对上") | matched(7, CITY),
        row(2, CITY, "待判定"),
        row(3, CITY, "找不到，早") | {"received_on": JUNE},
        row(4, CITY, "找不到，晚") | {"received_on": AUGUST},
        row(5, CITY, "排除") | {"match_status": "dismissed"},
    )
    pairs = proposed(of_2=8)

    assert findings.not_in_ledger(said, pairs)["id"].tolist() == [4, 3]
    assert findings.on_no_list(known, said, pairs)["id"].tolist() == [9]


def test_line_of_another_county_s_institution_says_whose() -> None:
    known = ledger(row(7, SOUTH, "甲"))
    said = lines(
        row(1, CITY, "乙") | matched(7, SOUTH),
        row(2, SOUTH, "甲") | matched(7, SOUTH),
        row(3, None, "甲") | matched(7, SOUTH),
    )

    [found] = findings.elsewhere(said, known).to_dict("records")

    assert (found["id"], found["ledger_county"], found["ledger_name"]) == (1, "柳南区", "甲")


def test_code_in_two_counties_is_told_with_all_its_records() -> None:
    known = ledger(
        row(7, CITY, "甲", credit_code="91A"),
        row(8, CITY, "乙", credit_code="91B"),
        row(9, CITY, "丙"),
    )
    said = lines(
        row(1, SOUTH, "甲", credit_code="91a"),
        row(2, CITY, "乙", credit_code="91B"),
        row(3, None, "乙", credit_code="91B"),
        row(4, SOUTH, "乙", credit_code="91B") | {"match_status": "dismissed"},
        row(5, SOUTH, "丙"),
    )

    found = findings.two_counties(known, said, SOURCES)

    assert found["found_in"].tolist() == ["机构台账", "教育部"]
    assert found["name"].tolist() == ["甲", "甲"]
    assert findings.two_counties(known, said.iloc[:0], SOURCES).empty


def test_licence_at_two_doors_is_told_and_rooms_behind_one_are_not() -> None:
    known = ledger(
        row(7, CITY, "甲", licence_no="许1号", address="柳州市城中区河东街道立春路5号2楼"),
        row(8, CITY, "乙", licence_no="许2号", address="立春路5号2楼"),
        row(9, CITY, "丙", licence_no="许3号", address="立春路5号"),
        row(10, CITY, "丁", licence_no="许4号", address="立春路5号"),
    )
    said = lines(
        row(1, CITY, "甲分校", licence_no="许 1 号", address="雨水路9号"),
        row(2, CITY, "乙", licence_no="许2号", address="城中区立春路5号3楼"),
        row(3, CITY, "丙", licence_no="许3号"),
        row(4, None, "丁", licence_no="许4号", address="雨水路9号"),
    )

    assert findings.one_licence(known, said, SOURCES)["name"].tolist() == ["甲", "甲分校"]


def test_deregistered_and_on_a_later_list_or_there_under_another_entry() -> None:
    gone = {"deregistered_on": JULY}
    known = ledger(
        row(1, CITY, "后来的名单") | gone,
        row(2, CITY, "同日的名单") | gone,
        row(3, CITY, "待判定的名单") | gone,
        row(4, CITY, "同电话培训中心", phone="10000000001") | gone,
        row(5, SOUTH, "另一家", phone="10000000001"),
        row(6, CITY, "同名培训中心") | gone,
        row(7, CITY, "城中区同名培训中心"),
        row(8, SOUTH, "别县同名培训中心") | gone,
        row(9, CITY, "别县同名培训中心"),
        row(10, CITY, "还在"),
    )
    said = lines(
        row(1, CITY, "甲") | matched(1, CITY) | {"received_on": AUGUST},
        row(2, CITY, "乙") | matched(2, CITY),
        row(3, CITY, "丙") | {"received_on": AUGUST, "source": "platform"},
        row(4, CITY, "丁") | matched(10, CITY) | {"received_on": AUGUST},
    )

    found = findings.gone_and_there(known, said, proposed(of_3=3), SOURCES).set_index("id")

    assert found["still_on"].to_dict() == {
        1: "8 月 1 日收到的教育部名单",
        3: "8 月 1 日收到的全国平台名单（疑似，待判定）",
        4: "台账另有柳南区“另一家”（电话相同）",
        6: "台账另有城中区“城中区同名培训中心”（名称相同）",
    }
    assert found.loc[1, "last_seen_on"] == AUGUST
    assert pd.isna(found.loc[4, "last_seen_on"])
    nothing = findings.gone_and_there(known.iloc[9:], said, proposed(), SOURCES)
    assert nothing.empty
    assert {"still_on", "last_seen_on"} <= set(nothing.columns)
    assert date(2022, 7, 1) == JULY.date()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("己酉书法培训", "己酉书法培训中心", ("己酉书法培训", "己酉书法培训【中心】")),
        ("已酉书法", "己酉书法", ("【已】酉书法", "【己】酉书法")),
        ("甲子美术", "甲子美术", ("甲子美术", "甲子美术")),
        ("甲子美术", "乙丑书法馆", ("甲子美术", "乙丑书法馆")),
    ],
)
def test_characters_that_differ_stand_in_brackets(
    one: str, other: str, expected: tuple[str, str]
) -> None:
    assert marked(one, other) == expected


def test_two_records_side_by_side_say_how_each_thing_compares() -> None:
    one = row(1, CITY, "甲子美术", phone="0772-0001256", address="立春路5号", licence_no="许1号")
    other = row(2, CITY, "甲子书法", phone="0001256", credit_code="91A", licence_no="许 1 号")

    compared = {line.title: line.compared for line in side_by_side(one, other)}

    assert compared == {
        "名称": Compared.DIFFERENT,
        "地址": Compared.ONLY_ON_LIST,
        "电话": Compared.WRITTEN_OTHERWISE,
        "许可证": Compared.WRITTEN_OTHERWISE,
        "信用代码": Compared.ONLY_IN_LEDGER,
        "县区": Compared.SAME,
    }
    no_phones = side_by_side(one | {"phone": None}, other | {"phone": None})
    assert "电话" not in {line.title for line in no_phones}
