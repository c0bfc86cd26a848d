"""What the page 重点区域 shows as of each Thursday: map, both lists, and the words around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import hotspot_words as words
from analysis.hotspots import DEFAULT, HISTORY_WEEKS, Found
from analysis.new_places import none
from data_access.reference import County
from data_access.weeks import first_day, last_weeks
from ui import deck, downloads, maps, tables
from ui.deck import Picked
from ui.filters import Filters
from ui.formatting import count, day, is_missing, plain
from ui.hotspot_maps import MARK, hotspot_map
from ui.labels import LABELS
from ui.map_files import boundaries
from ui.map_views import Box, whole_view
from ui.maps import CELLS, CompactDeck
from ui.tables import Table, table

WINDOW, STEPS = DEFAULT.window, DEFAULT.steps
MOST_LISTED: Final = 300  # new places on the map and in the list
HOTSPOTS_HEIGHT, PLACES_HEIGHT = 213, 178
SLIDER: Final = "week"
# Pixels: beside the map, how sure it is stands in sight without scrolling sideways.
_WIDTHS: Final = {
    "place": 136,
    "short_name": 46,
    "excess": 78,
    "place_reports": 46,
    "substantiated": 46,
    "certainty": 84,
    "first_reported_on": 92,
    "main_type": 142,
}


class View(NamedTuple):
    """What the page shows as of one Thursday before anything is chosen on it."""

    headline: str
    notes: str
    deck: CompactDeck
    hotspots: Table
    places: Table
    places_said: str  # over the list of these, or instead of it
    cells: dict[str, tuple[str, ...]]  # of a hotspot, by its key
    since: date
    until: date


class Views(NamedTuple):
    """The page as of each Thursday, and the county codes of the polygons."""

    of_week: dict[date, View]
    units: dict[str, str]


def read_since(as_of: date) -> date:
    """Return the first day of the reports that the oldest Thursday's expectation is made of."""
    return first_day(last_weeks(as_of, STEPS + WINDOW + HISTORY_WEEKS)[0])


def shown_since(as_of: date) -> date:
    """Return the first day of the oldest Thursday's window."""
    return first_day(last_weeks(as_of, STEPS + WINDOW - 1)[0])


def weeks_of(as_of: date) -> list[date]:
    """Return the Thursdays of the slider, the last the one of the day's own week."""
    return last_weeks(as_of, STEPS)


def _choose_week(as_of: date) -> date:
    """Draw the slider of Thursdays, bound to the address as ``?week=8 月 4 日``."""
    weeks = [week.isoformat() for week in weeks_of(as_of)]
    chosen = st.select_slider(
        f"截至哪个周四（近 {STEPS} 周，拖动看区域怎样变大）",
        weeks,
        value=weeks[-1],
        format_func=lambda week: day(min(date.fromisoformat(week), as_of)),
        key=SLIDER,
        bind="query-params",
    )
    week = date.fromisoformat(chosen if chosen in weeks else weeks[-1])
    downloads.narrowed("截至", min(week, as_of).isoformat())
    return week


def _map_key(chosen: Filters, week: date) -> str:
    """Return a key that changes with what is on the map."""
    digest = sha256(repr((astuple(chosen), week)).encode()).hexdigest()
    return f"hotspots.{digest[:12]}"


def lay_out(
    found: Sequence[Found],
    gathered: pd.DataFrame,
    new_places: Callable[[pd.Timestamp], pd.DataFrame] | None,
    *,
    as_of: date,
    units: Sequence[County],
    counties: Sequence[str],
) -> Views:
    """Draw what was found as of each Thursday; of ``counties`` alone where some are named.

    ``new_places`` gives the new places as of a Thursday; ``None``: they are not to be counted.
    """
    polygons = {unit.boundary_code: unit for unit in units if unit.boundary_code}
    base = maps.county_layers(
        {code: unit.short_name for code, unit in polygons.items()},
        chosen=[code for code, unit in polygons.items() if unit.code in counties],
        pickable=True,
    )
    described = [words.describe(each, gathered, DEFAULT) for each in found]
    if counties:
        described = [rows[rows["county_code"].isin(counties)] for rows in described]
    # One view for all Thursdays with a hotspot: the map stands still while the slider moves. Of one
    # without, new places are what there is to see.
    view = _view(pd.concat(described, ignore_index=True), polygons)
    of_week = {}
    for each, rows in zip(found, described, strict=True):
        places = _places(new_places, each.week, counties)
        week = each.week.date()
        until = min(week, as_of)
        cells = each.cells[each.cells["hotspot"].isin(rows["hotspot"])]
        keys = each.hotspots.set_index("hotspot")["key"]
        of_week[week] = View(
            headline=words.headline(
                rows, None if new_places is None else len(places), window=WINDOW
            ),
            notes=_notes(units),
            deck=hotspot_map(
                *(rows, cells, places.head(MOST_LISTED)),
                base=base,
                view=view if len(rows) else _view(places, polygons),
            ),
            hotspots=_hotspot_rows(rows),
            places=_place_rows(places.head(MOST_LISTED)),
            places_said=_places_said(None if new_places is None else len(places)),
            cells={
                str(keys[number]): tuple(group)
                for number, group in cells.groupby("hotspot")["cell"]
            },
            since=first_day(week) - timedelta(weeks=WINDOW - 1),
            until=until,
        )
    return Views(of_week, {code: unit.code for code, unit in polygons.items()})


