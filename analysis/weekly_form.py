"""What the weekly form and the bulletin's table count, and of which rows.

A cell and the list behind it come from the same frame: `counted` gives the rows of a measure,
each with what it adds, and `table` sums just these. ``weekly_form.toml`` says which columns
there are and, in words, what each counts.

A violation is in one of three columns of the form, or in none: 证照不全 where the papers of its
place were not in order at any of the violations found there in the time; else, where the type
is 学科类违规开班 or a disguised form of it, 证照齐全学科类 or 非学科开展学科 by the category of
the institution. What is taught online is no violation of this form, which is of 线下.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis.form_columns import Column, Forms, forms
from analysis.wording import MISSING, count

TOTAL: Final = "合计"
NONE: Final = "无"
# What a row is remarked on for, in the order of 备注.
REMARKS: Final = (
    *("未填出动人次", "迟报", "闭门未开", "未填违规类型", "未填查处个人", "未对上机构"),
    *("线上违规", "其他违规", "未填退费金额", "未填化解途径"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a time: inspections, and disputes resolved in it, in the order of counties."""

    inspections: pd.DataFrame
    disputes: pd.DataFrame

    def of(self, county_code: str | None) -> Rows:
        """Narrow to one county; ``None`` is all of them."""
        if county_code is None:
            return self
        return Rows(
            *(
                frame[frame["county_code"] == county_code]
                for frame in (self.inspections, self.disputes)
            )
        )


def classify(
    inspections: pd.DataFrame, disputes: pd.DataFrame, *, settings: Forms | None = None
) -> Rows:
    """Say of each row what it is to the forms.

    ``inspections`` are the visits of ``data_access.weekly_form``, ``disputes`` those that
    ``data_access.refunds.resolved_disputes`` lists, both of one time.

    Adds to the inspections:

    ============  ======  ===========================================================
    place         str     by what a place is known again: institution, else name, else
                          address, else building, else it stands alone; within a county
    violation     bool    发现违规
    in_order      bool    no violation at this place was found without papers in order
    column        str     unlicensed, subject, non_subject; other; online; '' no violation
    price         bool    恶意涨价 was found
    forms         object  the disguised forms found, a tuple of words
    steps         object  处理方式 of a violation, a tuple of words
    remarks       object  a tuple of ``REMARKS``
    ============  ======  ===========================================================

    and to the disputes ``remarks``.
    """
    types = (settings or forms()).types
    found = inspections.assign(
        place=_place(inspections), violation=inspections["outcome"].eq("violation")
    )
    bad = found["violation"] & _papers_missing(found, types["unlicensed"])
    found["in_order"] = ~bad.groupby(found["place"]).transform("any").astype(bool)
    online = found["violation"] & found["type_group"].isin(types["online"])
    is_subject_matter = found["type_group"].isin(types["subject"] | types["disguised"])
    found["column"] = np.select(
        [
            ~found["violation"],
            online,
            ~found["in_order"],
            is_subject_matter & found["category"].eq("subject"),
            is_subject_matter,
        ],
        ["", "online", "unlicensed", "subject", "non_subject"],
        "other",
    )
    found["price"] = found["violation"] & found["type_group"].isin(types["price"])
    is_disguised = found["violation"] & found["type_group"].isin(types["disguised"])
    found["forms"] = _tuples([(word,) for word in found["type_group"]], is_disguised)
    found["steps"] = _tuples(
        [_steps(text) for text in found["measures"]], found["violation"] & ~online
    )
    violation, unlinked = found["violation"], found["institution_id"].isna()
    found["remarks"] = _remarks(
        {
            "未填出动人次": found["people"].isna(),
            "迟报": found["late"].fillna(False),
            "闭门未开": found["outcome"].eq("closed_door"),
            "未填违规类型": violation & found["type_group"].isna(),
            "未填查处个人": violation & found["individuals"].isna(),
            "未对上机构": violation & ~online & unlinked,
            "线上违规": online,
            "其他违规": found["column"].eq("other"),
        },
        len(found),
    )
    remarks = _remarks(
        {
            "未填退费金额": disputes["route"].eq("refund") & disputes["refunded_yuan"].isna(),
            "未填化解途径": disputes["route"].isna(),
        },
        len(disputes),
    )
    return Rows(found, disputes.assign(remarks=pd.Series(remarks, disputes.index, dtype="object")))


def counted(rows: Rows, measure: str, county_code: str | None = None) -> Rows:
    """Return the rows that a measure is counted of, each with what it adds (``counted``, Float64).

    A row of a place that was counted already adds 0; one in which the number is not filled in
    adds an unknown. Of a text it is the words that the row adds to it.

    Raises:
        KeyError: there is no such measure, or it counts nothing (县区, 周期).
    """
    narrowed = rows.of(county_code)
    of = _MEASURES[measure]
    return Rows(_with(narrowed.inspections, of.inspections), _with(narrowed.disputes, of.disputes))


