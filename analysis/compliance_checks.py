"""Judgement on the checks (专项检查): which domain and county lag, what of the findings is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson
from analysis.wording import count, day, fraction, is_missing, listed, ratio, share

NAMED: Final = 3  # counties that the sentence names
TOTAL: Final = "合计"
STAFF: Final = "staff"
SAFETY: Final = "safety"
NO_ASPECT: Final = "没有写明方面"
# How a cell of the wall stands, what wants somebody most first.
LATE, UNCHECKED, OPEN, PART, FULL, NOBODY = (
    *("late", "unchecked", "open"),
    *("part", "full", "nobody"),
)
# What a finding needs, the most urgent first.
_STAGES: Final = ("overdue", "unfiled", "open", "closed")


def by_domain(coverage: pd.DataFrame) -> pd.DataFrame:
    """Add the counties of ``compliance_checks.coverage`` up: one row a domain, in its order."""
    numbers = coverage.columns.drop(["county_code", "county", "domain"])
    return coverage.groupby("domain", sort=False)[list(numbers)].sum().reset_index()


def least_checked(domains: pd.DataFrame) -> dict[Any, Any]:
    """Return the row of the domain in which the fewest were checked, of :func:`by_domain`."""
    rows = domains.to_dict("records")
    return min(rows, key=lambda row: row["checked"])  # of the same institutions each


def headline(coverage: pd.DataFrame, words: Mapping[str, str], *, as_of: date, beside: date) -> str:
    """Say in a sentence which domain lags, which counties lag in it, and what is open.

    ``coverage`` is ``compliance_checks.coverage``, ``words`` the domains' by code. A county lags
    where its whole Wilson interval lies below the share of all; one with fewer than ten
    institutions is not compared. ``beside`` is the last day of the campaign: days of another year
    say so.
    """
    domains = by_domain(coverage)
    on = day(as_of, beside=beside)
    if not domains["checks"].sum():
        return f"截至 {on}，行动以来没有专项检查记录"
    return f"{_lagging(coverage, domains, words)}；{_open(domains)}"


def _lagging(coverage: pd.DataFrame, domains: pd.DataFrame, words: Mapping[str, str]) -> str:
    if not domains["in_operation"].sum():
        return "所选范围内没有在营机构"
    if (domains["checked"] == domains["in_operation"]).all():
        return f"{len(domains)} 类检查都已查遍"
    first = least_checked(domains)
    said = (
        f"{words[first['domain']]}查得最少，在营机构查过 "
        f"{share(first['checked'], first['in_operation'])}"
    )
    counties = coverage[coverage["domain"] == first["domain"]]
    behind = _behind(counties, ratio(first["checked"], first["in_operation"]))
    if not behind:
        return said
    return f"{said}，{listed(behind, at_most=NAMED, unit='个县区')}明显落后"


def _behind(counties: pd.DataFrame, whole: float) -> list[str]:
    """Name the counties that are clearly below the whole, the lowest first."""
    found = [
        (row["checked"] / row["in_operation"], str(row["county"]))
        for row in counties.to_dict("records")
        if row["in_operation"] >= SMALL_DENOMINATOR
        and wilson(row["checked"], row["in_operation"])[1] < whole
    ]
    return [county for _, county in sorted(found)]


def _open(domains: pd.DataFrame) -> str:
    found, still, late = (int(domains[name].sum()) for name in ("findings", "open", "overdue"))
    if not found:
        return "没有发现问题"
    if not still:
        return f"发现问题 {count(found)} 个，都已销号"
    said = f"发现问题 {count(found)} 个，未销号 {count(still)} 个"
    return f"{said}，其中逾期 {count(late)} 个" if late else f"{said}，没有逾期的"


def cells(coverage: pd.DataFrame) -> pd.DataFrame:
    """Say how each county stands in each domain: the cells of the wall.

    Of several counties the first row of each domain adds them up, without a county's code.

    Returns ``coverage`` with ``state`` (str: late, unchecked, open, part, full or nobody, the
    first that is true: a finding is overdue; none of the institutions was checked; a finding is
    open; some were not checked; all were; there are none) and ``word`` (str: the share, of fewer
    than ten institutions the fraction, and how many findings are open).
    """
    shown = coverage
    if coverage["county_code"].nunique() > 1:
        city = by_domain(coverage).assign(county_code="", county=TOTAL)
        shown = pd.concat([city[coverage.columns], coverage], ignore_index=True)
    rows = shown.to_dict("records")
    return shown.assign(
        state=pd.Series([_state(row) for row in rows], index=shown.index, dtype="str"),
        word=pd.Series([_word(row) for row in rows], index=shown.index, dtype="str"),
    )


def _state(row: Mapping[Any, Any]) -> str:
    if row["overdue"]:
        return LATE
    if row["in_operation"] and not row["checked"]:
        return UNCHECKED
    if row["open"]:
        return OPEN
    if not row["in_operation"]:
        return NOBODY
    return FULL if row["checked"] == row["in_operation"] else PART


def _word(row: Mapping[Any, Any]) -> str:
    checked, of = row["checked"], row["in_operation"]
    if not of:
        said = "无机构"
    elif not checked:
        said = "未查"
    elif of < SMALL_DENOMINATOR:
        said = fraction(checked, of)
    else:
        said = f"{checked * 100 // of}%"  # rounded down: 99.6 % is not all of them
    return f"{said} 未销{count(row['open'])}" if row["open"] else said


def by_urgency(findings: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Put findings in the order in which they need somebody, and say why in words.

    ``findings`` is ``compliance_checks.findings``. Overdue ones first, the longest overdue and of
    these the most severe; then those on no ledger; then the rest by due day; closed ones last.

    Returns ``findings`` with ``stage`` (str: overdue, unfiled, open or closed) and ``urgency``
    (str, words).
    """
    left = (findings["due_on"] - pd.Timestamp(as_of)).dt.days
    stage = pd.Series("open", index=findings.index, dtype="str")
    stage = stage.mask(~findings["is_filed"], "unfiled").mask(left < 0, "overdue")
    stage = stage.where(findings["is_open"], "closed")
    words = [
        _urgency(*each) for each in zip(stage, left, findings["is_filed"].tolist(), strict=True)
    ]
    ranked = findings.assign(
        stage=stage,
        urgency=pd.Series(words, index=findings.index, dtype="str"),
        first=stage.map(_STAGES.index),
        second=left,
        third=-findings["severity"].astype("float64"),
    )
    ranked = ranked.sort_values(
        ["first", "second", "third", "check_no"], ignore_index=True, na_position="last"
    )
    return ranked.drop(columns=["first", "second", "third"])


