"""Facts on shards: the same answers, the same walls, and what is told when a shard is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from streamlit.testing.v1 import AppTest

from data_access import __main__ as command_line
from data_access import institution_edits, migration, row_security, shards, summaries
from data_access.accounts import Role, User, scope_of
from data_access.engine import connect_to
from data_access.ledgers.importing import FileReport, import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.row_security import READERS, tell
from data_access.schema import account, violation_report, weekly_summary
from data_access.scope import Scope
from data_access.weekly import weekly_counts
from sample_data import volume
from tests import factories as make
from tests.databases import OWNER, copy_rows, forget_engines, sample_database
from tests.postgres.conftest import Connect
from tests.queries import (
    AS_OF,
    COUNTY,
    OTHER,
    Query,
    add_what_the_sample_lacks,
    arguments_of_all,
    name_of,
    scoped,
)
from tests.shard_servers import (
    READER,
    ShardServer,
    make_database,
    programs,
    shard_arguments,
    shard_servers,
)
from tests.workers import skip_or_fail

pytestmark = pytest.mark.postgres

SINGLE, SHARDED = "single", "sharded"
# Where the sample's counties are dealt to; the larger ones of each shard.
ON_FIRST, ON_SECOND = "450204", "450203"


@dataclass(frozen=True)
class City:
    """The same rows twice: on one machine, and on a coordinator with two shards."""

    servers: list[ShardServer]
    single: Engine
    owner: Engine
    reader: Engine

    @property
    def shards(self) -> list[ShardServer]:
        return self.servers[1:]


@pytest.fixture(scope="module")
def city(folder: Path, connect: Connect) -> Iterator[City]:
    with in_two_places(connect, lambda server: fill(server, sample_database(folder))) as city:
        yield city


@pytest.fixture(scope="module")
def million(connect: Connect) -> Iterator[City]:
    """The sample and a million reports more."""

    def generate(coordinator: ShardServer) -> None:
        url = coordinator.login(OWNER, SINGLE)
        volume.fill(url, 1_000_000, seed=1, progress=lambda _said: None)

    with in_two_places(connect, generate) as city:
        yield city


@contextmanager
def in_two_places(connect: Connect, fill: Callable[[ShardServer], None]) -> Iterator[City]:
    if programs() is None:
        skip_or_fail("REQUIRE_SHARDS", "there is no PostgreSQL with postgres_fdw")
    with shard_servers(3) as servers:
        coordinator, *shards = servers
        make_database(coordinator, SINGLE)
        fill(coordinator)
        make_database(coordinator, SHARDED, template=SINGLE)
        for each in shards:
            make_database(each, SHARDED)
        assert run_shard(coordinator, *shard_arguments(shards, SHARDED)) == 0
        yield City(
            servers,
            connect(coordinator.login(OWNER, SINGLE)),
            connect(coordinator.login(OWNER, SHARDED)),
            connect(coordinator.login(READER, SHARDED)),
        )


def fill(coordinator: ShardServer, sample: Path) -> None:
    """Fill the database of one machine with the sample city."""
    engine = connect_to(coordinator.login(OWNER, SINGLE))
    migration.upgrade(engine)
    superuser = make_url(coordinator.url).set(database=SINGLE)
    copy_rows(sample, superuser.render_as_string(hide_password=False))
    with engine.begin() as conn:
        add_what_the_sample_lacks(conn)
        summaries.rebuild_all(conn)
    engine.dispose()


def run_shard(coordinator: ShardServer, *options: str, database: str = SHARDED) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", coordinator.login(OWNER, database))
        return command_line.main(["shard", *options])


def canonical(result: Any) -> Any:
    """What a query returned, in an order of its own."""
    if isinstance(result, dict):
        return {name: canonical(each) for name, each in result.items()}
    if not isinstance(result, pd.DataFrame):
        return result
    rows = sorted(map(str, result.itertuples(index=False, name=None)))
    return dict(result.dtypes), rows


@pytest.fixture(scope="module")
def single(city: City) -> Iterator[Connection]:
    with city.single.connect() as conn:
        yield conn


@pytest.fixture(scope="module")
def known(single: Connection) -> Callable[[Query], dict[str, Any]]:
    """What every query asks for besides its scope."""
    return arguments_of_all(single, COUNTY)


@pytest.fixture
def owner(city: City) -> Iterator[Connection]:
    with city.owner.connect() as conn:
        yield conn


@pytest.fixture
def conn(city: City) -> Iterator[Connection]:
    """The dashboard's connection to the coordinator."""
    with city.reader.connect() as conn:
        yield conn


