"""Reports summed up by week and what they are about, and indexes that answer counts by themselves.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LINKED = sa.text("institution_id IS NOT NULL")
_OPEN = sa.text("(status NOT IN ('substantiated', 'unsubstantiated') OR verified_on IS NULL)")
_AT_ONE = sa.text("status = 'substantiated' AND institution_id IS NOT NULL")
_AT_PLACE = sa.text("status = 'substantiated' AND place_name IS NOT NULL")
_IN_CELL = sa.text("cell IS NOT NULL")
_CODED = sa.text("credit_code IS NOT NULL")
_UNDER_NAME = sa.text("status = 'substantiated' AND institution_name IS NOT NULL")
_UNTIED = sa.text("unlinked > 0 AND place_key != ''")
_FLAWED = sa.text(
    "(verified_on < received_on OR closed_on < received_on"
    " OR (verified_on IS NULL AND status IN ('substantiated', 'unsubstantiated'))"
    " OR (place_name IS NULL AND longitude IS NULL)"
    " OR (institution_name IS NOT NULL AND institution_id IS NULL))"
)
_LOCATED = sa.text("longitude IS NOT NULL")
_INDEXES: dict[str, tuple[list[str], Any]] = {
    "week_county_code": (
        [
            *("week", "county_code", "received_on", "status", "verified_on"),
            *("violation_type_group", "channel_group"),
        ],
        None,
    ),
    "verified_week_county_code": (
        [
            *("verified_week", "county_code", "verified_on", "status", "week", "received_on"),
            "violation_type_group",
        ],
        None,
    ),
    "received_on": (["received_on", "report_no", "county_code"], None),
    "place_key": (["place_key", "received_on", "county_code"], None),
    "institution_id": (["institution_id", "received_on"], _LINKED),
    "credit_code": (["credit_code", "received_on"], _CODED),
    "cell": (["cell", "received_on"], _IN_CELL),
    "open": (["county_code", "received_on", "town_code"], _OPEN),
    "flawed": (
        [
            *("county_code", "report_no", "received_by_us_on", "received_on", "verified_on"),
            *("closed_on", "status", "place_name", "longitude", "institution_name"),
            "institution_id",
        ],
        _FLAWED,
    ),
    "located": (["county_code", "cell", "longitude", "latitude"], _LOCATED),
    "proven_institution_id": (
        ["institution_id", "received_on", "verified_on", "county_code"],
        _AT_ONE,
    ),
    "proven_place_name": (
        ["county_code", "place_name", "received_on", "verified_on"],
        _AT_PLACE,
    ),
    "proven_institution_name": (
        [
            *("county_code", "institution_name_key", "institution_name"),
            *("received_on", "verified_on"),
        ],
        _UNDER_NAME,
    ),
}
_BEFORE = {
    "week_county_code": ["week", "county_code", "status"],
    "verified_week_county_code": ["verified_week", "county_code"],
    "county_code_place_key": ["county_code", "place_key"],
    "institution_id": ["institution_id"],
}
_TYPES = (
    *("学科类违规开班", "一对一", "高端家政", "众筹私教", "住家教师", "研学旅行"),
    *("咨询或文化传播名义", "线上直播", "假注销真运营", "恶意涨价", "预收费违规", "退费难"),
    *("无证办学", "从业人员", "培训材料", "安全隐患", "违规竞赛", "虚假宣传", "其他"),
)


def upgrade() -> None:
    for name in _BEFORE:
        op.drop_index(f"ix_violation_report_{name}", "violation_report")
    for name, (columns, where) in _INDEXES.items():
        op.create_index(
            f"ix_violation_report_{name}",
            "violation_report",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
    _create_summary(
        "report_week_summary",
        [
            sa.Column("received_by_us_on", sa.Date(), nullable=False, comment="我们收到的日期"),
            _number("batch_id", "首次报来的批次；不是由文件报来的为 0"),
        ],
        [
            _number("with_verified_day", "其中有核实日期的"),
            _number("with_closed_day", "其中有办结日期的"),
            _number("concluded", "其中已有结论的"),
            _number("named", "其中写明机构名称的"),
            _number("located", "其中自身有坐标的"),
            _number("verified_early", "其中核实日期早于接报日期的"),
            _number("closed_early", "其中办结日期早于接报日期的"),
            _number("no_verified_day", "其中有结论而没有核实日期的"),
            _number("no_place", "其中没有地点的"),
            _number("unknown_institution", "其中写明机构而未与机构台账对上的"),
            _number("flawed", "其中有以上任何一种问题的"),
        ],
        comment="按报送周、县区、收到日期和批次合计的举报，与举报同一事务写入",
    )
    _create_summary(
        "report_place_summary",
        [
            sa.Column(
                "place_key",
                sa.String(length=160),
                nullable=False,
                comment="同一地点的比对键；没有为空串",
            ),
            sa.Column(
                "place_name",
                sa.String(length=128),
                nullable=False,
                comment="楼宇小区；没有为空串",
            ),
        ],
        [
            sa.Column("address", sa.String(length=255), comment="所报地址之一"),
            sa.Column("first_town", sa.String(length=9), comment="街道乡镇代码中最小的"),
            sa.Column("last_town", sa.String(length=9), comment="街道乡镇代码中最大的"),
            _number("located", "其中自身有坐标的"),
            sa.Column("longitude_sum", sa.Float(), nullable=False, comment="这些坐标的经度之和"),
            sa.Column("latitude_sum", sa.Float(), nullable=False, comment="这些坐标的纬度之和"),
            _number("unlinked", "其中未与机构台账对上的"),
            sa.Column(
                "unlinked_address",
                sa.String(length=255),
                comment="没有楼宇小区时，这些举报的地址之一",
            ),
            *(
                _number(f"type_{number:02}", f"其中违规类型（归类）为{word}的")
                for number, word in enumerate(_TYPES, start=1)
            ),
        ],
        comment="按地点和报送周合计的举报，与举报同一事务写入",
    )
    op.create_table(
        "report_cell",
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        sa.Column("cell", sa.String(length=16), nullable=False, comment="H3 网格（9 级）"),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f("fk_report_cell_county_code")
        ),
        sa.PrimaryKeyConstraint("county_code", "cell", name=op.f("pk_report_cell")),
        comment="有过举报的网格，与举报同一事务写入；已无举报的，到全部重算时才去掉",
        sqlite_with_rowid=False,
    )
    for column in ("first_town", "last_town"):
        op.create_index(
            f"ix_report_place_summary_{column}",
            "report_place_summary",
            ["county_code", "place_name", column],
        )
    op.create_index(
        "ix_report_place_summary_unlinked",
        "report_place_summary",
        ["county_code", "place_key", "week", "place_name", "unlinked_address", "unlinked"],
        sqlite_where=_UNTIED,
        postgresql_where=_UNTIED,
    )
    for column in ("received_by_us_on", "batch_id"):
        op.create_index(
            f"ix_report_week_summary_{column}", "report_week_summary", [column, "county_code"]
        )
    _create_unit_summaries()


def _create_unit_summaries() -> None:
    _create_week_table(
        "report_unit_summary",
        [*_unit()],
        [
            sa.Column("first_on", sa.Date(), nullable=False, comment="最早的接报日期"),
            _number("proven", "其中属实的"),
            sa.Column("proven_on", sa.Date(), comment="属实的中最晚的接报日期"),
            _number("open", "其中未核实完的"),
            sa.Column("open_on", sa.Date(), comment="未核实完的中最晚的接报日期"),
            _number("located", "其中自身有坐标的"),
            sa.Column("longitude_sum", sa.Float(), nullable=False, comment="这些坐标的经度之和"),
            sa.Column("latitude_sum", sa.Float(), nullable=False, comment="这些坐标的纬度之和"),
            _number("named", "其中写明楼宇小区的"),
            _number("addressed", "其中写明地址的"),
            *_by_weekday("proven", "属实的"),
            *_by_weekday("open", "未核实完的"),
            *_by_weekday("n", "无论状态的"),
        ],
        counted="举报件数",
        comment="按机构或地点和报送周合计的举报，与举报同一事务写入",
    )
    _create_week_table(
        "report_verdict_summary",
        [
            *_unit(),
            sa.Column(
                "verified_week",
                sa.Date(),
                nullable=False,
                comment="核实日期所在的报送周；没有核实日期、或早于接报的为接报的周",
            ),
        ],
        [
            _number("proven", "其中属实的"),
            sa.Column("verified_on", sa.Date(), comment="最早的核实日期"),
            sa.Column("found_on", sa.Date(), comment="属实的中最早的核实日期"),
            *_by_weekday("proven", "属实的"),
            *_by_weekday("untrue", "不属实的"),
        ],
        counted="核实完的件数",
        comment="按机构或地点、报送周和核实周合计的举报，与举报同一事务写入",
    )
    _create_week_table(
        "report_cell_summary",
        [
            sa.Column("cell", sa.String(length=16), nullable=False, comment="H3 网格（9 级）"),
            sa.Column(
                "substantiated_week",
                sa.Date(),
                nullable=False,
                comment="属实的，核实日期所在的报送周；其他的为 9999-12-31",
            ),
        ],
        [],
        counted="举报件数",
        comment="按网格、报送周和查实周合计的举报，与举报同一事务写入",
    )


def _unit() -> tuple[sa.Column[Any], ...]:
    return (
        _number("institution_id", "对上的机构；没有对上的为 0"),
        sa.Column(
            "place_key",
            sa.String(length=160),
            nullable=False,
            comment="没有对上机构时，同一地点的比对键；否则为空串",
        ),
    )


def _by_weekday(name: str, words: str) -> list[sa.Column[int]]:
    return [
        _number(f"{name}_{day}", f"其中周{word}接报、{words}")
        for day, word in enumerate("五六日一二三四", start=1)
    ]


def _number(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, comment=comment)


def _create_summary(
    table: str, keys: list[sa.Column[Any]], values: list[sa.Column[Any]], *, comment: str
) -> None:
    of_all: list[sa.Column[Any]] = [
        _number("verified", "其中已核实并有核实日期的"),
        _number("substantiated", "其中属实并有核实日期的"),
        sa.Column("first_on", sa.Date(), nullable=False, comment="最早的接报日期"),
        sa.Column("last_on", sa.Date(), nullable=False, comment="最晚的接报日期"),
        sa.Column("last_verified_on", sa.Date(), comment="最晚的核实日期"),
    ]
    _create_week_table(table, keys, [*of_all, *values], counted="举报件数", comment=comment)


def _create_week_table(
    table: str,
    keys: list[sa.Column[Any]],
    values: list[sa.Column[Any]],
    *,
    counted: str,
    comment: str,
) -> None:
    op.create_table(
        table,
        sa.Column("week", sa.Date(), nullable=False, comment="报送周（以周四为名）"),
        sa.Column("county_code", sa.String(length=6), nullable=False, comment="县区（新区）代码"),
        *keys,
        _number("n", counted),
        *values,
        sa.CheckConstraint("n > 0", name=op.f(f"ck_{table}_n_positive")),
        sa.ForeignKeyConstraint(
            ["county_code"], ["county.code"], name=op.f(f"fk_{table}_county_code")
        ),
        sa.PrimaryKeyConstraint(
            "week", "county_code", *(key.name for key in keys), name=op.f(f"pk_{table}")
        ),
        comment=comment,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("report_cell")
    for name in ("cell", "verdict", "unit"):
        op.drop_table(f"report_{name}_summary")
    op.drop_table("report_place_summary")
    op.drop_table("report_week_summary")
    for name in reversed(_INDEXES):
        op.drop_index(f"ix_violation_report_{name}", "violation_report")
    for name, columns in _BEFORE.items():
        op.create_index(f"ix_violation_report_{name}", "violation_report", columns)
