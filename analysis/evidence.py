"""What speaks for a visit, as ``data_access.evidence`` reads it, and as an earlier day knew it."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import pandas as pd

SUBSTANTIATED: Final = "substantiated"
UNSUBSTANTIATED: Final = "unsubstantiated"
STILL_VERIFYING: Final = "verifying"
VIOLATION: Final = "violation"
CLOSED_DOOR: Final = "closed_door"
DEREGISTERED: Final = "deregistered"


class Evidence(NamedTuple):
    """The frames of ``data_access.evidence.everything``, of one scope and day."""

    institutions: pd.DataFrame
    reports: pd.DataFrame
    places: pd.DataFrame
    named: pd.DataFrame
    returned: pd.DataFrame
    inspections: pd.DataFrame
    items: pd.DataFrame
    disputes: pd.DataFrame
    charges: pd.DataFrame
    prices: pd.DataFrame


def as_known(evidence: Evidence, day: date) -> Evidence:
    """Return what was known on an earlier day: the frames that were read as of it.

    The day is one of those by which the reports were read. But for what the first day of the
    reading cut off, for columns of the institution ledger that keep no history, and for where a
    place lies and what it is called: they stay as they are.
    """
    then = pd.Timestamp(day)

    def until(frame: pd.DataFrame, happened: str, *later: str) -> pd.DataFrame:
        known = frame[frame[happened] <= then]
        return known.assign(**{name: known[name].where(known[name] <= then) for name in later})

    named = until(evidence.named, "received_on")
    is_later = named["verified_on"] > then
    is_verdict = named["state"].isin((SUBSTANTIATED, UNSUBSTANTIATED))
    named = named.assign(
        state=named["state"].mask(is_later & is_verdict, STILL_VERIFYING),
        verified_on=named["verified_on"].mask(is_later),
    )
    institutions = until(
        evidence.institutions,
        "found_on",
        *("deregistered_on", "qualified_on", "platform_registered_on"),
    )
    is_over = institutions["deregistered_on"].isna()
    was_open = institutions["operating_status"] == DEREGISTERED
    return evidence._replace(
        institutions=institutions.assign(
            operating_status=institutions["operating_status"].mask(is_over & was_open, "operating")
        ),
        reports=until(evidence.reports, "known_on"),
        places=until(evidence.places, "first_on"),
        named=named,
        returned=until(evidence.returned, "known_on"),
        inspections=until(evidence.inspections, "inspected_on"),
        items=until(evidence.items, "opened_on", "closed_on"),
        disputes=until(evidence.disputes, "opened_on", "resolved_on"),
        charges=until(evidence.charges, "charged_on"),
        prices=until(evidence.prices, "effective_on"),
    )
