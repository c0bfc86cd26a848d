"""A briefing as a meeting of the city gets it, for tests of what is made of it."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from typing import Any

from analysis.briefing_content import (
    DECISIONS,
    FIGURES,
    Bar,
    Bars,
    Briefing,
    Grid,
    Line,
    Lines,
    Section,
    Tile,
)
from analysis.wording import day, share

COUNTIES = (
    *("城中区", "鱼峰区", "柳南区", "柳北区", "柳江区", "柳东新区", "北部生态新区"),
    *("柳城县", "鹿寨县", "融安县", "融水苗族自治县", "三江侗族自治县"),
)
REGISTERED = (
    *((118, 131), (142, 163), (121, 148), (97, 121), (88, 116), (46, 65), (6, 8)),
    *((39, 52), (51, 66), (27, 49), (19, 43), (22, 38)),
)
OVERDUE = (3, 6, 4, 2, 1, 0, math.nan, 2, 5, 9, 12, 4)
FOUND = (
    *((2, 31), (9, 44), (4, 38), (3, 27), (5, 24), (2, 15), (1, 4)),
    *((3, 16), (4, 19), (6, 17), (8, 18), (2, 14)),
)
WEEKS = tuple(
    day(date(2022, month, number))
    for month, number in (
        *((6, 2), (6, 9), (6, 16), (6, 23), (6, 30), (7, 7), (7, 14), (7, 21), (7, 28)),
        *((8, 4), (8, 11), (8, 18), (8, 25)),
    )
)


def briefing(**changed: Any) -> Briefing:
    """Seven sections with all that a section can have."""
    return dataclasses.replace(
        Briefing(
            title="柳州市校外培训治理会议简报",
            where="全市",
            as_of=date(2022, 8, 25),
            week=date(2022, 8, 25),
            basis="会前冻结的数据",
            sections=(
                figures(),
                coverage(),
                overdue(),
                disputes(),
                visits(),
                counties(),
                decisions(),
            ),
        ),
        **changed,
    )


def figures() -> Section:
    return Section(
        key=FIGURES,
        heading="本周概况",
        title="本周六项指标三升三降：登记覆盖率升至 77.6%，逾期未整改增至 48 件",
        source="登记台账、整改台账、纠纷台账、暗访结果；截至 8 月 25 日",
        tiles=(
            Tile("登记覆盖率", "77.6%", "+1.4 个百分点", "776/1,000"),
            Tile("逾期未整改", "48 件", "+6 件", "在办 213 件中", worse=True),
            Tile("反弹", "5 件", "−2 件", "近四周销号后再犯"),
            Tile("退费纠纷", "36 起", "+4 起", "本周新增", worse=True),
            Tile("待退金额", "126.4 万元", "−12.3 万元", "未结 81 起"),
            Tile("暗访发现违规", "18.4%", "", "49/267，上周没有暗访"),
        ),
        notes=(
            "登记覆盖率连续五周上升，按近四周的速度 9 月 15 日可到 80%。",
            "逾期未整改一半以上在融水苗族自治县、融安县。",
            "待退金额连续三周下降，仍有 3 家机构没有退费方案。",
        ),
        late=frozenset({1}),
    )


def coverage() -> Section:
    late = {"融安县", "融水苗族自治县"}
    return Section(
        key="coverage",
        heading="登记覆盖",
        title="登记覆盖率没有达到 80% 的有 8 个县区，融水苗族自治县、融安县落后最多",
        source="登记台账；截至 8 月 25 日，在营机构为分母",
        chart=Bars(
            title="各县区登记覆盖率",
            unit="%",
            is_share=True,
            target=0.8,
            bars=tuple(
                Bar(
                    name,
                    numerator / denominator,
                    share(numerator, denominator),
                    is_late=name in late,
                    is_small=denominator < 10,
                )
                for name, (numerator, denominator) in zip(COUNTIES, REGISTERED, strict=True)
            ),
        ),
        notes=("融水苗族自治县还差 16 家，融安县还差 13 家达到目标。",),
    )


def overdue() -> Section:
    return Section(
        key="overdue",
        heading="逾期与反弹",
        title="逾期未整改 48 件，比上周增加 6 件，超过 30 天的 11 件",
        source="整改台账；截至 8 月 25 日",
        chart=Bars(
            title="各县区逾期未整改",
            unit="件",
            is_share=False,
            bars=tuple(
                Bar(name, value, "—" if math.isnan(value) else f"{value:.0f} 件", value >= 9)
                for name, value in zip(COUNTIES, OVERDUE, strict=True)
            ),
        ),
        notes=(
            "超过 30 天的 11 件，其中消防 6 件、无证办学 5 件。",
            "反弹 5 件：融水苗族自治县 3 件，鹿寨县、鱼峰区各 1 件。",
        ),
        late=frozenset({0}),
    )


def disputes() -> Section:
    return Section(
        key="disputes",
        heading="退费纠纷",
        title="退费纠纷连续三周增加，5 家机构列入关注名单",
        source="纠纷台账、关注名单；截至 8 月 25 日，最近一周还在补录",
        chart=Lines(
            title="每周新增和办结的退费纠纷",
            unit="起",
            weeks=WEEKS,
            lines=(
                Line("新增", (21, 24, 19, 28, 26, 31, 35, 30, 27, 26, 29, 32, 36)),
                Line("办结", (15, math.nan, 20, 22, 25, 24, 30, 33, 31, 28, 27, 29, 22)),
            ),
            provisional=1,
        ),
        grid=Grid(
            headers=("机构", "县区", "未结", "待退金额", "情况"),
            rows=(
                ("启航教育培训中心", "鱼峰区", "14 起", "38.2 万元", "停业失联"),
                ("柳州市博文艺术学校", "柳南区", "9 起", "21.5 万元", "分期退费"),
                ("小状元课后辅导站", "融水苗族自治县", "8 起", "12.7 万元", "没有方案"),
                ("新东方向学科培训部", "城中区", "6 起", "9.9 万元", "分期退费"),
                ("蓝天舞蹈中心", "柳北区", "5 起", "8,600 元", "没有方案"),
            ),
            late=frozenset({(0, 4), (2, 4), (4, 4)}),
        ),
    )


def visits() -> Section:
    return Section(
        key="visits",
        heading="暗访发现",
        title="四周暗访 267 家次，18.4% 发现违规，融水苗族自治县、融安县明显高于全市",
        source="暗访结果；7 月 29 日至 8 月 25 日，已公布的批次",
        chart=Bars(
            title="各县区暗访发现违规的比例",
            unit="%",
            is_share=True,
            bars=tuple(
                Bar(
                    name,
                    found / visited,
                    share(found, visited),
                    is_late=name in ("融安县", "融水苗族自治县"),
                    is_small=visited < 10,
                    low=max(found / visited - 0.9 / math.sqrt(visited), 0.01),
                    high=min(found / visited + 1.1 / math.sqrt(visited), 0.99),
                )
                for name, (found, visited) in zip(COUNTIES, FOUND, strict=True)
            ),
        ),
        notes=("发现最多的是超时上课 21 家次，其次是无证教师 14 家次。",),
    )


def counties() -> Section:
    return Section(
        key="counties",
        heading="县区对照",
        title="九项指标对照：融水苗族自治县有四项滞后，城中区各项正常",
        source="各类台账；截至 8 月 25 日",
        grid=Grid(
            headers=(
                *("县区", "登记覆盖率", "逾期未整改", "超过 30 天", "反弹"),
                *("退费纠纷", "待退金额", "暗访违规", "报送"),
            ),
            rows=tuple(
                (
                    name,
                    share(*REGISTERED[place]),
                    "—" if math.isnan(OVERDUE[place]) else f"{OVERDUE[place]:.0f} 件",
                    f"{(place * 3) % 7} 件",
                    f"{place % 3} 件",
                    f"{(place * 7) % 11} 起",
                    f"{place * 2.3 + 0.7:.1f} 万元",
                    share(*FOUND[place]),
                    "未报" if place == 6 else "按时",
                )
                for place, name in enumerate(COUNTIES)
            ),
            late=frozenset({(10, 1), (10, 2), (10, 3), (10, 7), (9, 1), (9, 2), (6, 8)}),
        ),
    )


def decisions() -> Section:
    return Section(
        key=DECISIONS,
        heading="议定事项",
        title="上次会议议定 5 项，办结 2 项，到期没有办结 1 项",
        source="会议议定事项；截至 8 月 25 日",
        grid=Grid(
            headers=("序号", "事项", "责任单位", "期限", "进展"),
            rows=(
                ("1", "对融水苗族自治县派驻督导组", "市督查组", "8 月 19 日", "办结"),
                (
                    "2",
                    "约谈启航教育培训中心举办者并冻结预收费账户",
                    "市教育局",
                    "8 月 22 日",
                    "到期未办结",
                ),
                ("3", "公布第三批白名单", "市教育局", "8 月 26 日", "在办"),
                ("4", "培训材料抽查", "市文化广电和旅游局", "8 月 31 日", "在办"),
                ("5", "县区报送时间提前到每周三 17 时", "各县区", "8 月 25 日", "办结"),
            ),
            late=frozenset({(1, 4)}),
        ),
    )
