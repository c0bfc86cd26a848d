"""Changes of accounts, each logged with what it was: who is let in, as what, and who no longer.

Every change reads afresh who makes it, and an administrator who may still sign in is always
left: none could let anybody in again. Changes wait for each other, so that two at once cannot
take the last two away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, case, false, func, insert, select, update

from data_access import audit, clock
from data_access.accounts import DEMONSTRATION_DOMAIN, ROLE_WORDS, Permission, Role, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.schema import account, county, sign_in

UNKNOWN: Final = "—"
_EMAIL_LENGTH: Final = 255
_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")
_FIELDS: Final = {"role": "角色", "county_code": "县区", "active": "状态"}
_ACTIVE_WORDS: Final = {True: "可用", False: "停用"}


class AccountError(Exception):
    """What was asked for cannot be done; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in: a county account has a county, the others have none."""

    email: str
    role: Role
    county_code: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """An account as it was, ``None`` when it is new, and as it is."""

    old: Account | None
    new: Account


def save(conn: Connection, wanted: Account, *, by: User | None) -> Change:
    """Add the account, or make the one of that address as it is wanted.

    Nothing is written or logged when it is so already. One that is deactivated loses its
    sign-ins, too. ``by`` is who does it, ``None`` the command line.

    Raises:
        AccountError: it may not be so, or ``by`` may no longer change accounts.
    """
    admins = _begin(conn, by)
    old = _find(conn, wanted.email)
    wanted = replace(wanted, email=old.email if old else _new_address(wanted.email))
    _check_county(conn, wanted)
    if old is None:
        conn.execute(insert(account).values(asdict(wanted)))
        _log(conn, Action.ACCOUNT_ADD, by, wanted.email, new=state_of(wanted))
    elif old != wanted:
        _check_an_administrator_is_left(admins, wanted)
        conn.execute(update(account).where(account.c.email == wanted.email).values(asdict(wanted)))
        if old.active and not wanted.active:
            _end_sign_ins(conn, wanted.email)
            action = Action.ACCOUNT_DEACTIVATE
        else:
            action = Action.ACCOUNT_CHANGE
        _log(conn, action, by, wanted.email, old=state_of(old), new=state_of(wanted))
    return Change(old, wanted)


def deactivate(conn: Connection, email: str, *, by: User | None) -> Change:
    """Let the account in no more, and end its sign-ins at once.

    Raises:
        AccountError: there is no such account, it is the last administrator's, or ``by`` may
            no longer change accounts.
    """
    _begin(conn, by)
    return save(conn, replace(_known(conn, email), active=False), by=by)


def end_sign_ins(conn: Connection, email: str, *, by: User | None) -> str:
    """End all that the account is signed in with, for good; return the sentence that says so.

    It may sign in again.

    Raises:
        AccountError: there is no such account, or ``by`` may no longer change accounts.
    """
    _begin(conn, by)
    found = _known(conn, email)
    _end_sign_ins(conn, found.email)
    _log(conn, Action.ACCOUNT_SIGN_OUT, by, found.email)
    return f"账号 {found.email} 的登录已全部失效。"


def end_all_sign_ins(conn: Connection) -> None:
    """End what anybody is signed in with: after a restore nobody knows who has signed out since."""
    now = clock.now()
    conn.execute(update(account).values(signed_out_at=now))
    conn.execute(update(sign_in).where(sign_in.c.ended_at.is_(None)).values(ended_at=now))


def accounts(conn: Connection, *, by: User | None) -> pd.DataFrame:
    """Return all accounts: those in use first, administrators first, counties in their order.

    ``email``, ``role``, ``county_code`` and ``county`` str (NaN without one), ``active`` bool
    and ``last_sign_in`` datetime64[s], NaT for nobody seen yet. ``by`` is who asks, ``None``
    the command line.

    Raises:
        PermissionError: accounts are not for the one who asks.
    """
    if by is not None and not by.may(Permission.ACCOUNT_MANAGE):
        raise PermissionError(f"accounts were asked for by a {by.role}")
    last = select(sign_in.c.email, func.max(sign_in.c.at).label("at")).group_by(sign_in.c.email)
    seen = last.subquery()
    order = case({role: place for place, role in enumerate(ROLE_WORDS)}, value=account.c.role)
    stmt = (
        select(
            account.c.email,
            account.c.role,
            account.c.county_code,
            county.c.name.label("county"),
            account.c.active,
            seen.c.at.label("last_sign_in"),
        )
        .outerjoin(county, county.c.code == account.c.county_code)
        .outerjoin(seen, seen.c.email == account.c.email)
        .order_by(account.c.active.desc(), order, county.c.ordinal, account.c.email)
    )
    return read_frame(
        conn,
        stmt,
        {
            "email": "str",
            "role": "str",
            "county_code": "str",
            "county": "str",
            "active": "bool",
            "last_sign_in": "datetime64[s]",
        },
    )


def in_words(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], names: Mapping[str, str]
) -> str:
    """Return what became of an account, as in 角色 市领导 → 督查组; empty when nothing did.

    ``old`` and ``new`` are its role, county and whether it is active, as the access log keeps
    them, ``old`` being ``None`` for a new account; ``names`` are the counties' by their codes.
    """
    if old is None:
        old, arrow = dict.fromkeys(_FIELDS), ""
    else:
        arrow = " → "
    words: dict[str, Mapping[Any, str]] = {
        "role": ROLE_WORDS,
        "county_code": names,
        "active": _ACTIVE_WORDS,
    }
    said = []
    for field, title in _FIELDS.items():
        was, is_now = (
            UNKNOWN if state.get(field) is None else words[field].get(state[field], state[field])
            for state in (old, new)
        )
        if was != is_now:
            said.append(f"{title} {was if arrow else ''}{arrow}{is_now}")
    return "；".join(said)


def told(change: Change, names: Mapping[str, str]) -> str:
    """Return the sentence that says what a change did; ``names`` as in :func:`in_words`."""
    old, new = change.old, change.new
    said = in_words(state_of(old) if old else None, state_of(new), names)
    if old is None:
        return f"已新增账号 {new.email}：{said}"
    if not said:
        return f"账号 {new.email} 原已如此，没有改动。"
    if old.active and not new.active:
        return f"已停用账号 {new.email}，它的登录已全部失效。"
    return f"已修改账号 {new.email}：{said}"


def state_of(one: Account) -> dict[str, Any]:
    """Return what can change of an account, as the access log keeps it."""
    return {"role": one.role, "county_code": one.county_code, "active": one.active}


def _begin(conn: Connection, by: User | None) -> frozenset[str]:
    """Let no other change come between; return who are administrators now.

    Raises:
        AccountError: ``by`` is none of them.
    """
    if conn.dialect.name == "sqlite":
        # Takes the one lock for writing before anything is read.
        conn.execute(update(account).where(false()).values(active=account.c.active))
    admins = frozenset(conn.scalars(_ADMINS))
    if by is not None and by.email not in admins:
        raise AccountError("您的账号已停用或不再是管理员，没有作任何改动。")
    return admins


# On PostgreSQL their rows are locked, always in the same order.
_ADMINS: Final = (
    select(account.c.email)
    .where(account.c.role == Role.ADMIN, account.c.active)
    .order_by(account.c.email)
    .with_for_update()
)


def _new_address(said: str) -> str:
    """Return an address as accounts and sign-ins are compared by: in lower case."""
    email = said.strip().lower()
    if email.endswith(DEMONSTRATION_DOMAIN):
        raise AccountError(
            f"“{_shortened(email)}”是演示账号的写法，只能由演示数据建立，请填写真实的邮箱。"
        )
    if len(email) > _EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise AccountError(f"“{_shortened(email)}”不是邮箱，应如 name@example.org。")
    return email


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _check_county(conn: Connection, wanted: Account) -> None:
    if wanted.role is not Role.COUNTY:
        if wanted.county_code is not None:
            raise AccountError(f"只有县区账号属于一个县区，{ROLE_WORDS[wanted.role]}账号不填县区。")
        return
    if wanted.county_code is None:
        raise AccountError("县区账号必须指定县区。")
    known = select(county.c.code).where(county.c.code == wanted.county_code)
    if conn.scalar(known) is None:
        raise AccountError(f"没有代码为“{_shortened(wanted.county_code)}”的县区（新区）。")


def _check_an_administrator_is_left(admins: frozenset[str], wanted: Account) -> None:
    stays = wanted.active and wanted.role is Role.ADMIN
    if not stays and admins == {wanted.email}:
        raise AccountError(
            f"“{wanted.email}”是最后一个可用的管理员账号，不能停用或改作其他角色。"
            "请先新增或启用另一个管理员账号。"
        )


def _find(conn: Connection, said: str) -> Account | None:
    columns = (account.c.email, account.c.role, account.c.county_code, account.c.active)
    # Those of the sample alone are not all in lower case.
    written = [said.strip(), said.strip().lower()]
    row = conn.execute(select(*columns).where(account.c.email.in_(written))).first()
    return row and Account(row.email, Role(row.role), row.county_code, row.active)


def _known(conn: Connection, said: str) -> Account:
    found = _find(conn, said)
    if found is None:
        raise AccountError(f"没有账号“{_shortened(said.strip())}”。")
    return found


def _end_sign_ins(conn: Connection, email: str) -> None:
    now = clock.now()
    conn.execute(update(account).where(account.c.email == email).values(signed_out_at=now))
    is_open = (sign_in.c.email == email, sign_in.c.ended_at.is_(None))
    conn.execute(update(sign_in).where(*is_open).values(ended_at=now))


def _log(conn: Connection, action: Action, by: User | None, email: str, **detail: Any) -> None:
    audit.add(conn, action, email=by.email if by else None, target=email, **detail)
