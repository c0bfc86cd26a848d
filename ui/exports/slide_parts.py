"""Slides without anything of the library's template: one layout, our letters, texts that fit."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.oxml import serialize_part_xml
from pptx.opc.package import XmlPart
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from ui import palette
from ui.exports.briefing_words import LANGUAGE, room
from ui.exports.office_files import drop_foreign_parts

LETTERS: Final = "微软雅黑"
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.5  # inches
LINE: Final = 1.36  # a line's height in the size of its letters
_TITLE_ONLY: Final = 5
TITLE_SIZES: Final = (30, 28, 24, 22, 20, 18, 16, 14, 12, 10, 8)


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def lengths(self) -> tuple[int, int, int, int]:
        """As the library takes them."""
        return (Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height))


TITLE: Final = Box(MARGIN, 0.72, WIDTH - 2 * MARGIN, 1.05)
_NUMBER: Final = Box(WIDTH - MARGIN - 1.0, 6.98, 1.0, 0.32)


def new_deck() -> Any:
    """Return an empty presentation, 16:9, with one layout: a title and the slide's number."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    drop_foreign_parts(deck.part.package._rels)
    drop_foreign_parts(deck.part.rels)
    master = deck.slide_master
    kept = master.slide_layouts[_TITLE_ONLY]
    for layout in list(master.slide_layouts):
        if layout is not kept:
            master.slide_layouts.remove(layout)
    kept.name = "标题和内容"
    for page in (master, kept):
        _clear(page)
    for style in master.element.iter(qn("p:titleStyle")):
        style.find(qn("a:lvl1pPr")).set("algn", "l")
    _name_letters(master.part.part_related_by(RELATIONSHIP_TYPE.THEME))
    return deck


def _clear(page: Any) -> None:
    """Leave of a master or a layout the title and the number, in our places and in Chinese."""
    for shape in list(page.placeholders):
        kind = shape.element.ph.get("type", "body")
        if kind == "title":
            shape.name, shape.text_frame.text = "标题", "单击编辑标题"
            _stand(shape, TITLE)
            shape.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        elif kind == "sldNum":
            shape.name = "页码"
            _stand(shape, _NUMBER)
        else:
            shape.element.getparent().remove(shape.element)


def set_language(deck: Any) -> None:
    """Mark all text as Chinese, for who checks its spelling or reads it aloud."""
    marked = (qn("a:rPr"), qn("a:endParaRPr"), qn("a:defRPr"))
    for part in deck.part.package.iter_parts():
        if isinstance(part, XmlPart):
            for properties in part._element.iter(*marked):
                properties.set("lang", LANGUAGE)


def new_slide(deck: Any, title: str, box: Box = TITLE, sizes: Sequence[float] = TITLE_SIZES) -> Any:
    """Add a slide with a title that is set as large as its box allows, and with its number."""
    layout = deck.slide_master.slide_layouts[0]
    slide = deck.slides.add_slide(layout)
    placed = slide.shapes.title
    if box is not TITLE:
        _stand(placed, box)
    frame = placed.text_frame
    frame.word_wrap = True
    size = fitting_size([title], box, sizes)
    write(frame.paragraphs[0], title, size=size, bold=True)
    for shape in layout.placeholders:
        if shape.element.ph.get("type") == "sldNum":
            slide.shapes._spTree.append(copy.deepcopy(shape.element))
    return slide


def write(
    paragraph: Any,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: str = palette.INK,
) -> Any:
    """Add a run to a paragraph in our letters, Chinese ones too, and return it."""
    run = paragraph.add_run()
    run.text = text
    look(run.font, size=size, bold=bold, colour=colour)
    return run


def look(font: Any, *, size: float, bold: bool = False, colour: str = palette.INK) -> None:
    """Set what a font of a run, a chart or a label looks like."""
    font.size, font.bold = Pt(size), bold
    font.color.rgb = rgb(colour)
    font.name = LETTERS
    properties = font._rPr
    for old in properties.findall(qn("a:ea")):
        properties.remove(old)
    properties.find(qn("a:latin")).addnext(
        parse_xml(f'<a:ea {nsdecls("a")} typeface="{LETTERS}"/>')
    )


def add_text(
    slide: Any,
    box: Box,
    paragraphs: Sequence[str],
    *,
    size: float,
    bold: bool = False,
    colour: str = palette.INK,
    late: frozenset[int] = frozenset(),
    align: Any = PP_ALIGN.LEFT,
    gap: float = 0,
    bullets: bool = False,
) -> Any:
    """Add a text box; ``late`` are the places of red paragraphs, ``gap`` points after each."""
    shape = slide.shapes.add_textbox(*box.lengths)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for at, text in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = align
        paragraph.space_after = Pt(gap)
        if bullets:
            _point(paragraph)
        is_late = at in late
        write(
            paragraph,
            text,
            size=size,
            bold=bold or is_late,
            colour=palette.RED if is_late else colour,
        )
    return shape


def _point(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(int(Inches(0.2))))
    properties.set("indent", str(-int(Inches(0.2))))
    properties.append(parse_xml(f'<a:buChar {nsdecls("a")} char="•"/>'))


def describe_shape(shape: Any, words: str) -> None:
    """Say what a chart or a table is for who does not see it."""
    shape._element.nvGraphicFramePr.cNvPr.set("descr", words)


def lines_of(text: str, size: float, width: float) -> int:
    """Return on how many lines a text stands in letters of a size, in so many inches."""
    return max(math.ceil(room(text) * size / 72 / max(width, 0.1) * 1.08), 1)


def height_of(texts: Sequence[str], size: float, width: float, gap: float = 0) -> float:
    """Return how high paragraphs are, in inches; ``gap`` is points after each."""
    return sum(lines_of(text, size, width) * size * LINE + gap for text in texts) / 72


def fitting_size(texts: Sequence[str], box: Box, sizes: Sequence[float], gap: float = 0) -> float:
    """Return the largest of the sizes (largest first) in which texts fit a box, else the last."""
    inside = box.width - 0.2
    fits = (size for size in sizes if height_of(texts, size, inside, gap) <= box.height)
    return next(fits, sizes[-1])


def rgb(colour: str) -> RGBColor:
    """Return one of the palette's colours as the library takes it."""
    return RGBColor(*bytes.fromhex(colour.removeprefix("#")))  # type: ignore[no-untyped-call]


def line_below(cell: Any, colour: str, points: float) -> None:
    """Draw a line below a table's cell."""
    line = parse_xml(
        f'<a:lnB {nsdecls("a")} w="{int(Pt(points))}"><a:solidFill>'
        f'<a:srgbClr val="{colour[1:]}"/></a:solidFill></a:lnB>'
    )
    # Lines stand before the fill.
    cell._tc.get_or_add_tcPr().insert(0, line)


def _stand(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.lengths


def _name_letters(theme: Any) -> None:
    """Name our letters in the theme: what is added to a slide by hand looks alike."""
    root: Any = parse_xml(theme.blob)
    for font in root.iter(qn("a:majorFont"), qn("a:minorFont")):
        for script in ("a:latin", "a:ea"):
            font.find(qn(script)).set("typeface", LETTERS)
    root.set("name", "简报")
    theme._blob = serialize_part_xml(root)
