"""The access log on pages: what to look for, and events in words instead of codes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access import account_changes, audit, clock
from data_access.accounts import ROLE_WORDS, User
from data_access.audit import Action, Wanted
from data_access.connections import reading
from data_access.ledgers.workbooks import SENT
from ui import downloads, filters
from ui.accounts import county_names, everyone
from ui.exports.excel import to_excel
from ui.formatting import count, full_day
from ui.labels import LABELS
from ui.navigation import ENTRIES
from ui.tables import Table, table

SHOWN: Final = 500
MOST_EXPORTED: Final = 50_000
COLUMNS: Final = ["at", "email", "action", "target", "detail"]
COMMAND_LINE: Final = "命令行"
_OWN: Final = "own"
_SPANS: Final = {"7": "近 7 天", "1": "今天", "30": "近 30 天", _OWN: "自定起止"}

# What the detail of an event holds, in the order in which it is read; then what LABELS name.
TITLES: Final = {
    "why": "原因",
    "reason": "理由",
    "what": "内容",
    "rows": "行数",
    "columns": "改动的列",
    "filters": "筛选",
    "sender": "报送人",
    "drawn_order": "抽签次序",
    "stop": "停靠点编号",
    "seed": "种子",
    "digest": "摘要",
}
WHY: Final = {
    "page": "没有该页面的权限",
    "export": "账号已变动，不能下载",
    "no_account": "没有账号",
    "inactive": "账号已停用",
    "ended": "登录已退出",
    "expired": "登录已到时限",
    "unreadable": "文件没有读成",
    "reveal": "账号已变动，不能查看原文",
    "visit:plan": "账号已变动，不能办理暗访计划",
    "visit:record": "账号已变动，不能登记暗访结果",
}


def ask(user: User) -> Wanted:
    """Ask which events are wanted; addresses carry the choice."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        since, until = _period(clock.today())
    who, what, search = right.columns(3)
    known = [COMMAND_LINE, *everyone(user)["email"]]
    email = who.selectbox(
        "账号",
        known,
        index=None,
        placeholder="全部",
        key="by",
        bind="query-params",
    )
    with what:
        actions = filters.options("动作", audit.WORDS, key="action")
    text = search.text_input(
        "查找",
        key="find",
        placeholder="账号、对象、说明",
        max_chars=60,
        bind="query-params",
    )
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    downloads.narrowed("日期", f"{since} 至 {until}")
    downloads.narrowed("账号", email or "")
    downloads.narrowed("查找", text)
    is_command_line = email == COMMAND_LINE
    return Wanted(
        since,
        until,
        email=None if is_command_line else email,
        by_command_line=is_command_line,
        actions=actions,
        text=text,
        words={**_PAGES, **WHY, **_LEDGERS, **ROLE_WORDS, **county_names(user)},
    )


def _period(today: date) -> tuple[date, date]:
    span = filters.one_of("时间", _SPANS, key="span")
    if span != _OWN:
        return today - timedelta(days=int(span) - 1), today
    left, right = st.columns(2)
    first = left.date_input(
        "自", value=today, max_value=today, key="log_since", bind="query-params"
    )
    last = right.date_input(
        "至", value=today, max_value=today, key="log_until", bind="query-params"
    )
    since, until = (day if isinstance(day, date) else today for day in (first, last))
    return min(since, until), max(since, until)


def found(user: User, wanted: Wanted) -> tuple[int, Table]:
    """Return how many events are wanted, and the newest of them as a table."""
    with reading(user) as conn:
        number = audit.count_events(conn, by=user, wanted=wanted)
        rows = audit.events(conn, by=user, wanted=wanted, limit=SHOWN)
    return number, event_table(rows, county_names(user))


def headline(wanted: Wanted, number: int, shown: int) -> str:
    """Return how many events there are, and how many of them are shown."""
    days = full_day(wanted.since)
    if wanted.until != wanted.since:
        days += f"至 {full_day(wanted.until)}"
    if not number:
        return f"{days}没有符合条件的记录"
    return f"{days}共 {count(number)} 条" + (
        f"，显示前 {count(shown)} 条" if shown < number else ""
    )


def offer_all(user: User, wanted: Wanted, number: int) -> None:
    """Offer all events that are wanted as a file, the newest where they are too many."""
    rows = min(number, MOST_EXPORTED)
    names = county_names(user)

    def make() -> bytes:
        with reading(user) as conn:
            events = audit.events(conn, by=user, wanted=wanted, limit=rows)
        return to_excel(in_words(events, names), COLUMNS, sheet="访问日志")

    downloads.button(
        f"导出全部 {count(rows)} 条" if rows == number else f"导出前 {count(rows)} 条",
        make,
        file_name="访问日志_全部.xlsx",
        what="访问日志",
        rows=rows,
        key="access_log.all",
        tertiary=True,
    )


def of_account(user: User, email: str) -> Table:
    """List what an account did and what was done to it, the newest events of it."""
    with reading(user) as conn:
        rows = audit.events_about(conn, by=user, email=email, limit=SHOWN)
    return event_table(rows, county_names(user))


def headline_of_account(shown: int) -> str:
    """Return what :func:`of_account` lists, and whether there may be more."""
    return f"这个账号的访问记录{f'（最近 {count(shown)} 条）' if shown >= SHOWN else ''}"


def event_table(events: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """List events; ``names`` are the counties' by their codes."""
    built = table(in_words(events, names), COLUMNS)
    widths = {"at": 150, "email": 180, "action": 95, "target": 220, "detail": 325}
    config = {LABELS[name]: st.column_config.Column(width=px) for name, px in widths.items()}
    return replace(built, config=config)


def in_words(events: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return events, as ``audit.events`` does, in words."""
    return pd.DataFrame(
        {
            "at": events["at"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "email": events["email"].fillna(COMMAND_LINE),
            "action": events["action"].map(audit.WORDS).fillna("其他"),
            "target": [
                _PAGES.get(target, target) if action == Action.REFUSED else target
                for action, target in zip(events["action"], events["target"], strict=True)
            ],
            "detail": pd.Series(
                [detail_in_words(detail, names) for detail in events["detail"]], dtype="str"
            ),
        }
    )


def detail_in_words(detail: object, names: Mapping[str, str]) -> str | None:
    """Return the detail of an event, which the log keeps as JSON, as somebody reads it."""
    if not isinstance(detail, str):
        return None
    try:
        said = json.loads(detail)
    except ValueError:
        return detail
    if not isinstance(said, dict):
        return detail
    parts = []
    if isinstance(said.get("new"), dict):
        old = said.get("old")
        parts.append(
            account_changes.in_words(old if isinstance(old, dict) else None, said["new"], names)
        )
    for key in sorted(said, key=lambda key: _ORDER.get(key, len(_ORDER))):
        words = "" if key in {"old", "new"} else _value(key, said[key], names)
        if words:
            title = TITLES.get(key) or LABELS.get(key)
            parts.append(f"{title}：{words}" if title else words)
    return "；".join(parts) or None


def _value(key: str, value: Any, names: Mapping[str, str]) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return count(value)
    if isinstance(value, Mapping):
        return "，".join(f"{name} {_value('', each, names)}" for name, each in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "、".join(_value(key, each, names) for each in value)
    words: Mapping[str, str] = {"why": WHY, "kind": _LEDGERS, "county": names}.get(key, {})
    return words.get(value, str(value))


_ORDER: Final = {key: place for place, key in enumerate(TITLES)}
_PAGES: Final = {entry.url_path: entry.title for entry in ENTRIES}
_LEDGERS: Final = {kind.name: kind.title for kind in SENT.values()}
