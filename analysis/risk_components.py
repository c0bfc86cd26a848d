"""The pieces of evidence that give points, each for all units at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import deregistered, wording
from analysis.evidence import CLOSED_DOOR, VIOLATION, Evidence
from analysis.risk_rows import rows_of
from analysis.risk_weights import Weights

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
DAY: Final = np.timedelta64(1, "D")
SUBJECT: Final = "subject"
DECIMALS: Final = 1
SAME: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One piece of evidence: for each unit its points, the figure behind them, its last day.

    ``words`` writes the reason from the figure and the written day.
    """

    name: str
    points: Floats
    figures: Floats
    days: Days
    words: Callable[[float, str], str]
    as_of: date

    def reasons(self) -> Iterator[tuple[int, str]]:
        """Yield the position of each unit that has points, and the reason in words."""
        written: dict[Any, str] = {}
        for at in np.flatnonzero(self.points > 0):
            day = self.days[at]
            if day not in written:
                when = None if np.isnat(day) else pd.Timestamp(day)
                written[day] = wording.day(when, beside=self.as_of)
            text = self.words(float(self.figures[at]), written[day])
            yield int(at), f"{text}（+{self.points[at]:g} 分）"


class _Tally(NamedTuple):
    """What adds up at each unit: how many, worth what, the last when."""

    figures: Floats
    worth: Floats
    days: Days


def components(
    evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights
) -> list[Component]:
    """Return every piece of evidence; points are rounded to one decimal, as they are told."""
    return [
        *_of_reports(evidence, units, as_of, given),
        *_of_items(evidence, units, as_of, given),
        *_of_institutions(evidence, units, as_of, given),
        *_of_ledger(evidence, units, as_of, given),
        _of_prices(evidence, units, as_of, given),
        _of_checks(evidence, units, as_of, given),
    ]


def _of_reports(
    evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights
) -> Iterator[Component]:
    reports = evidence.reports
    rows = rows_of(units, reports)
    aged = (np.datetime64(as_of, "s") - _days(reports["known_on"])) / DAY
    fresh = 0.5 ** (aged / given.half_life_days)

    def part(name: str, of: str, worth: float, most: float, words: str) -> Component:
        tally = _tally(
            rows,
            worth * fresh * reports[f"{of}_worth"].to_numpy(),
            _days(reports[f"{of}_on"]),
            len(units),
            figures=reports[of].to_numpy(dtype="float64"),
        )
        # Sums that differ in their last digits are the same points.
        tally = tally._replace(worth=np.round(tally.worth, SAME))
        return _component(
            name, tally, most, lambda n, day: f"{words} {n:.0f} 件，最近 {day}", as_of
        )

    yield part(
        "substantiated_report",
        "proven",
        given.substantiated_report,
        given.substantiated_most,
        "属实举报",
    )
    yield part("open_report", "open", given.open_report, given.open_report_most, "未核实完的举报")


def _of_items(
    evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights
) -> Iterator[Component]:
    items, number = evidence.items, len(units)
    rows = rows_of(units, items)
    relapses = _relapses(evidence, units, rows, given)
    worth = np.full(len(relapses), given.repeat)
    tally = _tally(relapses["row"].to_numpy(), worth, _days(relapses["on"]), number)
    yield _component(
        "repeat",
        tally,
        given.repeat_most,
        lambda n, day: f"销号后又反弹 {n:.0f} 次，最近 {day}",
        as_of,
    )
    is_late = (items["closed_on"].isna() & (items["due_on"] < pd.Timestamp(as_of))).to_numpy()
    worth = given.overdue_severity * items["severity"].to_numpy(dtype="float64")[is_late]
    tally = _tally(rows[is_late], worth, _days(items["due_on"])[is_late], number)
    yield _component(
        "overdue",
        tally,
        given.overdue_most,
        lambda n, day: f"整改逾期 {n:.0f} 件，最近一件期限 {day}",
        as_of,
    )


