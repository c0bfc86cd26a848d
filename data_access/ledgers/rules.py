"""What a row must say to be loaded, and what is odd enough to be told.

Every rule looks at what the database would hold (:attr:`Draft.merged`), so that a cell
left empty counts as the stored value. Whatever the tables' own checks would refuse is
refused here first, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

import numpy as np
from sqlalchemy import Float, Integer, Numeric, String

from data_access.ledgers import closing_out, duties, judging_fees, periods
from data_access.ledgers.draft import Draft, Mask, Values, as_values, choose, is_below, present
from data_access.schema import (
    compliance_check,
    county_action,
    fee_charge,
    institution,
    rectification,
    rectification_event,
    refund_dispute,
    submission,
    violation_report,
)

LARGEST_INTEGER: Final = 2**31 - 1
LARGEST_AMOUNT: Final = 10**12
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def judge(draft: Draft) -> None:
    """Reject rows that may not be stored, and warn of odd ones."""
    rule = _RULES.get(draft.table.name)
    if rule is not None:
        rule(draft)
    _keep_coordinates_in_pairs(draft)
    _refuse_what_the_table_cannot_hold(draft)
    draft.settle()


def refuse_rows_changed_since(draft: Draft, changed: Mask) -> None:
    """Reject rows of a downloaded workbook that were changed after the download."""
    sent, held = draft.column("row_version"), draft.was("row_version")
    stale = np.zeros(draft.length, dtype=bool)
    both = present(sent) & present(held)
    stale[both] = sent[both].astype(np.int64) < held[both].astype(np.int64)
    draft.reject(
        stale & changed,
        "row_version",
        "该行在下载之后已被改动，本行未导入。请重新下载，在新的工作簿上修改后再导入",
    )
    draft.settle()


def _judge_institution(draft: Draft) -> None:
    status, day = draft.merged["operating_status"], draft.merged["deregistered_on"]
    draft.reject(
        (status == "deregistered") & ~present(day),
        "deregistered_on",
        "经营状态为已注销的，须填注销日期",
    )
    draft.warn(
        present(status) & (status != "deregistered") & present(day),
        "operating_status",
        "填有注销日期而经营状态不是已注销，统计按注销日期计，请核对",
    )
    draft.warn_if_before("deregistered_on", "found_on")


def _judge_report(draft: Draft) -> None:
    """Warn of what contradicts itself; the day of a verdict goes with the verdict.

    A file that tells of an older state leaves its day empty, which would leave the stored one.
    """
    status, day = draft.merged["status"], draft.merged["verified_on"]
    verified = (status == "substantiated") | (status == "unsubstantiated")
    no_verdict = present(status) & ~verified & present(day)
    stated = present(draft.column("verified_on"))
    draft.warn(
        no_verdict & stated,
        "verified_on",
        "办理状态不是属实或不属实，核实日期未存入。已核实的请改办理状态",
    )
    withdrawn = no_verdict & ~stated
    draft.warn(withdrawn, "status", as_values(map(_verdict_withdrawn, day), draft.length))
    draft.merged["verified_on"] = day = choose(~no_verdict, day)
    draft.warn(
        verified & ~present(day),
        "verified_on",
        "已有核实结论而无核实日期，不计入核实率，请补填核实日期",
    )
    draft.warn_if_before("verified_on", "received_on")
    draft.warn_if_before("closed_on", "received_on")


def _verdict_withdrawn(day: date | None) -> str:
    return (
        f"办理状态改回未核实，原核实日期（{day}）一并删去，旧值已留存。"
        "如果误用了旧文件，请重新导入新文件"
    )


def _judge_dispute(draft: Draft) -> None:
    status, day = draft.merged["status"], draft.merged["resolved_on"]
    draft.reject(
        (status == "resolved") & ~present(day), "resolved_on", "处理状态为已化解的，须填化解日期"
    )
    draft.reject(
        (status == "open") & present(day),
        "resolved_on",
        "处理状态为未化解的，不得有化解日期。已化解的请改处理状态；未化解的请将化解日期填“清空”",
    )
    draft.warn_if_before("resolved_on", "opened_on")
    more = is_below(draft.merged["amount_yuan"], draft.merged["refunded_yuan"])
    draft.warn(more, "refunded_yuan", "已退金额大于涉及金额，请核对")


def _judge_submission(draft: Draft) -> None:
    merged = draft.merged
    named = present(merged["document"]) & present(merged["period"])
    reasons = as_values(
        (
            periods.why_none(document, period) if is_named else None
            for document, period, is_named in zip(
                merged["document"], merged["period"], named, strict=True
            )
        ),
        draft.length,
    )
    draft.reject(present(reasons), "period", reasons)
    digests = merged["sha256"]
    draft.reject(
        _where(present(digests), digests, lambda text: not _DIGEST.fullmatch(text)),
        "sha256",
        "不是 SHA-256 文件摘要（64 位数字和字母 a 至 f），请核对；没有的留空",
    )


def _judge_action(draft: Draft) -> None:
    merged = draft.merged
    names = ("duty", "detail", "done_on", "evidence")
    reasons = as_values(
        (duties.why_not(*row) for row in zip(*(merged[name] for name in names), strict=True)),
        draft.length,
    )
    of_column = {duties.NO_EVIDENCE: "evidence"}
    for reason in (duties.NO_CONTACT, duties.NO_MAILBOX, duties.NO_DETAIL, duties.NO_EVIDENCE):
        draft.reject(reasons == reason, of_column.get(reason, "detail"), reason)


def _keep_coordinates_in_pairs(draft: Draft) -> None:
    """Empty both coordinates where one is left: half a place is none."""
    if "longitude" not in draft.merged:
        return
    longitude, latitude = draft.merged["longitude"], draft.merged["latitude"]
    half = present(longitude) != present(latitude)
    longitude[half] = None
    latitude[half] = None


def _refuse_what_the_table_cannot_hold(draft: Draft) -> None:
    for name in draft.tracked:
        column, values = draft.table.c[name], draft.merged[name]
        there = present(values)
        if not column.nullable:
            draft.reject(~there & draft.cleared[name], name, f"{draft.header(name)}必填，不能清空")
            draft.reject(~there & ~draft.cleared[name], name, f"缺少{draft.header(name)}，请补填")
        if isinstance(column.type, String):
            _refuse_texts(draft, name, there, column.type.length)
        elif isinstance(column.type, Integer | Numeric):
            _refuse_numbers(draft, name, there)


def _refuse_texts(draft: Draft, name: str, there: Mask, length: int | None) -> None:
    values = draft.merged[name]
    texts = values[there].tolist()
    if length is not None and max(map(len, texts), default=0) > length:
        too_long = _where(there, values, partial(_is_longer, length))
        draft.reject(too_long, name, f"超过 {length} 个字，请改短")


def _refuse_numbers(draft: Draft, name: str, there: Mask) -> None:
    numbers = np.array([0 if value is None else value for value in draft.merged[name]])
    column = draft.table.c[name]
    if isinstance(column.type, Integer):
        draft.reject(there & (numbers > LARGEST_INTEGER), name, "数字过大，请核对")
    elif not isinstance(column.type, Float):
        draft.reject(there & (numbers >= LARGEST_AMOUNT), name, "金额过大，请核对")
    if name not in ("longitude", "latitude"):
        draft.reject(there & (numbers < 0), name, "不得为负数，请核对")


def _is_longer(length: int, text: str) -> bool:
    return len(text) > length


def _where(there: Mask, values: Values, test: Callable[[Any], bool]) -> Mask:
    found = np.zeros(len(values), dtype=bool)
    found[there] = [test(value) for value in values[there]]
    return found


_RULES: Final[dict[str, Callable[[Draft], None]]] = {
    institution.name: _judge_institution,
    violation_report.name: _judge_report,
    rectification.name: closing_out.judge_item,
    rectification_event.name: closing_out.judge_step,
    refund_dispute.name: _judge_dispute,
    fee_charge.name: judging_fees.judge_charge,
    compliance_check.name: judging_fees.judge_check,
    submission.name: _judge_submission,
    county_action.name: _judge_action,
}
