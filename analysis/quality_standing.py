"""How every rule of data quality stands against a week before.

Of reports only those that were changed in the week are compared one by one; all others are counted,
for one that was not changed and was wrong then is wrong now.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.quality_settings import Settings


def unchanged(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Put what ``flawed_reports.counts`` counted for a day and for a week before side by side.

    ===========  =====  =====================================================================
    county_code  str    reporting unit
    rule         str    code, or that for any rule
    rows         int64  reports found that were not changed in the week
    before       int64  those of them found a week before: every one is found now, too
    ===========  =====  =====================================================================
    """
    columns = ["county_code", "rule", "rows", "before"]
    both = pd.concat(
        [now.assign(before=0)[columns], before.assign(rows=0, before=before["rows"])[columns]]
    )
    return both.groupby(["county_code", "rule"], as_index=False).sum()


def by_county(changed: pd.DataFrame, counted: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Count reports by rule and county: those of `found` that were changed, and the `unchanged`.

    Returns ``rule``, ``county_code`` (str) and ``rows`` (int64), in the order of ``units``.
    """
    keys = ["rule", "county_code"]
    both = pd.concat([changed[keys].assign(rows=1), counted[[*keys, "rows"]]])
    rows = both.groupby(keys)["rows"].sum().reset_index()
    nth = {code: place for place, code in enumerate(units["county_code"])}
    return rows.sort_values(
        "county_code", key=lambda codes: codes.map(nth), ignore_index=True, kind="stable"
    )


def standing(
    now: pd.DataFrame,
    before: pd.DataFrame,
    checked: pd.DataFrame,
    *,
    counted: pd.DataFrame,
    oldest: Mapping[str, int],
    settings: Settings,
) -> pd.DataFrame:
    """Put every rule side by side with a week before, what to mend first first.

    ``now`` and ``before`` are `found`, ``checked`` is `looked_at` of now, with silent weeks.
    ``counted`` are the rows that neither has, as `unchanged` has them, and ``oldest`` the days for
    which the oldest of these are known, by rule.

    ===========  =======  =====================================================================
    rule         str      its code; its words are in the settings
    urgency      int64    1 to 3
    rows         int64    rows found
    looked_at    int64    rows that the rule looked at
    oldest_days  Int64    age of the oldest row; NA without one
    before       int64    rows found a week before
    mended       int64    rows found then and not now
    added        int64    rows found now and not then
    ===========  =======  =====================================================================
    """
    keys = [
        {code: set(rows["row_key"]) for code, rows in each.groupby("rule")}
        for each in (now, before)
    ]
    days = now.groupby("rule")["known_days"].max().to_dict()
    looked = checked.groupby("rule")["rows"].sum()
    more, more_then = (counted.groupby("rule")[each].sum().to_dict() for each in ("rows", "before"))
    listed = []
    for rule in settings.rules.values():
        here, then = (each.get(rule.code, set()) for each in keys)
        n, n_then = more.get(rule.code, 0), more_then.get(rule.code, 0)
        if rule.code not in looked.index and not here and not n:
            continue
        ages = [each[rule.code] for each in (days, oldest) if rule.code in each]
        listed.append(
            {
                "rule": rule.code,
                "urgency": rule.urgency,
                "rows": len(here) + n,
                "looked_at": int(looked.get(rule.code, 0)),
                "oldest_days": max(ages, default=pd.NA),
                "before": len(then) + n_then,
                "mended": len(then - here),
                "added": len(here - then) + n - n_then,
            }
        )
    dtypes = {
        "rule": "str",
        "urgency": "int64",
        "rows": "int64",
        "looked_at": "int64",
        "oldest_days": "Int64",
        "before": "int64",
        "mended": "int64",
        "added": "int64",
    }
    rows = pd.DataFrame(listed, columns=list(dtypes)).astype(dtypes)
    rows = rows.assign(is_clean=rows["rows"] == 0)
    return (
        rows.sort_values(
            ["is_clean", "urgency", "rows"], ascending=[True, True, False], kind="stable"
        )
        .drop(columns="is_clean")
        .reset_index(drop=True)
    )
