"""The leaders' meeting: what was replaced of frozen weeks, and who put a decision on record.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _marks() -> list[sa.Column[Any]]:
    return [
        sa.Column("last_batch_id", sa.Integer(), comment="冻结时最后一个导入批次；此后的为迟报"),
        sa.Column("last_change_id", sa.Integer(), comment="冻结时最后一处改动；此后的为更正"),
    ]


def _recorded() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_by", sa.String(length=255), nullable=False, comment="登记人"),
        sa.Column("created_at", sa.DateTime(), nullable=False, comment="登记时刻（北京时间）"),
        sa.Column("withdrawn_on", sa.Date(), comment="撤销日期；撤销的不再列出"),
        sa.Column(
            "row_version",
            sa.Integer(),
            nullable=False,
            server_default="1",
            comment="行版本，每次改动加一；两人同时改时后改的一方须重看",
        ),
    ]


def upgrade() -> None:
    for column in _marks():
        op.add_column("weekly_snapshot", column)
    op.create_table(
        "weekly_snapshot_history",
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("indicator", sa.String(length=64), nullable=False, comment="指标"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("frozen_at", sa.DateTime(), nullable=False, comment="当时的冻结时刻（北京时间）"),
        sa.Column("numerator", sa.Float(), comment="当时的分子，或数量本身"),
        sa.Column("denominator", sa.Float(), comment="当时的分母；不是比率时为空"),
        sa.Column(
            "replaced_at", sa.DateTime(), nullable=False, comment="重新冻结的时刻（北京时间）"
        ),
        sa.Column("replaced_by", sa.String(length=255), comment="重新冻结的账号；命令行的操作为空"),
        sa.Column("reason", sa.Text(), nullable=False, comment="重新冻结的原因"),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_weekly_snapshot_history_county_code")
        ),
        sa.PrimaryKeyConstraint(
            "week",
            "indicator",
            "county_code",
            "frozen_at",
            name=op.f("pk_weekly_snapshot_history"),
        ),
        comment="重新冻结换下的数字：只增不改，数据库拒绝修改和删除",
    )
    # Nothing has written this table before: its new columns wait for no old rows.
    op.drop_table("decision")
    op.create_table(
        "decision",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("week", sa.Date(), nullable=False, comment="会议所在报送周"),
        sa.Column("what", sa.Text(), nullable=False, comment="决定事项"),
        sa.Column("county_code", sa.String(length=6), nullable=True, comment="县区（新区）代码"),
        sa.Column("owner", sa.String(length=64), nullable=False, comment="责任人"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="期限（含当日）"),
        sa.Column("done_on", sa.Date(), nullable=True, comment="完成日期"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="种类"),
        *_recorded(),
        sa.CheckConstraint(
            "kind IN ('decision', 'notice', 'accountability')", name=op.f("ck_decision_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_decision_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        comment="会议决定、查处通报、追责问责",
    )
    op.create_index("ix_decision_week", "decision", ["week"])
    if op.get_context().dialect.name == "postgresql":
        op.create_table_comment("weekly_snapshot", "当周会上报告的数字：冻结后数据库拒绝修改")


def downgrade() -> None:
    for column in _recorded():
        op.drop_column("decision", column.name)
    op.drop_table("weekly_snapshot_history")
    for column in _marks():
        op.drop_column("weekly_snapshot", column.name)
