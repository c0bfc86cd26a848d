"""The access log: what is written stays, and an administrator finds it again."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from data_access import audit, migration
from data_access.accounts import Role, User, scope_of
from data_access.audit import Action, Wanted
from data_access.engine import get_engine
from data_access.schema import audit_event
from tests.databases import forget_engines

DAY = date(2022, 8, 25)
ALWAYS = Wanted(date(2000, 1, 1), date(2999, 1, 1))

# Events as they are kept, by target; what is looked for in them, and which of them have it.
KEPT = {
    "a": {"why": "page"},
    "b": {"what": "甲", "rows": 12, "filters": {"统计日期": "2022-08-25"}},
    "c": {"reason": 'from my page "overview", "rows": none'},
    "d": {
        "old": {"role": "leader", "county_code": None},
        "new": {"role": "county", "active": True},
    },
    "overview": {"what": "乙"},
}
WORDS = {
    "page": "没有该页面的权限",
    "overview": "全市总览",
    "county": "县区",
    "leader": "市领导",
}
SHOWN: list[tuple[str, list[str]]] = [
    *((key, []) for key in ("what", "filters", "reason", "why", "active", 'w": "p')),
    *((code, []) for code in ("leader", "county", "null", "{", "}", "true")),
    ("统计日期", ["b"]),  # the name of a filter is shown
    ('"rows": ', ["c"]),
    ("rows", ["c"]),
    ("PAGE", ["c"]),
    ("没有该页面", ["a"]),
    ("overview", ["c"]),
    ("全市总览", ["overview"]),
    ("领导", ["d"]),
    ("县区", ["d"]),
    ("12", ["b"]),
]
QUERIES = [audit.count_events, audit.events, audit.events_about]


def user(role: Role = Role.ADMIN) -> User:
    return User("boss@example.org", role, None, scope_of(role, None))


def at(hour: int, minute: int = 0, second: int = 0, day: int = 25) -> datetime:
    return datetime(2022, 8, day, hour, minute, second)  # noqa: DTZ001


def event(conn: Connection, moment: datetime, **columns: Any) -> None:
    row = {"email": "甲@example.org", "action": "export", "target": None, "detail": None}
    conn.execute(insert(audit_event), [{**row, "at": moment, **columns}])


def targets(conn: Connection, wanted: Wanted, limit: int = 10) -> list[str]:
    found = audit.events(conn, by=user(), wanted=wanted, limit=limit)["target"].tolist()
    assert audit.count_events(conn, by=user(), wanted=wanted) == len(found) or len(found) == limit
    return found


@pytest.fixture
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database of this test's own, as the one of the process."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'city.db'}")
    forget_engines()
    migration.upgrade(get_engine())
    yield
    forget_engines()


def test_what_is_recorded_outlives_what_fails_after_it(own_database: None) -> None:
    with pytest.raises(RuntimeError), get_engine().begin() as conn:  # noqa: PT012
        conn.execute(select(audit_event)).all()
        audit.record(Action.EXPORT, email="甲@example.org", target="台账.xlsx", rows=3)
        raise RuntimeError

    with get_engine().connect() as conn:
        (row,) = conn.execute(select(audit_event)).all()
    assert row[2:] == ("甲@example.org", "export", "台账.xlsx", '{"rows": 3}')


def test_what_is_added_goes_with_its_transaction(own_database: None) -> None:
    with pytest.raises(RuntimeError), get_engine().begin() as conn:  # noqa: PT012
        audit.add(conn, Action.EXPORT, email=None)
        raise RuntimeError

    with get_engine().connect() as conn:
        assert conn.execute(select(audit_event)).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        update(audit_event).values(email="乙@example.org"),
        update(audit_event).where(audit_event.c.id == 1).values(target=None),
        delete(audit_event),
        text("INSERT OR REPLACE INTO audit_event (id, at, action) VALUES (1, '2022-08-25', 'x')"),
    ],
    ids=["update", "update of one", "delete", "replace"],
)
def test_database_refuses_to_change_or_delete_what_is_logged(
    conn: Connection, statement: Any
) -> None:
    event(conn, at(9), id=1)
    before = conn.execute(select(audit_event)).all()

    with pytest.raises(IntegrityError, match="访问日志只增不改"):
        conn.execute(statement)

    assert conn.execute(select(audit_event)).all() == before


def test_whatever_is_sent_as_a_name_is_logged(conn: Connection) -> None:
    audit.add(conn, Action.REFUSED, email="甲\x00" * 300, target="乙\x00" + "丙" * 300, why="page")

    row = conn.execute(select(audit_event)).one()
    assert row.email == "甲" * 255
    assert row.target == "乙" + "丙" * 254


def test_days_are_whole_and_both_are_in(conn: Connection) -> None:
    for moment, name in [
        (at(23, 59, 59, day=23), "before"),
        (at(0, day=24), "first"),
        (at(23, 59, 59), "last"),
        (at(0, day=26), "after"),
    ]:
        event(conn, moment, target=name)

    assert targets(conn, Wanted(date(2022, 8, 24), DAY)) == ["last", "first"]
    assert targets(conn, Wanted(DAY, DAY)) == ["last"]


def test_newest_come_first_and_of_one_second_the_later_written(conn: Connection) -> None:
    for moment, name in [(at(9), "a"), (at(10), "b"), (at(9), "c")]:
        event(conn, moment, target=name)

    assert targets(conn, ALWAYS) == ["b", "c", "a"]
    assert targets(conn, ALWAYS, limit=2) == ["b", "c"]
    assert audit.count_events(conn, by=user(), wanted=ALWAYS) == 3


def test_account_command_line_and_action_narrow_the_log(conn: Connection) -> None:
    event(conn, at(9), target="a")
    event(conn, at(10), target="b", action="import")
    event(conn, at(11), target="c", email=None)
    event(conn, at(12), target="d", email="甲@example.org.cn")

    assert targets(conn, Wanted(DAY, DAY, email="甲@example.org")) == ["b", "a"]
    assert targets(conn, Wanted(DAY, DAY, by_command_line=True)) == ["c"]
    assert targets(conn, Wanted(DAY, DAY, actions=("import", "reveal"))) == ["b"]
    assert targets(conn, Wanted(DAY, DAY, email="' OR 1=1 --")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("融安", ["b"]),
        ("退费", ["c", "a"]),
        ("JB-2022", ["a"]),
        ("jb-2022", ["a"]),
        ('说"急"', ["c"]),
        (r"甲\乙", ["c"]),
        ("%", ["d"]),
        ("_", []),
        ("柳南", []),
    ],
)
def test_text_is_found_in_target_and_detail_as_it_stands(
    conn: Connection, text: str, found: list[str]
) -> None:
    for target, detail in [
        ("a", {"what": "退费 JB-2022"}),
        ("b", {"county": "融安县"}),
        ("c", {"reason": '说"急"，甲\\乙，退费'}),
        ("d", {"share": "50%"}),
    ]:
        event(conn, at(9), target=target, detail=audit.as_text(detail))

    assert sorted(targets(conn, Wanted(DAY, DAY, text=text))) == sorted(found)


def test_text_of_the_target_is_found(conn: Connection) -> None:
    event(conn, at(9), target="退费纠纷：名单.xlsx")

    assert targets(conn, Wanted(DAY, DAY, text="名单")) == ["退费纠纷：名单.xlsx"]


def test_text_of_the_address_is_found_also_where_no_account_has_it(conn: Connection) -> None:
    event(conn, at(9), target="a", email="stranger@example.org")
    event(conn, at(10), target="b")

    assert targets(conn, Wanted(DAY, DAY, text="Stranger")) == ["a"]


@pytest.mark.parametrize(("text", "found"), SHOWN)
def test_text_is_found_in_what_is_shown_and_not_in_how_it_is_kept(
    conn: Connection, text: str, found: list[str]
) -> None:
    for target, detail in KEPT.items():
        event(conn, at(9), target=target, detail=audit.as_text(detail))

    assert sorted(targets(conn, Wanted(DAY, DAY, text=text, words=WORDS))) == found


def test_detail_that_is_none_of_ours_is_searched_as_it_stands(conn: Connection) -> None:
    for detail in ("{", "[1]", "甲"):
        event(conn, at(9), email=None, target="a", detail=detail)

    for part in ("{", "1]", "甲"):
        assert targets(conn, Wanted(DAY, DAY, text=part)) == ["a"]


def test_newest_of_what_is_found_come_first_up_to_the_limit(conn: Connection) -> None:
    for hour in range(9, 14):
        what = "甲" if hour % 2 else "乙"
        event(conn, at(hour), email=None, target=str(hour), detail=audit.as_text({"what": what}))

    assert targets(conn, Wanted(DAY, DAY, text="甲"), limit=2) == ["13", "11"]
    assert audit.count_events(conn, by=user(), wanted=Wanted(DAY, DAY, text="甲")) == 3


def test_codes_are_found_whole(conn: Connection) -> None:
    event(conn, at(9), target="a", detail=audit.as_text({"new": {"role": "county"}}))
    event(conn, at(10), target="b", detail=audit.as_text({"new": {"county_code": "450224"}}))
    event(conn, at(11), target="county")

    event(conn, at(12), target="b", detail=audit.as_text({"county": "450224"}))
    wanted = Wanted(DAY, DAY, text="县区", words={"county": "县区"})

    assert targets(conn, wanted) == ["county", "a"]


def test_what_is_about_an_account_is_by_it_or_done_to_it(conn: Connection) -> None:
    event(conn, at(9), target="a")
    event(conn, at(10), email="乙@example.org", target="甲@example.org")
    event(conn, at(11), email="乙@example.org", target="丙")
    event(conn, at(12), email=None, target="甲@example.org")

    found = audit.events_about(conn, by=user(), email="甲@example.org", limit=10)

    assert found["at"].tolist() == [at(12), at(10), at(9)]
    assert len(audit.events_about(conn, by=user(), email="甲@example.org", limit=2)) == 2


def test_no_events_have_the_columns_and_types_of_some(conn: Connection) -> None:
    none = audit.events(conn, by=user(), wanted=ALWAYS, limit=10)
    event(conn, at(9))
    some = audit.events(conn, by=user(), wanted=ALWAYS, limit=10)

    assert (len(none), len(some)) == (0, 1)
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_every_query_of_the_log_asks_who_wants_to_know() -> None:
    found = {
        function
        for name, function in inspect.getmembers(audit, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == audit.__name__
        and inspect.signature(function).return_annotation in {"pd.DataFrame", "int"}
    }

    assert found == set(QUERIES)


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR, Role.COUNTY])
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_log_is_for_administrators_alone(conn: Connection, query: Any, role: Role) -> None:
    known = {"wanted": ALWAYS, "limit": 10, "email": "boss@example.org"}
    asked = {name: known[name] for name in known if name in inspect.signature(query).parameters}

    with pytest.raises(PermissionError):
        query(conn, by=user(role), **asked)


def test_every_action_has_its_word() -> None:
    assert set(audit.WORDS) == set(Action)
    assert list(Action) == sorted(Action)
