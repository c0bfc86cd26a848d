"""Imports in the access log: with the import itself, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from data_access import schema
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.files import DISPUTE, table, xlsx

DISPUTES = KINDS["refund_disputes"]
FILE = xlsx(table(DISPUTE, {**DISPUTE, "纠纷编号": "TF-2", "涉及金额": "约30"}))
COUNTY = Sender("450202@example.org", "450202", is_county_account=True)


def logged(engine: Engine) -> list[tuple[str | None, str, str | None, dict[str, Any]]]:
    event = schema.audit_event.c
    with engine.connect() as conn:
        rows = conn.execute(
            select(event.email, event.action, event.target, event.detail).order_by(event.id)
        ).all()
    return [(row.email, row.action, row.target, json.loads(row.detail)) for row in rows]


def test_import_is_logged_with_its_sender_its_file_and_its_counts(database: Engine) -> None:
    import_file(database, DISPUTES, FILE, file_name="退费.xlsx", sender=COUNTY)

    assert logged(database) == [
        (
            "450202@example.org",
            "import",
            "退费.xlsx",
            {
                "rows_read": 2,
                "rows_loaded": 1,
                "rows_updated": 0,
                "rows_rejected": 1,
                "kind": "refund_disputes",
                "county": "450202",
            },
        )
    ]


def test_command_line_has_no_address_and_says_what_it_is(database: Engine) -> None:
    import_file(database, DISPUTES, FILE, file_name="退费.xlsx", sender=Sender("命令行"))

    [(email, _, _, detail)] = logged(database)
    assert (email, detail["sender"], "county" in detail) == (None, "命令行", False)


def test_trial_is_not_logged(database: Engine) -> None:
    import_file(database, DISPUTES, FILE, file_name="a.xlsx", sender=COUNTY, dry_run=True)
    import_file(database, DISPUTES, b"PK", file_name="a.xlsx", sender=COUNTY, dry_run=True)

    assert logged(database) == []


def test_file_that_cannot_be_read_is_logged_as_refused(database: Engine) -> None:
    imported = import_file(
        database, DISPUTES, b"PK", file_name="孩子13800138000.xlsx", sender=COUNTY
    )

    [(email, action, target, detail)] = logged(database)
    assert (email, action, target) == (COUNTY.name, "refused", "孩子（电话已隐去）.xlsx")
    assert detail["why"] == "unreadable"
    assert detail["reason"] == imported.report.problems[0].problem


def test_import_that_fails_midway_is_not_logged(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("disk full"))

    monkeypatch.setattr("data_access.versions.bump", fail)

    import_file(database, DISPUTES, FILE, file_name="a.xlsx", sender=COUNTY)

    assert logged(database) == []


def test_nothing_is_imported_that_cannot_be_logged(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("disk full"))

    monkeypatch.setattr("data_access.audit.add", fail)

    imported = import_file(database, DISPUTES, FILE, file_name="a.xlsx", sender=COUNTY)

    assert imported.report.is_unread
    with database.connect() as conn:
        assert not conn.execute(select(schema.refund_dispute)).all()
        assert not conn.execute(select(schema.import_batch)).all()
