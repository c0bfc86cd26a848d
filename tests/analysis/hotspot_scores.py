"""How much of what was planted is found, and how much of what is found was planted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hotspots import DEFAULT, Found
from tests.analysis.generated_cities import AS_OF, REACH_METRES, City


class Score(NamedTuple):
    """Shares, 0 to 1; of reports with coordinates in the window.

    ``recall``: of the planted clusters those of whose reports at least half lie in flagged cells.
    ``precision``: of the reports in flagged cells those that belong to a planted cluster or lie
    within its reach, 300 metres around it, where whoever goes there looks at them, too.
    ``strict``: of the same reports those that belong to a planted cluster.
    """

    recall: float
    precision: float
    strict: float


def score(made: City, found: Found) -> Score:
    """Hold what was found as of the last Thursday against what was planted."""
    since = AS_OF - pd.Timedelta(weeks=DEFAULT.window)
    reports = made.reports
    reports = reports[(reports["received_on"] > since) & reports["cell"].notna()]
    flagged = reports["cell"].isin(found.cells["cell"])
    planted = reports["cluster"] >= 0
    reached = flagged[planted].groupby(reports.loc[planted, "cluster"]).mean()
    points = reports.loc[flagged, ["x", "y"]].to_numpy()
    away = np.hypot(*(points[:, None] - made.centres).transpose(2, 0, 1)).min(axis=1)
    is_planted = planted[flagged].to_numpy()
    return Score(
        recall=float((reached >= 0.5).mean()),
        precision=float((is_planted | (away <= REACH_METRES)).mean()),
        strict=float(is_planted.mean()),
    )
