"""A model fitted to what was found before, to see whether the points leave something out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

LEAST_WINDOWS = 4
PREFIX = "points:"


def fitted_scores(
    windows: Sequence[pd.DataFrame], horizon: int
) -> list[npt.NDArray[np.float64] | None]:
    """Return for each window what a model expects of its rows; ``None`` for the early ones.

    ``windows`` are those of ``backtest_windows.look_back``, oldest first. A logistic regression on
    the same pieces of evidence as the points; it learns from windows that were over by the
    origin alone, at least four of them.
    """
    # It takes a second to import and one page in the house needs it.
    from sklearn.linear_model import LogisticRegression

    scores: list[npt.NDArray[np.float64] | None] = []
    for window in windows:
        origin = window["origin"].iloc[0]
        over = [
            each
            for each in windows
            if each["origin"].iloc[0] + pd.Timedelta(days=horizon) <= origin
        ]
        if len(over) < LEAST_WINDOWS:
            scores.append(None)
            continue
        known = pd.concat(over, ignore_index=True)
        columns = [name for name in known.columns if name.startswith(PREFIX)]
        facts = known[columns].to_numpy()
        is_hit = known["is_hit"].to_numpy()
        if is_hit.all():
            scores.append(None)
            continue
        centre, spread = facts.mean(axis=0), facts.std(axis=0)
        spread[spread == 0] = 1.0
        model = LogisticRegression(max_iter=1_000).fit((facts - centre) / spread, is_hit)
        scores.append(model.decision_function((window[columns].to_numpy() - centre) / spread))
    return scores
