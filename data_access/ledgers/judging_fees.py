"""What a charge and a check must say to be loaded, and what is odd enough to be told."""

from __future__ import annotations

from typing import Final

import numpy as np

from data_access.ledgers.check_items import LONGEST_NUMBER
from data_access.ledgers.draft import Draft, is_below, present

# No family pays so much at once: a slip of the unit, which would drown the city's sum.
LARGEST_CHARGE: Final = 1_000_000


def judge_charge(draft: Draft) -> None:
    """Reject a charge beyond belief; warn of one that cannot be judged or contradicts itself."""
    merged = draft.merged
    starts, ends = merged["course_starts_on"], merged["course_ends_on"]
    draft.warn_if_before("course_ends_on", "course_starts_on")
    draft.warn(merged["amount_yuan"] == 0, "amount_yuan", "收费金额为 0，请核对")
    draft.reject(
        is_below(np.full(draft.length, LARGEST_CHARGE, dtype=object), merged["amount_yuan"]),
        "amount_yuan",
        f"一笔收费超过 {LARGEST_CHARGE:,} 元，请核对金额和单位（元、万元）",
    )
    draft.warn(
        is_below(merged["amount_yuan"], merged["refunded_yuan"]),
        "refunded_yuan",
        "已退金额大于收费金额，请核对",
    )
    dated = present(starts) & present(ends)
    draft.warn(
        ~present(merged["months"]) & ~present(merged["lessons"]) & ~dated,
        "months",
        "收费月数、收费课时数和起止日期都没有，无法判断是否超过三个月或 60 课时。请补填其中一项",
    )


def judge_check(draft: Draft) -> None:
    """Reject checks that contradict themselves or found something without saying what."""
    merged = draft.merged
    clear = np.asarray(merged["outcome"] == "clear", dtype=np.bool_)
    found = np.asarray(merged["outcome"] == "finding", dtype=np.bool_)
    draft.reject(found & ~present(merged["finding"]), "finding", "检查结果为有问题的，须填问题说明")
    draft.reject(
        present(merged["aspect"]) & present(merged["domain"]) & (merged["domain"] != "safety"),
        "aspect",
        "只有安全检查才填安全方面。请改检查类别，或删去安全方面（导入过的填“清空”）",
    )
    draft.reject(
        is_below(merged["examined"], merged["failed"]),
        "failed",
        "不合规数量大于检查数量，请核对",
    )
    numbers = merged["check_no"]
    lengths = np.array([0 if number is None else len(number) for number in numbers])
    draft.reject(lengths > LONGEST_NUMBER, "check_no", f"超过 {LONGEST_NUMBER} 个字，请改短")
    draft.warn_if_before("due_on", "checked_on")
    none_failed = np.array([not number for number in merged["failed"]], dtype=bool)
    draft.warn(clear & ~none_failed, "failed", "有不合规的而检查结果为无问题，请核对")
    for name in ("severity", "due_on"):
        draft.warn(
            clear & present(merged[name]),
            name,
            f"检查结果为无问题，{draft.header(name)}不起作用，请核对",
        )
