"""会议简报: what stands on the page stands in its files; decisions and frozen weeks are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from analysis.briefing_content import Bars, Briefing, Lines
from data_access.engine import get_engine
from data_access.schema import decision, weekly_snapshot
from tests.pages.conftest import Files, OpenPage
from tests.pages.elements import found_in
from tests.pages.test_downloads import logged
from tests.ui.reading_back import missing, texts_of_pdf, texts_of_slides, texts_of_word
from ui import meeting
from ui.formatting import plain

PAGE = "pages/city/briefing.py"
LEADER, SUPERVISOR, COUNTY = "leader@demo", "supervisor@demo", "450224@demo"
FROZEN = {"basis": "会上冻结", "day": "2022-08-18"}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Briefing]:
    """What the pages of this test are drawn from."""
    kept: list[Briefing] = []
    write = meeting.written

    def remember(*asked: Any) -> Briefing | None:
        found = write(*asked)
        if found is not None:
            kept.append(found)
        return found

    monkeypatch.setattr(meeting, "written", remember)
    return kept


def said(briefing: Briefing) -> Iterator[str]:
    """Every text and every written number of a briefing."""
    for section in briefing.sections:
        yield section.title
        for tile in section.tiles:
            yield from filter(None, (tile.label, tile.value, tile.change, tile.note))
        if isinstance(section.chart, Bars):
            for bar in section.chart.bars:
                yield from (bar.name, bar.written)
        if section.grid is not None:
            for row in (section.grid.headers, *section.grid.rows):
                yield from row
        yield from section.notes
        yield section.source


def in_any_order(texts: list[str], wanted: Iterator[str]) -> list[str]:
    """What is wanted and stands nowhere in the texts."""
    return [words for words in wanted if missing(texts, [words])]


@pytest.mark.parametrize(
    ("account", "address"),
    [(LEADER, {}), (SUPERVISOR, FROZEN), (COUNTY, {})],
    ids=["city", "frozen", "county"],
)
def test_page_and_its_three_files_say_the_same(
    open_page: OpenPage,
    files: Files,
    written: list[Briefing],
    account: str,
    address: dict[str, str],
) -> None:
    page = open_page(PAGE, account, **address)
    assert not page.exception
    (briefing,) = written
    wanted = list(dict.fromkeys(said(briefing)))
    assert len(briefing.sections) >= 5

    made = {name.rpartition(".")[2]: make() for name, make in files.items() if "简报" in name}
    read = {
        "pdf": texts_of_pdf(made["pdf"]),
        "docx": texts_of_word(made["docx"]),
        "pptx": texts_of_slides(made["pptx"]),
    }

    for ending, texts in read.items():
        assert (ending, in_any_order(texts, iter(wanted))) == (ending, [])
    shown = found_in(page, [*wanted, *map(plain, wanted)])
    assert [words for words in wanted if words not in shown and plain(words) not in shown] == []


def test_lines_of_the_page_are_the_points_of_the_content(
    open_page: OpenPage, written: list[Briefing]
) -> None:
    open_page(PAGE, LEADER)

    [lines] = [s.chart for b in written for s in b.sections if isinstance(s.chart, Lines)]
    assert len(lines.weeks) == 13
    assert lines.provisional >= 1  # five counties report every second week


def test_file_is_logged_with_its_basis(open_page: OpenPage, files: Files) -> None:
    open_page(PAGE, LEADER, **FROZEN)
    [name] = [name for name in files if name.endswith(".pdf")]

    files[name]()

    [event] = logged()
    assert name == "柳州市校外培训治理会议简报（演示数据，均为虚构）_全市_2022-08-18.pdf"
    assert event["target"] == "会议简报"
    assert event["detail"]["what"] == "会议简报（pdf，会上冻结）"
    assert event["detail"]["filters"] == {"统计日期": "2022-08-18", "口径": "会上冻结"}


def test_week_that_nobody_froze_says_so_and_offers_no_file(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(PAGE, LEADER, basis="会上冻结")

    assert [each.value for each in page.info] == [
        "8 月 25 日这一周的数字还没有冻结。请改看“现在所知”，或由督查组在会议简报页冻结。"
    ]
    assert not [name for name in files if "简报" in name]


def test_leader_reads_decisions_and_changes_none(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER)

    assert "会议决定 7 项，未完成 4 项，其中逾期 2 项" in [each.value for each in page.subheader]
    labels = [button.label for button in page.button]
    assert not {"保存", "登记完成", "冻结 8 月 25 日这一周"} & set(labels)


def test_county_reads_the_decisions_that_concern_it_and_no_others(open_page: OpenPage) -> None:
    page = open_page(PAGE, COUNTY)

    assert found_in(page, ["登记覆盖率低于全市，派工作组核查未登记机构"])
    assert found_in(page, ["丁亥机器人培训中心退费纠纷约谈举办者", "逐家写明卡在哪一项"]) == {}


def new_decision(page: AppTest, what: str, owner: str) -> AppTest:
    page.text_area[0].set_value(what)
    [owner_box] = [each for each in page.text_input if each.label == "责任人"]
    owner_box.set_value(owner)
    return press(page, "保存")


def press(page: AppTest, label: str) -> AppTest:
    [button] = [each for each in page.button if each.label == label]
    return button.click().run()


def stored(what: str) -> Any:
    with get_engine().connect() as conn:
        return conn.execute(select(decision).where(decision.c.what == what)).one_or_none()


def test_supervisor_records_a_decision_and_it_is_listed(open_page: OpenPage) -> None:
    page = open_page(PAGE, SUPERVISOR)

    page = new_decision(page, "融水县补齐合同备案", "市教育局")

    assert [each.value for each in page.success] == ["已登记。"]
    row = stored("融水县补齐合同备案")
    assert (row.owner, row.kind, row.county_code) == ("市教育局", "decision", None)
    assert row.created_by == SUPERVISOR
    assert "会议决定 8 项，未完成 5 项，其中逾期 2 项" in [each.value for each in page.subheader]
    assert [event["email"] for event in logged("decision_record")] == [SUPERVISOR]


def test_decision_without_an_owner_is_refused_in_words(open_page: OpenPage) -> None:
    page = open_page(PAGE, SUPERVISOR)

    page = new_decision(page, "没有人负责的决定", "")

    assert [each.value for each in page.error] == ["请填写责任人"]
    assert stored("没有人负责的决定") is None


def test_supervisor_freezes_the_week_once(open_page: OpenPage) -> None:
    page = open_page(PAGE, SUPERVISOR)

    page = press(page, "冻结 8 月 25 日这一周")

    [told] = [each.value for each in page.success]
    assert told.startswith("8 月 25 日这一周的 ")
    assert told.endswith(" 个数字已冻结。")
    with get_engine().connect() as conn:
        week = weekly_snapshot.c.week == date(2022, 8, 25)
        before = conn.execute(select(weekly_snapshot).where(week)).all()
    assert len({row.county_code for row in before}) == 12
    assert "8 月 25 日会上的数字至今没有变化" in [each.value for each in page.subheader]
    page = press(page, "重新冻结")
    assert "重新冻结须写明原因" in page.error[0].value
    with get_engine().connect() as conn:
        assert conn.execute(select(weekly_snapshot).where(week)).all() == before


def test_what_changed_since_the_meeting_is_listed_with_its_reason(open_page: OpenPage) -> None:
    page = open_page(PAGE, COUNTY)

    [title] = [each.value for each in page.subheader if "会上的数字" in each.value]
    assert title.startswith("8 月 18 日会上的数字此后有 ")
    assert title.endswith(" 个变化，涉及 1 个县区")
    assert found_in(page, ["迟报 1 行（8 月 25 日收到）"])


def test_files_that_changed_a_figure_are_named_to_those_who_import_alone(
    open_page: OpenPage,
) -> None:
    named = ["20220825-城区及新区机构台账.xlsx"]

    assert found_in(open_page(PAGE, SUPERVISOR), named)
    assert found_in(open_page(PAGE, LEADER), named) == {}


def test_briefing_of_a_supervisor_is_the_one_that_leaders_read(
    open_page: OpenPage, written: list[Briefing]
) -> None:
    open_page(PAGE, LEADER)
    open_page(PAGE, SUPERVISOR)

    leaders, supervisors = written
    assert leaders == supervisors
