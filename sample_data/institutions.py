"""The institutions: about 1,300, how far each one has come by the last day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, product

from sample_data import city, names
from sample_data.city import Place, Site
from sample_data.days import LAST_DAY, Rhythm, dice, summer_rhythm, workday
from sample_data.records import Milestone, Record, Values, history, paperwork
from sample_data.routes import arrival
from sample_data.units import UNITS, Unit

SURVEY_STARTS = date(2022, 3, 1)
SURVEY_ENDS = date(2022, 3, 31)
LAST_FOUR_WEEKS = LAST_DAY - timedelta(days=27)
# Brands kept for the planted stories.
RESERVED_BRANDS = ("庚子", "庚寅", "庚辰", "壬午", "丙戌", "丁亥", "己卯", "戊申", "乙巳")
CATEGORIES = {"sports": 0.26, "arts": 0.46, "technology": 0.13, "other": 0.15}
DEPARTMENTS = {
    "subject": "教育",
    "sports": "体育",
    "arts": "文旅",
    "technology": "科技",
    "other": "教育",
}


@dataclass
class Institution:
    """An institution as it really is on the last day; ledgers learn of it bit by bit."""

    unit: str
    name: str
    category: str
    site: Site
    found_on: date
    credit_code: str | None = None
    code_sent_on: date | None = None
    status: str = "operating"
    status_since: date | None = None
    deregistered_on: date | None = None
    qualified_on: date | None = None
    registered_on: date | None = None
    licence_no: str | None = None
    licence_valid_to: date | None = None
    phone: str = ""
    teachers: int = 0
    students: int = 0
    area: int = 0
    fee_supervision: str = "none"
    contract: bool = False
    first_ready_on: date = SURVEY_ENDS
    story: str = ""

    @property
    def known_on(self) -> date:
        """The day its first row reaches the city: from then on other ledgers may name it."""
        return arrival("institutions", self.unit, self.first_ready_on)

    @property
    def place(self) -> Place | None:
        """The building or estate it is in, if any."""
        return self.site.place

    @property
    def is_subject(self) -> bool:
        """Whether it teaches school subjects."""
        return self.category == "subject"


def make_institutions(seed: int, places: dict[str, list[Place]]) -> list[Institution]:
    """Make the whole city's institutions, those of the planted stories not among them."""
    rng = dice(seed, "institutions")
    numbers = count(1)
    found: list[Institution] = []
    for unit in UNITS.values():
        members = _found_in(unit, places[unit.code], _names(rng), rng)
        _set_statuses(members, rng)
        _register(members, unit, rng)
        for institution in members:
            _describe(institution, next(numbers), rng)
        found += members
    return found


def _names(rng: random.Random) -> list[tuple[str, str]]:
    """Names with their category in an order of chance, the categories in their shares."""
    brands = [brand for brand in names.BRANDS if brand not in RESERVED_BRANDS]
    pools: dict[str, list[str]] = {}
    for category, subjects in names.TEACHES.items():
        pools[category] = [
            brand + subject + form
            for brand, subject, form in product(brands, subjects, names.FORMS_OF[category])
        ]
        rng.shuffle(pools[category])
    pick = rng.choices(list(CATEGORIES), list(CATEGORIES.values()), k=400)
    return [(category, pools[category].pop()) for category in pick] + [
        ("subject", name) for name in pools["subject"][:40]
    ]


def _found_in(
    unit: Unit, places: list[Place], pool: list[tuple[str, str]], rng: random.Random
) -> list[Institution]:
    subjects = round(unit.institutions * 0.08)
    chosen = pool[: unit.institutions - subjects] + pool[-subjects:] if subjects else pool
    members: list[Institution] = []
    used: set[str] = set()
    for category, bare in chosen[: unit.institutions]:
        name = _signboard(unit, bare, rng)
        if name in used:
            continue
        used.add(name)
        site = _site(unit, places, rng)
        members.append(Institution(unit.code, name, category, site, _found_on(rng)))
    return members


