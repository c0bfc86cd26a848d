"""How long teams drive: estimated, or as the office has measured it.

``TRAVEL_TIMES_FILE`` names a CSV with the columns 起点, 终点 and 分钟; names are those of start
places and of institutions or places as the plan calls them. What is not in it stays an estimate.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

import pandas as pd

from analysis.travel import Travel, travel
from data_access.visit_writing import PlanError

VARIABLE: Final = "TRAVEL_TIMES_FILE"
_COLUMNS: Final = {"起点": "from_name", "终点": "to_name", "分钟": "minutes"}
_WRONG: Final = (
    "实测路程表（TRAVEL_TIMES_FILE）读不出来，没有排路线：{}。"
    "应为 UTF-8 的 CSV，有“起点、终点、分钟”三列，分钟为整数。请改好文件，或去掉这个环境变量"
)


def travel_times() -> Travel:
    """Return the settings of travel, with what the office has measured.

    Raises:
        PlanError: the file cannot be read, or is not what it should be.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return travel()
    path = Path(name)
    try:
        return _measured(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise PlanError(_WRONG.format("没有这个文件")) from error
    except (ValueError, KeyError) as error:
        raise PlanError(_WRONG.format("内容不对")) from error


@lru_cache(maxsize=2)
def _measured(path: Path, _changed_at: int) -> Travel:
    table = pd.read_csv(path, encoding="utf-8-sig", dtype="str")[list(_COLUMNS)]
    table = table.rename(columns=_COLUMNS).astype({"minutes": "int64"})
    if (table["minutes"] < 0).any():
        raise ValueError("minutes below zero")
    return travel().measured(table)
