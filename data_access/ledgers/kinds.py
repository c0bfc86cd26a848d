"""Every ledger that can be imported: its columns, their headers and how cells are read.

This is the one table of headers. A header in a file is compared with ``header`` and
``synonyms`` after blanks, line breaks, full-width brackets and units are taken away.
"""

from __future__ import annotations

from typing import Final

from data_access import schema, vocabulary
from data_access.ledgers.columns import ROW_VERSION, Column, Kind, Masks, Read
from data_access.ledgers.columns import county_column as _county
from data_access.ledgers.county_kinds import COUNTY_ACTIONS, SUBMISSIONS
from data_access.ledgers.fee_kinds import COMPLIANCE_CHECKS, COURSE_FEES, FEE_CHARGES

__all__ = ["KINDS", "Column", "Kind", "Masks", "Read"]

CREDIT_CODE: Final = Column(
    "credit_code", "统一社会信用代码", ("社会信用代码", "信用代码"), Read.CREDIT_CODE
)
INSTITUTION_NAME: Final = Column("institution_name", "机构名称", ("培训机构名称", "单位名称"))
PLACE_NAME: Final = Column("place_name", "楼宇小区", ("所在楼宇/小区", "所在楼宇小区"))
ADDRESS: Final = Column("address", "地址", ("办学地址", "详细地址"))
LONGITUDE: Final = Column("longitude", "经度", (), Read.NUMBER)
LATITUDE: Final = Column("latitude", "纬度", (), Read.NUMBER)

INSTITUTIONS: Final = Kind(
    "institutions",
    "机构台账",
    schema.institution,
    (
        _county(),
        Column("name", "机构名称", ("培训机构名称", "单位名称"), required=True),
        CREDIT_CODE,
        Column(
            "category",
            "机构类别",
            ("类别", "培训类别"),
            Read.WORD,
            required=True,
            words=vocabulary.CATEGORY,
        ),
        Column("competent_department", "主管部门", ("业务主管部门",)),
        Column("licence_no", "办学许可证号", ("许可证号",), masks=Masks.NOTHING),
        Column("licence_valid_to", "许可证有效期至", ("许可证有效期",), Read.DAY_AHEAD),
        Column(
            "operating_status",
            "经营状态",
            ("运营状态", "状态"),
            Read.WORD,
            required=True,
            words=vocabulary.OPERATING_STATUS,
        ),
        Column("found_on", "排查日期", ("发现日期",), Read.DAY, required=True),
        Column("deregistered_on", "注销日期", (), Read.DAY),
        Column("qualified_on", "核查合格日期", ("合格日期",), Read.DAY),
        Column(
            "platform_registered_on",
            "平台登记日期",
            ("纳入平台日期", "录入全国平台日期"),
            Read.DAY,
        ),
        ADDRESS,
        PLACE_NAME,
        LONGITUDE,
        LATITUDE,
        Column("phone", "联系电话", ("电话",), masks=Masks.PHONE),
        Column("teachers", "教师人数", ("专职教师数",), Read.COUNT),
        Column("students", "学生人数", ("参培学生数",), Read.COUNT),
        Column("floor_area_m2", "场地面积", ("建筑面积",), Read.NUMBER),
        Column(
            "fee_supervision",
            "预收费监管方式",
            ("资金监管方式",),
            Read.WORD,
            words=vocabulary.FEE_SUPERVISION,
        ),
        Column("standard_contract", "使用示范合同", ("是否使用示范文本",), Read.YES_NO),
        ROW_VERSION,
    ),
)

VERIFICATIONS: Final = Kind(
    "verifications",
    "资质核查",
    schema.verification,
    (
        _county(),
        Column("institution_name", "机构名称", ("培训机构名称", "单位名称"), required=True),
        CREDIT_CODE,
        Column(
            "item",
            "核查项目",
            ("核查内容",),
            Read.WORD,
            required=True,
            words=vocabulary.VERIFICATION_ITEM,
        ),
        Column("verified_on", "核查日期", (), Read.DAY, required=True),
        Column(
            "outcome",
            "核查结果",
            ("结果",),
            Read.WORD,
            required=True,
            words=vocabulary.VERIFICATION_OUTCOME,
        ),
        Column("note", "备注", masks=Masks.NAMES),
    ),
)

