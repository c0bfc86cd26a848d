"""材料报送 on screen: the wall of the season, the lists, and putting on record what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import submissions as judgement
from analysis.submissions import State
from data_access import clock, reference, submissions
from data_access.accounts import Permission, User
from data_access.scope import Scope
from data_access.submissions import LONGEST_FILE_NAME, Sent, digest
from ui import filters, saving, tables
from ui.charts import submissions as charts
from ui.charts.base import spec
from ui.filters import Filters
from ui.formatting import day, day_of_week, plain
from ui.load import load
from ui.tables import Table, table

# Which rows the list of the city holds, as addresses name them.
ROWS: Final = {
    "owing": "未报、迟报和待报",
    "shares": "各县区按时率",
    "all": "全部材料",
    "besides": "方案外另报",
}
LIST_HEIGHT: Final = 300
OWN_HEIGHT: Final = 470
NOT_KEPT: Final = (
    "这里只登记文件名和文件摘要（SHA-256），文件本身不保存，以后凭摘要可核对是不是同一份文件。"
    "材料仍按方案报送市“双减”办邮箱。"
)
_SAID: Final = "submissions.said"
_LOOKING_BACK: Final = timedelta(days=7)
_STATES: Final = {
    State.AHEAD: "未到期",
    State.DUE: "待报",
    State.SENT: "按时",
    State.LATE: "迟报",
    State.MISSING: "逾期未报",
}
_OWING: Final = [str(state) for state in (State.MISSING, State.DUE, State.LATE)]


class View(NamedTuple):
    """What the page says of the counties chosen; ``wall`` as Vega-Lite.

    ``counted`` says how much was due, and of it sent in time, late and not at all.
    """

    headline: str
    counted: str
    wall: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """One document that a county may put on record, and what is on record of it."""

    document: str
    period: str
    state: str
    submitted_on: date | None = None
    file_name: str | None = None
    sha256: str | None = None
    row_version: int | None = None


def build(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> View:
    """Judge the season and draw its wall."""
    rows, _sent, _calendar = _season(conn, scope=scope, as_of=as_of)
    units = rows["county_code"].nunique()
    says = judgement.headline if units == 1 else judgement.city_headline
    return View(
        says(rows, as_of=as_of),
        judgement.counted(judgement.punctuality(rows), as_of=as_of),
        spec(charts.season(rows, as_of=as_of)),
    )


def build_list(conn: Any, *, scope: Scope, as_of: date, rows: str, **_: Any) -> Table:
    """List what ``rows`` names."""
    judged, sent, calendar = _season(conn, scope=scope, as_of=as_of)
    if rows == "shares":
        return share_table(judgement.punctuality(judged))
    if rows == "besides":
        return _besides(judgement.besides(sent, calendar, as_of=as_of), as_of)
    if rows == "owing":
        judged = judged[judged["state"].isin(_OWING)]
    key = ["county_code", "document", "period"]
    held = sent[[*key, "file_name", "sha256", "recorded_on"]]
    listed = judged.merge(held, how="left", on=key).reset_index(drop=True)
    return _documents(listed, as_of, one_county=False)


def build_own(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> Table:
    """List every document of one county, and what it sent besides."""
    judged, sent, calendar = _season(conn, scope=scope, as_of=as_of)
    key = ["county_code", "document", "period"]
    held = ["file_name", "sha256", "recorded_on"]
    rows = judged.merge(sent[[*key, *held]], how="left", on=key)
    others = judgement.besides(sent, calendar, as_of=as_of)
    more = others[[*key, "county", "due_on", "submitted_on", *held]].assign(state="", days_late=0)
    everything = pd.concat([rows, more], ignore_index=True)
    # What is still to be sent stands first; all else as the calendar has it.
    is_owing = everything["state"].isin([str(state) for state in judgement.OWING])
    order = [*everything.index[is_owing], *everything.index[~is_owing]]
    return _documents(everything.loc[order].reset_index(drop=True), as_of, one_county=True)


def build_documents(
    conn: Any, *, scope: Scope, as_of: date, today: date, **_: Any
) -> tuple[Document, ...]:
    """Return what one county may put on record, the most urgent first, as on record ``today``.

    The state is that of ``as_of``.
    """
    judged, _sent, _calendar = _season(conn, scope=scope, as_of=as_of)
    held = submissions.submissions(conn, scope=scope, as_of=today)
    known = {(row["document"], row["period"]): row for row in held.to_dict("records")}
    cases = judged[judged["document"] == "case"]
    second = cases.assign(period=cases["period"] + "-2", state="")
    order = [str(state) for state in (State.MISSING, State.DUE, State.AHEAD)]
    rank = {state: place for place, state in enumerate([*order, "", State.LATE, State.SENT])}
    rows = pd.concat([judged, second]).sort_values(
        "state", key=lambda states: states.map(rank), kind="stable"
    )
    made = []
    for row in rows.to_dict("records"):
        one = Document(row["document"], row["period"], row["state"])
        held_of = known.get((one.document, one.period))
        if held_of is not None:
            sent_on = held_of["submitted_on"]
            one = replace(
                one,
                submitted_on=None if pd.isna(sent_on) else sent_on.date(),
                file_name=_known(held_of["file_name"]),
                sha256=_known(held_of["sha256"]),
                row_version=held_of["row_version"],
            )
        made.append(one)
    return tuple(made)


def show(user: User, chosen: Filters) -> None:
    """Draw the page: of one county its list and the form, else the wall of the season."""
    saving.told(_SAID)
    if user.may(Permission.SUBMISSION_RECORD):
        _show_own(user, chosen)
    else:
        _show_city(user, chosen)


def _show_city(user: User, chosen: Filters) -> None:
    whole = load(build, user, chosen)
    top = st.container()
    wall = st.vega_lite_chart(
        whole.wall, on_select="rerun", key="submissions.wall", alt="各县区各期材料的报送情况"
    )
    focused = filters.focus(chosen, wall)
    with top:
        _say(load(build, user, focused))
    rows = filters.one_of("名单", ROWS, key="rows")
    listed = load(build_list, user, focused, rows=rows)
    if listed.empty:
        st.info(f"没有{ROWS[rows]}的材料。")
        return
    tables.show(
        listed,
        key=f"submissions.{rows}",
        file_name=f"材料报送-{ROWS[rows]}",
        alt=f"材料报送：{ROWS[rows]}",
        height=LIST_HEIGHT,
    )


def _say(view: View) -> None:
    st.subheader(plain(view.headline), anchor=False)
    st.caption(plain(view.counted))


def _show_own(user: User, chosen: Filters) -> None:
    _say(load(build, user, chosen))
    left, right = st.columns([5, 3], gap="medium")
    with right:
        _record(user, chosen, load(build_documents, user, chosen, today=clock.today()))
    with left:
        tables.show(
            load(build_own, user, chosen),
            key="submissions.own",
            file_name="材料报送",
            alt="本县区的材料报送",
            height=OWN_HEIGHT,
        )


def _record(user: User, chosen: Filters, documents: Sequence[Document]) -> None:
    """Put on record that a document was sent, mend the record, or take it back."""
    if not documents:
        return
    beside = chosen.as_of
    one = st.selectbox(
        "登记哪一份",
        documents,
        format_func=lambda each: _called(each, beside),
        help="按缓急排列：逾期未报的在前，已报的在后。已报的可以更正。",
    )
    # Known by its row version: a click on what has changed since does nothing.
    key = f"submission.{one.document}.{one.period}.{one.row_version}"
    is_sent = one.submitted_on is not None
    if is_sent:
        st.caption(
            plain(f"已登记：{day(one.submitted_on)}报送，文件 {one.file_name or '未登记文件名'}。")
        )
    today = clock.today()
    with st.form(key, border=True):
        file = st.file_uploader("报送的文件" + ("（不换文件可不选）" if is_sent else ""))
        on = st.date_input(
            "报送日期", one.submitted_on or _first_day(beside), max_value=today, format="YYYY-MM-DD"
        )
        pressed = st.form_submit_button("保存更正" if is_sent else "登记报送", type="primary")
    st.caption(NOT_KEPT)
    if pressed:
        name = file.name[-LONGEST_FILE_NAME:] if file is not None else one.file_name or ""
        content = digest(file.getvalue()) if file is not None else one.sha256 or ""
        if not isinstance(on, date):
            st.error("请选择报送日期。", icon=":material/error:")
            return
        sent = Sent(one.document, one.period, on, name, content)
        later = f"统计日期是 {day(beside)}，之后报送的本页不计。" if on > beside else ""
        saving.save(
            _SAID,
            lambda: submissions.record(user, sent, row_version=one.row_version),
            f"已登记：{judgement.title(one.document, one.period, beside=beside)}，"
            f"{day_of_week(on, beside=beside)}报送，文件 {name}。"
            f"{later}{_same_file(documents, one, content, beside)}",
        )
    version = one.row_version
    if is_sent and version is not None:
        with st.popover("撤回这份登记", type="tertiary"):
            st.write("撤回后按未报送统计，原来的登记仍留存。")
            if st.button("确认撤回", key=f"{key}.back"):
                saving.save(
                    _SAID,
                    lambda: submissions.take_back(
                        user, one.document, one.period, row_version=version
                    ),
                    f"已撤回：{judgement.title(one.document, one.period, beside=beside)}。",
                )


def _called(one: Document, beside: date) -> str:
    title = judgement.title(one.document, one.period, beside=beside)
    return f"{title} · {_STATES[State(one.state)]}" if one.state else f"{title} · 可另报"


def _same_file(documents: Sequence[Document], one: Document, sha256: str, beside: date) -> str:
    """Return a warning where the file is already on record as another document; else nothing."""
    others = [
        judgement.title(each.document, each.period, beside=beside)
        for each in documents
        if each.sha256 == sha256 and (each.document, each.period) != (one.document, one.period)
    ]
    if not others:
        return ""
    return f"这个文件已登记为{'、'.join(others)}（文件摘要相同），请核对是否选错了文件或材料。"


def _first_day(as_of: date) -> date:
    """Return the day that the form begins with: today, or the day looked back at."""
    today = clock.today()
    return today if today - as_of < _LOOKING_BACK else as_of


def share_table(counts: pd.DataFrame) -> Table:
    """List each county's share of what came in time; ``counts`` is ``punctuality``."""
    rows = counts.assign(
        on_time_written=[
            judgement.on_time_share(on_time, due)
            for on_time, due in zip(counts["on_time"], counts["due"], strict=True)
        ],
        late_documents=counts["late"],
        missing_documents=counts["missing"],
        due_documents=counts["due"],
    )
    return table(
        rows,
        [
            *("county", "on_time_written", "due_documents", "late_documents"),
            "missing_documents",
        ],
    )


