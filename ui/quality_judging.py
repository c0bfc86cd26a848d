"""The ledgers looked through: rows as they are, and by the same rules as they were a week ago."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pandas as pd

from analysis import data_quality as judgement
from analysis import outside, quality_scores
from analysis.outside import Polygons
from analysis.quality_settings import ACROSS_COUNTIES, SILENT_WEEK, Settings, settings
from data_access import data_quality, reference
from data_access.ledgers.credit_code import check_digit_holds
from data_access.scope import Scope
from ui import map_files

_WEEK: Final = timedelta(days=7)


class Judged(NamedTuple):
    """The ledgers of a day, judged: what is wrong, how many rows were looked at, the score.

    ``found``, ``standing`` and ``scores`` are what ``analysis.data_quality`` and
    ``analysis.quality_scores`` make of them; ``before`` is the day that the week began.
    """

    found: pd.DataFrame
    standing: pd.DataFrame
    scores: pd.DataFrame
    before: date


def judge(conn: Any, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()) -> Judged:
    """Look through the ledgers as they are, and as they were known a week before ``as_of``.

    Of released rows alone: what this page says may be handed to counties.
    """
    scope = scope.released()
    asked: dict[str, Any] = {"scope": scope, "categories": categories}
    rules, before = settings(), as_of - _WEEK
    cells = data_quality.cells(conn, scope=scope)
    asked_cells = outside.doubtful_cells(cells, polygons(), metres=rules.limits.outside_metres)
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
        dtype="str",
    )
    # A week that is looked back at no more is not mended: the older view leaves it out, too.
    fewer = replace(rules.limits, looked_back_weeks=rules.limits.looked_back_weeks - 1)
    now, checked = _look(conn, units, rules, {**asked, "as_of": as_of}, asked_cells)
    then, checked_then = _look(
        conn,
        units,
        replace(rules, limits=fewer),
        {**asked, "as_of": before, "known_on": before},
        asked_cells,
    )
    keys = {str(name): rows["row_key"] for name, rows in now.groupby("table")}
    changes = data_quality.changed_on(conn, scope=scope, keys=keys)
    now = judgement.aged(now, changes, settings=rules, as_of=as_of)
    return Judged(
        now,
        judgement.standing(now, then, checked, settings=rules),
        quality_scores.scores(now, then, checked, checked_then, units, settings=rules),
        before,
    )


def _look(
    conn: Any,
    units: pd.DataFrame,
    rules: Settings,
    asked: dict[str, Any],
    cells: dict[str, list[str]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is wrong, and how many rows were looked at."""
    limits, as_of, is_past = rules.limits, asked["as_of"], "known_on" in asked
    places = data_quality.places(conn, **asked, cells=cells)
    codes = data_quality.codes(conn, **asked)
    metres = outside.metres_outside(places, polygons())
    far = judgement.outside_county(places, metres, limits=limits)
    wrong = judgement.wrong_codes(codes, check_digit_holds)
    of_sql = limits.of(data_quality.Limits)
    rows = data_quality.findings(conn, **asked, limits=of_sql, judged=judgement.ids_of(far, wrong))
    if is_past:  # which is only held against the rows of now
        checked = data_quality.row_counts(conn, **asked)
    else:
        checked = data_quality.checked(conn, **asked, limits=of_sql)
        checked = judgement.looked_at(checked, places, codes)
        if len(units) == 1:
            checked = checked[checked["rule"] != ACROSS_COUNTIES]
    silent = pd.DataFrame(columns=["county_code", "county", "week"]).astype(
        {"county_code": "str", "county": "str", "week": "datetime64[s]"}
    )
    if not asked["categories"]:  # a report is of no category for sure
        week_asked = {name: value for name, value in asked.items() if name != "categories"}
        since = judgement.first_week_needed(as_of, limits)
        counts = data_quality.weeks(conn, **week_asked, since=since)
        silent, weeks = judgement.silent_weeks(counts, units, as_of=as_of, limits=limits)
        weeks = weeks.assign(table=rules.rules[SILENT_WEEK].table, rule=SILENT_WEEK)
        checked = pd.concat([checked, weeks[list(checked.columns)]], ignore_index=True)
    found = judgement.found(
        rows,
        outside=far,
        codes=wrong,
        silent=silent,
        settings=rules,
        as_of=as_of,
        in_words=not is_past,
    )
    return found, checked


def polygons() -> Polygons:
    """Return the borders of the counties that the map shows."""
    return _polygons(map_files.boundaries().file.body)


@lru_cache(maxsize=2)
def _polygons(body: bytes) -> Polygons:
    return outside.polygons_of(json.loads(body))
