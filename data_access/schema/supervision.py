"""What supervision finds: reports, inspections, rectification items, refund disputes."""

from typing import Any, Final

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
    Time,
    false,
    text,
)

from data_access import vocabulary
from data_access.schema.base import (
    Id,
    Money,
    coordinates,
    coordinates_checks,
    county_code,
    identity,
    institution_id,
    metadata,
    not_negative,
    one_of,
    provenance,
    withheld,
)


def _named_institution() -> tuple[Column[Any], Column[Any]]:
    """Return by what, besides the name, a row is linked when its institution arrives."""
    return (
        Column("credit_code", String(32), comment="所报的统一社会信用代码"),
        Column("institution_name_key", String(128), comment="比对用机构名称：去空格、统一全半角"),
    )


def _unlinked_indexes(table: str) -> tuple[Index, Index]:
    """Return the indexes by which rows wait for their institution."""
    unlinked = text("institution_id IS NULL")
    coded = text("institution_id IS NULL AND credit_code IS NOT NULL")
    return (
        Index(
            f"ix_{table}_unlinked",
            "county_code",
            "institution_name_key",
            sqlite_where=unlinked,
            postgresql_where=unlinked,
        ),
        Index(
            f"ix_{table}_unlinked_credit_code",
            "credit_code",
            sqlite_where=coded,
            postgresql_where=coded,
        ),
    )


def _proven_index(name: str, *, key: str | None = None) -> Index:
    """Return the index of reports that proved true and name this."""
    proven = text(f"status = 'substantiated' AND {name} IS NOT NULL")
    return Index(
        f"ix_violation_report_proven_{name}",
        *("county_code", *([key] if key else []), name, "received_on"),
        sqlite_where=proven,
        postgresql_where=proven,
    )


# As the index of open reports has it, word for word: only then is it seen to have just these.
_OPEN: Final = "(status NOT IN ('substantiated', 'unsubstantiated') OR verified_on IS NULL)"
OPEN_REPORT: Final = text(_OPEN)


violation_report = Table(
    "violation_report",
    metadata,
    identity(),
    Column("report_no", String(64), nullable=False, unique=True, comment="线索编号，全市唯一"),
    Column("institution_name", String(128), comment="举报所称的机构名称"),
    Column("received_on", Date, nullable=False, comment="接报日期"),
    Column("week", Date, nullable=False, comment="接报日期所在的报送周（以周四为名）"),
    Column("channel", String(64), nullable=False, comment="举报渠道（原文）"),
    Column("channel_group", String(64), nullable=False, comment="举报渠道（归类）"),
    Column("violation_type", String(64), nullable=False, comment="违规类型（原文）"),
    Column("violation_type_group", String(64), nullable=False, comment="违规类型（归类）"),
    county_code(),
    institution_id(),
    *_named_institution(),
    Column("place_name", String(128), comment="楼宇小区"),
    Column(
        "place_key",
        String(160),
        comment="同一地点的比对键：县区＋楼宇小区，没有时用坐标；都没有为空",
    ),
    Column("town_code", String(9), comment="街道乡镇代码"),
    Column("address", String(255), comment="地址"),
    *coordinates(),
    Column("cell", String(16), comment="H3 网格（9 级）"),
    Column("reporter_phone", String(64), comment="举报人电话；只有市督查组可查看并留痕"),
    Column("status", String(16), nullable=False, comment="办理状态"),
    Column("verified_on", Date, comment="核实日期"),
    Column("verified_week", Date, comment="核实日期所在的报送周"),
    Column("closed_on", Date, comment="办结日期"),
    Column("class_starts_at", Time, comment="上课开始时间"),
    Column("class_ends_at", Time, comment="上课结束时间"),
    Column("summary", Text, comment="内容摘要；举报人原话，默认隐去"),
    *provenance(),
    one_of("status", vocabulary.REPORT_STATUS),
    *coordinates_checks(),
    # Each holds all that its counts ask for: no row is fetched.
    Index(
        "ix_violation_report_week_county_code",
        *("week", "county_code", "received_on", "status", "verified_on"),
        *("violation_type_group", "channel_group"),
    ),
    Index(
        "ix_violation_report_verified_week_county_code",
        *("verified_week", "county_code", "verified_on", "status", "week", "received_on"),
        "violation_type_group",
    ),
    # By these the latest are found first, of all, of a place and of an institution.
    Index("ix_violation_report_received_on", "received_on", "report_no", "county_code"),
    Index("ix_violation_report_place_key", "place_key", "received_on", "county_code"),
    Index(
        "ix_violation_report_institution_id",
        "institution_id",
        "received_on",
        sqlite_where=text("institution_id IS NOT NULL"),
        postgresql_where=text("institution_id IS NOT NULL"),
    ),
    Index(
        "ix_violation_report_open",
        *("county_code", "received_on", "town_code"),
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    ),
    # What came back after a close-out, at a place or under a name.
    _proven_index("place_name"),
    _proven_index("institution_name", key="institution_name_key"),
    *_unlinked_indexes("violation_report"),
    Index(
        "ix_violation_report_unplaced",
        "county_code",
        "received_on",
        sqlite_where=text("longitude IS NULL"),
        postgresql_where=text("longitude IS NULL"),
    ),
    comment="举报线索",
)

