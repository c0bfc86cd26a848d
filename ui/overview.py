"""The overview's cards and table."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import fee_figures, signs
from analysis.briefing import FROZEN
from analysis.briefing_fees import sentences
from analysis.fee_figures import of_counties
from analysis.indicators import Indicator
from analysis.overview import Figures
from ui import formatting
from ui.cards import Card, count_card, share_card
from ui.formatting import plain
from ui.meeting import Judged
from ui.navigation import (
    COMPLIANCE_CHECKS,
    FEES,
    PREPAID_FEES,
    RECTIFICATION,
    REFUND_DISPUTES,
    REGISTRATION_COVERAGE,
    VIOLATION_MAP,
    page_of,
)
from ui.tables import Table, table

_FEE_ROWS: Final = {
    fee_figures.SUPERVISED: (PREPAID_FEES, {"rows": "未监管机构"}),
    fee_figures.ILLEGAL_CHARGES: (PREPAID_FEES, {"rows": "违规收费"}),
    fee_figures.FINDINGS: (COMPLIANCE_CHECKS, {"rows": "有问题未销号"}),
    signs.RISES: (FEES, {}),
    signs.ALARMS: (REFUND_DISPUTES, {"rows": "预警"}),
}


def headline(known: Judged) -> str:
    """Say how many matters are worth a decision, where, and as of when."""
    day = formatting.day_of_week(known.as_of, beside=known.ends_on)
    said = f"截至 {day}，{known.where}"
    if known.frozen_at is not None:
        said = f"{known.frozen_at:%Y-%m-%d %H:%M} 冻结的会上数字，{said}"
    if known.figures.is_empty:
        return f"{said}没有台账数据：请换一个日期、县区或类别，或先导入台账"
    if not known.found:
        return f"{said}没有需要今天决定的例外事项"
    note = "点开可看明细；升降与上周同期相比"
    if known.basis == FROZEN:
        note = "点开的明细按现在所知；修订见会议简报"
    return f"{said}有 {len(known.found)} 项值得今天决定（{note}）"


def cards(figures: Figures) -> list[Card]:
    """Return the six figures as cards, each leading to its rows."""
    return [
        share_card(
            "登记覆盖率",
            figures.coverage,
            f"{_of(figures.coverage)} 家",
            REGISTRATION_COVERAGE,
        ),
        share_card(
            "合格登记率",
            figures.qualified_share,
            f"合格 {_of(figures.qualified_share)} 家",  # the same words twice would be one link
            REGISTRATION_COVERAGE,
        ),
        count_card(
            "整改未销号",
            figures.open_items,
            "件",
            f"其中逾期 {formatting.count(figures.overdue_items.value)} 件",
            RECTIFICATION,
            rows="逾期",
        ),
        count_card(
            "退费未化解",
            figures.open_disputes,
            "件",
            f"涉及 {formatting.yuan(figures.disputed_yuan)}",
            REFUND_DISPUTES,
            rows="未化解",
        ),
        count_card(
            "本周举报",
            figures.reports,
            "件",
            f"核实率 {formatting.share(figures.substantiated, figures.verified)}",
            VIOLATION_MAP,
            period="本周",
        ),
        count_card("本周检查", figures.inspections, "次", "检查明细", None),
    ]


def fee_links(known: Judged) -> dict[str, str]:
    """Return what is said of money, checks and what stands out, by the code of the figure."""
    said = sentences(of_counties(known.counties, known.fees))
    return said if known.signs is None else said | signs.sentences(known.signs)


def show_fees(links: dict[str, str], address: dict[str, Any]) -> None:
    """Draw what is said of money, checks and what stands out, each leading to its rows."""
    with st.container(horizontal=True):
        for code, words in links.items():
            entry, rows = _FEE_ROWS[code]
            st.page_link(
                page_of(entry),
                label=plain(words),
                icon=":material/chevron_right:",
                icon_position="right",
                width="content",
                query_params={**address, **rows},
            )


def _of(figure: Indicator) -> str:
    return formatting.fraction(figure.numerator, figure.denominator)


def county_table(counties: pd.DataFrame) -> Table:
    """Return one row a county; ``counties`` is ``analysis.overview.by_county``."""
    return table(
        counties,
        [
            "county",
            "coverage",
            "registered_written",
            "qualified_share",
            "qualified_written",
            "open_items",
            "overdue_items",
            "open_disputes",
            "amount_yuan",
            "reports",
            "substantiated_written",
            "inspections",
            "supervised_written",
            "open_findings",
        ],
        shares=["coverage", "qualified_share"],
        money=["amount_yuan"],
    )
