"""Deregistered institutions that teach on (假注销真运营), each with what says so.

Strong evidence, after the day of deregistration (that day itself does not count): a report
that names the institution or its credit code and has not turned out untrue, a violation that
an inspection found there, money charged. Reports of the same place that name nobody are weak:
they are told beside strong evidence and never bring an institution in, for its building may
merely be busy. Disputes over money are no sign of teaching: a closed school leaves them behind.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from analysis import wording
from analysis.evidence import DEREGISTERED, SUBSTANTIATED, UNSUBSTANTIATED, VIOLATION, Evidence

# What parents report of a school that is closed as well.
NO_SIGN_OF_TEACHING: Final = ("退费难", "预收费违规")
# Reports of one place that nobody counts: its building is a busy one, which is told by then.
AT_PLACE: Final = 100
_OF_INSTITUTION: Final = (
    *("institution_id", "county_code", "name", "category", "place_key", "place_name"),
    *("address", "longitude", "latitude", "deregistered_on"),
)
_SINGLE: Final = {
    "institution_id": "int64",
    "happened_on": "datetime64[s]",
    "kind": "str",
    "is_strong": "bool",
    "is_proven": "bool",
    "text": "str",
}


class Proofs(NamedTuple):
    """What of the evidence is looked at here: ``data_access.evidence.teaching_on``."""

    institutions: pd.DataFrame
    named: pd.DataFrame
    inspections: pd.DataFrame
    charges: pd.DataFrame


def signs(evidence: Evidence | Proofs, as_of: date) -> pd.DataFrame:
    """List every single sign that a deregistered institution teaches on, by institution and day.

    Also weak ones of institutions without a strong one; `still_teaching` leaves those out.

    ==============  =============  =========================================================
    institution_id  int64
    happened_on     datetime64[s]  received, inspected or charged; after deregistration
    kind            str            report, inspection, charge or place_report
    is_strong       bool           False: a report of the place that names nobody
    is_proven       bool           False: a report that is not verified yet
    text            str            a sentence
    ==============  =============  =========================================================
    """
    over = evidence.institutions
    over = over[(over["operating_status"] == DEREGISTERED) & over["deregistered_on"].notna()]
    over = over[over["deregistered_on"] <= pd.Timestamp(as_of)]
    reports = evidence.named
    reports = reports[
        (reports["state"] != UNSUBSTANTIATED)
        & ~reports["violation_type_group"].isin(NO_SIGN_OF_TEACHING)
    ]
    named = reports.assign(told=_told(reports["institution_id"], reports["credit_code"], over))
    named = named[named["told"].notna()]
    nobody = reports["institution_id"].isna() & ~reports["report_id"].isin(named["report_id"])
    near = reports[nobody & reports["place_key"].notna()].merge(
        over[["institution_id", "place_key"]].rename(columns={"institution_id": "told"}),
        on="place_key",
    )
    checks = evidence.inspections[evidence.inspections["outcome"] == VIOLATION]
    charges = evidence.charges
    found = pd.concat(
        [
            _signs(named, "told", "received_on", "report"),
            _signs(near, "told", "received_on", "place_report"),
            _signs(checks, "institution_id", "inspected_on", "inspection"),
            _signs(charges, "institution_id", "charged_on", "charge"),
        ],
        ignore_index=True,
    ).merge(over[["institution_id", "deregistered_on"]], on="institution_id")
    found = found[
        (found["happened_on"] > found["deregistered_on"])
        & (found["happened_on"] <= pd.Timestamp(as_of))
    ].sort_values(["institution_id", "happened_on", "kind"], kind="stable", ignore_index=True)
    words = zip(
        *(found[name] for name in ("kind", "happened_on", "is_proven", "what", "amount_yuan")),
        strict=True,
    )
    texts = [_sentence(*each, as_of=as_of) for each in words]
    found = found.assign(text=pd.Series(texts, index=found.index, dtype="str"))
    return found[list(_SINGLE)].astype(_SINGLE)


def still_teaching(evidence: Evidence | Proofs, as_of: date) -> pd.DataFrame:
    """List the deregistered institutions with strong evidence, most of it first.

    ====================  =============  ===================================================
    institution_id        int64
    county_code           str
    name, category        str
    place_key             str            missing: neither a place nor coordinates
    place_name, address   str
    longitude, latitude   float64        WGS-84 degrees
    deregistered_on       datetime64[s]
    proofs                int64          strong signs
    place_reports         int64          weak signs
    is_cut                bool           there are more weak signs than are known here
    last_on               datetime64[s]  the last strong sign
    is_certain            bool           a strong sign is proven; else: reported, not verified
    signs                 object         list of str: a sentence for each sign, by day
    headline              str            one sentence of all of them
    ====================  =============  ===================================================
    """
    every = signs(evidence, as_of)
    strong = every[every["is_strong"]]
    told = strong.groupby("institution_id").agg(
        proofs=("is_strong", "size"),
        last_on=("happened_on", "max"),
        is_certain=("is_proven", "max"),
    )
    told["place_reports"] = _count(every[~every["is_strong"]], told.index)
    told["is_cut"] = told.index.isin(_cut(evidence))
    for kind in ("report", "inspection", "charge"):
        told[kind] = _count(strong[strong["kind"] == kind], told.index)
    own = evidence.institutions[list(_OF_INSTITUTION)]
    listed = own.merge(told.reset_index(), on="institution_id").sort_values(
        ["is_certain", "proofs", "last_on", "institution_id"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )
    texts = every.groupby("institution_id")["text"].agg(list)
    listed["signs"] = pd.Series(
        [texts[number] for number in listed["institution_id"]], index=listed.index, dtype="object"
    )
    rows = listed.to_dict("records")
    listed["headline"] = pd.Series(
        [_headline(row, as_of) for row in rows], index=listed.index, dtype="str"
    )
    return listed[
        [
            *_OF_INSTITUTION,
            *("proofs", "place_reports", "is_cut", "last_on", "is_certain", "signs", "headline"),
        ]
    ]


def places(found: pd.DataFrame) -> dict[str, date]:
    """Return the places of ``found`` (`still_teaching`), and when the first of each was over.

    What is reported there of nobody is told beside the evidence.
    """
    first = found.groupby("place_key")["deregistered_on"].min()
    return {str(place): day.date() for place, day in first.items()}


def beside(proofs: Proofs, at_places: pd.DataFrame) -> Proofs:
    """Add what is reported at places: of each the :data:`AT_PLACE` latest reports.

    ``at_places`` is ``data_access.evidence.at_places``.
    """
    named = pd.concat([proofs.named, at_places], ignore_index=True)
    return proofs._replace(named=named.drop_duplicates("report_id", ignore_index=True))


def summary(found: pd.DataFrame) -> str:
    """Say how many there are; ``found`` is `still_teaching`."""
    if found.empty:
        return "没有发现已注销机构仍在办学的证据"
    certain = int(found["is_certain"].sum())
    waiting = len(found) - certain
    names = wording.listed(found["name"].tolist(), unit="家")
    told = f"{wording.count(len(found))} 家已注销机构有仍在办学的证据：{names}"
    return told + (f"；其中 {wording.count(waiting)} 家的举报还在核实" if waiting else "")


def _told(linked: pd.Series, codes: pd.Series, over: pd.DataFrame) -> pd.Series:
    """Return which deregistered institution each report names, by its link or else its code."""
    coded = over[over["credit_code"].notna()]
    by_code = pd.Series(coded["institution_id"].to_numpy(), index=coded["credit_code"])
    of_code = pd.Series(codes.map(by_code), index=codes.index).astype("Int64")
    return linked.where(linked.isin(over["institution_id"]), of_code)


def _cut(evidence: Evidence | Proofs) -> pd.Series:
    """Return the institutions at whose place there are reports beyond those that were read."""
    untied = evidence.named[evidence.named["institution_id"].isna()].groupby("place_key")
    oldest = untied["received_on"].min()[untied.size() >= AT_PLACE].rename("oldest")
    there = evidence.institutions.merge(oldest.reset_index(), on="place_key")
    cut: pd.Series = there.loc[there["oldest"] > there["deregistered_on"], "institution_id"]
    return cut


def _signs(rows: pd.DataFrame, institution: str, day: str, kind: str) -> pd.DataFrame:
    known = rows[rows[institution].notna()]
    is_report = "report" in kind
    return pd.DataFrame(
        {
            "institution_id": known[institution].astype("int64"),
            "happened_on": known[day],
            "kind": pd.Series(kind, index=known.index, dtype="str"),
            "is_strong": np.full(len(known), kind != "place_report"),
            "is_proven": known["state"] == SUBSTANTIATED if is_report else True,
            "what": known["violation_type_group"]
            if "violation_type_group" in known
            else pd.Series(np.nan, index=known.index, dtype="str"),
            "amount_yuan": known["amount_yuan"]
            if "amount_yuan" in known
            else pd.Series(np.nan, index=known.index, dtype="float64"),
        }
    ).astype({"is_proven": "bool"})


def _count(rows: pd.DataFrame, institutions: pd.Index) -> pd.Series:
    return rows.groupby("institution_id").size().reindex(institutions, fill_value=0)


def _sentence(
    kind: str, day: pd.Timestamp, is_proven: bool, what: str, amount: float, *, as_of: date
) -> str:
    on = wording.day(day, beside=as_of)
    of_type = "" if wording.is_missing(what) else f"（{what}）"
    verdict = "已查实" if is_proven else "尚在核实"
    match kind:
        case "report":
            return f"{on}又被举报{of_type}，{verdict}"
        case "place_report":
            return f"{on}同一地点被举报{of_type}，未点名，{verdict}"
        case "inspection":
            return f"{on}检查发现违规{of_type}"
    return f"{on}仍在收费 {wording.yuan(amount)}"


def _headline(row: dict[Any, Any], as_of: date) -> str:
    parts = [
        f"{words} {wording.count(row[kind])} {unit}"
        for kind, words, unit in (
            ("report", "被举报", "件"),
            ("inspection", "检查发现违规", "次"),
            ("charge", "收费", "笔"),
            ("place_reports", "同一地点未点名举报", "件以上" if row["is_cut"] else "件"),
        )
        if row[kind]
    ]
    over = wording.day(row["deregistered_on"], beside=as_of)
    last = wording.day(row["last_on"], beside=as_of)
    return f"{over}注销后：{'、'.join(parts)}，最近 {last}"
