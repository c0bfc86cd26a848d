"""The ledgers looked through: rows as they are, and by the same rules as they were a week ago."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import pandas as pd

from analysis import data_quality as judgement
from analysis import outside, quality_scores, quality_standing
from analysis.outside import Polygons
from analysis.quality_settings import (
    ACROSS_COUNTIES,
    REPORT_OUTSIDE,
    SILENT_WEEK,
    Settings,
    settings,
)
from data_access import data_quality, flawed_reports, reference
from data_access.flawed_reports import Outside, Slice
from data_access.ledgers.credit_code import check_digit_holds
from data_access.scope import Scope
from ui import map_files

_WEEK: Final = timedelta(days=7)
_REPORTS: Final = "violation_report"


class Judged(NamedTuple):
    """The ledgers of a day, judged: what is wrong, how many rows were looked at, the score.

    ``found``, ``standing`` and ``scores`` are what ``analysis.quality_standing`` and
    ``analysis.quality_scores`` make of them, but ``found`` has no reports: how many there are is in
    ``reports`` (``rule``, ``county_code``, ``rows``), by county in the order of the city's
    documents. ``before`` is the day that the week began.
    """

    found: pd.DataFrame
    reports: pd.DataFrame
    standing: pd.DataFrame
    scores: pd.DataFrame
    before: date


def judge(conn: Any, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()) -> Judged:
    """Look through the ledgers as they are, and as they were known a week before ``as_of``.

    Of released rows alone: what this page says may be handed to counties.
    """
    scope = scope.released()
    rules, before = settings(), as_of - _WEEK
    asked: dict[str, Any] = {"scope": scope, "categories": categories, "changed_since": before}
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
        dtype="str",
    )
    # A week that is looked back at no more is not mended: the older view leaves it out, too.
    fewer = replace(rules.limits, looked_back_weeks=rules.limits.looked_back_weeks - 1)
    now, checked = _look(conn, units, rules, {**asked, "as_of": as_of})
    then, checked_then = _look(
        conn, units, replace(rules, limits=fewer), {**asked, "as_of": before, "known_on": before}
    )
    now = _aged(conn, now, scope=scope, as_of=as_of)
    reports = Reports(conn, scope, as_of, categories)
    counted, counted_then = reports.counted(before)
    unchanged = quality_standing.unchanged(counted, counted_then)
    is_any = unchanged["rule"] == flawed_reports.ANY_RULE
    is_report = now["rule"].isin(flawed_reports.RULES)
    return Judged(
        now[~is_report],
        quality_standing.by_county(now[is_report], unchanged[~is_any], units),
        quality_standing.standing(
            now,
            then,
            checked,
            counted=unchanged[~is_any],
            oldest=reports.oldest(counted),
            settings=rules,
        ),
        quality_scores.scores(
            now, then, checked, checked_then, units, counted=unchanged[is_any], settings=rules
        ),
        before,
    )


class Reports:
    """The reports of a day in which something is wrong, counted and read by the page."""

    def __init__(
        self, conn: Any, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
    ) -> None:
        """Take what is asked of; of released rows alone."""
        self._conn, self._scope, self._as_of = conn, scope.released(), as_of
        limits = settings().limits
        self._asked: dict[str, Any] = {
            "scope": self._scope,
            "categories": categories,
            "limits": limits.of(data_quality.Limits),
        }

    @cached_property
    def _outside(self) -> Outside:
        """Where they lie outside their county: only places of cells at its border are read."""
        limits, conn, scope = settings().limits, self._conn, self._scope
        cells = flawed_reports.cells(conn, scope=scope)
        whole, partly = outside.doubtful_cells(cells, polygons(), metres=limits.outside_metres)
        places = flawed_reports.places(conn, scope=scope, cells=partly)
        places = places.astype({"cell": "object"}).where(places.notna(), None)
        far = places[outside.metres_outside(places, polygons()) > limits.outside_metres]
        return Outside(whole, tuple(far.itertuples(index=False, name=None)))

    def counted(self, before: date) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Count them by the day and by the day before, but what was changed in between."""
        asked = {**self._asked, "unchanged_since": before, "outside": self._outside}
        return (
            flawed_reports.counts(self._conn, as_of=self._as_of, **asked),
            flawed_reports.counts(self._conn, as_of=before, known_on=before, **asked),
        )

    def oldest(self, counted: pd.DataFrame) -> dict[str, int]:
        """Return for how many days each rule's oldest has been known, by rule.

        Nobody knows one for longer than we have had it. So the first that came are looked at, and
        where these were changed since, all that came before that.
        """
        counted = counted[counted["rule"] != flawed_reports.ANY_RULE]
        first_on = counted.groupby("rule")["first_on"].min().dt.date.to_dict()
        known_on = self._known_on(first_on)
        later = {rule: day for rule, day in known_on.items() if day > first_on[rule]}
        known_on |= self._known_on(later)
        return {rule: max((self._as_of - day).days, 0) for rule, day in known_on.items()}

    def _known_on(self, received_until: dict[str, date]) -> dict[str, date]:
        """Return since when the oldest of those that came by a day are known, by rule."""
        if not received_until:
            return {}
        asked = {**self._asked, "as_of": self._as_of, "outside": self._outside}
        found = flawed_reports.first_come(self._conn, received_until=received_until, **asked)
        rows = self._listed(found, in_words=False)
        known_on: dict[str, date] = rows.groupby("rule")["known_on"].min().dt.date.to_dict()
        return known_on

    def listed(self, slices: Sequence[Slice]) -> pd.DataFrame:
        """Return the reports of these slices one below the other: columns of ``found``."""
        is_asked = any(each.rule == REPORT_OUTSIDE for each in slices)
        nowhere = Outside({}, ())
        found = flawed_reports.listed(
            self._conn,
            as_of=self._as_of,
            slices=slices,
            outside=self._outside if is_asked else nowhere,
            **self._asked,
        )
        return self._listed(found)

    def _listed(self, found: pd.DataFrame, *, in_words: bool = True) -> pd.DataFrame:
        ids = sorted(set(found["id"].tolist()))
        rows = data_quality.reports(self._conn, as_of=self._as_of, report_ids=ids, **self._asked)
        rows = rows.set_index("id", drop=False).loc[found["id"]].reset_index(drop=True)
        rows = rows.assign(rule=found["rule"], table=_REPORTS)
        metres = outside.metres_outside(rows, polygons())
        listed = judgement.listed(
            rows,
            outside=judgement.outside_county(rows, metres, limits=settings().limits),
            settings=settings(),
            as_of=self._as_of,
            in_words=in_words,
        )
        return _aged(self._conn, listed, scope=self._scope, as_of=self._as_of)


