"""What a meeting is shown, once for the wall and for every file: sections of sentences and figures.

Whoever draws a section (a slide, a page of a PDF, a paragraph, a native chart) writes what stands
here and works nothing out, so that a figure is the same wherever it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

# Sections with their own place in files; the others follow one another.
FIGURES: Final = "figures"
DECISIONS: Final = "decisions"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a row of figures.

    ``value`` and ``change`` are written; ``change`` is the one to the week before, empty where
    it is not known. ``note`` says the fraction or what is counted. ``worse`` makes it red.
    """

    label: str
    value: str
    change: str
    note: str
    worse: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length (a share of 0 to 1 or a count; NaN unknown), its words.

    ``low`` and ``high`` bound a share (Wilson, 95 %); NaN where none are drawn. ``is_late`` is
    red; ``is_small`` pale: too few cases to be compared.
    """

    name: str
    value: float
    written: str
    is_late: bool = False
    is_small: bool = False
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, first one on top. ``target`` is a dashed line, in the unit of the values."""

    title: str
    unit: str
    is_share: bool
    bars: tuple[Bar, ...]
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One course: a value for each of the weeks, NaN where it is not known."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Courses over weeks (written Thursdays, oldest first).

    The last ``provisional`` points are still filling up: they are drawn hollow.
    """

    title: str
    unit: str
    weeks: tuple[str, ...]
    lines: tuple[Line, ...]
    provisional: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of written cells. ``late`` holds the positions (row, column) that are red."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    late: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """One answer: a sentence, what shows it, further sentences, its source and day.

    ``heading`` names the subject in a few words; ``title`` is the answer. A section has tiles, a
    chart, a grid, or several of these. ``source`` names the ledgers and the day; whoever draws it
    puts ``来源：`` before it. ``late`` are the places in ``notes`` of what is late.
    """

    key: str
    heading: str
    title: str
    source: str
    tiles: tuple[Tile, ...] = ()
    chart: Bars | Lines | None = None
    grid: Grid | None = None
    notes: tuple[str, ...] = ()
    late: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Briefing:
    """All that a meeting is shown.

    ``where`` is the reader's scope in words (全市, a county); ``basis`` says whether the figures
    are those frozen for the meeting or as known now; ``week`` is the Thursday that names the week.
    """

    title: str
    where: str
    as_of: date
    week: date
    basis: str
    sections: tuple[Section, ...]
