"""Which stored row each row of a file is: the keys by which a row is known again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, select

from data_access.ledgers import belonging, duties, linking, periods
from data_access.ledgers.draft import Draft, Values, as_values, choose, nothing, present
from data_access.ledgers.queries import select_in
from data_access.reference import newest_campaign
from data_access.schema import (
    compliance_check,
    county_action,
    inspection,
    institution,
    rectification,
    rectification_event,
    refund_dispute,
    roster_entry,
    submission,
    violation_report,
)

OWN_NUMBERS: Final = "XT-"
TAKEN: Final = (
    "该编号已被使用（编号全市唯一），本行未导入。请核对编号；如确是同一事项需改属县区，请报市级办理"
)
CODE_TAKEN: Final = (
    "该信用代码已被使用（全市唯一），本行未导入。请核对信用代码；机构迁址改属县区的，请报市级办理"
)
NOT_YOURS: Final = (
    f"{OWN_NUMBERS} 开头的编号由系统产生，本县区台账中没有这一编号，本行未导入。"
    "新事项请用本单位的编号"
)
NUMBER_COLUMNS: Final = {
    violation_report.name: "report_no",
    inspection.name: "inspection_no",
    rectification.name: "ledger_no",
    refund_dispute.name: "dispute_no",
    compliance_check.name: "check_no",
}


def match(conn: Connection, draft: Draft) -> None:
    """Attach to each row the stored row it is, and reject rows that can be none."""
    _keep_to_its_county(draft)
    _MATCHERS[draft.table.name](conn, draft)
    draft.settle()
    draft.reject_repeats(list(draft.ids), None)
    draft.settle()


def _keep_to_its_county(draft: Draft) -> None:
    """Refuse what a county's file says of other counties; reading has said so before."""
    if draft.sender.county_code is None:
        return
    county = draft.column("county_code")
    elsewhere = present(county) & (county != draft.sender.county_code)
    draft.reject(elsewhere, "county_code", "县区与报送县区不一致，请改正县区或由所属县区报送")
    draft.settle()


def _match_by_number(conn: Connection, draft: Draft) -> None:
    name = NUMBER_COLUMNS[draft.table.name]
    numbers = draft.column(name)
    draft.reject_repeats(list(numbers), name)
    draft.settle()
    column = draft.table.c[name]
    rows = select_in(conn, select(draft.table), column, numbers[draft.alive])
    at = {row._mapping[name]: place for place, row in enumerate(rows)}
    draft.attach(rows, [at.get(number) for number in numbers])
    _keep_numbers_to_their_owners(draft, name)


def _keep_numbers_to_their_owners(draft: Draft, name: str) -> None:
    """Refuse a county's file the numbers of other counties, and new ones of the system's.

    What is told is the same whether a number of the system's is another county's, an
    unreleased visit plan's or nobody's; no other number is told apart from one of the plan's.
    """
    own = np.array([str(n or "").startswith(OWN_NUMBERS) for n in draft.column(name)], dtype=bool)
    county = draft.column("county_code")
    elsewhere = draft.known & present(county) & (draft.was("county_code") != county)
    if draft.is_county_file:
        hidden = np.zeros(draft.length, dtype=bool)
        if draft.sender.is_county_account:
            hidden = draft.known & np.asarray(draft.was("withheld") == True, dtype=bool)  # noqa: E712
        draft.reject(own & (~draft.known | elsewhere | hidden), name, NOT_YOURS)
        draft.reject(~own & (elsewhere | hidden), name, TAKEN)
    else:
        draft.reject(own & ~draft.known, name, NOT_YOURS)
        draft.warn(elsewhere, "county_code", "该编号原属另一县区，已按本行改到新的县区，旧值已留存")


def _match_institutions(conn: Connection, draft: Draft) -> None:
    codes, counties = draft.column("credit_code"), draft.column("county_code")
    keys = linking.name_keys(draft.column("name"))
    alive = draft.alive
    rows = linking.candidates(conn, select(institution), codes[alive], counties[alive], keys[alive])
    draft.attach(rows, _InstitutionMatch(draft, rows, codes, counties, keys).positions())
    draft.settle()
    newly = [
        None if stored is not None else code or (county, key)
        for stored, code, county, key in zip(draft.ids, codes, counties, keys, strict=True)
    ]
    draft.reject_repeats(newly, "name")
    elsewhere = draft.known & (draft.was("county_code") != counties)
    if draft.is_county_file:
        draft.reject(elsewhere, "credit_code", CODE_TAKEN)
    else:
        draft.warn(elsewhere, "county_code", "该机构原属另一县区，已按本行改到新的县区，旧值已留存")


