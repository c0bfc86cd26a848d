"""What the weekly form counts, once each, and that every cell is its rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.form_columns import Column, forms
from analysis.weekly_form import (
    Rows,
    cell_sentence,
    classify,
    counted,
    headline,
    table,
    tally,
    words,
    written,
)
from tests.analysis.weekly_rows import (
    CITY,
    COUNTIES,
    DAY,
    QUIET,
    SOUTH,
    dispute,
    disputes,
    inspection,
    inspections,
    violation,
)

COLUMNS = {column.measure: column for column in (*forms().form, *forms().bulletin)}
THREE = ("unlicensed", "subject", "non_subject")
YESTERDAY = DAY - pd.Timedelta(days=1)


def rows(*visits: dict[str, Any], resolved: tuple[dict[str, Any], ...] = ()) -> Rows:
    return classify(inspections(*visits), disputes(*resolved))


def filled(found: Rows, columns: tuple[Column, ...] | None = None) -> pd.DataFrame:
    """The form by county, 合计 under the empty code."""
    return table(found, columns or tuple(COLUMNS.values()), COUNTIES).set_index("county_code")


def three(*visits: dict[str, Any]) -> list[int]:
    return filled(rows(*visits)).loc["", list(THREE)].tolist()


def test_people_and_visits_are_summed_and_a_place_visited_twice_counts_twice() -> None:
    form = filled(rows(inspection(institution_id=1), inspection(institution_id=1, people=3)))

    assert form.loc[CITY, ["people", "visits"]].tolist() == [7, 2]
    assert form.loc[QUIET, ["people", "visits"]].tolist() == [0, 0]
    assert form.loc["", ["people", "visits"]].tolist() == [7, 2]


def test_closed_door_is_a_visit() -> None:
    assert filled(rows(inspection(outcome="closed_door"))).loc["", "visits"] == 1


def test_people_not_filled_in_are_left_out_and_if_all_are_the_sum_is_unknown() -> None:
    form = filled(
        rows(inspection(), inspection(people=None), inspection(county_code=SOUTH, people=None))
    )

    assert form.loc[CITY, "people"] == 4
    assert form.loc[SOUTH, "people"] is pd.NA
    assert form.loc["", "people"] == 4
    assert form.loc[CITY, "notes"] == "未填出动人次 1"


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ({}, [0, 0, 1]),
        ({"category": "subject"}, [0, 1, 0]),
        ({"operating_status": "unlicensed"}, [1, 0, 0]),
        ({"has_licence": False}, [1, 0, 0]),
        ({"has_licence": None}, [1, 0, 0]),
        ({"licence_valid_to": YESTERDAY}, [1, 0, 0]),
        ({"licence_valid_to": DAY}, [0, 0, 1]),
        ({"licence_valid_to": None}, [0, 0, 1]),
        ({"deregistered_on": DAY}, [1, 0, 0]),
        ({"deregistered_on": DAY + pd.Timedelta(days=1)}, [0, 0, 1]),
        ({"institution_id": None, "address": "某路 1 号"}, [1, 0, 0]),
        ({"operating_status": "suspended"}, [0, 0, 1]),
    ],
    ids=str,
)
def test_violation_is_in_the_column_that_its_papers_on_the_day_say(
    papers: dict[str, Any], expected: list[int]
) -> None:
    assert three(violation(**papers)) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("学科类违规开班", [0, 1, 0]),
        ("假注销真运营", [0, 1, 0]),
        ("无证办学", [1, 0, 0]),
        ("安全隐患", [0, 0, 0]),
        ("恶意涨价", [0, 0, 0]),
        ("线上直播", [0, 0, 0]),
        ("其他", [0, 0, 0]),
        (None, [0, 0, 0]),
    ],
)
def test_violation_is_in_a_column_by_its_type(what: str | None, expected: list[int]) -> None:
    assert three(violation(what, category="subject")) == expected


def test_any_violation_of_a_place_without_papers_counts_but_online_teaching() -> None:
    assert three(violation("安全隐患", has_licence=False)) == [1, 0, 0]
    assert three(violation("线上直播", has_licence=False)) == [0, 0, 0]


def test_visits_that_found_nothing_are_in_none_of_the_three_whatever_the_papers() -> None:
    assert three(inspection(has_licence=False), inspection(outcome="closed_door")) == [0, 0, 0]


def test_institution_found_twice_counts_once_and_both_visits_are_listed() -> None:
    found = rows(violation(institution_id=7), violation("住家教师", institution_id=7))
    listed = counted(found, "non_subject").inspections

    assert filled(found).loc["", list(THREE)].tolist() == [0, 0, 1]
    assert listed["counted"].tolist() == [1, 0]


def test_institution_whose_licence_ran_out_within_the_week_is_not_in_order_and_nothing_else() -> (
    None
):
    before = violation(institution_id=7, inspected_on=YESTERDAY, licence_valid_to=YESTERDAY)
    after = violation(institution_id=7, inspected_on=DAY, licence_valid_to=YESTERDAY)

    assert three(before) == [0, 0, 1]
    assert three(before, after) == [1, 0, 0]


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ({"name_key": "甲"}, {"name_key": "甲", "address": "别处"}, 1),
        ({"name_key": "甲"}, {"name_key": "乙"}, 2),
        ({"name_key": "甲"}, {"name_key": "甲", "county_code": SOUTH}, 2),
        ({"address": "某路 1 号"}, {"address": "某路 1 号"}, 1),
        ({"address": "大厦 1 楼", "place_name": "大厦"}, {"address": "大厦 2 楼"}, 2),
        ({"place_name": "大厦"}, {"place_name": "大厦"}, 1),
        ({}, {}, 2),
    ],
)
def test_places_without_an_institution_are_told_apart_by_name_then_address_then_building(
    one: dict[str, Any], other: dict[str, Any], places: int
) -> None:
    unlinked = {"institution_id": None, "institution_name": None}

    assert three(violation(**unlinked | one), violation(**unlinked | other)) == [places, 0, 0]


def test_forms_are_counted_by_visit_the_commonest_first_and_without_online_teaching() -> None:
    found = rows(
        violation("住家教师"),
        violation("一对一"),
        violation("一对一"),
        violation("线上直播"),
        violation("学科类违规开班"),
        inspection(type_group="高端家政"),
    )

    assert tally(counted(found, "forms"), "forms") == "一对一 2、住家教师 1"


def test_measures_of_one_text_are_counted_apart_and_a_repeated_one_once() -> None:
    found = rows(
        violation(measures="责令停止办学、约谈负责人；约谈负责人"),
        violation(measures="约谈负责人"),
        violation(measures=None),
        violation("线上直播", measures="移交"),
    )

    assert tally(counted(found, "measures"), "measures") == "约谈负责人 2、责令停止办学 1"


def test_more_measures_than_fit_are_said_to_be_more() -> None:
    found = rows(violation(measures="甲、乙、丙、丁、戊"))

    assert tally(counted(found, "measures"), "measures").endswith("，等 5 种")


def test_only_refunds_are_refunded_and_every_route_resolves() -> None:
    resolved = (
        dispute(),
        dispute(refunded_yuan=None, students=3),
        dispute(route="course_exchange", students=5),
        dispute(route=None, students=7),
    )
    form = filled(rows(inspection(), resolved=resolved))

    assert form.loc["", ["refund_yuan", "refund_students"]].tolist() == [500.0, 5]
    assert form.loc["", "resolved_students"] == 17
    assert form.loc["", "notes"] == "未填退费金额 1、未填化解途径 1"


def test_refund_of_which_no_amount_is_known_is_unknown_and_none_at_all_is_nought() -> None:
    form = filled(rows(resolved=(dispute(refunded_yuan=None),)))

    assert form.loc[CITY, "refund_yuan"] is pd.NA
    assert form.loc[QUIET, "refund_yuan"] == 0


def test_bulletin_takes_every_type_by_papers_and_price_beside() -> None:
    form = filled(
        rows(
            violation("恶意涨价", institution_id=3),
            violation("恶意涨价", institution_id=3),
            violation("线上直播"),
            violation("安全隐患", has_licence=False),
            inspection(type_group="恶意涨价"),
        )
    )

    assert form.loc["", ["in_order", "not_in_order", "price"]].tolist() == [2, 1, 1]


def test_remarks_tell_what_the_columns_leave_out() -> None:
    found = rows(
        inspection(late=True, outcome="closed_door"),
        violation("安全隐患", individuals=None),
        violation("线上直播"),
        violation(None, institution_id=None),
    )

    assert tally(counted(found, "notes"), "notes") == (
        "迟报 1、闭门未开 1、未填违规类型 1、未填查处个人 1、未对上机构 1、线上违规 1、其他违规 1"
    )


def test_form_of_nothing_has_a_row_for_every_county_and_a_total_of_noughts() -> None:
    form = filled(rows())

    assert form["county"].tolist() == [*COUNTIES.values(), "合计"]
    assert set(form["visits"]) == {0}
    assert set(form["forms"]) == {"无"}
    assert set(form["notes"]) == {""}
    assert form["visits"].dtype == "Int64"
    assert form["refund_yuan"].dtype == "Float64"


def test_headline_says_what_was_done_and_the_three_and_the_rest_add_up() -> None:
    found = rows(
        violation(institution_id=1),
        violation("安全隐患", institution_id=1),
        violation("安全隐患"),
        violation(has_licence=False),
        inspection(),
    )

    assert headline(found, where="全市", period="8 月 19 日至 8 月 25 日") == (
        "8 月 19 日至 8 月 25 日，全市出动 20 人次、排查 5 个次，查出违规 3 处：证照不全 1 家，"
        "证照齐全而违规开展学科类培训 1 家，其他违规 1 处。"
    )


@pytest.mark.parametrize(
    ("visits", "said"),
    [
        ((), "全市没有检查记录。"),
        ((inspection(),), "全市出动 4 人次、排查 1 个次，没有查出违规。"),
        ((inspection(people=None),), "全市出动人次都没有填、排查 1 个次，没有查出违规。"),
        (
            (violation(),),
            "全市出动 4 人次、排查 1 个次，查出违规 1 处：证照不全 0 家，"
            "证照齐全而违规开展学科类培训 1 家。",
        ),
    ],
)
def test_headline_of_little(visits: tuple[dict[str, Any], ...], said: str) -> None:
    assert headline(rows(*visits), where="全市", period="本周") == f"本周，{said}"


def test_sentence_over_a_list_says_how_many_and_which_count_no_more() -> None:
    found = rows(violation(institution_id=7), violation(institution_id=7))
    said = {"where": "城中区", "header": "非学科违规", "value": "1"}

    listed = cell_sentence(counted(found, "non_subject"), "non_subject", **said)
    nothing = cell_sentence(counted(found, "subject"), "subject", **said | {"value": "0"})

    assert listed == "城中区“非学科违规”：1。下列 2 次检查，其中 1 次是同一家又查出，不重复计。"
    assert nothing == "城中区“非学科违规”：0，没有可列的记录。"


def test_cells_are_written_as_sentences_do() -> None:
    assert written(pd.NA, "count") == "—"
    assert written(1284, "count") == "1,284"
    assert written(1284.5, "money") == "1,284.50 元"
    assert written(1284, "money") == "1,284 元"
    assert written("无", "text") == "无"


# Every example fills in a whole form; a busy machine takes its time over it.
few = settings(max_examples=10, deadline=None)
CATEGORIES = {None: None, 1: None, 2: "subject", 3: "arts"}
TYPES = [None, "一对一", "学科类违规开班", "无证办学", "安全隐患", "线上直播", "恶意涨价"]
a_visit = st.fixed_dictionaries(
    {
        "county_code": st.sampled_from(list(COUNTIES)),
        "inspected_on": st.sampled_from([DAY, YESTERDAY]),
        "institution_id": st.sampled_from([None, 1, 2, 3]),
        "name_key": st.sampled_from([None, "甲"]),
        "address": st.sampled_from([None, "某路"]),
        "outcome": st.sampled_from(["clear", "violation", "violation", "closed_door"]),
        "people": st.sampled_from([None, 0, 3]),
        "type_group": st.sampled_from(TYPES),
        "individuals": st.sampled_from([None, 0, 2]),
        "measures": st.sampled_from([None, "甲", "甲、乙"]),
        "has_licence": st.sampled_from([None, True, True, False]),
        "licence_valid_to": st.sampled_from([None, YESTERDAY]),
        "late": st.booleans(),
    }
).map(lambda visit: visit | {"category": CATEGORIES[visit["institution_id"]]})
a_dispute = st.fixed_dictionaries(
    {
        "county_code": st.sampled_from(list(COUNTIES)),
        "route": st.sampled_from([None, "refund", "legal"]),
        "refunded_yuan": st.sampled_from([None, 0.0, 12.5]),
        "students": st.integers(0, 3),
    }
)


@few
@given(st.lists(a_visit, max_size=12), st.lists(a_dispute, max_size=4))
def test_every_number_is_the_rows_listed_for_it_and_counties_add_up_to_the_total(
    visits: list[dict[str, Any]], resolved: list[dict[str, Any]]
) -> None:
    found = rows(
        *(inspection(**each) for each in visits), resolved=tuple(dispute(**r) for r in resolved)
    )
    form = filled(found)

    for measure, column in COLUMNS.items():
        if column.kind == "text":
            continue
        for code in (*COUNTIES, ""):
            behind = counted(found, measure, code or None)
            adds = [*behind.inspections["counted"], *behind.disputes["counted"]]
            known = [float(each) for each in adds if each is not pd.NA]
            value = form.loc[code, measure]
            assert (value is pd.NA) == (bool(adds) and not known)
            assert value is pd.NA or float(value) == sum(known)
        by_county = form.loc[list(COUNTIES), measure].dropna()
        total = form.loc["", measure]
        assert by_county.sum() == (0 if total is pd.NA else total)


@few
@given(st.lists(a_visit, max_size=12))
def test_a_place_is_in_one_of_the_three_columns_at_most(visits: list[dict[str, Any]]) -> None:
    found = rows(*(inspection(**each) for each in visits))
    places = [set(counted(found, name).inspections["place"]) for name in THREE]

    assert sum(map(len, places)) == len(set().union(*places))
    violating = found.inspections[found.inspections["violation"]]
    assert set().union(*places) <= set(violating["place"])


@few
@given(st.lists(a_visit, max_size=12), st.lists(a_dispute, max_size=4))
def test_words_of_the_total_are_those_of_the_counties_and_of_the_rows(
    visits: list[dict[str, Any]], resolved: list[dict[str, Any]]
) -> None:
    found = rows(
        *(inspection(**each) for each in visits), resolved=tuple(dispute(**r) for r in resolved)
    )
    for measure in ("forms", "measures", "notes"):
        behind = counted(found, measure)
        total = words(behind, measure)
        adds = behind.inspections["counted"].sum() + behind.disputes["counted"].sum()
        assert total.total() == adds
        assert total == sum(
            (words(behind.of(code), measure) for code in COUNTIES), start=type(total)()
        )


def test_what_names_a_row_counts_nothing() -> None:
    with pytest.raises(KeyError):
        counted(rows(inspection()), "period")
