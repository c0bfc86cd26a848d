"""数据质量 on a page: what is wrong in the ledgers, what to mend first, how each county stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import quality_scores
from analysis.quality_settings import OF_CITY, Settings, settings
from data_access import flawed_reports, reference, vocabulary
from data_access.accounts import User
from data_access.flawed_reports import Slice
from data_access.quality_reports import FLAW_OF
from data_access.scope import Scope
from data_access.weeks import WEEK, reporting_week
from ui import downloads, formatting, pager, tables
from ui.filters import Filters
from ui.formatting import plain
from ui.load import fresh, load
from ui.quality_judging import Judged, Reports, judge
from ui.rows import in_words
from ui.tables import Table, Whole, table

EVERYTHING: Final = "全部"
_LEDGERS: Final = {
    "institution": "机构台账",
    "verification": "资质核查",
    "roster_entry": "底数名单",
    "violation_report": "举报线索",
    "inspection": "检查记录",
    "rectification": "整改台账",
    "rectification_event": "整改经过",
    "refund_dispute": "退费纠纷",
    "course_fee": "课程收费",
    "fee_charge": "预收费",
    "compliance_check": "专项检查",
    "submission": "材料报送",
    "county_action": "行动机制",
}
_URGENCY: Final = {1: "先改", 2: "再改", 3: "补全"}
# Rows that people call by a word of a vocabulary.
_NUMBERED: Final = {"verification": vocabulary.VERIFICATION_ITEM}
_NAMED: Final = {
    "rectification_event": vocabulary.RECTIFICATION_STEP,
    "submission": vocabulary.DOCUMENT,
    "county_action": vocabulary.COUNTY_DUTY,
}
_AGAINST: Final = {
    quality_scores.BEHIND: "明显低于全体",
    quality_scores.AHEAD: "明显高于全体",
    quality_scores.ALIKE: "看不出差别",
    quality_scores.FEW: "行数少，不比",
    quality_scores.ALONE: formatting.MISSING,
}
_OF_RULE: Final = (
    "county",
    "row_number",
    "row_name",
    "wrong",
    "known_days",
    "known_since",
    "mend",
)
_OF_ALL: Final = ("ledger", "rule_title", *_OF_RULE[:-1], "mender", "mend")
RULES_HEIGHT: Final = tables.HEADER_HEIGHT + 8 * tables.ROW_HEIGHT
ROWS_HEIGHT: Final = 330


class View(NamedTuple):
    """What the page says of the counties chosen.

    ``titles`` are the rules that found something, what to mend first first, then ``EVERYTHING``;
    ``sizes`` says how many rows each found. They stand in ``rows``; of reports, which are read by
    the page, ``reports`` has how many there are in each county, drawn in ``of_counties``.
    """

    headline: str
    notes: str
    compared: str
    counties: Table
    rules: Table
    titles: dict[str, str]
    sizes: dict[str, int]
    rows: dict[str, pd.DataFrame]
    reports: dict[str, list[tuple[str, int]]]
    of_counties: dict[str, Table]
    is_empty: bool


def build(conn: Any, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()) -> View:
    """Judge, and build what is drawn."""
    judged = judge(conn, scope=scope, as_of=as_of, categories=categories)
    rules = settings()
    where = reference.scope_name(conn, scope=scope)
    wrong = judged.standing[judged.standing["rows"] > 0]
    # Without their numbers: a link opens the same rule when there are more rows.
    titles = {rule: rules.rules[rule].title for rule in wrong["rule"]}
    sizes = dict(zip(wrong["rule"], wrong["rows"].tolist(), strict=True))
    shown = _shown(judged.found, rules)
    reports = {
        str(rule): list(zip(each["county_code"], each["rows"].tolist(), strict=True))
        for rule, each in judged.reports.groupby("rule")
    }
    if titles:
        titles[EVERYTHING] = "全部问题"
        sizes[EVERYTHING] = sum(sizes.values())
    return View(
        headline=quality_scores.headline(
            judged.scores, judged.standing, where=where, since=judged.before, settings=rules
        ),
        notes=_notes(rules, judged),
        compared=quality_scores.compared(judged.scores),
        counties=_counties(judged.scores),
        rules=_rules(judged.standing, rules),
        titles=titles,
        sizes=sizes,
        rows={str(rule): each for rule, each in shown.groupby("rule", sort=False)},
        reports=reports,
        of_counties=_of_counties(conn, judged, scope, as_of) if not categories else {},
        is_empty=not int(judged.scores["rows"].sum()),
    )


def report_rows(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    slices: Sequence[Slice],
) -> pd.DataFrame:
    """Return what is drawn of such reports, one slice below the other."""
    reports = Reports(conn, scope, as_of, categories)
    return _shown(reports.listed(slices), settings())


def _of_counties(conn: Any, judged: Judged, scope: Scope, as_of: date) -> dict[str, Table]:
    """Return for each rule on reports how many each county has, of all weeks and of the last."""
    week = reporting_week(as_of)
    received = flawed_reports.of_weeks(conn, scope=scope.released(), weeks=(week - WEEK, week))
    names = judged.scores.set_index("county_code")["county"]
    built = {}
    for rule, each in judged.reports.groupby("rule"):
        rows = each.assign(county=each["county_code"].map(names), found_rows=each["rows"])
        of_rule = received[received["rule"] == rule].set_index("county_code")
        for column, day in (("of_week", week), ("of_week_before", week - WEEK)):
            of_week = of_rule.loc[of_rule["week"].dt.date == day, "rows"].to_dict()
            rows[column] = [of_week.get(code, 0) for code in rows["county_code"]]
        columns = ["county", "found_rows"]
        columns += ["of_week", "of_week_before"] if rule in FLAW_OF else []
        built[str(rule)] = table(rows, columns)
    return built


def _rules(standing: pd.DataFrame, rules: Settings) -> Table:
    said = [rules.rules[code] for code in standing["rule"]]
    trends = [
        quality_scores.trend(*numbers)
        for numbers in standing[["before", "rows", "mended", "added"]].itertuples(index=False)
    ]
    shown = standing.assign(
        mend_order=standing["urgency"].map(_URGENCY),
        rule_title=[rule.title for rule in said],
        found_rows=standing["rows"],
        looked_rows=standing["looked_at"],
        trend_written=trends,
        mender=[rule.owner for rule in said],
        ledger=[_LEDGERS[rule.table] for rule in said],
    )
    columns = ("mend_order", "rule_title", "found_rows", "looked_rows", "oldest_days")
    rest = ("trend_written", "mender", "ledger")
    return table(shown, (*columns, *rest), wide=["rule_title"], whole=["trend_written"])


def _shown(found: pd.DataFrame, rules: Settings) -> pd.DataFrame:
    said = {code: rules.rules[code] for code in found["rule"].unique()}
    return found.assign(
        rule_title=found["rule"].map({code: rule.title for code, rule in said.items()}),
        ledger=found["table"].map(_LEDGERS),
        row_number=_worded(found, "number", _NUMBERED),
        row_name=_worded(found, "name", _NAMED),
        wrong=found["said"],
        known_since=found["known_on"],
        mender=found["rule"].map({code: rule.owner for code, rule in said.items()}),
        mend=found["rule"].map({code: rule.mend for code, rule in said.items()}),
    )


def _rows(shown: pd.DataFrame, columns: tuple[str, ...]) -> Table:
    return table(shown.reset_index(drop=True), columns, widest=["mend"], whole=["wrong"])


def _worded(
    found: pd.DataFrame, column: str, words_of: dict[str, vocabulary.Vocabulary]
) -> pd.Series:
    written = found[column].copy()
    for name, words in words_of.items():
        is_its = found["table"] == name
        written[is_its] = in_words(found.loc[is_its, column], words)
    return written


def _counties(scores: pd.DataFrame) -> Table:
    shown = scores.assign(
        ledger_rows=scores["rows"],
        right_rows=scores["right"],
        right_written=[
            formatting.share(right, rows)
            for right, rows in zip(scores["right"], scores["rows"], strict=True)
        ],
        right_interval=[
            f"{formatting.percent(low)}–{formatting.percent(high)}" if rows else formatting.MISSING
            for low, high, rows in zip(scores["low"], scores["high"], scores["rows"], strict=True)
        ],
        right_change=[formatting.points(change) for change in scores["change"]],
        mended_rows=scores["mended"],
        added_rows=scores["added"],
        against_all=scores["against"].map(_AGAINST),
    )
    columns = ("county", "right_written", "right_interval", "against_all", "right_change")
    return table(shown, [*columns, "mended_rows", "added_rows"])


def _notes(rules: Settings, judged: Judged) -> str:
    since = formatting.day_of_week(judged.before)
    said = ""
    if len(judged.scores) == 1:
        low, high = (formatting.percent(judged.scores[name].iloc[0]) for name in ("low", "high"))
        said = f"合格率的 95% 区间为 {low}–{high}。"
    return (
        f"{said}数据按现在的台账算，逾期、过期等按统计日期算；与 {since}当时所知的台账相比。"
        "合格率＝没有问题的行÷全部行，每行只算一次，只计由县区改的规则；"
        f"由{OF_CITY}改的规则和整周没有举报的不计。天数自收到这一行或与规则有关的列最近一次改动起算。"
        f"未公布的暗访不计。不足 {rules.limits.small_denominator} 行的县区不比较。"
    )


def show(user: User, chosen: Filters) -> None:
    """Draw the page of the chosen counties: the sentence, the counties, the rules, their rows."""
    view = load(build, user, chosen)
    st.subheader(plain(view.headline), anchor=False)
    if view.is_empty:
        st.info(
            "所选范围内没有台账数据。可换一个县区或类别；新报的台账在“台账导入”导入后即可检查。"
        )
        return
    tables.show(
        view.rules,
        key="data_quality.rules",
        file_name="数据质量规则",
        alt="数据质量规则，先改的在前",
        height=RULES_HEIGHT,
    )
    _show_rows(view, user, chosen)
    if len(view.counties.frame) > 1:
        st.subheader(plain(view.compared), anchor=False)
        tables.show(
            view.counties,
            key="data_quality.counties",
            file_name="各县区台账合格率",
            alt="各县区台账合格率，按全市文件的次序",
        )
    st.caption(plain(view.notes))


def _show_rows(view: View, user: User, chosen: Filters) -> None:
    if not view.titles:
        st.info("查过的规则都没有发现问题。")
        return
    rule = st.selectbox(
        "看哪一条的明细",
        list(view.titles),
        format_func=view.titles.__getitem__,
        key="rule",
        bind="query-params",
    )
    said = settings().rules.get(rule)
    title = view.titles[rule]
    downloads.narrowed("规则", title)
    if said is not None:
        st.markdown(
            f"**{plain(said.title)}**：{plain(said.why)}由{plain(said.owner)}改：{plain(said.mend)}"
        )
    total = view.sizes[rule]
    first = pager.first_row(total, key=f"data_quality.page.{rule}")
    rows = part(view, rule, first, pager.PAGE_ROWS, partial(load, report_rows, user, chosen))
    file_rows = min(total, pager.FILE_ROWS)
    scope = user.scope.within(chosen.counties)
    asked = {"scope": scope, "as_of": chosen.as_of, "categories": chosen.categories}

    def read(slices: Sequence[Slice]) -> pd.DataFrame:
        return fresh(report_rows, user, {**asked, "slices": slices})

    tables.show(
        _rows(rows, _OF_ALL if rule == EVERYTHING else _OF_RULE),
        key=f"data_quality.rows.{rule}",
        file_name=f"数据质量（{title}）",
        alt=f"有问题的行：{title}",
        height=ROWS_HEIGHT,
        of=Whole(lambda: part(view, rule, 0, file_rows, read), file_rows, total),
    )
    if len(view.reports.get(rule, ())) > 1 and rule in view.of_counties:
        tables.show(
            view.of_counties[rule],
            key=f"data_quality.of_counties.{rule}",
            file_name=f"数据质量（{title}，各县区）",
            alt=f"各县区有问题的行：{title}",
        )


def part(
    view: View, rule: str, first: int, rows: int, read: Callable[..., pd.DataFrame]
) -> pd.DataFrame:
    """Return so many rows of a rule, or of all, from the nth on.

    ``read`` returns the rows of ``slices`` of reports, as `report_rows` does.
    """
    rules = [each for each in view.titles if each != EVERYTHING] if rule == EVERYTHING else [rule]
    pieces = pager.cut([(each, view.sizes[each]) for each in rules], first, rows)
    slices = [
        Slice(each, *of_county)
        for each, begin, n in pieces
        if each in view.reports
        for of_county in pager.cut(view.reports[each], begin, n)
    ]
    reports = read(slices=tuple(slices)) if slices else None
    parts = []
    for each, begin, n in pieces:
        if each in view.rows:
            parts.append(view.rows[each].iloc[begin : begin + n])
        elif reports is not None:
            parts.append(reports[reports["rule"] == each])
    return pd.concat(parts)
