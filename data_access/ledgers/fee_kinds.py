"""The ledgers of prices, of what is charged in advance, and of the checks; beside ``kinds``."""

from __future__ import annotations

from typing import Final

from data_access import schema, vocabulary
from data_access.ledgers.columns import ROW_VERSION, Column, Kind, Masks, Read, county_column

_NAME: Final = Column("institution_name", "机构名称", ("培训机构名称", "单位名称"), required=True)
_CREDIT_CODE: Final = Column(
    "credit_code", "统一社会信用代码", ("社会信用代码", "信用代码"), Read.CREDIT_CODE
)
_COURSE: Final = Column("course", "课程名称", ("课程", "班级名称"), required=True)

COURSE_FEES: Final = Kind(
    "course_fees",
    "课程收费",
    schema.course_fee,
    (
        county_column(),
        _NAME,
        _CREDIT_CODE,
        _COURSE,
        Column("item", "培训项目", ("项目", "科目"), required=True),
        Column("class_size", "班型", ("班额类型", "授课形式"), required=True),
        Column("class_students", "班额", ("班级人数", "每班人数"), Read.COUNT),
        Column(
            "teaching_mode",
            "授课方式",
            ("线上线下",),
            Read.WORD,
            words=vocabulary.TEACHING_MODE,
        ),
        Column(
            "lesson_minutes", "课时时长", ("每课时分钟数", "课时分钟"), Read.COUNT, required=True
        ),
        Column(
            "quoted_yuan",
            "收费标准",
            ("每课时价格", "每课时单价", "课时单价", "单价", "价格"),
            Read.MONEY,
            required=True,
        ),
        Column("price_unit", "计价单位", ("收费单位",), Read.WORD, words=vocabulary.PRICE_UNIT),
        Column("quoted_lessons", "每期课时数", ("课时数", "总课时"), Read.COUNT),
        Column("effective_on", "执行日期", ("执行时间", "启用日期"), Read.DAY_AHEAD, required=True),
        Column("cost_yuan_per_lesson", "每课时成本", ("平均成本", "课时成本"), Read.MONEY),
        ROW_VERSION,
    ),
)

FEE_CHARGES: Final = Kind(
    "fee_charges",
    "预收费",
    schema.fee_charge,
    (
        county_column(),
        _NAME,
        _CREDIT_CODE,
        Column("receipt_no", "票据号", ("收据号", "票据编号"), required=True, masks=Masks.NOTHING),
        _COURSE,
        Column("charged_on", "收费日期", ("缴费日期",), Read.DAY, required=True),
        Column("amount_yuan", "收费金额", ("预收金额", "金额"), Read.MONEY, required=True),
        Column("months", "收费月数", ("月数",), Read.NUMBER),
        Column("lessons", "收费课时数", ("课时数",), Read.COUNT),
        Column("course_starts_on", "开课日期", (), Read.DAY_AHEAD),
        Column("course_ends_on", "结课日期", ("课程结束日期",), Read.DAY_AHEAD),
        Column("into_escrow", "进入监管账户", ("是否进入监管账户", "是否入账"), Read.YES_NO),
        Column("refunded_yuan", "已退金额", ("退费金额",), Read.MONEY),
        ROW_VERSION,
    ),
)

COMPLIANCE_CHECKS: Final = Kind(
    "compliance_checks",
    "专项检查",
    schema.compliance_check,
    (
        Column("check_no", "检查编号", ("编号",), required=True, masks=Masks.NOTHING),
        county_column(required=True),
        _NAME,
        _CREDIT_CODE,
        Column(
            "domain",
            "检查类别",
            ("检查内容", "检查领域"),
            Read.WORD,
            required=True,
            words=vocabulary.CHECK_DOMAIN,
        ),
        Column("aspect", "安全方面", ("检查方面",), Read.WORD, words=vocabulary.CHECK_ASPECT),
        Column("checked_on", "检查日期", (), Read.DAY, required=True),
        Column("examined", "检查数量", (), Read.COUNT),
        Column("failed", "不合规数量", ("不合格数量",), Read.COUNT),
        Column(
            "outcome",
            "检查结果",
            ("结果",),
            Read.WORD,
            required=True,
            words=vocabulary.CHECK_OUTCOME,
        ),
        Column("finding", "问题说明", ("存在问题",), masks=Masks.NAMES),
        Column("severity", "严重程度", (), Read.WORD, words=vocabulary.SEVERITY),
        Column("due_on", "整改期限", ("整改时限",), Read.DAY_AHEAD),
        ROW_VERSION,
    ),
)
