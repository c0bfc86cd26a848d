"""A briefing's PDF, document and slides, read back: each says all that the content says."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from docx.oxml.ns import qn as word_name
from lxml import etree
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.oxml.ns import qn

from analysis.briefing_content import Bar, Bars, Briefing, Grid, Line, Lines, Section, Tile
from tests.hostile import HOSTILE
from tests.ui import briefings
from tests.ui.reading_back import (
    charts_of,
    labels_of,
    missing,
    squeezed,
    texts_of_pdf,
    texts_of_slides,
    texts_of_word,
)
from ui.exports.briefing_pdf import briefing_pdf
from ui.exports.briefing_slides import briefing_slides
from ui.exports.briefing_word import briefing_word
from ui.exports.briefing_words import NO_SECTIONS, cleaned, headed, number
from ui.exports.slide_charts import add_lines
from ui.exports.slide_parts import HEIGHT, LETTERS, WIDTH, Box
from ui.exports.typesetting import as_drawn
from ui.formatting import one_line

Make = Callable[[Briefing], bytes]
Read = Callable[[bytes], list[str]]
FILES: dict[str, tuple[Make, Read]] = {
    "pdf": (briefing_pdf, texts_of_pdf),
    "word": (briefing_word, texts_of_word),
    "slides": (briefing_slides, texts_of_slides),
}
EMU = 914_400


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    full = briefings.briefing()
    return {name: make(full) for name, (make, _) in FILES.items()}


def said(section: Section) -> Iterator[str]:
    """All that a section says, in its order, without a chart's values."""
    yield section.heading
    yield section.title
    for tile in section.tiles:
        yield from (tile.label, tile.value, tile.change, tile.note)
    if section.chart:
        yield section.chart.title
    if isinstance(section.chart, Bars):
        for bar in section.chart.bars:
            yield from (bar.name, bar.written)
    if section.grid:
        yield from section.grid.headers
        for row in section.grid.rows:
            yield from row
    yield from section.notes
    yield section.source


def sections_with(text: str) -> tuple[Section, ...]:
    """Sections in which every text is this one."""
    nan = math.nan
    return (
        Section(
            key="甲",
            heading=text,
            title=text,
            source=text,
            tiles=(Tile(text, text, text, text, worse=True),) * 2,
            chart=Bars(
                text, text, is_share=True, bars=(Bar(text, 0.5, text), Bar(text, nan, text))
            ),
            notes=(text, text),
        ),
        Section(
            key="乙",
            heading=text,
            title=text,
            source=text,
            chart=Lines(text, text, weeks=(text, text), lines=(Line(text, (1, nan)),)),
            grid=Grid((text, text), ((text, text),)),
        ),
    )


@pytest.mark.parametrize("kind", FILES)
def test_every_text_of_the_content_is_in_the_file_in_its_order(
    kind: str, made: dict[str, bytes]
) -> None:
    full = briefings.briefing()
    texts = FILES[kind][1](made[kind])

    assert missing(texts, [full.title, full.where, "2022年8月25日", full.basis]) == []
    assert missing(texts, [words for each in full.sections for words in said(each)]) == []


@pytest.mark.parametrize("kind", FILES)
def test_sections_are_numbered_and_each_has_its_source(kind: str, made: dict[str, bytes]) -> None:
    sections = briefings.briefing().sections
    texts = FILES[kind][1](made[kind])

    wanted = [
        words
        for place, each in enumerate(sections, start=1)
        for words in (headed(place, each), f"来源：{each.source}")
    ]
    assert missing(texts, wanted) == []
    assert "".join(texts).count("来源：") == len(sections)


@pytest.mark.parametrize("kind", FILES)
def test_no_word_of_a_library_and_no_missing_value_is_in_the_file(
    kind: str, made: dict[str, bytes]
) -> None:
    text = "".join(FILES[kind][1](made[kind]))

    for words in ("nan", "NaN", "None", "Click", "Series", "Chart", "python", "Steve"):
        assert words not in text


def test_full_briefing_is_two_pages_with_their_numbers(made: dict[str, bytes]) -> None:
    pages = texts_of_pdf(made["pdf"])

    assert len(pages) == 2
    assert ["第1页共2页" in pages[0], "第2页共2页" in pages[1]] == [True, True]


def test_longer_sections_still_are_two_pages() -> None:
    full = briefings.briefing()
    longer = tuple(
        dataclasses.replace(each, notes=(*each.notes, "再补充一句，说明还要做什么。"))
        for each in full.sections
    )

    assert len(texts_of_pdf(briefing_pdf(dataclasses.replace(full, sections=longer)))) == 2


