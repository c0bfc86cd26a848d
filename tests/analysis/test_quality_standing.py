"""Reports that are counted and rows that are compared one by one add up to one standing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import quality_scores, quality_standing
from analysis.quality_settings import settings
from tests.analysis.test_data_quality import UNITS, checked, wrong
from tests.factories import CITY, SOUTH

RULES = settings()
PLACE, LATE, ANY = "report_no_place", "report_open_long", "any"


def counts(*lines: tuple[str, str, int]) -> pd.DataFrame:
    dtypes = {"county_code": "str", "rule": "str", "rows": "int64"}
    return pd.DataFrame(lines, columns=list(dtypes)).astype(dtypes)


def records(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(frame.itertuples(index=False, name=None))


def test_counts_of_two_days_stand_side_by_side() -> None:
    now = counts((CITY, PLACE, 5), (SOUTH, PLACE, 2))
    then = counts((CITY, PLACE, 3), (CITY, LATE, 1))

    assert records(quality_standing.unchanged(now, then)) == [
        (CITY, PLACE, 5, 3),
        (CITY, LATE, 0, 1),
        (SOUTH, PLACE, 2, 0),
    ]
    assert quality_standing.unchanged(counts(), counts()).empty


def test_reports_are_counted_by_county_in_the_order_of_the_units() -> None:
    changed = wrong((PLACE, "A", SOUTH), (PLACE, "B", CITY), (PLACE, "C", CITY))
    counted = quality_standing.unchanged(counts((CITY, PLACE, 5), (SOUTH, LATE, 1)), counts())
    units = UNITS.iloc[::-1]

    rows = quality_standing.by_county(changed, counted, units)

    assert [*rows.itertuples(index=False, name=None)] == [
        (PLACE, SOUTH, 1),
        (LATE, SOUTH, 1),
        (PLACE, CITY, 7),
    ]
    assert quality_standing.by_county(wrong(), counted.head(0), units).empty


def test_standing_adds_what_is_counted_to_what_is_compared() -> None:
    now = wrong((PLACE, "A", CITY), (PLACE, "B", CITY))
    then = wrong((PLACE, "B", CITY), (PLACE, "C", CITY), (LATE, "C", CITY))
    counted = quality_standing.unchanged(
        counts((CITY, PLACE, 10), (SOUTH, PLACE, 1)), counts((CITY, PLACE, 7))
    )
    looked = checked(("violation_report", PLACE, CITY, 20))

    rows = quality_standing.standing(
        now, then, looked, counted=counted, oldest={PLACE: 9}, settings=RULES
    ).set_index("rule")

    assert rows.loc[PLACE].drop("urgency").to_dict() == {
        "rows": 13,
        "looked_at": 20,
        "oldest_days": 9,
        "before": 9,
        "mended": 1,
        "added": 1 + 4,
    }
    assert rows.index.tolist() == [PLACE]
    few = quality_standing.standing(
        now, then, looked, counted=counted, oldest={PLACE: 4}, settings=RULES
    )
    assert few["oldest_days"].tolist() == [5]  # those compared are older


def test_rule_that_only_counted_rows_are_found_by_is_listed() -> None:
    counted = quality_standing.unchanged(counts((CITY, LATE, 2)), counts())

    rows = quality_standing.standing(
        wrong(), wrong(), checked(), counted=counted, oldest={LATE: 3}, settings=RULES
    )

    assert rows[["rule", "rows", "oldest_days", "added"]].to_numpy().tolist() == [[LATE, 2, 3, 2]]


def test_score_adds_what_is_counted_each_report_once() -> None:
    now, then = wrong((PLACE, "A", CITY)), wrong((PLACE, "B", CITY))
    looked = checked(("violation_report", "", CITY, 20), ("violation_report", "", SOUTH, 10))
    counted = quality_standing.unchanged(
        counts((CITY, ANY, 4), (SOUTH, ANY, 1)), counts((CITY, ANY, 3))
    )

    scores = quality_scores.scores(
        now, then, looked, looked, UNITS, counted=counted, settings=RULES
    ).set_index("county_code")

    assert scores.loc[CITY, ["wrong", "right", "mended", "added"]].tolist() == [5, 15, 1, 2]
    assert scores.loc[CITY, "change"] == 0.75 - 0.8
    assert scores.loc[SOUTH, ["wrong", "right", "mended", "added"]].tolist() == [1, 9, 0, 1]
