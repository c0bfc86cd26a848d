"""The counties' own work: towns, decided pairs of source lists, who recorded what was sent.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DUTIES = "('plan', 'hotline', 'mailbox', 'contact', 'campaign_check', 'publicity')"
_ONE_A_DAY = "uq_rectification_event_rectification_id_happened_on_step"
_RECORDED = "在系统里办理的时刻（北京时间），同一天的几步以它为序；由文件带来的为空"
_COLUMNS: dict[str, list[tuple[str, sa.types.TypeEngine[Any], str]]] = {
    "county_action": [
        ("detail", sa.String(length=255), "内容：公布的电话、邮箱，联系人姓名和电话，行动名称"),
        ("recorded_by", sa.String(length=255), "最近登记的账号；由文件带来的为空"),
    ],
    "submission": [("submitted_by", sa.String(length=255), "最近登记的账号；由文件带来的为空")],
    "roster_entry": [("dismissed_reason", sa.Text(), "排除的理由；没有排除的为空")],
    "refund_dispute": [("answer", sa.Text(), "处理情况：县区的答复")],
    "city_median": [("data_version", sa.Integer(), "计算时的数据版本；落后于现在的须重算")],
}


def upgrade() -> None:
    op.create_table(
        "town",
        sa.Column("code", sa.String(length=9), nullable=False, comment="街道乡镇代码"),
        sa.Column("name", sa.String(length=32), nullable=False, comment="街道乡镇名称"),
        sa.Column(
            "boundary_code",
            sa.String(length=6),
            nullable=False,
            comment="所在的县级行政区；由新区管理的街道仍写行政区",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_town")),
        comment="街道、乡镇",
    )
    op.create_index("ix_town_boundary_code", "town", ["boundary_code"])
    for table, columns in _COLUMNS.items():
        for name, kind, comment in columns:
            op.add_column(table, sa.Column(name, kind, comment=comment))
    with op.batch_alter_table("county_action") as batch:
        batch.create_check_constraint(op.f("ck_county_action_duty_known"), f"duty IN {_DUTIES}")
        batch.create_check_constraint(
            op.f("ck_county_action_done_has_evidence"), "done_on IS NULL OR evidence IS NOT NULL"
        )
    op.add_column("rectification_event", sa.Column("recorded_at", sa.DateTime(), comment=_RECORDED))
    with op.batch_alter_table("rectification_event") as batch:
        batch.drop_constraint(op.f(_ONE_A_DAY), type_="unique")
    op.create_index(
        "uq_rectification_event_told_once",
        "rectification_event",
        ["rectification_id", "happened_on", "step"],
        unique=True,
        sqlite_where=sa.text("recorded_at IS NULL"),
        postgresql_where=sa.text("recorded_at IS NULL"),
    )
    op.create_index(
        "ix_rectification_event_rectification_id", "rectification_event", ["rectification_id"]
    )
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("submission", "sha256", comment="文件摘要（SHA-256）")
    op.create_table(
        "roster_decision",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("roster_entry_id", _ID, nullable=False, comment="底数名单的一行"),
        sa.Column("institution_id", _ID, nullable=False, comment="机构台账编号；空为尚未对上"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "verdict", sa.String(length=16), nullable=False, comment="人工判定：是不是同一家"
        ),
        sa.Column("decided_by", sa.String(length=255), nullable=False, comment="判定人"),
        sa.Column("decided_at", sa.DateTime(), nullable=False, comment="判定时刻（北京时间）"),
        sa.Column(
            "row_version",
            sa.Integer(),
            nullable=False,
            server_default="1",
            comment="行版本，每次改动加一；两人同时改时后改的一方须重看",
        ),
        sa.CheckConstraint(
            "verdict IN ('same', 'different')", name=op.f("ck_roster_decision_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_roster_decision_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_roster_decision_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["roster_entry_id"],
            ["roster_entry.id"],
            name=op.f("fk_roster_decision_roster_entry_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_decision")),
        sa.UniqueConstraint(
            "roster_entry_id",
            "institution_id",
            name=op.f("uq_roster_decision_roster_entry_id_institution_id"),
        ),
        comment="底数比对的人工判定：判过的一对不再问",
    )
    op.create_index("ix_roster_decision_county_code", "roster_decision", ["county_code"])


def downgrade() -> None:
    op.drop_table("roster_decision")
    # Of the steps of one kind on one day the first is kept, as before.
    op.execute(
        "DELETE FROM rectification_event WHERE id NOT IN (SELECT min(id) FROM rectification_event"
        " GROUP BY rectification_id, happened_on, step)"
    )
    op.drop_index("ix_rectification_event_rectification_id", "rectification_event")
    op.drop_index("uq_rectification_event_told_once", "rectification_event")
    with op.batch_alter_table("rectification_event") as batch:
        batch.create_unique_constraint(
            op.f(_ONE_A_DAY), ["rectification_id", "happened_on", "step"]
        )
    op.drop_column("rectification_event", "recorded_at")
    with op.batch_alter_table("county_action") as batch:
        batch.drop_constraint(op.f("ck_county_action_done_has_evidence"), type_="check")
        batch.drop_constraint(op.f("ck_county_action_duty_known"), type_="check")
    for table, columns in _COLUMNS.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
    op.drop_table("town")
