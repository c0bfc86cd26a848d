"""The fonts that printed files are set in: shipped, for a server may have no Chinese one.

Where they come from stands in ``typefaces/README.md``. Without a font a PDF would come out with no
text in it and no error, so the server asks ``missing_font`` before it starts.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "typefaces"
FAMILIES: Final = {
    "Noto Sans SC": "NotoSansSC-Regular.ttf",
    # Rare Chinese characters alone (𠮷, 𬱖), which the first one lacks.
    "Noto Sans CJK SC": "NotoSansCJKsc-Regular-supplement.otf",
}
FONT_MISSING: Final = """缺少字体文件 {}，打印的文件里会没有文字。
请从安装包重新复制 ui/exports/typefaces 文件夹。"""


def missing_font() -> str | None:
    """Say in Chinese which font is missing or broken, and what to do; ``None`` if none is."""
    for name in FAMILIES.values():
        try:
            found = bool(_code_points(FOLDER / name))
        except (OSError, ValueError, struct.error):
            found = False
        if not found:
            return FONT_MISSING.format(FOLDER / name)
    return None


@cache
def drawable() -> frozenset[int]:
    """Return the code points that the shipped fonts have a shape for.

    Raises ``OSError`` or ``ValueError`` when a font is missing or broken.
    """
    return frozenset().union(*(_code_points(FOLDER / name) for name in FAMILIES.values()))


def _code_points(path: Path) -> frozenset[int]:
    """Read a font's table of characters, in the form (12) that reaches beyond the first plane."""
    data = path.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    for place in range(12, 12 + 16 * tables, 16):
        tag, _, table, _ = struct.unpack_from(">4s3I", data, place)
        if tag == b"cmap":
            break
    else:
        raise ValueError(f"{path.name} has no table of characters")
    for each in range(struct.unpack_from(">H", data, table + 2)[0]):
        start = table + struct.unpack_from(">2HI", data, table + 4 + 8 * each)[2]
        if struct.unpack_from(">H", data, start)[0] == 12:
            groups = struct.unpack_from(">I", data, start + 12)[0]
            spans = struct.iter_unpack(">3I", data[start + 16 : start + 16 + 12 * groups])
            return frozenset(point for a, z, _ in spans for point in range(a, z + 1))
    raise ValueError(f"{path.name} has no table of characters that can be read")
