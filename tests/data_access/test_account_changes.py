"""Accounts are added, changed and stopped by who may, and each time the log says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from data_access import migration, schema, versions
from data_access.account_changes import (
    Account,
    AccountError,
    accounts,
    deactivate,
    end_sign_ins,
    in_words,
    save,
    told,
)
from data_access.accounts import Role, User, add_demonstration_accounts, scope_of
from data_access.engine import connect_to
from tests.factories import CITY, SOUTH
from tests.races import deactivate_each_other

BOSS, OTHER = "boss@example.org", "other@example.org"
CLERK = Account("clerk@example.org", Role.COUNTY, CITY)
AT = datetime(2022, 8, 25, 9, 30)  # noqa: DTZ001


def user(email: str = BOSS, role: Role = Role.ADMIN) -> User:
    return User(email, role, None, scope_of(role, None))


def stored(conn: Connection, email: str) -> Any:
    return conn.execute(select(schema.account).where(schema.account.c.email == email)).one_or_none()


def log(conn: Connection) -> list[tuple[Any, ...]]:
    """Who, what, about whom, and with which detail, in the order in which it was logged."""
    event = schema.audit_event.c
    rows = conn.execute(
        select(event.email, event.action, event.target, event.detail).order_by(event.id)
    )
    return [(*row[:3], json.loads(row.detail) if row.detail else None) for row in rows]


def signed_in(conn: Connection, email: str, digest: str, ended_at: datetime | None = None) -> None:
    row = {"digest": digest * 64, "email": email, "at": AT, "ended_at": ended_at}
    conn.execute(insert(schema.sign_in), [row])


def ended(conn: Connection) -> dict[str, datetime | None]:
    stmt = select(schema.sign_in.c.digest, schema.sign_in.c.ended_at)
    return {digest[0]: ended_at for digest, ended_at in conn.execute(stmt)}


@pytest.fixture
def boss(conn: Connection) -> User:
    """The only administrator."""
    save(conn, Account(BOSS, Role.ADMIN), by=None)
    return user()


def test_new_account_is_written_and_logged_with_what_it_is(conn: Connection, boss: User) -> None:
    change = save(conn, CLERK, by=boss)

    assert change.old is None
    assert stored(conn, CLERK.email)[:4] == (CLERK.email, "county", CITY, True)
    state = {"role": "county", "county_code": CITY, "active": True}
    assert log(conn)[-1] == (BOSS, "account_add", CLERK.email, {"new": state})
    assert told(change, {CITY: "城中区"}) == (
        "已新增账号 clerk@example.org：角色 县区；县区 城中区；状态 可用"
    )


def test_command_line_is_logged_as_nobody(conn: Connection, boss: User) -> None:
    assert log(conn) == [
        (
            None,
            "account_add",
            BOSS,
            {"new": {"role": "admin", "county_code": None, "active": True}},
        )
    ]


def test_changed_account_is_logged_with_what_it_was(conn: Connection, boss: User) -> None:
    save(conn, CLERK, by=boss)

    change = save(conn, Account(CLERK.email, Role.LEADER), by=boss)

    assert stored(conn, CLERK.email)[1:3] == ("leader", None)
    assert log(conn)[-1] == (
        BOSS,
        "account_change",
        CLERK.email,
        {
            "old": {"role": "county", "county_code": CITY, "active": True},
            "new": {"role": "leader", "county_code": None, "active": True},
        },
    )
    assert told(change, {CITY: "城中区"}) == (
        "已修改账号 clerk@example.org：角色 县区 → 市领导；县区 城中区 → —"
    )


def test_account_that_is_so_already_is_neither_written_nor_logged(
    conn: Connection, boss: User
) -> None:
    save(conn, CLERK, by=boss)
    before = log(conn)

    change = save(conn, CLERK, by=boss)

    assert change.old == change.new
    assert told(change, {}).endswith("原已如此，没有改动。")
    assert log(conn) == before


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Account("a@example.org", Role.COUNTY), "县区账号必须指定县区"),
        (Account("a@example.org", Role.COUNTY, "450103"), "没有代码为“450103”的县区"),
        (Account("a@example.org", Role.COUNTY, ""), "没有代码为“”的县区"),
        (Account("a@example.org", Role.LEADER, CITY), "只有县区账号属于一个县区"),
        (Account("a@example.org", Role.ADMIN, CITY), "只有县区账号属于一个县区"),
    ],
)
def test_county_accounts_alone_have_a_county_of_this_city(
    conn: Connection, boss: User, wanted: Account, reason: str
) -> None:
    before = log(conn)

    with pytest.raises(AccountError, match=reason):
        save(conn, wanted, by=boss)

    assert stored(conn, "a@example.org") is None
    assert log(conn) == before


def test_address_is_kept_as_sign_ins_are_compared(conn: Connection, boss: User) -> None:
    save(conn, Account("  Li.Ming@LZ.Gov.CN ", Role.LEADER), by=boss)

    assert stored(conn, "li.ming@lz.gov.cn")
    with pytest.raises(AccountError, match="最后一个可用的管理员"):
        deactivate(conn, BOSS.upper(), by=boss)


@pytest.mark.parametrize(
    "email",
    [
        *("", "boss", "boss@", "@example.org", "boss@example", "a b@example.org", "a@b@c.org"),
        *("boss@example.org\n乙", "<b>@example.org", '"x"@example.org', "a\x00@example.org"),
        *("甲\u202e@example.org", "甲＠example.org", f"{'a' * 250}@example.org"),
    ],
)
def test_what_does_not_look_like_an_address_is_refused(
    conn: Connection, boss: User, email: str
) -> None:
    with pytest.raises(AccountError, match="不是邮箱"):
        save(conn, Account(email, Role.LEADER), by=boss)

    assert conn.scalar(select(func.count()).select_from(schema.account)) == 1


def test_demonstration_accounts_come_from_the_sample_alone(conn: Connection, boss: User) -> None:
    with pytest.raises(AccountError, match="只能由演示数据建立"):
        save(conn, Account("Boss2@DEMO", Role.ADMIN), by=boss)

    add_demonstration_accounts(conn)
    deactivate(conn, "4502LD@demo", by=boss)
    assert not stored(conn, "4502LD@demo").active


@pytest.mark.parametrize("change", [deactivate, end_sign_ins])
def test_unknown_address_is_named(conn: Connection, boss: User, change: Any) -> None:
    with pytest.raises(AccountError, match=r"没有账号“nobody@example\.org”"):
        change(conn, "nobody@example.org", by=boss)


def test_deactivated_account_loses_its_sign_ins_and_no_other_does(
    conn: Connection, boss: User
) -> None:
    save(conn, CLERK, by=boss)
    signed_in(conn, CLERK.email, "a")
    signed_in(conn, CLERK.email, "b", ended_at=AT)
    signed_in(conn, BOSS, "c")

    change = deactivate(conn, CLERK.email, by=boss)

    row = stored(conn, CLERK.email)
    assert not row.active
    assert row.signed_out_at is not None
    after = ended(conn)
    assert after["a"] == row.signed_out_at
    assert (after["b"], after["c"]) == (AT, None)
    assert stored(conn, BOSS).signed_out_at is None
    assert log(conn)[-1][1:3] == ("account_deactivate", CLERK.email)
    assert log(conn)[-1][3]["new"]["active"] is False
    assert told(change, {}) == "已停用账号 clerk@example.org，它的登录已全部失效。"


def test_account_may_come_back_but_not_its_old_sign_ins(conn: Connection, boss: User) -> None:
    save(conn, CLERK, by=boss)
    deactivate(conn, CLERK.email, by=boss)
    signed_out_at = stored(conn, CLERK.email).signed_out_at

    save(conn, CLERK, by=boss)

    row = stored(conn, CLERK.email)
    assert (row.active, row.signed_out_at) == (True, signed_out_at)
    assert log(conn)[-1][1] == "account_change"


def test_ended_sign_ins_leave_the_account_as_it_was(conn: Connection, boss: User) -> None:
    save(conn, CLERK, by=boss)
    signed_in(conn, CLERK.email, "a")

    end_sign_ins(conn, CLERK.email, by=boss)

    row = stored(conn, CLERK.email)
    assert row.active
    assert ended(conn)["a"] == row.signed_out_at is not None
    assert log(conn)[-1] == (BOSS, "account_sign_out", CLERK.email, None)


@pytest.mark.parametrize(
    "wanted",
    [
        Account(BOSS, Role.ADMIN, active=False),
        Account(BOSS, Role.LEADER),
        Account(BOSS, Role.COUNTY, CITY),
    ],
)
@pytest.mark.parametrize("other", [None, "inactive", "leader"])
def test_last_administrator_stays_one(
    conn: Connection, boss: User, wanted: Account, other: str | None
) -> None:
    if other:
        role = Role.LEADER if other == "leader" else Role.ADMIN
        save(conn, Account(OTHER, role, active=other != "inactive"), by=boss)
    before = stored(conn, BOSS)

    with pytest.raises(AccountError, match="最后一个可用的管理员"):
        save(conn, wanted, by=boss)

    assert stored(conn, BOSS) == before


def test_one_of_two_administrators_may_go(conn: Connection, boss: User) -> None:
    save(conn, Account(OTHER, Role.ADMIN), by=boss)

    deactivate(conn, BOSS, by=boss)

    with pytest.raises(AccountError, match="最后一个可用的管理员"):
        save(conn, Account(OTHER, Role.LEADER), by=user(OTHER))


@pytest.mark.parametrize("now", [{"active": False}, {"role": "leader"}])
@pytest.mark.parametrize(
    "change",
    [
        lambda conn, by: save(conn, CLERK, by=by),
        lambda conn, by: deactivate(conn, "leader@example.org", by=by),
        lambda conn, by: end_sign_ins(conn, "leader@example.org", by=by),
    ],
)
def test_who_is_no_administrator_any_more_changes_nothing(
    conn: Connection, boss: User, change: Any, now: dict[str, Any]
) -> None:
    save(conn, Account(OTHER, Role.ADMIN), by=boss)
    save(conn, Account("leader@example.org", Role.LEADER), by=boss)
    conn.execute(update(schema.account).where(schema.account.c.email == BOSS).values(**now))
    before, rows = log(conn), conn.execute(select(schema.account)).all()

    with pytest.raises(AccountError, match="您的账号已停用或不再是管理员"):
        change(conn, boss)

    assert log(conn) == before
    assert conn.execute(select(schema.account)).all() == rows


def test_figures_are_not_counted_anew_for_accounts(conn: Connection, boss: User) -> None:
    before = versions.current(conn)

    save(conn, CLERK, by=boss)
    deactivate(conn, CLERK.email, by=boss)

    assert versions.current(conn) == before


def test_accounts_are_listed_in_the_order_of_the_offices(conn: Connection, boss: User) -> None:
    save(conn, Account("south@example.org", Role.COUNTY, SOUTH), by=boss)
    save(conn, CLERK, by=boss)
    save(conn, Account("aa@example.org", Role.LEADER, active=False), by=boss)
    save(conn, Account("leader@example.org", Role.LEADER), by=boss)
    signed_in(conn, CLERK.email, "a")
    signed_in(conn, CLERK.email, "b", ended_at=AT)

    found = accounts(conn, by=boss)

    assert found["email"].tolist() == [
        *(BOSS, "leader@example.org", CLERK.email, "south@example.org", "aa@example.org")
    ]
    assert found["county"].fillna("").tolist() == ["", "", "城中区", "柳南区", ""]
    assert found["active"].tolist() == [True] * 4 + [False]
    assert found["last_sign_in"].notna().tolist() == [False, False, True, False, False]
    assert found["last_sign_in"][2] == AT


def test_no_accounts_have_the_columns_and_types_of_some(conn: Connection) -> None:
    none = accounts(conn, by=None)
    save(conn, Account(BOSS, Role.ADMIN), by=None)

    assert none.empty
    assert none.dtypes.to_dict() == accounts(conn, by=None).dtypes.to_dict()


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR, Role.COUNTY])
def test_accounts_are_for_administrators_alone(conn: Connection, role: Role) -> None:
    with pytest.raises(PermissionError):
        accounts(conn, by=user(role=role))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (None, {"role": "admin", "county_code": None, "active": True}, "角色 管理员；状态 可用"),
        ({"active": True}, {"active": False}, "状态 可用 → 停用"),
        ({"county_code": CITY}, {"county_code": SOUTH}, "县区 城中区 → 450204"),
        ({"role": "leader"}, {"role": "leader"}, ""),
        ({}, {}, ""),
    ],
)
def test_what_changed_is_said_in_words(old: Any, new: Any, words: str) -> None:
    assert in_words(old, new, {CITY: "城中区"}) == words


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Engine]:
    """A database of its own with two administrators."""
    engine = connect_to(f"sqlite:///{tmp_path / 'office.db'}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        for email in (BOSS, OTHER):
            save(conn, Account(email, Role.ADMIN), by=None)
    yield engine
    engine.dispose()


def test_change_that_is_not_kept_leaves_no_line_in_the_log(office: Engine) -> None:
    with pytest.raises(RuntimeError), office.begin() as conn:  # noqa: PT012
        deactivate(conn, OTHER, by=None)
        raise RuntimeError

    with office.connect() as conn:
        assert stored(conn, OTHER).active
        assert [action for _, action, _, _ in log(conn)] == ["account_add"] * 2


def test_two_administrators_cannot_deactivate_each_other_at_once(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(who: str, whom: str) -> None:
        with office.begin() as conn:
            deactivate(conn, whom, by=user(who))

    refused = deactivate_each_other(monkeypatch, (BOSS, OTHER), stop, seconds=0.5)

    assert refused == ["您的账号已停用或不再是管理员，没有作任何改动。"]
    with office.connect() as conn:
        assert accounts(conn, by=None)["active"].tolist() == [True, False]
