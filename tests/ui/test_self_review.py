# ruff: noqa: S608
"""A county against the plan: by hand on a small city, by plain SQL on the sample, as a workbook."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, select, update

from analysis.self_review import JUDGEMENTS
from data_access import schema, versions
from data_access.engine import connect_to
from data_access.ledgers.importing import Imported, import_file
from data_access.ledgers.storing import Sender
from data_access.ledgers.workbooks import TO_DO
from data_access.reference import UNITS
from data_access.scope import Scope
from tests import factories as make
from tests.databases import sample_database
from tests.factories import CITY, SOUTH, THURSDAY
from tests.review_city import fill
from tests.workers import shared_folder
from ui import self_review

NAMES = {unit.code: unit.name for unit in UNITS}
CLERK = Sender("450202@demo", CITY, is_county_account=True)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Engine]:
    """The small city. Not to be written to for good."""
    with engine.connect() as conn:
        path = tmp_path_factory.mktemp("review") / "city.db"
        conn.exec_driver_sql(f"VACUUM INTO '{path}'")
    small = connect_to(f"sqlite:///{path}")
    with small.begin() as conn:
        fill(conn)
    yield small
    small.dispose()


@pytest.fixture(scope="module")
def view(city: Engine) -> self_review.View:
    return judged(city)


def judged(engine: Engine, county: str = CITY, as_of: date = THURSDAY) -> self_review.View:
    with engine.connect() as conn:
        return self_review.build(conn, scope=Scope.county(county), as_of=as_of, with_medians=False)


def line(view: self_review.View, title: str) -> tuple[str, str, str]:
    """What the checklist says of an indicator: figure, change since last week, judgement."""
    row = view.lines[view.lines["title"] == title].iloc[0]
    return row["written"], row["change_written"], row["judgement"]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        # 9 of 12; a week ago 8 of 13, with the one that is gone since.
        ("登记覆盖率", ("75.0%（9/12）", "+13.5 个百分点（好转）", "未达到")),
        ("合格登记率", ("90.0%（9/10）", "+10.0 个百分点（好转）", "未达到")),
        # One of four open; a week ago the closed one was open and two days late.
        ("整改逾期占比", ("50.0%（2/4）", "+30.0 个百分点（变差）", "未达到")),
        ("整改销号率", ("20.0%（1/5）", "+20.0 个百分点（好转）", "未达到")),
        ("反弹率", ("—", "—", "达到")),
        # Thirteen in operation with the subject one; eleven looked at, the eleventh not in two.
        ("七项核查完成率", ("76.9%（10/13）", "+5.5 个百分点（好转）", "未达到")),
        ("办学资质核查率", ("84.6%（11/13）", "+6.0 个百分点（好转）", "未达到")),
        ("师资聘任核查率", ("76.9%（10/13）", "+5.5 个百分点（好转）", "未达到")),
        ("预收费监管登记率", ("100.0%（12/12）", "+7.7 个百分点（好转）", "达到")),
        ("预收费监管率", ("46.2%（6/13）", "+3.3 个百分点（好转）", "未达到")),
        ("示范合同使用率", ("23.1%（3/13）", "+1.6 个百分点（好转）", "未达到")),
        ("举报核查完成率", ("75.0%（3/4）", "持平", "未达到")),
        ("隐形变异举报核查率", ("50.0%（1/2）", "持平", "未达到")),
        ("隐形变异属实", ("1 件", "持平", "无定数")),
        ("收费举报核查率", ("100.0%（1/1）", "持平", "达到")),
        ("网格巡查线索", ("1 件", "持平", "达到")),
        ("有举报的渠道", ("2 种", "持平", "无定数")),
        # One of four; a week ago one of three.
        ("联合检查占比", ("25.0%（1/4）", "−8.3 个百分点（变差）", "无定数")),
        ("联合检查", ("1 次", "持平", "达到")),
        ("“四不两直”检查", ("1 次", "持平", "达到")),
        ("未化解纠纷", ("3 件", "+1 件（变差）", "无定数")),
        ("未化解涉及学生", ("42 人", "+40 人（变差）", "无定数")),
        ("一企一策没有方案", ("100.0%（1/1）", "—", "未达到")),
        ("纠纷化解率", ("25.0%（1/4）", "+25.0 个百分点（好转）", "未达到")),
        ("排查途径", ("0 种", "持平", "未达到")),
        ("名单比对完成率", ("—", "—", "无数据")),
        # Three of thirteen, a week ago of fourteen; nobody since July.
        ("安全检查率", ("23.1%（3/13）", "+1.6 个百分点（好转）", "未达到")),
        ("违规竞赛检查率", ("0.0%（0/13）", "持平", "未达到")),
        # The item of one was closed since.
        ("专项检查发现未销号", ("50.0%（1/2）", "−50.0 个百分点（好转）", "未达到")),
        # Three this week: one of too many lessons, one outside the account.
        ("预收费入账率", ("66.7%（2/3）", "—", "未达到")),
        ("超时长收费占比", ("33.3%（1/3）", "—", "未达到")),
        ("违规预收费占比", ("66.7%（2/3）", "—", "未达到")),
        ("停业仍有预收款机构", ("0 家", "持平", "达到")),
        ("收费登记率", ("—", "—", "无数据")),
        ("疑似涨价机构", ("—", "—", "无数据")),
        ("可公布价格监测", ("—", "—", "无数据")),
        ("退费预警", ("0 个", "持平", "无定数")),
        ("行动方案", ("7 月 8 日完成，佐证：柳城双减〔2022〕1号", "—", "达到")),
        ("举报电话", ("尚未登记", "—", "待登记")),
        ("联系人", ("尚未登记", "—", "未达到")),
        ("每周报表", ("到期 8 份，已报 7 份", "—", "待登记")),
        ("工作总结", ("到期 2 份，已报 0 份", "—", "未达到")),
        ("假注销、真运营", ("由市督查组掌握和核查，本页不列数", "—", "市级掌握")),
    ],
)
def test_line_is_what_is_worked_out_by_hand(
    view: self_review.View, title: str, said: tuple[str, str, str]
) -> None:
    assert line(view, title) == said


def test_share_over_nothing_is_no_data_but_for_what_would_be_bad(view: self_review.View) -> None:
    found = view.lines[view.lines["written"] == "—"].groupby("title")["judgement"].agg(set)

    assert found["反弹率"] == {"达到"}
    assert all(judgements == {"无数据"} for judgements in found.drop("反弹率"))


def test_every_clause_has_a_line_and_every_line_a_judgement(view: self_review.View) -> None:
    assert view.lines[["no", "clause"]].drop_duplicates().shape[0] == 38
    assert set(view.lines["judgement"]) <= set(JUDGEMENTS)


def test_what_is_to_do_stands_in_the_order_of_urgency(view: self_review.View) -> None:
    rows = view.rows[["kind", "what", "urgency"]].itertuples(index=False)

    assert [tuple(row) for row in rows] == [
        ("send", "7 月 29 日前典型案例", "逾期 27 天"),
        ("send", "7 月 29 日前工作总结", "逾期 27 天"),
        ("send", "7 月 29 日前联系人回执", "逾期 27 天"),
        ("record", "联系人", "逾期 27 天"),
        ("send", "8 月 18 日前典型案例", "逾期 7 天"),
        ("send", "8 月 18 日前工作总结", "逾期 7 天"),
        ("close", "ZG-LATE", "逾期 1 天"),
        ("close", "ZG-TODAY", "今日到期"),
        ("send", "8 月 25 日一周报表", "今日到期"),
        ("dispute", "TF-WATCHED", "已等 5 天"),
        ("dispute", "TF-OLD", "已等 60 天"),
        ("register", "甲10", "已等 36 天"),
        ("verify", "甲11", "已等 85 天"),
        ("verify", "甲12", "已等 85 天"),
    ]
    assert view.rows["detail"].tolist()[-2:] == [
        "还没有核查：师资聘任、场地条件",
        "还没有核查：全部 7 项",
    ]


def test_headline_says_what_must_be_in_before_thursday(view: self_review.View) -> None:
    assert view.headline == (
        "8 月 25 日（周四）前要办：整改销号 2 件（逾期 1 件）、材料报送 6 份（逾期 5 份）、"
        "行动机制 1 项（逾期 1 项）；另有未规定期限的待办："
        "退费纠纷 2 件（不含诉讼中的）、平台登记 1 家、资质核查 2 家；"
        "已申请销号 1 件，待市督查组复核"
    )


def test_item_due_after_the_thursday_waits_for_its_week(city: Engine) -> None:
    day_before, day_after = (
        set(judged(city, as_of=THURSDAY + timedelta(days=days)).rows["what"]) for days in (-1, 1)
    )

    assert "ZG-LATER" not in day_before
    assert "ZG-LATER" in day_after


def test_county_without_anything_has_nothing_to_do_but_what_the_plan_asks(city: Engine) -> None:
    view = judged(city, make.NEW_AREA)

    assert set(view.rows["kind"]) == {"send", "record"}
    assert line(view, "登记覆盖率") == ("—", "—", "无数据")


# The workbook


@pytest.fixture
def own(city: Engine, tmp_path: Path) -> Iterator[Engine]:
    """The small city, this test's own."""
    with city.connect() as conn:
        conn.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'own.db'}'")
    engine = connect_to(f"sqlite:///{tmp_path / 'own.db'}")
    yield engine
    engine.dispose()


