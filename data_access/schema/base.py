"""What the tables share: metadata, column types and the columns of every ledger row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    false,
)

from data_access.vocabulary import Vocabulary

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column declared INTEGER.
Id: Final = BigInteger().with_variant(Integer(), "sqlite")
# Yuan. Read as float: SQLite has no decimals, and two digits of a city's sums fit a float.
Money: Final = Numeric(14, 2, asdecimal=False)
CountyCode: Final = String(6)


def identity() -> Column[Any]:
    """Return the primary key of a table whose rows have no number of their own."""
    return Column("id", Id, primary_key=True, comment="内部编号")


def county_code(*, nullable: bool = False) -> Column[Any]:
    """Return the county of a row, by which every query is scoped."""
    return Column(
        "county_code",
        CountyCode,
        ForeignKey("county.code"),
        nullable=nullable,
        comment="县区（新区）代码",
    )


def institution_id(*, nullable: bool = True) -> Column[Any]:
    """Return the link to the institution ledger; null until the institution is known."""
    return Column(
        "institution_id",
        Id,
        ForeignKey("institution.id"),
        nullable=nullable,
        comment="机构台账编号；空为尚未对上",
    )


def coordinates() -> tuple[Column[Any], Column[Any]]:
    """Return longitude and latitude."""
    return (
        Column("longitude", Float, comment="经度，WGS-84，度"),
        Column("latitude", Float, comment="纬度，WGS-84，度"),
    )


def coordinates_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Keep half a coordinate and a place off the globe out."""
    return (
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", "coordinates_come_in_pairs"),
        CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            "coordinates_on_the_globe",
        ),
    )


def provenance() -> tuple[Column[Any], ...]:
    """Return where a fact row came from and when it first reached us."""
    return (
        Column(
            "first_batch_id",
            Id,
            ForeignKey("import_batch.id"),
            comment="首次带来本行的导入批次；系统产生的行为空",
        ),
        Column("received_by_us_on", Date, nullable=False, comment="首次到达本系统的日期（接收日）"),
        Column(
            "row_version",
            Integer,
            nullable=False,
            server_default="1",
            comment="行版本，每次改动加一；下载的工作簿带着它回来",
        ),
    )


def own_row_version() -> Column[Any]:
    """Return the version of a row that people write on a page and no file brings."""
    return Column(
        "row_version",
        Integer,
        nullable=False,
        server_default="1",
        comment="行版本，每次改动加一；两人同时改时后改的一方须重看",
    )


def withheld(*, primary_key: bool = False) -> Column[Any]:
    """Return the mark of rows born of a visit plan that is not released yet."""
    return Column(
        "withheld",
        Boolean,
        primary_key=primary_key,
        nullable=False,
        server_default=false(),
        comment="暗访计划公布前为真：只有市督查组可见、可计数",
    )


def one_of(column: str, codes: Vocabulary | Iterable[str]) -> CheckConstraint:
    """Hold a column to the codes of a vocabulary."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", f"{column}_known")


def not_negative(*columns: str) -> list[CheckConstraint]:
    """Hold counts and amounts to zero or more."""
    return [CheckConstraint(f"{column} >= 0", f"{column}_not_negative") for column in columns]
