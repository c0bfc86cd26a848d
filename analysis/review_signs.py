"""What a county's review of itself counts of prices and of alarms, beside its other counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analysis import alarms
from analysis.price_monitor import FEWEST, monitor
from analysis.prices import suspected_rises


def with_signs(
    counts: pd.DataFrame,
    prices: pd.DataFrame,
    disputes: pd.DataFrame,
    *,
    as_of: date,
    weeks: Sequence[date],
) -> pd.DataFrame:
    """Put suspected rises, the price monitor and alarms beside the counts of each county.

    ``counts`` is ``data_access.self_review``, ``prices`` ``course_fees.prices`` since before the
    summer, ``disputes`` ``refund_weeks.institution_weeks`` of ``weeks``, the last of which is over.
    A county's prices are judged among the county's own, whoever reads: as its own account sees them
    on the page 收费监管, and without a way to what its neighbours charge.

    Returns ``counts`` with these (int64):

    ================  ====================================================================
    price_judged      institutions of which a course has a price of before the summer and
                      enough peers in the county
    price_suspected   of these, with a suspected rise
    price_cells       items × class sizes × modes that somebody teaches
    price_published   of these, with institutions enough to publish the price
    alarms            alarms of the last of ``weeks``: the county's own, and its institutions'
    ================  ====================================================================
    """
    given = pd.concat(map(alarms.of_week, alarms.by_kind(disputes, weeks=weeks)))
    cells = monitor(prices, as_of=as_of, whole=False, fewest=1)
    judged, suspected = _institutions(prices, as_of)
    found = {
        "price_judged": judged,
        "price_suspected": suspected,
        "price_cells": _by_county(cells),
        "price_published": _by_county(cells[cells["institutions"] >= FEWEST]),
        "alarms": _by_county(given),
    }
    codes = counts["county_code"]
    return counts.assign(
        **{name: codes.map(of).fillna(0).astype("int64") for name, of in found.items()}
    )


def _institutions(prices: pd.DataFrame, as_of: date) -> tuple[dict[str, int], dict[str, int]]:
    """Count the institutions judged and suspected by county, each among the county's own."""
    judged, suspected = {}, {}
    for code, own in prices.groupby("county_code"):
        courses = suspected_rises(own.reset_index(drop=True), as_of=as_of).courses
        ones = courses["institution_id"]
        judged[str(code)] = ones[courses["judged"]].nunique()
        suspected[str(code)] = ones[courses["suspected"]].nunique()
    return judged, suspected


def _by_county(rows: pd.DataFrame) -> dict[str, int]:
    return {str(code): n for code, n in rows["county_code"].value_counts().items()}