def test_every_font_is_in_the_pdf(made: dict[str, bytes]) -> None:
    document = pdfium.PdfDocument(made["pdf"])

    fonts = [
        each.get_font()
        for page in document
        for each in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
    ]
    assert fonts
    assert all(font.is_embedded for font in fonts)


def test_nothing_of_the_pdf_is_outside_the_margins() -> None:
    long = briefings.briefing(sections=sections_with("W" * 64 + "柳" * 64) * 4)

    for full in (briefings.briefing(), long):
        for page in pdfium.PdfDocument(briefing_pdf(full)):
            width, height = page.get_size()
            for each in page.get_objects():
                left, bottom, right, top = each.get_bounds()
                assert left > 40
                assert bottom > 20
                assert right < width - 40
                assert top < height - 20


@pytest.mark.parametrize("kind", FILES)
def test_grid_of_many_rows_is_not_cut(kind: str) -> None:
    make, read = FILES[kind]
    rows = tuple((f"第{row}行", "很长的内容" * 12, f"{row} 件") for row in range(60))
    section = dataclasses.replace(
        briefings.decisions(), grid=Grid(("名称", "事项", "数量"), rows, frozenset({(50, 2)}))
    )

    texts = read(make(briefings.briefing(sections=(section,))))

    assert missing(texts, [words for row in rows for words in row]) == []


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_text(kind: str, name: str) -> None:
    make, read = FILES[kind]
    text = HOSTILE[name][:300]
    full = briefings.briefing(title=text, where=text, basis=text, sections=sections_with(text))

    file = make(full)

    if name == "many_marks" and kind == "pdf":
        return  # accents that stack up may be read back in another order
    words = one_line(text)
    expected = squeezed(as_drawn(words) if kind == "pdf" else words)
    assert "".join(map(squeezed, read(file))).count(expected) >= 20
    if kind == "pdf":
        assert b"/URI" not in file
    else:
        with ZipFile(BytesIO(file)) as parts:
            for part in parts.namelist():
                if part.endswith((".xml", ".rels")):
                    etree.fromstring(parts.read(part))
                assert not (part.endswith(".rels") and b"External" in parts.read(part))


@pytest.mark.parametrize("kind", FILES)
def test_template_code_in_a_name_is_not_run(kind: str) -> None:
    make, read = FILES[kind]
    text = '#import "visit_sheet.typ" #sys.version =1+1 <script>甲</script>'

    found = "".join(read(make(briefings.briefing(sections=sections_with(text)))))

    assert squeezed(text) in found


@pytest.mark.parametrize("kind", FILES)
def test_briefing_without_sections_says_so(kind: str) -> None:
    make, read = FILES[kind]

    texts = read(make(briefings.briefing(sections=())))

    assert missing(texts, ["柳州市校外培训治理会议简报"]) == []
    assert NO_SECTIONS in "".join(texts)


@pytest.mark.parametrize("kind", FILES)
def test_section_with_nothing_in_its_figures_is_made(kind: str) -> None:
    make, read = FILES[kind]
    nothing = (
        Bars("空条形", "件", is_share=False, bars=()),
        Lines("空折线", "件", weeks=(), lines=()),
        Lines("没有数", "件", weeks=("甲", "乙"), lines=(Line("丙", (math.nan, math.nan)),)),
        Bars("全是零", "件", is_share=False, bars=(Bar("丁", 0, "0 件"),)),
        None,
    )
    sections = tuple(
        Section(
            key="甲", heading="题", title="句", source="源", chart=chart, grid=Grid(("戊",), ())
        )
        for chart in nothing
    )

    texts = read(make(briefings.briefing(sections=sections)))

    assert missing(texts, ["空条形", "空折线", "没有数", "全是零", "源"]) == []


@pytest.mark.parametrize("kind", FILES)
def test_same_briefing_makes_the_same_file(kind: str, made: dict[str, bytes]) -> None:
    assert FILES[kind][0](briefings.briefing()) == made[kind]


