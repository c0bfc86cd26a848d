"""Days without school: public holidays and weekends of the country, holidays of the city's schools.

Public holidays and make-up workdays (调休) are those of ``chinese_calendar``, which has them year
by year as the State Council publishes them; holidays of the region and of the city's schools are
in ``school_days.toml``, which the office checks. A day that neither knows is not guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import chinese_calendar
import pandas as pd
from chinese_calendar.constants import Holiday

SETTINGS: Final = Path(__file__).with_name("school_days.toml")
SCHOOL_HOLIDAYS: Final = {"winter": "寒假", "summer": "暑假"}
_WEEKEND: Final = ("周六", "周日")
_SATURDAY: Final = 5


class UnknownDayError(ValueError):
    """Nobody has said yet what the day is; the message says in Chinese what to do."""


class SettingsError(ValueError):
    """The settings cannot be used; the message says in Chinese what to mend."""


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """Days off of the city's schools: ``kind`` winter or summer, both ends included.

    ``checked`` says whether the office has held them against the published terms.
    """

    kind: str
    first_on: date
    last_on: date
    source: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """The days for which school holidays are known, these, and days off or on in the region only.

    ``rest`` has the name of the holiday by day.
    """

    known_from: date
    known_to: date
    holidays: tuple[SchoolHoliday, ...]
    rest: dict[date, str]
    work: frozenset[date]


@cache
def settings() -> Settings:
    """Return what ``school_days.toml`` says.

    Raises:
        SettingsError: something is missing or contradicts itself.
    """
    return parse(SETTINGS.read_text(encoding="utf-8"))


def parse(text: str) -> Settings:
    """Return what such a text says.

    Raises:
        SettingsError: something is missing or contradicts itself.
    """
    said = tomllib.loads(text)
    try:
        holidays = tuple(_holiday(row) for row in said.get("holiday", ()))
        local = said.get("local", ())
        found = Settings(
            said["known"]["from"],
            said["known"]["to"],
            holidays,
            {day: row["name"] for row in local for day in row["rest"]},
            frozenset(day for row in local for day in row["work"]),
        )
    except KeyError as error:
        raise SettingsError(f"校历设置缺少 {error}") from error
    if found.known_to < found.known_from:
        raise SettingsError("校历设置的 [known] 中 to 早于 from")
    if found.work & set(found.rest):
        raise SettingsError("校历设置里同一天既休息又补班")
    return found


def is_rest_day(day: date, *, known: Settings | None = None) -> bool:
    """Whether people rest: a public holiday, or a weekend that is not worked (调休补班).

    Holidays of schools do not count: see :func:`school_holiday`.

    Raises:
        UnknownDayError: the State Council's holidays of that year are not known.
    """
    return rest_name(day, known=known) is not None


def rest_name(day: date, *, known: Settings | None = None) -> str | None:
    """Name why people rest on a day: 国庆节假期, 壮族三月三, 周六; none on a working day.

    A holiday of the region goes before the country's make-up workday: that of 2022-04-02 was not
    worked in 广西.

    Raises:
        UnknownDayError: the State Council's holidays of that year are not known.
    """
    of_city = known or settings()
    if day in of_city.rest:
        return of_city.rest[day]
    if day in of_city.work:
        return None
    try:
        rests, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError as error:
        raise UnknownDayError(
            f"没有 {day.year} 年的法定节假日安排，无法判断 {day} 是不是休息日："
            "请更新 chinese-calendar 后再看"
        ) from error
    if not rests:
        return None
    return _WEEKEND[day.weekday() - _SATURDAY] if name is None else f"{_words_of(name)}假期"


def school_holiday(day: date, *, known: Settings | None = None) -> str | None:
    """Return ``winter`` or ``summer`` where the city's schools have holidays, both ends included.

    Raises:
        UnknownDayError: the settings do not reach to that day.
    """
    of_city = known or settings()
    if not of_city.known_from <= day <= of_city.known_to:
        raise UnknownDayError(
            f"校历只有 {of_city.known_from} 到 {of_city.known_to}，无法判断 {day} 是否在寒暑假："
            "请在 school_days.toml 补上新学年的校历"
        )
    return next(
        (each.kind for each in of_city.holidays if each.first_on <= day <= each.last_on), None
    )


def why_off(day: date, *, known: Settings | None = None) -> str:
    """Say why no subject class may be held on a day: ``周六、暑假``; empty where one may.

    A day on which people rest is off also where the school holidays are not known.

    Raises:
        UnknownDayError: it is no rest day, and the school holidays are not known; or the
            public holidays of the year are not.
    """
    rest = rest_name(day, known=known)
    try:
        holiday = school_holiday(day, known=known)
    except UnknownDayError:
        if rest is None:
            raise
        holiday = None
    named = [rest] if rest else []
    return "、".join(named + ([SCHOOL_HOLIDAYS[holiday]] if holiday else []))


def days_off(days: Iterable[date], *, known: Settings | None = None) -> pd.DataFrame:
    """Say of each day, once, why no subject class may be held on it.

    Returns ``day`` (datetime64[s]), ``off`` (str: :func:`why_off`, empty where one may) and
    ``known`` (bool: false where nobody has said yet what the day is), by day.
    """
    rows: list[tuple[date, str, bool]] = []
    for day in sorted(set(days)):
        try:
            rows.append((day, why_off(day, known=known), True))
        except UnknownDayError:
            rows.append((day, "", False))
    return pd.DataFrame(rows, columns=["day", "off", "known"]).astype(
        {"day": "datetime64[s]", "off": "str", "known": "bool"}
    )


def unchecked(known: Settings | None = None) -> str:
    """Say which school holidays the office has not held against the published terms yet."""
    of_city = known or settings()
    years = sorted(each.first_on.year for each in of_city.holidays if not each.checked)
    if not years:
        return ""
    span = f"{years[0]}" if years[0] == years[-1] else f"{years[0]} 至 {years[-1]}"
    return f"校历中 {span} 年 {len(years)} 段寒暑假的起止日期尚未由教育局核对。"


def _holiday(row: dict[str, Any]) -> SchoolHoliday:
    if row["kind"] not in SCHOOL_HOLIDAYS:
        raise SettingsError(f"校历设置的 kind 应是 {'、'.join(SCHOOL_HOLIDAYS)} 之一")
    if row["to"] < row["from"]:
        raise SettingsError(f"校历设置里 {row['from']} 起的假期 to 早于 from")
    return SchoolHoliday(row["kind"], row["from"], row["to"], row["source"], row["checked"])


def _words_of(name: str) -> str:
    words: str = Holiday(name).chinese
    return words
