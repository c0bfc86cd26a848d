"""Reports by the million at the places and institutions of the made-up city.

They make the sample the size of a province or a country: ten years up to its last day, busier
every summer and every year, at a few hundred places of which some are busy and most are not. Of
every size, seed and chunk the same rows come out, and a day's share of all reports is the same at
every size, so that sizes can be held against each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, time, timedelta
from math import exp
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine, inspect, make_url

from data_access import bulk, migration
from data_access.engine import connect_to
from data_access.scope import Scope
from data_access.shards import shards
from data_access.weeks import reporting_week
from sample_data import build
from sample_data.days import LAST_DAY, SATURDAY, days_between
from sample_data.report_words import CHANNELS, HIDDEN_TYPES, HOURS, SUMMARIES, TYPES_BY_CATEGORY

FIRST_DAY: Final = date(2012, 8, 26)
SENDER: Final = "规模数据"
CHUNK: Final = 50_000
PLACES: Final = 400
NO_POINT: Final = 0.1
HAS_PHONE: Final = 0.55
TRUE: Final = 0.25
GROWTH: Final = 1.03  # from one year to the next
LONGEST_WAIT, LONGEST_CLOSING = 60, 8
YEAR: Final = 365.25
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Objects = NDArray[np.object_]


class VolumeError(Exception):
    """Nothing was generated; the message says why and what to do, in Chinese."""


def fill(url: str, reports: int, *, seed: int, progress: Callable[[str], None]) -> None:
    """Put so many reports more into the sample at ``url``, which is built first where it is empty.

    On PostgreSQL it is one transaction. A SQLite file is written beside itself and put in place
    when it is whole; what is there until then stays as it was. ``progress`` is told, in Chinese,
    what is being done.

    Raises:
        VolumeError: the database holds something that is not the sample, or is in use.
        SampleError: the sample could not be built.
        SQLAlchemyError: the database can not be read or written.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        _fill(url, reports, seed, progress)
        return
    path = Path(parsed.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    try:
        # Made here or not at all: whoever else writes to it would spoil it.
        unfinished.touch(exist_ok=False)
    except FileExistsError:
        raise VolumeError(
            f"另一次生成正在进行，或上次没有完成，留下了 {unfinished}。"
            "没有程序在写时请删除这个文件，再重新运行"
        ) from None
    try:
        if path.exists():
            _take_copy(path, unfinished)
        _fill(f"sqlite:///{unfinished}", reports, seed, progress)
        unfinished.replace(path)
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)