def _aged(conn: Any, rows: pd.DataFrame, *, scope: Scope, as_of: date) -> pd.DataFrame:
    keys = {str(name): each["row_key"] for name, each in rows.groupby("table")}
    changes = data_quality.changed_on(conn, scope=scope, keys=keys)
    return judgement.aged(rows, changes, settings=settings(), as_of=as_of)


def _look(
    conn: Any, units: pd.DataFrame, rules: Settings, asked: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is wrong, of reports but the changed, and how many rows were looked at."""
    limits, as_of, is_past = rules.limits, asked["as_of"], "known_on" in asked
    of_all = {name: value for name, value in asked.items() if name != "changed_since"}
    places, codes = data_quality.places(conn, **asked), data_quality.codes(conn, **of_all)
    metres = outside.metres_outside(places, polygons())
    far = judgement.outside_county(places, metres, limits=limits)
    wrong = judgement.wrong_codes(codes, check_digit_holds)
    of_sql = limits.of(data_quality.Limits)
    rows = data_quality.findings(conn, **asked, limits=of_sql, judged=judgement.ids_of(far, wrong))
    if is_past:  # which is only held against the rows of now
        checked = data_quality.row_counts(conn, **of_all)
    else:
        checked = data_quality.checked(conn, **of_all, limits=of_sql)
        checked = judgement.looked_at(checked, places, codes)
        if len(units) == 1:
            checked = checked[checked["rule"] != ACROSS_COUNTIES]
    silent, weeks = _silent_weeks(conn, units, rules, of_all)
    found = judgement.found(
        rows,
        outside=far,
        codes=wrong,
        silent=silent,
        settings=rules,
        as_of=as_of,
        in_words=not is_past,
    )
    return found, pd.concat([checked, weeks[list(checked.columns)]], ignore_index=True)


def _silent_weeks(
    conn: Any, units: pd.DataFrame, rules: Settings, asked: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weeks without a report, and how many were looked at."""
    limits, week_asked = rules.limits, {**asked}
    if week_asked.pop("categories"):  # a report is of no category for sure
        units = units.head(0)
    since = judgement.first_week_needed(asked["as_of"], limits)
    counts = data_quality.weeks(conn, **week_asked, since=since)
    silent, weeks = judgement.silent_weeks(counts, units, as_of=asked["as_of"], limits=limits)
    return silent, weeks.assign(table=rules.rules[SILENT_WEEK].table, rule=SILENT_WEEK)


def polygons() -> Polygons:
    """Return the borders of the counties that the map shows."""
    return _polygons(map_files.boundaries().file.body)


@lru_cache(maxsize=2)
def _polygons(body: bytes) -> Polygons:
    return outside.polygons_of(json.loads(body))