def _signboard(unit: Unit, bare: str, rng: random.Random) -> str:
    if "有限公司" in bare:
        return f"柳州市{bare}"
    return f"{unit.name}{bare}" if rng.random() < 0.25 else bare


def _site(unit: Unit, places: list[Place], rng: random.Random) -> Site:
    buildings = [place for place in places if place.is_building]
    if buildings and rng.random() < 0.5:
        return city.place_site(unit, rng.choice(buildings), rng)
    return city.street_site(unit, rng)


def _found_on(rng: random.Random) -> date:
    if rng.random() < 0.8:
        return workday(SURVEY_STARTS + timedelta(days=rng.randrange(31)))
    return workday(date(2022, 4, 4) + timedelta(days=rng.randrange(140)))


def _set_statuses(members: list[Institution], rng: random.Random) -> None:
    """Four in a hundred deregistered since April, six suspended, three without a licence."""
    shuffled = rng.sample(members, len(members))
    for share, status in ((0.04, "deregistered"), (0.06, "suspended"), (0.03, "unlicensed")):
        for _ in range(round(len(members) * share)):
            institution = shuffled.pop()
            institution.status = status
            if status == "unlicensed":
                continue
            institution.found_on = min(institution.found_on, SURVEY_ENDS)
            institution.status_since = workday(date(2022, 4, 11) + timedelta(rng.randrange(125)))
            if status == "deregistered":
                institution.deregistered_on = institution.status_since


def _register(members: list[Institution], unit: Unit, rng: random.Random) -> None:
    """Put the unit's share of non-subject institutions on the platform, each after it qualified."""
    running = [m for m in members if not m.is_subject and m.status != "deregistered"]
    able = [m for m in running if m.status != "unlicensed" or unit.coverage == 1]
    for institution in able:
        if institution.status == "unlicensed":
            institution.status = "operating"
    target = round(len(running) * unit.coverage)
    early = sorted(able, key=lambda m: (m.found_on > SURVEY_ENDS, rng.random()))
    for position, institution in enumerate(early[:target]):
        recent = position >= target - unit.last_four_weeks
        _qualify(institution, _registration_day(recent, rng), rng)
    for institution in early[target:]:
        if unit.last_four_weeks > 3 and rng.random() < 0.4:
            _qualify(institution, None, rng)
    for institution in members:
        gone = institution.status == "deregistered"
        if (institution.is_subject and rng.random() < 0.6) or (gone and rng.random() < 0.5):
            _qualify(institution, _registration_day(False, rng), rng)


def _registration_day(recent: bool, rng: random.Random) -> date:
    if recent:
        return workday(LAST_FOUR_WEEKS + timedelta(days=3 + rng.randrange(25)))
    if rng.random() < 0.14:
        return workday(date(2022, 3, 22) + timedelta(days=rng.randrange(10)))
    return workday(SPRING_AND_JULY.draw(rng))


SPRING_AND_JULY: Rhythm = summer_rhythm(
    surge=1.3, weekend=0, first=date(2022, 4, 4), last=LAST_FOUR_WEEKS - timedelta(days=1)
)


def _qualify(institution: Institution, registered_on: date | None, rng: random.Random) -> None:
    """Found, qualified and registered in that order; a deregistered one before it went."""
    gone = institution.deregistered_on
    if gone and registered_on and registered_on >= gone:
        registered_on = max(date(2022, 3, 22), workday(gone - timedelta(days=3)))
    until = registered_on or LAST_DAY - timedelta(days=rng.randrange(3, 60))
    if (until - institution.found_on).days < 12:
        span = (until - SURVEY_STARTS).days - 12
        institution.found_on = SURVEY_STARTS + timedelta(days=rng.randrange(max(1, span)))
    earliest = max(institution.found_on + timedelta(days=4), until - timedelta(days=24))
    gap = (until - earliest).days
    institution.registered_on = registered_on
    # A few are put on the platform before their check is finished.
    if registered_on is None or rng.random() > 0.012:
        institution.qualified_on = earliest + timedelta(days=rng.randrange(max(1, gap)))


