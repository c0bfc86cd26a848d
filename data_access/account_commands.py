"""The command line of accounts: ``python -m data_access account add|list|deactivate|sign-out``.

It serves the first administrator, whom nobody can let in from a page, and whoever keeps the
server. What it does is logged like what is done on the page, as done by nobody signed in.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from data_access import migration, row_security
from data_access.account_changes import (
    UNKNOWN,
    Account,
    AccountError,
    accounts,
    deactivate,
    end_sign_ins,
    save,
    told,
)
from data_access.accounts import ROLE_WORDS, Role
from data_access.command_line import NOT_CURRENT, CommandError, Parser, on_database
from data_access.ledgers.values import county_words
from data_access.reference import counties
from data_access.scope import Scope

_ROLES: Final = {**{role.value: role for role in Role}, **{ROLE_WORDS[r]: r for r in Role}}
Command = Callable[[Connection, argparse.Namespace], str]


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the commands below ``account``."""
    parser.description = (
        "管理账号：谁可以登录、是什么角色。每次变动都记入访问日志。退出码：0 成功，2 没有做成。"
    )
    commands = parser.add_subparsers(
        title="命令", metavar="命令", required=True, parser_class=Parser
    )
    add = commands.add_parser("add", help="新增账号；已有的账号改为所写的角色和县区，并启用")
    add.add_argument("email", metavar="EMAIL", help="登录邮箱，不分大小写")
    add.add_argument(
        "--role",
        metavar="角色",
        required=True,
        choices=tuple(_ROLES),
        help="、".join(f"{role.value} {ROLE_WORDS[role]}" for role in Role),
    )
    add.add_argument("--county", metavar="县区", help="县区账号所属县区：代码、全称或简称")
    add.set_defaults(run=_runner(_add))
    commands.add_parser("list", help="列出全部账号").set_defaults(run=_runner(_list))
    for name, words, command in (
        ("deactivate", "停用账号，已有的登录立即失效", _deactivate),
        ("sign-out", "使账号已有的登录全部失效，可重新登录", _sign_out),
    ):
        one = commands.add_parser(name, help=words)
        one.add_argument("email", metavar="EMAIL", help="登录邮箱")
        one.set_defaults(run=_runner(command))


def _runner(command: Command) -> Callable[[argparse.Namespace], int]:
    """Return what runs the command in one transaction."""

    def run(engine: Engine, options: argparse.Namespace) -> str:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        # Connecting would leave an empty file behind.
        if (file and not Path(file).exists()) or not migration.is_current(engine):
            raise CommandError(NOT_CURRENT)
        try:
            with engine.begin() as conn:
                reason = row_security.why_no_writer(conn)
                if reason is not None:
                    raise CommandError(reason)
                return command(conn, options)
        except AccountError as error:
            raise CommandError(str(error)) from error

    return on_database(run)


def _names(conn: Connection) -> dict[str, str]:
    return {unit.code: unit.name for unit in counties(conn, scope=Scope.city())}


def _add(conn: Connection, options: argparse.Namespace) -> str:
    county = options.county
    if county is not None:
        county = county_words(counties(conn, scope=Scope.city())).get(county.strip().upper())
        if county is None:
            raise AccountError(f"--county {options.county} 不是本市的县区（新区）")
    change = save(conn, Account(options.email, _ROLES[options.role], county), by=None)
    return told(change, _names(conn))


def _deactivate(conn: Connection, options: argparse.Namespace) -> str:
    return told(deactivate(conn, options.email, by=None), {})


def _sign_out(conn: Connection, options: argparse.Namespace) -> str:
    return end_sign_ins(conn, options.email, by=None)


def _list(conn: Connection, _options: argparse.Namespace) -> str:
    found = accounts(conn, by=None)
    if found.empty:
        return "还没有账号。新增：python -m data_access account add EMAIL --role admin"
    rows = found.assign(
        role=found["role"].map(ROLE_WORDS),
        county=found["county"].fillna(UNKNOWN),
        state=found["active"].map({True: "可用", False: "停用"}),
        seen="最近登录 " + found["last_sign_in"].dt.strftime("%Y-%m-%d %H:%M").fillna(UNKNOWN),
    )
    columns = ["email", "role", "county", "state", "seen"]
    return "\n".join("\t".join(row) for row in rows[columns].to_numpy())
