"""A workbook of several ledgers: each sheet is read as its own ledger, all in one transaction.

The dashboard hands one out for what a county has to do (待办工作簿); filled in, it comes back the
same way as any file. A sheet is known by its name, which is the title of its ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from data_access.ledgers.headers import SEARCHED_ROWS, find_header
from data_access.ledgers.kinds import (
    INSTITUTIONS,
    KINDS,
    RECTIFICATIONS,
    REFUND_DISPUTES,
    VERIFICATIONS,
    Kind,
)
from data_access.ledgers.meaning import listed
from data_access.ledgers.problems import Problem, UnreadableFileError
from data_access.ledgers.reading import Progress, silent, understand_sheets
from data_access.ledgers.understanding import Understanding
from data_access.ledgers.values import Setting
from data_access.ledgers.workbook import RawSheet, read_sheets

GUIDE: Final = "填写说明"


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook of several ledgers: its name on the command line, its title, its ledgers.

    ``kinds`` stand in the order in which they are stored. ``to_fill`` names, by ledger, the
    columns that go out empty: a row in which none of them is filled says nothing.
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    to_fill: Mapping[str, tuple[str, ...]]


TO_DO: Final = Workbook(
    "to_do",
    "待办工作簿",
    # What a row is linked to comes before it.
    (INSTITUTIONS, VERIFICATIONS, RECTIFICATIONS, REFUND_DISPUTES),
    MappingProxyType({VERIFICATIONS.name: ("verified_on", "outcome")}),
)
# Whatever can be sent, by the name on the command line.
SENT: Final[Mapping[str, Kind | Workbook]] = MappingProxyType({**KINDS, TO_DO.name: TO_DO})


def understand_ledger(
    kind: Kind,
    file_name: str,
    data: bytes,
    *,
    setting: Setting,
    progress: Progress | None = None,
) -> Understanding:
    """Understand a file of one ledger; where it is another's, the refusal names that one.

    Raises:
        UnreadableFileError: nothing of it can be read.
    """
    tell = progress or silent
    tell(0.0, "正在读取文件")
    sheets = read_sheets(file_name, data)
    names = {sheet.name.strip() for sheet in sheets if sheet.rows}
    tops = [replace(sheet, rows=sheet.rows[: SEARCHED_ROWS + 1]) for sheet in sheets]
    try:
        return understand_sheets(kind, file_name, data, sheets, setting=setting, tell=tell)
    except UnreadableFileError as error:
        other = _title_of(names, tops, kind)
        if other is None:
            raise
        raise UnreadableFileError(
            f"{error}。这个文件像是“{other}”，请把台账种类改选为“{other}”再试"
        ) from error


def _title_of(names: set[str], tops: list[RawSheet], wrong: Kind) -> str | None:
    """Return what else a file seems to be; ``None`` where it is none, or one of several."""
    own = names & {kind.title for kind in TO_DO.kinds}
    if len(own) > 1 or (own and GUIDE in names):
        return TO_DO.title
    shown = [sheet for sheet in tops if sheet.rows and not sheet.hidden]
    titles = [
        kind.title
        for kind in KINDS.values()
        if kind is not wrong
        and any((header := find_header(kind, top)) and not header.missing(kind) for top in shown)
    ]
    return titles[0] if len(titles) == 1 else None


def understand_workbook(
    workbook: Workbook,
    file_name: str,
    data: bytes,
    *,
    setting: Setting,
    progress: Progress | None = None,
) -> tuple[Understanding, ...]:
    """Understand the sheets of a workbook, each as the ledger that it is named after.

    Places are in WGS-84, whatever ``setting`` says: such a workbook comes from here. A sheet of
    another name is left out and told of, but for the one that says how to fill it in.

    Raises:
        UnreadableFileError: no sheet is named after a ledger, or one is that cannot be read.
    """
    tell = progress or silent
    tell(0.0, "正在读取文件")
    setting = Setting(setting.today, setting.campaign_year, setting.counties, setting.county)
    sheets = {sheet.name.strip(): sheet for sheet in read_sheets(file_name, data)}
    shown = {name for name, sheet in sheets.items() if sheet.rows}
    found = [(kind, sheets.pop(kind.title)) for kind in workbook.kinds if kind.title in shown]
    if not found:
        titles = listed([kind.title for kind in workbook.kinds])
        raise UnreadableFileError(
            f"没有找到{workbook.title}的工作表，应有这些：{titles}。"
            "请在“县区自查”页下载，工作表的名称不要改动；单独一种台账请另选台账种类"
        )
    understood = []
    for done, (kind, sheet) in enumerate(found, start=1):
        to_fill = workbook.to_fill.get(kind.name, ())
        understood.append(
            understand_sheets(
                kind, file_name, data, [sheet], setting=setting, tell=silent, to_fill=to_fill
            )
        )
        tell(done / len(found), "正在识别内容")
    understood[0].problems[:0] = [
        Problem(name, None, None, None, f"{_why(sheet)}，未导入", "warning")
        for name, sheet in sheets.items()
        if name != GUIDE and (sheet.hidden or sheet.rows)
    ]
    return tuple(understood)


def _why(sheet: RawSheet) -> str:
    return "隐藏的工作表" if sheet.hidden else "不是待办工作簿的工作表"
