"""The weekly report on screen: the forms, the rows behind a cell, the comparison, the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis import effect, weekly_form
from analysis.form_columns import NAMES, Column, forms
from analysis.weekly_form import Rows
from data_access import vocabulary
from data_access.weeks import first_day, reporting_week
from ui import downloads, formatting, tables
from ui.exports.weekly_form import Part, Sheet, workbook
from ui.formatting import plain
from ui.rows import in_words
from ui.tables import Table, table

LIST_HEIGHT: Final = 420
# In pixels: a full county's name, a header's sign and what is beside it, a character of a text.
COUNTY_WIDTH, SIGN_WIDTH, MARGIN, TEXT_WIDTH, MOST_WIDTH = 130, 13, 26, 12, 320
SEASON, WEEK = "season", "week"
_OUTSIDE: Final = "表格要报出去：未公布的暗访计划所查的，不论谁看都不计入，公布之后才计入。"
_KEPT_UP: Final = "按导出时的台账统计；台账补报、更正后再导出，数字会有变化。"
_ALL_CATEGORIES: Final = "汇总表、通报表和前后对比按全部机构统计，不随“机构类别”筛选变化。"
_INSPECTION: Final = (
    *("county", "inspected_on", "institution_name", "place_name", "outcome", "violation_type"),
    *("counted", "people", "individuals", "measures", "remarks", "method", "address"),
    "inspection_no",
)
_DISPUTE: Final = (
    *("county", "institution_name", "resolved_on", "route", "counted", "students"),
    *("refunded_yuan", "amount_yuan", "opened_on", "remarks", "dispute_no"),
)
_COMPARED: Final = (
    *("indicator", "before_written", "during_written", "change_written"),
    *("interval_written", "weeks_written", "reading"),
)


@dataclass(frozen=True, slots=True)
class Screen:
    """A form as it is drawn, and what a cell of it is: headers are those of the screen."""

    shown: pa.Table
    config: dict[str, Any]
    frames: Mapping[str, pd.DataFrame]
    columns: Mapping[str, tuple[str, Column]]

    def cell(self, chosen: tuple[int, str] | None) -> Cell | None:
        """Return what the cell of that row and header is; ``None`` for one that counts nothing."""
        if chosen is None or chosen[1] not in self.columns:
            return None
        period, column = self.columns[chosen[1]]
        frame = self.frames[period]
        if column.measure in NAMES or chosen[0] >= len(frame):
            return None
        row = frame.iloc[chosen[0]]
        value = weekly_form.written(row[column.measure], column.kind)
        return Cell(period, column.measure, row["county_code"], row["county"], chosen[1], value)


class Cell(NamedTuple):
    """A cell: which rows it counts (``period``, ``measure``, county; '' is all), and its words."""

    period: str
    measure: str
    county_code: str
    county: str
    header: str
    value: str


class View(NamedTuple):
    """What the page says of the counties chosen."""

    headline: str
    note: str
    form: Screen
    bulletin: Screen
    bulletin_heading: str
    effect: str
    compared: Table
    sheets: tuple[Sheet, Sheet]
    file_stem: str


def period_words(first: date, last: date, *, beside: date) -> str:
    """Write a time: ``8 月 19 日至 8 月 25 日``."""
    begin, end = (formatting.day(each, beside=beside) for each in (first, last))
    return begin if first == last else f"{begin}至 {end}"


def view(
    week: Rows,
    season: Rows,
    compared: pd.DataFrame,
    *,
    counties: Mapping[str, str],
    where: str,
    as_of: date,
    campaign: Any,
) -> View:
    """Fill in both forms and put the page's words together.

    ``campaign`` is ``data_access.reference.newest_campaign``, ``where`` names the counties.
    """
    settings, beside = forms(), campaign.ends_on
    friday, thursday = first_day(reporting_week(as_of)), reporting_week(as_of)
    this_week = period_words(friday, as_of, beside=beside)
    last = min(as_of, campaign.ends_on)
    so_far = (
        period_words(campaign.starts_on, last, beside=beside)
        if campaign.starts_on <= as_of
        else f"{formatting.day(campaign.starts_on, beside=as_of)}开始，尚无数据"
    )
    unfinished = "" if as_of == thursday else "（本周未结束）"
    form = weekly_form.table(week, settings.form, counties, period=this_week)
    by_period = {
        SEASON: weekly_form.table(season, settings.bulletin, counties),
        WEEK: weekly_form.table(week, settings.bulletin, counties),
    }
    unit = f"填报单位：{'柳州市' if where == '全市' else where}“双减”办"
    week_line = (unit, f"周期：{this_week}{unfinished}", "单位：见各栏口径")
    several = "；合计一行列出各县区的" if len(counties) > 1 else ""
    counted = settings.bulletin[1:]
    return View(
        headline=weekly_form.headline(week, where=where, period=this_week),
        note=f"报送周为周五至周四，表中数字截至 {formatting.day_of_week(as_of, beside=beside)}"
        f"{unfinished}。点选任一数字或文字，下面列出所数的每一条{several}。",
        form=_form_screen(form, settings.form),
        bulletin=_bulletin_screen(by_period, settings.bulletin),
        bulletin_heading=f"进展通报：累计为行动以来（{so_far}），本周为 {this_week}{unfinished}",
        effect=effect.sentence(
            compared, starts_on=campaign.starts_on, ends_on=campaign.ends_on, as_of=as_of
        ),
        compared=_compared_table(compared),
        file_stem=f"{where}_{as_of.isoformat()}",
        sheets=(
            Sheet("汇总表", settings.form_title, week_line, (Part(settings.form, form),)),
            Sheet(
                "通报表",
                settings.bulletin_title,
                (unit, f"截至 {formatting.full_day(as_of)}", "单位：见各栏口径"),
                (
                    Part(settings.bulletin[:1], by_period[WEEK]),
                    Part(counted, by_period[SEASON], f"行动以来（{so_far}）"),
                    Part(counted, by_period[WEEK], f"本周（{this_week}）"),
                ),
            ),
        ),
    )


def rows_behind(found: Rows) -> tuple[Table, Table]:
    """List the inspections and the disputes of a cell, ``analysis.weekly_form.counted`` of it."""
    inspections, disputes = found.inspections, found.disputes
    return (
        table(
            inspections.assign(
                method=in_words(inspections["method"], vocabulary.INSPECTION_METHOD),
                outcome=in_words(inspections["outcome"], vocabulary.INSPECTION_OUTCOME),
                remarks=_joined(inspections["remarks"]),
            ).reset_index(drop=True),
            _INSPECTION,
            money=["counted"],
            wide=["violation_type", "measures", "remarks"],
        ),
        table(
            disputes.assign(
                route=in_words(disputes["route"], vocabulary.DISPUTE_ROUTE),
                remarks=_joined(disputes["remarks"]),
            ).reset_index(drop=True),
            _DISPUTE,
            money=["counted", "refunded_yuan", "amount_yuan"],
        ),
    )


def show_form(built: View, rows_of: Callable[[Cell], tuple[Rows, tuple[Table, Table]]]) -> None:
    """Draw the form with its file, and the rows of the cell that is chosen in it."""
    alt = "本周汇总表：每县区一行，末行合计"
    chosen = tables.choose_cell(built.form.shown, built.form.config, key="weekly.form", alt=alt)
    _file(built, 0, "下载汇总表", key="weekly.form.file")
    _show_rows(built.form.cell(chosen), rows_of, key="weekly.form.rows")


def show_bulletin(built: View, rows_of: Callable[[Cell], tuple[Rows, tuple[Table, Table]]]) -> None:
    """Draw the bulletin's table with its file, and the rows of the cell that is chosen in it."""
    st.markdown(f"**{plain(built.bulletin_heading)}**")
    alt = "进展通报表：每县区一行，末行合计"
    bulletin = built.bulletin
    chosen = tables.choose_cell(bulletin.shown, bulletin.config, key="weekly.bulletin", alt=alt)
    _file(built, 1, "下载通报表", key="weekly.bulletin.file")
    _show_rows(bulletin.cell(chosen), rows_of, key="weekly.bulletin.rows")


