"""What reporters said: masked in SQL, and revealed for a logged reason, one report at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import OperationalError

from data_access import audit, migration, reveals
from data_access.accounts import Role, User, scope_of
from data_access.engine import get_engine
from data_access.reveals import Masked, NotRevealedError, Revealed, masked, reveal
from data_access.schema import account, audit_event, violation_report
from data_access.scope import Scope
from tests import factories
from tests.databases import forget_engines
from tests.factories import CITY, SOUTH

WORDS, PHONE = "孩子在楼上一对一上课，周末两天都有。", "13800138027"
WHY = "核实举报内容"


def user(role: Role, county: str | None = None) -> User:
    return User(f"{role}@example.org", role, county, scope_of(role, county))


SUPERVISOR = user(Role.SUPERVISOR)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database of this test's own, with reports of two counties and four accounts."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'city.db'}")
    forget_engines()
    migration.upgrade(get_engine())
    with get_engine().begin() as conn:
        for role in Role:
            county = CITY if role is Role.COUNTY else None
            row = {"email": f"{role}@example.org", "role": role, "county_code": county}
            conn.execute(insert(account), [{**row, "active": True}])
        factories.report(conn, report_no="JB-1", summary=WORDS, reporter_phone=PHONE)
        factories.report(conn, report_no="JB-2", county_code=SOUTH, summary="别处的话")
        factories.report(conn, report_no="JB-3")
        factories.report(conn, report_no="JB-4", reporter_phone="12345")
    yield
    forget_engines()


def look(report_no: str, scope: Scope) -> Masked | None:
    with get_engine().connect() as conn:
        return masked(conn, scope=scope, report_no=report_no)


def logged() -> list[tuple[str | None, str, str | None, dict[str, Any]]]:
    columns = audit_event.c
    with get_engine().connect() as conn:
        rows = conn.execute(
            select(columns.email, columns.action, columns.target, columns.detail)
        ).all()
    return [(row.email, row.action, row.target, json.loads(row.detail)) for row in rows]


@pytest.mark.parametrize(
    ("report_no", "words", "ending"),
    [("JB-1", len(WORDS), "27"), ("JB-3", None, None), ("JB-4", None, "")],
)
def test_length_of_the_words_and_the_last_two_digits_are_all_that_leaves(
    report_no: str, words: int | None, ending: str | None
) -> None:
    assert look(report_no, Scope.county(CITY)) == Masked(report_no, words, ending)
    assert look(report_no, Scope.city()) == Masked(report_no, words, ending)


@pytest.mark.parametrize("scope", [Scope.county(SOUTH), Scope.county()])
def test_reports_of_other_counties_are_not_even_there(scope: Scope) -> None:
    assert look("JB-1", scope) is None
    assert look("no such report", Scope.city()) is None


def test_supervisor_sees_the_words_once_it_is_logged_who_looks_and_why() -> None:
    assert reveal(SUPERVISOR, report_no="JB-1", reason=f"  {WHY}\n") == Revealed(
        "JB-1", WORDS, PHONE
    )

    assert logged() == [(SUPERVISOR.email, "reveal", "JB-1", {"reason": WHY})]


def test_it_is_logged_before_the_words_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    record = audit.record
    monkeypatch.setattr(
        "data_access.audit.record", lambda *a, **k: (order.append("logged"), record(*a, **k))
    )

    @event.listens_for(get_engine(), "before_cursor_execute")
    def note(*arguments: Any) -> None:
        if "summary" in arguments[2]:
            order.append("read")

    reveal(SUPERVISOR, report_no="JB-1", reason=WHY)

    assert order == ["logged", "read"]


def test_nothing_is_read_when_it_cannot_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("disk full"))

    monkeypatch.setattr("data_access.audit.record", fail)
    statements: list[str] = []

    @event.listens_for(get_engine(), "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    with pytest.raises(NotRevealedError, match="访问日志写不进去"):
        reveal(SUPERVISOR, report_no="JB-1", reason=WHY)

    assert statements
    assert not [each for each in statements if "summary" in each]


@pytest.mark.parametrize("reason", ["", "看一下吧"[:4], "  看 \n 看  ", "看" * 201])
def test_reason_is_five_to_two_hundred_characters(reason: str) -> None:
    with pytest.raises(NotRevealedError, match="5 到 200 个字"):
        reveal(SUPERVISOR, report_no="JB-1", reason=reason)

    assert logged() == []


@pytest.mark.parametrize("reason", ["看一下原文", "看" * 200])
def test_reason_at_either_end_is_enough(reason: str) -> None:
    assert reveal(SUPERVISOR, report_no="JB-1", reason=reason).words == WORDS


def test_reason_keeps_no_phone_in_the_log() -> None:
    reveal(SUPERVISOR, report_no="JB-1", reason=f"回拨{PHONE}")

    assert PHONE not in str(logged())


@pytest.mark.parametrize(
    "who", [user(Role.COUNTY, CITY), user(Role.LEADER), user(Role.ADMIN)], ids=lambda u: u.role
)
def test_nobody_else_sees_them_and_that_they_tried_is_logged(who: User) -> None:
    with pytest.raises(NotRevealedError, match="不能查看原文"):
        reveal(who, report_no="JB-1", reason=WHY)

    assert [event[:3] for event in logged()] == [(who.email, "refused", "JB-1")]


@pytest.mark.parametrize(
    "change", [{"active": False}, {"role": "leader"}, {"role": "county", "county_code": CITY}]
)
def test_account_is_looked_up_at_the_moment_of_revealing(change: dict[str, Any]) -> None:
    with get_engine().begin() as conn:
        conn.execute(update(account).where(account.c.email == SUPERVISOR.email).values(**change))

    with pytest.raises(NotRevealedError, match="不能查看原文"):
        reveal(SUPERVISOR, report_no="JB-1", reason=WHY)

    assert [action for _, action, _, _ in logged()] == ["refused"]


def test_number_of_no_report_is_refused_and_not_logged_as_a_look() -> None:
    with pytest.raises(NotRevealedError, match="没有这条线索"):
        reveal(SUPERVISOR, report_no="JB-9", reason=WHY)

    assert logged() == []


def test_no_other_query_names_the_two_columns() -> None:
    """Whoever selects a whole report selects them, too."""
    folder = Path(reveals.__file__).parent
    hidden = (violation_report.c.summary.name, violation_report.c.reporter_phone.name)
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        reads = [f"c.{name}" in text for name in hidden]
        assert any(reads) == (path.name == "reveals.py"), path.name
        assert "select(violation_report)" not in text, path.name
        assert "select(report)" not in text, path.name
