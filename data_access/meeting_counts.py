"""Everything that a meeting's figures are worked out from, counted once: no judgement.

The overview, a frozen week and the briefing are worked out from these same rows, so that a
figure has one definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from data_access import (
    compliance_checks,
    fee_charges,
    fee_supervision,
    rectification,
    refund_plans,
    refunds,
    registration,
)
from data_access.reference import newest_campaign
from data_access.scope import Scope
from data_access.supervision_points import supervision_points
from data_access.weekly import weekly_counts
from data_access.weeks import WEEK, first_day, reporting_week

WEEKS: Final = 13
# Whose prepaid money nobody teaches for any more, or never was allowed to.
STOPPED: Final = ("suspended", "deregistered", "unlicensed")


def overview_counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    recent_days: int,
    charged_beyond: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Count what the overview shows, as of a day: :func:`fee_counts`, and besides.

    ==================  =================================================================
    course              ``registration.coverage_on_days``: this weekday of thirteen weeks
    items               ``rectification.open_on_days`` on the same days
    disputes            ``refunds.open_on_days`` on the same days
    reports             ``weekly_counts`` of thirteen weeks, the last up to the day
    reports_before      those of the week before, up to the same weekday
    verified            reports by the day of verification, the week of the day alone
    inspections         as ``reports``
    inspections_before  as ``reports_before``
    relapse             ``rectification.relapse``
    institutions        ``refunds.by_institution`` with ``recent_days``
    plans               ``refund_plans.plans``, of all categories
    ==================  =================================================================
    """
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "categories": categories}
    last_week = {**asked, "as_of": as_of - WEEK, "weeks": 1}
    days = tuple(as_of - WEEK * back for back in range(WEEKS))

    def weekly(subject: str, weeks: int = WEEKS) -> pd.DataFrame:
        return weekly_counts(conn, **asked, subject=subject, weeks=weeks)

    return {
        "course": registration.coverage_on_days(conn, **asked, weeks=WEEKS),
        "items": rectification.open_on_days(conn, **asked, days=days),
        "disputes": refunds.open_on_days(conn, **asked, days=days),
        "reports": weekly("violation_report"),
        "reports_before": weekly_counts(conn, **last_week, subject="violation_report"),
        "verified": weekly("violation_report_verified", 1),
        "inspections": weekly("inspection"),
        "inspections_before": weekly_counts(conn, **last_week, subject="inspection"),
        "relapse": rectification.relapse(conn, **asked),
        "institutions": refunds.by_institution(conn, **asked, recent_days=recent_days),
        "plans": refund_plans.plans(conn, scope=scope, as_of=as_of),
        **fee_counts(conn, **asked, charged_beyond=charged_beyond),
    }


def fee_counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    charged_beyond: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Count what there is of prepaid money and of checks, as of a day.

    ``charged_beyond`` are those of ``fee_charges.Limits``.

    ===========  ========================================================================
    supervision  ``fee_supervision.supervision``
    charges      ``fee_charges.charge_counts`` of the reporting week, up to the day
    suspects     ``fee_charges.suspects`` of the same charges
    stopped      ``fee_charges.outstanding`` of institutions that are not in operation
    checks       ``compliance_checks.coverage`` since the campaign began
    ===========  ========================================================================
    """
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "categories": categories}
    of_week = {**asked, "since": first_day(reporting_week(as_of))}
    campaign = newest_campaign(conn).starts_on
    return {
        "supervision": fee_supervision.supervision(conn, **asked),
        "charges": fee_charges.charge_counts(conn, **of_week),
        "suspects": fee_charges.suspects(
            conn, **of_week, charge_limits=fee_charges.Limits(**charged_beyond)
        ),
        "stopped": fee_charges.outstanding(conn, **asked, states=STOPPED),
        "checks": compliance_checks.coverage(conn, **asked, since=campaign),
    }


def charges_since(
    conn: Connection, *, scope: Scope, as_of: date, since: date, charged_beyond: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return ``fee_charges.charge_counts`` and ``suspects`` from ``since`` to the day."""
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "since": since}
    limits = fee_charges.Limits(**charged_beyond)
    return {
        "charged": fee_charges.charge_counts(conn, **asked),
        "suspects": fee_charges.suspects(conn, **asked, charge_limits=limits),
    }


def counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    recent_days: int,
    charged_beyond: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Count every subject of the meeting as of a day: :func:`overview_counts`, and besides.

    =================  ==================================================================
    items_opened       ``weekly_counts`` of thirteen weeks: spells of being open that began
    items_closed       … and that ended
    disputes_opened    ``weekly_counts`` of thirteen weeks
    disputes_resolved  likewise
    points             ``supervision_points`` since the campaign began
    =================  ==================================================================
    """
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "categories": categories}
    flows = {
        "items_opened": "rectification_opened",
        "items_closed": "rectification_closed",
        "disputes_opened": "refund_dispute_opened",
        "disputes_resolved": "refund_dispute_resolved",
    }
    since = newest_campaign(conn).starts_on
    return {
        **overview_counts(conn, **asked, recent_days=recent_days, charged_beyond=charged_beyond),
        **{
            name: weekly_counts(conn, **asked, subject=subject, weeks=WEEKS)
            for name, subject in flows.items()
        },
        "points": supervision_points(conn, **asked, since=since),
    }
