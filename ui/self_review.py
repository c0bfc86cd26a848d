"""A county's review of itself on screen: what to do before Thursday, then the checklist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import alarms, review_signs
from analysis import county_actions as duties_judgement
from analysis import refunds as refunds_judgement
from analysis import self_review as judgement
from analysis import submissions as documents_judgement
from analysis import to_do as tasks
from analysis.fee_figures import charge_limits
from analysis.prices import before_summer
from analysis.week_figures import limits, week_figures
from data_access import (
    city_medians,
    county_actions,
    course_fees,
    meeting_counts,
    rectification,
    rectification_items,
    reference,
    refund_plans,
    refund_weeks,
    refunds,
    submissions,
    vocabulary,
)
from data_access import self_review as review
from data_access import to_do as to_do_rows
from data_access.accounts import Permission, User
from data_access.connections import reading
from data_access.ledgers.kinds import INSTITUTIONS, RECTIFICATIONS, REFUND_DISPUTES, VERIFICATIONS
from data_access.scope import Scope
from data_access.weeks import WEEK, last_full_week, last_weeks, reporting_week
from ui import downloads, filters, outage, tables
from ui.exports.to_do import file_name, to_do_workbook, verification_rows
from ui.filters import Filters
from ui.formatting import day_of_week, plain
from ui.load import load
from ui.navigation import ENTRIES, page_of
from ui.tables import Table, table

EVERYTHING, ALL = "all", "全部"
TASK_HEIGHT: Final = 318
LINE_HEIGHT: Final = 388
COUNTY_WIDTH: Final = 320
_TASKS: Final = ("urgency", "task_kind", "task", "task_due", "task_where", "task_detail")
_LINES: Final = (
    *("judgement", "clause", "measure", "county_figure", "required", "median_written"),
    *("since_last_week", "clause_no", "demand", "counts_what"),
)
# Which ledger takes what there is to do; the rest is put on record on pages of its own.
_LEDGERS: Final = (
    (RECTIFICATIONS, ("close",)),
    (INSTITUTIONS, ("register", "verify")),
    (REFUND_DISPUTES, ("dispute",)),
)
_NO_LEDGER: Final = ("send", "record")
_PAGES: Final = {entry.url_path: entry for entry in ENTRIES}


@dataclass(frozen=True, slots=True)
class View:
    """What the page says of one county on a day."""

    county: str
    headline: str
    rows: pd.DataFrame  # analysis.to_do
    counts: dict[str, int]
    review: str
    lines: pd.DataFrame  # analysis.self_review
    notes: str


def choose(user: User, chosen: Filters) -> Filters:
    """Return the choice of one county: a county account's own, else the one that is chosen.

    Until one is, the county with most overdue items comes first, as it is most in need.
    """
    codes = [code for code in chosen.offered if not chosen.counties or code in chosen.counties]
    if len(codes) > 1:
        first = load(_most_in_need, user, replace(chosen, categories=()))
        code = st.selectbox(
            "县区",
            codes,
            index=codes.index(first) if first in codes else 0,
            format_func=chosen.offered.__getitem__,
            key="of",
            bind="query-params",
            width=COUNTY_WIDTH,
            help="没有选时，先列逾期整改最多的县区。",
        )
        downloads.narrowed("县区", chosen.offered[code])
        codes = [code]
    return replace(chosen, counties=tuple(codes), categories=())


def _most_in_need(conn: Any, *, as_of: date, **asked: Any) -> str | None:
    asked["scope"] = asked["scope"].released()
    counts = rectification.open_on_days(conn, as_of=as_of, **asked, days=(as_of,))
    ranked = counts.sort_values(["overdue", "open"], ascending=False, kind="stable")
    return None if ranked.empty else str(ranked["county_code"].iloc[0])


def view(user: User, chosen: Filters) -> View:
    """Return what the page says of the county chosen; the city's medians are seen to first."""
    # Where nothing can be worked out, they are taken to be there, as they mostly were.
    is_known = outage.is_on() or city_medians.refresh(chosen.as_of)
    return load(build, user, chosen, with_medians=is_known)