ROSTER_ENTRIES: Final = Kind(
    "roster_entries",
    "底数名单",
    schema.roster_entry,
    (
        Column(
            "source",
            "名单来源",
            ("来源",),
            Read.WORD,
            required=True,
            words=vocabulary.ROSTER_SOURCE,
        ),
        Column("entry_no", "名单编号", ("编号",), masks=Masks.NOTHING),
        _county(),
        Column("name", "机构名称", ("培训机构名称", "单位名称"), required=True),
        CREDIT_CODE,
        Column("licence_no", "许可证号", ("办学许可证号",), masks=Masks.NOTHING),
        ADDRESS,
        Column("phone", "联系电话", ("电话",), masks=Masks.PHONE),
    ),
)

VIOLATION_REPORTS: Final = Kind(
    "violation_reports",
    "举报线索",
    schema.violation_report,
    (
        Column("report_no", "线索编号", ("编号",), required=True, masks=Masks.NOTHING),
        Column("received_on", "接报日期", ("举报日期", "受理日期"), Read.DAY, required=True),
        Column(
            "channel",
            "举报渠道",
            ("来源渠道",),
            Read.GROUPED,
            required=True,
            groups=vocabulary.CHANNELS,
        ),
        Column(
            "violation_type",
            "违规类型",
            ("问题类型",),
            Read.GROUPED,
            required=True,
            groups=vocabulary.VIOLATION_TYPES,
        ),
        _county(required=True),
        INSTITUTION_NAME,
        CREDIT_CODE,
        PLACE_NAME,
        ADDRESS,
        LONGITUDE,
        LATITUDE,
        Column(
            "status",
            "办理状态",
            ("状态",),
            Read.WORD,
            required=True,
            words=vocabulary.REPORT_STATUS,
        ),
        Column("verified_on", "核实日期", (), Read.DAY),
        Column("closed_on", "办结日期", (), Read.DAY),
        Column("class_hours", "上课时间", ("时段",), Read.TIME_SPAN),
        Column("reporter_phone", "举报人电话", ("联系电话",), masks=Masks.PHONE),
        Column("summary", "内容摘要", ("举报内容",), masks=Masks.NAMES),
        ROW_VERSION,
    ),
)

INSPECTIONS: Final = Kind(
    "inspections",
    "检查记录",
    schema.inspection,
    (
        Column("inspection_no", "检查编号", ("编号",), required=True, masks=Masks.NOTHING),
        Column("inspected_on", "检查日期", (), Read.DAY, required=True),
        _county(required=True),
        INSTITUTION_NAME,
        CREDIT_CODE,
        PLACE_NAME,
        ADDRESS,
        Column(
            "method",
            "检查方式",
            (),
            Read.WORD,
            required=True,
            words=vocabulary.INSPECTION_METHOD,
        ),
        Column("departments", "参与部门", ("联合部门",)),
        Column("officers", "检查人员"),
        Column("people", "出动人次", (), Read.COUNT),
        Column(
            "outcome",
            "检查结果",
            ("结果",),
            Read.WORD,
            required=True,
            words=vocabulary.INSPECTION_OUTCOME,
        ),
        Column(
            "violation_type",
            "违规类型",
            ("问题类型",),
            Read.GROUPED,
            groups=vocabulary.VIOLATION_TYPES,
        ),
        Column("individuals", "查处个人人次", (), Read.COUNT),
        Column("measures", "处理方式", ("处理措施",), masks=Masks.NAMES),
        Column("report_no", "线索编号", masks=Masks.NOTHING),
        ROW_VERSION,
    ),
)

