"""What two records have in common and in what they differ, weighed in bits.

A bit of evidence doubles the odds that the two are one institution. The weights are set by hand
and held to generated lists in ``tests/analysis/test_reconciliation.py``. What several share says
less: a name that three institutions of a county bear, a telephone of ten, a door of thirty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from analysis.reconciliation_blocks import Positions, twos
from analysis.reconciliation_names import address_parts, name_parts, number_key, phones

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class NameIs(StrEnum):
    """How the two names compare."""

    SAME = "same"  # but for place names, brackets and confused characters
    CORE = "core"  # the same core, and endings that may be one
    OTHER_ENDING = "other_ending"  # the same core, and endings of two kinds of body
    WITHIN = "within"  # one core holds the other
    SLIP = "slip"  # one character more, less or other
    NEAR = "near"
    OTHER = "other"


class AddressIs(StrEnum):
    """How the two addresses compare."""

    SAME = "same"
    DOOR = "door"  # road and number, and one of them tells no room
    ROOM = "room"  # road and number, and two rooms
    NEAR = "near"
    OTHER = "other"
    UNKNOWN = "unknown"


NAME_BITS: Final = {
    NameIs.SAME: 8.0,
    NameIs.CORE: 7.0,
    NameIs.OTHER_ENDING: 1.0,
    NameIs.WITHIN: 2.0,
    NameIs.SLIP: 2.0,
    NameIs.NEAR: -4.0,
    NameIs.OTHER: -9.0,
}
ADDRESS_BITS: Final = {
    AddressIs.SAME: 6.0,
    AddressIs.DOOR: 4.0,
    AddressIs.ROOM: 0.5,
    AddressIs.NEAR: 1.5,
    AddressIs.OTHER: -3.0,
    AddressIs.UNKNOWN: 0.0,
}
PHONE_SAME: Final = 6.0
PHONE_OTHER: Final = -0.5
LICENCE_SAME: Final = 14.0
LICENCE_OTHER: Final = -6.0
CODE_SLIP: Final = 6.0
# Two kinds of body, where the cores of the names are not the same either.
ENDING_OTHER: Final = -2.0
BRANCH_OTHER: Final = -9.0
BRANCH_ONE_SIDED: Final = -4.0
COUNTY_OTHER: Final = -3.0
SHARED_LESS_AT_MOST: Final = 5.0
# Of 100, as rapidfuzz counts.
NEAR_NAME: Final = 60.0
NEAR_ADDRESS: Final = 75.0
_SHORTEST_HELD: Final = 3


class Side:
    """The records of one side, taken apart."""

    def __init__(self, frame: pd.DataFrame, counties: tuple[str, ...]) -> None:
        """Take ``frame`` apart: see :func:`analysis.reconciliation.propose` for its columns."""
        self.ids = frame["id"].to_numpy(dtype="int64")
        self.county = _texts(frame["county_code"])
        self.written = _texts(frame["name"])
        names = [name_parts(name, counties) for name in self.written]
        self.whole = _array(name.whole for name in names)
        self.core = _array(name.core for name in names)
        self.ending = _array(name.ending for name in names)
        self.branch = _array(name.branch for name in names)
        places = [address_parts(text or None, counties) for text in _texts(frame["address"])]
        self.address = _array(place.whole for place in places)
        self.door = _array(place.door for place in places)
        self.room = _array(place.room for place in places)
        self.phones = [frozenset(phones(text or None)) for text in _texts(frame["phone"])]
        self.licence = _array(number_key(text) for text in _texts(frame["licence_no"]))
        self.code = _array(number_key(text) for text in _texts(frame["credit_code"]))

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.ids)

    def keys_here(self) -> list[list[Hashable]]:
        """Return by what each record is looked for in its own county; none where it has none."""
        return [
            [(county, *key) for key in self._keys(at, with_twos=True)] if county else []
            for at, county in enumerate(self.county)
        ]

    def keys_anywhere(self) -> list[list[Hashable]]:
        """Return by what each record is looked for in every county: what is rare in a city."""
        return [list(self._keys(at, with_twos=False)) for at in range(len(self))]

    def _keys(self, at: int, *, with_twos: bool) -> Iterator[tuple[Hashable, ...]]:
        if self.licence[at]:
            yield ("licence", self.licence[at])
        for number in self.phones[at]:
            yield ("phone", number)
        yield ("core", self.core[at])
        if with_twos:
            if self.door[at]:
                yield ("door", self.door[at])
            for pair in twos(self.core[at]):
                yield ("twos", pair)


class Evidence:
    """Pairs of records, what speaks for each and against, and how much in bits."""

    def __init__(self, left: Side, right: Side, pairs: tuple[Positions, Positions]) -> None:
        """Compare the records at these positions; pairs that two codes keep apart are left out."""
        self.left, self.right = left, right
        at, to = pairs
        codes = left.code[at], right.code[to]
        both = _filled(codes[0]) & _filled(codes[1])
        differ = both & (codes[0] != codes[1])
        slips = np.zeros(len(at), dtype=bool)
        slips[differ] = _distances(codes[0][differ], codes[1][differ]) == 1
        kept = ~differ | slips
        self.at, self.to = at[kept], to[kept]
        self.code_same = (both & ~differ)[kept]
        self.code_slip = slips[kept]
        self.name = self._names()
        self.address = self._addresses()
        self.phone_same, self.phone_other = self._phones()
        self.licence_same, self.licence_other = self._licences()
        self.branch_other, self.branch_one_sided = self._branches()
        counties = left.county[self.at], right.county[self.to]
        self.is_here = counties[0] == counties[1]
        self.county_other = ~self.is_here & _filled(counties[0])
        self.bits = self._bits()

    def _names(self) -> npt.NDArray[np.object_]:
        left, right = self.left, self.right
        core = left.core[self.at], right.core[self.to]
        ending = left.ending[self.at], right.ending[self.to]
        same_core = core[0] == core[1]
        same_ending = (ending[0] == ending[1]) | ~_filled(ending[0]) | ~_filled(ending[1])
        is_ = np.full(len(self.at), NameIs.OTHER, dtype=object)
        ratio = process.cpdist(list(core[0]), list(core[1]), scorer=fuzz.ratio)
        near = ratio >= NEAR_NAME
        is_[near] = NameIs.NEAR
        looked = np.flatnonzero((ratio >= NEAR_NAME / 2) & ~same_core)
        one, other = core[0][looked], core[1][looked]
        shorter = np.array(
            [min(len(a), len(b)) for a, b in zip(one, other, strict=True)], dtype=int
        )
        held = np.array([a in b or b in a for a, b in zip(one, other, strict=True)], dtype=bool)
        is_[looked[held & (shorter >= _SHORTEST_HELD)]] = NameIs.WITHIN
        slip = (_distances(one, other) == 1) & (shorter >= _SHORTEST_HELD)
        is_[looked[slip]] = NameIs.SLIP
        self.ending_other = ~same_ending & ~same_core & near
        is_[same_core & ~same_ending] = NameIs.OTHER_ENDING
        is_[same_core & same_ending] = NameIs.CORE
        is_[left.whole[self.at] == right.whole[self.to]] = NameIs.SAME
        return is_

    def _addresses(self) -> npt.NDArray[np.object_]:
        left, right = self.left, self.right
        whole = left.address[self.at], right.address[self.to]
        door = left.door[self.at], right.door[self.to]
        room = left.room[self.at], right.room[self.to]
        known = _filled(whole[0]) & _filled(whole[1])
        doors = _filled(door[0]) & _filled(door[1])
        same_door = doors & (door[0] == door[1])
        rooms = _filled(room[0]) & _filled(room[1])
        is_ = np.full(len(self.at), AddressIs.UNKNOWN, dtype=object)
        is_[known] = AddressIs.OTHER
        # Only where one of them tells no door are the texts themselves compared.
        looked = np.flatnonzero(known & ~doors)
        ratio = process.cpdist(
            list(whole[0][looked]), list(whole[1][looked]), scorer=fuzz.partial_ratio
        )
        is_[looked[ratio >= NEAR_ADDRESS]] = AddressIs.NEAR
        is_[same_door] = AddressIs.DOOR
        is_[same_door & rooms & (room[0] != room[1])] = AddressIs.ROOM
        is_[same_door & rooms & (room[0] == room[1])] = AddressIs.SAME
        is_[known & (whole[0] == whole[1])] = AddressIs.SAME
        return is_

    def _phones(self) -> tuple[Mask, Mask]:
        sides = [
            (self.left.phones[at], self.right.phones[to])
            for at, to in zip(self.at.tolist(), self.to.tolist(), strict=True)
        ]
        same = np.array([not one.isdisjoint(other) for one, other in sides], dtype=bool)
        known = np.array([bool(one and other) for one, other in sides], dtype=bool)
        return same, known & ~same

    def _licences(self) -> tuple[Mask, Mask]:
        licence = self.left.licence[self.at], self.right.licence[self.to]
        known = _filled(licence[0]) & _filled(licence[1])
        same = licence[0] == licence[1]
        return known & same, known & ~same

    def _branches(self) -> tuple[Mask, Mask]:
        branch = self.left.branch[self.at], self.right.branch[self.to]
        named = _filled(branch[0]), _filled(branch[1])
        return named[0] & named[1] & (branch[0] != branch[1]), named[0] ^ named[1]

    def _bits(self) -> Floats:
        right, to = self.right, self.to
        name = np.array([NAME_BITS[each] for each in self.name])
        address = np.array([ADDRESS_BITS[each] for each in self.address])
        own = zip(right.county, right.core, right.ending, right.branch, strict=True)
        good = np.isin(self.name, [NameIs.SAME, NameIs.CORE, NameIs.OTHER_ENDING])
        name -= good * _shared_by(own)[to]
        at_door = np.isin(self.address, [AddressIs.SAME, AddressIs.DOOR, AddressIs.ROOM])
        crowd = _shared_by(zip(right.county, right.door, right.room, strict=True))
        whole_house = _shared_by(zip(right.county, right.door, strict=True))
        is_door = self.address == AddressIs.DOOR
        address -= at_door * np.where(is_door, whole_house[to], crowd[to])
        numbers = Counter(number for each in right.phones for number in each)
        common = np.array(
            [max((np.log2(numbers[number]) for number in each), default=0) for each in right.phones]
        )
        phone = self.phone_same * (PHONE_SAME - np.minimum(common[to], SHARED_LESS_AT_MOST))
        licence = LICENCE_SAME - _shared_by(right.licence)[to]
        bits: Floats = (
            name
            + address
            + phone
            + self.phone_other * PHONE_OTHER
            + self.licence_same * licence
            + self.licence_other * LICENCE_OTHER
            + self.code_slip * CODE_SLIP
            + self.code_same * 2 * LICENCE_SAME
            + self.ending_other * ENDING_OTHER
            + self.branch_other * BRANCH_OTHER
            + self.branch_one_sided * BRANCH_ONE_SIDED
            + self.county_other * COUNTY_OTHER
        )
        return bits


def _texts(column: pd.Series) -> npt.NDArray[np.object_]:
    return column.astype("object").where(column.notna(), "").to_numpy(dtype=object)


def _array(values: Iterable[Any]) -> npt.NDArray[np.object_]:
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _filled(texts: npt.NDArray[np.object_]) -> Mask:
    return np.asarray(texts != "", dtype=bool)


def _distances(one: npt.NDArray[np.object_], other: npt.NDArray[np.object_]) -> Floats:
    found: Floats = process.cpdist(list(one), list(other), scorer=OSA.distance, score_cutoff=1)
    return found


def _shared_by(keys: Iterable[Hashable]) -> Floats:
    """Return how many bits less each record's own key says, several having the same."""
    listed = list(keys)
    counts = Counter(listed)
    bits = np.log2(np.array([counts[key] for key in listed], dtype=float).clip(1))
    less: Floats = np.minimum(bits, SHARED_LESS_AT_MOST)
    return less
