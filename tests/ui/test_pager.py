"""A page of a long list holds its rows and no others, and says which."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui import pager


@pytest.mark.parametrize(
    ("first", "rows", "pieces"),
    [
        (0, 2, [("a", 0, 2)]),
        (0, 3, [("a", 0, 3)]),
        (0, 4, [("a", 0, 3), ("c", 0, 1)]),
        (3, 1, [("c", 0, 1)]),
        (2, 9, [("a", 2, 1), ("c", 0, 5), ("d", 0, 1)]),
        (8, 9, [("d", 0, 1)]),
        (9, 9, []),
        (0, 0, []),
    ],
)
def test_part_of_a_list_is_cut_where_its_parts_end(
    first: int, rows: int, pieces: list[tuple[str, int, int]]
) -> None:
    assert pager.cut([("a", 3), ("b", 0), ("c", 5), ("d", 1)], first, rows) == pieces


@pytest.mark.parametrize(
    ("first", "total", "said"),
    [
        (0, 201, "第 1–200 条，共 201 条"),
        (200, 201, "第 201–201 条，共 201 条"),
        (309_800, 310_000, "第 309,801–310,000 条，共 310,000 条"),
    ],
)
def test_page_says_which_rows_it_holds(first: int, total: int, said: str) -> None:
    assert pager.said_of(first, total) == said


def script(total: int) -> None:
    import streamlit as st

    from ui import pager

    st.text(pager.first_row(st.session_state.get("total", total), key="page"))


def test_list_of_one_page_has_no_number() -> None:
    app = AppTest.from_function(script, args=(200,)).run()

    assert not app.number_input
    assert app.text[0].value == "0"
    assert AppTest.from_function(script, args=(0,)).run().text[0].value == "0"


def test_pages_are_turned_and_the_last_stands_for_what_is_gone() -> None:
    app = AppTest.from_function(script, args=(401,)).run()
    assert (app.text[0].value, app.caption[0].value) == ("0", "第 1–200 条，共 401 条")

    app.number_input[0].set_value(3).run()
    assert (app.text[0].value, app.caption[0].value) == ("400", "第 401–401 条，共 401 条")

    app.session_state["total"] = 400
    app.run()
    assert (app.text[0].value, app.caption[0].value) == ("200", "第 201–400 条，共 400 条")
    assert app.number_input[0].value == 2
