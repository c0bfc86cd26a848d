"""Files as offices send them, made in memory, and what is understood of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import xlwt

from data_access.ledgers.kinds import KINDS
from data_access.ledgers.reading import understand
from data_access.ledgers.understanding import Understanding
from data_access.reference import County

TODAY = date(2022, 8, 25)
COUNTIES = (
    County("450202", "城中区", "城中", "district", "450202"),
    County("450205", "柳北区", "柳北", "district", "450205"),
    County("4502LD", "柳东新区", "柳东", "new_area", None),
    County("450222", "柳城县", "柳城", "county", "450222"),
    County("450225", "融水苗族自治县", "融水", "county", "450225"),
)
Rows = Sequence[Sequence[Any]]

# A complete row of two ledgers; the tests change what they are about.
INSTITUTION = {
    "县区": "城中区",
    "机构名称": "甲子培训中心",
    "机构类别": "体育",
    "经营状态": "在营",
    "排查日期": "2022-07-05",
}
DISPUTE = {
    "纠纷编号": "TF-001",
    "县区": "城中区",
    "机构名称": "甲子培训中心",
    "登记日期": "2022-07-05",
    "涉及学生数": "3",
    "涉及金额": "1200",
    "处理状态": "未化解",
}


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    """Return a header and the rows below it; a column that a row leaves out is empty."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    return [headers, *([row.get(header) for header in headers] for row in rows)]


def xlsx(
    rows: Rows = (), *, title: str = "Sheet1", merged: Sequence[str] = (), **sheets: Rows
) -> bytes:
    """Return a workbook with one sheet of ``rows``, or with the named ``sheets``."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in (sheets or {title: rows}).items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(rows: Rows, *, title: str = "Sheet1") -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet(title)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write(at, column, cell, day)
            elif cell is not None:
                sheet.write(at, column, cell)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read(data: bytes, kind: str = "institutions", **given: Any) -> Understanding:
    """Understand a file on ``TODAY``; an .xlsx unless ``file_name`` says otherwise."""
    given = {"file_name": "台账.xlsx", "county": None, "crs": "wgs84", **given}
    return understand(
        KINDS[kind],
        given.pop("file_name"),
        data,
        today=TODAY,
        campaign_year=2022,
        counties=COUNTIES,
        **given,
    )


def read_rows(*rows: dict[str, Any], kind: str = "institutions", **given: Any) -> Understanding:
    """Understand an .xlsx with these rows."""
    return read(xlsx(table(*rows)), kind, **given)


def said(understanding: Understanding, severity: str | None = None) -> list[str]:
    """Return each problem as ``row column：words``."""
    return [
        f"{p.row or '—'} {p.column or '—'}：{p.problem}"
        for p in understanding.problems
        if severity in (None, p.severity)
    ]
