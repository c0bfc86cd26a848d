"""Deregistered institutions that teach on, as a table."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import wording
from analysis.deregistered import AT_PLACE, Proofs, beside, places, still_teaching, summary
from data_access import evidence
from data_access.reference import UNITS
from data_access.scope import Scope
from ui import tables
from ui.formatting import plain
from ui.tables import Table, table

TITLE: Final = "假注销真运营"
_COUNTIES: Final = {unit.code: unit.name for unit in UNITS}
_LATEST: Final = 20  # a cell with more of them nobody reads; the map lists every report of a place
_CERTAIN: Final = {True: "已查实", False: "尚在核实"}


def build(
    conn: Any, *, scope: Scope, as_of: date, categories: tuple[str, ...]
) -> tuple[str, Table]:
    """Return how many deregistered institutions teach on, in words, and the table of them."""
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of}
    proofs = Proofs(**evidence.teaching_on(conn, **asked))
    found = still_teaching(proofs, as_of)
    there = places(found)
    if there:
        near = evidence.at_places(conn, **asked, places=there, latest=AT_PLACE)
        found = still_teaching(beside(proofs, near), as_of)
    if categories:
        found = found[found["category"].isin(categories)]
    return summary(found), rows(found)


def show(found: tuple[str, Table]) -> None:
    """Draw what :func:`build` returned."""
    said, listed = found
    st.subheader(plain(said), anchor=False)
    if not listed.empty:
        tables.show(listed, key="deregistered", alt=TITLE, file_name=TITLE, height=320)


def rows(frame: pd.DataFrame) -> Table:
    """List institutions, most evidence first; ``frame`` is `deregistered.still_teaching`."""
    return table(
        frame.assign(
            county=frame["county_code"].map(_COUNTIES),
            place=frame["place_name"].fillna(frame["address"]),
            certainty=frame["is_certain"].map(_CERTAIN),
            evidence_written=frame["headline"],
            signs_written=pd.Series(
                [_written(*each) for each in zip(frame["signs"], frame["is_cut"], strict=True)],
                index=frame.index,
                dtype="str",
            ),
        ),
        [
            *("county", "name", "certainty", "evidence_written", "last_on", "deregistered_on"),
            *("place", "signs_written"),
        ],
        wide=["evidence_written", "signs_written"],
    )


def _written(texts: list[str], is_cut: bool) -> str:
    """Write the latest signs, by day, and before them how many more there are."""
    earlier = len(texts) - _LATEST
    at_least = "以上" if is_cut else ""
    more = [f"更早的 {wording.count(earlier)} 条{at_least}略"] if earlier > 0 else []
    return "；".join([*more, *texts[-_LATEST:]])
