"""What is taken for personal data in a text, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from data_access.ledgers.cells import Cells
from data_access.ledgers.kinds import KINDS, Kind, Masks, Read
from data_access.ledgers.masking import (
    IDENTITY,
    NAME,
    PHONE,
    hide,
    hide_in,
    hide_names,
    is_identity,
    shown,
)
from tests.hostile import HOSTILE


@pytest.mark.parametrize(
    "phone",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "138.0013.8000",
        "+8613800138000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "86-13800138000",
        "１３８００１３８０００",
        "0772-3812345",
        "0772—3812345",
        "0772 3812345",
        "07723812345",
        "(0772)3812345",
        "（0772）3812345",
        "010-12345678",
        "020 12345678转801",
        "+86-772-3812345",
        "0772-3812345、3812346",
    ],
)
def test_telephone_numbers_are_taken_out(phone: str) -> None:
    assert hide(f"家长电话{phone}，晚上联系") == f"家长电话{PHONE}，晚上联系"
    assert hide(f"tel:{phone}").startswith(f"tel:{PHONE}")
    assert hide(phone) == PHONE


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the check digit holds
        "11010519491231002x",
        "450205201001011234",  # it does not, but the day is one
        "450205 20100101 1234",
        "４５０２０５２０１００１０１１２３４",
        "450205800101123",
        "450205202201010013",  # a day of our own years, and the check digit holds
    ],
)
def test_identity_numbers_are_taken_out(number: str) -> None:
    assert hide(f"身份证{number}。") == f"身份证{IDENTITY}。"
    assert hide(f"{number}、{number}") == f"{IDENTITY}、{IDENTITY}"


@pytest.mark.parametrize(
    "text",
    [
        "涉及金额 13800138000元，已退 1380.5 万元",
        "线索 JB20220705001、ZG-2022-0705-0012，原号 2022-0705-0000012",
        "信用代码 91450205MA5N138001、914403001922038216、13450200123MA5N0X1",
        "2022-07-05 至 2022-08-25，20220705，2022年7月5日 19:00-20:30",
        "18楼1304室，13栋2单元1501室，3号楼04-1301",
        "12345 热线、96110、400-820-8820",
        "线索 450202202207050012",  # county, day, running number: no check digit
        "450202220705001",  # the same, short
        "银行卡 6222021234567890123",
        "109.41380013800, 24.15912345678",
        "138****8000",
        "姓名不详",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert hide(text) == text


@pytest.mark.parametrize("text", ["电话13800138000", "11010519491231002X", "姓名：李小明，男"])
def test_hiding_twice_is_hiding_once(text: str) -> None:
    assert hide(hide(text)) == hide(text) != text


def test_names_are_taken_out_where_the_text_calls_them_so() -> None:
    assert hide("孩子姓名：李小明，三年级") == f"孩子姓名：{NAME}，三年级"
    assert hide("机构姓名：是一家培训机构") == "机构姓名：是一家培训机构"


@pytest.mark.parametrize("word", ["联系人", "家长", "学生", "孩子"])
@pytest.mark.parametrize("name", ["王芳", "韦小宝", "欧阳锋", "司马相如"])
def test_names_are_taken_out_behind_who_it_is(word: str, name: str) -> None:
    assert hide(f"{word}：{name}，晚上在家") == f"{word}：{NAME}，晚上在家"
    assert hide(f"{word}:{name}") == f"{word}:{NAME}"
    assert hide(hide(f"{word}：{name}")) == hide(f"{word}：{name}")


@pytest.mark.parametrize(
    "text",
    [
        "联系方式，家长方面，家长周六来",
        "家长：周末来，方便时再说",
        "家长：方便时，再来",
        "联系人：不详",
        "家长：反映退费",
        "学生：王小明等十二人",  # followed by more
        "孩子：三年级，家长张某",
        "联系张三丰",  # without a colon nothing tells a name from a word
    ],
)
def test_words_behind_who_it_is_stay(text: str) -> None:
    assert hide(text) == text


def test_credit_code_with_a_check_digit_that_holds_is_no_identity_number() -> None:
    assert not is_identity("914403001922038216")
    assert not is_identity("91450205MA5N138001")


def column(*texts: str) -> Cells:
    return Cells(np.arange(len(texts)), list(texts))


def texts(cells: Cells) -> list[str]:
    return [cells.texts[code] for code in cells.codes]


@pytest.mark.parametrize(
    ("names", "said", "kept"),
    [
        ("李小明", "李小明在该处上课，小明的家长", f"{NAME}在该处上课，小明的家长"),
        ("李　明", "李明和李 明", f"{NAME}和{NAME}"),
        ("李明、王芳", "王芳、李明退费", f"{NAME}、{NAME}退费"),
        ("王芳（五年级）", "王芳退费", f"{NAME}退费"),
        ("李明的妈妈", "李明退费", f"{NAME}退费"),
        ("欧阳明，欧阳明月", "欧阳明月退费", f"{NAME}退费"),
        ("阿依·古丽", "阿依·古丽退费", f"{NAME}退费"),
        ("Tom Li", "Tom Li 退费，Tommy 没退", f"{NAME} 退费，Tommy 没退"),
        ("3", "3 名学生", "3 名学生"),
        ("匿名", "匿名举报", "匿名举报"),
        ("学生", "学生退费", "学生退费"),
        ("", "李明退费", "李明退费"),
        ("李", "李宁路", "李宁路"),
        ("某某", "某某小区", "某某小区"),
    ],
)
def test_names_that_a_column_gives_are_taken_out_of_its_row(
    names: str, said: str, kept: str
) -> None:
    hidden, where = hide_names(column(said, said), column(names, "丁卯"))

    assert texts(hidden) == [kept, said]
    assert where.tolist() == [kept != said, False]


def test_one_text_of_many_rows_is_kept_apart_where_their_names_differ() -> None:
    same = Cells(np.zeros(3, dtype=np.intp), ["李明和王芳退费"])

    hidden, where = hide_names(same, column("李明", "王芳", ""))

    assert texts(hidden) == [f"{NAME}和王芳退费", f"李明和{NAME}退费", "李明和王芳退费"]
    assert where.tolist() == [True, True, False]


def test_column_tells_in_which_rows_something_was_hidden() -> None:
    cells = Cells(np.array([0, 1, 0]), ["13800138000", "无"])

    hidden, where = hide_in(cells)

    assert (texts(hidden), where.tolist()) == ([PHONE, "无", PHONE], [True, False, True])


def test_telephone_of_its_own_column_is_said_nowhere_else() -> None:
    assert shown(Masks.PHONE, "3812345") == PHONE
    assert shown(Masks.NOTHING, "13800138000") == "13800138000"
    assert shown(Masks.NUMBERS, "13800138000") == PHONE
    assert shown(Masks.PHONE, None) is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_text_of_any_length_hides_names_too(kind: Kind) -> None:
    """A name that is hidden is longer than a name: only such a column has room for it."""
    for one in kind.columns:
        if one.read is Read.TEXT and one.name in kind.table.c:
            is_prose = getattr(kind.table.c[one.name].type, "length", 0) is None
            assert (one.masks is Masks.NAMES) == is_prose, one.name


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_makes_it_slow_or_changes_what_is_none_of_it(name: str) -> None:
    assert hide(HOSTILE[name]) == HOSTILE[name]


@pytest.mark.parametrize("text", ["1" * 200_000, "(" * 200_000, "1-" * 100_000, "姓名：" * 60_000])
def test_long_text_without_an_end_is_looked_through_once(text: str) -> None:
    hide(text)
    hide_names(column(text), column(text))
