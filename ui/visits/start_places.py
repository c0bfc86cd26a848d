"""Where teams set out from: about the middle of each county's seat, in WGS-84 degrees.

Longitude and latitude to two or three decimals: good for the minutes of a drive, for nothing else.
"""

from __future__ import annotations

from typing import Final

START_PLACES: Final[dict[str, tuple[float, float]]] = {
    "城中区": (109.411, 24.316),
    "鱼峰区": (109.453, 24.319),
    "柳南区": (109.386, 24.336),
    "柳北区": (109.402, 24.363),
    "柳江区（拉堡镇）": (109.326, 24.255),
    "柳东新区（雒容镇）": (109.530, 24.345),
    "北部生态新区（沙塘镇）": (109.390, 24.430),
    "柳城县（大埔镇）": (109.245, 24.651),
    "鹿寨县（鹿寨镇）": (109.751, 24.473),
    "融安县（长安镇）": (109.398, 25.224),
    "融水县（融水镇）": (109.257, 25.066),
    "三江县（古宜镇）": (109.607, 25.783),
}
