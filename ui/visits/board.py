"""A plan on the screen: routes on the map, stops in a list, and what may be done to each."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis.visit_plans import CHOSEN_BY
from data_access import visit_plan_changes, vocabulary
from data_access.accounts import User
from data_access.scope import Scope
from data_access.visit_plans import Plan
from data_access.visit_writing import PlanError
from ui import deck, tables
from ui.exports.visit_sheets import NO_INSTITUTION
from ui.formatting import day, plain
from ui.labels import LABELS
from ui.maps import CompactDeck
from ui.rows import in_words
from ui.tables import Table, table
from ui.visits import choosing, routing
from ui.visits.names import named
from ui.visits.route_map import route_map
from ui.visits.stored import Stored, parts, read

LIST_HEIGHT: Final = deck.HEIGHT
LEAST_REASON: Final = 5
EXPLAINED: Final = 3
# Pixels: beside the map, who goes where and why is in sight without scrolling sideways.
_WIDTHS: Final = {
    "stop": 44,
    "arrives": 54,
    "short_name": 46,
    "visited": 190,
    "chosen_way": 66,
    "held": 46,
    "visit_day": 78,
    "window": 96,
    "score": 64,
}
_NO_PINS: Final = {"ordinal": "int64", "visit_on": "datetime64[s]", "team": "int64"}


def stop_rows(stops: pd.DataFrame) -> Table:
    """List the stops of a plan, in the order in which they are visited."""
    rows = stops.assign(
        stop=stops["team"].astype(str) + "-" + stops["sequence"].astype(str),
        visit_day=[day(each.date()) for each in stops["visit_on"]],
        arrives=[f"{each:%H:%M}" for each in stops["arrives_at"]],
        window=[
            f"{opens:%H:%M}–{closes:%H:%M}"
            for opens, closes in zip(stops["opens_at"], stops["closes_at"], strict=True)
        ],
        chosen_way=stops["chosen_by"].map(CHOSEN_BY),
        held=stops["pinned"].map({True: "固定", False: ""}),
    )
    built = table(rows, list(_WIDTHS))
    for name, width in _WIDTHS.items():
        built.config[LABELS[name]] = st.column_config.Column(width=width)
    built.config[LABELS["score"]] = _score(_WIDTHS["score"])
    return built


def _score(width: int | None = None) -> Any:
    return st.column_config.NumberColumn(format="%.1f", width=width)


def candidate_rows(candidates: pd.DataFrame) -> Table:
    """List the candidates by rank, each with the reasons for its points."""
    built = table(
        candidates.assign(
            reasons=["；".join(reasons or []) for reasons in candidates["reasons"]],
            category=in_words(candidates["category"], vocabulary.CATEGORY).fillna(NO_INSTITUTION),
            drawn=candidates["drawn_order"],
        ),
        ["rank", "county", "visited", "category", "score", "reasons", "drawn", "left_reason"],
        wide=["visited"],
    )
    built.config[LABELS["score"]] = _score()
    return built


class Built(NamedTuple):
    """What is drawn of a plan, built once for each of its row versions."""

    stops: pd.DataFrame
    stop_table: Table
    route_map: CompactDeck
    candidates: pd.DataFrame
    candidate_table: Table


def build(
    conn: Any, *, scope: Scope, plan_id: int, row_version: int, units: tuple[tuple[str, str], ...]
) -> Built:
    """Build the tables and the map of a plan; ``units`` are the counties' codes and names."""
    stored = parts(conn, scope=scope, plan_id=plan_id, row_version=row_version)
    names = dict(units)
    stops = named(stored.with_places(), names)
    candidates = named(stored.candidates, names)
    return Built(
        stops,
        stop_rows(stops),
        route_map(stops, stored.teams),
        candidates,
        candidate_rows(candidates),
    )


