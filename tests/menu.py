"""Which account opens which page of the menu, for tools and tests that go through all of them."""

from __future__ import annotations

from data_access.accounts import Role
from ui.navigation import MenuEntry, entries_of

ACCOUNTS = {
    Role.LEADER: "leader@demo",
    Role.SUPERVISOR: "supervisor@demo",
    Role.COUNTY: "450225@demo",
    Role.ADMIN: "admin@demo",
}


def entries(role: Role) -> list[MenuEntry]:
    """Return the pages that a role may open, in the menu's order."""
    return entries_of(role)
