"""The lists of refund disputes, as the page shows them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from ui.refunds import dispute_rows

THURSDAY = date(2022, 8, 25)
OPENED = date(2022, 8, 11)
DISPUTE = {
    "dispute_id": 1,
    "dispute_no": "TF-1",
    "county": "柳北区",
    "institution_name": "甲",
    "opened_on": OPENED,
    "students": 1,
    "amount_yuan": 100.0,
    "refunded_yuan": None,
    "state": "resolved",
    "route": "refund",
    "plan_in_place": None,
    "standard_contract": None,
}


def test_days_of_a_dispute_resolved_before_it_was_opened_are_not_made_up() -> None:
    rows = pd.DataFrame(
        [
            DISPUTE | {"dispute_no": "TF-3", "resolved_on": date(2022, 8, 10)},
            DISPUTE | {"dispute_no": "TF-2", "resolved_on": OPENED},
            DISPUTE | {"resolved_on": None},
        ]
    )
    days = dict.fromkeys(("opened_on", "resolved_on"), "datetime64[s]")

    found = dispute_rows(rows.astype(days), as_of=THURSDAY)

    assert found.frame["waiting_days"].tolist() == [pd.NA, 0, 14]
