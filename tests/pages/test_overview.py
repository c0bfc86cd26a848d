"""全市总览: six figures that can be counted by hand, each county beside the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.by_hand import Ledgers, ends_of_weeks, same_weekday, weeks_back
from tests.pages.conftest import OpenPage
from tests.pages.elements import found_in

PAGE = "pages/city/overview.py"
LAST_DAY = "2022-08-25"
MINUS = "−"


@pytest.fixture(scope="module")
def ledgers(sample: Path) -> Ledgers:
    return Ledgers.read(sample)


def cards(page: AppTest) -> dict[str, tuple[str, str, list[float], str]]:
    """Value, change, course and link of each figure."""
    links = [option.content for option in page.get("button_group")[0].proto.options]
    return {
        card.label: (card.value, card.delta, [round(n, 1) for n in card.proto.chart_data], link)
        for card, link in zip(page.metric, links, strict=True)
    }


def cards_by_hand(ledgers: Ledgers, day: str) -> dict[str, tuple[str, str, list[float], str]]:
    """The same from the rows, written out as officials write them."""
    before = weeks_back(day)

    def of_share(counted: Callable[[str], tuple[int, int]], words: str) -> tuple[str, ...]:
        course = [counted(each) for each in same_weekday(day)]
        (old, _of_old), (part, whole) = course[-2:]
        change = round(100 * (part / whole - old / _of_old), 1) if whole and _of_old else None
        moved = "—" if change is None else f"{signed(change, '.1f')} 个百分点" if change else "持平"
        return (
            f"{part / whole:.1%}" if whole else "—",
            moved,
            [round(100 * n / of, 1) for n, of in course if of],
            f"{words}{part:,}/{whole:,} 家",
        )

    def of_count(counted: Callable[[str], int], days: list[str], unit: str, link: str) -> tuple:
        course, change = [counted(each) for each in days], counted(day) - counted(before)
        moved = f"{signed(change, ',.0f')} {unit}" if change else "持平"
        return f"{course[-1]:,} {unit}", moved, [float(n) for n in course], link

    days, weeks = same_weekday(day), ends_of_weeks(day)
    yuan = ledgers.disputed_yuan(day)
    true, verified = ledgers.verified_of_week(day)
    rate = f"{true / verified:.1%}（{true}/{verified}）" if verified else "—"
    of_verified = f"核实率 {rate}"
    return {
        "登记覆盖率": of_share(ledgers.coverage, ""),
        "合格登记率": of_share(ledgers.qualified_coverage, "合格 "),
        "整改未销号": of_count(
            lambda each: len(ledgers.open_items(each)),
            days,
            "件",
            f"其中逾期 {ledgers.overdue_items(day)} 件",
        ),
        "退费未化解": of_count(
            lambda each: len(ledgers.open_disputes(each)),
            days,
            "件",
            f"涉及 {yuan / 10_000:,.1f} 万元" if yuan >= 10_000 else f"涉及 {yuan:,.0f} 元",
        ),
        "本周举报": of_count(ledgers.reports_of_week, weeks, "件", of_verified),
        "本周检查": of_count(
            lambda each: len(ledgers.inspections_of_week(each)), weeks, "次", "检查明细"
        ),
    }


def signed(change: float, form: str) -> str:
    return f"{'+' if change > 0 else MINUS}{abs(change):{form}}"


def county_table(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


@pytest.mark.parametrize("day", [LAST_DAY, "2022-08-10", "2022-06-03"])  # Thu, Wed, Fri
@pytest.mark.parametrize(
    "account",
    ["leader@demo", pytest.param("supervisor@demo", marks=pytest.mark.soak), "450224@demo"],
)
def test_six_figures_are_those_counted_by_hand(
    open_page: OpenPage, ledgers: Ledgers, account: str, day: str
) -> None:
    """The sample has no plans: supervisors, in the soak, are shown what leaders are."""
    own = ledgers.of("450224" if account.startswith("450224") else None)

    page = open_page(PAGE, account, **({} if day == LAST_DAY else {"day": day}))

    assert cards(page) == cards_by_hand(own, day)
    assert not page.exception
    assert not page.error


def test_table_has_each_county_s_own_figures_in_the_city_s_order(
    open_page: OpenPage, ledgers: Ledgers, county_codes: dict[str, str]
) -> None:
    table = county_table(open_page(PAGE, "leader@demo")).set_index("县区")

    assert table.index.tolist() == list(county_codes.values())
    for code, name in county_codes.items():
        own, row = ledgers.of(code), table.loc[name]
        registered, operating = own.coverage(LAST_DAY)
        qualified_registered, qualified = own.qualified_coverage(LAST_DAY)
        true, verified = own.verified_of_week(LAST_DAY)
        assert row["登记覆盖率"] == pytest.approx(100 * registered / operating)
        assert row["合格登记率"] == pytest.approx(100 * qualified_registered / qualified)
        assert row["涉及金额（元）"] == own.disputed_yuan(LAST_DAY)
        assert row.drop(["登记覆盖率", "合格登记率", "涉及金额（元）"]).to_dict() == {
            "已登记/在营": f"{registered}/{operating}",
            "已登记/合格": f"{qualified_registered}/{qualified}",
            "整改未销号（件）": len(own.open_items(LAST_DAY)),
            "其中逾期（件）": own.overdue_items(LAST_DAY),
            "退费未化解（件）": len(own.open_disputes(LAST_DAY)),
            "本周举报（件）": own.reports_of_week(LAST_DAY),
            "属实/已核实": f"{true}/{verified}" if verified else "—",
            "本周检查（次）": len(own.inspections_of_week(LAST_DAY)),
            "预收费监管": "{}/{}".format(*own.supervised(LAST_DAY)),
            "检查未销号": own.open_findings(LAST_DAY, "2022-07-01"),
        }


def test_county_reads_no_name_of_another_county_or_its_institutions(
    open_page: OpenPage, secrets_of_others: set[str], county_codes: dict[str, str]
) -> None:
    for rows in ({}, {"rows": "检查明细"}):
        page = open_page(PAGE, "450224@demo", **rows)
        assert found_in(page, secrets_of_others) == {}
        assert county_codes["450224"] in found_in(page, county_codes.values())


def test_leader_reads_every_county_in_table_and_filter(
    open_page: OpenPage, county_codes: dict[str, str]
) -> None:
    found = found_in(open_page(PAGE, "leader@demo"), county_codes.values())

    assert all({"dataframe", "multiselect"} <= set(found[name]) for name in county_codes.values())


def test_address_opens_the_narrowed_view_and_the_filters_show_it(
    open_page: OpenPage, ledgers: Ledgers
) -> None:
    page = open_page(
        PAGE, "leader@demo", day="2022-08-10", county=["柳南区"], category=["文化艺术"]
    )

    assert cards(page) == cards_by_hand(ledgers.of("450204", "arts"), "2022-08-10")
    assert county_table(page)["县区"].tolist() == ["柳南区"]
    assert str(page.date_input(key="day").value) == "2022-08-10"
    assert page.multiselect(key="county").value == ["450204"]
    assert page.multiselect(key="category").value == ["arts"]
    assert "柳南区" in page.subheader[0].value


def test_county_in_the_address_that_is_not_the_reader_s_changes_nothing(
    open_page: OpenPage, ledgers: Ledgers
) -> None:
    page = open_page(PAGE, "450224@demo", county=["柳南区", "450204"])

    assert cards(page) == cards_by_hand(ledgers.of("450224"), LAST_DAY)
    assert county_table(page)["县区"].tolist() == ["融安县"]
    assert "县区" not in {box.label for box in page.multiselect}


@pytest.mark.parametrize("account", ["leader@demo", "450224@demo"])
def test_details_list_the_inspections_of_the_week_up_to_the_day(
    open_page: OpenPage, ledgers: Ledgers, account: str
) -> None:
    own = ledgers.of("450224" if account.startswith("450224") else None)
    page = open_page(PAGE, account, day="2022-08-23")

    page.get("button_group")[0].set_value("检查明细").run()

    listed = page.dataframe[0].value
    week = own.inspections_of_week("2022-08-23")
    assert sorted(listed["检查编号"]) == sorted(row["inspection_no"] for row in week)
    assert listed["检查日期"].is_monotonic_decreasing
    assert {"暗访", "日常检查", "联合执法"} >= set(listed["检查方式"])
    assert page.metric[5].value == f"{len(listed)} 次"


@pytest.mark.parametrize(
    ("figure", "title", "rows"),
    [
        ("登记覆盖率", "登记覆盖", None),
        ("合格登记率", "登记覆盖", None),
        ("整改未销号", "整改销号", "overdue"),
        ("退费未化解", "退费纠纷", "open"),
        ("本周举报", "违规地图", None),
    ],
)
def test_each_figure_leads_to_the_page_of_its_rows_with_the_same_filters(
    open_page: OpenPage, figure: str, title: str, rows: str | None
) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-08-10", county=["柳南区"])
    link = cards(page)[figure][3]

    page.get("button_group")[0].set_value(link).run()

    assert not page.error
    assert page.title[0].value.startswith(title)
    assert page.multiselect(key="county").value == ["450204"]
    assert str(page.date_input(key="day").value) == "2022-08-10"
    if rows:
        assert page.get("button_group")[0].value == rows


def test_row_of_a_county_narrows_the_figures_above_it(
    open_page: OpenPage, ledgers: Ledgers
) -> None:
    page = open_page(PAGE, "leader@demo")
    page.session_state["overview.counties"] = {"selection": {"rows": [9], "columns": []}}
    page.run()

    assert cards(page) == cards_by_hand(ledgers.of("450224"), LAST_DAY)
    assert len(county_table(page)) == 12


def test_day_before_any_data_says_so_instead_of_all_is_well(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2020-01-02")

    assert not page.exception
    assert not page.error
    assert "没有台账数据：请换一个日期" in page.subheader[0].value
    assert page.subheader[0].value.startswith("截至 2020 年 1 月 2 日（周四），")
    assert [card.value for card in page.metric] == ["—", "—", "0 件", "0 件", "0 件", "0 次"]


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two counties, and what was born of a visit plan that nobody but supervisors may know."""
    url = f"sqlite:///{tmp_path_factory.mktemp('overview') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        for number in range(3):
            make.institution(
                conn,
                qualified_on=EARLIER if number < 2 else None,
                platform_registered_on=THURSDAY if number == 0 else None,
            )
        make.institution(conn, category="subject", platform_registered_on=EARLIER)
        make.institution(conn, deregistered_on=THURSDAY, operating_status="deregistered")
        make.institution(conn, county_code=SOUTH, platform_registered_on=EARLIER)
        make.rectification(conn, due_on=THURSDAY)  # due today is not late yet
        make.rectification(conn, due_on=THURSDAY - timedelta(days=1))
        make.rectification(conn, due_on=EARLIER, withheld=True)
        make.dispute(conn, amount_yuan=9_999.0)
        make.dispute(conn, status="resolved", resolved_on=THURSDAY, opened_on=EARLIER)
        make.report(conn, received_on=THURSDAY - timedelta(days=6))
        make.report(conn, received_on=THURSDAY - timedelta(days=7))
        make.report(
            conn, received_on=EARLIER, status="substantiated", verified_on=THURSDAY, closed_on=None
        )
        make.report(conn, county_code=SOUTH, status="unsubstantiated", verified_on=THURSDAY)
        make.inspection(conn)
        make.inspection(conn, withheld=True, visit_stop_id=make.visit_stop(conn))
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