def workbook(engine: Engine, county: str = CITY) -> openpyxl.Workbook:
    with engine.connect() as conn:
        data = self_review.workbook_of(
            conn,
            scope=Scope.county(county),
            as_of=THURSDAY,
            county=NAMES[county],
            counties=NAMES,
        )
    return openpyxl.load_workbook(BytesIO(data))


def sent(engine: Engine, book: openpyxl.Workbook, sender: Sender = CLERK) -> Imported:
    buffer = BytesIO()
    book.save(buffer)
    return import_file(engine, TO_DO, buffer.getvalue(), file_name="待办.xlsx", sender=sender)


def put(book: openpyxl.Workbook, sheet: str, row: str, **cells: Any) -> None:
    """Fill in cells of the row of a sheet in which a cell says ``row``."""
    page = book[sheet]
    headers = [cell.value for cell in page[1]]
    [found] = [each for each in page.iter_rows(min_row=2) if row in [c.value for c in each]]
    for header, value in cells.items():
        found[headers.index(header)].value = value


def everything(engine: Engine) -> dict[str, list[Any]]:
    tables = ("institution", "verification", "rectification", "refund_dispute", "row_change")
    tables += ("rectification_event",)
    with engine.connect() as conn:
        return {name: conn.execute(select(schema.metadata.tables[name])).all() for name in tables}


