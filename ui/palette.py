"""The colours of every page, chart and map; ``.streamlit/config.toml`` holds the same.

Ink and greys for what is as it should be, one deep blue for the subject, 朱红 only for
what is late, broken or relapsed, 琥珀 for what is due this week.
"""

from __future__ import annotations

from typing import Final

INK: Final = "#1f2933"
INK_SOFT: Final = "#52606d"
GREY: Final = "#7b8794"
GREY_LIGHT: Final = "#b0b8c1"
GREY_PALE: Final = "#e4e7eb"
PAPER: Final = "#ffffff"
BLUE: Final = "#1f4e79"
BLUE_SOFT: Final = "#5b8db8"
BLUE_PALE: Final = "#c5d6e6"
RED: Final = "#b8321f"
RED_PALE: Final = "#fbeae7"
AMBER: Final = "#b26a00"
AMBER_PALE: Final = "#fdf3e1"
AMBER_INK: Final = "#8a5200"  # for words on it

# From few to many, one hue.
BLUES: Final = ("#eef3f8", "#c5d6e6", "#8bafd0", "#4e80ae", "#1f4e79")
# Four steps of age: the longer, the darker.
AGES: Final = ("#d5dbe1", "#a9b4bf", "#7b8794", "#3e4c59")
FONT: Final = (
    '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
)
