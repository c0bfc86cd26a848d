"""Figures as cards: value, fraction, change, thirteen weeks, and the way to the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from analysis.indicators import Indicator
from ui import formatting
from ui.address import go
from ui.navigation import MenuEntry


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, ready to draw.

    ``rows`` are the address parameters under which the page of ``entry`` lists what was
    counted; without ``entry`` the rows are on the page of the card itself.
    """

    label: str
    value: str
    change: str
    is_worse: bool | None
    course: tuple[float, ...]
    link: str
    entry: MenuEntry | None
    rows: tuple[tuple[str, str], ...] = ()


def share_card(label: str, figure: Indicator, link: str, entry: MenuEntry, **rows: str) -> Card:
    """Return the card of a share; ``link`` says the fraction."""
    return Card(
        label,
        formatting.percent(figure.value),
        formatting.points(figure.change),
        figure.worse,
        tuple(round(value * 100, 1) for value in figure.course if value == value),
        link,
        entry,
        tuple(rows.items()),
    )


def count_card(
    label: str, figure: Indicator, unit: str, link: str, entry: MenuEntry | None, **rows: str
) -> Card:
    """Return the card of a count."""
    return Card(
        label,
        f"{formatting.count(figure.value)} {unit}",
        formatting.change(figure.change, unit),
        figure.worse,
        figure.course,
        link,
        entry,
        tuple(rows.items()),
    )


def show(cards: list[Card], address: dict[str, Any]) -> bool:
    """Draw the cards side by side, and under them the way to the rows of each.

    A card without ``entry`` has its rows on this page: return whether they are asked for.
    ``address`` are the parameters of the shared filters (``filters.address``).
    """
    for column, card in zip(st.columns(len(cards), gap="small"), cards, strict=True):
        column.metric(
            card.label,
            card.value,
            card.change,
            delta_color="red" if card.is_worse else "gray",
            delta_arrow="off",
            chart_data=card.course,
            border=True,
            height="stretch",  # one without a course is as high as its neighbours
        )
    links = {card.link: card for card in cards}
    chosen = st.segmented_control(
        "看明细",
        list(links),
        key="rows",
        label_visibility="collapsed",
        width="stretch",
        bind="query-params",
    )
    if chosen is None:
        return False
    card = links[chosen]
    if card.entry is not None:
        go(card.entry.script, {**address, **dict(card.rows)})
    return True