def _season(
    conn: Any, *, scope: Scope, as_of: date
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what is judged, what was sent, and the calendar."""
    campaign = reference.newest_campaign(conn)
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
        dtype="str",
    )
    calendar = judgement.expected(campaign.starts_on, campaign.ends_on)
    sent = submissions.submissions(conn, scope=scope, as_of=as_of)
    return judgement.judged(sent, units, calendar, as_of=as_of), sent, calendar


def _documents(rows: pd.DataFrame, as_of: date, *, one_county: bool) -> Table:
    shown = rows.assign(
        document_title=[
            judgement.title(document, period, beside=as_of)
            for document, period in zip(rows["document"], rows["period"], strict=True)
        ],
        submission_due=rows["due_on"],
        submission_state=[
            _state_words(state, days)
            for state, days in zip(rows["state"], rows["days_late"], strict=True)
        ],
    )
    columns = [
        *("document_title", "submission_state", "submission_due", "submitted_on", "file_name"),
        *("recorded_on", "sha256"),
    ]
    return table(shown, columns if one_county else ["county", *columns], wide=["file_name"])


def _state_words(state: str, days_late: int) -> str:
    if not state:
        return "方案外另报"
    return _STATES[State(state)] + (f" {days_late} 天" if days_late else "")


def _besides(rows: pd.DataFrame, as_of: date) -> Table:
    shown = rows.assign(
        document_title=[
            judgement.title(document, period, beside=as_of)
            for document, period in zip(rows["document"], rows["period"], strict=True)
        ],
    )
    columns = ["county", "document_title", "submitted_on", "file_name", "recorded_on", "sha256"]
    return table(shown, columns, wide=["file_name"])


def _known(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
