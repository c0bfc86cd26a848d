"""What a county has to do before Thursday, in the order of urgency.

Overdue comes first, the longest overdue before the rest; then what is due by the Thursday, the
nearest first; then what the plan asks for without a day, each kind by how long it has waited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from analysis import county_actions, submissions
from analysis.rectification import by_urgency
from analysis.wording import count, day_of_week, is_missing, yuan

# What there is to do, in the order in which it waits where no day is set.
KINDS: Final = {
    "close": "整改销号",
    "send": "材料报送",
    "record": "行动机制",
    "dispute": "退费纠纷",
    "register": "平台登记",
    "verify": "资质核查",
}
UNITS: Final = {
    "close": "件",
    "send": "份",
    "record": "项",
    "dispute": "件",
    "register": "家",
    "verify": "家",
}
OVERDUE, DUE, WAITING = "overdue", "due", "waiting"
_STAGES: Final = (OVERDUE, DUE, WAITING)
_DTYPES: Final = {
    "kind": "str",
    "stage": "str",
    "what": "str",
    "where": "str",
    "detail": "str",
    "urgency": "str",
    "days": "int64",
    "due_on": "datetime64[s]",
    "row_id": "Int64",
    "is_pressing": "bool",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a county's to-do list is made of, all of one county and one day.

    ``items`` is ``rectification_items.open_items``, ``submitted`` its ``submitted_items``,
    ``institutions`` ``to_do.institutions_to_do``,
    ``disputes`` ``refunds.open_disputes``, ``watched`` ``analysis.refunds.watch_list``,
    ``documents`` ``analysis.submissions.judged`` and ``duties``
    ``analysis.county_actions.judged``.
    """

    items: pd.DataFrame
    submitted: pd.DataFrame
    institutions: pd.DataFrame
    disputes: pd.DataFrame
    watched: pd.DataFrame
    documents: pd.DataFrame
    duties: pd.DataFrame


def to_do(known: Known, *, as_of: date, thursday: date, items: dict[str, str]) -> pd.DataFrame:
    """List what is to be done by ``thursday``, the Thursday of the week of ``as_of``.

    Items to close are those overdue or due by the Thursday, itself included; one that waits for
    the city now, close-out being applied for, is left out. Disputes in court are left out, too.
    ``items`` has the words of the seven items of verification.

    Returns, in the order of urgency:

    ===========  =============  ==============================================================
    kind         str            code of :data:`KINDS`
    stage        str            overdue, due (by the Thursday) or waiting (no day is set)
    what         str            number of the item or dispute, name of the institution or document
    where        str            institution; — where there is none
    detail       str            what it is about
    urgency      str            逾期 5 天, 今日到期, 还有 2 天, 已等 30 天
    days         int64          overdue, left or waited
    due_on       datetime64[s]  last day in time; NaT where no day is set
    row_id       Int64          number of the ledger's row; NA where there is none
    is_pressing  bool           a dispute of the watch list without a plan
    ===========  =============  ==============================================================
    """
    rows = [
        *_items(known.items, known.submitted, as_of, thursday),
        *_documents(known.documents, as_of, thursday),
        *_duties(known.duties, as_of, thursday),
        *_disputes(known.disputes, known.watched, as_of),
        *_institutions(known.institutions, as_of, items),
    ]
    kinds = list(KINDS)

    def urgency(row: dict[str, Any]) -> tuple[Any, ...]:
        stage = _STAGES.index(row["stage"])
        first = row["days"] if row["stage"] == DUE else -row["days"]
        if row["stage"] == WAITING:
            return stage, not row["is_pressing"], kinds.index(row["kind"]), first, row["what"]
        return stage, first, kinds.index(row["kind"]), row["what"]

    rows.sort(key=urgency)
    return pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)


def headline(rows: pd.DataFrame, *, thursday: date, applied: int) -> str:
    """Say what must be in before the Thursday, and what waits without a day; ``rows``: `to_do`."""
    dated = rows[rows["stage"] != WAITING]
    by = f"{day_of_week(thursday)}前"
    parts = []
    for kind in KINDS:
        of = dated[dated["kind"] == kind]
        late = int((of["stage"] == OVERDUE).sum())
        if len(of):
            word = f"{KINDS[kind]} {count(len(of))} {UNITS[kind]}"
            parts.append(word + (f"（逾期 {count(late)} {UNITS[kind]}）" if late else ""))
    said = f"{by}要办：{'、'.join(parts)}" if parts else f"{by}没有到期必须办结的事项"
    rest = rows[rows["stage"] == WAITING]
    others = [
        f"{KINDS[kind]} {count(n)} {UNITS[kind]}{'（不含诉讼中的）' if kind == 'dispute' else ''}"
        for kind in KINDS
        if (n := int((rest["kind"] == kind).sum()))
    ]
    if others:
        said += f"；另有未规定期限的待办：{'、'.join(others)}"
    return said + (f"；已申请销号 {count(applied)} 件，待市督查组复核" if applied else "")


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """Count what there is to do, by kind in the order of :data:`KINDS`; none for none."""
    found = rows["kind"].value_counts()
    return {kind: int(found[kind]) for kind in KINDS if kind in found}


