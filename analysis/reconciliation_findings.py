"""What the ledger and the lists do not agree on, and how far they do.

Frames are those of ``data_access.reconciliation`` (``list_lines``, ``ledger_rows``) and of
``analysis.reconciliation.propose``; what they do not hold, no figure here can tell of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from analysis import wording
from analysis.reconciliation_names import (
    address_parts,
    county_words,
    name_parts,
    number_key,
    phones,
)

LEDGER: Final = "机构台账"
_RECORD: Final = [
    *("county_code", "county", "found_in", "name", "credit_code", "licence_no", "address", "phone"),
]


def agreement(lines: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Count 账账相符率 of every list that has lines.

    **Numerator** ``agreeing``: lines matched (by credit code or by a person) with an institution
    that the ledger of the line's own county has; a line whose list names no county agrees with
    any. **Denominator** ``lines``: all lines of the list but those dismissed as no training
    institution. A line whose institution stands in another county's ledger does not agree. What
    is only proposed does not agree yet.

    Returns one row a list, in the order of the frame: ``source`` (str), ``lines``, ``agreeing``,
    ``elsewhere`` (matched in another county's ledger), ``to_decide`` (proposed), ``missing``
    (neither), ``dismissed`` (int64) and ``rate`` (float64, 0 to 1, NaN where there are no lines).
    The first four of these parts add up to ``lines``.
    """
    kept = lines[lines["match_status"] != "dismissed"]
    agrees = _agrees(kept)
    elsewhere = kept["institution_id"].notna() & ~agrees
    asked = kept["id"].isin(proposals["entry_id"])
    missing = ~agrees & ~elsewhere & ~asked
    parts = pd.DataFrame(
        {
            "source": kept["source"],
            "lines": 1,
            "agreeing": agrees.astype("int64"),
            "elsewhere": elsewhere.astype("int64"),
            "to_decide": asked.astype("int64"),
            "missing": missing.astype("int64"),
        }
    )
    counted = parts.groupby("source").sum()
    dismissed = lines.loc[lines["match_status"] == "dismissed", "source"].value_counts()
    counted = counted.reindex(counted.index.union(dismissed.index), fill_value=0)
    counted["dismissed"] = dismissed.reindex(counted.index, fill_value=0)
    counted = counted.astype("int64").reset_index()
    rate = counted["agreeing"] / counted["lines"].where(counted["lines"] > 0)
    return counted.assign(rate=rate.astype("float64"))


def headline(agreed: pd.DataFrame, pairs: int) -> str:
    """Say how far the ledger and the lists agree, and what is to be decided."""
    lines = int(agreed["lines"].sum())
    if not lines:
        return "还没有底数名单，无从比对。"
    said = wording.share(int(agreed["agreeing"].sum()), lines)
    asked = f"还有 {wording.count(pairs)} 对待判定" if pairs else "没有待判定的对子"
    missing = int(agreed["missing"].sum())
    lost = f"，{wording.count(missing)} 行在台账里找不到" if missing else ""
    return f"底数名单账账相符 {said}；{asked}{lost}。"


