"""Close-out (销号) takes two people: what a file may say of an item's state.

The rectifications ledger holds an item's current state; the events ledger is its
history and never changes the state. ``closed_on`` belongs to a closed item: it is not
stored with any other state.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from data_access.ledgers.draft import Draft, Mask, choose, is_below, present

# What a closed item was closed by: a county account's file does not touch it.
_CLOSE_OUT: Final = ("status", "closed_on", "evidence", "verified_by", "public_accepted")
_SEPARATORS: Final = re.compile(r"[\s、，,；;/和]+")


def judge_item(draft: Draft) -> None:
    """Reject items that are closed without what closing takes; keep a county's hands off.

    In a county account's file 已销号 becomes 申请销号, neither 销号日期 nor 复核人 is
    stored, 申请销号 takes evidence as it does on the page, 退回 and 重新整改 are refused
    unless they stand so already, and an item that is closed stays as it was closed.
    """
    if draft.sender.is_county_account:
        _keep_close_out_to_the_supervisor(draft)
    status, closed_on = draft.merged["status"], draft.merged["closed_on"]
    closed = status == "closed"
    _require(draft, closed)
    draft.warn_if_before("closed_on", "opened_on", closed)
    draft.warn_if_before("due_on", "opened_on")
    stated = present(draft.column("closed_on")) & ~closed & present(status)
    if not draft.sender.is_county_account:
        draft.warn(stated, "closed_on", "整改状态不是已销号，销号日期未存入")
    # What a reopened item says of its closing is still part of its history.
    draft.given["stated_closed_on"] = choose(stated & (status == "reopened"), closed_on)
    draft.merged["closed_on"] = choose(closed, closed_on)


def _require(draft: Draft, closed: Mask) -> None:
    merged = draft.merged
    draft.reject(
        closed & ~present(merged["closed_on"]), "closed_on", "整改状态为已销号的，须填销号日期"
    )
    draft.reject(
        closed & ~present(merged["evidence"]), "evidence", "整改状态为已销号的，须填佐证材料"
    )
    draft.reject(
        closed & ~present(merged["verified_by"]), "verified_by", "整改状态为已销号的，须填复核人"
    )
    draft.reject(
        closed & (merged["source"] == "report") & (merged["public_accepted"] != True),  # noqa: E712
        "public_accepted",
        "问题来源为举报的，群众认可为“是”方可销号",
    )
    newly = closed & (~draft.known | draft.differs("status") | draft.differs("verified_by"))
    same = np.zeros(draft.length, dtype=bool)
    submitters, verifiers = draft.column("submitter"), merged["verified_by"]
    for at in np.flatnonzero(newly & present(submitters) & present(verifiers)):
        submitter = people(submitters[at])
        same[at] = people(verifiers[at]) <= submitter or draft.sender.email in submitter
    draft.reject(same, "verified_by", "复核人不得是申请销号的经办人。请由另一人复核后再销号")


def people(text: str) -> frozenset[str]:
    """Return the names in a cell that may hold several."""
    return frozenset(filter(None, _SEPARATORS.split(text)))


def _keep_close_out_to_the_supervisor(draft: Draft) -> None:
    status, was = draft.merged["status"], draft.was("status")
    was_closed = was == "closed"
    # 销号日期 and 复核人 are for the supervisor to write.
    for name in ("closed_on", "verified_by"):
        draft.merged[name] = draft.was(name).copy()
    draft.warn(
        present(draft.column("verified_by"))
        & (draft.column("verified_by") != draft.was("verified_by")),
        "verified_by",
        "复核人由市督查组填写，未存入",
    )
    draft.reject(
        ((status == "returned") | (status == "reopened")) & (status != was) & ~was_closed,
        "status",
        "退回和重新整改由市督查组决定，县区账号不能填报。请保留原状态",
    )
    draft.warn(
        was_closed & (status != "closed"),
        "status",
        "该项已由市督查组销号，状态未改。如问题反弹，请报市督查组",
    )
    draft.warn(
        (status == "closed") & ~was_closed,
        "status",
        "已销号按申请销号导入，待市督查组复核；佐证材料已存入，销号日期未存入",
    )
    status[(status == "closed") & ~was_closed] = "submitted"
    draft.reject(
        (status == "submitted") & (was != "submitted") & ~present(draft.merged["evidence"]),
        "evidence",
        "申请销号须填佐证材料，说明整改到什么程度、有什么为证。请补填后再导入",
    )
    for name in _CLOSE_OUT:
        draft.merged[name][was_closed] = draft.was(name)[was_closed]


def judge_step(draft: Draft) -> None:
    """Refuse a county account the steps of the supervisor; tell what contradicts the item."""
    step, day = draft.merged["step"], draft.merged["happened_on"]
    changed = draft.differs("actor") | draft.differs("note")
    draft.reject(
        present(draft.was("recorded_at")) & changed,
        "step",
        "这一步是在系统里办理的，经办人和说明以系统记录为准，不能由文件改动。请删去本行",
    )
    if draft.sender.is_county_account:
        decided = (step == "close") | (step == "return") | (step == "reopen")
        as_before = draft.known & ~draft.differs("actor") & ~draft.differs("note")
        draft.reject(
            decided & ~as_before,
            "step",
            "销号、退回和重新整改由市督查组办理，县区账号不能填报",
        )
    status, opened_on = draft.column("item_status"), draft.column("item_opened_on")
    closed_on = draft.column("item_closed_on")
    draft.warn(is_below(day, opened_on), "happened_on", "发生日期早于该项的登记日期，请核对")
    draft.warn(
        (step == "close") & (status != "closed"),
        "step",
        "整改台账中该项尚未销号，状态以整改台账为准，请核对",
    )
    draft.warn(
        (step == "reopen") & (status == "closed") & is_below(closed_on, day),
        "step",
        "重新整改在销号之后，而整改台账中该项仍为已销号，状态以整改台账为准，请核对",
    )
