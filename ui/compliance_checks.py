"""Checks (专项检查) on screen: their figures, the lists, and one check with its item."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import compliance_checks as judgement
from data_access import compliance_checks as queries
from data_access import ledger_records, reference, vocabulary
from data_access.accounts import User
from data_access.ledgers.fee_kinds import COMPLIANCE_CHECKS
from data_access.scope import Scope
from data_access.weeks import WEEK, first_day, reporting_week
from ui import formatting, item_panel, row_panel, tables
from ui.charts import compliance_checks as charts
from ui.charts.base import spec
from ui.filters import Filters
from ui.formatting import plain
from ui.load import run
from ui.metrics import Figure
from ui.row_panel import Record
from ui.rows import in_words
from ui.tables import Table, table

# Which rows the list holds, as addresses name them.
ROWS: Final = {
    "open": "有问题未销号",
    "findings": "全部发现",
    "before": "行动前未销号",
    "unchecked": "未查机构",
    "week": "本周检查",
    "hours": "违时上课线索",
}
HOURS: Final = "hours"  # of which reports tell, and no check
EVERYTHING: Final = "all"
WORDS: Final = vocabulary.first_words(vocabulary.CHECK_DOMAIN)
DOMAINS: Final = {EVERYTHING: "各类"} | WORDS
ASPECTS: Final = vocabulary.first_words(vocabulary.CHECK_ASPECT)
LIST_HEIGHT: Final = 330
_FINDINGS: Final = (
    *("county", "urgency", "institution_name", "domain", "finding", "severity", "due_on"),
    *("checked_on", "aspect", "failed", "examined", "check_no"),
)
_WEEK: Final = (
    *("county", "checked_on", "institution_name", "domain", "outcome", "finding", "aspect"),
    *("failed", "examined", "check_no"),
)
_UNCHECKED: Final = (
    *("county", "name", "missing", "last_checked_on", "category", "operating_status", "address"),
)


class View(NamedTuple):
    """What the page says of the counties chosen; the wall as Vega-Lite."""

    headline: str
    figures: tuple[Figure, ...]
    wall: dict[str, Any]
    notes: str


def build(conn: Any, *, as_of: date, **asked: Any) -> View:
    """Count, judge and draw."""
    campaign = reference.newest_campaign(conn)
    since, beside = campaign.starts_on, campaign.ends_on
    now, then = (
        queries.coverage(conn, **asked, as_of=day, since=since) for day in (as_of, as_of - WEEK)
    )
    found = queries.findings(conn, **asked, as_of=as_of, since=since)
    older = queries.open_before(conn, **asked, as_of=as_of, before=since)
    first = formatting.day(since, beside=as_of)
    return View(
        headline=judgement.headline(now, WORDS, as_of=as_of, beside=beside),
        figures=figures(now, then, as_of=as_of, beside=beside),
        wall=spec(charts.coverage(judgement.cells(now), WORDS, as_of=as_of)),
        notes=judgement.safety_sentence(found, ASPECTS)
        + f"检查自 {first}（行动开始）计；一家机构同一类查几次只算一家。"
        + judgement.older_sentence(len(older), ROWS["before"]),
    )


def figures(
    now: pd.DataFrame, then: pd.DataFrame, *, as_of: date, beside: date
) -> tuple[Figure, ...]:
    """Return what is open, overdue and found, the domain that lags, and who is unqualified.

    ``now`` and ``then`` are ``compliance_checks.coverage`` of ``as_of`` and of the same weekday of
    the week before. ``beside`` is the last day of the campaign: days of another year say so.
    """
    domains, before = judgement.by_domain(now), judgement.by_domain(then)
    today = formatting.day_of_week(as_of, beside=beside)
    found, still, late = (int(domains[name].sum()) for name in ("findings", "open", "overdue"))
    more = {
        name: int(domains[name].sum() - before[name].sum())
        for name in ("open", "overdue", "findings")
    }
    count, change = formatting.count, formatting.change
    return (
        Figure(
            "有问题未销号",
            f"{count(still)} 个",
            f"行动以来的检查发现的问题中，截至 {today}对应的整改事项没有销号（或没有立账）的。",
            change(more["open"], "个"),
        ),
        Figure(
            f"其中逾期　{formatting.fraction(late, still)}",
            f"{count(late)} 个",
            f"截至 {today}没有销号、且整改期限已过的；期限当天不算逾期。",
            change(more["overdue"], "个"),
            worse=more["overdue"] > 0,
        ),
        Figure(
            "发现问题",
            f"{count(found)} 个",
            f"行动以来到 {today}，检查结果为有问题的检查。",
            change(more["findings"], "个"),
        ),
        _least_checked(domains, before, today),
        _unqualified(domains, before, today),
    )


def _least_checked(domains: pd.DataFrame, before: pd.DataFrame, today: str) -> Figure:
    now = judgement.least_checked(domains)
    [then] = before[before["domain"] == now["domain"]].to_dict("records")
    word = WORDS[now["domain"]]
    value, was = (formatting.ratio(each["checked"], each["in_operation"]) for each in (now, then))
    return Figure(
        f"查得最少：{word}　{formatting.fraction(now['checked'], now['in_operation'])}",
        formatting.percent(value),
        f"截至 {today}在营的机构（含学科类）中，行动以来查过{word}的；五类中占比最低的一类。",
        _points(value - was),
    )


def _unqualified(domains: pd.DataFrame, before: pd.DataFrame, today: str) -> Figure:
    (failed, examined), (was_failed, was_examined) = (
        each.loc[each["domain"] == judgement.STAFF, ["failed", "examined"]].sum().tolist()
        for each in (domains, before)
    )
    value = formatting.ratio(failed, examined)
    difference = value - formatting.ratio(was_failed, was_examined)
    return Figure(
        f"无资质人员　{formatting.fraction(failed, examined)}",
        formatting.percent(value),
        f"行动以来到 {today}，从业人员检查所查人次中没有资质的；同一人查两次计两人次。",
        _points(difference),
        worse=round(difference * 100, 1) > 0 if difference == difference else False,
    )


def _points(difference: float) -> str | None:
    return None if formatting.is_missing(difference) else formatting.points(difference)


def build_list(conn: Any, *, rows: str, domain: str, as_of: date, **asked: Any) -> Table:
    """List what ``rows`` names, of one domain or of all."""
    since = reference.newest_campaign(conn).starts_on
    asked |= {"as_of": as_of}
    if rows == "before":
        older = _of(queries.open_before(conn, **asked, before=since), domain)
        return finding_rows(older, as_of=as_of)
    asked |= {"since": since}
    if rows == "unchecked":
        return unchecked_rows(queries.unchecked(conn, **asked), domain)
    if rows == "week":
        week = {**asked, "since": first_day(reporting_week(as_of))}
        return check_rows(_of(queries.checks(conn, **week), domain))
    found = _of(queries.findings(conn, **asked), domain)
    return finding_rows(found[found["is_open"]] if rows == "open" else found, as_of=as_of)


def _of(checks: pd.DataFrame, domain: str) -> pd.DataFrame:
    if domain == EVERYTHING:
        return checks
    return checks[checks["domain"] == domain].reset_index(drop=True)


def finding_rows(found: pd.DataFrame, *, as_of: date) -> Table:
    """List rows of ``compliance_checks.findings``, the most urgent first."""
    rows = judgement.by_urgency(found.reset_index(drop=True), as_of=as_of)
    return table(_worded(rows), _FINDINGS, wide=["finding"])


def check_rows(checks: pd.DataFrame) -> Table:
    """List checks, whatever they found; ``checks`` is ``compliance_checks.checks``."""
    return table(_worded(checks), _WEEK, wide=["finding"])


def unchecked_rows(found: pd.DataFrame, domain: str) -> Table:
    """List institutions that were not checked; ``found`` is ``compliance_checks.unchecked``."""
    if domain != EVERYTHING:
        found = found[~found[domain]].reset_index(drop=True)
    shown = judgement.missing_domains(found, WORDS)
    return table(
        shown.assign(
            category=in_words(shown["category"], vocabulary.CATEGORY),
            operating_status=in_words(shown["operating_status"], vocabulary.OPERATING_STATUS),
        ),
        _UNCHECKED,
        wide=["missing"],
    )


def _worded(checks: pd.DataFrame) -> pd.DataFrame:
    return checks.assign(
        domain=in_words(checks["domain"], vocabulary.CHECK_DOMAIN),
        aspect=in_words(checks["aspect"], vocabulary.CHECK_ASPECT),
        outcome=in_words(checks["outcome"], vocabulary.CHECK_OUTCOME),
        severity=in_words(checks["severity"].astype("str"), vocabulary.SEVERITY),
    )


def show_list(found: Table, rows: str, domain: str, *, asked: Filters) -> int | None:
    """Draw the list that ``rows`` names; return the id of the check chosen in it, if any.

    ``asked`` is what else the reader chose the list by.
    """
    word, is_check = ROWS[rows], rows != "unchecked"
    if domain != EVERYTHING:
        word = f"{word}（{DOMAINS[domain]}）"
    ids = found.frame["check_id" if is_check else "institution_id"].tolist()
    key, place = row_panel.list_key(f"checks.{rows}.{domain}", ids), None
    if found.empty:
        st.info(f"截至统计日期，所选范围内没有“{word}”的记录。可换一个县区、类别、日期或名单。")
    else:
        place = tables.show(
            found,
            key=key,
            file_name=f"专项检查－{word}",
            alt=f"专项检查名单：{word}",
            height=LIST_HEIGHT,
            select=is_check,
        )
    chosen = None if place is None else int(ids[place])
    return row_panel.keep_chosen(("checks", rows, domain, asked), key, chosen)


def build_check(conn: Any, *, scope: Scope, check_id: int) -> Record | None:
    """Read a check as it stands; what became of a finding is told of its item."""
    found = ledger_records.check(conn, scope=scope, check_id=check_id)
    return row_panel.record(COMPLIANCE_CHECKS, found, pd.DataFrame({"column_name": []}))


def show_check(user: User, check_id: int | None) -> None:
    """Draw the check that is chosen, and the item that it brought about."""
    if check_id is None:
        st.caption("在名单中点选一次检查，这里列出它的全部内容和对应的整改事项。")
        return
    found: Record | None = run(build_check, user, {"scope": user.scope, "check_id": check_id})
    if found is None or not row_panel.may_read(user, found):
        row_panel.may_read(user, found)
        return
    with st.container(border=True):
        title = "　".join(
            filter(None, (found.words[name] for name in ("check_no", "institution_name", "domain")))
        )
        row_panel.show_record(
            f"{title}（{found.values['county']}）", COMPLIANCE_CHECKS, found.words, columns=2
        )
        item = found.values["rectification_id"]
        if not formatting.is_missing(item):
            st.markdown("**对应的整改事项**")
        elif found.values["outcome"] == "finding":
            st.warning(
                plain("这次检查发现了问题，整改台账里还没有对应的事项；重新导入这次检查即可立账。"),
                icon=":material/info:",
            )
    if not formatting.is_missing(item):
        item_panel.show(user, int(item))
