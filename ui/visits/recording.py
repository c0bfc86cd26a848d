"""What was found at each stop: entered one at a time, on a phone too, and released at the end."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import visit_results as judgement
from analysis.visit_plans import CHOSEN_BY
from data_access import clock, visit_plan_changes, visit_results, vocabulary
from data_access.accounts import User
from data_access.visit_plans import Plan
from data_access.visit_results import LONGEST_TEXT, MOST_PEOPLE, Recorded
from ui.exports.checklist import MANNER, PROBLEMS, QUALIFICATION
from ui.exports.visit_sheets import NO_INSTITUTION
from ui.formatting import day, is_missing, plain
from ui.labels import LABELS
from ui.load import fresh
from ui.rows import in_words
from ui.tables import Table, table
from ui.visits import choosing
from ui.visits.names import SHORT_NAMES

DAYS_TO_MEND: Final = 15
OUTCOMES: Final = vocabulary.first_words(vocabulary.INSPECTION_OUTCOME)
SEVERITIES: Final = {int(code): words[0] for code, words in vocabulary.SEVERITY.items()}
# Pixels: what was found is in sight beside the form, and no number is cut.
_WIDTHS: Final = {
    "visit_day": 78,
    "short_name": 46,
    "visited": 184,
    "outcome": 78,
    "violation_type": 112,
    "severity": 72,
    "chosen_way": 72,
    "category": 90,
    "inspection_no": 114,
    "ledger_no": 114,
}


def result_rows(results: pd.DataFrame) -> Table:
    """List what was found, the stops without a result last."""
    rows = results.assign(
        visit_day=[day(each.date()) for each in results["visit_on"]],
        chosen_way=results["chosen_by"].map(CHOSEN_BY),
        short_name=results["county_code"].map(SHORT_NAMES),
        category=in_words(results["category"], vocabulary.CATEGORY).fillna(NO_INSTITUTION),
        outcome=in_words(results["outcome"], vocabulary.INSPECTION_OUTCOME),
        visited=results["institution_name"].fillna(results["place_name"]),
        severity=results["severity"].map(SEVERITIES),
    ).sort_values(["outcome", "visit_on"], na_position="last")
    built = table(rows, list(_WIDTHS))
    for name, width in _WIDTHS.items():
        built.config[LABELS[name]] = st.column_config.Column(width=width)
    return built


def enter(user: User, plan: Plan, results: pd.DataFrame) -> None:
    """Ask what was found at one stop of a sealed plan; in one column, so that a phone shows it.

    What was entered before is shown, and is corrected by entering it again.
    """
    if clock.today() < plan.first_day:
        st.info(f"计划 {day(plan.first_day)}开始，到访之后再来登记。")
        return
    rows = results[results["plan_id"] == plan.id].sort_values(["visit_on", "team", "sequence"])
    waiting = rows.loc[rows["outcome"].isna(), "stop_id"]
    still = f"中还有 {len(waiting)} 处没有登记" if len(waiting) else "都已登记"
    st.subheader(f"登记结果：{len(rows)} 处{still}", anchor=False)
    is_one_day = plan.first_day == plan.last_day
    names = {
        int(row["stop_id"]): _name(row, is_one_day=is_one_day) for row in rows.to_dict("records")
    }
    first = int(next(iter(waiting), rows["stop_id"].iloc[0]))
    stop_id = st.selectbox(
        "哪一处",
        list(names),
        list(names).index(first),
        format_func=names.__getitem__,
        # Labels tell what was found: a box that keeps them would show what was corrected.
        key=f"visits.stop.{plan.id}.{'|'.join(rows['outcome'].fillna(''))}",
    )
    asked = {"scope": user.scope, "stop_id": stop_id}
    before: Recorded | None = fresh(visit_results.recorded, user, asked)
    outcome = st.segmented_control(
        "结果",
        list(OUTCOMES),
        default=before.outcome if before else None,
        format_func=OUTCOMES.__getitem__,
        key=f"visits.outcome.{stop_id}",
    )
    with st.expander("检查清单"):
        topics = (QUALIFICATION, *PROBLEMS)
        st.text("\n".join(f"{topic.title}：{'、'.join(topic.items)}" for topic in topics))
        st.caption(MANNER)
    if outcome is None:
        st.caption("先选结果，再填其余各项。登记后在公布之前只有市督查组可见。")
        return
    if before:
        st.caption("这一处已经登记；再次登记即为更正，原来的内容留存备查。")
    row = rows[rows["stop_id"] == stop_id].iloc[0]
    if before and before.outcome != outcome:
        before = replace(before, measures=None, note=None)
    # Known by what stands entered: where somebody has corrected it since, the form begins anew.
    key = f"visits.result.{stop_id}.{outcome}.{hash(before)}"
    said = _ask_more(row, str(outcome), before, key=key)
    if said is not None:
        choosing.see(said["visited_on"])
        choosing.do(
            lambda: visit_results.record(user, int(stop_id), str(outcome), **said), "结果已登记。"
        )


def _ask_more(
    row: pd.Series, outcome: str, before: Recorded | None, *, key: str
) -> dict[str, Any] | None:
    """Ask for the rest, beginning with what was entered ``before``."""
    with st.form(key):
        visited_on = st.date_input(
            "到访日期",
            # No bounds: what lies outside of them would become this day without a word.
            value=before.visited_on if before else min(row["visit_on"].date(), clock.today()),
            key=f"{key}.visited_on",
        )
        # A file may have said since what is refused here.
        most = max(MOST_PEOPLE, (before and before.people) or 0)
        people = st.number_input(
            "出动人次",
            1,
            most,
            before.people if before else None,
            placeholder="按小组人数",
            key=f"{key}.people",
        )
        said: dict[str, Any] = {}
        if outcome == "violation":
            said = _ask_violation(row["visit_on"].date(), before, key)
        else:
            said["measures"] = _text(
                "处理方式", before.measures if before else None, f"{key}.measures"
            )
        note = st.text_area(
            "情况说明",
            (before and before.note) or "",
            max_chars=LONGEST_TEXT,
            key=f"{key}.note",
        )
        sent = st.form_submit_button("登记", type="primary", width="stretch")
    if not sent:
        return None
    return {**said, "visited_on": visited_on, "people": people, "note": note or None}


def _ask_violation(visit_on: date, before: Recorded | None, key: str) -> dict[str, Any]:
    kinds = list(vocabulary.VIOLATION_TYPES)
    kind = (before and before.violation_type) or kinds[0]
    severity = (before and before.severity) or 1
    individuals = (before and before.individuals) or 0
    due_on = (before and before.due_on) or visit_on + timedelta(days=DAYS_TO_MEND)
    return {
        # A file may have said since what is in no list.
        "violation_type": st.selectbox(
            "违规类型",
            kinds,
            kinds.index(kind) if kind in kinds else None,
            placeholder="请选择",
            key=f"{key}.violation_type",
        ),
        "severity": st.selectbox(
            "严重程度",
            list(SEVERITIES),
            list(SEVERITIES).index(severity),
            format_func=SEVERITIES.__getitem__,
            key=f"{key}.severity",
        ),
        "due_on": st.date_input("整改期限", value=due_on, key=f"{key}.due_on"),
        "individuals": int(
            st.number_input(
                "查处个人（人次）",
                0,
                max(MOST_PEOPLE, individuals),
                individuals,
                key=f"{key}.individuals",
            )
        ),
        "measures": _text("处理方式", before.measures if before else None, f"{key}.measures"),
    }


def _text(label: str, before: str | None, key: str) -> str:
    return st.text_input(label, before or "", max_chars=LONGEST_TEXT, key=key)


def release(user: User, plan: Plan, results: pd.DataFrame) -> None:
    """Offer to release what a plan found; asked for twice."""
    rows = results[results["plan_id"] == plan.id]
    waiting = int(rows["outcome"].isna().sum())
    with st.popover("公布结果"):
        if waiting:
            st.warning(f"还有 {waiting} 处没有登记结果，公布后不能再登记。")
        st.write("公布后，各县区看到本县区的检查和整改事项；计划、入选理由和风险分始终不给县区看。")
        if st.button("确认公布", type="primary", key=f"visits.release.{plan.id}"):
            choosing.do(lambda: visit_plan_changes.release(user, plan.id), "结果已公布。")


def _name(row: dict[Hashable, Any], *, is_one_day: bool) -> str:
    """Return what to call a stop; a phone cuts the end, so how it stands comes before the name."""
    name = row["institution_name"]
    where = row["place_name"] if is_missing(name) else name
    state = "未登记" if is_missing(row["outcome"]) else OUTCOMES[row["outcome"]]
    on = "" if is_one_day else f"{day(row['visit_on'].date())} "
    label = f"{on}{row['team']}-{row['sequence']}"
    return f"{label} {state} · {SHORT_NAMES[row['county_code']]} {where}"


def current(user: User, as_of: date | None = None) -> pd.DataFrame:
    """Return the results that the reader may see, as they are now; those of today by default."""
    asked = {"scope": user.scope, "as_of": as_of or clock.today()}
    found: pd.DataFrame = fresh(visit_results.results, user, asked)
    return found


def show_arms(arms: list[judgement.Arm]) -> None:
    """Say how often each way of choosing hit."""
    for arm in arms:
        st.write(plain(judgement.arm_sentence(arm)))
