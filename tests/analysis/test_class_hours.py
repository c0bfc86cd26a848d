"""Classes too late or on days off: each side of the hour, the day and the first day of a rule."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis import class_hours
from analysis.rules import rules

RULES = rules()
MONDAY = date(2022, 9, 5)  # in term
DTYPES = {
    "report_no": "str",
    "received_on": "datetime64[s]",
    "county_code": "str",
    "county": "str",
    "institution_name": "str",
    "place_name": "str",
    "violation_type": "str",
    "category": "str",
    "mode": "str",
    "state": "str",
    "class_starts_at": "object",
    "class_ends_at": "object",
}


def classes(*rows: dict[str, Any]) -> pd.DataFrame:
    """Reports of offline classes of an arts school, on a Monday afternoon in term."""
    usual = {
        "received_on": MONDAY,
        "county_code": "450202",
        "county": "城中区",
        "violation_type": "其他",
        "category": "arts",
        "mode": "offline",
        "state": "received",
        "class_starts_at": time(18),
        "class_ends_at": time(19, 30),
    }
    full = [
        dict.fromkeys(DTYPES) | usual | {"report_no": f"JB{n}"} | row for n, row in enumerate(rows)
    ]
    return pd.DataFrame(full, columns=list(DTYPES)).astype(DTYPES)


def broken(**row: Any) -> list[str]:
    """The codes of the rules that one reported class breaks."""
    return class_hours.findings(classes(row), RULES)["rule"].tolist()


@pytest.mark.parametrize("category", ["subject", "arts", None])
def test_offline_classes_of_all_categories_end_by_half_past_eight(category: str | None) -> None:
    assert broken(category=category, class_ends_at=time(20, 30)) == []
    assert broken(category=category, class_ends_at=time(20, 31)) == ["offline_end"]
    assert broken(category=category, class_ends_at=time(20, 30, 1)) == ["offline_end"]


@pytest.mark.parametrize(
    ("category", "first"),
    [("subject", date(2021, 7, 24)), ("arts", date(2022, 12, 29))],
)
def test_online_classes_end_by_nine_from_the_day_of_their_own_rule(
    category: str, first: date
) -> None:
    def late(day: date, ends: time) -> bool:
        return "online_end" in broken(
            category=category, mode="online", received_on=day, class_ends_at=ends
        )

    assert late(first, time(21, 1))
    assert not late(first, time(21))
    assert not late(first - timedelta(days=1), time(21, 1))


def test_offline_classes_before_the_rule_of_2018_and_online_ones_of_no_known_category() -> None:
    late = time(22)

    assert broken(received_on=date(2018, 8, 21), class_ends_at=late) == []
    assert broken(received_on=date(2018, 8, 22), class_ends_at=late) == ["offline_end"]
    assert broken(category=None, mode="online", class_ends_at=late) == []


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2022, 9, 3), "周六"),
        (date(2022, 10, 8), None),  # a Saturday worked in lieu
        (date(2022, 10, 3), "国庆节假期"),  # a Monday
        (date(2022, 8, 26), "暑假"),
        (date(2022, 8, 29), None),
        (date(2023, 1, 13), None),
        (date(2023, 1, 14), "周六、寒假"),
        (MONDAY, None),
        (date(2021, 7, 23), None),  # the day before the rule
        (date(2021, 7, 24), "周六、暑假"),
    ],
)
def test_subject_classes_are_not_held_on_days_off(day: date, why: str | None) -> None:
    found = class_hours.findings(classes({"category": "subject", "received_on": day}), RULES)

    assert found["found"].tolist() == ([f"接报日是{why}"] if why else [])
    assert broken(category="arts", received_on=day) == []
    assert broken(category=None, received_on=day) == []


def test_a_class_past_midnight_ends_late_and_one_without_an_end_is_not_judged_by_it() -> None:
    assert broken(class_starts_at=time(22), class_ends_at=time(0, 30)) == ["offline_end"]
    assert broken(class_starts_at=time(22), class_ends_at=None) == []
    assert broken(class_starts_at=None, class_ends_at=time(21)) == ["offline_end"]
    # Its day is.
    assert broken(category="subject", received_on=date(2022, 9, 3), class_ends_at=None) == [
        "rest_day"
    ]


def test_a_finding_names_rule_version_document_and_what_is_wrong() -> None:
    (found,) = class_hours.findings(
        classes({"mode": "online", "category": "subject", "class_ends_at": time(21, 40)}), RULES
    ).to_dict("records")

    assert found["rule_title"] == "线上培训晚于 21:00 结束"
    assert found["rule_from"] == pd.Timestamp(2021, 7, 24)
    assert found["citation"].startswith("双减意见《")
    assert found["found"] == "21:40 下课，限 21:00"


def test_one_report_may_break_two_rules_and_counts_once() -> None:
    rows = classes(
        {"category": "subject", "received_on": date(2022, 9, 3), "class_ends_at": time(21)}, {}
    )
    found = class_hours.findings(rows, RULES)

    assert sorted(found["rule"]) == ["offline_end", "rest_day"]
    (city,) = class_hours.county_classes(rows, found).to_dict("records")
    assert (city["classes"], city["illegal"], city["late"], city["days_off"]) == (2, 1, 1, 1)


def test_what_cannot_be_judged_is_counted_apart() -> None:
    rows = classes(
        {"class_ends_at": None},
        {"category": None},
        {"category": "subject", "received_on": date(2024, 1, 8)},  # no terms are known
        {"category": "subject", "received_on": date(2024, 1, 6)},  # a Saturday is known
    )

    assert class_hours.unjudged(rows) == class_hours.Unjudged(1, 1, 1)
    assert class_hours.findings(rows, RULES)["report_no"].tolist() == ["JB3"]


def test_without_reports_nothing_is_found_and_the_sentence_says_so() -> None:
    rows = classes()
    found = class_hours.findings(rows, RULES)

    assert found.empty
    assert set(found.columns) > {"rule", "rule_from", "citation", "found", "report_no"}
    assert class_hours.county_classes(rows, found).empty
    assert class_hours.headline(rows, found) == "近一年没有写明上课时间的举报。"
    assert class_hours.notes(rows, found, class_hours.unjudged(rows)).startswith(
        "举报没有上课的日期，按接报日判断"
    )


def test_words_say_how_many_and_how_many_were_verified() -> None:
    rows = classes(
        {"class_ends_at": time(21), "state": "substantiated"},
        {"class_ends_at": time(21), "state": "unsubstantiated"},
        {"class_ends_at": time(21)},
        {"category": None},
    )
    found = class_hours.findings(rows, RULES)

    assert class_hours.headline(rows, found) == (
        "近一年写明上课时间的 4 件举报中，3 件反映下课过晚。"
    )
    assert class_hours.notes(rows, found, class_hours.unjudged(rows)) == (
        "举报没有上课的日期，按接报日判断适用的规定和是否休息日，须到现场核实。"
        "反映违规的 3 件中，已核实 2 件，属实 50.0%（1/2）。"
        "未能全部判断的：1 件不知是否学科类。"
    )
    lawful = classes({})
    assert class_hours.headline(lawful, class_hours.findings(lawful, RULES)) == (
        "近一年写明上课时间的 1 件举报中，没有反映超时或休息日上课的。"
    )
