"""Judgement on violation reports: which places stand out, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import h3
import numpy as np
import pandas as pd

from analysis import wording
from analysis.indicators import SMALL_DENOMINATOR

# Cells of 5 km²: at the scale of the whole city one is about ten pixels wide.
DRAWN_CELL_RESOLUTION: Final = 7
STORED_CELL_RESOLUTION: Final = 9
CITY: Final = "柳州市"
OTHER: Final = "其他"
REPEATED_FROM: Final = 3


class PlaceState(StrEnum):
    """What came of the reports of a place."""

    REPEATED = "repeated"  # three or more were found to be true
    SUBSTANTIATED = "substantiated"  # one or two were
    PENDING = "pending"  # none yet, and not all are verified
    UNSUBSTANTIATED = "unsubstantiated"  # all are verified, none was true


@dataclass(frozen=True, slots=True)
class Totals:
    """What the reports asked for come to; counts are reports unless they say places."""

    reports: int
    verified: int
    substantiated: int
    places: int
    substantiated_places: int
    drawn: int
    borrowed: int  # drawn where other reports of their place lie
    nowhere: int  # neither they nor their place have coordinates


def judge_places(places: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """Name, judge and order places, worst first; reports without a place are left out.

    ``places`` and ``types`` are the results of ``violations.places`` and ``.place_types``.
    Worst first: most substantiated reports, then most reports, then the latest. A rate is
    never part of the order, so few cases cannot put a place on top.

    Adds ``place`` (its name, else an address, else the coordinates), ``main_type`` (the most
    frequent type; of equals the first in the alphabet), ``state`` (``PlaceState``) and
    ``rate_written`` (核实率 with its fraction; the fraction alone under ten verified).
    """
    known = places[places["place_key"].notna()]
    commonest = types.sort_values(
        ["place_key", "reports", "violation_type_group"], ascending=[True, False, True]
    ).drop_duplicates("place_key")
    main_type = known["place_key"].map(commonest.set_index("place_key")["violation_type_group"])
    state = np.select(
        [
            known["substantiated"] >= REPEATED_FROM,
            known["substantiated"] > 0,
            known["verified"] < known["reports"],
        ],
        [PlaceState.REPEATED.value, PlaceState.SUBSTANTIATED.value, PlaceState.PENDING.value],
        PlaceState.UNSUBSTANTIATED.value,
    )
    judged = known.assign(
        place=[
            called(*row)
            for row in zip(
                *(
                    known[name]
                    for name in ("county", "place_name", "address", "longitude", "latitude")
                ),
                strict=True,
            )
        ],
        main_type=main_type.astype("str"),
        state=pd.Series(state, index=known.index, dtype="str"),
        rate_written=[
            rate(*row) for row in zip(known["substantiated"], known["verified"], strict=True)
        ],
    )
    return judged.sort_values(
        ["substantiated", "reports", "latest_on", "place_key"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )


def called(
    county: str, name: str | None, address: str | None, longitude: float, latitude: float
) -> str:
    """Call a place by its name, else by an address, else by its coordinates, as far as known."""
    if name and not wording.is_missing(name):
        return name
    if address and not wording.is_missing(address):
        return address_within(county, address)
    if np.isnan(longitude):
        return wording.MISSING
    return f"东经 {longitude:.4f}° 北纬 {latitude:.4f}°"


def address_within(county: str, address: str) -> str:
    """Return an address beside its county: 柳州市融安县长安镇小雪路80号 is 长安镇小雪路80号."""
    return address.removeprefix(CITY).removeprefix(county) or address


def rate(substantiated: int, verified: int) -> str:
    """Write 核实率: ``60.0%（9/15）``, under ten verified ``3/5``, none ``—``."""
    if 0 < verified < SMALL_DENOMINATOR:
        return wording.fraction(substantiated, verified)
    return wording.share(substantiated, verified)


def totals(places: pd.DataFrame) -> Totals:
    """Add the places up, with what the map cannot show; ``places`` as the query returns it."""
    is_drawn = places["longitude"].notna()
    named = places[places["place_key"].notna()]
    drawn = int(places.loc[is_drawn, "reports"].sum())
    return Totals(
        reports=int(places["reports"].sum()),
        verified=int(places["verified"].sum()),
        substantiated=int(places["substantiated"].sum()),
        places=len(named),
        substantiated_places=int((named["substantiated"] > 0).sum()),
        drawn=drawn,
        borrowed=drawn - int(places.loc[is_drawn, "located"].sum()),
        nowhere=int(places.loc[~is_drawn, "reports"].sum()),
    )


def headline(judged: pd.DataFrame, found: Totals) -> str:
    """Say in one sentence where it is worst; ``judged`` by :func:`judge_places`."""
    if found.reports == 0:
        return "所选范围内没有举报"
    if judged.empty:
        return f"{wording.count(found.reports)} 件举报都没有写明地点"
    worst = judged.iloc[0]
    if worst["substantiated"] == 0:
        most = f"举报最多的是{_named(worst)}（{worst['reports']} 件）"
        return f"{wording.count(found.places)} 处有举报，尚无查实；{most}"
    found_true = f"{wording.count(found.substantiated_places)} 处查实"
    equals = judged[judged["substantiated"] == worst["substantiated"]]
    if len(equals) > 1:
        names = wording.listed([_named(row) for _, row in equals.head(2).iterrows()])
        more = f"等 {len(equals)} 处" if len(equals) > 2 else ""
        most = f"属实最多的是{names}{more}，各 {worst['substantiated']} 件"
    else:
        most = (
            f"属实最多的是{_named(worst)}：{worst['reports']} 件举报，"
            f"核实率 {worst['rate_written']}"
        )
    return f"{wording.count(found.places)} 处有举报，{found_true}；{most}"


def _named(place: pd.Series) -> str:
    return f"{place['county']}{place['place']}"


def largest_types(judged: pd.DataFrame, *, at_most: int) -> tuple[str, ...]:
    """Return the types that most places are mainly reported for, the most frequent first.

    其他 is no type of its own.
    """
    named = judged[judged["main_type"] != OTHER]
    counts = named.groupby("main_type").size().reset_index(name="places")
    ordered = counts.sort_values(["places", "main_type"], ascending=[False, True])
    return tuple(ordered["main_type"].head(at_most))


def drawn_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Add the cells of ``violations.cells`` up to the size in which they are drawn.

    Returns one row per cell of resolution 7, most reports first: ``cell``, the three counts
    and ``rate_written``, as :func:`judge_places` writes it.
    """
    parents = [h3.cell_to_parent(cell, DRAWN_CELL_RESOLUTION) for cell in cells["cell"]]
    counts = ["reports", "verified", "substantiated"]
    summed = cells.assign(cell=pd.Series(parents, index=cells.index, dtype="str"))
    drawn = summed.groupby("cell", as_index=False)[counts].sum()
    return drawn.assign(
        rate_written=[
            rate(*row) for row in zip(drawn["substantiated"], drawn["verified"], strict=True)
        ]
    ).sort_values(["reports", "cell"], ascending=[False, True], ignore_index=True)


def stored_cells(drawn: str) -> tuple[str, ...]:
    """Return the stored cells (resolution 9) within a drawn one; none for what is no cell."""
    if not h3.is_valid_cell(drawn):
        return ()
    return tuple(h3.cell_to_children(drawn, STORED_CELL_RESOLUTION))
