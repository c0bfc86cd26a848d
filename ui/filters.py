"""What the reader chose: bound to the address bar, so that a link opens the same view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import streamlit as st

from data_access import calendar, clock, vocabulary
from data_access.accounts import User
from data_access.vocabulary import Vocabulary
from ui import downloads
from ui.load import run
from ui.tables import Table

DAY_KEY: Final = "day"
CATEGORY_KEY: Final = "category"
COUNTY_KEY: Final = "county"  # a map sets the county filter, too
CHOSEN: Final = "点选县区"


@dataclass(frozen=True, slots=True)
class Filters:
    """The shared choice: the day to count as of, and what to narrow to (empty: all).

    ``offered`` are the names of the counties that the reader may choose from, by code.
    """

    as_of: date
    counties: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    offered: Mapping[str, str] = field(default_factory=dict)


def shared(user: User, *, by_category: bool = True) -> Filters:
    """Draw the filters that every view shares, in the sidebar, and return the choice.

    Without ``by_category`` all categories count, and none can be chosen.

    Addresses carry them as ``?day=2022-08-25&county=融安县&category=科技``; what an
    address names and the reader may not see is no option, and so is left out.
    """
    today = clock.today()
    latest, names = run(calendar.choices, user, {"scope": user.scope, "today": today})
    with st.sidebar:
        as_of = st.date_input(
            "统计日期",
            value=latest,
            max_value=today,
            key=DAY_KEY,
            bind="query-params",
            help="所有数字截至这一天。默认是最近一次有举报、立账、检查的日子。",
        )
        counties = options("县区", names, key=COUNTY_KEY) if len(names) > 1 else ()
        categories = words("机构类别", vocabulary.CATEGORY, key=CATEGORY_KEY) if by_category else ()
    day = as_of if isinstance(as_of, date) else latest
    downloads.narrowed("统计日期", day.isoformat())
    return Filters(
        as_of=day,
        counties=tuple(counties),
        categories=tuple(categories),
        offered=names,
    )


def from_address(user: User) -> Filters:
    """Return the choice that the address names, drawing nothing: for slides.

    What it names wrongly, or the reader may not see, is left out.
    """
    today = clock.today()
    latest, names = run(calendar.choices, user, {"scope": user.scope, "today": today})
    categories = vocabulary.first_words(vocabulary.CATEGORY)
    try:
        day = min(date.fromisoformat(st.query_params.get(DAY_KEY, "")), today)
    except ValueError:
        day = latest
    return Filters(
        as_of=day,
        counties=_named(names, COUNTY_KEY),
        categories=_named(categories, CATEGORY_KEY),
        offered=names,
    )


def _named(words_of: Mapping[str, str], key: str) -> tuple[str, ...]:
    said = st.query_params.get_all(key)
    return tuple(code for code, word in words_of.items() if word in said)


def address(user: User, chosen: Filters) -> dict[str, Any]:
    """Return the address parameters of the choice, for links to other pages."""
    _, names = run(calendar.choices, user, {"scope": user.scope, "today": clock.today()})
    categories = vocabulary.first_words(vocabulary.CATEGORY)
    return {
        "day": chosen.as_of.isoformat(),
        "county": [names[code] for code in chosen.counties if code in names],
        "category": [categories[code] for code in chosen.categories],
    }


def options(label: str, words_of: Mapping[str, str], *, key: str) -> tuple[str, ...]:
    """Draw a choice of several, bound to the address; return the codes, none for all."""
    chosen = st.multiselect(
        label,
        list(words_of),
        format_func=words_of.__getitem__,
        key=key,
        placeholder="全部",
        bind="query-params",
    )
    downloads.narrowed(label, "、".join(words_of[code] for code in chosen))
    return tuple(chosen)


def words(label: str, vocabulary_: Vocabulary, *, key: str) -> tuple[str, ...]:
    """Draw a choice of several codes of a vocabulary by their words."""
    return options(label, vocabulary.first_words(vocabulary_), key=key)


def one_of(label: str, words_of: Mapping[str, str], *, key: str) -> str:
    """Draw a choice of exactly one, the first at first, bound to the address."""
    first = next(iter(words_of))
    chosen = st.segmented_control(
        label,
        list(words_of),
        format_func=words_of.__getitem__,
        default=first,
        key=key,
        label_visibility="collapsed",
        wrap=True,  # a laptop's half page is narrower than six words
        bind="query-params",
    )
    return chosen or first


def narrowed(chosen: Filters, counties: Table, row: int | None) -> Filters:
    """Narrow to the county of the chosen row of a table with ``county_code``."""
    if row is None:
        return chosen
    found = counties.frame.iloc[row]
    downloads.narrowed(CHOSEN, str(found["county"]))
    return replace(chosen, counties=(str(found["county_code"]),))


def focus(chosen: Filters, *selections: Any) -> Filters:
    """Narrow to the counties selected in charts and county maps; none selected: unchanged.

    What a browser says was selected is not believed: only offered counties count.
    """
    said = [
        point.get(name)
        for selection in selections
        for points in selection["selection"].values()
        for point in points
        for name in ("county_code", "adcode")
    ]
    codes = tuple(sorted(code for code in chosen.offered if code in said))
    downloads.narrowed(CHOSEN, "、".join(chosen.offered[code] for code in codes))
    return replace(chosen, counties=codes) if codes else chosen
