"""What a visit looks at: the items of the action plan, in its own words.

Source: 2022 年暑期校外培训治理专项行动工作方案, sections 一, 二（二）2 and 二（三）.
收费公示 is not in it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the checklist: its title and the items that are ticked one by one."""

    title: str
    items: tuple[str, ...]


QUALIFICATION: Final = Topic(
    "资质状况",
    (
        "办学资质",
        "师资聘任",
        "证照办理",
        "培训内容",
        "培训规模",
        "场地条件",
        "报班参培学生人数",
    ),
)
PROBLEMS: Final = (
    Topic("学科类隐形变异", ("一对一", "高端家政", "众筹私教", "研学旅行", "其他名义")),
    Topic("学科类机构", ("违规开班", "假注销、真运营")),
    Topic("收费", ("恶意涨价", "违法违规收费", "收费未公示")),
    Topic("预收费与合同", ("预收费未监管", "未使用示范合同", "退费难")),
    Topic("同步检查", ("从业人员", "培训材料", "安全隐患", "疫情防控", "违规竞赛")),
)
# How a visit is made (四不两直).
MANNER: Final = "不发通知、不打招呼、不听汇报、不用陪同接待、直奔基层、直插现场"
