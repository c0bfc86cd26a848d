"""底数比对: lines of source lists, the ledger they are held against, and what people have decided.

A county's reader is told of its own lines and its own ledger alone: a line that is matched with
another county's institution stands there as one that is not matched.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import Connection, and_, case, select

from data_access.frames import read_frame
from data_access.schema import county, institution, roster_decision, roster_entry
from data_access.scope import Scope

_ENTRY: Final = {
    "id": "int64",
    "source": "str",
    "entry_no": "str",
    "county_code": "str",
    "county": "str",
    "name": "str",
    "credit_code": "str",
    "licence_no": "str",
    "address": "str",
    "phone": "str",
    "institution_id": "Int64",
    "institution_county_code": "str",
    "match_status": "str",
    "dismissed_reason": "str",
    "received_on": "datetime64[s]",
    "row_version": "int64",
}
_INSTITUTION: Final = {
    "id": "int64",
    "county_code": "str",
    "county": "str",
    "name": "str",
    "credit_code": "str",
    "licence_no": "str",
    "address": "str",
    "phone": "str",
    "category": "str",
    "operating_status": "str",
    "found_on": "datetime64[s]",
    "deregistered_on": "datetime64[s]",
    "row_version": "int64",
}
_DECIDED: Final = {
    "id": "int64",
    "roster_entry_id": "int64",
    "institution_id": "int64",
    "county_code": "str",
    "verdict": "str",
    "decided_by": "str",
    "decided_at": "datetime64[s]",
    "row_version": "int64",
}


def list_lines(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the lines of source lists that had reached us by ``as_of`` (that day included).

    Counties in the order of the city's documents, then by list and number. What a line is
    matched with is what is known now, whatever the day: a decision holds for the past, too; but
    an institution that had not reached us by the day, or is not in the scope, counts as none.

    =======================  =============  =================================================
    id                       int64          number of the line
    source                   str            code of ``vocabulary.ROSTER_SOURCE``
    entry_no                 str            number on the list; NaN: it gives none
    county_code, county      str            NaN: the list does not say
    name                     str            as the list has it
    credit_code, licence_no  str            NaN: not stated
    address, phone           str            NaN: not stated
    institution_id           Int64          matched institution of the ledger; NA: none
    institution_county_code  str            the county whose ledger has it; NaN likewise
    match_status             str            code of ``vocabulary.MATCH_STATUS``
    dismissed_reason         str            why it was dismissed; NaN: it was not
    received_on              datetime64[s]  the day the list first reached us
    row_version              int64          to be given back with a decision
    =======================  =============  =================================================
    """
    line, known = roster_entry.c, institution.c
    seen = and_(
        known.id == line.institution_id,
        known.received_by_us_on <= as_of,
        scope.allows(institution),
    )
    is_dismissed = line.match_status == "dismissed"
    stmt = (
        select(
            *(line[name] for name in ("id", "source", "entry_no", "county_code")),
            county.c.name.label("county"),
            *(line[name] for name in ("name", "credit_code", "licence_no", "address", "phone")),
            known.id.label("institution_id"),
            known.county_code.label("institution_county_code"),
            case(
                (is_dismissed, "dismissed"), (known.id.is_not(None), "matched"), else_="unmatched"
            ).label("match_status"),
            case((is_dismissed, line.dismissed_reason)).label("dismissed_reason"),
            line.received_by_us_on.label("received_on"),
            line.row_version,
        )
        .outerjoin(county, county.c.code == line.county_code)
        .outerjoin(institution, seen)
        .where(scope.allows(roster_entry), line.received_by_us_on <= as_of)
        .order_by(county.c.ordinal, line.source, line.entry_no, line.id)
    )
    return read_frame(conn, stmt, _ENTRY)


def ledger_rows(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the institutions of the ledger that had reached us by ``as_of`` (that day included).

    Every category, and deregistered ones too: lists know no category, and go on naming who has
    left. Counties in the order of the city's documents, then by number.

    =======================  =============  =================================================
    id                       int64          number of the institution
    county_code, county      str            its county
    name, credit_code        str            NaN: no code
    licence_no               str            NaN: none
    address, phone           str            NaN: not known
    category                 str            code of ``vocabulary.CATEGORY``
    operating_status         str            code of ``vocabulary.OPERATING_STATUS``, as now known
    found_on                 datetime64[s]  the day it was found
    deregistered_on          datetime64[s]  NaT: not by ``as_of``
    row_version              int64          to be given back with a decision
    =======================  =============  =================================================
    """
    known = institution.c
    gone = case((known.deregistered_on <= as_of, known.deregistered_on))
    columns = ("name", "credit_code", "licence_no", "address", "phone", "category")
    stmt = (
        select(
            known.id,
            known.county_code,
            county.c.name.label("county"),
            *(known[name] for name in columns),
            known.operating_status,
            known.found_on,
            gone.label("deregistered_on"),
            known.row_version,
        )
        .join(county, county.c.code == known.county_code)
        .where(scope.allows(institution), known.received_by_us_on <= as_of)
        .order_by(county.c.ordinal, known.id)
    )
    return read_frame(conn, stmt, _INSTITUTION)


def decided_pairs(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """List the pairs that people have decided, the newest first, whatever the day.

    Only where both the line and the institution are in the scope.

    ===============  =============  ======================================================
    id               int64          number of the decision
    roster_entry_id  int64          line of a source list
    institution_id   int64          institution of the ledger
    county_code      str            the institution's county when it was decided
    verdict          str            code of ``vocabulary.ROSTER_VERDICT``
    decided_by       str            address of the account
    decided_at       datetime64[s]  when, in Beijing's time
    row_version      int64          to be given back with a change
    ===============  =============  ======================================================
    """
    stmt = (
        select(*(roster_decision.c[name] for name in _DECIDED))
        .join(roster_entry, roster_entry.c.id == roster_decision.c.roster_entry_id)
        .join(institution, institution.c.id == roster_decision.c.institution_id)
        .where(scope.allows(roster_decision), scope.allows(roster_entry), scope.allows(institution))
        .order_by(roster_decision.c.decided_at.desc(), roster_decision.c.id.desc())
    )
    return read_frame(conn, stmt, _DECIDED)
