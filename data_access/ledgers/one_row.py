"""One row that a person changes on a page: read, judged and written as a file's row would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from data_access import clock
from data_access.ledgers import matching
from data_access.ledgers.draft import Draft, Sender
from data_access.ledgers.kinds import Kind
from data_access.ledgers.problems import Problem
from data_access.ledgers.reading import understand_row
from data_access.ledgers.storing import write
from data_access.ledgers.values import Setting
from data_access.reference import counties, newest_campaign
from data_access.schema import institution
from data_access.scope import Scope


class Changed(NamedTuple):
    """What became of a row: its version now, and what is told of it, a warning each."""

    row_version: int
    warnings: tuple[str, ...]


class RowRefusedError(Exception):
    """The row may not be stored so; ``problems`` say why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


def change_row(
    conn: Connection, kind: Kind, known: Row[Any], cells: Mapping[str, str], *, sender: Sender
) -> Changed:
    """Write what ``cells`` say, by database column, into the stored row ``known``.

    Cells are texts, as in a file: of what is not among them, or empty, the stored value stays,
    and 清空 empties. Everything that storing a file would do is done: derived columns, links,
    history, spells, weekly counts and old values, these under the name of ``sender``. Warnings
    are those of the columns that are written.

    Raises:
        RowRefusedError: a file's row would be rejected, for the same reasons.
    """
    today = clock.today()
    setting = Setting(
        today,
        newest_campaign(conn).starts_on.year,
        counties(conn, scope=Scope.city()),
        known.county_code,
    )
    draft = Draft(
        understand_row(kind, cells, setting), received_on=today, sender=sender, batch_id=None
    )
    draft.attach([known], [0])
    if kind.table is institution:
        matching.keep_apart(conn, draft)
    write(conn, draft)
    if draft.rejected.any():
        raise RowRefusedError(_said(draft.problems, "error"))
    version = conn.scalars(select(kind.table.c.row_version).where(kind.table.c.id == known.id))
    written = {column.header for column in kind.columns if column.name in cells}
    of_these = [problem for problem in draft.problems if problem.column in written]
    return Changed(version.one(), _said(of_these, "warning"))


def _said(problems: list[Problem], severity: str) -> tuple[str, ...]:
    """Return what is said of the row, each thing once."""
    said = (
        f"{problem.column}：{problem.problem}" if problem.column else problem.problem
        for problem in problems
        if problem.severity == severity
    )
    return tuple(dict.fromkeys(said))
