"""A county's review of itself: every clause of the action plan beside what the rows say.

A figure is held against what the plan asks for where it says how much; where it does not, no
judgement is made of it. What rows cannot tell is what the county has put on record.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from analysis import county_actions, prepaid, submissions
from analysis.indicators import SMALL_DENOMINATOR
from analysis.review_settings import MORE, Clause, Indicator, settings
from analysis.rules import rules
from analysis.wording import (
    MISSING,
    change,
    count,
    day,
    is_missing,
    listed,
    percent,
    points,
    share,
    yuan,
)

LEAST_COUNTIES: Final = 5  # of fewer there is no median: it would tell of one of them
REACHED: Final = "达到"
NOT_REACHED: Final = "未达到"
NO_DATA: Final = "无数据"
TO_RECORD: Final = "待登记"
NO_DEMAND: Final = "无定数"
NOT_DUE: Final = "未到期"
OF_THE_CITY: Final = "市级掌握"
JUDGEMENTS: Final = (NOT_REACHED, TO_RECORD, NO_DATA, NOT_DUE, REACHED, NO_DEMAND, OF_THE_CITY)
_COLUMNS: Final = (
    *("no", "clause", "demand", "title", "written", "required", "median_written"),
    *("change_written", "judgement", "says", "page", "rows"),
)


def review_figures(week: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Put every indicator of the settings into one list, county by county.

    ``week`` is ``analysis.week_figures`` and ``counts`` ``data_access.self_review``, both of
    the same day and counties.

    Returns ``county_code``, ``indicator`` (str, code of the settings), ``numerator`` and
    ``denominator`` (float64; NaN where the figure is a count), by county and in the order of
    the settings.
    """
    columns = [week[name].tolist() for name in ("indicator", "county_code")]
    values = zip(week["numerator"].tolist(), week["denominator"].tolist(), strict=True)
    known = dict(zip(zip(*columns, strict=True), values, strict=True))
    rows = []
    for unit in counts.to_dict("records"):
        code = unit["county_code"]
        for one in settings().indicators.values():
            if one.numerator:
                of = float(unit[one.denominator]) if one.denominator else math.nan
                rows.append((code, one.code, float(unit[one.numerator]), of))
            else:
                rows.append((code, one.code, *known[one.code, code]))
    dtypes = {
        "county_code": "str",
        "indicator": "str",
        "numerator": "float64",
        "denominator": "float64",
    }
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def with_charges(
    counts: pd.DataFrame, charged: pd.DataFrame, suspects: pd.DataFrame
) -> pd.DataFrame:
    """Put what was charged in advance beside the counts of each county.

    ``counts`` is ``data_access.self_review``; ``charged`` is ``fee_charges.charge_counts`` and
    ``suspects`` ``fee_charges.suspects`` of the same day, counties and first day. A charge is
    judged by the rules of its own day. Returns ``counts`` with ``charges``,
    ``charges_supervised``, ``measured``, ``too_long`` and ``illegal`` (int64, charges).
    """
    found = prepaid.county_findings(charged, prepaid.findings(suspects, rules()))
    found = found.rename(columns={"inside": "charges_supervised"}).set_index("county_code")
    names = ["charges", "charges_supervised", "measured", "too_long", "illegal"]
    return counts.join(found[names], on="county_code")


