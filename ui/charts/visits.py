"""Hit rates of unannounced visits, by how the places were chosen."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analysis.visit_plans import CHOSEN_BY
from analysis.visit_results import Arm
from ui.charts.base import TopLevel
from ui.formatting import fraction, percent
from ui.palette import BLUE, GREY, INK


def arm_bars(arms: list[Arm]) -> TopLevel:
    """Return one line a way of choosing: its rate as a dot, its 95 % interval as a bar.

    Ways of which no visit has a result but a closed door are left out.
    """
    rows = pd.DataFrame(
        {
            "way": [CHOSEN_BY[arm.chosen_by] for arm in arms if arm.checked],
            "rate": [arm.hits / arm.checked for arm in arms if arm.checked],
            "low": [arm.low for arm in arms if arm.checked],
            "high": [arm.high for arm in arms if arm.checked],
            "said": [
                f"{percent(arm.hits / arm.checked)}（{fraction(arm.hits, arm.checked)}）"
                for arm in arms
                if arm.checked
            ],
        }
    )
    base = alt.Chart(rows)
    way = alt.Y("way:N", title=None, sort=list(CHOSEN_BY.values()))
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    tooltip = [
        alt.Tooltip("way:N", title="选中方式"),
        alt.Tooltip("said:N", title="命中率"),
        alt.Tooltip("low:Q", title="区间下限", format=".1%"),
        alt.Tooltip("high:Q", title="区间上限", format=".1%"),
    ]
    interval = base.mark_rule(color=GREY, strokeWidth=3).encode(
        y=way, x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q", tooltip=tooltip
    )
    dot = base.mark_point(color=BLUE, filled=True, size=140, opacity=1).encode(
        y=way, x=alt.X("rate:Q", scale=scale), tooltip=tooltip
    )
    words = base.mark_text(color=INK, dy=-14).encode(y=way, x="rate:Q", text="said:N")
    return alt.layer(interval, dot, words).properties(height=46 * max(len(rows), 1) + 30)
