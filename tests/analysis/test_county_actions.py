"""How far each county is with what the plan asks it to put in place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.county_actions import DUTIES, city_headline, expected, headline, judged, ways

DUE = expected(date(2022, 7, 1), date(2022, 9, 30))
UNITS = pd.DataFrame({"county_code": ["450202", "450225"], "county": ["城中区", "融水县"]})
ONE = UNITS.head(1)
LAST = date(2022, 7, 29)


def held(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "county_code": "450202",
        "duty": "contact",
        "detail": "某某 0772-1234567",
        "done_on": None,
        "evidence": "回执",
    }
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    return frame.astype(dict.fromkeys(usual, "str") | {"done_on": "datetime64[s]"})


def of_contact(as_of: date, **row: Any) -> tuple[str, int]:
    rows = judged(held(row), ONE, DUE, as_of=as_of)
    [one] = rows[rows["duty"] == "contact"].itertuples()
    return one.state, one.days_late


def test_every_duty_has_the_plan_s_words_and_a_day() -> None:
    assert DUE["duty"].tolist() == [
        "plan",
        "hotline",
        "mailbox",
        "contact",
        "campaign_check",
        "publicity",
    ]
    days = dict(zip(DUE["duty"], DUE["due_on"], strict=True))
    assert days.pop("contact") == pd.Timestamp(LAST)
    assert set(days.values()) == {pd.Timestamp(2022, 9, 30)}
    assert all(duty.demand and duty.clause and duty.detail for duty in DUTIES)
    assert set(expected(date(2023, 7, 1), date(2023, 9, 1))["due_on"].dt.year) == {2023}


@pytest.mark.parametrize(
    ("as_of", "done_on", "found"),
    [
        (date(2022, 7, 22), None, ("ahead", 0)),
        (date(2022, 7, 23), None, ("due", 0)),
        (LAST, None, ("due", 0)),
        (date(2022, 7, 30), None, ("missing", 1)),
        (LAST, LAST, ("done", 0)),
        (date(2022, 8, 1), date(2022, 8, 1), ("late", 3)),
        (LAST, date(2022, 7, 30), ("due", 0)),  # done after the day that is asked about
    ],
)
def test_state_is_that_of_the_day(as_of: date, done_on: date | None, found: object) -> None:
    assert of_contact(as_of, done_on=done_on) == found


def test_what_is_merely_written_down_is_not_done() -> None:
    rows = judged(held({"duty": "hotline"}), UNITS, DUE, as_of=date(2022, 10, 1))

    assert len(rows) == 2 * len(DUTIES)
    assert set(rows["state"]) == {"missing"}
    assert rows["detail"].notna().sum() == 1
    assert rows["days_late"].dtype == "int64"
    assert judged(held(), UNITS.head(0), DUE, as_of=LAST).empty


def test_ways_to_reach_a_county_have_a_row_for_each() -> None:
    rows = judged(
        held({}, {"duty": "mailbox", "detail": "jubao@example.org"}), UNITS, DUE, as_of=LAST
    )

    found = ways(rows)

    assert found["county"].tolist() == ["城中区", "融水县"]
    assert found["contact"].iloc[0] == "某某 0772-1234567"
    assert found["mailbox"].iloc[0] == "jubao@example.org"
    assert found.iloc[1][["contact", "hotline", "mailbox"]].isna().all()
    assert ways(judged(held(), UNITS, DUE, as_of=LAST))["contact"].isna().all()


def test_headline_says_what_is_done_late_and_next() -> None:
    everything = held(*({"duty": duty.code, "done_on": LAST} for duty in DUTIES))

    def said(rows: pd.DataFrame, as_of: date) -> str:
        return headline(judged(rows, ONE, DUE, as_of=as_of), as_of=as_of)

    assert said(everything, LAST) == "行动机制 6 项都已完成"
    assert said(held(), LAST) == "行动机制 6 项，已完成 0 项；7 月 29 日（周五）前要完成联系人"
    assert said(held({"duty": "plan", "done_on": LAST}), date(2022, 8, 25)) == (
        "行动机制 6 项，已完成 1 项；逾期未完成 1 项：联系人；9 月 30 日（周五）前要完成"
        "举报电话、举报邮箱、专项整治、集中宣传"
    )


def test_city_s_headline_says_who_lacks_what() -> None:
    rows = held(
        *({"duty": duty.code, "done_on": LAST} for duty in DUTIES if duty.code != "publicity"),
        {"county_code": "450225", "duty": "plan", "done_on": LAST},
    )

    def said(as_of: date) -> str:
        return city_headline(judged(rows, UNITS, DUE, as_of=as_of))

    assert said(date(2022, 8, 25)) == (
        "融水县逾期没有联系人；尚未完成的县区：集中宣传 2 个、举报电话 1 个、举报邮箱 1 个"
    )
    done = pd.concat(
        held({"county_code": code, "duty": duty.code, "done_on": LAST})
        for code in UNITS["county_code"]
        for duty in DUTIES
    )
    assert city_headline(judged(done, UNITS, DUE, as_of=LAST)) == "2 个县区的行动机制都已完成"
