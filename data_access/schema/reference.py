"""What everything else points at: reporting units, the campaign, files that came in."""

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
)

from data_access.schema.base import CountyCode, Id, identity, metadata, not_negative, one_of

county = Table(
    "county",
    metadata,
    Column("code", CountyCode, primary_key=True, comment="行政区划代码；新区为自编代码"),
    Column("name", String(32), nullable=False, unique=True, comment="县区（新区）全称"),
    Column("short_name", String(16), nullable=False, unique=True, comment="简称"),
    Column("kind", String(16), nullable=False, comment="district 区、county 县、new_area 新区"),
    Column("boundary_code", CountyCode, comment="边界图上的代码；新区没有自己的边界，为空"),
    Column("ordinal", Integer, nullable=False, unique=True, comment="全市文件中的排列次序"),
    one_of("kind", ("district", "county", "new_area")),
    comment="县区（新区）：报送单位",
)

town = Table(
    "town",
    metadata,
    Column("code", String(9), primary_key=True, comment="街道乡镇代码"),
    Column("name", String(32), nullable=False, comment="街道乡镇名称"),
    Column(
        "boundary_code",
        CountyCode,
        nullable=False,
        comment="所在的县级行政区；由新区管理的街道仍写行政区",
    ),
    Index("ix_town_boundary_code", "boundary_code"),
    comment="街道、乡镇",
)

campaign = Table(
    "campaign",
    metadata,
    identity(),
    Column("name", String(64), nullable=False, comment="专项行动名称"),
    Column("starts_on", Date, nullable=False, comment="开始日期"),
    Column("ends_on", Date, nullable=False, comment="结束日期（含当日）"),
    CheckConstraint("ends_on >= starts_on", "ends_after_it_starts"),
    comment="专项行动",
)

import_batch = Table(
    "import_batch",
    metadata,
    identity(),
    Column("kind", String(32), nullable=False, comment="台账种类"),
    Column("file_name", String(255), nullable=False, comment="文件名"),
    Column("sha256", String(64), nullable=False, comment="文件摘要"),
    Column("county_code", CountyCode, ForeignKey("county.code"), comment="报送县区；全市文件为空"),
    Column("imported_by", String(255), nullable=False, comment="导入人"),
    Column("imported_at", DateTime, nullable=False, comment="导入时刻（北京时间）"),
    Column("received_on", Date, nullable=False, comment="收到文件的日期"),
    Column("rows_read", Integer, nullable=False, comment="读到的行数"),
    Column("rows_loaded", Integer, nullable=False, comment="新增的行数"),
    Column("rows_updated", Integer, nullable=False, comment="已有的行数（含无变化）"),
    Column("rows_rejected", Integer, nullable=False, comment="退回的行数"),
    CheckConstraint("rows_read = rows_loaded + rows_updated + rows_rejected", "rows_add_up"),
    *not_negative("rows_loaded", "rows_updated", "rows_rejected"),
    Index("ix_import_batch_county_code", "county_code"),
    comment="导入批次：一个送来的文件",
)

import_problem = Table(
    "import_problem",
    metadata,
    identity(),
    Column(
        "batch_id",
        Id,
        ForeignKey("import_batch.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="导入批次",
    ),
    Column("sheet", String(255), comment="工作表；整个文件的问题为空"),
    Column("row", Integer, comment="表格自身的行号；整列或整表的问题为空"),
    Column("column", String(255), comment="文件中的表头"),
    Column("value", Text, comment="单元格原文"),
    Column("problem", Text, nullable=False, comment="问题说明"),
    Column("severity", String(8), nullable=False, comment="error 退回、warning 提示"),
    one_of("severity", ("error", "warning")),
    comment="导入问题",
)

data_version = Table(
    "data_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="恒为 1"),
    Column("version", Integer, nullable=False, comment="凡影响数字的写入加一"),
    CheckConstraint("id = 1", "one_row"),
    comment="数据版本：只有一行，页面缓存以它为准",
)
