"""Freezing a week for its meeting: what was reported then stays, whatever is reported later.

This module asks ``analysis`` for the figures while it freezes, and not before: see
docs/decisions/0008-frozen-weeks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, delete, exists, func, insert, select

from data_access import audit, clock, meeting_counts, versions
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.ledgers.masking import hide
from data_access.schema import (
    import_batch,
    institution,
    row_change,
    weekly_snapshot,
    weekly_snapshot_history,
)
from data_access.scope import Scope
from data_access.weeks import THURSDAY, reporting_week
from data_access.writing import WritingError, writing

LEAST_REASON: Final = 5
LONGEST_REASON: Final = 200


class FreezeError(WritingError):
    """The week was not frozen, and nothing was changed; the message says why, in Chinese."""


class AlreadyFrozenError(FreezeError):
    """The week is frozen already, and nobody has said why it should be frozen again."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A week that was frozen: how many figures, and how many of an earlier moment they replace."""

    week: date
    frozen_at: datetime
    figures: int
    replaced: int


def log_name(week: date) -> str:
    """Return what the access log calls a frozen week."""
    return f"{week} 这一周的数字"


def freeze_week(
    user: User, week: date, *, force: bool = False, reason: str | None = None
) -> Frozen:
    """Freeze a week for somebody who is signed in; see :func:`freeze`.

    Raises:
        FreezeError: the account may not, or the week cannot be frozen.
    """
    with writing(
        user,
        Permission.MEETING_FREEZE,
        target=log_name(week),
        what="冻结会议数字",
        error=FreezeError,
    ) as conn:
        return freeze(conn, week, by=user.email, force=force, reason=reason)


def freeze(
    conn: Connection,
    week: date,
    *,
    by: str | None,
    force: bool = False,
    reason: str | None = None,
    frozen_at: datetime | None = None,
) -> Frozen:
    """Store every figure of ``week`` as it stands now, in the caller's transaction.

    ``week`` is the Thursday that names it. Only released rows are counted: what is born of a
    plan that is not released is frozen for nobody. ``by`` is who does it, ``None`` the command
    line; ``frozen_at`` the moment, now unless given. A week that is frozen already is frozen
    again only with ``force`` and a ``reason``; what it replaces is kept.

    Raises:
        AlreadyFrozenError: it is frozen, and without ``force`` or a reason of 5 to 200 characters.
        FreezeError: the day is no Thursday or lies ahead, or there is nothing to count.
    """
    _check_week(week)
    versions.bump(conn)  # takes the turn of imports
    old_moment = conn.scalar(
        select(func.max(weekly_snapshot.c.frozen_at)).where(weekly_snapshot.c.week == week)
    )
    words = None if old_moment is None else _checked_reason(week, old_moment, force, reason)
    found = select(exists().where(institution.c.found_on <= week))
    if not conn.scalar(found):
        raise FreezeError(
            f"截至 {week} 库里没有一家机构，冻结的会全是零，没有冻结。"
            "请先导入机构台账，或核对这一周"
        )
    moment = frozen_at or clock.now()
    replaced = 0
    if old_moment is not None and words is not None:
        moment = max(moment, old_moment + timedelta(seconds=1))  # kept apart from the old one
        replaced = _keep(conn, week, by=by, at=moment, reason=words)
    figures = _figures(conn, week)
    marks = {
        "week": week,
        "frozen_at": moment,
        "last_batch_id": conn.scalar(select(func.max(import_batch.c.id))) or 0,
        "last_change_id": conn.scalar(select(func.max(row_change.c.id))) or 0,
    }
    rows: list[dict[str, Any]] = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()} | marks
        for row in figures.to_dict("records")
    ]
    conn.execute(insert(weekly_snapshot), rows)
    detail: dict[str, Any] = {"week": week, "rows": len(rows)}
    if words is not None:
        detail |= {"what": "重新冻结", "reason": words, "replaced": replaced}
    audit.add(conn, Action.SNAPSHOT_FREEZE, email=by, target=log_name(week), **detail)
    return Frozen(week, moment, len(rows), replaced)


def _check_week(week: date) -> None:
    latest = clock.today()
    latest -= timedelta(days=(latest.weekday() - THURSDAY) % 7)
    if week.weekday() != THURSDAY:
        named = min(reporting_week(week), latest)
        raise FreezeError(
            f"{week} 不是周四，没有冻结。报送周从周五到周四，以周四为名，应写 {named}"
        )
    if week > latest:
        raise FreezeError(f"{week} 还没有到，没有冻结。最近一个已到的周四是 {latest}")


def _checked_reason(week: date, frozen_at: datetime, force: bool, reason: str | None) -> str:
    when = f"{week} 这一周已于 {frozen_at:%Y-%m-%d %H:%M} 冻结"
    if not force:
        raise AlreadyFrozenError(
            f"{when}，没有改动。此后的变化不改会上的数字，另行列出；"
            "确需以现在的数字取代，请重新冻结并写明原因，原来的数字会留存"
        )
    words = hide(" ".join((reason or "").replace("\x00", "").split()))
    if not LEAST_REASON <= len(words) <= LONGEST_REASON:
        raise AlreadyFrozenError(
            f"{when}，没有改动。重新冻结须写明原因，{LEAST_REASON} 到 {LONGEST_REASON} 个字"
        )
    return words


def _keep(conn: Connection, week: date, *, by: str | None, at: datetime, reason: str) -> int:
    """Move the figures of the week to the history; return how many they are."""
    mine = weekly_snapshot.c.week == week
    names = ("week", "indicator", "county_code", "frozen_at", "numerator", "denominator")
    rows = [
        {**row._asdict(), "replaced_at": at, "replaced_by": by, "reason": reason}
        for row in conn.execute(select(*(weekly_snapshot.c[name] for name in names)).where(mine))
    ]
    conn.execute(insert(weekly_snapshot_history), rows)
    conn.execute(delete(weekly_snapshot).where(mine))
    return len(rows)


def _figures(conn: Connection, week: date) -> pd.DataFrame:
    from analysis.week_figures import limits, week_figures

    counts = meeting_counts.counts(conn, scope=Scope.city(), as_of=week, **limits())
    return week_figures(counts, as_of=week)
