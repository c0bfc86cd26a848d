"""With the first wall taken away, query by query, the second one shows nobody any more.

``Scope.allows`` is what stands in every query. Here it allows everything, and every query is
asked for the whole city with what unreleased plans brought about. Medians without names come
from ``city_median`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, FromClause, func, insert, select, true

from data_access import account_changes, audit, schema, summaries
from data_access.accounts import Role, User, scope_of
from data_access.audit import Wanted
from data_access.row_security import tell
from data_access.scope import Scope
from data_access.weekly import weekly_counts
from tests import factories as make
from tests.databases import PostgresDatabase
from tests.postgres.conftest import Connect
from tests.queries import (
    AS_OF,
    COUNTY,
    OTHER,
    Query,
    add_what_the_sample_lacks,
    arguments_of_all,
    frames_of,
    is_about_one_thing,
    name_of,
    scoped,
)

pytestmark = pytest.mark.postgres

Asked = Callable[[Query, str], dict[str, Any]]
EVERYTHING = Scope.city(unreleased=True)
MARK = "未公布"
each_query = pytest.mark.parametrize("query", scoped(), ids=name_of)


@pytest.fixture(scope="module")
def owner(sample: PostgresDatabase, connect: Connect) -> Engine:
    """The owner's way into the sample, to which a plan has added what nobody may know yet."""
    engine = connect(sample.owner_url)
    with engine.begin() as conn:
        add_what_the_sample_lacks(conn)
        for county in (COUNTY, OTHER):
            add_born_of_a_plan(conn, county)
            batch = conn.scalar(
                select(func.max(schema.import_batch.c.id)).where(
                    schema.import_batch.c.county_code == county
                )
            )
            conn.execute(
                insert(schema.import_problem).values(
                    batch_id=batch, problem="示例", value="示例", severity="error"
                )
            )
        summaries.rebuild_all(conn)
    return engine


def add_born_of_a_plan(conn: Connection, county: str) -> None:
    """Violations found at a building and at an institution, and what is to be put right.

    One is of the day after all else: not even the day on which figures begin may tell of it.
    """
    first, *others = make.visit_plan(conn, county, county, county, status="sealed")
    make.inspection(
        conn,
        county_code=county,
        withheld=True,
        visit_stop_id=first,
        inspected_on=AS_OF + timedelta(days=1),
    )
    known = conn.scalar(
        select(schema.rectification.c.institution_id)
        .join(schema.rectification_spell)
        .where(schema.rectification.c.county_code == county)
        .where(schema.rectification.c.institution_id.is_not(None))
        .where(schema.rectification_spell.c.closed_on < AS_OF)
        .order_by(schema.rectification_spell.c.closed_on.desc())
    )
    born = {"county_code": county, "withheld": True}
    for stop, place in zip(others, ({"institution_id": known}, {"place_name": MARK}), strict=True):
        make.inspection(
            conn, **born, **place, visit_stop_id=stop, outcome="violation", institution_name=MARK
        )
        item = make.rectification(conn, **born, **place, institution_name=MARK)
        closed = make.rectification(
            conn, **born, **place, status="closed", closed_on=AS_OF, institution_name=MARK
        )
        for number in (item, closed):
            conn.execute(
                insert(schema.rectification_event).values(
                    rectification_id=number,
                    county_code=county,
                    happened_on=make.EARLIER,
                    step="register",
                    note=MARK,
                    received_by_us_on=make.EARLIER,
                )
            )


@pytest.fixture(scope="module")
def asked_of(owner: Engine) -> Asked:
    """What each query asks for of a county, looked up once for all of them."""
    with owner.connect() as conn:
        of = {county: arguments_of_all(conn, county) for county in (COUNTY, OTHER)}
    return lambda query, county: of[county](query)


@pytest.fixture(scope="module")
def engine(owner: Engine, sample: PostgresDatabase, connect: Connect) -> Engine:
    """The dashboard's way into it."""
    return connect(sample.plain_url)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """The dashboard's connection, told nothing yet."""
    with engine.connect() as conn:
        yield conn


@pytest.fixture
def seeing_all(owner: Engine) -> Iterator[Connection]:
    with owner.connect() as conn:
        yield conn


def reader(role: Role) -> User:
    code = COUNTY if role is Role.COUNTY else None
    return User(f"{role}@demo", role, code, scope_of(role, code))


def tell_reader(conn: Connection, user: User) -> None:
    tell(conn, email=user.email, role=user.role, scope=user.scope)


def take_the_first_wall_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def allows(_scope: Scope, _table: FromClause) -> Any:
        return true()

    monkeypatch.setattr(Scope, "allows", allows)


def canonical(result: Any) -> Any:
    """What a query returned, in an order of its own."""
    if isinstance(result, dict):
        return {name: canonical(each) for name, each in result.items()}
    if not isinstance(result, pd.DataFrame):
        return result
    rows = sorted(map(str, result.itertuples(index=False, name=None)))
    return list(result.columns), rows


_EVERYTHING: dict[tuple[str, str], Any] = {}


def everything_of(conn: Connection, query: Query, of_county: str, asked: dict[str, Any]) -> Any:
    """What a query shows to who may see all, asked once: every reader's is held against it."""
    key = (name_of(query), of_county)
    if key not in _EVERYTHING:
        _EVERYTHING[key] = query(conn, scope=EVERYTHING, **asked)
    return _EVERYTHING[key]


def has_figures(frame: pd.DataFrame) -> bool:
    figures = frame.select_dtypes("number").fillna(0)
    return not frame.empty and bool(figures.to_numpy().any())


