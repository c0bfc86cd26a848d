"""What the distinct texts of a column mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from data_access.ledgers.cells import CLEAR


@dataclass(slots=True)
class Meaning:
    """What each distinct text of a column means.

    ``values[name]`` are the values for the database column ``name``, one a text, missing
    where the text is empty, says 清空 or is not understood. ``errors`` and ``warnings``
    say in Chinese, by the text's place, what is wrong with it.
    """

    values: dict[str, Any]
    errors: dict[int, str] = field(default_factory=dict)
    warnings: dict[int, str] = field(default_factory=dict)


def said(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Return the texts that say something, and their places."""
    return ((at, text) for at, text in enumerate(texts) if text and text != CLEAR)


def fold(text: str) -> str:
    """Return a text in half width and without blanks, to be compared or parsed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(text.split())


def listed(words: Iterable[str]) -> str:
    """List words as a message does."""
    return "、".join(words)
