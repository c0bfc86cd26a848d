"""Which rows of the ledgers the rules find: each the wrong row, and not the right one beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from data_access import data_quality, quality_reports, schema
from data_access.data_quality import EVERY_ROW, Limits
from data_access.quality_known import Known
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY

LIMITS = Limits(open_report_days=30, idle_item_days=30, pending_check_days=30, same_phone=3)
ITEMS = ("licence", "staff", "certificates", "content", "scale", "premises", "enrolment")
CODE = "91450205MA5N000001"
# A row of each ledger in which nothing is wrong.
SOUND: dict[str, dict[str, Any]] = {
    "institution": {
        "credit_code": None,
        "licence_no": None,
        "address": "城中街道1号",
        "operating_status": "suspended",
    },
    "report": {"place_name": "角宿大厦"},
    "inspection": {"place_name": "角宿大厦", "people": 3},
    "rectification": {"responsible_department": "教育局"},
    "dispute": {},
}


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


def found(conn: Connection, scope: Scope | None = None, **asked: Any) -> dict[str, set[int]]:
    """The ids of the rows that each rule finds, rules that find nothing left out.

    Of reports every one is asked, as no statement of a page does.
    """
    scope = scope or Scope.city()
    frames = data_quality.findings(
        conn, scope=scope, as_of=THURSDAY, limits=LIMITS, changed_since=THURSDAY, **asked
    )
    asked = {"categories": (), "known_on": None} | asked
    known = Known(conn, scope, THURSDAY, **asked)
    return {
        str(name): set(frame.loc[frame[name], "id"])
        for frame in frames.values()
        for name in frame.columns
        if frame[name].dtype == bool and frame[name].any()
    } | {rule: ids for rule, ids in found_reports(known).items() if ids}


def found_reports(known: Known) -> dict[str, set[int]]:
    """The ids of the reports that each rule finds, of every report asked."""
    ledger = quality_reports.ledger(known, LIMITS)
    narrowed = known.of_categories(ledger.table, ledger.rows)
    return {
        rule.code: set(known.conn.scalars(select(ledger.rows.c.id).where(rule.finds, narrowed)))
        for rule in ledger.rules
    }


def looked(conn: Connection, scope: Scope | None = None, **asked: Any) -> dict[str, int]:
    counts = data_quality.checked(
        conn, scope=scope or Scope.city(), as_of=THURSDAY, limits=LIMITS, **asked
    )
    return counts[counts["rows"] > 0].groupby("rule")["rows"].sum().to_dict()


def operating(**more: Any) -> dict[str, Any]:
    return {"operating_status": "operating", "credit_code": CODE, "licence_no": "许1"} | more


CLOSED = {"status": "closed", "opened_on": before(50), "closed_on": before(20)}
RESOLVED = {"status": "resolved", "resolved_on": THURSDAY, "route": "course_exchange"}
MADE: dict[str, Callable[..., int]] = {
    "institution": make.institution,
    "report": make.report,
    "inspection": make.inspection,
    "rectification": make.rectification,
    "dispute": make.dispute,
}


@pytest.mark.parametrize(
    ("rule", "ledger", "wrong", "right"),
    [
        (
            "institution_ended_early",
            "institution",
            {"operating_status": "deregistered", "deregistered_on": before(86)},
            {"operating_status": "deregistered", "deregistered_on": EARLIER},
        ),
        (
            "institution_ended_operating",
            "institution",
            {"deregistered_on": THURSDAY},
            {"deregistered_on": THURSDAY + timedelta(days=1)},
        ),
        (
            "registered_unqualified",
            "institution",
            {"platform_registered_on": THURSDAY},
            {
                "platform_registered_on": EARLIER,
                "operating_status": "deregistered",
                "deregistered_on": THURSDAY,
            },
        ),
        (
            "unlicensed_registered",
            "institution",
            {"operating_status": "unlicensed", "platform_registered_on": EARLIER},
            {"operating_status": "unlicensed"},
        ),
        (
            "licence_expired",
            "institution",
            operating(licence_valid_to=before(1)),
            operating(licence_valid_to=THURSDAY),
        ),
        (
            "licence_expired",
            "institution",
            operating(licence_valid_to=before(1)),
            {"licence_valid_to": before(1)},
        ),
        ("licence_missing", "institution", operating(licence_no=None), operating()),
        ("code_missing", "institution", operating(credit_code=None), operating()),
        (
            "no_teacher",
            "institution",
            {"students": 1, "teachers": 0},
            {"students": 1, "teachers": 1},
        ),
        ("no_teacher", "institution", {"students": 1}, {"students": 0}),
        ("institution_no_address", "institution", {"address": None}, {}),
        (
            "report_verified_early",
            "report",
            {"status": "substantiated", "verified_on": before(1)},
            {"status": "substantiated", "verified_on": THURSDAY},
        ),
        (
            "report_closed_early",
            "report",
            {"closed_on": before(1)},
            {"closed_on": THURSDAY},
        ),
        (
            "report_no_verified_day",
            "report",
            {"status": "unsubstantiated"},
            {"status": "verifying"},
        ),
        ("report_no_place", "report", {"place_name": None}, {}),
        (
            "report_no_place",
            "report",
            {"place_name": None, "address": "城中街道1号"},
            {"place_name": None, "longitude": 109.4, "latitude": 24.3},
        ),
        ("report_unknown_institution", "report", {"institution_name": "无此机构"}, {}),
        (
            "report_open_long",
            "report",
            {"received_on": before(31)},
            {"received_on": before(30)},
        ),
        (
            "report_open_long",
            "report",
            {"received_on": before(31), "status": "verifying"},
            {"received_on": before(31), "status": "substantiated", "verified_on": THURSDAY},
        ),
        ("inspection_unknown_institution", "inspection", {"institution_name": "无此机构"}, {}),
        ("inspection_no_place", "inspection", {"place_name": None}, {}),
        ("inspection_no_people", "inspection", {"people": 0}, {"people": 1}),
        (
            "violation_no_type",
            "inspection",
            {"outcome": "violation", "measures": "责令停课"},
            {"outcome": "violation", "measures": "责令停课", "violation_type": "一对一"},
        ),
        (
            "violation_no_measures",
            "inspection",
            {"outcome": "violation", "violation_type": "一对一", "measures": " "},
            {"outcome": "violation", "violation_type": "一对一", "measures": "责令停课"},
        ),
        ("inspection_unknown_report", "inspection", {"report_no": "JB-无"}, {}),
        (
            "item_closed_early",
            "rectification",
            CLOSED | {"closed_on": before(51)},
            CLOSED | {"closed_on": before(50)},
        ),
        ("item_due_early", "rectification", {"due_on": before(86)}, {"due_on": THURSDAY}),
        ("item_closed_unproven", "rectification", CLOSED | {"evidence": " "}, CLOSED),
        ("item_closed_unproven", "rectification", CLOSED | {"verified_by": ""}, CLOSED),
        (
            "item_idle",
            "rectification",
            {"due_on": before(1), "opened_on": before(31)},
            {"due_on": before(1), "opened_on": before(30)},
        ),
        (
            "item_idle",
            "rectification",
            {"due_on": before(1), "opened_on": before(31)},
            {"due_on": THURSDAY, "opened_on": before(31)},
        ),
        (
            "item_no_department",
            "rectification",
            {"responsible_department": None},
            CLOSED | {"responsible_department": None},
        ),
        ("item_unknown_institution", "rectification", {"institution_name": "无此机构"}, {}),
        (
            "dispute_resolved_early",
            "dispute",
            RESOLVED | {"resolved_on": before(1)},
            RESOLVED,
        ),
        ("dispute_no_route", "dispute", RESOLVED | {"route": None}, RESOLVED),
        (
            "dispute_refunded_more",
            "dispute",
            RESOLVED | {"refunded_yuan": 1000.01},
            RESOLVED | {"refunded_yuan": 1000.0},
        ),
        (
            "dispute_refund_missing",
            "dispute",
            RESOLVED | {"route": "refund"},
            RESOLVED | {"route": "refund", "refunded_yuan": 0.01},
        ),
    ],
)
def test_rule_finds_the_wrong_row_alone(
    conn: Connection, rule: str, ledger: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    known = make.institution(conn, **SOUND["institution"])
    linked = {"institution_id": known} if ledger == "dispute" else {}
    sound = MADE[ledger](conn, **(SOUND[ledger] | linked | right))
    if ledger == "institution" and right.get("credit_code"):
        wrong = wrong | {"credit_code": wrong.get("credit_code") and f"{CODE[:-1]}2"}
        wrong = wrong | {"licence_no": wrong.get("licence_no") and "许2"}
    broken = MADE[ledger](conn, **(SOUND[ledger] | linked | wrong))

    rules = found(conn)

    assert rules.pop(rule) == {broken}
    assert all(sound not in ids or ledger_of(other) != ledger for other, ids in rules.items())


def ledger_of(rule: str) -> str:
    starts = ("report", "inspection", "item", "dispute")
    kinds = {"item": "rectification"}
    name = next((each for each in starts if rule.startswith(each)), "other")
    return kinds.get(name, name)


def test_sound_rows_are_found_by_no_rule(conn: Connection) -> None:
    known = make.institution(conn, **SOUND["institution"])
    for ledger, create in MADE.items():
        linked = {} if ledger == "institution" else {"institution_id": known}
        create(conn, **(SOUND[ledger] | linked))

    assert found(conn) == {}


def test_dispute_without_an_institution_is_found(conn: Connection) -> None:
    unlinked = make.dispute(conn)
    make.dispute(conn, institution_id=make.institution(conn, **SOUND["institution"]))

    assert found(conn) == {"dispute_unlinked": {unlinked}}


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        ("charge_no_account", {"into_escrow": None}, {"into_escrow": False}),
        ("charge_unmeasured", {"months": None}, {"months": None, "lessons": 60}),
        (
            "charge_unmeasured",
            {"months": None},
            {"months": None, "course_ends_on": THURSDAY},
        ),
        ("charge_no_start", {"course_starts_on": None}, {}),
        ("charge_ends_early", {"course_ends_on": before(1)}, {"course_ends_on": THURSDAY}),
        ("charge_refunded_more", {"refunded_yuan": 1000.01}, {"refunded_yuan": 1000.0}),
    ],
)
def test_rule_finds_the_wrong_charge_alone(
    conn: Connection, rule: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    known = make.institution(conn, **SOUND["institution"])
    sound = {"months": 3.0, "course_starts_on": THURSDAY}
    make.charge(conn, known, **(sound | right))
    broken = make.charge(conn, known, **(sound | wrong))

    assert found(conn) == {rule: {broken}}


def test_price_that_nobody_pays_is_found(conn: Connection) -> None:
    known = make.institution(conn, **SOUND["institution"])
    prices = {
        yuan: make.price(conn, known, course=f"课{yuan}", price_yuan_per_lesson=yuan)
        for yuan in (0.0, 0.99, 1.0, 5000.0, 5000.01)
    }

    assert found(conn) == {"fee_odd_price": {prices[0.0], prices[0.99], prices[5000.01]}}


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (
            "compliance_unknown_institution",
            {"institution_name": "无此机构", "institution_id": None},
            {"institution_name": "甲"},
        ),
        ("compliance_due_early", {"due_on": before(1)}, {"due_on": THURSDAY}),
        ("compliance_clear_failed", {"failed": 1}, {"failed": 0}),
        ("compliance_clear_failed", {"failed": 1}, {"failed": 1, "outcome": "finding"}),
    ],
)
def test_rule_finds_the_wrong_check_alone(
    conn: Connection, rule: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    known = {"institution_id": make.institution(conn, **SOUND["institution"])}
    make.check(conn, **(known | right))
    broken = make.check(conn, **(known | wrong))

    assert found(conn) == {rule: {broken}}


def test_rows_of_money_are_found_by_their_county_alone(conn: Connection) -> None:
    there = make.institution(conn, **SOUND["institution"], county_code=SOUTH)
    make.charge(conn, there, county_code=SOUTH)
    make.price(conn, there, county_code=SOUTH, price_yuan_per_lesson=0.0)
    make.check(conn, county_code=SOUTH, failed=1)

    assert found(conn, Scope.county(CITY)) == {}
    assert set(found(conn, Scope.county(SOUTH))) == {
        *("charge_unmeasured", "charge_no_start", "fee_odd_price", "compliance_clear_failed"),
    }


def test_corrected_charge_was_wrong_as_it_was_known(conn: Connection) -> None:
    known = make.institution(conn, **SOUND["institution"], received_by_us_on=before(90))
    sound = {"months": 3.0, "course_starts_on": THURSDAY, "received_by_us_on": before(30)}
    charge = make.charge(conn, known, **sound)
    change = {
        "table_name": "fee_charge",
        "row_key": str(charge),
        "county_code": CITY,
        "column_name": "into_escrow",
        "email": "450202@demo",
        "old_value": None,
        "new_value": "True",
        "changed_on": before(3),
    }
    conn.execute(insert(schema.row_change).values(change))

    assert found(conn) == {}
    assert found(conn, known_on=before(7)) == {"charge_no_account": {charge}}


def qualified(conn: Connection, **outcomes: str) -> int:
    one = make.institution(conn, **(SOUND["institution"] | {"qualified_on": EARLIER}))
    for item in ITEMS:
        if outcomes.get(item) != "never":
            make.verification(conn, one, item=item, outcome=outcomes.get(item, "pass"))
    return one


def test_qualified_institution_whose_last_check_failed_is_found(conn: Connection) -> None:
    qualified(conn)
    failed = qualified(conn, staff="fail")
    mended = qualified(conn, staff="fail")
    make.verification(conn, mended, item="staff", verified_on=THURSDAY)
    later = qualified(conn, scale="fail")
    make.verification(conn, later, item="scale", verified_on=THURSDAY + timedelta(days=1))

    assert found(conn) == {"qualified_failed": {failed, later}}


def test_qualified_institution_with_an_item_never_checked_is_found(conn: Connection) -> None:
    qualified(conn)
    never = qualified(conn, content="never")
    pending = qualified(conn, content="pending")

    rules = found(conn)

    assert rules["qualified_unchecked"] == {never, pending}
    assert set(rules) == {"qualified_unchecked", "check_pending"}


def test_pending_check_is_found_after_its_days_unless_it_was_made_since(conn: Connection) -> None:
    one, other = (make.institution(conn, **SOUND["institution"]) for _ in range(2))
    late = make.verification(conn, one, outcome="pending", verified_on=before(31))
    make.verification(conn, one, outcome="pending", item="staff", verified_on=before(30))
    make.verification(conn, other, outcome="pending", verified_on=before(40))
    make.verification(conn, other, verified_on=before(39))

    assert found(conn) == {"check_pending": {late}}


def test_check_before_the_institution_was_found_is_found(conn: Connection) -> None:
    one = make.institution(conn, **SOUND["institution"])
    early = make.verification(conn, one, verified_on=EARLIER - timedelta(days=1))
    make.verification(conn, one, verified_on=EARLIER)

    assert found(conn) == {"check_early": {early}}


def test_phone_of_as_many_institutions_of_a_county_as_the_limit_is_found(conn: Connection) -> None:
    def with_phone(phone: str | None, n: int, **more: Any) -> set[int]:
        sound = SOUND["institution"]
        return {make.institution(conn, **(sound | {"phone": phone} | more)) for _ in range(n)}

    three = with_phone("10000000001", 3)
    with_phone("10000000002", 2)
    with_phone("10000000002", 1, county_code=SOUTH)  # another county's does not count
    with_phone("10000000003", 2)
    gone = {"operating_status": "deregistered", "deregistered_on": THURSDAY}
    with_phone("10000000003", 1, **gone)
    with_phone(None, 4)

    assert found(conn) == {"same_phone": three}


def test_licence_of_two_institutions_is_found_and_across_counties_for_the_city(
    conn: Connection,
) -> None:
    def licensed(number: str, county: str = CITY) -> int:
        sound = SOUND["institution"] | {"licence_no": number, "county_code": county}
        return make.institution(conn, **sound)

    twice = {licensed("许1"), licensed("许1")}
    here, there = licensed("许2"), licensed("许2", SOUTH)
    licensed("许3")

    assert found(conn) == {"licence_twice": twice, "licence_elsewhere": {here, there}}
    assert found(conn, Scope.county(CITY)) == {"licence_twice": twice}


def step(conn: Connection, item: int, name: str, day: date, actor: str | None = "甲") -> int:
    row = {
        "rectification_id": item,
        "county_code": CITY,
        "happened_on": day,
        "step": name,
        "actor": actor,
        "received_by_us_on": EARLIER,
    }
    key = conn.execute(insert(schema.rectification_event).values(row)).inserted_primary_key
    return int(key[0])


def test_item_that_its_submitter_closed_is_found(conn: Connection) -> None:
    sound = SOUND["rectification"] | CLOSED
    alone = make.rectification(conn, **sound, verified_by="甲")
    step(conn, alone, "submit", before(21), actor=" 甲")
    by_two = make.rectification(conn, **sound, verified_by="乙")
    step(conn, by_two, "submit", before(21))
    step(conn, by_two, "close", before(20), actor="乙")

    assert found(conn) == {"item_closed_alone": {alone}}


def test_overdue_item_is_idle_from_its_last_step(conn: Connection) -> None:
    late = SOUND["rectification"] | {"due_on": before(40), "opened_on": before(60)}
    idle, active = (make.rectification(conn, **late) for _ in range(2))
    step(conn, idle, "assign", before(31))
    step(conn, active, "assign", before(30))
    step(conn, idle, "submit", THURSDAY + timedelta(days=1))  # not known of on the day

    assert found(conn)["item_idle"] == {idle}


def test_step_before_its_item_and_without_an_actor_are_found(conn: Connection) -> None:
    item = make.rectification(conn, **SOUND["rectification"])
    early = step(conn, item, "assign", EARLIER - timedelta(days=1), actor=None)
    nobody = step(conn, item, "submit", EARLIER, actor=" ")
    step(conn, item, "register", EARLIER, actor=None)

    assert found(conn) == {"step_early": {early}, "step_no_actor": {nobody}}


def test_lines_of_a_list_are_found_where_they_repeat_or_say_nothing(conn: Connection) -> None:
    def line(source: str = "moe", **columns: Any) -> int:
        row = {
            "source": source,
            "county_code": CITY,
            "name": "甲",
            "name_key": "甲",
            "received_by_us_on": EARLIER,
        }
        key = conn.execute(insert(schema.roster_entry).values(row | columns)).inserted_primary_key
        return int(key[0])

    twice = {line(credit_code=CODE), line(credit_code=CODE)}
    line("platform", credit_code=CODE)
    line(credit_code=CODE, county_code=SOUTH)
    nothing = line()
    line(phone="10000000001")

    assert found(conn) == {"roster_twice": twice, "roster_untraceable": {nothing}}


def test_what_was_sent_without_a_file_and_done_without_evidence_is_found(conn: Connection) -> None:
    def add(table: Any, **columns: Any) -> int:
        row = {"county_code": CITY, "received_by_us_on": EARLIER} | columns
        return int(conn.execute(insert(table).values(row)).inserted_primary_key[0])

    sent = {"document": "summary", "due_on": THURSDAY, "submitted_on": THURSDAY}
    bare = add(schema.submission, **sent, period="2022-08-18")
    add(schema.submission, **sent, period="2022-08-25", sha256="0" * 64)
    add(schema.submission, document="case", due_on=THURSDAY, period="2022-08-18")
    done = add(schema.county_action, duty="plan", done_on=THURSDAY, evidence=" ")
    add(schema.county_action, duty="hotline", done_on=THURSDAY, evidence="公告")
    add(schema.county_action, duty="mailbox")

    assert found(conn) == {"submission_no_file": {bare}, "action_no_evidence": {done}}
    assert found(conn, categories=("arts",)) == {}


def test_rows_are_counted_once_a_table_and_as_often_as_rules_look(conn: Connection) -> None:
    known = make.institution(conn, **SOUND["institution"])
    make.report(conn, **SOUND["report"], institution_id=known, institution_name="甲")
    make.report(conn, county_code=SOUTH, status="substantiated", verified_on=THURSDAY)
    make.dispute(conn)

    counts = looked(conn)

    assert counts[EVERY_ROW] == 4
    assert counts["report_no_place"] == 2
    assert counts["report_unknown_institution"] == 1
    assert counts["report_verified_early"] == 1
    assert counts["report_open_long"] == 1
    assert "dispute_no_route" not in counts
    assert looked(conn, Scope.county(SOUTH))[EVERY_ROW] == 1
    assert looked(conn, categories=("arts",))[EVERY_ROW] == 2
    assert looked(conn, categories=("sports",)) == {}


def test_plain_counts_are_the_counts_of_all_rows(conn: Connection) -> None:
    one = qualified(conn)
    item = make.rectification(conn, institution_id=one)
    step(conn, item, "register", EARLIER)
    make.report(conn)
    make.inspection(conn, county_code=SOUTH)
    for known_on in (None, THURSDAY, before(1)):
        asked = {"scope": Scope.city(), "as_of": THURSDAY, "known_on": known_on}
        counts = data_quality.checked(conn, **asked, limits=LIMITS)
        plain = data_quality.row_counts(conn, **asked)

        every = counts[counts["rule"] == EVERY_ROW]
        assert sorted(every.itertuples(index=False)) == sorted(plain.itertuples(index=False))


def test_places_and_codes_are_those_that_say_one(conn: Connection) -> None:
    at = {"longitude": 109.4, "latitude": 24.3}
    one = make.institution(conn, **at, credit_code=CODE)
    make.institution(conn)
    report = make.report(conn, **at, county_code=SOUTH, report_no="甲")
    make.report(conn, **at)
    kept(conn, "violation_report", "甲", "status", "assigned", THURSDAY)

    asked: dict[str, Any] = {"as_of": THURSDAY, "changed_since": before(1)}
    places = data_quality.places(conn, scope=Scope.city(), **asked)
    codes = data_quality.codes(conn, scope=Scope.city(), as_of=THURSDAY)

    assert set(zip(places["table"], places["id"], strict=True)) == {
        ("institution", one),
        ("violation_report", report),
    }
    assert codes[["table", "id", "credit_code"]].to_numpy().tolist() == [["institution", one, CODE]]
    of_county = data_quality.places(conn, scope=Scope.county(CITY), **asked)
    assert of_county["id"].tolist() == [one]


def test_judged_rows_come_back_with_those_that_rules_find(conn: Connection) -> None:
    one, other = (make.institution(conn, **SOUND["institution"]) for _ in range(2))

    frames = data_quality.findings(
        conn,
        scope=Scope.city(),
        as_of=THURSDAY,
        limits=LIMITS,
        changed_since=THURSDAY,
        judged={"institution": (one,)},
    )

    assert frames["institution"]["id"].tolist() == [one]
    assert other not in frames["institution"]["id"].tolist()


def kept(
    conn: Connection,
    table: str,
    key: object,
    column: str,
    old: str | None,
    on: date,
    county_code: str = CITY,
) -> None:
    conn.execute(
        insert(schema.row_change).values(
            table_name=table,
            row_key=str(key),
            county_code=county_code,
            column_name=column,
            old_value=old,
            new_value="?",
            email="甲@example.org",
            changed_on=on,
        )
    )


def test_rows_are_known_again_as_they_were(conn: Connection) -> None:
    long_ago = {"received_by_us_on": EARLIER, "opened_on": EARLIER}
    number = {
        "dispute_no": "TF-1",
        "institution_id": make.institution(conn, **SOUND["institution"]),
    }
    mended = make.dispute(conn, **long_ago, **RESOLVED, **number)
    # The first value after the day is the one of the day; earlier changes do not matter.
    kept(conn, "refund_dispute", "TF-1", "route", "legal", before(9))
    kept(conn, "refund_dispute", "TF-1", "route", None, before(3))
    kept(conn, "refund_dispute", "TF-1", "route", "refund", before(1))

    assert found(conn) == {}
    assert found(conn, known_on=before(2)) == {"dispute_refund_missing": {mended}}
    # What was replaced on a day was known on it.
    assert found(conn, known_on=before(3)) == {"dispute_refund_missing": {mended}}
    assert found(conn, known_on=before(7)) == {"dispute_no_route": {mended}}


def test_days_numbers_and_degrees_are_undone_too(conn: Connection) -> None:
    one = make.institution(
        conn, **(SOUND["institution"] | {"students": 5, "teachers": 1, "qualified_on": None})
    )
    kept(conn, "institution", one, "teachers", "0", THURSDAY)
    kept(conn, "institution", one, "platform_registered_on", "2022-06-02", THURSDAY)
    kept(conn, "institution", one, "longitude", "109.5", THURSDAY)
    kept(conn, "institution", one, "latitude", "24.5", THURSDAY)
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY, "changed_since": THURSDAY}
    then = {**asked, "known_on": before(1)}

    frames = data_quality.findings(conn, **then, limits=LIMITS)
    row = frames["institution"].iloc[0]

    assert row["registered_unqualified"]
    assert row["no_teacher"]
    assert row["platform_registered_on"].date() == date(2022, 6, 2)
    places = data_quality.places(conn, **then)
    assert places[["longitude", "latitude"]].to_numpy().tolist() == [[109.5, 24.5]]
    assert data_quality.places(conn, **asked).empty


def test_rows_that_came_later_are_left_out(conn: Connection) -> None:
    make.report(conn, received_on=before(40), received_by_us_on=before(6))

    assert "report_open_long" in found(conn)
    assert found(conn, known_on=before(7)) == {}
    assert "report_open_long" in found(conn, known_on=before(6))


def test_changes_are_told_by_their_last_day(conn: Connection) -> None:
    one = make.institution(conn)
    for day in (before(9), before(3)):
        kept(conn, "institution", one, "teachers", "0", day)
    kept(conn, "institution", one, "name", "甲", THURSDAY)

    changes = data_quality.changed_on(
        conn, scope=Scope.city(), keys={"institution": [str(one)], "inspection": []}
    )

    assert changes[["table", "row_key", "column"]].to_numpy().tolist() == [
        ["institution", str(one), "teachers"]
    ]
    assert changes["changed_on"].dt.date.tolist() == [before(3)]


def test_reports_are_counted_by_county_and_week(conn: Connection) -> None:
    make.report(conn)
    make.report(conn, received_on=before(6))
    make.report(conn, received_on=before(7))
    make.report(conn, received_on=before(7), county_code=SOUTH, received_by_us_on=EARLIER)

    def weeks(**asked: Any) -> list[list[Any]]:
        frame = data_quality.weeks(
            conn, scope=Scope.city(), as_of=THURSDAY, since=before(20), **asked
        )
        return [
            [row.county_code, row.week.date(), row.reports] for row in frame.itertuples(index=False)
        ]

    assert weeks() == [[CITY, before(7), 1], [CITY, THURSDAY, 2], [SOUTH, before(7), 1]]
    assert weeks(known_on=before(1)) == [[SOUTH, before(7), 1]]


def test_rows_of_an_unreleased_plan_are_found_for_nobody_without_them(conn: Connection) -> None:
    (stop,) = make.visit_plan(conn, CITY, status="sealed")
    bare = {"visit_stop_id": stop, "withheld": True, "institution_name": "无此机构"}
    bare |= {"received_by_us_on": EARLIER}
    visit = make.inspection(conn, **bare, **SOUND["inspection"])
    item = make.rectification(conn, withheld=True, institution_name="无此机构")
    step(conn, item, "submit", EARLIER, actor=None)

    assert found(conn) == {}
    assert looked(conn) == {}
    assert found(conn, Scope.city(unreleased=True))["inspection_unknown_institution"] == {visit}

    # Once it is released, it was not known on the days before.
    for table in (schema.inspection, schema.rectification):
        conn.execute(update(table).values(withheld=False))
    number = conn.scalar(
        schema.inspection.select().with_only_columns(schema.inspection.c.inspection_no)
    )
    ledger_no = conn.scalar(
        schema.rectification.select().with_only_columns(schema.rectification.c.ledger_no)
    )
    kept(conn, "inspection", number, "withheld", "True", before(1))
    kept(conn, "rectification", ledger_no, "withheld", "True", before(1))

    assert found(conn)["inspection_unknown_institution"] == {visit}
    assert found(conn, known_on=before(1))["inspection_unknown_institution"] == {visit}
    assert found(conn, known_on=before(2)) == {}


def test_county_finds_its_own_rows_alone(conn: Connection) -> None:
    own = make.report(conn, received_on=before(40))
    make.report(conn, received_on=before(40), county_code=SOUTH)

    assert found(conn, Scope.county(CITY))["report_open_long"] == {own}
    assert found(conn, Scope.county()) == {}
