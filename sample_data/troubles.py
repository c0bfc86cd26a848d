"""Rows planted so that the importer has something to refuse and something to warn about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sample_data.days import THURSDAYS
from sample_data.records import Record, Value, Values, Version
from sample_data.stories import STORY_NAMES

NUMBERS = {
    "violation_reports": "线索编号",
    "inspections": "检查编号",
    "rectifications": "台账编号",
    "rectification_events": "台账编号",
    "refund_disputes": "纠纷编号",
    "compliance_checks": "检查编号",
}
CODE = "统一社会信用代码"
NAMED_BY_CODE = {"verifications", "roster_entries", "course_fees", "fee_charges"}
NOBODY = "寅卯辰巳未入账培训部"


@dataclass(frozen=True)
class Refused:
    """A copy of an ordinary row under a number of its own, spoilt so that it is rejected.

    ``like`` picks the row to copy by what it says in the end, ``changes`` spoils it.
    ``again`` keeps the number and so repeats a row of the same file. ``in_stock``
    takes a row of the first files, which are sent on behalf of one county.
    """

    kind: str
    why: str
    unit: str
    changes: Mapping[str, Value]
    like: Mapping[str, Value] | None = None
    again: bool = False
    in_stock: bool = False


@dataclass(frozen=True)
class Doubted:
    """So many ordinary rows that still load, each with one warning."""

    kind: str
    why: str
    count: int
    spoil: Callable[[Values], Values]
    fits: Callable[[Values], bool]


REFUSED = (
    Refused("institutions", "deregistered without its day", "450202",
            {"经营状态": "deregistered", "注销日期": None}),
    Refused("institutions", "category missing", "450203", {"机构类别": None}),
    Refused("institutions", "an estimate for a count", "450206", {"教师人数": "约30"}),
    Refused("institutions", "a category no list knows", "4502LD", {"机构类别": "托管类"}),
    Refused("institutions", "another county than the file's", "450205", {"县区": "450204"},
            in_stock=True),
    Refused("verifications", "an institution not in the ledger", "450202", {"机构名称": NOBODY}),
    Refused("verifications", "an institution not in the ledger", "450223",
            {"机构名称": "申酉戌亥未入账培训部"}),
    Refused("verifications", "an outcome no list knows", "450204", {"核查结果": "基本合格"}),
    Refused("verifications", "an item no list knows", "450205", {"核查项目": "消防验收"}),
    Refused("roster_entries", "name missing", "450204", {"机构名称": None}),
    Refused("roster_entries", "a source no list knows", "450206", {"名单来源": "街道摸排"}),
    Refused("violation_reports", "a state no list knows", "450203", {"办理状态": "已转办"}),
    Refused("violation_reports", "day missing", "450204", {"接报日期": None}),
    Refused("violation_reports", "a day to come", "450206", {"接报日期": "2202/7/5"}),
    Refused("violation_reports", "a county that does not exist", "450202", {"县区": "柳西区"}),
    Refused("violation_reports", "repeats a row of its file", "450203", {"上课时间": None},
            again=True),
    Refused("violation_reports", "repeats a row of its file", "450204", {"举报人电话": None},
            again=True),
    Refused("inspections", "a method no list knows", "450202", {"检查方式": "抽查"}),
    Refused("inspections", "outcome missing", "450205", {"检查结果": None}),
    Refused("inspections", "a day that is none", "450204", {"检查日期": "七月初"}),
    Refused("rectifications", "closed without evidence", "450202", {"佐证材料": None},
            like={"整改状态": "closed"}),
    Refused("rectifications", "closed without the one who verified it", "450205",
            {"复核人": None}, like={"整改状态": "closed"}),
    Refused("rectifications", "a severity no list knows", "450203", {"严重程度": "特别严重"}),
    Refused("rectifications", "due day missing", "450204", {"整改期限": None}),
    Refused("rectification_events", "a step no list knows", "450206", {"环节": "移交"}),
    Refused("rectification_events", "day missing", "450222", {"发生日期": None}),
    Refused("refund_disputes", "an estimate for money", "450202", {"涉及金额": "约3万"}),
    Refused("refund_disputes", "institution missing", "450203", {"机构名称": None}),
    Refused("refund_disputes", "words for a count", "450205", {"涉及学生数": "三十余人"}),
    Refused("course_fees", "a term's price without its lessons", "450202",
            {"计价单位": "term", "每期课时数": None}),
    Refused("course_fees", "an institution not in the ledger", "450203", {"机构名称": NOBODY}),
    Refused("course_fees", "a price in words", "450204", {"收费标准": "面议"}),
    Refused("fee_charges", "an estimate for money", "450205", {"收费金额": "约3000"}),
    Refused("fee_charges", "receipt missing", "450202", {"票据号": None}),
    Refused("fee_charges", "an institution not in the ledger", "450203", {"机构名称": NOBODY}),
    Refused("compliance_checks", "a domain no list knows", "450204", {"检查类别": "广告"}),
    Refused("compliance_checks", "day missing", "450203", {"检查日期": None}),
    Refused("submissions", "a weekly form of a Friday", "450222", {"所属期": date(2022, 7, 8)}),
)  # fmt: skip


def _located(row: Values) -> bool:
    return isinstance(row["经度"], float)


def _named(row: Values) -> bool:
    return row["机构名称"] is not None


def _in_summer(row: Values) -> bool:
    return isinstance(row["接报日期"], date) and row["接报日期"] >= date(2022, 7, 1)


def _without_year(row: Values) -> Values:
    day = row["接报日期"]
    return {"接报日期": f"{day.month}月{day.day}日"} if isinstance(day, date) else {}


def _broken(row: Values) -> Values:
    code = str(row[CODE])
    return {CODE: code[:-1] + ("1" if code[-1] != "1" else "2")}


DOUBTED = (
    Doubted("institutions", "a credit code whose check digit fails", 3, _broken,
            lambda row: row[CODE] is not None),
    Doubted("violation_reports", "longitude and latitude swapped", 3,
            lambda row: {"经度": row["纬度"], "纬度": row["经度"]}, _located),
    Doubted("violation_reports", "a place outside the city", 2,
            lambda _: {"经度": 108.366543, "纬度": 22.817002}, _located),
    Doubted("violation_reports", "a day without its year", 3, _without_year, _in_summer),
    Doubted("violation_reports", "a channel no list knows", 2, lambda _: {"举报渠道": "家长群反映"},
            lambda _: True),
    Doubted("violation_reports", "a type no list knows", 2, lambda _: {"违规类型": "托管班补课"},
            lambda _: True),
    Doubted("violation_reports", "an institution not in the ledger", 3,
            lambda _: {"机构名称": NOBODY}, _named),
    Doubted("inspections", "an institution not in the ledger", 2, lambda _: {"机构名称": NOBODY},
            lambda row: _named(row) and row["线索编号"] is None),
    Doubted("compliance_checks", "an institution not in the ledger", 2,
            lambda _: {"机构名称": NOBODY}, lambda row: row["检查结果"] == "clear"),
    Doubted("rectifications", "an institution not in the ledger", 1,
            lambda _: {"机构名称": NOBODY}, _named),
    Doubted("refund_disputes", "an institution not in the ledger", 2,
            lambda _: {"机构名称": NOBODY}, _named),
    Doubted("refund_disputes", "a formula never worked out", 1, lambda _: {"已退金额": "=F4*0.8"},
            lambda row: row["已退金额"] is None),
)  # fmt: skip


def refused_by_kind() -> Counter[str]:
    """Count the rows of each ledger that are rejected."""
    return Counter(trouble.kind for trouble in REFUSED)


def doubted_by_kind() -> Counter[str]:
    """Count the warnings about rows that each ledger brings."""
    tally: Counter[str] = Counter()
    for trouble in DOUBTED:
        tally[trouble.kind] += trouble.count
    return tally


def with_troubles(records: list[Record]) -> list[Record]:
    """Return the records with doubtful rows among them and refused rows beside them."""
    mixed = list(records)
    taken: set[int] = set()
    for trouble in DOUBTED:
        _spoil(mixed, trouble, taken)
    _leave_out_codes(mixed, _codes_changed(records, mixed))
    for number, refused in enumerate(REFUSED, start=1):
        position = _model(mixed, refused, taken)
        taken.add(position)
        mixed.append(_copy(mixed[position], refused, number))
    return mixed


def _spoil(records: list[Record], trouble: Doubted, taken: set[int]) -> None:
    """Spread over the ledger rather than its first rows: every seventh row that fits."""
    fitting = [
        position
        for position, record in enumerate(records)
        if record.kind == trouble.kind
        and len(record.versions) == 1
        and position not in taken
        and not _tells_a_story(record)
        and trouble.fits(record.versions[0].values)
    ]
    for position in fitting[::7][: trouble.count]:
        (version,) = record_versions = records[position].versions
        spoilt = replace(version, values={**version.values, **trouble.spoil(version.values)})
        records[position] = replace(records[position], versions=(spoilt, *record_versions[1:]))
        taken.add(position)


def _codes_changed(before: list[Record], after: list[Record]) -> set[Value]:
    """Return the right codes of the institutions whose ledger now has a wrong one."""
    return {
        old.versions[0].values[CODE]
        for old, new in zip(before, after, strict=True)
        if old is not new and old.kind == "institutions"
    }


def _leave_out_codes(records: list[Record], codes: set[Value]) -> None:
    """Let the other ledgers know these institutions by name alone, so that they are found."""
    for position, record in enumerate(records):
        if record.kind in NAMED_BY_CODE:
            row = record.versions[0].values
            if row[CODE] is not None and row[CODE] in codes:
                versions = tuple(
                    replace(version, values={**version.values, CODE: None})
                    for version in record.versions
                )
                records[position] = replace(record, versions=versions)


def _tells_a_story(record: Record) -> bool:
    row = record.versions[0].values
    return row.get("机构名称") in STORY_NAMES or row.get("楼宇小区") in STORY_NAMES


def _model(records: list[Record], refused: Refused, taken: set[int]) -> int:
    """Find the row to copy: the unit's first that shows what is asked."""
    wanted = refused.like or {}
    for position, record in enumerate(records):
        if (record.kind, record.unit) != (refused.kind, refused.unit) or position in taken:
            continue
        if _tells_a_story(record) or (
            refused.in_stock and record.versions[0].ready_on > THURSDAYS[0]
        ):
            continue
        last = record.versions[-1].values
        if all(last.get(header) == value for header, value in wanted.items()):
            return position
    raise LookupError(f"no row of {refused.kind} in {refused.unit} to spoil")


