"""What lessons cost where: levels of items, of class sizes and of counties, all made up."""

from __future__ import annotations

# Yuan per person for 45 minutes in a small class, in a county of level 1.
LEVELS = {
    "游泳": 70,
    "篮球": 60,
    "足球": 60,
    "羽毛球": 65,
    "乒乓球": 60,
    "跆拳道": 50,
    "体适能": 75,
    "轮滑": 50,
    "围棋": 50,
    "击剑": 110,
    "美术": 55,
    "书法": 50,
    "舞蹈": 55,
    "声乐": 75,
    "钢琴": 80,
    "古筝": 75,
    "口才": 60,
    "戏剧": 65,
    "民族乐器": 70,
    "机器人": 90,
    "少儿编程": 95,
    "科学实验": 75,
    "航模": 80,
    "创客": 85,
    "综合素质": 50,
    "劳动实践": 45,
    "礼仪": 50,
    "手工": 45,
    "心算": 45,
}
ONE, FOUR, SMALL, LARGE = "一对一", "1对4", "小班", "大班"
CLASS_SIZES = {ONE: 2.2, FOUR: 1.3, SMALL: 1.0, LARGE: 0.72}
STUDENTS = {ONE: (1, 1), FOUR: (4, 4), SMALL: (5, 9), LARGE: (20, 30)}
COUNTY_LEVELS = {
    "450202": 1.1,
    "450203": 1.05,
    "450204": 1.02,
    "450205": 1.0,
    "450206": 0.92,
    "4502LD": 1.0,
    "4502BS": 0.96,
    "450222": 0.85,
    "450223": 0.87,
    "450224": 0.8,
    "450225": 0.8,
    "450226": 0.78,
}
# How much more or less than its peers an institution asks, and one of its courses than the others.
INSTITUTION_SPREAD, COURSE_SPREAD = 0.13, 0.07
INSTRUMENTS = {"钢琴", "古筝", "声乐", "民族乐器"}
SHARES_OF_INSTRUMENTS = (0.55, 0.15, 0.25, 0.05)
SHARES = (0.12, 0.18, 0.45, 0.25)
TAUGHT_ONLINE = {"少儿编程", "机器人", "围棋", "书法", "口才", "心算"}
ONLINE_LEVEL = 0.62
STEPS = ("启蒙", "基础", "进阶", "提高", "精品", "常规")
MINUTES = {30: 0.06, 40: 0.14, 45: 0.4, 60: 0.28, 90: 0.12}
UNITS_OF_PRICE = {"lesson": 0.62, "hour": 0.14, "term": 0.19, "class_lesson": 0.05}
LESSONS_OF_A_TERM = (8, 10, 12, 15, 16, 20, 24)
