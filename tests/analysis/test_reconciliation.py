"""Which lines of source lists are proposed as which institutions, on generated and small lists."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.reconciliation import Certainty, propose
from analysis.reconciliation_blocks import shared, twos
from analysis.reconciliation_names import (
    address_parts,
    county_words,
    name_parts,
    number_key,
    phones,
)
from tests.analysis.generated_rosters import Lists, generated

CITY, SOUTH = ("450202", "城中区"), ("450225", "融水苗族自治县")
WORDS = county_words([CITY[1], SOUTH[1], "柳东新区"])
NOBODY = pd.DataFrame({"roster_entry_id": [], "institution_id": []}, dtype="int64")
CODE, OTHER_CODE = "91450202XXXX000012", "91450202XXXX999999"


def record(number: int, name: str, county: tuple[str | None, str | None], **said: Any) -> Any:
    stated = dict.fromkeys(("credit_code", "licence_no", "address", "phone"))
    place = {"county_code": county[0], "county": county[1]}
    return {"id": number, "name": name, **place, **stated, **said}


def ledger(*rows: Any) -> pd.DataFrame:
    return pd.DataFrame(rows)


def lines(*rows: Any) -> pd.DataFrame:
    usual = {"source": "moe", "institution_id": None, "match_status": "unmatched"}
    return pd.DataFrame([usual | row for row in rows]).astype({"institution_id": "Int64"})


def pairs(entries: pd.DataFrame, institutions: pd.DataFrame, decided: Any = NOBODY) -> Any:
    found = propose(entries, institutions, decided)
    return dict(zip(found["entry_id"], found["institution_id"], strict=True))


def scores(made: Lists) -> tuple[float, float]:
    """Return F1 of what is proposed, and the precision of what is certain."""
    found = propose(made.entries, made.institutions, NOBODY)
    is_right = found["institution_id"] == found["entry_id"].map(made.truth)
    certain = found["certainty"] == Certainty.CERTAIN
    assert certain.sum() > len(made.truth) / 2
    return 2 * is_right.sum() / (len(found) + len(made.truth)), float(is_right[certain].mean())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_proposals_find_what_is_one_in_generated_lists(seed: int) -> None:
    f1, certain = scores(generated(seed, institutions=250))

    assert f1 >= 0.96
    assert certain >= 0.99


@pytest.mark.soak
@pytest.mark.parametrize("institutions", [400, 2000])
@pytest.mark.parametrize("seed", range(10, 20))
def test_proposals_find_what_is_one_in_many_generated_lists(seed: int, institutions: int) -> None:
    f1, certain = scores(generated(seed, institutions=institutions))

    assert f1 >= 0.96
    assert certain >= 0.99


def test_the_same_lists_lead_to_the_same_proposals_whatever_their_order() -> None:
    made = generated(4, institutions=120)
    shuffled = made.entries.sample(frac=1, random_state=1)
    moved = made.institutions.sample(frac=1, random_state=2)

    assert pairs(made.entries, made.institutions) == pairs(shuffled, moved)


@pytest.mark.parametrize(
    ("name", "whole", "core", "ending", "branch"),
    [
        ("柳州市甲子篮球培训有限公司", "甲子篮球培训有限公司", "甲子篮球", "公司", ""),
        ("甲子篮球公司", "甲子篮球公司", "甲子篮球", "公司", ""),
        ("融水县已酉书法培训中心", "己酉书法培训中心", "己酉书法", "中心", ""),
        ("融水苗族自治县戊戌书法学校", "戊戊书法学校", "戊戊书法", "学校", ""),
        ("甲子美术工作室（总部）", "甲子美术工作室", "甲子美术", "工作室", ""),
        ("甲子美术工作室(江滨校区)", "甲子美术工作室", "甲子美术", "工作室", "江滨"),
        ("甲子教育咨询有限公司江滨分校", "甲子教育咨询有限公司", "甲子", "公司", "江滨"),
        ("甲子 舞 蹈 馆", "甲子舞蹈馆", "甲子舞蹈", "俱乐部", ""),
        ("城中区", "城中区", "城中区", "", ""),
        ("城中心美术", "城中心美术", "城中心美术", "", ""),
    ],
)
def test_a_name_is_taken_apart(name: str, whole: str, core: str, ending: str, branch: str) -> None:
    assert name_parts(name, WORDS) == (whole, core, ending, branch)


@pytest.mark.parametrize(
    ("address", "door", "room"),
    [
        ("柳州市城中区城中街道立春路56号牛宿大厦5楼05室", "立春路56", "5 5"),
        ("立春路56号", "立春路56", ""),
        ("融水县融水镇立春路3-5号", "立春路3-5", ""),
        ("柳州市城中区河东街道", "", ""),
        ("城中街道立春路56号", "立春路56", ""),
        ("融水镇立春路56号3栋", "立春路56", "3"),
        (None, "", ""),
    ],
)
def test_an_address_is_taken_apart(address: str | None, door: str, room: str) -> None:
    parts = address_parts(address, WORDS)

    assert (parts.door, parts.room) == (door, room)


def test_numbers_are_known_again_however_they_are_written() -> None:
    assert phones("0772-0001256、+86 100-0004-5690") == ("0001256", "10000045690")
    assert phones("12") == phones(None) == ()
    assert number_key("示许字〔2021〕00012号") == number_key("示许字[2021]00012 号")


def test_only_what_shares_something_rare_is_compared() -> None:
    left, right = [["a", "b"], [], ["c"]], [["b"], ["a", "b"], ["c"], ["c"]]
    at, to = shared(left, right, largest=1)

    assert list(zip(at, to, strict=True)) == [(0, 1)]
    assert list(zip(*shared(left, right), strict=True)) == [(0, 0), (0, 1), (2, 2), (2, 3)]
    assert twos("甲子美术") == ["甲子", "子美", "美术"]


def test_a_pair_says_why_it_is_proposed_and_what_speaks_against_it() -> None:
    known = ledger(
        record(7, "柳州市甲子篮球培训有限公司", CITY, address="立春路5号", phone="10000000007")
    )
    said = lines(record(1, "甲子篮球公司", CITY, address="城中区立春路5号3楼", phone="10000000008"))

    [row] = propose(said, known, NOBODY).to_dict("records")

    assert row["reason"] == "名称主体相同、门牌相同；但电话不同"
    assert (row["entry_id"], row["institution_id"]) == (1, 7)
    assert row["certainty"] == Certainty.LIKELY
    assert 0 < row["score"] < 1


def test_the_same_name_and_telephone_are_certain_and_a_slip_is_not() -> None:
    known = ledger(record(7, "己酉书法培训中心", CITY, phone="10000000007"))
    for name, certainty in (
        ("城中区已酉书法培训中心", Certainty.CERTAIN),
        ("己酉书发培训中心", Certainty.LIKELY),
    ):
        [row] = propose(lines(record(1, name, CITY, phone="10000000007")), known, NOBODY).to_dict(
            "records"
        )
        assert row["certainty"] == certainty


def test_licence_number_leads_to_who_has_changed_the_name_unless_the_place_is_another() -> None:
    known = ledger(
        record(7, "甲子美术培训中心", CITY, licence_no="示许字〔2021〕00012号", address="立春路5号")
    )
    said = record(1, "丙寅绘画学校", CITY, licence_no="示许字[2021]00012号")

    [row] = propose(lines(said), known, NOBODY).to_dict("records")
    assert row["reason"] == "许可证号相同；但名称完全不同"
    assert row["certainty"] == Certainty.LIKELY
    assert pairs(lines(said | {"address": "雨水路9号"}), known) == {}


def test_different_codes_are_different_institutions_but_for_one_slip() -> None:
    known = ledger(record(7, "甲子美术培训中心", CITY, credit_code=CODE, phone="10000000007"))
    said = record(1, "甲子美术培训中心", CITY, phone="10000000007")

    assert pairs(lines(said | {"credit_code": OTHER_CODE}), known) == {}
    assert pairs(lines(said | {"credit_code": CODE[:-1] + "3"}), known) == {1: 7}
    assert pairs(lines(said), known) == {1: 7}


def test_brand_neighbours_and_unknown_branches_are_not_proposed() -> None:
    known = ledger(
        record(7, "己酉跆拳道培训中心", CITY, address="立春路5号", phone="10000000007"),
        record(8, "辛未口才培训学校", CITY, address="雨水路9号"),
    )
    said = lines(
        record(1, "己酉舞蹈培训中心", CITY, address="立春路5号", phone="10000000007"),
        record(2, "辛未口才培训学校（永乐校区）", CITY, address="小寒路9号"),
    )

    assert pairs(said, known) == {}


def test_each_branch_goes_to_its_own() -> None:
    known = ledger(
        record(7, "甲子篮球俱乐部", CITY, address="立春路5号"),
        record(8, "甲子篮球俱乐部（江滨校区）", CITY, address="雨水路9号"),
    )
    said = lines(
        record(1, "甲子篮球馆江滨校区", CITY),
        record(2, "甲子篮球俱乐部（总部）", CITY),
    )

    assert pairs(said, known) == {1: 8, 2: 7}


def test_within_a_list_each_is_proposed_once_and_another_list_starts_anew() -> None:
    known = ledger(
        record(7, "甲子美术培训中心", CITY, address="立春路5号", phone="10000000007"),
        record(8, "甲子美术培训学校", CITY, address="雨水路9号", phone="10000000008"),
    )
    said = lines(
        record(1, "甲子美术培训中心", CITY, address="立春路5号"),
        record(2, "甲子美术培训", CITY),
        record(3, "甲子美术培训", CITY, phone="10000000007", source="platform"),
    )

    assert pairs(said, known) == {1: 7, 2: 8, 3: 7}


def test_a_second_line_of_a_list_is_told_as_a_repeat() -> None:
    known = ledger(record(7, "甲子美术培训中心", CITY, phone="10000000007"))
    said = lines(
        record(1, "甲子美术培训中心", CITY, institution_id=7, match_status="matched"),
        record(2, "甲子美术培训", CITY, phone="10000000007"),
        record(3, "甲子美术培训", CITY),
    )

    found = propose(said, known, NOBODY)

    assert found["entry_id"].tolist() == [2]
    assert "已有一行对上该机构" in found.loc[0, "reason"]
    assert found.loc[0, "certainty"] == Certainty.LIKELY


@pytest.mark.parametrize("what", ["dismissed", "decided"])
def test_what_people_have_settled_is_not_asked_again_and_the_next_best_may_be(what: str) -> None:
    known = ledger(
        record(7, "甲子美术培训中心", CITY, phone="10000000007"),
        record(8, "甲子美术培训学校", CITY, phone="10000000007"),
    )
    said = lines(record(1, "甲子美术培训中心", CITY, phone="10000000007"))
    assert pairs(said, known) == {1: 7}

    if what == "dismissed":
        assert pairs(said.assign(match_status="dismissed"), known) == {}
        return
    decided = pd.DataFrame({"roster_entry_id": [1], "institution_id": [7]})
    assert pairs(said, known, decided) == {1: 8}


def test_other_counties_are_looked_at_only_for_what_their_own_does_not_have() -> None:
    known = ledger(
        record(7, "甲子美术培训中心", SOUTH, phone="10000000007"),
        record(8, "乙丑美术培训中心", CITY, phone="10000000008"),
        record(9, "乙丑美术培训中心", SOUTH, phone="10000000008"),
    )
    said = lines(
        record(1, "甲子美术培训中心", CITY, phone="10000000007"),
        record(2, "乙丑美术培训中心", CITY, phone="10000000008"),
        record(3, "丙寅美术培训中心", (None, None), phone="10000000007"),
        record(4, "甲子美术培训中心", (None, None), phone="10000000007", source="platform"),
    )

    found = propose(said, known, NOBODY).set_index("entry_id")

    assert found["institution_id"].to_dict() == {1: 7, 2: 8, 4: 7}
    assert found.loc[1, "reason"] == "名称相同、电话相同；但县区不同"
    assert found.loc[1, "certainty"] == Certainty.LIKELY
    assert found.loc[4, "certainty"] == Certainty.CERTAIN


def test_nothing_is_proposed_where_one_side_is_empty() -> None:
    known = ledger(record(7, "甲子美术培训中心", CITY))
    said = lines(record(1, "甲子美术培训中心", CITY))

    for found in (
        propose(said.iloc[:0], known, NOBODY),
        propose(said, known.iloc[:0], NOBODY),
    ):
        assert found.empty
        assert [str(dtype) for dtype in found.dtypes] == [
            *("int64", "int64", "float64", "str", "str")
        ]
