"""The command line: what it loads, says, writes out and returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from data_access import migration, schema
from data_access.__main__ import main
from data_access.engine import connect_to
from sample_data.build import SampleError

HEADER = "线索编号,接报日期,举报渠道,违规类型,县区,机构名称,办理状态\n"
GOOD = "JB-1,2022-07-04,12345 热线,一对一,柳北区,,已受理\n"
BAD = "JB-2,某日,12345 热线,一对一,柳北区,,已受理\n"
Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty database that ``DATABASE_URL`` names, and an empty current folder."""
    url = f"sqlite:///{tmp_path / 'city.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    engine = connect_to(url)
    migration.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(database: Engine, tmp_path: Path) -> Run:
    """Import reports by the command line; return the exit code and the report."""

    def run(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
        report = tmp_path / "report.json"
        command = ["import", "violation_reports", *map(str, arguments), "--report", str(report)]
        code = main(command)
        return code, json.loads(report.read_text(encoding="utf-8"))

    return run


def ledger(name: str, *rows: str) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def loaded(engine: Engine) -> int:
    with engine.connect() as conn:
        return conn.scalar(select(func.count()).select_from(schema.violation_report)) or 0


def test_every_row_loaded(database: Engine, run: Run) -> None:
    code, (report,) = run(ledger("七月.csv", GOOD))

    assert (code, loaded(database)) == (0, 1)
    assert list(report) == [
        *("file", "sha256", "kind", "rows_read", "rows_loaded", "rows_updated"),
        *("rows_rejected", "rejects_file", "problems"),
    ]
    assert (report["file"], report["kind"], report["rejects_file"]) == (
        "七月.csv",
        "violation_reports",
        None,
    )
    assert len(report["sha256"]) == 64
    assert not list(Path().glob("*_退回*"))


def test_some_rows_rejected(database: Engine, run: Run) -> None:
    code, (report,) = run(ledger("七月.csv", GOOD, BAD))

    assert (code, loaded(database)) == (3, 1)
    assert [report[f"rows_{what}"] for what in ("read", "loaded", "updated", "rejected")] == [
        *(2, 1, 0, 1)
    ]
    (problem,) = report["problems"]
    assert (problem["row"], problem["column"], problem["value"], problem["severity"]) == (
        *(3, "接报日期", "某日"),
        "error",
    )
    sheet = openpyxl.load_workbook(report["rejects_file"]).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:2] == ("JB-2", "某日")
    assert "接报日期" in str(rows[1][-1])


def test_rejected_rows_are_mended_and_sent_again(database: Engine, run: Run) -> None:
    _, (report,) = run(ledger("七月.csv", GOOD, BAD))
    path = Path(report["rejects_file"])
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["B2"] = "2022-07-05"
    workbook.save(path)

    code, _ = run(path)

    assert (code, loaded(database)) == (0, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [("没有.csv", None), ("空.csv", ""), ("别的.csv", "甲,乙\n1,2\n"), ("假.xlsx", "abc")],
)
def test_a_file_that_cannot_be_read(
    database: Engine, run: Run, name: str, content: str | None
) -> None:
    if content is not None:
        Path(name).write_text(content, encoding="utf-8")

    code, (report,) = run(name)

    assert code == 2
    assert report["rows_read"] == 0
    (problem,) = report["problems"]
    assert (problem["row"], problem["severity"]) == (None, "error")
    with database.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(schema.import_batch)) == 0


def test_a_missing_required_column_is_not_read(run: Run) -> None:
    path = Path("缺列.csv")
    path.write_text("线索编号,接报日期\nJB-1,2022-07-04\n", encoding="utf-8")

    assert run(path)[0] == 2


def test_each_file_stands_for_itself_and_the_worst_code_wins(database: Engine, run: Run) -> None:
    files = [ledger("好.csv", GOOD), Path("没有.csv"), ledger("差.csv", BAD)]

    code, reports = run(*files)

    assert code == 2
    assert [report["rows_read"] for report in reports] == [1, 0, 1]
    assert loaded(database) == 1
    assert run(ledger("好.csv", GOOD), ledger("差.csv", BAD))[0] == 3


