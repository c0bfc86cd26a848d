"""Texts as they are kept, and a column of cells as its distinct texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_access.ledgers.texts import cell_text

CLEAR: Final = "清空"

# A sign that a workbook of ours, or a careful sender, put before text so that no
# spreadsheet runs it as a formula or drops its leading zeros.
_GUARDED: Final = re.compile(r"^'(?=[=+\-@＝＋－＠\d])")
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# Of these, what makes a text look like another one, or a machine stumble.
_ODD: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Trim a text and take out what cannot be seen; what is merely foreign stays."""
    return _GUARDED.sub("", _UNSEEN.sub("", text).strip())


@dataclass(slots=True)
class Cells:
    """A column of cells: its distinct texts, cleaned, and which of them each row has.

    ``odd`` are the places of texts out of which control characters, or marks that turn the
    direction of writing, were taken.
    """

    codes: npt.NDArray[np.intp]
    texts: list[str]
    odd: tuple[int, ...] = ()

    @property
    def is_filled(self) -> npt.NDArray[np.bool_]:
        """Whether each row has a text."""
        return ~self.has(places_of(self.texts, ""))

    @property
    def is_clear(self) -> npt.NDArray[np.bool_]:
        """Whether each row says 清空."""
        return self.has(places_of(self.texts, CLEAR))

    def has(self, places: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Whether each row has one of the texts at ``places``."""
        wanted = np.zeros(len(self.texts), dtype=np.bool_)
        wanted[list(places)] = True
        return wanted[self.codes]

    def keep(self, rows: npt.NDArray[np.intp]) -> Cells:
        """Return the column with only those rows; texts that no row has may remain."""
        return Cells(self.codes[rows], self.texts, self.odd)


def places_of(texts: Sequence[str], wanted: str) -> list[int]:
    """Return where a text stands, quickly where it does not."""
    return [at for at, text in enumerate(texts) if text == wanted] if wanted in texts else []


def factorize(column: npt.NDArray[np.object_]) -> Cells:
    """Tell the distinct cells of a column apart, as text."""
    codes, distinct = pd.factorize(column)
    texts = [cell if type(cell) is str else cell_text(cell) for cell in distinct]
    if codes.min(initial=0) < 0:  # a cell that is a number and none: no office writes it
        codes[codes < 0] = len(texts)
        texts.append("NaN")
    joined = "\n".join(texts)
    odd: tuple[int, ...] = ()
    if _UNSEEN.search(joined) or "'" in joined:
        odd = tuple(at for at, text in enumerate(texts) if _ODD.search(text))
        texts = [clean(text) for text in texts]
    else:
        texts = [text.strip() for text in texts]
    return Cells(codes, texts, odd)