def tell_role(conn: Connection, role: Role, county: str | None = None) -> Scope:
    scope = scope_of(role, county)
    tell(conn, email=f"{role}@demo", role=role, scope=scope)
    return scope


def plan(conn: Connection, statement: str) -> str:
    return "\n".join(conn.scalars(text(f"EXPLAIN (VERBOSE) {statement}")))


SCOPES = {
    "city": Scope.city(unreleased=True),
    "county": Scope.county(COUNTY),
    "other": Scope.county(OTHER),
    "two": Scope.county(COUNTY, OTHER),
    "nothing": Scope.county(),
}


# Queries of these are asked in every run of the tests: they read reports in each of the ways.
QUICK = {"arrivals", "calendar", "class_hours", "hotspots", "reveals", "violations"}


def is_quick(query: Query) -> bool:
    return query.__module__.removeprefix("data_access.") in QUICK


EACH = [
    pytest.param(query, id=name_of(query), marks=() if is_quick(query) else pytest.mark.soak)
    for query in scoped()
]


@pytest.mark.parametrize("query", EACH)
def test_every_query_answers_as_on_one_machine(
    single: Connection, conn: Connection, known: Callable[[Query], dict[str, Any]], query: Query
) -> None:
    """As the dashboard's role; of most queries the soak makes sure."""
    asked = known(query)
    for scope in (Scope.city(unreleased=True), Scope.county(COUNTY), Scope.county()):
        role = Role.SUPERVISOR if scope.counties is None else Role.COUNTY
        tell(conn, email=f"{role}@demo", role=role, scope=scope)
        assert canonical(query(conn, scope=scope, **asked)) == canonical(
            query(single, scope=scope, **asked)
        )


@pytest.mark.soak
def test_a_million_reports_answer_every_query_as_on_one_machine(million: City) -> None:
    different = []
    with million.single.connect() as single, million.reader.connect() as conn:
        known = arguments_of_all(single, COUNTY)
        for query in scoped():
            asked = known(query)
            for role, county in ((Role.SUPERVISOR, None), (Role.COUNTY, COUNTY)):
                scope = tell_role(conn, role, county)
                here = canonical(query(conn, scope=scope, **asked))
                if here != canonical(query(single, scope=scope, **asked)):
                    different.append((name_of(query), role))
    assert different == []


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR])
@pytest.mark.parametrize(
    "counted",
    [
        "SELECT county_code, week, status, count(*) FROM violation_report GROUP BY 1, 2, 3",
        "SELECT county_code, count(*) FILTER (WHERE status = 'substantiated'), max(received_on)"
        " FROM violation_report WHERE received_on >= '2022-07-01' GROUP BY 1",
    ],
    ids=["weeks", "counties"],
)
def test_counts_of_the_city_by_county_are_counted_on_the_shards(
    conn: Connection, role: Role, counted: str
) -> None:
    tell_role(conn, role)

    shown = plan(conn, counted)

    assert shown.count("Relations: Aggregate on") == 2
    assert shown.count("Remote SQL") == 2
    assert shown.count("GROUP BY") == 2
    # The wall goes with it: each shard asks for whom it counts.
    assert shown.count("= ANY ($2::text[])") == 2


def test_what_the_import_counts_again_is_counted_on_the_shards(owner: Connection) -> None:
    for subject in ("violation_report", "violation_report_verified"):
        stmt = summaries.counted(subject).compile(owner, compile_kwargs={"literal_binds": True})
        assert plan(owner, str(stmt)).count("Relations: Aggregate on") == 2


def test_a_county_is_read_from_one_shard(conn: Connection) -> None:
    scope = tell_role(conn, Role.COUNTY, COUNTY)
    report = violation_report
    stmt = select(report.c.report_no).where(scope.allows(report))
    statement = str(stmt.compile(conn, compile_kwargs={"literal_binds": True}))

    assert plan(conn, statement).count("Remote SQL") == 1


