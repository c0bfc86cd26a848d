"""Accounts: who may sign in, what their role lets them do, which rows they may read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from data_access.schema import account, county
from data_access.scope import Scope

DEMONSTRATION_DOMAIN: Final = "@demo"


class Permission(StrEnum):
    """One thing a user may do, as ``resource:action``. Keep alphabetical."""

    ACCOUNT_MANAGE = "account:manage"
    AUDIT_VIEW = "audit:view"
    BACKTEST_VIEW = "backtest:view"
    BRIEFING_VIEW = "briefing:view"
    CHECK_VIEW = "check:view"
    COUNTY_ACTION_RECORD = "county-action:record"
    COUNTY_ACTION_VIEW = "county-action:view"
    DATA_QUALITY_VIEW = "data-quality:view"
    DECISION_RECORD = "decision:record"
    FEE_VIEW = "fee:view"
    HOTSPOT_VIEW = "hotspot:view"
    ITEM_VERIFY = "item:verify"
    LEDGER_EDIT = "ledger:edit"
    LEDGER_IMPORT = "ledger:import"
    LEDGER_IMPORT_VALUES = "ledger:import-values"
    MEETING_FREEZE = "meeting:freeze"
    OVERVIEW_VIEW = "overview:view"
    RECONCILIATION_DECIDE = "reconciliation:decide"
    RECONCILIATION_VIEW = "reconciliation:view"
    RECTIFICATION_VIEW = "rectification:view"
    REFUND_PLAN_WRITE = "refund-plan:write"
    REFUND_VIEW = "refund:view"
    REGISTRATION_VIEW = "registration:view"
    REPORTER_REVEAL = "reporter:reveal"
    REPORTER_VIEW = "reporter:view"
    SELF_REVIEW_VIEW = "self-review:view"
    SUBMISSION_RECORD = "submission:record"
    SUBMISSION_VIEW = "submission:view"
    VIOLATION_VIEW = "violation:view"
    VISIT_RESULT_VIEW = "visit-result:view"
    VISIT_PLAN = "visit:plan"
    VISIT_RECORD = "visit:record"
    WEEKLY_REPORT_VIEW = "weekly-report:view"


class Role(StrEnum):
    """A kind of user."""

    LEADER = "leader"
    SUPERVISOR = "supervisor"
    COUNTY = "county"
    ADMIN = "admin"


ROLE_WORDS: Final[dict[str, str]] = {
    Role.ADMIN: "管理员",
    Role.SUPERVISOR: "督查组",
    Role.LEADER: "市领导",
    Role.COUNTY: "县区",
}

_FIGURES: Final = frozenset(
    {
        Permission.BRIEFING_VIEW,
        Permission.CHECK_VIEW,
        Permission.FEE_VIEW,
        Permission.OVERVIEW_VIEW,
        Permission.RECTIFICATION_VIEW,
        Permission.REFUND_VIEW,
        Permission.REGISTRATION_VIEW,
        Permission.VIOLATION_VIEW,
        Permission.WEEKLY_REPORT_VIEW,
    }
)
# What a county does and has in order, which it reviews itself and the city reads too.
_REVIEWS: Final = frozenset(
    {
        Permission.COUNTY_ACTION_VIEW,
        Permission.DATA_QUALITY_VIEW,
        Permission.RECONCILIATION_VIEW,
        Permission.SELF_REVIEW_VIEW,
        Permission.SUBMISSION_VIEW,
    }
)
# A county's own work: it submits, answers, corrects, sends and decides which records are one.
_COUNTY_WORK: Final = frozenset(
    {
        Permission.COUNTY_ACTION_RECORD,
        Permission.LEDGER_EDIT,
        Permission.RECONCILIATION_DECIDE,
        Permission.REFUND_PLAN_WRITE,
        Permission.SUBMISSION_RECORD,
    }
)
# That a reporter said something and left a number, not what.
_REPORTERS: Final = frozenset({Permission.REPORTER_VIEW})
# Where evidence gathers, whom to visit, and what was found: never for a county.
_VISITS: Final = frozenset(
    {
        Permission.BACKTEST_VIEW,
        Permission.HOTSPOT_VIEW,
        Permission.VISIT_PLAN,
        Permission.VISIT_RECORD,
        Permission.VISIT_RESULT_VIEW,
    }
)
# What was reported and decided is put on record by those who prepare the meeting.
_MEETINGS: Final = frozenset({Permission.DECISION_RECORD, Permission.MEETING_FREEZE})
_IMPORTS: Final = frozenset({Permission.LEDGER_IMPORT, Permission.LEDGER_IMPORT_VALUES})

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.LEADER: _FIGURES | _REVIEWS | {Permission.VISIT_RESULT_VIEW},
    Role.SUPERVISOR: (
        _FIGURES
        | _REVIEWS
        | _IMPORTS
        | _MEETINGS
        | _REPORTERS
        | _VISITS
        | {
            Permission.ITEM_VERIFY,
            Permission.RECONCILIATION_DECIDE,
            Permission.REFUND_PLAN_WRITE,
            Permission.REPORTER_REVEAL,
        }
    ),
    Role.COUNTY: _FIGURES | _REVIEWS | _COUNTY_WORK | _IMPORTS | _REPORTERS,
    # An administrator keeps the files coming in without reading what is in them.
    Role.ADMIN: frozenset(
        {Permission.ACCOUNT_MANAGE, Permission.AUDIT_VIEW, Permission.LEDGER_IMPORT}
    ),
}


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in, and which rows they may read."""

    email: str
    role: Role
    county_code: str | None
    scope: Scope

    def may(self, permission: Permission) -> bool:
        """Whether this user's role grants the permission."""
        return permission in PERMISSIONS[self.role]

    @property
    def import_scope(self) -> Scope:
        """Whose files this user may send and see the history of.

        An administrator reads no rows of any county, and yet keeps all their files coming in.
        """
        return Scope.city() if self.role is Role.ADMIN else self.scope


