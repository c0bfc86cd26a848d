from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from sample_data.days import FIRST_DAY
from sample_data.records import Record, Values
from sample_data.units import LAGGARD, LATE_UNITS, UNITS
from sample_data.world import World
from tests.sample_data.conftest import LAST_DAY

Ledgers = dict[str, list[Values]]
AHEAD = {
    *("整改期限", "许可证有效期至", "所属期", "应报日期", "应完成日期"),
    *("开课日期", "结课日期"),
}
HAPPENED = {
    "violation_reports": "接报日期",
    "inspections": "检查日期",
    "rectifications": "登记日期",
    "refund_disputes": "登记日期",
}


def running_non_subject(ledgers: Ledgers, unit: str | None = None) -> list[Values]:
    return [
        row
        for row in ledgers["institutions"]
        if row["机构类别"] != "subject"
        and row["经营状态"] != "deregistered"
        and unit in (None, row["县区"])
    ]


def coverage(rows: list[Values]) -> float:
    return sum(row["平台登记日期"] is not None for row in rows) / len(rows)


def own_items(ledgers: Ledgers) -> list[Values]:
    """The items that counties opened themselves: not those of the system's that they work on."""
    return [row for row in ledgers["rectifications"] if not row["台账编号"].startswith("XT-")]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("institutions", 1309),
        ("violation_reports", 2600),
        ("inspections", 3000),
        ("course_fees", 4225),
        ("fee_charges", 4000),
        ("compliance_checks", 2500),
        ("refund_disputes", 1400),
    ],
)
def test_so_many_rows_are_loaded(ledgers: Ledgers, kind: str, number: int) -> None:
    assert len(ledgers[kind]) == number


def test_counties_opened_nine_hundred_items(ledgers: Ledgers) -> None:
    assert len(own_items(ledgers)) == 900


def test_every_unit_and_every_list_is_there(ledgers: Ledgers) -> None:
    assert {row["县区"] for row in ledgers["institutions"]} == set(UNITS)
    assert {row["名单来源"] for row in ledgers["roster_entries"]} == {
        "moe",
        "market_regulator",
        "platform",
        "self_report",
        "community_visit",
        "questionnaire",
    }


def test_a_number_is_given_once(ledgers: Ledgers) -> None:
    for kind, header in {
        "violation_reports": "线索编号",
        "inspections": "检查编号",
        "rectifications": "台账编号",
        "refund_disputes": "纠纷编号",
    }.items():
        numbers = [row[header] for row in ledgers[kind]]
        assert len(set(numbers)) == len(numbers)


def test_nothing_has_happened_after_its_row_was_ready(records: list[Record]) -> None:
    for record in records:
        for version in record.versions:
            for header, value in version.values.items():
                if isinstance(value, date) and header not in AHEAD:
                    assert value <= version.ready_on <= LAST_DAY, (record.kind, header)


def test_facts_begin_on_the_first_day(ledgers: Ledgers) -> None:
    for kind, header in HAPPENED.items():
        days = [row[header] for row in ledgers[kind] if isinstance(row[header], date)]
        assert min(days) >= FIRST_DAY


def test_ledgers_hold_only_words_of_known_columns(records: list[Record]) -> None:
    from sample_data.words import HEADERS

    for record in records:
        assert set(record.versions[0].values) == set(HEADERS[record.kind])


def test_nine_in_ten_are_registered_in_the_end(ledgers: Ledgers) -> None:
    assert 0.88 <= coverage(running_non_subject(ledgers)) <= 0.92


def test_some_counties_are_complete_and_one_lags(ledgers: Ledgers) -> None:
    shares = {unit: coverage(running_non_subject(ledgers, unit)) for unit in UNITS}

    assert sorted(unit for unit, share in shares.items() if share == 1) == ["450223", "4502LD"]
    assert min(shares, key=lambda unit: shares[unit]) == LAGGARD
    assert 0.65 <= shares[LAGGARD] <= 0.75


