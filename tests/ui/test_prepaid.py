"""Prepaid fees on screen: lists and the charges of one institution, in words."""

from __future__ import annotations

from datetime import date, timedelta

from analysis import prepaid
from analysis.rules import rules
from tests.analysis.test_prepaid import AS_OF, charges
from ui import prepaid as screen
from ui.charts import prepaid as charts
from ui.charts.base import spec

RUNS = {"course_starts_on": AS_OF + timedelta(days=1), "course_ends_on": date(2022, 9, 30)}


def test_every_charge_of_an_institution_says_what_it_breaks_and_by_which_rule() -> None:
    rows = charges(
        RUNS | {"months": 6, "into_escrow": False, "receipt_no": "A", "charged_on": AS_OF},
        {"receipt_no": "B", "course_ends_on": date(2022, 7, 31)},
        {"receipt_no": "C"},
    )
    found = prepaid.findings(rows, rules())

    shown = screen.charge_rows(rows, found, prepaid.at_risk(rows, as_of=AS_OF)).shown.to_pandas()

    assert shown["票据号"].tolist() == ["A", "B", "C"]
    assert shown["违规情况"].fillna("").tolist() == [
        "收 6 个月，限 3 个月；没有进入监管账户",
        "",
        "",
    ]
    assert shown["依据"][0].startswith("国办发〔2018〕80号《")
    assert "2018-08-22 起；教监管函〔2021〕2号《" in shown["依据"][0]
    assert shown["未上课（估算，元）"].fillna(-1).tolist() == [1000, 0, -1]


def test_lists_of_nothing_keep_their_columns() -> None:
    rows = charges()
    found = prepaid.findings(rows, rules())
    risk = prepaid.at_risk(rows, as_of=AS_OF)

    for built in (
        screen.charge_rows(rows, found, risk),
        screen.finding_rows(found),
        screen.risk_rows(prepaid.institutions_at_risk(risk)),
    ):
        assert built.empty
        assert len(built.columns) >= 10


def test_a_rule_that_is_not_in_force_yet_says_from_when_it_is() -> None:
    counted = prepaid.by_rule(prepaid.findings(charges({"months": 4}), rules()), rules())

    drawn = str(charts.rule_bars(counted, as_of=AS_OF).to_dict())

    assert "2022 年 12 月 29 日起施行" in drawn
    assert "1 笔 · 1,000 元" in drawn
    assert spec(charts.rule_bars(counted, as_of=date(2023, 1, 1)))
