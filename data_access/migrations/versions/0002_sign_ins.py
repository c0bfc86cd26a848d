"""Sign-ins, and the access log by account.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in",
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="登录凭据的摘要（凭据本身不存）",
        ),
        sa.Column("email", sa.String(length=255), nullable=False, comment="账号"),
        sa.Column(
            "at", sa.DateTime(), nullable=False, comment="首次见到这次登录的时刻（北京时间）"
        ),
        sa.Column("ended_at", sa.DateTime(), comment="退出的时刻（北京时间）；此后这次登录失效"),
        sa.ForeignKeyConstraint(["email"], ["account.email"], name=op.f("fk_sign_in_email")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in")),
        comment="每一次登录",
    )
    op.create_index("ix_sign_in_email", "sign_in", ["email"])
    op.create_index("ix_audit_event_email", "audit_event", ["email", "at"])
    op.create_index("ix_audit_event_target", "audit_event", ["target", "at"])
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("audit_event", "email", comment="账号；命令行的操作为空")
        op.create_table_comment("audit_event", "访问日志：只增不改，数据库拒绝修改和删除")


def downgrade() -> None:
    op.drop_index("ix_audit_event_target", "audit_event")
    op.drop_index("ix_audit_event_email", "audit_event")
    op.drop_table("sign_in")
