"""A county answers a refund dispute on a page: how it was settled, when, and what was paid back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data_access.accounts import Permission, User
from data_access.ledgers.kinds import REFUND_DISPUTES
from data_access.row_edits import Changed, change

# What an answer says; the rest of a dispute is as it was opened.
COLUMNS: Final = (
    *("status", "route", "resolved_on", "refunded_yuan", "plan_in_place", "standard_contract"),
    "answer",
)


def answer(user: User, dispute_id: int, row_version: int, cells: Mapping[str, str]) -> Changed:
    """Answer a dispute: ``cells`` are texts by column of `COLUMNS`, 清空 empties.

    Raises:
        EditError: the account may not, the dispute is not there for it, or what is said may not
            stand, such as 已化解 without its day or a day after today.
        StaleRowError: the dispute has changed since it was seen.
        KeyError: a cell is of another column.
    """
    return change(
        user,
        Permission.LEDGER_EDIT,
        REFUND_DISPUTES,
        dispute_id,
        row_version,
        cells,
        columns=COLUMNS,
        what="答复退费纠纷",
    )
