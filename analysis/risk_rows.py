"""To which unit a fact belongs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def rows_of(units: pd.DataFrame, facts: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return for each fact the position of its unit in ``units``; -1: of none of them.

    The institution it is tied to; where it is tied to none, the place it names. ``facts``
    have ``institution_id`` and may have ``place_key``.
    """
    is_place = units["institution_id"].isna().to_numpy()
    linked = facts["institution_id"].astype("Int64").fillna(-1).to_numpy(dtype="int64")
    institutions = np.flatnonzero(~is_place)
    ids = pd.Index(units["institution_id"].to_numpy(dtype="int64", na_value=-1)[institutions])
    rows = _found(institutions, ids.get_indexer(pd.Index(linked)))
    if "place_key" not in facts:
        return rows
    places = np.flatnonzero(is_place)
    keys = pd.Index(units["place_key"].to_numpy(dtype="object")[places])
    wanted = facts["place_key"].to_numpy(dtype="object")
    wanted[facts["place_key"].isna().to_numpy()] = ""
    at_places = _found(places, keys.get_indexer(pd.Index(wanted)))
    is_tied = linked >= 0
    return np.where(is_tied, rows, at_places)


def _found(positions: npt.NDArray[np.int64], at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if not len(positions):
        return np.full(len(at), -1, dtype="int64")
    return np.where(at >= 0, positions[at], -1)
