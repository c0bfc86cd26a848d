"""What is no chart is found in tests, though the dashboard does not look."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest
from altair.utils.schemapi import SchemaValidationError

from ui.charts.base import spec


def test_chart_that_breaks_the_schema_is_no_chart_here() -> None:
    chart = alt.Chart(pd.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q")
    chart.mark = "no such mark"

    with pytest.raises(SchemaValidationError):
        spec(chart)