class TestSmallCity:
    """Figures small enough to be counted in the head."""

    @pytest.fixture
    def database_url(self, small_city: str) -> str:
        return small_city

    @pytest.mark.parametrize(
        ("account", "expected"),
        [
            (
                "leader@demo",
                {
                    "登记覆盖率": ("50.0%", "2/4 家"),
                    "合格登记率": ("50.0%", "合格 1/2 家"),
                    "整改未销号": ("2 件", "其中逾期 1 件"),
                    "退费未化解": ("1 件", "涉及 9,999 元"),
                    "本周举报": ("2 件", "核实率 50.0%（1/2）"),
                    "本周检查": ("1 次", "检查明细"),
                },
            ),
            (
                "supervisor@demo",
                {
                    "登记覆盖率": ("50.0%", "2/4 家"),
                    "合格登记率": ("50.0%", "合格 1/2 家"),
                    "整改未销号": ("3 件", "其中逾期 2 件"),
                    "退费未化解": ("1 件", "涉及 9,999 元"),
                    "本周举报": ("2 件", "核实率 50.0%（1/2）"),
                    "本周检查": ("2 次", "检查明细"),
                },
            ),
            (
                f"{CITY}@demo",
                {
                    "登记覆盖率": ("33.3%", "1/3 家"),
                    "合格登记率": ("50.0%", "合格 1/2 家"),
                    "整改未销号": ("2 件", "其中逾期 1 件"),
                    "退费未化解": ("1 件", "涉及 9,999 元"),
                    "本周举报": ("1 件", "核实率 100.0%（1/1）"),
                    "本周检查": ("1 次", "检查明细"),
                },
            ),
            (
                f"{SOUTH}@demo",
                {
                    "登记覆盖率": ("100.0%", "1/1 家"),
                    "合格登记率": ("—", "合格 0/0 家"),
                    "整改未销号": ("0 件", "其中逾期 0 件"),
                    "退费未化解": ("0 件", "涉及 0 元"),
                    "本周举报": ("1 件", "核实率 0.0%（0/1）"),
                    "本周检查": ("0 次", "检查明细"),
                },
            ),
        ],
    )
    def test_each_reader_gets_the_figures_of_what_they_may_know(
        self, open_page: OpenPage, account: str, expected: dict[str, tuple[str, str]]
    ) -> None:
        page = open_page(PAGE, account)

        assert {name: (card[0], card[3]) for name, card in cards(page).items()} == expected

    @pytest.mark.parametrize(
        ("account", "count"), [("leader@demo", 1), ("supervisor@demo", 2), (f"{CITY}@demo", 1)]
    )
    def test_details_hide_the_unannounced_visit_of_an_unreleased_plan(
        self, open_page: OpenPage, account: str, count: int
    ) -> None:
        page = open_page(PAGE, account, rows="检查明细")

        assert len(page.dataframe[0].value) == count
