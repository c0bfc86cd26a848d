"""Judgement on the ledgers themselves: which rows are wrong, since when, and whether it got better.

What SQL can say of a row comes from ``data_access.data_quality``; here are the check digits, the
silent weeks, the ages and the sentences. Where the borders of counties run, ``outside`` knows. A
week before is the same question asked of the rows as they were known then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis import wording
from analysis.quality_settings import JUDGED, REPORT_OUTSIDE, SILENT_WEEK, Limits, Rule, Settings

_WEEK: Final = timedelta(days=7)
_KEPT: Final = ("table", "id", "row_key", "number", "name", "county_code", "county")
FOUND: Final = {
    "rule": "str",
    "table": "str",
    "id": "int64",
    "row_key": "str",
    "number": "str",
    "name": "str",
    "county_code": "str",
    "county": "str",
    "said": "str",
    "known_on": "datetime64[s]",
    "known_days": "int64",
}


def wrong_codes(codes: pd.DataFrame, holds: Callable[[Sequence[str]], Any]) -> pd.DataFrame:
    """Return the rows of ``codes`` whose credit code is none, with the rule that finds them.

    ``codes`` is ``data_quality.codes``; ``holds`` says of codes of 18 characters whether their
    check digit holds. Returns ``rule``, ``table`` (str) and ``id`` (int64).
    """
    written = codes["credit_code"].str
    is_code = (written.len() == 18) & written.isascii()
    right = is_code.to_numpy(dtype=bool).copy()
    right[right] = np.asarray(holds(codes.loc[right, "credit_code"].tolist()), dtype=bool)
    return _judged(
        codes[~right], {"institution": "code_wrong", "roster_entry": "roster_code_wrong"}
    )


def outside_county(places: pd.DataFrame, metres: pd.Series, *, limits: Limits) -> pd.DataFrame:
    """Return the places that lie farther outside their county than the border is exact.

    ``metres`` is ``outside.metres_outside(places)``. Returns ``rule``, ``table`` (str), ``id``
    (int64) and ``metres`` (float64).
    """
    far = metres > limits.outside_metres
    rules = {"institution": "institution_outside", "violation_report": "report_outside"}
    return _judged(places[far], rules).assign(metres=metres[far].to_numpy())


def _judged(rows: pd.DataFrame, rules: Mapping[str, str]) -> pd.DataFrame:
    found = rows[["table", "id"]].reset_index(drop=True)
    found.insert(0, "rule", found["table"].map(rules).astype("str"))
    return found


def ids_of(*judged: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    """Return the ids of judged rows by table, for ``data_quality.findings``."""
    rows = pd.concat([each[["table", "id"]] for each in judged])
    return {
        str(table): tuple(sorted(set(ids.tolist()))) for table, ids in rows.groupby("table")["id"]
    }


def looked_at(checked: pd.DataFrame, places: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Add to ``data_quality.checked`` how many rows were judged here: same columns.

    But of reports, of whose places only the changed are here: how many have one it counts itself.
    """
    parts = []
    for rule, table in JUDGED.items():
        if rule == REPORT_OUTSIDE:
            continue
        rows = places if rule.endswith("_outside") else codes
        counts = rows[rows["table"] == table].groupby("county_code", dropna=False).size()
        part = counts.rename("rows").reset_index().assign(table=table, rule=rule)
        parts.append(part[list(checked.columns)])
    more = pd.concat(parts, ignore_index=True).astype(checked.dtypes.to_dict())
    return pd.concat([checked, more], ignore_index=True)


