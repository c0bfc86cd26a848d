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
from data_access.engine import get_engine
from data_access.ledgers.importing import Crs, Imported, import_file
from data_access.ledgers.kinds import KINDS, Kind
from data_access.ledgers.storing import Sender
from ui import tables
from ui.formatting import count
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
_DONE: Final = "ledger_import.done"
_ROUND: Final = "ledger_import.round"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, and as what."""

    kind: Kind
    files: tuple[tuple[str, str, bytes], ...]  # name, identity in this session, content
    sender: Sender
    crs: Crs
    received_on: date


def ask(user: User) -> Request:
    """Ask for the ledger, the county it comes from and the files."""
    left, middle, right, last = st.columns([3, 3, 3, 2])
    kind = KINDS[
        left.selectbox("台账种类", list(KINDS), format_func=lambda name: KINDS[name].title)
    ]
    county = user.county_code
    if user.role is not Role.COUNTY:
        units = {
            unit.code: unit.name for unit in run(reference.counties, {"scope": user.import_scope})
        }
        chosen = middle.selectbox(
            "报送县区",
            [_WHOLE_CITY, *units],
            format_func=lambda code: units.get(code, code),
            help="选了县区，文件中其他县区的行会退回；全市文件每行要有县区，或以县区名作工作表名。",
        )
        county = None if chosen == _WHOLE_CITY else chosen
    crs = right.selectbox("坐标系", list(CRS_WORDS), format_func=CRS_WORDS.__getitem__)
    today = clock.today()
    received_on = last.date_input("收到日期", value=today, max_value=today)
    files = st.file_uploader(
        "选择或拖入文件（.xlsx、.xls、.csv，可多选）",
        type=KINDS_OF_FILE,
        accept_multiple_files=True,
        key=f"ledger_import.files.{st.session_state.get(_ROUND, 0)}",
    )
    return Request(
        kind,
        tuple((file.name, file.file_id, file.getvalue()) for file in files),
        Sender(user.email, county, is_county_account=user.role is Role.COUNTY),
        crs,
        received_on if isinstance(received_on, date) else today,
    )


def tried(request: Request) -> list[Imported]:
    """Try each file without writing anything; each is tried once for what was asked."""
    asked = (request.kind.name, request.sender, request.crs, request.received_on)
    known: dict[Any, Imported] = st.session_state.get(_TRIED, {})
    fresh = {
        (identity, asked): known.get((identity, asked)) or _import(request, name, data, try_it=True)
        for name, identity, data in request.files
    }
    st.session_state[_TRIED] = fresh
    return list(fresh.values())


def confirm(request: Request) -> None:
    """Import the files of the request, one after the other, and start over."""
    st.session_state[_DONE] = [
        _import(request, name, data, try_it=False) for name, _, data in request.files
    ]
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state.pop(_TRIED, None)
    st.rerun()


def done() -> list[Imported]:
    """Return what became of the files imported last in this session."""
    found: list[Imported] = st.session_state.get(_DONE, [])
    return found


def _import(request: Request, name: str, data: bytes, *, try_it: bool) -> Imported:
    bar = st.progress(0.0, text=f"{name}：正在读取")

    def show(share: float, words: str) -> None:
        bar.progress(share, text=f"{name}：{words}")

    try:
        return import_file(
            get_engine(),
            request.kind,
            data,
            file_name=name,
            sender=request.sender,
            crs=request.crs,
            received_on=request.received_on,
            dry_run=try_it,
            progress=show,
        )
    finally:
        bar.empty()


def show_understanding(place: int, imported: Imported, *, values: bool) -> None:
    """Show how a file was read and what is wrong with it, before anything is written."""
    report = imported.report
    with st.container(border=True):
        if report.is_unread or imported.understanding is None:
            st.error(
                f"**{_plain(report.file)}**：{report.problems[0].problem}", icon=":material/block:"
            )
            return
        st.markdown(f"**{_plain(report.file)}**　{_counts(imported, '将新增', '已有', '将退回')}")
        for sheet in imported.understanding.sheets:
            st.text(_sheet_words(sheet))
        _show_problems(f"ledger_import.tried.{place}", imported, values=values)


def show_results(found: list[Imported], *, values: bool) -> None:
    """Show what became of the files, with the rows to mend."""
    for place, imported in enumerate(found):
        report = imported.report
        if report.is_unread or imported.understanding is None:
            st.error(f"**{_plain(report.file)}** 没有导入：{report.problems[0].problem}")
            continue
        st.success(
            f"**{_plain(report.file)}** 已导入：{_counts(imported, '新增', '已有', '退回')}",
            icon=":material/check_circle:",
        )
        if report.rows_rejected and values:
            st.download_button(
                f"下载退回的 {count(report.rows_rejected)} 行（改好后再导入）",
                data=_rejects(imported),
                file_name=f"{report.file.rsplit('.', 1)[0]}_退回.xlsx",
                icon=":material/download:",
                key=f"ledger_import.rejects.{place}",
                on_click="ignore",
            )
        _show_problems(f"ledger_import.done.{place}", imported, values=values)


def _rejects(imported: Imported) -> Any:
    return imported.rejects_workbook


def _counts(imported: Imported, loaded: str, updated: str, rejected: str) -> str:
    report = imported.report
    return (
        f"读到 {count(report.rows_read)} 行 = {loaded} {count(report.rows_loaded)}"
        f" ＋ {updated} {count(report.rows_updated)} ＋ {rejected} {count(report.rows_rejected)}"
    )


def _sheet_words(sheet: Any) -> str:
    name = sheet.name
    if sheet.skipped:
        return f"工作表“{name}”：未读，{sheet.skipped}"
    renamed = "、".join(
        f"{header}→{taken}" for header, taken in sheet.columns.items() if header != taken
    )
    unknown = "、".join(sheet.unknown)
    return (
        f"工作表“{name}”：第 {sheet.header_row} 行是表头，认出 {len(sheet.columns)} 列，"
        f"{count(sheet.rows_read)} 行"
        + (f"；对应为 {renamed}" if renamed else "")
        + (f"；不认识而未读的列：{unknown}" if unknown else "")
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
    titles = {kind.name: kind.title for kind in KINDS.values()}
    rows = batches.assign(
        kind=batches["kind"].map(titles),
        county=batches["county"].fillna(_WHOLE_CITY),
        imported_at=batches["imported_at"].dt.strftime("%Y-%m-%d %H:%M"),
    )
    return table(
        rows,
        [
            "imported_at",
            "kind",
            "county",
            "file_name",
            "rows_read",
            "rows_loaded",
            "rows_updated",
            "rows_rejected",
            "imported_by",
            "received_on",
        ],
    )


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-!|<>~$:" else sign for sign in text)
