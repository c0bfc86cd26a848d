"""Judgement on what is charged in advance: which charges break a rule, and what money is at risk.

A charge is judged by the rules in force on the day it was charged, for the category of its
institution. Months are calendar months, counted as 民法典 §§ 201–202 do: the day that begins a
term does not count, and it ends on the day of the same number, or on the last day of a shorter
month. So a course from 1 July to 1 October lasts three months, to 2 October longer; and for one
that begins on 31 March the first day to charge is 28 February (29 in a leap year).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis.intervals import wilson
from analysis.rules import Rule, holding, measured_by, with_rule

MEASURES: Final = ("months", "lessons", "months_ahead", "amount_yuan", "outside_account")
# Who is not in operation any more, or never was allowed to be.
STOPPED: Final = ("suspended", "deregistered", "unlicensed")
DAYS_A_MONTH: Final = 365.25 / 12
LOOKED_BACK: Final = timedelta(days=364)  # findings of a year: the day and the 364 before it


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a course is taught where its charge says only how many lessons were paid."""

    lessons_a_week: float = 2.0


# No ledger tells the hours; two lessons a week is the office's assumption until one does.
PACE: Final = Pace()


def narrowest(known: Iterable[Rule]) -> dict[str, Any]:
    """Return the least that any version of any rule allows, for ``fee_charges.Limits``.

    What is within it breaks no rule, so the database need not send it.
    """
    rules = measured_by(known, MEASURES)
    least: dict[str, Any] = {
        measure: min(
            (
                float(each.most)
                for each in rules
                if each.measure == measure and each.most is not None
            ),
            default=None,
        )
        for measure in ("months", "lessons", "months_ahead", "amount_yuan")
    }
    return least | {"outside_account": any(each.measure == "outside_account" for each in rules)}


def findings(charges: pd.DataFrame, known: Iterable[Rule]) -> pd.DataFrame:
    """Say which charges break which rule.

    ``charges`` has the columns of ``fee_charges.suspects``; what is not stated (months, lessons,
    days, account) breaks nothing. Where the months are not stated they are counted from the
    first to the last day of the course. Of months and lessons both stated the shorter limit
    binds: to go beyond one of them is enough, and a charge beyond both breaks two rules.

    Returns one row per charge and rule, in the order of rules and charges: the columns of
    ``charges``, those of `rules.with_rule`, and ``found`` (str), what is wrong in words.
    """
    parts = []
    for rule in measured_by(known, MEASURES):
        holds = holding(rule, charges["charged_on"], charges["category"])
        broken = charges[holds & _breaks(charges, rule)]
        parts.append(with_rule(broken, rule).assign(found=_in_words(broken, rule)))
    if not parts:
        none = charges.iloc[:0]
        texts = ("rule", "measure", "rule_title", "citation", "found")
        return none.assign(
            **{name: pd.Series(dtype="str") for name in texts},
            rule_from=pd.Series(dtype="datetime64[s]"),
        )
    return pd.concat(parts, ignore_index=True)


def _breaks(charges: pd.DataFrame, rule: Rule) -> Any:
    """Say of each charge whether it goes beyond the limit, in force or not."""
    starts, ends = charges["course_starts_on"], charges["course_ends_on"]
    most = rule.most or 0
    match rule.measure:
        case "months":
            by_days = charges["months"].isna() & (ends > starts + pd.DateOffset(months=int(most)))
            return (charges["months"] > most) | by_days
        case "lessons":
            return charges["lessons"].gt(most).fillna(value=False).astype(bool)
        case "months_ahead":
            return charges["charged_on"] < starts - pd.DateOffset(months=int(most))
        case "amount_yuan":
            return charges["amount_yuan"] > most
        case "outside_account":
            return charges["into_escrow"].eq(other=False).fillna(value=False).astype(bool)
    raise ValueError(rule.measure)