def _of_institutions(
    evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights
) -> Iterator[Component]:
    number = len(units)
    disputes = evidence.disputes[evidence.disputes["resolved_on"].isna()]
    worth = np.full(len(disputes), given.open_dispute)
    tally = _tally(rows_of(units, disputes), worth, _days(disputes["opened_on"]), number)
    yield _component(
        "open_dispute",
        tally,
        given.open_dispute_most,
        lambda n, day: f"退费纠纷未化解 {n:.0f} 件，最近登记 {day}",
        as_of,
    )
    signs = deregistered.signs(evidence, as_of)
    signs = signs[signs["is_strong"]]
    rows, days = rows_of(units, signs), _days(signs["happened_on"])
    signs_of = _tally(rows, np.zeros(len(signs)), days, number)
    worth = np.where(signs_of.figures > 0, given.deregistered, 0.0)
    yield _component(
        "deregistered",
        _Tally(signs_of.figures, worth, signs_of.days),
        np.inf,
        lambda n, day: f"已注销，仍有办学证据 {n:.0f} 项，最近 {day}",
        as_of,
    )


def _relapses(evidence: Evidence, units: pd.DataFrame, rows: Rows, given: Weights) -> pd.DataFrame:
    """List the close-outs after which it came back, with the last day on which it did.

    Opened again, or within the days of the settings a report that proved true or a violation
    at the same unit; the day of the close-out itself does not count.
    """
    items = evidence.items.assign(row=rows)
    closed = items.loc[
        items["closed_on"].notna(), ["row", "rectification_id", "opened_on", "closed_on"]
    ].reset_index(names="spell")
    again = closed.merge(
        items[["rectification_id", "opened_on"]], on="rectification_id", suffixes=("", "_again")
    ).rename(columns={"opened_on_again": "on"})
    again = again[again["on"] > again["opened_on"]]
    checks = evidence.inspections[evidence.inspections["outcome"] == VIOLATION]
    found = pd.DataFrame({"row": rows_of(units, checks), "on": checks["inspected_on"]})
    after = closed[closed["row"] >= 0].merge(found, on="row")
    waited = (after["on"] - after["closed_on"]).dt.days
    after = after[(waited > 0) & (waited <= given.repeat_days)]
    reported = closed[closed["row"] >= 0].merge(
        evidence.returned.rename(columns={"received_on": "on"}),
        on=["rectification_id", "closed_on"],
    )
    both = pd.concat([again, after, reported], ignore_index=True)
    return both.groupby("spell", as_index=False).agg(row=("row", "first"), on=("on", "max"))


def _of_ledger(
    evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights
) -> Iterator[Component]:
    own = evidence.institutions
    rows = rows_of(units, own[["institution_id"]])
    unknown = pd.Series(np.nan, index=own.index)
    no_day = pd.Series(pd.NaT, index=own.index, dtype="datetime64[s]")

    def part(
        name: str,
        wanted: pd.Series,
        worth: float | pd.Series,
        words: Callable[[float, str], str],
        *,
        figures: pd.Series = unknown,
        days: pd.Series = no_day,
        most: float = np.inf,
    ) -> Component:
        each = pd.DataFrame({"worth": worth, "figure": figures, "day": days}, index=own.index)
        is_so = wanted.to_numpy(dtype="bool", na_value=False)
        return _component(name, _once(rows[is_so], each[is_so], len(units)), most, words, as_of)

    is_off = own["platform_registered_on"].isna() & (own["category"] != SUBJECT)
    is_qualified = own["qualified_on"].notna()
    yield part(
        "qualified_unregistered",
        is_off & is_qualified,
        given.qualified_unregistered,
        lambda _, day: f"{day}核查合格，至今未登记全国平台",
        days=own["qualified_on"],
    )
    yield part(
        "unregistered",
        is_off & ~is_qualified,
        given.unregistered,
        lambda *_: "未登记全国平台，核查未合格",
    )
    yield part(
        "no_escrow", own["fee_supervision"] == "none", given.no_escrow, lambda *_: "预收费未监管"
    )
    has_none = own["licence_no"].isna() | (own["operating_status"] == "unlicensed")
    yield part("no_licence", has_none, given.no_licence, lambda *_: "没有办学许可证")
    yield part(
        "licence_expired",
        ~has_none & (own["licence_valid_to"] < pd.Timestamp(as_of)),
        given.licence_expired,
        lambda _, day: f"办学许可证 {day}到期",
        days=own["licence_valid_to"],
    )
    students = own["students"].astype("float64")
    yield part(
        "students",
        students > 0,
        given.students_per_100 * students / 100,
        lambda n, _: f"在册学生 {wording.count(n)} 人",
        figures=students,
        most=given.students_most,
    )


