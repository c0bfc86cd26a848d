"""Measure pages against an empty one, imports against a bare read, routes against greedy ones.

And hotspots, source lists, alarms and the sample's judgements against what was planted.
``python -m tests.bench [--json] [--page PATH…] [--no-pages] [--no-import] [--no-planted]
[--no-hotspots] [--no-rosters] [--no-alarms] [--no-prices] [--no-routes]``. Servers, sessions and
databases are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from data_access.accounts import Role
from tests.bench import alarms, hotspots, imports, pages, planted, prices, rosters, routes
from tests.databases import sample_database
from tests.menu import ACCOUNTS, entries
from tests.servers import DASHBOARD, Server, serve
from ui.navigation import OVERVIEW
from ui.presenting import PRESENT, SLIDE

SLIDES = 7  # of the sample
MEASURED_ROLES = (Role.LEADER, Role.SUPERVISOR)


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--page", nargs="+", help="only the pages of these addresses, or present")
    parser.add_argument("--no-pages", action="store_true", help="measure no page")
    parser.add_argument("--no-import", action="store_true", help="measure no import")
    parser.add_argument("--no-planted", action="store_true", help="judge no sample")
    parser.add_argument("--no-hotspots", action="store_true", help="look for no hotspots")
    parser.add_argument("--no-rosters", action="store_true", help="hold no lists to a ledger")
    parser.add_argument("--no-alarms", action="store_true", help="raise no alarms")
    parser.add_argument("--no-prices", action="store_true", help="judge no prices")
    parser.add_argument("--no-routes", action="store_true", help="plan no routes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        costs = [] if args.no_pages else measure_pages(folder, args.page)
        import_cost = None if args.no_import else imports.measure(folder)
        judged = None if args.no_planted else planted.measure(folder)
    gathered = [] if args.no_hotspots else hotspots.measure()
    held = [] if args.no_rosters else rosters.measure()
    raised = [] if args.no_alarms else alarms.measure()
    priced = None if args.no_prices else prices.measure()
    planned = [] if args.no_routes else list(routes.measure())
    if args.json:
        result = as_json(costs, import_cost) | {
            "hotspots": hotspots.as_json(gathered),
            "rosters": rosters.as_json(held),
            "alarms": alarms.as_json(raised),
            "prices": prices.as_json(priced),
            "routes": [cost.as_json() for cost in planned],
            "planted": planted.as_json(judged),
        }
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    if costs:
        print_pages(costs)
    if import_cost:
        print_import(import_cost)
    for line in (
        *hotspots.show(gathered),
        *rosters.show(held),
        *alarms.show(raised),
        *prices.show(priced),
        *planted.show(judged),
    ):
        print(line)
    print_routes(planned)


def measure_pages(folder: Path, wanted: list[str] | None) -> list[pages.Cost]:
    """Serve the sample and the empty page side by side, and measure each page on them."""
    database = {"DATABASE_URL": f"sqlite:///{sample_database(folder)}"}
    with (
        serve("-m", "tests.bench.empty_server", log=folder / "empty.log") as empty,
        serve(*DASHBOARD, log=folder / "dashboard.log", env=database) as dashboard,
    ):
        return asyncio.run(pages.measure(targets(empty, dashboard, wanted)))


def targets(empty: Server, dashboard: Server, wanted: list[str] | None) -> list[pages.Target]:
    """Return the empty page, then the pages of the menu as each account that may open them."""
    return [
        pages.Target("empty page", empty),
        *(
            pages.Target(f"{entry.url_path} {role}", dashboard, entry.url_path, ACCOUNTS[role])
            for role in MEASURED_ROLES
            for entry in entries(role)
            if not wanted or entry.url_path in wanted
        ),
        *(
            pages.Target(
                f"slide {number}",
                dashboard,
                OVERVIEW.url_path,
                ACCOUNTS[Role.LEADER],
                {PRESENT: "1", SLIDE: str(number)},
            )
            for number in range(1, SLIDES + 1)
            if not wanted or PRESENT in wanted
        ),
    ]


def print_pages(costs: list[pages.Cost]) -> None:
    """Print one line a page."""
    load_heads = "".join(f"{f'{n} × runs/s':>13}{'p95 ms':>9}" for n in pages.SESSION_COUNTS)
    print("CPU in ms of the server's process; ratio: rerun ÷ the empty page's in the same turn")
    print(
        f"{'page':36}{'rerun':>7}{'ratio':>7}{'first':>8}{'2nd visit':>11}"
        f"{'first B':>11}{'rerun B':>11}{load_heads}"
    )
    for cost in costs:
        loads = "".join(f"{load.runs_per_second:13.0f}{load.p95_ms:9.0f}" for load in cost.loads)
        print(
            f"{cost.target.name:36}{cost.rerun_cpu_ms:7.1f}{cost.ratio_to(costs[0]):7.1f}"
            f"{cost.first_cpu_ms:8.0f}{cost.second_visit_cpu_ms:11.0f}"
            f"{cost.first_bytes:11,}{cost.rerun_bytes:11,.0f}{loads}"
        )


def print_import(cost: imports.ImportCost) -> None:
    """Print what the import cost."""
    print(
        f"\nimport of {cost.rows:,} reports: {cost.import_seconds:.1f} s of CPU"
        f" ({cost.start_seconds:.1f} s of it to start), {cost.rows_per_second:,.0f} rows/s;"
        f" bare read {cost.read_seconds:.2f} s, ratio {cost.ratio:.1f} without the start;"
        f" peak {cost.peak_mebibytes:.0f} MiB"
    )


def print_routes(planned: list[routes.RouteCost]) -> None:
    """Print one line an instance."""
    if planned:
        print(
            f"\nroutes: prize and wall seconds, against greedy teams and {routes.LONG_SECONDS:g} s"
        )
    for cost in planned:
        print(
            f"{cost.candidates:>6,} places × {cost.teams} teams, instance {cost.seed}:"
            f" {cost.stops} stops, prize {cost.prize:,.1f} in {cost.seconds:.2f} s;"
            f" {cost.over_greedy:.2f} × greedy ({cost.greedy_prize:,.1f}),"
            f" {cost.of_long:.3f} × long ({cost.long_prize:,.1f})"
        )


def as_json(costs: list[pages.Cost], import_cost: imports.ImportCost | None) -> dict[str, Any]:
    """Return the same figures for a program."""
    result: dict[str, Any] = {
        "pages": [
            {
                "name": cost.target.name,
                "rerun_cpu_ms": round(cost.rerun_cpu_ms, 2),
                "ratio": round(cost.ratio_to(costs[0]), 2),
                "first_cpu_ms": round(cost.first_cpu_ms, 1),
                "second_visit_cpu_ms": round(cost.second_visit_cpu_ms, 1),
                "first_bytes": cost.first_bytes,
                "rerun_bytes": round(cost.rerun_bytes),
                "loads": [vars(load) for load in cost.loads],
            }
            for cost in costs
        ]
    }
    if import_cost:
        result["import"] = {
            **vars(import_cost),
            "ratio": import_cost.ratio,
            "rows_per_second": import_cost.rows_per_second,
        }
    return result


if __name__ == "__main__":
    main()
