"""What importing a long ledger costs, against reading the same file and doing nothing with it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.servers import ROOT

ROWS = 50_000
READS = 3
HEADERS = (
    *("线索编号", "接报日期", "举报渠道", "违规类型", "县区", "机构名称", "楼宇小区", "地址"),
    *("经度", "纬度", "办理状态", "核实日期", "上课时间", "内容摘要"),
)
CHANNELS = ("12345 热线", "县区举报电话", "举报邮箱", "网格巡查")
TYPES = ("学科类违规开班", "一对一", "住家教师", "无证办学", "虚假宣传")
COUNTIES = ("城中区", "鱼峰区", "柳南区", "柳北区", "融水苗族自治县")
STATUSES = ("属实", "不属实", "核实中")


@dataclass(frozen=True)
class ImportCost:
    """CPU seconds and mebibytes. ``start_seconds`` is what the command takes to do nothing."""

    rows: int
    read_seconds: float
    import_seconds: float
    start_seconds: float
    peak_mebibytes: float

    @property
    def ratio(self) -> float:
        """The import, its start left out, ÷ the bare read (which is timed without a start)."""
        return (self.import_seconds - self.start_seconds) / self.read_seconds

    @property
    def rows_per_second(self) -> float:
        """Rows that the whole command loads in a second."""
        return self.rows / self.import_seconds


def measure(folder: Path) -> ImportCost:
    """Import a ledger of reports into an empty SQLite database in ``folder``."""
    ledger = folder / "reports.xlsx"
    write_ledger(ledger)
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'import.db'}"}
    command("migrate", env=env)
    start, _ = command("--help", env=env)
    reads = [read(ledger) for _ in range(READS)]
    seconds, peak = command(
        *("import", "violation_reports", str(ledger), "--rejects", str(folder)), env=env
    )
    reads += [read(ledger) for _ in range(READS)]
    return ImportCost(ROWS, statistics.median(reads), seconds, start, peak)


def write_ledger(path: Path) -> None:
    """Write a workbook of ``ROWS`` reports, each different from the others."""
    workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = workbook.add_worksheet("举报台账")
    sheet.write_row(0, 0, HEADERS)
    for number in range(ROWS):
        received = date(2022, 4, 1) + timedelta(days=number % 140)
        status = STATUSES[number % len(STATUSES)]
        verified = "" if status == "核实中" else str(received + timedelta(days=2))
        row = (
            *(f"JB{number:06}", str(received), CHANNELS[number % 4], TYPES[number % 5]),
            *(COUNTIES[number % 5], f"试验培训机构{number % 900}", f"试验大厦{number % 700}号楼"),
            *(f"试验路{number % 300}号", 109.40 + number % 100 / 1000, 24.30 + number % 90 / 1000),
            *(status, verified, "19:00-20:30", f"群众反映第 {number} 件"),
        )
        sheet.write_row(number + 1, 0, row)
    workbook.close()


def read(path: Path) -> float:
    """CPU seconds that python-calamine alone takes to read the file."""
    start = time.process_time()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    seconds = time.process_time() - start
    assert len(rows) == ROWS + 1
    return seconds


def command(*arguments: str, env: dict[str, str]) -> tuple[float, float]:
    """Run ``python -m data_access ARGUMENTS``; its CPU seconds and its peak memory in mebibytes.

    Raises ``AssertionError`` with its output when it fails.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "data_access", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert process.returncode == 0, output
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
