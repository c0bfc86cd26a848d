"""投屏: a meeting as slides over the whole screen, moved by keys and buttons, never by itself.

``?present=1`` turns the overview into slides, ``?slide=3`` is one of them. The sizes are those of
a wall; the two lowest headings of ``.streamlit/config.toml`` are kept for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import streamlit as st

from analysis.briefing_content import Bars, Briefing, Grid, Lines, Section
from data_access.accounts import User
from ui import meeting
from ui.charts.base import TopLevel
from ui.charts.slides import WALL, Sizes, bar_rows, grid_rows, line_rows, sized, tile_row
from ui.filters import Filters
from ui.formatting import plain
from ui.navigation import OVERVIEW
from ui.session import is_demonstration, page_asked_for

DEMONSTRATION: Final = ":small[:orange-badge[演示数据：机构、人员、事件均为虚构]]"
PRESENT: Final = "present"
SLIDE: Final = "slide"
_TITLE: Final = "#####"  # the wall's headings
_NOTE: Final = "######"


@lru_cache(maxsize=512)
def pictures(section: Section, sizes: Sizes) -> tuple[tuple[dict[str, Any], str], ...]:
    """Build what a section draws: specifications, and what they say to who cannot see them.

    Known by all that the section says, and built when it is first looked at.
    """
    charts: list[tuple[TopLevel, str]] = []
    if section.tiles:
        said = "；".join(f"{tile.label} {tile.value}" for tile in section.tiles)
        charts.append((tile_row(section.tiles, sizes), said))
    if isinstance(section.chart, Bars):
        charts.append((bar_rows(section.chart, sizes), section.chart.title))
    if isinstance(section.chart, Lines):
        charts.append((line_rows(section.chart, sizes), section.chart.title))
    if section.grid is not None and section.grid.rows:
        charts.append((grid_rows(section.grid, sizes), _of_grid(section.grid)))
    return tuple((sized(chart, sizes), said) for chart, said in charts)


def draw(section: Section, sizes: Sizes, *, key: str) -> None:
    """Draw the pictures of a section."""
    for number, (spec, said) in enumerate(pictures(section, sizes)):
        st.vega_lite_chart(spec, alt=said, key=f"{key}.{section.key}.{number}")


def _of_grid(grid: Grid) -> str:
    return "表：" + "、".join(grid.headers)


def is_on(user: User) -> bool:
    """Whether the address asks for slides, on the page that has them and of who may see it."""
    return (
        st.query_params.get(PRESENT) == "1"
        and page_asked_for() in ("", OVERVIEW.url_path)
        and user.may(OVERVIEW.permission)
    )


def begin_button() -> None:
    """Draw the button that begins the slides."""
    st.button("投屏", icon=":material/present_to_all:", key="present.begin", on_click=_begin)


def show(written: Briefing | None, asked: Filters) -> None:
    """Draw the slide that the address names, and the keys to move.

    ``None``: the week was not frozen; without a slide there is nothing to show. Both say so.
    """
    if written is None or not written.sections:
        st.markdown(f"{_TITLE} {plain(_nothing(written, asked))}")
        st.button("退出投屏", key="slide.leave", shortcut="Esc", on_click=_leave)
        return
    shown = written.sections
    place = place_of(st.query_params.get(SLIDE, ""), len(shown))
    section = shown[place]
    badge = f"　{DEMONSTRATION}" if is_demonstration() else ""
    st.markdown(
        f":gray[{plain(section.heading)}　{place + 1}/{len(shown)}　{written.basis}]{badge}"
    )
    st.markdown(f"{_TITLE} {plain(section.title)}")
    draw(section, WALL, key="slide")
    for number, note in enumerate(section.notes):
        words = plain(note)
        st.markdown(f"{_NOTE} {f':red[{words}]' if number in section.late else words}")
    st.markdown(f"{_NOTE} :gray[来源：{plain(section.source)}]")
    _moves(shown, place)


def _nothing(written: Briefing | None, asked: Filters) -> str:
    if written is None:
        return meeting.not_frozen(asked)
    return f"{asked.as_of:%Y-%m-%d} 没有可投屏的内容：请换一个日期或县区"


def _moves(shown: tuple[Section, ...], place: int) -> None:
    """Arrows turn the pages, as do the keys of a presenter: they send page up and page down."""
    last = len(shown) - 1
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "上一页",
            key="slide.back",
            shortcut="Left",
            disabled=place == 0,
            on_click=_move,
            args=(place - 1,),
        )
        for number, section in enumerate(shown):
            st.button(
                f"{number + 1} {section.heading}",
                key=f"slide.{number}",
                type="primary" if number == place else "secondary",
                shortcut={place - 1: "PageUp", place + 1: "PageDown"}.get(number),
                on_click=_move,
                args=(number,),
            )
        st.button(
            "下一页",
            key="slide.on",
            shortcut="Right",
            disabled=place == last,
            on_click=_move,
            args=(place + 1,),
        )
        st.button("退出投屏", key="slide.leave", shortcut="Esc", on_click=_leave)


def place_of(said: str, slides: int) -> int:
    """Return the place of the slide whose number an address says; the nearest there is."""
    number = int(said) if said.isdecimal() else 1
    return min(max(number, 1), slides) - 1


def _begin() -> None:
    st.query_params[PRESENT] = "1"


def _move(place: int) -> None:
    st.query_params[SLIDE] = str(place + 1)


def _leave() -> None:
    for name in (PRESENT, SLIDE):
        if name in st.query_params:
            del st.query_params[name]