def counts(imported: Imported) -> tuple[int, int, int, int]:
    found = imported.report
    return found.rows_read, found.rows_loaded, found.rows_updated, found.rows_rejected


def test_workbook_that_comes_back_as_it_went_changes_nothing(own: Engine) -> None:
    sent(own, workbook(own))  # what is derived anew is derived by now
    with own.connect() as conn:
        version = versions.current(conn)
    held = everything(own)

    imported = sent(own, workbook(own))

    assert counts(imported) == (7, 0, 7, 0)
    assert [problem.problem for problem in imported.report.problems] == ["有 9 行没有填，未导入"]
    assert everything(own) == held
    with own.connect() as conn:
        assert versions.current(conn) == version


def test_workbook_has_a_sheet_a_ledger_and_nothing_of_others(own: Engine) -> None:
    book = workbook(own)

    assert book.sheetnames == ["填写说明", "整改台账", "机构台账", "资质核查", "退费纠纷"]
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert not any("SOUTH" in cell or cell.startswith(("乙", "XT-")) for cell in cells)
    headers = [cell.value for cell in book["整改台账"][1]]
    assert {"台账编号", "县区", "整改状态", "佐证材料", "行版本"} <= set(headers)
    assert not {"复核人", "销号日期"} & set(headers)
    lists = [each.formula1 for each in book["整改台账"].data_validations.dataValidation]
    assert '"已交办,整改中,申请销号"' in lists


