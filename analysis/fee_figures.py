"""The figures of a week on prepaid money and on checks: worked out, and beside each county."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

from analysis import prepaid
from analysis.rules import rules
from analysis.wording import MISSING, fraction

# By code of ``analysis.week_figures.Figure``.
SUPERVISED: Final = "supervised"
ILLEGAL_CHARGES: Final = "illegal_charges"
STOPPED: Final = "stopped_with_money"
STOPPED_YUAN: Final = "stopped_yuan"
FINDINGS: Final = "check_findings"
FINDINGS_LATE: Final = "check_findings_late"
# What each domain of the checks is called; codes are those of the vocabulary.
DOMAINS: Final = {
    "staff": "从业人员",
    "materials": "培训材料",
    "safety": "安全",
    "epidemic": "疫情防控",
    "contest": "违规竞赛",
}
CHECKS: Final = {f"{domain}_checks": words for domain, words in DOMAINS.items()}
CODES: Final = (
    *(SUPERVISED, ILLEGAL_CHARGES, STOPPED, STOPPED_YUAN),
    *CHECKS,
    *(FINDINGS, FINDINGS_LATE),
)
Parts = dict[str, tuple[pd.Series, pd.Series | None]]


def charge_limits() -> dict[str, Any]:
    """Return what the database may leave out of charges, for ``fee_charges.Limits``."""
    return prepaid.narrowest(rules())


def parts(counts: Mapping[str, pd.DataFrame], *, as_of: date) -> Parts:
    """Work out numerator and denominator of each figure by county; counties without any left out.

    ``counts`` has what ``meeting_counts.fee_counts`` counts as of the day. 预收费监管率 is of
    the institutions in operation; a charge is illegal by the rules of its own day, of the charges
    of the reporting week; an institution has stopped when it is suspended, deregistered or
    unlicensed, and what it has been paid for lessons not yet taught is estimated by
    ``analysis.prepaid.at_risk``. A domain's share is of the institutions in operation, and of
    none where the county has no check on record at all: a ledger that nothing has come into says
    nothing of anybody.
    """
    supervision = counts["supervision"].groupby("county_code")[["supervised", "in_operation"]].sum()
    illegal = prepaid.findings(counts["suspects"], rules()).groupby("county_code")["charge_id"]
    charges = counts["charges"].set_index("county_code")["charges"]
    risk = prepaid.at_risk(counts["stopped"], as_of=as_of).groupby("county_code")
    found: Parts = {
        SUPERVISED: (supervision["supervised"], supervision["in_operation"]),
        ILLEGAL_CHARGES: (illegal.nunique(), charges),
        STOPPED: (risk["institution_id"].nunique(), None),
        STOPPED_YUAN: (risk["risk_yuan"].sum(), None),
    }
    checks = counts["checks"]
    checked, in_operation, on_record = (
        checks.pivot(index="county_code", columns="domain", values=name)
        for name in ("checked", "in_operation", "checks")
    )
    has_any = on_record.sum(axis=1) > 0
    for domain in DOMAINS:
        found[f"{domain}_checks"] = (
            checked.loc[has_any, domain],
            in_operation.loc[has_any, domain],
        )
    sums = checks.groupby("county_code")[["findings", "open", "overdue"]].sum()
    found[FINDINGS] = (sums["open"], sums["findings"])
    found[FINDINGS_LATE] = (sums["overdue"], None)
    return found


def of_counties(counties: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Put the figures beside the names of the counties that they say something of.

    ``counties`` has ``county_code`` and ``county``. Returns these and, for each code of
    :data:`CODES`, its numerator under the code and its denominator under the code and ``_of``
    (float64; NaN where there is none), counties in their order.
    """
    numerators, denominators = wide(figures, counties["county_code"])
    names = counties[["county_code", "county"]].set_index("county_code")
    known = names.join(numerators).join(denominators.add_suffix("_of"))
    return known[numerators.notna().any(axis=1)].reset_index()


def wide(figures: pd.DataFrame, codes: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return numerators and denominators: one row per county of ``codes``, one column a figure.

    ``figures`` is ``week_figures`` of one day, whole or only of :data:`CODES`. What it does not
    say, of a week that was frozen before there was such a figure, is NaN.
    """
    numerators, denominators = (
        figures[figures["indicator"].isin(CODES)]
        .pivot(index="county_code", columns="indicator", values=name)
        .reindex(index=codes, columns=list(CODES))
        .astype("float64")
        for name in ("numerator", "denominator")
    )
    return numerators, denominators


def beside(counties: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Put two of the figures beside each county of the overview.

    Returns ``counties`` with ``supervised_written`` (str: supervised of in operation) and
    ``open_findings`` (Int64: findings of checks not closed; NA where nobody counted them).
    """
    numerators, denominators = wide(figures, counties["county_code"])
    written = [
        fraction(part, of) if of > 0 else MISSING
        for part, of in zip(numerators[SUPERVISED], denominators[SUPERVISED], strict=True)
    ]
    return counties.assign(
        supervised_written=pd.Series(written, index=counties.index, dtype="str"),
        open_findings=pd.Series(
            numerators[FINDINGS].to_numpy(), index=counties.index, dtype="float64"
        ).astype("Int64"),
    )