@pytest.mark.parametrize("kind", ["word", "slides"])
def test_file_says_who_made_it_and_the_day_of_the_briefing(
    kind: str, made: dict[str, bytes]
) -> None:
    opened: Any = (docx.Document if kind == "word" else Presentation)(BytesIO(made[kind]))

    properties = opened.core_properties
    assert properties.title == "柳州市校外培训治理会议简报"
    assert properties.author == properties.last_modified_by == "柳州市“双减”工作专班"
    assert properties.language == "zh-CN"
    assert properties.comments == ""
    assert properties.created == properties.modified
    assert properties.created.date() == date(2022, 8, 25)
    with ZipFile(BytesIO(made[kind])) as parts:
        assert not [name for name in parts.namelist() if "thumbnail" in name or "app.xml" in name]
        assert b"python-" not in b"".join(parts.read(name) for name in parts.namelist())


def test_every_style_of_the_document_names_chinese_letters(made: dict[str, bytes]) -> None:
    document = docx.Document(BytesIO(made["word"]))

    for style in document.styles:
        if style.element.get(word_name("w:type")) in ("paragraph", "table"):
            if style.name == "Normal Table":
                continue  # what it has is the document's own
            fonts = style.element.rPr.find(word_name("w:rFonts"))
            assert fonts.get(word_name("w:eastAsia")) in ("宋体", "黑体", "楷体", "仿宋")


def test_document_is_made_of_headings_and_tables_whose_header_is_repeated(
    made: dict[str, bytes],
) -> None:
    document = docx.Document(BytesIO(made["word"]))

    headings = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert headings == [
        headed(place, each) for place, each in enumerate(briefings.briefing().sections, start=1)
    ]
    assert len(document.tables) == 8
    for table in document.tables:
        first = table.rows[0]._tr.trPr
        assert first.find(word_name("w:tblHeader")) is not None
        assert table.style.name == "简报表格"
    assert round(document.sections[0].page_width.cm, 1) == 21.0
    footer = document.sections[0].footer._element.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_charts_are_native_and_hold_the_values(made: dict[str, bytes]) -> None:
    wanted = [each.chart for each in briefings.briefing().sections if each.chart]
    charts = charts_of(made["slides"])

    assert len(charts) == len(wanted)
    for native, chart in zip(charts, wanted, strict=True):
        page = openpyxl.load_workbook(
            BytesIO(native.part.chart_workbook.xlsx_part.blob)
        ).worksheets[0]
        (_, *rows) = page.iter_rows(values_only=True)
        if isinstance(chart, Bars):
            assert native.chart_type == XL_CHART_TYPE.BAR_CLUSTERED
            values = [None if math.isnan(bar.value) else bar.value for bar in chart.bars]
            assert list(native.plots[0].series[0].values) == values
            # A workbook keeps sixteen digits.
            assert [row[1] for row in rows] == pytest.approx(values, nan_ok=True)
            assert [row[0].split("（")[0] for row in rows] == [bar.name for bar in chart.bars]
        else:
            assert native.chart_type == XL_CHART_TYPE.LINE_MARKERS
            for series, line in zip(native.plots[0].series, chart.lines, strict=True):
                assert list(series.values) == [
                    None if math.isnan(value) else value for value in line.values
                ]


def test_written_values_stand_at_their_bars_and_late_ones_are_red(made: dict[str, bytes]) -> None:
    bars = briefings.coverage().chart
    assert isinstance(bars, Bars)
    native = charts_of(made["slides"])[0]

    labels = labels_of(native)
    for at, bar in enumerate(bars.bars):
        assert bar.written in labels[at]
        assert labels[at].startswith("※") is bar.is_late
        fill = native.plots[0].series[0].points[at].format.fill.fore_color.rgb
        assert (str(fill) == "B8321F") is bar.is_late
    target = next(
        shape
        for slide in Presentation(BytesIO(made["slides"])).slides
        for shape in slide.shapes
        if shape.name == "目标 80.0%"
    )
    assert target.begin_x == target.end_x


def test_points_that_are_still_filling_up_are_hollow(made: dict[str, bytes]) -> None:
    native = charts_of(made["slides"])[2]

    for series in native.plots[0].series:
        assert str(series.points[12].marker.format.fill.fore_color.rgb) == "FFFFFF"
        assert str(series.marker.format.fill.fore_color.rgb) != "FFFFFF"


def test_intervals_are_error_bars(made: dict[str, bytes]) -> None:
    bars = briefings.visits().chart
    assert isinstance(bars, Bars)
    native = charts_of(made["slides"])[3]

    (drawn,) = native._chartSpace.iter(qn("c:errBars"))
    plus = [float(each.text) for each in drawn.find(qn("c:plus")).iter(qn("c:v"))]
    assert plus == pytest.approx([bar.high - bar.value for bar in bars.bars], abs=1e-6)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "http://"])
