"""What the commands share: a parser that speaks Chinese, exit codes, and errors without a trace."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

from alembic.util.exc import CommandError as AlembicError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from data_access.engine import connect_to, database_url
from data_access.row_security import RowSecurityError, why_no_writer

DONE: Final = 0
NOT_DONE: Final = 2
NOT_CURRENT: Final = "数据库不是最新结构。请先运行 python -m data_access migrate"
NO_DATABASE: Final = "数据库打不开。请核对环境变量 DATABASE_URL"
NOT_OURS: Final = "数据库的结构不是本系统建立的，或比本程序新。请核对环境变量 DATABASE_URL"

# What argparse says, which knows no language but English.
_WORDS: Final = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (.*?): invalid choice: (.*) \(choose from (.*)\)", r"\1 不能是 \2，可选 \3"),
    (r"argument (.*?): expected .*", r"\1 后面缺少内容"),
    (r"argument (.*?): invalid int value: (.*)", r"\1 应为数字，不能是 \2"),
    (r"argument (.*?): (应为.*)", r"\1 \2"),  # of a type that speaks Chinese itself
)


class CommandError(Exception):
    """The command cannot be done; the message says why, in Chinese."""


class _Help(argparse.HelpFormatter):
    """Help that begins in Chinese."""

    def _format_usage(self, usage: str | None, actions: Any, groups: Any, prefix: Any) -> str:
        return super()._format_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that speaks Chinese where argparse lets it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, add_help=False, allow_abbrev=False, **options)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and exit."""
        for english, chinese in _WORDS:
            message = re.sub(f"^{english}$", chinese, message)
        self.print_usage(sys.stderr)
        self.exit(NOT_DONE, f"参数有误：{message}\n")


def on_database(
    command: Callable[[Engine, argparse.Namespace], str],
) -> Callable[[argparse.Namespace], int]:
    """Return what runs the command on the database of ``DATABASE_URL`` and prints what it says.

    What goes wrong is told in a line or two, and the exit code is 2.
    """

    def run(options: argparse.Namespace) -> int:
        try:
            engine = connect_to(database_url())
            try:
                _refuse_readers(engine)
                said = command(engine, options)
            finally:
                engine.dispose()
        except (CommandError, RowSecurityError) as error:
            return _not_done(str(error))
        except AlembicError as error:
            return _not_done(f"{NOT_OURS}\n{error}")
        except DBAPIError as error:
            return _not_done(f"{NO_DATABASE}\n{str(error.orig).strip()}")
        except (SQLAlchemyError, ImportError, OSError) as error:
            return _not_done(f"{NO_DATABASE}\n{error}")
        sys.stdout.write(f"{said}\n")
        return DONE

    return run


def _refuse_readers(engine: Engine) -> None:
    """Refuse a role that may not write, rather than fail half way."""
    if engine.dialect.name == "postgresql":  # an SQLite file may not be there yet
        with engine.connect() as conn:
            reason = why_no_writer(conn)
        if reason is not None:
            raise CommandError(reason)


def _not_done(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return NOT_DONE
