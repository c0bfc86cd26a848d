"""What the backtest says, in plain words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from analysis import wording
from analysis.backtest import RANDOM, Estimate, Fitted, Result
from analysis.backtest_windows import REPORTS, SCORE

WAY_WORDS: Final = {SCORE: "按风险分", REPORTS: "按举报件数", RANDOM: "按抽签"}
TOO_SHORT: Final = "历史太短，还不能检验：至少要有八周的检查和之后查出的问题"
SELECTIVE: Final = (
    "怎么看：只能比“后来真去查过、或举报核实过”的地方，没人去过的不知道有没有问题。过去去哪里本来就是"
    "挑过的，所以这里的比例不能当作全市的违规率。要纠正这种偏差，靠的是每份暗访计划里抽签去的那一部分：抽签"
    "对每一处都公平，抽签去的查出多少，才说明别处实际怎样。"
)
AS_IT_IS_NOW: Final = (
    "每个周四只用当天已经知道的情况打分。台账不留历史的几项（预收费监管方式、在册学生、停业或无证、许可证），"
    "以及举报对上了哪家机构，用的是现在的情况。谁去检查过从不计分，只在这里用来分组"
    "比较。看过本页结果再改分值的，改动以前的周四就不再算检验，要看以后的。"
)


def headline(result: Result | None) -> str:
    """Say what the points would have found, against the lot."""
    if result is None:
        return TOO_SHORT
    score, lot = result.ways[SCORE], result.ways[RANDOM]
    weeks = len(result.origins)
    visits = wording.count(score.visits / weeks)
    hits, by_lot = (wording.count(way.hits / weeks) for way in (score, lot))
    told = f"按风险分先去的 {visits} 处里，平均有 {hits} 处在之后 {result.horizon} 天内查出问题，"
    if score.lift.low > 1:
        return f"{told}抽签去平均只有 {by_lot} 处"
    if score.lift.high < 1:
        return f"{told}比抽签去的 {by_lot} 处还少：分值该改"
    return f"{told}抽签去平均 {by_lot} 处：还看不出可靠的差别"


def basis(result: Result) -> str:
    """Say what was looked at."""
    first, last = result.origins[0], result.origins[-1]
    return (
        f"从 {wording.full_day(first)}到 {wording.day(last, beside=first)}的 "
        f"{wording.count(len(result.origins))} 个周四逐一回看，每次先去 "
        f"{wording.count(result.capacity)} 处（实际每周检查处数的中位数），看之后 "
        f"{result.horizon} 天；前后共看到 {wording.count(result.looked_at)} 处次有结果，其中 "
        f"{wording.count(result.found)} 处次查出问题。"
    )


def earlier(result: Result) -> str:
    """Say how many days earlier the hits would have been found."""
    days = result.ways[SCORE].earlier
    if days.low > 0:
        return f"按风险分的次序去，查出的问题平均早 {days.value:.1f} 天发现。"
    if days.high < 0:
        return f"按风险分的次序去，查出的问题平均反而晚 {-days.value:.1f} 天发现。"
    return "按风险分的次序去，查出问题的时间平均没有可靠的提前。"


def within(result: Result) -> str:
    """Say whether the points do as well where the same officers inspected."""
    lift = result.ways[SCORE].within
    if math.isnan(lift.value):
        return "没有记下检查人员，不能在同一组检查人员内比较。"
    told = f"只在同一组检查人员去过的地方之间比，按风险分查出的是抽签的 {times(lift)}"
    if lift.low > 1:
        return f"{told}，所以不是靠“谁去查”分出来的。"
    return f"{told}，同组之内还看不出可靠的差别。"


def against_reports(result: Result) -> str:
    """Say whether the points do better than the number of reports alone."""
    more = result.against_reports
    told = f"与只看举报件数比，按风险分查出的比例 {wording.points(more.value)}"
    if math.isnan(more.low):
        return f"{told}，周数太少，不能下结论。"
    span = f"（95% 区间 {wording.points(more.low)}到 {wording.points(more.high)}）"
    if more.low > 0:
        return f"{told}{span}，更好。"
    if more.high < 0:
        return f"{told}{span}，不如只看举报件数：分值该改。"
    return f"{told}{span}，差别不可靠。"


def fitted(result: Result) -> str:
    """Say whether a fitted model would have done better."""
    found: Fitted | None = result.fitted
    if found is None:
        return "历史还不够长，没有另外拟合模型来比。"
    told = (
        f"另用更早的数据拟合模型（逻辑回归），在靠后的 {found.origins} 个周四上比：模型查出 "
        f"{wording.percent(found.precision)}，风险分 {wording.percent(found.points)}"
    )
    if found.is_better:
        return f"{told}，模型更好，可据此调整分值（评分设置 risk_weights.toml）。"
    if math.isnan(found.difference.low):
        return f"{told}，周数太少，不能下结论。"
    return f"{told}，差别不可靠，分值不必为此改动。"


def times(estimate: Estimate) -> str:
    """Write a lift as ``1.29 倍（1.15–1.43）``."""
    return _with_interval(estimate, lambda value: f"{value:.2f}", " 倍")


def share(estimate: Estimate) -> str:
    """Write a share as ``33.4%（27.8%–39.8%）``."""
    return _with_interval(estimate, wording.percent, "")


def days(estimate: Estimate) -> str:
    """Write days won as ``0.2 天（−0.1–0.4）``."""
    return _with_interval(estimate, _one_decimal, " 天")


def _one_decimal(value: float) -> str:
    # Adding nothing turns a rounded −0 into 0.
    return f"{round(value, 1) + 0:.1f}".replace("-", wording.MINUS)


def _with_interval(estimate: Estimate, write: Callable[[float], str], unit: str) -> str:
    if math.isnan(estimate.value):
        return wording.MISSING
    value = f"{write(estimate.value)}{unit}"
    if math.isnan(estimate.low):
        return value
    return f"{value}（{write(estimate.low)}–{write(estimate.high)}）"