def show(user: User, stored: Stored, built: Built) -> None:
    """Draw the routes of a plan; of a draft, offer what may be done to the chosen stop."""
    stops = built.stops
    key = f"visits.{stored.plan.id}.{stored.plan.row_version}"
    picked = deck.picked(f"{key}.map")
    left, right = st.columns(2)
    with right:
        row = tables.show(
            built.stop_table,
            key=f"{key}.stops.{picked.key}",
            alt="计划的停靠点",
            file_name=f"暗访计划{stored.plan.id}_停靠点",
            height=LIST_HEIGHT - 40,
            select=True,
        )
    if row is None and picked.key:
        found = stops.index[stops["ordinal"].astype(str) == picked.key]
        row = int(found[0]) if len(found) else None
    stop = None if row is None else stops.iloc[row]
    with left:
        deck.show(
            built.route_map,
            key=f"{key}.map",
            alt="路线图：每组一条线，圆内为组号和站序",
            units={},
            at=None if stop is None else (float(stop["longitude"]), float(stop["latitude"])),
        )
    if stop is None:
        can = "，可固定、换组、撤下" if stored.plan.status == "draft" else ""
        st.caption(
            "线的两端是出发地；圆内“2-3”是第 2 组的第 3 站，挨得近的放大后写出。"
            f"选中一站，看入选理由{can}。"
        )
    else:
        _show_stop(user, stored, stop, built)


def _show_stop(user: User, stored: Stored, stop: pd.Series, built: Built) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(_label(stop))} {plain(stop['county'])}{plain(stop['visited'])}**")
        st.text("\n".join(stop["reasons"] or ["没有得分理由：由抽签或指定入选。"]))
        if stored.plan.status == "draft":
            _actions(user, stored, stop, built)


def _label(stop: pd.Series) -> str:
    return f"{stop['team']}-{stop['sequence']}"


def _actions(user: User, stored: Stored, stop: pd.Series, built: Built) -> None:
    key = f"visits.stop.{stored.plan.id}.{stored.plan.row_version}.{stop['ordinal']}"
    is_held = bool(stop["pinned"])
    row = st.container(horizontal=True)
    if row.button("不再固定" if is_held else "固定在此组此日", key=f"{key}.pin"):
        stops = stored.stops.assign(
            pinned=stored.stops["pinned"].where(
                stored.stops["ordinal"] != stop["ordinal"], not is_held
            )
        )
        choosing.do(lambda: _save(user, stored, stops), "已记下，重排路线时照此安排。")
    with row.popover("换组换日"):
        _move(user, stored, stop, key)
    if stop["chosen_by"] == "must":
        st.caption("指定的地点不能撤下；要改指定的地点，请放弃草稿另建计划。")
        return
    with row.popover("换成别处"):
        _swap(user, stored, stop, key, built)
    with row.popover("撤下"):
        _drop(user, stored, stop, key)


def _move(user: User, stored: Stored, stop: pd.Series, key: str) -> None:
    days = sorted(pd.date_range(stored.plan.first_day, stored.plan.last_day))
    to_day = st.selectbox(
        "哪一天",
        days,
        days.index(stop["visit_on"]),
        format_func=lambda d: day(d.date()),
        key=f"{key}.day",
    )
    able = [
        int(team["team"])
        for team in stored.teams.to_dict("records")
        if all(officer["home_county"] != stop["county_code"] for officer in team["officers"])
    ]
    team = st.selectbox(
        "哪一组（须回避的组不在其中）",
        able,
        able.index(int(stop["team"])),
        format_func=lambda n: f"第 {n} 组",
        key=f"{key}.team",
    )
    if st.button("换过去并重排", key=f"{key}.move"):
        pin = _pin(stop["ordinal"], to_day, team)
        choosing.do(lambda: routing.solve(user, stored, pins(stored, pin)))


def _swap(user: User, stored: Stored, stop: pd.Series, key: str, built: Built) -> None:
    waiting = built.candidates
    waiting = waiting[
        ~waiting["ordinal"].isin(stored.stops["ordinal"]) & waiting["left_reason"].isna()
    ]
    names = {
        int(row["ordinal"]): f"{row['ordinal']}. {row['county']} {row['visited']}"
        for row in waiting.to_dict("records")
    }
    other = st.selectbox(
        "换成哪一处（按风险分排列）", list(names), format_func=names.__getitem__, key=f"{key}.other"
    )
    reason = _reason(stop, key, "swap")
    if st.button("换成这一处并重排", key=f"{key}.swap", disabled=other is None):
        pin = _pin(other, stop["visit_on"], stop["team"])
        choosing.do(
            lambda: _withdraw_and_solve(user, stored, stop, reason, pin),
            "已换成所选的一处并重排路线。",
        )


