"""What the made-up counties sent to the city and have in place, with planted gaps.

Everything is in order but for what the tables below say.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.days import LAST_DAY, THURSDAYS, dice
from sample_data.names import STEMS
from sample_data.records import Milestone, Record, Value, Values, history
from sample_data.units import COUNTIES, UNIT_ORDER, UNITS

CAMPAIGN_STARTS = date(2022, 7, 1)
_JULY, _AUGUST = date(2022, 7, 29), date(2022, 8, 18)
WEEKS = tuple(week for week in THURSDAYS if week >= CAMPAIGN_STARTS)
# Document and due day of everything that every county owed by the last day.
OWED = (
    *(("weekly_form", week) for week in WEEKS),
    ("contact_receipt", _JULY),
    *((document, due) for due in (_JULY, _AUGUST) for document in ("summary", "case")),
)
# Sent, but so many days after its day.
LATE: dict[tuple[str, str, date], int] = {
    ("450222", "weekly_form", date(2022, 8, 4)): 5,
    ("450222", "weekly_form", date(2022, 8, 11)): 3,
    ("450224", "weekly_form", date(2022, 7, 14)): 2,
    ("450224", "weekly_form", date(2022, 7, 28)): 1,
    ("450224", "weekly_form", date(2022, 8, 11)): 4,
    ("450224", "summary", _JULY): 3,
    ("450225", "weekly_form", date(2022, 7, 21)): 1,
    ("450206", "case", _AUGUST): 4,
}
# Never sent, and its day is past on the last day.
MISSING = {
    ("450225", "case", _AUGUST),
    ("450226", "weekly_form", _AUGUST),
    ("450226", "summary", _AUGUST),
    ("450226", "contact_receipt", _JULY),
}
# Due on the last day and not sent yet.
STILL_DUE = {(unit, "weekly_form", LAST_DAY) for unit in ("450224", "450225", "450226")}
# A second typical case, which is welcome.
SECOND_CASES = {("450202", _JULY), ("450203", _AUGUST)}
# Sent again with a mended file, a week later; the day stays.
CORRECTED = ("450204", "weekly_form", date(2022, 7, 14))
FORM = "柳州市各地查处变相违规学科类培训情况汇总表（线下）"
TITLES = {
    "weekly_form": FORM,
    "summary": "暑期校外培训专项治理工作总结",
    "case": "工作典型案例",
    "contact_receipt": "联系人回执",
}

DUTIES = ("plan", "hotline", "mailbox", "contact", "campaign_check", "publicity")
# No row at all.
NOT_BEGUN = {
    ("450226", "hotline"),
    ("450226", "contact"),
    ("450225", "mailbox"),
    *((unit, "campaign_check") for unit in ("450206", "450222", "450224", "450225", "450226")),
    *(
        (unit, "publicity")
        for unit in UNITS
        if unit not in ("450202", "450204", "4502LD", "450223")
    ),
}
# Written down, but neither day nor evidence.
UNPROVEN = {("450224", "hotline"), ("4502BS", "campaign_check")}
# Done, but so many days after its day.
LATE_ACTIONS = {("450206", "contact"): 4}
# Another contact since a day.
NEW_CONTACTS = {
    "450203": (date(2022, 8, 10), "联系人寅 0772-0009999"),
    "450222": (date(2022, 8, 12), "联系人卯 0772-0009998"),
}
_DONE = {
    "plan": (date(2022, 7, 4), 9),
    "hotline": (date(2022, 7, 6), 8),
    "mailbox": (date(2022, 7, 6), 8),
    "contact": (date(2022, 7, 18), 10),
    "campaign_check": (date(2022, 7, 25), 21),
    "publicity": (date(2022, 8, 1), 18),
}


def submission_records(seed: int) -> list[Record]:
    """One line for everything that a county sent by the last day."""
    rng = dice(seed, "submissions")
    made = []
    for unit in UNITS:
        for document, due in OWED:
            before = rng.randrange(3)
            key = (unit, document, due)
            if key in MISSING or key in STILL_DUE:
                continue
            late = LATE.get(key)
            sent = due + timedelta(days=late) if late else due - timedelta(days=before)
            made.append(_submission(seed, key, sent))
            if document == "case" and (unit, due) in SECOND_CASES:
                made.append(_submission(seed, key, sent, second=True))
    return made


def _submission(
    seed: int, key: tuple[str, str, date], sent: date, *, second: bool = False
) -> Record:
    unit, document, due = key
    place = "（二）" if second else ""
    name = f"{TITLES[document]}-{UNITS[unit].short_name}-{due:%m%d}{place}"
    row: Values = {
        "材料种类": document,
        "所属期": f"{due}-2" if second else due,
        "县区": unit,
        # The counties leave it out: the period says it.
        "应报日期": None if unit in COUNTIES else due,
        "报送日期": sent,
        "文件名": f"{name}.xlsx",
        "文件摘要": _digest(seed, name),
    }
    milestones: list[Milestone] = [(sent, row)]
    if key == CORRECTED:
        mended = {"文件名": f"{name}（更正）.xlsx", "文件摘要": _digest(seed, f"{name}更正")}
        milestones.append((sent + timedelta(days=7), mended))
    order = f"{due:%Y%m%d}-{document}-{int(second)}-{unit}"
    return Record("submissions", order, unit, history(milestones))


def _digest(seed: int, name: str) -> str:
    """Return the digest of a file that never was."""
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


@dataclass(frozen=True)
class _Put:
    """What is on record of a duty."""

    detail: str
    evidence: str


def action_records(seed: int) -> list[Record]:
    """One line for every duty that a county has begun with by the last day."""
    rng = dice(seed, "county actions")
    return [record for unit in UNITS for record in _of_unit(unit, rng)]


def _of_unit(unit: str, rng: random.Random) -> Iterator[Record]:
    for place, duty in enumerate(DUTIES):
        first, spread = _DONE[duty]
        done = first + timedelta(days=rng.randrange(spread))
        number = rng.randrange(10_000)
        if (unit, duty) in NOT_BEGUN:
            continue
        late = LATE_ACTIONS.get((unit, duty))
        if late:
            done = _JULY + timedelta(days=late)
        put = _put(unit, duty, number)
        proven = (unit, duty) not in UNPROVEN
        row: dict[str, Value] = {
            "职责": duty,
            "县区": unit,
            "内容": put.detail,
            "应完成日期": None,
            "完成日期": done if proven else None,
            "佐证": put.evidence if proven else None,
        }
        milestones: list[Milestone] = [(done, row)]
        if duty == "contact" and unit in NEW_CONTACTS:
            since, detail = NEW_CONTACTS[unit]
            milestones.append((since, {"内容": detail}))
        yield Record("county_actions", f"{place}-{unit}", unit, history(milestones))


def _put(unit: str, duty: str, number: int) -> _Put:
    place = UNIT_ORDER[unit]
    name = UNITS[unit].name
    telephone = f"0772-000{number:04d}"
    match duty:
        case "plan":
            return _Put(f"{name}暑期校外培训治理行动工作方案", f"示双减办〔2022〕{place + 3} 号")
        case "hotline":
            return _Put(telephone, "公示于县区政府网站公告栏")
        case "mailbox":
            return _Put(f"jubao-{unit.lower()}@example.org", "公示于县区政府网站公告栏")
        case "contact":
            return _Put(f"联系人{STEMS[place % len(STEMS)]} {telephone}", "联系人回执（电子版）")
        case "campaign_check":
            return _Put(
                "暑期校外培训联合执法专项整治（教育、市场监管、公安）",
                f"专项整治通报〔2022〕{place + 1} 号",
            )
        case _:
            return _Put("校外培训治理成果宣传周", "活动小结及报道截图")
