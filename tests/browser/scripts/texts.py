"""Every hostile text in every element that reads Markdown, as the dashboard's pages draw text."""

import streamlit as st

from tests.hostile import HOSTILE
from ui.formatting import plain

SHOWN = 200  # letters


def draw() -> None:
    """The page itself, so that links have a page to lead to."""


page = st.navigation([st.Page(draw, title="文字")])
page.run()
for name, text in HOSTILE.items():
    words = plain(text[:SHOWN])
    with st.container(key=f"text-{name}"):
        st.markdown(words)
        st.markdown(f"**{words}**：全部经过")
        st.caption(words)
        st.subheader(words, anchor=False)
        st.info(words)
        st.markdown(f":red[{words}]")
        st.metric(words, "1")
        st.button(words, key=f"button-{name}")
        st.page_link(page, label=words)
        st.expander(words).write("　")
        st.checkbox(words, key=f"checkbox-{name}")
        st.segmented_control("　", [words], key=f"control-{name}", label_visibility="collapsed")
    with st.container(key=f"raw-{name}"):  # as if somebody had forgotten
        st.markdown(text[:SHOWN])
        st.button(text[:SHOWN], key=f"raw-button-{name}")
