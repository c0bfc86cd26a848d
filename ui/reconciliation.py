"""底数比对 on screen: how far each list and the ledger agree, and what they do not agree on."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import reconciliation, wording
from analysis import reconciliation_findings as findings
from data_access import reconciliation as rows
from data_access import vocabulary
from data_access.accounts import Permission, User
from data_access.reference import UNITS
from data_access.scope import Scope
from ui import filters, tables
from ui.filters import Filters
from ui.formatting import plain
from ui.rows import in_words
from ui.tables import Table, table

LIST_HEIGHT: Final = 300
CERTAINTY: Final = {"certain": "有把握", "likely": "可能"}
# Which rows the list holds, as addresses name them.
OWN: Final = {
    "missing": "台账没有",
    "no_list": "名单都没有",
    "pairs": "待判定",
    "licence": "一证多点",
    "gone": "注销后仍在",
    "decided": "已判定",
    "dismissed": "已排除",
}
ACROSS: Final = {"elsewhere": "在别县区台账", "two_counties": "一码两县区", "counties": "各县区"}
# What each list is, and what to do about it.
_MEANING: Final = {
    "missing": "名单上有、台账里没有，也没有相近的机构。核实后补登台账，或排除",
    "no_list": "台账里在营、停业或无证的机构，没有一份名单对得上。核实是否真实存在",
    "pairs": "电脑提出、等人判定的对子，把握大的在前",
    "licence": "同一个许可证号写在两个以上门牌（县区＋路名＋门牌号）",
    "gone": "台账已注销，之后收到的名单仍有它，或同电话、同许可证、同县同名的机构仍在台账",
    "decided": "人工判定过的对子，不再询问",
    "dismissed": "人工排除、不参加比对的名单行",
    "elsewhere": "名单写在一个县区，对上的机构在另一县区的台账",
    "two_counties": "同一信用代码出现在两个以上县区的台账或名单",
    "counties": "各县区名单与本县区台账的账账相符率",
}
NOTE: Final = (
    "账账相符率：名单行与同一县区台账对上（信用代码相同，或经人工判定）的行数，除以名单行数"
    "（已排除的不计；名单没写县区的，对上任何县区都算）。只是提出、尚未判定的不算相符。"
    "待判定、台账没有、在别县区都是名单行数。名单计到统计日期收到为止，对上与否按现在所知。"
)
_ALL_CATEGORIES: Final = "名单不分机构类别，所选类别在本页不起作用。"
_SOURCES: Final = vocabulary.first_words(vocabulary.ROSTER_SOURCE)
_ORDER: Final = {unit.code: place for place, unit in enumerate(UNITS)}


class View(NamedTuple):
    """What the page says of the counties chosen.

    ``pairs`` are the proposals, the surest first, each with both records: the line's columns
    begin with ``list_``, the institution's with ``ledger_``. ``listed`` are the tables by the
    names of ``OWN`` and ``ACROSS``.
    """

    headline: str
    agreed: Table
    pairs: pd.DataFrame
    listed: dict[str, Table]


def build(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> View:
    """Read, propose, count and list."""
    lines = rows.list_lines(conn, scope=scope, as_of=as_of)
    ledger = rows.ledger_rows(conn, scope=scope, as_of=as_of)
    decided = rows.decided_pairs(conn, scope=scope)
    proposals = reconciliation.propose(lines, ledger, decided)
    agreed = findings.agreement(lines, proposals)
    pairs = _pairs(proposals, lines, ledger)
    return View(
        headline=findings.headline(agreed, len(pairs)),
        agreed=_agreement_table(agreed),
        pairs=pairs,
        listed={
            "missing": _line_table(findings.not_in_ledger(lines, proposals)),
            "no_list": _ledger_table(findings.on_no_list(ledger, lines, proposals)),
            "pairs": _pair_table(pairs, "why_suggested"),
            "licence": _record_table(findings.one_licence(ledger, lines, _SOURCES)),
            "gone": _gone_table(findings.gone_and_there(ledger, lines, proposals, _SOURCES)),
            "decided": _decided_table(decided, lines, ledger),
            "dismissed": _dismissed_table(lines),
            "elsewhere": _elsewhere_table(findings.elsewhere(lines, ledger)),
            "two_counties": _record_table(findings.two_counties(ledger, lines, _SOURCES)),
            "counties": _county_table(lines, proposals),
        },
    )


def _agreement_table(agreed: pd.DataFrame) -> Table:
    order = {source: place for place, source in enumerate(_SOURCES)}
    shown = agreed.sort_values("source", key=lambda codes: codes.map(order), ignore_index=True)
    words = shown["source"].map(_SOURCES)
    return table(
        _counted(shown, list_source=words), ["list_source", *_COUNTS], shares=["agreement_rate"]
    )


_COUNTS: Final = ("agreement_rate", "agreeing_written", "to_decide", "missing_lines")


def _county_table(lines: pd.DataFrame, proposals: pd.DataFrame) -> Table:
    by_county = findings.agreement(
        lines.assign(source=lines["county_code"].fillna("")), proposals
    ).rename(columns={"source": "county_code"})
    names = lines.drop_duplicates("county_code").set_index("county_code")["county"]
    shown = by_county.sort_values(
        "county_code", key=lambda codes: codes.map(_ORDER), na_position="last", ignore_index=True
    )
    county = shown["county_code"].map(names).fillna("名单没写县区")
    columns = ["county", *_COUNTS, "elsewhere_lines"]
    return table(_counted(shown, county=county), columns, shares=["agreement_rate"])


def _counted(shown: pd.DataFrame, **words: pd.Series) -> pd.DataFrame:
    return shown.assign(
        **words,
        agreement_rate=shown["rate"],
        agreeing_written=pd.Series(
            [
                wording.fraction(a, b)
                for a, b in zip(shown["agreeing"], shown["lines"], strict=True)
            ],
            index=shown.index,
            dtype="str",
        ),
        missing_lines=shown["missing"],
        elsewhere_lines=shown["elsewhere"],
    )


def _pairs(proposals: pd.DataFrame, lines: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    left = lines.set_index("id").add_prefix("list_")
    right = ledger.set_index("id").add_prefix("ledger_")
    found = proposals.join(left, on="entry_id").join(right, on="institution_id")
    return found.rename(columns={"reason": "why_suggested"})


def _pair_table(pairs: pd.DataFrame, *also: str) -> Table:
    shown = pairs.assign(
        county=pairs["ledger_county"],
        list_source=pairs["list_source"].map(_SOURCES),
        entry_no=pairs["list_entry_no"],
    )
    if "certainty" in shown:
        shown = shown.assign(certainty=shown["certainty"].map(CERTAINTY))
        also = ("certainty", *also)
    return table(
        shown,
        [
            *("county", "list_source", "list_name", "ledger_name", *also),
            *("list_address", "ledger_address", "list_phone", "ledger_phone", "entry_no"),
        ],
        wide=["list_name", "ledger_name", "why_suggested"],
    )


def _line_table(lines: pd.DataFrame) -> Table:
    return table(_worded(lines), _LINE, wide=["name", "address"])


_LINE: Final = (
    *("county", "list_source", "name", "address", "phone", "credit_code", "licence_no"),
    *("entry_no", "list_received_on"),
)


def _dismissed_table(lines: pd.DataFrame) -> Table:
    gone = lines[lines["match_status"] == "dismissed"].reset_index(drop=True)
    columns = ["county", "list_source", "name", "dismissed_reason", *_LINE[3:]]
    return table(_worded(gone), columns, wide=["name", "dismissed_reason"])


def _elsewhere_table(lines: pd.DataFrame) -> Table:
    columns = [*_LINE[:3], "ledger_county", "ledger_name", *_LINE[3:]]
    return table(_worded(lines), columns, wide=["name", "ledger_name"])


def _worded(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.assign(
        list_source=lines["source"].map(_SOURCES), list_received_on=lines["received_on"]
    )


def _ledger_table(ledger: pd.DataFrame) -> Table:
    shown = ledger.assign(
        category=in_words(ledger["category"], vocabulary.CATEGORY),
        operating_status=in_words(ledger["operating_status"], vocabulary.OPERATING_STATUS),
    )
    columns = [
        *("county", "name", "category", "operating_status", "found_on", "address", "phone"),
        *("credit_code", "licence_no"),
    ]
    return table(shown, columns, wide=["name", "address"])


def _gone_table(found: pd.DataFrame) -> Table:
    columns = [
        *("county", "name", "deregistered_on", "still_on", "last_seen_on", "address", "phone"),
        *("credit_code", "licence_no"),
    ]
    return table(found, columns, wide=["name"], widest=["still_on"])


def _record_table(records: pd.DataFrame) -> Table:
    columns = [
        *("county", "found_in", "name", "licence_no", "credit_code", "address", "phone"),
    ]
    return table(records, columns, wide=["name", "address"])


def _decided_table(decided: pd.DataFrame, lines: pd.DataFrame, ledger: pd.DataFrame) -> Table:
    both = decided[
        decided["roster_entry_id"].isin(lines["id"]) & decided["institution_id"].isin(ledger["id"])
    ]
    named = both.rename(columns={"roster_entry_id": "entry_id", "reason": "why_suggested"})
    pairs = _pairs(named.reset_index(drop=True), lines, ledger)
    shown = pairs.assign(
        verdict_word=in_words(pairs["verdict"], vocabulary.ROSTER_VERDICT),
        verdict_on=pairs["decided_at"].dt.normalize(),
    )
    return _pair_table(shown, "verdict_word", "verdict_on", "decided_by")


def show_agreement(view: View, chosen: Filters) -> None:
    """Draw how far each list and the ledger agree."""
    st.markdown("**各名单与台账的账账相符率**")
    if view.agreed.empty:
        st.info("还没有收到底数名单。名单由市级导入（台账导入，种类选“底数名单”）。")
        return
    tables.show(
        view.agreed, key="reconciliation.agreed", file_name="账账相符率", alt="各名单的账账相符率"
    )
    st.caption(plain(NOTE + (_ALL_CATEGORIES if chosen.categories else "")))


def show_counties(view: View) -> None:
    """Draw how far the lists and the ledger of each county agree."""
    st.markdown("**各县区的账账相符率**")
    if not view.agreed.empty:
        tables.show(
            view.listed["counties"],
            key="reconciliation.by_county",
            file_name="各县区账账相符率",
            alt="各县区的账账相符率",
        )


def options(user: User) -> dict[str, str]:
    """Return the lists that a reader chooses from: a county has nothing across counties."""
    return OWN if user.county_code is not None else OWN | ACROSS


def choose_list(view: View, user: User) -> tuple[str, dict[str, Any] | None]:
    """Let the reader choose a list and draw it; return its name and the chosen row, if any."""
    words = options(user)
    st.markdown("**账目之间的出入**")
    name = filters.one_of("名单", words, key="rows")
    found = view.listed[name]
    st.caption(plain(f"{words[name]} {wording.count(len(found.frame))} 行：{_MEANING[name]}。"))
    if found.empty:
        st.info(plain(f"截至统计日期，所选范围内没有“{words[name]}”的记录。"))
        return name, None
    acts = name in ("missing", "decided", "dismissed")
    acts = acts and user.may(Permission.RECONCILIATION_DECIDE)
    place = tables.show(
        found,
        key=f"reconciliation.{name}.{len(found.frame)}",
        file_name=f"底数比对（{words[name]}）",
        alt=f"底数比对：{words[name]}" + ("，选中一行可处理" if acts else ""),
        height=LIST_HEIGHT,
        select=acts,
    )
    return name, None if place is None else {**found.frame.iloc[place]}