def _in_words(charges: pd.DataFrame, rule: Rule) -> pd.Series:
    """Say what is wrong with charges that break the rule."""
    starts, ends = _days(charges["course_starts_on"]), _days(charges["course_ends_on"])
    most = rule.most or 0
    match rule.measure:
        case "months":
            stated = charges["months"].map("收 {:g} 个月".format).astype("str")
            by_days = "课程 " + starts + " 至 " + ends
            said = stated.where(charges["months"].notna(), by_days) + f"，限 {most:g} 个月"
        case "lessons":
            said = charges["lessons"].map("收 {} 课时".format).astype("str") + f"，限 {most:g} 课时"
        case "months_ahead":
            first = charges["course_starts_on"] - pd.DateOffset(months=int(most))
            said = starts + " 开课，最早可于 " + _days(first) + " 收费"
        case "amount_yuan":
            amounts = charges["amount_yuan"].map("{:,.2f}".format).astype("str")
            said = "收 " + amounts.str.removesuffix(".00") + f" 元，限 {most:,g} 元"
        case _:
            said = pd.Series("没有进入监管账户", index=charges.index)
    words: pd.Series = said.astype("str")
    return words


def _days(days: pd.Series) -> pd.Series:
    words: pd.Series = days.dt.strftime("%Y-%m-%d").astype("str")
    return words


