"""The shared database.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("at", sa.DateTime(), nullable=False, comment="时刻（北京时间）"),
        sa.Column("email", sa.String(length=255), nullable=True, comment="账号"),
        sa.Column("action", sa.String(length=32), nullable=False, comment="动作"),
        sa.Column("target", sa.String(length=255), nullable=True, comment="对象"),
        sa.Column("detail", sa.Text(), nullable=True, comment="说明"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        comment="访问日志",
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_at", ["at"], unique=False)

    op.create_table(
        "campaign",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("name", sa.String(length=64), nullable=False, comment="专项行动名称"),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="开始日期"),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="结束日期（含当日）"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_ends_after_it_starts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        comment="专项行动",
    )
    op.create_table(
        "city_median",
        sa.Column("indicator", sa.String(length=64), nullable=False, comment="指标"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计日期"),
        sa.Column("value", sa.Float(), nullable=True, comment="各县区的中位数；不足五个县区时为空"),
        sa.Column("counties", sa.Integer(), nullable=False, comment="参与计算的县区数"),
        sa.CheckConstraint(
            "counties >= 5 OR value IS NULL", name=op.f("ck_city_median_hidden_under_five")
        ),
        sa.PrimaryKeyConstraint("indicator", "as_of", name=op.f("pk_city_median")),
        comment="全市中位数，不带县区名称",
    )
    op.create_table(
        "county",
        sa.Column(
            "code", sa.String(length=6), nullable=False, comment="行政区划代码；新区为自编代码"
        ),
        sa.Column("name", sa.String(length=32), nullable=False, comment="县区（新区）全称"),
        sa.Column("short_name", sa.String(length=16), nullable=False, comment="简称"),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="district 区、county 县、new_area 新区",
        ),
        sa.Column(
            "boundary_code",
            sa.String(length=6),
            nullable=True,
            comment="边界图上的代码；新区没有自己的边界，为空",
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="全市文件中的排列次序"),
        sa.CheckConstraint(
            "kind IN ('district', 'county', 'new_area')", name=op.f("ck_county_kind_known")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_county")),
        sa.UniqueConstraint("name", name=op.f("uq_county_name")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_county_ordinal")),
        sa.UniqueConstraint("short_name", name=op.f("uq_county_short_name")),
        comment="县区（新区）：报送单位",
    )
    op.create_table(
        "data_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="恒为 1"),
        sa.Column("version", sa.Integer(), nullable=False, comment="凡影响数字的写入加一"),
        sa.CheckConstraint("id = 1", name=op.f("ck_data_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_version")),
        comment="数据版本：只有一行，页面缓存以它为准",
    )
    op.create_table(
        "visit_plan",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
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
    )
    op.create_table(
        "account",
        sa.Column("email", sa.String(length=255), nullable=False, comment="登录邮箱"),
        sa.Column("role", sa.String(length=16), nullable=False, comment="角色"),
        sa.Column("county_code", sa.String(length=6), nullable=True, comment="县区账号所属县区"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="是否可用"),
        sa.Column(
            "signed_out_at", sa.DateTime(), nullable=True, comment="此前的登录一律失效（北京时间）"
        ),
        sa.CheckConstraint(
            "(role = 'county') = (county_code IS NOT NULL)",
            name=op.f("ck_account_county_account_has_county"),
        ),
        sa.CheckConstraint(
            "role IN ('leader', 'supervisor', 'county', 'admin')",
            name=op.f("ck_account_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_account_county_code")
        ),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_account")),
        comment="账号",
    )
    op.create_table(
        "decision",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("week", sa.Date(), nullable=False, comment="会议所在报送周"),
        sa.Column("what", sa.Text(), nullable=False, comment="决定事项"),
        sa.Column("county_code", sa.String(length=6), nullable=True, comment="县区（新区）代码"),
        sa.Column("owner", sa.String(length=64), nullable=False, comment="责任人"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="期限（含当日）"),
        sa.Column("done_on", sa.Date(), nullable=True, comment="完成日期"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="种类"),
        sa.CheckConstraint(
            "kind IN ('decision', 'notice', 'accountability')", name=op.f("ck_decision_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_decision_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        comment="会议决定、查处通报、追责问责",
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_week", ["week"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="台账种类"),
        sa.Column("file_name", sa.String(length=255), nullable=False, comment="文件名"),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="文件摘要"),
        sa.Column(
            "county_code", sa.String(length=6), nullable=True, comment="报送县区；全市文件为空"
        ),
        sa.Column("imported_by", sa.String(length=255), nullable=False, comment="导入人"),
        sa.Column("imported_at", sa.DateTime(), nullable=False, comment="导入时刻（北京时间）"),
        sa.Column("received_on", sa.Date(), nullable=False, comment="收到文件的日期"),
        sa.Column("rows_read", sa.Integer(), nullable=False, comment="读到的行数"),
        sa.Column("rows_loaded", sa.Integer(), nullable=False, comment="新增的行数"),
        sa.Column("rows_updated", sa.Integer(), nullable=False, comment="已有的行数（含无变化）"),
        sa.Column("rows_rejected", sa.Integer(), nullable=False, comment="退回的行数"),
        sa.CheckConstraint(
            "rows_loaded >= 0", name=op.f("ck_import_batch_rows_loaded_not_negative")
        ),
        sa.CheckConstraint(
            "rows_read = rows_loaded + rows_updated + rows_rejected",
            name=op.f("ck_import_batch_rows_add_up"),
        ),
        sa.CheckConstraint(
            "rows_rejected >= 0", name=op.f("ck_import_batch_rows_rejected_not_negative")
        ),
        sa.CheckConstraint(
            "rows_updated >= 0", name=op.f("ck_import_batch_rows_updated_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_import_batch_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        comment="导入批次：一个送来的文件",
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index("ix_import_batch_county_code", ["county_code"], unique=False)

    op.create_table(
        "officer",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("name", sa.String(length=64), nullable=False, comment="姓名"),
        sa.Column("department", sa.String(length=64), nullable=False, comment="部门"),
        sa.Column(
            "home_county", sa.String(length=6), nullable=True, comment="回避的县区；空为无须回避"
        ),
        sa.Column("active", sa.Boolean(), nullable=False, comment="是否可派"),
        sa.ForeignKeyConstraint(
            ["home_county"], ["county.code"], name=op.f("fk_officer_home_county")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("name", "department", name=op.f("uq_officer_name_department")),
        comment="检查人员",
    )
    op.create_table(
        "place_week_summary",
        sa.Column("place_key", sa.String(length=160), nullable=False, comment="同一地点的比对键"),
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="办理状态"),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="违规类型（归类）"),
        sa.Column("n", sa.Integer(), nullable=False, comment="举报件数"),
        sa.CheckConstraint("n > 0", name=op.f("ck_place_week_summary_n_positive")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_place_week_summary_county_code")
        ),
        sa.PrimaryKeyConstraint(
            "place_key", "week", "county_code", "status", "kind", name=op.f("pk_place_week_summary")
        ),
        comment="按地点和报送周计数的举报",
    )
    op.create_table(
        "weekly_snapshot",
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("indicator", sa.String(length=64), nullable=False, comment="指标"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("numerator", sa.Float(), nullable=True, comment="分子，或数量本身"),
        sa.Column("denominator", sa.Float(), nullable=True, comment="分母；不是比率时为空"),
        sa.Column("frozen_at", sa.DateTime(), nullable=False, comment="冻结时刻（北京时间）"),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_weekly_snapshot_county_code")
        ),
        sa.PrimaryKeyConstraint(
            "week", "indicator", "county_code", name=op.f("pk_weekly_snapshot")
        ),
        comment="当周会上报告的数字",
    )
    op.create_table(
        "weekly_summary",
        sa.Column("subject", sa.String(length=32), nullable=False, comment="数的是什么"),
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "status", sa.String(length=16), nullable=False, comment="状态或结果；不分时为空串"
        ),
        sa.Column(
            "kind", sa.String(length=64), nullable=False, comment="类别、途径或来源；不分时为空串"
        ),
        sa.Column(
            "withheld",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="暗访计划公布前为真：只有市督查组可见、可计数",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="件数、家数或次数"),
        sa.Column("students", sa.Integer(), nullable=False, comment="涉及学生数，人"),
        sa.Column(
            "amount_yuan",
            sa.Numeric(precision=14, scale=2, asdecimal=False),
            nullable=False,
            comment="金额，元",
        ),
        sa.CheckConstraint("n > 0", name=op.f("ck_weekly_summary_n_positive")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_weekly_summary_county_code")
        ),
        sa.PrimaryKeyConstraint(
            "subject",
            "week",
            "county_code",
            "status",
            "kind",
            "withheld",
            name=op.f("pk_weekly_summary"),
        ),
        comment="按报送周计数的事实，与事实同一事务写入",
    )
    with op.batch_alter_table("weekly_summary", schema=None) as batch_op:
        batch_op.create_index("ix_weekly_summary_week_subject", ["week", "subject"], unique=False)

    op.create_table(
        "county_action",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("duty", sa.String(length=32), nullable=False, comment="职责"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="应完成日期"),
        sa.Column("done_on", sa.Date(), nullable=True, comment="完成日期"),
        sa.Column("evidence", sa.Text(), nullable=True, comment="佐证"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_county_action_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_county_action_first_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_action")),
        sa.UniqueConstraint("county_code", "duty", name=op.f("uq_county_action_county_code_duty")),
        comment="行动机制与宣传：县区 × 职责",
    )
    op.create_table(
        "import_problem",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="导入批次",
        ),
        sa.Column(
            "sheet", sa.String(length=255), nullable=True, comment="工作表；整个文件的问题为空"
        ),
        sa.Column(
            "row", sa.Integer(), nullable=True, comment="表格自身的行号；整列或整表的问题为空"
        ),
        sa.Column("column", sa.String(length=255), nullable=True, comment="文件中的表头"),
        sa.Column("value", sa.Text(), nullable=True, comment="单元格原文"),
        sa.Column("problem", sa.Text(), nullable=False, comment="问题说明"),
        sa.Column(
            "severity", sa.String(length=8), nullable=False, comment="error 退回、warning 提示"
        ),
        sa.CheckConstraint(
            "severity IN ('error', 'warning')", name=op.f("ck_import_problem_severity_known")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
            name=op.f("fk_import_problem_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
        comment="导入问题",
    )
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_problem_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "institution",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("name", sa.String(length=128), nullable=False, comment="机构名称"),
        sa.Column(
            "name_key",
            sa.String(length=128),
            nullable=False,
            comment="比对用名称：去空格、统一全半角",
        ),
        sa.Column("credit_code", sa.String(length=32), nullable=True, comment="统一社会信用代码"),
        sa.Column("category", sa.String(length=16), nullable=False, comment="机构类别"),
        sa.Column("competent_department", sa.String(length=64), nullable=True, comment="主管部门"),
        sa.Column("licence_no", sa.String(length=64), nullable=True, comment="办学许可证号"),
        sa.Column("licence_valid_to", sa.Date(), nullable=True, comment="许可证有效期至"),
        sa.Column("operating_status", sa.String(length=16), nullable=False, comment="经营状态"),
        sa.Column("phone", sa.String(length=64), nullable=True, comment="联系电话"),
        sa.Column("town_code", sa.String(length=9), nullable=True, comment="街道乡镇代码"),
        sa.Column("found_on", sa.Date(), nullable=False, comment="排查日期"),
        sa.Column("deregistered_on", sa.Date(), nullable=True, comment="注销日期"),
        sa.Column("qualified_on", sa.Date(), nullable=True, comment="核查合格日期"),
        sa.Column("platform_registered_on", sa.Date(), nullable=True, comment="全国平台登记日期"),
        sa.Column("address", sa.String(length=255), nullable=True, comment="地址"),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column("longitude", sa.Float(), nullable=True, comment="经度，WGS-84，度"),
        sa.Column("latitude", sa.Float(), nullable=True, comment="纬度，WGS-84，度"),
        sa.Column("teachers", sa.Integer(), nullable=True, comment="教师人数，人"),
        sa.Column("students", sa.Integer(), nullable=True, comment="参培学生人数，人"),
        sa.Column("floor_area_m2", sa.Float(), nullable=True, comment="场地面积，平方米"),
        sa.Column("fee_supervision", sa.String(length=16), nullable=True, comment="预收费监管方式"),
        sa.Column("standard_contract", sa.Boolean(), nullable=True, comment="是否使用示范合同"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "category IN ('subject', 'sports', 'arts', 'technology', 'other')",
            name=op.f("ck_institution_category_known"),
        ),
        sa.CheckConstraint(
            "fee_supervision IN ('escrow', 'deposit', 'none')",
            name=op.f("ck_institution_fee_supervision_known"),
        ),
        sa.CheckConstraint(
            "operating_status <> 'deregistered' OR deregistered_on IS NOT NULL",
            name=op.f("ck_institution_deregistered_has_its_day"),
        ),
        sa.CheckConstraint(
            "operating_status IN ('operating', 'suspended', 'deregistered', 'unlicensed')",
            name=op.f("ck_institution_operating_status_known"),
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)",
            name=op.f("ck_institution_coordinates_come_in_pairs"),
        ),
        sa.CheckConstraint(
            "floor_area_m2 >= 0", name=op.f("ck_institution_floor_area_m2_not_negative")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_institution_coordinates_on_the_globe"),
        ),
        sa.CheckConstraint("students >= 0", name=op.f("ck_institution_students_not_negative")),
        sa.CheckConstraint("teachers >= 0", name=op.f("ck_institution_teachers_not_negative")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_institution_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_institution_first_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        comment="机构台账（现状）",
    )
    with op.batch_alter_table("institution", schema=None) as batch_op:
        batch_op.create_index(
            "ix_institution_county_code_name_key", ["county_code", "name_key"], unique=False
        )
        batch_op.create_index(
            "ix_institution_unregistered",
            ["county_code", "found_on"],
            unique=False,
            sqlite_where=sa.text("platform_registered_on IS NULL AND deregistered_on IS NULL"),
            postgresql_where=sa.text("platform_registered_on IS NULL AND deregistered_on IS NULL"),
        )
        batch_op.create_index(
            "uq_institution_credit_code",
            ["credit_code"],
            unique=True,
            sqlite_where=sa.text("credit_code IS NOT NULL"),
            postgresql_where=sa.text("credit_code IS NOT NULL"),
        )

    op.create_table(
        "row_change",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("table_name", sa.String(length=32), nullable=False, comment="表名"),
        sa.Column("row_key", sa.String(length=160), nullable=False, comment="行的编号"),
        sa.Column("county_code", sa.String(length=6), nullable=True, comment="县区（新区）代码"),
        sa.Column("column_name", sa.String(length=64), nullable=False, comment="列名"),
        sa.Column("old_value", sa.Text(), nullable=True, comment="原值"),
        sa.Column("new_value", sa.Text(), nullable=True, comment="新值"),
        sa.Column(
            "batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="带来改动的导入批次",
        ),
        sa.Column("email", sa.String(length=255), nullable=True, comment="作出改动的账号"),
        sa.Column("changed_on", sa.Date(), nullable=False, comment="改动日期"),
        sa.CheckConstraint(
            "batch_id IS NOT NULL OR email IS NOT NULL",
            name=op.f("ck_row_change_somebody_changed_it"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_row_change_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_row_change_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_change")),
        comment="被后来的文件或人改掉的旧值",
    )
    with op.batch_alter_table("row_change", schema=None) as batch_op:
        batch_op.create_index("ix_row_change_batch_id", ["batch_id"], unique=False)
        batch_op.create_index(
            "ix_row_change_table_name_row_key", ["table_name", "row_key"], unique=False
        )

    op.create_table(
        "submission",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("document", sa.String(length=24), nullable=False, comment="材料种类"),
        sa.Column("period", sa.String(length=32), nullable=False, comment="所属期"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="应报日期（含当日）"),
        sa.Column("submitted_on", sa.Date(), nullable=True, comment="报送日期"),
        sa.Column("file_name", sa.String(length=255), nullable=True, comment="文件名"),
        sa.Column("sha256", sa.String(length=64), nullable=True, comment="文件摘要"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "document IN ('weekly_form', 'summary', 'case', 'contact_receipt')",
            name=op.f("ck_submission_document_known"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_submission_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_submission_first_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "county_code",
            "document",
            "period",
            name=op.f("uq_submission_county_code_document_period"),
        ),
        comment="材料报送",
    )
    op.create_table(
        "compliance_check",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("check_no", sa.String(length=64), nullable=False, comment="检查编号"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "domain",
            sa.String(length=16),
            nullable=False,
            comment="从业人员、材料、安全、防疫、竞赛",
        ),
        sa.Column("checked_on", sa.Date(), nullable=False, comment="检查日期"),
        sa.Column(
            "outcome", sa.String(length=16), nullable=False, comment="clear 无问题、finding 有问题"
        ),
        sa.Column("finding", sa.Text(), nullable=True, comment="问题说明"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "domain IN ('staff', 'materials', 'safety', 'epidemic', 'contest')",
            name=op.f("ck_compliance_check_domain_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('clear', 'finding')", name=op.f("ck_compliance_check_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_compliance_check_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_compliance_check_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_compliance_check_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_check")),
        sa.UniqueConstraint("check_no", name=op.f("uq_compliance_check_check_no")),
        comment="专项检查",
    )
    with op.batch_alter_table("compliance_check", schema=None) as batch_op:
        batch_op.create_index(
            "ix_compliance_check_county_code_checked_on",
            ["county_code", "checked_on"],
            unique=False,
        )

    op.create_table(
        "course_fee",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("course", sa.String(length=128), nullable=False, comment="课程"),
        sa.Column("item", sa.String(length=64), nullable=False, comment="培训项目"),
        sa.Column("class_size", sa.String(length=32), nullable=False, comment="班型"),
        sa.Column("lesson_minutes", sa.Integer(), nullable=False, comment="每课时分钟数"),
        sa.Column(
            "price_yuan_per_lesson",
            sa.Numeric(precision=14, scale=2, asdecimal=False),
            nullable=False,
            comment="每课时价格，元",
        ),
        sa.Column("effective_on", sa.Date(), nullable=False, comment="自哪一天起执行"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "lesson_minutes >= 0", name=op.f("ck_course_fee_lesson_minutes_not_negative")
        ),
        sa.CheckConstraint(
            "price_yuan_per_lesson >= 0",
            name=op.f("ck_course_fee_price_yuan_per_lesson_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_course_fee_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_course_fee_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_course_fee_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_fee")),
        sa.UniqueConstraint(
            "institution_id",
            "course",
            "class_size",
            "effective_on",
            name=op.f("uq_course_fee_institution_id_course_class_size_effective_on"),
        ),
        comment="课程收费：自某日起的价格",
    )
    op.create_table(
        "fee_charge",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("receipt_no", sa.String(length=64), nullable=False, comment="票据号，机构内唯一"),
        sa.Column("course", sa.String(length=128), nullable=False, comment="课程"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("charged_on", sa.Date(), nullable=False, comment="收费日期"),
        sa.Column("months", sa.Float(), nullable=True, comment="一次收取的月数"),
        sa.Column("lessons", sa.Integer(), nullable=True, comment="一次收取的课时数"),
        sa.Column(
            "amount_yuan",
            sa.Numeric(precision=14, scale=2, asdecimal=False),
            nullable=False,
            comment="金额，元",
        ),
        sa.Column("course_starts_on", sa.Date(), nullable=True, comment="开课日期"),
        sa.Column("into_escrow", sa.Boolean(), nullable=True, comment="是否进入监管账户"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint("amount_yuan >= 0", name=op.f("ck_fee_charge_amount_yuan_not_negative")),
        sa.CheckConstraint("lessons >= 0", name=op.f("ck_fee_charge_lessons_not_negative")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_fee_charge_months_not_negative")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_fee_charge_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_fee_charge_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_fee_charge_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_charge")),
        sa.UniqueConstraint(
            "institution_id", "receipt_no", name=op.f("uq_fee_charge_institution_id_receipt_no")
        ),
        comment="预收费：一次收费",
    )
    op.create_table(
        "rectification",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("ledger_no", sa.String(length=64), nullable=False, comment="台账编号，全市唯一"),
        sa.Column("institution_name", sa.String(length=128), nullable=True, comment="机构名称"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column(
            "credit_code", sa.String(length=32), nullable=True, comment="所报的统一社会信用代码"
        ),
        sa.Column(
            "institution_name_key",
            sa.String(length=128),
            nullable=True,
            comment="比对用机构名称：去空格、统一全半角",
        ),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column("source", sa.String(length=16), nullable=False, comment="问题来源"),
        sa.Column("issue_type", sa.String(length=64), nullable=False, comment="问题类型"),
        sa.Column(
            "severity", sa.Integer(), nullable=False, comment="严重程度：1 一般、2 较重、3 严重"
        ),
        sa.Column("opened_on", sa.Date(), nullable=False, comment="登记日期"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="整改期限（含当日）"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="整改状态（现状）"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="销号日期"),
        sa.Column(
            "responsible_department", sa.String(length=64), nullable=True, comment="责任部门"
        ),
        sa.Column("evidence", sa.Text(), nullable=True, comment="佐证材料"),
        sa.Column("verified_by", sa.String(length=64), nullable=True, comment="复核人"),
        sa.Column("public_accepted", sa.Boolean(), nullable=True, comment="群众认可"),
        sa.Column(
            "withheld",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="暗访计划公布前为真：只有市督查组可见、可计数",
        ),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "source IN ('inspection', 'report', 'verification', 'check', 'supervision')",
            name=op.f("ck_rectification_source_known"),
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR (closed_on IS NOT NULL AND evidence IS NOT NULL AND verified_by IS NOT NULL)",
            name=op.f("ck_rectification_closed_is_verified"),
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR source <> 'report' OR public_accepted IS TRUE",
            name=op.f("ck_rectification_reported_needs_acceptance"),
        ),
        sa.CheckConstraint(
            "status IN ('assigned', 'in_progress', 'submitted', 'closed', 'returned', 'reopened')",
            name=op.f("ck_rectification_status_known"),
        ),
        sa.CheckConstraint(
            "severity BETWEEN 1 AND 3", name=op.f("ck_rectification_severity_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_rectification_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_rectification_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rectification_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification")),
        sa.UniqueConstraint("ledger_no", name=op.f("uq_rectification_ledger_no")),
        comment="整改台账（现状）",
    )
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_rectification_county_code_opened_on", ["county_code", "opened_on"], unique=False
        )
        batch_op.create_index("ix_rectification_institution_id", ["institution_id"], unique=False)
        batch_op.create_index(
            "ix_rectification_open",
            ["due_on", "county_code"],
            unique=False,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )
        batch_op.create_index(
            "ix_rectification_unlinked",
            ["county_code", "institution_name_key"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.create_index(
            "ix_rectification_unlinked_credit_code",
            ["credit_code"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )

    op.create_table(
        "refund_dispute",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("dispute_no", sa.String(length=64), nullable=False, comment="纠纷编号，全市唯一"),
        sa.Column("institution_name", sa.String(length=128), nullable=False, comment="机构名称"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column(
            "credit_code", sa.String(length=32), nullable=True, comment="所报的统一社会信用代码"
        ),
        sa.Column(
            "institution_name_key",
            sa.String(length=128),
            nullable=True,
            comment="比对用机构名称：去空格、统一全半角",
        ),
        sa.Column("opened_on", sa.Date(), nullable=False, comment="登记日期"),
        sa.Column("week", sa.Date(), nullable=False, comment="登记日期所在的报送周"),
        sa.Column("students", sa.Integer(), nullable=False, comment="涉及学生数，人"),
        sa.Column(
            "amount_yuan",
            sa.Numeric(precision=14, scale=2, asdecimal=False),
            nullable=False,
            comment="涉及金额，元",
        ),
        sa.Column("status", sa.String(length=16), nullable=False, comment="处理状态（现状）"),
        sa.Column("route", sa.String(length=16), nullable=True, comment="化解途径"),
        sa.Column("resolved_on", sa.Date(), nullable=True, comment="化解日期"),
        sa.Column("resolved_week", sa.Date(), nullable=True, comment="化解日期所在的报送周"),
        sa.Column(
            "refunded_yuan",
            sa.Numeric(precision=14, scale=2, asdecimal=False),
            nullable=True,
            comment="已退金额，元",
        ),
        sa.Column("plan_in_place", sa.Boolean(), nullable=True, comment="是否已有一企一策方案"),
        sa.Column("standard_contract", sa.Boolean(), nullable=True, comment="是否使用示范合同"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "route IN ('refund', 'course_exchange', 'legal')",
            name=op.f("ck_refund_dispute_route_known"),
        ),
        sa.CheckConstraint(
            "status <> 'open' OR resolved_on IS NULL",
            name=op.f("ck_refund_dispute_open_has_no_resolution_day"),
        ),
        sa.CheckConstraint(
            "status <> 'resolved' OR resolved_on IS NOT NULL",
            name=op.f("ck_refund_dispute_resolved_has_its_day"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'resolved', 'litigation')",
            name=op.f("ck_refund_dispute_status_known"),
        ),
        sa.CheckConstraint(
            "amount_yuan >= 0", name=op.f("ck_refund_dispute_amount_yuan_not_negative")
        ),
        sa.CheckConstraint(
            "refunded_yuan >= 0", name=op.f("ck_refund_dispute_refunded_yuan_not_negative")
        ),
        sa.CheckConstraint("students >= 0", name=op.f("ck_refund_dispute_students_not_negative")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_refund_dispute_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_refund_dispute_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_refund_dispute_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_dispute")),
        sa.UniqueConstraint("dispute_no", name=op.f("uq_refund_dispute_dispute_no")),
        comment="退费纠纷",
    )
    with op.batch_alter_table("refund_dispute", schema=None) as batch_op:
        batch_op.create_index("ix_refund_dispute_institution_id", ["institution_id"], unique=False)
        batch_op.create_index(
            "ix_refund_dispute_open",
            ["county_code", "opened_on"],
            unique=False,
            sqlite_where=sa.text("resolved_on IS NULL"),
            postgresql_where=sa.text("resolved_on IS NULL"),
        )
        batch_op.create_index(
            "ix_refund_dispute_resolved_week_county_code",
            ["resolved_week", "county_code"],
            unique=False,
        )
        batch_op.create_index(
            "ix_refund_dispute_unlinked",
            ["county_code", "institution_name_key"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.create_index(
            "ix_refund_dispute_unlinked_credit_code",
            ["credit_code"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_refund_dispute_week_county_code", ["week", "county_code"], unique=False
        )

    op.create_table(
        "roster_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("source", sa.String(length=24), nullable=False, comment="名单来源"),
        sa.Column("entry_no", sa.String(length=64), nullable=True, comment="名单编号"),
        sa.Column("county_code", sa.String(length=6), nullable=True, comment="县区（新区）代码"),
        sa.Column("name", sa.String(length=128), nullable=False, comment="名单上的机构名称"),
        sa.Column(
            "name_key",
            sa.String(length=128),
            nullable=False,
            comment="比对用名称：去空格、统一全半角",
        ),
        sa.Column("credit_code", sa.String(length=32), nullable=True, comment="统一社会信用代码"),
        sa.Column("licence_no", sa.String(length=64), nullable=True, comment="许可证号"),
        sa.Column("address", sa.String(length=255), nullable=True, comment="地址"),
        sa.Column("phone", sa.String(length=64), nullable=True, comment="联系电话"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column(
            "match_status",
            sa.String(length=16),
            server_default="unmatched",
            nullable=False,
            comment="与机构台账比对的结果",
        ),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "(match_status = 'matched') = (institution_id IS NOT NULL)",
            name=op.f("ck_roster_entry_matched_names_its_institution"),
        ),
        sa.CheckConstraint(
            "match_status IN ('unmatched', 'matched', 'dismissed')",
            name=op.f("ck_roster_entry_match_status_known"),
        ),
        sa.CheckConstraint(
            "source IN ('moe', 'market_regulator', 'platform', 'self_report', 'community_visit', 'questionnaire')",
            name=op.f("ck_roster_entry_source_known"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_roster_entry_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_roster_entry_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_roster_entry_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        comment="底数名单：各来源名单的一行",
    )
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.create_index("ix_roster_entry_institution_id", ["institution_id"], unique=False)
        batch_op.create_index(
            "ix_roster_entry_source_county_code_name_key",
            ["source", "county_code", "name_key"],
            unique=False,
        )
        batch_op.create_index(
            "uq_roster_entry_source_entry_no",
            ["source", "entry_no"],
            unique=True,
            sqlite_where=sa.text("entry_no IS NOT NULL"),
            postgresql_where=sa.text("entry_no IS NOT NULL"),
        )

    op.create_table(
        "verification",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("item", sa.String(length=16), nullable=False, comment="核查项目（七项之一）"),
        sa.Column("verified_on", sa.Date(), nullable=False, comment="核查日期"),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="核查结果"),
        sa.Column("note", sa.Text(), nullable=True, comment="备注"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "item IN ('licence', 'staff', 'certificates', 'content', 'scale', 'premises', 'enrolment')",
            name=op.f("ck_verification_item_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('pass', 'fail', 'pending')", name=op.f("ck_verification_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_verification_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_verification_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_verification_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint(
            "institution_id",
            "item",
            "verified_on",
            name=op.f("uq_verification_institution_id_item_verified_on"),
        ),
        comment="资质核查：机构 × 项目 × 日期",
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_verification_county_code_verified_on", ["county_code", "verified_on"], unique=False
        )

    op.create_table(
        "violation_report",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column("report_no", sa.String(length=64), nullable=False, comment="线索编号，全市唯一"),
        sa.Column(
            "institution_name", sa.String(length=128), nullable=True, comment="举报所称的机构名称"
        ),
        sa.Column("received_on", sa.Date(), nullable=False, comment="接报日期"),
        sa.Column("week", sa.Date(), nullable=False, comment="接报日期所在的报送周（以周四为名）"),
        sa.Column("channel", sa.String(length=64), nullable=False, comment="举报渠道（原文）"),
        sa.Column(
            "channel_group", sa.String(length=64), nullable=False, comment="举报渠道（归类）"
        ),
        sa.Column(
            "violation_type", sa.String(length=64), nullable=False, comment="违规类型（原文）"
        ),
        sa.Column(
            "violation_type_group", sa.String(length=64), nullable=False, comment="违规类型（归类）"
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column(
            "credit_code", sa.String(length=32), nullable=True, comment="所报的统一社会信用代码"
        ),
        sa.Column(
            "institution_name_key",
            sa.String(length=128),
            nullable=True,
            comment="比对用机构名称：去空格、统一全半角",
        ),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column(
            "place_key",
            sa.String(length=160),
            nullable=True,
            comment="同一地点的比对键：县区＋楼宇小区，没有时用坐标；都没有为空",
        ),
        sa.Column("town_code", sa.String(length=9), nullable=True, comment="街道乡镇代码"),
        sa.Column("address", sa.String(length=255), nullable=True, comment="地址"),
        sa.Column("longitude", sa.Float(), nullable=True, comment="经度，WGS-84，度"),
        sa.Column("latitude", sa.Float(), nullable=True, comment="纬度，WGS-84，度"),
        sa.Column("cell", sa.String(length=16), nullable=True, comment="H3 网格（9 级）"),
        sa.Column(
            "reporter_phone",
            sa.String(length=64),
            nullable=True,
            comment="举报人电话；只有市督查组可查看并留痕",
        ),
        sa.Column("status", sa.String(length=16), nullable=False, comment="办理状态"),
        sa.Column("verified_on", sa.Date(), nullable=True, comment="核实日期"),
        sa.Column("verified_week", sa.Date(), nullable=True, comment="核实日期所在的报送周"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="办结日期"),
        sa.Column("class_starts_at", sa.Time(), nullable=True, comment="上课开始时间"),
        sa.Column("class_ends_at", sa.Time(), nullable=True, comment="上课结束时间"),
        sa.Column("summary", sa.Text(), nullable=True, comment="内容摘要；举报人原话，默认隐去"),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "status IN ('received', 'assigned', 'verifying', 'substantiated', 'unsubstantiated')",
            name=op.f("ck_violation_report_status_known"),
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)",
            name=op.f("ck_violation_report_coordinates_come_in_pairs"),
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_violation_report_coordinates_on_the_globe"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_violation_report_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_violation_report_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_violation_report_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation_report")),
        sa.UniqueConstraint("report_no", name=op.f("uq_violation_report_report_no")),
        comment="举报线索",
    )
    with op.batch_alter_table("violation_report", schema=None) as batch_op:
        batch_op.create_index(
            "ix_violation_report_county_code_place_key", ["county_code", "place_key"], unique=False
        )
        batch_op.create_index(
            "ix_violation_report_institution_id", ["institution_id"], unique=False
        )
        batch_op.create_index(
            "ix_violation_report_unlinked",
            ["county_code", "institution_name_key"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.create_index(
            "ix_violation_report_unlinked_credit_code",
            ["credit_code"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_violation_report_unplaced",
            ["county_code", "received_on"],
            unique=False,
            sqlite_where=sa.text("longitude IS NULL"),
            postgresql_where=sa.text("longitude IS NULL"),
        )
        batch_op.create_index(
            "ix_violation_report_verified_week_county_code",
            ["verified_week", "county_code"],
            unique=False,
        )
        batch_op.create_index(
            "ix_violation_report_week_county_code", ["week", "county_code", "status"], unique=False
        )

    op.create_table(
        "visit_candidate",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "visit_plan_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="暗访计划",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column("longitude", sa.Float(), nullable=True, comment="经度，WGS-84，度"),
        sa.Column("latitude", sa.Float(), nullable=True, comment="纬度，WGS-84，度"),
        sa.Column("score", sa.Float(), nullable=True, comment="风险分"),
        sa.Column("reasons", sa.JSON(), nullable=True, comment="得分理由"),
        sa.Column("drawn_order", sa.Integer(), nullable=True, comment="抽签次序；空为未抽"),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)",
            name=op.f("ck_visit_candidate_coordinates_come_in_pairs"),
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_visit_candidate_coordinates_on_the_globe"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_visit_candidate_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_visit_candidate_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_plan_id"],
            ["visit_plan.id"],
            name=op.f("fk_visit_candidate_visit_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_candidate")),
        comment="抽取时的候选地点，原样留存",
    )
    with op.batch_alter_table("visit_candidate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_candidate_visit_plan_id"), ["visit_plan_id"], unique=False
        )

    op.create_table(
        "visit_stop",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "visit_plan_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="暗访计划",
        ),
        sa.Column("visit_on", sa.Date(), nullable=False, comment="到访日期"),
        sa.Column("team", sa.Integer(), nullable=False, comment="第几组"),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="当天第几站"),
        sa.Column("arrives_at", sa.Time(), nullable=True, comment="到达时间"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column("longitude", sa.Float(), nullable=True, comment="经度，WGS-84，度"),
        sa.Column("latitude", sa.Float(), nullable=True, comment="纬度，WGS-84，度"),
        sa.Column("chosen_by", sa.String(length=16), nullable=False, comment="如何选中"),
        sa.Column("score", sa.Float(), nullable=True, comment="风险分"),
        sa.Column("reasons", sa.JSON(), nullable=True, comment="得分理由"),
        sa.CheckConstraint(
            "chosen_by IN ('risk', 'random', 'must')", name=op.f("ck_visit_stop_chosen_by_known")
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)",
            name=op.f("ck_visit_stop_coordinates_come_in_pairs"),
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_visit_stop_coordinates_on_the_globe"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_visit_stop_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_visit_stop_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_plan_id"],
            ["visit_plan.id"],
            name=op.f("fk_visit_stop_visit_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_stop")),
        sa.UniqueConstraint(
            "visit_plan_id",
            "visit_on",
            "team",
            "sequence",
            name=op.f("uq_visit_stop_visit_plan_id_visit_on_team_sequence"),
        ),
        comment="暗访停靠点",
    )
    with op.batch_alter_table("visit_stop", schema=None) as batch_op:
        batch_op.create_index("ix_visit_stop_institution_id", ["institution_id"], unique=False)

    op.create_table(
        "inspection",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "inspection_no", sa.String(length=64), nullable=False, comment="检查编号，全市唯一"
        ),
        sa.Column("inspected_on", sa.Date(), nullable=False, comment="检查日期"),
        sa.Column("week", sa.Date(), nullable=False, comment="检查日期所在的报送周"),
        sa.Column("people", sa.Integer(), nullable=True, comment="出动人次"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "institution_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="机构台账编号；空为尚未对上",
        ),
        sa.Column(
            "credit_code", sa.String(length=32), nullable=True, comment="所报的统一社会信用代码"
        ),
        sa.Column(
            "institution_name_key",
            sa.String(length=128),
            nullable=True,
            comment="比对用机构名称：去空格、统一全半角",
        ),
        sa.Column(
            "institution_name", sa.String(length=128), nullable=True, comment="检查所记的机构名称"
        ),
        sa.Column("place_name", sa.String(length=128), nullable=True, comment="楼宇小区"),
        sa.Column("address", sa.String(length=255), nullable=True, comment="地址"),
        sa.Column("method", sa.String(length=16), nullable=False, comment="检查方式"),
        sa.Column("departments", sa.String(length=255), nullable=True, comment="参与部门"),
        sa.Column("officers", sa.String(length=255), nullable=True, comment="检查人员"),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="检查结果"),
        sa.Column(
            "violation_type", sa.String(length=64), nullable=True, comment="违规类型（原文）"
        ),
        sa.Column(
            "violation_type_group", sa.String(length=64), nullable=True, comment="违规类型（归类）"
        ),
        sa.Column("individuals", sa.Integer(), nullable=True, comment="查处个人，人次"),
        sa.Column("measures", sa.Text(), nullable=True, comment="处理方式"),
        sa.Column(
            "report_no", sa.String(length=64), nullable=True, comment="对应的线索编号（原文）"
        ),
        sa.Column(
            "report_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="对应的举报线索",
        ),
        sa.Column(
            "visit_stop_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="由暗访产生时的停靠点",
        ),
        sa.Column(
            "withheld",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="暗访计划公布前为真：只有市督查组可见、可计数",
        ),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "method IN ('unannounced', 'routine', 'joint')", name=op.f("ck_inspection_method_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('clear', 'violation', 'closed_door')",
            name=op.f("ck_inspection_outcome_known"),
        ),
        sa.CheckConstraint("individuals >= 0", name=op.f("ck_inspection_individuals_not_negative")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_inspection_people_not_negative")),
        sa.CheckConstraint(
            "visit_stop_id IS NOT NULL OR NOT withheld",
            name=op.f("ck_inspection_only_visits_are_withheld"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_inspection_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"], ["import_batch.id"], name=op.f("fk_inspection_first_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_inspection_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["violation_report.id"], name=op.f("fk_inspection_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_stop_id"], ["visit_stop.id"], name=op.f("fk_inspection_visit_stop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("inspection_no", name=op.f("uq_inspection_inspection_no")),
        comment="检查：到一处检查一次",
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inspection_institution_id", ["institution_id", "inspected_on"], unique=False
        )
        batch_op.create_index(
            "ix_inspection_report_awaited",
            ["report_no"],
            unique=False,
            sqlite_where=sa.text("report_id IS NULL AND report_no IS NOT NULL"),
            postgresql_where=sa.text("report_id IS NULL AND report_no IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_inspection_unlinked",
            ["county_code", "institution_name_key"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.create_index(
            "ix_inspection_unlinked_credit_code",
            ["credit_code"],
            unique=False,
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_inspection_week_county_code", ["week", "county_code", "outcome"], unique=False
        )

    op.create_table(
        "rectification_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="内部编号",
        ),
        sa.Column(
            "rectification_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="整改台账内部编号",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("happened_on", sa.Date(), nullable=False, comment="发生日期"),
        sa.Column("step", sa.String(length=16), nullable=False, comment="环节"),
        sa.Column("actor", sa.String(length=255), nullable=True, comment="经办人"),
        sa.Column("note", sa.Text(), nullable=True, comment="备注"),
        sa.Column(
            "inferred",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="由整改台账的状态推得，不是逐条报来的",
        ),
        sa.Column(
            "first_batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        sa.Column(
            "received_by_us_on", sa.Date(), nullable=False, comment="首次到达本系统的日期（接收日）"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
        sa.CheckConstraint(
            "step IN ('register', 'assign', 'submit', 'close', 'return', 'reopen')",
            name=op.f("ck_rectification_event_step_known"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_rectification_event_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_batch_id"],
            ["import_batch.id"],
            name=op.f("fk_rectification_event_first_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["rectification.id"],
            name=op.f("fk_rectification_event_rectification_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_event")),
        sa.UniqueConstraint(
            "rectification_id",
            "happened_on",
            "step",
            name=op.f("uq_rectification_event_rectification_id_happened_on_step"),
        ),
        comment="整改经过：每一步",
    )
    op.create_table(
        "rectification_spell",
        sa.Column(
            "rectification_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="整改台账内部编号",
        ),
        sa.Column(
            "spell_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="第几段，从 1 数起",
        ),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column(
            "opened_on", sa.Date(), nullable=False, comment="自哪一天起未销号：登记，或重新整改"
        ),
        sa.Column("opened_week", sa.Date(), nullable=False, comment="opened_on 所在的报送周"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="销号日期；空为至今未销号"),
        sa.Column("closed_week", sa.Date(), nullable=True, comment="closed_on 所在的报送周"),
        sa.Column(
            "withheld",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="暗访计划公布前为真：只有市督查组可见、可计数",
        ),
        sa.CheckConstraint("spell_no >= 1", name=op.f("ck_rectification_spell_spell_no_from_one")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_rectification_spell_county_code")
        ),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["rectification.id"],
            name=op.f("fk_rectification_spell_rectification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "rectification_id", "spell_no", name=op.f("pk_rectification_spell")
        ),
        comment="未销号的时段，由整改经过算出：某日是否未销号以它为准",
    )
    with op.batch_alter_table("rectification_spell", schema=None) as batch_op:
        batch_op.create_index(
            "ix_rectification_spell_closed_week", ["closed_week", "county_code"], unique=False
        )
        batch_op.create_index(
            "ix_rectification_spell_open",
            ["county_code", "opened_on"],
            unique=False,
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        )
        batch_op.create_index(
            "ix_rectification_spell_opened_week", ["opened_week", "county_code"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("rectification_spell", schema=None) as batch_op:
        batch_op.drop_index("ix_rectification_spell_opened_week")
        batch_op.drop_index(
            "ix_rectification_spell_open",
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        )
        batch_op.drop_index("ix_rectification_spell_closed_week")

    op.drop_table("rectification_spell")
    op.drop_table("rectification_event")
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_index("ix_inspection_week_county_code")
        batch_op.drop_index(
            "ix_inspection_unlinked_credit_code",
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_inspection_unlinked",
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.drop_index(
            "ix_inspection_report_awaited",
            sqlite_where=sa.text("report_id IS NULL AND report_no IS NOT NULL"),
            postgresql_where=sa.text("report_id IS NULL AND report_no IS NOT NULL"),
        )
        batch_op.drop_index("ix_inspection_institution_id")

    op.drop_table("inspection")
    with op.batch_alter_table("visit_stop", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_stop_institution_id")

    op.drop_table("visit_stop")
    with op.batch_alter_table("visit_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_candidate_visit_plan_id"))

    op.drop_table("visit_candidate")
    with op.batch_alter_table("violation_report", schema=None) as batch_op:
        batch_op.drop_index("ix_violation_report_week_county_code")
        batch_op.drop_index("ix_violation_report_verified_week_county_code")
        batch_op.drop_index(
            "ix_violation_report_unplaced",
            sqlite_where=sa.text("longitude IS NULL"),
            postgresql_where=sa.text("longitude IS NULL"),
        )
        batch_op.drop_index(
            "ix_violation_report_unlinked_credit_code",
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_violation_report_unlinked",
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.drop_index("ix_violation_report_institution_id")
        batch_op.drop_index("ix_violation_report_county_code_place_key")

    op.drop_table("violation_report")
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index("ix_verification_county_code_verified_on")

    op.drop_table("verification")
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_roster_entry_source_entry_no",
            sqlite_where=sa.text("entry_no IS NOT NULL"),
            postgresql_where=sa.text("entry_no IS NOT NULL"),
        )
        batch_op.drop_index("ix_roster_entry_source_county_code_name_key")
        batch_op.drop_index("ix_roster_entry_institution_id")

    op.drop_table("roster_entry")
    with op.batch_alter_table("refund_dispute", schema=None) as batch_op:
        batch_op.drop_index("ix_refund_dispute_week_county_code")
        batch_op.drop_index(
            "ix_refund_dispute_unlinked_credit_code",
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_refund_dispute_unlinked",
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.drop_index("ix_refund_dispute_resolved_week_county_code")
        batch_op.drop_index(
            "ix_refund_dispute_open",
            sqlite_where=sa.text("resolved_on IS NULL"),
            postgresql_where=sa.text("resolved_on IS NULL"),
        )
        batch_op.drop_index("ix_refund_dispute_institution_id")

    op.drop_table("refund_dispute")
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_rectification_unlinked_credit_code",
            sqlite_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
            postgresql_where=sa.text("institution_id IS NULL AND credit_code IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_rectification_unlinked",
            sqlite_where=sa.text("institution_id IS NULL"),
            postgresql_where=sa.text("institution_id IS NULL"),
        )
        batch_op.drop_index(
            "ix_rectification_open",
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )
        batch_op.drop_index("ix_rectification_institution_id")
        batch_op.drop_index("ix_rectification_county_code_opened_on")

    op.drop_table("rectification")
    op.drop_table("fee_charge")
    op.drop_table("course_fee")
    with op.batch_alter_table("compliance_check", schema=None) as batch_op:
        batch_op.drop_index("ix_compliance_check_county_code_checked_on")

    op.drop_table("compliance_check")
    op.drop_table("submission")
    with op.batch_alter_table("row_change", schema=None) as batch_op:
        batch_op.drop_index("ix_row_change_table_name_row_key")
        batch_op.drop_index("ix_row_change_batch_id")

    op.drop_table("row_change")
    with op.batch_alter_table("institution", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_institution_credit_code",
            sqlite_where=sa.text("credit_code IS NOT NULL"),
            postgresql_where=sa.text("credit_code IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_institution_unregistered",
            sqlite_where=sa.text("platform_registered_on IS NULL AND deregistered_on IS NULL"),
            postgresql_where=sa.text("platform_registered_on IS NULL AND deregistered_on IS NULL"),
        )
        batch_op.drop_index("ix_institution_county_code_name_key")

    op.drop_table("institution")
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_problem_batch_id"))

    op.drop_table("import_problem")
    op.drop_table("county_action")
    with op.batch_alter_table("weekly_summary", schema=None) as batch_op:
        batch_op.drop_index("ix_weekly_summary_week_subject")

    op.drop_table("weekly_summary")
    op.drop_table("weekly_snapshot")
    op.drop_table("place_week_summary")
    op.drop_table("officer")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_import_batch_county_code")

    op.drop_table("import_batch")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_week")

    op.drop_table("decision")
    op.drop_table("account")
    op.drop_table("visit_plan")
    op.drop_table("data_version")
    op.drop_table("county")
    op.drop_table("city_median")
    op.drop_table("campaign")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_at")

    op.drop_table("audit_event")
