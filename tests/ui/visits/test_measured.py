"""Minutes that the office has measured win over the estimate; a wrong file is told."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from analysis.travel import travel
from data_access.visit_writing import PlanError
from ui.visits.measured import VARIABLE, travel_times

HERE, THERE = np.array([[109.41, 24.31]]), np.array([[109.75, 24.47]])


def minutes(start: str, end: str) -> int:
    found = travel_times().minutes(HERE, THERE, from_names=[start], to_names=[end])
    return int(found[0, 0])


def test_without_a_file_all_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    assert travel_times() == travel()


def test_measured_leg_wins_there_and_back_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    estimated = minutes("城中区", "角宿花园")
    file = tmp_path / "times.csv"
    file.write_text("\ufeff起点,终点,分钟\n城中区,角宿花园,77\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(file))

    assert minutes("城中区", "角宿花园") == minutes("角宿花园", "城中区") == 77
    assert minutes("城中区", "亢宿大厦") == estimated != 77


def test_changed_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "times.csv"
    monkeypatch.setenv(VARIABLE, str(file))
    for moment, said in ((1, 11), (2, 22)):
        file.write_text(f"起点,终点,分钟\n甲,乙,{said}\n", encoding="utf-8")
        os.utime(file, (moment, moment))

        assert minutes("甲", "乙") == said


@pytest.mark.parametrize(
    "content",
    ["起点,终点\n甲,乙\n", "起点,终点,分钟\n甲,乙,约十分钟\n", "起点,终点,分钟\n甲,乙,-5\n", ""],
)
def test_wrong_file_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = tmp_path / "times.csv"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(file))

    with pytest.raises(PlanError, match="应为 UTF-8 的 CSV"):
        travel_times()


def test_missing_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.csv"))

    with pytest.raises(PlanError, match="没有这个文件"):
        travel_times()
