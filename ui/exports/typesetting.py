"""PDF files: a template of ours, filled with data that stays data.

Nothing of the data is read as markup or code: it travels beside the template as JSON, and a string
that a template puts on the page is text, whatever stands in it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from ui.exports import fonts
from ui.formatting import UNSEEN

TEMPLATES: Final = Path(__file__).parent / "templates"
NO_SHAPE: Final = "〓"  # the printers' mark for a character that is not in the case
# On one line, so that the compiler counts a template's lines as an editor does, but for one.
_BEFORE: Final = (
    "#let data = json(bytes(sys.inputs.data)); "
    f"#set text(font: ({json.dumps(list(fonts.FAMILIES))[1:-1]}), "
    'lang: "zh", region: "cn")\n'
)
_UNBROKEN: Final = re.compile(r"[!-~\u00a1-\u024f]{12}(?=[!-~\u00a1-\u024f])")
_BREAK_HERE: Final = "\u200b"


class TypesettingError(RuntimeError):
    """A template does not compile; the message is the compiler's, for the log."""


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF (PDF/A-2b, every font in it) that a template makes of the data.

    ``template`` is a file in ``templates``; it finds the data in its variable ``data``. The data
    are texts, numbers, booleans, ``None``, lists and mappings. In texts, what is not seen
    is left out, a character without a shape becomes 〓, and long runs without a space may break.

    Raises:
        TypesettingError: the template does not compile, or a text could not be drawn.
    """
    text = _BEFORE + (TEMPLATES / template).read_text(encoding="utf-8")
    filled = json.dumps(_as_drawn(data), ensure_ascii=False, allow_nan=False)
    try:
        return typst.compile(  # type: ignore[call-overload, no-any-return]  # root is a path
            text.encode(),
            root=TEMPLATES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": filled},
            # Of the standards for keeping files this one makes a missing shape an error.
            pdf_standards="a-2b",
        )
    except typst.TypstError as error:
        raise TypesettingError(f"{template}: {error.message}") from error


def as_drawn(text: str) -> str:
    """Return a text as it can be printed: nothing unseen in it, nothing without a shape."""
    shapes = fonts.drawable()
    known = "".join(
        letter if ord(letter) in shapes or letter == "\n" else _instead_of(letter)
        for letter in UNSEEN.sub("", text.replace("\t", " ").replace("\r\n", "\n"))
    )
    return _UNBROKEN.sub(rf"\g<0>{_BREAK_HERE}", known)


def _instead_of(letter: str) -> str:
    """Leave out marks on other characters and joiners: what they stand on says what it is."""
    return "" if unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc") else NO_SHAPE


def _as_drawn(value: Any) -> Any:
    if isinstance(value, str):
        return as_drawn(value)
    if isinstance(value, Mapping):
        return {key: _as_drawn(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_drawn(each) for each in value]
    return value


@cache
def _fonts() -> typst.Fonts:
    """Read the folder once: it takes longer than a page does."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER]
    )
