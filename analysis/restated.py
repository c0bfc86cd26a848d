"""What became of the figures of a frozen week: which are others now, and what made them so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from analysis import wording
from analysis.week_figures import SAID, Figure, Said

# What is counted from which tables: what changed a figure is among their changes.
_INSTITUTIONS: Final = ("institution",)
_ITEMS: Final = ("rectification", "rectification_event")
_DISPUTES: Final = ("refund_dispute",)
_REPORTS: Final = ("violation_report",)
_INSPECTIONS: Final = ("inspection",)
_CHARGES: Final = ("fee_charge",)
_CHECKS: Final = ("compliance_check",)
_PLANS: Final = ("refund_plan",)
TABLES: Final[dict[Figure, tuple[str, ...]]] = {
    Figure.COVERAGE: _INSTITUTIONS,
    Figure.QUALIFIED_SHARE: _INSTITUTIONS,
    Figure.REGISTERED_BEFORE: _INSTITUTIONS,
    Figure.OPEN_ITEMS: _ITEMS,
    Figure.OVERDUE_ITEMS: _ITEMS,
    Figure.DUE_THIS_WEEK: _ITEMS,
    Figure.RELAPSE: (*_ITEMS, *_REPORTS, *_INSPECTIONS),
    Figure.ITEMS_OPENED: _ITEMS,
    Figure.ITEMS_CLOSED: _ITEMS,
    Figure.OPEN_DISPUTES: _DISPUTES,
    Figure.DISPUTED_STUDENTS: _DISPUTES,
    Figure.DISPUTED_YUAN: _DISPUTES,
    Figure.DISPUTES_OPENED: _DISPUTES,
    Figure.DISPUTES_RESOLVED: _DISPUTES,
    Figure.WATCH_LIST: _DISPUTES,
    Figure.WATCH_LIST_UNPLANNED: (*_DISPUTES, *_PLANS),
    Figure.WATCH_LIST_STUDENTS: _DISPUTES,
    Figure.WATCH_LIST_YUAN: _DISPUTES,
    Figure.REPORTS: _REPORTS,
    Figure.REPORTS_BEFORE: _REPORTS,
    Figure.SUBSTANTIATED: _REPORTS,
    Figure.INSPECTIONS: _INSPECTIONS,
    Figure.PREMISES_CHECKED: (*_INSTITUTIONS, "verification"),
    Figure.REPORTS_HANDLED: _REPORTS,
    Figure.JOINT_INSPECTIONS: _INSPECTIONS,
    Figure.SUPERVISED: _INSTITUTIONS,
    Figure.ILLEGAL_CHARGES: _CHARGES,
    Figure.STOPPED_WITH_MONEY: (*_INSTITUTIONS, *_CHARGES),
    Figure.STOPPED_YUAN: (*_INSTITUTIONS, *_CHARGES),
    Figure.STAFF_CHECKS: (*_INSTITUTIONS, *_CHECKS),
    Figure.MATERIALS_CHECKS: (*_INSTITUTIONS, *_CHECKS),
    Figure.SAFETY_CHECKS: (*_INSTITUTIONS, *_CHECKS),
    Figure.EPIDEMIC_CHECKS: (*_INSTITUTIONS, *_CHECKS),
    Figure.CONTEST_CHECKS: (*_INSTITUTIONS, *_CHECKS),
    Figure.CHECK_FINDINGS: (*_CHECKS, *_ITEMS),
    Figure.CHECK_FINDINGS_LATE: (*_CHECKS, *_ITEMS),
}
# What happened in the week: a change of the time before it is no reason.
OF_THE_WEEK: Final = frozenset(
    {
        Figure.ITEMS_OPENED,
        Figure.ITEMS_CLOSED,
        Figure.DISPUTES_OPENED,
        Figure.DISPUTES_RESOLVED,
        Figure.REPORTS,
        Figure.INSPECTIONS,
        Figure.ILLEGAL_CHARGES,
    }
)
# How the tables are called, in the order in which they are said.
TITLES: Final = {
    "institution": "机构",
    "verification": "核查",
    "violation_report": "举报",
    "inspection": "检查",
    "rectification": "整改",
    "rectification_event": "整改经过",
    "refund_dispute": "退费纠纷",
    "fee_charge": "预收费",
    "compliance_check": "专项检查",
    "refund_plan": "一企一策方案",
}
_KINDS: Final = {
    "late": ("迟报", "行"),
    "filled": ("补填", "处"),
    "correction": ("更正", "处"),
    "released": ("公布检查结果", "处"),
    "recorded": ("补登", "个"),
}
_NAMED_FILES: Final = 2
NOT_KNOWN: Final = "没有查到迟报或更正"
_COLUMNS: Final = {
    "county_code": "str",
    "county": "str",
    "indicator": "str",
    "title": "str",
    "frozen": "float64",
    "now": "float64",
    "frozen_written": "str",
    "now_written": "str",
    "difference_written": "str",
}


def restated(frozen: pd.DataFrame, now: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """List the figures of a week that are others now than they were frozen as.

    Both are ``analysis.week_figures.week_figures`` as of the same day; ``units`` has
    ``county_code`` and ``county`` in the order of the city's documents. A figure that one of
    them does not have is left out: it was not counted then, or is no longer.

    Returns, by county and in the order of ``Figure``:

    ==================  =======  ===========================================================
    county_code         str
    county              str      its full name
    indicator           str      code of ``Figure``
    title               str      how it is called
    frozen, now         float64  a count, yuan or a share of 0 to 1; NaN without a denominator
    frozen_written      str      as officials write it, a share with its fraction
    now_written         str      likewise
    difference_written  str      of the value, a share's in points
    ==================  =======  ===========================================================
    """
    both = frozen.merge(now, on=["county_code", "indicator"], suffixes=("_frozen", "_now"))
    both = both[both["indicator"].isin(list(Figure))]
    names = dict(zip(units["county_code"], units["county"], strict=True))
    counties = {code: place for place, code in enumerate(names)}
    figures = {str(figure): place for place, figure in enumerate(Figure)}
    both = both[both["county_code"].isin(names)]
    is_other = _differs(both, "numerator") | _differs(both, "denominator")
    rows = []
    for row in both[is_other].to_dict("records"):
        code, indicator = row["county_code"], row["indicator"]
        said = SAID[Figure(indicator)]
        then, since = (
            (row[f"numerator_{when}"], row[f"denominator_{when}"]) for when in ("frozen", "now")
        )
        was, is_now = _value(said, *then), _value(said, *since)
        rows.append(
            {
                "county_code": code,
                "county": names[code],
                "indicator": indicator,
                "title": said.title,
                "frozen": was,
                "now": is_now,
                "frozen_written": _written(said, *then),
                "now_written": _written(said, *since),
                "difference_written": _difference(said, is_now - was),
            }
        )
    rows.sort(key=lambda row: (counties[row["county_code"]], figures[row["indicator"]]))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def because(changes: pd.DataFrame, *, county_code: str, indicator: str) -> str:
    """Say what changed one figure: late rows and corrections, and the files that brought them.

    ``changes`` is ``snapshots.changes`` of the week. As in ``迟报 12 行（《…》，7 月 28 日收到）；
    更正 3 处（…）``; that nothing was found is said, too: a figure then changed otherwise.
    """
    return _because(_records(changes), county_code, Figure(indicator))


def reasons(changes: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Say of each row of :func:`restated` what :func:`because` says."""
    records = _records(changes)
    return [
        _because(records, code, Figure(indicator))
        for code, indicator in zip(rows["county_code"], rows["indicator"], strict=True)
    ]


