"""Which pairs of records are worth comparing: those that share something rare enough.

To compare each of 6,000 lines with each of 6,000 institutions is 36 million pairs; records that
share no telephone, no door, no licence, no core of a name and no rare two characters of it are
not one institution to anybody who looks at them either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Keys = Sequence[Iterable[Hashable]]
# A key that more institutions than this share says too little to look at each of them.
LARGEST_BLOCK: Final = 60


def shared(left: Keys, right: Keys, *, largest: int = LARGEST_BLOCK) -> tuple[Positions, Positions]:
    """Return the positions of all pairs that share a key, each once, in order.

    ``left`` and ``right`` hold the keys of each record. A key that more than ``largest`` records
    on the right have leads to none of them.
    """
    having: dict[Hashable, list[int]] = defaultdict(list)
    for at, keys in enumerate(right):
        for key in set(keys):
            having[key].append(at)
    found: list[int] = []
    size = max(len(right), 1)
    for at, keys in enumerate(left):
        near: set[int] = set()
        for key in keys:
            block = having.get(key, ())
            if len(block) <= largest:
                near.update(block)
        found += [at * size + other for other in near]
    both = np.sort(np.array(found, dtype=np.int64))
    return both // size, both % size


def twos(core: str) -> list[str]:
    """Return each two characters that stand side by side in the core of a name."""
    return [core[at : at + 2] for at in range(len(core) - 1)]