def test_names_in_a_chart_s_workbook_are_no_formulas(start: str) -> None:
    text = f"{start}1+1|cmd"
    (native, *_) = charts_of(briefing_slides(briefings.briefing(sections=sections_with(text))))

    page = openpyxl.load_workbook(BytesIO(native.part.chart_workbook.xlsx_part.blob)).worksheets[0]

    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert text in [cell.value for cell in cells]
    for cell in cells:
        assert cell.data_type != "f"
        assert cell.hyperlink is None
    assert page["B3"].value is None  # of what is not known


def test_each_section_has_its_slide_with_its_sentence_as_title(made: dict[str, bytes]) -> None:
    deck = Presentation(BytesIO(made["slides"]))

    titles = [slide.shapes.title.text for slide in deck.slides]
    full = briefings.briefing()
    assert titles == [full.title, *(section.title for section in full.sections)]
    assert (deck.slide_width, deck.slide_height) == (
        pytest.approx(WIDTH * EMU, abs=EMU / 100),
        HEIGHT * EMU,
    )
    for slide in deck.slides:
        assert 'type="slidenum"' in etree.tostring(slide._element).decode()


def test_every_run_of_the_slides_has_chinese_letters(made: dict[str, bytes]) -> None:
    deck = Presentation(BytesIO(made["slides"]))

    roots = [slide._element for slide in deck.slides]
    roots += [chart._chartSpace for chart in charts_of(made["slides"])]
    runs = [run for root in roots for run in root.iter(qn("a:r"))]
    assert len(runs) > 200
    for run in runs:
        properties = run.find(qn("a:rPr"))
        assert properties.find(qn("a:ea")).get("typeface") == LETTERS
        assert properties.get("lang") == "zh-CN"


def test_nothing_stands_outside_a_slide_or_on_something_else(made: dict[str, bytes]) -> None:
    deck = Presentation(BytesIO(made["slides"]))

    for slide in deck.slides:
        boxes = [
            (each.left, each.top, each.left + each.width, each.top + each.height)
            for each in slide.shapes
            if not each.name.startswith("目标")  # what stands in the chart
            and not (each.has_text_frame and each.text_frame.text.startswith("目标"))
        ]
        for at, (left, top, right, bottom) in enumerate(boxes):
            assert min(left, top) >= 0
            assert right <= deck.slide_width
            assert bottom <= deck.slide_height
            for other in boxes[at + 1 :]:
                beside = right <= other[0] or other[2] <= left
                assert beside or bottom <= other[1] or other[3] <= top


@pytest.mark.parametrize(
    ("place", "written"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (34, "三十四"), (120, "120")],
)
def test_numbers_of_sections_are_chinese(place: int, written: str) -> None:
    assert number(place) == written


def test_content_is_cleaned_without_losing_anything_else() -> None:
    full = briefings.briefing()
    dirty = dataclasses.replace(full, title="甲\x00\u202e乙\n丙")

    assert cleaned(full) == full
    assert cleaned(dirty).title == "甲乙 丙"


@pytest.mark.parametrize(
    ("opened", "resolved", "placed"),
    [
        (61.0, 64.0, (XL_LABEL_POSITION.BELOW, XL_LABEL_POSITION.ABOVE)),
        (64.0, 64.0, (XL_LABEL_POSITION.ABOVE, XL_LABEL_POSITION.BELOW)),
        (64.0, 20.0, (XL_LABEL_POSITION.ABOVE, XL_LABEL_POSITION.BELOW)),
        (64.0, 19.0, (XL_LABEL_POSITION.ABOVE, XL_LABEL_POSITION.RIGHT)),
        (0.0, 0.0, (XL_LABEL_POSITION.ABOVE, XL_LABEL_POSITION.RIGHT)),
        (math.nan, 0.0, (None, XL_LABEL_POSITION.ABOVE)),
    ],
)
def test_last_numbers_of_courses_on_a_slide_lie_apart(
    opened: float, resolved: float, placed: tuple[Any, Any]
) -> None:
    lines = (Line("登记", (math.nan, opened)), Line("化解", (100.0, resolved)))
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    add_lines(
        slide, Box(0, 0, 9, 4), Lines("流量", "件", ("08-18", "08-25"), lines), date(2022, 8, 25)
    )

    plot = slide.shapes[0].chart.plots[0]
    found = tuple(
        series.points[1].data_label.position if math.isfinite(line.values[1]) else None
        for series, line in zip(plot.series, lines, strict=True)
    )
    assert found == placed
