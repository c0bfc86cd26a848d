"""All that a page sends to the browser, for tests that look for what must not be in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.ui.charts.arrow import decoded


def elements(page: AppTest) -> Iterator[Any]:
    """Yield every element of every part of the page, sidebar and dialogs included."""
    yield from _below(page._tree)


def _below(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _below(child)
        else:
            yield child


def found_in(page: AppTest, words: Iterable[str]) -> dict[str, list[str]]:
    """Return which of the words the page sends, each with the kinds of element it is in.

    An element is looked through as it travels: Arrow keeps the texts of tables and of charts'
    data as they are, a specification may have them escaped as JSON does.
    """
    wanted = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    found: dict[str, list[str]] = {}
    for element in elements(page):
        sent = element.proto.SerializeToString()
        for word, written in wanted.items():
            if any(text in sent for text in written):
                found.setdefault(word, []).append(element.type)
    return found


def chart_rows(chart: Any) -> list[dict[str, Any]]:
    """Return the rows of the first of a chart's tables."""
    return decoded(chart.proto.datasets[0].data.data)
