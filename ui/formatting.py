"""How screens and files write numbers and days: as the sentences of ``analysis`` do."""

import re
from typing import Final

from analysis.wording import (
    MISSING,
    change,
    count,
    day,
    day_of_week,
    fraction,
    full_day,
    is_missing,
    percent,
    points,
    ratio,
    share,
    yuan,
)

__all__ = [
    "MISSING",
    "change",
    "count",
    "day",
    "day_of_week",
    "fraction",
    "full_day",
    "is_missing",
    "one_line",
    "percent",
    "plain",
    "points",
    "ratio",
    "share",
    "yuan",
]


# Control characters, and marks that are not seen but turn or hide what stands around them.
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_SIGNS: Final = re.compile(r"[\\`*_{}\[\]()#+\-!|<>~$:&]")
_LIST_NUMBER: Final = re.compile(r"^(\d+)\.(?=\s|$)")


def one_line(text: str) -> str:
    """Return text on one line, without what is not seen."""
    return UNSEEN.sub("", " ".join(text.splitlines())).strip()


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: on one line, no sign means anything.

    Every sentence goes through this where it is drawn: names of ledgers stand in them. What
    Streamlit makes of text beyond Markdown is taken out of its frontend (``ui.frontend_words``).
    """
    return _LIST_NUMBER.sub(r"\1\\.", _SIGNS.sub(r"\\\g<0>", one_line(text)))
