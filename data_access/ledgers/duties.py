"""What a county's duties (行动机制) must say to be on record, whoever brings it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from data_access.ledgers.masking import hide, hide_identities
from data_access.reference import Campaign

NO_CONTACT: Final = "联系人须写姓名和电话，如：某某 0772-1234567"
NO_MAILBOX: Final = "举报邮箱须写邮箱地址，如：jubao@example.gov.cn"
NO_EVIDENCE: Final = "登记完成须填佐证：链接、文号或回执"
NO_DETAIL: Final = "登记完成须填内容"
# 「并于7月29日前报送联系人回执」 (工作方案四（四）); for the others the plan names no day.
_DUE: Final = {"contact": (7, 29)}
# What the county itself makes public or hands to the city: its telephone numbers stay.
_REACHED_BY: Final = ("contact", "hotline")
_MAILBOX: Final = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_NAME: Final = re.compile(r"[^\W\d_]{2,}")
_DIGITS: Final = re.compile(r"\d[\d\s\-－—()（）转]{5,}")
_LEAST_DIGITS: Final = 7


def due_day(duty: str, campaign: Campaign) -> date:
    """Return by when a duty is due: the day that the plan names, else the campaign's last."""
    named = _DUE.get(duty)
    return date(campaign.starts_on.year, *named) if named else campaign.ends_on


def is_contact(detail: str) -> bool:
    """Whether a text names somebody and how to call them: letters, and seven digits or more."""
    found = _DIGITS.search(detail)
    digits = sum(character.isdigit() for character in found[0]) if found else 0
    return digits >= _LEAST_DIGITS and _NAME.search(detail) is not None


def without_personal_data(duty: str, detail: str) -> str:
    """Return 内容 without personal data: an office's number stays where it is what was asked."""
    return hide_identities(detail) if duty in _REACHED_BY else hide(detail)


def why_not(
    duty: str, detail: str | None, done_on: date | None, evidence: str | None
) -> str | None:
    """Return, in Chinese, why a duty may not stand so on record; ``None``: it may."""
    if duty == "contact" and (detail or done_on) and not is_contact(detail or ""):
        return NO_CONTACT
    if duty == "mailbox" and (detail or done_on) and not _MAILBOX.search(detail or ""):
        return NO_MAILBOX
    if done_on is not None and not detail:
        return NO_DETAIL
    if done_on is not None and not evidence:
        return NO_EVIDENCE
    return None
