"""登记覆盖: how far registration on the national platform is, and what holds it up."""

from types import SimpleNamespace

import streamlit as st

from analysis import registration as judgement
from data_access import reference, registration
from data_access.accounts import Permission
from ui import filters, formatting, row_corrections
from ui import registration as screen
from ui.charts import registration as charts
from ui.charts.base import spec
from ui.load import load
from ui.session import require

TARGET = 1.0  # 全覆盖


def build(conn, **asked):
    """Count, project and draw."""
    ends_on = reference.newest_campaign(conn).ends_on
    course = registration.coverage_on_days(conn, **asked)
    subject = registration.coverage_on_days(conn, **asked, weeks=1, subject=True)
    projected = judgement.projection(course, ends_on=ends_on)
    city = judgement.city_course(course)
    return SimpleNamespace(
        headline=judgement.headline(
            city, projected, where=reference.scope_name(conn, scope=asked["scope"]), ends_on=ends_on
        ),
        bars=spec(charts.coverage_bars(projected, target=TARGET, ends_on=ends_on)),
        choropleth=spec(charts.coverage_map(projected)),
        course=spec(charts.coverage_course(city, target=TARGET)),
        funnel=spec(charts.funnel_bars(registration.funnel(conn, **asked))),
        notes=f"{judgement.qualified_note(city)}{judgement.subject_note(subject)}",
        total=int(city["in_operation"].iloc[-1]),
        units=len(projected),
    )


user = require(Permission.REGISTRATION_VIEW)
chosen = filters.shared(user)
whole = load(build, user, chosen)
if not whole.total:  # a picture of nothing says less than the sentence
    st.info(formatting.plain(f"{whole.headline}{whole.notes}请换一个统计日期、县区或类别。"))
    st.stop()
top = st.container()
left, right = st.columns([11, 9])
bars = left.vega_lite_chart(
    spec=whole.bars, on_select="rerun", key="coverage.bars", alt="各县区登记覆盖率，由低到高"
)
county_map = right.vega_lite_chart(
    spec=whole.choropleth, on_select="rerun", key="coverage.map", alt="各县区登记覆盖率地图"
)
focused = filters.focus(chosen, bars, county_map)
view = load(build, user, focused) if focused != chosen else whole
top.subheader(formatting.plain(view.headline), anchor=False)
listing, beside = st.columns([3, 2])
with listing:
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    listed = load(screen.build_list, user, focused, rows=rows)
    institution = screen.show_list(listed, rows, asked=focused)
    st.caption(formatting.plain(view.notes))
under = left if whole.units == 1 else beside  # a single bar leaves room for the funnel
under.vega_lite_chart(spec=view.funnel, key="coverage.funnel", alt="从排查到登记的四个环节")
beside.vega_lite_chart(spec=view.course, key="coverage.course", alt="登记覆盖率的每周进展")
row_corrections.show_institution(user, institution)
