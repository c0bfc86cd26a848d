"""Whoever the issuer signs in is written down once, and goes on with what their account may do."""

from __future__ import annotations

from sqlalchemy import select

from data_access.engine import get_engine
from data_access.schema import audit_event, sign_in
from tests.pages.conftest import OpenPage


def test_a_sign_in_is_written_down_once(open_signed_in: OpenPage) -> None:
    page = open_signed_in("pages/city/overview.py", "450224@demo")
    page.run()

    assert not page.error
    assert "融安县" in page.subheader[0].value
    assert "演示" not in page.title[0].value
    with get_engine().connect() as conn:
        assert list(conn.scalars(select(sign_in.c.email))) == ["450224@demo"]
        by_people = audit_event.c.email.is_not(None)  # the sample's imports are nobody's
        assert list(conn.scalars(select(audit_event.c.action).where(by_people))) == ["sign_in"]


def test_nobody_goes_on_by_naming_an_account_in_the_address(open_signed_in: OpenPage) -> None:
    page = open_signed_in("pages/city/overview.py", "stranger@example.org", **{"as": "leader@demo"})

    assert [error.value.split("，")[0] for error in page.error] == [
        "您已登录为 stranger@example.org"
    ]
    assert not page.metric
