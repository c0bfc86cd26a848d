"""Prepaid charges: each side of every limit, months and their ends, money at risk, coverage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import prepaid
from analysis.rules import parse, rules

RULES = rules()
AS_OF = date(2022, 8, 25)
LATER = date(2023, 3, 1)  # every rule about charges is in force
DTYPES = {
    "charge_id": "int64",
    "receipt_no": "str",
    "county_code": "str",
    "county": "str",
    "institution_id": "int64",
    "institution_name": "str",
    "category": "str",
    "state": "str",
    "fee_supervision": "str",
    "course": "str",
    "charged_on": "datetime64[s]",
    "months": "float64",
    "lessons": "Int64",
    "amount_yuan": "float64",
    "refunded_yuan": "float64",
    "course_starts_on": "datetime64[s]",
    "course_ends_on": "datetime64[s]",
    "into_escrow": "boolean",
}
DAYS = st.dates(date(2019, 1, 1), date(2026, 12, 31))


def charges(*rows: dict[str, Any]) -> pd.DataFrame:
    """Charges of which nothing is wrong but what the rows say."""
    usual = {
        "receipt_no": "PJ1",
        "county_code": "450202",
        "county": "城中区",
        "institution_id": 1,
        "institution_name": "示例机构",
        "category": "arts",
        "state": "operating",
        "fee_supervision": "escrow",
        "course": "钢琴",
        "charged_on": date(2022, 7, 1),
        "amount_yuan": 1000.0,
    }
    full = [dict.fromkeys(DTYPES) | usual | {"charge_id": n} | row for n, row in enumerate(rows)]
    return pd.DataFrame(full, columns=list(DTYPES)).astype(DTYPES)


def broken(**row: Any) -> list[str]:
    """The codes of the rules that one charge breaks."""
    return prepaid.findings(charges(row), RULES)["rule"].tolist()


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"months": 3}, None),
        ({"months": 3.01}, "months"),
        ({"months": 4}, "months"),
        ({"lessons": 60}, None),
        ({"lessons": 61}, "lessons"),
        ({"months": 3, "lessons": 61}, "lessons"),  # the shorter of the two binds
        ({"months": 4, "lessons": 10}, "months"),
        ({"amount_yuan": 5000.0, "charged_on": LATER}, None),
        ({"amount_yuan": 5000.01, "charged_on": LATER}, "amount"),
        ({"into_escrow": True}, None),
        ({"into_escrow": None}, None),  # not known: no breach
        ({"into_escrow": False}, "account"),
        ({}, None),
    ],
)
def test_a_charge_is_held_to_each_limit_and_what_equals_it_is_allowed(
    row: dict[str, Any], rule: str | None
) -> None:
    assert broken(**row) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("row", "rule", "first"),
    [
        ({"months": 4}, "months", date(2018, 8, 22)),
        ({"lessons": 61}, "lessons", date(2021, 10, 21)),
        ({"course_starts_on": date(2030, 1, 1)}, "early", date(2021, 10, 21)),
        ({"amount_yuan": 5000.01}, "amount", date(2022, 12, 29)),
        ({"into_escrow": False}, "account", date(2021, 10, 21)),
    ],
)
def test_a_charge_is_judged_by_the_rules_of_its_own_day(
    row: dict[str, Any], rule: str, first: date
) -> None:
    assert broken(**row, charged_on=first) == [rule]
    assert broken(**row, charged_on=first - timedelta(days=1)) == []


def test_five_thousand_yuan_hold_for_what_is_not_a_school_subject() -> None:
    assert broken(amount_yuan=9000.0, charged_on=LATER, category="subject") == []
    assert broken(amount_yuan=9000.0, charged_on=LATER, category="other") == ["amount"]


@pytest.mark.parametrize(
    ("starts", "last_allowed"),
    [
        (date(2022, 7, 1), date(2022, 10, 1)),
        (date(2022, 5, 31), date(2022, 8, 31)),
        (date(2022, 11, 30), date(2023, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),  # a leap year
        (date(2024, 2, 29), date(2024, 5, 29)),
        (date(2022, 8, 31), date(2022, 11, 30)),
    ],
)
def test_months_that_are_not_stated_are_counted_from_the_first_to_the_last_day(
    starts: date, last_allowed: date
) -> None:
    day_more = last_allowed + timedelta(days=1)
    about = {"charged_on": starts, "course_starts_on": starts}

    assert broken(**about, course_ends_on=last_allowed) == []
    assert broken(**about, course_ends_on=day_more) == ["months"]
    # What is stated goes before what is counted.
    assert broken(**about, course_ends_on=day_more, months=3) == []
    assert broken(**about, course_ends_on=last_allowed, months=4) == ["months"]


@pytest.mark.parametrize(
    ("starts", "first_allowed"),
    [
        (date(2022, 8, 15), date(2022, 7, 15)),
        (date(2022, 3, 31), date(2022, 2, 28)),
        (date(2024, 3, 31), date(2024, 2, 29)),
        (date(2024, 3, 30), date(2024, 2, 29)),
        (date(2022, 7, 31), date(2022, 6, 30)),
        (date(2023, 1, 31), date(2022, 12, 31)),
        (date(2022, 3, 1), date(2022, 2, 1)),
    ],
)
def test_exactly_one_month_before_the_course_is_allowed_and_the_day_before_is_not(
    starts: date, first_allowed: date
) -> None:
    assert broken(charged_on=first_allowed, course_starts_on=starts) == []
    day_before = first_allowed - timedelta(days=1)
    assert broken(charged_on=day_before, course_starts_on=starts) == ["early"]


def test_a_charge_after_the_course_began_is_not_early() -> None:
    assert broken(charged_on=date(2022, 8, 1), course_starts_on=date(2022, 7, 1)) == []


def test_a_charge_that_breaks_several_rules_is_found_for_each_with_its_document() -> None:
    found = prepaid.findings(
        charges({"months": 6, "lessons": 96, "into_escrow": False}, {"months": 1}), RULES
    )

    assert found["rule"].tolist() == ["months", "lessons", "account"]
    assert set(found["charge_id"]) == {0}
    assert found["rule_from"].dt.date.tolist() == [
        date(2018, 8, 22),
        date(2021, 10, 21),
        date(2021, 10, 21),
    ]
    assert found["citation"].str.split("《").str[0].tolist() == [
        "国办发〔2018〕80号",
        "教监管函〔2021〕2号",
        "教监管函〔2021〕2号",
    ]
    assert found["found"].tolist() == [
        "收 6 个月，限 3 个月",
        "收 96 课时，限 60 课时",
        "没有进入监管账户",
    ]


def test_what_is_wrong_is_said_with_days_and_amounts() -> None:
    found = prepaid.findings(
        charges(
            {
                "charged_on": date(2022, 7, 1),
                "course_starts_on": date(2022, 8, 2),
                "course_ends_on": date(2022, 11, 3),
            },
            {"charged_on": LATER, "amount_yuan": 12345.5},
        ),
        RULES,
    )

    assert found["found"].tolist() == [
        "课程 2022-08-02 至 2022-11-03，限 3 个月",
        "2022-08-02 开课，最早可于 2022-07-02 收费",
        "收 12,345.50 元，限 5,000 元",
    ]


def test_a_rule_that_is_added_as_a_row_finds_charges() -> None:
    (added,) = parse(
        """
        [[rule]]
        code = "of_the_city"
        title = "一次收费超过两千元"
        measure = "amount_yuan"
        from = 2022-07-01
        to = 2022-07-31
        most = 2000
        document = "柳教规〔2022〕1号"
        document_title = "试行办法"
        """
    )
    days = [date(2022, 6, 30), date(2022, 7, 1), date(2022, 7, 31), date(2022, 8, 1)]
    rows = charges(*({"charged_on": day, "amount_yuan": 2000.01} for day in days))

    found = prepaid.findings(rows, [*RULES, added])

    assert found["charge_id"].tolist() == [1, 2]
    assert set(found["citation"]) == {"柳教规〔2022〕1号《试行办法》"}
    assert prepaid.narrowest([*RULES, added])["amount_yuan"] == 2000


def test_the_database_is_told_the_least_that_any_version_allows() -> None:
    assert prepaid.narrowest(RULES) == {
        "months": 3,
        "lessons": 60,
        "months_ahead": 1,
        "amount_yuan": 5000,
        "outside_account": True,
    }
    assert prepaid.narrowest([]) == {
        "months": None,
        "lessons": None,
        "months_ahead": None,
        "amount_yuan": None,
        "outside_account": False,
    }


def test_without_charges_or_rules_there_is_nothing_to_find() -> None:
    columns = prepaid.findings(charges({"months": 4}), RULES).columns

    for found in (prepaid.findings(charges(), RULES), prepaid.findings(charges({}), [])):
        assert found.empty
        assert set(found.columns) == set(columns)


def counts(**columns: Any) -> pd.DataFrame:
    row = {"county_code": "450202", "county": "城中区", "charges": 10, "amount_yuan": 9000.0}
    return pd.DataFrame([row | columns, {**row, "county_code": "450204", "county": "柳南区"}])


def test_a_charge_that_breaks_two_rules_counts_once_and_once_for_each() -> None:
    found = prepaid.findings(
        charges({"months": 6, "lessons": 96, "into_escrow": False}, {"lessons": 61}), RULES
    )

    city, south = prepaid.county_findings(counts(), found).to_dict("records")

    assert {
        name: city[name] for name in ("illegal", "too_long", "over_months", "over_lessons")
    } == {
        "illegal": 2,
        "too_long": 2,
        "over_months": 1,
        "over_lessons": 2,
    }
    assert (city["outside_account"], city["too_early"], city["over_amount"]) == (1, 0, 0)
    assert (city["illegal_yuan"], city["charges"]) == (2000.0, 10)
    assert (south["illegal"], south["illegal_yuan"], south["charges"]) == (0, 0.0, 10)


def test_findings_are_counted_by_rule_and_those_without_any_too() -> None:
    found = prepaid.findings(charges({"months": 6, "lessons": 96}, {"lessons": 61}), RULES)

    counted = prepaid.by_rule(found, RULES)

    assert dict(zip(counted["rule"], counted["charges"], strict=True)) == {
        "months": 1,
        "lessons": 2,
        "early": 0,
        "amount": 0,
        "account": 0,
    }
    assert prepaid.by_rule(found.iloc[:0], RULES)["charges"].tolist() == [0] * 5


def test_findings_are_narrowed_to_days_both_ends_included() -> None:
    rows = [{"charged_on": AS_OF - timedelta(days=back), "months": 4} for back in (0, 6, 7)]
    found = prepaid.findings(charges(*rows), RULES)

    narrowed = prepaid.charged(found, AS_OF - timedelta(days=6), AS_OF)

    assert narrowed["charge_id"].tolist() == [0, 1]


def at_risk(**row: Any) -> dict[str, Any]:
    found = prepaid.at_risk(charges(row), as_of=AS_OF).to_dict("records")
    return found[0] if found else {}


def test_money_of_a_course_is_taught_evenly_over_its_days() -> None:
    # Ten days of a hundred are over on the day, the day itself among them.
    about = {
        "course_starts_on": AS_OF - timedelta(days=9),
        "course_ends_on": AS_OF + timedelta(days=90),
    }

    assert at_risk(**about)["risk_yuan"] == pytest.approx(900)
    assert at_risk(**about)["basis"] == "days"
    assert at_risk(**about, refunded_yuan=250.0)["risk_yuan"] == pytest.approx(650)
    assert at_risk(**about, refunded_yuan=950.0) == {}  # more paid back than not taught


def test_a_course_that_has_not_begun_is_wholly_at_risk_and_one_that_is_over_is_not() -> None:
    tomorrow = AS_OF + timedelta(days=1)

    assert at_risk(course_starts_on=tomorrow, course_ends_on=tomorrow)["risk_yuan"] == 1000
    assert at_risk(course_starts_on=AS_OF, course_ends_on=AS_OF) == {}
    assert at_risk(course_starts_on=date(2022, 7, 1), course_ends_on=date(2022, 8, 24)) == {}


def test_where_the_last_day_is_not_known_months_tell_and_else_lessons_at_the_pace() -> None:
    starts = AS_OF - timedelta(days=6)  # seven days are taught

    by_months = at_risk(course_starts_on=starts, months=2, lessons=8)
    by_lessons = at_risk(course_starts_on=starts, lessons=8)  # four weeks at two lessons a week

    assert by_months["basis"] == "months"
    assert by_months["risk_yuan"] == pytest.approx(1000 * (1 - 7 / 60.875))
    assert by_lessons["basis"] == "lessons"
    assert by_lessons["risk_yuan"] == pytest.approx(750)
    faster = prepaid.at_risk(
        charges({"course_starts_on": starts, "lessons": 8}),
        as_of=AS_OF,
        pace=prepaid.Pace(lessons_a_week=4),
    )
    assert faster["risk_yuan"].tolist() == pytest.approx([500])


def test_a_course_without_a_first_day_begins_with_the_charge() -> None:
    assert at_risk(charged_on=AS_OF - timedelta(days=6), lessons=8)["risk_yuan"] == 750


@pytest.mark.parametrize("row", [{}, {"months": 0.0}, {"lessons": 0}])
def test_where_nothing_tells_the_length_nothing_is_guessed(row: dict[str, Any]) -> None:
    found = at_risk(**row, refunded_yuan=100.0)

    assert np.isnan(found["risk_yuan"])
    assert (found["basis"], found["unknown_yuan"]) == ("", 900)


def test_money_outside_the_account_and_in_no_known_one_stand_apart() -> None:
    ends = {"course_starts_on": AS_OF + timedelta(days=1), "course_ends_on": date(2022, 9, 30)}

    found = prepaid.at_risk(
        charges(*(ends | {"into_escrow": said} for said in (True, False, None))), as_of=AS_OF
    )

    assert found["outside_yuan"].tolist() == [0, 1000, 0]
    assert found["unsaid_yuan"].tolist() == [0, 0, 1000]


def test_institutions_that_stopped_stand_first_then_by_money_outside_the_account() -> None:
    ends = {"course_starts_on": AS_OF + timedelta(days=1), "course_ends_on": date(2022, 9, 30)}

    def of(number: int, **row: Any) -> dict[str, Any]:
        return ends | {"institution_id": number} | row

    rows = charges(
        of(1, amount_yuan=9000.0, into_escrow=True),
        of(2, amount_yuan=2000.0, into_escrow=False),
        of(2, amount_yuan=500.0, fee_supervision="escrow"),
        of(3, amount_yuan=10.0, state="suspended", into_escrow=True),
        of(4, amount_yuan=20.0, state="unlicensed", into_escrow=False, fee_supervision=None),
        of(5, amount_yuan=30.0, state="deregistered", into_escrow=True),
    )

    found = prepaid.institutions_at_risk(prepaid.at_risk(rows, as_of=AS_OF))

    assert found["institution_id"].tolist() == [4, 5, 3, 2, 1]
    assert found["is_stopped"].tolist() == [True, True, True, False, False]
    assert found["charges"].tolist() == [1, 1, 1, 2, 1]
    assert found["risk_yuan"].tolist() == [20, 30, 10, 2500, 9000]
    nothing = prepaid.institutions_at_risk(prepaid.at_risk(charges(), as_of=AS_OF))
    assert nothing.empty
    assert list(nothing.columns) == list(found.columns)


ROWS = st.fixed_dictionaries(
    {
        "amount_yuan": st.floats(0.01, 1e6),
        "refunded_yuan": st.none() | st.floats(0, 1e6),
        "course_starts_on": st.none() | DAYS,
        "course_ends_on": st.none() | DAYS,
        "months": st.none() | st.floats(0, 40),
        "lessons": st.none() | st.integers(0, 500),
    }
)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(ROWS, max_size=40))
def test_money_at_risk_is_never_less_than_nothing_nor_more_than_was_paid(
    rows: list[dict[str, Any]],
) -> None:
    for found in prepaid.at_risk(charges(*rows), as_of=AS_OF).to_dict("records"):
        told = found["unknown_yuan"] if np.isnan(found["risk_yuan"]) else found["risk_yuan"]
        assert 0 < told <= found["amount_yuan"]


SPANS = st.tuples(DAYS, st.integers(-40, 80), st.integers(0, 200))


@settings(max_examples=20, deadline=None)
@given(spans=st.lists(SPANS, min_size=1, max_size=60))
def test_months_are_those_of_the_calendar(spans: list[tuple[date, int, int]]) -> None:
    """The vectors say what is counted by hand, month by month."""
    days = [
        (charged, starts := charged + timedelta(days=ahead), starts + timedelta(days=span))
        for charged, ahead, span in spans
    ]
    names = ("charged_on", "course_starts_on", "course_ends_on")
    found = prepaid.findings(
        charges(*(dict(zip(names, each, strict=True)) for each in days)), RULES
    )

    assert found.loc[found["rule"] == "months", "charge_id"].tolist() == [
        n for n, (_, starts, ends) in enumerate(days) if ends > by_hand(starts, 3)
    ]
    assert found.loc[found["rule"] == "early", "charge_id"].tolist() == [
        n
        for n, (charged, starts, _) in enumerate(days)
        if charged < by_hand(starts, -1) and charged >= date(2021, 10, 21)
    ]


def by_hand(day: date, months: int) -> date:
    """The day of the same number so many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def supervised(**columns: Any) -> dict[str, Any]:
    row = {"county_code": "450202", "county": "城中区", "category": "arts", "in_operation": 10}
    return (
        row
        | {"supervised": 6, "escrow": 4, "deposit": 2, "unsupervised": 1, "unknown": 3}
        | columns
    )


def test_coverage_keeps_what_is_unknown_in_the_denominator_and_apart() -> None:
    frame = pd.DataFrame(
        [supervised(), supervised(category="sports", in_operation=2, supervised=0, unknown=0)]
    )

    (city,) = prepaid.coverage(frame).to_dict("records")
    by_category = prepaid.coverage(frame, "category")

    assert (city["supervised"], city["in_operation"], city["unknown"]) == (6, 12, 3)
    assert city["share"] == 0.5
    assert city["low"] == pytest.approx(0.2538, abs=1e-4)
    assert city["high"] == pytest.approx(0.7462, abs=1e-4)
    assert by_category["category"].tolist() == ["arts", "sports"]


def test_a_county_without_institutions_has_no_share() -> None:
    nothing = dict.fromkeys(
        ("in_operation", "supervised", "escrow", "deposit", "unsupervised", "unknown"), 0
    )
    frame = pd.DataFrame([supervised(**nothing, category=None)]).astype({"category": "str"})

    (city,) = prepaid.coverage(frame).to_dict("records")

    assert np.isnan(city["share"])
    assert (city["low"], city["high"]) == (0, 1)
    assert prepaid.coverage(frame, "category").empty
