"""Where items come from, how long each may take and what is said of them."""

from __future__ import annotations

SHARES = {"report": 0.26, "inspection": 0.4}
DAYS_ALLOWED = {1: 30, 2: 20, 3: 10}
DEPARTMENTS = {
    "subject": "教育局",
    "sports": "体育局",
    "arts": "文旅局",
    "technology": "科技局",
    "other": "教育局",
}
ISSUES = {
    "verification": ("从业人员", "培训材料", "安全隐患", "无证办学"),
    "check": ("预收费违规", "恶意涨价", "安全隐患"),
    "supervision": ("预收费违规", "虚假宣传", "安全隐患", "违规竞赛"),
}
EVIDENCE = ("整改报告、现场照片 3 张", "退费凭证、整改报告", "停课通知、现场照片 2 张", "整改报告")
NOTES = {
    "return": "佐证材料不齐，退回补充",
    "reopen": "回访发现问题反弹",
    "close": "现场复核，问题已整改",
}
