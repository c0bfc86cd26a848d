"""Made-up cities of prices of which it is known which were raised, and what only looks like it.

True: a course of an institution that was not cheap, raised by 30 to 80 % between May and August of
2022 as a plain price, in two steps, as a shorter lesson at the old price, under a new name, or as
a term of fewer lessons. Everything else is none, though some of it looks like one: see ``Decoys``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

AS_OF: Final = date(2022, 8, 25)
COUNTIES: Final = (
    *("450202", "450203", "450204", "450205", "450206", "4502LD"),
    *("4502BS", "450222", "450223", "450224", "450225", "450226"),
)
_WEIGHTS: Final = np.array([14, 16, 15, 13, 10, 8, 3, 5, 6, 4, 4, 2]) / 100
ITEMS: Final = (
    *("钢琴", "舞蹈", "美术", "书法", "篮球", "编程", "跆拳道", "羽毛球", "机器人", "围棋"),
    *("声乐", "古筝", "游泳", "口才", "轮滑", "科学实验"),
)
_SIZES: Final = {  # what a class of that size costs against a small one, in logarithms
    "一对一": (0.8, 1),
    "小班（6人）": (0.0, 6),
    "20人班": (-0.35, 20),
    "大班": (-0.7, 40),
}
_MINUTES: Final = (40, 45, 60, 90)
_A_MARKET: Final = 4  # institutions: fewer rise on their own
JUMPS: Final = ("plain", "steps", "shorter", "renamed", "term")


@dataclass(frozen=True)
class Decoys:
    """How many courses, or groups of them, look raised and are not."""

    market_rises: int = 8  # kinds of a county of which all rise by a quarter together
    expensive: int = 80  # institutions twice as expensive as others all the time
    catching_up: int = 60  # courses that come up from far below to the middle
    renamed: int = 120  # new names at the old price
    shorter: int = 120  # shorter lessons at a lower price
    repacked: int = 120  # another unit at the same price
    falls: int = 60  # prices cut by a quarter
    opened: int = 60  # institutions that opened in June, expensive
    dearer: int = 5  # a dearer course added to the others of an institution
    slips: int = 15  # an old price ten times too high, corrected long before


@dataclass(frozen=True)
class City:
    """``prices`` as ``data_access.course_fees.prices`` returns them; ``truth``: what was raised.

    ``truth`` holds (institution, course) as the ledger calls the course now.
    """

    prices: pd.DataFrame
    truth: frozenset[tuple[int, str]]

    def precision(self, suspected: pd.DataFrame, number: int) -> float:
        """Return the share of truth in the first ``number``, those that are missing being wrong."""
        first = suspected.head(number)
        found = zip(first["institution_id"], first["course"], strict=True)
        return sum(each in self.truth for each in found) / number

    def recall(self, suspected: pd.DataFrame, number: int) -> float:
        """Return the share of the truth that is found in the first ``number``."""
        return self.precision(suspected, number) * number / max(len(self.truth), 1)


def city(seed: int, *, prices: int = 30_000, jumps: int = 30, decoys: Decoys | None = None) -> City:
    """Make a city of about so many prices."""
    rng = np.random.default_rng(seed)
    decoys = decoys or Decoys()
    courses = _courses(rng, prices)
    _mark(rng, courses, jumps, decoys)
    rows: list[dict[str, Any]] = []
    for course in courses:
        rows += _history(rng, course)
    frame = pd.DataFrame(rows)
    frame["effective_on"] = pd.to_datetime(frame["effective_on"]).astype("datetime64[s]")
    frame["teaching_mode"] = frame["teaching_mode"].astype("str")
    truth = frozenset(
        (course["institution_id"], course["name_now"]) for course in courses if course["jump"]
    )
    return City(frame, truth)


def _courses(rng: np.random.Generator, prices: int) -> list[dict[str, Any]]:
    """Return courses with the logarithm of what they cost, about three prices each."""
    of_item = dict(zip(ITEMS, rng.normal(4.4, 0.25, len(ITEMS)), strict=True))
    of_county = dict(zip(COUNTIES, rng.normal(0, 0.12, len(COUNTIES)), strict=True))
    of_both = {(c, i): rng.normal(0, 0.06) for c in COUNTIES for i in ITEMS}
    popular = 1 / np.arange(1, len(ITEMS) + 1) ** 0.7
    popular /= popular.sum()
    courses: list[dict[str, Any]] = []
    institution = 0
    while len(courses) < prices / 3.05:
        institution += 1
        county = str(rng.choice(COUNTIES, p=_WEIGHTS))
        level = rng.normal(0, 0.16)
        for item in rng.choice(ITEMS, rng.integers(1, 3), replace=False, p=popular):
            words = str(rng.choice(list(_SIZES), p=[0.3, 0.35, 0.25, 0.1]))
            effect, students = _SIZES[words]
            is_online = rng.random() < 0.07
            for tier in range(rng.integers(1, 4)):
                name = f"{item}{('启蒙', '进阶', '提高')[tier]}班"
                courses.append(
                    {
                        "institution_id": institution,
                        "county_code": county,
                        "item": str(item),
                        "class_size": words,
                        "class_students": float(students) if rng.random() < 0.7 else np.nan,
                        "teaching_mode": "online" if is_online else None,
                        "minutes": int(rng.choice((30, 40) if is_online else _MINUTES)),
                        "name": name,
                        "name_now": name,
                        "level": level,
                        "log": of_item[str(item)]
                        + of_county[county]
                        + of_both[county, str(item)]
                        + effect
                        + level
                        + 0.06 * tier
                        + rng.normal(0, 0.05)
                        - (0.3 if is_online else 0),
                        "jump": "",
                        "decoy": "",
                    }
                )
    return courses


def _mark(
    rng: np.random.Generator, courses: list[dict[str, Any]], jumps: int, decoys: Decoys
) -> None:
    """Say which courses are raised, and which only look like it: no course is both."""
    free = list(rng.permutation(len(courses)))
    taken: set[int] = set()

    def take(number: int, fits: Any = lambda _: True) -> list[dict[str, Any]]:
        """Take courses of institutions that nothing else was done to."""
        chosen: list[dict[str, Any]] = []
        for place in free:
            course = courses[place]
            if len(chosen) < number and course["institution_id"] not in taken and fits(course):
                chosen.append(course)
                taken.add(course["institution_id"])
        return chosen

    for place, course in enumerate(take(jumps, lambda each: -0.05 <= each["level"] <= 0.3)):
        course["jump"] = JUMPS[place % len(JUMPS)]
    for name in ("catching_up", "renamed", "shorter", "repacked", "falls", "dearer", "slips"):
        for course in take(getattr(decoys, name)):
            course["decoy"] = name
            course["log"] += {"catching_up": -0.45 - course["level"], "dearer": 0.3}.get(name, 0)
    for name, higher in (("expensive", 0.7), ("opened", 0.4)):
        whose = {each["institution_id"] for each in take(getattr(decoys, name))}
        for course in (each for each in courses if each["institution_id"] in whose):
            course["decoy"] = name
            course["log"] += higher
    _mark_markets(rng, courses, decoys.market_rises)


def _mark_markets(rng: np.random.Generator, courses: list[dict[str, Any]], number: int) -> None:
    """Let all courses of some kinds of a county rise together."""
    members: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for course in courses:
        members[_kind(course)].add(course["institution_id"])
    kinds = [kind for kind, of in members.items() if len(of) >= _A_MARKET]
    chosen = rng.choice(len(kinds), min(number, len(kinds)), replace=False)
    rising = {kinds[each] for each in chosen}
    for course in courses:
        course["market"] = _kind(course) in rising and not course["jump"]


def _kind(course: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(course[each] for each in ("county_code", "item", "class_size", "teaching_mode"))


def _history(rng: np.random.Generator, course: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the prices of a course from 2020 to the summer of 2022."""
    now = {"minutes": course["minutes"], "name": course["name"], "unit": "lesson"}
    rows: list[dict[str, Any]] = []

    def from_day(day: date, value: float, **changed: Any) -> None:
        now.update(changed)
        rows.append(_row(course, now, day, value))

    log = course["log"]
    if course["decoy"] in ("opened", "dearer"):
        from_day(_between(rng, date(2022, 6, 1), date(2022, 7, 31)), log)
        return rows
    slip = np.log(10) if course["decoy"] == "slips" else 0.0
    from_day(_between(rng, date(2020, 1, 1), date(2020, 12, 31)), log - 0.08 + slip)
    from_day(_between(rng, date(2021, 2, 1), date(2021, 9, 30)), log - 0.04 * rng.integers(2))
    if rng.random() < 0.4:
        from_day(_between(rng, date(2022, 1, 1), date(2022, 4, 30)), log)
    else:
        log = float(np.log(rows[-1]["price"] / rows[-1]["lesson_minutes"] * 45))
    if course["jump"]:
        _raise(rng, course, log, from_day)
    else:
        _in_summer(rng, course, log, from_day)
    return rows


