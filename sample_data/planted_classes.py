"""Reports of which it is known whether their class was held at a forbidden hour or day.

Only their hours are planted: everything else of them is as it was drawn.
"""

from __future__ import annotations

from typing import Final

from sample_data.reports import Report

# School subjects online, past 21:00.
LATE_ONLINE: Final = {
    "JB20220524-0004": "19:30-21:15",
    "JB20220628-0001": "20:00-21:30",
    "JB20220714-0019": "19:30-21:30",
    "JB20220718-0039": "20:00-22:00",
    "JB20220809-0012": "19:40-21:01",
}
# School subjects on the public holiday of 2022-06-03, by day.
ON_A_HOLIDAY: Final = ("JB20220603-0005", "JB20220603-0008")
# A Sunday on which everybody worked (调休): no rest day, and no hour too late.
ON_A_WORKED_SUNDAY: Final = "JB20220424-0003"


def set_hours(reports: list[Report]) -> None:
    """Let the reports of late online classes say when those end."""
    for report in reports:
        report.hours = LATE_ONLINE.get(report.number, report.hours)
