"""How items are aged, ordered and spoken of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from analysis.rectification import ageing, by_urgency, headline, history, relapse_sentence

THURSDAY = date(2022, 8, 25)


def days(number: int) -> pd.Timestamp:
    """So many days after the Thursday; before it when negative."""
    return pd.Timestamp(THURSDAY + timedelta(days=number))


def items(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "county_code": "450202",
        "county": "城中区",
        "severity": 1,
        "opened_on": days(-10),
        "due_on": days(10),
        "closed_on": pd.NaT,
    }
    columns = {"ledger_no": "str", "severity": "int64"} | dict.fromkeys(
        ("opened_on", "due_on", "closed_on"), "datetime64[s]"
    )
    named = [usual | {"ledger_no": f"ZG-{place}"} | row for place, row in enumerate(rows)]
    return pd.DataFrame(named, columns=[*usual, "ledger_no"]).astype(columns)


def test_ages_fall_into_their_band_to_the_day() -> None:
    ages = (0, 7, 8, 14, 15, 30, 31, 300)
    found = ageing(items(*({"opened_on": days(-age)} for age in ages)), as_of=THURSDAY)

    assert found["band"].tolist() == [0, 1, 2, 3]
    assert found["n"].tolist() == [2, 2, 2, 2]


def test_ageing_counts_the_overdue_of_each_band_and_county() -> None:
    found = ageing(
        items(
            {"due_on": days(-1)},
            {"due_on": days(0)},
            {"county_code": "450204", "county": "柳南区", "due_on": days(-1)},
        ),
        as_of=THURSDAY,
    )

    assert found[["county", "n", "overdue"]].to_numpy().tolist() == [
        ["城中区", 2, 1],
        ["柳南区", 1, 1],
    ]


def test_ageing_of_nothing_has_its_columns() -> None:
    found = ageing(items(), as_of=THURSDAY)

    assert list(found) == ["county_code", "county", "band", "n", "overdue"]
    assert found.empty


def test_longest_overdue_comes_first_then_the_most_severe_then_what_is_due() -> None:
    found = by_urgency(
        items(
            {"ledger_no": "closed", "due_on": days(-90), "closed_on": days(0)},
            {"ledger_no": "later", "due_on": days(1)},
            {"ledger_no": "today", "due_on": days(0)},
            {"ledger_no": "mild", "due_on": days(-5), "severity": 1},
            {"ledger_no": "severe", "due_on": days(-5), "severity": 3},
            {"ledger_no": "longest", "due_on": days(-6), "severity": 1},
        ),
        as_of=THURSDAY,
        week_ends_on=THURSDAY,
    )

    assert found["ledger_no"].tolist() == [
        "longest",
        "severe",
        "mild",
        "today",
        "later",
        "closed",
    ]
    assert found["urgency"].tolist() == [
        "逾期 6 天",
        "逾期 5 天",
        "逾期 5 天",
        "今日到期",
        "还有 1 天",
        "已销号",
    ]
    assert found["overdue_days"].tolist()[:3] == [6, 5, 5]
    assert found["overdue_days"].isna().tolist()[3:] == [True, True, True]
    assert found["open_days"].tolist()[:5] == [10] * 5


def counts(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["county", "open", "overdue"])


def test_headline_says_how_many_are_late_and_where() -> None:
    now = counts(("城中区", 5, 1), ("融安县", 9, 4), ("三江侗族自治县", 0, 0))
    before = counts(("城中区", 5, 1), ("融安县", 9, 2), ("三江侗族自治县", 0, 0))

    assert headline(now, before, as_of=THURSDAY, beside=THURSDAY) == (
        "未销号 14 件，逾期 5 件，逾期比 8 月 18 日多 2 件；融安县逾期最多（4 件）。"
    )
    assert "与 8 月 18 日持平" in headline(now, now, as_of=THURSDAY, beside=THURSDAY)
    assert "比 8 月 18 日少 2 件" in headline(before, now, as_of=THURSDAY, beside=THURSDAY)


def test_headline_of_counties_that_are_equally_late_names_them_all() -> None:
    now = counts(("城中区", 5, 2), ("融安县", 9, 2))

    assert headline(now, now, as_of=THURSDAY, beside=THURSDAY).endswith(
        "；城中区、融安县逾期最多（各 2 件）。"
    )


def test_headline_of_one_county_does_not_compare_it_with_itself() -> None:
    one = counts(("融安县", 9, 2))

    assert headline(one, one, as_of=THURSDAY, beside=THURSDAY).endswith("持平。")


def test_headline_without_late_or_open_items_says_so() -> None:
    some, none = counts(("融安县", 9, 0)), counts(("融安县", 0, 0))

    assert headline(some, none, as_of=THURSDAY, beside=THURSDAY) == "未销号 9 件，没有逾期的。"
    assert (
        headline(none, none, as_of=THURSDAY, beside=THURSDAY)
        == "截至 8 月 25 日，没有未销号的整改事项。"
    )


def test_headline_of_another_year_than_the_campaign_s_says_which() -> None:
    late, none = counts(("融安县", 9, 2)), counts(("融安县", 0, 0))
    new_year = date(2022, 1, 1)

    assert headline(none, none, as_of=new_year, beside=date(2023, 9, 30)) == (
        "截至 2022 年 1 月 1 日，没有未销号的整改事项。"
    )
    assert "比 2021 年 12 月 25 日多 2 件" in headline(late, none, as_of=new_year, beside=THURSDAY)


def relapses(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["county", "closed_before", "relapsed"])


def test_county_stands_out_only_with_its_whole_interval_and_enough_items() -> None:
    sentence = relapse_sentence(
        relapses(("城中区", 200, 10), ("融安县", 40, 16), ("柳南区", 9, 9), ("三江县", 20, 3))
    )

    assert sentence == ("销号满 30 天的 269 件中反弹 38 件；融安县 40.0%（16/40）明显高于整体。")


def test_counties_without_clear_difference_are_not_ranked() -> None:
    assert relapse_sentence(relapses(("城中区", 20, 2), ("融安县", 20, 4))).endswith(
        "，各县区之间看不出明显差别。"
    )
    assert relapse_sentence(relapses(("融安县", 20, 4))) == "销号满 30 天的 20 件中反弹 4 件。"
    assert "无从计算" in relapse_sentence(relapses(("融安县", 0, 0)))


def test_history_puts_steps_and_incidents_in_order_of_time() -> None:
    events = pd.DataFrame(
        {
            "happened_on": [days(-60), days(-50), days(-10)],
            "step": ["register", "close", "reopen"],
            "actor": ["甲", "乙", "丙"],
            "note": ["", "", ""],
            "inferred": [False, False, True],
        }
    )
    incidents = pd.DataFrame(
        {
            "rectification_id": [1, 1, 1],
            "spell_no": [1, 1, 2],
            "closed_on": [days(-50), days(-50), days(-50)],
            "happened_on": [days(-40), days(-10), days(-40)],
            "known_on": [days(-30), days(-10), days(-30)],
            "kind": ["report", "inspection", "report"],
            "number": ["JB-1", "JC-1", "JB-1"],
            "what": ["一对一", "无证办学", "一对一"],
        }
    )

    rows = history(events, incidents)

    assert rows["kind"].tolist() == ["step", "step", "report", "step", "inspection"]
    assert rows["number"].dropna().tolist() == ["JB-1", "JC-1"]


def test_history_without_incidents_is_the_steps() -> None:
    events = pd.DataFrame(
        {
            "happened_on": [days(-60)],
            "step": ["register"],
            "actor": ["甲"],
            "note": [None],
            "inferred": [False],
        }
    )
    columns = ["rectification_id", "spell_no", "closed_on", "happened_on", "known_on"]
    nothing = pd.DataFrame(columns=[*columns, "kind", "number", "what"]).astype(
        {"happened_on": "datetime64[s]", "known_on": "datetime64[s]"}
    )

    assert history(events, nothing)["kind"].tolist() == ["step"]
