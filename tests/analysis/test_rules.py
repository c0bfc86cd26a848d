"""Rules that hold from a day on: in force on each side of every boundary, and read from rows."""

from __future__ import annotations

from datetime import date, time, timedelta

import pandas as pd
import pytest

from analysis.rules import (
    MEASURES,
    RulesError,
    holding,
    in_force,
    measured_by,
    parse,
    rules,
    with_rule,
)

RULES = rules()
ROW = """
[[rule]]
code = "made_up"
title = "一次收费超过两千元"
measure = "amount_yuan"
from = 2024-03-01
to = 2024-05-31
most = 2000
categories = ["arts"]
document = "柳教规〔2024〕1号"
document_title = "试行办法"
"""


@pytest.mark.parametrize(
    ("code", "category", "mode", "first"),
    [
        ("months", "subject", None, date(2018, 8, 22)),
        ("months", "arts", None, date(2018, 8, 22)),
        ("lessons", "arts", None, date(2021, 10, 21)),
        ("lessons", "subject", None, date(2021, 10, 21)),
        ("early", "sports", None, date(2021, 10, 21)),
        ("account", "other", None, date(2021, 10, 21)),
        ("amount", "technology", None, date(2022, 12, 29)),
        ("rest_day", "subject", None, date(2021, 7, 24)),
        ("online_end", "subject", "online", date(2021, 7, 24)),
        ("online_end", "arts", "online", date(2022, 12, 29)),
        ("offline_end", "subject", "offline", date(2018, 8, 22)),
        ("offline_end", "arts", "offline", date(2018, 8, 22)),
        ("unpermitted", None, None, date(2023, 10, 15)),
    ],
)
def test_a_rule_holds_from_its_first_day_and_not_the_day_before(
    code: str, category: str | None, mode: str | None, first: date
) -> None:
    found = in_force(RULES, code, first, category=category, mode=mode)

    assert found is not None
    assert found.first_on == first
    day_before = first - timedelta(days=1)
    assert in_force(RULES, code, day_before, category=category, mode=mode) is None


@pytest.mark.parametrize(
    ("code", "category", "mode"),
    [
        ("amount", "subject", None),
        ("amount", None, None),  # of no known category
        ("rest_day", "arts", None),
        ("online_end", "subject", "offline"),
        ("online_end", "subject", None),
        ("offline_end", "subject", "online"),
    ],
)
def test_a_rule_holds_for_its_own_categories_and_way_of_teaching_only(
    code: str, category: str | None, mode: str | None
) -> None:
    assert in_force(RULES, code, date(2025, 1, 1), category=category, mode=mode) is None


def test_every_rule_of_the_table_has_its_limit_and_its_document() -> None:
    limits = {each.code: each.most or each.latest for each in RULES}

    assert limits == {
        "months": 3,
        "lessons": 60,
        "early": 1,
        "amount": 5000,
        "account": None,
        "rest_day": None,
        "online_end": time(21),
        "offline_end": time(20, 30),
        "unpermitted": None,
    }
    assert {each.measure for each in RULES} == set(MEASURES)
    assert in_force(RULES, "months", date(2022, 7, 1)).citation == (  # type: ignore[union-attr]
        "国办发〔2018〕80号《国务院办公厅关于规范校外培训机构发展的意见》"
    )


def test_a_row_is_a_rule_without_a_line_of_code() -> None:
    (made_up,) = parse(ROW)

    assert made_up.citation == "柳教规〔2024〕1号《试行办法》"
    days = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 5, 31), date(2024, 6, 1)]
    assert [made_up.holds(day, category="arts") for day in days] == [False, True, True, False]


def test_a_new_version_is_a_row_and_each_day_has_its_own() -> None:
    later = (
        ROW.replace("2024-03-01", "2024-06-01")
        .replace("to = 2024-05-31\n", "")
        .replace("2000", "1500")
    )
    known = parse(ROW + later)

    found = [
        in_force(known, "made_up", day, category="arts")
        for day in (date(2024, 5, 31), date(2024, 6, 1))
    ]
    assert [each and each.most for each in found] == [2000, 1500]


def test_vectors_say_what_one_fact_at_a_time_says() -> None:
    days = [date(2021, 7, 23), date(2021, 7, 24), date(2022, 12, 28), date(2022, 12, 29)]
    facts = pd.DataFrame(
        [
            (day, category, mode)
            for day in days
            for category in ("subject", "arts", None)
            for mode in ("offline", "online", None)
        ],
        columns=["day", "category", "mode"],
    ).astype({"day": "datetime64[s]", "category": "str", "mode": "str"})

    for rule in (*RULES, *parse(ROW)):
        expected = [
            rule.holds(
                day.date(),
                category=None if pd.isna(category) else category,
                mode=None if pd.isna(mode) else mode,
            )
            for day, category, mode in facts.itertuples(index=False)
        ]
        assert holding(rule, facts["day"], facts["category"], facts["mode"]).tolist() == expected


def test_a_fact_without_a_day_breaks_no_rule() -> None:
    days = pd.Series([pd.NaT], dtype="datetime64[s]")

    assert not any(
        holding(rule, days, pd.Series(["arts"]), pd.Series(["offline"])).any() for rule in RULES
    )


def test_a_finding_names_the_rule_its_version_and_the_document() -> None:
    (rule,) = parse(ROW)

    found = with_rule(pd.DataFrame({"id": [1]}), rule).to_dict("records")

    assert found == [
        {
            "id": 1,
            "rule": "made_up",
            "measure": "amount_yuan",
            "rule_title": "一次收费超过两千元",
            "rule_from": pd.Timestamp(2024, 3, 1),
            "citation": "柳教规〔2024〕1号《试行办法》",
        }
    ]
    assert with_rule(pd.DataFrame({"id": []}), rule).dtypes["rule_from"] == "datetime64[s]"


def test_rules_are_picked_by_what_they_measure() -> None:
    assert [each.code for each in measured_by(RULES, ("months", "lessons"))] == [
        "months",
        "lessons",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("most = 2000\n", ""), "限值应写 most"),
        (("most = 2000", 'most = "2000"'), "不小于 0 的数"),
        (("most = 2000", "most = 2000\nlatest = 20:30:00"), "只写这一项"),
        (("amount_yuan", "price"), "measure 应是"),
        (("arts", "music"), "categories 只能是"),
        (("from = 2024-03-01", 'from = "2024-03-01"'), "应是日期"),
        (("from = 2024-03-01\n", ""), "缺少：from"),
        (("2024-05-31", "2024-02-01"), "to 早于 from"),
        (("code =", "mode = 'both'\ncode ="), "mode 应是"),
        (("code =", "colour = 'red'\ncode ="), "多出：colour"),
        (("code =", "code"), "读不出来"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_in_words(change: tuple[str, str], says: str) -> None:
    with pytest.raises(RulesError, match=says):
        parse(ROW.replace(*change))


def test_a_limit_of_months_is_of_whole_ones() -> None:
    with pytest.raises(RulesError, match="应是整月数"):
        parse(ROW.replace("amount_yuan", "months").replace("2000", "2.5"))


def test_two_versions_in_force_at_once_are_refused() -> None:
    with pytest.raises(RulesError, match="同时有效"):
        parse(ROW + ROW.replace("2024-03-01", "2024-05-31").replace("to = 2024-05-31\n", ""))
    with pytest.raises(RulesError, match="measure 不同"):
        parse(ROW + ROW.replace("amount_yuan", "months"))
    # For other categories it is in force beside the first.
    assert len(parse(ROW + ROW.replace("arts", "sports"))) == 2