def show_effect(built: View) -> None:
    """Draw what the campaign's weeks were beside those before, and what that does not prove."""
    st.markdown(f"**{plain(built.effect)}**")
    name = "行动前后对比"
    tables.show(built.compared, key="weekly.effect", file_name=name, alt=name)
    numbered = (f"{place}．{words}" for place, words in enumerate(effect.CAVEATS, start=1))
    st.caption(plain("".join(numbered)))


def notes(built: View, *, sees_unreleased: bool, categories: tuple[str, ...]) -> None:
    """Say as of when, and what the forms leave out.

    ``sees_unreleased``: other pages show this reader more than the forms may tell outside.
    """
    words = [built.note]
    if sees_unreleased:
        words.append(_OUTSIDE)
    if categories:
        words.append(_ALL_CATEGORIES)
    st.caption(plain("".join(words)))


def _show_rows(
    cell: Cell | None, rows_of: Callable[[Cell], tuple[Rows, tuple[Table, Table]]], *, key: str
) -> None:
    if cell is None:
        return
    found, listed = rows_of(cell)
    said = weekly_form.cell_sentence(
        found,
        cell.measure,
        where="各县区" if cell.county == weekly_form.TOTAL else cell.county,
        header=cell.header,
        value=cell.value,
    )
    st.markdown(f"**{plain(said)}**")
    for each, name in zip(listed, ("检查", "退费纠纷"), strict=True):
        if not each.empty:
            words = f"报表所数的{name}"
            tables.show(each, key=f"{key}.{name}", file_name=words, alt=words, height=LIST_HEIGHT)


