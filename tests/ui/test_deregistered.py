"""Deregistered institutions that teach on, as a table."""

from __future__ import annotations

import pytest

from analysis import deregistered
from tests.analysis.evidence import THURSDAY, closed_school, evidence, report, true_report
from ui.deregistered import rows


def test_each_institution_is_a_row_with_its_evidence_in_words() -> None:
    found = deregistered.still_teaching(
        evidence(
            institutions=[closed_school(1, place_name="甲大厦"), closed_school(2, address="乙路")],
            reports=[true_report(institution_id=1), report(institution_id=2)],
        ),
        THURSDAY.date(),
    )

    built = rows(found)

    shown = built.shown.to_pandas()
    assert shown["县区"].tolist() == ["城中区", "城中区"]
    assert shown["地点"].tolist() == ["甲大厦", "乙路"]
    assert shown["把握"].tolist() == ["已查实", "尚在核实"]
    assert shown["证据"][0] == "5 月 17 日注销后：被举报 1 件，最近 8 月 25 日"
    assert shown["逐条证据"][1] == "8 月 25 日又被举报（一对一），尚在核实"
    assert built.frame["institution_id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("reports", "begins"), [(20, "8 月 25 日又被举报"), (21, "更早的 1 条略；8 月 25 日又被举报")]
)
def test_the_latest_twenty_signs_are_told_and_how_many_were_before(
    reports: int, begins: str
) -> None:
    found = deregistered.still_teaching(
        evidence(
            institutions=[closed_school(1)],
            reports=[true_report(institution_id=1) for _ in range(reports)],
        ),
        THURSDAY.date(),
    )
    (told,) = rows(found).shown.to_pandas()["逐条证据"]
    assert told.startswith(begins)
    assert told.count("又被举报") == 20


def test_signs_of_a_place_that_were_not_read_are_among_those_before() -> None:
    found = deregistered.still_teaching(
        evidence(
            institutions=[closed_school(1, place_key="p")],
            reports=[
                true_report(institution_id=1),
                *(report(place_key="p") for _ in range(deregistered.AT_PLACE)),
            ],
        ),
        THURSDAY.date(),
    )

    (told,) = rows(found).shown.to_pandas()["逐条证据"]
    assert told.startswith("更早的 81 条以上略；")


def test_none_is_an_empty_table() -> None:
    assert rows(deregistered.still_teaching(evidence(), THURSDAY.date())).empty
