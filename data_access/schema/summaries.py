"""Figures that are counted when facts are written, or frozen for a meeting."""

from typing import Final

from sqlalchemy import (
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
    Text,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

from data_access import vocabulary
from data_access.schema.base import CountyCode, Money, metadata, withheld

# One column a type: a place has one row a week, however many types its reports are of.
TYPE_COLUMNS: Final = {
    f"type_{number:02}": word for number, word in enumerate(vocabulary.VIOLATION_TYPES, start=1)
}
# Which reports rules of data quality look at.
LOOKED_AT: Final = {
    "with_verified_day": "有核实日期",
    "with_closed_day": "有办结日期",
    "concluded": "已有结论",
    "named": "写明机构名称",
    "located": "自身有坐标",
}
# In which reports they find something, whatever the day.
FLAWS: Final = {
    "verified_early": "核实日期早于接报日期",
    "closed_early": "办结日期早于接报日期",
    "no_verified_day": "有结论而没有核实日期",
    "no_place": "没有地点",
    "unknown_institution": "写明机构而未与机构台账对上",
    "flawed": "有以上任何一种问题",
}


def _reports() -> tuple[SchemaItem, ...]:
    """Return what is told of the reports of one row of a summary.

    By the days it is known whether all of them are to be counted, or which are must be asked.
    """
    return (
        Column("n", Integer, nullable=False, comment="举报件数"),
        Column("verified", Integer, nullable=False, comment="其中已核实并有核实日期的"),
        Column("substantiated", Integer, nullable=False, comment="其中属实并有核实日期的"),
        Column("first_on", Date, nullable=False, comment="最早的接报日期"),
        Column("last_on", Date, nullable=False, comment="最晚的接报日期"),
        Column("last_verified_on", Date, comment="最晚的核实日期"),
        CheckConstraint("n > 0", "n_positive"),
    )


weekly_summary = Table(
    "weekly_summary",
    metadata,
    Column("subject", String(32), primary_key=True, comment="数的是什么"),
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("status", String(16), primary_key=True, comment="状态或结果；不分时为空串"),
    Column("kind", String(64), primary_key=True, comment="类别、途径或来源；不分时为空串"),
    withheld(primary_key=True),
    Column("n", Integer, nullable=False, comment="件数、家数或次数"),
    Column("students", Integer, nullable=False, comment="涉及学生数，人"),
    Column("amount_yuan", Money, nullable=False, comment="金额，元"),
    CheckConstraint("n > 0", "n_positive"),
    Index("ix_weekly_summary_week_subject", "week", "subject"),
    comment="按报送周计数的事实，与事实同一事务写入",
)

place_week_summary = Table(
    "place_week_summary",
    metadata,
    Column("place_key", String(160), primary_key=True, comment="同一地点的比对键"),
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("status", String(16), primary_key=True, comment="办理状态"),
    Column("kind", String(64), primary_key=True, comment="违规类型（归类）"),
    Column("n", Integer, nullable=False, comment="举报件数"),
    CheckConstraint("n > 0", "n_positive"),
    comment="按地点和报送周计数的举报",
)

report_week_summary = Table(
    "report_week_summary",
    metadata,
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("received_by_us_on", Date, primary_key=True, comment="我们收到的日期"),
    Column(
        "batch_id",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="首次报来的批次；不是由文件报来的为 0",
    ),
    *_reports(),
    *(
        Column(name, Integer, nullable=False, comment=f"其中{said}的")
        for name, said in (LOOKED_AT | FLAWS).items()
    ),
    Index("ix_report_week_summary_received_by_us_on", "received_by_us_on", "county_code"),
    Index("ix_report_week_summary_batch_id", "batch_id", "county_code"),
    comment="按报送周、县区、收到日期和批次合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,  # rows lie by week, as they are read
)

report_place_summary = Table(
    "report_place_summary",
    metadata,
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("place_key", String(160), primary_key=True, comment="同一地点的比对键；没有为空串"),
    Column("place_name", String(128), primary_key=True, comment="楼宇小区；没有为空串"),
    *_reports(),
    Column("address", String(255), comment="所报地址之一"),
    Column("first_town", String(9), comment="街道乡镇代码中最小的"),
    Column("last_town", String(9), comment="街道乡镇代码中最大的"),
    Column("located", Integer, nullable=False, comment="其中自身有坐标的"),
    Column("longitude_sum", Float, nullable=False, comment="这些坐标的经度之和"),
    Column("latitude_sum", Float, nullable=False, comment="这些坐标的纬度之和"),
    Column("unlinked", Integer, nullable=False, comment="其中未与机构台账对上的"),
    Column("unlinked_address", String(255), comment="没有楼宇小区时，这些举报的地址之一"),
    *(
        Column(name, Integer, nullable=False, comment=f"其中违规类型（归类）为{word}的")
        for name, word in TYPE_COLUMNS.items()
    ),
    # The least and the greatest town of a place are the ends of these, whatever the weeks.
    Index("ix_report_place_summary_first_town", "county_code", "place_name", "first_town"),
    Index("ix_report_place_summary_last_town", "county_code", "place_name", "last_town"),
    # All that is asked of the places of reports that are tied to no institution.
    Index(
        "ix_report_place_summary_unlinked",
        *("county_code", "place_key", "week", "place_name", "unlinked_address", "unlinked"),
        sqlite_where=text("unlinked > 0 AND place_key != ''"),
        postgresql_where=text("unlinked > 0 AND place_key != ''"),
    ),
    comment="按地点和报送周合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,
)

report_cell = Table(
    "report_cell",
    metadata,
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("cell", String(16), primary_key=True, comment="H3 网格（9 级）"),
    comment="有过举报的网格，与举报同一事务写入；已无举报的，到全部重算时才去掉",
    sqlite_with_rowid=False,
)

weekly_snapshot = Table(
    "weekly_snapshot",
    metadata,
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column("indicator", String(64), primary_key=True, comment="指标"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("numerator", Float, comment="分子，或数量本身"),
    Column("denominator", Float, comment="分母；不是比率时为空"),
    Column("frozen_at", DateTime, nullable=False, comment="冻结时刻（北京时间）"),
    # By numbers and not by days: a file may be said to have come on any day.
    Column("last_batch_id", Integer, comment="冻结时最后一个导入批次；此后的为迟报"),
    Column("last_change_id", Integer, comment="冻结时最后一处改动；此后的为更正"),
    comment="当周会上报告的数字：冻结后数据库拒绝修改",
)

weekly_snapshot_history = Table(
    "weekly_snapshot_history",
    metadata,
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column("indicator", String(64), primary_key=True, comment="指标"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("frozen_at", DateTime, primary_key=True, comment="当时的冻结时刻（北京时间）"),
    Column("numerator", Float, comment="当时的分子，或数量本身"),
    Column("denominator", Float, comment="当时的分母；不是比率时为空"),
    Column("replaced_at", DateTime, nullable=False, comment="重新冻结的时刻（北京时间）"),
    Column("replaced_by", String(255), comment="重新冻结的账号；命令行的操作为空"),
    Column("reason", Text, nullable=False, comment="重新冻结的原因"),
    comment="重新冻结换下的数字：只增不改，数据库拒绝修改和删除",
)

city_median = Table(
    "city_median",
    metadata,
    Column("indicator", String(64), primary_key=True, comment="指标"),
    Column("as_of", Date, primary_key=True, comment="统计日期"),
    Column("value", Float, comment="各县区的中位数；不足五个县区时为空"),
    Column("counties", Integer, nullable=False, comment="参与计算的县区数"),
    Column("data_version", Integer, comment="计算时的数据版本；落后于现在的须重算"),
    CheckConstraint("counties >= 5 OR value IS NULL", "hidden_under_five"),
    comment="全市中位数，不带县区名称",
)
