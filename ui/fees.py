"""收费监管 on screen: who is suspected, what stands behind it, and what may be published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import price_evidence as evidence
from analysis import prices as judgement
from analysis.price_courses import NEW_NAME, NOTHING
from analysis.price_monitor import FEWEST, monitor
from analysis.signs import Rises, few, rises_of
from data_access import course_fees, reference
from data_access.vocabulary import PRICE_UNIT, TEACHING_MODE, first_words
from ui import formatting, row_panel, tables
from ui.charts import fees as charts
from ui.charts.base import spec
from ui.formatting import plain
from ui.metrics import Figure
from ui.tables import Table, table

LIST_HEIGHT: Final = 400
_HISTORY: Final = timedelta(days=3 * 365)
_SUSPECTED: Final = (
    *("fee_rank", "institution_name", "rise_written", "above_written", "course"),
    *("prices_written", "peers_standard", "peers_written", "since", "changes_written"),
    *("county", "item", "size_group"),
)
_MONITOR: Final = (
    *("item", "size_group", "mode_word", "county", "priced_institutions", "median", "lower"),
    *("upper", "cost_median", "cost_institutions"),
)
_UNITS: Final = first_words(PRICE_UNIT)
_CENT: Final = 0.005


class View(NamedTuple):
    """What the page says of the counties and categories chosen."""

    headline: str
    figures: tuple[Figure, ...]
    rows: Table
    notes: str
    published: pd.DataFrame
    monitor: Table
    where: str
    baseline_on: date
    rises: Rises


class Evidence(NamedTuple):
    """The charts beside the list: prices of the institution over the years, and of its peers."""

    steps: dict[str, Any]
    strip: dict[str, Any]


def build(conn: Any, *, counties: tuple[str, ...], kinds: tuple[str, ...], **asked: Any) -> View:
    """Judge all prices in the reader's scope, and tell of the counties and categories chosen.

    ``asked`` are scope and day alone: a choice narrows what is told, not who the peers are.
    """
    as_of, scope = asked["as_of"], asked["scope"]
    since = judgement.before_summer(as_of)
    prices = course_fees.prices(conn, **asked, since=since)
    rises = judgement.suspected_rises(prices, as_of=as_of)
    shown = _chosen(rises.courses, counties, kinds)
    cells = monitor(
        prices if not kinds else prices[prices["category"].isin(kinds)],
        as_of=as_of,
        whole=scope.counties is None,
    )
    cells = cells if not counties else cells[cells["county_code"].isin(["", *counties])]
    cells = in_words(cells.reset_index(drop=True))
    return View(
        headline=headline(shown, as_of=as_of),
        figures=figures(shown, baseline_on=since, as_of=as_of),
        rows=suspected_rows(shown[shown["suspected"]], as_of=as_of),
        notes=notes(shown, baseline_on=since, alone=scope.counties is not None),
        published=cells,
        monitor=table(cells, _MONITOR),
        where=reference.scope_name(conn, scope=scope.within(counties)),
        baseline_on=since,
        rises=rises_of(shown),
    )


def build_evidence(
    conn: Any,
    *,
    institution_id: int,
    course: str,
    kind: tuple[str, ...],
    price: float,
    middle: float,
    baseline_on: date,
    **asked: Any,
) -> Evidence:
    """Draw what an institution's courses of a kind cost, and where its peers in scope lie.

    ``price`` is the course's and ``middle`` what its peers lead to expect, in yuan a standard
    lesson.
    """
    as_of = asked["as_of"]
    prices = course_fees.prices(conn, **asked, since=as_of - _HISTORY)
    alike = evidence.of_kind(prices, evidence.Kind(*kind))
    history = evidence.history(alike, institution_id=institution_id, course=course)
    peers = evidence.peers(alike, as_of=as_of)
    steps = charts.price_steps(history, as_of=as_of, baseline_on=baseline_on, peers=middle)
    strip = charts.peer_strip(peers, institution_id=institution_id, price=price, middle=middle)
    return Evidence(spec(steps), spec(strip))


def _chosen(
    courses: pd.DataFrame, counties: tuple[str, ...], kinds: tuple[str, ...]
) -> pd.DataFrame:
    if counties:
        courses = courses[courses["county_code"].isin(counties)]
    return courses if not kinds else courses[courses["category"].isin(kinds)]


def headline(courses: pd.DataFrame, *, as_of: date) -> str:
    """Say how many institutions are suspected, and how many courses would be by chance."""
    day = formatting.day(as_of)
    if courses.empty:
        return f"截至 {day}，没有课程收费台账，无法判断是否涨价。"
    found, judged = courses[courses["suspected"]], int(courses["judged"].sum())
    chance = f"如果涨跌全凭偶然，预计{few(courses['chance'].sum())} 门"
    if not judged:
        return f"截至 {day}，没有一门课程既有暑期前价格又有足够同行，无法判断是否涨价。"
    if found.empty:
        return f"截至 {day}，可比的 {judged:,} 门课程中没有发现疑似涨价；{chance}。"
    institutions = found["institution_id"].nunique()
    return f"{institutions} 家机构的 {len(found)} 门课程疑似涨价；{chance}。"


def figures(courses: pd.DataFrame, *, baseline_on: date, as_of: date) -> tuple[Figure, ...]:
    """Return suspected courses, those expected by chance, those judged, and the usual rise."""
    judged = courses[courses["judged"]]
    usual = judged["rise"].median()
    found = courses[courses["suspected"]]
    before = formatting.day(baseline_on, beside=as_of)
    return (
        Figure(
            "疑似涨价",
            f"{found['institution_id'].nunique()} 家 {len(found)} 门",
            f"比自己 {before}在执行的价格、也比同行明显偏高的课程；不等于违法，须核实。",
        ),
        Figure(
            "偶然预计",
            f"{few(courses['chance'].sum()).removeprefix('约').strip()} 门",
            "假设涨跌与机构无关、随机落到各课程上，会有多少门达到同样的标准。疑似数明显多于它才有意义。",
        ),
        Figure(
            "可比课程",
            formatting.share(len(judged), len(courses)),
            f"在执行的课程中，{before}已有价格（或可对照的同类课程）并有足够同行的。",
        ),
        Figure(
            "涨幅中位数",
            formatting.percent(usual),
            f"可比课程与 {before}相比的涨幅，一半在它以下。",
        ),
    )


def notes(courses: pd.DataFrame, *, baseline_on: date, alone: bool) -> str:
    """Say how it is judged, what could not be, and whom a county is held against."""
    least = formatting.percent(judgement.SETTINGS.least)
    new = int((courses["matched"] == NOTHING).sum())
    few = int((~courses["judged"]).sum()) - new
    words = (
        f"标准课时：线下 45 分钟、线上 30 分钟，均按每人折算。疑似涨价须同时满足：比 "
        f"{formatting.full_day(baseline_on)}在执行的价格上涨、且比同行多涨 {least} 以上；"
        f"比同行（同项目、同班型、同授课方式）高 {least} 以上，"
        "并且两者合起来超出价格平常的差别。法律没有数字标准，结论须核实。"
    )
    if new or few:
        words += f"未判断：{new:,} 门没有暑期前价格可比，{few:,} 门同行太少。"
    if alone:
        words += "这里只与本县区的同行相比；市级还参照全市同行，对同行少的项目结论可能不同。"
    return words


def suspected_rows(found: pd.DataFrame, *, as_of: date) -> Table:
    """List suspected courses, the highest score first, each with its evidence in words."""
    rows = found.reset_index(drop=True)
    rows = rows.assign(
        fee_rank=range(1, len(rows) + 1),
        rise_written=[_signed(each) for each in rows["rise"]],
        above_written=[f"高 {formatting.percent(above)}" for above in rows["above_peers"]],
        peers_standard=rows["peers_standard"].round(1),
        peers_written=[
            f"本县区 {here}，共 {all_}" if all_ > here else f"本县区 {here}"
            for here, all_ in zip(rows["peers"], rows["peers_in_city"], strict=True)
        ],
        prices_written=[
            f"{before:,.1f} → {now:,.1f}"
            for before, now in zip(rows["base_standard"], rows["standard"], strict=True)
        ],
        changes_written=[changes(row) for _, row in rows.iterrows()],
    )
    return table(rows, _SUSPECTED, wide=["changes_written"])


def changes(row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """Say what changed since before the summer: name, length, unit, price of a lesson."""
    said = []
    if row["matched"] == NEW_NAME:
        said.append(f"课程名新出现，对照原“{row['base_course']}”")
    if row["lesson_minutes"] != row["base_minutes"]:
        said.append(f"课时由 {row['base_minutes']:.0f} 分钟改为 {row['lesson_minutes']} 分钟")
    units = [_unit(row[name]) for name in ("base_unit", "price_unit")]
    if units[0] != units[1]:
        said.append(f"计价由 {units[0]} 改为 {units[1]}")
    if abs(row["price"] - row["base_price"]) > _CENT:
        said.append(f"每人每课时由 {row['base_price']:,.2f} 元改为 {row['price']:,.2f} 元")
    else:
        said.append(f"每人每课时仍为 {row['price']:,.2f} 元")
    return "；".join(said)


def sentence(row: dict[str, Any], *, baseline_on: date, as_of: date) -> str:
    """Tell one suspected rise with its evidence."""
    before, since = (formatting.day(each, beside=as_of) for each in (baseline_on, row["since"]))
    return (
        f"{row['institution_name']}“{row['course']}”，{row['item']}·{row['size_group']}，"
        f"每标准课时由 {before}的 {row['base_standard']:,.1f} 元涨到 {row['standard']:,.1f} 元，"
        f"{_signed(row['rise'])}（同行{_signed(row['peers_rise'])}），主要自 {since}起；"
        f"比同行参照价 {row['peers_standard']:,.1f} 元高 {formatting.percent(row['above_peers'])}。"
        f"{changes(row)}。"
    )


def show_list(view: View, *, key: str) -> dict[str, Any] | None:
    """Draw the list; return the chosen row, else the first; none where there is none."""
    if view.rows.empty:
        st.info("所选县区和类别没有疑似涨价的课程。可换一个县区、类别或日期。")
        return None
    ids = view.rows.frame["institution_id"].tolist()
    place = tables.show(
        view.rows,
        key=row_panel.list_key(key, ids),
        file_name="疑似涨价课程",
        alt="疑似涨价的课程，由重到轻，选中一行看价格变化和同行",
        height=LIST_HEIGHT,
        select=True,
    )
    return {**view.rows.frame.iloc[place or 0]}


def evidence_of(row: dict[str, Any], *, baseline_on: date) -> dict[str, Any]:
    """Return what :func:`build_evidence` asks of the chosen row."""
    return {
        "institution_id": int(row["institution_id"]),
        "course": row["course"],
        "kind": (row["item_key"], row["size_group"], row["mode"]),
        "price": float(row["standard"]),
        "middle": float(row["peers_standard"]),
        "baseline_on": baseline_on,
    }


def show_evidence(row: dict[str, Any], drawn: Evidence, *, as_of: date, baseline_on: date) -> None:
    """Show the price history and the peers of the chosen row, and say them in words."""
    st.markdown(plain(sentence(row, baseline_on=baseline_on, as_of=as_of)))
    st.vega_lite_chart(drawn.steps, key="fees.history", alt="所选机构同类课程的价格变化")
    st.vega_lite_chart(drawn.strip, key="fees.peers", alt="同行的价格，标出所选课程")


def in_words(cells: pd.DataFrame) -> pd.DataFrame:
    """Word the cells of the monitor; prices to a whole yuan, as they are published."""
    money = ["median", "lower", "upper", "cost_median"]
    return cells.assign(
        mode_word=cells["mode"].map(first_words(TEACHING_MODE)),
        priced_institutions=cells["institutions"],
        **{name: cells[name].round() for name in money},
    )


def monitor_title(view: View) -> str:
    """Say how many cells may be published, and from how many institutions on."""
    if view.published.empty:
        return f"价格监测：没有一个项目在同一班型有 {FEWEST} 家以上机构，暂不能公布。"
    items = view.published["item"].nunique()
    groups = f"{len(view.published)} 组价格，每组不少于 {FEWEST} 家机构"
    return f"价格监测（可公布）：{items} 个项目，{groups}"


def _unit(code: object) -> str:
    return _UNITS["lesson"] if formatting.is_missing(code) else _UNITS[str(code)]


def _signed(share: float) -> str:
    words = formatting.percent(abs(share))
    if words == formatting.percent(0.0):
        return "持平"
    return f"涨 {words}" if share > 0 else f"降 {words}"
