"""Ledger rows as tables: codes become words, and what matters stands first."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from data_access import vocabulary
from data_access.vocabulary import Vocabulary
from ui.tables import Table, table

_ITEM_WORDS = vocabulary.first_words(vocabulary.VERIFICATION_ITEM)


def in_words(codes: pd.Series, words: Vocabulary) -> pd.Series:
    """Return the words of a column of codes."""
    return codes.map(vocabulary.first_words(words))


def unregistered_rows(held_up: pd.DataFrame) -> Table:
    """List unregistered institutions, each with what holds it up.

    ``held_up`` is the result of ``analysis.registration.holdups``.
    """
    rows = held_up.assign(
        category=in_words(held_up["category"], vocabulary.CATEGORY),
        operating_status=in_words(held_up["operating_status"], vocabulary.OPERATING_STATUS),
        holdups=[
            _holdup_words(*row)
            for row in zip(held_up["failed"], held_up["pending"], held_up["missing"], strict=True)
        ],
    )
    return table(
        rows,
        [
            "county",
            "name",
            "holdups",
            "category",
            "operating_status",
            "found_on",
            "qualified_on",
            "address",
        ],
        wide=["holdups"],
    )


def _holdup_words(failed: Iterable[str], pending: Iterable[str], missing: Iterable[str]) -> str:
    said = [
        f"{state}：{_items(tuple(items))}"
        for items, state in ((failed, "不合格"), (pending, "待核"), (missing, "未核查"))
        if items
    ]
    return "；".join(said) or "已合格，待登记"


def _items(items: tuple[str, ...]) -> str:
    if len(items) == len(_ITEM_WORDS):
        return f"全部{len(items)}项"
    return "、".join(_ITEM_WORDS[item] for item in items)


def inspection_rows(rows: pd.DataFrame) -> Table:
    """List inspections; ``rows`` is ``inspections.inspections_of_week``."""
    return table(
        rows.assign(
            method=in_words(rows["method"], vocabulary.INSPECTION_METHOD),
            outcome=in_words(rows["outcome"], vocabulary.INSPECTION_OUTCOME),
        ),
        [
            "inspection_no",
            "inspected_on",
            "county",
            "institution_name",
            "place_name",
            "method",
            "people",
            "outcome",
            "violation_type",
            "measures",
        ],
    )
