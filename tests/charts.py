"""Charts are held to Vega-Lite's schema in tests of charts and pages, as they are nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import pytest


@pytest.fixture(autouse=True)
def charts_are_held_to_their_schema() -> Iterator[None]:
    """Raise for a chart that is none, as altair does unless it is told not to."""
    to_dict = alt.TopLevelMixin.to_dict

    def held(chart: Any, **options: Any) -> dict[str, Any]:
        is_whole = (options.get("context") or {}).get("top_level", True)
        return to_dict(chart, **({**options, "validate": True} if is_whole else options))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alt.TopLevelMixin, "to_dict", held)
        yield
