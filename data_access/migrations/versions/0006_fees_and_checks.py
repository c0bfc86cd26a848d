"""Prices as they are stated, what is charged in advance, checks, and plans for refunds.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MONEY = sa.Numeric(precision=14, scale=2, asdecimal=False)
_ROW_VERSION = "行版本，每次改动加一；两人同时改时后改的一方须重看"
_COLUMNS: dict[str, list[tuple[str, sa.types.TypeEngine[Any], str]]] = {
    "course_fee": [
        ("teaching_mode", sa.String(length=16), "授课方式；空按线下计"),
        ("quoted_yuan", _MONEY, "收费标准（原文），元，单位见 price_unit"),
        ("price_unit", sa.String(length=16), "计价单位；空按每人每课时计"),
        ("quoted_lessons", sa.Integer(), "按期收费的，一期的课时数"),
        ("class_students", sa.Integer(), "班额，人；按班计价的以它折合到每人"),
        ("cost_yuan_per_lesson", _MONEY, "机构申报的每人每课时成本，元"),
    ],
    "fee_charge": [
        ("course_ends_on", sa.Date(), "课程结束日期（含当日）"),
        ("refunded_yuan", _MONEY, "已退金额，元"),
    ],
    "compliance_check": [
        ("institution_name", sa.String(length=128), "机构名称"),
        ("credit_code", sa.String(length=32), "所报的统一社会信用代码"),
        (
            "institution_name_key",
            sa.String(length=128),
            "比对用机构名称：去空格、统一全半角",
        ),
        ("aspect", sa.String(length=16), "安全检查的方面：消防、建筑、食品"),
        ("examined", sa.Integer(), "查了多少：从业人员为人，培训材料为份，其余为项"),
        ("failed", sa.Integer(), "其中不合规的"),
        ("severity", sa.Integer(), "有问题的，严重程度：1 一般、2 较重、3 严重"),
        ("due_on", sa.Date(), "有问题的，整改期限（含当日）"),
        ("rectification_id", _ID, "由这次检查立账的整改事项；无问题的为空"),
    ],
}
_UNITS = "('lesson', 'hour', 'term', 'class_lesson', 'class_hour', 'class_term')"
_CHECKS = {
    "course_fee": {
        "teaching_mode_known": "teaching_mode IN ('offline', 'online')",
        "price_unit_known": f"price_unit IN {_UNITS}",
        "quoted_yuan_not_negative": "quoted_yuan >= 0",
        "quoted_lessons_not_negative": "quoted_lessons >= 0",
        "class_students_not_negative": "class_students >= 0",
        "cost_yuan_per_lesson_not_negative": "cost_yuan_per_lesson >= 0",
    },
    "fee_charge": {"refunded_yuan_not_negative": "refunded_yuan >= 0"},
    "compliance_check": {
        "aspect_known": "aspect IN ('fire', 'building', 'food')",
        "severity_known": "severity BETWEEN 1 AND 3",
        "aspects_are_of_safety": "aspect IS NULL OR domain = 'safety'",
        "failed_were_examined": "failed <= examined",
        "examined_not_negative": "examined >= 0",
        "failed_not_negative": "failed >= 0",
    },
}
_INDEXES = {
    "course_fee": ("county_code", "item"),
    "fee_charge": ("county_code", "charged_on"),
}


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, comment in columns:
                batch.add_column(sa.Column(name, kind, comment=comment))
            for name, condition in _CHECKS[table].items():
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
            if table == "compliance_check":
                batch.create_foreign_key(
                    op.f("fk_compliance_check_rectification_id"),
                    "rectification",
                    ["rectification_id"],
                    ["id"],
                )
    for table, indexed in _INDEXES.items():
        op.create_index(f"ix_{table}_{'_'.join(indexed)}", table, list(indexed))
    op.create_index(
        "ix_compliance_check_institution_id", "compliance_check", ["institution_id", "domain"]
    )
    _create_unlinked_indexes()
    _create_plans()


def _create_unlinked_indexes() -> None:
    unlinked = sa.text("institution_id IS NULL")
    coded = sa.text("institution_id IS NULL AND credit_code IS NOT NULL")
    op.create_index(
        "ix_compliance_check_unlinked",
        "compliance_check",
        ["county_code", "institution_name_key"],
        sqlite_where=unlinked,
        postgresql_where=unlinked,
    )
    op.create_index(
        "ix_compliance_check_unlinked_credit_code",
        "compliance_check",
        ["credit_code"],
        sqlite_where=coded,
        postgresql_where=coded,
    )


def _county_and_version(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "row_version", sa.Integer(), nullable=False, server_default="1", comment=_ROW_VERSION
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f(f"fk_{table}_county_code")
        ),
    ]


def _create_plans() -> None:
    op.create_table(
        "refund_plan",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("institution_id", _ID, comment="机构台账编号；空为尚未对上"),
        sa.Column("institution_name", sa.String(length=128), nullable=False, comment="机构名称"),
        sa.Column(
            "institution_name_key",
            sa.String(length=128),
            nullable=False,
            comment="比对用机构名称",
        ),
        sa.Column("opened_on", sa.Date(), nullable=False, comment="制定日期"),
        sa.Column("owner", sa.String(length=64), nullable=False, comment="责任人"),
        sa.Column("aim", sa.Text(), nullable=False, comment="目标和办法"),
        sa.Column("closed_on", sa.Date(), comment="办结日期；空为在办"),
        sa.Column("created_by", sa.String(length=255), nullable=False, comment="登记人"),
        sa.Column("created_at", sa.DateTime(), nullable=False, comment="登记时刻（北京时间）"),
        *_county_and_version("refund_plan"),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_refund_plan_institution_id")
        ),
        comment="一企一策方案：一家机构的退费纠纷怎样化解",
    )
    op.create_index(
        "ix_refund_plan_county_code", "refund_plan", ["county_code", "institution_name_key"]
    )
    in_hand = sa.text("closed_on IS NULL")
    op.create_index(
        "uq_refund_plan_open",
        "refund_plan",
        ["county_code", "institution_name_key"],
        unique=True,
        sqlite_where=in_hand,
        postgresql_where=in_hand,
    )
    op.create_table(
        "refund_plan_step",
        sa.Column("id", _ID, nullable=False, comment="内部编号"),
        sa.Column("refund_plan_id", _ID, nullable=False, comment="一企一策方案"),
        sa.Column("step_no", sa.Integer(), nullable=False, comment="第几步，从 1 数起"),
        sa.Column("what", sa.Text(), nullable=False, comment="做什么"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="期限（含当日）"),
        sa.Column("done_on", sa.Date(), comment="完成日期"),
        sa.Column("evidence", sa.Text(), comment="完成的佐证"),
        *_county_and_version("refund_plan_step"),
        sa.ForeignKeyConstraint(
            ["refund_plan_id"],
            ["refund_plan.id"],
            name=op.f("fk_refund_plan_step_refund_plan_id"),
        ),
        sa.UniqueConstraint(
            "refund_plan_id", "step_no", name=op.f("uq_refund_plan_step_refund_plan_id_step_no")
        ),
        sa.CheckConstraint("step_no >= 1", name=op.f("ck_refund_plan_step_steps_from_one")),
        sa.CheckConstraint(
            "done_on IS NULL OR evidence IS NOT NULL",
            name=op.f("ck_refund_plan_step_done_has_evidence"),
        ),
        comment="一企一策方案的一步",
    )


def downgrade() -> None:
    op.drop_table("refund_plan_step")
    op.drop_table("refund_plan")
    op.drop_index("ix_compliance_check_unlinked_credit_code", "compliance_check")
    op.drop_index("ix_compliance_check_unlinked", "compliance_check")
    op.drop_index("ix_compliance_check_institution_id", "compliance_check")
    for table, indexed in _INDEXES.items():
        op.drop_index(f"ix_{table}_{'_'.join(indexed)}", table)
    for table, columns in _COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            if table == "compliance_check":
                batch.drop_constraint(
                    op.f("fk_compliance_check_rectification_id"), type_="foreignkey"
                )
            for name in _CHECKS[table]:
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            for name, _, _ in columns:
                batch.drop_column(name)
