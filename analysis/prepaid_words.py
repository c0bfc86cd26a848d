"""Sentences on prepaid money: who stopped with it, what broke a rule, and how it is estimated."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.prepaid import PACE
from analysis.rules import Rule
from analysis.wording import count, day, share, yuan


def headline(institutions: pd.DataFrame, counts: pd.DataFrame, cover: pd.DataFrame) -> str:
    """Say first who stopped with money outstanding, then what broke a rule, then the coverage.

    ``institutions`` is ``prepaid.institutions_at_risk``, ``counts`` ``prepaid.county_findings``
    and ``cover`` ``prepaid.coverage`` of the same counties.
    """
    supervised, operating = int(cover["supervised"].sum()), int(cover["in_operation"].sum())
    covered = f"预收费监管率 {share(supervised, operating)}" if operating else "没有在营机构"
    if not counts["charges"].sum() and institutions.empty:
        return f"没有预收费台账记录，无法判断收费；{covered}。"
    stopped = institutions[institutions["is_stopped"]]
    illegal, charges = int(counts["illegal"].sum()), int(counts["charges"].sum())
    broken = (
        f"近一年 {count(illegal)} 笔收费违规（共 {count(charges)} 笔）"
        if illegal
        else f"近一年 {count(charges)} 笔收费未见违规"
    )
    return f"{_stopped_words(stopped)}；{broken}；{covered}。"


def _stopped_words(stopped: pd.DataFrame) -> str:
    if stopped.empty:
        return "没有停业、注销或无证机构欠着预收费"
    told = stopped[stopped["risk_yuan"] > 0]
    outside = float(told["outside_yuan"].sum())
    if told.empty:
        return f"{count(len(stopped))} 家停业、注销或无证机构有预收费，未上课金额无法估算"
    return (
        f"{count(len(stopped))} 家停业、注销或无证机构约有 {yuan(float(told['risk_yuan'].sum()))}"
        "预收费没上完课，"
        + (f"其中 {yuan(outside)}不在监管账户" if outside else "都在监管账户或账户不明")
    )


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
    charges, unsaid = int(counts["charges"].sum()), int(counts["unsaid"].sum())
    said = ["每笔收费按收费当天有效的规定判断；同一笔违反几项的，各项都列。"]
    if charges:
        unmeasured, undated = charges - counts["measured"].sum(), charges - counts["dated"].sum()
        said.append(
            f"近一年 {count(charges)} 笔中，{count(unsaid)} 笔没写是否进入监管账户、"
            f"{count(unmeasured)} 笔没写时长、{count(undated)} 笔没写开课日期，"
            "这些方面未判断，不算违规。"
        )
    return "".join(said)


def coverage_note(cover: pd.DataFrame) -> str:
    """Say what of the institutions in operation nothing is known of."""
    unknown, operating = int(cover["unknown"].sum()), int(cover["in_operation"].sum())
    if not unknown:
        return ""
    return (
        f"在营 {count(operating)} 家中，{count(unknown)} 家没有登记监管方式，"
        "监管率把它们计入分母、不计入分子。"
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
