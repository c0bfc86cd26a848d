"""What each piece of evidence is worth: ``risk_weights.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Final

SETTINGS: Final = Path(__file__).with_name("risk_weights.toml")
CATEGORIES: Final = ("subject", "sports", "arts", "technology", "other", "place")
Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of ``[points]`` by name, and from ``[hours]`` when a visit may begin.

    The settings file says in Chinese what each is. ``hours`` has the earliest and the latest
    arrival by category of institution; ``place`` is for places without a known institution.
    """

    half_life_days: float
    substantiated_report: float
    substantiated_most: float
    open_report: float
    open_report_most: float
    repeat: float
    repeat_most: float
    repeat_days: float
    overdue_severity: float
    overdue_most: float
    open_dispute: float
    open_dispute_most: float
    deregistered: float
    qualified_unregistered: float
    unregistered: float
    no_escrow: float
    no_licence: float
    licence_expired: float
    price_jump: float
    price_jump_share: float
    price_jump_days: float
    students_per_100: float
    students_most: float
    unchecked_per_30_days: float
    unchecked_most: float
    margin_minutes: int
    hours: Mapping[str, Hours]

    def of_reports(self) -> dict[str, Any]:
        """Return by what reports are weighed as they are read: ``data_access.evidence``."""
        return {"half_life_days": self.half_life_days, "repeat_days": int(self.repeat_days)}


@cache
def weights() -> Weights:
    """Return the weights of the settings file."""
    return read_weights(SETTINGS.read_text(encoding="utf-8"))


def read_weights(text: str) -> Weights:
    """Return the weights that a settings file holds.

    Raises:
        ValueError: a setting is missing, unknown, negative or no number, or hours are not two
            times in their order; the message says which, in Chinese.
    """
    settings = tomllib.loads(text)
    hours = dict(settings.pop("hours", {}))
    points = settings.pop("points", {})
    margin = hours.pop("margin_minutes", None)
    wanted = {each.name for each in fields(Weights)} - {"hours", "margin_minutes"}
    strange = [*settings, *(points.keys() - wanted), *(hours.keys() - set(CATEGORIES))]
    missing = [*(wanted - points.keys()), *(set(CATEGORIES) - hours.keys())]
    if margin is None:
        missing.append("margin_minutes")
    if strange or missing:
        raise ValueError(
            f"评分设置 {SETTINGS.name} 有误：多出 {'、'.join(sorted(strange)) or '无'}，"
            f"缺少 {'、'.join(sorted(missing)) or '无'}"
        )
    for name, value in {**points, "margin_minutes": margin}.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"评分设置 {SETTINGS.name} 的 {name} 应是不小于 0 的数")
    for name in ("half_life_days", "price_jump_share"):
        if not points[name]:
            raise ValueError(f"评分设置 {SETTINGS.name} 的 {name} 应大于 0")
    return Weights(
        **points,
        margin_minutes=int(margin),
        hours={name: _hours(name, hours[name]) for name in CATEGORIES},
    )


def _hours(name: str, span: Any) -> Hours:
    try:
        opens_at, closes_at = map(time.fromisoformat, span)
    except (TypeError, ValueError):
        opens_at = closes_at = time()
    if opens_at >= closes_at:
        raise ValueError(f"评分设置 {SETTINGS.name} 的 hours.{name} 应是先后两个时间")
    return opens_at, closes_at
