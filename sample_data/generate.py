"""Write the ledgers of the made-up city, or fill a database with as many reports as a country's.

``python -m sample_data.generate [--folder DIR | --reports N]``
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from data_access.command_line import DONE, NOT_DONE, Parser
from sample_data.habits import HABITS, county_word
from sample_data.records import Record
from sample_data.routes import Batch, batches
from sample_data.tables import lay_out
from sample_data.troubles import with_troubles
from sample_data.units import UNITS
from sample_data.workbooks import write_csv, write_xlsx
from sample_data.world import World, make_world, world_records

SEED = 20220701
REPORTS = 2600
MOST_REPORTS: Final = 100_000_000
LEDGERS: Final = Path("var/sample_ledgers")
SCALE: Final = Path("var/scale")
NOT_WRITTEN: Final = "数据库打不开或写不进去，没有写入举报。请核对环境变量 DATABASE_URL 和磁盘空间"


@dataclass(frozen=True)
class Delivery:
    """A file as it came in: ``import KIND PATH --county COUNTY --received-on RECEIVED_ON``."""

    kind: str
    path: Path
    county: str | None
    received_on: date


def write_ledgers(folder: Path, *, seed: int = SEED, reports: int = REPORTS) -> list[Delivery]:
    """Write every ledger into the folder and return them in the order they are to be imported.

    The same seed and number of reports give the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(batch, folder) for batch in batches(sample_records(seed, reports))]


def sample_records(seed: int = SEED, reports: int = REPORTS) -> list[Record]:
    """Every line of every ledger with its history, the planted troubles among them."""
    world: World = make_world(seed, reports)
    return with_troubles(world_records(seed, world))


def _write(batch: Batch, folder: Path) -> Delivery:
    route = batch.route
    habit = HABITS[route.habit or batch.rows[0].unit]
    single = route.layout == "single"
    as_sheets = route.layout == "sheets"
    county = route.units[0] if single else None
    suffix = "xlsx" if as_sheets or habit.file == "xlsx" else "csv"
    path = folder / f"{batch.received_on:%Y%m%d}-{route.name}.{suffix}"
    if as_sheets:
        _write_sheets(batch, path)
        return Delivery(route.kind, path, None, batch.received_on)
    sheet = lay_out(
        route.kind,
        UNITS[route.units[0]].name if single else "柳州市",
        batch.rows,
        habit,
        received_on=batch.received_on,
        county_column=not single or habit.says_county,
    )
    if suffix == "csv":
        write_csv(path, sheet, habit.file)
    else:
        sheet.name = "Sheet1"
        write_xlsx(path, [sheet], hidden_sheet=habit.hidden_sheet)
    return Delivery(route.kind, path, county, batch.received_on)


def _write_sheets(batch: Batch, path: Path) -> None:
    """One sheet a county, each in the county's own way; the sheet's name is the county."""
    sheets = []
    hidden = ""
    for unit, rows in groupby(batch.rows, key=lambda row: row.unit):
        habit = HABITS[unit]
        hidden = hidden or habit.hidden_sheet
        # A sheet named by a code would read as a number to most people.
        name = UNITS[unit].name if habit.county == "code" else county_word(unit, habit)
        sheets.append(
            lay_out(
                batch.route.kind,
                name,
                list(rows),
                habit,
                received_on=batch.received_on,
                county_column=habit.merged_county,
            )
        )
    write_xlsx(path, sheets, hidden_sheet=hidden)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the ledgers and list them, one a line: kind, day, county, file; or fill a database."""
    parser = Parser(
        prog="python -m sample_data.generate",
        description="不带 --reports：写出演示台账。带 --reports：把这么多条举报写进数据库，"
        "DATABASE_URL 未设时写进 var/scale/ 下的 SQLite 文件",
    )
    parser.add_argument(
        "--folder", type=Path, default=LEDGERS, help=f"台账写到哪里，默认 {LEDGERS}"
    )
    parser.add_argument("--reports", type=_number, help="生成多少条举报，如 10_000_000")
    options = parser.parse_args(arguments)
    if options.reports is not None:
        return _fill_database(options.reports)
    for delivery in write_ledgers(options.folder):
        county = delivery.county or "-"
        line = f"{delivery.kind}\t{delivery.received_on}\t{county}\t{delivery.path}\n"
        sys.stdout.write(line)
    return DONE


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_REPORTS:
        raise argparse.ArgumentTypeError(f"应为 1 至 {MOST_REPORTS:,} 的整数，如 10_000_000")
    return number


def _fill_database(reports: int) -> int:
    # Not at the top: building the sample writes its ledgers, so it imports this module.
    from sample_data import volume
    from sample_data.build import SampleError

    url = os.environ.get("DATABASE_URL") or f"sqlite:///{SCALE / f'{reports}.db'}"
    try:
        volume.fill(url, reports, seed=SEED, progress=_tell)
    except (volume.VolumeError, SampleError) as error:
        return _not_done(str(error))
    except DBAPIError as error:
        return _not_done(f"{NOT_WRITTEN}\n{str(error.orig).strip()}")
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        return _not_done(f"{NOT_WRITTEN}\n{error}")
    sys.stdout.write(f"已写入 {reports:,} 条举报\n")
    return DONE


def _tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")


def _not_done(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return NOT_DONE


if __name__ == "__main__":
    sys.exit(main())
