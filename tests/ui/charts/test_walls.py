"""Walls of what counties owe: a word in every cell, in the plan's order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis import county_actions as duties
from analysis import submissions as sending
from tests.ui.charts.arrow import decoded
from ui.charts.base import spec, whose
from ui.charts.county_actions import duties as wall_of_duties
from ui.charts.submissions import season

AS_OF = date(2022, 8, 4)
UNITS = pd.DataFrame({"county_code": ["450202", "450225"], "county": ["城中区", "融水县"]})
CALENDAR = sending.expected(date(2022, 7, 1), date(2022, 9, 30))


def cells(drawn: dict[str, Any]) -> pd.DataFrame:
    layer = drawn["layer"][1]
    return pd.DataFrame(decoded(drawn["datasets"][(layer.get("data") or drawn["data"])["name"]]))


def judged(*rows: tuple[str, date]) -> pd.DataFrame:
    sent = pd.DataFrame(
        [("450202", "weekly_form", period, pd.Timestamp(on)) for period, on in rows],
        columns=["county_code", "document", "period", "submitted_on"],
    ).astype({"submitted_on": "datetime64[s]"})
    return sending.judged(sent, UNITS, CALENDAR, as_of=AS_OF)


def test_every_document_of_every_county_has_a_cell_with_a_word() -> None:
    drawn = spec(
        season(
            judged(("2022-07-07", date(2022, 7, 7)), ("2022-07-14", date(2022, 7, 16))), as_of=AS_OF
        )
    )
    found = cells(drawn)

    assert len(found) == 2 * len(CALENDAR)
    assert found["word"].str.len().between(2, 5).all()
    mine = found[found["county"] == "城中区"].set_index("column")["word"]
    assert mine[["周报 7/7", "周报 7/14", "周报 7/21", "周报 8/4", "周报 8/11"]].tolist() == [
        "按时",
        "迟2天",
        "未报",
        "待报",
        "未到",
    ]
    assert drawn["layer"][0]["encoding"]["x"]["sort"][-5:] == [
        "回执 7/29",
        "总结 7/29",
        "案例 7/29",
        "总结 8/18",
        "案例 8/18",
    ]
    assert drawn["params"][0]["select"]["fields"] == ["county_code"]


def test_wall_of_nobody_is_empty() -> None:
    nobody = sending.judged(judged().head(0), UNITS.head(0), CALENDAR, as_of=AS_OF)

    assert cells(spec(season(nobody, as_of=AS_OF))).empty


def test_duty_that_is_merely_written_down_says_so() -> None:
    held = pd.DataFrame(
        {
            "county_code": ["450202", "450202"],
            "duty": ["hotline", "plan"],
            "done_on": pd.Series([None, pd.Timestamp(2022, 7, 8)], dtype="datetime64[s]"),
            "detail": ["0772-0001234", "方案"],
            "evidence": pd.Series([None, "文号"], dtype="str"),
        }
    )
    due = duties.expected(date(2022, 7, 1), date(2022, 9, 30))
    rows = duties.judged(held, UNITS, due, as_of=AS_OF)

    drawn = spec(wall_of_duties(rows, as_of=AS_OF))
    words = cells(drawn).set_index(["county", "column"])["word"]

    assert words["城中区", "举报电话"] == "已填写，未登记完成"
    assert words["城中区", "行动方案"] == "已完成"
    assert words["融水县", "联系人"] == "逾期 6 天"
    assert words["融水县", "举报电话"] == "未完成"


@pytest.mark.parametrize(
    ("names", "said"),
    [(["甲", "乙"], "各县区"), (["甲"], "甲"), (["甲", "甲"], "甲"), ([], "各县区")],
)
def test_chart_of_one_county_names_it(names: list[str], said: str) -> None:
    assert whose(pd.Series(names, dtype="str")) == said
