"""The command line of the database: ``python -m data_access --help`` names the commands."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access import (
    account_commands,
    backup_command,
    freeze_command,
    migration,
    shard_command,
    verify_command,
)
from data_access.command_line import (
    DONE,
    NO_DATABASE,
    NOT_CURRENT,
    NOT_DONE,
    CommandError,
    Parser,
    on_database,
)
from data_access.engine import connect_to, database_url
from data_access.ledgers.importing import (
    FileReport,
    Imported,
    failure,
    import_file,
    today_in_beijing,
)
from data_access.ledgers.storing import Sender
from data_access.ledgers.values import county_words
from data_access.ledgers.workbooks import SENT
from data_access.reference import counties
from data_access.row_security import why_no_writer
from data_access.scope import Scope

ALL_LOADED: Final = DONE
NOT_READ: Final = NOT_DONE
SOME_REJECTED: Final = 3
SENDER: Final = "命令行"
SHOWN_PROBLEMS: Final = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m data_access",
        description="监管数据库的命令行。数据库由环境变量 DATABASE_URL 指定，"
        "不指定则为 var/ 下的 SQLite 文件。",
    )
    commands = parser.add_subparsers(
        title="命令", metavar="命令", required=True, parser_class=Parser
    )
    migrate = commands.add_parser("migrate", help="把数据库更新到最新结构，并放入县区和专项行动")
    migrate.set_defaults(run=on_database(_migrate))
    sample = commands.add_parser("sample", help="建立演示数据库（数据均为虚构）")
    sample.set_defaults(run=_sample)
    _add_import(commands.add_parser("import", help="导入台账文件"))
    freeze_command.add_to(commands.add_parser("freeze", help="冻结一周会上报告的数字"))
    account_commands.add_to(commands.add_parser("account", help="管理账号"))
    backup_command.add_to(
        commands.add_parser("backup", help="备份整个数据库"),
        commands.add_parser("restore", help="把备份恢复到空库"),
    )
    verify_command.add_to(commands.add_parser("verify-plan", help="核对一个暗访计划的抽签"))
    shard_command.add_to(commands.add_parser("shard", help="把举报线索分到几台数据库，核对，移回"))
    return parser


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "导入台账。一个文件一次事务：每一行或新增、或更新、或退回并说明原因。"
        "退出码：0 全部导入，3 有行被退回，2 有文件读不出来；几个文件取最重的。"
    )
    kinds = "、".join(f"{kind.name} {kind.title}" for kind in SENT.values())
    parser.add_argument("kind", metavar="KIND", choices=tuple(SENT), help=f"台账种类：{kinds}")
    parser.add_argument("files", metavar="FILE", nargs="+", help="文件：.xlsx、.xls 或 .csv")
    parser.add_argument("--county", metavar="县区", help="报送县区：代码、全称或简称")
    parser.add_argument(
        "--crs",
        choices=("wgs84", "gcj02", "bd09"),
        default="wgs84",
        help="文件中经纬度的坐标系，不写为 wgs84",
    )
    parser.add_argument(
        "--received-on", metavar="日期", help="收到文件的日期（2022-07-07），不写为今天"
    )
    parser.add_argument("--dry-run", action="store_true", help="只检查，不写入数据库")
    parser.add_argument("--report", metavar="OUT.json", type=Path, help="把结果写成 JSON 文件")
    parser.add_argument(
        "--rejects",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="退回的行写到哪个文件夹，不写为当前文件夹；没有退回的行就不写",
    )
    parser.set_defaults(run=_import)


def _migrate(engine: Engine, _options: argparse.Namespace) -> str:
    try:
        migration.upgrade(engine)
    except migration.MigrationError as error:
        raise CommandError(str(error)) from error
    return "数据库已是最新结构。"


def _sample(_options: argparse.Namespace) -> int:
    # The made-up city stands outside this room and is needed by this command alone.
    from sample_data.build import SampleError, build

    progress = _Progress()
    try:
        build(database_url(), progress=progress.show)
    except SampleError as error:
        progress.end()
        print(error, file=sys.stderr)
        return NOT_READ
    progress.end()
    print("演示数据库已建好。")
    return ALL_LOADED


def _import(options: argparse.Namespace) -> int:
    engine = connect_to(database_url())
    try:
        reason, county = _ready(engine, options.county)
        day, no_day = _day(options.received_on)
        reason = reason or no_day
        if reason is not None:
            print(reason, file=sys.stderr)
        reports = [
            failure(options.kind, _sayable(file), reason)
            if reason is not None
            else _import_one(engine, options, file, county, day)
            for file in options.files
        ]
    finally:
        engine.dispose()
    codes = [_exit_code(one) for one in reports]
    if options.report is not None and not _is_written(options.report, reports):
        codes.append(NOT_READ)
    return max(codes, key=_SEVERITY.index)


def _is_written(path: Path, reports: list[FileReport]) -> bool:
    """Write the report, whole or not at all; say so where that cannot be."""
    text = json.dumps([one.as_json() for one in reports], ensure_ascii=False, indent=2)
    unfinished = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        print(
            f"结果写不进 {_sayable(str(path))}（{error.strerror}）；各文件是否导入，以上面所列为准",
            file=sys.stderr,
        )
        return False
    return True


def _ready(engine: Engine, county: str | None) -> tuple[str | None, str | None]:
    """Return why nothing can be imported, and the code of the county that was named."""
    try:
        if not migration.is_current(engine):
            return NOT_CURRENT, None
        with engine.connect() as conn:
            reason = why_no_writer(conn)
            if reason is not None:
                return reason, None
            words = county_words(counties(conn, scope=Scope.city()))
    except SQLAlchemyError:
        return NO_DATABASE, None
    if county is None:
        return None, None
    code = words.get(county.strip().upper())
    return (None, code) if code else (f"--county {county} 不是本市的县区（新区）", None)


def _day(text: str | None) -> tuple[date | None, str | None]:
    """Return the day of arrival that was named, and why it can be none."""
    if text is None:
        return None, None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, f"--received-on {text} 不是日期，应如 2022-07-07"
    return day, f"--received-on {text} 晚于今天" if day > today_in_beijing() else None


def _import_one(
    engine: Engine,
    options: argparse.Namespace,
    file: str,
    county: str | None,
    received_on: date | None,
) -> FileReport:
    progress = _Progress()
    path = Path(file)
    imported = import_file(
        engine,
        SENT[options.kind],
        path,
        file_name=path.name,
        sender=Sender(SENDER, county),
        crs=options.crs,
        received_on=received_on,
        dry_run=options.dry_run,
        progress=lambda share, words: progress.show(f"{path.name}：{words} {share:.0%}"),
    )
    progress.end()
    report = replace(imported.report, file=_sayable(file))
    if report.rows_rejected:
        report = _with_rejects(report, imported, options.rejects, path.stem)
    _tell(report, is_trial=options.dry_run)
    return report


def _sayable(path: str) -> str:
    """Return a path as it can be printed; a name on disk may be text in no encoding."""
    return path.encode("utf-8", "replace").decode()


def _with_rejects(report: FileReport, imported: Imported, folder: Path, stem: str) -> FileReport:
    """Write the rejected rows into the folder, under a name that is free."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = imported.rejects_workbook()
        for number in count(1):
            path = folder / (f"{stem}_退回.xlsx" if number == 1 else f"{stem}_退回_{number}.xlsx")
            try:
                with path.open("xb") as file:
                    _write_whole(path, file, data)
            except FileExistsError:
                continue
            return replace(report, rejects_file=_sayable(str(path)))
    except OSError as error:
        print(
            f"退回的行写不进 {folder}（{error.strerror}）；"
            "能写了以后把同一文件再导入一次，即可得到退回的行",
            file=sys.stderr,
        )
    return report


