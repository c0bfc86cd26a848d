"""Sentences on prepaid money: the answer first, and nothing said that is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from analysis import prepaid, prepaid_words
from analysis.rules import in_force, rules
from tests.analysis.test_prepaid import AS_OF, charges

RUNS = {"course_starts_on": date(2022, 8, 26), "course_ends_on": date(2022, 9, 30)}


def at_risk(*rows: dict[str, Any]) -> pd.DataFrame:
    full = (RUNS | {"institution_id": n} | row for n, row in enumerate(rows))
    return prepaid.institutions_at_risk(prepaid.at_risk(charges(*full), as_of=AS_OF))


def counts(charged: int = 10, illegal: int = 0, **columns: int) -> pd.DataFrame:
    row = {"charges": charged, "illegal": illegal, "unsaid": 0, "measured": charged}
    return pd.DataFrame([row | {"dated": charged} | columns])


def test_who_stopped_stands_first_then_who_holds_most_outside() -> None:
    found = at_risk(
        {"state": "suspended", "amount_yuan": 500.0, "into_escrow": False},
        {"state": "deregistered", "amount_yuan": 100.0},
        {"institution_name": "示例在营", "amount_yuan": 10_000.0, "into_escrow": False},
        {"amount_yuan": 90_000.0, "into_escrow": True},
    )

    assert prepaid_words.headline(found, counts(illegal=3)) == (
        "2 家停业、注销或无证机构约有 600 元预收费没上完课，其中 500 元不在监管账户；"
        "在营的“示例在营”账户外最多，约 1.0 万元；近一年 10 笔收费中 3 笔违规。"
    )


def test_little_money_outside_is_not_worth_a_name() -> None:
    found = at_risk({"amount_yuan": 9999.99, "into_escrow": False})

    assert prepaid_words.headline(found, counts()) == (
        "没有停业、注销或无证机构欠着预收费；近一年 10 笔收费未见违规。"
    )


def test_what_cannot_be_estimated_is_said_and_not_made_a_nought() -> None:
    unknown = {"state": "suspended", "course_starts_on": None, "course_ends_on": None}
    found = at_risk(unknown)

    assert "未上课金额无法估算" in prepaid_words.headline(found, counts())
    assert "另有 1,000 元没写时长，无法估算，未计入" in prepaid_words.estimate_note(found)
    assert "另有" not in prepaid_words.estimate_note(at_risk({}))


def test_without_a_ledger_nothing_is_judged() -> None:
    assert (
        prepaid_words.headline(at_risk(), counts(0)) == "近一年没有预收费台账记录，无法判断收费。"
    )


def test_what_was_not_judged_is_told_with_its_number() -> None:
    said = prepaid_words.findings_note(counts(unsaid=2, measured=9, dated=7))

    assert said.endswith(
        "近一年 10 笔中，2 笔没写是否进入监管账户、1 笔没写时长、3 笔没写开课日期，"
        "这些方面未判断，不算违规。"
    )
    assert "未判断" not in prepaid_words.findings_note(counts())


def test_unlicensed_institutions_are_told_of_with_the_rule_of_the_day() -> None:
    stopped = at_risk({"state": "unlicensed"}, {"state": "suspended"})

    def said(day: date) -> str:
        known = in_force(rules(), "unpermitted", day)
        return prepaid_words.permission_note(known, stopped, as_of=day)

    assert (
        said(date(2023, 10, 15))
        == "其中无证 1 家，可依教育部令第53号《校外培训行政处罚暂行办法》处罚。"
    )
    assert said(date(2023, 10, 14)).endswith("校外培训行政处罚办法尚未施行。")
    assert prepaid_words.permission_note(None, stopped.iloc[:0], as_of=AS_OF) == ""
