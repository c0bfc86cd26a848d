"""The workbook that a county clerk works through: a sheet for each ledger, to be imported again.

Headers are those of the ledgers, so that the importer reads each sheet as what it is; the row
version goes along, by which a row that has changed since is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from data_access import vocabulary
from data_access.ledgers.kinds import (
    INSTITUTIONS,
    RECTIFICATIONS,
    REFUND_DISPUTES,
    VERIFICATIONS,
    Column,
    Kind,
    Read,
)
from data_access.ledgers.workbooks import GUIDE
from ui.exports.excel import write_cell

# What a clerk may fill in, by ledger; the rest is there to know the row by.
TO_FILL: Final[Mapping[str, tuple[str, ...]]] = {
    RECTIFICATIONS.name: ("status", "evidence", "responsible_department", "public_accepted"),
    INSTITUTIONS.name: ("qualified_on", "platform_registered_on", "operating_status"),
    VERIFICATIONS.name: ("verified_on", "outcome", "note"),
    REFUND_DISPUTES.name: (
        *("status", "route", "resolved_on", "refunded_yuan", "plan_in_place", "answer"),
    ),
}
# 销号日期 and 复核人 are for the city to write, who closes an item.
NOT_OURS: Final = frozenset(("closed_on", "verified_by"))
# Words that a county may choose; others are read, too, and answered by the importer.
_OFFERED: Final = {(RECTIFICATIONS.name, "status"): ("assigned", "in_progress", "submitted")}
_BLANK_ROWS: Final = 20  # below the last row, that lists and formats still reach
_WIDE: Final = frozenset(("evidence", "answer", "address", "note", "institution_name", "name"))
_GUIDANCE: Final = (
    "一、每张工作表就是一种台账，表名和表头请不要改动；不用的列可以不管，不要删“行版本”。",
    "二、黄色的列是这周要填的；有下拉的从下拉里选，日期写成 2022-08-25。没有变化的行不用动。",
    "三、整改台账：办完的把整改状态改为“申请销号”并写明佐证材料，由市督查组复核后销号；填“已销号”的按申请销号导入。",
    "四、机构台账：核查合格的填核查合格日期，已录入全国平台的填平台登记日期（合格一家登记一家）。",
    "五、资质核查：每家机构还没有结论的项目各一行，填核查日期和核查结果；没有填的行不导入。",
    "六、退费纠纷：化解的把处理状态改为“已化解”，填化解途径、化解日期和已退金额；还没有化解的写处理情况；“一企一策”填是或否。",
    "七、要清空一格，写“清空”；空着不填的格子，库里原来的内容不变。",
    "八、填好后到“台账导入”，台账种类选“待办工作簿”，整个文件一次导入；有问题的行会退回，改好再导入即可。",
    "九、下载之后别人改过的行会退回，请重新下载再改。",
)


def file_name(county: str, as_of: date) -> str:
    """Return what the workbook is called."""
    return f"{county}待办工作簿（{as_of.isoformat()}）.xlsx"


def verification_rows(institutions: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each item that an institution is to be verified in, its outcome empty.

    ``institutions`` is ``to_do.institutions_to_do``.
    """
    rows = [
        {
            "county_code": one["county_code"],
            "institution_name": one["name"],
            "credit_code": one["credit_code"],
            "item": item,
            "verified_on": None,
            "outcome": None,
            "note": None,
        }
        for one in institutions.to_dict("records")
        for item in one["missing"].split(",")
        if item
    ]
    names = [column.name for column in VERIFICATIONS.columns]
    return pd.DataFrame(rows, columns=names)


def to_do_workbook(
    sheets: Sequence[tuple[Kind, pd.DataFrame]],
    *,
    county: str,
    as_of: date,
    said: Sequence[str],
    counties: Mapping[str, str],
) -> bytes:
    """Return the workbook: how to fill it in, and each ledger's rows under its own headers.

    Each frame has the ledger's columns by their database names, as ``to_do.ledger_rows`` gives
    them; columns that a ledger has and the frame has not are left out. ``said`` are sentences for
    the first sheet: what is due, and what no ledger can take. ``counties`` has names by code.
    Text is written as text, and what a spreadsheet would run is marked as text.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        _write_guide(workbook, county, as_of, said)
        for kind, rows in sheets:
            _write_ledger(workbook, kind, rows, counties)
    return buffer.getvalue()


def _write_guide(workbook: Any, county: str, as_of: date, said: Sequence[str]) -> None:
    sheet = workbook.add_worksheet(GUIDE)
    sheet.set_column(0, 0, 110)
    title = workbook.add_format({"bold": True, "font_size": 14})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    marked = workbook.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    sheet.write_string(0, 0, f"{county}待办工作簿（截至 {as_of.isoformat()}）", title)
    for row, words in enumerate([*said, "", *_GUIDANCE], start=1):
        write_cell(sheet, row, 0, words, text=marked, day=None, number=None, other=wrapped)


def _write_ledger(
    workbook: Any, kind: Kind, rows: pd.DataFrame, counties: Mapping[str, str]
) -> None:
    sheet = workbook.add_worksheet(kind.title)
    sheet.freeze_panes(1, 2)
    to_fill = TO_FILL[kind.name]
    base = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    headings = {
        True: workbook.add_format(base | {"bg_color": "#ffe9a8"}),
        False: workbook.add_format(base | {"bg_color": "#eef1f4"}),
    }
    formats = {
        "text": workbook.add_format({"quote_prefix": True}),
        "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "number": workbook.add_format({"num_format": "General"}),
    }
    columns = [
        column
        for column in kind.columns
        if column.name in rows.columns and column.name not in NOT_OURS
    ]
    last = len(rows) + _BLANK_ROWS
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.header, headings[column.name in to_fill])
        width = 30 if column.name in _WIDE else max(2 * len(column.header) + 2, 12)
        is_day = column.read in (Read.DAY, Read.DAY_AHEAD)
        sheet.set_column(place, place, width, formats["day"] if is_day else None)
        offered = _offered(kind, column)
        if offered:
            choice = {"validate": "list", "source": offered, "error_type": "warning"}
            choice |= {"error_title": "请从下拉里选", "error_message": "、".join(offered)[:200]}
            sheet.data_validation(1, place, last, place, choice)
        written = _written(column, rows[column.name], counties)
        for row, value in enumerate(written, start=1):
            write_cell(sheet, row, place, value, **formats)
    if columns:
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def _offered(kind: Kind, column: Column) -> list[str]:
    if column.read is Read.YES_NO:
        return ["是", "否"]
    words = vocabulary.first_words(column.words or {})
    codes = _OFFERED.get((kind.name, column.name), tuple(words))
    return [words[code] for code in codes]


def _written(column: Column, values: pd.Series, counties: Mapping[str, str]) -> list[Any]:
    words = vocabulary.first_words(column.words or {})
    return [
        None if pd.isna(value) else _word(column, value, words, counties)
        for value in values.tolist()
    ]


def _word(column: Column, value: Any, words: Mapping[str, str], counties: Mapping[str, str]) -> Any:
    if column.read is Read.COUNTY:
        return counties.get(value, value)
    if words:
        return words[str(value)]
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
