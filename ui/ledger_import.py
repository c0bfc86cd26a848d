"""The parts of the import page: what to import, what was understood, what became of it.

Files and their understanding stay in the reader's own session: they hold what nobody has
been allowed to see yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access import clock, reference
from data_access.accounts import Role, User
from data_access.engine import get_import_engine
from data_access.ledgers.fee_kinds import COMPLIANCE_CHECKS
from data_access.ledgers.importing import Crs, Imported, failure, import_file
from data_access.ledgers.kinds import Kind
from data_access.ledgers.storing import Sender
from data_access.ledgers.workbooks import SENT, Workbook
from ui import downloads, errors, tables
from ui.formatting import count, plain
from ui.load import run
from ui.tables import Table, table

KINDS_OF_FILE: Final = ["xlsx", "xls", "csv"]
CRS_WORDS: Final[dict[Crs, str]] = {
    "wgs84": "WGS-84（不偏移）",
    "gcj02": "GCJ-02（高德、腾讯）",
    "bd09": "BD-09（百度）",
}
PROBLEMS_SHOWN: Final = 1_000
_WHOLE_CITY: Final = "全市"
_TRIED: Final = "ledger_import.tried"
_WRITTEN: Final = "ledger_import.written"
_DONE: Final = "ledger_import.done"
_ROUND: Final = "ledger_import.round"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, and as what."""

    kind: Kind | Workbook
    files: tuple[tuple[str, str, bytes], ...]  # name, identity in this session, content
    sender: Sender
    crs: Crs
    received_on: date


def ask(user: User) -> Request:
    """Ask for the ledger, the county it comes from and the files."""
    is_county = user.role is Role.COUNTY  # it sends its own, and is not asked whose
    left, *middle, right, last = st.columns([3, 2, 3] if is_county else [3, 3, 2, 3])
    kind = SENT[left.selectbox("台账种类", list(SENT), format_func=lambda name: SENT[name].title)]
    county = user.county_code
    if not is_county:
        units = {
            unit.code: unit.name
            for unit in run(reference.counties, user, {"scope": user.import_scope})
        }
        chosen = middle[0].selectbox(
            "报送县区",
            [_WHOLE_CITY, *units],
            format_func=lambda code: units.get(code, code),
            help="选了县区，文件中其他县区的行会退回；全市文件每行要有县区，或以县区名作工作表名。",
        )
        county = None if chosen == _WHOLE_CITY else chosen
    today = clock.today()
    received_on = right.date_input("收到日期", value=today, max_value=today)
    crs: Crs = "wgs84"
    if isinstance(kind, Kind) and any(column.name == "longitude" for column in kind.columns):
        crs = last.selectbox("坐标系", list(CRS_WORDS), format_func=CRS_WORDS.__getitem__)
    files = st.file_uploader(
        "选择或拖入文件（.xlsx、.xls、.csv，可多选）",
        type=KINDS_OF_FILE,
        accept_multiple_files=True,
        key=f"ledger_import.files.{st.session_state.get(_ROUND, 0)}",
    )
    if kind is COMPLIANCE_CHECKS:
        st.caption(
            "有问题的检查导入后自动在整改台账立账（编号为 XT-ZX- 加检查编号），"
            "不要在整改台账里重复填报。"
        )
    return Request(
        kind,
        tuple((file.name, file.file_id, file.getvalue()) for file in files),
        Sender(user.email, county, is_county_account=is_county),
        crs,
        received_on if isinstance(received_on, date) else today,
    )


def tried(request: Request) -> list[Imported]:
    """Try each file without writing anything; each is tried once for what was asked.

    What could not be read is tried again: the database may have been away.
    """
    found = {
        key: _known(_TRIED, key) or _import(request, name, data, try_it=True)
        for key, name, data in _files(request)
    }
    st.session_state[_TRIED] = {
        key: imported for key, imported in found.items() if not imported.report.is_unread
    }
    return list(found.values())


def confirm(request: Request) -> None:
    """Import the files of the request, one after the other, and start over.

    Another click interrupts this between files, or within one, of which nothing is written
    then. It goes on with those that are not written yet.
    """
    written: dict[Any, Imported] = st.session_state.setdefault(_WRITTEN, {})
    for key, name, data in _files(request):
        if key not in written:
            written[key] = _import(request, name, data, try_it=False)
    st.session_state[_DONE] = [written[key] for key, _, _ in _files(request)]
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    for key in (_TRIED, _WRITTEN):
        st.session_state.pop(key, None)
    st.rerun()


def _files(request: Request) -> list[tuple[Any, str, bytes]]:
    """Return the files with what they are known by: themselves, and as what they are imported."""
    asked = (request.kind.name, request.sender, request.crs, request.received_on)
    return [((identity, asked), name, data) for name, identity, data in request.files]


def _known(place: str, key: Any) -> Imported | None:
    known: dict[Any, Imported] = st.session_state.get(place, {})
    return known.get(key)


def done() -> list[Imported]:
    """Return what became of the files imported last in this session."""
    found: list[Imported] = st.session_state.get(_DONE, [])
    return found


def _import(request: Request, name: str, data: bytes, *, try_it: bool) -> Imported:
    shown = plain(name)
    bar = st.progress(0.0, text=f"{shown}：正在读取")

    def show(share: float, words: str) -> None:
        bar.progress(share, text=f"{shown}：{words}")

    try:
        return import_file(
            get_import_engine(),
            request.kind,
            data,
            file_name=name,
            sender=request.sender,
            crs=request.crs,
            received_on=request.received_on,
            dry_run=try_it,
            progress=show,
        )
    except Exception as error:  # noqa: BLE001  the other files are imported all the same
        reason = f"出错了，这个文件没有写入。请把编号 {errors.logged(error)} 告诉系统管理员。"
        return Imported(failure(request.kind.name, name, reason))
    finally:
        bar.empty()


