"""Queries on the checks (专项检查): who was checked for what, what was found, what is still open.

A check counts from ``since`` (the first day of the campaign) to the day, both included. A finding
is open until its item of the rectification ledger is closed (``rectification_spell``, as
``data_access.rectification`` has it): nothing else closes it. A finding that has no item by the
day is open, too, and said to be on no ledger.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
)

from data_access import reference
from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import (
    compliance_check,
    county,
    institution,
    rectification,
    rectification_spell,
)
from data_access.scope import Scope
from data_access.supervision_points import in_operation
from data_access.vocabulary import CHECK_DOMAIN, first_words

DOMAINS: Final = tuple(first_words(CHECK_DOMAIN))
_COUNTS: Final = ("checks", "examined", "failed", "findings", "open", "overdue")
_CHECK: Final = {
    "check_id": "int64",
    "check_no": "str",
    "county_code": "str",
    "county": "str",
    "institution_name": "str",
    "domain": "str",
    "aspect": "str",
    "checked_on": "datetime64[s]",
    "examined": "Int64",
    "failed": "Int64",
    "outcome": "str",
    "finding": "str",
    "severity": "Int64",
    "due_on": "datetime64[s]",
    "rectification_id": "Int64",
    "is_filed": "bool",
    "is_open": "bool",
}


def coverage(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """Count, for each county and domain, who was checked from ``since`` on and what was found.

    Institutions are those in operation on the day, subject ones too, and counted in their own
    county; one that was checked twice counts once. Checks, and what they found, are counted in the
    county of the check, whoever was checked. People that two checks looked at count twice.

    Returns one row per county and domain, zeros included, counties in the order of the city's
    documents and domains in that of the vocabulary:

    ===================  =====  ===========================================================
    county_code, county  str    code and full name
    domain               str    staff, materials, safety, epidemic or contest
    in_operation         int64  institutions
    checked              int64  of these: checked in the domain
    checks               int64
    examined, failed     int64  people (staff), pieces (materials) or points that were looked
                                at, of checks that say so; of these not in order
    findings             int64  checks that found something
    open, overdue        int64  of the findings: not closed by the day; and due before it
    ===================  =====  ===========================================================
    """
    one, check = institution.c, compliance_check.c
    there = (scope.allows(institution), *in_operation(as_of, categories))
    done = (scope.allows(compliance_check), check.checked_on.between(since, as_of))
    was_checked = select(check.institution_id, check.domain).where(*done).distinct().subquery()
    in_all = select(one.county_code, func.count()).where(*there).group_by(one.county_code)
    checked = (
        select(one.county_code, was_checked.c.domain, func.count())
        .join(was_checked, was_checked.c.institution_id == one.id)
        .where(*there)
        .group_by(one.county_code, was_checked.c.domain)
    )
    found, is_open = check.outcome == "finding", _is_open(scope, as_of)
    counted = _with_item(
        select(
            check.county_code,
            check.domain,
            func.count(),
            func.coalesce(func.sum(check.examined), 0),
            func.coalesce(func.sum(case((check.examined.is_not(None), check.failed))), 0),
            _count(found),
            _count(is_open),
            _count(and_(is_open, _due_on() < as_of)),
        ),
        scope,
    ).where(*done, of_categories(compliance_check, categories, scope=scope))
    of_all = {code: n for code, n, *_ in conn.execute(in_all)}
    of_checked = {(code, domain): n for code, domain, n in conn.execute(checked)}
    of_checks = {
        (code, domain): counts
        for code, domain, *counts in conn.execute(counted.group_by(check.county_code, check.domain))
    }
    rows = [
        (
            *(unit.code, unit.name, domain, of_all.get(unit.code, 0)),
            of_checked.get((unit.code, domain), 0),
            *of_checks.get((unit.code, domain), [0] * len(_COUNTS)),
        )
        for unit, domain in product(reference.counties(conn, scope=scope), DOMAINS)
    ]
    dtypes = dict.fromkeys(("county_code", "county", "domain"), "str")
    dtypes |= dict.fromkeys(("in_operation", "checked", *_COUNTS), "int64")
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def findings(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the checks from ``since`` to ``as_of`` that found something, the latest first.

    Returns, besides what the check says:

    ================  =============  =========================================================
    check_id          int64
    check_no          str
    county_code       str
    county            str            full name
    institution_name  str            as the check names it
    domain, aspect    str            codes; the aspect of safety alone, may be unknown
    checked_on        datetime64[s]
    examined, failed  Int64          as in `coverage`; may be unknown
    outcome           str            code
    finding           str            in words; may be unknown
    severity          Int64          1 to 3; may be unknown
    due_on            datetime64[s]  of the item, else of the check; NaT for none
    rectification_id  Int64          the item; NA where there is none
    is_filed          bool           the item was on the ledger by ``as_of``
    is_open           bool           found, and not closed by ``as_of``
    ================  =============  =========================================================
    """
    found = (compliance_check.c.outcome == "finding", _between(since, as_of))
    return _checks(conn, found, scope=scope, as_of=as_of, categories=categories)


