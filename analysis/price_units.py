"""Prices brought to what can be compared: a standard lesson, a group of class sizes, one name.

A standard lesson lasts 45 minutes offline and 30 online, and prices are compared for classes of
under 10, 10 to 35 and over 35 students: 国家发展改革委等《关于加强义务教育阶段学科类校外培训收费
监管的通知》（发改价格〔2021〕1279号）. Lessons for one alone are kept apart from the smallest
classes: what they cost is another market.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

STANDARD_MINUTES: Final = {"offline": 45, "online": 30}
ONE_TO_ONE: Final = "一对一"
SMALL: Final = "小班（2—9 人）"
MIDDLE: Final = "中班（10—35 人）"
LARGE: Final = "大班（35 人以上）"
OTHER: Final = "班型不明"
# By size, as lists are ordered.
SIZE_GROUPS: Final = (ONE_TO_ONE, SMALL, MIDDLE, LARGE, OTHER)
_ALONE, _SMALL_MOST, _MIDDLE_MOST = 1, 9, 35  # students a class, the limits included

_DIGITS: Final = str.maketrans("一二两三四五六七八九", "1223456789")
_TO: Final = re.compile(r"1(?:对|v|:|vs)([1-9]\d*)")
_NUMBERS: Final = re.compile(r"\d+")
_UNDER: Final = re.compile(r"(\d+)人?以[下内]")
_OVER: Final = re.compile(r"(\d+)人?以上")
_SIZE_WORDS: Final = (
    (("单人", "个别", "私教", "个人"), ONE_TO_ONE),
    (("小", "组"), SMALL),
    (("中班", "中型"), MIDDLE),
    (("大", "集体"), LARGE),
)


def standardised(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the prices that can be compared, each for one person and one standard lesson.

    ``prices`` are the rows of ``data_access.course_fees.prices``. Rows without a price or a
    length of the lesson above zero are left out: nothing is a multiple of nothing. A row
    without a mode of teaching counts as offline, as its ledger says.

    Adds to the columns of ``prices``:

    ===========  =======  ===================================================================
    standard     float64  yuan a person and standard lesson
    item_key     str      the item as it is compared: spaces, width and case of letters aside
    course_key   str      the name of the course, likewise
    size_group   str      one of ``SIZE_GROUPS``
    counted      int64    students a class as its words count them out (1对4); 0 for none
    mode         str      offline or online
    ===========  =======  ===================================================================
    """
    can = (prices["price"] > 0) & (prices["lesson_minutes"] > 0)
    found = prices[can].reset_index(drop=True)
    mode = found["teaching_mode"].fillna("offline")
    minutes = mode.map(STANDARD_MINUTES).astype("float64")
    return found.assign(
        standard=found["price"] * minutes / found["lesson_minutes"],
        item_key=_each_once(found["item"], name_key),
        course_key=_each_once(found["course"], name_key),
        size_group=size_groups(found["class_size"], found["class_students"]),
        counted=_each_once(found["class_size"], students_of_words).astype("int64"),
        mode=mode,
    )


def name_key(name: str) -> str:
    """Return a name as it is compared: without spaces, in half width and small letters."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def size_groups(words: pd.Series, students: pd.Series) -> pd.Series:
    """Return the groups of class sizes: by the number of students where known, else by the words.

    Raises nothing: words that tell no size are ``OTHER``.
    """
    by_words = _each_once(words, size_of_words)
    number = students.astype("float64")
    by_number = np.select(
        [number <= _ALONE, number <= _SMALL_MOST, number <= _MIDDLE_MOST],
        [ONE_TO_ONE, SMALL, MIDDLE],
        LARGE,
    )
    return by_words.where(~(number > 0), pd.Series(by_number, index=words.index, dtype="str"))


def size_of_words(words: str) -> str:
    """Return the group that words of a ledger name: 1对3, 20人班, 10人以下, 大班课.

    Of a span (6-10人) the larger end counts: a class of that kind may be that large.
    """
    if students := students_of_words(words):
        return _group_of(students)
    key = name_key(words)
    return next((group for said, group in _SIZE_WORDS if any(w in key for w in said)), OTHER)


def students_of_words(words: str) -> int:
    """Return the largest class that words of a ledger count out; 0 where they count none."""
    key = name_key(words).translate(_DIGITS)
    if to := _TO.search(key):
        return int(to[1])
    if under := _UNDER.search(key):
        return max(int(under[1]) - 1, 1)
    if over := _OVER.search(key):
        return int(over[1]) + 1
    return max(map(int, _NUMBERS.findall(key)), default=0)


def _group_of(students: int) -> str:
    if students <= _ALONE:
        return ONE_TO_ONE
    if students <= _SMALL_MOST:
        return SMALL
    return MIDDLE if students <= _MIDDLE_MOST else LARGE


def _each_once(values: pd.Series, judge: Callable[[str], str | int]) -> pd.Series:
    """Apply a function of words to each different one once: ledgers repeat them."""
    codes, different = pd.factorize(values)
    judged = np.array([judge(str(each)) for each in different], dtype=object)
    return pd.Series(judged[codes], index=values.index, dtype="str")