def _of_prices(evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights) -> Component:
    """Compare the price a minute now with that in force when the window began.

    A course that began within the window is compared with its own first price.
    """
    prices = evidence.prices.assign(
        a_minute=evidence.prices["price"] / evidence.prices["lesson_minutes"].where(lambda m: m > 0)
    ).sort_values("effective_on", kind="stable")
    begins = pd.Timestamp(as_of) - pd.Timedelta(days=given.price_jump_days)
    course = ["institution_id", "course", "class_size"]
    now = prices.groupby(course, as_index=False).last()
    before = prices[prices["effective_on"] <= begins].groupby(course)["a_minute"].last()
    first = prices.groupby(course)["a_minute"].first()
    base = before.reindex(first.index).fillna(first)
    now["rise"] = now["a_minute"] / base.where(base > 0).to_numpy() - 1
    # Prices are written in cents: a rise of exactly the share must not be lost to rounding.
    jumped = now[(now["rise"] >= given.price_jump_share - 1e-9) & (now["effective_on"] > begins)]
    worst = jumped.sort_values("rise", kind="stable").drop_duplicates("institution_id", keep="last")
    each = pd.DataFrame(
        {"worth": given.price_jump, "figure": worst["rise"], "day": worst["effective_on"]}
    )
    return _component(
        "price_jump",
        _once(rows_of(units, worst[["institution_id"]]), each, len(units)),
        np.inf,
        lambda rise, day: f"课程价格疑似上涨 {wording.percent(rise)}，自 {day}起",
        as_of,
    )


def _of_checks(evidence: Evidence, units: pd.DataFrame, as_of: date, given: Weights) -> Component:
    checks = evidence.inspections[evidence.inspections["outcome"] != CLOSED_DOOR]
    seen = _tally(
        rows_of(units, checks), np.zeros(len(checks)), _days(checks["inspected_on"]), len(units)
    )
    ago = np.asarray((np.datetime64(as_of, "s") - seen.days) / DAY, dtype="float64")
    worth = np.where(np.isnan(ago), np.inf, given.unchecked_per_30_days * ago / 30)
    return _component(
        "unchecked",
        _Tally(ago, worth, seen.days),
        given.unchecked_most,
        lambda n, day: "没有检查记录" if np.isnan(n) else f"距上次检查 {n:.0f} 天（{day}）",
        as_of,
    )


def _days(days: pd.Series) -> Days:
    return days.to_numpy(dtype="datetime64[s]")


def _tally(
    rows: Rows, worth: Floats, days: Days, number: int, *, figures: Floats | None = None
) -> _Tally:
    """Add up at each unit; facts of no unit (row -1) are left out.

    ``figures``: how many facts each row stands for, one unless told.
    """
    is_known = rows >= 0
    facts = (np.ones(len(rows)) if figures is None else figures)[is_known]
    rows, worth, days = rows[is_known], worth[is_known], days[is_known]
    last = np.full(number, np.datetime64("NaT"), dtype="datetime64[s]")
    np.fmax.at(last, rows, days)
    return _Tally(
        np.asarray(np.bincount(rows, weights=facts, minlength=number), dtype="float64"),
        np.asarray(np.bincount(rows, weights=worth, minlength=number), dtype="float64"),
        last,
    )


def _once(rows: Rows, each: pd.DataFrame, number: int) -> _Tally:
    """Put what is known once of a unit at its place: ``worth``, ``figure`` and ``day``."""
    is_known = rows >= 0
    each, rows = each[is_known], rows[is_known]
    last = np.full(number, np.datetime64("NaT"), dtype="datetime64[s]")
    tally = _Tally(np.zeros(number), np.zeros(number), last)
    tally.figures[rows] = each["figure"]
    tally.worth[rows] = each["worth"]
    tally.days[rows] = _days(each["day"])
    return tally


def _component(
    name: str, tally: _Tally, most: float, words: Callable[[float, str], str], as_of: date
) -> Component:
    points = np.asarray(np.round(np.minimum(tally.worth, most), DECIMALS), dtype="float64")
    return Component(name, points, tally.figures, tally.days, words, as_of)
