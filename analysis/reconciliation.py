"""Which line of a source list is which institution of the ledger: proposals for people to decide.

Nothing here merges anything. A line that names an institution's credit code has been matched when
it came in; every other pair is proposed, and a person says yes or no. Within one list a line and
an institution are proposed only where each is the other's best.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.reconciliation_blocks import shared
from analysis.reconciliation_evidence import (
    AddressIs,
    Evidence,
    Floats,
    Mask,
    NameIs,
    Side,
)
from analysis.reconciliation_names import county_words


class Certainty(StrEnum):
    """How far a proposal is to be believed: of the certain ones 99 in 100 are right."""

    CERTAIN = "certain"
    LIKELY = "likely"


# From so many bits on a pair is proposed; far enough before the next one it is certain.
LIKELY_FROM: Final = 4.5
CERTAIN_FROM: Final = 11.0
CERTAIN_MARGIN: Final = 4.0
TIED: Final = 1.0
BITS_A_STEP: Final = 2.5
_SURE_NAMES: Final = (NameIs.SAME, NameIs.CORE)
_SURE_PLACES: Final = (AddressIs.SAME, AddressIs.DOOR)
_NAMES: Final = {
    NameIs.SAME: "名称相同",
    NameIs.CORE: "名称主体相同",
    NameIs.OTHER_ENDING: "名称主体相同",
    NameIs.WITHIN: "名称一方包含另一方",
    NameIs.SLIP: "名称只差一个字",
    NameIs.NEAR: "名称相近",
}
_ALMOST: Final = "名称相同（只差地名、括号或形近字）"
_ADDRESSES: Final = {
    AddressIs.SAME: "地址相同",
    AddressIs.DOOR: "门牌相同",
    AddressIs.ROOM: "门牌相同、房号不同",
    AddressIs.NEAR: "地址相近",
}
_DTYPES: Final = {
    "entry_id": "int64",
    "institution_id": "int64",
    "score": "float64",
    "certainty": "str",
    "reason": "str",
}
Numbers = npt.NDArray[np.int64]


def propose(
    entries: pd.DataFrame, institutions: pd.DataFrame, decided: pd.DataFrame
) -> pd.DataFrame:
    """Propose which lines that are not matched yet are which institutions.

    ``entries`` are lines of source lists: ``id``, ``source``, ``county_code`` (NaN: the list does
    not say), ``county``, ``name``, ``credit_code``, ``licence_no``, ``address``, ``phone``,
    ``institution_id`` (Int64, NA: not matched) and ``match_status``. ``institutions`` is the
    ledger: ``id`` and the same columns from ``county_code`` to ``phone``. ``decided`` holds pairs
    that a person has decided: ``roster_entry_id``, ``institution_id``; they are not proposed
    again, whatever the verdict. Dismissed lines are left out.

    Two records that state different credit codes are two, unless one code is the other with a
    single slip. Lines are held against their own county first; what is left, and lines without a
    county, against all. A second line of a list for one institution is proposed where the names
    are the same and address, telephone or licence agree: a list may hold one twice.

    Returns one row a line at most, the surest first: ``entry_id``, ``institution_id`` (int64),
    ``score`` (float64, 0 to 1), ``certainty`` (str, :class:`Certainty`: certain are pairs of the
    same name with the same door, telephone or licence, nothing else near) and ``reason`` (str:
    what speaks for it and what against).
    """
    is_open = (entries["match_status"] == "unmatched") & entries["institution_id"].isna()
    lines = entries[is_open].reset_index(drop=True)
    if lines.empty or institutions.empty:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _DTYPES.items()})
    counties = county_words({*entries["county"].dropna(), *institutions["county"].dropna()})
    left, right = Side(lines, counties), Side(institutions, counties)
    kept_apart = set(zip(decided["roster_entry_id"], decided["institution_id"], strict=True))
    lists, _ = pd.factorize(entries["source"])
    matched = entries["institution_id"].notna().to_numpy()
    at = pd.Series(np.arange(len(right)), index=right.ids)
    known = at.reindex(entries.loc[matched, "institution_id"].astype("int64"))
    held = set(zip(lists[matched], known.to_numpy(), strict=True))
    choice = _Choice(lists[is_open.to_numpy()], held, len(right))
    here = _compared(left, right, kept_apart, here=True)
    choice.take_mutual(here)
    choice.take_repeats(here)
    if len({*left.county, *right.county}) > 1:
        away = _compared(left, right, kept_apart, here=False)
        choice.take_mutual(away)
    return choice.written()


def _compared(left: Side, right: Side, kept_apart: set[tuple[int, int]], *, here: bool) -> Evidence:
    """Compare what is worth comparing in the same county, or else in different ones."""
    keys = [side.keys_here() if here else side.keys_anywhere() for side in (left, right)]
    at, to = shared(keys[0], keys[1])
    if not here:
        apart = left.county[at] != right.county[to]
        at, to = at[apart], to[apart]
    if kept_apart:
        free = np.fromiter(
            (pair not in kept_apart for pair in zip(left.ids[at], right.ids[to], strict=True)),
            dtype=bool,
            count=len(at),
        )
        at, to = at[free], to[free]
    return Evidence(left, right, (at, to))


class _Choice:
    """Which pairs are proposed, as far as one list after the other has been gone through."""

    def __init__(self, lists: Numbers, held: set[tuple[int, float]], institutions: int) -> None:
        self.lists, self.size = lists, institutions
        # Institutions that a list has a line for, as list × institution.
        self.held = {int(one * institutions + to) for one, to in held if to == to}
        self.done: set[int] = set()
        self.rows: list[tuple[int, int, float, str, str]] = []

    def take_mutual(self, found: Evidence) -> None:
        """Take pairs of which each is the other's best; then, of equals, the one that is free."""
        slot = self.lists[found.at] * self.size + found.to
        best, second = _two_best(found.at, found.bits)
        others = _rivals(found.bits, *_two_best(slot, found.bits))
        margin = found.bits - np.maximum(_rivals(found.bits, best, second), others)
        for slack in (0.0, TIED):
            free = self._free(found, slot) & (found.bits >= LIKELY_FROM)
            near = free & (found.bits >= best - slack)
            places = np.flatnonzero(near)
            order = places[np.lexsort((found.to[places], found.at[places], -found.bits[places]))]
            first = _first_of(found.at[order]) & _first_of(slot[order])
            for pair in order[first]:
                self._add(found, int(pair), float(margin[pair]))
                self.held.add(int(slot[pair]))

    def take_repeats(self, found: Evidence) -> None:
        """Take further lines of a list for an institution that it has a line for."""
        slot = self.lists[found.at] * self.size + found.to
        agrees = found.phone_same | found.licence_same | np.isin(found.address, _SURE_PLACES)
        again = np.isin(slot, list(self.held)) & agrees & np.isin(found.name, _SURE_NAMES)
        again &= ~found.branch_other & ~found.branch_one_sided & (found.bits >= LIKELY_FROM)
        again &= ~np.isin(found.at, list(self.done))
        places = np.flatnonzero(again)
        order = places[np.lexsort((found.to[places], found.at[places], -found.bits[places]))]
        for pair in order[_first_of(found.at[order])]:
            self._add(found, int(pair), 0.0, "这份名单已有一行对上该机构，可能重复")

    def written(self) -> pd.DataFrame:
        """Return what was taken, the surest first."""
        rows = sorted(self.rows, key=lambda row: (row[3], -row[2], row[0]))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(_DTYPES)
        return pd.DataFrame(
            {
                name: pd.Series(list(values), dtype=dtype)
                for (name, dtype), values in zip(_DTYPES.items(), columns, strict=True)
            }
        )

    def _free(self, found: Evidence, slot: Numbers) -> Mask:
        taken = np.isin(slot, list(self.held)) | np.isin(found.at, list(self.done))
        free: Mask = ~taken
        return free

    def _add(self, found: Evidence, pair: int, margin: float, but: str = "") -> None:
        line = int(found.at[pair])
        self.done.add(line)
        bits = float(found.bits[pair])
        sure = not but and _is_sure(found, pair) and bits >= CERTAIN_FROM
        sure = sure and margin >= CERTAIN_MARGIN
        near = "还有相近的机构或名单行" if not but and margin < CERTAIN_MARGIN else but
        self.rows.append(
            (
                int(found.left.ids[line]),
                int(found.right.ids[found.to[pair]]),
                1 / (1 + 2 ** (-(bits - LIKELY_FROM) / BITS_A_STEP)),
                Certainty.CERTAIN if sure else Certainty.LIKELY,
                _reason(found, pair, near),
            )
        )


