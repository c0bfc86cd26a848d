"""Two records side by side: what is the same, what differs, and where in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from analysis.reconciliation_names import number_key, phones
from analysis.wording import MISSING, is_missing

# Not the brackets that stand in licence numbers.
OPENING, CLOSING = "【", "】"
# Texts less alike than this, of 100, are two: to mark each character would mark nothing.
ALIKE: Final = 40.0


class Compared(StrEnum):
    """How one thing that both records state compares; the value is the word for it."""

    SAME = "相同"
    WRITTEN_OTHERWISE = "写法不同"
    DIFFERENT = "不同"
    ONLY_ON_LIST = "台账缺"
    ONLY_IN_LEDGER = "名单缺"


class Line(NamedTuple):
    """One thing of two records: the differing characters of both stand in 【】."""

    title: str
    on_list: str
    in_ledger: str
    compared: Compared


_TITLES: Final = {
    "name": "名称",
    "address": "地址",
    "phone": "电话",
    "licence_no": "许可证",
    "credit_code": "信用代码",
    "county": "县区",
}


_KEYS: Final[dict[str, Callable[[str], Any]]] = {"phone": phones}


def side_by_side(on_list: Mapping[str, Any], in_ledger: Mapping[str, Any]) -> list[Line]:
    """Compare name, address, telephone, licence, credit code and county of two records.

    What neither states is left out. Same is what is the same text; what differs in blanks, signs
    or widths alone is written otherwise.
    """
    found = []
    for name, title in _TITLES.items():
        one, other = on_list[name], in_ledger[name]
        if is_missing(one) and is_missing(other):
            continue
        if is_missing(one) or is_missing(other):
            compared = Compared.ONLY_ON_LIST if is_missing(other) else Compared.ONLY_IN_LEDGER
            texts = [MISSING if is_missing(each) else str(each) for each in (one, other)]
            found.append(Line(title, texts[0], texts[1], compared))
            continue
        key = _KEYS.get(name, number_key)
        if one == other:
            compared = Compared.SAME
        elif key(one) == key(other):
            compared = Compared.WRITTEN_OTHERWISE
        else:
            compared = Compared.DIFFERENT
        found.append(Line(title, *marked(one, other), compared))
    return found


def marked(one: str, other: str) -> tuple[str, str]:
    """Return both texts with what differs in 【】; texts that are not alike as they are."""
    if one == other or fuzz.ratio(one, other) < ALIKE:
        return one, other
    sides: tuple[list[str], list[str]] = ([], [])
    for step in Levenshtein.opcodes(one, other):
        parts = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        for side, part in zip(sides, parts, strict=True):
            side.append(part if step.tag == "equal" or not part else f"{OPENING}{part}{CLOSING}")
    return "".join(sides[0]), "".join(sides[1])
