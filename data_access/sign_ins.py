"""Sign-ins: which of them still hold.

An issuer's cookie says who signed in, and it says so for thirty days, also after its owner has
signed out. So every sign-in is written down when it is first seen, under a digest of what the
issuer said, and looked up again at every run: signed out means for good, a cookie that is
replayed is refused, and no sign-in outlives its hours. All times are this machine's own; an
issuer's clock that is wrong can only shorten a sign-in.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from data_access import audit, clock
from data_access.accounts import Role, User, scope_of
from data_access.audit import Action
from data_access.engine import get_engine
from data_access.row_security import tell
from data_access.schema import account, sign_in

MOST_HOURS: Final = 12
# How far the clocks of several machines may be apart.
SET_BACK: Final = timedelta(minutes=5)
HOURS_VARIABLE: Final = "SIGN_IN_HOURS"
ADDRESS_LENGTH: Final = 255
_YES: Final = (True, "true")  # some issuers write it as a string


class Standing(StrEnum):
    """Whether somebody who comes with a sign-in may go on, and why not."""

    HOLDS = "holds"
    NEW = "new"
    NO_ACCOUNT = "no_account"
    INACTIVE = "inactive"
    ENDED = "ended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an issuer said: who, when, and the digest of all of it."""

    email: str
    digest: str
    issued_at: datetime | None


def sign_in_of(claims: Mapping[str, Any]) -> SignIn | None:
    """Return the sign-in that the claims of an identity token tell of.

    ``None`` without an address, or with one that the issuer does not say it has verified:
    anybody could name somebody else's. Not every issuer says ``email_verified`` at all; one that
    does must say yes. Addresses are compared in lower case; with other letters than ASCII there
    are none, for some of these become ASCII in lower case.
    """
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified", True) not in _YES:
        return None
    email = email.strip().lower() if email.isascii() else ""
    if not 0 < len(email) <= ADDRESS_LENGTH:
        return None
    said = {name: value for name, value in claims.items() if name != "tokens"}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    issued = claims.get("iat")
    return SignIn(
        email=email,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        issued_at=clock.from_timestamp(issued) if isinstance(issued, int | float) else None,
    )


def hours() -> int:
    """Return how many hours a sign-in lasts: ``SIGN_IN_HOURS``, 1 to 12, or 12.

    Raises:
        ValueError: it is set to anything else.
    """
    said = os.environ.get(HOURS_VARIABLE, "").strip()
    if not said:
        return MOST_HOURS
    if not said.isdecimal() or not 1 <= int(said) <= MOST_HOURS:
        raise ValueError(f"{HOURS_VARIABLE} 应为 1 到 {MOST_HOURS} 的整数，现为“{said}”")
    return int(said)


_FOUND: Final = (
    select(
        account.c.role,
        account.c.county_code,
        account.c.active,
        account.c.signed_out_at,
        sign_in.c.at,
        sign_in.c.ended_at,
    )
    .outerjoin(
        sign_in,
        and_(sign_in.c.email == account.c.email, sign_in.c.digest == bindparam("digest")),
    )
    .where(account.c.email == bindparam("email"))
)


def standing(conn: Connection, came: SignIn) -> tuple[Standing, User | None]:
    """Return whether a sign-in holds, and as which user: ``None`` unless it holds or is new.

    It has expired when the hours have passed since it was first seen, or since the issuer
    gave it; exactly at the limit it still holds. It has expired, too, where this machine's clock
    says a moment before it was first seen (:data:`SET_BACK` is forgiven): set back, it would let
    it last longer. It has ended once its owner signed out, and when all of the account's earlier
    ones were ended (``account.signed_out_at``).
    """
    tell(conn, email=came.email)
    found = conn.execute(_FOUND, {"email": came.email, "digest": came.digest}).one_or_none()
    if found is None:
        return Standing.NO_ACCOUNT, None
    if not found.active:
        return Standing.INACTIVE, None
    began = [moment for moment in (found.at, came.issued_at) if moment is not None]
    longest = timedelta(hours=hours())
    if found.ended_at is not None and began and found.ended_at - min(began) > longest:
        return Standing.EXPIRED, None  # ended by :func:`expire`; nobody signs out as late as that
    if found.ended_at is not None or (
        found.signed_out_at is not None and began and min(began) <= found.signed_out_at
    ):
        return Standing.ENDED, None
    now = clock.now()
    if began and now - min(began) > longest:
        return Standing.EXPIRED, None
    if found.at is not None and now < found.at - SET_BACK:
        return Standing.EXPIRED, None
    role = Role(found.role)
    user = User(came.email, role, found.county_code, scope_of(role, found.county_code))
    return Standing.NEW if found.at is None else Standing.HOLDS, user


def begin(came: SignIn) -> None:
    """Write down a sign-in that was not seen before; another window may have been quicker.

    Raises:
        SQLAlchemyError: it could not be written down, and nobody gets in without.
    """
    row = {"digest": came.digest, "email": came.email, "at": clock.now()}
    try:
        with get_engine().begin() as conn:
            tell(conn, email=came.email)
            conn.execute(insert(sign_in), [row])
            audit.add(conn, Action.SIGN_IN, email=came.email)
    except IntegrityError:
        with get_engine().connect() as conn:
            tell(conn, email=came.email)
            if conn.scalar(select(sign_in.c.digest).where(sign_in.c.digest == came.digest)) is None:
                raise


def expire(came: SignIn) -> None:
    """End for good what has outlived its hours: a clock that is set back would bring it back."""
    with get_engine().begin() as conn:
        tell(conn, email=came.email)
        conn.execute(
            update(sign_in)
            .where(sign_in.c.digest == came.digest, sign_in.c.ended_at.is_(None))
            .values(ended_at=clock.now())
        )


def end(came: SignIn) -> None:
    """End a sign-in for good."""
    with get_engine().begin() as conn:
        tell(conn, email=came.email)
        conn.execute(
            update(sign_in)
            .where(sign_in.c.digest == came.digest, sign_in.c.ended_at.is_(None))
            .values(ended_at=clock.now())
        )
        audit.add(conn, Action.SIGN_OUT, email=came.email)