def _is_sure(found: Evidence, pair: int) -> bool:
    """Whether the pair has what a certain one must have."""
    if found.code_same[pair]:
        return True
    agrees = (
        found.phone_same[pair] or found.licence_same[pair] or found.address[pair] in _SURE_PLACES
    )
    against = found.branch_other[pair] or found.branch_one_sided[pair] or found.county_other[pair]
    against = against or found.licence_other[pair] or found.address[pair] == AddressIs.OTHER
    return bool(found.name[pair] in _SURE_NAMES and agrees and not against)


def _reason(found: Evidence, pair: int, but: str) -> str:
    """Say what speaks for the pair, then what against."""
    left, right = found.left, found.right
    line, institution = found.at[pair], found.to[pair]
    name, address = found.name[pair], found.address[pair]
    said = _NAMES.get(name)
    if name == NameIs.SAME and left.written[line] != right.written[institution]:
        said = _ALMOST
    for_ = [
        "信用代码相同" if found.code_same[pair] else None,
        "信用代码只差一处" if found.code_slip[pair] else None,
        "许可证号相同" if found.licence_same[pair] else None,
        said,
        _ADDRESSES.get(address),
        "电话相同" if found.phone_same[pair] else None,
    ]
    against = [
        "名称完全不同" if name == NameIs.OTHER else None,
        "机构类型写法不同" if name == NameIs.OTHER_ENDING else None,
        "校区不同" if found.branch_other[pair] else None,
        "只有一方写明校区" if found.branch_one_sided[pair] else None,
        "许可证号不同" if found.licence_other[pair] else None,
        "地址不同" if address == AddressIs.OTHER else None,
        "电话不同" if found.phone_other[pair] else None,
        "县区不同" if found.county_other[pair] else None,
        but or None,
    ]
    words = "、".join(filter(None, for_))
    doubts = "、".join(filter(None, against))
    return f"{words}；但{doubts}" if doubts else words


def _two_best(groups: Numbers, bits: Floats) -> tuple[Floats, Floats]:
    """Return for each pair the best and the second best bits of its group."""
    best, second = np.full(len(bits), -np.inf), np.full(len(bits), -np.inf)
    if not len(bits):
        return best, second
    order = np.lexsort((-bits, groups))
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    of_best = bits[order][starts]
    has_second = sizes > 1
    of_second = np.full(len(starts), -np.inf)
    of_second[has_second] = bits[order][starts[has_second] + 1]
    best[order], second[order] = np.repeat(of_best, sizes), np.repeat(of_second, sizes)
    return best, second


def _rivals(bits: Floats, best: Floats, second: Floats) -> Floats:
    """Return for each pair the best bits of another pair of its group."""
    rivals: Floats = np.where(bits >= best, second, best)
    return rivals


def _first_of(values: Numbers) -> Mask:
    """Return where each value stands for the first time."""
    first = np.zeros(len(values), dtype=bool)
    first[np.unique(values, return_index=True)[1]] = True
    return first
