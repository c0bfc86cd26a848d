"""Connections to the database for one reader: what the two walls let them see, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from data_access.accounts import User
from data_access.engine import get_engine
from data_access.failures import WritingError, saying_why
from data_access.row_security import tell


@contextmanager
def reading(user: User) -> Iterator[Connection]:
    """Connect as ``user`` until the block ends; nothing is written."""
    with get_engine().connect() as conn:
        tell(conn, email=user.email, role=user.role, scope=user.scope)
        yield conn


@contextmanager
def writing(user: User) -> Iterator[Connection]:
    """Connect as ``user`` in a transaction: all that the block writes is kept, or nothing.

    Raises:
        WritingError: the database is away or full.
    """
    with saying_why(WritingError), get_engine().begin() as conn:
        tell(conn, email=user.email, role=user.role, scope=user.scope)
        yield conn