def build(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    with_medians: bool,
    categories: tuple[str, ...] = (),
) -> View:
    """Judge the one county in scope as of a day; every category counts, whatever is chosen."""
    # The city asks every county what the county asks itself: of released rows alone.
    scope = scope.released()
    [unit] = reference.counties(conn, scope=scope)
    campaign = reference.newest_campaign(conn)
    known = _known(conn, scope, as_of)
    rows = _tasks(known, as_of)
    figures = [
        _figures(conn, scope, day, since=campaign.starts_on) for day in (as_of, as_of - WEEK)
    ]
    lines = judgement.checklist(
        *figures,
        medians=city_medians.medians(conn, as_of=as_of) if with_medians else {},
        duties=known.duties,
        documents=known.documents,
        as_of=as_of,
    )
    thursday = reporting_week(as_of)
    applied = len(known.submitted)
    return View(
        county=unit.name,
        headline=tasks.headline(rows, thursday=thursday, applied=applied),
        rows=rows,
        counts=tasks.counts(rows),
        review=judgement.headline(lines, unit.name),
        lines=lines,
        notes=_notes(as_of, with_medians=with_medians),
    )


def _figures(conn: Any, scope: Scope, as_of: date, *, since: date) -> pd.DataFrame:
    """Return every indicator of the county as of a day, the campaign's ``since`` its first."""
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of}
    counts = judgement.with_charges(
        review.review_counts(conn, **asked, since=since),
        **meeting_counts.charges_since(conn, **asked, since=since, charged_beyond=charge_limits()),
    )
    last = last_full_week(as_of)
    past = tuple(last_weeks(last, alarms.WEEKS))
    counts = review_signs.with_signs(
        counts,
        course_fees.prices(conn, **asked, since=before_summer(as_of)),
        refund_weeks.institution_weeks(conn, scope=scope, as_of=last, weeks=past),
        as_of=as_of,
        weeks=past,
    )
    week = week_figures(meeting_counts.counts(conn, **asked, **limits()), as_of=as_of)
    return judgement.review_figures(week, counts)


def _known(conn: Any, scope: Scope, as_of: date) -> tasks.Known:
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of}
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
    )
    campaign = reference.newest_campaign(conn)
    span = (campaign.starts_on, campaign.ends_on)
    recent = refunds.by_institution(conn, **asked, recent_days=refunds_judgement.WATCH.days)
    return tasks.Known(
        items=rectification_items.open_items(conn, **asked),
        submitted=rectification_items.submitted_items(conn, **asked),
        institutions=to_do_rows.institutions_to_do(conn, **asked),
        disputes=refunds.open_disputes(conn, **asked),
        watched=refunds_judgement.watch_list(recent, refund_plans.plans(conn, **asked)),
        documents=documents_judgement.judged(
            submissions.submissions(conn, **asked),
            units,
            documents_judgement.expected(*span),
            as_of=as_of,
        ),
        duties=duties_judgement.judged(
            county_actions.county_actions(conn, **asked),
            units,
            duties_judgement.expected(*span),
            as_of=as_of,
        ),
    )


def _tasks(known: tasks.Known, as_of: date) -> pd.DataFrame:
    words = vocabulary.first_words(vocabulary.VERIFICATION_ITEM)
    return tasks.to_do(known, as_of=as_of, thursday=reporting_week(as_of), items=words)


def _notes(as_of: date, *, with_medians: bool) -> str:
    before = day_of_week(as_of - WEEK, beside=as_of)
    medians = (
        "全市中位数取五个及以上县区，比率分母满 10 的才参加，不列县区名称"
        if with_medians
        else "全市中位数尚未计算"
    )
    return (
        f"数字截至 {day_of_week(as_of, beside=as_of)}，按现在所知、含全部机构类别，"
        "未公布的暗访不计；"
        f"“较上周”与 {before}相比，那一天的数也按现在所知重算，不是会上冻结的数。{medians}。"
        "“无定数”是方案没有写明多少，不作判断；“待登记”的到“行动机制”“材料报送”登记。"
    )


def show_to_do(user: User, chosen: Filters, seen: View) -> None:
    """Draw what is to be done, by kind, and the workbook to work through."""
    st.subheader(plain(seen.headline), anchor=False)
    words = {EVERYTHING: ALL} | {kind: tasks.KINDS[kind] for kind in seen.counts}
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = filters.one_of("种类", words, key="task") if len(words) > 1 else EVERYTHING
        if user.may(Permission.LEDGER_IMPORT) and len(seen.rows):
            downloads.button(
                "下载待办工作簿（填好可再导入）",
                lambda: _workbook(user, chosen, seen),
                file_name=file_name(seen.county, chosen.as_of),
                what="待办工作簿",
                rows=len(seen.rows),
                key="self_review.workbook",
            )
    rows = seen.rows if kind == EVERYTHING else seen.rows[seen.rows["kind"] == kind]
    if rows.empty:
        st.info("没有到期的事项，也没有待核查、待登记的机构和未化解的退费纠纷。")
        return
    tables.show(
        _task_table(rows.reset_index(drop=True)),
        key="self_review.tasks",
        file_name=f"{seen.county}这周四前要做的",
        alt="这周四前要做的事，由急到缓",
        what="这周四前要做的",
        height=TASK_HEIGHT,
    )


