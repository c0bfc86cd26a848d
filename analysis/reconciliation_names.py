"""Names, addresses and telephones of institutions in the parts by which records are compared.

Two offices write one institution in many ways: with or without 柳州市 and the county, 有限公司
or 公司, 培训学校 or 学校, 己 or 已, the branch in brackets or behind the name. What is left when
all this is taken off is its core; what was taken off is kept, for 甲子美术培训中心 and
甲子美术培训学校 may be two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

# Characters that no eye tells apart, each written as the first of its group.
CONFUSED: Final = ("己已巳", "戊戌戍")
_FOLDED: Final = str.maketrans({char: group[0] for group in CONFUSED for char in group[1:]})
_BRACKETS: Final = str.maketrans("[{〔【〈《「『]}〕】〉》」』", "(((((((())))))))")
_IN_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_PROVINCE: Final = re.compile(r"^广西(?:壮族自治区)?")
_CITY: Final = re.compile(r"^柳州市?(?!路|街|大道)")
_UNIT: Final = re.compile(r"(?:[^\W\d]族)*自治县$|新区$|区$|县$")
# How the name of an institution ends, longest first, and which kind of body that says it is.
_ENDINGS: Final = (
    (re.compile(r"(?:股份有限|有限责任|有限)?公司$"), "公司"),
    (re.compile(r"(?:培训)?学校$"), "学校"),
    (re.compile(r"(?:培训)?中心$"), "中心"),
    (re.compile(r"(?:艺术)?(?:工作室|画室|琴行)$"), "工作室"),
    (re.compile(r"(?:俱乐部|会馆|馆)$"), "俱乐部"),
    (re.compile(r"(?:教室|室)$"), "教室"),
    (re.compile(r"(?:培训)?(?:机构|基地|班|社|部)$"), ""),
)
_FILLING: Final = re.compile(r"(?:校外|教育|培训|咨询|文化传播|文化发展|科技发展)+$")
_SHORTEST_CORE: Final = 2
_BRANCH: Final = re.compile(r"(?:校区|分校|分部|分店|分公司|教学点|校点)$")
# 城中 is a county; 城中心 and 城中街道 are not.
_NOT_BEHIND: Final = frozenset("心镇乡街")
_NO_BRANCH: Final = frozenset(("", "总部", "本部", "总校", "总店", "校区", "分校", "主校区", "总"))
_BEHIND: Final = re.compile(
    r"^(.{4,}(?:公司|学校|中心|工作室|画室|俱乐部|馆|培训|教育))"
    r"(.{0,8}(?:校区|分校|分部|分店|分公司|教学点|校点|总部|总校|本部))$"
)
_TOWN: Final = re.compile(r"^.{1,8}?(?:街道办事处|街道|镇|乡)(?!路|街|道)")
_DOOR: Final = re.compile(r"^(.*?[路街巷道里弄村屯])(\d+(?:-\d+)?)号?")
_NUMBERS: Final = re.compile(r"\d+")
_AREA_CODE: Final = "0772"
_SHORTEST_PHONE: Final = 7
_SEVERAL_PHONES: Final = re.compile(r"[^\d\-—()（）+ ]+")


class Name(NamedTuple):
    """A name in its parts.

    ``whole``: without the city's and the county's name, blanks and signs, confused characters
    as one. ``core``: what is left without ending, filling and branch. ``ending``: the kind of
    body the ending says, '' where it says none. ``branch``: which branch, '' where none is named
    or the head office.
    """

    whole: str
    core: str
    ending: str
    branch: str


class Address(NamedTuple):
    """An address in its parts; all empty where there is none.

    ``whole``: without the city, the county, the town and signs. ``door``: road and number, ''
    where none can be told. ``room``: the numbers behind the door, such as floor and room.
    """

    whole: str
    door: str
    room: str


NO_NAME: Final = Name("", "", "", "")
NO_ADDRESS: Final = Address("", "", "")


def county_words(names: Iterable[str]) -> tuple[str, ...]:
    """Return how the counties of these full names are written before a name, longest first.

    ``融水苗族自治县`` also stands as ``融水县`` and ``融水``.
    """
    words: set[str] = set()
    for name in names:
        unit = _UNIT.search(name)
        words.add(name)
        if unit is not None and unit.start() > 1:
            short = name[: unit.start()]
            words |= {short, short + unit[0][-1]}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def name_parts(name: str, counties: Collection[str] = ()) -> Name:
    """Take a name apart; ``counties`` are the words of :func:`county_words`."""
    text = _plain(name)
    branches = [_NOT_LETTERS.sub("", part) for part in _IN_BRACKETS.findall(text)]
    text = _NOT_LETTERS.sub("", _IN_BRACKETS.sub("", text))
    behind = _BEHIND.match(text)
    if behind:
        text = behind[1]
        branches.append(behind[2])
    whole = _without_places(text, counties).translate(_FOLDED) or text
    core, ending = _core(whole)
    branch = "".join(_branch(part, counties) for part in branches).translate(_FOLDED)
    return Name(whole, core, ending, branch)


def _core(whole: str) -> tuple[str, str]:
    core, ending = whole, ""
    for pattern, kind in _ENDINGS:
        shorter = pattern.sub("", core)
        if shorter != core and len(shorter) >= _SHORTEST_CORE:
            core, ending = shorter, kind
            break
    shorter = _FILLING.sub("", core)
    return (shorter if len(shorter) >= _SHORTEST_CORE else core), ending


def _branch(part: str, counties: Collection[str]) -> str:
    if part in _NO_BRANCH or not _without_places(part, counties):
        return ""
    shorter = _BRANCH.sub("", _without_places(part, counties))
    return "" if shorter in _NO_BRANCH else shorter


def address_parts(address: str | None, counties: Collection[str] = ()) -> Address:
    """Take an address apart; ``counties`` are the words of :func:`county_words`."""
    if not address:
        return NO_ADDRESS
    text = _NOT_LETTERS.sub(lambda sign: "-" if sign[0] == "-" else "", _plain(address))
    text = _TOWN.sub("", _without_places(text, counties))
    found = _DOOR.match(text)
    whole = text.replace("-", "")
    if found is None:
        return Address(whole, "", "".join(_NUMBERS.findall(whole)))
    room = " ".join(str(int(number)) for number in _NUMBERS.findall(text[found.end() :]))
    return Address(whole, found[1] + found[2], room)


def phones(text: str | None) -> tuple[str, ...]:
    """Return the numbers in a cell, without country and area code; what is too short is none."""
    if not text:
        return ()
    found = []
    for part in _SEVERAL_PHONES.split(unicodedata.normalize("NFKC", text)):
        digits = "".join(_NUMBERS.findall(part)).removeprefix("86").removeprefix(_AREA_CODE)
        if len(digits) >= _SHORTEST_PHONE:
            found.append(digits)
    return tuple(dict.fromkeys(found))


def number_key(text: str | None) -> str:
    """Return a licence number or credit code as such are compared: letters and digits alone."""
    return _NOT_LETTERS.sub("", _plain(text)).upper() if text else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_BRACKETS).casefold()


def _without_places(text: str, counties: Collection[str]) -> str:
    """Take province, city and county off the front, as far as something is left."""
    text = _CITY.sub("", _PROVINCE.sub("", text))
    for word in counties:
        rest = text.removeprefix(word)
        if rest != text and rest[:1] not in _NOT_BEHIND:
            return rest
    return text