def not_in_ledger(lines: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that nothing in the ledger is like: to be looked for, or dismissed.

    Neither matched nor dismissed nor proposed; the newest lists first.
    """
    open_ = (lines["match_status"] == "unmatched") & ~lines["id"].isin(proposals["entry_id"])
    return lines[open_].sort_values(
        "received_on", ascending=False, kind="stable", ignore_index=True
    )


def elsewhere(lines: pd.DataFrame, institutions: pd.DataFrame) -> pd.DataFrame:
    """Return the lines whose institution stands in another county's ledger.

    With ``ledger_county`` and ``ledger_name`` (str) of the institution.
    """
    found = lines[lines["institution_id"].notna() & ~_agrees(lines)]
    known = institutions.set_index("id")
    at = found["institution_id"].astype("int64")
    return found.assign(
        ledger_county=at.map(known["county"]), ledger_name=at.map(known["name"])
    ).reset_index(drop=True)


def on_no_list(
    institutions: pd.DataFrame, lines: pd.DataFrame, proposals: pd.DataFrame
) -> pd.DataFrame:
    """Return the institutions of the ledger, not deregistered, that no line is matched with.

    Nor proposed for: what is still to be decided may yet be one of them.
    """
    seen = {*lines["institution_id"].dropna(), *proposals["institution_id"]}
    gone = institutions["deregistered_on"].notna()
    return institutions[~gone & ~institutions["id"].isin(seen)].reset_index(drop=True)


def two_counties(
    institutions: pd.DataFrame, lines: pd.DataFrame, sources: Mapping[str, str]
) -> pd.DataFrame:
    """Return the records that state one credit code in two counties or more.

    A record is an institution of the ledger or a line of a list that was not dismissed;
    ``found_in`` (str) says which, ``sources`` being the words of the lists. Records of one code
    stand together, the ledger's first.
    """
    records = _records(institutions, lines, sources)
    key = records["credit_code"].fillna("").map(number_key)
    counties = records["county_code"].where(key != "").groupby(key).transform("nunique")
    return _together(records[(key != "") & (counties > 1)], key)


def one_licence(
    institutions: pd.DataFrame, lines: pd.DataFrame, sources: Mapping[str, str]
) -> pd.DataFrame:
    """Return the records that state one licence number at two places or more.

    A place is a county with road and number, the rooms behind one door being one place. Records
    without a county, or without a road and a number in their address, say nothing of a place.
    """
    records = _records(institutions, lines, sources)
    words = county_words(records["county"].dropna())
    key = records["licence_no"].fillna("").map(number_key)
    # Most licences stand with one address, however often: only the others are taken apart.
    told = (key != "") & records["county_code"].notna() & records["address"].notna()
    told &= records["address"].where(told).groupby(key).transform("nunique") > 1
    records, key = records[told], key[told]
    doors = pd.Series(
        [address_parts(text, words).door for text in records["address"]],
        index=records.index,
        dtype="str",
    )
    has_door = doors != ""
    place = (records["county_code"] + doors).where(has_door)
    places = place.groupby(key).transform("nunique")
    return _together(records[has_door & (places > 1)], key)


def gone_and_there(
    institutions: pd.DataFrame,
    lines: pd.DataFrame,
    proposals: pd.DataFrame,
    sources: Mapping[str, str],
) -> pd.DataFrame:
    """Return the institutions that are deregistered here and yet stand somewhere else.

    ``still_on`` (str) says where: on a list that reached us after the day it was deregistered
    (matched, or proposed, which is said), or in the ledger as another institution that is not
    deregistered and has its telephone, its licence, or in the same county its name.

    Returns the institutions' columns, ``still_on`` and ``last_seen_on`` (datetime64[s]: the day of
    the newest such list, NaT where there is none), the latest deregistered first.
    """
    gone = institutions[institutions["deregistered_on"].notna()]
    if gone.empty:
        return gone.assign(
            still_on=pd.Series(dtype="str"), last_seen_on=pd.Series(dtype="datetime64[s]")
        )
    said: dict[int, list[str]] = {number: [] for number in gone["id"]}
    last: dict[int, pd.Timestamp] = {}
    left_on = gone.set_index("id")["deregistered_on"]
    asked = lines["id"].map(proposals.set_index("entry_id")["institution_id"])
    means = lines["institution_id"].astype("float64").fillna(asked.astype("float64"))
    is_open = lines["institution_id"].isna()
    of_lines = (lines["source"], lines["received_on"], is_open, means.fillna(0).astype("int64"))
    for source, received_on, is_asked, number in zip(*of_lines, strict=True):
        if number in said and received_on > left_on[number]:
            doubt = "（疑似，待判定）" if is_asked else ""
            said[number].append(f"{wording.day(received_on)}收到的{sources[source]}名单{doubt}")
            last[number] = max(last.get(number, received_on), received_on)
    for number, words in _twins(gone, institutions):
        said[number].append(words)
    found = gone.assign(
        still_on=pd.Series(["；".join(said[number]) for number in gone["id"]], index=gone.index),
        last_seen_on=pd.to_datetime(
            pd.Series([last.get(n) for n in gone["id"]], index=gone.index)
        ).astype("datetime64[s]"),
    )
    found = found[found["still_on"] != ""]
    return found.sort_values("deregistered_on", ascending=False, kind="stable", ignore_index=True)


def _twins(gone: pd.DataFrame, institutions: pd.DataFrame) -> list[tuple[int, str]]:
    """Pair each deregistered institution with who is there under its name or its telephone."""
    words = county_words(institutions["county"].dropna())
    there = institutions[institutions["deregistered_on"].isna()].to_dict("records")
    by: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(there):
        for key in _traces(row, words):
            by.setdefault(key, []).append(at)
    found = []
    for row in gone.to_dict("records"):
        traces = _traces(row, words)
        for at in sorted({at for key in traces for at in by.get(key, ())}):
            why = "、".join(key[0] for key in traces if at in by.get(key, ()))
            other = there[at]
            found.append((int(row["id"]), f"台账另有{other['county']}“{other['name']}”（{why}）"))
    return found


def _traces(row: Mapping[Any, Any], words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return by what an institution is known again, each with how that is said."""
    name = name_parts(row["name"], words)
    licence = "" if wording.is_missing(row["licence_no"]) else number_key(row["licence_no"])
    numbers = () if wording.is_missing(row["phone"]) else phones(row["phone"])
    return [
        ("名称相同", f"{row['county_code']}|{name.core}|{name.ending}|{name.branch}"),
        *([("许可证号相同", licence)] if licence else []),
        *(("电话相同", number) for number in numbers),
    ]


def _agrees(lines: pd.DataFrame) -> pd.Series:
    same = lines["county_code"] == lines["institution_county_code"]
    return lines["institution_id"].notna() & (same | lines["county_code"].isna())


def _records(
    institutions: pd.DataFrame, lines: pd.DataFrame, sources: Mapping[str, str]
) -> pd.DataFrame:
    kept = lines[lines["match_status"] != "dismissed"]
    return pd.concat(
        [
            institutions.assign(found_in=LEDGER)[_RECORD],
            kept.assign(found_in=kept["source"].map(dict(sources)))[_RECORD],
        ],
        ignore_index=True,
    )


def _together(records: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    order = pd.DataFrame(
        {"key": key.loc[records.index], "is_list": records["found_in"] != LEDGER}
    ).assign(county=records["county_code"])
    at = order.sort_values(["key", "is_list", "county"], kind="stable").index
    return records.loc[at].reset_index(drop=True)
