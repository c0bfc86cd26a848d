"""Prices planted to be found, and prices that only look like it: README.md tells of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sample_data.fee_words import FOUR, LARGE, ONE, SMALL
from sample_data.fees import Course, Price
from sample_data.institutions import Institution

LAST_YEAR = date(2021, 9, 1)


@dataclass(frozen=True)
class Fee:
    """A course with its prices at an institution of a county."""

    unit: str
    institution: str
    course: str
    item: str
    class_size: str
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class PriceStory:
    """What happened to a price. A renamed course is told by its old and its new name."""

    why: str
    fees: tuple[Fee, ...]


def _june(day: int) -> date:
    return date(2022, 6, day)


# Each is dearer than its own price before the summer and than its peers', from a day in June.
JUMPS = (
    PriceStory("a plain rise", (
        Fee("450202", "城中区癸酉钢琴培训中心", "钢琴考级一对一", "钢琴", ONE,
            (Price(LAST_YEAR, 45, 200), Price(_june(15), 45, 290))),
    )),
    PriceStory("a plain rise", (
        Fee("450204", "柳南区壬戌舞蹈培训学校", "中国舞基础小班", "舞蹈", SMALL,
            (Price(LAST_YEAR, 45, 60), Price(_june(20), 45, 95))),
    )),
    PriceStory("shorter lessons at the same price", (
        Fee("450203", "鱼峰区庚申书法培训中心", "硬笔书法小班", "书法", SMALL,
            (Price(LAST_YEAR, 60, 76), Price(_june(10), 40, 76))),
    )),
    PriceStory("shorter lessons at the same price", (
        Fee("450205", "柳州市癸酉篮球培训有限公司", "篮球基础大班", "篮球", LARGE,
            (Price(LAST_YEAR, 60, 62), Price(_june(25), 40, 62))),
    )),
    PriceStory("renamed and dearer", (
        Fee("450202", "城中区戊辰游泳培训中心", "游泳提高小班", "游泳", SMALL,
            (Price(LAST_YEAR, 60, 108),)),
        Fee("450202", "城中区戊辰游泳培训中心", "暑期游泳菁英营", "游泳", SMALL,
            (Price(_june(18), 60, 160),)),
    )),
    PriceStory("renamed and dearer", (
        Fee("450204", "己未美术培训学校", "创意美术1对4", "美术", FOUR,
            (Price(LAST_YEAR, 90, 168),)),
        Fee("450204", "己未美术培训学校", "美术大师小组课", "美术", FOUR,
            (Price(_june(28), 90, 240),)),
    )),
    PriceStory("priced by the term instead of the lesson", (
        Fee("450203", "柳州市丁未少儿编程培训有限公司", "图形化编程小班", "少儿编程", SMALL,
            (Price(LAST_YEAR, 60, 140), Price(_june(8), 60, 4200, "term", lessons=20))),
    )),
    PriceStory("the same price of a class for fewer in it", (
        Fee("450205", "壬子围棋培训中心", "围棋升级小班", "围棋", SMALL,
            (Price(LAST_YEAR, 60, 560, "class_lesson", students=8),
             Price(_june(22), 60, 560, "class_lesson", students=5))),
    )),
)  # fmt: skip

_FENCING = "a rise that every institution of a small item shares"
_FENCERS = (
    ("450202", "丙寅游泳培训中心", 145, 188, 6),
    ("450202", "丁酉游泳培训中心", 150, 195, 8),
    ("450203", "鱼峰区甲子围棋俱乐部", 142, 185, 10),
    ("450204", "柳南区甲戌羽毛球培训中心", 148, 192, 13),
    ("450205", "庚戌围棋培训中心", 144, 188, 15),
    ("450205", "甲寅篮球培训中心", 150, 196, 20),
)
DECOYS = (
    PriceStory("high for years", (
        Fee("450202", "城中区庚申舞蹈艺术工作室", "古典舞小班", "舞蹈", SMALL,
            (Price(LAST_YEAR, 45, 122),)),
    )),
    PriceStory("high for years", (
        Fee("450203", "丁丑声乐培训中心", "美声一对一", "声乐", ONE,
            (Price(LAST_YEAR, 60, 440), Price(date(2022, 2, 14), 60, 450))),
    )),
    *(
        PriceStory(_FENCING, (
            Fee(unit, name, "击剑小班", "击剑", SMALL,
                (Price(LAST_YEAR, 60, before), Price(_june(day), 60, after))),
        ))
        for unit, name, before, after, day in _FENCERS
    ),
    PriceStory("from far below up to what its peers ask", (
        Fee("450205", "戊子钢琴培训中心", "钢琴启蒙一对一", "钢琴", ONE,
            (Price(LAST_YEAR, 45, 88), Price(_june(12), 45, 172))),
    )),
    PriceStory("one to one beside a group", (
        Fee("450204", "乙酉篮球培训中心", "篮球基础小班", "篮球", SMALL,
            (Price(LAST_YEAR, 60, 82),)),
        Fee("450204", "乙酉篮球培训中心", "篮球私教一对一", "篮球", ONE,
            (Price(_june(16), 60, 180),)),
    )),
    PriceStory("longer lessons at a price in proportion", (
        Fee("450203", "己未美术艺术工作室", "创意美术小班", "美术", SMALL,
            (Price(LAST_YEAR, 45, 58),)),
        Fee("450203", "己未美术艺术工作室", "暑期美术集训小班", "美术", SMALL,
            (Price(_june(20), 90, 116),)),
    )),
    PriceStory("a term of twice the lessons at twice the price", (
        Fee("450202", "甲午书法培训中心", "软笔书法小班", "书法", SMALL,
            (Price(LAST_YEAR, 45, 660, "term", lessons=12),
             Price(_june(14), 45, 1320, "term", lessons=24))),
    )),
    PriceStory("renamed at the same price", (
        Fee("450205", "柳州市己丑声乐培训有限公司", "声乐基础小班", "声乐", SMALL,
            (Price(LAST_YEAR, 45, 76),)),
        Fee("450205", "柳州市己丑声乐培训有限公司", "暑期少儿声乐小班", "声乐", SMALL,
            (Price(_june(24), 45, 76),)),
    )),
)  # fmt: skip


def planted_courses(institutions: list[Institution]) -> list[Course]:
    """Make the courses of the stories."""
    known = {(each.unit, each.name): each for each in institutions}
    return [
        Course(known[fee.unit, fee.institution], fee.course, fee.item, fee.class_size, fee.prices,
               story=story.why)
        for story in (*JUMPS, *DECOYS)
        for fee in story.fees
    ]  # fmt: skip