def test_only_the_two_late_counties_miss_the_end_of_the_campaign(ledgers: Ledgers) -> None:
    four_weeks_ago = LAST_DAY - timedelta(days=28)
    late = set()
    for unit in UNITS:
        rows = running_non_subject(ledgers, unit)
        left = sum(row["平台登记日期"] is None for row in rows)
        lately = sum((row["平台登记日期"] or FIRST_DAY) > four_weeks_ago for row in rows)
        weeks = left / (lately / 4) if left else 0
        if LAST_DAY + timedelta(weeks=weeks) > date(2022, 9, 30):
            late.add(unit)

    assert late == set(LATE_UNITS)


def test_sanjiang_has_fewer_than_ten_that_qualified(ledgers: Ledgers) -> None:
    rows = running_non_subject(ledgers, "450226")

    assert 0 < sum(row["核查合格日期"] is not None for row in rows) < 10


def test_registration_follows_qualification_but_for_a_few(world: World) -> None:
    registered = [i for i in world.institutions if i.registered_on]
    qualified = [i for i in registered if i.qualified_on]

    assert 0.97 < len(qualified) / len(registered) < 1
    assert all(i.qualified_on <= i.registered_on for i in qualified)


def test_a_deregistered_institution_has_its_day(ledgers: Ledgers) -> None:
    gone = [row for row in ledgers["institutions"] if row["经营状态"] == "deregistered"]

    assert len(gone) > 40
    assert all(row["注销日期"] for row in gone)


def test_july_is_busiest_and_weekends_are_quiet(world: World) -> None:
    months = Counter(report.received_on.month for report in world.reports)
    weekdays = Counter(report.received_on.weekday() for report in world.reports)

    assert months.most_common(1)[0][0] == 7
    assert max(weekdays[5], weekdays[6]) < 0.7 * min(weekdays[day] for day in range(5))


def test_eight_buildings_stand_out(world: World) -> None:
    places = Counter(r.site.place.name for r in world.reports if r.site.place and not r.story)
    counts = [number for _, number in places.most_common(9)]

    assert counts[7] > 2 * counts[8]


def test_some_reports_have_no_coordinates(ledgers: Ledgers) -> None:
    missing = sum(row["经度"] is None for row in ledgers["violation_reports"])

    assert 0.04 < missing / 2600 < 0.08


def test_a_closed_item_has_evidence_and_another_person(ledgers: Ledgers, world: World) -> None:
    for row in ledgers["rectifications"]:
        if row["整改状态"] == "closed":
            assert row["佐证材料"]
            assert row["复核人"]
            assert row["销号日期"]
            assert row["问题来源"] != "report" or row["群众认可"] is True
    for item in world.items:
        submitted = {step.actor for step in item.steps if step.step == "submit"}
        closed = {step.actor for step in item.steps if step.step == "close"}
        assert not submitted & closed


def test_a_step_happens_once_a_day_and_in_order(world: World) -> None:
    for item in world.items:
        steps = [(step.day, step.step) for step in item.steps]
        assert len(set(steps)) == len(steps)
        assert [day for day, _ in steps] == sorted(day for day, _ in steps)
        assert steps[0][1] == "register"


def test_about_a_fifth_of_the_items_is_open_and_some_are_overdue(ledgers: Ledgers) -> None:
    left = [row for row in own_items(ledgers) if row["整改状态"] != "closed"]
    overdue = [row for row in left if row["整改期限"] < LAST_DAY]

    assert 0.12 < len(left) / 900 < 0.22
    assert 30 < len(overdue) < 80
    assert Counter(row["县区"] for row in overdue).most_common(1)[0][0] == LAGGARD


def test_a_resolved_dispute_says_how_and_when(ledgers: Ledgers) -> None:
    for row in ledgers["refund_disputes"]:
        if row["处理状态"] == "resolved":
            assert row["化解日期"] >= row["登记日期"]
            assert row["化解途径"] in {"refund", "course_exchange", "legal"}
            assert row["已退金额"] <= row["涉及金额"]


def test_some_rows_are_late_and_some_corrected(records: list[Record]) -> None:
    late = corrected = 0
    for record in records:
        if record.kind != "refund_disputes" or record.key.endswith("-again"):
            continue
        late += (record.versions[0].ready_on - record.versions[0].values["登记日期"]).days >= 7
        corrected += len({version.values["涉及金额"] for version in record.versions}) > 1

    assert 50 < late < 300
    assert 20 < corrected < 80
