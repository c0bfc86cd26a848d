"""What a course costs now, and what it, or the course that it replaced, cost before.

Ledgers know no day on which a course ends. So a course that is not in them on the day before is
held against those of its institution that are: of the same item, group of class sizes and mode,
and not for another number of students by its words (1对4 beside 小班 is no new name of it),
whichever has nearly its name, else whichever cost nearly as much. That way a package under a new
name and a shorter lesson at the old price are seen as the rises that they are. What is compared
with the nearest price cannot rise by more than against any other course of that kind: the reading
that is kindest to the institution.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cpdist

# One institution's courses of a kind; whatever is of one kind may replace one another.
LINE: Final = ["institution_id", "county_code", "item_key", "size_group", "mode"]
COURSE: Final = [*LINE, "course_key", "size_key"]
# From which likeness of names (0 to 100, rapidfuzz's ratio) a course is taken for the same.
ALIKE: Final = 60.0
SAME_NAME, NEW_NAME, NOTHING = "same_name", "new_name", "nothing"
_BASE: Final = {
    "course": "base_course",
    "class_size": "base_class_size",
    "standard": "base_standard",
    "price": "base_price",
    "lesson_minutes": "base_minutes",
    "price_unit": "base_unit",
    "effective_on": "base_from",
}


def then_and_now(prices: pd.DataFrame, *, as_of: date, baseline_on: date) -> pd.DataFrame:
    """Return one row a course: its price in force on ``as_of``, and what it is compared with.

    ``prices`` are ``price_units.standardised``. A price is in force from its day, included,
    until the next one's; what begins after ``as_of`` does not count.

    Adds to the columns of ``prices``:

    =============  =============  ============================================================
    matched        str            same_name: the course was there on ``baseline_on``;
                                  new_name: another one of its kind was; nothing: none was
    base_…         as of prices   the row compared with, in force on ``baseline_on``; missing
                                  where there is nothing: ``base_course``,
                                  ``base_class_size``, ``base_standard`` and ``base_price``
                                  (yuan), ``base_minutes``, ``base_unit``, ``base_from`` (day)
    since          datetime64[s]  the first day of its largest step up after ``baseline_on``;
                                  NaT without any
    =============  =============  ============================================================
    """
    by_day = (
        prices[prices["effective_on"] <= pd.Timestamp(as_of)]
        .assign(size_key=lambda rows: rows["class_size"].str.replace(r"\s", "", regex=True))
        .sort_values("effective_on", kind="stable")
    )
    by_day["course_id"] = by_day.groupby(COURSE, sort=False).ngroup()
    is_base = by_day["effective_on"] <= pd.Timestamp(baseline_on)
    now = by_day.drop_duplicates("course_id", keep="last").set_index("course_id")
    base = by_day[is_base].drop_duplicates("course_id", keep="last").set_index("course_id")
    base_id = _compared_with(now, base, by_day.drop_duplicates("course_id"))
    found = base[list(_BASE)].rename(columns=_BASE).reindex(base_id.to_numpy())
    now = now.join(found.set_axis(now.index))
    now["matched"] = np.select(
        [base_id.isna(), base_id == now.index], [NOTHING, SAME_NAME], NEW_NAME
    )
    now["since"] = _largest_step(by_day[~is_base], by_day, now["base_standard"]).reindex(now.index)
    return now.reset_index(drop=True)


def _compared_with(now: pd.DataFrame, base: pd.DataFrame, first: pd.DataFrame) -> pd.Series:
    """Return for each course the number of the one it is compared with; NaN for none."""
    ids = pd.Series(now.index, index=now.index, dtype="float64").where(now.index.isin(base.index))
    new = first[~first["course_id"].isin(base.index)]
    kind = [*LINE, "counted"]
    pairs = new[[*kind, "course_id", "course_key", "standard"]].merge(
        base.reset_index()[[*kind, "course_id", "course_key", "standard"]],
        on=kind,
        suffixes=("", "_base"),
    )
    if pairs.empty:
        return ids
    alike = cpdist(pairs["course_key"].tolist(), pairs["course_key_base"].tolist(), scorer=ratio)
    pairs["alike"] = np.where(alike >= ALIKE, alike, 0.0)
    pairs["apart"] = np.abs(np.log(pairs["standard"] / pairs["standard_base"]))
    pairs = pairs.sort_values(["alike", "apart"], ascending=[False, True], kind="stable")
    best = pairs.drop_duplicates("course_id").set_index("course_id")["course_id_base"]
    return ids.fillna(best.astype("float64"))


def _largest_step(after: pd.DataFrame, rows: pd.DataFrame, base: pd.Series) -> pd.Series:
    """Return the day of the largest step up of each course after the baseline."""
    before = rows.groupby("course_id")["standard"].shift().reindex(after.index)
    before = before.fillna(after["course_id"].map(base))
    steps = after.assign(step=np.log(after["standard"] / before))
    steps = steps[steps["step"] > 0].sort_values("step", ascending=False, kind="stable")
    return steps.drop_duplicates("course_id").set_index("course_id")["effective_on"]