def city_medians(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the median county of each indicator, without names.

    ``figures`` is :func:`review_figures` of the whole city. A share takes part where its
    denominator is ten or more; a median of fewer than five counties is none.

    Returns ``indicator`` (str), ``value`` (float64, a share of 0 to 1 or a count; NaN for none)
    and ``counties`` (int64, how many took part), in the order of the settings.
    """
    rows = []
    for code, one in settings().indicators.items():
        of = figures[figures["indicator"] == code]
        if one.is_share:
            of = of[of["denominator"] >= SMALL_DENOMINATOR]
            values = of["numerator"] / of["denominator"]
        else:
            values = of["numerator"].dropna()
        enough = len(values) >= LEAST_COUNTIES
        rows.append((code, float(values.median()) if enough else math.nan, len(values)))
    dtypes = {"indicator": "str", "value": "float64", "counties": "int64"}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def checklist(
    now: pd.DataFrame,
    before: pd.DataFrame,
    *,
    medians: Mapping[str, float | None],
    duties: pd.DataFrame,
    documents: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    """Hold one county against every clause, in the order of the settings.

    ``now`` and ``before`` are :func:`review_figures` of the county, as of ``as_of`` and of the
    same weekday of the week before, both as known now. ``medians`` has the city's median by
    indicator, ``None`` where fewer than five counties took part; a code that is missing is not
    worked out yet. ``duties`` is ``analysis.county_actions.judged`` and ``documents``
    ``analysis.submissions.judged`` of the county.

    Returns one row per clause and thing it is held against, all str:

    ===============  ==================================================================
    no, clause       number and title of the clause
    demand           what the plan says, in its words
    title            what it is held against
    written          the figure with its fraction, or what is on record with its day
    required         what the plan asks for, in a word; — where it sets no number
    median_written   the city's median; — for none, 待计算 while not worked out
    change_written   since the same weekday of the week before, and whether for the better
    judgement        one of :data:`JUDGEMENTS`
    says             what is counted
    page, rows       where the rows behind it are: a page's address, and which of its lists
    ===============  ==================================================================
    """
    latest, earlier = (
        {
            row["indicator"]: (row["numerator"], row["denominator"])
            for row in each.to_dict("records")
        }
        for each in (now, before)
    )
    on_record, sent = duties.to_dict("records"), documents.to_dict("records")
    rows: list[dict[str, Any]] = []
    for clause in settings().clauses:
        of = {"no": clause.no, "clause": clause.title, "demand": clause.demand}
        for code in clause.indicators:
            one = settings().indicators[code]
            line = _of_indicator(one, latest[code], earlier[code], medians)
            rows.append(of | line)
        rows += [of | line for line in _of_duties(clause, on_record)]
        rows += [of | line for line in _of_documents(clause, sent, as_of)]
        if clause.remark:
            rows.append(of | _line(clause.title, clause.remark, OF_THE_CITY))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype("str")


def headline(lines: pd.DataFrame, county: str) -> str:
    """Say in a sentence how many clauses a county falls short of, which first, and the counts.

    ``lines`` is :func:`checklist`.
    """
    short = lines[lines["judgement"] == NOT_REACHED]
    clauses = lines[["no", "clause"]].drop_duplicates()
    behind = short[["no", "clause"]].drop_duplicates()
    said = f"{county}对照 {len(clauses)} 条，"
    if len(behind):
        said += f"{len(behind)} 条有未达到的：{listed(behind['clause'].tolist(), unit='条')}"
    else:
        said += "没有未达到的"
    numbers = lines["judgement"].value_counts()
    counted = [f"{word} {numbers[word]} 项" for word in JUDGEMENTS if word in numbers]
    return f"{said}（{'、'.join(counted)}）"


def written(one: Indicator, numerator: float, denominator: float) -> str:
    """Write a figure as officials do: a share with its fraction, a count with its unit."""
    if one.is_share:
        return share(numerator, denominator)
    return yuan(numerator) if one.unit == "元" else f"{count(numerator)} {one.unit}"


def _of_indicator(
    one: Indicator,
    now: tuple[float, float],
    before: tuple[float, float],
    medians: Mapping[str, float | None],
) -> dict[str, Any]:
    value, then = _value(one, *now), _value(one, *before)
    line = _line(one.title, written(one, *now), _judged(one, value))
    return line | {
        "required": _required(one),
        "median_written": _median(one, medians),
        "change_written": _change(one, value - then),
        "says": one.says,
        "page": one.page,
        "rows": one.rows,
    }


def _line(
    title: str, said: str, judgement: str, *, says: str = "", page: str = ""
) -> dict[str, Any]:
    return {
        "title": title,
        "written": said,
        "required": MISSING,
        "median_written": MISSING,
        "change_written": MISSING,
        "judgement": judgement,
        "says": says,
        "page": page,
        "rows": "",
    }


def _value(one: Indicator, numerator: float, denominator: float) -> float:
    if not one.is_share:
        return numerator
    return numerator / denominator if denominator else math.nan


def _judged(one: Indicator, value: float) -> str:
    if math.isnan(value):
        return REACHED if one.none_is_fine else NO_DATA
    if one.least is not None:
        return REACHED if value >= one.least else NOT_REACHED
    if one.most is not None:
        return REACHED if value <= one.most else NOT_REACHED
    return NO_DEMAND


def _required(one: Indicator) -> str:
    for limit, word in ((one.least, "不少于"), (one.most, "不多于")):
        if limit is not None:
            if limit == 0:
                return f"0 {one.unit}"
            if one.is_share:
                return percent(limit).replace(".0%", "%")
            return f"{word} {count(limit)} {one.unit}"
    return MISSING


def _median(one: Indicator, medians: Mapping[str, float | None]) -> str:
    if one.code not in medians:
        return "待计算"
    value = medians[one.code]
    if value is None or math.isnan(value):
        return MISSING
    if one.is_share:
        return percent(value)
    if one.unit == "元":
        return yuan(value)
    return f"{value:,.1f}".removesuffix(".0") + f" {one.unit}"


def _change(one: Indicator, difference: float) -> str:
    if math.isnan(difference):
        return MISSING
    if one.is_share:
        said, moved = points(difference), round(difference * 100, 1)
    elif one.unit == "元":
        moved = round(difference)
        sign = "+" if moved > 0 else "−"
        said = f"{sign}{yuan(abs(difference))}" if moved else "持平"
    else:
        said, moved = change(difference, one.unit), round(difference)
    if not moved or not one.better:
        return said
    is_better = (moved > 0) == (one.better == MORE)
    return f"{said}（{'好转' if is_better else '变差'}）"


def _of_duties(clause: Clause, duties: Sequence[Mapping[Any, Any]]) -> Iterator[dict[str, Any]]:
    state = county_actions.State
    words = {state.DONE: REACHED, state.LATE: REACHED, state.MISSING: NOT_REACHED}
    for row in duties:
        if row["duty"] not in clause.duties:
            continue
        said = "尚未登记"
        if not is_missing(row["done_on"]):
            evidence = "" if is_missing(row["evidence"]) else f"，佐证：{row['evidence']}"
            late = f"（晚 {row['days_late']} 天）" if row["days_late"] else ""
            said = f"{day(row['done_on'])}完成{late}{evidence}"
        title, judgement = county_actions.TITLES[row["duty"]], words.get(state(row["state"]))
        line = _line(title, said, judgement or TO_RECORD, page="county_actions")
        yield line | {"required": f"{day(row['due_on'])}前", "says": "由县区登记，附日期和佐证"}


def _of_documents(
    clause: Clause, documents: Sequence[Mapping[Any, Any]], as_of: date
) -> Iterator[dict[str, Any]]:
    state = submissions.State
    for document in clause.documents:
        rows = [row for row in documents if row["document"] == document]
        is_sent = [not is_missing(row["submitted_on"]) for row in rows]
        due = sum(
            sent or row["due_on"] <= pd.Timestamp(as_of)
            for row, sent in zip(rows, is_sent, strict=True)
        )
        sent, states = sum(is_sent), [row["state"] for row in rows]
        if not due:
            judgement = NOT_DUE
        elif state.MISSING in states:
            judgement = NOT_REACHED
        else:
            judgement = REACHED if sent == due else TO_RECORD
        late = states.count(state.LATE)
        said = f"到期 {due} 份，已报 {sent} 份" + (f"，其中迟报 {late} 份" if late else "")
        line = _line(submissions.TITLES[document], said, judgement, page="submissions")
        yield line | {"says": "由县区登记报送的日期和文件"}