def keep_apart(conn: Connection, draft: Draft) -> None:
    """Reject known institutions that would take the code of another, or look like one.

    A file finds its institutions by code and name; a person who corrects these of one that is
    chosen must not make two that nobody can tell apart.
    """
    codes = choose(present(draft.column("credit_code")), draft.column("credit_code"))
    codes = choose(present(codes), codes, draft.was("credit_code"))
    codes[draft.cleared["credit_code"]] = None
    names = draft.column("name")
    keys = linking.name_keys(choose(present(names), names, draft.was("name")))
    counties = draft.was("county_code")
    rows = linking.candidates(conn, select(institution), codes, counties, keys)
    for at in np.flatnonzero(draft.alive):
        this = np.zeros(draft.length, dtype=bool)
        this[at] = True
        others = [row for row in rows if row.id != draft.ids[at]]
        if codes[at] is not None and any(row.credit_code == codes[at] for row in others):
            draft.reject(this, "credit_code", "该信用代码已被另一家机构使用（全市唯一），请核对")
        elif any(
            (row.county_code, row.name_key) == (counties[at], keys[at])
            and (codes[at] is None or row.credit_code is None)
            for row in others
        ):
            draft.reject(this, "name", "本县区已有同名机构，无法分清是哪一家。请核对名称和信用代码")
    draft.settle()


class _InstitutionMatch:
    """By credit code, else by county and name; a code may come after the name."""

    def __init__(
        self, draft: Draft, rows: Sequence[Row[Any]], codes: Values, counties: Values, keys: Values
    ) -> None:
        self.draft = draft
        self.rows = rows
        self.codes = codes
        self.names = list(zip(counties, keys, strict=True))
        self.by_code = {row.credit_code: at for at, row in enumerate(rows) if row.credit_code}
        self.by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, row in enumerate(rows):
            self.by_name[row.county_code, row.name_key].append(at)
        # Rows of this file that bring a new institution with a code, by name.
        self.newcomers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.several = np.zeros(draft.length, dtype=bool)
        self.repeats = nothing(draft.length)

    def positions(self) -> list[int | None]:
        found: list[int | None] = [None] * self.draft.length
        claimed: set[int] = set()
        alive = np.flatnonzero(self.draft.alive)
        for at in alive:
            if self.codes[at] is not None:
                found[at] = self._with_code(int(at), claimed)
        for at in alive:
            if self.codes[at] is None:
                found[at] = self._by_name(int(at))
        self.draft.reject(
            self.several,
            "credit_code",
            "本县区有多家同名机构，无法判断是哪一家。请补填统一社会信用代码",
        )
        self.draft.reject(present(self.repeats), "name", self.repeats)
        return found

    def _with_code(self, at: int, claimed: set[int]) -> int | None:
        known = self.by_code.get(self.codes[at])
        if known is not None:
            return known
        uncoded = [
            place
            for place in self.by_name.get(self.names[at], ())
            if self.rows[place].credit_code is None and place not in claimed
        ]
        if len(uncoded) == 1:
            claimed.add(uncoded[0])
            return uncoded[0]
        self.newcomers[self.names[at]].append(at)
        return None

    def _by_name(self, at: int) -> int | None:
        known = self.by_name.get(self.names[at], [])
        newcomers = self.newcomers.get(self.names[at], [])
        if len(known) + len(newcomers) > 1:
            self.several[at] = True
        elif known:
            return known[0]
        elif newcomers:
            self.repeats[at] = f"与{self.draft.place_of(newcomers[0])}重复，请只保留一行"
        return None


def _match_events(conn: Connection, draft: Draft) -> None:
    numbers, county = draft.column("ledger_no"), draft.column("county_code")
    wanted = select(
        *(
            rectification.c[name]
            for name in ("ledger_no", "id", "county_code", "withheld", "status", "opened_on")
        ),
        rectification.c.closed_on,
    )
    items = {
        row.ledger_no: row
        for row in select_in(conn, wanted, rectification.c.ledger_no, numbers[draft.alive])
    }
    if draft.is_county_file:
        items = {
            number: item
            for number, item in items.items()
            if item.county_code == draft.sender.county_code
            and not (item.withheld and draft.sender.is_county_account)
        }
    found = [items.get(number) for number in numbers]
    for name in ("id", "county_code", "status", "opened_on", "closed_on"):
        values = as_values((item and item._mapping[name] for item in found), draft.length)
        draft.given["rectification_id" if name == "id" else f"item_{name}"] = values
    item = draft.given["rectification_id"]
    draft.reject(
        ~present(item), "ledger_no", "整改台账中没有这一编号。请先导入整改台账，再导入经过"
    )
    moved = present(item) & present(county) & (draft.given["item_county_code"] != county)
    draft.warn(moved, "county_code", "县区与整改台账不一致，已按整改台账的县区计")
    draft.settle()
    draft.given["county_code"] = draft.given["item_county_code"]
    belonging.track(draft, "rectification_id")
    keys = list(zip(item, draft.column("happened_on"), draft.column("step"), strict=True))
    draft.reject_repeats(keys, "step")
    table = rectification_event
    rows = select_in(conn, select(table), table.c.rectification_id, item[draft.alive])
    # Of a step that was told of and taken here on one day, a file means the one told of.
    rows.sort(key=lambda row: (row.recorded_at is None, row.id))
    at = {(row.rectification_id, row.happened_on, row.step): n for n, row in enumerate(rows)}
    draft.attach(rows, [at.get(key) for key in keys])