def table(
    rows: Rows, columns: Iterable[Column], counties: Mapping[str, str], *, period: str = ""
) -> pd.DataFrame:
    """Fill in a form: a row for each of ``counties`` (names by code), in their order, and 合计.

    Returns ``county_code`` (str, empty for 合计) and a column of each measure: Int64 counts and
    Float64 yuan, NA where rows were there and none had the number; str texts.
    """
    codes = [*counties, ""]
    filled: dict[str, pd.Series] = {"county_code": pd.Series(codes, dtype="str")}
    for column in columns:
        if column.measure == "county":
            filled["county"] = pd.Series([*counties.values(), TOTAL], dtype="str")
        elif column.measure == "period":
            filled["period"] = pd.Series([period] * len(counties) + [""], dtype="str")
        elif column.kind == "text":
            found = counted(rows, column.measure)
            texts = [tally(found.of(code or None), column.measure) for code in codes]
            filled[column.measure] = pd.Series(texts, dtype="str")
        else:
            found = counted(rows, column.measure)
            dtype = "Int64" if column.kind == "count" else "Float64"
            sums = _sums(found)
            values = [*(sums.get(code, 0) for code in counties), _sum(found)]
            filled[column.measure] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(filled)


def tally(found: Rows, measure: str) -> str:
    """Write how often each word of a text measure is found: ``一对一 2、住家教师 1``.

    ``found`` is what `counted` returns for the measure.
    """
    times = words(found, measure)
    if measure == "notes":
        return "、".join(f"{word} {times[word]}" for word in REMARKS if word in times)
    if not times:
        return NONE
    listed = sorted(times, key=lambda word: (-times[word], word))
    most = forms().measures_listed if measure == "measures" else len(listed)
    more = f"，等 {len(listed)} 种" if len(listed) > most else ""
    return "、".join(f"{word} {times[word]}" for word in listed[:most]) + more


def words(found: Rows, measure: str) -> Counter[str]:
    """Count the words of a text measure (变异形态, 处理方式, 备注) in what `counted` returns."""
    name = {"forms": "forms", "measures": "steps", "notes": "remarks"}[measure]
    return Counter(
        word
        for frame in (found.inspections, found.disputes)
        if name in frame
        for each in frame[name]
        for word in each
    )


def headline(rows: Rows, *, where: str, period: str) -> str:
    """Say what was done and found: ``8 月 19 日至 8 月 25 日，全市出动 412 人次……``."""
    visits = len(rows.inspections)
    if not visits:
        return f"{period}，{where}没有检查记录。"
    people = _sum(counted(rows, "people"))
    sent = f"出动 {count(float(people))} 人次" if people is not pd.NA else "出动人次都没有填"
    violating = rows.inspections.loc[rows.inspections["violation"], "place"].nunique()
    done = f"{period}，{where}{sent}、排查 {count(visits)} 个次"
    if not violating:
        return f"{done}，没有查出违规。"
    without, subject, other = (
        int(_sum(counted(rows, name))) for name in ("unlicensed", "subject", "non_subject")
    )
    rest = violating - without - subject - other
    return (
        f"{done}，查出违规 {count(violating)} 处：证照不全 {count(without)} 家，"
        f"证照齐全而违规开展学科类培训 {count(subject + other)} 家"
        + (f"，其他违规 {count(rest)} 处。" if rest else "。")
    )


def cell_sentence(rows: Rows, measure: str, *, where: str, header: str, value: str) -> str:
    """Say what the list behind a cell holds, ``rows`` being `counted` of it."""
    listed = [
        f"{count(len(frame))} {unit}"
        for frame, unit in ((rows.inspections, "次检查"), (rows.disputes, "件退费纠纷"))
        if len(frame)
    ]
    if not listed:
        return f"{where}“{header}”：{value or NONE}，没有可列的记录。"
    repeats = int((rows.inspections["counted"] == 0).sum()) if measure in _ONE_EACH else 0
    again = f"其中 {count(repeats)} 次是同一家又查出，不重复计" if repeats else ""
    said = f"{where}“{header}”：{value}。下列 {'、'.join(listed)}"
    return f"{said}，{again}。" if again else f"{said}。"


Part = tuple[
    Callable[[pd.DataFrame], pd.Series],  # which rows are listed
    Callable[[pd.DataFrame], pd.Series],  # what each of these adds
]


@dataclass(frozen=True, slots=True)
class _Measure:
    inspections: Part | None = None
    disputes: Part | None = None


def _with(frame: pd.DataFrame, part: Part | None) -> pd.DataFrame:
    if part is None:
        return frame.iloc[:0].assign(counted=pd.Series(dtype="Float64"))
    listed, adds = part
    found = frame[listed(frame).astype(bool)]
    return found.assign(counted=adds(found).astype("Float64"))


