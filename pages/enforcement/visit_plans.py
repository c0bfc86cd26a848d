"""暗访计划: places by evidence and by lot, officers by lot, routes, sealed before anybody goes."""

import streamlit as st

from analysis import visit_plans as judgement
from data_access import reference
from data_access.accounts import Permission
from data_access.visit_writing import log_name
from ui import downloads, filters, tables
from ui.formatting import plain
from ui.load import load, run
from ui.session import require
from ui.visits import asking, board, choosing, closing, drafting, officers, routing
from ui.visits.stored import read

user = require(Permission.VISIT_PLAN)
chosen = filters.shared(user)
units = {unit.code: unit.name for unit in run(reference.counties, user, {"scope": user.scope})}
choosing.told()
left, right = st.columns([2, 5], vertical_alignment="center")
with left:
    plan_id = choosing.choose(user, new=True)
stored = None if plan_id is None else read(user, plan_id)
# What is taken away here no filter narrows; and in the log it would tell which counties are meant.
downloads.begin_run("暗访计划" if plan_id is None else log_name(plan_id))

if stored is None:
    everyone = officers.everyone(user)
    scored = load(drafting.scored, user, chosen)
    right.subheader(judgement.before_drawing(scored), anchor=False)
    if scored.empty:
        st.info("先在“台账导入”中导入机构台账和举报线索；或放宽县区、机构类别和统计日期。")
        st.stop()
    wanted = asking.ask(chosen, scored, everyone, units)
    if wanted is not None:
        held = drafting.booked(user, wanted)
        frame = drafting.frame_of(user, chosen, wanted, held)
        choosing.do(
            lambda: drafting.draft(user, chosen, wanted, frame, everyone, held, units),
            judgement.set_aside(frame, wanted.leave_out_days),
            go_to=lambda number: number,
        )
    officers.show(user, everyone, units)
    st.stop()

plan = stored.plan
days = (plan.first_day, plan.last_day)
said = judgement.headline(plan.id, plan.status, days, stored.stops, len(stored.teams))
right.subheader(plain(said), anchor=False)
choosing.tell_of_changes(plan)
with st.container(horizontal=True):
    if plan.status == "draft":
        label = "排路线" if stored.stops.empty else "重排路线"
        key = f"visits.route.{plan.id}.{plan.row_version}"
        if st.button(label, type="primary", icon=":material/route:", key=key):
            choosing.do(lambda: routing.solve(user, stored, board.pins(stored)))
        closing.draft(user, stored)
    else:
        closing.sheets(stored, units)
board.explain(plan)
asked = {"scope": user.scope, **stored.version, "units": tuple(units.items())}
built = run(board.build, user, asked)
if not stored.stops.empty:
    board.show(user, stored, built)
st.text("\n".join(judgement.team_sentences(stored.teams, units)))
board.show_left_out(user, stored, built)
st.subheader("候选地点与得分理由", anchor=False)
tables.show(
    built.candidate_table,
    key=f"visits.candidates.{plan.id}",
    alt="候选地点",
    file_name=f"暗访计划{plan.id}_候选",
    height=420,
)