def _write_whole(path: Path, file: BinaryIO, data: bytes) -> None:
    """Write a file that is new, and leave no part of it where it does not go in whole."""
    try:
        file.write(data)
        file.flush()
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _tell(report: FileReport, *, is_trial: bool) -> None:
    if report.is_unread:
        print(f"{report.file}：没有导入。{report.problems[0].problem}")
        return
    trial, will = ("（试导入，未写入）", "将") if is_trial else ("", "")
    print(f"{report.file}：{trial}{report.counted(will)}")
    for problem in report.problems[:SHOWN_PROBLEMS]:
        where = "，".join(
            part
            for part in (
                problem.sheet,
                f"第 {problem.row} 行" if problem.row is not None else None,
                problem.column,
            )
            if part
        )
        word = "退回" if problem.severity == "error" else "提示"
        print(f"  {word} {where}：{problem.problem}")
    if len(report.problems) > SHOWN_PROBLEMS:
        print(f"  ……共 {len(report.problems)} 处，全部问题见 --report 所写的文件")
    if report.rejects_file:
        print(f"  退回的行及原因：{report.rejects_file}")


_SEVERITY: Final = (ALL_LOADED, SOME_REJECTED, NOT_READ)


def _exit_code(report: FileReport) -> int:
    if report.is_unread:
        return NOT_READ
    return SOME_REJECTED if report.rows_rejected else ALL_LOADED


class _Progress:
    """One line on a terminal, written over as work goes on; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._has_line = False

    def show(self, what: str) -> None:
        if self._is_shown:
            print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)
            self._has_line = True

    def end(self) -> None:
        if self._has_line:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._has_line = False


if __name__ == "__main__":
    sys.exit(main())