def test_one_cell_mended_in_each_sheet_changes_just_that(own: Engine) -> None:
    sent(own, workbook(own))
    book = workbook(own)
    put(book, "整改台账", "ZG-TODAY", 整改状态="已销号", 佐证材料="整改照片两张")
    put(book, "机构台账", "甲10", 平台登记日期=date(2022, 8, 24))
    put(book, "退费纠纷", "TF-WATCHED", 一企一策="是")
    page = book["资质核查"]
    headers = [cell.value for cell in page[1]]
    page.cell(2, headers.index("核查日期") + 1, "2022-08-24")
    page.cell(2, headers.index("核查结果") + 1, "合格")
    held = everything(own)

    imported = sent(own, book)

    assert counts(imported) == (8, 1, 7, 0)
    now = everything(own)
    changed = {
        (change.table_name, change.column_name, change.new_value)
        for change in now["row_change"][len(held["row_change"]) :]
    }
    assert changed == {
        # A county applies for close-out; it does not close.
        ("rectification", "status", "submitted"),
        ("rectification", "evidence", "整改照片两张"),
        ("institution", "platform_registered_on", "2022-08-24"),
        ("refund_dispute", "plan_in_place", "True"),
    }
    assert len(now["verification"]) == len(held["verification"]) + 1
    assert len(imported.batch_ids) == 4


def test_row_that_has_changed_since_is_refused_and_comes_back_in_its_sheet(own: Engine) -> None:
    book = workbook(own)
    with own.begin() as conn:
        table = schema.rectification
        mine = update(table).where(table.c.ledger_no == "ZG-LATE")
        conn.execute(mine.values(responsible_department="教育局", row_version=9))
    put(book, "整改台账", "ZG-LATE", 佐证材料="照片")
    put(book, "退费纠纷", "TF-OLD", 一企一策="是")

    imported = sent(own, book)

    assert imported.report.rows_rejected == 1
    [told] = [p for p in imported.report.problems if p.severity == "error"]
    assert (told.sheet, told.column) == ("整改台账", "行版本")
    assert "下载之后已被改动" in told.problem
    back = openpyxl.load_workbook(BytesIO(imported.rejects_workbook()))
    assert back.sheetnames == ["整改台账"]
    with own.connect() as conn:
        plan = schema.refund_dispute.c
        assert conn.scalar(select(plan.plan_in_place).where(plan.dispute_no == "TF-OLD")) is True

    headers = [cell.value for cell in back["整改台账"][1]]
    back["整改台账"].cell(2, headers.index("行版本") + 1, 9)
    assert counts(sent(own, back)) == (1, 0, 1, 0)


def test_county_cannot_bring_another_county_s_row(own: Engine) -> None:
    held = everything(own)
    book = workbook(own, SOUTH)
    put(book, "整改台账", "ZG-SOUTH-0", 佐证材料="照片")
    put(book, "退费纠纷", "TF-SOUTH-0", 县区="城中区", 一企一策="是")

    imported = sent(own, book)

    assert imported.report.rows_rejected == imported.report.rows_read > 0
    assert everything(own)["row_change"] == held["row_change"]
    assert everything(own)["rectification"] == held["rectification"]


