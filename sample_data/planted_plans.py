"""一企一策 of three institutions on the watch list: steps done, done late, overdue and open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import Connection, insert, select

from data_access.ledgers.places import name_key
from data_access.schema import institution, refund_plan, refund_plan_step

_RECORDED: Final = time(17, 30)


@dataclass(frozen=True)
class PlannedStep:
    """What is to be done by a day, and the day and proof of its being done."""

    what: str
    due_on: date
    done_on: date | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Plan:
    """A plan of a county for one institution."""

    unit: str
    institution: str
    opened_on: date
    owner: str
    aim: str
    steps: tuple[PlannedStep, ...]


def _august(day: int) -> date:
    return date(2022, 8, day)


PLANS: Final = (
    Plan(
        "450204", "壬午舞蹈培训中心", _august(12), "责任人甲",
        "核清名单，分批退费，不愿退的转到邻近机构续课",
        (
            PlannedStep("约谈举办者，封存账册", _august(14), _august(13), "约谈笔录"),
            PlannedStep("核清学生名单和未消课时", _august(17), _august(17), "名单及金额核对表"),
            PlannedStep("第一批退费到账", _august(22)),
            PlannedStep("与邻近机构签订续课协议", date(2022, 9, 5)),
        ),
    ),
    Plan(
        "450203", "丁亥机器人培训中心", _august(19), "责任人己",
        "与家长逐户签订退费协议，按月退清",
        (
            PlannedStep("约谈举办者", _august(22), _august(24), "约谈笔录"),
            PlannedStep("逐户签订退费协议", _august(31)),
            PlannedStep("退清全部余额", date(2022, 10, 31)),
        ),
    ),
    Plan(
        "450205", "丙戌游泳培训中心", _august(15), "责任人辛",
        "换季停课的课时顺延，不愿顺延的退费",
        (
            PlannedStep("公示顺延和退费办法", _august(18), _august(18), "公示照片 2 张"),
            PlannedStep("办结 8 月底前提出的退费申请", date(2022, 9, 2)),
        ),
    ),
)  # fmt: skip


def add_refund_plans(conn: Connection) -> None:
    """Put the plans on record, as the counties' demonstration accounts did on their days."""
    for plan in PLANS:
        known = institution.c
        of = conn.scalars(
            select(known.id).where(known.county_code == plan.unit, known.name == plan.institution)
        ).one()
        made = conn.execute(
            insert(refund_plan)
            .values(
                county_code=plan.unit,
                institution_id=of,
                institution_name=plan.institution,
                institution_name_key=name_key(plan.institution),
                opened_on=plan.opened_on,
                owner=plan.owner,
                aim=plan.aim,
                created_by=f"{plan.unit}@demo",
                created_at=datetime.combine(plan.opened_on, _RECORDED),
            )
            .returning(refund_plan.c.id)
        )
        plan_id = made.scalar_one()
        for number, step in enumerate(plan.steps, start=1):
            row = {"refund_plan_id": plan_id, "county_code": plan.unit, "step_no": number}
            conn.execute(insert(refund_plan_step).values(row | vars(step)))
