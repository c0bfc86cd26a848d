"""The command ``python -m data_access freeze --week DAY``: what is reported at a meeting stays."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from data_access import migration
from data_access.command_line import NOT_CURRENT, CommandError, Parser, on_database
from data_access.freezing import AlreadyFrozenError, FreezeError, freeze


def add_to(parser: Parser) -> None:
    """Add what the command asks for."""
    parser.description = (
        "冻结一周会上报告的数字：此后迟报、更正都不改它，会后的变化另行列出。只数已公布的，"
        "未公布暗访计划带来的不在内。退出码：0 已冻结，2 没有冻结。"
    )
    parser.add_argument(
        "--week", metavar="周四", required=True, type=_day, help="报送周，以周四为名，如 2022-08-25"
    )
    parser.add_argument("--force", action="store_true", help="已冻结的一周，以现在的数字取代")
    parser.add_argument(
        "--reason", metavar="原因", help="为什么取代，与 --force 同用；写入访问日志"
    )
    parser.set_defaults(run=on_database(_freeze))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"应为日期，如 2022-08-25，不能是 {text}") from None


def _freeze(engine: Engine, options: argparse.Namespace) -> str:
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    # Connecting would leave an empty file behind.
    if (file and not Path(file).exists()) or not migration.is_current(engine):
        raise CommandError(NOT_CURRENT)
    try:
        with engine.begin() as conn:
            frozen = freeze(conn, options.week, by=None, force=options.force, reason=options.reason)
    except AlreadyFrozenError as error:
        raise CommandError(f"{error}（命令行：--force --reason 原因）") from error
    except FreezeError as error:
        raise CommandError(str(error)) from error
    when = f"{frozen.frozen_at:%Y-%m-%d %H:%M}"
    said = f"已冻结 {frozen.week} 这一周的 {frozen.figures} 个数字（{when}）。"
    if frozen.replaced:
        said += f"换下的 {frozen.replaced} 个数字已留存。"
    return said