def county_findings(counts: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Count the charges that break a rule in each county, out of how many.

    ``counts`` is ``fee_charges.charge_counts`` and ``found`` :func:`findings` of the same
    charges. A charge that breaks several rules counts once in ``illegal`` and once for each rule.

    Returns the columns of ``counts`` with ``illegal`` (int64, charges that break any rule),
    ``illegal_yuan`` (float64, charged by these) and, by each measure, ``over_months``,
    ``over_lessons``, ``too_long`` (either of the two), ``too_early``, ``over_amount`` and
    ``outside_account`` (int64).
    """
    measure = found["measure"]
    measured = {
        "illegal": measure.notna(),
        "over_months": measure == "months",
        "over_lessons": measure == "lessons",
        "too_long": measure.isin(["months", "lessons"]),
        "too_early": measure == "months_ahead",
        "over_amount": measure == "amount_yuan",
        "outside_account": measure == "outside_account",
    }
    result = counts.copy()
    for name, of in measured.items():
        n = found[of].groupby("county_code")["charge_id"].nunique()
        result[name] = result["county_code"].map(n).fillna(0).astype("int64")
    once = found.drop_duplicates("charge_id").groupby("county_code")["amount_yuan"].sum()
    result["illegal_yuan"] = result["county_code"].map(once).fillna(0.0)
    return result


def by_rule(found: pd.DataFrame, known: Iterable[Rule]) -> pd.DataFrame:
    """Count :func:`findings` by rule, those without any too, in the order of the settings.

    Returns one row per version of a rule about charges: ``rule``, ``rule_title``, ``rule_from``,
    ``citation``, ``charges`` (int64) and ``amount_yuan`` (float64, charged by these, yuan).
    """
    rows = []
    for rule in measured_by(known, MEASURES):
        of = found[
            (found["rule"] == rule.code) & (found["rule_from"] == pd.Timestamp(rule.first_on))
        ]
        rows.append(
            {
                "rule": rule.code,
                "rule_title": rule.title,
                "rule_from": pd.Timestamp(rule.first_on),
                "citation": rule.citation,
                "charges": len(of),
                "amount_yuan": float(of["amount_yuan"].sum()),
            }
        )
    dtypes = dict.fromkeys(("rule", "rule_title"), "str") | {
        "rule_from": "datetime64[s]",
        "citation": "str",
        "charges": "int64",
        "amount_yuan": "float64",
    }
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def charged(found: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Return the findings on what was charged from ``first`` to ``last``, both included."""
    return found[found["charged_on"].between(pd.Timestamp(first), pd.Timestamp(last))]


def at_risk(charges: pd.DataFrame, *, as_of: date, pace: Pace = PACE) -> pd.DataFrame:
    """Estimate how much of each charge is prepaid and not yet taught on a day.

    ``charges`` is ``fee_charges.outstanding``. A course is taken to be taught evenly from its
    first day (else the day of the charge), the day itself included: over its days to the last
    one; where that is not known, over the months paid; where these are not either, at ``pace``.
    What was refunded is taken off the rest, which is never less than nothing.

    Returns the columns of ``charges`` with ``basis`` (str: ``days``, ``months``, ``lessons`` or
    empty where nothing tells), ``left`` (float64, the share not taught, 0 to 1; NaN unknown),
    ``risk_yuan`` (float64, yuan; NaN unknown), ``outside_yuan`` and ``unsaid_yuan`` (float64: of
    it outside the supervised account, and where that is not known), and ``unknown_yuan``
    (float64: charged and not refunded where nothing tells how much is taught). Charges that are
    taught or paid back in full are left out.
    """
    starts = charges["course_starts_on"].fillna(charges["charged_on"])
    by_days = ((charges["course_ends_on"] - starts).dt.days + 1).clip(lower=1)
    by_months = charges["months"].where(charges["months"] > 0) * DAYS_A_MONTH
    lessons = charges["lessons"].astype("float64")
    by_lessons = lessons.where(lessons > 0) / pace.lessons_a_week * 7
    length: pd.Series = by_days.astype("float64").combine_first(by_months).combine_first(by_lessons)
    basis = np.select(
        [by_days.notna(), by_months.notna(), by_lessons.notna()], ["days", "months", "lessons"], ""
    )
    taught = ((pd.Timestamp(as_of) - starts).dt.days + 1).clip(lower=0)
    left = (1 - taught / length).clip(0, 1)
    refunded = charges["refunded_yuan"].fillna(0.0)
    risk = (charges["amount_yuan"] * left - refunded).clip(lower=0)
    unknown = (charges["amount_yuan"] - refunded).clip(lower=0).where(length.isna(), 0.0)
    outside = charges["into_escrow"].eq(other=False).fillna(value=False).astype(bool)
    found = charges.assign(
        basis=pd.Series(basis, index=charges.index, dtype="str"),
        left=left,
        risk_yuan=risk,
        outside_yuan=risk.where(outside, 0.0),
        unsaid_yuan=risk.where(charges["into_escrow"].isna(), 0.0),
        unknown_yuan=unknown,
    )
    kept = (found["risk_yuan"] > 0) | (found["unknown_yuan"] > 0)
    return found[kept].reset_index(drop=True)


def institutions_at_risk(risk: pd.DataFrame) -> pd.DataFrame:
    """Add :func:`at_risk` up by institution: the stopped ones first, then by money outside.

    Returns ``county_code``, ``county``, ``institution_id`` (int64), ``institution_name``,
    ``category``, ``state``, ``fee_supervision`` (str), ``is_stopped`` (bool), ``charges`` (int64,
    not taught to the end), ``risk_yuan``, ``outside_yuan``, ``unsaid_yuan`` and ``unknown_yuan``
    (float64, yuan).
    """
    about = ["county_code", "county", "institution_id", "institution_name", "category", "state"]
    sums = ["risk_yuan", "outside_yuan", "unsaid_yuan", "unknown_yuan"]
    found = (
        risk.groupby([*about, "fee_supervision"], dropna=False, sort=False)
        .agg(charges=("charge_id", "size"), **{name: (name, "sum") for name in sums})
        .reset_index()
    )
    found.insert(7, "is_stopped", found["state"].isin(STOPPED))
    found["charges"] = found["charges"].astype("int64")
    return found.sort_values(
        ["is_stopped", "outside_yuan", "risk_yuan", "unknown_yuan", "institution_id"],
        ascending=[False, False, False, False, True],
        ignore_index=True,
    )


def coverage(counts: pd.DataFrame, by: str = "county") -> pd.DataFrame:
    """Add ``fee_supervision.supervision`` up by county or by category, with shares and intervals.

    Returns ``county_code`` and ``county``, or ``category`` (str), the counts of ``counts``
    (int64), ``share`` (float64, supervised ÷ in operation; NaN without any) and ``low`` and
    ``high`` (float64, its 95 % Wilson interval), in the order of ``counts``.
    """
    names = ["county_code", "county"] if by == "county" else ["category"]
    numbers = ["in_operation", "supervised", "escrow", "deposit", "unsupervised", "unknown"]
    found = (
        counts[counts[names[0]].notna()].groupby(names, sort=False, as_index=False)[numbers].sum()
    )
    bounds = [
        wilson(int(n), int(of))
        for n, of in zip(found["supervised"], found["in_operation"], strict=True)
    ]
    return found.assign(
        share=found["supervised"] / found["in_operation"].where(found["in_operation"] > 0),
        low=pd.Series([low for low, _ in bounds], index=found.index, dtype="float64"),
        high=pd.Series([high for _, high in bounds], index=found.index, dtype="float64"),
    )
