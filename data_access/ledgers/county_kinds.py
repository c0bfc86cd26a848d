"""The registers of what counties send and have in place; beside the ledgers of ``kinds``."""

from __future__ import annotations

from typing import Final

from data_access import schema, vocabulary
from data_access.ledgers.columns import ROW_VERSION, Column, Kind, Masks, Read, county_column

SUBMISSIONS: Final = Kind(
    "submissions",
    "材料报送",
    schema.submission,
    (
        Column(
            "document",
            "材料种类",
            ("报送材料", "材料名称"),
            Read.WORD,
            required=True,
            words=vocabulary.DOCUMENT,
        ),
        Column("period", "所属期", ("报送期", "期次"), Read.PERIOD, required=True),
        county_column(required=True),
        Column("due_on", "应报日期", ("报送时限",), Read.DAY_AHEAD),
        Column("submitted_on", "报送日期", ("上报日期",), Read.DAY),
        Column("file_name", "文件名", ("文件名称",)),
        Column("sha256", "文件摘要", ("SHA-256",), masks=Masks.NOTHING),
        ROW_VERSION,
    ),
)

COUNTY_ACTIONS: Final = Kind(
    "county_actions",
    "行动机制",
    schema.county_action,
    (
        Column(
            "duty",
            "职责",
            ("工作事项", "事项"),
            Read.WORD,
            required=True,
            words=vocabulary.COUNTY_DUTY,
        ),
        county_column(required=True),
        Column("detail", "内容", ("具体内容",), masks=Masks.IDENTITIES),
        Column("due_on", "应完成日期", ("完成时限",), Read.DAY_AHEAD),
        Column("done_on", "完成日期", (), Read.DAY),
        Column("evidence", "佐证", ("佐证材料",), masks=Masks.NAMES),
        ROW_VERSION,
    ),
)
