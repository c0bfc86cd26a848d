"""Duties and meetings of the offices, accounts, and the traces that people leave."""

from sqlalchemy import (
    Boolean,
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
)

from data_access import vocabulary
from data_access.schema.base import (
    CountyCode,
    Id,
    county_code,
    identity,
    metadata,
    one_of,
    provenance,
)

county_action = Table(
    "county_action",
    metadata,
    identity(),
    county_code(),
    Column("duty", String(32), nullable=False, comment="职责"),
    Column("due_on", Date, comment="应完成日期"),
    Column("done_on", Date, comment="完成日期"),
    Column("detail", String(255), comment="内容：公布的电话、邮箱，联系人姓名和电话，行动名称"),
    Column("evidence", Text, comment="佐证"),
    Column("recorded_by", String(255), comment="最近登记的账号；由文件带来的为空"),
    *provenance(),
    one_of("duty", vocabulary.COUNTY_DUTY),
    CheckConstraint("done_on IS NULL OR evidence IS NOT NULL", "done_has_evidence"),
    UniqueConstraint("county_code", "duty"),
    comment="行动机制与宣传：县区 × 职责",
)

submission = Table(
    "submission",
    metadata,
    identity(),
    county_code(),
    Column("document", String(24), nullable=False, comment="材料种类"),
    Column("period", String(32), nullable=False, comment="所属期"),
    Column("due_on", Date, nullable=False, comment="应报日期（含当日）"),
    Column("submitted_on", Date, comment="报送日期"),
    Column("file_name", String(255), comment="文件名"),
    Column("sha256", String(64), comment="文件摘要（SHA-256）"),
    Column("submitted_by", String(255), comment="最近登记的账号；由文件带来的为空"),
    *provenance(),
    one_of("document", vocabulary.DOCUMENT),
    UniqueConstraint("county_code", "document", "period"),
    comment="材料报送",
)

decision = Table(
    "decision",
    metadata,
    identity(),
    Column("week", Date, nullable=False, comment="会议所在报送周"),
    Column("what", Text, nullable=False, comment="决定事项"),
    county_code(nullable=True),
    Column("owner", String(64), nullable=False, comment="责任人"),
    Column("due_on", Date, comment="期限（含当日）"),
    Column("done_on", Date, comment="完成日期"),
    Column("kind", String(16), nullable=False, comment="种类"),
    Column("created_by", String(255), nullable=False, comment="登记人"),
    Column("created_at", DateTime, nullable=False, comment="登记时刻（北京时间）"),
    Column("withdrawn_on", Date, comment="撤销日期；撤销的不再列出"),
    Column(
        "row_version",
        Integer,
        nullable=False,
        server_default="1",
        comment="行版本，每次改动加一；两人同时改时后改的一方须重看",
    ),
    one_of("kind", vocabulary.DECISION_KIND),
    Index("ix_decision_week", "week"),
    comment="会议决定、查处通报、追责问责",
)

row_change = Table(
    "row_change",
    metadata,
    identity(),
    Column("table_name", String(32), nullable=False, comment="表名"),
    Column("row_key", String(160), nullable=False, comment="行的编号"),
    county_code(nullable=True),
    Column("column_name", String(64), nullable=False, comment="列名"),
    Column("old_value", Text, comment="原值"),
    Column("new_value", Text, comment="新值"),
    Column("batch_id", Id, ForeignKey("import_batch.id"), comment="带来改动的导入批次"),
    Column("email", String(255), comment="作出改动的账号"),
    Column("changed_on", Date, nullable=False, comment="改动日期"),
    CheckConstraint("batch_id IS NOT NULL OR email IS NOT NULL", "somebody_changed_it"),
    Index("ix_row_change_table_name_row_key", "table_name", "row_key"),
    Index("ix_row_change_batch_id", "batch_id"),
    comment="被后来的文件或人改掉的旧值",
)

account = Table(
    "account",
    metadata,
    Column("email", String(255), primary_key=True, comment="登录邮箱"),
    Column("role", String(16), nullable=False, comment="角色"),
    Column("county_code", CountyCode, ForeignKey("county.code"), comment="县区账号所属县区"),
    Column("active", Boolean, nullable=False, comment="是否可用"),
    Column("signed_out_at", DateTime, comment="此前的登录一律失效（北京时间）"),
    one_of("role", ("leader", "supervisor", "county", "admin")),
    CheckConstraint("(role = 'county') = (county_code IS NOT NULL)", "county_account_has_county"),
    comment="账号",
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("digest", String(64), primary_key=True, comment="登录凭据的摘要（凭据本身不存）"),
    Column("email", String(255), ForeignKey("account.email"), nullable=False, comment="账号"),
    Column("at", DateTime, nullable=False, comment="首次见到这次登录的时刻（北京时间）"),
    Column("ended_at", DateTime, comment="退出的时刻（北京时间）；此后这次登录失效"),
    Index("ix_sign_in_email", "email"),
    comment="每一次登录",
)

audit_event = Table(
    "audit_event",
    metadata,
    identity(),
    Column("at", DateTime, nullable=False, comment="时刻（北京时间）"),
    Column("email", String(255), comment="账号；命令行的操作为空"),
    Column("action", String(32), nullable=False, comment="动作"),
    Column("target", String(255), comment="对象"),
    Column("detail", Text, comment="说明"),
    Index("ix_audit_event_at", "at"),
    Index("ix_audit_event_email", "email", "at"),
    Index("ix_audit_event_target", "target", "at"),
    comment="访问日志：只增不改，数据库拒绝修改和删除",
)
