"""违规地图: where reports point at, as places over the county boundaries."""

from functools import partial

import streamlit as st

from analysis import violations as judgement
from data_access import reference, violations
from data_access.accounts import Permission
from ui import deck, filters, formatting, reporters, tables
from ui import violation_controls as controls
from ui import violation_map as layout
from ui.load import load
from ui.session import require
from ui.violation_rows import report_rows


def ask(*, since, until, types, channels, states, **where):
    """Return the arguments of a query of reports."""
    return {**where, "asked": violations.Asked(since, until, types, channels, states)}


def build(conn, *, look, pickable, **where):
    """Count by place, judge and draw."""
    asked = ask(**where)
    places = violations.places(conn, **asked)
    return layout.lay_out(
        places,
        types=violations.place_types(conn, **asked),
        cells=violations.cells(conn, **asked) if layout.too_many(places) else None,
        units=reference.counties(conn, scope=where["scope"]),
        city=reference.UNITS,  # names on a map are no secret
        span=(where["since"], where["until"]),
        look=look,
        pickable=pickable,
    )


def build_rows(conn, *, cell="", **where):
    """List the reports of a place, of a cell, without coordinates, or all."""
    return report_rows(violations.reports(conn, **ask(**where), cells=judgement.stored_cells(cell)))


user = require(Permission.VIOLATION_VIEW)
chosen = filters.shared(user)
asked = controls.choose(chosen.as_of)
top = st.container()
left, right = st.columns(2)
look = controls.look(left)
view = load(build, user, chosen, **asked, look=look, pickable=user.county_code is None)
top.subheader(formatting.plain(view.headline), anchor=False)
layout.stop_without(view)
key = controls.map_key(chosen, asked)
picked = deck.picked(key)
with right:
    st.caption(layout.list_title(view))
    row = tables.show(
        view.places,
        key=f"{key}.places.{picked.key}",  # a choice on the map undoes an older one in the list
        alt="有举报的地点，由重到轻，选中一行看该处举报",
        file_name="举报地点",
        what="举报地点",
        height=deck.HEIGHT,
        select=True,
    )
with left:
    deck.show(view.deck, key=key, alt="违规地图", units=view.units, at=view.point(row))
    st.vega_lite_chart(view.legend, alt=f"图例：{view.legend_words}", key="violations.legend")
    st.caption(formatting.plain(view.notes))
title, total, of = layout.listed(view, layout.chosen_place(view, row, picked.key), picked)
st.subheader(formatting.plain(title), anchor=False)
read = partial(load, build_rows, user, chosen, **asked)
rows_key = f"{key}.rows.{title}"
reporters.show_pages(user, total, partial(read, **of), key=rows_key, name="举报线索")
if total := view.found.nowhere:
    label = f"另有无坐标的举报 {formatting.count(total)} 件"
    with st.expander(label, key="unplaced", bind="query-params") as nowhere:
        if nowhere.open:
            read = partial(read, unplaced=True)
            reporters.show_pages(user, total, read, key=f"{key}.unplaced", name="无坐标的举报")
