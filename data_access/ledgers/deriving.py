"""Columns that are worked out from what a row says: keys, weeks, places, links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, bindparam, select, update

from data_access.ledgers import fee_prices, linking
from data_access.ledgers.draft import Draft, Values, as_values, choose, nothing, present
from data_access.ledgers.places import h3_cells, place_keys
from data_access.ledgers.queries import select_in
from data_access.ledgers.rules import LARGEST_AMOUNT
from data_access.ledgers.towns import read_towns
from data_access.schema import (
    compliance_check,
    course_fee,
    inspection,
    institution,
    rectification,
    rectification_event,
    refund_dispute,
    roster_entry,
    violation_report,
)
from data_access.weeks import reporting_week

_PRICE: Final = "price_yuan_per_lesson"
_QUOTED: Final = (
    *("quoted_yuan", "price_unit", "lesson_minutes", "quoted_lessons", "class_students"),
    "class_size",
)


def derive(conn: Connection, draft: Draft) -> None:
    """Fill :attr:`Draft.derived` for the rows that are still to be stored."""
    work = _DERIVATIONS.get(draft.table.name)
    if work is not None:
        work(conn, draft)
    draft.settle()


def weeks_of(days: Values) -> Values:
    """Return the reporting week of each day."""
    known = {day: reporting_week(day) for day in set(days[present(days)])}
    return as_values((known.get(day) for day in days), len(days))


def _derive_institution(conn: Connection, draft: Draft) -> None:
    draft.derived["name_key"] = linking.name_keys(draft.merged["name"])
    draft.derived["town_code"] = _towns_of(conn, draft)


def _derive_report(conn: Connection, draft: Draft) -> None:
    linking.link(conn, draft)
    merged = draft.merged
    draft.derived["week"] = weeks_of(merged["received_on"])
    draft.derived["verified_week"] = weeks_of(merged["verified_on"])
    longitude, latitude = _degrees(merged["longitude"]), _degrees(merged["latitude"])
    draft.derived["place_key"] = place_keys(
        merged["county_code"].tolist(), merged["place_name"].tolist(), longitude, latitude
    )
    draft.derived["cell"] = h3_cells(longitude, latitude)
    draft.derived["town_code"] = _towns_of(conn, draft)


def _towns_of(conn: Connection, draft: Draft) -> Values:
    known = read_towns(conn)
    places = list(zip(draft.merged["address"], draft.merged["county_code"], strict=True))
    town_of = {place: known.town_of(*place) for place in set(places)}
    return as_values(map(town_of.__getitem__, places), draft.length)


def _degrees(values: Values) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _derive_inspection(conn: Connection, draft: Draft) -> None:
    linking.link(conn, draft)
    draft.derived["week"] = weeks_of(draft.merged["inspected_on"])
    numbers, counties = draft.merged["report_no"], draft.merged["county_code"]
    table = violation_report.c
    wanted = select(table.report_no, table.county_code, table.id)
    reports = {
        (row.report_no, row.county_code): row.id
        for row in select_in(conn, wanted, table.report_no, numbers[draft.alive])
    }
    found = as_values(map(reports.get, zip(numbers, counties, strict=True)), draft.length)
    # A report that has moved to another county since keeps its inspections.
    kept = ~draft.differs("report_no") & present(draft.was("report_id")) & ~present(found)
    draft.derived["report_id"] = choose(kept, draft.was("report_id"), found)
    draft.warn(
        present(numbers) & ~present(draft.derived["report_id"]),
        "report_no",
        "举报线索中没有这一编号，本行已导入；线索到齐后自动对上",
    )


def _link(conn: Connection, draft: Draft) -> None:
    linking.link(conn, draft)


def _derive_dispute(conn: Connection, draft: Draft) -> None:
    linking.link(conn, draft)
    draft.derived["week"] = weeks_of(draft.merged["opened_on"])
    draft.derived["resolved_week"] = weeks_of(draft.merged["resolved_on"])


def _derive_price(_conn: Connection, draft: Draft) -> None:
    columns = [draft.merged[name] for name in _QUOTED]
    draft.reject(~present(columns[0]), "quoted_yuan", "缺少收费标准，请补填")
    prices = np.full(draft.length, np.nan)
    reasons: dict[str, Values] = defaultdict(lambda: nothing(draft.length))
    for at in np.flatnonzero(draft.alive):
        try:
            quote = fee_prices.Quote(*(values[at] for values in columns))
            prices[at] = fee_prices.per_person_and_lesson(quote)
        except fee_prices.NoPriceError as error:
            reasons[error.column][at] = str(error)
    for name, reason in reasons.items():
        draft.reject(present(reason), name, reason)
    draft.reject(prices >= LARGEST_AMOUNT, "quoted_yuan", "金额过大，请核对")
    known = as_values((None if np.isnan(one) else float(one) for one in prices), draft.length)
    odd = (prices < fee_prices.LOWEST_PRICE) | (prices > fee_prices.HIGHEST_PRICE)
    draft.warn(odd & draft.alive, "quoted_yuan", as_values(map(_odd, known), draft.length))
    # Kept like what a cell states: a price that is corrected was another one until then.
    draft.merged[_PRICE] = known
    draft.tracked.append(_PRICE)


def _odd(price: float | None) -> str:
    return f"折合每人每课时 {price or 0:,.2f} 元，不像实际价格。请核对收费标准、计价单位和课时数"


def _derive_event(_conn: Connection, draft: Draft) -> None:
    draft.derived["inferred"] = np.full(draft.length, False, dtype=object)


def _derive_roster(conn: Connection, draft: Draft) -> None:
    draft.derived["name_key"] = linking.name_keys(draft.merged["name"])
    codes = draft.merged["credit_code"]
    rows = select_in(
        conn,
        select(institution.c.credit_code, institution.c.id),
        institution.c.credit_code,
        codes[draft.alive],
    )
    by_code = {row.credit_code: row.id for row in rows}
    said = linking.decided_lines(conn, draft.ids)
    found = as_values(
        (
            None if (number, by_code.get(code)) in said.apart else by_code.get(code)
            for number, code in zip(draft.ids, codes, strict=True)
        ),
        draft.length,
    )
    # What a person has matched or dismissed stands, whatever code the line names now; what its
    # code has matched stands until it names another one.
    decided = draft.known & ~draft.differs("credit_code")
    decided &= np.asarray(draft.was("match_status") != "unmatched", dtype=bool)
    decided |= draft.known & np.asarray(draft.was("match_status") == "dismissed", dtype=bool)
    decided |= np.array(
        [
            (number, institution_id) in said.same
            for number, institution_id in zip(draft.ids, draft.was("institution_id"), strict=True)
        ],
        dtype=bool,
    )
    status = as_values(("unmatched" if one is None else "matched" for one in found), draft.length)
    draft.derived["institution_id"] = choose(decided, draft.was("institution_id"), found)
    draft.derived["match_status"] = choose(decided, draft.was("match_status"), status)


def link_waiting_inspections(conn: Connection, numbers: Values) -> int:
    """Link inspections that name one of the reports that have arrived; return how many."""
    waiting = inspection.c
    awaits = waiting.report_id.is_(None) & waiting.report_no.is_not(None)
    if conn.scalar(select(waiting.id).where(awaits).limit(1)) is None:
        return 0
    rows = select_in(
        conn,
        select(waiting.id, violation_report.c.id.label("found"))
        .join_from(
            inspection,
            violation_report,
            (violation_report.c.report_no == waiting.report_no)
            & (violation_report.c.county_code == waiting.county_code),
        )
        .where(waiting.report_id.is_(None)),
        waiting.report_no,
        numbers,
    )
    if rows:
        stmt = update(inspection).where(waiting.id == bindparam("row_id"))
        conn.execute(
            stmt.values(report_id=bindparam("found")),
            [{"row_id": row.id, "found": row.found} for row in rows],
        )
    return len(rows)


_DERIVATIONS: Final[dict[str, Callable[[Connection, Draft], None]]] = {
    institution.name: _derive_institution,
    violation_report.name: _derive_report,
    inspection.name: _derive_inspection,
    rectification.name: _link,
    rectification_event.name: _derive_event,
    refund_dispute.name: _derive_dispute,
    compliance_check.name: _link,
    course_fee.name: _derive_price,
    roster_entry.name: _derive_roster,
}