inspection = Table(
    "inspection",
    metadata,
    identity(),
    Column("inspection_no", String(64), nullable=False, unique=True, comment="检查编号，全市唯一"),
    Column("inspected_on", Date, nullable=False, comment="检查日期"),
    Column("week", Date, nullable=False, comment="检查日期所在的报送周"),
    Column("people", Integer, comment="出动人次"),
    county_code(),
    institution_id(),
    *_named_institution(),
    Column("institution_name", String(128), comment="检查所记的机构名称"),
    Column("place_name", String(128), comment="楼宇小区"),
    Column("address", String(255), comment="地址"),
    Column("method", String(16), nullable=False, comment="检查方式"),
    Column("departments", String(255), comment="参与部门"),
    Column("officers", String(255), comment="检查人员"),
    Column("outcome", String(16), nullable=False, comment="检查结果"),
    Column("violation_type", String(64), comment="违规类型（原文）"),
    Column("violation_type_group", String(64), comment="违规类型（归类）"),
    Column("individuals", Integer, comment="查处个人，人次"),
    Column("measures", Text, comment="处理方式"),
    Column("report_no", String(64), comment="对应的线索编号（原文）"),
    Column("report_id", Id, ForeignKey("violation_report.id"), comment="对应的举报线索"),
    Column("visit_stop_id", Id, ForeignKey("visit_stop.id"), comment="由暗访产生时的停靠点"),
    withheld(),
    *provenance(),
    one_of("method", vocabulary.INSPECTION_METHOD),
    one_of("outcome", vocabulary.INSPECTION_OUTCOME),
    CheckConstraint("visit_stop_id IS NOT NULL OR NOT withheld", "only_visits_are_withheld"),
    *not_negative("people", "individuals"),
    Index("ix_inspection_week_county_code", "week", "county_code", "outcome"),
    Index("ix_inspection_institution_id", "institution_id", "inspected_on"),
    *_unlinked_indexes("inspection"),
    Index(
        "ix_inspection_report_awaited",
        "report_no",
        sqlite_where=text("report_id IS NULL AND report_no IS NOT NULL"),
        postgresql_where=text("report_id IS NULL AND report_no IS NOT NULL"),
    ),
    comment="检查：到一处检查一次",
)

