"""底数比对: the ledger held against the lists of six sources, pair by pair and as a whole."""

import streamlit as st

from data_access.accounts import Permission
from ui import filters
from ui import reconciliation as screen
from ui import reconciliation_deciding as deciding
from ui.formatting import plain
from ui.load import load
from ui.session import require

user = require(Permission.RECONCILIATION_VIEW)
chosen = filters.shared(user)
view = load(screen.build, user, chosen)
st.subheader(plain(view.headline), anchor=False)
wide, narrow = st.columns([11, 9], gap="medium")
with wide:
    if user.may(Permission.RECONCILIATION_DECIDE):
        deciding.show_queue(view, user, chosen)
    else:
        screen.show_counties(view)
with narrow:
    screen.show_agreement(view, chosen)
name, row = screen.choose_list(view, user)
deciding.act_on(name, row, user)
