"""What stands in files that were made, read by other libraries than made them where there are any.

White space and breaks that depend on the layout are taken out, so that a file can be compared with
another or with a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import docx
import pypdfium2 as pdfium
from docx.table import Table
from docx.text.paragraph import Paragraph
from pptx import Presentation
from pptx.oxml.ns import qn


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe]+", "", text)


def texts_of_pdf(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pdfium.PdfDocument(pdf)
    texts = [squeezed(page.get_textpage().get_text_range()) for page in document]
    document.close()
    return texts


def texts_of_word(file: bytes) -> list[str]:
    """Each paragraph and each cell of a table, from above."""
    document = docx.Document(BytesIO(file))
    found: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            found += [cell.text for row in block.rows for cell in row.cells]
    return list(filter(None, map(squeezed, found)))


def texts_of_slides(file: bytes) -> list[str]:
    """Each text of each slide: of a chart its title, then each name with what is written at it."""
    slides = Presentation(BytesIO(file)).slides
    found = (text for slide in slides for shape in slide.shapes for text in _texts_of(shape))
    return list(filter(None, map(squeezed, found)))


def charts_of(file: bytes) -> list[Any]:
    """The native charts of slides, in order."""
    slides = Presentation(BytesIO(file)).slides
    return [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]


def labels_of(chart: Any) -> dict[int, str]:
    """What is written at the points of a chart, of its last series that has labels, by place."""
    labels: dict[int, str] = {}
    for label in chart._chartSpace.iter(qn("c:dLbl")):
        words = "".join(each.text or "" for each in label.iter(qn("a:t")))
        labels[int(label.find(qn("c:idx")).get("val"))] = words
    return labels


def missing(texts: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """What is wanted and does not stand in the texts, after what was wanted before it."""
    whole, at, lost = "".join(texts), 0, []
    for words in map(squeezed, wanted):
        found = whole.find(words, at)
        if found < 0:
            lost.append(words)
        else:
            at = found + len(words)
    return lost


def _texts_of(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            yield paragraph.text
    elif getattr(shape, "has_table", False) and shape.has_table:
        for row in shape.table.rows:
            for cell in row.cells:
                yield cell.text
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        yield from _texts_of_chart(shape.chart)


def _texts_of_chart(chart: Any) -> Iterator[str]:
    yield chart.chart_title.text_frame.text
    labels = labels_of(chart)
    if chart.has_legend:
        yield from (series.name for series in chart.plots[0].series)
    for at, name in enumerate(chart.plots[0].categories):
        yield name
        yield labels.get(at, "")
