"""How people write what is no ledger: as the owner of the tables, their account looked up again.

The dashboard's own role on PostgreSQL may not write. Every write stands in one transaction with
the line of the access log that tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from data_access import audit
from data_access.accounts import Permission, User, find_user
from data_access.audit import Action
from data_access.engine import get_engine, get_import_engine
from data_access.failures import WritingError, saying_why
from data_access.row_security import tell, why_no_writer

__all__ = ["WritingError", "writing"]


@contextmanager
def writing(
    user: User,
    permission: Permission,
    *,
    target: str,
    what: str,
    error: type[WritingError] = WritingError,
) -> Iterator[Connection]:
    """Give the transaction in which ``user`` writes; all of it is kept, or nothing.

    ``target`` is what the access log calls it, ``what`` how the one who may no longer write it
    is told, ``error`` what is raised.

    Raises:
        WritingError: the account may not, which is logged as refused for ``target``, or this
            process may not write, or the database is away or full.
    """
    with saying_why(error):
        with get_engine().connect() as conn:
            tell(conn, email=user.email)
            now = find_user(conn, user.email)
        if now != user or not now.may(permission):
            audit.record(Action.REFUSED, email=user.email, target=target, why=permission)
            raise error(f"您的账号已不能{what}，没有作任何改动。请重新登录，或联系管理员")
        with get_import_engine().begin() as conn:
            reason = why_no_writer(conn)
            if reason is not None:
                raise error(f"没有保存。{reason}")
            yield conn
