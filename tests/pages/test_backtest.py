"""选点检验: what the points would have found, for the supervision team alone."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import backtest, backtest_words
from analysis.backtest import RANDOM
from analysis.backtest_windows import REPORTS, SCORE
from tests.pages.conftest import Files, OpenPage
from tests.pages.elements import chart_rows

SCRIPT = "pages/enforcement/backtest.py"
SUPERVISOR = "supervisor@demo"


def test_page_says_first_what_the_points_would_have_found_against_the_lot(
    open_page: OpenPage,
) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    said = page.subheader[0].value
    assert said.startswith("按风险分先去的 102 处里，平均有 ")
    assert "在之后 14 天内查出问题" in said
    rows = page.dataframe[0].value
    assert rows["办法"].tolist() == ["按风险分", "按举报件数", "按抽签"]
    assert rows["相当于抽签的"].str.match(r"^\d\.\d\d 倍（\d\.\d\d–\d\.\d\d）$").all()
    assert rows["查出比例（95% 区间）"].str.match(r"^\d+\.\d%（\d+\.\d%–\d+\.\d%）$").all()


def test_page_warns_that_history_is_selective_and_that_the_lot_corrects_it(
    open_page: OpenPage,
) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    [warning] = [each.value for each in page.info]
    assert "不能当作全市的违规率" in warning
    assert "抽签" in warning
    notes = "".join(each.value for each in page.caption)
    assert "用的是现在的情况" in notes
    assert "同一组检查人员" in notes


def test_chart_has_each_thursday_for_each_way(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    rows = pd.DataFrame(chart_rows(page.get("vega_lite_chart")[0]))
    assert set(rows["word"]) == {
        backtest_words.WAY_WORDS[each] for each in (SCORE, REPORTS, RANDOM)
    }
    counts = rows.groupby("word")["thursday"].nunique()
    assert counts.nunique() == 1
    assert rows["day_written"].str.contains("周四").all()
    assert rows["rate"].between(0, 100).all()


def test_address_asks_for_a_longer_look_ahead(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR, horizon="看之后 28 天")

    assert "在之后 28 天内查出问题" in page.subheader[0].value


def test_what_is_downloaded_is_what_is_shown(open_page: OpenPage, files: Files) -> None:
    open_page(SCRIPT, SUPERVISOR)

    assert list(files) == ["选点检验.xlsx"]


@pytest.mark.parametrize("account", ["leader@demo", "450224@demo", "admin@demo"])
def test_nobody_else_is_told_anything(open_page: OpenPage, account: str) -> None:
    page = open_page(SCRIPT, account)

    assert not page.subheader
    assert not page.dataframe
    assert "查出问题" not in "".join(
        each.value for each in (*page.info, *page.caption, *page.error)
    )


# Last: what it puts in its own place is kept for nobody, and working it out takes long.
def test_result_is_worked_out_once_for_a_version_of_the_data(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    run = backtest.run

    def counted(*args: object, horizon: int) -> object:
        asked.append(horizon)
        return run(*args, horizon=horizon)  # type: ignore[arg-type]

    monkeypatch.setattr(backtest, "run", counted)

    page = open_page(SCRIPT, SUPERVISOR)
    page.run()
    open_page(SCRIPT, SUPERVISOR)

    assert asked == [14]
