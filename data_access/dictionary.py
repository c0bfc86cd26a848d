"""The data dictionary, written from the comments of the schema.

``python -m data_access.dictionary > docs/data-dictionary.md``
"""

from __future__ import annotations

import sys

from sqlalchemy import Column, Table, create_mock_engine

from data_access import vocabulary
from data_access.schema import metadata
from data_access.vocabulary import Vocabulary

_POSTGRESQL = create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect
_HEAD = """# 数据字典

由表结构中的注释生成（`make docs`），请勿手工修改。日期一律为北京时间；金额单位为元，
`NUMERIC(14, 2)`；坐标为 WGS-84，单位为度；比率取值 0–1。本库供其他系统读取；写入只经
`python -m data_access import`。
"""
_CODES: dict[tuple[str, str], Vocabulary] = {
    ("institution", "category"): vocabulary.CATEGORY,
    ("institution", "operating_status"): vocabulary.OPERATING_STATUS,
    ("institution", "fee_supervision"): vocabulary.FEE_SUPERVISION,
    ("verification", "item"): vocabulary.VERIFICATION_ITEM,
    ("verification", "outcome"): vocabulary.VERIFICATION_OUTCOME,
    ("roster_entry", "source"): vocabulary.ROSTER_SOURCE,
    ("roster_entry", "match_status"): vocabulary.MATCH_STATUS,
    ("violation_report", "status"): vocabulary.REPORT_STATUS,
    ("inspection", "method"): vocabulary.INSPECTION_METHOD,
    ("inspection", "outcome"): vocabulary.INSPECTION_OUTCOME,
    ("rectification", "source"): vocabulary.RECTIFICATION_SOURCE,
    ("rectification", "status"): vocabulary.RECTIFICATION_STATUS,
    ("rectification_event", "step"): vocabulary.RECTIFICATION_STEP,
    ("refund_dispute", "status"): vocabulary.DISPUTE_STATUS,
    ("refund_dispute", "route"): vocabulary.DISPUTE_ROUTE,
}


def dictionary() -> str:
    """Return the dictionary of every table as Markdown."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return "\n".join([_HEAD, *(_section(table) for table in tables)])


def _section(table: Table) -> str:
    lines = [
        f"## {table.name}\n\n{table.comment}。\n",
        "| 列 | 类型 | 必填 | 说明 |\n|---|---|---|---|",
    ]
    lines += [_row(table, column) for column in table.columns]
    return "\n".join(lines) + "\n"


def _row(table: Table, column: Column[object]) -> str:
    kind = column.type.compile(dialect=_POSTGRESQL)
    comment = column.comment or ""
    codes = _CODES.get((table.name, column.name))
    if codes:
        comment += "：" + "、".join(f"`{code}` {words[0]}" for code, words in codes.items())
    key = "主键" if column.primary_key else "是" if not column.nullable else ""
    targets = "、".join(f"`{key.target_fullname}`" for key in column.foreign_keys)
    return (
        f"| `{column.name}` | {kind} | {key} | {comment}{f'（→ {targets}）' if targets else ''} |"
    )


if __name__ == "__main__":
    sys.stdout.write(dictionary())
