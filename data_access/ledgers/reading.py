"""A file of one kind, understood: from its bytes to rows, problems and what was what."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from data_access.ledgers.archive import MAX_COLUMNS, MAX_ROWS, check_extent
from data_access.ledgers.cells import factorize
from data_access.ledgers.headers import Header, Heading, find_header
from data_access.ledgers.kinds import Kind
from data_access.ledgers.meaning import listed
from data_access.ledgers.problems import Problem, UnreadableFileError
from data_access.ledgers.repeats import find_repeats, key_in_words
from data_access.ledgers.rows import Originals, SheetRows, rows_of
from data_access.ledgers.sheet_reader import SheetReader
from data_access.ledgers.understanding import Understanding, UnderstoodSheet
from data_access.ledgers.values import Setting, county_of_sheet
from data_access.ledgers.workbook import RawSheet, read_sheets
from data_access.reference import County

Progress = Callable[[float, str], None]

_READ_SHARE: Final = 0.5  # of the time, before the first column is looked at
_HIDDEN: Final = "隐藏的工作表"
_EMPTY: Final = "空工作表"
_NO_HEADER: Final = "没有找到表头"


def silent(_share: float, _words: str) -> None:
    """Tell nobody how far reading is."""


def understand(
    kind: Kind,
    file_name: str,
    data: bytes,
    *,
    county: str | None,
    crs: str,
    today: dt.date,
    campaign_year: int,
    counties: Sequence[County],
    progress: Progress | None = None,
) -> Understanding:
    """Understand a file that an office sent; nothing is written.

    ``county`` is the code of the county that sends the file (``--county``), ``crs`` what
    its coordinates are in (wgs84, gcj02, bd09); no day of an event may lie after ``today``,
    and ``7月5日`` lies in ``campaign_year``. ``progress`` is told a share of 0 to 1 and, in
    Chinese, what is being done.

    The county of a row is its own cell, else the sheet's name, else ``county``. A row
    without any is rejected, but events of an item, verifications and source lists may find
    theirs elsewhere and keep a missing county. A ledger that must have the column is not
    read without it, unless the sheet's name or ``county`` says the county of every row. A
    row that contradicts ``county`` is rejected, and so is one that repeats the key of an
    earlier row, loaded or not.

    Raises ``UnreadableFileError`` when nothing of the file can be read.
    """
    setting = Setting(today, campaign_year, counties, county, crs)
    return understand_in(setting, kind, file_name, data, progress=progress)


def understand_in(
    setting: Setting,
    kind: Kind,
    file_name: str,
    data: bytes,
    *,
    progress: Progress | None = None,
) -> Understanding:
    """Understand a file as :func:`understand` does, in a setting that is put together already.

    Raises:
        UnreadableFileError: nothing of the file can be read.
    """
    tell = progress or silent
    tell(0.0, "正在读取文件")
    return understand_sheets(
        kind, file_name, data, read_sheets(file_name, data), setting=setting, tell=tell
    )


def understand_sheets(
    kind: Kind,
    file_name: str,
    data: bytes,
    raw_sheets: list[RawSheet],
    *,
    setting: Setting,
    tell: Progress,
    to_fill: tuple[str, ...] = (),
) -> Understanding:
    """Understand the sheets of a file that are of one kind, as :func:`understand` does.

    ``to_fill`` names columns that were sent out empty: a row in which none of them is filled
    says nothing and is not counted, and it is told how many there are.

    Raises:
        UnreadableFileError: nothing of them can be read.
    """
    order = [raw.name for raw in raw_sheets]
    found, skipped = _find_headers(kind, raw_sheets, setting)
    del raw_sheets
    readers: list[SheetReader] = []
    for raw, header in found:
        check_extent(raw.name, len(raw.rows), len(header.layout), most=MAX_COLUMNS)
        readers.append(SheetReader(kind, rows_of(raw, header, to_fill), setting))
        if sum(reader.length for reader in readers) > MAX_ROWS:
            raise UnreadableFileError(f"数据超过 {MAX_ROWS:,} 行，请拆分后再报送")
    for done, reader in enumerate(readers):
        tell(_READ_SHARE + (1 - _READ_SHARE) * done / len(readers), "正在识别内容")
        reader.read()
    understanding = _join(kind, file_name, data, readers, skipped)
    understanding.sheets.sort(key=lambda sheet: order.index(sheet.name))
    _tell_repeats(understanding)
    _keep_quiet_about_others(understanding, setting.county)
    places = {name: place for place, name in enumerate(order)}
    understanding.problems.sort(key=lambda p: (places.get(p.sheet or "", -1), p.row or 0))
    tell(1.0, "识别完毕")
    return understanding


def understand_row(kind: Kind, cells: Mapping[str, str], setting: Setting) -> Understanding:
    """Understand one row that a person writes, as a file's: by database column, each a text.

    Columns that are not among ``cells`` are left as they are. The row is of ``setting.county``.
    """
    headings = tuple(
        Heading(column.header, column.header, column)
        for column in kind.columns
        if column.name in cells
    )
    texts = [cells[heading.column.name] for heading in headings if heading.column]
    rows = SheetRows(
        name="",
        header=Header(0, headings),
        header_row=0,
        numbers=np.array([1], dtype=np.int64),
        cells=[factorize(np.array([text], dtype=object)) for text in texts],
        uncomputed=[],
    )
    reader = SheetReader(kind, rows, setting)
    reader.read()
    return _join(kind, "", b"", [reader], [])


def _find_headers(
    kind: Kind, sheets: Sequence[RawSheet], setting: Setting
) -> tuple[list[tuple[RawSheet, Header]], list[UnderstoodSheet]]:
    """Return the sheets that are the ledger with their headers, and those left out.

    A sheet without the ledger's header is left out beside one with it, but not when it is
    named after a county: then its rows would be lost.
    """
    found: list[tuple[RawSheet, Header]] = []
    doubtful: list[tuple[RawSheet, list[str]]] = []
    skipped = []
    for sheet in sheets:
        if sheet.hidden or not sheet.rows:
            reason = _HIDDEN if sheet.hidden else _EMPTY
            skipped.append(UnderstoodSheet(sheet.name, None, {}, (), 0, reason))
            continue
        header = find_header(kind, sheet)
        county = county_of_sheet(sheet.name, setting.counties) or setting.county
        missing = header.missing(kind, county_is_given=county is not None) if header else []
        if header and not missing:
            found.append((sheet, header))
        else:
            doubtful.append((sheet, missing))
    wanted = Header(-1, ()).missing(kind)
    for sheet, missing in doubtful:
        is_ledger = bool(missing) and 2 * len(missing) <= len(wanted)
        if found and not is_ledger and not county_of_sheet(sheet.name, setting.counties):
            skipped.append(UnderstoodSheet(sheet.name, None, {}, (), 0, _NO_HEADER))
        elif missing:
            raise UnreadableFileError(
                f"工作表“{sheet.name}”缺少必填列：{listed(missing)}。"
                f"请核对是否选对了台账种类（{kind.title}），补齐后再报送"
            )
        elif found or county_of_sheet(sheet.name, setting.counties):
            raise UnreadableFileError(
                f"工作表“{sheet.name}”{_NO_HEADER}，应有这些列：{listed(wanted)}"
            )
    if not found:
        raise UnreadableFileError(
            f"没有找到{kind.title}的表头，应有这些列：{listed(wanted)}。请核对文件和台账种类"
        )
    return found, skipped


def _join(
    kind: Kind,
    file_name: str,
    data: bytes,
    readers: Sequence[SheetReader],
    skipped: Sequence[UnderstoodSheet],
) -> Understanding:
    frames = [reader.frame for reader in readers]
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    rejected = np.zeros(len(rows), dtype=bool)
    problems = [
        Problem(sheet.name, None, None, None, f"{sheet.skipped}，未导入", "warning")
        for sheet in skipped
        if sheet.skipped != _EMPTY
    ]
    problems += _told_of_columns(readers)
    offset = 0
    for reader in readers:
        for at, problem in reader.problems:
            problems.append(problem)
            if at is not None and problem.severity == "error":
                rejected[offset + at] = True
        if reader.rows.unfilled:
            words = f"有 {reader.rows.unfilled:,} 行没有填，未导入"
            problems.append(Problem(reader.rows.name, None, None, None, words, "warning"))
        elif not reader.length:
            words = "表头以下没有数据行"
            problems.append(Problem(reader.rows.name, None, None, None, words, "warning"))
        offset += reader.length
    return Understanding(
        kind=kind,
        file_name=file_name,
        sha256=hashlib.sha256(data).hexdigest(),
        rows=rows,
        rejected=rejected,
        cleared={
            name: np.concatenate([reader.cleared[name] for reader in readers])
            for name in readers[0].cleared
        },
        originals=Originals([reader.rows for reader in readers]),
        layouts={reader.rows.name: reader.rows.header.layout for reader in readers},
        header_of={reader.rows.name: reader.header_of for reader in readers},
        sheets=[*(reader.understood() for reader in readers), *skipped],
        problems=problems,
    )


def _told_of_columns(readers: Sequence[SheetReader]) -> Iterator[Problem]:
    """Say once for each column of the file in how many cells something was taken out."""
    sheet = readers[0].rows.name if len(readers) == 1 else None
    hidden = sum((reader.hidden for reader in readers), Counter())
    odd = sum((reader.odd for reader in readers), Counter())
    for header, n in hidden.items():
        words = f"有 {n:,} 格含电话、证件号码或姓名，已隐去后入库，原文不保存"
        yield Problem(sheet, None, header, None, words, "warning")
    for header, n in odd.items():
        words = f"有 {n:,} 格含看不见的控制字符，已去掉"
        yield Problem(sheet, None, header, None, words, "warning")


def _tell_repeats(understanding: Understanding) -> None:
    """Reject each row whose key an earlier row of the file has, naming that row."""
    rows = understanding.rows
    sheets, numbers = rows["sheet"].to_numpy(), rows["row"].to_numpy()
    key = key_in_words(understanding.kind)
    alike = f"（{key}都相同）" if key else ""
    for at, first, column in find_repeats(understanding.kind, rows):
        where = "" if sheets[at] == sheets[first] else f"工作表“{sheets[first]}”"
        same = understanding.originals[at] == understanding.originals[first]
        header = understanding.header_of[sheets[at]].get(column)
        problem = Problem(
            sheets[at],
            int(numbers[at]),
            header,
            str(rows[column].iat[at]),
            f"与{where}第 {numbers[first]} 行重复{alike}"
            + ("，请删除本行" if same else "，请核对后只留一行"),
            "error",
        )
        understanding.problems.append(problem)
        understanding.rejected[at] = True


def _keep_quiet_about_others(understanding: Understanding, county: str | None) -> None:
    """Say of rows of other counties what is wrong and whose they are, and nothing else of them.

    The county that the file is sent for reads its problems.
    """
    if county is None:
        return
    rows = understanding.rows
    codes = rows["county_code"].to_numpy(dtype=object)
    others = np.array([code is not None and code != county for code in codes], dtype=bool)
    places = set(zip(rows["sheet"][others], rows["row"][others], strict=True))
    whose = {sheet: header.get("county_code") for sheet, header in understanding.header_of.items()}
    for at, problem in enumerate(understanding.problems):
        is_others = (problem.sheet, problem.row) in places
        if is_others and problem.column != whose.get(problem.sheet or ""):
            understanding.problems[at] = replace(problem, value=None)
