"""Visit plans: who can be sent, what was drawn, where they went."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Time,
    UniqueConstraint,
)

from data_access.schema.base import (
    CountyCode,
    Id,
    coordinates,
    coordinates_checks,
    county_code,
    identity,
    institution_id,
    metadata,
    one_of,
)

officer = Table(
    "officer",
    metadata,
    identity(),
    Column("name", String(64), nullable=False, comment="姓名"),
    Column("department", String(64), nullable=False, comment="部门"),
    Column(
        "home_county",
        CountyCode,
        ForeignKey("county.code"),
        comment="回避的县区；空为无须回避",
    ),
    Column("active", Boolean, nullable=False, comment="是否可派"),
    UniqueConstraint("name", "department"),
    comment="检查人员",
)

visit_plan = Table(
    "visit_plan",
    metadata,
    identity(),
    Column("first_day", Date, nullable=False, comment="第一天"),
    Column("last_day", Date, nullable=False, comment="最后一天"),
    Column("created_by", String(255), nullable=False, comment="制定人"),
    Column("created_at", DateTime, nullable=False, comment="制定时刻（北京时间）"),
    Column("status", String(16), nullable=False, comment="状态"),
    Column("seed", Integer, comment="抽取随机数种子"),
    Column("parameters", JSON, nullable=False, comment="制定时的选择"),
    Column("digest", String(64), comment="封存时的摘要"),
    one_of("status", ("draft", "sealed", "released")),
    CheckConstraint("last_day >= first_day", "days_in_order"),
    CheckConstraint(
        "status = 'draft' OR (seed IS NOT NULL AND digest IS NOT NULL)", "sealed_has_its_digest"
    ),
    comment="暗访计划",
)

visit_candidate = Table(
    "visit_candidate",
    metadata,
    identity(),
    Column(
        "visit_plan_id",
        Id,
        ForeignKey("visit_plan.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="暗访计划",
    ),
    county_code(),
    institution_id(),
    Column("place_name", String(128), comment="楼宇小区"),
    *coordinates(),
    Column("score", Float, comment="风险分"),
    Column("reasons", JSON, comment="得分理由"),
    Column("drawn_order", Integer, comment="抽签次序；空为未抽"),
    *coordinates_checks(),
    comment="抽取时的候选地点，原样留存",
)

visit_stop = Table(
    "visit_stop",
    metadata,
    identity(),
    Column(
        "visit_plan_id",
        Id,
        ForeignKey("visit_plan.id", ondelete="CASCADE"),
        nullable=False,
        comment="暗访计划",
    ),
    Column("visit_on", Date, nullable=False, comment="到访日期"),
    Column("team", Integer, nullable=False, comment="第几组"),
    Column("sequence", Integer, nullable=False, comment="当天第几站"),
    Column("arrives_at", Time, comment="到达时间"),
    county_code(),
    institution_id(),
    Column("place_name", String(128), comment="楼宇小区"),
    *coordinates(),
    Column("chosen_by", String(16), nullable=False, comment="如何选中"),
    Column("score", Float, comment="风险分"),
    Column("reasons", JSON, comment="得分理由"),
    one_of("chosen_by", ("risk", "random", "must")),
    *coordinates_checks(),
    UniqueConstraint("visit_plan_id", "visit_on", "team", "sequence"),
    Index("ix_visit_stop_institution_id", "institution_id"),
    comment="暗访停靠点",
)
