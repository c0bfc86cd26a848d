"""How checks are judged and spoken of."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pandas as pd
import pytest

from analysis.compliance_checks import (
    by_urgency,
    cells,
    headline,
    least_checked,
    missing_domains,
    safety_sentence,
)

THURSDAY = date(2022, 8, 25)
END = date(2022, 8, 31)
WORDS = {"staff": "从业人员", "safety": "安全"}
ASPECTS = {"fire": "消防", "food": "食品"}
NUMBERS = ("in_operation", "checked", "checks", "findings", "open", "overdue")


def coverage(**counties: dict[str, tuple[int, ...]]) -> pd.DataFrame:
    """Counties and domains as the query counts them; what is not named is nothing."""
    rows = [
        (f"45020{place}", county, domain, *counties[county].get(domain, (0,) * len(NUMBERS)))
        for (place, county), domain in product(enumerate(counties), WORDS)
    ]
    return pd.DataFrame(rows, columns=["county_code", "county", "domain", *NUMBERS])


def said(found: pd.DataFrame) -> str:
    return headline(found, WORDS, as_of=THURSDAY, beside=END)


def test_headline_names_the_domain_that_lags_and_the_counties_in_it() -> None:
    found = coverage(
        甲县={"staff": (100, 90, 95, 4, 2, 1), "safety": (100, 100, 100, 1, 0, 0)},
        乙县={"staff": (100, 30, 30, 0, 0, 0), "safety": (100, 100, 100, 0, 0, 0)},
        丙县={"staff": (9, 0, 0, 0, 0, 0), "safety": (9, 9, 9, 0, 0, 0)},
    )

    assert said(found) == (
        "从业人员查得最少，在营机构查过 57.4%（120/209），乙县明显落后；"
        "发现问题 5 个，未销号 2 个，其中逾期 1 个"
    )


def test_county_of_fewer_than_ten_institutions_is_never_named() -> None:
    others = {"staff": (100, 100, 100, 0, 0, 0), "safety": (100, 100, 100, 0, 0, 0)}
    nothing = (0,) * 5
    nine, ten = (
        said(coverage(甲县=others, 乙县={"staff": (n, *nothing), "safety": (n, n, n, 0, 0, 0)}))
        for n in (9, 10)
    )

    assert "乙县" not in nine
    assert "乙县明显落后" in ten


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((10, 10, 10, 0, 0, 0), "2 类检查都已查遍；没有发现问题"),
        ((10, 10, 10, 3, 0, 0), "2 类检查都已查遍；发现问题 6 个，都已销号"),
        ((10, 10, 10, 3, 1, 0), "2 类检查都已查遍；发现问题 6 个，未销号 2 个，没有逾期的"),
        ((0, 0, 1, 0, 0, 0), "所选范围内没有在营机构；没有发现问题"),
        ((10, 0, 0, 0, 0, 0), "截至 8 月 25 日，行动以来没有专项检查记录"),
    ],
)
def test_headline_of_the_plain_cases(numbers: tuple[int, ...], words: str) -> None:
    assert said(coverage(甲县={"staff": numbers, "safety": numbers})) == words


@pytest.mark.parametrize(
    ("numbers", "state", "word"),
    [
        ((12, 5, 5, 2, 2, 1), "late", "41% 未销2"),
        ((12, 0, 0, 0, 0, 0), "unchecked", "未查"),
        ((12, 0, 1, 1, 1, 0), "unchecked", "未查 未销1"),
        ((12, 5, 5, 2, 1, 0), "open", "41% 未销1"),
        ((12, 5, 5, 2, 0, 0), "part", "41%"),
        ((12, 12, 12, 0, 0, 0), "full", "100%"),
        ((1000, 999, 999, 0, 0, 0), "part", "99%"),
        ((9, 3, 3, 0, 0, 0), "part", "3/9"),
        ((10, 3, 3, 0, 0, 0), "part", "30%"),
        ((0, 0, 0, 0, 0, 0), "nobody", "无机构"),
    ],
)
def test_cell_says_how_a_county_stands(numbers: tuple[int, ...], state: str, word: str) -> None:
    found = cells(coverage(甲县={"staff": numbers}))

    assert (found["state"].iloc[0], found["word"].iloc[0]) == (state, word)


def test_wall_of_several_counties_begins_with_their_sum() -> None:
    one = {"staff": (10, 5, 5, 1, 1, 0), "safety": (10, 10, 10, 0, 0, 0)}

    found = cells(coverage(甲县=one, 乙县=one))

    assert found["county"].tolist() == ["合计", "合计", "甲县", "甲县", "乙县", "乙县"]
    assert found["county_code"].tolist()[:2] == ["", ""]
    assert found["word"].tolist()[:3] == ["50% 未销2", "100%", "50% 未销1"]
    assert cells(coverage(甲县=one))["county"].tolist() == ["甲县", "甲县"]


def test_domain_with_the_fewest_checked_institutions_is_the_least_checked() -> None:
    found = coverage(甲县={"staff": (10, 5, 5, 0, 0, 0), "safety": (10, 4, 90, 0, 0, 0)})

    assert least_checked(found)["domain"] == "safety"


def findings(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"due_on": None, "severity": 1, "is_filed": True, "is_open": True}
    frame = pd.DataFrame([usual | {"check_no": f"ZX-{n}"} | row for n, row in enumerate(rows)])
    return frame.astype({"due_on": "datetime64[s]", "severity": "Int64"})


def test_findings_come_in_the_order_in_which_they_need_somebody() -> None:
    def due(days: int) -> date:
        return THURSDAY + timedelta(days=days)

    ranked = by_urgency(
        findings(
            {"due_on": due(3)},
            {"due_on": due(-2), "severity": 1},
            {"due_on": due(-2), "severity": 3},
            {"due_on": due(-9), "is_open": False},
            {"due_on": due(0)},
            {},
            {"due_on": due(5), "is_filed": False},
            {"due_on": due(-1), "is_filed": False},
        ),
        as_of=THURSDAY,
    )

    assert ranked["check_no"].tolist() == [f"ZX-{n}" for n in (2, 1, 7, 6, 4, 0, 5, 3)]
    assert ranked["urgency"].tolist() == [
        *("逾期 2 天", "逾期 2 天", "逾期 1 天，未立账", "还有 5 天，未立账"),
        *("今日到期", "还有 3 天", "未定期限", "已销号"),
    ]
    assert ranked["stage"].tolist() == [*["overdue"] * 3, "unfiled", *["open"] * 3, "closed"]


def test_no_findings_are_put_in_order_all_the_same() -> None:
    nothing = findings({}).iloc[:0]

    assert by_urgency(nothing, as_of=THURSDAY).empty


def test_missing_domains_are_named_and_most_come_first() -> None:
    found = missing_domains(
        pd.DataFrame({"name": ["甲", "乙"], "staff": [False, False], "safety": [True, False]}),
        WORDS,
    )

    assert found["name"].tolist() == ["乙", "甲"]
    assert found["missing"].tolist() == ["从业人员、安全", "从业人员"]


def test_safety_is_told_by_aspect() -> None:
    found = pd.DataFrame(
        {
            "domain": ["safety", "safety", "safety", "staff"],
            "aspect": pd.Series(["food", "fire", None, None], dtype="str"),
        }
    )

    assert safety_sentence(found, ASPECTS) == (
        "安全检查发现问题 3 个：消防 1 个、食品 1 个、没有写明方面 1 个。"
    )
    assert safety_sentence(found[found["domain"] == "staff"], ASPECTS) == ""
