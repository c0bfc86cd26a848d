"""一企一策: how the disputes of one institution are to be settled, step by step."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data_access.schema.base import (
    Id,
    county_code,
    identity,
    institution_id,
    metadata,
    own_row_version,
)

refund_plan = Table(
    "refund_plan",
    metadata,
    identity(),
    county_code(),
    institution_id(),
    Column("institution_name", String(128), nullable=False, comment="机构名称"),
    Column("institution_name_key", String(128), nullable=False, comment="比对用机构名称"),
    Column("opened_on", Date, nullable=False, comment="制定日期"),
    Column("owner", String(64), nullable=False, comment="责任人"),
    Column("aim", Text, nullable=False, comment="目标和办法"),
    Column("closed_on", Date, comment="办结日期；空为在办"),
    Column("created_by", String(255), nullable=False, comment="登记人"),
    Column("created_at", DateTime, nullable=False, comment="登记时刻（北京时间）"),
    own_row_version(),
    Index("ix_refund_plan_county_code", "county_code", "institution_name_key"),
    # One plan an institution at a time.
    Index(
        "uq_refund_plan_open",
        "county_code",
        "institution_name_key",
        unique=True,
        sqlite_where=text("closed_on IS NULL"),
        postgresql_where=text("closed_on IS NULL"),
    ),
    comment="一企一策方案：一家机构的退费纠纷怎样化解",
)

refund_plan_step = Table(
    "refund_plan_step",
    metadata,
    identity(),
    Column(
        "refund_plan_id",
        Id,
        ForeignKey("refund_plan.id"),
        nullable=False,
        comment="一企一策方案",
    ),
    county_code(),
    Column("step_no", Integer, nullable=False, comment="第几步，从 1 数起"),
    Column("what", Text, nullable=False, comment="做什么"),
    Column("due_on", Date, nullable=False, comment="期限（含当日）"),
    Column("done_on", Date, comment="完成日期"),
    Column("evidence", Text, comment="完成的佐证"),
    own_row_version(),
    UniqueConstraint("refund_plan_id", "step_no"),
    CheckConstraint("step_no >= 1", "steps_from_one"),
    CheckConstraint("done_on IS NULL OR evidence IS NOT NULL", "done_has_evidence"),
    comment="一企一策方案的一步",
)
