"""Of which time: the last reporting weeks, or from a day to a day."""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from data_access.weeks import first_day, last_weeks
from ui import downloads, filters

OWN: Final = "own"
SPANS: Final = {"13": "近 13 周", "4": "近 4 周", "1": "本周", OWN: "自定起止"}


def choose(as_of: date) -> tuple[date, date]:
    """Draw the choice of a time and return its first and last day, none after ``as_of``.

    A week is a reporting week, Friday to Thursday; the last one ends with ``as_of``.
    Addresses carry the choice as ``?period=近 4 周`` or as ``?period=自定起止&since=…&until=…``.
    """
    since, until = _choose(as_of)
    downloads.narrowed("时间", f"{since} 至 {until}")
    return since, until


def _choose(as_of: date) -> tuple[date, date]:
    span = filters.one_of("时间", SPANS, key="period")
    if span != OWN:
        return first_day(last_weeks(as_of, int(span))[0]), as_of
    first = st.date_input("自", value=first_day(as_of), key="since", bind="query-params")
    last = st.date_input("至", value=as_of, key="until", bind="query-params")
    days = sorted(min(day, as_of) for day in (first, last) if isinstance(day, date))
    return (days[0], days[-1]) if days else (as_of, as_of)
