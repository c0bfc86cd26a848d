"""What special checks look at and what they find."""

from __future__ import annotations

DOMAINS = {"staff": 0.27, "materials": 0.2, "safety": 0.28, "epidemic": 0.15, "contest": 0.1}
ASPECTS = {"fire": 0.5, "building": 0.28, "food": 0.22}
FINDINGS = {
    "staff": ("{failed} 名授课人员没有相应资格证明", "{failed} 名授课人员未在平台备案"),
    "materials": ("{failed} 份培训材料没有审核记录", "{failed} 份培训材料没有出版信息"),
    "fire": ("疏散通道堆放杂物", "灭火器过期 {failed} 具", "安全出口上锁"),
    "building": ("没有房屋安全鉴定报告", "教室设在四层以上，未说明用途"),
    "food": ("供餐没有食品经营许可", "食品留样不全"),
    "epidemic": ("没有落实进门测温登记", "通风消毒记录缺 {failed} 天"),
    "contest": ("组织收费比赛，未经批准", "宣传比赛成绩与升学挂钩"),
}
# How many are looked at: people, materials, points.
EXAMINED = {"staff": (2, 14), "materials": (4, 30)}
POINTS = (5, 12)
