"""Serve an office's database with a clock that tests may move: ``python -m tests.office_server``.

``CLOCK_FILE`` names a file with the seconds to add to the time of day.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import server
from data_access import clock


def moved() -> datetime:
    return true_now() + timedelta(seconds=float(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    file = Path(os.environ["CLOCK_FILE"])
    true_now = clock.now
    clock.now = moved
    server.serve(server.create_app)
