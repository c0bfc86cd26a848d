"""The city's median of each indicator: a benchmark without names.

It is the only figure that looks past a county's scope, so it is worked out as the owner of the
tables, of the whole city, for a whole day and without filters, and of released rows alone; a
reader gets the result. This module asks ``analysis`` for the figures while it works them out,
and not before: see docs/decisions/0009-city-medians.md.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from data_access import course_fees, meeting_counts, reference, refund_weeks, versions
from data_access.engine import get_engine, get_import_engine
from data_access.row_security import why_no_writer
from data_access.schema import city_median, data_version
from data_access.scope import Scope
from data_access.self_review import review_counts
from data_access.weeks import last_full_week, last_weeks


def medians(conn: Connection, *, as_of: date) -> dict[str, float | None]:
    """Return the median of each indicator on a day, ``None`` where under five counties took part.

    Nothing where they have not been worked out since the data changed last. A share is 0 to 1.
    """
    one = city_median.c
    current = select(data_version.c.version).scalar_subquery()
    stmt = select(one.indicator, one.value).where(one.as_of == as_of, one.data_version == current)
    return {row.indicator: row.value for row in conn.execute(stmt)}


def refresh(as_of: date) -> bool:
    """Work the medians of a day out where they are not yet; return whether they are there now.

    Not where this process may not write, nor where the data changed meanwhile: whoever asks
    next works them out. Two processes that do it at once take turns; the second finds the work
    done. The version of the data stays: what pages show does not become another.
    """
    with get_engine().connect() as conn:
        if medians(conn, as_of=as_of):
            return True
    with get_import_engine().connect() as conn:
        if why_no_writer(conn) is not None:
            return False
        version = versions.current(conn)
        rows = _worked_out(conn, as_of)
    with get_import_engine().begin() as conn:
        # The first statement writes, and waits for other writers: see platform-facts.md.
        conn.execute(update(data_version).values(version=data_version.c.version))
        if versions.current(conn) != version:
            return False
        if not medians(conn, as_of=as_of):
            conn.execute(delete(city_median).where(city_median.c.as_of == as_of))
            new = [{**row, "as_of": as_of, "data_version": version} for row in rows]
            conn.execute(insert(city_median), new)
    return True


def _worked_out(conn: Connection, as_of: date) -> list[dict[str, Any]]:
    from analysis.alarms import WEEKS
    from analysis.fee_figures import charge_limits
    from analysis.prices import before_summer
    from analysis.review_signs import with_signs
    from analysis.self_review import city_medians, review_figures, with_charges
    from analysis.week_figures import limits, week_figures

    scope, since = Scope.city(), reference.newest_campaign(conn).starts_on
    counts = meeting_counts.counts(conn, scope=scope, as_of=as_of, **limits())
    known = with_charges(
        review_counts(conn, scope=scope, as_of=as_of, since=since),
        **meeting_counts.charges_since(
            conn, scope=scope, as_of=as_of, since=since, charged_beyond=charge_limits()
        ),
    )
    last = last_full_week(as_of)
    past = tuple(last_weeks(last, WEEKS))
    known = with_signs(
        known,
        course_fees.prices(conn, scope=scope, as_of=as_of, since=before_summer(as_of)),
        refund_weeks.institution_weeks(conn, scope=scope, as_of=last, weeks=past),
        as_of=as_of,
        weeks=past,
    )
    figures = review_figures(week_figures(counts, as_of=as_of), known)
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in city_medians(figures).to_dict("records")
    ]
