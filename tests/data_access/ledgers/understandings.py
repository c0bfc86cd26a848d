"""Understandings as reading leaves them, written by hand."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data_access.ledgers.kinds import KINDS, Column, Read
from data_access.ledgers.understanding import Understanding, UnderstoodSheet

CLEAR = object()  # the cell says 清空
SHEET = "Sheet1"
FIRST_ROW = 3  # a title, the header, then the rows
_DTYPES = {
    Read.COUNT: "Int64",
    Read.DAY: "datetime64[s]",
    Read.DAY_AHEAD: "datetime64[s]",
    Read.MONEY: "Float64",
    Read.NUMBER: "Float64",
    Read.YES_NO: "boolean",
}


def understood(kind: str, *rows: dict[str, Any], file_name: str = "台账.xlsx") -> Understanding:
    """Return the understanding of a file with these rows, by database column.

    A column left out is a cell left empty; ``CLEAR`` is a cell that says 清空. The group
    of a column that is stored as written is the word itself unless given.
    """
    ledger = KINDS[kind]
    frame: dict[str, Any] = {
        "sheet": [SHEET] * len(rows),
        "row": range(FIRST_ROW, FIRST_ROW + len(rows)),
    }
    cleared: dict[str, np.ndarray] = {}
    for column in ledger.columns:
        for name in _filled(column):
            cells = [_cell(row, name) for row in rows]
            frame[name] = pd.Series(
                [None if cell is CLEAR else cell for cell in cells],
                dtype=_DTYPES.get(column.read, "object"),
            )
        said = np.array([row.get(column.name) is CLEAR for row in rows], dtype=bool)
        if said.any():
            cleared[column.name] = said
    return Understanding(
        kind=ledger,
        file_name=file_name,
        sha256=hashlib.sha256(repr((kind, rows)).encode()).hexdigest(),
        rows=pd.DataFrame(frame),
        rejected=np.zeros(len(rows), dtype=bool),
        cleared=cleared,
        originals=[[str(row.get(c.name, "")) for c in ledger.columns] for row in rows],
        layouts={SHEET: [column.header for column in ledger.columns]},
        header_of={SHEET: {column.name: column.header for column in ledger.columns}},
        sheets=[UnderstoodSheet(SHEET, FIRST_ROW - 1, {}, (), len(rows))],
    )


def _filled(column: Column) -> tuple[str, ...]:
    if column.read is Read.GROUPED:
        return column.name, f"{column.name}_group"
    if column.read is Read.TIME_SPAN:
        return "class_starts_at", "class_ends_at"
    return (column.name,)


def _cell(row: dict[str, Any], name: str) -> Any:
    if name.endswith("_group"):
        return row.get(name, row.get(name.removesuffix("_group")))
    return row.get(name)


NORTH, SOUTH = "450205", "450204"
MONDAY = date(2022, 7, 4)


def institution(**cells: Any) -> dict[str, Any]:
    """Return a row of the institutions ledger."""
    return {
        "county_code": NORTH,
        "name": "甲艺术培训中心",
        "category": "arts",
        "operating_status": "operating",
        "found_on": date(2022, 5, 10),
    } | cells


def report(**cells: Any) -> dict[str, Any]:
    """Return a row of the violation reports ledger."""
    return {
        "report_no": "JB-1",
        "received_on": MONDAY,
        "channel": "12345 热线",
        "violation_type": "一对一",
        "county_code": NORTH,
        "status": "received",
    } | cells


def inspection(**cells: Any) -> dict[str, Any]:
    """Return a row of the inspections ledger."""
    return {
        "inspection_no": "JC-1",
        "inspected_on": MONDAY,
        "county_code": NORTH,
        "method": "routine",
        "outcome": "clear",
        "people": 3,
    } | cells


def item(**cells: Any) -> dict[str, Any]:
    """Return a row of the rectifications ledger."""
    return {
        "ledger_no": "ZG-1",
        "county_code": NORTH,
        "source": "inspection",
        "issue_type": "无证办学",
        "severity": "2",
        "opened_on": date(2022, 6, 20),
        "due_on": date(2022, 7, 20),
        "status": "in_progress",
    } | cells


def closed_item(**cells: Any) -> dict[str, Any]:
    """Return a row of an item that was closed as it must be."""
    return (
        item(
            status="closed",
            closed_on=date(2022, 7, 1),
            evidence="整改照片三张",
            verified_by="韦复核",
        )
        | cells
    )


def price(**cells: Any) -> dict[str, Any]:
    """Return a row of the course fees ledger: 60 yuan a lesson of 45 minutes."""
    return {
        "institution_name": "甲艺术培训中心",
        "county_code": NORTH,
        "course": "少儿钢琴",
        "item": "钢琴",
        "class_size": "一对一",
        "lesson_minutes": 45,
        "quoted_yuan": 60.0,
        "effective_on": date(2022, 6, 1),
    } | cells


def charge(**cells: Any) -> dict[str, Any]:
    """Return a row of the fee charges ledger: three months for 1,800 yuan."""
    return {
        "institution_name": "甲艺术培训中心",
        "county_code": NORTH,
        "receipt_no": "PJ-1",
        "course": "少儿钢琴",
        "charged_on": MONDAY,
        "amount_yuan": 1800.0,
        "months": 3.0,
        "course_starts_on": date(2022, 7, 11),
        "into_escrow": True,
    } | cells


def check(**cells: Any) -> dict[str, Any]:
    """Return a row of the compliance checks ledger: a fire door that was locked."""
    return {
        "check_no": "ZX-1",
        "county_code": NORTH,
        "institution_name": "甲艺术培训中心",
        "domain": "safety",
        "aspect": "fire",
        "checked_on": date(2022, 6, 20),
        "outcome": "finding",
        "finding": "安全出口上锁",
    } | cells


def step(**cells: Any) -> dict[str, Any]:
    """Return a row of the rectification events ledger."""
    return {
        "ledger_no": "ZG-1",
        "happened_on": date(2022, 6, 25),
        "step": "assign",
        "actor": "覃交办",
    } | cells


def dispute(**cells: Any) -> dict[str, Any]:
    """Return a row of the refund disputes ledger."""
    return {
        "dispute_no": "TF-1",
        "county_code": NORTH,
        "institution_name": "甲艺术培训中心",
        "opened_on": date(2022, 6, 22),
        "students": 4,
        "amount_yuan": 12_800.5,
        "status": "open",
    } | cells


def verification(**cells: Any) -> dict[str, Any]:
    """Return a row of the verifications ledger."""
    return {
        "county_code": NORTH,
        "institution_name": "甲艺术培训中心",
        "item": "licence",
        "verified_on": date(2022, 6, 1),
        "outcome": "pass",
    } | cells


def roster(**cells: Any) -> dict[str, Any]:
    """Return a line of a source list."""
    return {
        "source": "moe",
        "entry_no": "1",
        "county_code": NORTH,
        "name": "甲艺术培训中心",
    } | cells


def submission(**cells: Any) -> dict[str, Any]:
    """Return a row of the register of what counties sent."""
    return {
        "document": "weekly_form",
        "period": "2022-07-07",
        "county_code": NORTH,
        "submitted_on": date(2022, 7, 6),
    } | cells


def action(**cells: Any) -> dict[str, Any]:
    """Return a row of the register of what counties have in place."""
    return {"duty": "hotline", "county_code": NORTH, "detail": "0772-0001234"} | cells
