"""The corpus of hostile texts: it goes in, or comes back with the reason, and nothing breaks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.sax.saxutils import quoteattr

import pytest
from sqlalchemy import Engine, Table, select

from data_access import schema
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import KINDS, Kind, Masks, Read
from data_access.ledgers.workbook import read_sheets
from tests.data_access.ledgers.conftest import CITY, migrated
from tests.data_access.ledgers.files import INSTITUTION, Rows, read, said, table, xlsx
from tests.databases import PostgresServer, postgres_database
from tests.hostile import (
    FILE_NAMES,
    HOSTILE,
    SHEET_NAMES,
    as_stored,
    hostile_ledgers,
    number_of,
)

NUMBERED = {
    "violation_reports": "report_no",
    "inspections": "inspection_no",
    "rectifications": "ledger_no",
    "refund_disputes": "dispute_no",
    "fee_charges": "receipt_no",
    "compliance_checks": "check_no",
    "roster_entries": "entry_no",
}


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database into which the whole corpus was brought, in every ledger."""
    if request.param == "sqlite":
        engines = migrated(f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'city.db'}")
        for engine in engines:
            fill(engine)
            yield engine
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with postgres_database(server) as database:
        for engine in migrated(database.superuser_url):
            fill(engine)
            yield engine


def fill(engine: Engine) -> None:
    for kind, name, data in hostile_ledgers():
        report = import_file(engine, kind, data, file_name=name, sender=CITY).report
        assert report.rows_loaded == report.rows_read == len(HOSTILE), report.problems


def kept(engine: Engine, kind: Kind, name: str) -> dict[str, object]:
    """The row that is stored for one text."""
    wanted: Table = kind.table
    if kind.name in NUMBERED:
        is_it = wanted.c[NUMBERED[kind.name]] == number_of(name)
    elif kind.name == "institutions":
        is_it = wanted.c.name == as_stored(name, length=128)
    elif kind.name == "course_fees":
        is_it = wanted.c.course == as_stored(name, length=128)
    elif kind.name == "submissions":
        is_it = wanted.c.file_name == as_stored(name, length=255)
    elif kind.name == "county_actions":
        is_it = wanted.c.evidence == as_stored(name, length=None)
    else:
        is_it = wanted.c.note == as_stored(name, length=None)
    if kind.name == "rectification_events":  # the item of a check says the same
        item = select(schema.rectification.c.id).where(
            schema.rectification.c.ledger_no == number_of(name)
        )
        is_it = wanted.c.rectification_id == item.scalar_subquery()
    with engine.connect() as conn:
        return dict(conn.execute(select(wanted).where(is_it)).mappings().one())


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_text_is_stored_as_it_was_written(filled: Engine, kind: Kind, name: str) -> None:
    row = kept(filled, kind, name)

    for column in kind.columns:
        is_text = column.read in (Read.TEXT, Read.GROUPED)
        if is_text and column.name in row and column.masks in (Masks.NAMES, Masks.NUMBERS):
            length = getattr(kind.table.c[column.name].type, "length", None)
            assert row[column.name] == as_stored(name, length=length), column.name


def test_corpus_sent_again_changes_nothing(filled: Engine) -> None:
    for kind, name, data in hostile_ledgers():
        report = import_file(filled, kind, data, file_name=name, sender=CITY).report
        assert (report.rows_loaded, report.rows_rejected) == (0, 0)
    with filled.connect() as conn:
        assert not conn.execute(select(schema.row_change)).all()


def test_rows_name_what_was_taken_out_of_them(filled: Engine) -> None:
    kind, name, data = next(hostile_ledgers())

    report = import_file(filled, kind, data, file_name=name, sender=CITY, dry_run=True).report

    words = [p.problem for p in report.problems if p.column == "机构名称"]
    assert words == ["有 4 格含看不见的控制字符，已去掉"]  # controls, nul, isolates, right to left


def test_text_too_long_for_its_column_comes_back_with_the_limit() -> None:
    understanding = read(xlsx(table({**INSTITUTION, "机构名称": HOSTILE["long"]})))

    assert said(understanding, "error") == ["2 机构名称：文字过长（10000 字，最多 128 字），请缩短"]


@pytest.mark.parametrize("file_name", FILE_NAMES)
@pytest.mark.parametrize("dry_run", [True, False])
def test_name_of_a_file_is_a_text_and_no_path(
    filled: Engine, file_name: str, dry_run: bool
) -> None:
    kind, _, data = next(hostile_ledgers())

    imported = import_file(filled, kind, data, file_name=file_name, sender=CITY, dry_run=dry_run)

    assert imported.report.rows_updated == len(HOSTILE)
    if dry_run:
        return
    with filled.connect() as conn:
        batch = schema.import_batch.c
        held = conn.scalar(select(batch.file_name).where(batch.id == imported.batch_ids[0]))
    assert held is not None
    assert len(held) <= 255
    assert held.endswith(".csv")
    assert not set(held) & set("\x00\r\u202e")


def test_name_of_a_file_in_no_encoding_is_kept_without_it(filled: Engine) -> None:
    kind, _, data = next(hostile_ledgers())

    imported = import_file(filled, kind, data, file_name="甲\udcff.csv", sender=CITY)

    with filled.connect() as conn:
        batch = schema.import_batch.c
        held = conn.scalar(select(batch.file_name).where(batch.id == imported.batch_ids[0]))
    assert held == "甲.csv"


def with_sheet_names(names: Sequence[str], rows: Rows) -> bytes:
    """A workbook whose sheets have names that office programs do not let anybody give."""
    own = zipfile.ZipFile(BytesIO(xlsx(**{f"S{at}": rows for at in range(len(names))})))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in own.namelist():
            text = own.read(part)
            for at, name in enumerate(names if part == "xl/workbook.xml" else ()):
                text = text.replace(f'"S{at}"'.encode(), quoteattr(name).encode())
            archive.writestr(part, text)
    return buffer.getvalue()


def test_names_of_sheets_are_texts_and_stay_apart(filled: Engine) -> None:
    rows = table({**INSTITUTION, "机构类别": "书法"})
    data = with_sheet_names([*SHEET_NAMES, "甲乙"], rows)

    sheets = [sheet.name for sheet in read_sheets("a.xlsx", data)]
    imported = import_file(filled, KINDS["institutions"], data, file_name="a.xlsx", sender=CITY)

    assert sheets[-1] == f"甲乙 ({len(sheets)})"
    assert len(set(sheets)) == len(sheets)
    assert {p.sheet for p in imported.report.problems} == set(sheets)
    assert imported.rejects_workbook()[:2] == b"PK"
