"""Sign-ins under row-level security: the dashboard's own role finds, begins and ends them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, insert, select

from data_access import clock, migration, sign_ins
from data_access.engine import get_engine
from data_access.schema import account, audit_event, sign_in
from data_access.sign_ins import SignIn, Standing
from tests.databases import PostgresDatabase, forget_engines
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

LEADER = "li.ming@lz.gov.cn"


@pytest.fixture
def owner(
    database: PostgresDatabase, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The owner's way into a database that the dashboard reads in its own role."""
    owner = connect(database.owner_url)
    migration.upgrade(owner)
    with owner.begin() as conn:
        conn.execute(insert(account), [{"email": LEADER, "role": "leader", "active": True}])
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    forget_engines()
    yield owner
    forget_engines()


def came(email: str, digest: str = "a" * 64) -> SignIn:
    return SignIn(email, digest, clock.now())


def standing(who: SignIn) -> Standing:
    with get_engine().connect() as conn:
        return sign_ins.standing(conn, who)[0]


def test_sign_in_begins_once_holds_and_ends_for_good(owner: Engine) -> None:
    assert standing(came(LEADER)) is Standing.NEW
    with ThreadPoolExecutor(4) as windows:
        list(windows.map(sign_ins.begin, [came(LEADER)] * 4))
    assert standing(came(LEADER)) is Standing.HOLDS
    assert standing(came("chen.jie@lz.gov.cn")) is Standing.NO_ACCOUNT

    sign_ins.end(came(LEADER))

    assert standing(came(LEADER)) is Standing.ENDED
    with owner.connect() as conn:
        logged = select(audit_event.c.action).order_by(audit_event.c.id)
        assert conn.scalars(logged).all() == ["sign_in", "sign_out"]
        assert conn.scalar(select(func.count()).select_from(sign_in)) == 1