def _file(built: View, place: int, label: str, *, key: str) -> None:
    sheet = built.sheets[place]
    downloads.button(
        label,
        lambda: workbook(sheet, notes=(_KEPT_UP,)),
        file_name=f"{sheet.name}_{built.file_stem}.xlsx",
        what=sheet.title,
        rows=len(sheet.parts[0].rows),
        key=key,
    )


def _form_screen(form: pd.DataFrame, columns: tuple[Column, ...]) -> Screen:
    # The period is the same in every row, and said above the table. Numbers come before texts, so
    # that all of them are seen on a laptop without moving the table.
    county, *others = (column for column in columns if column.measure != "period")
    others.sort(key=lambda column: column.kind == "text")
    return _screen({WEEK: form}, [(column.short, WEEK, column) for column in (county, *others)])


def _bulletin_screen(frames: dict[str, pd.DataFrame], columns: tuple[Column, ...]) -> Screen:
    county, *counted = columns
    laid_out = [(county.short, WEEK, county)]
    for period, words in ((SEASON, "累计"), (WEEK, "本周")):
        laid_out += [(f"{words}{column.short}", period, column) for column in counted]
    return _screen(frames, laid_out)


def _screen(frames: Mapping[str, pd.DataFrame], laid_out: list[tuple[str, str, Column]]) -> Screen:
    config: dict[str, Any] = {}
    shown = {}
    for header, period, column in laid_out:
        shown[header] = frames[period][column.measure]
        said = f"{column.header}：{column.definition}"
        if column.measure == "county":
            config[header] = st.column_config.TextColumn(
                pinned=True, width=COUNTY_WIDTH, help=column.definition
            )
        elif column.kind == "text":
            config[header] = st.column_config.TextColumn(
                width=min(column.width * TEXT_WIDTH, MOST_WIDTH), help=said
            )
        else:
            config[header] = st.column_config.NumberColumn(
                format="localized", width=len(header) * SIGN_WIDTH + MARGIN, help=said
            )
    return Screen(
        pa.Table.from_pandas(pd.DataFrame(shown), preserve_index=False),
        config,
        frames,
        {header: (period, column) for header, period, column in laid_out},
    )


def _compared_table(compared: pd.DataFrame) -> Table:
    written, change = effect.written, effect.written_change
    rows = list(compared.to_dict("records"))
    return table(
        compared.assign(
            before_written=[written(row["before"], row["unit"]) for row in rows],
            during_written=[written(row["during"], row["unit"]) for row in rows],
            change_written=[change(row["change"], row["unit"]) for row in rows],
            interval_written=[
                effect.written_interval(row["low"], row["high"], row["unit"]) for row in rows
            ],
            weeks_written=[f"{row['before_weeks']} / {row['during_weeks']}" for row in rows],
            reading=[effect.remark(pd.Series(row)) for row in rows],
        ),
        _COMPARED,
    )


def _joined(tuples: pd.Series) -> pd.Series:
    return pd.Series(["；".join(each) or None for each in tuples], tuples.index, dtype="object")
