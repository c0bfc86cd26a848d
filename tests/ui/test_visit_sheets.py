"""Sheets and workbooks of visiting teams, read back by other libraries."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
import typst
from openpyxl.cell.cell import Cell
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from tests.hostile import HOSTILE, as_stored
from ui.exports import fonts, typesetting
from ui.exports.checklist import MANNER, PROBLEMS, QUALIFICATION
from ui.exports.typesetting import NO_SHAPE, TypesettingError, as_drawn, typeset
from ui.exports.visit_sheets import NO_STOPS, TeamSheet, team_sheet_pdf, visit_workbook
from ui.formatting import one_line

THURSDAY, FRIDAY = date(2022, 8, 25), date(2022, 8, 26)
SECRET = ("分险甲", "举报乙", "抽签丙")  # in columns that must not go out
HEADERS = [
    *("序号", "到访日期", "预计到达", "预计离开", "有课时段", "县区", "机构或地点", "机构类别"),
    *("检查种类", "楼宇小区", "地址", "实际到达", "实际离开", "检查结果", "违规类型", "严重程度"),
    *("查处个人（人次）", "发现情况", "处理方式"),
]


def stop(sequence: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "visit_on": THURSDAY,
        "sequence": sequence,
        "county": "鱼峰区",
        "name": f"启航培训{sequence}部",
        "place_name": f"谷埠街商城{sequence}座",
        "address": f"东环大道{sequence}号",
        "category": "学科类",
        "visit_kind": "机构检查",
        "arrives_at": time(9, sequence),
        "leaves_at": time(10, sequence),
        "opens_at": time(8, sequence),
        "closes_at": time(20, sequence),
        "score": SECRET[0],
        "reasons": SECRET[1],
        "chosen_by": SECRET[2],
        **changed,
    }


def frame(*stops: dict[str, Any]) -> pd.DataFrame:
    rows = pd.DataFrame(list(stops), columns=list(stop()))
    words = ["county", "name", "place_name", "address", "category", "visit_kind"]
    kinds = {"visit_on": "datetime64[s]", "sequence": "int64", **dict.fromkeys(words, "str")}
    return rows.astype(kinds)


def team(*stops: dict[str, Any], **changed: Any) -> TeamSheet:
    sheet = TeamSheet(
        plan="2022-12",
        team=3,
        days=[THURSDAY],
        officers=[
            {"name": "张三", "department": "市教育局", "home_county": "450202"},
            {"name": "李四", "department": "市市场监管局", "home_county": None},
        ],
        start_name="市政务服务中心",
        starts_at=time(8, 15),
        ends_at=time(18, 45),
        stops=frame(*stops),
    )
    return dataclasses.replace(sheet, **changed)


def pages(pdf: bytes) -> list[str]:
    """The text of each page without spaces and line breaks, which depend on the layout."""
    document = pdfium.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return [squeezed(text) for text in texts]


def text_of(pdf: bytes) -> str:
    return "".join(pages(pdf))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe]+", "", text)


def workbook_pages(*sheets: TeamSheet) -> list[Worksheet]:
    return openpyxl.load_workbook(BytesIO(visit_workbook(sheets))).worksheets


def table_of(page: Worksheet) -> list[list[Cell]]:
    """The header and the rows of the stops."""
    rows = [list(row) for row in page.iter_rows()]
    header = next(at for at, row in enumerate(rows) if row[0].value == "序号")
    ends = (at for at, row in enumerate(rows) if at > header and row[0].value is None)
    return rows[header : next(ends)]


def test_sheet_says_who_goes_when_and_from_where() -> None:
    text = text_of(team_sheet_pdf(team(stop())))

    for words in (
        *("暗访工作单", "2022-12", "第3组", "2022年8月25日（周四）", "08:15–18:45"),
        *("张三（市教育局）、李四（市市场监管局）", "市政务服务中心"),
    ):
        assert words in text


def test_officers_home_counties_do_not_go_out() -> None:
    assert "450202" not in text_of(team_sheet_pdf(team(stop())))


def test_every_stop_is_in_the_route_and_has_its_form() -> None:
    text = text_of(team_sheet_pdf(team(stop(1), stop(2))))

    for number in (1, 2):
        for words in (
            f"启航培训{number}部",
            f"谷埠街商城{number}座",
            f"东环大道{number}号",
            f"08:0{number}–20:0{number}",
        ):
            assert text.count(words) == 2
        assert f"预计09:0{number}–10:0{number}" in text
    assert text.count("检查人员签名") == 2
    assert text.count("鱼峰区") == 4
    assert text.count("学科类机构检查") == 2


def test_form_holds_every_item_of_the_checklist_with_a_box() -> None:
    text = text_of(team_sheet_pdf(team(stop())))

    items = [item for topic in (QUALIFICATION, *PROBLEMS) for item in topic.items]
    for words in (*items, "未发现问题", "发现违规", "闭门未开", "一般", "较重", "严重"):
        assert f"□{words}" in text
    assert text.count("□") == len(items) + 6


def test_every_page_says_which_it_is_how_to_visit_and_that_it_is_secret() -> None:
    texts = pages(team_sheet_pdf(team(*map(stop, range(1, 6)))))

    assert len(texts) == 3
    for number, text in enumerate(texts, start=1):
        assert f"第{number}页共{len(texts)}页" in text
        assert squeezed(MANNER) in text
        assert "工作秘密" in text


def test_thirty_stops_lose_nothing_over_the_pages_and_the_header_is_repeated() -> None:
    stops = [
        stop(number, address="东环大道 256 号 12 栋 3 单元 1802 室", visit_on=day)
        for number, day in zip(range(1, 31), [THURSDAY] * 29 + [FRIDAY], strict=True)
    ]

    texts = pages(team_sheet_pdf(team(*stops)))

    forms = [text.count("检查人员签名") for text in texts]
    assert sum(forms) == 30
    assert set(forms[2:-1]) == {2}
    for number in range(1, 31):
        assert "".join(texts).count(f"启航培训{number}部") == 2
    assert texts[0].count("序号预计到达有课时段县区机构或地点地址") == 1
    assert texts[1].count("序号预计到达有课时段县区机构或地点地址8月25日（周四）") == 1
    assert sum(text.count("序号预计到达") for text in texts) == 2


@pytest.mark.parametrize("number", range(1, 16))
def test_form_ends_on_the_page_on_which_it_begins(number: int) -> None:
    stops = [stop(each, visit_kind="种类") for each in range(1, number + 1)]

    for text in pages(team_sheet_pdf(team(*stops))):
        assert text.count("学科类种类") == text.count("检查人员签名")


def test_nothing_is_drawn_outside_the_margins() -> None:
    long = stop(1, name="W" * 128, place_name="柳" * 128, address="x" * 255, county="县" * 20)
    document = pdfium.PdfDocument(team_sheet_pdf(team(long, *map(stop, range(2, 20)))))

    for page in document:
        width, height = page.get_size()
        for each in page.get_objects():
            left, bottom, right, top = each.get_bounds()
            assert left > 30
            assert bottom > 20
            assert right < width - 30
            assert top < height - 20


def test_several_days_are_told_apart_and_in_order() -> None:
    later = stop(1, visit_on=FRIDAY, name="周五去")

    text = text_of(team_sheet_pdf(team(later, stop(2), stop(1), days=[FRIDAY, THURSDAY])))

    assert "2022年8月25日（周四）、8月26日（周五）" in text
    route = text[: text.index("二、现场记录")]
    assert route.index("启航培训1部") < route.index("启航培训2部") < route.index("周五去")
    assert route.rindex("8月26日（周五）") > route.index("启航培训2部")


def test_days_in_two_years_both_have_theirs() -> None:
    sheet = team(stop(), days=[date(2022, 12, 31), date(2023, 1, 1)])

    assert "2022年12月31日（周六）、2023年1月1日（周日）" in text_of(team_sheet_pdf(sheet))


def test_sheet_and_workbook_are_blind() -> None:
    sheet = team(stop(1), stop(2, category=None))
    told = [
        text_of(team_sheet_pdf(sheet)),
        "".join(str(cell.value) for row in workbook_pages(sheet)[0] for cell in row),
    ]

    for text in told:
        for words in (*SECRET, "风险", "得分", "分数", "理由", "抽签", "随机", "必到", "指定"):
            assert words not in text


def test_what_is_unknown_is_a_dash_and_a_place_says_that_it_has_no_institution() -> None:
    nothing = dict.fromkeys(
        ["place_name", "address", "category", "visit_kind", "opens_at", "closes_at"]
    )

    text = text_of(team_sheet_pdf(team(stop(**nothing))))
    (_, row) = table_of(workbook_pages(team(stop(**nothing)))[0])

    assert "有课时段—" in text
    assert "无登记机构" in text
    assert [row[at].value for at in (4, 7, 8, 9, 10)] == ["—", "无登记机构", None, None, None]
    for words in ("None", "nan", "NaN", "NaT", "<NA>"):
        assert words not in text


def test_place_that_is_its_own_name_is_said_once() -> None:
    place = stop(name="谷埠街商城", place_name="谷埠街商城", address="东环大道1号", category=None)

    assert text_of(team_sheet_pdf(team(place))).count("谷埠街商城") == 2  # in route and form


def test_team_without_stops_or_officers_gets_a_sheet_that_says_so() -> None:
    sheet = team(officers=[], days=[])

    (text,) = pages(team_sheet_pdf(sheet))
    (page,) = workbook_pages(sheet)

    assert NO_STOPS in text
    assert "现场记录" not in text
    assert "检查人员—" in text
    assert NO_STOPS in [row[0].value for row in page.iter_rows()]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_printed_as_text(name: str) -> None:
    words = as_stored(name, length=128)
    sheet = team(
        stop(name=words, place_name=words, address=words, county=words[:20], visit_kind=words[:20]),
        plan=words[:30],
        officers=[{"name": words[:64], "department": words[:64]}],
        start_name=words[:64],
    )

    pdf = team_sheet_pdf(sheet)

    # Accents that stack up on a letter may be read back in another order.
    if name != "many_marks":
        text = text_of(pdf)
        assert text.count(squeezed(as_drawn(one_line(words)))) >= 4
    assert b"/URI" not in pdf
    assert b"/JavaScript" not in pdf


def test_template_can_read_no_file_that_a_text_names() -> None:
    text = text_of(team_sheet_pdf(team(stop(name='#read("visit_sheet.typ") #sys.version'))))

    assert '#read("visit_sheet.typ")#sys.version' in text
    assert "#set" not in text


def test_fonts_are_in_the_file_also_for_rare_names() -> None:
    document = pdfium.PdfDocument(team_sheet_pdf(team(stop(name="𠮷㗎艺术", address="é Ω 12"))))

    used = {
        (font.get_base_name(), font.is_embedded)
        for page in document
        for each in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
        for font in [each.get_font()]
    }
    names = {name.split("+")[-1] for name, _ in used}

    assert names == {"NotoSansSC-Regular", "NotoSansCJKsc-Regular"}
    assert all(is_embedded for _, is_embedded in used)
    assert "𠮷㗎艺术" in "".join(
        squeezed(page.get_textpage().get_text_range()) for page in document
    )


@pytest.mark.parametrize("letter", ["𠮷", "㗎", "𬱖", "䶮", "柳", "Ａ", "é", "—"])
def test_letter_of_names_has_a_shape(letter: str) -> None:
    assert as_drawn(letter) == letter


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("甲💥乙", f"甲{NO_SHAPE}乙"),
        ("𪚥", NO_SHAPE),
        ("\ue000", NO_SHAPE),
        ("葛\U000e0100城", "葛城"),  # which of the letter's forms is meant
        ("👩\u200d🏫", NO_SHAPE * 2),
        ("甲\u202e乙\x00", "甲乙"),
        ("甲\t乙", "甲 乙"),
        ("W" * 12, "W" * 12),
        ("W" * 25, f"{'W' * 12}\u200b{'W' * 12}\u200bW"),
        ("柳" * 30, "柳" * 30),
    ],
)
def test_text_is_drawn_as_far_as_there_are_shapes(text: str, drawn: str) -> None:
    assert as_drawn(text) == drawn


def test_shape_that_is_missing_after_all_is_an_error_and_no_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "drawable", lambda: frozenset(range(0x110000)))

    with pytest.raises(TypesettingError, match="could not be displayed"):
        team_sheet_pdf(team(stop(name="💥")))


def test_template_that_does_not_compile_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wrong.typ").write_text("#data.nothing", encoding="utf-8")
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)

    with pytest.raises(TypesettingError, match=r"wrong\.typ"):
        typeset("wrong.typ", {"something": "甲"})


def test_shipped_fonts_are_there_and_the_compiler_knows_them_by_name() -> None:
    known = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER]
    )

    assert fonts.missing_font() is None
    assert set(known.families()) == set(fonts.FAMILIES)


@pytest.mark.parametrize("content", [None, b"", b"version https://git-lfs", b"\x00" * 5000])
def test_font_that_is_missing_or_broken_is_named(
    content: bytes | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    if content is not None:
        (tmp_path / "NotoSansSC-Regular.ttf").write_bytes(content)

    said = fonts.missing_font()

    assert said is not None
    assert str(tmp_path / "NotoSansSC-Regular.ttf") in said
    assert "请" in said


def test_workbook_has_a_sheet_for_each_team_under_chinese_headers() -> None:
    first, second = workbook_pages(team(stop(1), stop(2)), team(stop(), team=4))

    assert (first.title, second.title) == ("第 3 组", "第 4 组")
    header, *rows = table_of(first)
    assert [cell.value for cell in header] == HEADERS
    assert [[cell.value for cell in row][2:11] for row in rows] == [
        [
            *(f"09:0{n}", f"10:0{n}", f"08:0{n}–20:0{n}", "鱼峰区", f"启航培训{n}部", "学科类"),
            *("机构检查", f"谷埠街商城{n}座", f"东环大道{n}号"),
        ]
        for n in (1, 2)
    ]
    assert [row[0].value for row in rows] == [1, 2]
    assert all(row[1].is_date for row in rows)
    assert all(cell.value is None for row in rows for cell in row[11:])
    above = "".join(str(row[0].value) for row in first.iter_rows(max_row=4))
    assert "张三（市教育局）" in above
    assert "08:15–18:45" in above


def test_workbook_offers_the_words_for_results() -> None:
    (page,) = workbook_pages(team(stop(1), stop(2)))

    offered = {str(each.sqref): each.formula1 for each in page.data_validations.dataValidation}
    assert offered == {
        "N7:N8": '"未发现问题,发现违规,闭门未开"',
        "P7:P8": '"一般,较重,严重"',
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_cells_of_the_workbook_do_not_run(name: str) -> None:
    words = as_stored(name, length=128)
    sheet = team(
        stop(name=words, place_name=words, address=words, county=words, visit_kind=words),
        plan=words,
        title=words,
        officers=[{"name": words, "department": words}],
        start_name=words,
    )

    (page,) = workbook_pages(sheet)

    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    for cell in cells:
        assert cell.data_type != "f"
        assert cell.hyperlink is None
        if re.match(r"\s*[=+\-@＝＋－＠]", str(cell.value)):
            assert cell.quotePrefix
    assert unescape(str(page["G7"].value)) == one_line(words)


def test_workbook_without_teams_or_with_one_twice_raises() -> None:
    with pytest.raises(ValueError, match="one sheet"):
        visit_workbook([])
    with pytest.raises(ValueError, match="one sheet"):
        visit_workbook([team(stop()), team(stop())])
