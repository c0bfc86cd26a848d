"""The price monitor (价格监测) to publish: a sheet to print and a workbook, for parents to read.

Both hold medians and quartiles of enough institutions, and nobody's name or own price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from analysis.price_monitor import FEWEST
from ui.exports.excel import sheet_name, write_cell
from ui.exports.typesetting import typeset
from ui.formatting import MISSING, count, full_day, is_missing, one_line
from ui.labels import LABELS

TITLE: Final = "校外培训机构收费价格监测"
NO_CELLS: Final = f"没有一个项目在同一班型有 {FEWEST} 家以上机构，本期不公布价格。"
_COLUMNS: Final = {  # and how wide they are in the workbook
    "item": 16,
    "size_group": 18,
    "mode_word": 10,
    "county": 18,
    "priced_institutions": 12,
    "median": 14,
    "lower": 14,
    "upper": 14,
    "cost_median": 16,
}
DEFINITIONS: Final = (
    "价格按每人每标准课时计，单位：元。标准课时：线下 45 分钟，线上 30 分钟；其他时长、套餐、"
    "按小时或按班收费的，折算到每人每标准课时。",
    "中位价：一半机构的价格在它以上，一半在它以下。“较低—较高”：中间一半机构所在的范围"
    "（下四分位数到上四分位数），不是最低价和最高价。",
    "一家机构在同一项目、班型和授课方式下有几门课程的，取其中位价，只计一次；停业的计入，"
    "已注销的不计。",
    "班型按每班人数：一对一；小班 2—9 人；中班 10—35 人；大班 35 人以上"
    "（参照发改价格〔2021〕1279号的分类）。",
    f"同一组不足 {FEWEST} 家机构的不公布；平均成本为机构自行申报的每人每标准课时成本的中位数，"
    f"申报不足 {FEWEST} 家的不公布。“{MISSING}”表示不公布或没有申报。",
    "价格取自各县区报送的课程收费台账，供家长选择和部门监管参考，不是政府定价或指导价。",
)


@dataclass(frozen=True, slots=True)
class Published:
    """What is published of one place on one day.

    ``cells`` are the rows of ``analysis.price_monitor.monitor`` with ``mode_word`` and
    ``priced_institutions``, in the order in which they are printed.
    """

    where: str
    as_of: date
    cells: pd.DataFrame

    @property
    def title(self) -> str:
        """Return the title with the place: 柳州市 is the whole city."""
        return f"{'柳州市' if self.where == '全市' else one_line(self.where)}{TITLE}"

    @property
    def standing(self) -> str:
        """Say as of when, and how much there is."""
        items = self.cells["item"].nunique()
        return f"截至 {full_day(self.as_of)}　共 {items} 个培训项目、{len(self.cells)} 组价格"


def price_monitor_pdf(published: Published) -> bytes:
    """Return the sheet, A4 upright: a table an item, then what is counted.

    Raises ``TypesettingError`` when it cannot be set.
    """
    return typeset(
        "price_monitor.typ",
        {
            "title": published.title,
            "standing": published.standing,
            "headers": [LABELS[name] for name in _COLUMNS if name != "item"],
            "no_cells": NO_CELLS,
            "definitions": DEFINITIONS,
            "items": [
                {"name": one_line(str(item)), "rows": [_written(row) for row in _rows(cells)]}
                for item, cells in published.cells.groupby("item", sort=False)
            ],
        },
    )


def price_monitor_workbook(published: Published) -> bytes:
    """Return a workbook of two sheets: the prices, and what is counted."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        formats = _formats(workbook)
        page = workbook.add_worksheet(sheet_name("价格监测"))
        page.write_string(0, 0, published.title, formats["title"])
        page.write_string(1, 0, published.standing)
        for place, (name, width) in enumerate(_COLUMNS.items()):
            page.set_column(place, place, width)
            page.write_string(3, place, LABELS[name], formats["heading"])
        for row, cell in enumerate(_rows(published.cells), start=4):
            for place, name in enumerate(_COLUMNS):
                page.write_blank(row, place, None, formats["text"])
                write_cell(
                    page,
                    row,
                    place,
                    cell[name],
                    text=formats["guarded"],
                    day=None,
                    number=formats["text"],
                    other=formats["text"],
                )
        if published.cells.empty:
            page.write_string(4, 0, NO_CELLS)
        page.freeze_panes(4, 0)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.repeat_rows(3)
        page.set_footer("&C第 &P 页 共 &N 页")
        _write_definitions(workbook.add_worksheet(sheet_name("说明")), formats)
    return buffer.getvalue()


def _write_definitions(page: Any, formats: dict[str, Any]) -> None:
    page.set_column(0, 0, 100)
    for row, words in enumerate(DEFINITIONS):
        page.write_string(row, 0, f"{row + 1}. {words}", formats["wrapped"])


def _formats(workbook: Any) -> dict[str, Any]:
    cell = {"border": 1, "valign": "vcenter"}
    return {
        "title": workbook.add_format({"bold": True, "font_size": 16}),
        "heading": workbook.add_format(
            {**cell, "bold": True, "bg_color": "#eef1f4", "text_wrap": True}
        ),
        "text": workbook.add_format(cell),
        # What a spreadsheet would run is marked as text.
        "guarded": workbook.add_format({**cell, "quote_prefix": True}),
        "wrapped": workbook.add_format({"text_wrap": True, "valign": "top"}),
    }


def _rows(cells: pd.DataFrame) -> Sequence[dict[str, Any]]:
    return [{**row} for _, row in cells[list(_COLUMNS)].iterrows()]


def _written(row: dict[str, Any]) -> list[str]:
    """Return the cells of a row of an item as they are printed."""
    return [
        (count(value) if isinstance(value, int | float) else one_line(str(value)))
        if not is_missing(value)
        else MISSING
        for name, value in row.items()
        if name != "item"
    ]
