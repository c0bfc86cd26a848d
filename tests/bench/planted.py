"""How much of what is planted in the sample the pages' judgements find, and what else they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from analysis import class_hours as judged_classes
from analysis import prepaid, prices
from analysis.rules import rules
from data_access import class_hours, course_fees, fee_charges
from data_access.engine import connect_to
from data_access.scope import Scope
from sample_data.days import LAST_DAY
from sample_data.generate import REPORTS, SEED
from sample_data.planted_charges import EARLY, LARGE, LESSONS, MONTHS, OUTSIDE
from sample_data.planted_classes import LATE_ONLINE
from sample_data.planted_failure import FAILING
from sample_data.planted_fees import JUMPS
from sample_data.world import World, make_world
from tests.databases import sample_database
from tests.sample_data.planted_lines import late_offline

CITY = Scope.city(unreleased=True)
# The codes of the rules in analysis/rules.toml, and of whose charges they speak.
RULES = {"months": MONTHS, "lessons": LESSONS, "early": EARLY, "account": OUTSIDE, "amount": LARGE}


@dataclass(frozen=True)
class Found:
    """What a judgement says against what is planted: ``right`` of ``found`` are ``planted``."""

    what: str
    planted: int
    found: int
    right: int

    @classmethod
    def of(cls, what: str, planted: Iterable[object], found: Iterable[object]) -> Found:
        """Hold two sets of keys against each other."""
        true, said = set(planted), set(found)
        return cls(what, len(true), len(said), len(true & said))

    @property
    def precision(self) -> float:
        """Share of what is found that is planted; 1 where nothing is found and nothing planted."""
        return self.right / self.found if self.found else float(not self.planted)

    @property
    def recall(self) -> float:
        """Share of what is planted that is found; 1 where nothing is planted."""
        return self.right / self.planted if self.planted else 1.0


@dataclass(frozen=True)
class Planted:
    """Everything held against the sample; the ranks are of the institution about to fail.

    ``rank``: among the institutions in operation by money at risk; ``rank_outside``: by money
    at risk outside the account, as the page lists them.
    """

    found: list[Found]
    rank: int
    rank_outside: int


def measure(folder: Path) -> Planted:
    """Judge the sample as of its last day."""
    world = make_world(SEED, REPORTS)
    engine = connect_to(f"sqlite:///{sample_database(folder)}")
    try:
        with engine.connect() as conn:
            risk = _at_risk(conn)
            found = [_prices(conn), *_charges(conn, world), *_classes(conn, world)]
    finally:
        engine.dispose()
    is_it = risk["county_code"].eq(FAILING.unit) & risk["institution_name"].eq(FAILING.name)
    by_risk = risk["risk_yuan"].rank(ascending=False, method="min")
    by_outside = risk["outside_yuan"].rank(ascending=False, method="min")
    return Planted(found, int(by_risk[is_it].iloc[0]), int(by_outside[is_it].iloc[0]))


def _prices(conn: Connection) -> Found:
    """Hold the courses that are suspected first against those that jumped: as many as did."""
    since = prices.before_summer(LAST_DAY)
    rows = course_fees.prices(conn, scope=CITY, as_of=LAST_DAY, since=since)
    first = prices.suspected_rises(rows, as_of=LAST_DAY).suspected.head(len(JUMPS))
    jumped = [
        (story.fees[-1].unit, story.fees[-1].institution, story.fees[-1].course) for story in JUMPS
    ]
    found = zip(first["county_code"], first["institution_name"], first["course"], strict=True)
    return Found.of("price jumps, of the first as many", jumped, found)


def _charges(conn: Connection, world: World) -> Iterable[Found]:
    """Hold the charges that break a rule against those that do; none breaks that of 2022-12-29."""
    limits = fee_charges.Limits(**prepaid.narrowest(rules()))
    suspects = fee_charges.suspects(
        conn, scope=CITY, as_of=LAST_DAY, since=date(2022, 1, 1), charge_limits=limits
    )
    found = prepaid.findings(suspects, rules())
    keys = pd.Series(
        list(zip(found["county_code"], found["institution_name"], found["receipt_no"], strict=True))
    )
    for code, story in RULES.items():
        true = [
            (charge.institution.unit, charge.institution.name, charge.receipt)
            for charge in world.charges
            if story != LARGE
            and (charge.story == story or (story == OUTSIDE and charge.into_account is False))
        ]
        yield Found.of(f"charges {story}", true, keys[found["rule"] == code])


def _classes(conn: Connection, world: World) -> Iterable[Found]:
    since = LAST_DAY - judged_classes.LOOKED_BACK
    classes = class_hours.reported_classes(conn, scope=CITY, as_of=LAST_DAY, since=since)
    found = judged_classes.findings(classes, rules())
    offline = [report.number for report in late_offline(world)]
    for code, what, true in (
        ("offline_end", "classes offline past 20:30", offline),
        ("online_end", "classes online past 21:00", list(LATE_ONLINE)),
    ):
        yield Found.of(what, true, found.loc[found["rule"] == code, "report_no"])


def _at_risk(conn: Connection) -> pd.DataFrame:
    charges = fee_charges.outstanding(conn, scope=CITY, as_of=LAST_DAY)
    risk = prepaid.institutions_at_risk(prepaid.at_risk(charges, as_of=LAST_DAY))
    return risk[~risk["is_stopped"]]


def show(planted: Planted | None) -> list[str]:
    """Return one line a judgement."""
    if planted is None:
        return []
    lines = [
        f"planted {each.what}: {each.planted}, found {each.found}, right {each.right};"
        f" precision {each.precision:.2f}, recall {each.recall:.2f}"
        for each in planted.found
    ]
    return [
        *lines,
        f"the institution about to fail: no. {planted.rank} by money at risk,"
        f" no. {planted.rank_outside} by that outside the account",
    ]


def as_json(planted: Planted | None) -> dict[str, Any]:
    """Return the same figures for a program."""
    if planted is None:
        return {}
    shares = [
        asdict(each) | {"precision": each.precision, "recall": each.recall}
        for each in planted.found
    ]
    return {"found": shares, "rank": planted.rank, "rank_outside": planted.rank_outside}
