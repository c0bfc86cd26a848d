"""The backtest on screen: its sentences, its table and its chart."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import backtest_words as words
from analysis.backtest import HORIZONS, Result
from ui import tables
from ui.charts import backtest as charts
from ui.charts.base import spec
from ui.formatting import count, plain
from ui.tables import Table, table

# How far to look ahead, as addresses name it.
SPANS: Final = {str(days): f"看之后 {days} 天" for days in HORIZONS}


class View(NamedTuple):
    """What the page says; without ``chart`` and ``ways`` history is too short."""

    headline: str
    notes: tuple[str, ...]
    chart: dict[str, Any] | None
    ways: Table | None


def lay_out(result: Result | None) -> View:
    """Put the result into words, a table and a chart."""
    if result is None:
        return View(words.headline(None), (), None, None)
    return View(
        headline=words.headline(result),
        notes=(
            words.basis(result),
            words.earlier(result),
            words.against_reports(result),
            words.within(result),
            words.fitted(result),
            words.AS_IT_IS_NOW,
        ),
        chart=spec(charts.hit_rates(result)),
        ways=way_rows(result),
    )


def way_rows(result: Result) -> Table:
    """List how each way of choosing did, with 95 % intervals."""
    rows = [
        {
            "way": words.WAY_WORDS[name],
            "hits_written": f"{count(way.hits)}/{count(way.visits)}",
            "precision_written": words.share(way.precision),
            "lift_written": words.times(way.lift),
            "earlier_written": words.days(way.earlier),
            "within_written": words.times(way.within),
        }
        for name, way in result.ways.items()
    ]
    return table(pd.DataFrame(rows), list(rows[0]))


def show(view: View) -> None:
    """Draw the chart, the table beside it and what is to be borne in mind."""
    if view.chart is None or view.ways is None:
        st.info("先导入检查和举报台账；检查满八周后，这里逐周回看选点的效果。")
        return
    tables.show(
        view.ways,
        key="backtest.ways",
        file_name="选点检验",
        alt="各种选点办法查出问题的比例，括号内为 95% 区间",
    )
    left, right = st.columns([11, 9])
    left.vega_lite_chart(
        spec=view.chart, key="backtest.course", alt="各种选点办法逐周查出问题的比例"
    )
    with right:
        st.info(plain(words.SELECTIVE))
    for note in view.notes:
        st.caption(plain(note))