def _places(
    new_places: Callable[[pd.Timestamp], pd.DataFrame] | None,
    week: pd.Timestamp,
    counties: Sequence[str],
) -> pd.DataFrame:
    if new_places is None:
        return none()
    found = new_places(week)
    return found[found["county_code"].isin(counties)] if counties else found


def _view(rows: pd.DataFrame, polygons: Collection[str]) -> Box:
    """Return the box around rows that lie somewhere, a kilometre and a half wider, or the city."""
    margin = 0.015
    points = rows[["longitude", "latitude"]].dropna()
    around = pd.concat([points - margin, points + margin])
    return whole_view(polygons if points.empty else (), around)


def _hotspot_rows(rows: pd.DataFrame) -> Table:
    built = table(
        rows.assign(
            place_reports=rows["reports"],
            excess=rows["excess"].round().clip(lower=1).astype("int64"),
            expected=rows["expected"].round(1),
            first_stood_out=rows["first_week"],
        ),
        [
            "place",
            "short_name",
            "excess",
            "place_reports",
            "substantiated",
            "certainty",
            "first_stood_out",
            "hours",
            "types_written",
            "places_written",
            "expected",
            "institutions",
        ],
    )
    return _with_widths(built)


def _place_rows(rows: pd.DataFrame) -> Table:
    columns = [
        "place",
        "short_name",
        "place_reports",
        "substantiated",
        "first_reported_on",
        "main_type",
        "reported_name",
        "types_written",
        "nearest_metres",
        "latest_on",
    ]
    built = table(
        rows.assign(
            place_reports=rows["reports"],
            first_reported_on=rows["first_on"],
            nearest_metres=rows["nearest_metres"].round(),
        ),
        columns,
    )
    return _with_widths(built)


def _with_widths(built: Table) -> Table:
    for name in built.columns:
        if name in _WIDTHS:
            built.config[LABELS[name]] = st.column_config.Column(width=_WIDTHS[name])
    return built


def _notes(units: Sequence[County]) -> str:
    said = [
        f"红圈是举报明显多于预期的区域，数字是近 {WINDOW} 周多出的件数；"
        f"{MARK} 是新增的、台账里没有登记机构的地点。"
        "预期由周边登记机构和此前的举报推算，属实举报加倍计入。"
        f"列出的区域平均至多 {DEFAULT.rate:.0%} 只是碰巧。无坐标的举报不在区域内。"
    ]
    without = [unit.name for unit in units if unit.boundary_code is None]
    if without:
        said.append(f"{'、'.join(without)}没有边界图形，只标地点。")
    number = boundaries().approval_number
    said.append(f"审图号：{number}" if number else "县区边界为内部示意。")
    return "".join(said)


def _show_lists(view: View, *, key: str, picked: Picked) -> tuple[int | None, int | None]:
    """Draw both lists; return the positions of the chosen hotspot and of the chosen new place.

    A choice on the map undoes an older one in the lists, and one among the hotspots an older
    one among the places.
    """
    hotspot = None
    if view.hotspots.frame.empty:
        st.caption("这一周没有举报明显多于预期的区域")
    else:
        st.caption("举报明显多于预期的区域，多出最多的在前")
        hotspot = tables.show(
            view.hotspots,
            key=f"{key}.hotspots.{picked.key}",
            alt="举报明显多于预期的区域，选中一行看该处举报",
            file_name="重点区域",
            height=HOTSPOTS_HEIGHT,
            select=True,
        )
    st.caption(view.places_said)
    place = None
    if not view.places.frame.empty:
        place = tables.show(
            view.places,
            key=f"{key}.places.{picked.key}.{hotspot}",
            alt="新增无登记地点，选中一行看该处举报",
            file_name="无登记地点",
            height=PLACES_HEIGHT,
            select=True,
        )
    return hotspot, place


