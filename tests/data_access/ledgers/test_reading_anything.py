"""Whatever stands in the cells, a file is understood or refused, and every row answered for."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data_access.ledgers.kinds import KINDS, Kind
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.rejects import rejects_workbook
from tests.data_access.ledgers.files import read

ORDINARY = st.sampled_from(
    [
        *("", "清空", "合计", "城中区", "融水", "450205", "2022-07-05", "7月5日", "44747", "30"),
        *("1.2万", "约30", "是", "×", "体育", "在营", "属实", "暗访", "19:00-20:30", "109.4"),
        *("24.3", "914403001922038216", "=1+1", "'=1+1", "#REF!", "-5", "999999999999999999"),
    ]
)
CELLS = st.one_of(ORDINARY, st.text(max_size=12))
KIND = st.sampled_from(list(KINDS.values()))


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Kind, list[list[str]]]:
    """A ledger with its required columns, some others, and rows of anything."""
    kind = draw(KIND)
    headers = [c.header for c in kind.columns if c.required or draw(st.booleans())]
    headers += draw(st.lists(st.sampled_from(["序号", "备考", "", "退回原因"]), max_size=2))
    width = len(headers)
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    return kind, [headers, *rows]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ledgers())
def test_every_row_is_kept_or_told_of_and_comes_back_as_it_was(
    ledger: tuple[Kind, list[list[str]]],
) -> None:
    check(*ledger)


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(ledgers())
def test_every_row_of_a_thousand_files_is_kept_or_told_of(
    ledger: tuple[Kind, list[list[str]]],
) -> None:
    """The same for more files than there is time for each time: a minute and more."""
    check(*ledger)


def check(kind: Kind, rows: list[list[str]]) -> None:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    data = buffer.getvalue().encode("utf-8", "replace")
    # What is full of control characters is no text, and refused whole.
    assume(
        len(re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data[:1024])) * 25 < len(data[:1024])
    )
    try:
        first = read(data, kind.name, file_name="城中区.csv")
    except UnreadableFileError as refused:
        pytest.fail(str(refused))

    told = {p.row for p in first.problems if p.severity == "error"}
    assert told == set(first.rows["row"][first.rejected])
    assert len(first.rows) == len(first.originals) == len(first.rejected)
    assert len(first.rows) <= len(rows) - 1

    everything = {at: ["原因"] for at in range(len(first.rows))}
    if everything:
        again = read(rejects_workbook((first, everything)), kind.name)
        assert list(again.originals) == list(first.originals)
        assert again.rows.drop(columns="row").equals(first.rows.drop(columns="row"))
        assert again.rejected.tolist() == first.rejected.tolist()
