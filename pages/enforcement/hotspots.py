"""重点区域: where more is reported than expected, and new places without an institution."""

from dataclasses import replace
from functools import partial

import pandas as pd

from analysis.hotspots import DEFAULT, grow
from analysis.new_places import new_places
from data_access import hotspots, reference, violations
from data_access.accounts import Permission
from ui import deregistered, filters, reporters
from ui import hotspots as layout
from ui.load import load
from ui.session import require
from ui.violation_rows import report_rows


def build(conn, *, scope, as_of, categories, counties):
    """Judge the whole city as of each Thursday; draw what lies in the counties chosen."""
    of = {"scope": scope, "as_of": as_of}
    narrowed = {**of, "categories": categories}
    by = tuple(layout.weeks_of(as_of))
    counts = hotspots.cell_weeks(conn, **narrowed, since=layout.read_since(as_of), by=by)
    there = hotspots.institutions(conn, **of)
    judged_by = hotspots.institutions(conn, **narrowed) if categories else there
    found = grow(counts, judged_by, [pd.Timestamp(week) for week in by])
    cells = tuple(sorted({cell for each in found for cell in each.cells["cell"]}))
    since = layout.shown_since(as_of)
    untied = hotspots.untied_places(conn, **of, since=since)
    return layout.lay_out(
        found,
        hotspots.gathered(conn, **narrowed, since=since, cells=cells or ("",)),
        None if categories else partial(new_places, untied, there, settings=DEFAULT),
        as_of=as_of,
        units=reference.counties(conn, scope=scope),
        counties=counties,
    )


def build_rows(conn, *, since, until, cells=(), place_key="", first=0, **where):
    """List the reports of cells, or of a place."""
    asked = violations.Asked(since, until)
    of = {"cells": cells, "place_key": place_key, "first": first}
    return report_rows(violations.reports(conn, **where, asked=asked, **of))


def gathering(user, chosen):
    """Draw where reports gather as of the Thursday of the slider, and the reports chosen."""
    city = replace(chosen, counties=())
    views = load(build, user, city, counties=chosen.counties)
    key, subject = layout.show(views, chosen)
    if subject.has_reports:
        read = partial(load, build_rows, user, city, **subject.reports)
        key = f"{key}.rows.{subject.title}"
        reporters.show_pages(user, subject.total, read, key=key, name="举报线索")


user = require(Permission.HOTSPOT_VIEW)
chosen = filters.shared(user)
gathering(user, chosen)
deregistered.show(load(deregistered.build, user, chosen))
