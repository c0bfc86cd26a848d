"""What is planted for the analysis to find. README.md tells the same stories in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sample_data import names
from sample_data.city import Place, Site
from sample_data.institutions import Institution
from sample_data.units import UNITS

WEEKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
ANY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Cluster:
    """Hidden tutoring at one place: so many reports, and no others fall there."""

    place: Place
    violation_type: str
    hours: str
    weekdays: tuple[int, ...]
    first: date
    last: date
    reports: int


CLUSTERS = (
    Cluster(
        Place("角宿花园", "450202", "潭中街道", "谷雨路18号", 109.429600, 24.334100),
        "一对一", "19:00-21:30", WEEKDAYS, date(2022, 7, 4), date(2022, 8, 22), 24,
    ),
    Cluster(
        Place("亢宿大厦", "450203", "荣军街道", "夏至路66号", 109.447200, 24.295100),
        "咨询或文化传播名义", "08:30-11:30", WEEKEND, date(2022, 7, 2), date(2022, 8, 21), 22,
    ),
    Cluster(
        Place("氐宿小区", "450204", "潭西街道", "芒种路7号", 109.373800, 24.326200),
        "住家教师", "14:30-17:30", WEEKDAYS, date(2022, 7, 6), date(2022, 8, 19), 20,
    ),
    Cluster(
        Place("房宿商业广场", "450205", "胜利街道", "白露路102号", 109.412600, 24.344100),
        "众筹私教", "18:30-21:00", WEEKDAYS, date(2022, 6, 27), date(2022, 8, 24), 18,
    ),
    Cluster(
        Place("心宿家园", "4502LD", "雒容镇", "小暑路3号", 109.531200, 24.346700),
        "学科类违规开班", "09:00-11:00", ANY_DAY, date(2022, 7, 11), date(2022, 8, 23), 16,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Ghost:
    """An institution deregistered on a day and teaching on at the same place."""

    name: str
    place: Place
    deregistered_on: date
    named: tuple[date, ...]
    nameless: tuple[date, ...]
    found_teaching: date
    found_shut: date


GHOSTS = (
    Ghost(
        "庚子文化课培训中心",
        Place("尾宿写字楼", "450202", "河东街道", "霜降路21号", 109.450700, 24.327300),
        date(2022, 5, 20), (date(2022, 6, 14), date(2022, 7, 5), date(2022, 7, 26)),
        (date(2022, 7, 12), date(2022, 8, 9)), date(2022, 7, 28), date(2022, 6, 21),
    ),
    Ghost(
        "庚寅语数英培训学校",
        Place("箕宿写字楼", "450204", "鹅山街道", "大暑路5号", 109.389200, 24.314600),
        date(2022, 6, 10), (date(2022, 7, 7), date(2022, 8, 4)),
        (date(2022, 7, 18), date(2022, 7, 30)), date(2022, 8, 6), date(2022, 7, 14),
    ),
    Ghost(
        "庚辰初中课业培训中心",
        Place("斗宿写字楼", "450223", "鹿寨镇", "立秋路40号", 109.746100, 24.481200),
        date(2022, 6, 30), (date(2022, 7, 20), date(2022, 8, 3), date(2022, 8, 11)),
        (date(2022, 8, 1),), date(2022, 8, 12), date(2022, 7, 27),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Wave:
    """Disputes that pile up at one institution. ``reports`` of 退费难 come with them."""

    name: str
    category: str
    site: Site
    unit: str
    first: date
    last: date
    disputes: int
    students: tuple[int, int]
    amounts: tuple[int, int]
    still_open: float
    reports: int
    suspended_on: date | None = None


def _site(unit: str, town: str, street: str, longitude: float, latitude: float) -> Site:
    return Site(f"柳州市{UNITS[unit].name}{town}{street}", None, longitude, latitude)


WAVES = (
    Wave(
        "壬午舞蹈培训中心", "arts",
        _site("450204", "河西街道", "秋分路9号", 109.384300, 24.305800), "450204",
        date(2022, 7, 18), date(2022, 8, 12), 58, (1, 2), (3200, 12800), 0.86, 14,
        date(2022, 7, 15),
    ),
    Wave(
        "丙戌游泳培训中心", "sports",
        _site("450205", "雀儿山街道", "寒露路77号", 109.397900, 24.354100), "450205",
        date(2022, 8, 1), date(2022, 8, 22), 12, (1, 2), (1500, 4200), 0.75, 4,
    ),
    Wave(
        "丁亥机器人培训中心", "technology",
        _site("450203", "驾鹤街道", "立夏路31号", 109.428900, 24.304600), "450203",
        date(2022, 7, 28), date(2022, 8, 23), 9, (1, 2), (2600, 6800), 0.67, 3,
    ),
    Wave(
        "己卯钢琴培训学校", "arts",
        _site("450206", "拉堡镇", "小满路12号", 109.334200, 24.257700), "450206",
        date(2022, 8, 10), date(2022, 8, 10), 1, (36, 36), (64800, 64800), 1, 1,
    ),
    Wave(
        "戊申篮球俱乐部", "sports",
        _site("450202", "城中街道", "大寒路4号", 109.412300, 24.315300), "450202",
        date(2022, 6, 2), date(2022, 8, 18), 4, (4, 6), (32000, 36000), 1, 0,
    ),
    Wave(
        "乙巳书法培训中心", "arts",
        _site("4502LD", "雒容镇", "冬至路15号", 109.529400, 24.344300), "4502LD",
        date(2022, 8, 4), date(2022, 8, 19), 4, (1, 1), (1800, 3600), 0.75, 0,
    ),
)  # fmt: skip


# Rows about these stay as they were told: nothing else may be planted on them.
STORY_NAMES = {
    *(cluster.place.name for cluster in CLUSTERS),
    *(ghost.name for ghost in GHOSTS),
    *(ghost.place.name for ghost in GHOSTS),
    *(wave.name for wave in WAVES),
}


def story_institutions(first_number: int) -> list[Institution]:
    """Make the institutions of the stories, as their ledgers would describe them."""
    ghosts = [_ghost(ghost) for ghost in GHOSTS]
    waves = [_wave(wave) for wave in WAVES]
    for number, institution in enumerate([*ghosts, *waves], start=first_number):
        adcode = UNITS[institution.unit].adcode
        institution.credit_code = names.credit_code(adcode, number)
        institution.licence_no = f"示许字〔2021〕{number:05d}号"
        institution.licence_valid_to = date(2023, 12, 31)
        institution.phone = names.landline(number)
        institution.first_ready_on = date(2022, 4, 6)
    return [*ghosts, *waves]


def _ghost(ghost: Ghost) -> Institution:
    where = f"柳州市{UNITS[ghost.place.unit].name}{ghost.place.town}{ghost.place.street}"
    site = Site(
        f"{where}{ghost.place.name}6楼", ghost.place, ghost.place.longitude, ghost.place.latitude
    )
    return Institution(
        ghost.place.unit,
        ghost.name,
        "subject",
        site,
        date(2022, 3, 10),
        status="deregistered",
        status_since=ghost.deregistered_on,
        deregistered_on=ghost.deregistered_on,
        teachers=8,
        students=96,
        area=320,
        fee_supervision="escrow",
        contract=True,
        story="ghost",
    )


def _wave(wave: Wave) -> Institution:
    return Institution(
        wave.unit,
        wave.name,
        wave.category,
        wave.site,
        date(2022, 3, 14),
        status="suspended" if wave.suspended_on else "operating",
        status_since=wave.suspended_on,
        qualified_on=date(2022, 4, 20),
        registered_on=wave.first - timedelta(days=40),
        teachers=9,
        students=160,
        area=520,
        contract=False,
        story="wave",
    )
