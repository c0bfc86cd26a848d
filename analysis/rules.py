"""Rules that hold from a day on: ``rules.toml``, read once.

A fact is judged by the version of a rule in force on the fact's own day, never by one constant.
A rule, or a new version of one, is a row of the settings. What a row can be about, its measure,
is one of :data:`MEASURES`; the modules that judge facts know how each is measured.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pandas as pd

SETTINGS: Final = Path(__file__).with_name("rules.toml")
# Every measure, with the field of the row that holds its limit.
MEASURES: Final = {
    "months": "most",
    "lessons": "most",
    "months_ahead": "most",
    "amount_yuan": "most",
    "outside_account": None,
    "rest_day": None,
    "ends_after": "latest",
    "unpermitted": None,
}
CATEGORIES: Final = ("subject", "sports", "arts", "technology", "other")
MODES: Final = ("offline", "online")
_FIELDS: Final = {
    *("code", "title", "measure", "from", "to", "most", "latest"),
    *("categories", "mode", "document", "document_title"),
}
_WHOLE: Final = ("months", "months_ahead")  # calendar months, so no parts of them
_NEEDED: Final = ("code", "title", "measure", "from", "document", "document_title")


class RulesError(ValueError):
    """The rules cannot be used; the message says in Chinese what to mend."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule.

    It holds on ``first_on``, on ``last_on`` (none: to this day) and between. ``most`` or
    ``latest`` is the limit, and what equals it keeps the rule. ``categories`` are those of
    institutions it holds for (none: all), ``mode`` the way of teaching (none: both).
    """

    code: str
    title: str
    measure: str
    first_on: date
    last_on: date | None
    most: float | None
    latest: time | None
    categories: tuple[str, ...]
    mode: str | None
    document: str
    document_title: str

    @property
    def citation(self) -> str:
        """The document, as an officer cites it."""
        return f"{self.document}《{self.document_title}》"

    def holds(self, day: date, *, category: str | None = None, mode: str | None = None) -> bool:
        """Whether it is in force on the day for the category and the way of teaching.

        A category or way that is not known (none) is held by rules for all of them only.
        """
        return (
            self.first_on <= day
            and (self.last_on is None or day <= self.last_on)
            and (not self.categories or category in self.categories)
            and (self.mode is None or mode == self.mode)
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Return what ``rules.toml`` says, in its order.

    Raises:
        RulesError: something is missing, unknown or contradicts itself.
    """
    return parse(SETTINGS.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[Rule, ...]:
    """Return the rules of such a text, in its order.

    Raises:
        RulesError: something is missing, unknown or contradicts itself.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"规定设置读不出来：{error}") from error
    found = tuple(_rule(row) for row in said.get("rule", []))
    for one, other in combinations(found, 2):
        if one.code == other.code:
            _check_versions(one, other)
    return found


def in_force(
    known: Iterable[Rule],
    code: str,
    day: date,
    *,
    category: str | None = None,
    mode: str | None = None,
) -> Rule | None:
    """Return the version of a rule in force on the day, if one is.

    ``category`` and ``mode`` are those of the fact, none where not known.
    """
    return next(
        (
            each
            for each in known
            if each.code == code and each.holds(day, category=category, mode=mode)
        ),
        None,
    )


def holding(
    rule: Rule, days: pd.Series, categories: pd.Series, modes: pd.Series | None = None
) -> pd.Series:
    """Say of each fact whether the version is in force for it: `Rule.holds`, as vectors.

    ``days`` are datetimes, ``categories`` and ``modes`` codes, NA where not known; a fact whose
    day is not known is held by no rule. Returns booleans on the index of ``days``.
    """
    holds = days >= pd.Timestamp(rule.first_on)
    if rule.last_on is not None:
        holds &= days <= pd.Timestamp(rule.last_on)
    if rule.categories:
        holds &= categories.isin(rule.categories)
    if rule.mode is not None:
        holds &= (
            modes.eq(rule.mode).fillna(value=False).astype(bool) if modes is not None else False
        )
    return holds


def with_rule(facts: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Name on each fact the rule that it breaks.

    Adds ``rule`` (str, code), ``measure``, ``rule_title`` (str), ``rule_from`` (datetime64[s],
    the first day of the version) and ``citation`` (str).
    """
    return facts.assign(
        rule=pd.Series(rule.code, index=facts.index, dtype="str"),
        measure=pd.Series(rule.measure, index=facts.index, dtype="str"),
        rule_title=pd.Series(rule.title, index=facts.index, dtype="str"),
        rule_from=pd.Series(pd.Timestamp(rule.first_on), index=facts.index, dtype="datetime64[s]"),
        citation=pd.Series(rule.citation, index=facts.index, dtype="str"),
    )


def measured_by(known: Iterable[Rule], measures: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules about one of the measures, in their order."""
    return tuple(each for each in known if each.measure in measures)


def _rule(row: dict[str, Any]) -> Rule:
    code = row.get("code", "?")
    missing = [name for name in _NEEDED if not row.get(name)]
    if missing:
        raise RulesError(f"规定 {code} 缺少：{'、'.join(missing)}")
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise RulesError(f"规定 {code} 多出：{'、'.join(unknown)}")
    rule = Rule(
        code=str(code),
        title=str(row["title"]),
        measure=str(row["measure"]),
        first_on=_day(row, "from"),
        last_on=_day(row, "to") if "to" in row else None,
        most=row.get("most"),
        latest=row.get("latest"),
        categories=tuple(row.get("categories", ())),
        mode=row.get("mode"),
        document=str(row["document"]),
        document_title=str(row["document_title"]),
    )
    _check(rule)
    return rule


def _day(row: dict[str, Any], name: str) -> date:
    value = row[name]
    if isinstance(value, datetime) or not isinstance(value, date):
        raise RulesError(f"规定 {row['code']} 的 {name} 应是日期，如 2022-12-29（不加引号）")
    return value


def _check(rule: Rule) -> None:
    """Hold one row against what the settings may say."""
    if rule.measure not in MEASURES:
        raise RulesError(f"规定 {rule.code} 的 measure 应是 {'、'.join(MEASURES)} 之一")
    wanted = MEASURES[rule.measure]
    given = {name for name in ("most", "latest") if getattr(rule, name) is not None}
    if given != ({wanted} if wanted else set()):
        raise RulesError(f"规定 {rule.code} 的限值应写 {wanted or '（不写）'}，只写这一项")
    is_number = isinstance(rule.most, int | float) and not isinstance(rule.most, bool)
    if wanted == "most" and not (is_number and rule.most >= 0):  # type: ignore[operator]
        raise RulesError(f"规定 {rule.code} 的 most 应是不小于 0 的数")
    if rule.measure in _WHOLE and rule.most != int(rule.most or 0):
        raise RulesError(f"规定 {rule.code} 的 most 应是整月数")
    if wanted == "latest" and not isinstance(rule.latest, time):
        raise RulesError(f"规定 {rule.code} 的 latest 应是时刻，如 20:30:00（不加引号）")
    if not set(rule.categories) <= set(CATEGORIES):
        raise RulesError(f"规定 {rule.code} 的 categories 只能是 {'、'.join(CATEGORIES)}")
    if rule.mode is not None and rule.mode not in MODES:
        raise RulesError(f"规定 {rule.code} 的 mode 应是 {'、'.join(MODES)} 之一")
    if rule.last_on is not None and rule.last_on < rule.first_on:
        raise RulesError(f"规定 {rule.code} 的 to 早于 from")


def _check_versions(one: Rule, other: Rule) -> None:
    """Hold two versions of one rule against each other: a fact has one version in force."""
    if one.measure != other.measure:
        raise RulesError(f"规定 {one.code} 的两版 measure 不同；不同的规定请用不同的 code")
    days = one.first_on <= (other.last_on or date.max) and other.first_on <= (
        one.last_on or date.max
    )
    categories = (
        not one.categories
        or not other.categories
        or bool(set(one.categories) & set(other.categories))
    )
    modes = one.mode is None or other.mode is None or one.mode == other.mode
    if days and categories and modes:
        raise RulesError(
            f"规定 {one.code} 的两版（{one.first_on} 起和 {other.first_on} 起）同时有效："
            "请给较早的一版写上 to（最后一天）"
        )