def _task_table(rows: pd.DataFrame) -> Table:
    return table(
        rows.assign(
            task_kind=rows["kind"].map(tasks.KINDS),
            task=rows["what"],
            task_where=rows["where"],
            task_detail=rows["detail"],
            task_due=rows["due_on"],
        ),
        _TASKS,
        widest=["task_detail"],
    )


def _workbook(user: User, chosen: Filters, seen: View) -> bytes:
    """Make the workbook of the county as it is at the click."""
    with reading(user) as conn:
        return workbook_of(
            conn,
            scope=user.scope.within(chosen.counties),
            as_of=chosen.as_of,
            county=seen.county,
            counties=chosen.offered,
        )


def workbook_of(
    conn: Any, *, scope: Scope, as_of: date, county: str, counties: Mapping[str, str]
) -> bytes:
    """Return the workbook of what the one county in scope has to do, as the ledgers are now.

    ``county`` is its name, ``counties`` has names by code.
    """
    scope = scope.released()
    known = _known(conn, scope, as_of)
    rows = _tasks(known, as_of)
    ledgers = [
        (
            kind,
            to_do_rows.ledger_rows(
                conn,
                scope=scope,
                kind=kind,
                numbers=rows.loc[rows["kind"].isin(kinds), "row_id"].astype("int64").tolist(),
            ),
        )
        for kind, kinds in _LEDGERS
    ]
    sheets = [*ledgers[:2], (VERIFICATIONS, verification_rows(known.institutions)), *ledgers[2:]]
    thursday, applied = reporting_week(as_of), len(known.submitted)
    said = [tasks.headline(rows, thursday=thursday, applied=applied)]
    said += [
        f"{tasks.KINDS[row['kind']]}（在系统里登记，不在本工作簿内）：{row['what']}，{row['urgency']}"
        for row in rows[rows["kind"].isin(_NO_LEDGER)].to_dict("records")
    ]
    return to_do_workbook(sheets, county=county, as_of=as_of, said=said, counties=counties)


def show_checklist(user: User, chosen: Filters, seen: View) -> None:
    """Draw the checklist, narrowed to a judgement, and lead a chosen line to its rows."""
    st.subheader(plain(seen.review), anchor=False)
    found = set(seen.lines["judgement"])
    words = {EVERYTHING: ALL} | {word: word for word in judgement.JUDGEMENTS if word in found}
    kept = filters.one_of("判断", words, key="judged")
    lines = seen.lines
    if kept != EVERYTHING:
        lines = lines[lines["judgement"] == kept].reset_index(drop=True)
    place = tables.show(
        _line_table(lines),
        key=f"self_review.lines.{kept}",
        file_name=f"{seen.county}对照工作方案自查",
        alt="对照工作方案逐条自查，选中一行看方案原文和明细",
        what="对照工作方案自查",
        height=LINE_HEIGHT,
        select=True,
    )
    if place is None:
        st.caption("选中一行，下面列出方案原文，并可到明细所在的页。")
    else:
        _lead(user, chosen, lines.iloc[place])
    st.caption(plain(seen.notes))


def _line_table(lines: pd.DataFrame) -> Table:
    return table(
        lines.assign(
            clause_no=lines["no"],
            measure=lines["title"],
            county_figure=lines["written"],
            since_last_week=lines["change_written"],
            counts_what=lines["says"],
        ),
        _LINES,
        wide=["demand", "counts_what"],
    )


def _lead(user: User, chosen: Filters, line: pd.Series) -> None:
    st.markdown(f"**{plain(line['no'])}　{plain(line['clause'])}**：{plain(line['demand'])}")
    if line["says"]:
        st.caption(plain(f"{line['title']}：{line['says']}。"))
    entry = _PAGES.get(line["page"])
    if entry is None or not user.may(entry.permission):
        return
    address: dict[str, Any] = filters.address(user, chosen)
    if line["rows"]:
        address["rows"] = line["rows"]
    st.page_link(
        page_of(entry),
        label=plain(f"看明细：{entry.title}" + (f"（{line['rows']}）" if line["rows"] else "")),
        icon=":material/chevron_right:",
        icon_position="right",
        query_params=address,
    )
