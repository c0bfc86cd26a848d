"""What a price comes to for one person and one lesson: pure functions of what a row says.

Institutions quote prices for a lesson, an hour or a whole term, and for a person or a class.
All are brought down to one person and one lesson of the minutes that the row states, so that
prices can be laid side by side; how long a standard lesson is, is for the analysis to say.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

MINUTES_OF_HOUR: Final = 60
# What nobody pays for one lesson: below and above, a unit or a number of lessons is wrong.
LOWEST_PRICE: Final = 1
HIGHEST_PRICE: Final = 5_000
# One teacher to so many, or a class of so many, and nothing else: a range, "up to" or "from"
# says no number.
_NUMBER: Final = r"([一二三四五六七八九十]|\d{1,3})"
_ONE_TO: Final = re.compile(rf"[一1](?:对|:|v|比){_NUMBER}(?:[小精]?班|课|教学)?")
_CLASS_OF: Final = re.compile(rf"{_NUMBER}人(?:[大小]?班|制)?")
_DIGITS: Final = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)}
_OF_CLASS: Final = frozenset({"class_lesson", "class_hour", "class_term"})


class Quote(NamedTuple):
    """What a row says of a price; ``unit`` is a code of ``vocabulary.PRICE_UNIT`` or missing."""

    yuan: float
    unit: str | None
    minutes: int
    lessons: int | None
    students: int | None
    class_size: str


class NoPriceError(ValueError):
    """A quote that comes to nothing for a person and lesson; ``column`` is what is missing."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def per_person_and_lesson(quote: Quote) -> float:
    """Return what one person pays for one lesson of ``quote.minutes``, in yuan and fen.

    A price of an hour is of 60 minutes; one of a term is divided by its lessons, and one of a
    class by its students, which are those stated, else those that the class size says
    (`students_of`). A missing unit is 元/人·课时.

    Raises:
        NoPriceError: what it takes to divide by is missing or 0; the reason, in Chinese, names
            the column to fill.
    """
    if quote.minutes <= 0:
        raise NoPriceError("lesson_minutes", "课时时长为 0，无法计算每课时价格。请填每课时多少分钟")
    unit = quote.unit or "lesson"
    price = quote.yuan
    if unit.endswith("hour"):
        price *= quote.minutes / MINUTES_OF_HOUR
    elif unit.endswith("term"):
        if not quote.lessons:
            raise NoPriceError(
                "quoted_lessons", "按期计价而没有每期课时数，无法折合到每课时。请补填每期课时数"
            )
        price /= quote.lessons
    if unit in _OF_CLASS:
        students = students_of(quote.class_size) if quote.students is None else quote.students
        if not students:
            raise NoPriceError(
                "class_students", "按班计价而没有班额，无法折合到每人。请在“班额”列补填每班人数"
            )
        price /= students
    return round(price, 2)


def students_of(class_size: str) -> int | None:
    """Return how many students a class size names, ``None`` where it names no one number.

    一对一 is one, 1对4 four, 6人班 six; 1对2-4, 10人以内, 小班 and 大班 are none.
    """
    text = unicodedata.normalize("NFKC", class_size).lower()
    text = "".join(text.split())
    found = _ONE_TO.fullmatch(text) or _CLASS_OF.fullmatch(text)
    if found is None:
        return None
    return _DIGITS[found[1]] if found[1] in _DIGITS else int(found[1]) or None
