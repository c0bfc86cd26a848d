"""What a ledger is described with: its columns, how their cells are read and what is masked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Table

from data_access.vocabulary import Vocabulary


class Read(StrEnum):
    """How the cells of a column are understood."""

    COUNT = "count"  # a whole number from 0
    COUNTY = "county"  # a reporting unit by code, full or short name
    CREDIT_CODE = "credit_code"  # GB 32100-2015, mended where it can be
    DAY = "day"  # a day on which something happened: not after today
    DAY_AHEAD = "day_ahead"  # a term or due day: may lie after today
    GROUPED = "grouped"  # stored as written, and by group in <name>_group
    MONEY = "money"  # yuan, two digits
    NUMBER = "number"  # any decimal number
    PERIOD = "period"  # what a document is of, by its due day (data_access.ledgers.periods)
    TEXT = "text"
    TIME_SPAN = "time_span"  # 19:00-20:30, into class_starts_at and class_ends_at
    WORD = "word"  # a word of the vocabulary, stored as its code
    YES_NO = "yes_no"


class Masks(StrEnum):
    """What of a cell is never stored, or never anywhere but in its own column."""

    NOTHING = "nothing"  # a number by which something is known
    PHONE = "phone"  # a column of telephone numbers: they are in no problem and no old value
    IDENTITIES = "identities"  # identity numbers are taken out: an office's telephone stays
    NUMBERS = "numbers"  # telephone and identity numbers are taken out
    NAMES = "names"  # somebody's own words: names that the same row gives are, too


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: where it goes, what it is called, how it is read."""

    name: str
    header: str
    synonyms: tuple[str, ...] = ()
    read: Read = Read.TEXT
    required: bool = False
    words: Vocabulary | None = None
    groups: tuple[str, ...] = ()
    masks: Masks = Masks.NUMBERS


@dataclass(frozen=True, slots=True)
class Kind:
    """One ledger: its name on the command line, its Chinese title, its table and columns."""

    name: str
    title: str
    table: Table
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column that fills the database column ``name``."""
        return next(column for column in self.columns if column.name == name)


def county_column(*, required: bool = False) -> Column:
    """Return the column of the county."""
    return Column(
        "county_code",
        "县区",
        ("县区（新区）", "所属县区", "辖区"),
        Read.COUNTY,
        required=required,
    )


# What a workbook that was downloaded here brings back, to notice rows changed since.
ROW_VERSION: Final = Column("row_version", "行版本", (), Read.COUNT)