def open_before(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    before: date,
) -> pd.DataFrame:
    """List what checks before the day ``before`` found and nobody has closed by ``as_of``.

    ``before`` is the first day of the campaign. Columns of `findings`; none of it is among the
    counts of `coverage`.
    """
    found = (compliance_check.c.checked_on < before, _is_open(scope, as_of))
    return _checks(conn, found, scope=scope, as_of=as_of, categories=categories)


def checks(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the checks from ``since`` to ``as_of``, whatever they found: columns of `findings`."""
    return _checks(conn, (_between(since, as_of),), scope=scope, as_of=as_of, categories=categories)


def unchecked(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the institutions in operation that were not checked in every domain since ``since``.

    Returns ``institution_id`` (int64), ``county_code``, ``county``, ``name``, ``category``,
    ``operating_status`` and ``address`` (str, codes as codes), ``found_on`` and
    ``last_checked_on`` (datetime64[s], NaT: in no domain), and one column a domain (bool: it was
    checked in it), in the order of counties and names.
    """
    one, check = institution.c, compliance_check.c
    of_domains = (
        select(
            check.institution_id,
            func.max(check.checked_on).label("last_checked_on"),
            func.count(check.domain.distinct()).label("domains"),
            *(
                func.max(case((check.domain == domain, 1), else_=0)).label(domain)
                for domain in DOMAINS
            ),
        )
        .where(scope.allows(compliance_check), _between(since, as_of))
        .group_by(check.institution_id)
        .subquery()
    )
    done = of_domains.c
    stmt = (
        select(
            one.id.label("institution_id"),
            one.county_code,
            county.c.name.label("county"),
            one.name,
            one.category,
            one.operating_status,
            one.address,
            one.found_on,
            done.last_checked_on,
            *(func.coalesce(done[domain], 0).label(domain) for domain in DOMAINS),
        )
        .join(county, county.c.code == one.county_code)
        .outerjoin(of_domains, done.institution_id == one.id)
        .where(
            scope.allows(institution),
            *in_operation(as_of, categories),
            or_(done.domains.is_(None), done.domains < len(DOMAINS)),
        )
        .order_by(county.c.ordinal, one.name, one.id)
    )
    texts = ("county_code", "county", "name", "category", "operating_status", "address")
    days = dict.fromkeys(("found_on", "last_checked_on"), "datetime64[s]")
    dtypes = {"institution_id": "int64"} | dict.fromkeys(texts, "str") | days
    return read_frame(conn, stmt, dtypes | dict.fromkeys(DOMAINS, "bool"))


def _checks(
    conn: Connection,
    conditions: tuple[ColumnElement[bool], ...],
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...],
) -> pd.DataFrame:
    check = compliance_check.c
    own = {"check_id": check.id, "county": county.c.name, "due_on": _due_on()}
    own |= {"is_filed": _is_filed(scope, as_of), "is_open": _is_open(scope, as_of)}
    columns = [(own[name] if name in own else check[name]).label(name) for name in _CHECK]
    stmt = (
        _with_item(select(*columns), scope)
        .join(county, county.c.code == check.county_code)
        .where(
            scope.allows(compliance_check),
            of_categories(compliance_check, categories, scope=scope),
            *conditions,
        )
        .order_by(check.checked_on.desc(), check.check_no)
    )
    return read_frame(conn, stmt, _CHECK)


def _with_item(stmt: Select[Any], scope: Scope) -> Select[Any]:
    item = and_(
        rectification.c.id == compliance_check.c.rectification_id, scope.allows(rectification)
    )
    return stmt.select_from(compliance_check).outerjoin(rectification, item)


def _between(since: date, as_of: date) -> ColumnElement[bool]:
    return compliance_check.c.checked_on.between(since, as_of)


def _due_on() -> ColumnElement[date]:
    return func.coalesce(rectification.c.due_on, compliance_check.c.due_on)


def _is_filed(scope: Scope, as_of: date, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    spell = rectification_spell.c
    return exists().where(
        scope.allows(rectification_spell),
        spell.rectification_id == compliance_check.c.rectification_id,
        spell.opened_on <= as_of,
        *more,
    )


def _is_open(scope: Scope, as_of: date) -> ColumnElement[bool]:
    spell = rectification_spell.c
    lasts = or_(spell.closed_on.is_(None), spell.closed_on > as_of)
    return and_(
        compliance_check.c.outcome == "finding",
        or_(_is_filed(scope, as_of, lasts), not_(_is_filed(scope, as_of))),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
