"""What has begun to stand out: what is said of it, and when nothing is."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.alarms import WEEKS
from analysis.concerns import Topic, sign_concerns
from analysis.prices import suspected_rises
from analysis.review_signs import with_signs
from analysis.signs import (
    ALARMS,
    RISES,
    Signs,
    alarm_sentence,
    alarms_of,
    rise_sentence,
    rises_of,
    sentences,
)
from data_access.weeks import last_weeks
from tests.analysis.price_rows import AS_OF, JUNE, frame, peers, price

NAN = math.nan
NORTH, SOUTH = "450202", "450204"
_NAMES = {"institution_id": "int64", "name_key": "str", "institution_name": "str"}


def courses(*rows: dict[str, Any]) -> pd.DataFrame:
    """One row a course: of an institution of its own, judged and not suspected, without chance."""
    usual = {"county_code": "<甲>", "county": "甲", "rise": 0.5, "judged": True, "chance": 0.0}
    named = [
        {"institution_id": n, "institution_name": f"班{n}", "suspected": False, **usual, **row}
        for n, row in enumerate(rows)
    ]
    columns = ["institution_id", "institution_name", "suspected", *usual]
    return pd.DataFrame(named, columns=columns).astype({"suspected": bool, "judged": bool})


def alarms(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"county_code": "<甲>", "county": "甲", "institution_name": None, "n": 4, "usual": 1.0}
    return pd.DataFrame([{**usual, **row} for row in rows], columns=list(usual))


def known(prices: pd.DataFrame | None = None, given: pd.DataFrame | None = None) -> Signs:
    rises = rises_of(courses() if prices is None else prices)
    return Signs(rises, AS_OF, alarms_of(alarms() if given is None else given))


def test_where_nothing_is_on_record_nothing_is_said() -> None:
    assert sentences(known()) == {}
    assert (rise_sentence(known().rises), alarm_sentence(known())) == ("", "")
    assert list(sign_concerns(known())) == []
    assert list(sign_concerns(None)) == []


def test_institutions_and_courses_are_counted_and_the_strongest_is_named() -> None:
    found = known(
        courses(
            {"suspected": True, "institution_id": 7, "rise": 0.426, "county_code": "<乙>"},
            {"suspected": True, "institution_id": 7, "rise": 0.9, "county_code": "<乙>"},
            {"suspected": True, "institution_id": 8},
            {"chance": 0.3},
            {"judged": False},
        )
    )

    assert sentences(found) == {RISES: "疑似涨价 2 家 3 门（仅凭偶然预计约 0.3 门）"}
    assert rise_sentence(found.rises) == (
        "疑似涨价 2 家 3 门，最突出的是班0（甲），比暑期前涨 42.6%，须核实；仅凭偶然预计约 0.3 门"
    )
    assert (found.rises.judged, found.rises.counties) == (4, ("<乙>", "<甲>"))


def test_single_course_is_named_without_a_comparison() -> None:
    found = known(courses({"suspected": True}))

    assert rise_sentence(found.rises).startswith(
        "疑似涨价 1 家 1 门，是班0（甲），比暑期前涨 50.0%"
    )


@pytest.mark.parametrize(("chance", "told"), [(0.9, True), (1.0, False), (1.1, False)])
def test_rises_are_worth_a_decision_where_there_are_more_than_by_chance(
    chance: float, told: bool
) -> None:
    found = known(courses({"suspected": True, "chance": chance}))

    assert [each.topic for each in sign_concerns(found)] == ([Topic.RISES] if told else [])
    assert RISES in sentences(found)


def test_none_suspected_of_those_judged_is_an_answer_and_none_judged_is_not() -> None:
    said = sentences(known(courses({}, {"chance": 0.04}, {"judged": False})))
    assert said == {RISES: "可比的 2 门课程中没有发现疑似涨价"}
    assert sentences(known(courses({"judged": False}))) == {}


def test_institutions_with_an_alarm_come_before_counties() -> None:
    found = known(
        given=alarms(
            {"county": "甲", "n": 11},
            {"county": "乙", "county_code": "<乙>", "institution_name": "学堂", "usual": NAN},
        )
    )

    assert sentences(found) == {ALARMS: "8 月 25 日这一周退费预警 1 个县区、1 家机构"}
    [concern] = sign_concerns(found)
    assert concern.text == (
        "8 月 25 日这一周退费纠纷异常增多：学堂（乙，4 件）、"
        "甲全县区（11 件，此前 13 周平均每周 1.0 件）"
    )
    assert (concern.topic, concern.counties) == (Topic.ALARMS, ("<乙>", "<甲>"))
    assert not concern.is_late


def test_many_alarms_are_counted_and_two_named() -> None:
    found = known(given=alarms(*({"institution_name": f"学堂{n}", "usual": NAN} for n in range(3))))

    assert sentences(found)[ALARMS] == "8 月 25 日这一周退费预警 3 家机构"
    assert alarm_sentence(found).endswith("学堂0（甲，4 件）、学堂1（甲，4 件）等 3 个机构和县区")


# --- what a county's review of itself counts

_COUNTIES = pd.DataFrame({"county_code": [NORTH, SOUTH, "450224"]}).astype("str")
_PAST = last_weeks(AS_OF, WEEKS)
_COUNTED = ["price_judged", "price_suspected", "price_cells", "price_published", "alarms"]


def reviewed(prices: pd.DataFrame, disputes: pd.DataFrame | None = None) -> pd.DataFrame:
    named = prices.assign(county=prices["county_code"], cost=NAN, category="arts")
    named = named.assign(institution_name="").astype({"county": "str"})
    given = weekly() if disputes is None else disputes
    found = with_signs(_COUNTIES, named, given, as_of=AS_OF, weeks=_PAST)
    return found.set_index("county_code")[_COUNTED]


def weekly(*rows: tuple[date, str, int]) -> pd.DataFrame:
    """Disputes of a week, of one institution a county."""
    frame = pd.DataFrame(rows, columns=["week", "county_code", "n"])
    frame = frame.assign(county=frame["county_code"], institution_id=1, name_key="")
    frame = frame.assign(institution_name="班" + frame["county_code"].astype("str"))
    return frame.astype(
        {**_NAMES, "week": "datetime64[s]", "county_code": "str", "county": "str", "n": "int64"}
    )


def test_without_rows_every_county_has_zeros() -> None:
    found = reviewed(frame())

    assert found.index.tolist() == _COUNTIES["county_code"].tolist()
    assert found.to_numpy().sum() == 0


def test_each_county_is_judged_among_its_own() -> None:
    here, there = {"county_code": NORTH}, {"county_code": SOUTH}
    rows = [
        *peers(5, first=100, **here),
        *(price(1, 100.0, **here), price(1, 160.0, JUNE, **here)),
        # In the other county everybody costs so much, and two institutions are too few to judge.
        *(price(2, 100.0, **there), price(2, 160.0, JUNE, **there), price(3, 160.0, **there)),
    ]

    found = reviewed(frame(*rows))

    assert found.loc[NORTH].tolist() == [6, 1, 1, 1, 0]
    assert found.loc[SOUTH].tolist() == [0, 0, 1, 0, 0]
    both = suspected_rises(frame(*rows), as_of=AS_OF)
    assert both.suspected["institution_id"].tolist() != [1]  # the city's peers say something else


@pytest.mark.parametrize(("institutions", "published"), [(4, 0), (5, 1)])
def test_price_is_published_from_five_institutions(institutions: int, published: int) -> None:
    found = reviewed(frame(*peers(institutions)))

    assert found.loc[NORTH, ["price_cells", "price_published"]].tolist() == [1, published]


def test_alarm_counts_for_the_county_and_for_its_institution() -> None:
    quiet = [(week, NORTH, 1) for week in _PAST[:-1]]

    assert reviewed(frame(), weekly(*quiet, (AS_OF, NORTH, 9)))["alarms"].tolist() == [2, 0, 0]
    assert reviewed(frame(), weekly(*quiet, (AS_OF, NORTH, 1)))["alarms"].tolist() == [0, 0, 0]
