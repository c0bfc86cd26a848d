"""Draw every page on one database and print what its statements cost, as JSON.

``python -m tests.bench.scale_pages [--repeats N] [--page PATH…] [--no-worst]`` on the database of
``DATABASE_URL``. A process of its own for each database: its peak memory is that of all pages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import streamlit as st
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

import ui.issuer
from data_access.accounts import Role
from data_access.engine import get_engine, get_import_engine
from data_access.schema import violation_report
from data_access.weeks import first_day, last_weeks
from sample_data.days import LAST_DAY
from sample_data.volume import FIRST_DAY
from tests.bench.statements import listening
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import DASHBOARD, ask_for, claims
from ui.navigation import MenuEntry

SECONDS = 900
PERIOD_WEEKS = 13
ROLES = (Role.LEADER, Role.SUPERVISOR, Role.COUNTY)
EMPTY_PAGE = Path(__file__).parent / "empty_page.py"
Choice = dict[str, str | list[str]]
# What is tried of every page beside its default filters, and of 违规地图 besides.
CHOICES: dict[str, Choice] = {
    "one category": {"category": ["科技"]},
    "one county": {"county": ["柳南区"]},
    "five years ago": {"day": "2017-08-24"},
    "five years ago, one category": {"day": "2017-08-24", "category": ["科技"]},
}
TEN_YEARS: Choice = {"period": "自定起止", "since": str(FIRST_DAY), "until": str(LAST_DAY)}
MAP_CHOICES: dict[str, Choice] = {
    "ten years": TEN_YEARS,
    "ten years, one type": {**TEN_YEARS, "type": ["无证办学"]},
    "ten years, one channel": {**TEN_YEARS, "channel": ["12345 热线"]},
    "ten years, one category": {**TEN_YEARS, "category": ["科技"]},
    "ten years, two states": {**TEN_YEARS, "state": ["属实", "核实中"]},
    "ten years, one county": {**TEN_YEARS, "county": ["柳南区"]},
}


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--page", action="append", help="only this page, by its path")
    parser.add_argument("--role", action="append", help="only as this role")
    parser.add_argument("--no-worst", action="store_true", help="default filters alone")
    options = parser.parse_args()
    ui.issuer.is_configured = lambda: True
    limits = measure_limits(options.repeats)
    wanted = [
        (role, entry)
        for role in ROLES
        if not options.role or role.value in options.role
        for entry in entries(role)
        if not options.page or entry.url_path in options.page
    ]
    pages = [_measured(role, entry, {}, "default", options.repeats) for role, entry in wanted]
    peak = peak_mebibytes()
    worst = [] if options.no_worst else [worst_of(role, entry) for role, entry in first_of(wanted)]
    result = {"limits": limits, "pages": pages, "peak_mib": peak, "worst": worst}
    sys.stdout.write(f"{json.dumps(result)}\n")


def measure(script: str, account: str, choice: Choice, repeats: int) -> dict[str, Any]:
    """Draw a page with nothing kept, and measure what it asked of the database."""
    page = AppTest.from_file(str(DASHBOARD), default_timeout=SECONDS)
    for name, value in choice.items():
        page.query_params[name] = value
    page.user = claims(account)
    ask_for(page, script)
    st.cache_resource.clear()
    with listening() as asked:
        page.run()
    asked.measure(get_engine(), repeats)
    costs = asked.by_function.items()
    return {
        "queries": len(asked.sent),
        "rows": asked.rows,
        "cpu_ms": round(asked.cpu_ms, 2),
        "wall_ms": round(asked.wall_ms, 2),
        "by_function": {
            name: [round(wall, 2), round(cpu, 2)] for name, (wall, cpu) in list(costs)[:6]
        },
        "error": next((each.value for each in (*page.error, *page.exception)), ""),
    }


def first_of(wanted: list[tuple[Role, MenuEntry]]) -> list[tuple[Role, MenuEntry]]:
    """Return each page once, as the first role that opens it."""
    seen: dict[str, tuple[Role, MenuEntry]] = {}
    for role, entry in wanted:
        seen.setdefault(entry.url_path, (role, entry))
    return list(seen.values())


def worst_of(role: Role, entry: MenuEntry) -> dict[str, Any]:
    """Return the costliest of the choices that are tried of a page."""
    choices = CHOICES | (MAP_CHOICES if entry.url_path == "violation_map" else {})
    tried = [_measured(role, entry, choice, name, 1) for name, choice in choices.items()]
    return max(tried, key=lambda each: each["wall_ms"])


def _measured(
    role: Role, entry: MenuEntry, choice: Choice, name: str, repeats: int
) -> dict[str, Any]:
    cost = measure(entry.script, ACCOUNTS[role], choice, repeats)
    told = f"{entry.url_path} {role.value}, {name}: {cost['wall_ms']:,.0f} ms"
    sys.stderr.write(f"{told}, {cost['rows']:,} rows {cost['by_function']} {cost['error']}\n")
    return {"page": entry.url_path, "role": role.value, "choice": name} | cost


def measure_limits(repeats: int) -> dict[str, float]:
    """Return what nothing can be below: an empty page, and reading the period from an index."""
    page = AppTest.from_file(str(EMPTY_PAGE), default_timeout=SECONDS)
    page.run()
    empty = statistics.median(_seconds(page.run) for _ in range(repeats)) * 1000
    report = violation_report.c
    since = first_day(last_weeks(LAST_DAY, PERIOD_WEEKS)[0])
    # Columns of one index alone, whose rows are all of the default period.
    stmt = select(report.week, report.county_code, report.status, func.count()).where(
        report.week >= since
    )
    stmt = stmt.group_by(report.week, report.county_code, report.status)
    # As the owner: the dashboard's role sees nothing before it has said who reads.
    with get_import_engine().connect() as conn:
        n = sum(row[-1] for row in conn.execute(stmt))
        scan = statistics.median(_seconds(lambda: conn.execute(stmt).all()) for _ in range(repeats))
    return {
        "empty_page_ms": round(empty, 2),
        "index_scan_ms": round(scan * 1000, 2),
        "period_reports": int(n),
    }


def _seconds(run: Any) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def peak_mebibytes() -> float:
    """Return the most memory this process has had; not what it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    main()