def _copy(record: Record, refused: Refused, number: int) -> Record:
    version = record.versions[0 if refused.in_stock else -1]
    values: Values = {**version.values, **refused.changes}
    if not refused.again:
        values.update(_own_number(record.kind, values, number))
    copied = Version(version.ready_on, values)
    return replace(record, key=f"{record.key}-again", versions=(copied,))


def _own_number(kind: str, values: Values, number: int) -> Values:
    """So that the copy is a row of its own and is refused for its trouble alone."""
    if kind in NUMBERS and kind != "rectification_events":
        header = NUMBERS[kind]
        return {header: f"{str(values[header])[:-2]}9{number:02d}"}
    if kind == "institutions":
        return {"机构名称": f"{values['机构名称']}（{number} 号点）", CODE: None}
    if kind == "roster_entries":
        return {"名单编号": f"{str(values['名单编号'])[:-2]}9{number:02d}"}
    if kind == "course_fees":
        return {"课程名称": f"{values['课程名称']}（{number} 号班）", CODE: None}
    if kind == "fee_charges":
        receipt = values["票据号"] and f"{values['票据号']}-9{number:02d}"
        return {"票据号": receipt, CODE: None}
    if kind == "verifications" and values["机构名称"] not in (None, ""):
        return {CODE: None}
    return {}
