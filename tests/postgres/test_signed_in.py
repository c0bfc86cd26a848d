"""Signed-in people work through the dashboard's own role; what they import, through the owner's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, select
from streamlit.testing.v1 import AppTest

from data_access.accounts import Role
from data_access.schema import audit_event, import_batch, institution, sign_in
from tests.databases import PostgresDatabase
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import forget, open_by_sign_in
from tests.postgres.conftest import Connect
from ui.navigation import MenuEntry

pytestmark = pytest.mark.postgres

OVERVIEW, IMPORT = "pages/city/overview.py", "pages/county/ledger_import.py"
HEADER = "县区,机构名称,机构类别,经营状态,排查日期"


@pytest.fixture
def office(sample: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample as an office has it: with an issuer, and both addresses."""
    monkeypatch.setenv("DATABASE_URL", sample.plain_url)
    monkeypatch.setenv("IMPORT_DATABASE_URL", sample.owner_url)
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)
    forget()
    yield
    forget()


@pytest.fixture
def conn(sample: PostgresDatabase, connect: Connect, office: None) -> Iterator[Connection]:
    """The owner's connection, who sees what was written."""
    engine: Engine = connect(sample.owner_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        yield conn
    engine.dispose()


def logged(conn: Connection, email: str) -> list[str]:
    stmt = select(audit_event.c.action).where(audit_event.c.email == email)
    return list(conn.scalars(stmt.order_by(audit_event.c.id)))


@pytest.mark.parametrize("entry", entries(Role.ADMIN), ids=lambda entry: entry.url_path)
def test_administrator_opens_their_pages(office: None, entry: MenuEntry) -> None:
    page = open_by_sign_in(entry.script, ACCOUNTS[Role.ADMIN])

    assert not page.exception
    assert not page.error
    assert page.title[0].value == entry.title
    assert len(page.dataframe[0].value) > 0


def test_signing_in_and_out_is_written_down_and_out_is_for_good(conn: Connection) -> None:
    email = ACCOUNTS[Role.LEADER]
    page = open_by_sign_in(OVERVIEW, email)
    came = page.user
    assert not page.error
    assert logged(conn, email) == ["sign_in"]

    page.button(key="session.leave").click().run()
    assert logged(conn, email) == ["sign_in", "sign_out"]
    assert conn.scalar(select(sign_in.c.ended_at).where(sign_in.c.email == email)) is not None

    page.user = came
    page.run()
    assert page.title[0].value == "登录"
    assert logged(conn, email)[:2] == ["sign_in", "sign_out"]


def test_refusals_are_logged_also_of_people_without_an_account(conn: Connection) -> None:
    email = "450226@demo"
    assert open_by_sign_in("pages/admin/accounts.py", email).error
    assert logged(conn, email) == ["sign_in", "refused"]

    stranger = "chen.jie@lz.gov.cn"
    assert open_by_sign_in(OVERVIEW, stranger).error
    assert logged(conn, stranger) == ["refused"]


def send(page: AppTest, *rows: str) -> AppTest:
    """Send a ledger of institutions by the page, and confirm it."""
    data = "\n".join([HEADER, *rows]).encode()
    page = page.file_uploader[0].set_value([("机构.csv", data, "")]).run()
    [button] = [button for button in page.button if button.label.startswith("确认导入")]
    return button.click().run()


@pytest.mark.parametrize(
    ("role", "stored", "rejected"),
    [(Role.SUPERVISOR, 2, 0), (Role.COUNTY, 1, 1), (Role.ADMIN, 2, 0)],
)
def test_files_come_in_by_the_page(
    conn: Connection, role: Role, stored: int, rejected: int
) -> None:
    email, names = ACCOUNTS[role], [f"{role}甲书法", f"{role}乙书法"]
    page = send(
        open_by_sign_in(IMPORT, email),
        f"融水县,{names[0]},文化艺术,在营,2022-07-05",
        f"融安县,{names[1]},文化艺术,在营,2022-07-05",
    )

    assert not page.exception
    assert not page.error
    assert "机构.csv" in page.success[0].value
    assert {"机构.csv", email} <= set(page.dataframe[-1].value.iloc[0])
    found = conn.scalars(select(institution.c.name).where(institution.c.name.in_(names)))
    assert sorted(found) == sorted(names[:stored])
    batch = conn.execute(select(import_batch).where(import_batch.c.imported_by == email)).one()
    assert (batch.rows_loaded, batch.rows_rejected) == (stored, rejected)
    assert "import" in logged(conn, email)
