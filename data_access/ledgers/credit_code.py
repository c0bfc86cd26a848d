"""The unified social credit code (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

LENGTH: Final = 18
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z

_UNKNOWN: Final = 255
_VALUE_OF: Final = np.full(128, _UNKNOWN, dtype=np.int64)
_VALUE_OF[[ord(letter) for letter in ALPHABET]] = np.arange(len(ALPHABET))
_WEIGHTS: Final = np.array([pow(3, place, 31) for place in range(LENGTH - 1)])


def check_digit_holds(codes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether the last character of each code is the one that the other seventeen ask for.

    Every code is 18 ASCII characters, upper case. A letter that the standard leaves out
    (I, O, S, V, Z) fails.
    """
    if not codes:
        return np.zeros(0, dtype=np.bool_)
    letters = np.frombuffer("".join(codes).encode("ascii"), dtype=np.uint8)
    values = _VALUE_OF[letters].reshape(len(codes), LENGTH)
    asked = (31 - values[:, :-1] @ _WEIGHTS % 31) % 31
    holds: npt.NDArray[np.bool_] = (values != _UNKNOWN).all(axis=1) & (values[:, -1] == asked)
    return holds
