"""全市总览: what is worth a decision today, the six figures, every county beside the others."""

from types import SimpleNamespace

import streamlit as st

from data_access import inspections
from data_access.accounts import Permission
from ui import cards, concerns, filters, meeting, overview, presenting, tables
from ui.formatting import plain
from ui.load import load
from ui.rows import inspection_rows
from ui.session import require

ALL, WEEK = "各县区一览", "本周检查"
TABLE = "overview.counties"


def build(conn, **asked):
    """Judge a day and lay it out; nothing where its week was not frozen."""
    known = meeting.judged(conn, **asked)
    if known is None:
        return None
    counties = known.counties
    return SimpleNamespace(
        headline=overview.headline(known),
        concerns=known.found,
        cards=overview.cards(known.figures),
        fees=overview.fee_links(known),
        counties=overview.county_table(counties),
        names=dict(zip(counties["county_code"], counties["county"], strict=True)),
    )


def build_inspections(conn, **asked):
    """List the inspections of the week."""
    return inspection_rows(inspections.inspections_of_week(conn, **asked))


user = require(Permission.OVERVIEW_VIEW)
if presenting.is_on(user):
    asked = filters.from_address(user)
    presenting.show(meeting.written(user, asked, meeting.basis_of_address()), asked)
    st.stop()
chosen = filters.shared(user)
basis = meeting.choose_basis()
signs = meeting.standing_out(user, chosen, basis)
everything = load(build, user, chosen, basis=basis, signs=signs)
if everything is None:
    st.info(plain(meeting.not_frozen(chosen)))
    st.stop()
focused = filters.narrowed(
    chosen, everything.counties, tables.chosen_row(everything.counties, key=TABLE)
)
view = everything
if focused != chosen:
    signs = meeting.standing_out(user, focused, basis)
    view = load(build, user, focused, basis=basis, signs=signs)
address = filters.address(user, focused)

with st.container(horizontal=True):
    st.subheader(plain(view.headline), anchor=False)
    presenting.begin_button()
concerns.show(view.concerns, address, view.names)
if cards.show(view.cards, address):
    rows = load(build_inspections, user, focused)
    tables.show(rows, key="overview.inspections", file_name=WEEK, alt=WEEK, height=420)
else:
    overview.show_fees(view.fees, address)
    tables.show(everything.counties, key=TABLE, file_name=ALL, alt=ALL, select=True)