def _take_copy(path: Path, to: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    # The last connection to close takes the log away: another one has the file.
    if path.with_name(f"{path.name}-wal").exists():
        raise VolumeError("数据库正在使用，没有写入。请先停止看板和其他程序，再重新运行")


def _fill(url: str, reports: int, seed: int, progress: Callable[[str], None]) -> None:
    engine = connect_to(url)
    try:
        if _is_empty(engine):
            build.build(url, progress=progress)
        _refuse_all_but_the_sample(engine)
        with engine.connect() as conn:
            made = Reports(bulk.sites(conn, scope=Scope.city()), reports, seed)
        provenance = bulk.Provenance(f"规模数据-{reports}", SENDER, LAST_DAY, reports)
        bulk.write_reports(engine, made.chunks(), provenance, progress=progress)
    finally:
        engine.dispose()


def _is_empty(engine: Engine) -> bool:
    if not inspect(engine).get_table_names():
        return True
    return migration.is_current(engine) and build.is_empty(engine)


def _refuse_all_but_the_sample(engine: Engine) -> None:
    if not migration.is_current(engine):
        raise VolumeError("数据库不是最新结构，没有写入。请换一个空库，或先运行 migrate")
    with engine.connect() as conn:
        senders = bulk.senders(conn)
        lies_on_shards = bool(shards(conn))
    if lies_on_shards:
        raise VolumeError("数据库的数据在分片上，没有写入。请先在未分片的库里生成，再运行 shard")
    if SENDER in senders:
        raise VolumeError("数据库里已有规模数据，没有再写入。请换一个空库，或先删除原来的文件")
    if senders != {build.SENDER}:
        raise VolumeError(
            "数据库里有演示数据以外的台账，没有写入。规模数据只能写进空库或演示数据库，请换一个库"
        )


class Reports:
    """So many reports from the first day to the last, made a chunk at a time."""

    def __init__(self, sites: pd.DataFrame, number: int, seed: int) -> None:
        self._seed, self._number = seed, number
        self._days = days_between(FIRST_DAY, LAST_DAY)
        self._upto = _reports_by_day(self._days, number)
        self._sites = _Sites(sites)
        later = LAST_DAY + timedelta(days=LONGEST_WAIT + LONGEST_CLOSING)
        days = days_between(FIRST_DAY, later)
        self._dates = _objects(days)
        self._weeks = _objects([reporting_week(day) for day in days])
        self._prefixes = [f"GM{day:%Y%m%d}-" for day in self._days]

    def chunks(self) -> Iterator[bulk.Columns]:
        """Yield the reports in the order of their days, all columns that a report is given."""
        for chunk, start in enumerate(range(0, self._number, CHUNK)):
            rows = np.arange(start, min(start + CHUNK, self._number))
            yield self._chunk(rows, np.random.default_rng([self._seed, chunk]))

    def _chunk(self, rows: Numbers, rng: np.random.Generator) -> bulk.Columns:
        days = np.searchsorted(self._upto, rows, side="right")
        numbers = rows - np.concatenate([[0], self._upto])[days] + 1
        columns, known_as = self._sites.draw(len(rows), rng)
        columns["report_no"] = [
            f"{self._prefixes[day]}{number:06d}"
            for day, number in zip(days.tolist(), numbers.tolist(), strict=True)
        ]
        columns["received_on"] = self._dates[days].tolist()
        columns["week"] = self._weeks[days].tolist()
        columns["received_by_us_on"] = self._arrivals(days, rng)
        return columns | _said(known_as, rng) | self._handled(days, rng)

    def _arrivals(self, days: Numbers, rng: np.random.Generator) -> list[date]:
        """Most come with their own week's ledger, some one to three weeks late."""
        late = rng.choice(4, size=len(days), p=(0.94, 0.03, 0.02, 0.01)) * 7
        return [min(week, LAST_DAY) for week in self._weeks[days + late]]

    def _handled(self, days: Numbers, rng: np.random.Generator) -> dict[str, list[Any]]:
        """Give a status by age: what is older than the longest wait is verified and closed."""
        last = len(self._days) - 1
        age = last - days
        wait = rng.lognormal(1.9, 0.5, len(days)).astype(np.int64).clip(2, LONGEST_WAIT)
        closing = wait + rng.integers(0, LONGEST_CLOSING, len(days))
        is_true = rng.random(len(days)) < TRUE
        is_verified, is_closed = wait <= age, closing <= age
        status = np.select(
            [is_verified & is_true, is_verified, age >= 4, age >= 2], [0, 1, 2, 3], default=4
        )
        return {
            "status": _STATUSES[status].tolist(),
            "verified_on": _where(is_verified, self._dates[days + wait]),
            "verified_week": _where(is_verified, self._weeks[days + wait]),
            "closed_on": _where(is_closed, self._dates[days + closing]),
        }


_STATUSES: Final = np.array(
    ["substantiated", "unsubstantiated", "verifying", "assigned", "received"], dtype=object
)


class _Sites:
    """Where reports are about: the busiest places of the sample, of each its addresses."""

    def __init__(self, sites: pd.DataFrame) -> None:
        by_place = sites[sites["place_key"].notna()].groupby("place_key")["n"].sum()
        # The key second: places of one number must not change places.
        ranked = sorted(by_place.items(), key=lambda place: (-place[1], place[0]))[:PLACES]
        # A heavy tail: the busiest place has a hundred times what the last has.
        weight_of = {key: 1 / (rank + 4) for rank, (key, _) in enumerate(ranked)}
        kept = sites[sites["place_key"].isin(weight_of) & sites["longitude"].notna()]
        addresses = kept.groupby("place_key")["place_key"].transform("size")
        weights = kept["place_key"].map(weight_of).to_numpy(float) / addresses.to_numpy(float)
        self._upto: Floats = np.cumsum(weights) / weights.sum()
        self._known_as = np.array(
            [
                _known_as(*pair)
                for pair in zip(kept["category"], kept["operating_status"], strict=True)
            ],
            dtype=object,
        )
        located = {name: _objects(kept[name]) for name in bulk.SITE_COLUMNS}
        lost = {name: located[name].copy() for name in located}
        for name in ("longitude", "latitude", "cell"):
            lost[name][:] = None
        # A place without a name is known by its point alone.
        lost["place_key"][located["place_name"] == None] = None  # noqa: E711
        self._columns = {name: np.concatenate([located[name], lost[name]]) for name in located}

    def draw(self, n: int, rng: np.random.Generator) -> tuple[dict[str, Any], Objects]:
        """Draw sites, some without their point, and what each's institution is known as."""
        at = np.searchsorted(self._upto, rng.random(n)).clip(0, len(self._upto) - 1)
        lost = rng.random(n) < NO_POINT
        chosen = at + np.where(lost, len(self._upto), 0)
        return {name: of[chosen].tolist() for name, of in self._columns.items()}, self._known_as[at]


def _known_as(category: str | None, operating_status: str | None) -> str:
    if category is None:
        return "nobody"
    return "unlicensed" if operating_status == "unlicensed" else category


def _said(known_as: Objects, rng: np.random.Generator) -> dict[str, list[Any]]:
    """Return what callers say: by which way, of what, with which hours, and their number."""
    n = len(known_as)
    types = np.empty(n, dtype=object)
    for kind, shares in TYPES_BY_CATEGORY.items():
        of_kind = known_as == kind
        types[of_kind] = _draw(shares, int(of_kind.sum()), rng)
    channels = _draw(CHANNELS, n, rng).tolist()
    hidden = np.isin(types, list(HIDDEN_TYPES))
    has_hours = rng.random(n) < np.where(hidden, 0.75, 0.2)
    hours = np.where(has_hours, rng.integers(0, len(HOURS), n), len(HOURS))
    phones = rng.integers(0, 100_000, n)
    has_phone = rng.random(n) < HAS_PHONE
    said: list[str] = types.tolist()
    return {
        "channel": channels,
        "channel_group": channels,
        "violation_type": said,
        "violation_type_group": said,
        "class_starts_at": _STARTS[hours].tolist(),
        "class_ends_at": _ENDS[hours].tolist(),
        "reporter_phone": [
            f"100000{phone:05d}" if has else None
            for phone, has in zip(phones.tolist(), has_phone.tolist(), strict=True)
        ],
        "summary": [SUMMARIES[one] for one in said],
    }


def _draw(shares: dict[str, float], n: int, rng: np.random.Generator) -> Objects:
    weights = np.array(list(shares.values()))
    drawn: Objects = _objects(shares)[rng.choice(len(shares), size=n, p=weights / weights.sum())]
    return drawn


def _where(holds: NDArray[np.bool_], values: Objects) -> list[Any]:
    return [value if held else None for held, value in zip(holds, values, strict=True)]


def _objects(values: Any) -> Objects:
    """Return values in an array of objects; pandas' and numpy's missing ones as ``None``."""
    listed = [None if value is None or value != value else value for value in values]
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


_STARTS: Final = _objects([*(time.fromisoformat(span[:5]) for span in HOURS), None])
_ENDS: Final = _objects([*(time.fromisoformat(span[-5:]) for span in HOURS), None])


def _reports_by_day(days: list[date], number: int) -> Numbers:
    """Return how many reports there are up to the end of each day, the last being all."""
    upto = np.cumsum([_weight(day) for day in days])
    whole: Numbers = np.rint(upto / upto[-1] * number).astype(np.int64)
    return whole


def _weight(day: date) -> float:
    """How busy a day is: more every year, in July and in the winter holidays, less at weekends."""
    season = 1 + 1.2 * _near(day, 7, 18, 24) + 0.5 * _near(day, 1, 28, 12)
    weekend = 0.45 if day.weekday() >= SATURDAY else 1.0
    grown: float = GROWTH ** ((day - FIRST_DAY).days / YEAR)
    return grown * season * weekend


def _near(day: date, month: int, of_month: int, width: float) -> float:
    away = min(abs((day - date(year, month, of_month)).days) for year in (day.year, day.year + 1))
    return exp(-((away / width) ** 2))
