"""Which sign-ins still hold: looked up at every run, to the second, and ended for good."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from data_access import account_changes, clock, migration, sign_ins
from data_access.accounts import Role
from data_access.engine import get_engine
from data_access.schema import account, audit_event, sign_in
from data_access.scope import Scope
from data_access.sign_ins import SignIn, Standing, sign_in_of
from tests.databases import forget_engines
from tests.factories import CITY

NOON = datetime.fromisoformat("2022-08-25T12:00:00")
SECOND = timedelta(seconds=1)
CLERK = "wang.fang@lz.gov.cn"
CLAIMS = {"email": CLERK, "iat": int(NOON.replace(tzinfo=clock.TIME_ZONE).timestamp())}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty database with two accounts, and the clock at noon."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'office.db'}")
    forget_engines()
    migration.upgrade(get_engine())
    with get_engine().begin() as conn:
        for email, role, county in ((CLERK, "county", CITY), ("li.ming@lz.gov.cn", "leader", None)):
            row = {"email": email, "role": role, "county_code": county, "active": True}
            conn.execute(insert(account), [row])
    at(monkeypatch, NOON)
    yield get_engine()
    forget_engines()


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("data_access.clock.now", lambda: moment)


def came(**claims: Any) -> SignIn:
    said = sign_in_of(CLAIMS | claims)
    assert said is not None
    return said


def standing(engine: Engine, who: SignIn) -> Standing:
    with engine.connect() as conn:
        state, user = sign_ins.standing(conn, who)
    assert (user is not None) == (state in {Standing.NEW, Standing.HOLDS})
    return state


def change(engine: Engine, **values: Any) -> None:
    with engine.begin() as conn:
        conn.execute(update(account).where(account.c.email == CLERK).values(values))


def log(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as conn:
        rows = conn.execute(select(audit_event.c.action, audit_event.c.email)).all()
    return [(row.action, row.email) for row in rows]


def test_sign_in_is_new_once_and_holds_from_then_on(office: Engine) -> None:
    assert standing(office, came()) is Standing.NEW
    sign_ins.begin(came())

    assert standing(office, came()) is Standing.HOLDS
    assert standing(office, came(nonce="another")) is Standing.NEW


def test_user_is_who_the_account_says_and_reads_what_its_role_may(office: Engine) -> None:
    with office.connect() as conn:
        _, user = sign_ins.standing(conn, came(role="admin", county_code=None))

    assert user is not None
    assert (user.email, user.role, user.scope) == (CLERK, Role.COUNTY, Scope.county(CITY))


def test_nobody_without_an_account_gets_in(office: Engine) -> None:
    assert standing(office, came(email="chen.jie@lz.gov.cn")) is Standing.NO_ACCOUNT
    assert standing(office, came(email="%@lz.gov.cn")) is Standing.NO_ACCOUNT


def test_deactivated_account_does_not_get_in_also_by_a_sign_in_that_held(office: Engine) -> None:
    sign_ins.begin(came())
    change(office, active=False)

    assert standing(office, came()) is Standing.INACTIVE
    assert standing(office, came(nonce="new")) is Standing.INACTIVE


@pytest.mark.parametrize(
    ("since", "state"),
    [
        (timedelta(hours=12), Standing.HOLDS),
        (timedelta(hours=12, seconds=1), Standing.EXPIRED),
        (timedelta(days=29), Standing.EXPIRED),
    ],
)
def test_sign_in_holds_to_the_last_second_of_its_hours(
    office: Engine, monkeypatch: pytest.MonkeyPatch, since: timedelta, state: Standing
) -> None:
    sign_ins.begin(came())
    at(monkeypatch, NOON + since)

    assert standing(office, came()) is state


def test_hours_are_those_of_the_setting(office: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_IN_HOURS", "2")
    sign_ins.begin(came())

    at(monkeypatch, NOON + timedelta(hours=2))
    assert standing(office, came()) is Standing.HOLDS
    at(monkeypatch, NOON + timedelta(hours=2, seconds=1))
    assert standing(office, came()) is Standing.EXPIRED


def test_old_token_has_expired_though_it_was_never_seen(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, NOON + timedelta(hours=12, seconds=1))

    assert standing(office, came()) is Standing.EXPIRED


def test_token_from_the_future_lasts_no_longer(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = came(iat=CLAIMS["iat"] + 3600)
    sign_ins.begin(ahead)

    assert standing(office, ahead) is Standing.HOLDS
    at(monkeypatch, NOON + timedelta(hours=12, seconds=1))
    assert standing(office, ahead) is Standing.EXPIRED


def test_without_the_issuer_s_time_the_hours_count_from_the_first_look(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeless = sign_in_of({"email": CLERK, "nonce": "1"})
    assert timeless is not None
    assert timeless.issued_at is None
    assert standing(office, timeless) is Standing.NEW

    sign_ins.begin(timeless)
    at(monkeypatch, NOON + timedelta(hours=12, seconds=1))
    assert standing(office, timeless) is Standing.EXPIRED


def test_sign_in_that_was_ended_is_refused_for_good_and_others_are_not(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins.begin(came())
    sign_ins.begin(came(nonce="on another machine"))
    sign_ins.end(came())

    assert standing(office, came()) is Standing.ENDED
    assert standing(office, came(nonce="on another machine")) is Standing.HOLDS
    sign_ins.begin(came())  # the cookie, replayed: it is known already
    assert standing(office, came()) is Standing.ENDED
    at(monkeypatch, NOON + timedelta(days=1))
    assert standing(office, came()) is Standing.ENDED


def test_moment_of_the_end_is_that_of_the_first_time(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins.begin(came())
    sign_ins.end(came())
    at(monkeypatch, NOON + SECOND)
    sign_ins.end(came())

    with office.connect() as conn:
        assert conn.scalar(select(sign_in.c.ended_at)) == NOON


@pytest.mark.parametrize(
    ("issued", "state"),
    [(NOON - SECOND, Standing.ENDED), (NOON, Standing.ENDED), (NOON + SECOND, Standing.NEW)],
)
def test_signing_all_of_an_account_out_ends_what_was_issued_until_that_second(
    office: Engine, monkeypatch: pytest.MonkeyPatch, issued: datetime, state: Standing
) -> None:
    change(office, signed_out_at=NOON)
    at(monkeypatch, NOON + timedelta(minutes=1))
    moment = int(issued.replace(tzinfo=clock.TIME_ZONE).timestamp())

    assert standing(office, came(iat=moment)) is state


def test_signing_all_out_ends_those_whose_issuer_says_no_time_by_when_they_were_seen(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeless = sign_in_of({"email": CLERK, "nonce": "1"})
    assert timeless is not None
    sign_ins.begin(timeless)
    at(monkeypatch, NOON + timedelta(minutes=1))
    change(office, signed_out_at=clock.now())

    assert standing(office, timeless) is Standing.ENDED


def test_sign_in_of_somebody_else_does_not_stand_in(office: Engine) -> None:
    sign_ins.begin(came())
    borrowed = SignIn("li.ming@lz.gov.cn", came().digest, NOON)

    assert standing(office, borrowed) is Standing.NEW


def test_two_windows_at_once_write_one_sign_in_down_and_log_it_once(office: Engine) -> None:
    with ThreadPoolExecutor(8) as windows:
        list(windows.map(sign_ins.begin, [came()] * 8))

    with office.connect() as conn:
        assert conn.scalars(select(sign_in.c.digest)).all() == [came().digest]
    assert log(office) == [("sign_in", CLERK)]
    assert standing(office, came()) is Standing.HOLDS


def test_sign_in_and_its_end_are_logged_with_them(office: Engine) -> None:
    sign_ins.begin(came())
    sign_ins.end(came())

    assert log(office) == [("sign_in", CLERK), ("sign_out", CLERK)]


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": None},
        {"email": ""},
        {"email": "  "},
        {"email": 7},
        {"email": [CLERK]},
        {"email": CLERK, "email_verified": False},
        {"email": CLERK, "email_verified": "false"},
        {"email": CLERK, "email_verified": None},
        {"email": CLERK, "email_verified": 0},
        {"email": "\N{KELVIN SIGN}ate@lz.gov.cn"},  # in lower case it is kate@lz.gov.cn
        {"email": "a" * 250 + "@lz.cn"},
    ],
)
def test_claims_without_an_address_that_is_somebody_s_are_nobody_s(claims: dict[str, Any]) -> None:
    assert sign_in_of(claims | {"iat": CLAIMS["iat"]}) is None


@pytest.mark.parametrize("verified", [{}, {"email_verified": True}, {"email_verified": "true"}])
def test_address_is_taken_where_the_issuer_verified_it_or_says_nothing(
    verified: dict[str, Any],
) -> None:
    assert came(**verified).email == CLERK


def test_address_is_compared_in_lower_case_and_without_spaces() -> None:
    assert came(email=" Wang.Fang@LZ.gov.cn ").email == CLERK


def test_digest_is_of_all_that_was_said_but_tokens() -> None:
    assert came().digest == came(tokens={"id": "x"}).digest
    assert came().digest != came(nonce="x").digest
    assert came().digest != came(iat=CLAIMS["iat"] + 1).digest
    assert CLERK not in came().digest


@pytest.mark.parametrize(
    ("said", "hours"), [(None, 12), ("", 12), (" ", 12), ("1", 1), ("12", 12), (" 8 ", 8)]
)
def test_hours_are_one_to_twelve(
    monkeypatch: pytest.MonkeyPatch, said: str | None, hours: int
) -> None:
    if said is None:
        monkeypatch.delenv("SIGN_IN_HOURS", raising=False)
    else:
        monkeypatch.setenv("SIGN_IN_HOURS", said)

    assert sign_ins.hours() == hours


@pytest.mark.parametrize("said", ["0", "13", "-1", "1.5", "8h", "十二", "１３"])
def test_other_hours_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("SIGN_IN_HOURS", said)

    with pytest.raises(ValueError, match="SIGN_IN_HOURS 应为 1 到 12 的整数"):
        sign_ins.hours()


@pytest.mark.parametrize(
    ("back", "state"),
    [
        (timedelta(minutes=5), Standing.HOLDS),
        (timedelta(minutes=5, seconds=1), Standing.EXPIRED),
        (timedelta(days=1), Standing.EXPIRED),
    ],
)
def test_clock_set_back_makes_no_sign_in_last_longer(
    office: Engine, monkeypatch: pytest.MonkeyPatch, back: timedelta, state: Standing
) -> None:
    sign_ins.begin(came())
    at(monkeypatch, NOON - back)

    assert standing(office, came()) is state


def test_sign_in_that_has_ended_stays_ended_when_the_clock_is_set_back(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins.begin(came())
    at(monkeypatch, NOON + timedelta(hours=1))
    sign_ins.end(came())
    for moment in (NOON, NOON - SECOND, NOON - timedelta(days=2), NOON + timedelta(days=2)):
        at(monkeypatch, moment)
        assert standing(office, came()) in {Standing.ENDED, Standing.EXPIRED}


def test_sign_in_that_was_seen_to_have_expired_does_not_come_back_with_the_clock(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins.begin(came())
    at(monkeypatch, NOON + timedelta(hours=12, seconds=1))
    assert standing(office, came()) is Standing.EXPIRED
    sign_ins.expire(came())

    at(monkeypatch, NOON + timedelta(hours=1))
    assert standing(office, came()) is Standing.EXPIRED


def test_all_that_were_signed_out_stay_out_when_it_was_done_by_a_clock_that_went_back(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins.begin(came())
    at(monkeypatch, NOON - timedelta(hours=3))
    with office.begin() as conn:
        account_changes.end_sign_ins(conn, CLERK, by=None)

    at(monkeypatch, NOON + SECOND)
    assert standing(office, came()) is Standing.ENDED
