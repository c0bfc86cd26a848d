"""Markers (canaries): texts that name whose they are, and who may read them.

A marker looks like ``金丝雀-450224-institution-name``: its owner, the table, the column, and the
row where rows must differ. An owner is a county's code or one of :data:`KINDS`, together with a
county where there is one (``plan_450224``). Nothing else in a database of canaries holds that
word, so one search through whatever is sent finds all of them, escaped or not.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import quote

from data_access.accounts import Role
from data_access.schema import metadata

WORD: Final = "金丝雀"
CITY: Final = "city"  # rows of no county: files of the whole city, decisions for all
PLAN: Final = "plan"  # drafts of plans
SEALED: Final = "sealed"  # plans that are sealed and not released, and what is born of them
RELEASED: Final = "released"  # plans that are released
REPORTER: Final = "reporter"  # reporters' words and phones
ADMIN: Final = "admin"  # accounts and the access log
PLANS: Final = frozenset({PLAN, SEALED, RELEASED})
KINDS: Final = PLANS | {CITY, REPORTER, ADMIN}
# What leaders read of a released plan: where it went. Not why, nor who went, nor who else could
# have been visited.
RESULTS: Final = frozenset({("visit_stop", "name"), ("visit_stop", "place_name")})

_ESCAPED: Final = "".join(rf"\\+u{ord(sign):04x}" for sign in WORD)  # JSON in ASCII, also twice
_FIND: Final = re.compile(
    # Markdown and addresses escape the signs between the words.
    rf"(?:{WORD}|{_ESCAPED}|{quote(WORD)})((?:\\*[-_0-9A-Za-z])+)".encode(),
    re.IGNORECASE,
)
_SHORT: Final = {"".join(part[0] for part in name.split("_")): name for name in metadata.tables}


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker that was seen: whose, and of which table and column."""

    owner: str
    table: str
    column: str

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`, or the county."""
        return self.owner.split("_")[0]

    def __str__(self) -> str:
        return f"{WORD}-{self.owner}-{self.table}-{self.column}"


def marker(owner: str, table: str, column: str, length: int | None = None, row: str = "") -> str:
    """Return the marker of an owner's column, shortened where the column is narrow.

    Raises:
        AssertionError: no marker fits; the column must be among those of listed words.
    """
    for name in (table, "".join(part[0] for part in table.split("_"))):
        text = "-".join(filter(None, (WORD, owner, name, column, row)))
        if length is None or len(text) <= length:
            return text
    raise AssertionError(f"no marker fits into {table}.{column}")


def markers_in(sent: bytes) -> set[Marker]:
    """Return the markers in what was sent, in every way in which they may be written.

    Workbooks are unpacked.
    """
    seen = {_marker(match[1]) for match in _FIND.finditer(sent)}
    for name, part in unpacked(sent).items():
        seen |= markers_in(name.encode()) | markers_in(part)
    return seen


def unpacked(sent: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook by name; of anything else nothing."""
    if not sent.startswith(b"PK\x03\x04"):
        return {}
    with zipfile.ZipFile(BytesIO(sent)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _marker(body: bytes) -> Marker:
    owner, table, rest = [*body.decode().replace("\\", "").strip("-").split("-", 2), "", ""][:3]
    table = _SHORT.get(table, table)
    # What follows a text where it travels may look like a part of it.
    columns = metadata.tables[table].c.keys() if table in metadata.tables else []
    known = max((name for name in columns if rest.startswith(name)), key=len, default=rest)
    return Marker(owner, table, known)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: an account, its role and county; no role where nobody is known."""

    account: str | None
    role: Role | None = None
    county: str | None = None

    @property
    def name(self) -> str:
        """What to call the reader in the name of a test."""
        return self.account or "nobody"

    def may_see(self, seen: Marker) -> bool:
        """Whether that marker may be sent to this reader."""
        is_fact = seen.kind not in KINDS or seen.kind == CITY
        is_import = seen.table in {"import_batch", "import_problem"}
        is_name = (seen.table, seen.column) == ("county", "name")
        match self.role:
            case Role.SUPERVISOR:
                return is_fact or seen.kind in PLANS
            case Role.LEADER:
                is_result = seen.kind == RELEASED and (seen.table, seen.column) in RESULTS
                return (is_fact and not is_import) or is_result
            case Role.COUNTY:
                return seen.owner == self.county
            case Role.ADMIN:
                is_value = (seen.table, seen.column) == ("import_problem", "value")
                return seen.kind == ADMIN or (is_import and is_fact and not is_value) or is_name
        return is_name  # the choice of demonstration accounts names the counties
