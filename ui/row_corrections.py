"""The panels of one dispute and of one institution: what they say, and a county's corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from data_access import dispute_answers, institution_edits, ledger_records
from data_access.accounts import Permission, User
from data_access.ledgers.kinds import INSTITUTIONS, REFUND_DISPUTES, Kind
from data_access.row_edits import Changed
from data_access.scope import Scope
from ui import row_forms, row_panel
from ui.formatting import is_missing
from ui.load import run
from ui.row_panel import Record

_ANSWERED: Final = "已保存，市里和本县区的数字已随之更新；改动记入这一条的经过。"
Change = Callable[[User, int, int, Mapping[str, str]], Changed]


def build_dispute(conn: Any, *, scope: Scope, dispute_id: int) -> Record | None:
    """Read a dispute with what was changed in it."""
    found = ledger_records.dispute(conn, scope=scope, dispute_id=dispute_id)
    changes = ledger_records.row_changes(
        conn, scope=scope, table_name="refund_dispute", row_id=dispute_id
    )
    return row_panel.record(REFUND_DISPUTES, found, changes)


def build_institution(conn: Any, *, scope: Scope, institution_id: int) -> Record | None:
    """Read an institution with what was changed in it."""
    found = ledger_records.institution_row(conn, scope=scope, institution_id=institution_id)
    changes = ledger_records.row_changes(
        conn, scope=scope, table_name="institution", row_id=institution_id
    )
    return row_panel.record(INSTITUTIONS, found, changes)


def show_dispute(user: User, dispute_id: int | None) -> None:
    """Draw the dispute that is chosen; its county answers it."""
    if dispute_id is None:
        return
    found: Record | None = run(build_dispute, user, {"scope": user.scope, "dispute_id": dispute_id})
    if found is None:
        row_panel.may_read(user, found)
        return
    title = f"{found.words['dispute_no']}　{found.words['institution_name']}"
    _show(
        user,
        found,
        REFUND_DISPUTES,
        title=f"{title}（{found.values['county']}，现为“{found.words['status']}”）",
        name=f"dispute.{dispute_id}",
        columns=dispute_answers.COLUMNS,
        change=lambda version, cells: dispute_answers.answer(user, dispute_id, version, cells),
        labels={"answer": "处理情况（怎样化解、还差什么；不要写人名和电话）"},
        button="保存答复",
    )


def show_institution(user: User, institution_id: int | None) -> None:
    """Draw the institution that is chosen; its county corrects it."""
    if institution_id is None:
        return
    found: Record | None = run(
        build_institution, user, {"scope": user.scope, "institution_id": institution_id}
    )
    if found is None:
        row_panel.may_read(user, found)
        return
    ending = found.values["phone_ending"]
    known = "现在没有" if is_missing(ending) else f"尾号 {ending or '已隐去'}，不改留空"
    _show(
        user,
        found,
        INSTITUTIONS,
        title=f"{found.words['name']}（{found.values['county']}）",
        name=f"institution.{institution_id}",
        columns=institution_edits.COLUMNS,
        change=lambda version, cells: institution_edits.correct(
            user, institution_id, version, cells
        ),
        labels={"phone": "新的联系电话"},
        hints={"phone": known},
        button="保存更正",
    )


def _show(
    user: User,
    found: Record,
    kind: Kind,
    *,
    title: str,
    name: str,
    columns: tuple[str, ...],
    change: Callable[[int, Mapping[str, str]], Changed],
    labels: Mapping[str, str],
    button: str,
    hints: Mapping[str, str] | None = None,
) -> None:
    with st.container(border=True):
        row_panel.tell(name)
        left, right = st.columns([2, 3], gap="medium")
        with left:
            row_panel.show_record(title, kind, found.words, columns=1)
            st.markdown("**改动经过**")
            row_panel.show_history(
                found,
                key=f"{kind.name}.history",
                file_name=f"{kind.title}改动",
                alt="这一条的改动经过",
            )
        with right:
            row = found.row(name, kind)
            if not user.may(Permission.LEDGER_EDIT):
                row_forms.left_over(row)
                st.caption("这一条由所属县区更正；县区的改动会列在左边的经过里。")
                return
            fields = [kind.column(each) for each in columns]
            buttons = {"save": button}
            answer = row_forms.draw(row, fields, buttons, labels=labels, hints=hints, columns=3)
            if answer:
                row_panel.act(row, lambda: change(row.version, answer.changed), _ANSWERED)
