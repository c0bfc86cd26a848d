"""Verified reports summed up by the week of the verdict; the status in the indexes of proven ones.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PROVEN = {
    "institution_id": ["institution_id", "received_on", "verified_on", "county_code"],
    "place_name": ["county_code", "place_name", "received_on", "verified_on"],
    "institution_name": [
        *("county_code", "institution_name_key", "institution_name"),
        *("received_on", "verified_on"),
    ],
}


def upgrade() -> None:
    _replace_indexes("status")
    op.create_table(
        "report_conclusion_summary",
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("verified_week", sa.Date(), nullable=False, comment="核实日期所在的报送周"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="属实或不属实"),
        sa.Column(
            "violation_type_group",
            sa.String(length=64),
            nullable=False,
            comment="违规类型（归类）",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="已核实并有核实日期的件数"),
        *(
            sa.Column(
                f"verified_{day}", sa.Integer(), nullable=False, comment=f"其中周{word}核实的"
            )
            for day, word in enumerate("五六日一二三四", start=1)
        ),
        sa.CheckConstraint("n > 0", name=op.f("ck_report_conclusion_summary_n_positive")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_report_conclusion_summary_county_code")
        ),
        sa.PrimaryKeyConstraint(
            *("week", "verified_week", "county_code", "status", "violation_type_group"),
            name=op.f("pk_report_conclusion_summary"),
        ),
        comment="按报送周、核实周、结论和类型合计的举报，与举报同一事务写入",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("report_conclusion_summary")
    _replace_indexes()


def _replace_indexes(*more: str) -> None:
    for name, columns in _PROVEN.items():
        index = f"ix_violation_report_proven_{name}"
        proven = sa.text(f"status = 'substantiated' AND {name} IS NOT NULL")
        op.drop_index(index, "violation_report")
        op.create_index(
            index,
            "violation_report",
            [*columns, *more],
            sqlite_where=proven,
            postgresql_where=proven,
        )