def _in_summer(rng: np.random.Generator, course: dict[str, Any], log: float, from_day: Any) -> None:
    """Change what decoys change; of the others nearly half, mostly by a few percent up."""
    day, decoy = _between(rng, date(2022, 5, 5), date(2022, 8, 20)), course["decoy"]
    if decoy == "renamed":
        course["name_now"] = f"暑期{course['item']}特训营"
        from_day(day, log, name=course["name_now"])
    elif decoy == "shorter":
        from_day(day, log, minutes=max(course["minutes"] - 15, 20))
    elif decoy == "repacked":
        from_day(day, log, unit="term")
    elif decoy == "catching_up":
        from_day(day, log + rng.uniform(0.35, 0.5))
    elif decoy == "falls":
        from_day(day, log - rng.uniform(0.2, 0.35))
    elif course["market"]:
        from_day(day, log + rng.normal(0.22, 0.03))
    elif rng.random() < 0.45:
        from_day(day, log + 0.03 + 0.03 * float(rng.standard_t(5)))


def _raise(rng: np.random.Generator, course: dict[str, Any], log: float, from_day: Any) -> None:
    """Raise by 30 to 80 percent in one of five ways."""
    day = _between(rng, date(2022, 5, 5), date(2022, 8, 20))
    rise, kind = float(np.log(rng.uniform(1.3, 1.8))), course["jump"]
    if kind == "steps":
        from_day(date(2022, 5, 4), log + rise / 2)
        from_day(day, log + rise)
    elif kind == "shorter":
        shorter = round(course["minutes"] / float(np.exp(rise)))
        from_day(day, log + float(np.log(course["minutes"] / shorter)), minutes=shorter)
    elif kind == "renamed":
        course["name_now"] = f"{course['item']}精品{rng.choice(['课', '营', '班'])}"
        from_day(day, log + rise, name=course["name_now"])
    else:
        from_day(day, log + rise, unit="term" if kind == "term" else "lesson")


def _row(course: dict[str, Any], now: dict[str, Any], day: date, value: float) -> dict[str, Any]:
    # A lesson's price in whole yuan, of a term in cents.
    price = float(np.exp(value)) * now["minutes"] / 45
    return {
        **{name: course[name] for name in ("institution_id", "county_code")},
        "course": now["name"],
        "item": course["item"],
        "class_size": course["class_size"],
        "class_students": course["class_students"],
        "teaching_mode": course["teaching_mode"],
        "lesson_minutes": now["minutes"],
        "price": round(price, 0 if now["unit"] == "lesson" else 2),
        "price_unit": now["unit"],
        "effective_on": day,
    }


def _between(rng: np.random.Generator, first: date, last: date) -> date:
    return date.fromordinal(int(rng.integers(first.toordinal(), last.toordinal() + 1)))
