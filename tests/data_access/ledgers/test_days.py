from __future__ import annotations

from datetime import date, time

import numpy as np
import pytest

from data_access.ledgers.days import NOT_A_DAY, NOT_A_SPAN, read_days, read_spans
from tests.data_access.ledgers.files import TODAY

JULY_5 = date(2022, 7, 5)


def day_of(text: str, *, latest: date | None = TODAY):
    meaning = read_days([text], name="d", year=2022, latest=latest)
    value = meaning.values["d"][0]
    day = None if np.isnat(value) else value.astype("datetime64[D]").item()
    return day, meaning.errors.get(0), meaning.warnings.get(0)


@pytest.mark.parametrize(
    "text",
    [
        "2022-07-05",
        "2022-7-5",
        "2022/7/5",
        "2022.7.5",
        "2022年7月5日",
        "2022年07月05日",
        "2022 年 7 月 5 日",
        "2022年7月5号",
        "20220705",
        "20220705.0",
        "２０２２－０７－０５",
        "２０２２年７月５日",
        "44747",
        "44747.604",
        "2022-07-05 14:30:00",
        "2022/7/5 14:30",
        "2022-07-05T14:30:00",
    ],
)
def test_day_is_understood_in_every_way_it_is_written(text: str) -> None:
    assert day_of(text) == (JULY_5, None, None)


@pytest.mark.parametrize("text", ["7月5日", "07月05日", "7 月 5 日", "７月５日", "7月5号"])
def test_day_without_year_takes_the_campaigns_and_says_so(text: str) -> None:
    day, error, warning = day_of(text)

    assert (day, error) == (JULY_5, None)
    assert warning == "没有写年份，按 2022 年处理"


@pytest.mark.parametrize(
    "text",
    [
        "2022-13-05",
        "2022-02-30",
        "20221305",
        "2022年7月",
        "2022.7",
        "7.5",
        "22-7-5",
        "2022-7.5",
        "5/7/2022",
        "1234567",
        "12345",
        "99999",
        "0",
        "2月30日",
        "1800-01-01",
        "长期",
        "/",
        "2022-07-05左右",
    ],
)
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    assert day_of(text) == (None, NOT_A_DAY, None)


def test_today_may_be_reported_and_tomorrow_may_not() -> None:
    assert day_of("2022-08-25")[0] == TODAY
    assert day_of("2022-08-26") == (None, "日期晚于收到的那天（2022-08-25），请核对", None)
    assert day_of("12月5日")[1] == "日期晚于收到的那天（2022-08-25），请核对"


def test_due_day_may_lie_ahead() -> None:
    assert day_of("2025-01-01", latest=None)[0] == date(2025, 1, 1)


def test_empty_and_cleared_cells_have_no_day_and_no_problem() -> None:
    meaning = read_days(["", "清空"], name="d", year=2022, latest=TODAY)

    assert np.isnat(meaning.values["d"]).all()
    assert (meaning.errors, meaning.warnings) == ({}, {})


@pytest.mark.parametrize(
    "text",
    [
        "19:00-20:30",
        "19：00—20：30",
        "19:00 ~ 20:30",
        "19:00～20:30",
        "19:00至20:30",
        "19:00–20:30",
        "19点-20点30分",
        "19：00--20：30",
    ],
)
def test_span_is_understood_in_every_way_it_is_written(text: str) -> None:
    meaning = read_spans([text], starts="s", ends="e")

    assert meaning.values["s"].tolist() == [time(19)]
    assert meaning.values["e"].tolist() == [time(20, 30)]
    assert meaning.errors == {}


@pytest.mark.parametrize(
    "text", ["19:00", "晚上", "25:00-26:00", "19:60-20:30", "9:00-10:00、14:00-15:00"]
)
def test_what_is_no_span_is_said_to_be_none(text: str) -> None:
    assert read_spans([text], starts="s", ends="e").errors == {0: NOT_A_SPAN}


@pytest.mark.parametrize("text", ["20:30-19:00", "19:00-19:00"])
def test_span_ends_after_it_starts(text: str) -> None:
    assert read_spans([text], starts="s", ends="e").errors == {0: "结束时间不晚于开始时间，请核对"}
