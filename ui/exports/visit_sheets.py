"""What a team takes along on an unannounced visit: its sheet to print, and the plan's workbook.

Both are blind: they tell where and when, never the score, the reasons or how a place was chosen,
so that what is found does not depend on what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from io import BytesIO
from itertools import pairwise
from operator import add
from typing import Any, Final

import pandas as pd
import xlsxwriter

from data_access.vocabulary import INSPECTION_OUTCOME, SEVERITY, first_words
from ui.exports.checklist import MANNER, PROBLEMS, QUALIFICATION, Topic
from ui.exports.excel import sheet_name, write_cell
from ui.exports.typesetting import typeset
from ui.formatting import MISSING, day_of_week, is_missing, one_line
from ui.labels import LABELS

TITLE: Final = "暗访工作单"
SECRECY: Final = "工作秘密：检查结束前不得复印、拍照、外传，用后交回市督查组。"
NO_STOPS: Final = "本组没有安排地点。"
NO_INSTITUTION: Final = "无登记机构"

_OUTCOMES: Final = list(first_words(INSPECTION_OUTCOME).values())
_SEVERITIES: Final = list(first_words(SEVERITY).values())
# What the workbook tells of a stop, and what is filled in after the visit.
_TOLD: Final = {
    "sequence": 6,
    "visit_on": 12,
    "arrives_at": 10,
    "leaves_at": 10,
    "window": 14,
    "county": 14,
    "where": 30,
    "category": 12,
    "visit_kind": 14,
    "place_name": 20,
    "address": 32,
}
_FILLED_IN: Final = {
    "arrived_at": 10,
    "left_at": 10,
    "outcome": 14,
    "violation_type": 16,
    "severity": 10,
    "individuals": 10,
    "findings": 32,
    "measures": 24,
}
_HEADING_ROWS: Final = 5  # above the header of the stops


@dataclass(frozen=True, slots=True)
class TeamSheet:
    """What one team is to visit.

    ``plan`` is the plan's number as it is printed. ``days`` are the plan's days; ``officers`` have
    ``name`` and ``department``. ``stops``, one row a stop, by day and sequence:

    visit_on                datetime64[s]
    sequence                int64          from 1 each day
    county, name            str            the county's name; the institution's, else the place's
    place_name, address     str            NaN: unknown
    category                str            the word; NaN: no registered institution
    visit_kind              str            the word, NaN: none; never how it was chosen
    arrives_at, leaves_at   object         ``datetime.time`` or ``None``
    opens_at, closes_at     object         ``datetime.time`` or ``None``: classes are on

    Whatever other columns there are stays out of the files.
    """

    plan: str
    team: int
    days: Sequence[date]
    officers: Sequence[Mapping[str, Any]]
    start_name: str
    starts_at: time
    ends_at: time
    stops: pd.DataFrame
    title: str = TITLE


def team_sheet_pdf(sheet: TeamSheet) -> bytes:
    """Return a team's sheet, A4 upright: its route, then a form to fill in for each stop.

    Raises ``TypesettingError`` when it cannot be set.
    """
    return typeset(
        "visit_sheet.typ",
        {
            "title": one_line(sheet.title),
            "plan": one_line(sheet.plan),
            "team": _team(sheet),
            "days": _days(sheet),
            "hours": _span(sheet.starts_at, sheet.ends_at),
            "officers": _officers(sheet),
            "start": one_line(sheet.start_name) or MISSING,
            "many_days": sheet.stops["visit_on"].nunique() > 1,
            "days_of_stops": [
                {
                    "day": day_of_week(stops["visit_on"].iloc[0]),
                    "stops": [_stop(row) for _, row in stops.iterrows()],
                }
                for _, stops in _in_order(sheet).groupby("visit_on")
            ],
            "no_stops": NO_STOPS,
            "qualification": _topic(QUALIFICATION),
            "problems": [_topic(topic) for topic in PROBLEMS],
            "outcomes": _OUTCOMES,
            "severities": _SEVERITIES,
            "manner": MANNER,
            "secrecy": SECRECY,
        },
    )


def visit_workbook(sheets: Sequence[TeamSheet]) -> bytes:
    """Return the workbook of a plan: a sheet a team, with columns to fill in after the visit.

    Cells are written as ``ui.exports.excel`` writes them: nothing in them runs.

    Raises:
        ValueError: there is no team, or two have the same number.
    """
    if not sheets or len({sheet.team for sheet in sheets}) < len(sheets):
        raise ValueError("a workbook holds one sheet for each of one or more teams")
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        formats = _formats(workbook)
        for sheet in sheets:
            _write_team(workbook.add_worksheet(sheet_name(_team(sheet))), sheet, formats)
    return buffer.getvalue()


def _formats(workbook: Any) -> dict[str, Any]:
    cell = {"border": 1, "text_wrap": True, "valign": "vcenter"}
    return {
        "title": workbook.add_format({"bold": True, "font_size": 16}),
        "heading": workbook.add_format({**cell, "bold": True, "bg_color": "#eef1f4"}),
        "text": workbook.add_format(cell),
        # What a spreadsheet would run is marked as text.
        "guarded": workbook.add_format({**cell, "quote_prefix": True}),
        "plain_guarded": workbook.add_format({"quote_prefix": True}),
        "day": workbook.add_format({**cell, "num_format": "yyyy-mm-dd"}),
    }


def _write_team(page: Any, sheet: TeamSheet, formats: Mapping[str, Any]) -> None:
    def line(row: int, words: str, form: Any = None) -> None:
        write_cell(page, row, 0, words, text=formats["plain_guarded"], day=None, number=None)
        if form is not None:
            page.set_row(row, 24, form)

    columns = {**_TOLD, **_FILLED_IN}
    line(0, one_line(sheet.title), formats["title"])
    line(1, f"计划编号：{one_line(sheet.plan)}　{_team(sheet)}　{_days(sheet)}")
    line(2, f"检查人员：{_officers(sheet)}")
    hours = _span(sheet.starts_at, sheet.ends_at)
    line(3, f"出发地点：{one_line(sheet.start_name) or MISSING}　出发与收队：{hours}")
    for place, (name, width) in enumerate(columns.items()):
        page.set_column(place, place, width)
        page.write_string(_HEADING_ROWS, place, LABELS[name], formats["heading"])
    stops = _for_workbook(sheet)
    first, last = _HEADING_ROWS + 1, _HEADING_ROWS + len(stops)
    for row, stop in enumerate(stops.to_dict("records"), start=first):
        for place, name in enumerate(columns):
            page.write_blank(row, place, None, formats["text"])
            write_cell(
                page,
                row,
                place,
                stop.get(name),
                text=formats["guarded"],
                day=formats["day"],
                number=formats["text"],
                other=formats["text"],
            )
    if len(stops):
        for name, words in (("outcome", _OUTCOMES), ("severity", _SEVERITIES)):
            place = list(columns).index(name)
            page.data_validation(first, place, last, place, {"validate": "list", "source": words})
    else:
        line(first, NO_STOPS)
    after = max(last, first) + 2
    for row, topic in enumerate((QUALIFICATION, *PROBLEMS), start=after):
        line(row, f"{topic.title}：{'、'.join(topic.items)}")
    line(after + 1 + len(PROBLEMS), f"四不两直：{MANNER}")
    line(after + 2 + len(PROBLEMS), SECRECY)
    page.freeze_panes(_HEADING_ROWS + 1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEADING_ROWS)
    page.set_footer("&C第 &P 页 共 &N 页")


def _for_workbook(sheet: TeamSheet) -> pd.DataFrame:
    stops = _in_order(sheet)
    return pd.DataFrame(
        {
            "sequence": stops["sequence"],
            "visit_on": stops["visit_on"],
            "arrives_at": [_at(each) for each in stops["arrives_at"]],
            "leaves_at": [_at(each) for each in stops["leaves_at"]],
            "window": [
                _span(*each) for each in zip(stops["opens_at"], stops["closes_at"], strict=True)
            ],
            "county": stops["county"],
            "where": stops["name"],
            "category": stops["category"].fillna(NO_INSTITUTION),
            "visit_kind": stops["visit_kind"],
            "place_name": stops["place_name"],
            "address": stops["address"],
        }
    )


def _stop(row: pd.Series[Any]) -> dict[str, str]:
    """Return what the sheet prints of a stop."""
    name, place, address = (_text(row[each]) for each in ("name", "place_name", "address"))
    window = _span(row["opens_at"], row["closes_at"])
    known = (
        _text(row["county"]),
        _text(row["category"]) or NO_INSTITUTION,
        _text(row["visit_kind"]),
        f"预计 {_span(row['arrives_at'], row['leaves_at'])}",
        f"有课时段 {window}",
    )
    where = (part for part in (place if place != name else "", address) if part)
    return {
        "number": str(row["sequence"]),
        "arrives": _at(row["arrives_at"]),
        "window": window,
        "county": _text(row["county"]) or MISSING,
        "name": name or MISSING,
        "address": "　".join(where) or MISSING,
        "summary": "　".join(part for part in known if part),
    }


def _topic(topic: Topic) -> dict[str, Any]:
    return {"title": topic.title, "items": topic.items}


def _in_order(sheet: TeamSheet) -> pd.DataFrame:
    return sheet.stops.sort_values(["visit_on", "sequence"], kind="stable")


def _team(sheet: TeamSheet) -> str:
    return f"第 {sheet.team} 组"


def _days(sheet: TeamSheet) -> str:
    """Write the days, with the year where it is a new one."""
    days = sorted(set(sheet.days))
    years = (f"{new.year} 年 " if new.year != old.year else "" for old, new in pairwise(days))
    first = (f"{each.year} 年 " for each in days[:1])
    return "、".join(map(add, [*first, *years], map(day_of_week, days))) or MISSING


def _officers(sheet: TeamSheet) -> str:
    written = (
        f"{one_line(each['name'])}（{one_line(each['department'])}）" for each in sheet.officers
    )
    return "、".join(written) or MISSING


def _span(start: time | None, end: time | None) -> str:
    """Write ``08:30–20:30``; ``—`` when neither is known."""
    if is_missing(start) and is_missing(end):
        return MISSING
    return f"{_at(start)}–{_at(end)}"


def _at(moment: time | None) -> str:
    return MISSING if moment is None or is_missing(moment) else f"{moment:%H:%M}"


def _text(value: object) -> str:
    return "" if is_missing(value) else one_line(str(value))
