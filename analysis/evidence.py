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
    """The frames of ``data_access.evidence.everything``, of one scope and day.

    ``reports``, ``places`` and ``hours`` are counted; reports that may say something of a
    deregistered institution are ``named`` one by one.
    """

    institutions: pd.DataFrame
    reports: pd.DataFrame
    named: pd.DataFrame
    places: pd.DataFrame
    hours: pd.DataFrame
    inspections: pd.DataFrame
    items: pd.DataFrame
    disputes: pd.DataFrame
    charges: pd.DataFrame
    prices: pd.DataFrame


def as_known(evidence: Evidence, day: date) -> Evidence:
    """Return what was known on an earlier day: the frames that were read as of it.

    But for what the first day of the reading cut off, for columns of the institution ledger
    that keep no history, and for where a place lies, what it is called and its hours: they
    stay as they are.
    """
    then = pd.Timestamp(day)

    def until(frame: pd.DataFrame, happened: str, *later: str) -> pd.DataFrame:
        known = frame[frame[happened] <= then]
        return known.assign(**{name: known[name].where(known[name] <= then) for name in later})

    def verified(frame: pd.DataFrame) -> pd.DataFrame:
        known = until(frame, "received_on")
        is_later = known["verified_on"] > then
        is_verdict = known["state"].isin((SUBSTANTIATED, UNSUBSTANTIATED))
        return known.assign(
            state=known["state"].mask(is_later & is_verdict, STILL_VERIFYING),
            verified_on=known["verified_on"].mask(is_later),
        )

    institutions = until(
        evidence.institutions,
        "found_on",
        *("deregistered_on", "qualified_on", "platform_registered_on"),
    )
    was_open = institutions["deregistered_on"].isna()
    is_over = institutions["operating_status"] == DEREGISTERED
    return Evidence(
        institutions=institutions.assign(
            operating_status=institutions["operating_status"].mask(is_over & was_open, "operating")
        ),
        reports=verified(evidence.reports),
        named=verified(evidence.named),
        places=until(evidence.places, "first_on"),
        hours=evidence.hours,
        inspections=until(evidence.inspections, "inspected_on"),
        items=until(evidence.items, "opened_on", "closed_on"),
        disputes=until(evidence.disputes, "opened_on", "resolved_on"),
        charges=until(evidence.charges, "charged_on"),
        prices=until(evidence.prices, "effective_on"),
    )
