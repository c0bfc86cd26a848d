"""Judgement on what meetings decided: done, open or late, and the sentence that says so."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import pandas as pd

from analysis.wording import count, day

_OTHERS: Final = (("notice", "查处通报"), ("accountability", "追责问责"))


class State(StrEnum):
    """What became of a decision."""

    DONE = "done"
    OPEN = "open"
    OVERDUE = "overdue"


def standing(decisions: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Say what became of each decision by ``as_of``.

    ``decisions`` is ``data_access.decisions.decisions`` as of that day. Overdue is what is not
    done and whose last day is past; what has no term is never overdue.

    Returns ``decisions`` with ``state`` (str, code of :class:`State`).
    """
    is_done = decisions["done_on"] <= pd.Timestamp(as_of)
    is_late = ~is_done & (decisions["due_on"] < pd.Timestamp(as_of))
    state = pd.Series(str(State.OPEN), index=decisions.index, dtype="str")
    state = state.mask(is_done, str(State.DONE)).mask(is_late, str(State.OVERDUE))
    return decisions.assign(state=state)


def sentence(decisions: pd.DataFrame, *, as_of: date, week: date) -> str:
    """Say what became of what the meeting of ``week`` decided.

    As in ``上次会议（8 月 18 日）3 项决定：完成 1 项，未到期 1 项，逾期 1 项。``
    """
    of_week = standing(decisions[decisions["week"] == pd.Timestamp(week)], as_of=as_of)
    begins = f"上次会议（{day(week, beside=as_of)}）"
    decided = of_week[of_week["kind"] == "decision"]
    numbers = of_week["kind"].value_counts()
    others = "、".join(
        f"{word} {count(numbers[kind])} 件" for kind, word in _OTHERS if kind in numbers.index
    )
    if decided.empty:
        return f"{begins}没有会议决定，有{others}。" if others else f"{begins}没有登记决定。"
    also = f"；另有{others}" if others else ""
    return f"{begins}{count(len(decided))} 项决定{_became(decided)}{also}。"


def _became(decided: pd.DataFrame) -> str:
    is_done, is_late = (decided["state"] == str(state) for state in (State.DONE, State.OVERDUE))
    has_no_term = ~is_done & decided["due_on"].isna()
    parts = {
        "完成": int(is_done.sum()),
        "未到期": int((~is_done & ~is_late & ~has_no_term).sum()),
        "未定期限": int(has_no_term.sum()),
        "逾期": int(is_late.sum()),
    }
    if parts["完成"] == len(decided):
        return "全部完成" if len(decided) > 1 else "已完成"
    if parts["逾期"] == len(decided):
        return "全部逾期" if len(decided) > 1 else "已逾期"
    return "：" + "，".join(f"{word} {count(n)} 项" for word, n in parts.items() if n)