def _describe(institution: Institution, number: int, rng: random.Random) -> None:
    """Fill in what the ledgers say besides."""
    unit = UNITS[institution.unit]
    licensed = institution.status != "unlicensed"
    if licensed:
        institution.licence_no = f"示许字〔2021〕{number:05d}号"
        institution.licence_valid_to = date(2022 + rng.randrange(0, 4), rng.randrange(9, 13), 30)
    if (licensed and rng.random() < 0.96) or rng.random() < 0.3:
        kind = "52" if institution.name.endswith("学校") else "91"
        institution.credit_code = names.credit_code(unit.adcode, number, kind=kind)
    institution.phone = names.mobile(rng) if rng.random() < 0.6 else names.landline(number)
    institution.teachers = max(2, int(rng.lognormvariate(1.8, 0.55)))
    institution.students = int(institution.teachers * rng.uniform(6, 22))
    institution.area = int(institution.students * rng.uniform(2.2, 4.5)) + 40
    institution.fee_supervision = rng.choices(("escrow", "deposit", "none"), (0.55, 0.25, 0.2))[0]
    institution.contract = rng.random() < 0.78
    lag = paperwork(institution.found_on, institution.unit, rng)
    if institution.found_on <= SURVEY_ENDS:
        lag = min(lag, date(2022, 4, 6))
    institution.first_ready_on = min(lag, LAST_DAY)
    if institution.credit_code and institution.qualified_on and rng.random() < 0.012:
        institution.code_sent_on = institution.qualified_on


def institution_records(seed: int, institutions: list[Institution]) -> list[Record]:
    """One ledger line an institution, from the day it was found."""
    rng = dice(seed, "institution ledgers")
    return [
        Record(
            "institutions",
            f"{place:05d}",
            institution.unit,
            history(_milestones(institution, rng)),
        )
        for place, institution in enumerate(institutions)
    ]


def _milestones(institution: Institution, rng: random.Random) -> list[Milestone]:
    first_status = "unlicensed" if institution.status == "unlicensed" else "operating"
    first = _first_row(institution, first_status)
    if rng.random() < 0.03:
        first["学生人数"] = institution.students * 10
    start = institution.first_ready_on
    later: list[Milestone] = []
    if institution.code_sent_on:
        first["统一社会信用代码"] = None
        later.append((institution.code_sent_on, {"统一社会信用代码": institution.credit_code}))
    if institution.qualified_on:
        done: Values = {
            "核查合格日期": institution.qualified_on,
            "学生人数": institution.students,
        }
        later.append((paperwork(institution.qualified_on, institution.unit, rng), done))
    if institution.registered_on:
        sent = paperwork(institution.registered_on, institution.unit, rng)
        # Registrations are what the city counts, so nobody leaves one out of the last file.
        later.append((min(sent, LAST_DAY), {"平台登记日期": institution.registered_on}))
    if institution.status_since:
        ended: Values = {
            "经营状态": institution.status,
            "注销日期": institution.deregistered_on,
        }
        later.append((institution.status_since + timedelta(days=2), ended))
    return [(start, first), *((max(day, start), values) for day, values in later)]


def _first_row(institution: Institution, status: str) -> Values:
    point = institution.site
    return {
        "县区": institution.unit,
        "机构名称": institution.name,
        "统一社会信用代码": institution.credit_code,
        "机构类别": institution.category,
        "主管部门": DEPARTMENTS[institution.category],
        "办学许可证号": institution.licence_no,
        "许可证有效期至": institution.licence_valid_to,
        "经营状态": status,
        "排查日期": institution.found_on,
        "注销日期": None,
        "核查合格日期": None,
        "平台登记日期": None,
        "地址": point.address,
        "楼宇小区": point.place.name if point.place else None,
        "经度": point.longitude,
        "纬度": point.latitude,
        "联系电话": institution.phone,
        "教师人数": institution.teachers,
        "学生人数": institution.students,
        "场地面积": institution.area,
        "预收费监管方式": institution.fee_supervision,
        "使用示范合同": institution.contract,
    }