def test_rejects_never_write_over_another_file(run: Run) -> None:
    first, second = ledger("甲/七月.csv", BAD), ledger("乙/七月.csv", BAD.replace("2", "3", 1))

    _, reports = run(first, second, "--rejects", "退回夹")

    assert [Path(report["rejects_file"]).name for report in reports] == [
        "七月_退回.xlsx",
        "七月_退回_2.xlsx",
    ]
    assert all(Path(report["rejects_file"]).exists() for report in reports)


def test_a_trial_writes_nothing_to_the_database(database: Engine, run: Run) -> None:
    code, (report,) = run(ledger("七月.csv", GOOD), "--dry-run")

    assert (code, report["rows_loaded"], loaded(database)) == (0, 1, 0)
    with database.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(schema.import_batch)) == 0


def test_known_rows_are_said_to_be_changed_or_not(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    other = GOOD.replace("JB-1", "JB-3")
    changed = GOOD.replace("已受理", "已交办")
    first, again = ledger("七月.csv", GOOD, other), ledger("八月.csv", changed, other)

    run(first)
    run(first)
    run(again, "--dry-run")
    run(again)

    assert capsys.readouterr().out.splitlines() == [
        "七月.csv：读到 2 行 = 新增 2 ＋ 已有 0 ＋ 退回 0",
        "七月.csv：读到 2 行 = 新增 0 ＋ 已有 2 ＋ 退回 0；已有的行没有改动",
        "八月.csv：（试导入，未写入）读到 2 行 = 将新增 0 ＋ 已有 2 ＋ 将退回 0；"
        "已有的行中将改动 1 行",
        "八月.csv：读到 2 行 = 新增 0 ＋ 已有 2 ＋ 退回 0；已有的行中改动 1 行",
    ]


@pytest.mark.parametrize("county", ["450205", "柳北", "柳北区"])
def test_a_county_is_named_in_any_way(database: Engine, run: Run, county: str) -> None:
    assert run(ledger("七月.csv", GOOD), "--county", county)[0] == 0
    with database.connect() as conn:
        assert conn.scalar(select(schema.import_batch.c.county_code)) == "450205"


def test_a_row_of_another_county_is_rejected(run: Run) -> None:
    assert run(ledger("七月.csv", GOOD), "--county", "柳南")[0] == 3


def test_an_unknown_county_imports_nothing_and_still_reports(database: Engine, run: Run) -> None:
    code, (report,) = run(ledger("七月.csv", GOOD), "--county", "桂林")

    assert (code, loaded(database)) == (2, 0)
    assert "桂林" in report["problems"][0]["problem"]


def test_the_day_of_arrival_is_kept(database: Engine, run: Run) -> None:
    run(ledger("七月.csv", GOOD), "--received-on", "2022-07-07")

    with database.connect() as conn:
        assert str(conn.scalar(select(schema.violation_report.c.received_by_us_on))) == (
            "2022-07-07"
        )


@pytest.mark.parametrize("day", ["七月七日", "2999-01-01"])
def test_an_impossible_day_of_arrival_imports_nothing_and_still_reports(
    database: Engine, run: Run, day: str
) -> None:
    code, (report,) = run(ledger("七月.csv", GOOD), "--received-on", day)

    assert (code, loaded(database)) == (2, 0)
    assert day in report["problems"][0]["problem"]


def test_a_database_that_was_not_migrated_is_told(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")

    code, (report,) = run(ledger("七月.csv", GOOD))

    assert code == 2
    assert "migrate" in report["problems"][0]["problem"]


def test_migrate_brings_a_database_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'new.db'}"
    monkeypatch.setenv("DATABASE_URL", url)

    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0

    engine = connect_to(url)
    assert migration.is_current(engine)
    engine.dispose()


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["import", "--help"])

    text = capsys.readouterr().out
    assert text.startswith("用法：")
    assert text.count("用法") == 1
    assert "举报线索" in text
    assert "usage" not in text
    assert "show this" not in text


def test_the_sample_is_built_only_into_an_empty_database(
    database: Engine, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(ledger("七月.csv", GOOD))

    assert main(["sample"]) == 2
    assert "已有数据" in capsys.readouterr().err
    assert loaded(database) == 1


def test_a_sample_that_fails_leaves_no_half_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(engine: Engine, _progress: object) -> None:
        migration.upgrade(engine)
        raise SampleError("没有导入")

    monkeypatch.setattr("sample_data.build._fill", fail)
    path = tmp_path / "var" / "sample.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")

    assert main(["sample"]) == 2
    assert list(path.parent.iterdir()) == []
