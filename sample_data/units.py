"""The twelve reporting units: their towns, their size and how far each one gets by the last day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """A town about whose centre institutions lie. ``polygon`` is the adcode of its boundary."""

    town: str
    polygon: str
    longitude: float
    latitude: float
    weight: float = 1.0
    spread_km: float = 0.6


@dataclass(frozen=True)
class Unit:
    """A reporting unit and what the sample makes of it.

    ``coverage`` is the share of its non-subject institutions on the national
    platform on the last day; ``last_four_weeks`` how many of them came in the
    last 28 days; ``places`` how many buildings and estates it has.
    """

    code: str
    name: str
    short_name: str
    spots: tuple[Spot, ...]
    institutions: int
    coverage: float
    last_four_weeks: int
    places: int

    @property
    def adcode(self) -> str:
        """The administrative division the unit lies in: new areas have none of their own."""
        return self.spots[0].polygon


LAGGARD = "450224"
LATE_UNITS = ("450206", LAGGARD)
COUNTIES = ("450222", "450223", "450224", "450225", "450226")

_UNITS = (
    Unit(
        "450202",
        "城中区",
        "城中",
        (
            Spot("城中街道", "450202", 109.412, 24.315, 3, 0.25),
            Spot("潭中街道", "450202", 109.428, 24.333, 2, 0.5),
            Spot("河东街道", "450202", 109.450, 24.328, 3),
            Spot("静兰街道", "450202", 109.465, 24.350, 1, 1.0),
        ),
        190,
        0.95,
        44,
        14,
    ),
    Unit(
        "450203",
        "鱼峰区",
        "鱼峰",
        (
            Spot("天马街道", "450203", 109.418, 24.302, 2, 0.3),
            Spot("驾鹤街道", "450203", 109.428, 24.305, 2, 0.3),
            Spot("箭盘山街道", "450203", 109.436, 24.298, 2, 0.4),
            Spot("五里亭街道", "450203", 109.415, 24.293, 2, 0.4),
            Spot("荣军街道", "450203", 109.448, 24.294, 2, 0.5),
            Spot("麒麟街道", "450203", 109.445, 24.270, 1),
            Spot("洛埠镇", "450203", 109.540, 24.400, 0.4),
        ),
        215,
        0.92,
        48,
        15,
    ),
    Unit(
        "450204",
        "柳南区",
        "柳南",
        (
            Spot("河西街道", "450204", 109.385, 24.305, 2, 0.4),
            Spot("南站街道", "450204", 109.398, 24.303, 2, 0.3),
            Spot("鹅山街道", "450204", 109.390, 24.315, 2, 0.3),
            Spot("潭西街道", "450204", 109.375, 24.325, 2, 0.5),
            Spot("南环街道", "450204", 109.385, 24.285, 1, 0.5),
            Spot("太阳村镇", "450204", 109.280, 24.360, 0.4, 0.8),
        ),
        200,
        0.90,
        44,
        14,
    ),
    Unit(
        "450205",
        "柳北区",
        "柳北",
        (
            Spot("解放街道", "450205", 109.403, 24.331, 2, 0.3),
            Spot("胜利街道", "450205", 109.412, 24.345, 2, 0.4),
            Spot("雀儿山街道", "450205", 109.397, 24.355, 2, 0.4),
            Spot("跃进街道", "450205", 109.405, 24.350, 2, 0.4),
            Spot("白露街道", "450205", 109.365, 24.360, 1, 0.7),
            Spot("长塘镇", "450205", 109.430, 24.430, 0.3),
        ),
        190,
        0.89,
        40,
        13,
    ),
    Unit(
        "450206",
        "柳江区",
        "柳江",
        (
            Spot("拉堡镇", "450206", 109.335, 24.258, 6, 0.9),
            Spot("进德镇", "450206", 109.360, 24.200, 1, 0.8),
            Spot("成团镇", "450206", 109.260, 24.220, 0.5, 0.6),
            Spot("穿山镇", "450206", 109.450, 24.120, 0.5, 0.6),
        ),
        130,
        0.86,
        7,
        9,
    ),
    Unit(
        "4502LD",
        "柳东新区",
        "柳东新区",
        (
            Spot("雒容镇", "450203", 109.530, 24.345, 3, 0.8),
            Spot("雒容镇", "450203", 109.610, 24.390, 1, 0.7),
        ),
        95,
        1.0,
        16,
        7,
    ),
    Unit(
        "4502BS",
        "北部生态新区",
        "北部生态新区",
        (
            Spot("沙塘镇", "450205", 109.370, 24.450, 2, 0.8),
            Spot("石碑坪镇", "450205", 109.310, 24.520, 0.6, 0.6),
            Spot("阳和街道", "450203", 109.480, 24.290, 2, 0.7),
        ),
        50,
        0.93,
        10,
        4,
    ),
    Unit(
        "450222",
        "柳城县",
        "柳城",
        (
            Spot("大埔镇", "450222", 109.245, 24.655, 5, 0.7),
            Spot("东泉镇", "450222", 109.370, 24.590, 1, 0.5),
            Spot("凤山镇", "450222", 109.200, 24.580, 0.4, 0.5),
        ),
        62,
        0.93,
        12,
        4,
    ),
    Unit(
        "450223",
        "鹿寨县",
        "鹿寨",
        (
            Spot("鹿寨镇", "450223", 109.745, 24.480, 5, 0.8),
            Spot("中渡镇", "450223", 109.690, 24.660, 0.6, 0.4),
            Spot("寨沙镇", "450223", 109.920, 24.470, 0.6, 0.4),
        ),
        72,
        1.0,
        10,
        5,
    ),
    Unit(
        "450224",
        "融安县",
        "融安",
        (
            Spot("长安镇", "450224", 109.395, 25.230, 5, 0.6),
            Spot("浮石镇", "450224", 109.380, 25.120, 0.5, 0.4),
            Spot("板榄镇", "450224", 109.500, 25.420, 0.3, 0.4),
        ),
        46,
        0.70,
        3,
        3,
    ),
    Unit(
        "450225",
        "融水苗族自治县",
        "融水",
        (
            Spot("融水镇", "450225", 109.255, 25.068, 6, 0.7),
            Spot("永乐镇", "450225", 109.200, 24.950, 0.4, 0.4),
            Spot("三防镇", "450225", 108.850, 25.270, 0.3, 0.4),
        ),
        38,
        0.88,
        7,
        3,
    ),
    Unit(
        "450226",
        "三江侗族自治县",
        "三江",
        (
            Spot("古宜镇", "450226", 109.612, 25.790, 5, 0.6),
            Spot("斗江镇", "450226", 109.720, 25.790, 0.4, 0.4),
        ),
        12,
        0.80,
        3,
        2,
    ),
)

UNITS = {unit.code: unit for unit in _UNITS}
UNIT_ORDER = {code: position for position, code in enumerate(UNITS)}
