"""A county corrects an institution's row on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data_access.accounts import Permission, User
from data_access.ledgers.kinds import INSTITUTIONS
from data_access.row_edits import Changed, change

# What may be corrected so. County, category, the day it was found and coordinates come by files.
COLUMNS: Final = (
    *("name", "credit_code", "operating_status", "deregistered_on", "qualified_on"),
    *("platform_registered_on", "licence_no", "licence_valid_to", "address", "place_name"),
    *("phone", "competent_department", "teachers", "students", "floor_area_m2"),
    *("fee_supervision", "standard_contract"),
)


def correct(user: User, institution_id: int, row_version: int, cells: Mapping[str, str]) -> Changed:
    """Correct an institution: ``cells`` are texts by column of `COLUMNS`, 清空 empties.

    Raises:
        EditError: the account may not, the institution is not there for it, or what is said may
            not stand: a day after today, 已注销 without its day, the code or the name of another.
        StaleRowError: the institution has changed since it was seen.
        KeyError: a cell is of another column.
    """
    return change(
        user,
        Permission.LEDGER_EDIT,
        INSTITUTIONS,
        institution_id,
        row_version,
        cells,
        columns=COLUMNS,
        what="更正机构台账",
    )