def scope_of(role: Role, county_code: str | None) -> Scope:
    """Return the rows that a role may read.

    A leader reads the whole city, without what is born of unreleased plans; the
    supervision team everything; a county account its county; an administrator no rows.
    """
    match role:
        case Role.LEADER:
            return Scope.city()
        case Role.SUPERVISOR:
            return Scope.city(unreleased=True)
        case Role.COUNTY:
            return Scope.county(*filter(None, [county_code]))
        case Role.ADMIN:
            return Scope.county()


# Built once: every run of every page asks it.
_ACTIVE: Final = select(account.c.role, account.c.county_code).where(
    account.c.email == bindparam("email"), account.c.active
)


def find_user(conn: Connection, email: str) -> User | None:
    """Return the user of that account, or ``None`` if there is none or it is inactive."""
    row = conn.execute(_ACTIVE, {"email": email}).one_or_none()
    if row is None:
        return None
    role = Role(row.role)
    return User(email, role, row.county_code, scope_of(role, row.county_code))


def demonstration_accounts(conn: Connection) -> list[str]:
    """Return the demonstration accounts, roles of the city first, then the counties.

    Only the ``sample`` command makes them, so a database of an office has none.
    """
    stmt = (
        select(account.c.email)
        .outerjoin(county, county.c.code == account.c.county_code)
        .where(account.c.email.endswith(DEMONSTRATION_DOMAIN), account.c.active)
        .order_by(account.c.county_code.is_not(None), account.c.role.desc(), county.c.ordinal)
    )
    return list(conn.scalars(stmt))


def add_demonstration_accounts(conn: Connection) -> None:
    """Add one account for each role of the city and one for each reporting unit."""
    city = [Role.LEADER, Role.SUPERVISOR, Role.ADMIN]
    counties = conn.scalars(select(county.c.code)).all()
    rows = [
        *({"email": f"{r}{DEMONSTRATION_DOMAIN}", "role": r, "county_code": None} for r in city),
        *(
            {"email": f"{c}{DEMONSTRATION_DOMAIN}", "role": Role.COUNTY, "county_code": c}
            for c in counties
        ),
    ]
    conn.execute(insert(account), [{**row, "active": True} for row in rows])
