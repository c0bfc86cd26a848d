"""街道、乡镇 on a page: a line a town, and the workbook that a street gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection, make_url
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration
from data_access.engine import connect_to
from data_access.scope import Scope
from tests import factories as make
from tests.databases import forget_engines
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.conftest import Files, forget
from ui import towns

Open = Callable[[str], AppTest]
HEXI = "450204001"


def page() -> None:
    """Stand for a page that shows the towns to whoever its address names."""
    import datetime as dt

    from ui import session, towns
    from ui.filters import Filters

    user = session.current_user()
    assert user is not None
    towns.show(user, Filters(as_of=dt.date(2022, 8, 25)))


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('towns') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        here = make.institution(
            conn,
            name="示例机构甲",
            county_code=SOUTH,
            town_code=HEXI,
            address="柳南区河西街道1号",
            qualified_on=EARLIER,
            platform_registered_on=EARLIER,
        )
        make.dispute(conn, dispute_no="TF-1", county_code=SOUTH, institution_id=here)
        make.dispute(conn, dispute_no="TF-2", county_code=SOUTH)
        make.report(conn, report_no="JB-CITY", town_code="450202001")
        make.rectification(conn, ledger_no="ZG-SEALED", county_code=SOUTH, withheld=True)
    engine.dispose()
    return url


@pytest.fixture
def open_towns(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("data_access.engine.SAMPLE_PATH", Path(make_url(database_url).database))
    forget_engines()

    def open_(account: str) -> AppTest:
        app = AppTest.from_function(page, default_timeout=60)
        app.query_params["as"] = account
        return app.run()

    yield open_
    forget()


@pytest.mark.parametrize(
    ("account", "lines"),
    [
        (f"{SOUTH}@demo", [["柳南区", "河西街道", 1], ["柳南区", "未能判定街道", 1]]),
        (
            "leader@demo",
            [["城中区", "城中街道", 0], ["柳南区", "河西街道", 1], ["柳南区", "未能判定街道", 1]],
        ),
        (
            "supervisor@demo",
            [["城中区", "城中街道", 0], ["柳南区", "河西街道", 1], ["柳南区", "未能判定街道", 1]],
        ),
    ],
)
def test_towns_have_a_line_each_and_what_is_sealed_none(
    open_towns: Open, files: Files, account: str, lines: list[list[object]]
) -> None:
    app = open_towns(account)

    assert not app.exception
    shown = app.dataframe[0].value
    assert shown[["县区", "街道（乡镇）", "退费未化解（件）"]].to_numpy().tolist() == lines
    assert not shown["整改未销号（件）"].any()
    assert "1 项未能判定街道" in app.subheader[0].value
    sheet = pd.read_excel(BytesIO(files["各街道乡镇待办.xlsx"]()), engine="calamine")
    assert len(sheet) == len(lines)


def test_county_with_nothing_open_is_told_so(open_towns: Open) -> None:
    app = open_towns("450226@demo")

    assert not app.exception
    assert "没有要交给街道的" in app.info[0].value


def test_rows_of_a_town_say_what_its_street_does(conn: Connection) -> None:
    here = make.institution(conn, county_code=SOUTH, town_code=HEXI, address="河西街道1号")
    make.dispute(
        conn, dispute_no="TF-1", county_code=SOUTH, institution_id=here, opened_on=date(2022, 8, 20)
    )
    asked = {"as_of": THURSDAY, "county_code": SOUTH, "town_code": HEXI}

    rows = towns.build_rows(conn, scope=Scope.city(unreleased=True), **asked).shown.to_pandas()

    assert rows["待办"].tolist() == ["退费纠纷", "未登记平台", "未核查合格"]
    assert rows["历时（天）"].tolist() == [5, 85, 85]
    assert rows["请街道做的"].tolist() == ["协调化解", "督促登记全国平台", "配合核查"]
    assert rows["地址"].tolist() == ["河西街道1号"] * 3
    assert towns.build_rows(conn, scope=Scope.county(CITY), **asked).empty
