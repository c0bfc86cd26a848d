"""How far plans are, which step is late, and whose plan is whose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis.refund_plans import in_place, sentence, standing, steps_standing, with_plans

DAY = date(2022, 8, 25)


def plans(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "plan_id": 1,
        "county_code": "450202",
        "institution_id": None,
        "name_key": "甲",
        "opened_on": date(2022, 8, 1),
        "closed_on": None,
    }
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    days = dict.fromkeys(("opened_on", "closed_on"), "datetime64[s]")
    return frame.astype({"plan_id": "int64", "institution_id": "Int64", "name_key": "str"} | days)


def steps(*rows: tuple[int, int, int, bool]) -> pd.DataFrame:
    """Of a plan, with a number, due so many days after the day, and done or not."""
    frame = pd.DataFrame(
        [(*row[:2], f"步骤{row[1]}", DAY + timedelta(days=row[2]), row[3]) for row in rows],
        columns=["plan_id", "step_no", "what", "due_on", "done"],
    ).astype({"plan_id": "int64", "step_no": "int64", "due_on": "datetime64[s]"})
    done = frame["due_on"].where(frame["done"].astype(bool))
    return frame.drop(columns="done").assign(done_on=done)


def watched(*rows: tuple[str, int | None, str | None, bool | None]) -> pd.DataFrame:
    names = ["institution_name", "institution_id", "name_key", "plan_in_place"]
    return (
        pd.DataFrame(rows, columns=names)
        .astype({"institution_id": "Int64", "name_key": "str", "plan_in_place": "boolean"})
        .assign(county_code="450202")
    )


@pytest.mark.parametrize(("due_in", "is_late"), [(-1, True), (0, False), (1, False)])
def test_step_is_late_from_the_day_after_its_last(due_in: int, is_late: bool) -> None:
    [row] = steps_standing(steps((1, 1, due_in, False)), as_of=DAY).to_dict("records")

    assert (row["is_late"], row["days_late"]) == (is_late, int(is_late))


def test_step_that_is_done_is_not_late() -> None:
    [row] = steps_standing(steps((1, 1, -5, True)), as_of=DAY).to_dict("records")

    assert (row["is_late"], row["days_late"]) == (False, 0)


def test_next_step_is_the_undone_one_that_is_due_first() -> None:
    made = plans({"plan_id": 1}, {"plan_id": 2}, {"plan_id": 3, "closed_on": DAY}, {"plan_id": 4})
    told = standing(
        made,
        steps(
            (1, 1, -9, True),
            (1, 2, 9, False),
            (1, 3, -2, False),
            (2, 1, 3, False),
            (3, 1, -9, False),
        ),
        as_of=DAY,
    )

    assert told["plan_state"].tolist() == ["late", "open", "closed", "open"]
    assert told["late_steps"].tolist() == [1, 0, 0, 0]
    assert told["next_step"].fillna("").tolist() == ["步骤3", "步骤1", "", ""]
    assert told["next_due_on"].isna().tolist() == [False, False, True, True]


def test_plan_is_known_by_the_number_of_its_institution_else_by_its_name() -> None:
    told = standing(
        plans(
            {"plan_id": 1, "institution_id": 7, "name_key": "旧名"},
            {"plan_id": 2, "name_key": "乙"},
        ),
        steps(),
        as_of=DAY,
    )
    found = with_plans(
        watched(("甲", 7, None, True), ("乙", None, "乙", False), ("旧名", None, "旧名", None)),
        told,
    )

    assert found["plan_id"].fillna(0).tolist() == [1, 2, 0]
    assert found["plan_state"].tolist() == ["open", "open", "none"]
    elsewhere = with_plans(watched(("甲", 7, None, True)).assign(county_code="450203"), told)
    assert elsewhere["plan_state"].tolist() == ["none"]


def test_open_plan_goes_before_a_newer_closed_one() -> None:
    made = plans(
        {"plan_id": 1, "closed_on": date(2022, 8, 3)},
        {"plan_id": 2, "opened_on": date(2022, 8, 2)},
        {"plan_id": 3, "opened_on": date(2022, 8, 20), "closed_on": DAY},
    )
    one = watched(("甲", None, "甲", True))

    assert with_plans(one, standing(made, steps(), as_of=DAY))["plan_id"].tolist() == [2]
    closed = standing(made[made["plan_id"] != 2], steps(), as_of=DAY)
    assert with_plans(one, closed)["plan_id"].tolist() == [3]


def test_without_plans_and_without_institutions_nothing_breaks() -> None:
    none = standing(plans(), steps(), as_of=DAY)

    assert with_plans(watched(("甲", 7, None, True)), none)["plan_state"].tolist() == ["none"]
    assert with_plans(watched(), none).empty


@pytest.mark.parametrize(
    ("reported", "plan", "has_plan"),
    [
        (True, None, True),
        (False, None, False),
        (None, None, False),
        (False, {}, True),
        (None, {}, True),
        (False, {"closed_on": DAY}, False),
        (True, {"closed_on": DAY}, True),
        (False, {"institution_id": 8}, False),
        (False, {"institution_id": None, "name_key": "甲"}, False),
        (False, {"county_code": "450203"}, False),
    ],
)
def test_plan_is_in_place_where_the_ledger_says_so_or_one_on_record_is_under_way(
    reported: bool | None, plan: dict[str, Any] | None, has_plan: bool
) -> None:
    made = plans(*([] if plan is None else [{"institution_id": 7, **plan}]))

    assert in_place(watched(("甲", 7, None, reported)), made).tolist() == [has_plan]


def test_plan_of_an_institution_that_is_not_linked_is_known_by_its_name() -> None:
    rows = watched(("甲", None, "甲", False), ("乙", None, "乙", False))

    assert in_place(rows, plans({"name_key": "甲"})).tolist() == [True, False]


def test_sentence_says_both_what_is_on_record_and_what_the_county_reports() -> None:
    told = standing(plans({"institution_id": 7}), steps((1, 1, -3, False)), as_of=DAY)
    rows = watched(("甲", 7, None, False), ("乙", 8, None, True), ("丙", 9, None, False))
    found = with_plans(rows.assign(has_plan=in_place(rows, told)), told)

    said = (
        "系统内在办方案 1 家（1 家有逾期步骤：甲）；县区报有方案 1 家，其中 1 家没有在系统内登记；"
    )
    assert sentence(found) == f"须一企一策的 3 家中，{said}1 家还没有方案。"
    assert sentence(found[:2]) == f"须一企一策的 2 家中，{said}方案均已到位。"
    assert sentence(found[:0]) == "没有达到一企一策条件的机构。"
