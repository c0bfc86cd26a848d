"""Indexes without the rows that nobody looks for by them: nameless ones, and those not verified.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LINKED = ("violation_report", "inspection", "rectification", "refund_dispute", "compliance_check")
_VERIFIED = "ix_violation_report_verified_week_county_code"
_VERIFIED_COLUMNS = [
    *("verified_week", "county_code", "verified_on", "status", "week", "received_on"),
    "violation_type_group",
]


def upgrade() -> None:
    _replace_unlinked("institution_id IS NULL AND institution_name_key IS NOT NULL")
    _replace_verified("verified_week IS NOT NULL")


def downgrade() -> None:
    _replace_unlinked("institution_id IS NULL")
    _replace_verified(None)


def _replace_unlinked(condition: str) -> None:
    where = sa.text(condition)
    for table in _LINKED:
        name = f"ix_{table}_unlinked"
        op.drop_index(name, table)
        op.create_index(
            name,
            table,
            ["county_code", "institution_name_key"],
            sqlite_where=where,
            postgresql_where=where,
        )


def _replace_verified(condition: str | None) -> None:
    where = None if condition is None else sa.text(condition)
    op.drop_index(_VERIFIED, "violation_report")
    op.create_index(
        _VERIFIED, "violation_report", _VERIFIED_COLUMNS, sqlite_where=where, postgresql_where=where
    )