def _drop(user: User, stored: Stored, stop: pd.Series, key: str) -> None:
    reason = _reason(stop, key, "drop")
    st.caption("抽中的地点撤下后，由同县区的下一签补上；理由记入计划。")
    if st.button("撤下并重排", key=f"{key}.drop"):
        choosing.do(
            lambda: _withdraw_and_solve(user, stored, stop, reason, None), "已撤下并重排路线。"
        )


def _reason(stop: pd.Series, key: str, what: str) -> str:
    return st.text_input(
        f"撤下的理由（至少 {LEAST_REASON} 个字）", key=f"{key}.{what}.reason", max_chars=200
    )


def _withdraw_and_solve(
    user: User, stored: Stored, stop: pd.Series, reason: str, pin: pd.DataFrame | None
) -> None:
    visit_plan_changes.withdraw(user, stored.plan.id, int(stop["ordinal"]), reason)
    now = read(user, stored.plan.id)
    if now is None:
        raise PlanError("这个计划已不在了，请从上面另选一个。")
    stays = now._replace(stops=now.stops[now.stops["ordinal"] != stop["ordinal"]])
    routing.solve(user, stays, pins(stays, pin))


def _save(user: User, stored: Stored, stops: pd.DataFrame) -> Any:
    return visit_plan_changes.save_stops(user, stored.plan.id, stops, stored.plan.row_version)


def _pin(ordinal: Any, visit_on: Any, team: Any) -> pd.DataFrame:
    pin = pd.DataFrame({"ordinal": [ordinal], "visit_on": [visit_on], "team": [team]})
    return pin.astype(_NO_PINS)


def pins(stored: Stored, another: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the stops that stay where they are, and one more."""
    held = stored.stops.loc[stored.stops["pinned"], list(_NO_PINS)]
    if another is not None:
        held = held[~held["ordinal"].isin(another["ordinal"])]
    return pd.concat([held, *([] if another is None else [another])], ignore_index=True).astype(
        _NO_PINS
    )


def explain(plan: Plan) -> None:
    """Say what the routes could not do; what is more than three sentences on demand."""
    said = [plain(sentence) for sentence in (plan.routing or {}).get("explained", [])]
    for sentence in said[:EXPLAINED]:
        st.warning(sentence, icon=":material/info:")
    if len(said) > EXPLAINED:
        with st.expander(f"还有 {len(said) - EXPLAINED} 条说明"):
            for sentence in said[EXPLAINED:]:
                st.write(sentence)


def show_left_out(user: User, stored: Stored, built: Built) -> None:
    """List the candidates that the routes could not take in, and why.

    One that the lot fell on and that no route reaches must leave for a reason before the plan can
    be sealed.
    """
    why: dict[str, str] = (stored.plan.routing or {}).get("left_out", {})
    rows = built.candidates
    rows = rows[rows["ordinal"].astype(str).isin(list(why)) & rows["left_reason"].isna()]
    if rows.empty:
        return
    # Those that the lot fell on stand first: the plan cannot be sealed before they are explained.
    is_drawn = rows["drawn_order"] <= int(stored.plan.parameters["stops_by_lot"])
    rows = rows.assign(later=~is_drawn.fillna(value=False)).sort_values(["later", "rank"])
    title = "没有排入的地点及原因（抽中的在前，其余列出分高的 200 处）"
    # Open as it was left: what is said of a click within must not be hidden.
    with st.expander(title, key=f"visits.left_out.{stored.plan.id}", on_change="rerun"):
        key = f"visits.left_out.{stored.plan.id}.{stored.plan.row_version}"
        rows = rows.assign(why=rows["ordinal"].astype(str).map(why)).reset_index(drop=True)
        row = tables.show(
            table(
                rows.assign(drawn=rows["drawn_order"]),
                ["rank", "short_name", "visited", "score", "drawn", "why"],
                wide=["visited", "why"],
            ),
            key=key,
            alt="没有排入的候选地点，选中一行可写明理由撤出",
            file_name=f"暗访计划{stored.plan.id}_未排入",
            height=300,
            select=stored.plan.status == "draft",
        )
        if row is not None and not rows["must"].iloc[row]:
            _drop(user, stored, rows.iloc[row], f"{key}.{rows['ordinal'].iloc[row]}")
