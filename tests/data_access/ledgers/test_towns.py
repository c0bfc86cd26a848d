"""The town of a row: told by its address, never guessed."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, delete, select, update

from data_access import schema, versions
from data_access.ledgers.towns import Towns, fill, read_towns
from data_access.reference import add_reference_rows
from tests import factories
from tests.data_access.ledgers.conftest import Load, Rows
from tests.data_access.ledgers.understandings import CLEAR, institution, report

NORTH, LIUCHENG, RONGSHUI, LIUDONG, BEIBU = "450205", "450222", "450225", "4502LD", "4502BS"
SHENGLI, SHATANG, LUORONG = "450205003", "450205101", "450203100"


@pytest.mark.parametrize(
    ("county", "address", "code"),
    [
        (NORTH, "柳州市柳北区胜利街道寒露路132号", SHENGLI),
        (NORTH, "柳州市 柳北区 胜利 街道办事处旁", SHENGLI),
        (NORTH, "胜利街道胜利街道办对面", SHENGLI),
        # The county's own name is none of a town, though a town may be called like it.
        (RONGSHUI, "融水苗族自治县融水镇白露路238号", "450225100"),
        (RONGSHUI, "融水苗族自治县朝阳路1号", None),
        # As most people write a town that is called after its nationality.
        (RONGSHUI, "融水县同练乡中心小学旁", "450225206"),
        (RONGSHUI, "融水县同练瑶族乡中心小学旁", "450225206"),
        # Two towns of the county: not told.
        (NORTH, "柳北区胜利街道与解放街道交界处", None),
        # A town of another unit is none of the county's.
        (NORTH, "柳城县大埔镇白阳路3号", None),
        (LIUCHENG, "柳城县大埔镇白阳路3号", "450222100"),
        # A road that is called after a town.
        (NORTH, "沙塘镇路12号", None),
        (NORTH, "沙塘镇沙塘镇路12号", SHATANG),
        # Part of a name is no name.
        (NORTH, "胜利路与跃进路口", None),
        # New areas manage towns that lie in other units.
        (LIUDONG, "柳州市柳东新区雒容镇大雪路54号", LUORONG),
        (BEIBU, "北部生态新区沙塘镇杨柳路", SHATANG),
        (BEIBU, "北部生态新区阳和街道", "450203008"),
        (BEIBU, "沙塘镇与石碑坪镇之间", None),
        (LIUDONG, "柳东新区官塘大道1号", None),
        (NORTH, "", None),
        (NORTH, None, None),
        (None, "胜利街道", None),
    ],
)
def test_town_is_the_only_one_that_the_address_names(
    conn: Connection, county: str | None, address: str | None, code: str | None
) -> None:
    assert read_towns(conn).town_of(address, county) == code


def test_towns_of_one_name_in_two_units_are_told_by_the_county() -> None:
    known = Towns([("1", "太平镇", "450222"), ("2", "太平镇", "450223")])

    assert known.town_of("太平镇", "450222") == "1"
    assert known.town_of("太平镇", "450223") == "2"
    assert known.town_of("太平镇", LIUDONG) is None


def test_every_town_is_found_by_its_own_name(conn: Connection) -> None:
    known = read_towns(conn)

    for row in conn.execute(select(schema.town)):
        assert known.town_of(f"某处{row.name}1号", row.boundary_code) == row.code
        assert known.town_of(f"某处{row.name}1号", LIUDONG) == row.code


def test_import_gives_institutions_and_reports_their_town(load: Load, rows: Rows) -> None:
    load("institutions", institution(county_code=NORTH, address="柳北区胜利街道1号"))
    load("violation_reports", report(county_code=LIUDONG, address="雒容镇1号"))

    assert [row.town_code for row in rows("institution")] == [SHENGLI]
    assert [row.town_code for row in rows("violation_report")] == [LUORONG]


@pytest.mark.parametrize(
    ("address", "code"),
    [("柳北区沙塘镇2号", SHATANG), ("柳北区长路2号", None), (CLEAR, None), (None, SHENGLI)],
)
def test_town_follows_the_address(
    load: Load, rows: Rows, address: str | None, code: str | None
) -> None:
    load("institutions", institution(county_code=NORTH, address="柳北区胜利街道1号"))
    load("institutions", institution(county_code=NORTH, address=address))

    (row,) = rows("institution")
    assert row.town_code == code


def test_rows_that_came_before_the_towns_are_given_theirs(conn: Connection) -> None:
    conn.execute(delete(schema.town))
    told = factories.institution(conn, county_code=NORTH, address="柳北区胜利街道1号")
    not_told = factories.institution(conn, county_code=NORTH, address="柳北区长路2号")
    without = factories.report(conn, county_code=NORTH)
    reported = factories.report(conn, county_code=NORTH, address="柳北区沙塘镇1号")
    version = versions.current(conn)

    add_reference_rows(conn)

    found = dict(
        conn.execute(select(schema.institution.c.id, schema.institution.c.town_code)).all()
    )
    assert found == {told: SHENGLI, not_told: None}
    reports = schema.violation_report.c
    assert dict(conn.execute(select(reports.id, reports.town_code)).all()) == {
        without: None,
        reported: SHATANG,
    }
    assert versions.current(conn) == version + 1

    add_reference_rows(conn)
    assert fill(conn) == 0
    assert versions.current(conn) == version + 1


def test_a_town_that_a_row_has_stays(conn: Connection) -> None:
    row = factories.institution(conn, county_code=NORTH, address="柳北区胜利街道1号")
    mine = schema.institution.c.id == row
    conn.execute(update(schema.institution).where(mine).values(town_code=SHATANG))

    assert fill(conn) == 0
    assert conn.scalar(select(schema.institution.c.town_code).where(mine)) == SHATANG
