"""Names that read as made up: no brand, person, building or street of the real city.

Institutions carry a pair of the sexagenary cycle (甲子, 乙丑, …), buildings and
estates one of the 28 lunar mansions (角宿, 亢宿, …), streets a solar term
(立春路, 雨水路, …), people a heavenly stem (经办人甲, …).
"""

from __future__ import annotations

import random

STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
BRANDS = tuple(STEMS[n % 10] + BRANCHES[n % 12] for n in range(60))
MANSIONS = tuple(f"{star}宿" for star in "角亢氐房心尾箕斗牛女虚危室壁奎娄胃昴毕觜参井鬼柳星张翼轸")
BUILDINGS = ("大厦", "商业广场", "中心", "写字楼")
ESTATES = ("花园", "小区", "家园", "苑")
_TERMS = (
    *("立春", "雨水", "惊蛰", "春分", "清明", "谷雨"),
    *("立夏", "小满", "芒种", "夏至", "小暑", "大暑"),
    *("立秋", "处暑", "白露", "秋分", "寒露", "霜降"),
    *("立冬", "小雪", "大雪", "冬至", "小寒", "大寒"),
)
STREETS = tuple(f"{term}路" for term in _TERMS)
TEACHES = {
    "subject": ("文化课", "语数英", "初中课业", "小学课业"),
    "sports": ("游泳", "篮球", "足球", "羽毛球", "乒乓球", "跆拳道", "体适能", "轮滑", "围棋"),
    "arts": ("美术", "书法", "舞蹈", "声乐", "钢琴", "古筝", "口才", "戏剧", "民族乐器"),
    "technology": ("机器人", "少儿编程", "科学实验", "航模", "创客"),
    "other": ("综合素质", "劳动实践", "礼仪", "手工", "心算"),
}
FORMS = ("培训中心", "培训学校", "培训有限公司", "艺术工作室", "俱乐部")
FORMS_OF = {
    "subject": FORMS[:3],
    "sports": (FORMS[0], FORMS[2], FORMS[4]),
    "arts": FORMS[:4],
    "technology": FORMS[:3],
    "other": FORMS[:3],
}

# GB 32100-2015: the characters of a credit code in the order of their values.
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
# GB 11714: the weights of the organisation part inside it, whose check may be X for ten.
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(adcode: str, number: int, *, kind: str = "91") -> str:
    """Make a credit code with right check digits whose organisation part reads as made up.

    ``adcode`` six digits; ``number`` 0 to 9999, unique in the city; ``kind`` the
    registering department and the sort of body (91 company, 52 school).
    """
    organisation = f"XXXX{number:04d}"
    total = sum(
        weight * "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(character)
        for weight, character in zip(ORGANISATION_WEIGHTS, organisation, strict=True)
    )
    check = (11 - total % 11) % 11
    body = f"{kind}{adcode}{organisation}{'X' if check == 10 else check}"
    return body + credit_check(body)


def credit_check(body: str) -> str:
    """Return the eighteenth character that belongs to the first seventeen."""
    total = sum(
        weight * CODE_CHARACTERS.index(character)
        for weight, character in zip(CODE_WEIGHTS, body, strict=True)
    )
    return CODE_CHARACTERS[(31 - total % 31) % 31]


def landline(number: int) -> str:
    """Make a telephone number of the city's area code that no exchange gives out."""
    return f"0772-000{number % 10000:04d}"


def mobile(rng: random.Random) -> str:
    """Draw an eleven-digit number in a range that does not exist."""
    return f"100000{rng.randrange(100000):05d}"


def person(role: str, rng: random.Random) -> str:
    """Draw a made-up person: the role and a heavenly stem."""
    return role + rng.choice(STEMS)
