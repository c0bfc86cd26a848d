"""What rules of data quality say, who mends what, from where: ``data_quality.toml``, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

SETTINGS: Final = Path(__file__).with_name("data_quality.toml")
OF_CITY: Final = "市督查组"
OWNERS: Final = ("县区", "县区责任部门", OF_CITY)
# What no SQL judges, and what is no row of a ledger.
REPORT_OUTSIDE: Final = "report_outside"
JUDGED: Final = {
    "institution_outside": "institution",
    REPORT_OUTSIDE: "violation_report",
    "code_wrong": "institution",
    "roster_code_wrong": "roster_entry",
}
# Of it the sums tell in how many rows any rule finds something: all are then of one owner.
_OF_COUNTIES: Final = "violation_report"
SILENT_WEEK: Final = "silent_week"
ACROSS_COUNTIES: Final = "licence_elsewhere"  # of one county alone it says nothing


class SettingsError(ValueError):
    """The settings cannot be used; the message says in Chinese what to mend."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in words.

    ``owner`` is one of ``OWNERS``; ``urgency`` 1 is to be mended first. ``columns`` are those of
    the table by whose change a row got or stays wrong, ``said`` what is wrong with the values of a
    row, ``since`` columns of days after which, and so many days more (a name of `Limits`, or
    none), time alone makes it wrong.
    """

    code: str
    table: str
    title: str
    why: str
    owner: str
    mend: str
    urgency: int
    columns: tuple[str, ...]
    said: str
    since: tuple[tuple[str, str], ...] = ()

    @property
    def is_of_county(self) -> bool:
        """Whether a county mends it, so that it counts for the county."""
        return self.owner != OF_CITY


@dataclass(frozen=True, slots=True)
class Limits:
    """From where something is wrong; the settings say what each is. Days, metres, weeks, rows."""

    open_report_days: int
    idle_item_days: int
    pending_check_days: int
    same_phone: int
    outside_metres: int
    always_weeks: int
    arrival_weeks: int
    looked_back_weeks: int
    small_denominator: int

    def of(self, kind: type[Any]) -> Any:
        """Return those that a smaller set of limits asks for by the same names."""
        return kind(**{each.name: getattr(self, each.name) for each in fields(kind)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules by code, in the order in which they stand, and the limits."""

    rules: dict[str, Rule]
    limits: Limits


@cache
def settings() -> Settings:
    """Return what ``data_quality.toml`` says.

    Raises:
        SettingsError: something is missing, unknown or said twice.
    """
    return parse(SETTINGS.read_text(encoding="utf-8"))


def parse(text: str) -> Settings:
    """Return what such a text says.

    Raises:
        SettingsError: something is missing, unknown or said twice.
    """
    said = tomllib.loads(text)
    try:
        limits = Limits(**said["limits"])
    except (KeyError, TypeError) as error:
        raise SettingsError(f"数据质量设置的 [limits] 缺少一项，或多出一项：{error}") from error
    rules: dict[str, Rule] = {}
    for each in said.get("rule", []):
        rule = _rule(each, limits)
        if rule.code in rules:
            raise SettingsError(f"数据质量设置里规则 {rule.code} 写了两次")
        rules[rule.code] = rule
    return Settings(rules, limits)


def _rule(said: dict[str, Any], limits: Limits) -> Rule:
    code = said.get("code", "?")
    known = {each.name: getattr(limits, each.name) for each in fields(limits)}
    since = tuple((column, limit) for column, limit in said.get("since", ()))
    try:
        rule = Rule(**(said | {"columns": tuple(said["columns"]), "since": since}))
    except (KeyError, TypeError) as error:
        raise SettingsError(f"数据质量设置里规则 {code} 缺少一项，或多出一项：{error}") from error
    if rule.owner not in OWNERS:
        raise SettingsError(f"规则 {code} 的 owner 应是 {'、'.join(OWNERS)} 之一")
    if rule.table == _OF_COUNTIES and rule.code != SILENT_WEEK and not rule.is_of_county:
        raise SettingsError(f"规则 {code} 的 owner 应是县区：举报的问题按县区合计，不分由谁来改")
    unknown = [limit for _, limit in since if limit and limit not in known]
    if unknown:
        raise SettingsError(f"规则 {code} 的 since 用了没有的限值：{'、'.join(unknown)}")
    return Rule(
        **{each.name: getattr(rule, each.name) for each in fields(rule) if each.name != "title"},
        title=rule.title.format(**known),
    )
