"""The queries of data_access, found by themselves, and what each asks for besides its scope."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

import data_access
from data_access import fee_charges, flawed_reports, schema
from data_access.data_quality import Limits
from data_access.ledgers.kinds import REFUND_DISPUTES
from tests import factories as make

COUNTY, OTHER = "450203", "450224"
AS_OF = date(2022, 8, 25)
# Less than any charge has, so that each is asked for.
_BEYOND = {"months": 1, "lessons": 1, "amount_yuan": 0, "months_ahead": 0}
# What the others ask with is tried through them.
INTERNAL = {"as_known", "frames", "report_places", "report_weeks"}
# What points a query at one thing of one county.
ABOUT_ONE_THING = {
    "batch_id",
    "check_id",
    "dispute_id",
    "institution",
    "institution_id",
    "place_key",
    "rectification_id",
    "report_no",
    "row_id",
    "stop_id",
    "town_code",
}
# What the supervision team alone reads, and of it nothing for a county: by module.
KEPT_FROM_COUNTIES = {"officers", "visit_plans", "visit_results"}
Query = Callable[..., Any]


def queries() -> list[Query]:
    """Public functions of data_access that return a DataFrame, scope or no scope.

    But those that ask who wants to know (``by``): what they read is no county's.
    """
    return [
        function
        for function in _functions()
        if inspect.signature(function).return_annotation == "pd.DataFrame"
        and "conn" in inspect.signature(function).parameters
        and "by" not in inspect.signature(function).parameters
    ]


def scoped() -> list[Query]:
    """Public functions of data_access that read in the scope they are given, of any result."""
    return [
        function
        for function in _functions()
        if "conn" in inspect.signature(function).parameters
        and "scope" in inspect.signature(function).parameters
        and inspect.signature(function).parameters["scope"].default is inspect.Parameter.empty
    ]


def is_about_one_thing(query: Query) -> bool:
    """Whether a query finds the same in its county's scope as in the city's."""
    return bool(ABOUT_ONE_THING & set(inspect.signature(query).parameters))


def is_kept_from_counties(query: Query) -> bool:
    """Whether a county finds nothing by a query, not even of itself."""
    return query.__module__.removeprefix("data_access.") in KEPT_FROM_COUNTIES


def name_of(query: Query) -> str:
    return f"{query.__module__}.{query.__name__}".removeprefix("data_access.")


def add_what_the_sample_lacks(conn: Connection) -> None:
    """Add in both counties a price, a charge, and a report that a deregistered one teaches on."""
    for county in (COUNTY, OTHER):
        institution = conn.scalar(
            select(func.min(schema.institution.c.id)).where(
                schema.institution.c.county_code == county
            )
        )
        make.price(conn, institution, county_code=county)
        make.charge(conn, institution, county_code=county)
        over = make.institution(conn, county_code=county, deregistered_on=AS_OF - timedelta(1))
        make.report(conn, county_code=county, institution_id=over, received_on=AS_OF)


def frames_of(result: Any) -> list[pd.DataFrame]:
    """Return the frames of a query that returns one or several by name; of any other none."""
    results = result.values() if isinstance(result, dict) else [result]
    return [each for each in results if isinstance(each, pd.DataFrame)]


def _functions() -> Iterator[Query]:
    for module in _modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(data_access.__path__):
        if info.name not in INTERNAL and not info.ispkg and info.name != "__main__":
            yield importlib.import_module(f"data_access.{info.name}")


def arguments(conn: Connection, query: Query, county: str) -> dict[str, Any]:
    """What a query asks for besides its scope, pointing at rows of ``county``.

    ``conn`` must see them.
    """

    def first(column: Any, *where: Any) -> Any:
        table = column.table
        return conn.scalar(
            select(column)
            .where(table.c.county_code == county, column.is_not(None), *where)
            .limit(1)
        )

    report = schema.violation_report.c
    busiest = {
        code: conn.scalar(
            select(report.place_key)
            .where(report.county_code == code, report.longitude.is_not(None))
            .group_by(report.place_key)
            .order_by(func.count().desc())
            .limit(1)
        )
        for code in (COUNTY, OTHER)
    }
    cells = {
        code: list(
            conn.scalars(
                select(report.cell)
                .where(report.county_code == code, report.longitude.is_not(None))
                .distinct()
            )
        )
        for code in (COUNTY, OTHER)
    }
    known = {
        "as_of": AS_OF,
        "as_of_known": AS_OF,
        # The sample has these weeks frozen, and rows of the last one that came later.
        "week_from": AS_OF - timedelta(weeks=2),
        "week_to": AS_OF - timedelta(weeks=1),
        "week": AS_OF - timedelta(weeks=1),
        "today": AS_OF + timedelta(days=7),
        "days": (AS_OF,),
        "weeks": tuple(AS_OF - timedelta(weeks=back) for back in range(13)),
        "subject": "inspection",
        "recent_days": 30,
        "half_life_days": 60.0,
        "repeat_days": 30,
        "first_day": AS_OF - timedelta(days=365),
        "last_day": AS_OF + timedelta(days=365),
        "since": AS_OF - timedelta(days=90),
        "before": AS_OF + timedelta(days=1),
        "county_code": county,
        "institution": first(schema.refund_dispute.c.institution_id),
        "batch_id": conn.scalar(
            select(schema.import_problem.c.batch_id)
            .join(schema.import_batch)
            .where(schema.import_batch.c.county_code == county)
            .limit(1)
        ),
        "values": True,
        "rectification_id": first(
            schema.rectification_event.c.rectification_id,
            schema.rectification_event.c.step == "reopen",
        ),
        "check_id": first(schema.compliance_check.c.id),
        "dispute_id": first(schema.refund_dispute.c.id),
        "table_name": "rectification",
        "row_id": first(
            schema.rectification.c.id,
            schema.rectification.c.ledger_no.in_(
                select(schema.row_change.c.row_key).where(
                    schema.row_change.c.table_name == "rectification"
                )
            ),
        ),
        "institution_id": first(schema.refund_dispute.c.institution_id),
        "kind": REFUND_DISPUTES,
        "numbers": list(conn.scalars(select(schema.refund_dispute.c.id))),
        "place_key": busiest[county],
        "places": dict.fromkeys(busiest.values(), AS_OF - timedelta(days=90)),
        "latest": 3,
        "plan_id": first(schema.visit_candidate.c.visit_plan_id),
        "stop_id": first(
            schema.visit_stop.c.id,
            schema.visit_stop.c.id.in_(select(schema.inspection.c.visit_stop_id)),
        ),
        "report_no": first(report.report_no, report.summary.is_not(None)),
        "town_code": first(schema.institution.c.town_code),
        "limits": Limits(
            open_report_days=30, idle_item_days=30, pending_check_days=30, same_phone=10
        ),
        "charge_limits": fee_charges.Limits(**_BEYOND),
        "charged_beyond": _BEYOND,
        "cells": cells,
        "changed_since": AS_OF - timedelta(days=365),
        "unchanged_since": AS_OF - timedelta(days=7),
        # All places of a county, as if they lay in another.
        "outside": flawed_reports.Outside(
            cells,
            (),
        ),
        "slices": [
            flawed_reports.Slice(rule, code, 0, 50)
            for rule in flawed_reports.RULES
            for code in (COUNTY, OTHER)
        ],
        "received_until": dict.fromkeys(flawed_reports.RULES, AS_OF),
        "report_ids": list(conn.scalars(select(report.id))),
        "keys": {
            table: [
                str(key) for key in conn.scalars(select(schema.row_change.c.row_key).distinct())
            ]
            for table in ("institution", "violation_report")
        },
    }
    wanted = inspect.signature(query).parameters
    return {
        name: value
        for name, value in known.items()
        if name in wanted and wanted[name].default is inspect.Parameter.empty
    }


def arguments_of_all(conn: Connection, county: str) -> Callable[[Query], dict[str, Any]]:
    """Return what gives each query's :func:`arguments`, looked up once for all of them."""
    names = sorted({name for query in scoped() for name in _asked(query)})

    def of_all() -> None:
        """Stands for a query that asks for everything."""

    of_all.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    )
    known = arguments(conn, of_all, county)
    return lambda query: {name: known[name] for name in _asked(query) if name in known}


def _asked(query: Query) -> list[str]:
    parameters = inspect.signature(query).parameters
    return [name for name, each in parameters.items() if each.default is inspect.Parameter.empty]
