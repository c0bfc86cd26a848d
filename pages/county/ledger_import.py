"""台账导入: files are understood, shown, confirmed, and only then written."""

import streamlit as st

from data_access import batches
from data_access.accounts import Permission
from ui import ledger_import, tables
from ui.formatting import plain
from ui.load import fresh, run
from ui.session import require


def build_history(conn, *, scope, latest):
    """List the files that came in, up to the ``latest``: each new one makes a new list."""
    return ledger_import.batch_table(batches.import_batches(conn, scope=scope))


user = require(Permission.LEDGER_IMPORT)
values = user.may(Permission.LEDGER_IMPORT_VALUES)

request = ledger_import.ask(user)
if request.files:
    tried = ledger_import.tried(request)
    for place, imported in enumerate(tried):
        ledger_import.show_understanding(place, imported, values=values)
    if ledger_import.is_confirmed(tried):
        ledger_import.confirm(request)
else:
    ledger_import.show_results(ledger_import.done(), values=values)

st.subheader("导入记录", anchor=False)
scope = user.import_scope
latest = fresh(batches.latest_batch, user, {"scope": scope})
history = run(build_history, user, {"scope": scope, "latest": latest})
if history.empty:
    st.info("还没有导入过文件。选好台账种类，把文件拖到上面的框里即可。")
else:
    row = tables.show(
        history,
        key="ledger_import.history",
        file_name="导入记录",
        alt="导入记录",
        height=320,
        select=True,
    )
    if row is not None:
        batch_id = int(history.frame["id"].iloc[row])
        asked = {"scope": scope, "batch_id": batch_id, "values": values}
        problems = run(batches.import_problems, user, asked)
        st.subheader(f"问题：{plain(history.frame['file_name'].iloc[row])}", anchor=False)
        if problems.empty:
            st.info("这个文件没有问题。")
        else:
            tables.show(
                ledger_import.problem_table(problems, values=values),
                key="ledger_import.problems",
                file_name="导入问题",
                alt="导入问题",
                height=300,
            )
