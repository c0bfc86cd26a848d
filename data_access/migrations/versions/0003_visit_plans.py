"""Visit plans: teams, candidates as they stood, stops, who sealed and released.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# Nothing has written these tables before: their new columns wait for no old rows.
def _placed() -> list[sa.Column[Any]]:
    return [
        sa.Column("name", sa.String(length=128), comment="机构名称；没有登记机构时为地点名称"),
        sa.Column("address", sa.String(length=255), comment="地址"),
    ]


def _added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "visit_plan": [
            sa.Column("sealed_by", sa.String(length=255), comment="封存人"),
            sa.Column("sealed_at", sa.DateTime(), comment="封存时刻（北京时间）"),
            sa.Column("released_by", sa.String(length=255), comment="公布人"),
            sa.Column("released_at", sa.DateTime(), comment="公布时刻（北京时间）"),
            sa.Column("routing", sa.JSON(), comment="最近一次排路线的说明：没有排入的地点和原因"),
            sa.Column(
                "row_version",
                sa.Integer(),
                nullable=False,
                server_default="1",
                comment="行版本，每次改动加一；两人同时改时后改的一方须重看",
            ),
        ],
        "visit_candidate": [
            sa.Column("ordinal", sa.Integer(), comment="按风险分的次序，从 1 起；抽签以此为序"),
            *_placed(),
            sa.Column("category", sa.String(length=16), comment="机构类别；空为没有登记机构"),
            sa.Column("place_key", sa.String(length=160), comment="同一地点的比对键"),
            sa.Column("opens_at", sa.Time(), comment="最早可到：有课的时间"),
            sa.Column("closes_at", sa.Time(), comment="最晚须到：有课的时间"),
            sa.Column(
                "must",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="必到：指定的地点，不参加抽签",
            ),
            sa.Column("left_reason", sa.Text(), comment="抽中后撤出的理由；空为没有撤出"),
        ],
        "visit_stop": [
            sa.Column("ordinal", sa.Integer(), comment="候选地点在计划中的次序"),
            *_placed(),
            sa.Column("leaves_at", sa.Time(), comment="离开时间"),
            sa.Column(
                "pinned",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="固定在这一天、这一组",
            ),
        ],
    }


def _number_plans_once() -> None:
    """Let SQLite give no number of a deleted plan again, which takes a new table."""
    op.drop_table("visit_plan")
    op.create_table(
        "visit_plan",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="第一天"),
        sa.Column("last_day", sa.Date(), nullable=False, comment="最后一天"),
        sa.Column("created_by", sa.String(length=255), nullable=False, comment="制定人"),
        sa.Column("created_at", sa.DateTime(), nullable=False, comment="制定时刻（北京时间）"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="状态"),
        sa.Column("seed", sa.Integer(), nullable=True, comment="抽取随机数种子"),
        sa.Column("parameters", sa.JSON(), nullable=False, comment="制定时的选择"),
        sa.Column("digest", sa.String(length=64), nullable=True, comment="封存时的摘要"),
        sa.CheckConstraint(
            "status = 'draft' OR (seed IS NOT NULL AND digest IS NOT NULL)",
            name=op.f("ck_visit_plan_sealed_has_its_digest"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'sealed', 'released')", name=op.f("ck_visit_plan_status_known")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_visit_plan_days_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_plan")),
        comment="暗访计划",
        sqlite_autoincrement=True,
    )


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _number_plans_once()
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        "uq_visit_candidate_visit_plan_id_ordinal",
        "visit_candidate",
        ["visit_plan_id", "ordinal"],
        unique=True,
    )
    op.create_table(
        "visit_team",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("visit_plan_id", _ID, nullable=False, comment="暗访计划"),
        sa.Column("team", sa.Integer(), nullable=False, comment="第几组"),
        sa.Column(
            "officers",
            sa.JSON(),
            nullable=False,
            comment="抽中的人员：姓名、部门、回避县区，原样留存",
        ),
        sa.Column("start_name", sa.String(length=64), nullable=False, comment="出发地"),
        sa.Column("longitude", sa.Float(), comment="经度，WGS-84，度"),
        sa.Column("latitude", sa.Float(), comment="纬度，WGS-84，度"),
        sa.Column("starts_at", sa.Time(), nullable=False, comment="出发时间"),
        sa.Column("ends_at", sa.Time(), nullable=False, comment="收队时间"),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)",
            name=op.f("ck_visit_team_coordinates_come_in_pairs"),
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_visit_team_coordinates_on_the_globe"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_team_hours_in_order")),
        sa.ForeignKeyConstraint(
            ["visit_plan_id"],
            ["visit_plan.id"],
            name=op.f("fk_visit_team_visit_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_team")),
        sa.UniqueConstraint("visit_plan_id", "team", name=op.f("uq_visit_team_visit_plan_id_team")),
        comment="暗访小组",
    )


def downgrade() -> None:
    op.drop_table("visit_team")
    op.drop_index("uq_visit_candidate_visit_plan_id_ordinal", "visit_candidate")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