def show_understanding(place: int, imported: Imported, *, values: bool) -> None:
    """Show how a file was read and what is wrong with it, before anything is written."""
    report = imported.report
    with st.container(border=True):
        if report.is_unread:
            st.error(
                f"**{plain(report.file)}**：{plain(report.problems[0].problem)}",
                icon=":material/block:",
            )
            return
        st.markdown(f"**{plain(report.file)}**　{report.counted('将')}")
        for sheet in imported.sheets:
            st.text(_sheet_words(sheet))
        _show_problems(f"ledger_import.tried.{place}", imported, values=values)


def is_confirmed(found: list[Imported]) -> bool:
    """Offer to import the files that could be read; return whether that is wanted now.

    Where no row would be written the button says so and asks for nothing: only what was sent
    back would be kept, to be mended.
    """
    readable = [imported.report for imported in found if not imported.report.is_unread]
    if not readable:
        return False
    is_of_use = any(report.rows_loaded or report.rows_updated for report in readable)
    st.caption(
        "以上只是试读，还没有写入。"
        + (
            "核对无误后确认；退回的行可在导入后下载修改。"
            if is_of_use
            else "没有一行可以写入：请改好后重新选择文件；确认只会留下导入记录和退回的行。"
        )
    )
    return st.button(
        f"确认导入 {len(readable)} 个文件", type="primary" if is_of_use else "secondary"
    )


def show_results(found: list[Imported], *, values: bool) -> None:
    """Show what became of the files, with the rows to mend."""
    for place, imported in enumerate(found):
        report = imported.report
        if report.is_unread:
            st.error(f"**{plain(report.file)}** 没有导入：{plain(report.problems[0].problem)}")
            continue
        st.success(
            f"**{plain(report.file)}** 已导入：{report.counted()}",
            icon=":material/check_circle:",
        )
        if report.rows_rejected and values:
            downloads.button(
                f"下载退回的 {count(report.rows_rejected)} 行（改好后再导入）",
                imported.rejects_workbook,
                file_name=f"{report.file.rsplit('.', 1)[0]}_退回.xlsx",
                what="导入时退回的行",
                rows=report.rows_rejected,
                key=f"ledger_import.rejects.{place}",
            )
        _show_problems(f"ledger_import.done.{place}", imported, values=values)


def _sheet_words(sheet: Any) -> str:
    name = sheet.name
    if sheet.skipped:
        return f"工作表“{name}”：未读，{sheet.skipped}"
    renamed = "、".join(
        f"{header}→{taken}" for header, taken in sheet.columns.items() if header != taken
    )
    unknown, personal = "、".join(sheet.unknown), "、".join(sheet.personal)
    return (
        f"工作表“{name}”：第 {sheet.header_row} 行是表头，认出 {len(sheet.columns)} 列，"
        f"{count(sheet.rows_read)} 行"
        + (f"；对应为 {renamed}" if renamed else "")
        + (f"；不认识而未读的列：{unknown}" if unknown else "")
        + (f"；含个人信息，不入库的列：{personal}" if personal else "")
    )


def _show_problems(key: str, imported: Imported, *, values: bool) -> None:
    problems = imported.report.problems
    if not problems:
        st.caption("没有发现问题。")
        return
    errors = sum(problem.severity == "error" for problem in problems)
    with st.expander(
        f"问题 {count(len(problems))} 处："
        f"退回 {count(errors)}、提示 {count(len(problems) - errors)}",
        expanded=len(problems) <= 20,
    ):
        if len(problems) > PROBLEMS_SHOWN:
            st.caption(f"只列出前 {count(PROBLEMS_SHOWN)} 处。")
        frame = pd.DataFrame(
            {
                name: [getattr(problem, name) for problem in problems[:PROBLEMS_SHOWN]]
                for name in ("severity", "sheet", "row", "column", "value", "problem")
            }
        )
        tables.show(
            problem_table(frame, values=values),
            key=key,
            file_name="导入问题",
            alt="导入问题",
            height=min(38 + 35 * len(frame), 300),
        )


def problem_table(problems: pd.DataFrame, *, values: bool) -> Table:
    """List problems; the cells' own values only where the reader may see them."""
    columns = ["severity_word", "sheet", "row", "column", "value", "problem"]
    words = {"error": "退回", "warning": "提示"}
    return table(
        problems.assign(
            severity_word=problems["severity"].map(words), row=problems["row"].astype("Int64")
        ),
        [name for name in columns if values or name != "value"],
        wide=["problem"],
    )


def batch_table(batches: pd.DataFrame) -> Table:
    """List the files that came in; ``batches`` is ``batches.import_batches``."""
    titles = {kind.name: kind.title for kind in SENT.values()}
    rows = batches.assign(
        kind=batches["kind"].map(titles),
        county=batches["county"].fillna(_WHOLE_CITY),
        imported_at=batches["imported_at"].dt.strftime("%Y-%m-%d %H:%M"),
    )
    return table(
        rows,
        [
            "imported_at",
            "imported_by",
            "kind",
            "county",
            "rows_read",
            "rows_loaded",
            "rows_updated",
            "rows_rejected",
            "received_on",
            "file_name",  # last: names are as long as offices make them
        ],
        whole=["imported_by"],  # the first ones may be short, an office's address is not
    )
