"""Whether the database answers: while it does not, one asks for all, and nobody waits in line.

As long as nothing has failed this costs the look at a variable. What has failed is looked into
once in :data:`SECONDS` for the whole process: sessions that come meanwhile are told at once.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from data_access import versions
from data_access.engine import get_engine
from data_access.failures import is_away

SECONDS: Final = 2.0

_looking = threading.Lock()
_away: bool = False
_looked_at: float = 0.0


def answers() -> bool:
    """Whether the database is thought to answer; where it did not, it is asked again by and by."""
    if not _away:
        return True
    if time.monotonic() - _looked_at < SECONDS or not _looking.acquire(blocking=False):
        return False
    try:
        return _look()
    finally:
        _looking.release()


def look() -> bool:
    """Ask whether the database answers, after something failed; many who ask at once ask once."""
    asked_at = time.monotonic()
    with _looking:
        return not _away if _looked_at > asked_at else _look()


def _look() -> bool:
    global _away, _looked_at
    try:
        with get_engine().connect() as conn:
            versions.current(conn)
        _away = False
    except Exception as error:
        if not is_away(error):
            raise
        _away = True
    finally:
        _looked_at = time.monotonic()
    return not _away
