from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from data_access import vocabulary
from data_access.ledgers.kinds import KINDS, Read
from sample_data.generate import Delivery, write_ledgers
from sample_data.records import Record
from sample_data.report_words import CHANNELS, SUMMARIES
from sample_data.routes import KINDS as ORDER
from sample_data.routes import ROUTES, batches
from sample_data.troubles import DOUBTED, REFUSED, doubted_by_kind, refused_by_kind
from sample_data.units import UNITS
from sample_data.words import HEADERS, WORDS

README = Path("sample_data/README.md").read_text(encoding="utf-8")


def cells(path: Path) -> object:
    if path.suffix == ".csv":
        return path.read_bytes()
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.soak
def test_the_same_seed_writes_the_same_files(deliveries: list[Delivery], tmp_path: Path) -> None:
    again = write_ledgers(tmp_path)

    assert [d.path.name for d in again] == [d.path.name for d in deliveries]
    for one, other in zip(again, deliveries, strict=True):
        assert cells(one.path) == cells(other.path)


def test_fewer_reports_leave_the_other_ledgers_their_size(
    records: list[Record],
) -> None:
    from sample_data.generate import SEED, sample_records

    smaller = Counter(record.kind for record in sample_records(SEED, 500))
    whole = Counter(record.kind for record in records)

    assert smaller["violation_reports"] == whole["violation_reports"] - 2100
    assert smaller["institutions"] == whole["institutions"]
    assert smaller["inspections"] == whole["inspections"]


def test_files_come_on_thursdays_in_the_order_they_refer_to_each_other(
    deliveries: list[Delivery],
) -> None:
    assert len(deliveries) <= 270
    assert {d.received_on.weekday() for d in deliveries} == {3}
    order = [(d.received_on, ORDER.index(d.kind)) for d in deliveries]
    assert order == sorted(order)
    assert order[-1][0] == date(2022, 8, 25)
    assert all(d.path.exists() for d in deliveries)


def test_a_unit_that_leaves_its_county_out_is_named_by_the_delivery(
    deliveries: list[Delivery],
) -> None:
    assert {d.county for d in deliveries} == {None, *UNITS}


def test_files_are_of_every_sort(deliveries: list[Delivery]) -> None:
    encodings = set()
    for delivery in deliveries:
        if delivery.path.suffix == ".csv":
            marked = delivery.path.read_bytes().startswith(b"\xef\xbb\xbf")
            encodings.add("utf-8" if marked else "gb18030")

    assert encodings == {"utf-8", "gb18030"}
    assert {d.path.suffix for d in deliveries} == {".csv", ".xlsx"}


def test_a_record_is_first_sent_whole_and_then_only_when_it_changed(records: list[Record]) -> None:
    sent: Counter[tuple[str, str]] = Counter()
    for batch in batches(records):
        for row in batch.rows:
            sent[batch.route.kind, row.key] += 1

    assert set(sent) == {(record.kind, record.key) for record in records}
    assert all(sent[record.kind, record.key] <= len(record.versions) for record in records)


def test_every_header_is_one_that_the_importer_knows() -> None:
    for kind, headers in HEADERS.items():
        known = {column.header: set(column.synonyms) for column in KINDS[kind].columns}
        for header, synonyms in headers.items():
            assert set(synonyms) <= known[header], (kind, header)


def test_every_word_is_one_that_the_importer_knows() -> None:
    for (kind, header), words in WORDS.items():
        column = next(column for column in KINDS[kind].columns if column.header == header)
        assert column.read is Read.WORD
        assert column.words is not None
        assert set(words) == set(column.words)
        for code, said in words.items():
            assert set(said) <= {code, *column.words[code]}, (kind, header, code)


def test_every_channel_and_type_is_listed() -> None:
    assert set(CHANNELS) <= set(vocabulary.CHANNELS)
    assert set(SUMMARIES) == set(vocabulary.VIOLATION_TYPES)


def test_every_kind_of_ledger_has_its_route() -> None:
    assert {route.kind for route in ROUTES} == set(KINDS) == set(ORDER)


def test_the_readme_counts_the_troubles() -> None:
    assert 30 <= len(REFUSED) <= 40
    assert 20 <= sum(trouble.count for trouble in DOUBTED) <= 30
    for kind in KINDS:
        row = f"| `{kind}` | {refused_by_kind()[kind]} | {doubted_by_kind()[kind]} |"
        assert row in README
