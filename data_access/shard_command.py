"""The command ``python -m data_access shard``: facts on several machines, and their care."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from data_access import migration, shard_check
from data_access.command_line import NOT_CURRENT, CommandError, Parser, on_database
from data_access.reference import UNITS
from data_access.shard_check import Differences
from data_access.sharding import Login, ShardingError, bring_back, shard
from data_access.shards import Shard, is_of_a_shard, names_away, shards

_SHOWN: Final = 5  # numbers of each kind of difference


def add_to(parser: Parser) -> None:
    """Add what the command asks for."""
    parser.description = (
        "把举报线索按县区分到几台数据库（分片），DATABASE_URL 的库是协调库，查询和页面照旧。"
        "先停服务。用法见 docs/deployment.md“一台数据库不够时”。"
        "退出码：0 完成或一致，2 没有完成或不一致。"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to",
        metavar="地址",
        action="append",
        type=_address,
        help="分片库，如 postgresql://liuzhou_owner:口令@主机/库名；每个分片写一次。"
        "已分片的再运行一次，更新地址、口令、权限和触发器",
    )
    what.add_argument("--check", action="store_true", help="核对分片、编号登记和每周计数是否一致")
    what.add_argument("--repair", action="store_true", help="核对并修复不一致的")
    what.add_argument("--back", action="store_true", help="把数据移回协调库，不再分片")
    parser.add_argument(
        "--reader", metavar="账号:口令", type=_login, help="看板在各分片上的只读账号，与 --to 同用"
    )
    parser.set_defaults(run=on_database(_run))


def _address(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"}:
        raise argparse.ArgumentTypeError("应为 postgresql://账号:口令@主机/库名 这样的地址")
    if not (url.username and url.password and url.host and url.database):
        raise argparse.ArgumentTypeError("应写全账号、口令、主机和库名")
    return url


def _login(text: str) -> Login:
    name, _, password = text.partition(":")
    if not (name and password):
        raise argparse.ArgumentTypeError("应为 账号:口令")
    return Login(name, password)


def _run(engine: Engine, options: argparse.Namespace) -> str:
    if engine.dialect.name != "postgresql":
        raise CommandError("只有 PostgreSQL 能分片，请核对环境变量 DATABASE_URL")
    if not migration.is_current(engine):
        raise CommandError(NOT_CURRENT)
    try:
        if options.to:
            return _shard(engine, options)
        if options.back:
            moved = bring_back(engine)
            return f"已把 {moved} 行移回协调库。分片库里的表没有删，核对后可由其所有者删除。"
        return _compare(engine, shard_check.repair if options.repair else None)
    except ShardingError as error:
        raise CommandError(str(error)) from error
    except DBAPIError as error:
        if is_of_a_shard(error):
            away = "、".join(names_away(engine))
            raise CommandError(f"有分片连不上，没有做完。存放其中的县区：{away}") from error
        raise


def _shard(engine: Engine, options: argparse.Namespace) -> str:
    if options.reader is None:
        raise CommandError("请用 --reader 账号:口令 写明看板在各分片上的只读账号")
    counted = shard(engine, options.to, options.reader)
    with engine.connect() as conn:
        counties = {each.server: _names(each) for each in shards(conn)}
    lines = [f"{server}：{number} 行，{counties[server]}" for server, number in counted]
    return "\n".join(["已分片。", *lines])


def _names(of: Shard) -> str:
    return "、".join(unit.short_name for unit in UNITS if unit.code in of.counties)


def _compare(engine: Engine, repair: Callable[..., Mapping[str, Differences]] | None) -> str:
    with engine.begin() as conn:
        if not shards(conn):
            raise ShardingError("数据库没有分片，不必核对")
        found = (repair or shard_check.compare)(conn)
    if not found:
        return "一致：分片、编号登记和每周计数都对得上。"
    lines = [_told(unit.name, found[unit.code]) for unit in UNITS if unit.code in found]
    if repair is None:
        raise CommandError(
            "\n".join([*lines, "不一致。修复请运行 shard --repair，再重新导入当时的文件。"])
        )
    return "\n".join([*lines, "已修复，每周计数已重算。请把当时没有导入成功的文件重新导入。"])


def _told(county: str, of: Differences) -> str:
    kinds = (("分片中缺", of.missing), ("分片中多", of.extra), ("与登记不符", of.other))
    parts = [f"{words} {len(rows)} 行（{_listed(rows)}）" for words, rows in kinds if rows]
    if of.counts_differ:
        parts.append("每周计数不符")
    return f"{county}：{'，'.join(parts)}"


def _listed(numbers: list[str]) -> str:
    return "、".join(numbers[:_SHOWN]) + ("……" if numbers[_SHOWN:] else "")