def silent_weeks(
    counts: pd.DataFrame, units: pd.DataFrame, *, as_of: date, limits: Limits
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weeks without a report of counties that always report, of how many looked at.

    ``counts`` is ``data_quality.weeks``, ``units`` the counties in scope. A full week is
    looked at where every one of the ``always_weeks`` before it has a report, but for the last
    ``arrival_weeks`` by ``as_of``, whose reports may still come. Returns the weeks
    (``county_code``, ``county``, ``week``) and ``county_code``, ``rows``.
    """
    thursday = as_of - timedelta(days=(as_of.weekday() - 3) % 7)
    last = thursday - limits.arrival_weeks * _WEEK
    heard = set(zip(counts["county_code"], counts["week"].dt.date, strict=True))
    silent, rows = [], []
    for code, name in units[["county_code", "county"]].itertuples(index=False):
        n = 0
        for back in range(limits.looked_back_weeks):
            week = last - back * _WEEK
            before = (week - each * _WEEK for each in range(1, limits.always_weeks + 1))
            if all((code, each) in heard for each in before):
                n += 1
                if (code, week) not in heard:
                    silent.append((code, name, pd.Timestamp(week)))
        rows.append((code, n))
    weeks = pd.DataFrame(silent, columns=["county_code", "county", "week"])
    dtypes = {"county_code": "str", "county": "str", "week": "datetime64[s]"}
    return weeks.astype(dtypes), pd.DataFrame(rows, columns=["county_code", "rows"]).astype(
        {"county_code": "str", "rows": "int64"}
    )


def first_week_needed(as_of: date, limits: Limits) -> date:
    """Return a day of the first week that `silent_weeks` looks at."""
    return (
        as_of - (limits.looked_back_weeks + limits.always_weeks + limits.arrival_weeks + 1) * _WEEK
    )


def found(
    findings: Mapping[str, pd.DataFrame],
    *,
    outside: pd.DataFrame,
    codes: pd.DataFrame,
    silent: pd.DataFrame,
    settings: Settings,
    as_of: date,
    in_words: bool = True,
) -> pd.DataFrame:
    """Return what is wrong, one line a rule and row, in the order of rules, counties and numbers.

    ``findings`` is ``data_quality.findings`` with ``judged`` of what `outside_county` and
    `wrong_codes` found; ``silent`` the weeks of `silent_weeks`. To count alone, nothing need be
    ``in_words``: ``said`` is then empty.

    ============  =============  ==============================================================
    rule          str            its code
    table         str            of the ledger
    id            int64          of the row in its table; of a week, its day as a number
    row_key       str            by what ``row_change`` names the row
    number, name  str            what people call it by; may be unknown
    county_code   str            reporting unit; NaN for lines of lists that name none
    county        str            its full name
    said          str            what is wrong with its values
    known_on      datetime64[s]  since when we have known the row as it is: see `aged`
    known_days    int64          days from then to ``as_of``
    ============  =============  ==============================================================
    """
    parts = []
    metres = _metres_of(outside)
    judged = {
        (str(rule), int(one))
        for each in (outside, codes)
        for rule, one in zip(each["rule"], each["id"], strict=True)
    }
    for rule in settings.rules.values():
        if rule.code == SILENT_WEEK:
            parts.append(_of_weeks(silent, rule, settings.limits, as_of))
            continue
        rows = findings[rule.table]
        if rule.code in JUDGED:
            rows = rows[[(rule.code, one) in judged for one in rows["id"].tolist()]]
        else:
            rows = rows[rows[rule.code]]
        if not rows.empty:
            parts.append(_of_rows(rows, rule, settings.limits, as_of, metres if in_words else None))
    return _one_below_the_other(parts)


def listed(
    rows: pd.DataFrame,
    *,
    outside: pd.DataFrame,
    settings: Settings,
    as_of: date,
    in_words: bool = True,
) -> pd.DataFrame:
    """Return the columns of `found` of rows of which it is known by which ``rule`` they are found.

    ``rows`` are such of ``data_quality.reports`` with ``rule`` (str), each rule's one below the
    other; ``outside`` is `outside_county` of them.
    """
    metres = _metres_of(outside) if in_words else None
    parts = [
        _of_rows(each, settings.rules[str(code)], settings.limits, as_of, metres)
        for code, each in rows.groupby("rule", sort=False)
    ]
    return _one_below_the_other(parts)


def _metres_of(outside: pd.DataFrame) -> dict[tuple[str, int], float]:
    which = zip(outside["rule"], outside["id"], strict=True)
    return dict(zip(which, outside["metres"], strict=True))


def _one_below_the_other(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    every = [each for each in parts if not each.empty]
    if not every:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in FOUND.items()})
    return pd.concat(every, ignore_index=True)[list(FOUND)].astype(FOUND)


def _of_rows(
    rows: pd.DataFrame,
    rule: Rule,
    limits: Limits,
    as_of: date,
    metres: Mapping[Any, float] | None,
) -> pd.DataFrame:
    known_on = rows["received_by_us_on"]
    for column, limit in rule.since:
        days = (getattr(limits, limit) if limit else 0) + 1
        late = rows[column] + pd.Timedelta(days=days)
        known_on = known_on.where(late.isna() | (late <= known_on), late)
    said: list[str] | str = ""
    if metres is not None:
        names = [name for name in rows.columns if f"{{{name}}}" in rule.said]
        values = rows[list({"id", *names} | ({"phone"} & {*rows.columns}))]
        said = [_say(rule, row, names, as_of, metres) for row in values.to_dict("records")]
    return pd.DataFrame(
        {
            "rule": rule.code,
            **{name: rows[name] for name in _KEPT if name != "table"},
            "table": rule.table,
            "said": said,
            "known_on": known_on,
            "known_days": (pd.Timestamp(as_of) - known_on).dt.days.clip(lower=0),
        }
    )


def _of_weeks(silent: pd.DataFrame, rule: Rule, limits: Limits, as_of: date) -> pd.DataFrame:
    days = silent["week"].dt.date.tolist()
    said = rule.said.format(always_weeks=limits.always_weeks)
    ended = [day + timedelta(days=1) + limits.arrival_weeks * _WEEK for day in days]
    return pd.DataFrame(
        {
            "rule": rule.code,
            "table": rule.table,
            "id": [day.toordinal() for day in days],
            "row_key": [
                f"{code}:{day}" for code, day in zip(silent["county_code"], days, strict=True)
            ],
            "number": [f"{day} 报送周" for day in days],
            "name": None,
            "county_code": silent["county_code"].to_numpy(),
            "county": silent["county"].to_numpy(),
            "said": said,
            "known_on": pd.to_datetime(pd.Series(ended, dtype="datetime64[s]")),
            "known_days": [max((as_of - day).days, 0) for day in ended],
        }
    )


def _say(
    rule: Rule,
    row: Mapping[Any, Any],
    names: Sequence[str],
    as_of: date,
    metres: Mapping[Any, float],
) -> str:
    values = {name: _written(name, row[name], as_of) for name in names}
    if "{outside}" in rule.said:
        values["outside"] = _distance(metres[rule.code, row["id"]])
    if "{phone_ending}" in rule.said:
        values["phone_ending"] = str(row["phone"])[-4:]
    return rule.said.format(**values)


def _written(name: str, value: Any, as_of: date) -> str:
    if wording.is_missing(value):
        return wording.MISSING
    if isinstance(value, pd.Timestamp):
        return wording.day(value.date(), beside=as_of)
    if name.endswith("_yuan"):
        return wording.yuan(value)
    return wording.count(value) if isinstance(value, int | float) else str(value)


def _distance(metres: float) -> str:
    return f"{metres:.0f} 米" if metres < 1_000 else f"{metres / 1_000:.1f} 公里"


def aged(
    rows: pd.DataFrame, changes: pd.DataFrame, *, settings: Settings, as_of: date
) -> pd.DataFrame:
    """Count the days of `found` from the last change of a column that the rule is about.

    ``changes`` is ``data_quality.changed_on`` of these rows. A row is as old as it came, as the
    last of these changes, or as the day on which time alone made it wrong, whichever is later.
    """
    about = pd.DataFrame(
        [
            (rule.code, rule.table, name)
            for rule in settings.rules.values()
            for name in rule.columns
        ],
        columns=["rule", "table", "column"],
    )
    last = (
        changes.merge(about, on=["table", "column"])
        .groupby(["rule", "row_key"])["changed_on"]
        .max()
    )
    keys = pd.MultiIndex.from_frame(rows[["rule", "row_key"]])
    changed = pd.Series(last.reindex(keys).to_numpy(), index=rows.index, dtype="datetime64[s]")
    known_on = pd.concat([rows["known_on"], changed], axis=1).max(axis=1).astype("datetime64[s]")
    days = (pd.Timestamp(as_of) - known_on).dt.days.clip(lower=0)
    return rows.assign(known_on=known_on, known_days=days.astype("int64"))
