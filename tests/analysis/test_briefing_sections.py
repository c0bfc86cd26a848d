"""What each section of a meeting says, and when it has nothing to say."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis import briefing_sections as sections
from analysis.briefing import FROZEN, NOW, Meeting, briefing
from analysis.briefing_content import Bars, Grid, Lines, Section
from analysis.briefing_fees import fees
from analysis.concerns import Concern, Topic
from analysis.fee_figures import CODES, SUPERVISED
from analysis.four_points import MEASURES, side_by_side
from analysis.indicators import Indicator
from analysis.intervals import wilson
from analysis.overview import Figures
from analysis.refunds import Watched
from analysis.registration import Outlook
from analysis.signs import Alarm, Rise, Rises, Signs
from tests.hostile import HOSTILE

AS_OF, ENDS_ON = date(2022, 8, 25), date(2022, 9, 30)
AFTER = date(2022, 10, 6)
NAN = math.nan
NOBODY = Watched(0, 0, 0, 0.0)
DONE, ON_TIME, LATE, UNKNOWN, EMPTY = (
    *(Outlook.DONE, Outlook.ON_TIME, Outlook.LATE, Outlook.UNKNOWN),
    Outlook.EMPTY,
)


def counties(*rows: dict[str, Any]) -> pd.DataFrame:
    """One row a county, twenty of twenty registered unless told otherwise."""
    usual = {
        "day": AS_OF,
        "in_operation": 20,
        "registered": 20,
        "outlook": DONE,
        "projected_on": None,
        "open_items": 0,
        "overdue_items": 0,
    }
    frame = pd.DataFrame(
        [{"county_code": f"<{row['county']}>", **usual, **row} for row in rows],
        columns=["county_code", "county", *usual],
    ).astype(dict.fromkeys(("day", "projected_on"), "datetime64[s]"))
    return frame.assign(
        unregistered=frame["in_operation"] - frame["registered"],
        coverage=frame["registered"] / frame["in_operation"].where(frame["in_operation"] > 0),
    )


def late(county: str, registered: int, total: int = 20, **more: Any) -> dict[str, Any]:
    return {
        "county": county,
        "in_operation": total,
        "registered": registered,
        "outlook": LATE,
        "projected_on": date(2022, 10, 5),
    } | more


def relapse(*rows: tuple[str, int, int]) -> pd.DataFrame:
    columns = ["county_code", "county", "closed_before", "relapsed"]
    return pd.DataFrame([(f"<{name}>", name, *counts) for name, *counts in rows], columns=columns)


def flow(*weeks: tuple[float, float]) -> pd.DataFrame:
    days = [AS_OF - timedelta(weeks=back) for back in reversed(range(len(weeks)))]
    return pd.DataFrame(
        {
            "week": pd.Series(days, dtype="datetime64[s]"),
            "opened": [float(opened) for opened, _ in weeks],
            "resolved": [float(resolved) for _, resolved in weeks],
        }
    )


def count(value: float, change: float = 0.0, *, worse: bool | None = None) -> Indicator:
    return Indicator(value, change, (), worse)


def share(part: float, whole: float, change: float = 0.0, *, worse: bool = False) -> Indicator:
    return Indicator(part / whole if whole else NAN, change, (), worse, part, whole)


def figures(**changed: Any) -> Figures:
    usual: dict[str, Any] = {
        "coverage": share(20, 20),
        "qualified_share": share(20, 20),
        **dict.fromkeys(("open_items", "overdue_items", "open_disputes"), count(0)),
        "disputed_yuan": 0.0,
        "reports": count(0),
        "substantiated": 0,
        "verified": 0,
        "inspections": count(0),
    }
    return Figures(**usual | changed)


def meeting(**changed: Any) -> Meeting:
    """A meeting of two counties in which nothing is to be said."""
    usual: dict[str, Any] = {
        "city": "柳州市",
        "where": "全市",
        "as_of": AS_OF,
        "week": AS_OF,
        "ends_on": ENDS_ON,
        "basis": NOW,
        "counties": counties({"county": "甲县"}, {"county": "乙县"}),
        "figures": figures(),
        "found": [],
        "relapse": relapse(("甲县", 0, 0), ("乙县", 0, 0)),
        "watched": NOBODY,
        "flow": flow((0, 0), (0, 0)),
    }
    return Meeting(**usual | changed)


def said(section: Section | None) -> Section:
    assert section is not None
    return section


def bars_of(section: Section | None) -> Bars:
    chart = said(section).chart
    assert isinstance(chart, Bars)
    return chart


def grid_of(section: Section | None) -> Grid:
    grid = said(section).grid
    assert grid is not None
    return grid


# --- all of it


def test_sections_with_nothing_to_say_are_left_out() -> None:
    written = briefing(meeting())

    assert [section.key for section in written.sections] == ["figures"]
    assert written.sections[0].title == "截至 8 月 25 日（周四），全市没有需要会议决定的例外事项"
    assert (written.title, written.where, written.basis) == (
        *("柳州市校外培训治理会议简报", "全市", NOW),
    )


def test_sections_come_in_the_order_of_the_meeting() -> None:
    written = briefing(
        meeting(
            counties=counties(late("甲县", 10, open_items=3, overdue_items=1)),
            figures=figures(open_disputes=count(1)),
            results=results(("risk", "clear", True)),
            points=points([(50, 100)]),
            found=concerns(1),
        )
    )

    assert [section.key for section in written.sections] == [
        *("figures", "coverage", "items", "disputes", "visits", "points", "decisions"),
    ]


@pytest.mark.parametrize(
    ("basis", "frozen_at", "words"),
    [
        (NOW, None, "（按现在所知）"),
        (FROZEN, pd.Timestamp("2022-08-25 18:00"), "（会上冻结的数字，冻结于 2022-08-25 18:00）"),
    ],
)
def test_every_source_says_its_day_and_its_basis(
    basis: str, frozen_at: pd.Timestamp | None, words: str
) -> None:
    written = briefing(
        meeting(
            basis=basis,
            frozen_at=frozen_at,
            counties=counties(late("甲县", 10, open_items=3, overdue_items=1)),
            figures=figures(open_disputes=count(1)),
            results=results(("risk", "clear", True)),
            points=points([(50, 100)]),
            found=concerns(1),
        )
    )

    assert len(written.sections) == 7
    for section in written.sections:
        assert f"截至 2022 年 8 月 25 日{words}" in section.source


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_what_they_are(name: str) -> None:
    written = briefing(
        meeting(
            where=name,
            counties=counties(late(name, 10, open_items=3, overdue_items=1), late("乙县", 11)),
            relapse=relapse((name, 20, 1)),
            figures=figures(open_disputes=count(1)),
            watched=Watched(1, 1, 40, 1.0),
            watch_list=watch_list({"institution_name": name}),
            results=results(("risk", "violation", True), violation_type=name),
            decisions=decided({"what": name, "owner": name, "county": name}),
            found=[Concern(Topic.OVERDUE, name, (), is_late=True, weight=1.0)],
        )
    )

    by_key = {section.key: section for section in written.sections}
    assert name in by_key["figures"].title
    assert by_key["coverage"].notes[0].startswith(name)
    assert bars_of(by_key["coverage"]).bars[0].name == name
    assert bars_of(by_key["items"]).bars[0].name == name
    assert grid_of(by_key["disputes"]).rows[0][0] == name
    assert by_key["visits"].notes == (f"查到的违规：{name} 1 处",)
    assert by_key["decisions"].notes == (name,)
    assert grid_of(by_key["decisions"]).rows[0][2:5] == (name, name, name)


# --- six figures


def test_database_without_data_says_so() -> None:
    nothing = figures(coverage=share(0, 0, NAN), qualified_share=share(0, 0, NAN))

    section = said(sections.six_figures(meeting(figures=nothing, where="甲县")))

    assert section.title == "截至 8 月 25 日（周四），甲县没有台账数据"
    assert [tile.value for tile in section.tiles] == ["—", "—", "0 件", "0 件", "0 件", "0 次"]
    assert [tile.note for tile in section.tiles[:2]] == ["—", "—"]


def test_exceptions_are_counted_in_the_title() -> None:
    section = said(sections.six_figures(meeting(found=concerns(3))))

    assert section.title == "截至 8 月 25 日（周四），全市有 3 项例外值得会议决定"


def test_first_week_has_no_change() -> None:
    first = figures(
        coverage=share(46, 65, NAN),
        qualified_share=share(0, 0, NAN),
        open_items=count(1, NAN),
        open_disputes=count(2, NAN),
        reports=count(3, NAN),
        inspections=count(4, NAN),
    )

    tiles = said(sections.six_figures(meeting(figures=first))).tiles

    assert [tile.change for tile in tiles] == [""] * 6
    assert not any(tile.worse for tile in tiles)


def test_tiles_write_value_change_and_fraction() -> None:
    tiles = sections.tiles(
        figures=figures(
            coverage=share(1046, 1065, -0.021, worse=True),
            open_items=count(1200, 3),
            overdue_items=count(7, 1, worse=True),
            open_disputes=count(12, -2),
            disputed_yuan=126_000.0,
            reports=count(9),
            substantiated=2,
            verified=9,
        )
    )

    assert (tiles[0].value, tiles[0].change, tiles[0].note, tiles[0].worse) == (
        *("98.2%", "−2.1 个百分点", "1,046/1,065 家", True),
    )
    assert (tiles[2].value, tiles[2].change, tiles[2].note) == (
        *("1,200 件", "+3 件", "其中逾期 7 件"),
    )
    assert (tiles[3].change, tiles[3].note) == ("−2 件", "涉及 12.6 万元")
    assert (tiles[4].change, tiles[4].note) == ("持平", "核实率 22.2%（2/9）")


def test_rate_of_a_week_in_which_nothing_was_verified_is_not_known() -> None:
    assert sections.tiles(figures=figures(reports=count(9)))[4].note == "核实率 —"


def test_what_became_of_the_last_decisions_and_what_comes_late_are_noted() -> None:
    late_words = ("举报还会增加", "退费纠纷还会增加")

    assert said(sections.six_figures(meeting())).notes == ()
    section = said(
        sections.six_figures(meeting(followed_up="上次会议没有登记决定", late=late_words))
    )
    assert section.notes == ("上次会议没有登记决定", *late_words)
    assert section.late == frozenset()


def test_day_of_another_year_than_the_campaign_says_so() -> None:
    section = said(sections.six_figures(meeting(as_of=date(2023, 1, 5))))

    assert section.title.startswith("截至 2023 年 1 月 5 日（周四），")


# --- coverage


@pytest.mark.parametrize("outlook", [DONE, ON_TIME, EMPTY])
def test_coverage_in_sight_is_left_out(outlook: Outlook) -> None:
    row = late("甲县", 0 if outlook == EMPTY else 20, 0 if outlook == EMPTY else 20)

    assert sections.coverage(meeting(counties=counties(row | {"outlook": outlook}))) is None


def test_counties_that_come_late_are_named_and_drawn_from_the_lowest() -> None:
    section = said(
        sections.coverage(
            meeting(
                counties=counties(
                    {"county": "甲县"},
                    late("乙县", 15),
                    late("丙县", 10, outlook=UNKNOWN, projected_on=None),
                    late("丁县", 12, outlook=ON_TIME, projected_on=date(2022, 9, 8)),
                    late("戊县", 16, projected_on=date(2023, 3, 5)),
                    {"county": "己县", "in_operation": 0, "registered": 0, "outlook": EMPTY},
                )
            )
        )
    )

    assert section.title == (
        "3 个县区按近四周进度赶不上 9 月 30 日全覆盖，共 19 家未登记：乙县、丙县、戊县"
    )
    assert section.notes == (
        "丙县登记覆盖率 50.0%（10/20），近四周没有新增登记，何时全覆盖无法预计",
        "乙县登记覆盖率 75.0%（15/20），按近四周进度 10 月 5 日完成，晚于 9 月 30 日",
        "另有戊县按近四周进度也赶不上 9 月 30 日全覆盖，共 4 家未登记",
    )
    assert section.late == {0, 1, 2}
    chart = bars_of(section)
    assert (chart.is_share, chart.target) == (True, 1.0)
    assert [(bar.name, bar.written, bar.is_late, bar.is_small) for bar in chart.bars] == [
        ("丙县", "50.0%（10/20）  近四周无进展", True, False),
        ("丁县", "60.0%（12/20）  9 月 8 日", False, False),
        ("乙县", "75.0%（15/20）  10 月 5 日", True, False),
        ("戊县", "80.0%（16/20）  2023 年 3 月 5 日", True, False),
        ("甲县", "100.0%（20/20）  已全覆盖", False, False),
        ("己县", "—  无在营机构", False, True),
    ]
    assert math.isnan(chart.bars[-1].value)


@pytest.mark.parametrize(("total", "is_small"), [(9, True), (10, False)])
def test_county_of_fewer_than_ten_is_neither_ranked_nor_named_on_its_own(
    total: int, is_small: bool
) -> None:
    section = said(
        sections.coverage(
            meeting(
                counties=counties(late("小县", 0, total), late("大县", 15), {"county": "全县"}),
            )
        )
    )

    assert [bar.name for bar in bars_of(section).bars] == (
        ["大县", "全县", "小县"] if is_small else ["小县", "大县", "全县"]
    )
    assert [bar.is_small for bar in bars_of(section).bars if bar.name == "小县"] == [is_small]
    assert any(note.startswith("小县登记覆盖率") for note in section.notes) is not is_small


def test_one_county_is_told_in_its_own_sentence() -> None:
    section = said(sections.coverage(meeting(counties=counties(late("甲县", 10)), where="甲县")))

    assert section.title == (
        "甲县登记覆盖率 50.0%（10/20），按近四周进度 10 月 5 日完成，晚于 9 月 30 日"
    )
    assert (section.notes, section.late) == ((), frozenset())


def test_one_county_without_pace_has_no_day() -> None:
    row = late("甲县", 10, outlook=UNKNOWN, projected_on=None)

    section = said(sections.coverage(meeting(counties=counties(row))))

    assert section.title.endswith("近四周没有新增登记，何时全覆盖无法预计")


def test_one_small_county_is_told_without_a_share() -> None:
    section = said(sections.coverage(meeting(counties=counties(late("甲县", 1, 5)))))

    assert section.title == "甲县按近四周进度赶不上 9 月 30 日全覆盖，共 4 家未登记"
    assert [(bar.written, bar.is_small) for bar in bars_of(section).bars] == [
        ("20.0%（1/5）  10 月 5 日", True)
    ]


def test_after_the_campaign_the_missed_end_is_the_title() -> None:
    rows = counties(late("甲县", 10, day=AFTER), {"county": "乙县", "day": AFTER})

    section = said(sections.coverage(meeting(counties=rows, as_of=AFTER)))

    assert section.title == "2022 年 9 月 30 日已过，甲县仍未全覆盖，共 10 家未登记"
    assert section.notes == ()


@pytest.mark.parametrize(("as_of", "is_over"), [(ENDS_ON, False), (date(2022, 10, 1), True)])
def test_last_day_of_the_campaign_is_still_of_it(as_of: date, is_over: bool) -> None:
    rows = counties(late("甲县", 10, day=as_of), late("乙县", 15, day=as_of))

    section = said(sections.coverage(meeting(counties=rows, as_of=as_of)))

    assert ("已过" in section.title) is is_over
    assert ("赶不上" in section.title) is not is_over


def test_end_in_another_year_than_the_day_says_so_in_the_title_too() -> None:
    ends_on = date(2023, 1, 31)

    section = said(
        sections.coverage(
            meeting(counties=counties(late("甲县", 10), {"county": "乙"}), ends_on=ends_on)
        )
    )

    assert "赶不上 2023 年 1 月 31 日全覆盖" in section.title


# --- items


def test_items_without_an_overdue_or_a_relapsed_one_are_left_out() -> None:
    fine = meeting(
        counties=counties({"county": "甲县", "open_items": 30}), relapse=relapse(("甲县", 40, 0))
    )

    assert sections.items(fine) is None


def test_items_are_drawn_from_the_most_overdue_and_red_where_there_is_one() -> None:
    section = said(
        sections.items(
            meeting(
                counties=counties(
                    {"county": "甲县", "open_items": 9},
                    {"county": "乙县", "open_items": 20, "overdue_items": 2},
                    {"county": "丙县", "open_items": 1200, "overdue_items": 7},
                    {"county": "丁县", "open_items": 4, "overdue_items": 2},
                ),
                # 丁县 has closed nothing yet.
                relapse=relapse(("甲县", 30, 0), ("乙县", 9, 1), ("丙县", 25, 3)),
            )
        )
    )

    assert section.title == "整改未销号 1,233 件，逾期 0.9%（11/1,233），销号后反弹 6.2%（4/64）"
    assert [(bar.name, bar.value, bar.written, bar.is_late) for bar in bars_of(section).bars] == [
        ("丙县", 7, "7/1,200 件，反弹 3/25", True),
        ("乙县", 2, "2/20 件，反弹 1/9", True),
        ("丁县", 2, "2/4 件，反弹 0/0", True),
        ("甲县", 0, "0/9 件，反弹 0/30", False),
    ]
    assert section.notes == (
        "丙县整改逾期 7 件，占未销号的 0.6%（7/1,200）",
        "乙县整改逾期 2 件，占未销号的 10.0%（2/20）",
        "另有丁县共逾期 2 件",
        "销号满 30 天的 64 件中有 4 件反弹（反弹率 6.2%）",
    )
    assert section.late == {0, 1, 2, 3}


def test_relapse_alone_says_that_nothing_is_overdue() -> None:
    section = said(
        sections.items(
            meeting(
                counties=counties({"county": "甲县", "open_items": 1}),
                relapse=relapse(("甲县", 1, 1)),
            )
        )
    )

    assert section.title == "整改未销号 1 件，没有逾期的，销号后反弹 100.0%（1/1）"


def test_chart_of_one_county_has_its_name_and_no_order() -> None:
    rows = counties(late("甲县", 10, open_items=3, overdue_items=1), late("乙县", 10))
    alone, both = meeting(counties=rows[:1]), meeting(counties=rows)

    assert [bars_of(sections.coverage(each)).title for each in (alone, both)] == [
        "甲县登记覆盖率（已登记/在营）和预计全覆盖日",
        "各县区登记覆盖率（已登记/在营）和预计全覆盖日",
    ]
    assert [bars_of(sections.items(each)).title for each in (alone, both)] == [
        "甲县逾期/未销号",
        "各县区逾期/未销号，由多到少",
    ]


def test_overdue_without_relapse_says_nothing_of_it() -> None:
    rows = counties({"county": "甲县", "open_items": 1, "overdue_items": 1})

    section = said(sections.items(meeting(counties=rows)))

    assert section.title == "整改未销号 1 件，逾期 100.0%（1/1）"


# --- disputes


def watch_list(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "institution_name": "甲培训中心",
        "county": "甲县",
        "open": 3,
        "students": 40,
        "amount_yuan": 5_000.0,
        "has_plan": True,
    }
    return pd.DataFrame([usual | row for row in rows], columns=list(usual))


@pytest.mark.parametrize(
    "weeks", [((0, 0), (0, 0)), ((NAN, NAN), (0, 0)), ((NAN, NAN), (NAN, NAN))]
)
def test_disputes_without_a_case_are_left_out(weeks: tuple[tuple[float, float], ...]) -> None:
    assert sections.disputes(meeting(flow=flow(*weeks))) is None


@pytest.mark.parametrize("weeks", [((1, 0), (0, 0)), ((0, 1), (0, 0))])
def test_disputes_all_resolved_are_told_of(weeks: tuple[tuple[float, float], ...]) -> None:
    section = said(sections.disputes(meeting(flow=flow(*weeks))))

    assert section.title == "退费纠纷未化解 0 件、0 元，件数与上周持平"


@pytest.mark.parametrize(
    ("change", "words"),
    [(3, "，较上周 +3 件"), (-1, "，较上周 −1 件"), (0, "，件数与上周持平"), (NAN, "")],
)
def test_change_of_open_disputes_is_said_where_it_is_known(change: float, words: str) -> None:
    known = figures(open_disputes=count(1284, change), disputed_yuan=860.0)

    section = said(sections.disputes(meeting(figures=known)))

    assert section.title == f"退费纠纷未化解 1,284 件、860 元{words}"


def test_course_of_disputes_keeps_unknown_weeks_and_provisional_ones() -> None:
    section = said(sections.disputes(meeting(flow=flow((NAN, NAN), (3, 1)), provisional=1)))

    chart = section.chart
    assert isinstance(chart, Lines)
    assert (chart.weeks, chart.provisional) == (("08-18", "08-25"), 1)
    assert [line.name for line in chart.lines] == ["登记", "化解"]
    assert [line.values for line in chart.lines] == [
        pytest.approx((NAN, 3), nan_ok=True),
        pytest.approx((NAN, 1), nan_ok=True),
    ]
    assert (section.notes, section.late, section.grid) == ((), frozenset(), None)


def test_watch_list_names_six_at_most_says_of_how_many_and_marks_who_has_no_plan() -> None:
    listed = watch_list(
        *(
            {"institution_name": f"{place} 号", "has_plan": plan}
            for place, plan in enumerate([True, False, False, True, True, True, False])
        )
    )

    section = said(
        sections.disputes(
            meeting(
                figures=figures(open_disputes=count(3)),
                watched=Watched.of(listed),
                watch_list=listed,
            )
        )
    )

    grid = grid_of(section)
    *named, others = grid.rows
    assert [row[0] for row in named] == [f"{place} 号" for place in range(6)]
    assert others == ("其余 1 家见退费纠纷", "", "", "", "", "")
    assert grid.rows[0] == ("0 号", "甲县", "3", "40", "5,000 元", "已有")
    assert [row[5] for row in named] == ["已有", "没有", "没有", "已有", "已有", "已有"]
    assert grid.late == {(1, 5), (2, 5)}
    assert section.notes == (
        "7 家机构的退费纠纷须“一企一策”，未化解 3.5 万元、涉及学生 280 人；其中 3 家还没有方案",
    )
    assert section.late == {0}


def test_watch_list_with_plans_is_not_late() -> None:
    section = said(
        sections.disputes(
            meeting(figures=figures(open_disputes=count(3)), watched=Watched(1, 0, 40, 5_000.0))
        )
    )

    assert section.notes[0].endswith("；方案均已到位")
    assert section.late == frozenset()


@pytest.mark.parametrize("listed", [None, watch_list()], ids=["frozen", "nobody"])
def test_no_watch_list_is_no_empty_table(listed: pd.DataFrame | None) -> None:
    known = meeting(figures=figures(open_disputes=count(3)), watch_list=listed)

    assert said(sections.disputes(known)).grid is None


# --- visits


def results(*rows: tuple[str, str | None, bool], violation_type: str = "一对一") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["chosen_by", "outcome", "released"])
    frame["violation_type"] = [
        violation_type if outcome == "violation" else None for outcome in frame["outcome"]
    ]
    return frame.astype(
        {"chosen_by": "str", "outcome": "str", "violation_type": "str", "released": "bool"}
    )


@pytest.mark.parametrize(
    "rows",
    [
        None,
        results(),
        results(("risk", "violation", False), ("random", "clear", False)),
        results(("risk", None, True)),
        results(("risk", "closed_door", True)),
    ],
    ids=["not a reader", "none", "unreleased", "not visited", "doors closed"],
)
def test_visits_without_a_released_result_are_left_out(rows: pd.DataFrame | None) -> None:
    assert sections.visits(meeting(results=rows)) is None


def test_visits_of_unreleased_plans_count_nowhere() -> None:
    shown = [
        *[("risk", "violation", True)] * 6,
        *[("risk", "clear", True)] * 6,
        *[("random", "violation", True)] * 1,
        *[("random", "clear", True)] * 8,
    ]
    withheld = [
        *[("risk", "violation", False)] * 50,
        *[("must", "violation", False)] * 3,
        *[("random", "clear", False)] * 20,
    ]
    alone = said(sections.visits(meeting(results=results(*shown))))
    rows = pd.concat([results(*shown), results(*withheld, violation_type="研学旅行")])

    section = said(sections.visits(meeting(results=rows)))

    assert (
        section.title
        == alone.title
        == ("查了 21 处，7 处发现违规；按风险选的 50.0%（6/12），抽签的 1/9，样本还少，不下结论")
    )
    assert section.notes == alone.notes == ("查到的违规：一对一 7 处",)
    risk, lot = bars_of(section).bars
    assert (risk.name, risk.value, risk.written, risk.is_small) == (
        *("风险", 0.5, "50.0%（6/12）", False),
    )
    assert (lot.name, lot.written, lot.is_small) == ("抽签", "11.1%（1/9）", True)
    assert (risk.low, risk.high) == wilson(6, 12)
    assert not any(bar.is_late for bar in bars_of(section).bars)


def test_visits_that_found_nothing_have_no_list_of_violations() -> None:
    assert said(sections.visits(meeting(results=results(("must", "clear", True))))).notes == ()


def test_five_kinds_of_violations_are_listed() -> None:
    rows = pd.concat(
        results(*[("risk", "violation", True)] * n, violation_type=f"种类{n}") for n in range(1, 7)
    )

    assert said(sections.visits(meeting(results=rows))).notes == (
        "查到的违规：种类6 6 处、种类5 5 处、种类4 4 处、种类3 3 处、种类2 2 处",
    )


# --- four points


def points(*measures: list[tuple[int, int]]) -> pd.DataFrame:
    """The counties on the measures; those that are not given have no case."""
    number = len(measures[0])
    rows = [
        (str(place), str(measure.figure), float(part), float(whole))
        for measure, counts in zip(
            MEASURES, [*measures, *[[(0, 0)] * number] * (5 - len(measures))], strict=True
        )
        for place, (part, whole) in enumerate(counts)
    ]
    units = pd.DataFrame(
        {"county_code": list("0123"[:number]), "county": ["甲县", "乙县", "丙县", "丁县"][:number]}
    )
    columns = ["county_code", "indicator", "numerator", "denominator"]
    return side_by_side(pd.DataFrame(rows, columns=columns), units)


def test_points_without_a_case_are_left_out() -> None:
    assert sections.points(meeting()) is None
    assert sections.points(meeting(points=points([(0, 0)] * 3))) is None


def test_points_are_red_where_a_county_is_clearly_behind() -> None:
    judged = points(
        [(95, 100), (60, 100), (2, 9)],
        [(1, 100), (2, 100), (40, 100)],  # of overdue ones more is worse
    )

    section = said(sections.points(meeting(points=judged)))

    grid = grid_of(section)
    assert grid.headers == ("县区", *(measure.title for measure in MEASURES))
    assert [row[:3] for row in grid.rows] == [
        ("甲县", "95.0%（95/100）", "1.0%（1/100）"),
        ("乙县", "60.0%（60/100）", "2.0%（2/100）"),
        ("丙县", "22.2%（2/9）", "40.0%（40/100）"),
    ]
    assert {row[3:] for row in grid.rows} == {("—", "—", "—")}
    assert grid.late == {(1, 1), (2, 2)}
    assert section.title == "乙县登记覆盖率，丙县整改逾期占比明显落后于全市"


def test_one_county_is_held_against_nobody() -> None:
    section = said(sections.points(meeting(points=points([(10, 100)]))))

    assert section.title == "甲县登记覆盖率 10.0%"
    assert grid_of(section).late == frozenset()


# --- decisions


def concerns(number: int, *, is_late: bool = True) -> list[Concern]:
    return [
        Concern(Topic.OVERDUE, f"例外{place}", (), is_late=is_late, weight=0.5)
        for place in range(number)
    ]


def decided(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "week": date(2022, 8, 18),
        "kind_word": "会议决定",
        "what": "派工作组",
        "county": None,
        "owner": "责任人甲",
        "due_on": None,
        "done_on": None,
        "state": "open",
    }
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    days = dict.fromkeys(("week", "due_on", "done_on"), "datetime64[s]")
    return frame.astype(days | dict.fromkeys(("kind_word", "what", "county", "owner"), "str"))


def test_nothing_asked_and_nothing_decided_is_left_out() -> None:
    assert sections.decisions(meeting()) is None
    assert sections.decisions(meeting(decisions=decided())) is None


def test_decisions_say_their_term_and_what_became_of_them() -> None:
    rows = decided(
        {
            "county": "甲县",
            "done_on": date(2022, 8, 23),
            "due_on": date(2022, 8, 22),
            "state": "done",
        },
        {"due_on": date(2022, 8, 24), "state": "overdue"},
        {"due_on": AS_OF},
        {"kind_word": "查处通报", "week": date(2021, 12, 30)},
    )

    section = said(sections.decisions(meeting(decisions=rows, followed_up="上次会议已完成")))

    assert section.title == "没有提请会议决定的事项；上次会议已完成"
    assert section.notes == ()
    grid = grid_of(section)
    assert [row[5:] for row in grid.rows] == [
        ("8 月 22 日", "8 月 23 日完成"),
        ("8 月 24 日", "逾期 1 天"),
        ("8 月 25 日", "未到期"),
        ("—", "未定期限"),
    ]
    assert [row[3] for row in grid.rows] == ["甲县", "全市", "全市", "全市"]
    assert grid.rows[3][:2] == ("2021 年 12 月 30 日", "查处通报")
    assert grid.late == {(1, 6)}


def test_at_most_eight_exceptions_are_asked_and_the_others_counted() -> None:
    nine = said(sections.decisions(meeting(found=concerns(9))))
    eight = said(sections.decisions(meeting(found=concerns(8))))

    assert nine.title == "提请会议决定 9 项"
    assert nine.notes == (*(f"例外{place}" for place in range(8)), "其余 1 项见全市总览")
    assert len(eight.notes) == 8
    assert nine.late == eight.late == set(range(8))
    assert nine.grid is None


def test_what_asks_for_attention_is_not_flagged_late() -> None:
    found = [*concerns(1), *concerns(2, is_late=False)]

    assert said(sections.decisions(meeting(found=found))).late == {0}


# --- prices that may have been raised, and alarms


STANDS_OUT = Signs(
    rises=Rises(
        institutions=2,
        courses=3,
        judged=40,
        by_chance=0.4,
        counties=("<甲>",),
        strongest=Rise("学堂", "甲", 0.3),
    ),
    week=AS_OF,
    alarms=(Alarm("<甲>", "甲", "学堂", 9, 0.2),),
)
SAID_OF_IT = "疑似涨价 2 家 3 门（仅凭偶然预计约 0.4 门）；8 月 25 日这一周退费预警 1 家机构"


def fee_figures(supervised: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "county_code": "<甲>",
            "indicator": list(CODES),
            "numerator": [float(supervised) if code == SUPERVISED else 0.0 for code in CODES],
            "denominator": [20.0 if code == SUPERVISED and supervised else 0.0 for code in CODES],
        }
    )


def test_what_stands_out_is_one_line_under_the_figures_on_money() -> None:
    one = meeting(counties=counties({"county": "甲"}), fees=fee_figures(15))

    plain, told = said(fees(one)), said(fees(replace(one, signs=STANDS_OUT)))

    assert (plain.title, plain.notes) == ("预收费监管率 75.0%（15/20）", ())
    assert (told.title, told.notes, told.grid) == (plain.title, (SAID_OF_IT,), plain.grid)
    assert "课程收费台账、退费纠纷台账" in told.source
    assert "课程收费台账" not in plain.source


def test_what_stands_out_is_the_answer_where_there_is_no_figure_on_money() -> None:
    one = meeting(counties=counties({"county": "甲"}), fees=fee_figures(0))

    told = said(fees(replace(one, signs=STANDS_OUT)))

    assert fees(one) is None
    assert (told.title, told.grid, told.notes) == (SAID_OF_IT, None, ())
    nothing = Signs(STANDS_OUT.rises._replace(judged=0), AS_OF, ())
    assert fees(replace(one, signs=nothing)) is None