def test_the_policies_hold_through_the_coordinator(conn: Connection) -> None:
    asked = select(violation_report.c.county_code).distinct()
    assert conn.scalars(asked).all() == []
    tell_role(conn, Role.COUNTY, COUNTY)
    assert conn.scalars(asked).all() == [COUNTY]
    tell_role(conn, Role.ADMIN)
    assert conn.scalars(asked).all() == []
    tell_role(conn, Role.LEADER)
    assert len(conn.scalars(asked).all()) == 12


def test_nothing_leads_to_the_shards_but_the_table_and_its_policies(
    city: City, conn: Connection, owner: Connection
) -> None:
    tell_role(conn, Role.SUPERVISOR)
    for other in ("violation_report_shard_1", "violation_report_shard_2", "violation_report_key"):
        with pytest.raises(ProgrammingError, match="permission denied"), conn.begin_nested():
            conn.execute(text(f"SELECT count(*) FROM {other}"))  # noqa: S608
    with pytest.raises(ProgrammingError, match="permission denied"), conn.begin_nested():
        conn.execute(text("CREATE FOREIGN TABLE all_of_it (id bigint) SERVER shard_1"))
    shown = conn.execute(text("SELECT umoptions FROM pg_user_mappings")).scalars().all()
    assert shown
    assert set(shown) == {None}
    assert row_security.why_no_reader(conn) is None
    owner.execute(text(f"GRANT SELECT ON violation_report_shard_1 TO {READERS}"))
    owner.commit()
    try:
        assert "可直接读分片" in (row_security.why_no_reader(conn) or "")
    finally:
        owner.execute(text(f"REVOKE SELECT ON violation_report_shard_1 FROM {READERS}"))  # noqa: S608
        owner.commit()


