"""Reports of which it is known whether their class was held at a forbidden hour or day.

Only their hours are planted: everything else of them is as it was drawn.
"""

from __future__ import annotations

from typing import Final

from sample_data.reports import Report

# School subjects online at institutions named, past 21:00.
LATE_ONLINE: Final = {
    "JB20220427-0007": "19:30-21:15",
    "JB20220509-0004": "20:00-21:30",
    "JB20220718-0039": "20:00-22:00",
    "JB20220801-0018": "19:30-21:30",
    "JB20220812-0006": "19:40-21:01",
}
# Online as late, but nobody is named and so nobody can tell whether it was a school subject.
LATE_UNNAMED: Final = {"JB20220628-0001": "20:00-21:30", "JB20220714-0019": "19:30-21:30"}
# School subjects on the public holiday of 2022-06-03, by day.
ON_A_HOLIDAY: Final = ("JB20220603-0005", "JB20220603-0008")
# A Sunday on which everybody worked (调休): no rest day, and no hour too late.
ON_A_WORKED_SUNDAY: Final = "JB20220424-0003"


def set_hours(reports: list[Report]) -> None:
    """Let the reports of late online classes say when those end."""
    late = LATE_ONLINE | LATE_UNNAMED
    for report in reports:
        report.hours = late.get(report.number, report.hours)
