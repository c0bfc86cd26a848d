"""The six figures of the overview, and every county beside the others."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis.overview import Counted, by_county, figures
from analysis.registration import projection

THURSDAY = date(2022, 8, 25)
WEEK = timedelta(weeks=1)
WEEKS = [THURSDAY - WEEK * back for back in range(12, -1, -1)]
CITY, SOUTH = "450202", "450204"


def over_days(**columns: list[int]) -> pd.DataFrame:
    """City and South on each of the last five Thursdays; both have the same numbers."""
    return pd.DataFrame(
        [
            {
                "county_code": code,
                "county": code,
                "day": pd.Timestamp(day),
                **{name: values[place] for name, values in columns.items()},
            }
            for code in (SOUTH, CITY)
            for place, day in enumerate(WEEKS[-5:])
        ]
    )


def weekly(*rows: tuple[date, str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["week", "county_code", "status", "n"])
    return frame.astype(
        {"week": "datetime64[s]", "county_code": "str", "status": "str", "n": "int64"}
    )


def counted(**frames: pd.DataFrame) -> Counted:
    usual: dict[str, Any] = {
        "course": over_days(
            in_operation=[10] * 5,
            registered=[2, 3, 4, 5, 8],
            qualified=[0, 0, 0, 4, 4],
            qualified_registered=[0, 0, 0, 3, 2],
        ),
        "items": over_days(open=[9, 9, 9, 7, 6], overdue=[0, 0, 0, 1, 2]),
        "disputes": over_days(open=[1, 1, 1, 1, 1], amount_yuan=[0, 0, 0, 0, 500]),
        **dict.fromkeys(
            ("reports", "reports_before", "verified", "inspections", "inspections_before"),
            weekly(),
        ),
    }
    return Counted(**usual | frames)


def table(rows: Counted) -> pd.DataFrame:
    projected = projection(rows.course, ends_on=date(2022, 9, 30))
    return by_county(rows, projected, THURSDAY).set_index("county_code")


def test_figures_add_the_counties_up_on_the_last_day() -> None:
    found = figures(counted(), WEEKS)

    assert (found.coverage.numerator, found.coverage.denominator) == (16, 20)
    assert found.coverage.change == pytest.approx(0.3)
    assert (found.qualified_share.value, found.qualified_share.worse) == (0.5, True)
    assert (found.open_items.value, found.open_items.change, found.open_items.worse) == (
        *(12, -2, None),
    )
    assert (found.overdue_items.value, found.overdue_items.worse) == (4, True)
    assert (found.open_disputes.value, found.open_disputes.worse) == (2, None)
    assert found.disputed_yuan == 1000


def test_course_has_a_zero_for_every_week_without_a_case() -> None:
    rows = counted(
        reports=weekly(
            (WEEKS[0], CITY, "received", 1),
            (THURSDAY, CITY, "received", 2),
            (THURSDAY, SOUTH, "assigned", 3),
            (WEEKS[0] - WEEK, CITY, "received", 99),
        )
    )

    found = figures(rows, WEEKS)

    assert found.reports.course == (1, *[0] * 11, 5)
    assert found.inspections.course == (0,) * 13


def test_week_under_way_is_held_against_the_same_days_of_the_week_before() -> None:
    rows = counted(
        inspections=weekly((WEEKS[-2], CITY, "clear", 20), (THURSDAY, CITY, "clear", 6)),
        inspections_before=weekly((WEEKS[-2], CITY, "clear", 3), (WEEKS[-2], SOUTH, "clear", 1)),
    )

    found = figures(rows, WEEKS).inspections

    assert (found.value, found.change, found.worse) == (6, 2, None)


def test_rate_is_that_of_the_reports_verified_in_the_week() -> None:
    rows = counted(
        verified=weekly(
            (THURSDAY, CITY, "substantiated", 2),
            (THURSDAY, SOUTH, "unsubstantiated", 3),
            (WEEKS[-2], CITY, "substantiated", 50),
        )
    )

    found = figures(rows, WEEKS)

    assert (found.substantiated, found.verified) == (2, 5)


def test_nothing_verified_is_no_rate_of_nothing() -> None:
    found = figures(counted(), WEEKS)

    assert (found.substantiated, found.verified) == (0, 0)


def test_empty_city_has_figures_that_are_unknown_or_nought() -> None:
    nothing = [0] * 5
    rows = counted(
        course=over_days(
            **dict.fromkeys(
                ("in_operation", "registered", "qualified", "qualified_registered"), nothing
            )
        ),
        items=over_days(open=nothing, overdue=nothing),
        disputes=over_days(open=nothing, amount_yuan=nothing),
    )

    found = figures(rows, WEEKS)

    assert math.isnan(found.coverage.value)
    assert (found.open_items.value, found.disputed_yuan, found.reports.value) == (0, 0, 0)
    assert table(rows)["registered_written"].tolist() == ["—", "—"]


def test_counties_keep_the_order_of_the_projection() -> None:
    assert table(counted()).index.tolist() == [SOUTH, CITY]


def test_county_has_its_own_figures_of_the_day() -> None:
    items = over_days(open=[9, 9, 9, 7, 6], overdue=[0, 0, 0, 1, 2])
    items.loc[items["county_code"] == SOUTH, ["open", "overdue"]] = 0
    row = table(counted(items=items)).loc[CITY]

    assert row["registered_written"] == "8/10"
    assert row["qualified_written"] == "2/4"
    assert row[["open_items", "overdue_items", "open_disputes", "amount_yuan"]].tolist() == [
        *(6, 2, 1, 500)
    ]


def test_county_has_its_own_counts_of_the_week_and_no_others() -> None:
    rows = table(
        counted(
            reports=weekly(
                (THURSDAY, CITY, "received", 2),
                (THURSDAY, CITY, "assigned", 1),
                (WEEKS[-2], CITY, "received", 50),
                (WEEKS[-2], SOUTH, "received", 50),
            ),
            reports_before=weekly((WEEKS[-2], CITY, "received", 4)),
            verified=weekly(
                (THURSDAY, CITY, "substantiated", 1),
                (THURSDAY, CITY, "unsubstantiated", 2),
                (WEEKS[-2], SOUTH, "substantiated", 9),
            ),
            inspections=weekly((THURSDAY, SOUTH, "clear", 7)),
        )
    )

    assert rows["reports"].tolist() == [0, 3]
    assert rows["reports_before"].tolist() == [0, 4]
    assert rows["inspections"].tolist() == [7, 0]
    assert rows["substantiated_written"].tolist() == ["—", "1/3"]


def test_counts_of_a_county_are_whole_numbers() -> None:
    columns = ["open_items", "overdue_items", "open_disputes", "reports", "inspections"]

    assert set(table(counted())[columns].dtypes.astype(str)) == {"int64"}
