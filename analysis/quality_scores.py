"""How good the ledgers of each county are, and the sentences that say so.

A county's score is the share of its rows in which no rule that the county itself mends finds
anything: each row counts once, however much is wrong with it. What the city's team mends, and weeks
without a report, which are no rows, do not count.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from analysis import wording
from analysis.intervals import wilson
from analysis.quality_settings import SILENT_WEEK, Settings

_EVERY_ROW: Final = ""  # as ``data_access.data_quality.EVERY_ROW``
_SCORES: Final = {
    "county_code": "str",
    "county": "str",
    "rows": "int64",
    "right": "int64",
    "wrong": "int64",
    "mended": "int64",
    "added": "int64",
    "share": "float64",
    "change": "float64",
    "low": "float64",
    "high": "float64",
    "against": "str",
}
# How a county stands against all counties together.
BEHIND, AHEAD, ALIKE, FEW, ALONE = "behind", "ahead", "alike", "few", ""


def scores(
    now: pd.DataFrame,
    before: pd.DataFrame,
    checked: pd.DataFrame,
    checked_before: pd.DataFrame,
    units: pd.DataFrame,
    *,
    counted: pd.DataFrame,
    settings: Settings,
) -> pd.DataFrame:
    """Return the score of each county, in the order of ``units``.

    ``now`` and ``before`` are ``data_quality.found``, the others ``data_access.data_quality``'s
    ``checked`` of the same days; ``units`` has ``county_code`` and ``county``. ``counted`` are the
    wrong rows that neither has, as ``data_quality.unchanged`` has them, each row once.

    ===================  =======  =============================================================
    county_code, county  str      reporting unit
    rows                 int64    rows of ledgers that the county keeps
    right, wrong         int64    rows without and with a finding
    mended               int64    rows wrong a week before and right now
    added                int64    rows wrong now that were right a week before, or not there
    share                float64  right ÷ rows, 0 to 1; NaN without a row
    change               float64  its difference to a week before; NaN where one is not known
    low, high            float64  the 95 % Wilson interval of the share
    against              str      ``behind`` or ``ahead``: the interval lies below or above the
                                  share of all units together; ``alike``: it does not; ``few``:
                                  too few rows to compare; empty where there is one unit alone
    ===================  =======  =============================================================
    """
    wrong_now, wrong_then = (_wrong(each, settings) for each in (now, before))
    rows_now, rows_then = (_rows(each, settings) for each in (checked, checked_before))
    more = counted.set_index("county_code")
    codes = units["county_code"].tolist()
    all_rows = sum(int(rows_now.get(code, 0)) for code in codes)
    all_wrong = sum(len(wrong_now.get(code, ())) + _n(more["rows"], code) for code in codes)
    whole = wording.ratio(all_rows - all_wrong, all_rows)
    listed = []
    for code, name in units[["county_code", "county"]].itertuples(index=False):
        rows, then = int(rows_now.get(code, 0)), int(rows_then.get(code, 0))
        here, there = wrong_now.get(code, set()), wrong_then.get(code, set())
        n, n_then = _n(more["rows"], code), _n(more["before"], code)
        wrong, wrong_before = len(here) + n, len(there) + n_then
        share = wording.ratio(rows - wrong, rows)
        low, high = wilson(rows - wrong, rows)
        listed.append(
            (
                *(code, name, rows, rows - wrong, wrong),
                *(len(there - here), len(here - there) + n - n_then),
                *(share, share - wording.ratio(then - wrong_before, then), low, high),
                _against(rows, low, high, whole, settings) if len(codes) > 1 else ALONE,
            )
        )
    return pd.DataFrame(listed, columns=list(_SCORES)).astype(_SCORES)


def _n(counts: pd.Series, code: str) -> int:
    return int(counts.get(code, 0))


def _wrong(found: pd.DataFrame, settings: Settings) -> dict[str, set[tuple[str, str]]]:
    of_counties = {
        rule.code
        for rule in settings.rules.values()
        if rule.is_of_county and rule.code != SILENT_WEEK
    }
    rows = found[found["rule"].isin(of_counties)]
    return {
        str(code): set(zip(each["table"], each["row_key"], strict=True))
        for code, each in rows.groupby("county_code")
    }


def _rows(checked: pd.DataFrame, settings: Settings) -> pd.Series:
    of_counties = {rule.table for rule in settings.rules.values() if rule.is_of_county}
    rows = checked[(checked["rule"] == _EVERY_ROW) & checked["table"].isin(of_counties)]
    return rows.groupby("county_code")["rows"].sum()


def _against(rows: int, low: float, high: float, whole: float, settings: Settings) -> str:
    if rows < settings.limits.small_denominator:
        return FEW
    return BEHIND if high < whole else AHEAD if low > whole else ALIKE


def headline(
    scored: pd.DataFrame, standing: pd.DataFrame, *, where: str, since: date, settings: Settings
) -> str:
    """Say how many rows are right, what came of them ``since`` a day, and what to mend first.

    ``scored`` is `scores`, ``standing`` is ``data_quality.standing``, ``where`` names the scope.
    """
    rows, right = int(scored["rows"].sum()), int(scored["right"].sum())
    if not rows:
        return f"{where}没有台账数据"
    said = f"{where}台账 {wording.count(rows)} 行中 {wording.count(right)} 行没有问题"
    said += f"（{wording.percent(right / rows)}）"
    mended, added = int(scored["mended"].sum()), int(scored["added"].sum())
    week = [f"改好 {wording.count(mended)} 行"] if mended else []
    week += [f"新出问题 {wording.count(added)} 行"] if added else []
    then = wording.day(since)
    said += f"，比 {then}{'、'.join(week)}" if week else f"，与 {then}相比没有变化"
    first = standing[standing["rows"] > 0]
    if first.empty:
        return said
    rule, n = first.iloc[0]["rule"], int(first.iloc[0]["rows"])
    unit = "周" if rule == SILENT_WEEK else "行"
    return f"{said}；先改“{settings.rules[rule].title}”{wording.count(n)} {unit}"


def compared(scored: pd.DataFrame) -> str:
    """Say which counties are clearly below all together, the lowest first; of `scores`."""
    behind = scored[scored["against"] == BEHIND].sort_values("share", kind="stable")
    if behind.empty:
        return "各县区台账合格率看不出明显差别"
    return f"{wording.listed(behind['county'].tolist())}的台账合格率明显低于全体"


def trend(before: int, now: int, mended: int, added: int) -> str:
    """Write what a week did to a rule: ``↓ 减少 3（改好 5、新出 2）``, ``持平``, ``— 一直没有``."""
    if not before and not now:
        return "一直没有"
    parts = [f"改好 {wording.count(mended)}"] if mended else []
    parts += [f"新出 {wording.count(added)}"] if added else []
    why = f"（{'、'.join(parts)}）" if parts else ""
    if now > before:
        return f"↑ 增加 {wording.count(now - before)}{why}"
    if now < before:
        return f"↓ 减少 {wording.count(before - now)}{why}"
    return f"持平{why}"
