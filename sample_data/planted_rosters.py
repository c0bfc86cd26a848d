"""Lines of source lists of which it is known what they are: README.md tells the same in words.

They come on top of the drawn ones and draw nothing themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from data_access.schema import institution, roster_decision, roster_entry
from sample_data.institutions import Institution
from sample_data.records import Record, Values, Version

PHONE, CODE, LICENCE = "phone", "code", "licence"
DECIDED_AT: Final = datetime(2022, 8, 24, 20, 15)  # noqa: DTZ001


@dataclass(frozen=True)
class Line:
    """A planted line; ``gives`` is what it has of the institution ``of`` in ``of_unit``.

    ``is_it``: whether the line is that institution, and not only like it.
    """

    source: str
    number: str | None
    sent_on: date
    unit: str
    name: str
    of: str
    of_unit: str = ""
    address: str | None = None
    gives: tuple[str, ...] = ()
    is_it: bool = True


VISITED, ASKED = date(2022, 7, 21), date(2022, 6, 2)
# A character mistaken and the address lost; the name cut and the room lost; a slip.
SAME: Final = (
    Line("questionnaire", "WJ90001", ASKED, "450225", "已酉跆拳道培训", "己酉跆拳道培训中心",
         gives=(PHONE,)),
    Line("community_visit", None, VISITED, "450225", "甲子篮球公司", "柳州市甲子篮球培训有限公司",
         address="融水镇清明路74号"),
    Line("questionnaire", "WJ90002", ASKED, "450203", "庚戌蓝球俱乐部", "庚戌篮球俱乐部",
         gives=(PHONE,)),
    Line("questionnaire", "WJ90003", ASKED, "450222", "丙寅舞蹈培训", "丙寅舞蹈培训中心",
         address="大埔镇冬至路17号"),
)  # fmt: skip
# The same brand behind the same door; a branch nobody has registered; a namesake elsewhere.
TEMPTING: Final = (
    Line("community_visit", None, VISITED, "450225", "己酉舞蹈培训中心", "己酉跆拳道培训中心",
         address="柳州市融水苗族自治县融水镇芒种路188号", gives=(PHONE,), is_it=False),
    Line("community_visit", None, VISITED, "450225", "辛未口才培训学校（永乐校区）",
         "辛未口才培训学校", address="融水苗族自治县永乐镇小寒路9号", is_it=False),
    Line("questionnaire", "WJ90004", ASKED, "450222", "戊午乒乓球俱乐部", "戊午乒乓球俱乐部",
         of_unit="450203", address="柳城县东泉镇冬至路300号", is_it=False),
    Line("community_visit", None, VISITED, "450203", "戊午羽毛球俱乐部", "戊午乒乓球俱乐部",
         address="柳州市鱼峰区天马街道冬至路36号", gives=(PHONE,), is_it=False),
)  # fmt: skip
ONE_LICENCE: Final = Line(
    "moe", "JYB90001", date(2022, 4, 7), "450225", "柳州市戊子篮球培训有限公司（和睦校区）",
    "柳州市戊子篮球培训有限公司", address="柳州市融水苗族自治县和睦镇谷雨路8号", gives=(LICENCE,),
    is_it=False,
)  # fmt: skip
TWO_COUNTIES: Final = Line(
    "market_regulator", "SCJG90001", date(2022, 7, 14), "450204", "柳州市甲寅围棋培训有限公司",
    "柳州市甲寅围棋培训有限公司", of_unit="450203", address="柳州市柳南区河西街道谷雨路15号",
    gives=(CODE,),
)  # fmt: skip
# Deregistered on 2022-06-21 and 2022-06-09: one with its code, one to be decided.
GONE: Final = (
    Line("self_report", "ZB90001", date(2022, 6, 30), "450225", "柳州市辛卯古筝培训有限公司",
         "柳州市辛卯古筝培训有限公司", gives=(CODE, PHONE)),
    Line("community_visit", None, VISITED, "450222", "乙丑语数英学校", "乙丑语数英培训学校",
         address="柳城县东泉镇小寒路12号"),
)  # fmt: skip
PLANTED: Final = (*SAME, *TEMPTING, ONE_LICENCE, TWO_COUNTIES, *GONE)
# What people have decided already: two yes, one no.
DECIDED: Final = ((SAME[2], "same"), (SAME[3], "same"), (TEMPTING[3], "different"))


def planted_records(institutions: list[Institution]) -> Iterator[Record]:
    """List the planted lines."""
    known = {(each.unit, each.name): each for each in institutions}
    for place, line in enumerate(PLANTED, start=1):
        of = known[line.of_unit or line.unit, line.of]
        values: Values = {
            "名单来源": line.source,
            "名单编号": line.number,
            "县区": line.unit,
            "机构名称": line.name,
            "统一社会信用代码": of.credit_code if CODE in line.gives else None,
            "许可证号": of.licence_no if LICENCE in line.gives else None,
            "地址": line.address,
            "联系电话": of.phone if PHONE in line.gives else None,
        }
        versions = (Version(line.sent_on, values),)
        yield Record("roster_entries", f"X{place:05d}", line.unit, versions, "city")


def add_roster_decisions(conn: Connection) -> None:
    """Put on record what the counties' demonstration accounts have decided of planted lines."""
    line, known = roster_entry.c, institution.c
    for planted, verdict in DECIDED:
        entry = conn.scalars(
            select(line.id).where(
                line.source == planted.source,
                line.county_code == planted.unit,
                line.name == planted.name,
            )
        ).one()
        of = conn.scalars(
            select(known.id).where(
                known.county_code == (planted.of_unit or planted.unit), known.name == planted.of
            )
        ).one()
        conn.execute(
            insert(roster_decision).values(
                roster_entry_id=entry,
                institution_id=of,
                county_code=planted.unit,
                verdict=verdict,
                decided_by=f"{planted.unit}@demo",
                decided_at=DECIDED_AT,
            )
        )
        if verdict == "same":
            change = update(roster_entry).where(line.id == entry)
            conn.execute(change.values(institution_id=of, match_status="matched", row_version=2))
