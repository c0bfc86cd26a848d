"""The sample has officers to draw from, and they read as made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data_access import migration
from data_access.engine import connect_to
from data_access.officers import officers
from data_access.scope import Scope
from sample_data.names import STEMS
from sample_data.officers import DEPARTMENTS, ROLES, add_officers


@pytest.fixture
def added(tmp_path: Path) -> Iterator[pd.DataFrame]:
    engine = connect_to(f"sqlite:///{tmp_path / 'sample.db'}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        add_officers(conn)
        yield officers(conn, scope=Scope.city(unreleased=True))
    engine.dispose()


def test_thirty_can_be_sent_and_each_is_a_role_and_a_heavenly_stem(added: pd.DataFrame) -> None:
    assert len(added) == 30
    assert added["active"].all()
    assert set(added["name"]) == {role + stem for role in ROLES for stem in STEMS}


def test_every_department_has_at_least_three(added: pd.DataFrame) -> None:
    counts = Counter(added["department"])

    assert set(counts) == set(DEPARTMENTS)
    assert min(counts.values()) >= 3


def test_all_counties_are_somebody_s_home_and_some_officers_have_none(added: pd.DataFrame) -> None:
    assert added["home_county"].nunique() == 12
    assert added["home_county"].isna().sum() == 6
