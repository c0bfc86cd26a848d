"""Write the ledgers of the made-up city: ``python -m sample_data.generate [--folder DIR]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

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


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the ledgers and list them, one a line: kind, day, county, file."""
    parser = argparse.ArgumentParser(prog="sample_data.generate", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("var/sample_ledgers"))
    options = parser.parse_args(arguments)
    for delivery in write_ledgers(options.folder):
        county = delivery.county or "-"
        line = f"{delivery.kind}\t{delivery.received_on}\t{county}\t{delivery.path}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
