"""Fails in every way a page can: in the script, in a callback, in a fragment, in a download."""

import os

import streamlit as st

from ui import errors

UNSEEN = os.environ["UNSEEN"]


def fail(*_args: object) -> bytes:
    """Fail with what nobody may read."""
    raise ValueError(UNSEEN)


@st.fragment
def piece() -> None:
    """Draw a part of the page that runs by itself."""
    if st.button("片段"):
        fail()


with errors.told():
    st.title("出错的页面")
    st.button("回调", on_click=fail)
    piece()
    st.download_button("下载", data=fail, file_name="a.csv", on_click="ignore")
    if st.button("页面"):
        fail()
