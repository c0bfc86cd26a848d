"""Reports that can be chosen, and of the chosen one what its reporter said: masked, or revealed.

Words that were revealed stay in their reader's own session, for the one report that is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

import streamlit as st

from data_access.accounts import Permission, User
from data_access.reveals import (
    LEAST_REASON,
    LONGEST_REASON,
    Masked,
    NotRevealedError,
    Revealed,
    masked,
    reveal,
)
from ui import errors, pager, tables
from ui.load import fresh
from ui.tables import Table
from ui.violation_rows import height_of

_SHOWN: Final = "reporters.shown"


class _Shown(NamedTuple):
    """What is revealed, and the list in which its report is chosen."""

    of_list: str
    revealed: Revealed


def show_pages(user: User, total: int, read: Callable[..., Table], *, key: str, name: str) -> None:
    """Draw a page of ``total`` reports, as :func:`show` draws a list; ``name`` is the file's, too.

    ``read`` returns the page that begins with the row ``first``, counted from 0.
    """
    first = pager.first_row(total, key=f"{key}.page")
    show(user, read(first=first), key=key, file_name=name, alt=name)


def show(user: User, reports: Table, *, key: str, file_name: str, alt: str) -> None:
    """Draw a list of reports; of the one that is chosen, what its reader may know of the reporter.

    Who may not even know that a reporter said something chooses none.
    """
    may_choose = user.may(Permission.REPORTER_VIEW)
    numbers = "\n".join(reports.frame["report_no"])
    # What is chosen is known by its place alone, so other rows are another list.
    list_key = f"{key}.{_digest(numbers)}" if may_choose else key
    if may_choose:
        st.caption("选中一行，看该件有无举报内容和电话；原文默认隐去。")
    row = tables.show(
        reports,
        key=list_key,
        file_name=file_name,
        alt=alt,
        height=height_of(reports),
        select=may_choose,
    )
    chosen = None if row is None else str(reports.frame["report_no"].iloc[row])
    _forget_all_but(user, file_name, chosen)
    if chosen is None:
        return
    asked = {"scope": user.scope, "report_no": chosen}
    found = fresh(masked, user, asked)
    if found is not None:
        with st.container(border=True):
            _show_one(user, found, file_name)


def _forget_all_but(user: User, of_list: str, report_no: str | None) -> None:
    shown: _Shown | None = st.session_state.get(_SHOWN)
    if shown is None:
        return
    is_another = shown.of_list == of_list and shown.revealed.report_no != report_no
    if is_another or not user.may(Permission.REPORTER_REVEAL):
        del st.session_state[_SHOWN]


def _show_one(user: User, found: Masked, of_list: str) -> None:
    st.text(f"线索 {found.report_no}")
    shown: _Shown | None = st.session_state.get(_SHOWN)
    here = (of_list, found.report_no)
    if shown is not None and (shown.of_list, shown.revealed.report_no) == here:
        _show_revealed(shown.revealed)
        return
    st.text(f"举报内容：{_words(found)}\n举报人电话：{_phone(found)}")
    if found.words is None and found.ending is None:
        return
    if user.may(Permission.REPORTER_REVEAL):
        _ask(user, found.report_no, of_list)
    else:
        st.caption("举报人的原话和电话只有市督查组可以查看。")


def _words(found: Masked) -> str:
    return "没有填写" if found.words is None else f"内容已隐去，{found.words:,} 字"


def _phone(found: Masked) -> str:
    if found.ending is None:
        return "没有留"
    return f"已隐去，末两位 {found.ending}" if found.ending else "已隐去"


def _show_revealed(revealed: Revealed) -> None:
    st.text(f"举报内容：{revealed.words or '没有填写'}\n举报人电话：{revealed.phone or '没有留'}")
    st.caption("本次查看已记入访问日志。另选一条即隐去。")
    if st.button("隐去原文", key="reporters.hide"):
        del st.session_state[_SHOWN]
        st.rerun()


def _ask(user: User, report_no: str, of_list: str) -> None:
    with st.form(f"reporters.{_digest(of_list + report_no)}", border=False):
        reason = st.text_input(
            f"查看原因（至少 {LEAST_REASON} 个字，记入访问日志）", max_chars=LONGEST_REASON
        )
        asked = st.form_submit_button("查看原文", icon=":material/visibility:")
    if not asked:
        return
    try:
        revealed = reveal(user, report_no=report_no, reason=reason)
    except NotRevealedError as refused:
        number = f"（编号 {errors.logged(refused.__cause__)}）" if refused.__cause__ else ""
        st.error(f"{refused}{number}")
        return
    st.session_state[_SHOWN] = _Shown(of_list, revealed)
    st.rerun()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
