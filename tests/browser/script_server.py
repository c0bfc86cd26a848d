"""Serve one script as the dashboard is served: ``python -m tests.browser.script_server``.

The environment variable ``SCRIPT`` names it: a file in ``tests/browser/scripts``.
"""

import os
from pathlib import Path

from sqlalchemy import make_url

import server
from data_access import engine

SCRIPTS = Path(__file__).parent / "scripts"


class Script:
    """Stands in for the folder of the dashboard: whatever is asked of it, it is the script."""

    def __truediv__(self, _name: str) -> Path:
        return SCRIPTS / f"{os.environ['SCRIPT']}.py"


if __name__ == "__main__":
    engine.SAMPLE_PATH = Path(make_url(engine.database_url()).database or "")
    server.ROOT = Script()  # type: ignore[assignment]
    server.serve(server.create_app)