def _items(
    items: pd.DataFrame, submitted: pd.DataFrame, as_of: date, thursday: date
) -> list[dict[str, Any]]:
    ranked = by_urgency(items, as_of=as_of, week_ends_on=thursday)
    waits = ranked["rectification_id"].isin(submitted["rectification_id"])
    ranked = ranked[ranked["stage"].isin((OVERDUE, DUE)) & ~waits]
    return [
        _row(
            "close",
            row["stage"],
            row["ledger_no"],
            _named(row["institution_name"], row["place_name"]),
            row["issue_type"],
            abs((row["due_on"] - pd.Timestamp(as_of)).days),
            due_on=row["due_on"],
            row_id=row["rectification_id"],
        )
        for row in ranked.to_dict("records")
    ]


def _documents(documents: pd.DataFrame, as_of: date, thursday: date) -> list[dict[str, Any]]:
    owed = documents[documents["state"].isin([str(s) for s in submissions.OWING])]
    return [
        _dated(
            "send",
            submissions.title(row["document"], row["period"], beside=as_of),
            submissions.DEMANDS[row["document"]],
            row["due_on"],
            as_of,
        )
        for row in owed.to_dict("records")
        if row["due_on"] <= pd.Timestamp(thursday)
    ]


def _duties(duties: pd.DataFrame, as_of: date, thursday: date) -> list[dict[str, Any]]:
    state = county_actions.State
    owed = duties[duties["state"].isin([str(state.DUE), str(state.MISSING)])]
    return [
        _dated(
            "record",
            county_actions.TITLES[row["duty"]],
            row["demand"],
            row["due_on"],
            as_of,
        )
        for row in owed.to_dict("records")
        if row["due_on"] <= pd.Timestamp(thursday)
    ]


def _disputes(disputes: pd.DataFrame, watched: pd.DataFrame, as_of: date) -> list[dict[str, Any]]:
    unplanned = {_whose(row) for row in watched[~watched["has_plan"]].to_dict("records")}
    rows = []
    for row in disputes[disputes["state"] == "open"].to_dict("records"):
        is_pressing = _whose(row) in unplanned
        said = f"{count(row['students'])} 人、{yuan(row['amount_yuan'])}"
        rows.append(
            _row(
                "dispute",
                WAITING,
                row["dispute_no"],
                row["institution_name"],
                f"{said}；须一企一策，还没有方案" if is_pressing else said,
                (pd.Timestamp(as_of) - row["opened_on"]).days,
                row_id=row["dispute_id"],
                is_pressing=is_pressing,
            )
        )
    return rows


def _whose(row: dict[Any, Any]) -> tuple[Any, Any]:
    """Return what tells institutions apart: the number, or the name while there is none."""
    number = row["institution_id"]
    return row["county_code"], row["name_key"] if is_missing(number) else int(number)


def _institutions(
    institutions: pd.DataFrame, as_of: date, items: dict[str, str]
) -> list[dict[str, Any]]:
    rows = []
    for row in institutions.to_dict("records"):
        missing = [items[code] for code in row["missing"].split(",") if code]
        detail = "核查合格，还没有登记到全国平台"
        if row["task"] == "verify":
            named = f"全部 {len(items)} 项" if len(missing) == len(items) else "、".join(missing)
            detail = f"还没有核查：{named}"
        waited = (pd.Timestamp(as_of) - row["since"]).days
        rows.append(
            _row(row["task"], WAITING, row["name"], row["name"], detail, waited, row_id=row["id"])
        )
    return rows


def _dated(kind: str, what: str, detail: str, due_on: Any, as_of: date) -> dict[str, Any]:
    left = (due_on - pd.Timestamp(as_of)).days
    stage = OVERDUE if left < 0 else DUE
    return _row(kind, stage, what, "—", detail, abs(left), due_on=due_on)


def _row(
    kind: str,
    stage: str,
    what: str,
    where: str,
    detail: str,
    days: int,
    *,
    due_on: Any = pd.NaT,
    row_id: Any = pd.NA,
    is_pressing: bool = False,
) -> dict[str, Any]:
    words = {
        OVERDUE: f"逾期 {days} 天",
        DUE: f"还有 {days} 天" if days else "今日到期",
        WAITING: f"已等 {days} 天" if days else "今日新增",
    }
    return {
        "kind": kind,
        "stage": stage,
        "what": what,
        "where": where,
        "detail": detail,
        "urgency": words[stage],
        "days": days,
        "due_on": due_on,
        "row_id": row_id,
        "is_pressing": is_pressing,
    }


def _named(*names: Any) -> str:
    return next((str(name) for name in names if not is_missing(name)), "—")
