"""Maps on a page: what was chosen on them, and what that narrows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

import streamlit as st

from ui.filters import COUNTY_KEY
from ui.maps import CELLS, COUNTIES, PLACES, CompactDeck, focused_on

HEIGHT: Final = 440  # pixels


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


def show(
    built: CompactDeck,
    *,
    key: str,
    alt: str,
    units: Mapping[str, str],
    at: tuple[float, float] | None = None,
) -> None:
    """Draw a map on which places, cells and counties can be chosen.

    It goes to the point ``at`` and rings it, and stays there when nothing is to be ringed any
    more: a choice on the map must not take the map away. A county that is chosen narrows the
    page as the county filter does; chosen again, no longer. ``units`` gives the county code
    of a boundary code. A map whose data change needs another key: the browser knows what is
    chosen by its position alone.
    """
    begins_at = built.specification["initialViewState"]
    stay_key = f"{key}.stay"
    if at:
        st.session_state[stay_key] = (at, begins_at)
    stay, began_at = st.session_state.get(stay_key, (None, None))
    if stay and began_at == begins_at:
        built = focused_on(built, *stay, ringed=at is not None)
    st.pydeck_chart(
        built,
        height=HEIGHT,
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
