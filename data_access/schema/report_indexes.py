"""By what reports are found: indexes of ``violation_report`` and what the partial ones hold."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Index, text

# As the index of open reports has it, word for word: only then is it seen to have just these.
_OPEN: Final = "(status NOT IN ('substantiated', 'unsubstantiated') OR verified_on IS NULL)"
OPEN_REPORT: Final = text(_OPEN)
# What rules of data quality find in a report whatever the day; word for word as in its index.
_FLAWED: Final = (
    "(verified_on < received_on OR closed_on < received_on"
    " OR (verified_on IS NULL AND status IN ('substantiated', 'unsubstantiated'))"
    " OR (place_name IS NULL AND longitude IS NULL)"
    " OR (institution_name IS NOT NULL AND institution_id IS NULL))"
)
FLAWED_REPORT: Final = text(_FLAWED)


def report_indexes() -> tuple[Index, ...]:
    """Return the indexes that counts and lists of reports are answered by."""
    return (
        # Each holds all that its counts ask for: no row is fetched.
        Index(
            "ix_violation_report_week_county_code",
            *("week", "county_code", "received_on", "status", "verified_on"),
            *("violation_type_group", "channel_group"),
        ),
        Index(
            "ix_violation_report_verified_week_county_code",
            *("verified_week", "county_code", "verified_on", "status", "week", "received_on"),
            "violation_type_group",
            sqlite_where=text("verified_week IS NOT NULL"),
            postgresql_where=text("verified_week IS NOT NULL"),
        ),
        # By these the latest are found first, of all, of a place and of an institution.
        Index("ix_violation_report_received_on", "received_on", "report_no", "county_code"),
        Index("ix_violation_report_place_key", "place_key", "received_on", "county_code"),
        Index(
            "ix_violation_report_institution_id",
            "institution_id",
            "received_on",
            sqlite_where=text("institution_id IS NOT NULL"),
            postgresql_where=text("institution_id IS NOT NULL"),
        ),
        _told_index("credit_code"),
        _told_index("cell"),
        Index(
            "ix_violation_report_open",
            *("county_code", "received_on", "town_code"),
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_violation_report_unplaced",
            "county_code",
            "received_on",
            sqlite_where=text("longitude IS NULL"),
            postgresql_where=text("longitude IS NULL"),
        ),
        Index(
            # In the order of lists, with all that tells which rule finds one.
            "ix_violation_report_flawed",
            *("county_code", "report_no", "received_by_us_on", "received_on", "verified_on"),
            *("closed_on", "status", "place_name", "longitude", "institution_name"),
            "institution_id",
            sqlite_where=text(_FLAWED),
            postgresql_where=text(_FLAWED),
        ),
        Index(
            "ix_violation_report_located",
            *("county_code", "cell", "longitude", "latitude"),
            sqlite_where=text("longitude IS NOT NULL"),
            postgresql_where=text("longitude IS NOT NULL"),
        ),
        # What came back after a close-out, at an institution, at a place or under a name.
        _proven_index(
            "institution_id", "institution_id", "received_on", "verified_on", "county_code"
        ),
        _proven_index("place_name", "county_code", "place_name", "received_on", "verified_on"),
        _proven_index(
            "institution_name",
            *("county_code", "institution_name_key", "institution_name"),
            *("received_on", "verified_on"),
        ),
    )


def _told_index(name: str) -> Index:
    """Return the index of reports that tell this, by day."""
    told = text(f"{name} IS NOT NULL")
    return Index(
        f"ix_violation_report_{name}",
        *(name, "received_on"),
        sqlite_where=told,
        postgresql_where=told,
    )


def _proven_index(name: str, *columns: str) -> Index:
    """Return the index of reports that proved true and name this.

    It has the status, which is one and the same, for SQLite: it would read each row for that.
    """
    proven = text(f"status = 'substantiated' AND {name} IS NOT NULL")
    return Index(
        f"ix_violation_report_proven_{name}",
        *(*columns, "status"),
        sqlite_where=proven,
        postgresql_where=proven,
    )