def _urgency(stage: str, left: float, is_filed: bool) -> str:
    if stage == "closed":
        return "已销号"
    if is_missing(left):
        said = "未定期限"
    elif left < 0:
        said = f"逾期 {-left:.0f} 天"
    else:
        said = "今日到期" if left == 0 else f"还有 {left:.0f} 天"
    return said if is_filed else f"{said}，未立账"


def missing_domains(unchecked: pd.DataFrame, words: Mapping[str, str]) -> pd.DataFrame:
    """Name the domains in which each institution was not checked.

    ``unchecked`` is ``compliance_checks.unchecked``; returns it with ``missing`` (str), those
    missing in most domains first.
    """
    names = list(words)
    lacks = ~unchecked[names]
    missing = [
        "、".join(words[name] for name, is_so in zip(names, row, strict=True) if is_so)
        for row in lacks.to_numpy()
    ]
    ranked = unchecked.assign(
        missing=pd.Series(missing, index=unchecked.index, dtype="str"), first=-lacks.sum(axis=1)
    )
    return ranked.sort_values("first", kind="stable", ignore_index=True).drop(columns="first")


def safety_sentence(findings: pd.DataFrame, aspects: Mapping[str, str]) -> str:
    """Say what the checks of safety found, by aspect; nothing where they found nothing.

    ``findings`` is ``compliance_checks.findings``, ``aspects`` the words of aspects by code.
    """
    of_safety = findings[findings["domain"] == SAFETY]
    if of_safety.empty:
        return ""
    numbers = of_safety["aspect"].map(aspects).fillna(NO_ASPECT).value_counts()
    order = [*aspects.values(), NO_ASPECT]
    said = [f"{word} {count(numbers[word])} 个" for word in order if word in numbers]
    return f"安全检查发现问题 {count(len(of_safety))} 个：{'、'.join(said)}。"


def older_sentence(number: int, listed_as: str) -> str:
    """Say how many findings from before the campaign are still open; nothing where none are."""
    if not number:
        return ""
    return (
        f"另有 {count(number)} 个问题是行动以前的检查发现的，至今没有销号，不计入以上，"
        f"见名单“{listed_as}”。"
    )
