"""The styles of documents: letters, sizes and margins as official documents have them."""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from ui import palette
from ui.exports.briefing_words import LANGUAGE

SONG, HEI, KAI, FANG_SONG = "宋体", "黑体", "楷体", "仿宋"
_LATIN: Final = "Times New Roman"
# What is written in these is written in every office; Word calls the first ones by Chinese names.
PARTICULARS, FINDING, SOURCE, BULLETIN_TABLE = "简报说明", "结论", "来源", "简报表格"
CELL, CELL_RIGHT, DRAWN = "表格文字", "表格数字", "图示"
CELL_SIZE: Final = 10.5
_KEPT: Final = {
    *("Normal", "Title", "Heading 1", "Caption", "List Bullet", "Header", "Footer"),
    *("Title Char", "Heading 1 Char", "Header Char", "Footer Char"),
    *("Default Paragraph Font", "Normal Table", "No List"),
}


def set_up(document: Document) -> None:
    """Make a new document of the library one on A4 in our styles, and drop all other styles."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.footer_distance = Cm(2.5)
    styles = document.styles
    for style in list(styles):
        if style.name not in _KEPT:
            style.delete()
    kept = {style.style_id for style in styles}
    for named in list(document.part.numbering_part.element.iter(qn("w:pStyle"))):
        if named.get(qn("w:val")) not in kept:
            named.getparent().remove(named)
    _set_defaults(styles.element)
    _look(styles["Normal"], FANG_SONG, 16, line=28)
    _look(styles["Title"], SONG, 22, line=34, bold=True, after=8)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _without_border(styles["Title"])
    _look(styles["Heading 1"], HEI, 16, line=28, before=14, with_next=True)
    _look(styles["Caption"], HEI, 10.5, line=18, before=4, with_next=True)
    _look(styles["List Bullet"], FANG_SONG, 14, line=24)
    _look(styles["Header"], FANG_SONG, 10.5)
    _look(styles["Footer"], SONG, 14)
    for name in ("Title Char", "Heading 1 Char", "Header Char", "Footer Char"):
        _letters(styles[name], HEI if "H" in name[:1] and "1" in name else SONG)
    added: dict[str, tuple[str, float, dict[str, Any]]] = {
        PARTICULARS: (FANG_SONG, 12, {"line": 20}),
        FINDING: (KAI, 16, {"line": 28, "bold": True, "with_next": True}),
        SOURCE: (FANG_SONG, 10.5, {"line": 18, "after": 4, "colour": palette.INK_SOFT}),
        CELL: (FANG_SONG, CELL_SIZE, {"line": 15}),
        CELL_RIGHT: (FANG_SONG, CELL_SIZE, {"line": 15}),
    }
    for name, (letters, size, more) in added.items():
        own: Any = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        own.base_style = styles["Normal"]
        _look(own, letters, size, **more)
    styles[CELL_RIGHT].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles[PARTICULARS].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    drawn: Any = styles.add_style(DRAWN, WD_STYLE_TYPE.CHARACTER)
    _letters(drawn, SONG, latin=SONG)
    drawn.font.size = Pt(8)
    styles.element.append(parse_xml(_TABLE))


def colour(run: Any, hex_code: str) -> None:
    """Give a run one of the palette's colours."""
    run.font.color.rgb = RGBColor.from_string(hex_code.removeprefix("#"))


def _look(
    style: Any,
    letters: str,
    size: float,
    *,
    line: float | None = None,
    before: float = 0,
    after: float = 0,
    bold: bool = False,
    with_next: bool = False,
    colour: str = palette.INK,
) -> None:
    _letters(style, letters)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour.removeprefix("#"))
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.keep_with_next = with_next
    if line is not None:
        form.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
        form.line_spacing = Pt(line)


def _letters(style: Any, letters: str, latin: str = _LATIN) -> None:
    """Name the letters in full: what a theme names has no Chinese ones."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(0, _fonts(letters, latin))


def _fonts(letters: str, latin: str) -> Any:
    fonts = OxmlElement("w:rFonts")
    for script, name in (("ascii", latin), ("hAnsi", latin), ("eastAsia", letters), ("cs", latin)):
        fonts.set(qn(f"w:{script}"), name)
    return fonts


def _set_defaults(styles: Any) -> None:
    properties = styles.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for name in ("w:rFonts", "w:lang"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    properties.insert(0, _fonts(FANG_SONG, _LATIN))
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LANGUAGE)
    language.set(qn("w:eastAsia"), LANGUAGE)
    properties.append(language)


def _without_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _borders(*lines: tuple[str, int, str]) -> str:
    return "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{hex_code[1:]}"/>'
        for side, size, hex_code in lines
    )


_TABLE: Final = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="BulletinTable">
  <w:name w:val="{BULLETIN_TABLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/>
  <w:pPr><w:spacing w:before="0" w:after="0"/></w:pPr>
  <w:rPr><w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{FANG_SONG}" w:cs="{_LATIN}"/>
  </w:rPr>
  <w:tblPr><w:tblBorders>{
    _borders(
        ("top", 8, palette.INK),
        ("bottom", 8, palette.INK),
        ("insideH", 4, palette.GREY_LIGHT),
        ("insideV", 4, palette.GREY_PALE),
    )
}</w:tblBorders><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>
  </w:tblCellMar></w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:rFonts w:eastAsia="{HEI}"/><w:b/></w:rPr>
    <w:tcPr><w:tcBorders>{_borders(("bottom", 6, palette.INK))}</w:tcBorders>
      <w:shd w:val="clear" w:color="auto" w:fill="F3F4F5"/></w:tcPr>
  </w:tblStylePr>
</w:style>"""
