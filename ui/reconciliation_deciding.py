"""Deciding on the page of 底数比对: one pair after the other by keys, and what to undo."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import wording
from analysis.reconciliation_differences import side_by_side
from data_access import roster_decisions as deciding
from data_access import vocabulary
from data_access.accounts import Permission, User
from data_access.roster_decisions import DIFFERENT, LONGEST_REASON, SAME, Pair
from ui.filters import Filters
from ui.formatting import plain
from ui.reconciliation import CERTAINTY, View
from ui.saving import save

YES, NO, LATER, UNDO = "1", "2", "3", "0"
_SAID: Final = "reconciliation.said"
_LATER: Final = "reconciliation.later"
_LAST: Final = "reconciliation.last"
_SHOWN: Final = "reconciliation.shown"
_VERSIONED: Final = ["entry_id", "institution_id", "list_row_version", "ledger_row_version"]
_SOURCES: Final = vocabulary.first_words(vocabulary.ROSTER_SOURCE)


def show_queue(view: View, user: User, chosen: Filters) -> None:
    """Show the next pair to decide, its records side by side, and what to answer by keys."""
    said = st.session_state.pop(_SAID, None)
    pair = _next(view.pairs)
    _tell_of_changes((user.email, chosen.as_of, chosen.counties), view.pairs, pair, said=said)
    with st.container(border=True):
        if pair is None:
            st.markdown("**没有待判定的对子**")
            st.caption("名单里剩下的行，台账里都没有相近的机构；见下面“台账没有”。")
        else:
            _show_pair(pair, len(view.pairs))
        with st.container(horizontal=True):
            if pair is not None:
                _answers(user, pair)
            _undo(user)
        if said:
            st.caption(plain(said))


def act_on(name: str, row: dict[str, Any] | None, user: User) -> None:
    """Offer what can be done with the chosen row of a list."""
    if row is None or not user.may(Permission.RECONCILIATION_DECIDE):
        return
    if name == "missing":
        _dismissing(user, row)
    elif name == "dismissed":
        number, version = int(row["id"]), int(row["row_version"])
        st.markdown(f"已排除：{plain(str(row['name']))}")
        if st.button("恢复，重新参加比对", key=f"reconciliation.restore.{number}.{version}"):
            save(_SAID, lambda: deciding.restore(user, number, version), f"已恢复：{row['name']}")
    elif name == "decided":
        _reconsidering(user, row)


def _next(pairs: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first pair that was not put off, else the first that was."""
    if pairs.empty:
        return None
    put_off: list[Hashable] = st.session_state.get(_LATER, [])
    is_later = [
        key in put_off for key in zip(pairs["entry_id"], pairs["institution_id"], strict=True)
    ]
    if all(is_later):
        st.session_state[_LATER] = []
        return {**pairs.iloc[0]}
    return {**pairs.iloc[is_later.index(False)]}


def _tell_of_changes(
    asked: tuple[Any, ...], pairs: pd.DataFrame, pair: dict[str, Any] | None, *, said: str | None
) -> None:
    """Say that the pair on this screen was decided, or changed, by somebody else meanwhile."""
    before = st.session_state.get(_SHOWN)
    seen = pairs[_VERSIONED].itertuples(index=False, name=None)
    if said is None and before is not None and before[0] == asked and before[1] not in set(seen):
        st.warning(
            "刚才那一对已由他人判定，或两边的记录有改动。您刚才的操作没有执行，请看下面的。",
            icon=":material/sync_problem:",
        )
    key = None if pair is None else tuple(pair[name] for name in _VERSIONED)
    st.session_state[_SHOWN] = None if key is None else (asked, key)


def _show_pair(pair: dict[str, Any], left: int) -> None:
    number = "" if wording.is_missing(pair["list_entry_no"]) else f" {pair['list_entry_no']}"
    words = f"还有 {wording.count(left)} 对。{CERTAINTY[pair['certainty']]}是同一家："
    st.markdown(f"**{plain(words)}** {plain(pair['why_suggested'])}")
    lines = side_by_side(_side(pair, "list_"), _side(pair, "ledger_"))
    # Two columns of texts leave room for both on a telephone; how they compare stands in words.
    columns = ("比对", f"{_SOURCES[pair['list_source']]}名单{number}", "机构台账")
    cells = [
        [_unbroken(line.title, line.compared), plain(line.on_list), plain(line.in_ledger)]
        for line in lines
    ]
    st.table(pd.DataFrame(cells, columns=[plain(each) for each in columns]).set_index("比对"))
    state = vocabulary.OPERATING_STATUS[pair["ledger_operating_status"]][0]
    gone = pair["ledger_deregistered_on"]
    since = "" if wording.is_missing(gone) else f"（{wording.day(gone)}）"
    st.caption(plain(f"【】里是两边不同的字。台账状态：{state}{since}。"))


