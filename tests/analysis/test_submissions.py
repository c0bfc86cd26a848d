"""What was to be sent by which day, and what has become of it, as the plan would say it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.submissions import (
    besides,
    city_headline,
    counted,
    expected,
    headline,
    judged,
    on_time_share,
    punctuality,
    title,
)

CALENDAR = expected(date(2022, 7, 1), date(2022, 9, 30))
UNITS = pd.DataFrame({"county_code": ["450202", "450225"], "county": ["城中区", "融水县"]})
ONE = UNITS.head(1)
FORM = CALENDAR[CALENDAR["period"] == "2022-07-07"]
THURSDAY = date(2022, 7, 7)


def sent(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"county_code": "450202", "document": "weekly_form", "period": "2022-07-07"}
    names = [*usual, "submitted_on"]
    frame = pd.DataFrame([usual | row for row in rows], columns=names)
    return frame.astype(dict.fromkeys(usual, "str") | {"submitted_on": "datetime64[s]"})


def state(as_of: date, submitted_on: date | None = None) -> tuple[str, int]:
    rows = sent({"submitted_on": submitted_on})
    [row] = judged(rows, ONE, FORM, as_of=as_of).itertuples()
    return row.state, row.days_late


def test_calendar_is_that_of_the_plan() -> None:
    forms = CALENDAR[CALENDAR["document"] == "weekly_form"]
    others = CALENDAR[CALENDAR["document"] != "weekly_form"]

    assert len(forms) == 13
    assert (forms["period"].iloc[0], forms["period"].iloc[-1]) == ("2022-07-07", "2022-09-29")
    assert list(zip(others["document"], others["period"], strict=True)) == [
        ("contact_receipt", "2022-07-29"),
        ("summary", "2022-07-29"),
        ("case", "2022-07-29"),
        ("summary", "2022-08-18"),
        ("case", "2022-08-18"),
    ]
    assert (CALENDAR["due_on"].dt.strftime("%Y-%m-%d") == CALENDAR["period"]).all()
    assert CALENDAR["due_on"].is_monotonic_increasing
    assert CALENDAR.dtypes.astype(str).tolist() == ["str", "str", "datetime64[s]"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "first", "last"),
    [
        # A Thursday that is the first or the last day counts.
        (date(2023, 6, 29), date(2023, 7, 13), "2023-06-29", "2023-07-13"),
        (date(2023, 6, 30), date(2023, 7, 12), "2023-07-06", "2023-07-06"),
        # Across the end of a year the weeks go on.
        (date(2022, 12, 26), date(2023, 1, 6), "2022-12-29", "2023-01-05"),
    ],
)
def test_calendar_follows_the_campaign(
    starts_on: date, ends_on: date, first: str, last: str
) -> None:
    periods = expected(starts_on, ends_on)["period"]

    assert (periods.iloc[0], periods.iloc[-1]) == (first, last)


def test_other_documents_take_the_campaign_s_year_and_nothing_lies_outside_it() -> None:
    next_year = expected(date(2023, 7, 1), date(2023, 8, 10))
    others = next_year[next_year["document"] != "weekly_form"]

    assert set(others["period"]) == {"2023-07-29"}
    assert expected(date(2023, 8, 4), date(2023, 8, 9)).empty


@pytest.mark.parametrize(
    ("as_of", "submitted_on", "found"),
    [
        (date(2022, 6, 30), None, ("ahead", 0)),  # seven days before: another week's
        (date(2022, 7, 1), None, ("due", 0)),
        (THURSDAY, None, ("due", 0)),  # the day itself still counts
        (date(2022, 7, 8), None, ("missing", 1)),
        (date(2022, 7, 17), None, ("missing", 10)),
        (THURSDAY, THURSDAY, ("sent", 0)),
        (date(2022, 8, 25), THURSDAY, ("sent", 0)),
        (date(2022, 8, 25), date(2022, 7, 8), ("late", 1)),
        # Sent after the day that is asked about: not known by then.
        (THURSDAY, date(2022, 7, 8), ("due", 0)),
        (date(2022, 7, 8), date(2022, 7, 9), ("missing", 1)),
        (date(2022, 6, 20), date(2022, 6, 20), ("sent", 0)),  # before the campaign
    ],
)
def test_state_is_that_of_the_day(
    as_of: date, submitted_on: date | None, found: tuple[str, int]
) -> None:
    assert state(as_of, submitted_on) == found


def test_every_county_owes_everything_and_only_its_own_counts() -> None:
    rows = judged(
        sent(
            {"submitted_on": THURSDAY},
            {"submitted_on": THURSDAY, "county_code": "999999"},
            {"submitted_on": THURSDAY, "county_code": "450225", "period": "2022-07-08"},
        ),
        UNITS,
        CALENDAR,
        as_of=date(2022, 7, 8),
    )

    assert len(rows) == 2 * len(CALENDAR)
    assert rows["county"].unique().tolist() == ["城中区", "融水县"]
    forms = rows[rows["period"] == "2022-07-07"]
    assert forms["state"].tolist() == ["sent", "missing"]
    assert rows.dtypes.astype(str).to_dict() == {
        "county_code": "str",
        "county": "str",
        "document": "str",
        "period": "str",
        "due_on": "datetime64[s]",
        "submitted_on": "datetime64[s]",
        "state": "str",
        "days_late": "int64",
    }


def test_nothing_sent_and_nobody_to_send() -> None:
    assert (judged(sent(), UNITS, CALENDAR, as_of=date(2022, 10, 1))["state"] == "missing").all()
    nobody = judged(sent(), UNITS.head(0), CALENDAR, as_of=THURSDAY)
    assert nobody.empty
    assert nobody["days_late"].dtype == "int64"
    assert judged(sent(), UNITS, CALENDAR.head(0), as_of=THURSDAY).empty


def test_second_case_and_strange_periods_are_told_apart() -> None:
    case = {"document": "case", "submitted_on": date(2022, 7, 28)}
    rows = sent(
        {**case, "period": "2022-07-29"},
        {**case, "period": "2022-07-29-2"},
        {"document": "summary", "period": "2022-07-28", "submitted_on": date(2022, 7, 28)},
        {**case, "period": "2022-08-18-2", "submitted_on": date(2022, 8, 18)},
    )

    found = besides(rows, CALENDAR, as_of=date(2022, 8, 17))

    assert found["period"].tolist() == ["2022-07-29-2", "2022-07-28"]
    assert besides(sent(), CALENDAR, as_of=THURSDAY).empty


def test_share_is_of_what_was_due_and_none_under_ten() -> None:
    forms = CALENDAR[CALENDAR["document"] == "weekly_form"]
    ten = sent(
        *({"period": period, "submitted_on": period} for period in forms["period"].head(8)),
        {"period": forms["period"].iloc[8], "submitted_on": date(2022, 9, 3)},
    )

    nine = punctuality(judged(ten, ONE, forms, as_of=date(2022, 9, 8)))
    rows = punctuality(judged(ten, ONE, forms, as_of=date(2022, 9, 9)))

    [row] = rows.to_dict("records")
    assert row == {
        "county_code": "450202",
        "county": "城中区",
        "due": 10,
        "on_time": 8,
        "late": 1,
        "missing": 1,
        "share": pytest.approx(0.8),
    }
    assert counted(rows, as_of=date(2022, 9, 9)) == (
        "截至 9 月 9 日应报 10 份，按时 80.0%（8/10），迟报 1 份，逾期未报 1 份；"
        "还没有到期又没有报的不计"
    )
    assert "按时 8/9，" in counted(nine, as_of=date(2022, 9, 8))
    assert on_time_share(0, 0) == "—"
    assert nine["due"].tolist() == [9]
    assert nine["share"].isna().all()


def test_documents_are_called_as_a_clerk_calls_them() -> None:
    for document, period, said in [
        ("weekly_form", "2022-07-07", "7 月 7 日一周报表"),
        ("summary", "2022-07-29", "7 月 29 日前工作总结"),
        ("case", "2022-07-29-2", "7 月 29 日前典型案例（第 2 个）"),
        ("case", "2023-07-29", "2023 年 7 月 29 日前典型案例"),
        ("summary", "七月", "工作总结（七月）"),
    ]:
        assert title(document, period, beside=THURSDAY) == said


@pytest.mark.parametrize(
    ("as_of", "rows", "said"),
    [
        (date(2022, 6, 20), (), "到期的材料都已报送，下一份应在 7 月 7 日（周四）前报送"),
        (THURSDAY, (), "当天要报每周报表"),
        (
            date(2022, 7, 8),
            (),
            "逾期未报 1 份：7 月 7 日一周报表；7 月 14 日（周四）前要报每周报表",
        ),
        (
            date(2022, 7, 9),
            ({"submitted_on": THURSDAY}, {"submitted_on": THURSDAY, "period": "2022-07-14"}),
            "到期的材料都已报送，下一份应在 7 月 21 日（周四）前报送",
        ),
    ],
)
def test_headline_says_what_is_to_be_done(
    as_of: date, rows: tuple[dict[str, Any], ...], said: str
) -> None:
    assert headline(judged(sent(*rows), ONE, CALENDAR, as_of=as_of), as_of=as_of) == said


def test_headline_names_every_document_of_a_day() -> None:
    forms = CALENDAR[CALENDAR["document"] == "weekly_form"]
    rows = sent(*({"period": each, "submitted_on": each} for each in forms["period"].head(4)))
    as_of = date(2022, 7, 29)

    assert headline(judged(rows, ONE, CALENDAR, as_of=as_of), as_of=as_of) == (
        "当天要报联系人回执、工作总结、典型案例；8 月 4 日（周四）前要报每周报表"
    )


def test_city_s_headline_names_those_who_owe_most() -> None:
    rows = sent({"submitted_on": THURSDAY, "county_code": "450225"})

    def said(as_of: date) -> str:
        return city_headline(judged(rows, UNITS, CALENDAR, as_of=as_of), as_of=as_of)

    assert said(date(2022, 6, 20)) == "还没有到期的材料"
    assert said(date(2022, 7, 8)) == (
        "逾期未报 1 份，城中区 1 份；7 月 14 日（周四）到期的还有 2 份未报"
    )
    assert said(date(2022, 7, 15)).startswith("逾期未报 3 份，城中区 2 份、融水县 1 份；")