def test_all_ledgers_of_a_workbook_are_stored_or_none(
    own: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = workbook(own)
    put(book, "机构台账", "甲10", 平台登记日期="2022-08-24")
    held = everything(own)

    monkeypatch.setattr("data_access.ledgers.storing.rules.judge", judge_until("refund_dispute"))
    with pytest.raises(RuntimeError):
        sent(own, book)

    assert everything(own) == held


def judge_until(table: str) -> Any:
    from data_access.ledgers import rules

    judge = rules.judge

    def until(draft: Any) -> None:
        if draft.table.name == table:
            raise RuntimeError
        judge(draft)

    return until


# The sample, recounted in plain SQL


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(shared_folder(tmp_path_factory))


IN_OPERATION = (
    "FROM institution WHERE county_code = '450225' AND found_on <= '2022-08-25'"
    " AND (deregistered_on IS NULL OR deregistered_on > '2022-08-25')"
)
OURS = "county_code = '450225'"
SINCE = "BETWEEN '2022-07-01' AND '2022-08-25'"
HIDDEN = (
    "violation_type_group IN ('一对一', '高端家政', '众筹私教', '住家教师', '研学旅行',"
    " '咨询或文化传播名义', '线上直播')"
)
HANDLED = "status IN ('substantiated', 'unsubstantiated') AND verified_on <= '2022-08-25'"
OPEN_ITEM = (
    "FROM rectification r WHERE county_code = '450225' AND NOT withheld AND opened_on <="
    " '2022-08-25' AND (SELECT MAX(CASE WHEN step IN ('register', 'reopen') THEN happened_on END)"
    " > COALESCE(MAX(CASE WHEN step = 'close' THEN happened_on END), '') FROM rectification_event"
    " e WHERE e.rectification_id = r.id AND happened_on <= '2022-08-25')"
)
RECOUNTED = {
    "登记覆盖率": (
        f"SELECT SUM(platform_registered_on <= '2022-08-25'), COUNT(*) {IN_OPERATION}"
        " AND category <> 'subject'"
    ),
    "场地核查率": (
        "SELECT SUM(id IN (SELECT institution_id FROM verification WHERE item = 'premises' AND"
        f" outcome <> 'pending' AND verified_on <= '2022-08-25')), COUNT(*) {IN_OPERATION}"
    ),
    "七项核查完成率": (
        "SELECT SUM(7 = (SELECT COUNT(DISTINCT item) FROM verification v WHERE v.institution_id ="
        f" institution.id AND outcome <> 'pending' AND verified_on <= '2022-08-25')), COUNT(*)"
        f" {IN_OPERATION}"
    ),
    "预收费监管率": (
        f"SELECT SUM(fee_supervision IN ('escrow', 'deposit')), COUNT(*) {IN_OPERATION}"
    ),
    "示范合同使用率": f"SELECT SUM(standard_contract), COUNT(*) {IN_OPERATION}",
    "举报核查完成率": (
        f"SELECT SUM({HANDLED}), COUNT(*) FROM violation_report WHERE {OURS} AND received_on"
        f" {SINCE}"
    ),
    "隐形变异举报核查率": (
        f"SELECT SUM({HANDLED}), COUNT(*) FROM violation_report WHERE {OURS} AND received_on"
        f" {SINCE} AND {HIDDEN}"
    ),
    "联合检查占比": (
        f"SELECT SUM(method = 'joint'), COUNT(*) FROM inspection WHERE {OURS} AND NOT withheld AND"
        f" inspected_on {SINCE}"
    ),
    "整改逾期占比": f"SELECT SUM(due_on < '2022-08-25'), COUNT(*) {OPEN_ITEM}",
    "纠纷化解率": (
        f"SELECT SUM(resolved_on <= '2022-08-25'), COUNT(*) FROM refund_dispute WHERE {OURS} AND"
        " opened_on <= '2022-08-25'"
    ),
    "安全检查率": (
        "SELECT SUM(id IN (SELECT institution_id FROM compliance_check WHERE domain = 'safety' AND"
        f" checked_on {SINCE})), COUNT(*) {IN_OPERATION}"
    ),
    "预收费入账率": (
        f"SELECT SUM(into_escrow), COUNT(*) FROM fee_charge WHERE {OURS} AND charged_on {SINCE}"
    ),
    "超时长收费占比": (
        "SELECT SUM(months > 3 OR lessons > 60 OR (months IS NULL AND course_ends_on >"
        " date(course_starts_on, '+3 months'))), COUNT(*) FROM fee_charge"
        f" WHERE {OURS} AND charged_on {SINCE} AND (months IS NOT NULL OR lessons IS NOT NULL"
        " OR (course_starts_on IS NOT NULL AND course_ends_on IS NOT NULL))"
    ),
    "名单比对完成率": (
        f"SELECT SUM(match_status <> 'unmatched'), COUNT(*) FROM roster_entry WHERE {OURS} AND"
        " received_by_us_on <= '2022-08-25'"
    ),
}


def test_checklist_is_what_plain_sql_counts_on_the_sample(sample: Path) -> None:
    engine = connect_to(f"sqlite:///{sample}")
    view = judged(engine, "450225")
    engine.dispose()

    with closing(sqlite3.connect(sample)) as db:
        counted = {title: db.execute(sql).fetchone() for title, sql in RECOUNTED.items()}

    shown = {title: line(view, title)[0].split("（")[1].rstrip("）") for title in RECOUNTED}
    assert shown == {title: f"{part}/{of}" for title, (part, of) in counted.items()}
    with closing(sqlite3.connect(sample)) as db:
        due = db.execute(
            f"SELECT ledger_no {OPEN_ITEM} AND due_on <= '2022-08-25' AND status <> 'submitted'"
        ).fetchall()
    listed = view.rows.loc[view.rows["kind"] == "close", "what"]
    assert sorted(listed) == sorted(number for (number,) in due)