def _unbroken(*words: str) -> str:
    """Write words of our own so that a narrow column breaks between them alone."""
    return " ".join("\u2060".join(plain(word)) for word in words)


def _side(pair: dict[str, Any], prefix: str) -> dict[str, Any]:
    names = ("name", "address", "phone", "licence_no", "credit_code", "county")
    return {name: pair[f"{prefix}{name}"] for name in names}


def _answers(user: User, pair: dict[str, Any]) -> None:
    seen = Pair(
        int(pair["entry_id"]),
        int(pair["institution_id"]),
        int(pair["list_row_version"]),
        int(pair["ledger_row_version"]),
    )
    # Known by the pair as it was seen: a key pressed for one pair never answers another.
    key = f"reconciliation.{seen.entry}.{seen.institution}.{seen.entry_version}"
    key = f"{key}.{seen.institution_version}"
    for label, verdict, shortcut, kind in (
        ("是同一家", SAME, YES, "primary"),
        ("不是同一家", DIFFERENT, NO, "secondary"),
    ):
        if st.button(label, key=f"{key}.{verdict}", shortcut=shortcut, type=kind):  # type: ignore[arg-type]
            _decide(user, seen, verdict, str(pair["list_name"]))
    if st.button("先跳过", key=f"{key}.later", shortcut=LATER):
        put_off = [*st.session_state.get(_LATER, []), (seen.entry, seen.institution)]
        st.session_state[_LATER] = put_off
        st.rerun()


def _decide(user: User, seen: Pair, verdict: str, name: str) -> None:
    word = vocabulary.ROSTER_VERDICT[verdict][0]

    def decide() -> None:
        st.session_state[_LAST] = (user.email, deciding.decide(user, seen, verdict), name, word)

    save(_SAID, decide, f"已判定“{word}”：{name}")


def _undo(user: User) -> None:
    last = st.session_state.get(_LAST)
    if last is None or last[0] != user.email:
        return
    _, number, name, word = last
    if st.button("撤回上一个", key=f"reconciliation.undo.{number}", shortcut=UNDO, type="tertiary"):
        del st.session_state[_LAST]
        said = f"已撤回“{word}”：{name}"
        save(_SAID, lambda: deciding.take_back(user, number, 1), said)


def _dismissing(user: User, row: dict[str, Any]) -> None:
    number, version = int(row["id"]), int(row["row_version"])
    with st.form(f"reconciliation.dismiss.{number}.{version}", border=True):
        st.markdown(f"排除这一行：{plain(str(row['name']))}")
        reason = st.text_input(
            "排除的理由", max_chars=LONGEST_REASON, placeholder="例如：不是培训机构；已搬离本市"
        )
        if st.form_submit_button("排除，不再比对"):
            what = f"已排除：{row['name']}"
            save(_SAID, lambda: deciding.dismiss(user, number, version, reason or ""), what)


def _reconsidering(user: User, row: dict[str, Any]) -> None:
    number, version = int(row["id"]), int(row["row_version"])
    names = f"{row['list_name']} ／ {row['ledger_name']}"
    other = DIFFERENT if row["verdict"] == SAME else SAME
    word = vocabulary.ROSTER_VERDICT[other][0]
    key = f"reconciliation.decided.{number}.{version}"
    st.markdown(f"已判定“{plain(str(row['verdict_word']))}”：{plain(names)}")
    with st.container(horizontal=True):
        if st.button(f"改判为“{word}”", key=f"{key}.change"):
            save(
                _SAID,
                lambda: deciding.change(user, number, version, other),
                f"已改判“{word}”：{names}",
            )
        if st.button("撤回，以后再问", key=f"{key}.back"):
            save(_SAID, lambda: deciding.take_back(user, number, version), f"已撤回：{names}")
