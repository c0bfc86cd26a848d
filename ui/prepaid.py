"""Prepaid fees on screen: the figures, the lists, and the charges of one institution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis import prepaid as judgement
from analysis import prepaid_words as words
from analysis.rules import in_force, rules
from data_access import fee_charges as queries
from data_access import fee_supervision, vocabulary
from data_access.weeks import WEEK
from ui import formatting, row_panel, tables
from ui.charts import prepaid as charts
from ui.charts.base import spec
from ui.formatting import plain
from ui.metrics import Figure
from ui.rows import in_words
from ui.tables import Table, table

# Which rows the list holds, as addresses name them.
ROWS: Final = {
    "stopped": "停业仍有预收费",
    "findings": "违规收费",
    "risk": "风险资金",
    "unsupervised": "未监管机构",
}
LIST_HEIGHT: Final = 330
_RISK: Final = (
    *("institution_name", "operating_status", "risk_yuan", "outside_yuan", "county"),
    *("unsaid_yuan", "unknown_yuan", "open_charges", "fee_supervision", "category"),
)
_FINDINGS: Final = (
    *("institution_name", "found", "charged_on", "charged_yuan", "county", "rule_title"),
    *("rule_from", "citation", "course", "category", "fee_supervision", "receipt_no"),
)
_UNSUPERVISED: Final = (
    *("county", "institution_name", "fee_supervision", "operating_status", "category"),
    "place_name",
)
_CHARGES: Final = (
    *("charged_on", "charged_yuan", "breaches", "risk_yuan", "course", "months", "lessons"),
    *("course_starts_on", "course_ends_on", "into_escrow", "refunded_yuan", "breach_basis"),
    "receipt_no",
)


class View(NamedTuple):
    """What the page says of the counties chosen; charts as Vega-Lite.

    ``units`` is how many counties the first chart has.
    """

    headline: str
    figures: tuple[Figure, ...]
    counties: dict[str, Any]
    broken: dict[str, Any]
    risk: dict[str, Any]
    categories: dict[str, Any]
    notes: str
    units: int


def found_charges(conn: Any, *, as_of: date, weeks_back: int = 0, **asked: Any) -> pd.DataFrame:
    """Return the findings on the charges of the year up to the day, and of so many weeks before."""
    return judgement.findings(
        queries.suspects(
            conn,
            **asked,
            as_of=as_of,
            since=as_of - judgement.LOOKED_BACK - weeks_back * WEEK,
            charge_limits=queries.Limits(**judgement.narrowest(rules())),
        ),
        rules(),
    )


def institutions_at_risk(conn: Any, *, as_of: date, **asked: Any) -> pd.DataFrame:
    """Return the institutions with prepaid money outstanding, those that stopped first."""
    outstanding = queries.outstanding(conn, as_of=as_of, **asked)
    return judgement.institutions_at_risk(judgement.at_risk(outstanding, as_of=as_of))


def build(conn: Any, **asked: Any) -> View:
    """Count, judge and draw."""
    as_of = asked["as_of"]
    supervision = fee_supervision.supervision(conn, **asked)
    cover = judgement.coverage(supervision)
    since = as_of - judgement.LOOKED_BACK
    both = found_charges(conn, **asked, weeks_back=1)
    found, before = (
        judgement.charged(both, since, as_of),
        judgement.charged(both, since - WEEK, as_of - WEEK),
    )
    counts = judgement.county_findings(queries.charge_counts(conn, **asked, since=since), found)
    institutions = institutions_at_risk(conn, **asked)
    stopped = institutions[institutions["is_stopped"]]
    by_category = judgement.coverage(supervision, "category")
    order = by_category["category"].map(list(vocabulary.CATEGORY).index)
    by_category = by_category.iloc[order.argsort()]
    by_category["category"] = in_words(by_category["category"], vocabulary.CATEGORY)
    return View(
        headline=words.headline(institutions, counts),
        figures=figures(institutions, before, counts, cover, as_of=as_of),
        counties=spec(charts.coverage_bars(cover, as_of=as_of)),
        broken=spec(charts.rule_bars(judgement.by_rule(found, rules()), as_of=as_of)),
        risk=spec(charts.risk_bars(institutions, cover, as_of=as_of)),
        categories=spec(charts.category_bars(by_category)),
        notes=words.coverage_note(cover)
        + words.findings_note(counts)
        + words.estimate_note(institutions)
        + words.permission_note(in_force(rules(), "unpermitted", as_of), stopped, as_of=as_of),
        units=len(cover),
    )


def figures(
    institutions: pd.DataFrame,
    before: pd.DataFrame,
    counts: pd.DataFrame,
    cover: pd.DataFrame,
    *,
    as_of: date,
) -> tuple[Figure, ...]:
    """Return who stopped with money, the money not taught, outside, illegal, and the unknown.

    ``before`` are the findings as of the same weekday of the week before.
    """
    count, today = formatting.count, formatting.day(as_of)
    stopped = institutions[institutions["is_stopped"]]
    illegal = int(counts["illegal"].sum())
    more = illegal - before["charge_id"].nunique()
    return (
        Figure(
            "停业仍有预收费",
            f"{count(len(stopped))} 家",
            f"截至 {today}停业、注销或无证，而收了的钱还没有上完课、也没有退完的机构。",
        ),
        Figure(
            "未上课预收费",
            formatting.yuan(float(institutions["risk_yuan"].sum())),
            f"截至 {today}已收、未上课、未退的金额，估算，办法见页尾。",
        ),
        Figure(
            "其中账户外",
            formatting.yuan(float(institutions["outside_yuan"].sum())),
            "未上课预收费中，台账写明没有进入监管账户的；没写的不算在内。",
        ),
        Figure(
            "违规收费",
            f"{count(illegal)} 笔",
            f"{today}及之前 364 天收的，按收费当天有效的规定判断；违反几项的只算一笔。",
            formatting.change(more, "笔"),
            worse=more > 0,
        ),
        Figure(
            "是否入账未填",
            f"{count(counts['unsaid'].sum())} 笔",
            "近一年的收费中，台账没写是否进入监管账户的：未判断，不算违规。",
        ),
        Figure(
            "监管方式未填",
            f"{count(cover['unknown'].sum())} 家",
            f"截至 {today}在营机构中，台账没有登记预收费监管方式的。",
        ),
    )


def build_list(conn: Any, *, rows: str, **asked: Any) -> Table:
    """List the institutions or charges that ``rows`` names."""
    if rows == "findings":
        return finding_rows(found_charges(conn, **asked))
    if rows == "unsupervised":
        return unsupervised_rows(fee_supervision.not_supervised(conn, **asked))
    found = institutions_at_risk(conn, **asked)
    return risk_rows(found[found["is_stopped"]] if rows == "stopped" else found)


def build_charges(conn: Any, *, as_of: date, **asked: Any) -> Table:
    """List the charges of one institution, each with the rules that it breaks."""
    found = queries.charges_of(conn, as_of=as_of, **asked)
    return charge_rows(
        found, judgement.findings(found, rules()), judgement.at_risk(found, as_of=as_of)
    )


def risk_rows(institutions: pd.DataFrame) -> Table:
    """List ``analysis.prepaid.institutions_at_risk``."""
    rows = _worded(institutions).assign(open_charges=institutions["charges"])
    yuan = ["risk_yuan", "outside_yuan", "unsaid_yuan", "unknown_yuan"]
    rows[yuan] = rows[yuan].round(0)
    return table(rows.reset_index(drop=True), _RISK, money=yuan)


def finding_rows(found: pd.DataFrame) -> Table:
    """List ``analysis.prepaid.findings``, the newest charges first."""
    newest = found.sort_values(
        ["charged_on", "charge_id"], ascending=False, kind="stable", ignore_index=True
    )
    rows = _worded(newest).assign(charged_yuan=newest["amount_yuan"])
    return table(rows, _FINDINGS, money=["charged_yuan"])


def unsupervised_rows(institutions: pd.DataFrame) -> Table:
    """List ``fee_supervision.not_supervised``."""
    return table(_worded(institutions), _UNSUPERVISED)


def charge_rows(charges_: pd.DataFrame, found: pd.DataFrame, risk: pd.DataFrame) -> Table:
    """List charges with what each breaks, by which rule since when, and what is not taught."""
    basis = (
        found["citation"] + "，" + found["rule_from"].dt.strftime("%Y-%m-%d").astype("str") + " 起"
    )
    by_charge = found.assign(breaches=found["found"], breach_basis=basis).groupby("charge_id")
    said = by_charge[["breaches", "breach_basis"]].agg("；".join)
    left = risk.set_index("charge_id")["risk_yuan"].round(0)
    rows = charges_.join(said, on="charge_id").assign(
        charged_yuan=charges_["amount_yuan"],
        # What is not in the list of money at risk is taught or paid back.
        risk_yuan=charges_["charge_id"]
        .map(left)
        .where(charges_["charge_id"].isin(left.index), 0.0),
    )
    rows["breaches"] = rows["breaches"].astype("str")
    rows["breach_basis"] = rows["breach_basis"].astype("str")
    return table(
        rows,
        _CHARGES,
        money=["charged_yuan", "risk_yuan", "refunded_yuan"],
        wide=["breaches", "breach_basis"],
    )


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        category=in_words(rows["category"], vocabulary.CATEGORY),
        operating_status=in_words(rows["state"], vocabulary.OPERATING_STATUS),
        fee_supervision=in_words(rows["fee_supervision"], vocabulary.FEE_SUPERVISION),
    )


def show_list(found: Table, rows: str) -> dict[str, Any] | None:
    """Draw the list that ``rows`` names; return the row chosen in it."""
    word = ROWS[rows]
    if found.empty:
        st.info(f"截至统计日期，所选范围内没有“{word}”的记录。可换一个县区、类别、日期或名单。")
        return None
    ids = found.frame.get("charge_id", found.frame["institution_id"]).tolist()
    place = tables.show(
        found,
        key=row_panel.list_key(f"prepaid.{rows}", ids),
        file_name=f"预收费监管（{word}）",
        alt=f"预收费监管名单：{word}",
        height=LIST_HEIGHT,
        select=True,
    )
    return None if place is None else {**found.frame.iloc[place]}


def show_institution(chosen: dict[str, Any] | None, of: Callable[..., Table]) -> None:
    """Draw the charges of the institution of the chosen row; ``of`` gives them."""
    if chosen is None:
        return
    number, name = int(chosen["institution_id"]), chosen["institution_name"]
    found = of(institution_id=number)
    st.markdown(f"**{plain(name)}**：全部 {len(found.frame)} 笔预收费，新的在前")
    if found.empty:
        st.caption("台账里没有这家机构的预收费记录。")
        return
    tables.show(
        found,
        key=row_panel.list_key("prepaid.charges", found.frame["charge_id"].tolist()),
        file_name=f"{name}的预收费",
        alt="所选机构的全部预收费",
        height=LIST_HEIGHT,
    )


def show_charts(view: View, beside: DeltaGenerator | None) -> None:
    """Draw the rules broken, the money at risk by county and the coverage by category.

    ``beside`` is where there is room for one of them, if there is.
    """
    columns = [beside, *st.columns(2)] if beside else st.columns(3)
    said = ("违规收费按规定的笔数", "各县区未上课的预收费", "按机构类别的预收费监管率")
    for column, name, alt in zip(columns, ("broken", "risk", "categories"), said, strict=True):
        column.vega_lite_chart(spec=getattr(view, name), key=f"prepaid.{name}", alt=alt)
    st.caption(plain(view.notes))