def _adds(found: Rows) -> pd.DataFrame:
    parts = (found.inspections, found.disputes)
    return pd.concat([part[["county_code", "counted"]] for part in parts])


def _sum(found: Rows) -> Any:
    """Add up what rows add: 0 where there is no row, NA where no row has its number."""
    adds = _adds(found)["counted"]
    return adds.sum(min_count=1) if len(adds) else 0


def _sums(found: Rows) -> pd.Series:
    """Add up by county, as `_sum` does; counties without a row are left out."""
    return _adds(found).groupby("county_code")["counted"].sum(min_count=1)


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, rows.index)


def _one(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(1, rows.index)


def _one_each(rows: pd.DataFrame) -> pd.Series:
    """Add one for the first row of each place, which is the earliest, and nothing for others."""
    return (~rows["place"].duplicated()).astype(int)


def _value(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[name]


def _number_of(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[name].map(len)


def _has(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[name].map(bool)


def _in(column: str) -> Part:
    return lambda rows: rows["column"].eq(column), _one_each


def _refunded(rows: pd.DataFrame) -> pd.Series:
    return rows["route"].eq("refund")


_ONE_EACH: Final = ("unlicensed", "subject", "non_subject", "in_order", "not_in_order", "price")
_NOTED: Final[Part] = (_has("remarks"), _number_of("remarks"))
_MEASURES: Final[dict[str, _Measure]] = {
    "people": _Measure((_all, _value("people"))),
    "visits": _Measure((_all, _one)),
    "unlicensed": _Measure(_in("unlicensed")),
    "subject": _Measure(_in("subject")),
    "non_subject": _Measure(_in("non_subject")),
    "individuals": _Measure(
        (lambda rows: rows["violation"] | rows["individuals"].notna(), _value("individuals"))
    ),
    "in_order": _Measure((lambda rows: rows["violation"] & rows["in_order"], _one_each)),
    "not_in_order": _Measure((lambda rows: rows["violation"] & ~rows["in_order"], _one_each)),
    "price": _Measure((_value("price"), _one_each)),
    "forms": _Measure((_has("forms"), _number_of("forms"))),
    "measures": _Measure((_has("steps"), _number_of("steps"))),
    "refund_yuan": _Measure(disputes=(_refunded, _value("refunded_yuan"))),
    "refund_students": _Measure(disputes=(_refunded, _value("students"))),
    "resolved_students": _Measure(disputes=(_all, _value("students"))),
    "notes": _Measure(_NOTED, _NOTED),
}


def _place(rows: pd.DataFrame) -> pd.Series:
    known = ("机构" + rows["institution_id"].astype("string")).astype("object")
    for name in ("name_key", "address", "place_name", "inspection_no"):
        known = known.where(known.notna(), f"{name} " + rows[name].astype("object"))
    return rows["county_code"].astype("object") + " " + known


def _papers_missing(rows: pd.DataFrame, unlicensed: frozenset[str]) -> pd.Series:
    """Whether a place had no papers in order on the day; the last day of a licence still holds.

    A place without an institution in the ledger has none that anybody knows of.
    """
    return (
        rows["institution_id"].isna()
        | rows["operating_status"].eq("unlicensed")
        | ~rows["has_licence"].fillna(False).astype(bool)
        | (rows["licence_valid_to"] < rows["inspected_on"])
        | (rows["deregistered_on"] <= rows["inspected_on"])
        | rows["type_group"].isin(unlicensed)
    )


def _steps(text: object) -> tuple[str, ...]:
    """Return what was done, of a text such as ``责令停止办学、约谈负责人``, each once."""
    if not isinstance(text, str):
        return ()
    for sign in "；;，,\n":
        text = text.replace(sign, "、")
    return tuple(dict.fromkeys(filter(None, (each.strip() for each in text.split("、")))))


def _tuples(values: list[tuple[str, ...]], wanted: pd.Series) -> pd.Series:
    kept = [value if want else () for value, want in zip(values, wanted, strict=True)]
    return pd.Series(kept, wanted.index, dtype="object")


def _remarks(masks: dict[str, pd.Series], size: int) -> list[tuple[str, ...]]:
    by_row = zip(*(mask.tolist() for mask in masks.values()), strict=True)
    found = [tuple(w for w, is_so in zip(masks, each, strict=True) if is_so) for each in by_row]
    return found if size else []


def written(value: object, kind: str) -> str:
    """Write a cell as sentences do."""
    if kind == "text":
        return str(value)
    if value is pd.NA or value is None:
        return MISSING
    if kind == "money":
        return f"{float(str(value)):,.2f}".removesuffix(".00") + " 元"
    return count(float(str(value)))
