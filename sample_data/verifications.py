"""The seven items checked at each institution, most of them passed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from sample_data.days import LAST_DAY, dice, workday
from sample_data.institutions import Institution
from sample_data.records import Record, Values, history, paperwork

ITEMS = ("licence", "staff", "certificates", "content", "scale", "premises", "enrolment")
# What an item fails for, in the words of those who checked.
FINDINGS = {
    "licence": "未提供办学许可证原件",
    "staff": "2 名教师未提供任职材料",
    "certificates": "营业执照经营范围与培训内容不符",
    "content": "培训材料未备案",
    "scale": "班额超过核定规模",
    "premises": "消防验收材料不全",
    "enrolment": "学生名册与实际不符",
}
Check = tuple[str, date, str]


def verification_records(seed: int, institutions: list[Institution]) -> list[Record]:
    """One line an institution, item and day."""
    rng = dice(seed, "verifications")
    return [
        _record(institution, number, check, rng)
        for number, institution in enumerate(institutions)
        for check in _checks(institution, rng)
    ]


def _checks(institution: Institution, rng: random.Random) -> list[Check]:
    if institution.qualified_on:
        return list(_passed(institution.found_on, institution.qualified_on, rng))
    return list(_unfinished(institution, rng))


def _passed(found_on: date, qualified_on: date, rng: random.Random) -> Iterator[Check]:
    """All seven, over one to three visits; the last on the day it qualified."""
    span = max(1, (qualified_on - found_on).days)
    visits = sorted(qualified_on - timedelta(rng.randrange(span)) for _ in range(2))
    for item in ITEMS:
        day = rng.choice((*visits, qualified_on))
        if rng.random() < 0.07 and day < qualified_on:
            yield item, day, rng.choice(("pending", "fail"))
            day = qualified_on
        yield item, day, "pass"


def _unfinished(institution: Institution, rng: random.Random) -> Iterator[Check]:
    """Something failed, something still waits, or the check stopped half-way."""
    day = workday(min(LAST_DAY, institution.found_on + timedelta(rng.randrange(3, 60))))
    if institution.deregistered_on:
        day = min(day, institution.deregistered_on)
    kind = rng.choices(("fail", "pending", "stopped"), (0.45, 0.3, 0.25))[0]
    items = rng.sample(ITEMS, rng.randrange(0, 6) if kind == "stopped" else 7)
    wrong = {"licence"} if institution.status == "unlicensed" else set()
    if kind != "stopped":
        wrong |= set(rng.sample(ITEMS, rng.choice((1, 1, 2))))
    for item in sorted(items, key=ITEMS.index):
        failed = "pending" if kind == "pending" and item != "licence" else "fail"
        yield item, max(day, institution.found_on), failed if item in wrong else "pass"


def _record(institution: Institution, number: int, check: Check, rng: random.Random) -> Record:
    item, day, outcome = check
    row: Values = {
        "县区": institution.unit,
        "机构名称": institution.name,
        "统一社会信用代码": None if institution.code_sent_on else institution.credit_code,
        "核查项目": item,
        "核查日期": day,
        "核查结果": outcome,
        "备注": None if outcome == "pass" else FINDINGS[item],
    }
    ready = max(paperwork(day, institution.unit, rng), institution.known_on)
    milestones = [(ready, row)]
    if outcome == "pass" and rng.random() < 0.01:
        milestones = [
            (ready, {**row, "核查结果": "pending"}),
            (ready + timedelta(days=rng.randrange(7, 21)), row),
        ]
    key = f"{number:05d}-{ITEMS.index(item)}-{day}"
    return Record("verifications", key, institution.unit, history(milestones))
