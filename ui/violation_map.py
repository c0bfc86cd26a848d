"""What the page 违规地图 shows: map, legend and list of places, and the words around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import violations as judgement
from analysis.violations import Totals
from data_access.reference import County
from ui import maps
from ui.charts.base import spec
from ui.charts.violations import legend
from ui.deck import Picked
from ui.formatting import count, day, full_day, share
from ui.map_files import boundaries
from ui.map_views import crowded_view, whole_view
from ui.maps import CompactDeck
from ui.tables import Table
from ui.violation_rows import MOST_PLACES, place_rows

COLOURS: Final = {"state": "按结果着色", "type": "按类型着色"}
SIGHTS: Final = {"whole": "全部范围", "crowd": "密集处"}
RATE: Final = "核实率 = 属实 ÷ 已核实，已核实不足 10 件的只列分数，不参与排名。"


class View(NamedTuple):
    """What the page shows before anything is chosen on it."""

    headline: str
    notes: str
    legend: dict[str, Any]
    legend_words: str
    deck: CompactDeck
    places: Table
    judged: pd.DataFrame
    found: Totals
    cell_reports: dict[str, int]
    units: dict[str, str]

    def point(self, row: int | None) -> tuple[float, float] | None:
        """Return where the place of that row of the list lies, if it is known."""
        if row is None or math.isnan(self.judged["longitude"].iloc[row]):
            return None
        return (
            round(float(self.judged["longitude"].iloc[row]), 5),
            round(float(self.judged["latitude"].iloc[row]), 5),
        )


def too_many(places: pd.DataFrame) -> bool:
    """Whether there are more places to draw than a browser draws as points."""
    is_drawn = places["place_key"].notna() & places["longitude"].notna()
    return int(is_drawn.sum()) > maps.MOST_POINTS


def lay_out(
    places: pd.DataFrame,
    *,
    types: pd.DataFrame,
    cells: pd.DataFrame | None,
    units: Sequence[County],
    city: Sequence[County],
    span: tuple[date, date],
    look: tuple[str, str],
    pickable: bool,
) -> View:
    """Draw places, or cells where there are too many, and say what is shown and what is not.

    ``places``, ``types`` and ``cells`` are the results of ``violations.places``,
    ``.place_types`` and ``.cells``; ``units`` are the counties in scope, ``city`` all of them,
    ``span`` the first and last day, ``look`` codes of ``COLOURS`` and ``SIGHTS``.
    """
    colour, sight = look
    judged, found = judgement.judge_places(places, types), judgement.totals(places)
    polygons = [unit.boundary_code for unit in units if unit.boundary_code]
    base = maps.county_layers(
        {unit.boundary_code: unit.short_name for unit in city if unit.boundary_code},
        chosen=polygons if len(units) < len(city) else (),
        pickable=pickable,
    )
    whole = whole_view(polygons, judged)
    view = (crowded_view(judged) or whole) if sight == "crowd" else whole
    hexagons = None if cells is None else judgement.drawn_cells(cells)
    if hexagons is None:
        colours, items = maps.place_colours(
            judged,
            by_type=colour == "type",
            largest=judgement.largest_types(judged, at_most=len(maps.TYPE_COLOURS)),
        )
        deck = maps.places_map(judged, colours, base=base, view=view)
    else:
        items = maps.cell_legend(hexagons)
        deck = maps.cells_map(hexagons, base=base, view=view)
    return View(
        headline=judgement.headline(judged, found),
        notes=_period(found, *span)
        + _notes(found, units, by_cell=cells is not None, pickable=pickable),
        legend=spec(legend(items)),
        legend_words="，".join(item.words for item in items),
        deck=deck,
        places=place_rows(judged),
        judged=judged,
        found=found,
        cell_reports={}
        if hexagons is None
        else dict(zip(hexagons["cell"], hexagons["reports"].tolist(), strict=True)),
        units={unit.boundary_code: unit.code for unit in city if unit.boundary_code},
    )


def chosen_place(view: View, row: int | None, picked: str) -> pd.Series | None:
    """Return the place chosen in the list, else the one chosen on the map, if any."""
    if row is not None:
        return view.judged.iloc[row]
    if not picked:
        return None
    found = view.judged[view.judged["place_key"] == picked]
    return None if found.empty else found.iloc[0]


def stop_without(view: View) -> None:
    """End the page where there is no report to show, and say what finds more."""
    if not view.found.reports:
        st.info("放宽时间、县区、机构类别、违规类型、举报渠道或办理状态，可看到更多举报。")
        st.stop()


def listed(view: View, place: pd.Series | None, picked: Picked) -> tuple[str, int, dict[str, str]]:
    """Return the title of the reports listed below, how many there are, and which ones.

    The reports of the chosen place, else those of the chosen cell, else all.
    """
    if place is not None:
        return place_title(place), int(place["reports"]), {"place_key": place["place_key"]}
    if picked.is_cell:
        reports = view.cell_reports.get(picked.key, 0)
        return f"所选网格的举报 {count(reports)} 件", reports, {"cell": picked.key}
    return f"全部举报 {count(view.found.reports)} 件", view.found.reports, {}


def place_title(place: pd.Series) -> str:
    """Say which place the reports below are of, with its counts."""
    verdict = f"核实率 {place['rate_written']}" if place["verified"] else "尚未核实"
    return (
        f"{place['county']}{place['place']}：举报 {count(place['reports'])} 件，"
        f"属实 {count(place['substantiated'])} 件，{verdict}"
    )


def list_title(view: View) -> str:
    """Say how the list is ordered, and where it is cut."""
    cut = f"，列出前 {count(MOST_PLACES)} 处" if len(view.judged) > MOST_PLACES else ""
    return f"由重到轻：先按属实件数，再按举报件数{cut}"


def _period(found: Totals, since: date, until: date) -> str:
    last = day(until) if since.year == until.year else full_day(until)
    span = full_day(since) if since == until else f"{full_day(since)}至 {last}"
    return (
        f"{span}接报 {count(found.reports)} 件，截至统计日期已核实 {count(found.verified)} 件，"
        f"核实率 {share(found.substantiated, found.verified)}。"
    )


def _notes(found: Totals, units: Sequence[County], *, by_cell: bool, pickable: bool) -> str:
    said = [
        "地点超过 2 万处，改按约 5 平方公里的网格计数。"
        if by_cell
        else "圆越大举报越多，圆内数字是件数。"
    ]
    if found.borrowed:
        where = "不在网格内" if by_cell else "标在同一地点其他举报的位置"
        said.append(f"{count(found.borrowed)} 件自身无坐标，{where}。")
    without = [unit.name for unit in units if unit.boundary_code is None]
    if without:
        said.append(f"{'、'.join(without)}没有边界图形，只标地点。")
    number = boundaries().approval_number
    pick = "点县区只看该县区，" if pickable else ""
    said.append(f"滚轮缩放，拖动平移；点圆看该处举报，{pick}再点一次恢复。")
    said.append(RATE)
    said.append(f"审图号：{number}" if number else "县区边界为内部示意。")
    return "".join(said)
