"""会议简报: the meeting on paper, what it decided, and what was frozen for it and is known now."""

import streamlit as st

from data_access.accounts import Permission
from ui import decisions, filters, freezing, meeting, paper
from ui.formatting import plain
from ui.session import require

user = require(Permission.BRIEFING_VIEW)
chosen = filters.shared(user)
basis = meeting.choose_basis()
view = meeting.written(user, chosen, basis)
if view is None:
    st.info(plain(meeting.not_frozen(chosen)))
else:
    paper.offer(view)
decisions.show(user, chosen)
freezing.show(user, chosen)
if view is not None:
    paper.show(view)