def show(views: Views, chosen: Filters) -> tuple[str, Subject]:
    """Draw headline, slider, map and lists; return a key for what is below, and what is chosen."""
    top = st.container()
    left, right = st.columns(2)
    with left:
        week = _choose_week(chosen.as_of)
    view = views.of_week[week]
    top.subheader(plain(view.headline), anchor=False)
    key = _map_key(chosen, week)
    picked = deck.picked(key)
    with right:
        rows = _show_lists(view, key=key, picked=picked)
    subject = _subject(view, *rows, picked)
    with left:
        at = None if rows == (None, None) else subject.at
        deck.show(view.deck, key=key, alt="重点区域地图", units=views.units, at=at)
        st.caption(plain(view.notes))
    st.subheader(plain(subject.title), anchor=False)
    st.markdown(plain(subject.sentence))
    return key, subject


class Subject(NamedTuple):
    """What is chosen: a title, sentences on it, where it lies, and which reports are its own."""

    title: str
    sentence: str
    at: tuple[float, float] | None
    reports: Mapping[str, Any]  # what is asked for besides the whereabouts
    total: int  # of these reports

    @property
    def has_reports(self) -> bool:
        """Whether there is any report to list."""
        return self.reports.get("cells") != ()


def _subject(view: View, hotspot: int | None, place: int | None, picked: Picked) -> Subject:
    """Return what is chosen in the lists, else on the map, else all hotspots together.

    ``hotspot`` and ``place`` are the positions of the chosen rows.
    """
    if place is None and hotspot is None:
        hotspot = _position(view.hotspots, "key", picked, layer=CELLS)
        place = _position(view.places, "place_key", picked, layer=maps.PLACES)
    if place is not None:
        return _of_place(view, view.places.frame.iloc[place])
    if hotspot is not None:
        return _of_hotspot(view, view.hotspots.frame.iloc[hotspot])
    cells = tuple(cell for group in view.cells.values() for cell in group)
    reports = int(view.hotspots.frame["reports"].sum())
    title = f"全部重点区域的举报 {count(reports)} 件"
    return Subject(title, "", None, {**_span(view), "cells": cells}, reports)


def _span(view: View) -> dict[str, Any]:
    return {"since": view.since, "until": view.until}


def _position(built: Table, column: str, picked: Picked, *, layer: str) -> int | None:
    if picked.layer != layer or built.empty:
        return None
    at = [row for row, key in enumerate(built.frame[column]) if key == picked.key]
    return at[0] if at else None


def _of_hotspot(view: View, row: pd.Series) -> Subject:
    at = (round(float(row["longitude"]), 5), round(float(row["latitude"]), 5))
    return Subject(
        f"{row['county']}{row['place']}：{row['excess_written']}",
        str(row["sentence"]),
        at,
        {**_span(view), "cells": view.cells[row["key"]]},
        int(row["reports"]),
    )


def _of_place(view: View, row: pd.Series) -> Subject:
    title = (
        f"{row['county']}{row['place']}：{day(row['first_on'])}起举报 {count(row['reports'])} 件，"
        f"属实 {count(row['substantiated'])} 件，台账里没有登记机构"
    )
    said = [f"类型：{row['types_written']}"]
    if not is_missing(row["reported_name"]):
        said.append(f"举报所称机构：{row['reported_name']}")
    if is_missing(row["nearest_metres"]):
        at = None
        said.append("举报都没有坐标")
    else:
        at = (round(float(row["longitude"]), 5), round(float(row["latitude"]), 5))
        said.append(f"最近的登记机构在 {count(row['nearest_metres'])} 米外")
    asked = {**_span(view), "place_key": str(row["place_key"])}
    return Subject(title, "；".join(said) + "。", at, asked, int(row["reports"]))


def _places_said(new_places: int | None) -> str:
    """Say what the list of new places holds and where it is cut, or why there is none.

    ``None``: they are not counted.
    """
    if new_places is None:
        return "选了机构类别时不列新增无登记地点：它们没有类别"
    if not new_places:
        return f"近 {WINDOW} 周没有新增无登记地点"
    cut = f"，列出前 {count(MOST_LISTED)} 处" if new_places > MOST_LISTED else ""
    return f"新增无登记地点（近 {WINDOW} 周首次举报，满 2 件或有 1 件属实）{cut}"
