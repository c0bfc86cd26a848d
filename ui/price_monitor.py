"""The files of the price monitor, to publish."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from ui import downloads
from ui.exports.price_monitor import Published, price_monitor_pdf, price_monitor_workbook


def show_downloads(cells: pd.DataFrame, *, where: str, as_of: date) -> None:
    """Draw the buttons of the sheet and of the workbook of these cells."""
    published = Published(where, as_of, cells)
    with st.container(horizontal=True):
        for ending, make in (("pdf", price_monitor_pdf), ("xlsx", price_monitor_workbook)):
            downloads.button(
                f"下载公布稿（{'PDF' if ending == 'pdf' else 'Excel'}）",
                partial(make, published),
                file_name=f"{published.title}{as_of:%Y%m%d}.{ending}",
                what="价格监测公布稿",
                rows=len(cells),
                key=f"fees.publish.{ending}",
            )
