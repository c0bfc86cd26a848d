"""The list of who can be sent: kept on the page of plans."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from data_access import officers
from data_access.accounts import User
from ui import tables
from ui.load import fresh
from ui.tables import table
from ui.visits import choosing

NOWHERE: Final = "无须回避"


def everyone(user: User) -> pd.DataFrame:
    """Return all officers, those who are not to be sent at present too."""
    return fresh(officers.officers, user, {"scope": user.scope})


def show(user: User, everyone: pd.DataFrame, units: dict[str, str]) -> None:
    """List the officers, with who can be added and who is not to be sent for a while."""
    active = int(everyone["active"].sum())
    title = f"检查人员：可派 {active} 人，共 {len(everyone)} 人"
    # Open as it was left: what is said of a click within must not be hidden.
    with st.expander(title, key="visits.officers.open", on_change="rerun"):
        left, right = st.columns([3, 2])
        with left:
            row = tables.show(
                table(
                    everyone.assign(
                        officer=everyone["name"],
                        home=everyone["home_county"].map(units).fillna(NOWHERE),
                        may_be_sent=everyone["active"],
                    ),
                    ["officer", "department", "home", "may_be_sent"],
                ),
                key="visits.officers",
                alt="检查人员，选中一行可改",
                file_name="检查人员",
                height=320,
                select=True,
            )
        with right:
            _edit(user, None if row is None else everyone.iloc[row], units)


def _edit(user: User, one: pd.Series | None, units: dict[str, str]) -> None:
    key = "visits.officer.new" if one is None else f"visits.officer.{one['id']}"
    codes = [None, *units]
    home = None if one is None or pd.isna(one["home_county"]) else str(one["home_county"])
    with st.form(key, border=False):
        st.write("新增一人" if one is None else "修改")
        name = st.text_input("姓名", "" if one is None else one["name"], max_chars=64)
        department = st.text_input("部门", "" if one is None else one["department"], max_chars=64)
        county = st.selectbox(
            "回避县区（本人户籍或常住地）",
            codes,
            index=codes.index(home),
            format_func=lambda code: NOWHERE if code is None else units[code],
        )
        sent = st.form_submit_button("保存")
    number = None if one is None else int(one["id"])
    if sent:
        choosing.do(
            lambda: officers.save(
                user, officer_id=number, name=name, department=department, home_county=county
            ),
            "人员名单已保存。",
        )
    if one is not None and number is not None:
        is_active = bool(one["active"])
        if st.button("暂不派出" if is_active else "恢复派出", key=f"{key}.active"):
            choosing.do(
                lambda: officers.set_active(user, number, active=not is_active),
                "人员名单已保存。",
            )
