"""The briefing on a page: its files, and all that stands in them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.briefing_content import Briefing
from ui import downloads
from ui.charts.slides import PAGE
from ui.exports.briefing_pdf import briefing_pdf
from ui.exports.briefing_slides import briefing_slides
from ui.exports.briefing_word import briefing_word
from ui.formatting import plain
from ui.presenting import draw

FILES = (
    ("下载 PDF", "pdf", briefing_pdf),
    ("下载 Word", "docx", briefing_word),
    ("下载 PPT", "pptx", briefing_slides),
)


def offer(briefing: Briefing) -> None:
    """Offer the briefing as files; each is made at the click, from what the page shows."""
    name = f"{briefing.title}_{briefing.where}_{briefing.as_of:%Y-%m-%d}"
    with st.container(horizontal=True):
        for label, ending, make in FILES:
            downloads.button(
                label,
                partial(make, briefing),
                file_name=f"{name}.{ending}",
                what=f"会议简报（{ending}，{briefing.basis}）",
                rows=len(briefing.sections),
                key=f"briefing.{ending}",
            )


def show(briefing: Briefing) -> None:
    """Draw the sections as they stand in the files."""
    for section in briefing.sections:
        st.subheader(plain(section.title), anchor=False)
        draw(section, PAGE, key="paper")
        for number, note in enumerate(section.notes):
            words = plain(note)
            st.markdown(f":red[{words}]" if number in section.late else words)
        st.caption(f"来源：{plain(section.source)}")
