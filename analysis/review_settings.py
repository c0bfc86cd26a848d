"""What the action plan asks of a county, clause by clause: ``self_review.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from analysis.week_figures import SAID, Figure

SETTINGS: Final = Path(__file__).with_name("self_review.toml")
MORE: Final = "more"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure that is held against a clause.

    ``numerator`` and ``denominator`` are columns of ``data_access.self_review``; without a
    numerator it is the figure of ``analysis.week_figures`` with this code. ``least`` or
    ``most`` is what the plan asks for, where it says how much. ``better`` is ``more``,
    ``less`` or empty. ``none_is_fine``: nothing to count is as it should be, and not unknown.
    """

    code: str
    title: str
    unit: str
    says: str
    page: str
    rows: str = ""
    better: str = ""
    least: float | None = None
    most: float | None = None
    numerator: str = ""
    denominator: str = ""
    none_is_fine: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a part of something."""
        if not self.numerator:
            return SAID[Figure(self.code)].is_share
        return bool(self.denominator)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the plan in its own words, and what it is held against.

    ``duties`` and ``documents`` are codes of ``vocabulary.COUNTY_DUTY`` and ``DOCUMENT``;
    ``remark`` says why nothing is.
    """

    no: str
    title: str
    demand: str
    indicators: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The clauses in the order of the page, and the indicators by their codes."""

    clauses: tuple[Clause, ...]
    indicators: Mapping[str, Indicator]


@cache
def settings() -> Settings:
    """Return the settings file."""
    return read_settings(SETTINGS.read_text(encoding="utf-8"))


def read_settings(text: str) -> Settings:
    """Return what a settings file holds.

    Raises:
        ValueError: a clause names an indicator that is not there or is held against nothing,
            or an indicator asks for two things at once or is in no clause; the message says
            which, in Chinese.
    """
    written = tomllib.loads(text)
    indicators = {code: _indicator(code, each) for code, each in written["indicator"].items()}
    clauses = tuple(_clause(each) for each in written["clause"])
    named = {code for clause in clauses for code in clause.indicators}
    for clause in clauses:
        if not (clause.indicators or clause.duties or clause.documents or clause.remark):
            raise ValueError(f"县区自查设置 {SETTINGS.name} 的“{clause.title}”没有对照的内容")
    if named != indicators.keys():
        odd = "、".join(sorted(named ^ indicators.keys()))
        raise ValueError(f"县区自查设置 {SETTINGS.name} 的指标与条款不一致：{odd}")
    return Settings(clauses, indicators)


def _clause(written: Mapping[str, Any]) -> Clause:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in written.items()
    }
    return Clause(**given)


def _indicator(code: str, written: Mapping[str, Any]) -> Indicator:
    given = dict(written)
    numerator, denominator = (*given.pop("of", ()), "", "")[:2]
    if "least" in given and "most" in given:
        raise ValueError(f"县区自查设置 {SETTINGS.name} 的 {code} 只能写 least 或 most 之一")
    return Indicator(code, **given, numerator=numerator, denominator=denominator)
