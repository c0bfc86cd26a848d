"""Who is watched and why, and how disputes are spoken of."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from analysis.refunds import (
    WATCH,
    concentration,
    concentration_sentence,
    headline,
    median_age,
    watch_list,
)

THURSDAY = date(2022, 8, 25)


def institutions(*rows: tuple[str, int, int, int, float]) -> pd.DataFrame:
    columns = ["institution_name", "recent", "open", "students", "amount_yuan"]
    types = dict(zip(columns, ("str", "int64", "int64", "int64", "float64"), strict=True))
    named = pd.DataFrame(rows, columns=columns).astype(types).assign(county_code="450202")
    return named.assign(institution_id=None, name_key=named["institution_name"]).assign(
        plan_in_place=pd.Series(False, index=named.index, dtype="boolean")
    )


NO_PLANS = pd.DataFrame(columns=["county_code", "institution_id", "name_key", "closed_on"])


@pytest.mark.parametrize(
    ("recent", "students", "amount", "reason"),
    [
        (3, 0, 0.0, "30 天内 3 件"),
        (2, 30, 0.0, "30 人未化解"),
        (2, 29, 100_000.0, "10.0 万元未化解"),
        (5, 31, 123_456.0, "30 天内 5 件；31 人未化解；12.3 万元未化解"),
    ],
)
def test_institution_at_a_threshold_is_watched_and_told_why(
    recent: int, students: int, amount: float, reason: str
) -> None:
    found = watch_list(institutions(("甲", recent, 1, students, amount)), NO_PLANS)

    assert found["reason"].tolist() == [reason]


def test_institution_below_every_threshold_is_not_watched() -> None:
    found = watch_list(institutions(("甲", 2, 1, 29, 99_999.99)), NO_PLANS)

    assert found.empty
    assert "reason" in found


def test_more_reasons_come_first_then_more_money() -> None:
    found = watch_list(
        institutions(("小", 3, 3, 1, 10.0), ("大", 1, 1, 1, 900_000.0), ("双", 3, 3, 30, 20.0)),
        NO_PLANS,
    )

    assert found["institution_name"].tolist() == ["双", "大", "小"]


def test_city_watches_from_three_disputes_thirty_students_or_a_hundred_thousand_yuan() -> None:
    assert (WATCH.disputes, WATCH.days, WATCH.students, WATCH.amount_yuan) == (3, 30, 30, 100_000)


def test_five_largest_are_of_those_with_open_disputes() -> None:
    rows = [(str(n), 0, 1, 1, float(n)) for n in range(1, 8)]
    found = concentration(institutions(*rows, ("resolved", 3, 0, 0, 0.0)))

    assert (found.largest_yuan, found.all_yuan) == (25.0, 28.0)
    assert (found.institutions, found.of) == (5, 7)
    assert concentration_sentence(found) == (
        "金额最大的 5 家机构占未化解金额的 89.3%（25 元/28 元），共涉及 7 家。"
    )


def test_few_institutions_are_the_whole() -> None:
    assert concentration_sentence(concentration(institutions(("甲", 1, 1, 1, 9.0)))) == (
        "未化解金额全部来自 1 家机构。"
    )
    assert concentration_sentence(concentration(institutions())) == "没有未化解金额。"


def test_median_age_is_unknown_without_disputes() -> None:
    opened = [THURSDAY - timedelta(days=age) for age in (1, 4, 40)]
    disputes = pd.DataFrame({"opened_on": pd.Series(opened, dtype="datetime64[s]")})

    assert median_age(disputes, as_of=THURSDAY) == 4
    assert math.isnan(median_age(disputes[:0], as_of=THURSDAY))


def counts(open_: int, amount: float) -> pd.DataFrame:
    return pd.DataFrame({"county": ["融安县"], "open": [open_], "amount_yuan": [amount]})


def test_headline_says_what_is_open_whether_it_grew_and_who_needs_a_plan() -> None:
    now, before = counts(40, 312_000.0), counts(38, 300_000.0)

    assert headline(now, before, 2, as_of=THURSDAY, beside=THURSDAY) == (
        "未化解 40 件、31.2 万元，比 8 月 18 日多 2 件；2 家机构需要一企一策。"
    )
    assert headline(before, now, 0, as_of=THURSDAY, beside=THURSDAY) == (
        "未化解 38 件、30.0 万元，比 8 月 18 日少 2 件。"
    )
    assert headline(now, now, 1, as_of=THURSDAY, beside=THURSDAY, alarms="1 个县区").endswith(
        "持平；1 家机构需要一企一策；1 个县区的登记数异常增多，见“预警”。"
    )
    assert "，件数与 8 月 18 日持平" in headline(now, now, 0, as_of=THURSDAY, beside=THURSDAY)
    assert headline(counts(0, 0.0), now, 0, as_of=THURSDAY, beside=THURSDAY) == (
        "截至 8 月 25 日，没有未化解的退费纠纷。"
    )


def test_headline_of_another_year_than_the_campaign_s_says_which() -> None:
    now, none, new_year = counts(40, 312_000.0), counts(0, 0.0), date(2022, 1, 1)

    assert headline(none, now, 0, as_of=new_year, beside=date(2023, 9, 30)) == (
        "截至 2022 年 1 月 1 日，没有未化解的退费纠纷。"
    )
    assert "比 2021 年 12 月 25 日多 40 件" in headline(
        now, none, 0, as_of=new_year, beside=THURSDAY
    )
