"""专项检查 on a city of a few checks, each of which shows in one place and not in another."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage
from ui.row_panel import list_key

PAGE = "pages/ledgers/compliance_checks.py"


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('checks') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn, class_starts_at=time(19), class_ends_at=time(20, 45))
        arts = make.institution(conn, name="示例美术")
        make.institution(conn, name="示例乒乓", category="sports")
        south = make.institution(conn, name="示例琴行", county_code=SOUTH)
        late = make.rectification(
            conn, ledger_no="XT-ZX-1", source="check", opened_on=before(30), due_on=before(3)
        )
        make.check(
            conn,
            arts,
            check_no="ZX-LATE",
            institution_name="示例美术",
            checked_on=before(30),
            outcome="finding",
            finding="疏散通道堵塞",
            severity=3,
            aspect="fire",
            rectification_id=late,
        )
        make.check(
            conn,
            arts,
            check_no="ZX-STAFF",
            institution_name="示例美术",
            domain="staff",
            checked_on=before(6),
            examined=8,
            failed=1,
            outcome="finding",
            due_on=before(-5),
        )
        closed = make.rectification(
            conn,
            county_code=SOUTH,
            source="check",
            opened_on=before(20),
            closed_on=before(8),
            status="closed",
        )
        make.check(
            conn,
            south,
            check_no="ZX-SOUTH",
            county_code=SOUTH,
            institution_name="示例琴行",
            checked_on=before(20),
            outcome="finding",
            rectification_id=closed,
        )
        make.check(conn, south, check_no="ZX-CLEAR", county_code=SOUTH, domain="materials")
        make.check(conn, arts, check_no="ZX-OLD", checked_on=before(60), outcome="finding")
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


def choose(page: AppTest, row: int) -> AppTest:
    """Choose a row of the list that the page opens with."""
    # The page asks for the rows of the checks that it lists, the first two of the city.
    key = list_key("checks.open.all", [1, 2])
    page.session_state[key] = {"selection": {"rows": [row], "columns": []}}
    return page.run()


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def numbers(page: AppTest) -> list[str]:
    return page.dataframe[0].value["检查编号"].tolist()


def test_leader_sees_the_figures_and_the_most_urgent_first(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")

    assert not page.exception
    assert figures(page) == {
        "有问题未销号": "2 个",
        "其中逾期　1/2": "1 个",
        "发现问题": "3 个",
        "查得最少：疫情防控　0/3": "0.0%",
        "无资质人员　1/8": "12.5%",
    }
    assert page.subheader[0].value == (
        "疫情防控查得最少，在营机构查过 0.0%（0/3）；发现问题 3 个，未销号 2 个，其中逾期 1 个"
    )
    assert numbers(page) == ["ZX-LATE", "ZX-STAFF"]
    assert page.dataframe[0].value["紧急程度"].tolist() == ["逾期 3 天", "还有 5 天，未立账"]
    assert any("消防 1 个、没有写明方面 1 个" in each.value for each in page.caption)


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        ("全部发现", ["ZX-LATE", "ZX-STAFF", "ZX-SOUTH"]),
        ("本周检查", ["ZX-CLEAR", "ZX-STAFF"]),
    ],
)
def test_address_opens_the_rows_behind_a_figure(
    open_page: OpenPage, rows: str, listed: list[str]
) -> None:
    assert numbers(open_page(PAGE, "leader@demo", rows=rows)) == listed


def test_what_was_found_before_the_campaign_is_told_of_and_listed_apart(
    open_page: OpenPage,
) -> None:
    page = open_page(PAGE, "leader@demo", rows="行动前未销号")

    assert any("另有 1 个问题是行动以前的检查发现的" in each.value for each in page.caption)
    assert numbers(page) == ["ZX-OLD"]
    south = open_page(PAGE, f"{SOUTH}@demo", rows="行动前未销号")
    assert "没有“行动前未销号”的记录" in south.info[0].value
    assert not any("行动以前" in each.value for each in south.caption)


def test_unchecked_institutions_are_listed_by_domain(open_page: OpenPage) -> None:
    every = open_page(PAGE, "leader@demo", rows="未查机构").dataframe[0].value
    staff = open_page(PAGE, "leader@demo", rows="未查机构", domain="从业人员").dataframe[0].value

    assert every["机构名称"].tolist() == ["示例乒乓", "示例美术", "示例琴行"]
    assert every["未查类别"].tolist()[1:] == [
        "培训材料、疫情防控、违规竞赛",
        "从业人员、疫情防控、违规竞赛",
    ]
    assert staff["机构名称"].tolist() == ["示例乒乓", "示例琴行"]


def test_reported_hours_are_a_list_of_their_own(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", rows="违时上课线索")

    assert not page.exception
    assert any("20:30" in words for words in page.dataframe[0].value["情况"].tolist())
    assert page.dataframe[0].value["依据"].str.contains("国办发").any()


def test_county_sees_its_own_checks_whatever_the_address_asks(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", county="城中区", rows="全部发现")

    assert numbers(page) == ["ZX-SOUTH"]
    assert figures(page)["发现问题"] == "1 个"


def test_category_of_the_address_narrows_figures_and_list(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", category="体育", rows="全部发现")

    assert figures(page)["发现问题"] == "0 个"
    assert "没有“全部发现”的记录" in page.info[0].value


def test_earlier_day_has_not_seen_what_was_found_later(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day=str(before(10)))

    assert numbers(page) == ["ZX-LATE", "ZX-SOUTH"]


def test_check_that_is_chosen_shows_its_item(open_page: OpenPage) -> None:
    page = choose(open_page(PAGE, "supervisor@demo"), 0)
    said = [each.value.replace("\\", "") for each in page.markdown]

    assert any("ZX-LATE" in words and "示例美术" in words for words in said)
    assert any("疏散通道堵塞" in words for words in said)
    assert any("XT-ZX-1" in words for words in said)


def test_finding_without_an_item_says_what_to_do(open_page: OpenPage) -> None:
    page = choose(open_page(PAGE, "leader@demo"), 1)

    assert "还没有对应的事项" in page.warning[0].value


def test_unchecked_institutions_are_no_checks_to_choose(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{CITY}@demo", rows="未查机构")

    assert not page.exception
    assert page.dataframe[0].proto.selection_mode == []
