"""暗访结果: what was found, entered stop by stop; whether the choosing was any good."""

import streamlit as st

from analysis import visit_results as judgement
from data_access.accounts import Permission
from ui import filters, tables
from ui.charts.base import spec
from ui.charts.visits import arm_bars
from ui.formatting import plain
from ui.load import run
from ui.session import require
from ui.visits import choosing, coverage, recording
from ui.visits.stored import read

user = require(Permission.VISIT_RESULT_VIEW)
choosing.begin()
chosen = filters.shared(user)
choosing.told()
results = recording.current(user, chosen.as_of)
left, right = st.columns([2, 3], gap="medium")
if user.may(Permission.VISIT_RECORD):
    with left:
        plan_id = choosing.choose(user, new=False)
        stored = None if plan_id is None else read(user, plan_id)
        if stored is None:
            st.info("还没有封存的暗访计划。请先在“暗访计划”中排好路线并封存。")
        elif stored.plan.status == "sealed":
            entered = recording.current(user)
            recording.enter(user, stored.plan, entered)
            recording.release(user, stored.plan, entered)
with right if user.may(Permission.VISIT_RECORD) else st.container():
    st.subheader(plain(judgement.headline(results)), anchor=False)
    if results.empty:
        st.info("登记的结果列在这里：命中率、查到什么、哪些县区和机构还没有人去过。")
    else:
        arms = judgement.arms(results)
        if any(arm.checked for arm in arms):
            bars = spec(arm_bars(arms))
            st.vega_lite_chart(bars, alt="各种选法的命中率及区间", key="visits.arms")
        recording.show_arms(arms)
        st.caption("命中率 = 发现违规 ÷ 已查，闭门未开不计；图中横线为 95% 区间。")
        tables.show(
            recording.result_rows(results),
            key="visits.results",
            alt="暗访结果",
            file_name="暗访结果",
            height=320,
        )
asked = {"scope": user.scope, "as_of": chosen.as_of, "categories": chosen.categories}
coverage.show(run(coverage.build, user, {**asked, "counties": chosen.counties}))
