"""The filters of 违规地图 that other pages do not have."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from hashlib import sha256
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data_access import vocabulary
from ui import filters, period
from ui.filters import Filters
from ui.violation_map import COLOURS, SIGHTS

_TYPES = {word: word for word in vocabulary.VIOLATION_TYPES}
_CHANNELS = {word: word for word in vocabulary.CHANNELS}


def choose(as_of: date) -> dict[str, Any]:
    """Draw time, type, channel and state in one line; return what ``violations.Asked`` takes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since, until = period.choose(as_of)
        types = filters.options("违规类型", _TYPES, key="type")
        channels = filters.options("举报渠道", _CHANNELS, key="channel")
        states = filters.words("办理状态", vocabulary.REPORT_STATUS, key="state")
    return {
        "since": since,
        "until": until,
        "types": types,
        "channels": channels,
        "states": states,
    }


def look(where: DeltaGenerator) -> tuple[str, str]:
    """Draw how the map is coloured and where it looks at first; return both codes."""
    with where, st.container(horizontal=True):
        colour = filters.one_of("着色", COLOURS, key="colour")
        sight = filters.one_of("视野", SIGHTS, key="sight")
    return colour, sight


def map_key(chosen: Filters, asked: dict[str, Any]) -> str:
    """Return a key that changes with the places on the map, not with how they look."""
    digest = sha256(repr((astuple(chosen), sorted(asked.items()))).encode()).hexdigest()
    return f"violations.{digest[:12]}"
