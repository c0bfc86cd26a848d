"""The settings of the forms are read whole or refused, in Chinese."""

from __future__ import annotations

import pytest

from analysis.form_columns import MEASURES, SETTINGS, forms, read_forms
from data_access.vocabulary import VIOLATION_TYPES

TEXT = SETTINGS.read_text(encoding="utf-8")


def test_form_has_the_columns_of_the_office_in_their_order() -> None:
    assert [column.header for column in forms().form] == [
        "县区",
        "周期",
        "出动人次",
        "排查机构个次",
        "证照不全机构",
        "证照齐全学科类违规",
        "非学科违规开展学科",
        "个人（一对一等）人次",
        "变异形态",
        "处理方式",
        "退费金额",
        "退费人数",
        "备注",
    ]


def test_every_measure_is_defined_somewhere_and_every_type_is_a_listed_word() -> None:
    columns = (*forms().form, *forms().bulletin)

    assert {column.measure for column in columns} == set(MEASURES)
    assert all(column.definition.endswith("。") for column in columns)
    assert set().union(*forms().types.values()) <= set(VIOLATION_TYPES)


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ('measure = "people"', 'measure = "dogs"', "第 3 栏的 measure dogs 不认得"),
        ('kind = "money"', 'kind = "text"', "measure refund_yuan 不认得，或不是 text"),
        ("width = 12", "width = 0", "第 1 栏的 width 应是大于 0 的整数"),
        ("width = 12", "breadth = 12", "第 1 栏的多出 breadth，缺少 width"),
        ('header = "周期"', 'header = "县区"', "form 有两栏的 header 相同"),
        ('price = ["恶意涨价"]', 'price = ["一对一"]', "有的违规类型写了两次"),
        ("measures_listed = 4", "measures_listed = true", "measures_listed 应是大于 0 的整数"),
        ("form_title =", "title =", "多出 title，缺少 form_title"),
    ],
)
def test_wrong_setting_is_named(there: str, instead: str, said: str) -> None:
    assert there in TEXT

    with pytest.raises(ValueError, match="报表设置") as error:
        read_forms(TEXT.replace(there, instead, 1))

    assert said in str(error.value)
