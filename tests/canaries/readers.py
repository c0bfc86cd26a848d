"""Everybody who may come to a page: each role, a second county, a stranger, nobody."""

from __future__ import annotations

from typing import Any, Final

from data_access.accounts import Role
from tests.canaries.markers import Reader
from tests.menu import ACCOUNTS

BY_ROLE: Final = {
    role: Reader(account, role, account.split("@")[0] if role is Role.COUNTY else None)
    for role, account in ACCOUNTS.items()
}
NEIGHBOUR: Final = Reader("450224@demo", Role.COUNTY, "450224")
READERS: Final = [*BY_ROLE.values(), NEIGHBOUR]
NOBODY: Final = Reader(None)
# Signed in with the issuer, and without an account.
STRANGER: Final[dict[str, Any]] = {"is_logged_in": True, "email": "stranger@example.org"}
