"""The city's median of an indicator, and what the settings of the checklist may say."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.review_settings import SETTINGS, read_settings, settings
from analysis.self_review import city_medians, headline

WRITTEN = SETTINGS.read_text(encoding="utf-8")


def figures(code: str, *pairs: tuple[float, float]) -> pd.DataFrame:
    """Figures of one indicator, a county each; every other indicator is of nobody."""
    rows = [
        (f"4502{place:02}", code, numerator, denominator)
        for place, (numerator, denominator) in enumerate(pairs)
    ]
    return pd.DataFrame(rows, columns=["county_code", "indicator", "numerator", "denominator"])


def median(code: str, *pairs: tuple[float, float]) -> tuple[float, int]:
    found = city_medians(figures(code, *pairs)).set_index("indicator").loc[code]
    return float(found["value"]), int(found["counties"])


def test_median_of_five_counties_is_that_of_the_one_in_the_middle() -> None:
    pairs = [(part, 20) for part in (2, 18, 10, 4, 12)]

    assert median("coverage", *pairs) == (0.5, 5)
    assert median("coverage", *pairs, (14, 20)) == (0.55, 6)


def test_four_counties_have_none() -> None:
    value, counties = median("coverage", *[(10, 20)] * 4)

    assert math.isnan(value)
    assert counties == 4


def test_share_of_fewer_than_ten_takes_no_part() -> None:
    pairs = [(1, 10), (2, 10), (3, 10), (4, 10), (5, 10)]

    assert median("coverage", *pairs, (9, 9), (8, 9)) == (0.3, 5)
    value, counties = median("coverage", *pairs[:4], (9, 9))
    assert math.isnan(value)
    assert counties == 4


def test_count_takes_part_however_small() -> None:
    assert median("reports", *[(n, math.nan) for n in (0, 0, 1, 3, 9)]) == (1.0, 5)


def test_every_indicator_has_a_row() -> None:
    found = city_medians(figures("coverage"))

    assert found["indicator"].tolist() == list(settings().indicators)
    assert (found["counties"] == 0).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('indicators = ["channels"]', "indicators = []"), "指标与条款不一致：channels"),
        (('duties = ["contact"]\ndocuments = ["contact_receipt"]', ""), "“联系人”没有对照的内容"),
        (("least = 5.0", "least = 5.0\nmost = 6.0"), "sources 只能写 least 或 most 之一"),
    ],
)
def test_settings_that_say_too_little_or_too_much_are_refused(
    change: tuple[str, str], said: str
) -> None:
    assert change[0] in WRITTEN

    with pytest.raises(ValueError, match=said):
        read_settings(WRITTEN.replace(*change))


def test_the_four_points_of_supervision_come_first() -> None:
    assert [clause.title for clause in settings().clauses[:4]] == [
        "暑期专项治理",
        "安全风险隐患排查",
        "群众监督举报处理",
        "联合综合执法",
    ]


def test_headline_names_the_clauses_that_fall_short_and_counts_the_judgements() -> None:
    lines = pd.DataFrame(
        [
            ("一", "甲", "未达到"),
            ("一", "甲", "达到"),
            ("二", "乙", "待登记"),
            ("三", "丙", "未达到"),
        ],
        columns=["no", "clause", "judgement"],
    )

    assert headline(lines, "融安县") == (
        "融安县对照 3 条，2 条有未达到的：甲、丙（未达到 2 项、待登记 1 项、达到 1 项）"
    )
    assert headline(lines[lines["judgement"] == "达到"], "融安县") == (
        "融安县对照 1 条，没有未达到的（达到 1 项）"
    )
