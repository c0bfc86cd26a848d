"""账号: who may sign in and as what; changed here, and each change logged."""

import streamlit as st

from data_access.accounts import Permission
from ui import access_log, accounts, tables
from ui.session import require

user = require(Permission.ACCOUNT_MANAGE)

accounts.told()
everyone = accounts.everyone(user)
left, right = st.columns([5, 3], gap="medium")
with right:
    chosen = accounts.choose(everyone)
    accounts.edit(user, chosen)
    if chosen is not None:
        accounts.stop(user, chosen)
with left:
    st.subheader(accounts.headline(everyone), anchor=False)
    tables.show(
        accounts.account_table(everyone),
        key="accounts.all",
        file_name="账号",
        alt="账号",
        height=353 if chosen else 563,
    )

if chosen is not None:
    history = access_log.of_account(user, chosen.email)
    st.subheader(access_log.headline_of_account(len(history.frame)), anchor=False)
    if history.empty:
        st.info("还没有记录。")
    else:
        tables.show(
            history,
            key="accounts.history",
            file_name="账号访问记录",
            alt="账号访问记录",
            height=318,
        )
