"""Made-up ledgers and source lists of which it is known which line is which institution.

Chains with branches, neighbours of one brand behind one door, strangers of a name that is nearly
taken; lines with slips, without codes, addresses or telephones, with another county before the
name. Lines that state a right code are matched already, as the importer does it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd

COUNTIES: Final = {
    "450202": "城中区",
    "450203": "鱼峰区",
    "450204": "柳南区",
    "450222": "柳城县",
    "450225": "融水苗族自治县",
    "4502LD": "柳东新区",
}
SOURCES: Final = ("moe", "market_regulator", "self_report", "community_visit", "questionnaire")
BRAND_WORDS: Final = (
    *[
        "晨光",
        "博雅",
        "启航",
        "新苗",
        "童梦",
        "星海",
        "育才",
        "卓越",
        "小荷",
        "飞扬",
        "知行",
        "七彩",
        "金色",
        "未来",
        "春藤",
        "蓝天",
    ],
    *[
        "百川",
        "明德",
        "聚能",
        "乐学",
        "优贝",
        "天使",
        "大拇指",
        "向日葵",
        "己立",
        "戊子",
        "远航",
        "朝阳",
        "红帆",
        "慧聪",
        "锦绣",
    ],
    *["雅韵", "墨香", "弘文", "尚美", "清风"],
)
SUBJECTS: Final = (
    *[
        "美术",
        "书法",
        "舞蹈",
        "钢琴",
        "篮球",
        "跆拳道",
        "羽毛球",
        "机器人",
        "编程",
        "口才",
        "围棋",
        "声乐",
        "游泳",
        "古筝",
    ],
    *["轮滑", "科学实验"],
)
ENDINGS: Final = (
    *("培训中心", "培训学校", "培训有限公司", "艺术工作室", "俱乐部"),
    "教育咨询有限公司",
)
BRANCHES: Final = ("江滨", "河东", "万达", "五星", "文昌", "桂中", "屏山", "东环")
ROADS: Final = (
    *("文昌", "屏山", "东环", "解放", "跃进", "潭中", "荣军", "航生", "桂中", "学院"),
    "胜利",
)
TOWNS: Final = ("中山街道", "河北街道", "沙塘镇", "大埔镇", "和睦镇", "雒容镇")
BUILDINGS: Final = ("金源大厦", "五星商业广场", "文昌苑", "")
CHARACTERS: Final = "文光明东海新华美德仁和平安福星月山水花木"


@dataclass(frozen=True)
class Made:
    """An institution as it is."""

    county: str
    brand: str
    subject: str
    ending: str
    branch: str
    road: str
    number: int
    town: str
    building: str
    room: str
    phone: str
    code: str
    licence: str
    coded: bool = True

    @property
    def name(self) -> str:
        """As its signboard has it."""
        prefix = "柳州市" if "公司" in self.ending else ""
        branch = f"（{self.branch}校区）" if self.branch else ""
        return f"{prefix}{self.brand}{self.subject}{self.ending}{branch}"

    @property
    def address(self) -> str:
        """As the ledger has it."""
        where = f"柳州市{COUNTIES[self.county]}{self.town}{self.road}路{self.number}号"
        return f"{where}{self.building}{self.room}"


@dataclass
class Lists:
    """A ledger, source lists, and the truth: line → institution, where it is in the ledger."""

    entries: pd.DataFrame
    institutions: pd.DataFrame
    truth: dict[int, int] = field(default_factory=dict)


def generated(seed: int, *, institutions: int = 400) -> Lists:
    """Make a ledger of so many institutions, and lists of about as many open lines."""
    rng = random.Random(seed)  # noqa: S311
    ledger = _ledger(rng, institutions)
    truth: dict[int, int] = {}
    rows: list[dict[str, object]] = []
    for source in SOURCES:
        lines = [(at, _line(made, rng)) for at, made in enumerate(ledger) if rng.random() < 0.35]
        lines += [
            (None, _line(_stranger(rng.choice(ledger), rng), rng))
            for _ in range(institutions // 14)
        ]
        for at, row in lines:
            number = len(rows) + 1
            known = at is not None and ledger[at].coded and row["credit_code"] == ledger[at].code
            if at is not None and not known:
                truth[number] = at + 1
            rows.append(
                row
                | {
                    "id": number,
                    "source": source,
                    "institution_id": at + 1 if known and at is not None else None,
                    "match_status": "matched" if known else "unmatched",
                }
            )
    return Lists(
        pd.DataFrame(rows).astype({"institution_id": "Int64"}),
        pd.DataFrame(
            {
                "id": at,
                "county_code": made.county,
                "county": COUNTIES[made.county],
                "name": made.name,
                "credit_code": made.code if made.coded else None,
                "licence_no": made.licence or None,
                "address": made.address,
                "phone": made.phone,
            }
            for at, made in enumerate(ledger, start=1)
        ),
        truth,
    )


def _ledger(rng: random.Random, size: int) -> list[Made]:
    found: list[Made] = []
    used: set[tuple[str, str]] = set()
    while len(found) < size:
        made = _institution(rng, len(found))
        more = [made]
        chance = rng.random()
        if chance < 0.08:  # a chain: the same name, other doors
            for branch in rng.sample(BRANCHES, rng.randrange(1, 4)):
                fresh = _institution(rng, len(found) + len(more))
                more.append(
                    replace(
                        fresh,
                        county=made.county,
                        brand=made.brand,
                        subject=made.subject,
                        ending=made.ending,
                        branch=branch,
                    )
                )
        elif chance < 0.2:  # neighbours of one owner behind one door
            fresh = _institution(rng, len(found) + len(more))
            other = rng.choice([word for word in SUBJECTS if word != made.subject])
            shares_phone = rng.random() < 0.5
            more.append(
                replace(
                    made,
                    subject=other if rng.random() < 0.7 else made.subject,
                    ending=rng.choice([word for word in ENDINGS[:4] if word != made.ending]),
                    room=fresh.room or made.room,
                    phone=made.phone if shares_phone else fresh.phone,
                    code=fresh.code,
                    licence=fresh.licence,
                )
            )
        for one in more:
            if (one.county, one.name) not in used and len(found) < size:
                used.add((one.county, one.name))
                found.append(one)
    return found


def _institution(rng: random.Random, number: int) -> Made:
    building = rng.choice(BUILDINGS)
    brand = rng.choice(BRAND_WORDS)
    if rng.random() < 0.5:
        brand = rng.choice(CHARACTERS) + rng.choice(BRAND_WORDS)
    return Made(
        county=rng.choice(list(COUNTIES)),
        brand=brand,
        subject=rng.choice(SUBJECTS),
        ending=rng.choice(ENDINGS),
        branch="",
        road=rng.choice(ROADS),
        number=rng.randrange(1, 300),
        town=rng.choice(TOWNS),
        building=building,
        room=f"{rng.randrange(1, 20)}楼{rng.randrange(1, 15):02d}室" if building else "",
        phone=f"100{rng.randrange(10**8):08d}",
        code=f"91450200XXXX{rng.randrange(10**6):06d}",
        licence=f"教民1450{rng.randrange(10**7):07d}号" if rng.random() < 0.85 else "",
        coded=rng.random() < 0.9 or number < 0,
    )


def _line(made: Made, rng: random.Random) -> dict[str, object]:
    code = made.code if rng.random() < 0.3 else None
    if code and rng.random() < 0.05:
        at = rng.randrange(12, 18)
        code = code[:at] + rng.choice([d for d in "0123456789" if d != code[at]]) + code[at + 1 :]
    county = made.county if rng.random() < 0.97 else rng.choice(list(COUNTIES))
    return {
        "county_code": county,
        "county": COUNTIES[county],
        "name": _written(made, rng),
        "credit_code": code,
        "licence_no": made.licence if made.licence and rng.random() < 0.25 else None,
        "address": _written_address(made, rng),
        "phone": _written_phone(made, rng),
    }


def _written(made: Made, rng: random.Random) -> str:
    name = made.name
    for chance, change in (
        (0.15, lambda text: text.replace("有限公司", "公司")),
        (0.2, lambda text: text.replace("柳州市", "")),
        (0.1, lambda text: COUNTIES[made.county] + text.removeprefix("柳州市")),
        (0.12, lambda text: text.replace("培训中心", "培训").replace("培训学校", "学校")),
        (0.08, lambda text: text.replace("艺术工作室", "工作室").replace("俱乐部", "馆")),
        (0.1, lambda text: text.replace("（", "(").replace("）", ")")),
        (0.1, lambda text: text.replace("（", "").replace("）", "")),
        (0.06, lambda text: text if made.branch else f"{text}（总部）"),
        (0.3, lambda text: text.replace("己", "已").replace("戊", "戌")),
        (0.06, lambda text: _with_a_slip(text, made, rng)),
    ):
        if rng.random() < chance:
            name = change(name)
    return name


def _with_a_slip(text: str, made: Made, rng: random.Random) -> str:
    at = text.find(made.brand)
    if at < 0:
        return text
    at += rng.randrange(len(made.brand))
    return text[:at] + rng.choice(("", rng.choice(CHARACTERS))) + text[at + 1 :]


def _written_address(made: Made, rng: random.Random) -> str | None:
    chance = rng.random()
    if chance < 0.22:
        return None
    door = f"{made.road}路{made.number}号"
    if chance < 0.45:
        return door
    if chance < 0.6:
        return f"{COUNTIES[made.county]}{made.town}{door}{made.building}"
    if chance < 0.63:
        return f"{COUNTIES[made.county]}{rng.choice(ROADS)}路{rng.randrange(1, 300)}号"
    return made.address


def _written_phone(made: Made, rng: random.Random) -> str | None:
    chance = rng.random()
    if chance < 0.3:
        return None
    if chance < 0.36:
        return f"100{rng.randrange(10**8):08d}"
    return f"{made.phone[:3]}-{made.phone[3:7]}-{made.phone[7:]}" if chance < 0.45 else made.phone


def _stranger(near: Made, rng: random.Random) -> Made:
    """Somebody who is not in the ledger: out of nowhere, or tempting."""
    fresh = _institution(rng, 0)
    chance = rng.random()
    if chance < 0.4:
        return replace(fresh, brand=rng.choice(CHARACTERS) + rng.choice(CHARACTERS) + fresh.brand)
    if chance < 0.55:  # the same brand, something else, elsewhere
        other = rng.choice([word for word in SUBJECTS if word != near.subject])
        return replace(fresh, county=near.county, brand=near.brand, subject=other)
    if chance < 0.7:  # a brand of nearly the same name, elsewhere
        brand = near.brand[:-1] + rng.choice(CHARACTERS)
        return replace(fresh, county=near.county, brand=brand, subject=near.subject)
    if chance < 0.85:  # another name behind the same door
        return replace(
            fresh,
            county=near.county,
            town=near.town,
            road=near.road,
            number=near.number,
            building=near.building,
            brand=rng.choice(CHARACTERS) + fresh.brand,
        )
    return replace(  # a branch that nobody has registered
        fresh,
        county=near.county,
        brand=near.brand,
        subject=near.subject,
        ending=near.ending,
        branch="荣军",
    )
