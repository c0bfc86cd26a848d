"""The codes that the database holds and the Chinese words that stand for them.

Each vocabulary maps a code to its words; the first word is the one that screens,
exports and ledgers we write use, the others are understood when a ledger comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Vocabulary = Mapping[str, tuple[str, ...]]


def _vocabulary(**words: tuple[str, ...]) -> Vocabulary:
    return MappingProxyType(words)


CATEGORY: Final = _vocabulary(
    subject=("学科类",),
    sports=("体育", "体育类", "非学科体育"),
    arts=("文化艺术", "艺术", "艺术类", "文化艺术类"),
    technology=("科技", "科技类"),
    other=("其他", "其他类", "其他非学科"),
)
OPERATING_STATUS: Final = _vocabulary(
    operating=("在营", "正常", "营业", "正常经营"),
    suspended=("停业", "暂停", "暂停营业"),
    deregistered=("已注销", "注销"),
    unlicensed=("无证", "无证经营", "无证照"),
)
FEE_SUPERVISION: Final = _vocabulary(
    escrow=("银行托管", "资金托管", "托管"),
    deposit=("风险保证金", "保证金"),
    none=("未监管", "无", "未纳入"),
)
VERIFICATION_ITEM: Final = _vocabulary(
    licence=("办学资质",),
    staff=("师资聘任",),
    certificates=("证照办理",),
    content=("培训内容",),
    scale=("培训规模",),
    premises=("场地条件",),
    enrolment=("报班参培学生人数", "参培人数"),
)
VERIFICATION_OUTCOME: Final = _vocabulary(
    **{"pass": ("合格", "通过")},
    fail=("不合格", "未通过"),
    pending=("待核", "待核查", "待整改"),
)
ROSTER_SOURCE: Final = _vocabulary(
    moe=("教育部", "教育部下发"),
    market_regulator=("市场监管", "工商登记", "市场监管局"),
    platform=("全国平台", "国家平台"),
    self_report=("机构自报", "自报", "机构申报"),
    community_visit=("社区走访",),
    questionnaire=("问卷", "问卷调查"),
)
MATCH_STATUS: Final = _vocabulary(
    unmatched=("未匹配",),
    matched=("已匹配",),
    dismissed=("已排除",),
)
REPORT_STATUS: Final = _vocabulary(
    received=("已受理", "受理", "待核实"),
    assigned=("已交办", "交办"),
    verifying=("核实中", "核查中"),
    substantiated=("属实", "查实"),
    unsubstantiated=("不属实", "不实", "查否"),
)
INSPECTION_METHOD: Final = _vocabulary(
    unannounced=("暗访", "四不两直", "暗访（四不两直）"),
    routine=("日常检查", "日常", "例行检查"),
    joint=("联合执法", "联合检查", "联合执法检查"),
)
INSPECTION_OUTCOME: Final = _vocabulary(
    clear=("未发现问题", "正常", "无问题"),
    violation=("发现违规", "违规", "发现问题"),
    closed_door=("闭门未开", "关门", "未开门"),
)
RECTIFICATION_STATUS: Final = _vocabulary(
    assigned=("已交办", "交办"),
    in_progress=("整改中",),
    submitted=("申请销号", "待复核"),
    closed=("已销号", "销号"),
    returned=("退回",),
    reopened=("重新整改", "反弹", "重开"),
)
RECTIFICATION_SOURCE: Final = _vocabulary(
    inspection=("检查", "督查检查", "执法检查"),
    report=("举报", "群众举报"),
    verification=("核查", "登记核查"),
    check=("专项检查",),
    supervision=("督查", "专项督查"),
)
RECTIFICATION_STEP: Final = _vocabulary(
    register=("立账", "登记"),
    assign=("交办",),
    submit=("申请销号",),
    close=("销号", "已销号"),
    **{"return": ("退回",)},
    reopen=("重新整改", "重开", "反弹"),
)
SEVERITY: Final = MappingProxyType({"1": ("一般", "轻微"), "2": ("较重",), "3": ("严重", "重大")})
DISPUTE_STATUS: Final = _vocabulary(
    open=("未化解", "处理中", "未办结"),
    resolved=("已化解", "已解决", "办结"),
    litigation=("诉讼", "进入诉讼"),
)
DISPUTE_ROUTE: Final = _vocabulary(
    refund=("退费", "退款"),
    course_exchange=("兑课", "转课", "课程置换"),
    legal=("法律途径", "诉讼"),
)
TEACHING_MODE: Final = _vocabulary(
    offline=("线下", "面授", "线下面授"),
    online=("线上", "网课", "网络"),
)
# What a price is stated for; of a term (期) it takes the number of lessons to know a lesson's.
PRICE_UNIT: Final = _vocabulary(
    lesson=("元/人·课时", "元/课时", "元/人次", "元/节", "课时"),
    hour=("元/人·小时", "元/小时", "小时"),
    term=("元/人·期", "元/期", "元/学期", "元/套餐", "元/月", "期"),
    class_lesson=("元/班·课时", "元/班·节"),
    class_hour=("元/班·小时",),
    class_term=("元/班·期",),
)
CHECK_DOMAIN: Final = _vocabulary(
    staff=("从业人员", "人员资质"),
    materials=("培训材料", "教材"),
    safety=("安全", "安全检查", "场所安全"),
    epidemic=("疫情防控", "防疫"),
    contest=("违规竞赛", "竞赛"),
)
CHECK_ASPECT: Final = _vocabulary(
    fire=("消防", "消防安全"),
    building=("建筑", "房屋", "建筑安全"),
    food=("食品", "食品安全"),
)
CHECK_OUTCOME: Final = _vocabulary(
    clear=("无问题", "未发现问题", "合格", "正常"),
    finding=("有问题", "发现问题", "不合格"),
)
DECISION_KIND: Final = _vocabulary(
    decision=("会议决定",),
    notice=("查处通报",),
    accountability=("追责问责",),
)
COUNTY_DUTY: Final = _vocabulary(
    plan=("行动方案", "工作方案"),
    hotline=("举报电话",),
    mailbox=("举报邮箱",),
    contact=("联系人",),
    campaign_check=("专项整治",),
    publicity=("集中宣传", "宣传"),
)
DOCUMENT: Final = _vocabulary(
    weekly_form=("每周报表", "周报表"),
    summary=("工作总结", "总结"),
    case=("典型案例", "案例"),
    contact_receipt=("联系人回执", "回执"),
)
ROSTER_VERDICT: Final = _vocabulary(
    same=("同一家",),
    different=("不是同一家",),
)

OTHER: Final = "其他"
CHANNELS: Final = (
    "12345 热线",
    "教育部官网",
    "国务院“互联网+督查”",
    "“中国教育督导”公众号",
    "自治区“双减”举报平台",
    "市级举报电话",
    "县区举报电话",
    "举报邮箱",
    "来信来访",
    "网格巡查",
    "舆情监测",
    OTHER,
)
VIOLATION_TYPES: Final = (
    "学科类违规开班",
    "一对一",
    "高端家政",
    "众筹私教",
    "住家教师",
    "研学旅行",
    "咨询或文化传播名义",
    "线上直播",
    "假注销真运营",
    "恶意涨价",
    "预收费违规",
    "退费难",
    "无证办学",
    "从业人员",
    "培训材料",
    "安全隐患",
    "违规竞赛",
    "虚假宣传",
    OTHER,
)


def first_words(vocabulary: Vocabulary) -> dict[str, str]:
    """Map each code to the word that we write for it."""
    return {code: words[0] for code, words in vocabulary.items()}
