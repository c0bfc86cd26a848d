"""Sentences on prepaid money: who stopped with it, what broke a rule, and how it is estimated."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from analysis.prepaid import PACE
from analysis.rules import Rule
from analysis.wording import count, day, share, yuan

WORTH_NAMING: Final = 10_000  # yuan outside the account, from which a headline names who holds it


def headline(institutions: pd.DataFrame, counts: pd.DataFrame) -> str:
    """Say first who stopped with money outstanding, then who holds most outside, then the rest.

    ``institutions`` is ``prepaid.institutions_at_risk`` and ``counts``
    ``prepaid.county_findings`` of the same counties.
    """
    illegal, charges = int(counts["illegal"].sum()), int(counts["charges"].sum())
    if not charges and institutions.empty:
        return "近一年没有预收费台账记录，无法判断收费。"
    is_stopped = institutions["is_stopped"]
    said = [_stopped_words(institutions[is_stopped]), _most_outside(institutions[~is_stopped])]
    said.append(
        f"近一年 {count(charges)} 笔收费中 {count(illegal)} 笔违规"
        if illegal
        else f"近一年 {count(charges)} 笔收费未见违规"
    )
    return f"{'；'.join(words for words in said if words)}。"


def _stopped_words(stopped: pd.DataFrame) -> str:
    if stopped.empty:
        return "没有停业、注销或无证机构欠着预收费"
    told, outside = float(stopped["risk_yuan"].sum()), float(stopped["outside_yuan"].sum())
    if not told:
        return f"{count(len(stopped))} 家停业、注销或无证机构有预收费，未上课金额无法估算"
    return f"{count(len(stopped))} 家停业、注销或无证机构约有 {yuan(told)}预收费没上完课，" + (
        f"其中 {yuan(outside)}不在监管账户" if outside else "没有写明在账户外的"
    )


def _most_outside(operating: pd.DataFrame) -> str:
    outside = operating.sort_values("outside_yuan", ascending=False).head(1)
    if outside.empty or outside["outside_yuan"].iloc[0] < WORTH_NAMING:
        return ""
    most = outside.iloc[0]
    return f"在营的“{most['institution_name']}”账户外最多，约 {yuan(most['outside_yuan'])}"


def estimate_note(institutions: pd.DataFrame) -> str:
    """Say that the money at risk is an estimate, how it is made, and what it leaves out."""
    unknown = float(institutions["unknown_yuan"].sum())
    return (
        "未上课金额是估算：每笔按开课到结课的天数平均扣除已上部分（当天算已上），没有结课日期的按收费月数，"
        f"再没有的按每周 {PACE.lessons_a_week:g} 课时，再减已退金额。"
        + (f"另有 {yuan(unknown)}没写时长，无法估算，未计入。" if unknown else "")
    )


def findings_note(counts: pd.DataFrame) -> str:
    """Say how the charges were judged, and what of them could not be."""
    charges, said = int(counts["charges"].sum()), list[str]()
    for n, words in (
        (counts["unsaid"].sum(), "没写是否进入监管账户"),
        (charges - counts["measured"].sum(), "没写时长"),
        (charges - counts["dated"].sum(), "没写开课日期"),
    ):
        if n:
            said.append(f"{count(n)} 笔{words}")
    return "每笔收费按收费当天有效的规定判断，一笔违反几项的各项都列。" + (
        f"近一年 {count(charges)} 笔中，{'、'.join(said)}，这些方面未判断，不算违规。"
        if said
        else ""
    )


def coverage_note(cover: pd.DataFrame) -> str:
    """Say how many institutions in operation are supervised, and of how many it is unknown."""
    supervised, operating, unknown = (
        int(cover[name].sum()) for name in ("supervised", "in_operation", "unknown")
    )
    if not operating:
        return ""
    return (
        f"预收费监管率 {share(supervised, operating)}：在营机构中，银行托管或缴存风险保证金的"
        + (f"；{count(unknown)} 家没有登记监管方式，计入分母。" if unknown else "。")
    )


def permission_note(known: Rule | None, institutions: pd.DataFrame, *, as_of: date) -> str:
    """Say by what unlicensed institutions with prepaid money can be punished on the day.

    ``known`` is the rule ``unpermitted`` in force on the day; none before its first day.
    """
    unlicensed = int((institutions["state"] == "unlicensed").sum())
    if not unlicensed:
        return ""
    if known is None:
        return f"其中无证 {count(unlicensed)} 家；截至 {day(as_of)}，校外培训行政处罚办法尚未施行。"
    return f"其中无证 {count(unlicensed)} 家，可依{known.citation}处罚。"
