"""Counts by reporting week: full weeks from the summary, a week under way from the facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, select, union_all

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import weekly_summary
from data_access.scope import Scope
from data_access.summaries import COUNTS, counted
from data_access.weeks import WEEK, first_day, reporting_week

_COLUMNS = ("week", "county_code", "status", "kind", "n", "students", "amount_yuan")


def weekly_counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    subject: str,
    weeks: int = 13,
) -> pd.DataFrame:
    """Count a subject of ``data_access.summaries`` in the last ``weeks`` reporting weeks.

    The last one is the week of ``as_of`` and is counted up to that day only. Weeks and
    counties without a case have no row.

    Returns, by week:

    ===========  ==============  ======================================================
    week         datetime64[s]   the Thursday that names the reporting week
    county_code  str             reporting unit
    status       str             as ``summaries`` says for the subject; '' if not split
    kind         str             likewise
    n            int64           cases, count
    students     int64           students concerned, where the subject has any
    amount_yuan  float64         yuan, where the subject has any
    ===========  ==============  ======================================================

    Raises:
        KeyError: there is no such subject.
    """
    this_week = reporting_week(as_of)
    first_week = this_week - (weeks - 1) * WEEK
    if categories:
        stmt = _from_facts(subject, scope, as_of, first_week, categories)
    elif as_of == this_week:
        stmt = _from_summary(subject, scope, first_week, this_week)
    else:
        last_full_week = this_week - WEEK
        both = union_all(
            _from_summary(subject, scope, first_week, last_full_week),
            _from_facts(subject, scope, as_of, this_week, ()),
        ).subquery()
        stmt = select(*both.c)
    counts = stmt.subquery()
    return read_frame(
        conn,
        select(*(counts.c[name] for name in _COLUMNS)).order_by(counts.c.week),
        {
            "week": "datetime64[s]",
            "county_code": "str",
            "status": "str",
            "kind": "str",
            "n": "int64",
            "students": "int64",
            "amount_yuan": "float64",
        },
    )


def _from_summary(subject: str, scope: Scope, first: date, last: date) -> Select[Any]:
    summary = weekly_summary.c
    return select(*(summary[name] for name in _COLUMNS)).where(
        scope.allows(weekly_summary),
        summary.subject == subject,
        summary.week.between(first, last),
    )


def _from_facts(
    subject: str, scope: Scope, as_of: date, first_week: date, categories: tuple[str, ...]
) -> Select[Any]:
    count = COUNTS[subject]
    conditions = [scope.allows(count.table), count.week >= first_week, count.day <= as_of]
    if categories:
        # Said of the day as well: by their institution and the day its reports are found.
        conditions.append(count.day >= first_day(first_week))
        conditions.append(of_categories(count.linked, categories, scope=scope))
    facts = counted(subject, *conditions).subquery()
    return select(*(facts.c[name] for name in _COLUMNS))