def _match_roster(conn: Connection, draft: Draft) -> None:
    sources, numbers = draft.column("source"), draft.column("entry_no")
    if draft.is_county_file:
        county = draft.column("county_code")
        draft.given["county_code"] = choose(
            present(county),
            county,
            as_values([draft.sender.county_code] * draft.length, draft.length),
        )
    counties = draft.column("county_code")
    keys = linking.name_keys(draft.column("name"))
    identity = [
        (source, number) if number is not None else (source, county, key)
        for source, number, county, key in zip(sources, numbers, counties, keys, strict=True)
    ]
    draft.reject_repeats(identity, "name")
    draft.settle()
    by_number = present(numbers)
    table = roster_entry
    rows = select_in(conn, select(table), table.c.entry_no, numbers[draft.alive & by_number])
    at: dict[tuple[Any, ...], int] = {(row.source, row.entry_no): n for n, row in enumerate(rows)}
    # A line without a number is known by its name among the lines without one.
    named = select(table).where(
        table.c.entry_no.is_(None), table.c.source.in_(sorted({*sources[present(sources)]}))
    )
    for row in select_in(conn, named, table.c.name_key, keys[draft.alive & ~by_number]):
        at.setdefault((row.source, row.county_code, row.name_key), len(rows))
        rows.append(row)
    draft.attach(rows, [at.get(key) for key in identity])
    elsewhere = draft.known & (draft.was("county_code") != counties)
    if draft.is_county_file:
        draft.reject(elsewhere, "entry_no", TAKEN)
    else:
        moved = elsewhere & present(counties) & present(draft.was("county_code"))
        draft.warn(moved, "county_code", "该名单编号原属另一县区，已按本行改到新的县区，旧值已留存")


def _match_submissions(conn: Connection, draft: Draft) -> None:
    """By county, document and period, whose day is the due day whatever else the file says."""
    due = as_values(
        (period and periods.due_day(period) for period in draft.column("period")), draft.length
    )
    stated = draft.column("due_on")
    draft.reject(
        present(stated) & present(due) & (stated != due),
        "due_on",
        "应报日期与所属期不一致。所属期写应报的那一天（每周报表写周四），应报日期可不填",
    )
    draft.given["due_on"] = due
    digests = draft.column("sha256")
    draft.given["sha256"] = as_values((text and text.lower() for text in digests), draft.length)
    _match_by_county(conn, draft, "document", "period")


def _match_actions(conn: Connection, draft: Draft) -> None:
    """By county and duty; the plan's day where neither the file nor the database has one."""
    wanted = draft.column("duty")
    details = draft.column("detail")
    kept = as_values(
        (
            text and duties.without_personal_data(duty or "", text)
            for duty, text in zip(wanted, details, strict=True)
        ),
        draft.length,
    )
    draft.given["detail"] = kept
    draft.warn(
        np.asarray(kept != details, dtype=np.bool_), "detail", "含电话，已隐去后入库，原文不保存"
    )
    _match_by_county(conn, draft, "duty")
    campaign = newest_campaign(conn)
    due = as_values((duty and duties.due_day(duty, campaign) for duty in wanted), draft.length)
    stated, unknown = draft.column("due_on"), ~present(draft.was("due_on"))
    draft.given["due_on"] = choose(~present(stated) & unknown, due, stated)


def _match_by_county(conn: Connection, draft: Draft, *names: str) -> None:
    key = ("county_code", *names)
    keys = list(zip(*(draft.column(name) for name in key), strict=True))
    draft.reject_repeats(keys, names[-1])
    draft.settle()
    counties = draft.column("county_code")
    table = draft.table
    rows = select_in(conn, select(table), table.c.county_code, counties[draft.alive])
    at = {tuple(row._mapping[name] for name in key): place for place, row in enumerate(rows)}
    draft.attach(rows, [at.get(each) for each in keys])


_MATCHERS: Final[dict[str, Callable[[Connection, Draft], None]]] = {
    institution.name: _match_institutions,
    rectification_event.name: _match_events,
    roster_entry.name: _match_roster,
    submission.name: _match_submissions,
    county_action.name: _match_actions,
    **dict.fromkeys(NUMBER_COLUMNS, _match_by_number),
    **dict.fromkeys(belonging.OF_INSTITUTION, belonging.match_of_institution),
}
