"""The sections of a meeting, one function each: ``None`` where there is nothing to say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from analysis import four_points, refunds, visit_results, wording
from analysis.briefing_content import (
    DECISIONS,
    FIGURES,
    Bar,
    Bars,
    Grid,
    Line,
    Lines,
    Section,
    Tile,
)
from analysis.concerns import coverage_concerns, overdue_concerns, relapse_concerns
from analysis.decisions import State
from analysis.indicators import SMALL_DENOMINATOR, Indicator
from analysis.overview import Figures
from analysis.registration import BEHIND, Outlook
from analysis.visit_plans import CHOSEN_BY

if TYPE_CHECKING:
    from analysis.briefing import Meeting

MOST_WATCHED: Final = 6
MOST_CONCERNS: Final = 8
MOST_DECISIONS: Final = 8
TARGET: Final = 1.0


def six_figures(meeting: Meeting) -> Section | None:
    """Write the six figures, what became of the last decisions, what is still coming in."""
    found, figures = len(meeting.found), meeting.figures
    if figures.is_empty:
        title = f"截至 {meeting.day}，{meeting.where}没有台账数据"
    elif found:
        title = f"截至 {meeting.day}，{meeting.where}有 {found} 项例外值得会议决定"
    else:
        title = f"截至 {meeting.day}，{meeting.where}没有需要会议决定的例外事项"
    notes = [meeting.followed_up, *meeting.late]
    return Section(
        key=FIGURES,
        heading="六项数字",
        title=title,
        source=meeting.source("机构台账", "整改台账", "退费纠纷台账", "举报线索", "检查记录")
        + "；升降与上周同期相比",
        tiles=tiles(figures=figures),
        notes=tuple(note for note in notes if note),
    )


def tiles(*, figures: Figures) -> tuple[Tile, ...]:
    """Write the six figures."""
    return (
        _share_tile("登记覆盖率", figures.coverage, "家"),
        _share_tile("合格登记率", figures.qualified_share, "家"),
        _count_tile(
            "整改未销号",
            figures.open_items,
            "件",
            f"其中逾期 {wording.count(figures.overdue_items.value)} 件",
        ),
        _count_tile(
            "退费未化解",
            figures.open_disputes,
            "件",
            f"涉及 {wording.yuan(figures.disputed_yuan)}",
        ),
        _count_tile(
            "本周举报",
            figures.reports,
            "件",
            f"核实率 {wording.share(figures.substantiated, figures.verified)}",
        ),
        _count_tile("本周检查", figures.inspections, "次", ""),
    )


def _share_tile(label: str, figure: Indicator, unit: str) -> Tile:
    return Tile(
        label,
        wording.percent(figure.value),
        _moved(wording.points(figure.change)),
        f"{wording.fraction(figure.numerator, figure.denominator)} {unit}"
        if figure.denominator
        else wording.MISSING,
        worse=bool(figure.worse),
    )


def _count_tile(label: str, figure: Indicator, unit: str, note: str) -> Tile:
    return Tile(
        label,
        f"{wording.count(figure.value)} {unit}",
        _moved(wording.change(figure.change, unit)),
        note,
        worse=bool(figure.worse),
    )


def _moved(change: str) -> str:
    return "" if change == wording.MISSING else change


def coverage(meeting: Meeting) -> Section | None:
    """Say where coverage will not be reached by the end of the campaign, or was not."""
    counties = meeting.counties
    found = [concern.text for concern in coverage_concerns(counties, ends_on=meeting.ends_on)]
    if not found:
        return None
    behind = counties[counties["outlook"].isin(BEHIND)]
    unregistered = int(behind["unregistered"].sum())
    if meeting.as_of > meeting.ends_on or len(counties) == 1:
        title, notes = found[0], found[1:]
    else:
        title = (
            f"{len(behind)} 个县区按近四周进度赶不上 "
            f"{wording.day(meeting.ends_on, beside=meeting.as_of)}全覆盖，"
            f"共 {wording.count(unregistered)} 家未登记：{_first(behind['county'].tolist())}"
        )
        notes = found
    rows = counties.assign(
        small=counties["in_operation"] < SMALL_DENOMINATOR, low=counties["coverage"]
    ).sort_values(["small", "low"], kind="stable")
    bars = tuple(
        Bar(
            str(row["county"]),
            float(row["coverage"]),
            f"{wording.share(row['registered'], row['in_operation'])}  {_outlook(row)}",
            is_late=row["outlook"] in BEHIND,
            is_small=bool(row["small"]),
        )
        for _, row in rows.iterrows()
    )
    return Section(
        key="coverage",
        heading="登记覆盖",
        title=title,
        source=meeting.source("机构台账", "全国平台登记"),
        chart=Bars(
            f"{_whose(counties)}登记覆盖率（已登记/在营）和预计全覆盖日",
            "",
            True,
            bars,
            target=TARGET,
        ),
        notes=tuple(notes),
        late=frozenset(range(len(notes))),
    )


def _whose(counties: pd.DataFrame) -> str:
    """Say of whom a chart tells: ``各县区``, or the one by its name."""
    return str(counties["county"].iloc[0]) if len(counties) == 1 else "各县区"


def _first(names: list[str]) -> str:
    """Name up to four; how many they are has been said."""
    return "、".join(names[:4]) + ("等" if len(names) > 4 else "")


def _outlook(row: pd.Series) -> str:
    match Outlook(row["outlook"]):
        case Outlook.DONE:
            return "已全覆盖"
        case Outlook.EMPTY:
            return "无在营机构"
        case Outlook.UNKNOWN:
            return "近四周无进展"
        case Outlook.LATE | Outlook.ON_TIME:
            return f"{wording.day(row['projected_on'], beside=row['day'])}"


def items(meeting: Meeting) -> Section | None:
    """Count overdue items and those that came back after their close-out."""
    late, relapsed = overdue_concerns(meeting.counties), relapse_concerns(meeting.relapse)
    notes = [concern.text for concern in (*late, *relapsed)]
    if not notes:
        return None
    total = int(meeting.counties["open_items"].sum())
    overdue = int(meeting.counties["overdue_items"].sum())
    back = int(meeting.relapse["relapsed"].sum())
    closed = int(meeting.relapse["closed_before"].sum())
    said = [f"整改未销号 {wording.count(total)} 件"]
    said.append(f"逾期 {wording.share(overdue, total)}" if overdue else "没有逾期的")
    if back:
        said.append(f"销号后反弹 {wording.share(back, closed)}")
    relapse = dict(
        zip(
            meeting.relapse["county_code"],
            zip(meeting.relapse["relapsed"], meeting.relapse["closed_before"], strict=True),
            strict=True,
        )
    )
    rows = meeting.counties.sort_values("overdue_items", ascending=False, kind="stable")
    bars = tuple(
        Bar(
            str(row["county"]),
            float(row["overdue_items"]),
            f"{wording.fraction(row['overdue_items'], row['open_items'])} 件，反弹 "
            f"{wording.fraction(*relapse.get(row['county_code'], (0, 0)))}",
            is_late=row["overdue_items"] > 0,
        )
        for _, row in rows.iterrows()
    )
    return Section(
        key="items",
        heading="整改销号",
        title="，".join(said),
        source=meeting.source("整改台账", "举报线索", "检查记录")
        + "；反弹为销号满 30 天的事项中 30 天内重开或再犯的",
        chart=Bars(
            f"{_whose(meeting.counties)}逾期/未销号{'，由多到少' if len(bars) > 1 else ''}",
            "件",
            False,
            bars,
        ),
        notes=tuple(notes),
        late=frozenset(range(len(notes))),
    )


def disputes(meeting: Meeting) -> Section | None:
    """Say what of the refund disputes is open, whether it grows, and who needs a plan."""
    figures, watched = meeting.figures, meeting.watched
    flow = meeting.flow
    numbers = flow[["opened", "resolved"]].fillna(0)  # a week that nobody froze says nothing
    if not figures.open_disputes.value and not numbers.to_numpy().any():
        return None
    title = (
        f"退费纠纷未化解 {wording.count(figures.open_disputes.value)} 件、"
        f"{wording.yuan(figures.disputed_yuan)}"
    )
    change = wording.change(figures.open_disputes.change, "件")
    if change != wording.MISSING:
        title += "，件数与上周持平" if change == "持平" else f"，较上周 {change}"
    notes = [refunds.watched_sentence(watched)] if watched.institutions else []
    chart = Lines(
        "退费纠纷每周登记与化解",
        "件",
        tuple(f"{week:%m-%d}" for week in flow["week"]),
        (
            Line("登记", tuple(flow["opened"].astype(float))),
            Line("化解", tuple(flow["resolved"].astype(float))),
        ),
        provisional=meeting.provisional,
    )
    return Section(
        key="disputes",
        heading="退费纠纷",
        title=title,
        source=meeting.source("退费纠纷台账"),
        chart=chart,
        grid=None if meeting.watch_list is None else _watch_grid(meeting.watch_list),
        notes=tuple(notes),
        late=frozenset([0]) if watched.unplanned else frozenset(),
    )


def _watch_grid(watch_list: pd.DataFrame) -> Grid | None:
    if watch_list.empty:
        return None
    shown, others = watch_list.head(MOST_WATCHED), len(watch_list) - MOST_WATCHED
    has_plan = shown["has_plan"].tolist()
    rows = tuple(
        (
            str(row["institution_name"]),
            str(row["county"]),
            wording.count(row["open"]),
            wording.count(row["students"]),
            wording.yuan(row["amount_yuan"]),
            "已有" if planned else "没有",
        )
        for planned, (_, row) in zip(has_plan, shown.iterrows(), strict=True)
    )
    if others > 0:
        rows += ((f"其余 {others} 家见退费纠纷", "", "", "", "", ""),)
    return Grid(
        ("一企一策名单", "县区", "未化解（件）", "学生（人）", "金额", "方案"),
        rows,
        frozenset((place, 5) for place, planned in enumerate(has_plan) if not planned),
    )


def visits(meeting: Meeting) -> Section | None:
    """Say what visits found, of released plans only, and whether the choosing was any good."""
    if meeting.results is None:
        return None
    released = meeting.results[meeting.results["released"] & meeting.results["outcome"].notna()]
    arms = [arm for arm in visit_results.arms(released) if arm.checked]
    if not arms:
        return None
    bars = tuple(
        Bar(
            CHOSEN_BY[arm.chosen_by],
            arm.hits / arm.checked,
            wording.share(arm.hits, arm.checked),
            is_small=arm.checked < SMALL_DENOMINATOR,
            low=arm.low,
            high=arm.high,
        )
        for arm in arms
    )
    types = released.loc[released["outcome"] == "violation", "violation_type"].value_counts()
    listed = "、".join(f"{word} {wording.count(n)} 处" for word, n in types.head(5).items())
    return Section(
        key="visits",
        heading="暗访结果",
        title=visit_results.headline(released),
        source=meeting.source("已公布的暗访结果") + "；线段为 95% 区间，闭门未开不计",
        chart=Bars("各种选法查到违规的比例", "", True, bars),
        notes=(f"查到的违规：{listed}",) if listed else (),
    )


def points(meeting: Meeting) -> Section | None:
    """Put counties side by side on the four points of 专项督查."""
    judged = meeting.points
    if judged is None or not judged["denominator"].any():
        return None
    wide = judged.pivot(index="county_code", columns="measure", values="written")
    behind = judged.pivot(index="county_code", columns="measure", values="is_behind")
    names = judged.drop_duplicates("county_code").set_index("county_code")["county"]
    measures = [measure.title for measure in four_points.MEASURES]
    rows = tuple((str(names[code]), *wide.loc[code, measures]) for code in names.index)
    late = frozenset(
        (place, column)
        for place, code in enumerate(names.index)
        for column, measure in enumerate(measures, start=1)
        if behind.loc[code, measure]
    )
    return Section(
        key="points",
        heading="专项督查四个方面",
        title=four_points.sentence(judged),
        source=meeting.source("机构台账", "资质核查", "整改台账", "举报线索", "检查记录")
        + ("；红色为明显落后于全市，不足 10 的不比较" if len(names) > 1 else ""),
        grid=Grid(("县区", *measures), rows, late),
    )


def decisions(meeting: Meeting) -> Section | None:
    """Say what the meeting is asked to decide, and what became of what it decided before."""
    asked = meeting.found[:MOST_CONCERNS]
    if not asked and meeting.decisions.empty:
        return None
    rest = len(meeting.found) - len(asked)
    notes = [concern.text for concern in asked] + ([f"其余 {rest} 项见全市总览"] if rest else [])
    unlisted = len(meeting.decisions) - MOST_DECISIONS
    if unlisted > 0:
        notes.append(f"其余 {unlisted} 项以前的决定见会议简报页的名单")
    said = f"提请会议决定 {len(meeting.found)} 项" if asked else "没有提请会议决定的事项"
    if meeting.followed_up:
        said += f"；{meeting.followed_up}"
    return Section(
        key=DECISIONS,
        heading="会议决定",
        title=said,
        source=meeting.source("会议决定记录", "各台账"),
        grid=_decision_grid(meeting.decisions.head(MOST_DECISIONS), meeting.as_of),
        notes=tuple(notes),
        late=frozenset(place for place, concern in enumerate(asked) if concern.is_late),
    )


def _decision_grid(standing: pd.DataFrame, as_of: date) -> Grid | None:
    if standing.empty:
        return None
    rows = tuple(
        (
            wording.day(row["week"], beside=as_of),
            str(row["kind_word"]),
            str(row["what"]),
            "全市" if wording.is_missing(row["county"]) else str(row["county"]),
            str(row["owner"]),
            wording.day(row["due_on"], beside=as_of),
            _state(row, as_of),
        )
        for _, row in standing.iterrows()
    )
    late = frozenset(
        (place, 6) for place, state in enumerate(standing["state"]) if state == State.OVERDUE
    )
    return Grid(("会议", "种类", "决定事项", "县区", "责任人", "期限", "进展"), rows, late)


def _state(row: pd.Series, as_of: date) -> str:
    if not wording.is_missing(row["done_on"]):
        return f"{wording.day(row['done_on'], beside=as_of)}完成"
    if row["state"] == State.OVERDUE:
        return f"逾期 {(pd.Timestamp(as_of) - row['due_on']).days} 天"
    return "未定期限" if wording.is_missing(row["due_on"]) else "未到期"
