"""What is worth a decision: each rule, and the order of what they find."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.concerns import (
    Topic,
    coverage_concerns,
    decision_concerns,
    overdue_concerns,
    relapse_concerns,
    report_concerns,
    watch_list_concerns,
    worst_first,
)
from analysis.decisions import standing
from analysis.refunds import Watched
from analysis.registration import Outlook

AS_OF = date(2022, 8, 25)
ENDS_ON = date(2022, 9, 30)
LATE, UNKNOWN = Outlook.LATE, Outlook.UNKNOWN
DAYS = dict.fromkeys(("day", "projected_on"), "datetime64[s]")


def frame(*rows: dict[str, Any], **usual: Any) -> pd.DataFrame:
    """One row a county; its code is its name in angle brackets."""
    columns = ["county_code", "county", *usual]
    named = [{"county_code": f"<{row['county']}>", **usual, **row} for row in rows]
    return pd.DataFrame(named, columns=columns).astype(
        {name: dtype for name, dtype in DAYS.items() if name in columns}
    )


def projected(*rows: dict[str, Any]) -> pd.DataFrame:
    """Of 20 institutions 10 are registered, and the last of them will be late."""
    counties = frame(
        *rows,
        day=date(2022, 8, 25),
        in_operation=20,
        registered=10,
        outlook=LATE,
        projected_on=date(2022, 10, 5),
        open_items=0,
        overdue_items=0,
        reports=0,
        reports_before=0,
        inspections=0,
    )
    counties["unregistered"] = counties["in_operation"] - counties["registered"]
    return counties.assign(coverage=counties["registered"] / counties["in_operation"])


def items(*rows: dict[str, Any]) -> pd.DataFrame:
    return frame(*rows, open_items=20, overdue_items=0)


def reports(*rows: dict[str, Any]) -> pd.DataFrame:
    return frame(*rows, reports=0, reports_before=0, inspections=1)


def relapses(*rows: dict[str, Any]) -> pd.DataFrame:
    return frame(*rows, closed_before=0, relapsed=0)


def watched(*rows: dict[str, Any]) -> pd.DataFrame:
    return frame(
        *({"county": "甲", **row} for row in rows),
        amount_yuan=50_000.0,
        students=10,
        has_plan=True,
    )


def texts(found: Any) -> list[str]:
    return [concern.text for concern in found]


@pytest.mark.parametrize("outlook", [Outlook.DONE, Outlook.ON_TIME, Outlook.EMPTY])
def test_county_that_gets_there_is_no_concern(outlook: Outlook) -> None:
    assert (
        texts(coverage_concerns(projected({"county": "甲", "outlook": outlook}), ends_on=ENDS_ON))
        == []
    )


def test_county_that_comes_late_is_named_with_its_day() -> None:
    (found,) = coverage_concerns(projected({"county": "甲"}), ends_on=ENDS_ON)

    assert found.text == (
        "甲登记覆盖率 50.0%（10/20），按近四周进度 10 月 5 日完成，晚于 9 月 30 日"
    )
    assert (found.topic, found.counties, found.is_late) == (Topic.COVERAGE, ("<甲>",), True)
    assert found.weight == 0.5


def test_day_in_another_year_says_so() -> None:
    later = projected({"county": "甲", "projected_on": date(2023, 3, 5)})

    assert texts(coverage_concerns(later, ends_on=ENDS_ON)) == [
        "甲登记覆盖率 50.0%（10/20），按近四周进度 2023 年 3 月 5 日完成，晚于 9 月 30 日"
    ]


def test_end_of_the_campaign_in_another_year_than_the_day_says_so() -> None:
    (found,) = coverage_concerns(projected({"county": "甲"}), ends_on=date(2023, 9, 30))

    assert found.text.endswith("，晚于 2023 年 9 月 30 日")


def test_county_without_progress_has_no_day() -> None:
    stuck = projected({"county": "甲", "outlook": UNKNOWN, "projected_on": pd.NaT})

    assert texts(coverage_concerns(stuck, ends_on=ENDS_ON)) == [
        "甲登记覆盖率 50.0%（10/20），近四周没有新增登记，何时全覆盖无法预计"
    ]


def test_two_furthest_behind_are_named_and_the_others_share_a_sentence() -> None:
    counties = projected(
        {"county": "甲", "registered": 16},
        {"county": "乙", "registered": 5},
        {"county": "丙", "registered": 20, "outlook": Outlook.DONE},
        {"county": "丁", "registered": 12, "outlook": UNKNOWN},
        {"county": "戊", "registered": 8},
    )

    found = list(coverage_concerns(counties, ends_on=ENDS_ON))

    assert [concern.counties for concern in found] == [("<乙>",), ("<戊>",), ("<丁>", "<甲>")]
    assert found[-1].text == "另有丁、甲按近四周进度也赶不上 9 月 30 日全覆盖，共 12 家未登记"
    assert found[-1].weight == 12 / 40


@pytest.mark.parametrize(("total", "named"), [(9, False), (10, True)])
def test_county_of_fewer_than_ten_is_not_named_on_its_own(total: int, named: bool) -> None:
    counties = projected(
        {"county": "甲", "in_operation": total, "registered": 0},
        {"county": "乙"},
    )

    first, second = coverage_concerns(counties, ends_on=ENDS_ON)

    assert first.text.startswith("甲登记覆盖率" if named else "乙登记覆盖率")
    assert second.text.startswith("乙登记覆盖率" if named else "另有甲按近四周进度也赶不上")


def test_small_counties_alone_are_told_without_a_rank() -> None:
    counties = projected(
        {"county": "甲", "in_operation": 3, "registered": 0},
        {"county": "乙", "in_operation": 2, "registered": 1},
    )

    (found,) = coverage_concerns(counties, ends_on=ENDS_ON)

    assert found.text == "甲、乙按近四周进度赶不上 9 月 30 日全覆盖，共 4 家未登记"
    assert found.weight == 0


def test_nothing_overdue_is_no_concern() -> None:
    assert texts(overdue_concerns(items({"county": "甲"}))) == []
    assert texts(overdue_concerns(items())) == []


def test_most_overdue_are_named_and_the_others_add_up() -> None:
    found = list(
        overdue_concerns(
            items(
                {"county": "甲", "overdue_items": 1},
                {"county": "乙", "overdue_items": 0},
                {"county": "丙", "overdue_items": 7},
                {"county": "丁", "overdue_items": 2},
                {"county": "戊", "overdue_items": 9},
            )
        )
    )

    assert texts(found) == [
        "戊整改逾期 9 件，占未销号的 45.0%（9/20）",
        "丙整改逾期 7 件，占未销号的 35.0%（7/20）",
        "另有丁、甲共逾期 3 件",
    ]
    assert [concern.counties for concern in found] == [("<戊>",), ("<丙>",), ("<丁>", "<甲>")]
    assert all(concern.is_late and concern.topic == Topic.OVERDUE for concern in found)


def test_counties_with_as_many_overdue_keep_the_order_of_the_documents() -> None:
    names = ["丙", "甲", "丁", "乙"]
    found = list(overdue_concerns(items(*({"county": n, "overdue_items": 3} for n in names))))

    assert [concern.counties for concern in found] == [("<丙>",), ("<甲>",), ("<丁>", "<乙>")]


def test_many_other_counties_are_counted() -> None:
    names = "甲乙丙丁戊己"
    found = texts(overdue_concerns(items(*({"county": n, "overdue_items": 1} for n in names))))

    assert found[-1] == "另有丙、丁、戊等 4 个县区共逾期 4 件"


@pytest.mark.parametrize(("total", "weight"), [(9, 0.0), (10, 0.1)])
def test_part_of_fewer_than_ten_items_is_told_and_not_ranked(total: int, weight: float) -> None:
    (found,) = overdue_concerns(items({"county": "甲", "open_items": total, "overdue_items": 1}))

    assert f"（1/{total}）" in found.text
    assert found.weight == weight


def test_closed_items_that_stay_closed_are_no_concern() -> None:
    assert texts(relapse_concerns(relapses({"county": "甲", "closed_before": 40}))) == []
    assert texts(relapse_concerns(relapses())) == []


def test_relapse_is_counted_over_the_counties_and_leads_to_all_of_them() -> None:
    (found,) = relapse_concerns(
        relapses(
            {"county": "甲", "closed_before": 30, "relapsed": 2},
            {"county": "乙", "closed_before": 10},
            {"county": "丙", "closed_before": 0},
        )
    )

    assert found.text == "销号满 30 天的 40 件中有 2 件反弹（反弹率 5.0%）"
    assert (found.counties, found.is_late, found.weight) == ((), True, 0.05)


def test_nobody_to_watch_is_no_concern() -> None:
    assert texts(watch_list_concerns(Watched.of(watched()))) == []


@pytest.mark.parametrize(
    ("plans", "ending", "is_late", "weight"),
    [
        ([True, True, True], "；方案均已到位", False, 0),
        ([True, False, True], "；其中 1 家还没有方案", True, 1 / 6),
        ([False, False, True], "；其中 2 家还没有方案", True, 1 / 3),
    ],
)
def test_institution_without_a_plan_of_its_own_is_late(
    plans: list[bool], ending: str, is_late: bool, weight: float
) -> None:
    rows = watched(*({"has_plan": plan} for plan in plans))

    (found,) = watch_list_concerns(Watched.of(rows))

    assert found.text == (
        f"3 家机构的退费纠纷须“一企一策”，未化解 15.0 万元、涉及学生 30 人{ending}"
    )
    assert (found.is_late, found.weight) == (is_late, pytest.approx(weight))
    assert found.counties == ()


@pytest.mark.parametrize(
    ("now", "before", "surges"),
    [(10, 0, True), (9, 0, False), (15, 10, True), (14, 10, False), (10, 7, False), (0, 0, False)],
)
def test_reports_surge_from_ten_and_half_as_many_again(now: int, before: int, surges: bool) -> None:
    found = texts(
        report_concerns(reports({"county": "甲", "reports": now, "reports_before": before}))
    )

    assert found == ([f"甲本周举报 {now} 件，比上周同期 +{now - before} 件"] if surges else [])


def test_two_largest_surges_are_named() -> None:
    found = list(
        report_concerns(
            reports(
                {"county": "甲", "reports": 12},
                {"county": "乙", "reports": 30, "reports_before": 20},
                {"county": "丙", "reports": 12},
            )
        )
    )

    assert [concern.counties for concern in found] == [("<乙>",), ("<甲>",)]
    assert [concern.weight for concern in found] == [pytest.approx(1 / 3), 1]
    assert not any(concern.is_late for concern in found)


def test_counties_with_reports_and_no_inspection_share_a_sentence() -> None:
    (found,) = report_concerns(
        reports(
            {"county": "甲", "reports": 2, "inspections": 0},
            {"county": "乙", "reports": 5, "inspections": 1},
            {"county": "丙", "reports": 1, "inspections": 0},
            {"county": "丁", "reports": 0, "inspections": 0},
        )
    )

    assert found.text == "甲、丙本周有举报 3 件，尚无检查"
    assert (found.topic, found.counties) == (Topic.INSPECTIONS, ("<甲>", "<丙>"))
    assert found.weight == 3 / 8


def test_late_comes_before_early_and_heavy_before_light() -> None:
    counties = projected(
        {"county": "甲", "registered": 4, "open_items": 20, "overdue_items": 1},
        {"county": "乙", "outlook": Outlook.DONE, "reports": 12},
    )
    relapse = relapses({"county": "甲", "closed_before": 9, "relapsed": 9})
    plans = Watched.of(watched({"has_plan": True}))

    found = worst_first(counties, relapse, plans, ends_on=ENDS_ON, as_of=AS_OF)

    assert [concern.topic for concern in found] == [
        Topic.COVERAGE,  # 80 % are missing
        Topic.OVERDUE,  # 5 % are
        Topic.RELAPSE,  # all of nine, which is too few to be ranked
        Topic.REPORTS,  # not late from here on
        Topic.INSPECTIONS,
        Topic.WATCH_LIST,
    ]


def test_what_one_rule_finds_stays_together() -> None:
    counties = projected(
        {"county": "甲", "registered": 2, "overdue_items": 12},
        {"county": "乙", "registered": 16},
    ).assign(open_items=20)

    found = worst_first(counties, relapses(), Watched.of(watched()), ends_on=ENDS_ON, as_of=AS_OF)

    assert [(concern.topic, concern.weight) for concern in found] == [
        (Topic.COVERAGE, pytest.approx(0.9)),
        (Topic.COVERAGE, pytest.approx(0.2)),
        (Topic.OVERDUE, 0.6),
    ]


def test_city_where_all_is_well_has_no_concern() -> None:
    counties = projected({"county": "甲", "outlook": Outlook.DONE})

    assert (
        worst_first(counties, relapses(), Watched.of(watched()), ends_on=ENDS_ON, as_of=AS_OF) == []
    )


def test_after_the_campaign_the_missed_end_is_named_and_no_day_promised() -> None:
    rows = projected(
        {"county": "甲", "day": date(2022, 10, 1)},
        {"county": "乙", "day": date(2022, 10, 1), "registered": 20, "outlook": Outlook.DONE},
    )

    (found,) = coverage_concerns(rows, ends_on=ENDS_ON)

    assert found.text == "2022 年 9 月 30 日已过，甲仍未全覆盖，共 10 家未登记"
    assert (found.counties, found.is_late) == (("<甲>",), True)


def test_after_the_campaign_full_coverage_is_no_concern() -> None:
    rows = projected({"county": "甲", "day": date(2022, 10, 1), "registered": 20})

    assert texts(coverage_concerns(rows, ends_on=ENDS_ON)) == []


def decided(*rows: dict[str, Any], as_of: date = AS_OF) -> pd.DataFrame:
    usual = {"what": "派工作组", "owner": "责任人甲", "due_on": None, "done_on": None}
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    typed = frame.astype(dict.fromkeys(("due_on", "done_on"), "datetime64[s]"))
    return standing(typed, as_of=as_of)


def decisions_of(*rows: dict[str, Any], as_of: date = AS_OF) -> list[str]:
    return texts(decision_concerns(decided(*rows, as_of=as_of), as_of=as_of))


def test_nobody_asks_for_decisions_or_there_are_none() -> None:
    assert texts(decision_concerns(None, as_of=AS_OF)) == []
    assert decisions_of() == []


def test_decision_is_overdue_from_the_day_after_its_term() -> None:
    due = {"due_on": date(2022, 8, 25)}

    assert decisions_of(due, as_of=date(2022, 8, 25)) == []
    assert decisions_of(due, as_of=date(2022, 8, 26)) == [
        "会议决定“派工作组”逾期 1 天未完成（责任人甲，期限 8 月 25 日）"
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"due_on": date(2022, 8, 1), "done_on": date(2022, 8, 25)},
        {"due_on": None},
        {"due_on": date(2022, 9, 1)},
    ],
    ids=["done late", "no term", "not due"],
)
def test_decision_that_is_done_or_not_due_is_no_concern(row: dict[str, Any]) -> None:
    assert decisions_of(row) == []


def test_decision_done_tomorrow_is_overdue_today() -> None:
    row = {"due_on": date(2021, 12, 30), "done_on": date(2022, 8, 26)}

    assert decisions_of(row) == [
        "会议决定“派工作组”逾期 238 天未完成（责任人甲，期限 2021 年 12 月 30 日）"
    ]


@pytest.mark.parametrize(("number", "rest"), [(2, []), (3, ["另有 1 项会议决定逾期未完成"])])
def test_two_overdue_decisions_are_named_and_the_others_counted(
    number: int, rest: list[str]
) -> None:
    late = [{"what": f"决定{place}", "due_on": date(2022, 8, 24)} for place in range(number)]
    open_ones = [{"what": "未到期", "due_on": date(2022, 8, 25)}]

    found = list(decision_concerns(decided(*open_ones, *late), as_of=AS_OF))

    assert (
        texts(found)
        == [
            f"会议决定“决定{place}”逾期 1 天未完成（责任人甲，期限 8 月 24 日）"
            for place in range(2)
        ]
        + rest
    )
    assert {(each.topic, each.counties, each.is_late) for each in found} == {
        (Topic.DECISIONS, (), True)
    }


def test_overdue_decisions_come_before_everything_else() -> None:
    counties = projected({"county": "甲", "registered": 0})
    late = decided({"due_on": date(2022, 8, 24)})

    found = worst_first(
        *(counties, relapses(), Watched.of(watched())),
        ends_on=ENDS_ON,
        as_of=AS_OF,
        decisions=late,
    )

    assert [concern.topic for concern in found] == [Topic.DECISIONS, Topic.COVERAGE]
