"""The panel of one rectification item: what it is, what became of it, and its close-out."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import streamlit as st

from analysis import rectification as judgement
from data_access import clock, item_steps, ledger_records, rectification, rectification_items
from data_access.accounts import Permission, User
from data_access.item_steps import REOPENABLE, SUBMITTABLE, VERIFIABLE
from data_access.ledgers.kinds import RECTIFICATION_EVENTS, RECTIFICATIONS, Column
from data_access.scope import Scope
from ui import row_forms, row_panel
from ui.formatting import plain
from ui.load import run
from ui.rectification import history_rows
from ui.row_forms import Answer, Row
from ui.row_panel import Record
from ui.row_words import NO, YES

_EVIDENCE: Final = RECTIFICATIONS.column("evidence")
_ACCEPTED: Final = RECTIFICATIONS.column("public_accepted")
_NOTE: Final = RECTIFICATION_EVENTS.column("note")
# By which step an item has come into a state that wants a reason.
_WHY: Final = {"returned": "退回", "reopened": "重新整改"}
_SUBMITTED: Final = "已提交，待市督查组复核；复核通过即销号，不通过会退回并写明理由。"
_CLOSED: Final = "已销号，销号日期为今天；县区可在经过中看到。"
_RETURNED: Final = "已退回，县区会看到退回的理由，整改后可再次申请销号。"
_REOPENED: Final = "已重新整改，这一项又计入未销号；县区会看到理由。"


def build(conn: Any, *, scope: Scope, as_of: date, rectification_id: int) -> Record | None:
    """Read an item with all that happened to it up to the day."""
    asked: dict[str, Any] = {"scope": scope, "rectification_id": rectification_id}
    of_day = asked | {"as_of": as_of}
    steps = judgement.history(
        rectification_items.events(conn, **of_day), rectification.incidents(conn, **of_day)
    )
    changes = ledger_records.row_changes(
        conn, scope=scope, table_name="rectification", row_id=rectification_id
    )
    found = ledger_records.item(conn, **asked)
    return row_panel.record(RECTIFICATIONS, found, changes, history_rows(steps).frame)


def show(user: User, rectification_id: int | None) -> None:
    """Draw the item that is chosen, with what this reader may do to it."""
    if rectification_id is None:
        st.caption("在名单中点选一行，这里列出该事项的全部内容、经过，以及您可以办理的事。")
        return
    asked = {
        "scope": user.scope,
        "as_of": clock.today(),
        "rectification_id": rectification_id,
    }
    found: Record | None = run(build, user, asked)
    if found is None:
        row_panel.may_read(user, found)
        return
    with st.container(border=True):
        where = found.words["institution_name"] or found.words["place_name"]
        title = "　".join(
            filter(None, [found.words["ledger_no"], where, found.words["issue_type"]])
        )
        row_panel.tell(f"item.{rectification_id}")
        row_panel.show_record(
            f"{title}（{found.values['county']}，现为“{found.words['status']}”）",
            RECTIFICATIONS,
            found.words,
            columns=2,
        )
        _work_on(user, rectification_id, found)
        st.markdown("**全部经过**")
        row_panel.show_history(
            found,
            key="rectification.history",
            file_name=f"整改经过（{found.words['ledger_no']}）",
            alt="该事项的全部经过",
        )


def _work_on(user: User, number: int, found: Record) -> None:
    state, row = found.values["status"], found.row(f"item.{number}", RECTIFICATIONS)
    if user.may(Permission.LEDGER_EDIT) and state in SUBMITTABLE:
        _submit(user, number, row, found)
    elif user.may(Permission.ITEM_VERIFY) and state in VERIFIABLE:
        _verify(user, number, row, found)
    elif user.may(Permission.ITEM_VERIFY) and state in REOPENABLE:
        _reopen(user, number, row)
    else:
        row_forms.left_over(row)
        if user.may(Permission.LEDGER_EDIT) and state in VERIFIABLE:
            st.caption("已申请销号，正待市督查组复核，不用再做什么。")


def _tell_why(step: str, found: Record) -> None:
    """Tell the county why its item is open again."""
    steps = found.history.frame
    notes = steps.loc[steps["step_written"] == step, "note"].dropna()
    if not notes.empty:
        st.warning(plain(f"{step}的理由：{notes.iloc[-1]}"), icon=":material/undo:")


def _submit(user: User, number: int, row: Row, found: Record) -> None:
    state = str(found.values["status"])
    if state in _WHY:
        _tell_why(_WHY[state], found)
    fields = [*_asks_the_public(found), _EVIDENCE]
    labels = {
        "evidence": "佐证材料（整改到什么程度，有什么为证；不要写人名和电话）",
        "public_accepted": "群众认可（问题来自举报的，认可才能销号）",
    }
    answer = row_forms.draw(row, fields, {"submit": "申请销号"}, labels=labels)
    if answer:
        row_panel.act(
            row,
            lambda: item_steps.submit(
                user,
                number,
                row.version,
                evidence=answer.said["evidence"],
                public_accepted=_accepted(answer),
            ),
            _SUBMITTED,
        )


def _verify(user: User, number: int, row: Row, found: Record) -> None:
    labels = {
        "note": "复核说明；退回的必须写明理由，县区据此整改",
        "public_accepted": "群众认可（问题来自举报的，认可才能销号）",
    }
    buttons = {"close": "复核通过，销号", "return": "退回"}
    fields = [*_asks_the_public(found), _NOTE]
    answer = row_forms.draw(row, fields, buttons, labels=labels)
    if answer is None:
        return
    note = answer.said["note"]
    if answer.pressed == "close":
        row_panel.act(
            row,
            lambda: item_steps.close(
                user, number, row.version, public_accepted=_accepted(answer), note=note
            ),
            _CLOSED,
        )
    else:
        row_panel.act(
            row, lambda: item_steps.send_back(user, number, row.version, reason=note), _RETURNED
        )


def _reopen(user: User, number: int, row: Row) -> None:
    labels = {"note": "重新整改的理由，例如问题反弹"}
    answer = row_forms.draw(row, [_NOTE], {"reopen": "重新整改"}, labels=labels)
    if answer:
        reason = answer.said["note"]
        row_panel.act(
            row, lambda: item_steps.reopen(user, number, row.version, reason=reason), _REOPENED
        )


def _asks_the_public(found: Record) -> list[Column]:
    return [_ACCEPTED] if found.values["source"] == "report" else []


def _accepted(answer: Answer) -> bool | None:
    return {YES: True, NO: False}.get(answer.said.get("public_accepted", ""))
