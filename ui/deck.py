"""Maps on a page: what was chosen on them, and what that narrows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from ui.filters import COUNTY_KEY
from ui.maps import CELLS, COUNTIES, PLACES, CompactDeck


class Picked(NamedTuple):
    """What is chosen on a map: the layer it lies on, and its key; empty for nothing."""

    layer: str = ""
    key: str = ""

    @property
    def is_cell(self) -> bool:
        """Whether it is a cell."""
        return self.layer == CELLS


def picked(key: str) -> Picked:
    """Return the place or cell chosen on the map of that key, drawn or still to be drawn."""
    for layer, objects in _objects(key).items():
        if layer in (PLACES, CELLS) and objects:
            return Picked(layer, str(objects[0].get("k", "")))
    return Picked()


def show(built: CompactDeck, *, key: str, alt: str, height: int, units: Mapping[str, str]) -> None:
    """Draw a map on which places, cells and counties can be chosen.

    A county that is chosen narrows the page as the county filter does; chosen again, no
    longer. ``units`` gives the county code of a boundary code. A map whose data change needs
    another key: the browser knows what is chosen by its position alone.
    """
    st.pydeck_chart(
        built,
        height=height,
        key=key,
        alt=alt,
        selection_mode="single-object",
        on_select=partial(_narrow, key, dict(units)),
    )


def _narrow(key: str, units: dict[str, str]) -> None:
    counties = _objects(key).get(COUNTIES)
    # A chosen county comes with its whole polygon: its code alone is read.
    code = units.get(str(counties[0].get("properties", {}).get("adcode"))) if counties else None
    if code:
        is_chosen = st.session_state.get(COUNTY_KEY) == [code]
        st.session_state[COUNTY_KEY] = [] if is_chosen else [code]


def _objects(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    objects: Mapping[str, Any] = state["selection"]["objects"] if state else {}
    return objects
