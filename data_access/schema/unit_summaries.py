"""Sums of reports by what can be visited, by cell and by the week of the verdict."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, Float, ForeignKey, Integer, String, Table
from sqlalchemy.sql.schema import SchemaItem

from data_access.schema.base import CountyCode, metadata

# The days of a reporting week, Friday to Thursday.
WEEKDAYS: Final = range(1, 8)
_DAY_WORDS: Final = dict(zip(WEEKDAYS, "五六日一二三四", strict=True))


def _of_a_week() -> tuple[SchemaItem, ...]:
    return (
        Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
        Column(
            "county_code",
            CountyCode,
            ForeignKey("county.code"),
            primary_key=True,
            comment="县区（新区）代码",
        ),
    )


def _of_a_unit() -> tuple[SchemaItem, ...]:
    return (
        Column(
            "institution_id",
            Integer,
            primary_key=True,
            autoincrement=False,
            comment="对上的机构；没有对上的为 0",
        ),
        Column(
            "place_key",
            String(160),
            primary_key=True,
            comment="没有对上机构时，同一地点的比对键；否则为空串",
        ),
    )


def by_weekday(name: str, words: str) -> list[SchemaItem]:
    """Return a count for each day of the week: what a report weighs depends on its day."""
    return [
        Column(f"{name}_{day}", Integer, nullable=False, comment=f"其中周{word}接报、{words}")
        for day, word in _DAY_WORDS.items()
    ]


report_unit_summary = Table(
    "report_unit_summary",
    metadata,
    *_of_a_week(),
    *_of_a_unit(),
    Column("n", Integer, nullable=False, comment="举报件数"),
    Column("first_on", Date, nullable=False, comment="最早的接报日期"),
    Column("proven", Integer, nullable=False, comment="其中属实的"),
    Column("proven_on", Date, comment="属实的中最晚的接报日期"),
    Column("open", Integer, nullable=False, comment="其中未核实完的"),
    Column("open_on", Date, comment="未核实完的中最晚的接报日期"),
    Column("located", Integer, nullable=False, comment="其中自身有坐标的"),
    Column("longitude_sum", Float, nullable=False, comment="这些坐标的经度之和"),
    Column("latitude_sum", Float, nullable=False, comment="这些坐标的纬度之和"),
    Column("named", Integer, nullable=False, comment="其中写明楼宇小区的"),
    Column("addressed", Integer, nullable=False, comment="其中写明地址的"),
    *by_weekday("proven", "属实的"),
    *by_weekday("open", "未核实完的"),
    *by_weekday("n", "无论状态的"),
    CheckConstraint("n > 0", "n_positive"),
    comment="按机构或地点和报送周合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,
)

report_verdict_summary = Table(
    "report_verdict_summary",
    metadata,
    *_of_a_week(),
    *_of_a_unit(),
    Column(
        "verified_week",
        Date,
        primary_key=True,
        comment="核实日期所在的报送周；没有核实日期、或早于接报的为接报的周",
    ),
    Column("n", Integer, nullable=False, comment="核实完的件数"),
    Column("proven", Integer, nullable=False, comment="其中属实的"),
    Column("verified_on", Date, comment="最早的核实日期"),
    Column("found_on", Date, comment="属实的中最早的核实日期"),
    *by_weekday("proven", "属实的"),
    *by_weekday("untrue", "不属实的"),
    CheckConstraint("n > 0", "n_positive"),
    comment="按机构或地点、报送周和核实周合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,
)

report_cell_summary = Table(
    "report_cell_summary",
    metadata,
    *_of_a_week(),
    Column("cell", String(16), primary_key=True, comment="H3 网格（9 级）"),
    Column(
        "substantiated_week",
        Date,
        primary_key=True,
        comment="属实的，核实日期所在的报送周；其他的为 9999-12-31",
    ),
    Column("n", Integer, nullable=False, comment="举报件数"),
    CheckConstraint("n > 0", "n_positive"),
    comment="按网格、报送周和查实周合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,
)

report_conclusion_summary = Table(
    "report_conclusion_summary",
    metadata,
    # What was verified after a day is looked for by these two, of few weeks at a time.
    Column("week", Date, primary_key=True, comment="报送周（以周四为名）"),
    Column("verified_week", Date, primary_key=True, comment="核实日期所在的报送周"),
    Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        primary_key=True,
        comment="县区（新区）代码",
    ),
    Column("status", String(16), primary_key=True, comment="属实或不属实"),
    Column("violation_type_group", String(64), primary_key=True, comment="违规类型（归类）"),
    Column("n", Integer, nullable=False, comment="已核实并有核实日期的件数"),
    *(
        Column(f"verified_{day}", Integer, nullable=False, comment=f"其中周{word}核实的")
        for day, word in _DAY_WORDS.items()
    ),
    CheckConstraint("n > 0", "n_positive"),
    comment="按报送周、核实周、结论和类型合计的举报，与举报同一事务写入",
    sqlite_with_rowid=False,
)
