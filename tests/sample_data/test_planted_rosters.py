"""The planted lines are found for what they are, and what README.md says of them is so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access.engine import connect_to
from data_access.scope import Scope
from sample_data.planted_rosters import (
    DECIDED,
    GONE,
    ONE_LICENCE,
    PLANTED,
    SAME,
    TEMPTING,
    TWO_COUNTIES,
    Line,
)
from tests.databases import sample_database
from tests.sample_data.conftest import LAST_DAY
from tests.workers import shared_folder
from ui.reconciliation import View, build

README = Path("sample_data/README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(scope="module")
def city(sample: Connection) -> View:
    return build(sample, scope=Scope.city(), as_of=LAST_DAY)


def frame(view: View, name: str) -> pd.DataFrame:
    return view.listed[name].frame


def asked(view: View, line: Line) -> list[str]:
    """The institutions that the line is proposed to be."""
    pairs = view.pairs
    is_it = (pairs["list_name"] == line.name) & (pairs["list_county_code"] == line.unit)
    is_it &= pairs["list_source"] == line.source
    return list(pairs.loc[is_it, "ledger_name"])


def test_lines_of_institutions_are_proposed_unless_they_are_decided(city: View) -> None:
    decided = {line for line, _ in DECIDED}

    for line in (*SAME, GONE[1]):
        assert asked(city, line) == ([] if line in decided else [line.of])


def test_tempting_lines_are_not_proposed_to_be_what_they_are_like(city: View) -> None:
    for line in (*TEMPTING, ONE_LICENCE):
        assert line.of not in asked(city, line)
    missing = frame(city, "missing")["name"]
    assert {line.name for line in (*TEMPTING[:2], ONE_LICENCE)} <= set(missing)


def test_decisions_are_listed_for_their_counties_alone(sample: Connection, city: View) -> None:
    assert sorted(frame(city, "decided")["list_name"]) == sorted(line.name for line, _ in DECIDED)
    own = build(sample, scope=Scope.county("450222"), as_of=LAST_DAY)
    assert frame(own, "decided")["list_name"].tolist() == [SAME[3].name]


def test_one_licence_one_code_and_who_is_gone_are_found(sample: Connection, city: View) -> None:
    assert ONE_LICENCE.name in set(frame(city, "licence")["name"])
    assert set(frame(city, "licence")["county_code"]) == {ONE_LICENCE.unit}
    assert set(frame(city, "two_counties")["name"]) == {TWO_COUNTIES.name}
    assert frame(city, "elsewhere")["name"].tolist() == [TWO_COUNTIES.name]
    gone = frame(city, "gone").set_index("name")["still_on"]
    assert gone[GONE[0].of] == "6 月 30 日收到的机构自报名单"
    assert gone[GONE[1].of] == "7 月 21 日收到的社区走访名单（疑似，待判定）"

    own = build(sample, scope=Scope.county(TWO_COUNTIES.unit), as_of=LAST_DAY)
    assert frame(own, "two_counties").empty
    assert TWO_COUNTIES.name in set(frame(own, "missing")["name"])


def test_the_readme_tells_of_every_planted_line() -> None:
    for line in PLANTED:
        assert f"| {line.name} |" in README
