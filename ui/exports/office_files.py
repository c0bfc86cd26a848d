"""What documents and slides have in common: who made them, and files that come out alike."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from analysis.briefing_content import Briefing
from ui.exports.briefing_words import LANGUAGE, OFFICE

# Of the libraries' own templates: a picture of an empty page, the program, styles said twice.
_LEFT_OUT: Final = ("/thumbnail", "/extended-properties", "/printerSettings", "/stylesWithEffects")


def describe(properties: Any, briefing: Briefing) -> None:
    """Write what a file says of itself; its day is the briefing's, not the clock's."""
    at = datetime.combine(briefing.as_of, time())
    properties.title = briefing.title[:255]
    properties.subject = f"{briefing.where} {briefing.basis}"[:255]
    properties.author = properties.last_modified_by = OFFICE
    properties.language = LANGUAGE
    properties.comments = properties.keywords = properties.category = ""
    properties.created = properties.modified = at
    properties.revision = 1


def drop_foreign_parts(relationships: Any) -> None:
    """Drop what the library's template brings along and nobody here has made."""
    for name, each in list(relationships.items()):
        if each.reltype.endswith(_LEFT_OUT):
            relationships.pop(name)


def settled(file: bytes, briefing: Briefing) -> bytes:
    """Return a file of Office with its parts dated on the briefing's day.

    The same briefing so makes the same bytes.
    """
    day = (*briefing.as_of.timetuple()[:3], 0, 0, 0)
    buffer = BytesIO()
    with ZipFile(BytesIO(file)) as parts, ZipFile(buffer, "w") as written:
        for name in parts.namelist():
            part = ZipInfo(name, day)
            part.compress_type = ZIP_DEFLATED
            written.writestr(part, parts.read(name))
    return buffer.getvalue()
