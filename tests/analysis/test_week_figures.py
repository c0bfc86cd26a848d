"""The figures of a week in a list, and back into the table that the overview judges."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection

from analysis.overview import Counted, by_county
from analysis.registration import projection
from analysis.week_figures import SAID, Figure, as_counties, limits, week_figures
from data_access.meeting_counts import counts
from data_access.scope import Scope

THURSDAY, MONDAY = date(2022, 8, 25), date(2022, 8, 22)
ENDS_ON = date(2022, 9, 30)
KEYS = ["county_code", "indicator"]


def counted(conn: Connection, as_of: date, scope: Scope | None = None) -> dict[str, pd.DataFrame]:
    return counts(conn, scope=scope or Scope.city(), as_of=as_of, **limits())


def units_of(course: pd.DataFrame) -> pd.DataFrame:
    names = ["county_code", "county", "short_name", "boundary_code"]
    return course[names].drop_duplicates(ignore_index=True)


@pytest.mark.parametrize("as_of", [THURSDAY, MONDAY, date(2022, 7, 7), date(2022, 1, 6)])
def test_figures_turned_back_are_what_the_overview_judges(
    sample_rows: Connection, as_of: date
) -> None:
    found = counted(sample_rows, as_of)
    projected = projection(found["course"], ends_on=ENDS_ON)
    week = pd.Timestamp(as_of) + pd.offsets.Week(0, weekday=3)
    names = Counted.__dataclass_fields__
    expected = by_county(Counted(**{n: found[n] for n in names}), projected, week.date())

    figures = week_figures(found, as_of=as_of)
    back = as_counties(figures, units_of(found["course"]), as_of=as_of, ends_on=ENDS_ON)

    assert_frame_equal(back, expected)


def test_every_county_has_every_figure_and_a_zero_where_nothing_happened(
    conn: Connection,
) -> None:
    figures = week_figures(counted(conn, THURSDAY), as_of=THURSDAY)

    assert len(figures) == 12 * len(Figure)
    assert not figures.duplicated(KEYS).any()
    assert (figures["numerator"] == 0).all()
    shares = {str(each) for each, said in SAID.items() if said.is_share}
    has_whole = figures.groupby("indicator")["denominator"].agg(lambda values: values.notna().all())
    assert set(has_whole[has_whole].index) == shares
    assert figures.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(KEYS, "str"),
        **dict.fromkeys(("numerator", "denominator"), "float64"),
    }


def test_figures_of_a_scope_are_those_of_its_counties(sample_rows: Connection) -> None:
    city = week_figures(counted(sample_rows, THURSDAY), as_of=THURSDAY)
    own = week_figures(counted(sample_rows, THURSDAY, Scope.county("450204")), as_of=THURSDAY)

    expected = city[city["county_code"] == "450204"].reset_index(drop=True)
    assert_frame_equal(own, expected)


def test_watch_list_is_counted_where_its_institutions_are(sample_rows: Connection) -> None:
    found = counted(sample_rows, THURSDAY)
    figures = week_figures(found, as_of=THURSDAY).set_index(KEYS)["numerator"]

    # The story of sample_data/README.md: 壬午舞蹈培训中心 is the only one of 柳南区.
    institutions = found["institutions"]
    collapsed = institutions[institutions["institution_name"] == "壬午舞蹈培训中心"].iloc[0]
    assert figures["450204", Figure.WATCH_LIST] == 1
    assert figures["450204", Figure.WATCH_LIST_STUDENTS] == collapsed["students"]
    assert figures["450204", Figure.WATCH_LIST_YUAN] == collapsed["amount_yuan"]
    assert figures[:, Figure.WATCH_LIST].sum() == 7


def test_every_figure_is_called_something() -> None:
    assert list(SAID) == list(Figure)
    assert len({said.title for said in SAID.values()}) == len(Figure)


def test_unit_that_did_not_report_when_the_week_was_frozen_is_left_out(conn: Connection) -> None:
    found = counted(conn, THURSDAY)
    figures = week_figures(found, as_of=THURSDAY)
    units = units_of(found["course"])
    without = figures[figures["county_code"] != "450202"]

    back = as_counties(without, units, as_of=THURSDAY, ends_on=ENDS_ON)

    assert list(back["county_code"]) == list(units["county_code"][1:])
