"""The lists of six sources from which each county puts together who is there at all."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sample_data import city
from sample_data.days import dice
from sample_data.institutions import Institution
from sample_data.names import BRANDS, STEMS, TEACHES, credit_code, landline
from sample_data.records import Record, Values, Version
from sample_data.units import UNITS


@dataclass(frozen=True)
class Source:
    """How complete and how careful one source is; shares from 0 to 1."""

    code: str
    prefix: str
    sent_on: tuple[date, ...]
    covers: Callable[[Institution, date], float]
    has_code: float
    misspells: float
    strangers: int


def _by_code(share: float) -> Callable[[Institution, date], float]:
    return lambda institution, _: share if institution.credit_code else 0


def _licensed(institution: Institution, _: date) -> float:
    return 0.75 if institution.licence_no else 0


def _on_platform(institution: Institution, sent_on: date) -> float:
    day = institution.registered_on
    return float(day is not None and day < sent_on)


def _anyone(share: float) -> Callable[[Institution, date], float]:
    return lambda *_: share


SOURCES = (
    Source("moe", "JYB", (date(2022, 4, 7),), _licensed, 0.9, 0.05, 25),
    Source(
        "market_regulator", "SCJG", (date(2022, 4, 14), date(2022, 7, 14)), _by_code(0.9), 1, 0.1,
        110,
    ),
    Source("community_visit", "", (date(2022, 5, 12), date(2022, 7, 21)), _anyone(0.35), 0.1, 0.5,
           60),
    Source("questionnaire", "WJ", (date(2022, 6, 2),), _anyone(0.3), 0, 0.55, 35),
    Source("self_report", "ZB", (date(2022, 6, 30),), _anyone(0.6), 0.8, 0.15, 5),
    Source("platform", "PT", (date(2022, 7, 28), date(2022, 8, 18)), _on_platform, 1, 0.02, 0),
)  # fmt: skip


def roster_records(seed: int, institutions: list[Institution]) -> list[Record]:
    """List the lines of every source; one that is known already is not listed again."""
    rng = dice(seed, "rosters")
    return [record for source in SOURCES for record in _lines(source, institutions, rng)]


def _lines(source: Source, institutions: list[Institution], rng: random.Random) -> Iterator[Record]:
    number = 0
    seen: set[tuple[str, str]] = set()
    for sent_on in source.sent_on:
        known = [i for i in institutions if i.found_on <= sent_on]
        rows = [
            (i.unit, _line(source, i, rng))
            for i in known
            if not _closed(i, sent_on) and rng.random() < source.covers(i, sent_on)
        ]
        rows += [_stranger(source, rng) for _ in range(source.strangers)]
        for unit, values in rows:
            who = (unit, str(values["机构名称"]))
            if who in seen:
                continue
            seen.add(who)
            number += 1
            values["名单编号"] = f"{source.prefix}{number:05d}" if source.prefix else None
            key = f"{source.prefix}{number:05d}"
            yield Record("roster_entries", key, unit, (Version(sent_on, values),), "city")


def _closed(institution: Institution, day: date) -> bool:
    return institution.deregistered_on is not None and institution.deregistered_on < day


def _line(source: Source, institution: Institution, rng: random.Random) -> Values:
    coded = institution.credit_code and rng.random() < source.has_code
    name = institution.name
    return {
        "名单来源": source.code,
        "名单编号": None,
        "县区": institution.unit,
        "机构名称": _variant(name, rng) if rng.random() < source.misspells else name,
        "统一社会信用代码": institution.credit_code if coded else None,
        "许可证号": institution.licence_no if source.code in {"moe", "platform"} else None,
        "地址": _short_address(institution, rng),
        "联系电话": institution.phone if rng.random() < 0.7 else None,
    }


def _variant(name: str, rng: random.Random) -> str:
    """Write the name as somebody else does: shorter, with the city, or with a slip."""
    changed = rng.choice(
        (
            name.replace("柳州市", "").replace("有限公司", "公司"),
            name if name.startswith("柳州市") else f"柳州市{name}",
            name.replace("培训中心", "培训").replace("培训学校", "学校"),
            name.replace("己", "已").replace("戊", "戌").replace("巳", "已"),
            name.replace("艺术工作室", "工作室").replace("俱乐部", "馆"),
        )
    )
    return changed if changed != name else f"{name}（{rng.choice(('总部', '校区'))}）"


def _short_address(institution: Institution, rng: random.Random) -> str:
    if rng.random() < 0.6:
        return institution.site.address
    return institution.site.address.removeprefix("柳州市").split("号")[0] + "号"


def _stranger(source: Source, rng: random.Random) -> tuple[str, Values]:
    """Someone the ledger doesn't have: moved away, never opened, or still to be found."""
    unit = rng.choices(list(UNITS.values()), [unit.institutions for unit in UNITS.values()])[0]
    category = rng.choice(list(TEACHES))
    subject = rng.choice(TEACHES[category])
    name = f"{rng.choice(BRANDS)}{rng.choice(STEMS)}{subject}{rng.choice(('馆', '室', '教育'))}"
    coded = source.has_code > 0.5
    return unit.code, {
        "名单来源": source.code,
        "名单编号": None,
        "县区": unit.code,
        "机构名称": name,
        "统一社会信用代码": (
            credit_code(unit.adcode, 4000 + rng.randrange(5000)) if coded else None
        ),
        "许可证号": None,
        "地址": city.street_site(unit, rng).address,
        "联系电话": landline(rng.randrange(10000)),
    }
