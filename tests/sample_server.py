"""Serve a copy of the sample as if it were the built-in one: ``python -m tests.sample_server``.

Without an issuer the server serves nothing but the built-in sample, at its own path. Tests serve
copies of it: ``DATABASE_URL`` names the copy.
"""

from pathlib import Path

from sqlalchemy import make_url

import server
from data_access import engine

if __name__ == "__main__":
    engine.SAMPLE_PATH = Path(make_url(engine.database_url()).database or "")
    server.serve(server.create_app)
