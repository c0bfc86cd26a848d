"""What columns the weekly form and the bulletin's table have: ``weekly_form.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

SETTINGS: Final = Path(__file__).with_name("weekly_form.toml")
KINDS: Final = ("text", "count", "money")
TYPES: Final = ("subject", "disguised", "online", "unlicensed", "price")
# What each measure is, and of which kind a column of it may be; `weekly_form` counts them.
MEASURES: Final = {
    "county": "text",
    "period": "text",
    "people": "count",
    "visits": "count",
    "unlicensed": "count",
    "subject": "count",
    "non_subject": "count",
    "individuals": "count",
    "in_order": "count",
    "not_in_order": "count",
    "price": "count",
    "forms": "text",
    "measures": "text",
    "refund_yuan": "money",
    "refund_students": "count",
    "resolved_students": "count",
    "notes": "text",
}
_PARTS: Final = ("header", "short", "width", "kind", "measure", "definition")
# These name a row and count nothing.
NAMES: Final = ("county", "period")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, its width in characters, its kind, what it shows, and in words.

    ``short`` is the header on screen, where headers do not wrap. ``kind`` is one of ``KINDS``,
    ``measure`` one of ``MEASURES``, ``definition`` is the 口径.
    """

    header: str
    short: str
    width: int
    kind: str
    measure: str
    definition: str


@dataclass(frozen=True, slots=True)
class Forms:
    """The settings: two tables' titles and columns, how types are sorted, how much is listed.

    ``types`` has for each of ``TYPES`` the listed words of 违规类型 that belong to it.
    """

    form_title: str
    bulletin_title: str
    form: tuple[Column, ...]
    bulletin: tuple[Column, ...]
    types: dict[str, frozenset[str]]
    measures_listed: int


@cache
def forms() -> Forms:
    """Return the forms of the settings file."""
    return read_forms(SETTINGS.read_text(encoding="utf-8"))


def read_forms(text: str) -> Forms:
    """Return the forms that a settings file holds.

    Raises:
        ValueError: a setting is missing, unknown or of the wrong kind, or a header, a measure or
            a type stands twice; the message says which, in Chinese.
    """
    settings = tomllib.loads(text)
    wanted = {"form_title", "bulletin_title", "types", "limits", "form", "bulletin"}
    _same(settings, wanted, "")
    _same(settings["types"], TYPES, "types 的")
    _same(settings["limits"], ["measures_listed"], "limits 的")
    listed = settings["limits"]["measures_listed"]
    if not _is_positive(listed):
        raise _wrong("limits 的 measures_listed 应是大于 0 的整数")
    words = [word for name in TYPES for word in settings["types"][name]]
    if len(words) != len(set(words)):
        raise _wrong("types 中有的违规类型写了两次")
    return Forms(
        settings["form_title"],
        settings["bulletin_title"],
        _columns(settings["form"], "form"),
        _columns(settings["bulletin"], "bulletin"),
        {name: frozenset(settings["types"][name]) for name in TYPES},
        listed,
    )


def _columns(rows: list[dict[str, Any]], name: str) -> tuple[Column, ...]:
    for place, row in enumerate(rows, start=1):
        where = f"{name} 第 {place} 栏的"
        _same(row, _PARTS, where)
        if not _is_positive(row["width"]):
            raise _wrong(f"{where} width 应是大于 0 的整数")
        if MEASURES.get(row["measure"]) != row["kind"]:
            raise _wrong(f"{where} measure {row['measure']} 不认得，或不是 {row['kind']}")
    for part in ("header", "short", "measure"):
        if len({row[part] for row in rows}) != len(rows):
            raise _wrong(f"{name} 有两栏的 {part} 相同")
    if not rows or rows[0]["measure"] != "county":
        raise _wrong(f"{name} 的第一栏应是县区")
    return tuple(Column(**row) for row in rows)


def _same(found: Collection[str], wanted: Collection[str], where: str) -> None:
    strange, missing = set(found) - set(wanted), set(wanted) - set(found)
    if strange or missing:
        raise _wrong(
            f"{where}多出 {'、'.join(sorted(strange)) or '无'}，"
            f"缺少 {'、'.join(sorted(missing)) or '无'}"
        )


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _wrong(what: str) -> ValueError:
    return ValueError(f"报表设置 {SETTINGS.name} 有误：{what}")
