"""What must be so before the server starts; else it says what to do, and exits."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path
from typing import NoReturn

import streamlit as st
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from data_access import engine, migration, row_security, sign_ins
from data_access.command_line import NOT_DONE
from ui import issuer
from ui.exports.fonts import missing_font

# What must be so: who visits is told by the signed cookie alone, from pages of this server alone,
# and no error tells more than its number. They are not so where config.toml was not found.
SETTINGS = {
    "client.disableDataExport": True,  # what is taken away is logged (ui/downloads.py)
    "client.showErrorDetails": "none",
    "global.developmentMode": False,
    "server.baseUrlPath": "",
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.trustedUserHeaders": {},
}

WRONG_ADDRESS = """环境变量 {} 不是能用的数据库地址，服务没有启动。
请改成 postgresql://用户:口令@主机/库名 这样的地址（见 docs/deployment.md），或去掉这个变量。"""

PORT_IN_USE = """{} 的端口 {} 已被占用，服务没有启动。
请先停下占用它的程序，或用 --port 换一个端口。"""

NOT_LISTENING = """不能在 {} 的端口 {} 上监听，服务没有启动。
请用 --host 写本机的地址，用 --port 换一个端口（1024 以下的端口要有管理员权限）。"""

NO_DATABASE = """没有数据库文件 {}，服务没有启动。请先运行：
    python -m data_access sample（演示数据），或 python -m data_access migrate（空库）"""

UNREACHABLE = """连不上数据库，服务没有启动。请检查 DATABASE_URL。
{}"""

SCHEMA_IS_BEHIND = """数据库结构还不是当前版本，服务没有启动。请先运行：
    python -m data_access migrate"""

NO_ISSUER = """没有配置统一身份认证，而数据库不是内置演示数据，服务没有启动。二者择一：
  · 在 .streamlit/secrets.toml 的 [auth] 一节配置统一身份认证（写法见 docs/deployment.md）；
  · 不设 DATABASE_URL，使用内置演示数据（make sample 建立）。"""

WRONG_SETTINGS = """Streamlit 的设置不对，服务没有启动：{}。
请在项目文件夹中启动，使用其中的 .streamlit/config.toml，
并去掉改动这些设置的环境变量（STREAMLIT_ 开头）。"""

WRONG_ISSUER = """统一身份认证的配置（.streamlit/secrets.toml 的 [auth] 一节）有误，服务没有启动：
{}
写法见 docs/deployment.md。"""

UNFIT_ROLE = """{}
服务没有启动。做法见 docs/deployment.md。"""


def refuse_unsafe_start() -> None:
    """Exit with what to do, unless the database can be read and visitors can be told apart.

    Without an issuer anybody may pick a demonstration account, so nothing but the built-in
    sample may be served then. On PostgreSQL the dashboard must be held by row-level security.
    """
    wrong = [name for name, value in SETTINGS.items() if st.get_option(name) != value]
    if wrong:
        sys.exit(WRONG_SETTINGS.format("、".join(wrong)))
    missing = missing_font()
    if missing is not None:
        sys.exit(f"{missing}\n服务没有启动。")
    refuse_wrong_addresses()
    database = engine.get_engine()
    file = database.url.database if database.dialect.name == "sqlite" else None
    if file and not Path(file).exists():  # connecting would leave an empty one behind
        sys.exit(NO_DATABASE.format(file))
    try:
        refuse_unfit_roles()
        if not migration.is_current(database):
            sys.exit(SCHEMA_IS_BEHIND)
        is_sample = engine.is_built_in_sample(database)
    except DatabaseError as error:
        sys.exit(UNREACHABLE.format(error.orig))
    if issuer.is_configured():
        wrong = issuer.problems()
        if wrong:
            sys.exit(WRONG_ISSUER.format("\n".join(f"  · {each}" for each in wrong)))
    elif not is_sample:
        sys.exit(NO_ISSUER)
    try:
        sign_ins.hours()
    except ValueError as error:
        sys.exit(f"{error}。服务没有启动。")


def refuse(words: str) -> NoReturn:
    """Exit with what to do about what was asked for: an address, a port."""
    sys.stderr.write(f"{words}\n")
    sys.exit(NOT_DONE)


def refuse_wrong_addresses() -> None:
    """Exit with what to do, unless both variables name a database that there is a driver for.

    What stands in them is not repeated: it may hold a password.
    """
    for variable, make in (
        ("DATABASE_URL", engine.get_engine),
        ("IMPORT_DATABASE_URL", engine.get_import_engine),
    ):
        try:
            make()
        except (SQLAlchemyError, ImportError, ValueError):
            refuse(WRONG_ADDRESS.format(variable))


def refuse_unfit_roles() -> None:
    """Exit with what to do, unless PostgreSQL's two roles are what each of them has to be."""
    with engine.get_engine().connect() as conn:
        unfit = row_security.why_no_reader(conn)
    if unfit is None:
        with engine.get_import_engine().connect() as conn:
            unfit = row_security.why_no_writer(conn)
    if unfit is not None:
        sys.exit(UNFIT_ROLE.format(unfit))


def refuse_closed_port(host: str, port: int) -> None:
    """Exit with what to do, unless this process may listen there and nobody else does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, UnicodeError) as error:
        is_taken = getattr(error, "errno", None) == errno.EADDRINUSE
        refuse((PORT_IN_USE if is_taken else NOT_LISTENING).format(host, port))
