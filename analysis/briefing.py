"""The leaders' meeting: which answers it is given, in which order, each from the figures.

A section with nothing to say is left out. What a section says is written by the rules of its
subject; here they are put together, with the chart or table that shows it and its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import pandas as pd

from analysis import briefing_fees as fee_section
from analysis import briefing_sections as sections
from analysis import wording
from analysis.briefing_content import Briefing, Section
from analysis.concerns import Concern
from analysis.overview import Figures
from analysis.refunds import Watched
from analysis.signs import Signs

TITLE: Final = "校外培训治理会议简报"
NOW: Final = "现在所知"
FROZEN: Final = "会上冻结"


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the sections are written from.

    ``counties`` is ``analysis.overview.by_county``, ``figures`` and ``found`` are those of the
    overview, ``relapse`` is ``rectification.relapse`` with names. ``watch_list`` is ``None``
    where only its sums are known (frozen figures). ``flow`` has ``week``, ``opened`` and
    ``resolved`` (float64, NaN unknown). ``late`` says in sentences what usually arrives later,
    ``provisional`` how many weeks at the end of ``flow`` are still filling up.
    ``results`` is ``visit_results.results``, ``None`` for readers who do not read it; ``points``
    is ``analysis.four_points.side_by_side`` and ``fees`` are the figures of
    ``analysis.week_figures`` on prepaid money and checks. ``decisions`` is
    ``analysis.decisions.standing`` with ``kind_word``, ``followed_up`` its sentence. ``signs``
    is ``None`` where figures are frozen: they are not among these.
    """

    city: str
    where: str
    as_of: date
    week: date
    ends_on: date
    basis: str
    counties: pd.DataFrame
    figures: Figures
    found: Sequence[Concern]
    relapse: pd.DataFrame
    watched: Watched
    flow: pd.DataFrame
    watch_list: pd.DataFrame | None = None
    late: tuple[str, ...] = ()
    provisional: int = 0
    frozen_at: datetime | None = None
    results: pd.DataFrame | None = None
    points: pd.DataFrame | None = None
    fees: pd.DataFrame | None = None
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    followed_up: str = ""
    signs: Signs | None = None

    @property
    def day(self) -> str:
        """The day of the figures in words."""
        return wording.day_of_week(self.as_of, beside=self.ends_on)

    def source(self, *ledgers: str) -> str:
        """Say which ledgers a section is counted from, as of when, and on which basis."""
        known = "按现在所知"
        if self.frozen_at is not None:
            known = f"会上冻结的数字，冻结于 {self.frozen_at:%Y-%m-%d %H:%M}"
        return f"{'、'.join(ledgers)}；截至 {wording.full_day(self.as_of)}（{known}）"


def briefing(meeting: Meeting) -> Briefing:
    """Write the sections of a meeting that have something to say."""
    return Briefing(
        title=f"{meeting.city}{TITLE}",
        where=meeting.where,
        as_of=meeting.as_of,
        week=meeting.week,
        basis=meeting.basis,
        sections=tuple(_sections(meeting)),
    )


def _sections(meeting: Meeting) -> Iterator[Section]:
    for write in (
        sections.six_figures,
        sections.coverage,
        sections.items,
        sections.disputes,
        fee_section.fees,
        sections.visits,
        sections.points,
        sections.decisions,
    ):
        section = write(meeting)
        if section is not None:
            yield section
