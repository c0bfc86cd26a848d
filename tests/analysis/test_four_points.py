"""Counties side by side on the four points of 专项督查: only what is clearly behind is said."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.four_points import MEASURES, sentence, side_by_side
from analysis.week_figures import Figure

UNITS = pd.DataFrame({"county_code": ["1", "2", "3"], "county": ["甲县", "乙县", "丙县"]})


def figures(**shares: list[tuple[int, int]]) -> pd.DataFrame:
    """Long figures of the counties: of each measure named, (numerator, denominator) a county."""
    rows = []
    for measure in MEASURES:
        usual = [(0, 100) if measure.more_is_worse else (100, 100)] * len(UNITS)
        for code, pair in zip(UNITS["county_code"], shares.get(measure.figure, usual), strict=True):
            rows.append((code, str(measure.figure), *map(float, pair)))
    return pd.DataFrame(rows, columns=["county_code", "indicator", "numerator", "denominator"])


def behind(judged: pd.DataFrame) -> list[tuple[str, str]]:
    rows = judged[judged["is_behind"]]
    return list(zip(rows["county"], rows["measure"], strict=True))


def test_county_whose_interval_lies_below_the_city_is_behind() -> None:
    judged = side_by_side(figures(coverage=[(95, 100), (95, 100), (60, 100)]), UNITS)

    assert behind(judged) == [("丙县", "登记覆盖率")]
    assert sentence(judged) == "丙县登记覆盖率明显落后于全市"


def test_county_a_little_below_is_not_behind() -> None:
    judged = side_by_side(figures(coverage=[(90, 100), (88, 100), (85, 100)]), UNITS)

    assert behind(judged) == []
    assert sentence(judged) == "四个方面 5 项指标，各县区之间看不出明显差别"


def test_more_overdue_items_are_worse_and_fewer_are_not() -> None:
    judged = side_by_side(figures(overdue_items=[(5, 100), (5, 100), (60, 100)]), UNITS)

    assert behind(judged) == [("丙县", "整改逾期占比")]


@pytest.mark.parametrize(("cases", "is_named"), [(9, False), (10, True)])
def test_county_with_fewer_than_ten_cases_is_never_behind(cases: int, is_named: bool) -> None:
    judged = side_by_side(figures(reports_handled=[(100, 100), (100, 100), (0, cases)]), UNITS)

    assert bool(behind(judged)) is is_named
    last = judged[(judged["county"] == "丙县") & (judged["measure"] == "举报核查完成率")]
    assert last["written"].item() == f"0.0%（0/{cases}）"


def test_county_behind_on_most_comes_first() -> None:
    judged = side_by_side(
        figures(
            coverage=[(100, 100), (50, 100), (50, 100)],
            joint_inspections=[(100, 100), (100, 100), (10, 100)],
        ),
        UNITS,
    )

    assert sentence(judged) == (
        "丙县 2 项（登记覆盖率、联合检查占比），乙县登记覆盖率明显落后于全市"
    )


def test_one_county_alone_is_compared_with_nobody() -> None:
    one = UNITS.head(1)
    judged = side_by_side(
        figures(coverage=[(50, 100), (0, 0), (0, 0)]).query("county_code == '1'"), one
    )

    assert behind(judged) == []
    assert sentence(judged) == (
        "甲县登记覆盖率 50.0%，整改逾期占比 0.0%，场地核查率 100.0%，举报核查完成率 100.0%，"
        "联合检查占比 100.0%"
    )


def test_county_of_which_nothing_is_known_reads_so() -> None:
    nothing = figures(**{str(each.figure): [(0, 0)] * 3 for each in MEASURES})

    judged = side_by_side(nothing, UNITS)

    assert set(judged["written"]) == {"—"}
    assert sentence(side_by_side(nothing, UNITS.head(1))) == "甲县四个方面还没有可比的数字"


def test_measure_that_was_not_frozen_is_unknown() -> None:
    without = figures().query(f"indicator != '{Figure.PREMISES_CHECKED}'")

    judged = side_by_side(without, UNITS)

    assert set(judged.loc[judged["measure"] == "场地核查率", "written"]) == {"—"}
