"""What a page shows of reporters: masked, revealed for one report, hidden again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage
from ui import reporters

SCRIPT = "pages/ledgers/violation_map.py"
WHY = "核实举报内容，联系举报人"
Chosen = dict[str, int | None]


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Chosen:
    """Which row of the list of reports is chosen; AppTest can choose none in a table."""
    rows: Chosen = {"举报线索": None, "无坐标的举报": None}
    show = reporters.tables.show

    class Tables:
        @staticmethod
        def show(built: Any, *, file_name: str, select: bool, **options: Any) -> int | None:
            show(built, file_name=file_name, select=select, **options)
            return rows[file_name] if select else None

    monkeypatch.setattr(reporters, "tables", Tables)
    return rows


def report(database_url: str, number: str) -> tuple[str, str | None]:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as db:
        words = "SELECT summary, reporter_phone FROM violation_report WHERE report_no = ?"
        found: tuple[str, str | None] = db.execute(words, [number]).fetchone()
    return found


def logged(database_url: str) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as db:
        return db.execute(
            "SELECT email, action, target FROM audit_event WHERE action IN ('reveal', 'refused')"
        ).fetchall()


def text(page: AppTest) -> str:
    return "\n".join(each.value for each in page.text)


def number_at(page: AppTest, row: int, table: int = 1) -> str:
    return str(page.dataframe[table].value["线索编号"].iloc[row])


def reveal(page: AppTest, reason: str = WHY) -> AppTest:
    page.text_input[0].set_value(reason)
    button = next(each for each in page.button if each.label == "查看原文")
    return button.click().run()


@pytest.mark.parametrize("account", ["supervisor@demo", "450203@demo"])
def test_chosen_report_shows_that_something_was_said_and_not_what(
    open_page: OpenPage, chosen: Chosen, database_url: str, account: str
) -> None:
    page = open_page(SCRIPT, account)
    assert "线索" not in text(page)
    chosen["举报线索"] = row = next(
        row for row in range(50) if report(database_url, number_at(page, row))[1]
    )
    page.run()

    words, phone = report(database_url, number_at(page, row))
    assert phone is not None
    assert f"线索 {number_at(page, row)}" in text(page)
    assert f"内容已隐去，{len(words)} 字" in text(page)
    assert f"末两位 {phone[-2:]}" in text(page)
    assert words not in text(page)
    assert phone not in text(page)


@pytest.mark.parametrize(("account", "may"), [("supervisor@demo", True), ("450203@demo", False)])
def test_supervisor_alone_is_offered_the_words(
    open_page: OpenPage, chosen: Chosen, account: str, may: bool
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, account)

    assert ("查看原文" in [each.label for each in page.button]) is may
    told = "".join(caption.value for caption in page.caption)
    assert ("只有市督查组可以查看" in told) is not may


def test_leader_can_choose_no_report_and_sees_nothing_of_reporters(
    open_page: OpenPage, chosen: Chosen
) -> None:
    chosen["举报线索"] = 0

    page = open_page(SCRIPT, "leader@demo", unplaced="true")

    everything = text(page) + "".join(caption.value for caption in page.caption)
    assert "隐去" not in everything
    assert "举报内容" not in everything
    assert "线索 " not in everything


def test_administrator_has_no_such_page(open_page: OpenPage) -> None:
    assert not open_page(SCRIPT, "admin@demo").dataframe


def test_words_are_shown_for_the_one_report_and_hidden_when_another_is_chosen(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, "supervisor@demo")
    number = number_at(page, 0)
    words, _ = report(database_url, number)

    reveal(page)
    assert words in text(page)
    assert "已记入访问日志" in "".join(caption.value for caption in page.caption)
    assert logged(database_url) == [("supervisor@demo", "reveal", number)]
    page.run()
    assert words in text(page)
    assert number not in str(page.query_params)
    assert not page.text_input

    chosen["举报线索"] = 1
    page.run()
    other, _ = report(database_url, number_at(page, 1))
    assert words not in text(page)
    assert other not in text(page)

    chosen["举报线索"] = 0
    page.run()
    assert words not in text(page)
    assert len(logged(database_url)) == 1


def test_words_are_hidden_when_nothing_is_chosen_or_by_the_button(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, "supervisor@demo")
    words, _ = report(database_url, number_at(page, 0))
    for hide in ("nothing chosen", "button"):
        reveal(page)
        assert words in text(page)
        if hide == "button":
            [button] = [each for each in page.button if each.label == "隐去原文"]
            button.click().run()
        else:
            chosen["举报线索"] = None
            page.run()
            chosen["举报线索"] = 0
            page.run()
        assert words not in text(page)
        assert "内容已隐去" in text(page)


def test_one_report_at_a_time_also_with_two_lists(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    chosen.update({"举报线索": 0, "无坐标的举报": 0})
    page = open_page(SCRIPT, "supervisor@demo", unplaced="true")
    first, _ = report(database_url, number_at(page, 0))
    second, _ = report(database_url, number_at(page, 0, table=2))
    assert first != second

    reveal(page)
    assert first in text(page)
    reveal(page)  # what is left to ask for is the other one

    assert second in text(page)
    assert first not in text(page)


def test_one_report_chosen_in_both_lists_is_shown_in_the_one_that_was_asked(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    page = open_page(SCRIPT, "supervisor@demo", unplaced="true")
    listed = page.dataframe[1].value["线索编号"].tolist()
    unplaced = page.dataframe[2].value["线索编号"].tolist()
    number = next(number for number in unplaced if number in listed)
    chosen.update({"举报线索": listed.index(number), "无坐标的举报": unplaced.index(number)})
    page.run()
    assert not page.exception

    reveal(page)

    assert text(page).count(report(database_url, number)[0]) == 1
    assert not page.exception


def test_other_words_narrow_to_nothing_that_was_revealed(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, "supervisor@demo")
    words, _ = report(database_url, number_at(page, 0))
    reveal(page)

    page.multiselect(key="type").set_value(["一对一"]).run()

    assert words not in text(page)


@pytest.mark.parametrize("reason", ["", "看看"])
def test_without_a_reason_nothing_is_shown(
    open_page: OpenPage, chosen: Chosen, database_url: str, reason: str
) -> None:
    chosen["举报线索"] = 0
    page = reveal(open_page(SCRIPT, "supervisor@demo"), reason)

    assert "5 到 200 个字" in page.error[0].value
    assert "内容已隐去" in text(page)
    assert logged(database_url) == []


def test_without_the_log_nothing_is_shown(
    open_page: OpenPage, chosen: Chosen, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, "supervisor@demo")
    words, _ = report(database_url, number_at(page, 0))
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, ''); END"
        )

    reveal(page)

    assert "访问日志写不进去" in page.error[0].value
    assert "编号" in page.error[0].value
    assert words not in text(page)


def test_words_of_one_account_are_not_left_to_the_next(
    open_page: OpenPage, chosen: Chosen, database_url: str
) -> None:
    chosen["举报线索"] = 0
    page = open_page(SCRIPT, "supervisor@demo")
    words, _ = report(database_url, number_at(page, 0))
    reveal(page)

    page.query_params["as"] = "leader@demo"
    page.run()

    assert words not in text(page)