COUNT_WHAT_PLANS_BRING = {
    "checked",
    "choices",
    "closed_items",
    "closures",
    "counts",
    "everything",
    "incidents",
    "inspections",
    "inspections_of_week",
    "items",
    "findings",
    "latest_day",
    "open_by_town",
    "open_items",
    "results",
    "row_counts",
    "units",
    "weekly_counts",
}
# Of the same name as one of them; what checks find is nobody's secret in its county.
BRINGS_NOTHING = {"compliance_checks.findings", "flawed_reports.counts"}
CASES = [
    pytest.param(query, county, id=f"{name_of(query)}-{county}")
    for query in scoped()
    for county in ((COUNTY, OTHER) if is_about_one_thing(query) else (COUNTY,))
]


@pytest.mark.parametrize("role", [Role.COUNTY, Role.LEADER])
@pytest.mark.parametrize(("query", "of_county"), CASES)
def test_query_without_its_scope_shows_the_reader_no_more(
    seeing_all: Connection,
    conn: Connection,
    monkeypatch: pytest.MonkeyPatch,
    asked_of: Asked,
    query: Query,
    of_county: str,
    role: Role,
) -> None:
    user = reader(role)
    asked = asked_of(query, of_county)
    everything = canonical(everything_of(seeing_all, query, of_county, asked))
    tell_reader(conn, user)
    proper = canonical(query(conn, scope=user.scope, **asked))
    is_kept_from_leaders = query.__module__ == "data_access.batches"
    if role is Role.COUNTY or not is_kept_from_leaders:
        assert proper == canonical(query(seeing_all, scope=user.scope, **asked))

    take_the_first_wall_away(monkeypatch)

    shown = query(conn, scope=EVERYTHING, **asked)
    if query.__name__ == "scope_name":
        return  # says what the scope is called, whoever asks
    assert canonical(shown) == proper
    assert MARK not in str(proper)
    if query.__name__ in COUNT_WHAT_PLANS_BRING and name_of(query) not in BRINGS_NOTHING:
        assert proper != everything
    if role is Role.COUNTY and query.__name__ != "known_on":  # files of all come on one day
        own = of_county == COUNTY and is_about_one_thing(query)
        assert own or proper != everything, "there is no more to be shown"
        for frame in frames_of(shown):
            if "county_code" in frame:  # missing where the institution tells it
                assert set(frame["county_code"].dropna()) <= {COUNTY}


@pytest.mark.parametrize("role", [Role.COUNTY, Role.LEADER])
@pytest.mark.parametrize("as_of", [AS_OF, AS_OF - timedelta(days=1)], ids=["summary", "facts"])
@pytest.mark.parametrize("subject", summaries.COUNTS)
def test_weekly_figures_without_their_scope_count_no_more(
    seeing_all: Connection,
    conn: Connection,
    monkeypatch: pytest.MonkeyPatch,
    subject: str,
    as_of: date,
    role: Role,
) -> None:
    user, asked = reader(role), {"as_of": as_of, "subject": subject}
    everything = canonical(weekly_counts(seeing_all, scope=EVERYTHING, **asked))
    tell_reader(conn, user)
    proper = canonical(weekly_counts(conn, scope=user.scope, **asked))
    assert proper == canonical(weekly_counts(seeing_all, scope=user.scope, **asked))

    take_the_first_wall_away(monkeypatch)

    assert canonical(weekly_counts(conn, scope=EVERYTHING, **asked)) == proper
    if role is Role.COUNTY or (as_of == AS_OF and subject.startswith(("insp", "rect"))):
        assert proper != everything


@pytest.mark.parametrize(
    "query",
    # The files that came in, and the names of counties, are an administrator's, too.
    [each for each in scoped() if not name_of(each).startswith(("batches.", "reference."))],
    ids=name_of,
)
def test_query_without_its_scope_shows_an_administrator_no_figure(
    seeing_all: Connection,
    conn: Connection,
    monkeypatch: pytest.MonkeyPatch,
    asked_of: Asked,
    query: Query,
) -> None:
    asked = asked_of(query, COUNTY)
    everything = everything_of(seeing_all, query, COUNTY, asked)
    tell_reader(conn, reader(Role.ADMIN))
    take_the_first_wall_away(monkeypatch)

    shown = query(conn, scope=EVERYTHING, **asked)

    if frames := frames_of(shown):
        assert not any(has_figures(frame) for frame in frames)
    else:
        assert shown != everything


@each_query
def test_query_without_its_scope_shows_nothing_where_nobody_reads(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, asked_of: Asked, query: Query
) -> None:
    asked = asked_of(query, COUNTY)
    take_the_first_wall_away(monkeypatch)

    shown = query(conn, scope=EVERYTHING, **asked)

    if frames := frames_of(shown):
        assert not any(has_figures(frame) for frame in frames)
    elif query.__name__ in {"latest_day", "choices"}:
        assert shown in (asked["today"], (asked["today"], {}))
    else:
        assert not shown or query.__name__ == "scope_name"


@pytest.mark.parametrize("role", [Role.COUNTY, Role.LEADER, Role.SUPERVISOR])
def test_asking_as_an_administrator_shows_nobody_else_accounts_or_the_log(
    owner: Engine, conn: Connection, role: Role
) -> None:
    admin, user = reader(Role.ADMIN), reader(role)
    asked = Wanted(since=AS_OF, until=AS_OF.replace(year=9000))
    with owner.begin() as writing:
        audit.add(writing, audit.Action.EXPORT, email="leader@demo")
    tell_reader(conn, user)

    assert set(account_changes.accounts(conn, by=admin)["email"]) <= {user.email}
    assert audit.events(conn, by=admin, wanted=asked, limit=9).empty

    tell_reader(conn, admin)
    assert len(account_changes.accounts(conn, by=admin)) == 15
    assert len(audit.events(conn, by=admin, wanted=asked, limit=9)) > 0
