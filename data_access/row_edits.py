"""How people change one row of a ledger on a page.

Whoever changes it has seen the row as it was: where somebody else, or a file, was quicker, the
second is told who it was, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from data_access import audit, versions
from data_access.accounts import Permission, Role, User
from data_access.audit import Action
from data_access.corrections import NUMBERED
from data_access.ledgers.cells import CLEAR
from data_access.ledgers.draft import Sender
from data_access.ledgers.kinds import Kind
from data_access.ledgers.one_row import Changed, RowRefusedError, change_row
from data_access.schema import import_batch, row_change
from data_access.writing import WritingError, writing

__all__ = ["CLEAR", "Changed", "EditError", "StaleRowError", "change", "changing"]

_GONE: Final = "没有这一条，或它不在您的范围内，没有保存。请刷新页面再看"


class EditError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


class StaleRowError(EditError):
    """The row has changed since it was seen; the message says by whom and on which day."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The row that is to be changed, as it is now, within the transaction that changes it."""

    conn: Connection
    user: User
    kind: Kind
    row: Row[Any]

    def write(self, cells: Mapping[str, str], what: str) -> Changed:
        """Write the cells, by database column, and tell the access log ``what`` was done.

        Raises:
            EditError: a file's row would be rejected, for the same reasons.
        """
        is_county = self.user.role is Role.COUNTY
        county = self.user.county_code if is_county else None
        sender = Sender(self.user.email, county, is_county_account=is_county)
        try:
            changed = change_row(self.conn, self.kind, self.row, cells, sender=sender)
        except RowRefusedError as refused:
            raise EditError(f"没有保存。{refused}") from refused
        headers = [column.header for column in self.kind.columns if column.name in cells]
        audit.add(
            self.conn,
            Action.LEDGER_EDIT,
            email=self.user.email,
            target=f"{self.kind.title} {self.row.id}",
            what=what,
            columns="、".join(headers),
        )
        return changed


@contextmanager
def changing(
    user: User, permission: Permission, kind: Kind, row_id: int, row_version: int
) -> Iterator[Seen]:
    """Give the row in the transaction in which ``user`` changes it, or nothing happens.

    ``row_version`` is that of the row as it was seen. Writers take turns, imports among them.

    Raises:
        EditError: the account may not, or the row is not there for it.
        StaleRowError: the row has changed since it was seen.
    """
    what = f"办理{kind.title}"
    with writing(user, permission, target=kind.title, what=what, error=EditError) as conn:
        versions.bump(conn)  # takes the turn of other writers
        mine = (kind.table.c.id == row_id, user.scope.allows(kind.table))
        row = conn.execute(select(kind.table).where(*mine)).one_or_none()
        if row is None:
            raise EditError(_GONE)
        if row.row_version != row_version:
            raise StaleRowError(f"{_last_change(conn, kind, row)}，没有保存。请看过新的内容再提交")
        yield Seen(conn, user, kind, row)


def change(
    user: User,
    permission: Permission,
    kind: Kind,
    row_id: int,
    row_version: int,
    cells: Mapping[str, str],
    *,
    columns: tuple[str, ...],
    what: str,
) -> Changed:
    """Change a row in what ``cells`` say of ``columns``; return its version and warnings.

    Raises:
        EditError: as `changing` and `Seen.write` do, or there is nothing to change.
        StaleRowError: the row has changed since it was seen.
        KeyError: a cell is of a column that is not to be changed so.
    """
    for name in cells:
        if name not in columns:
            raise KeyError(name)
    if not cells:
        raise EditError("没有改动，不用保存")
    with changing(user, permission, kind, row_id, row_version) as seen:
        return seen.write(cells, what)


def _last_change(conn: Connection, kind: Kind, row: Row[Any]) -> str:
    """Say who changed the row last, and on which day."""
    table = kind.table.name
    key = str(row._mapping[NUMBERED.get(table, "id")])
    stmt = (
        select(row_change.c.email, import_batch.c.imported_by, row_change.c.changed_on)
        .outerjoin(import_batch, import_batch.c.id == row_change.c.batch_id)
        .where(row_change.c.table_name == table, row_change.c.row_key == key)
        .order_by(row_change.c.id.desc())
        .limit(1)
    )
    last = conn.execute(stmt).one_or_none()
    if last is None:
        return "这一条在您打开之后有改动"
    who = last.email or f"{last.imported_by} 导入的文件"
    return f"这一条在您打开之后，由 {who} 改动过（{last.changed_on}）"