def _records(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the changes as plain rows, those of a file known by its number, the latest first."""
    known = changes.assign(key=changes["batch_id"].astype("str").fillna(""))
    latest = known.sort_values(["received_on", "key"], ascending=False)
    return latest.to_dict("records")  # type: ignore[return-value]


def _because(records: list[dict[str, Any]], county_code: str, figure: Figure) -> str:
    found = [
        row
        for row in records
        if row["county_code"] == county_code
        and row["table"] in TABLES[figure]
        and (row["in_week"] or figure not in OF_THE_WEEK)
    ]
    tables = [table for table in TITLES if table in TABLES[figure]]
    return "；".join(_parts(found, tables)) or NOT_KNOWN


def _parts(found: list[dict[str, Any]], tables: list[str]) -> Iterator[str]:
    for table in tables:
        for kind, (word, unit) in _KINDS.items():
            rows = [row for row in found if row["table"] == table and row["kind"] == kind]
            if not rows:
                continue
            title = TITLES[table] if len(tables) > 1 else ""
            number = wording.count(sum(row["rows"] for row in rows))
            yield f"{title}{word} {number} {unit}（{_sources(rows)}）"


def _sources(rows: list[dict[str, Any]]) -> str:
    """Name the files, the latest first, each with its day; of what has no file the account."""
    said: dict[tuple[str, str], str] = {}
    for row in rows:
        when = wording.day(row["received_on"])
        by = "" if wording.is_missing(row["by"]) else row["by"]
        if not wording.is_missing(row["file_name"]):
            words = f"《{row['file_name']}》，{when}收到"
        elif row["key"]:
            words = f"{when}收到"
        else:
            words = f"{by}，{when}" if by else when
        said.setdefault((row["key"], by), words)
    named = list(said.values())
    if len(named) <= _NAMED_FILES:
        return "；".join(named)
    return f"{'；'.join(named[:_NAMED_FILES])}等 {len(named)} 次"


def _differs(both: pd.DataFrame, name: str) -> pd.Series:
    then, now = both[f"{name}_frozen"], both[f"{name}_now"]
    # Yuan are kept to the cent, and a sum of floats is not always the same.
    return ((then - now).abs() >= 0.005) | (then.isna() != now.isna())


def _value(said: Said, numerator: float, denominator: float) -> float:
    return wording.ratio(numerator, denominator) if said.is_share else numerator


def _written(said: Said, numerator: float, denominator: float) -> str:
    if said.is_share:
        return wording.share(numerator, denominator)
    if said.unit == "元":
        return wording.yuan(numerator)
    return wording.MISSING if pd.isna(numerator) else f"{wording.count(numerator)} {said.unit}"


def _difference(said: Said, difference: float) -> str:
    if said.is_share:
        return wording.points(difference)
    if said.unit != "元" or pd.isna(difference):
        return wording.change(difference, said.unit)
    if round(difference) == 0:
        return "持平"
    return f"{'+' if difference > 0 else wording.MINUS}{wording.yuan(abs(difference))}"
