"""A row of figures, each with its change and a word on what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

AGAINST: Final = "较上周"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it is written.

    ``change`` is the written change since the week before; ``worse`` makes it red, which is
    for what is late, broken or relapsed. ``note`` says what is counted, and as of when.
    """

    label: str
    value: str
    note: str
    change: str | None = None
    worse: bool = False


def show(figures: Sequence[Figure]) -> None:
    """Draw the figures side by side."""
    with st.container(horizontal=True, gap="small"):
        for figure in figures:
            st.metric(
                figure.label,
                figure.value,
                delta=figure.change,
                delta_color="red" if figure.worse else "gray",
                # The written change has its sign; an arrow would say it twice.
                delta_arrow="off",
                delta_description=AGAINST if figure.change else None,
                help=figure.note,
            )