RECTIFICATIONS: Final = Kind(
    "rectifications",
    "整改台账",
    schema.rectification,
    (
        Column("ledger_no", "台账编号", required=True, masks=Masks.NOTHING),
        _county(required=True),
        INSTITUTION_NAME,
        CREDIT_CODE,
        PLACE_NAME,
        Column(
            "source",
            "问题来源",
            (),
            Read.WORD,
            required=True,
            words=vocabulary.RECTIFICATION_SOURCE,
        ),
        Column("issue_type", "问题类型", required=True),
        Column("severity", "严重程度", (), Read.WORD, required=True, words=vocabulary.SEVERITY),
        Column("opened_on", "登记日期", ("立账日期",), Read.DAY, required=True),
        Column("due_on", "整改期限", ("整改时限",), Read.DAY_AHEAD, required=True),
        Column(
            "status",
            "整改状态",
            ("状态",),
            Read.WORD,
            required=True,
            words=vocabulary.RECTIFICATION_STATUS,
        ),
        Column("closed_on", "销号日期", (), Read.DAY),
        Column("responsible_department", "责任部门"),
        Column("evidence", "佐证材料", masks=Masks.NAMES),
        Column("verified_by", "复核人"),
        Column("public_accepted", "群众认可", (), Read.YES_NO),
        ROW_VERSION,
    ),
)

RECTIFICATION_EVENTS: Final = Kind(
    "rectification_events",
    "整改经过",
    schema.rectification_event,
    (
        Column("ledger_no", "台账编号", required=True, masks=Masks.NOTHING),
        _county(),
        Column("happened_on", "发生日期", ("日期",), Read.DAY, required=True),
        Column(
            "step",
            "环节",
            ("步骤",),
            Read.WORD,
            required=True,
            words=vocabulary.RECTIFICATION_STEP,
        ),
        Column("actor", "经办人", ("办理人",)),
        Column("note", "备注", ("说明",), masks=Masks.NAMES),
    ),
)

REFUND_DISPUTES: Final = Kind(
    "refund_disputes",
    "退费纠纷",
    schema.refund_dispute,
    (
        Column("dispute_no", "纠纷编号", required=True, masks=Masks.NOTHING),
        _county(required=True),
        Column("institution_name", "机构名称", ("培训机构名称", "单位名称"), required=True),
        CREDIT_CODE,
        Column("opened_on", "登记日期", ("受理日期",), Read.DAY, required=True),
        Column("students", "涉及学生数", ("涉及人数",), Read.COUNT, required=True),
        Column("amount_yuan", "涉及金额", ("涉及金额（元）",), Read.MONEY, required=True),
        Column(
            "status",
            "处理状态",
            ("状态",),
            Read.WORD,
            required=True,
            words=vocabulary.DISPUTE_STATUS,
        ),
        Column("route", "化解途径", ("化解方式",), Read.WORD, words=vocabulary.DISPUTE_ROUTE),
        Column("resolved_on", "化解日期", (), Read.DAY),
        Column("refunded_yuan", "已退金额", ("退费金额",), Read.MONEY),
        Column("plan_in_place", "一企一策", (), Read.YES_NO),
        Column("standard_contract", "使用示范合同", ("是否使用示范文本",), Read.YES_NO),
        Column("answer", "处理情况", ("答复", "办理情况"), masks=Masks.NAMES),
        ROW_VERSION,
    ),
)

KINDS: Final = {
    kind.name: kind
    for kind in (
        INSTITUTIONS,
        VERIFICATIONS,
        ROSTER_ENTRIES,
        VIOLATION_REPORTS,
        INSPECTIONS,
        RECTIFICATIONS,
        RECTIFICATION_EVENTS,
        REFUND_DISPUTES,
        COURSE_FEES,
        FEE_CHARGES,
        COMPLIANCE_CHECKS,
        SUBMISSIONS,
        COUNTY_ACTIONS,
    )
}
