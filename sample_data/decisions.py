"""Made-up decisions of two meetings: done, open and late ones, of counties and of the city."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import Connection, insert

from data_access.schema import decision

CLERK: Final = "supervisor@demo"
_FIRST, _SECOND = date(2022, 8, 11), date(2022, 8, 18)
_RECORDED: Final = time(18, 30)
# Week, kind, county, what, owner, due, done.
_DECISIONS: Final[tuple[tuple[date, str, str | None, str, str, date | None, date | None], ...]] = (
    (
        *(_FIRST, "decision", "450204", "壬午舞蹈培训中心退费纠纷制定一企一策方案，专班驻点办理"),
        *("责任人甲", date(2022, 8, 18), date(2022, 8, 17)),
    ),
    (
        *(_FIRST, "decision", None, "各县区每周四前报清未登记机构名单，逐家写明卡在哪一项"),
        *("责任人乙", date(2022, 8, 25), None),
    ),
    (
        *(_FIRST, "notice", "450224", "整改逾期件数全市最多，通报批评，限期销号"),
        *("责任人丙", date(2022, 8, 19), None),
    ),
    (
        *(_SECOND, "decision", "450224", "登记覆盖率低于全市，派工作组核查未登记机构"),
        *("责任人丁", date(2022, 8, 24), None),
    ),
    (
        *(_SECOND, "decision", "450206", "按近四周进度赶不上 9 月 30 日，重排登记计划并报市专班"),
        *("责任人戊", date(2022, 9, 2), None),
    ),
    (
        *(_SECOND, "decision", "450203", "丁亥机器人培训中心退费纠纷约谈举办者"),
        *("责任人己", date(2022, 8, 23), date(2022, 8, 23)),
    ),
    (
        *(_SECOND, "accountability", "450222", "两期周报迟报，对分管负责人提醒谈话"),
        *("责任人庚", None, date(2022, 8, 22)),
    ),
)


def add_decisions(conn: Connection) -> None:
    """Put the decisions on record, as on the evenings of their meetings."""
    names = ("week", "kind", "county_code", "what", "owner", "due_on", "done_on")
    rows: list[dict[str, Any]] = [
        {
            **dict(zip(names, one, strict=True)),
            "created_by": CLERK,
            "created_at": datetime.combine(one[0], _RECORDED),
        }
        for one in _DECISIONS
    ]
    conn.execute(insert(decision), rows)