def test_who_reads_for_the_dashboard_may_write_on_no_shard(city: City, connect: Connect) -> None:
    for each in city.shards:
        with connect(each.login(READER, SHARDED)).connect() as there:
            assert there.scalar(text("SELECT count(*) FROM violation_report"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                there.execute(text("DELETE FROM violation_report"))


REPORT = {
    "线索编号": "FP-1",
    "接报日期": "2022-08-24",
    "举报渠道": "电话",
    "违规类型": "违规开班",
    "县区": "柳南区",
    "办理状态": "待核实",
}
SOUTH_ROW = REPORT | {"线索编号": "FP-2", "县区": "鱼峰区"}


def send(engine: Engine, *rows: dict[str, str]) -> FileReport:
    """Import reports the ordinary way, sent by the city."""
    lines = [",".join(REPORT), *(",".join(row.values()) for row in rows)]
    return import_file(
        engine,
        KINDS["violation_reports"],
        "\n".join(lines).encode(),
        file_name="举报线索.csv",
        sender=Sender("命令行", None),
        received_on=date(2022, 8, 25),
    ).report


def told(report: FileReport) -> tuple[int, int, int]:
    return report.rows_loaded, report.rows_updated, report.rows_rejected


def reports(conn: Connection, *numbers: str) -> list[tuple[Any, ...]]:
    columns = violation_report.c
    stmt = select(columns.report_no, columns.county_code, columns.status, columns.row_version)
    return [
        tuple(row)
        for row in conn.execute(stmt.where(columns.report_no.in_(numbers)).order_by("report_no"))
    ]


def held(engine: Engine, number: str) -> int:
    with engine.connect() as conn:
        return len(reports(conn, number))


@pytest.fixture
def at_home(city: City, connect: Connect) -> list[Engine]:
    """Ways straight into the shards, past the coordinator."""
    return [connect(each.login(OWNER, SHARDED)) for each in city.shards]


def check(city: City, *options: str) -> int:
    return run_shard(city.servers[0], *(options or ("--check",)))


def test_a_file_is_imported_and_sent_again_and_corrected_as_on_one_machine(
    city: City, at_home: list[Engine]
) -> None:
    files = (
        [REPORT, SOUTH_ROW],
        [REPORT, SOUTH_ROW],
        [REPORT | {"办理状态": "属实", "县区": "鱼峰区"}, SOUTH_ROW | {"县区": "柳南区"}],
    )
    for rows in files:
        assert told(send(city.owner, *rows)) == told(send(city.single, *rows))
        with city.owner.connect() as conn, city.single.connect() as one:
            assert reports(conn, "FP-1", "FP-2") == reports(one, "FP-1", "FP-2")
            stored = select(weekly_summary).order_by(*weekly_summary.primary_key)
            assert conn.execute(stored).all() == one.execute(stored).all()

    # Both have changed places: in their new county's shard once, in the old one's no more.
    assert [held(each, "FP-1") for each in at_home] == [0, 1]
    assert [held(each, "FP-2") for each in at_home] == [1, 0]
    assert check(city) == 0


@pytest.mark.parametrize("together", ["on", "off"])
def test_rows_that_change_county_in_one_statement_are_changed_once(
    city: City, owner: Connection, at_home: list[Engine], together: str
) -> None:
    """Whether both shards are asked at once, or the second when the row lies there already."""
    send(city.owner, REPORT | {"线索编号": "FP-3"}, SOUTH_ROW | {"线索编号": "FP-4"})
    owner.execute(text("UPDATE violation_report SET row_version = 1 WHERE report_no LIKE 'FP-_'"))
    for county, there in ((ON_SECOND, [0, 2]), (ON_FIRST, [2, 0])):
        owner.execute(text(f"SET LOCAL enable_async_append = {together}"))
        owner.execute(
            text(
                "UPDATE violation_report SET county_code = :county, row_version = row_version + 1"
                " WHERE report_no IN ('FP-3', 'FP-4')"
            ),
            {"county": county},
        )
        owner.commit()
        assert [held(each, "FP-3") + held(each, "FP-4") for each in at_home] == there
    assert [row[3] for row in reports(owner, "FP-3", "FP-4")] == [3, 3]
    summaries.rebuild_all(owner)
    owner.commit()
    assert check(city) == 0


@pytest.mark.parametrize("county", [ON_FIRST, ON_SECOND])
def test_a_number_is_used_once_in_the_whole_city(owner: Connection, county: str) -> None:
    row = owner.execute(
        select(violation_report).where(violation_report.c.county_code == COUNTY).limit(1)
    ).one()
    values = {**row._mapping, "county_code": county}
    del values["id"]

    with pytest.raises(IntegrityError, match="uq_violation_report_report_no"):
        owner.execute(insert(violation_report).values(values))


def test_rows_are_numbered_by_the_coordinator_and_keys_of_others_hold(owner: Connection) -> None:
    known = owner.scalar(select(func.max(violation_report.c.id)))
    number = make.report(owner, report_no="FP-9")
    assert number > known
    for wrong, name in (
        ({"institution_id": -1}, "fk_violation_report_institution_id"),
        ({"first_batch_id": -1}, "fk_violation_report_first_batch_id"),
    ):
        with pytest.raises(IntegrityError, match=name), owner.begin_nested():
            make.report(owner, report_no="FP-10", **wrong)
    with pytest.raises(IntegrityError, match="fk_inspection_report_id"), owner.begin_nested():
        make.inspection(owner, report_id=-1)
    make.inspection(owner, report_id=number)
    with pytest.raises(IntegrityError, match="fk_inspection_report_id"), owner.begin_nested():
        owner.execute(delete(violation_report).where(violation_report.c.id == number))
    with pytest.raises(DBAPIError, match="ck_violation_report_status_known"):
        make.report(owner, report_no="FP-11", status="no such")


def test_an_institution_corrected_on_a_page_finds_the_reports_that_wait_for_it(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = city.servers[0]
    monkeypatch.setenv("DATABASE_URL", coordinator.login(READER, SHARDED))
    monkeypatch.setenv("IMPORT_DATABASE_URL", coordinator.login(OWNER, SHARDED))
    forget_engines()
    clerk = User("clerk@example.org", Role.COUNTY, COUNTY, scope_of(Role.COUNTY, COUNTY))
    with city.owner.begin() as conn:
        conn.execute(
            insert(account).values(
                email=clerk.email, role=clerk.role, county_code=COUNTY, active=True
            )
        )
        found = make.institution(conn, county_code=COUNTY, name="分片测试书院")
        waiting = make.report(
            conn,
            report_no="FP-20",
            county_code=COUNTY,
            institution_name_key="分片测试学堂",
        )
        summaries.rebuild_all(conn)
    try:
        institution_edits.correct(clerk, found, 1, {"name": "分片测试学堂"})
    finally:
        forget_engines()

    with city.owner.connect() as conn:
        row = conn.execute(select(violation_report).where(violation_report.c.id == waiting)).one()
        assert row.institution_id == found
    assert check(city) == 0


@contextmanager
def refusing_to_commit(at: Engine) -> Iterator[None]:
    """Let a shard take every row and then, at the end, not commit."""
    with at.begin() as conn:
        conn.execute(
            text(
                "CREATE FUNCTION no_commit() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE 'the disk is full'; END $$"
            )
        )
        conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER no_commit AFTER INSERT OR UPDATE OR DELETE"
                " ON violation_report DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION no_commit()"
            )
        )
    try:
        yield
    finally:
        with at.begin() as conn:
            conn.execute(text("DROP FUNCTION no_commit() CASCADE"))


def test_an_import_that_a_shard_did_not_commit_is_found_and_made_whole_again(
    city: City, at_home: list[Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of two shards commits first is PostgreSQL's to choose: one of them must fail last."""
    found = []
    for place, at in enumerate(at_home):
        known = [
            row | {"线索编号": f"FP-{number}{place}"}
            for row, number in ((REPORT, 3), (SOUTH_ROW, 4))
        ]
        new = [
            row | {"线索编号": f"FP-{number}{place}"}
            for row, number in ((REPORT, 5), (SOUTH_ROW, 6))
        ]
        send(city.owner, *known)
        rows = [*new, *({**row, "办理状态": "属实"} for row in known)]
        with refusing_to_commit(at):
            report = send(city.owner, *rows)
        assert report.is_unread
        assert "shard --check" in report.problems[0].problem
        capsys.readouterr()
        found.append(check(city))
        if found[-1]:
            where, changed, extra = (("鱼峰区", 4, 6), ("柳南区", 3, 5))[place]
            assert (
                f"{where}：分片中多 1 行（FP-{extra}{place}），"
                f"与登记不符 1 行（FP-{changed}{place}），每周计数不符"
            ) in capsys.readouterr().err
            assert check(city, "--repair") == 0
        assert check(city) == 0

        assert told(send(city.owner, *rows)) == (2, 2, 0)
        assert check(city) == 0
        with city.owner.connect() as conn:
            stated = reports(conn, *(row["线索编号"] for row in rows))
            assert [row[2] for row in stated].count("substantiated") == 2
            summed = select(func.sum(weekly_summary.c.n)).filter_by(subject="violation_report")
            assert conn.scalar(summed) == conn.scalar(
                select(func.count()).select_from(violation_report)
            )
    assert 2 in found, "neither shard failed after the other had committed"


def test_rows_that_a_shard_has_lost_are_found_and_a_file_brings_them_again(
    city: City, at_home: list[Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (REPORT | {"线索编号": "FP-60"}, SOUTH_ROW | {"线索编号": "FP-61"})
    send(city.owner, *rows)
    with city.owner.begin() as conn:
        number = conn.scalar(select(violation_report.c.id).filter_by(report_no="FP-60"))
        visit = make.inspection(conn, report_id=number, report_no="FP-60", county_code=ON_FIRST)
        summaries.rebuild_all(conn)
    with at_home[0].begin() as conn:
        conn.execute(text("DELETE FROM violation_report WHERE report_no = 'FP-60'"))

    assert check(city) == 2
    assert "柳南区：分片中缺 1 行（FP-60），每周计数不符" in capsys.readouterr().err
    assert check(city, "--repair") == 0
    assert check(city) == 0
    assert told(send(city.owner, *rows)) == (1, 1, 0)

    with city.owner.connect() as conn:
        linked = conn.scalar(text("SELECT report_id FROM inspection WHERE id = :id"), {"id": visit})
        again = conn.scalar(select(violation_report.c.id).filter_by(report_no="FP-60"))
        assert linked == again
    assert check(city) == 0


def page() -> None:
    """A page that counts the reports of the counties in its address."""
    from datetime import date

    import streamlit as st

    from data_access import violations
    from data_access.accounts import Role, User, scope_of
    from data_access.connections import reading
    from ui import errors

    user = User("leader@demo", Role.LEADER, None, scope_of(Role.LEADER, None))
    scope = user.scope.within(tuple(st.query_params.get_all("county")))
    with errors.told(), reading(user) as conn:
        found = violations.reports(conn, scope=scope, as_of=date(2022, 8, 25))
        st.metric("reports", len(found))


def shown(county: str = "") -> AppTest:
    app = AppTest.from_function(page)
    if county:
        app.query_params["county"] = county
    return app.run(timeout=30)


def test_a_shard_that_is_gone_is_told_of_and_the_rest_goes_on(
    city: City,
    conn: Connection,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counties of the other shard, and what is counted by week, are read as before."""
    asked = {"as_of": AS_OF, "subject": "violation_report"}
    tell_role(conn, Role.SUPERVISOR)
    weeks = canonical(weekly_counts(conn, scope=Scope.city(), **asked))
    one = select(func.count()).select_from(violation_report)
    here = one.where(violation_report.c.county_code == ON_FIRST)
    rows = conn.scalar(here)
    conn.rollback()
    monkeypatch.setenv("DATABASE_URL", city.servers[0].login(READER, SHARDED))
    forget_engines()
    assert not shown().error
    city.shards[1].stop()
    try:
        tell_role(conn, Role.SUPERVISOR)
        assert canonical(weekly_counts(conn, scope=Scope.city(), **asked)) == weeks
        assert conn.scalar(here) == rows
        with pytest.raises(DBAPIError) as caught:
            conn.execute(one)
        assert shards.is_of_a_shard(caught.value)
        assert shards.names_away(city.reader) == ["城中", "鱼峰", "柳江", "北部", "鹿寨", "融安"]
        (told_of,) = shown().error
        assert told_of.value.startswith("城中、鱼峰、柳江、北部、鹿寨、融安的举报线索暂时读不到")
        assert not shown(ON_FIRST).error
        assert shown(ON_FIRST).metric
        assert send(city.owner, SOUTH_ROW | {"线索编号": "FP-70"}).is_unread
        assert check(city) == 2
        assert "有分片连不上" in capsys.readouterr().err
    finally:
        city.shards[1].start()
    assert not shown().error
    forget_engines()
    conn.rollback()
    tell_role(conn, Role.SUPERVISOR)
    assert conn.scalar(one) > rows
    assert shards.names_away(city.reader) == []
    assert check(city) == 0


def test_sharding_again_changes_nothing_but_passwords(
    city: City, owner: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    before = owner.scalar(select(func.count()).select_from(violation_report))
    owner.rollback()

    assert run_shard(city.servers[0], *shard_arguments(city.shards, SHARDED)) == 0
    assert run_shard(city.servers[0], *shard_arguments(city.shards[:1], SHARDED)) == 2
    assert "已分到 2 个分片" in capsys.readouterr().err
    assert owner.scalar(select(func.count()).select_from(violation_report)) == before
    assert check(city) == 0


def test_migrating_what_is_sharded_says_what_to_do_first(
    city: City, owner: Connection, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", city.servers[0].login(OWNER, SHARDED))
    assert command_line.main(["migrate"]) == 0
    newest = owner.scalar(text("SELECT version_num FROM alembic_version"))
    owner.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    owner.commit()
    if newest == "0006":
        owner.execute(text("UPDATE alembic_version SET version_num = '0005'"))
        owner.commit()
    try:
        assert command_line.main(["migrate"]) == 2
        assert "shard --back" in capsys.readouterr().err
    finally:
        owner.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
        owner.commit()


def test_a_backup_that_would_lack_the_shards_is_refused(
    city: City,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", city.servers[0].login(OWNER, SHARDED))

    assert command_line.main(["backup", str(tmp_path / "backup")]) == 2

    assert "每台分片各用 pg_dump 备份" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_rows_come_home_and_the_table_is_as_it_was(
    city: City, owner: Connection, single: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last test: afterwards nothing is sharded any more."""
    kept = select(violation_report).order_by(violation_report.c.id)
    before = owner.execute(kept).all()
    owner.rollback()

    assert check(city, "--back") == 0

    assert owner.execute(kept).all() == before
    catalogue = text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    indexes = text(
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 2"
    )
    policies = text("SELECT * FROM pg_policies ORDER BY tablename, policyname")
    for asked in (catalogue, indexes, policies):
        assert owner.execute(asked).all() == single.execute(asked).all()
    assert owner.scalar(text("SELECT count(*) FROM pg_foreign_server")) == 0
    assert make.report(owner, report_no="FP-99") > max(row.id for row in before)
    owner.rollback()
    assert check(city, "--check") == 2
    assert "没有分片" in capsys.readouterr().err
    # What the shards still have may be somebody else's by now.
    assert run_shard(city.servers[0], *shard_arguments(city.shards, SHARDED)) == 2
    assert "里已有表 violation_report" in capsys.readouterr().err
    assert owner.execute(kept).all() == before