rectification = Table(
    "rectification",
    metadata,
    identity(),
    Column("ledger_no", String(64), nullable=False, unique=True, comment="台账编号，全市唯一"),
    Column("institution_name", String(128), comment="机构名称"),
    county_code(),
    institution_id(),
    *_named_institution(),
    Column("place_name", String(128), comment="楼宇小区"),
    Column("source", String(16), nullable=False, comment="问题来源"),
    Column("issue_type", String(64), nullable=False, comment="问题类型"),
    Column("severity", Integer, nullable=False, comment="严重程度：1 一般、2 较重、3 严重"),
    Column("opened_on", Date, nullable=False, comment="登记日期"),
    Column("due_on", Date, nullable=False, comment="整改期限（含当日）"),
    Column("status", String(16), nullable=False, comment="整改状态（现状）"),
    Column("closed_on", Date, comment="销号日期"),
    Column("responsible_department", String(64), comment="责任部门"),
    Column("evidence", Text, comment="佐证材料"),
    Column("verified_by", String(64), comment="复核人"),
    Column("public_accepted", Boolean, comment="群众认可"),
    withheld(),
    *provenance(),
    one_of("source", vocabulary.RECTIFICATION_SOURCE),
    one_of("status", vocabulary.RECTIFICATION_STATUS),
    CheckConstraint("severity BETWEEN 1 AND 3", "severity_known"),
    CheckConstraint(
        "status <> 'closed' OR (closed_on IS NOT NULL AND evidence IS NOT NULL"
        " AND verified_by IS NOT NULL)",
        "closed_is_verified",
    ),
    CheckConstraint(
        "status <> 'closed' OR source <> 'report' OR public_accepted IS TRUE",
        "reported_needs_acceptance",
    ),
    Index(
        "ix_rectification_open",
        "due_on",
        "county_code",
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index("ix_rectification_county_code_opened_on", "county_code", "opened_on"),
    Index("ix_rectification_institution_id", "institution_id"),
    *_unlinked_indexes("rectification"),
    comment="整改台账（现状）",
)

rectification_event = Table(
    "rectification_event",
    metadata,
    identity(),
    Column(
        "rectification_id",
        Id,
        ForeignKey("rectification.id"),
        nullable=False,
        comment="整改台账内部编号",
    ),
    county_code(),
    Column("happened_on", Date, nullable=False, comment="发生日期"),
    Column("step", String(16), nullable=False, comment="环节"),
    Column("actor", String(255), comment="经办人"),
    Column("note", Text, comment="备注"),
    Column(
        "recorded_at",
        DateTime,
        comment="在系统里办理的时刻（北京时间），同一天的几步以它为序；由文件带来的为空",
    ),
    Column(
        "inferred",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="由整改台账的状态推得，不是逐条报来的",
    ),
    *provenance(),
    one_of("step", vocabulary.RECTIFICATION_STEP),
    # A file tells of a step once a day; people may submit and return several times.
    Index(
        "uq_rectification_event_told_once",
        "rectification_id",
        "happened_on",
        "step",
        unique=True,
        sqlite_where=text("recorded_at IS NULL"),
        postgresql_where=text("recorded_at IS NULL"),
    ),
    Index("ix_rectification_event_rectification_id", "rectification_id"),
    comment="整改经过：每一步",
)

rectification_spell = Table(
    "rectification_spell",
    metadata,
    Column(
        "rectification_id",
        Id,
        ForeignKey("rectification.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="整改台账内部编号",
    ),
    Column("spell_no", Integer, primary_key=True, autoincrement=False, comment="第几段，从 1 数起"),
    county_code(),
    Column("opened_on", Date, nullable=False, comment="自哪一天起未销号：登记，或重新整改"),
    Column("opened_week", Date, nullable=False, comment="opened_on 所在的报送周"),
    Column("closed_on", Date, comment="销号日期；空为至今未销号"),
    Column("closed_week", Date, comment="closed_on 所在的报送周"),
    withheld(),
    CheckConstraint("spell_no >= 1", "spell_no_from_one"),
    Index("ix_rectification_spell_opened_week", "opened_week", "county_code"),
    Index("ix_rectification_spell_closed_week", "closed_week", "county_code"),
    Index(
        "ix_rectification_spell_open",
        "county_code",
        "opened_on",
        sqlite_where=text("closed_on IS NULL"),
        postgresql_where=text("closed_on IS NULL"),
    ),
    comment="未销号的时段，由整改经过算出：某日是否未销号以它为准",
)

refund_dispute = Table(
    "refund_dispute",
    metadata,
    identity(),
    Column("dispute_no", String(64), nullable=False, unique=True, comment="纠纷编号，全市唯一"),
    Column("institution_name", String(128), nullable=False, comment="机构名称"),
    county_code(),
    institution_id(),
    *_named_institution(),
    Column("opened_on", Date, nullable=False, comment="登记日期"),
    Column("week", Date, nullable=False, comment="登记日期所在的报送周"),
    Column("students", Integer, nullable=False, comment="涉及学生数，人"),
    Column("amount_yuan", Money, nullable=False, comment="涉及金额，元"),
    Column("status", String(16), nullable=False, comment="处理状态（现状）"),
    Column("route", String(16), comment="化解途径"),
    Column("resolved_on", Date, comment="化解日期"),
    Column("resolved_week", Date, comment="化解日期所在的报送周"),
    Column("refunded_yuan", Money, comment="已退金额，元"),
    Column("plan_in_place", Boolean, comment="是否已有一企一策方案"),
    Column("standard_contract", Boolean, comment="是否使用示范合同"),
    Column("answer", Text, comment="处理情况：县区的答复"),
    *provenance(),
    one_of("status", vocabulary.DISPUTE_STATUS),
    one_of("route", vocabulary.DISPUTE_ROUTE),
    CheckConstraint("status <> 'resolved' OR resolved_on IS NOT NULL", "resolved_has_its_day"),
    CheckConstraint("status <> 'open' OR resolved_on IS NULL", "open_has_no_resolution_day"),
    *not_negative("students", "amount_yuan", "refunded_yuan"),
    Index("ix_refund_dispute_week_county_code", "week", "county_code"),
    Index("ix_refund_dispute_resolved_week_county_code", "resolved_week", "county_code"),
    Index("ix_refund_dispute_institution_id", "institution_id"),
    *_unlinked_indexes("refund_dispute"),
    Index(
        "ix_refund_dispute_open",
        "county_code",
        "opened_on",
        sqlite_where=text("resolved_on IS NULL"),
        postgresql_where=text("resolved_on IS NULL"),
    ),
    comment="退费纠纷",
)

compliance_check = Table(
    "compliance_check",
    metadata,
    identity(),
    Column("check_no", String(64), nullable=False, unique=True, comment="检查编号"),
    Column("institution_name", String(128), comment="机构名称"),
    institution_id(),
    *_named_institution(),
    county_code(),
    Column("domain", String(16), nullable=False, comment="从业人员、材料、安全、防疫、竞赛"),
    Column("aspect", String(16), comment="安全检查的方面：消防、建筑、食品"),
    Column("checked_on", Date, nullable=False, comment="检查日期"),
    Column("examined", Integer, comment="查了多少：从业人员为人，培训材料为份，其余为项"),
    Column("failed", Integer, comment="其中不合规的"),
    Column("outcome", String(16), nullable=False, comment="clear 无问题、finding 有问题"),
    Column("finding", Text, comment="问题说明"),
    Column("severity", Integer, comment="有问题的，严重程度：1 一般、2 较重、3 严重"),
    Column("due_on", Date, comment="有问题的，整改期限（含当日）"),
    Column(
        "rectification_id",
        Id,
        ForeignKey("rectification.id"),
        comment="由这次检查立账的整改事项；无问题的为空",
    ),
    *provenance(),
    one_of("domain", vocabulary.CHECK_DOMAIN),
    one_of("aspect", vocabulary.CHECK_ASPECT),
    one_of("outcome", vocabulary.CHECK_OUTCOME),
    CheckConstraint("severity BETWEEN 1 AND 3", "severity_known"),
    CheckConstraint("aspect IS NULL OR domain = 'safety'", "aspects_are_of_safety"),
    CheckConstraint("failed <= examined", "failed_were_examined"),
    *not_negative("examined", "failed"),
    Index("ix_compliance_check_county_code_checked_on", "county_code", "checked_on"),
    Index("ix_compliance_check_institution_id", "institution_id", "domain"),
    *_unlinked_indexes("compliance_check"),
    comment="专项检查",
)
