"""Files of every format written from rows, and what disks, mails and attackers do to them."""

from __future__ import annotations

import csv
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import BytesIO, StringIO
from random import Random
from typing import Final

import xlsxwriter
import xlwt

from tests.fuzz.mutated_rows import EXTREMES, as_days
from tests.fuzz.seed_ledgers import Lines, Merge

ENCODINGS: Final = (
    *("utf-8-sig", "utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "big5"),
    *("utf-7", "latin-1", "shift_jis", "hz"),
)
BOMB: Final = 80 * 2**20
CELL_LENGTH: Final = 32_767
Parts = dict[str, bytes]


def write(
    chance: Random, ending: str, sheets: dict[str, Lines], merges: tuple[Merge, ...]
) -> bytes:
    """Return a file of that format with the sheets; text files hold the first alone."""
    if ending == ".csv":
        return _csv(chance, next(iter(sheets.values())))
    return _xlsx(sheets, merges) if ending == ".xlsx" else _xls(sheets)


def _csv(chance: Random, lines: Lines) -> bytes:
    text = StringIO()
    usual = chance.random() < 0.7
    writer = csv.writer(
        text,
        delimiter="," if usual else chance.choice(",;\t|"),
        lineterminator="\r\n" if usual else chance.choice(("\n", "\r", "\n\n", "\r\r\n", "\0\n")),
        quoting=csv.QUOTE_MINIMAL if usual else chance.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    )
    writer.writerows([["" if cell is None else str(cell) for cell in line] for line in lines])
    encoding = chance.choice(ENCODINGS[:4] if usual else ENCODINGS)
    errors = "surrogatepass" if encoding.startswith("utf-") and encoding != "utf-7" else "replace"
    return text.getvalue().encode(encoding, errors)


def _xlsx(sheets: dict[str, Lines], merges: tuple[Merge, ...]) -> bytes:
    buffer = BytesIO()
    options = {"strings_to_urls": False, "nan_inf_to_errors": True, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, (name, lines) in enumerate(sheets.items()):
            plain = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31]
            page = book.add_worksheet(
                f"{plain[:28]}~{place}" if plain in book.sheetnames else plain
            )
            for row, line in enumerate(lines):
                for column, cell in enumerate(line):
                    _put(page, row, column, cell, days)
            for merge in merges:
                with suppress(Exception):
                    page.merge_range(*merge, sayable(str(lines[merge[0]][merge[1]])))
    return buffer.getvalue()


def _put(
    page: xlsxwriter.workbook.Worksheet, row: int, column: int, cell: object, days: object
) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, date):
        with suppress(ValueError):
            page.write_datetime(row, column, as_days(cell), days)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, str):
        text = sayable(cell)
        if text.startswith("=") and len(text) < 200:
            page.write_formula(row, column, text, None, "")
        else:
            page.write_string(row, column, text[:CELL_LENGTH])


def sayable(text: str) -> str:
    """Return a text as a workbook has it: what UTF-8 cannot say stands there as its escape."""
    return re.sub("[\ud800-\udfff]", lambda half: f"_x{ord(half[0]):04X}_", text)


def _xls(sheets: dict[str, Lines]) -> bytes:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for place, (name, lines) in enumerate(sheets.items()):
        title = re.sub(r"[^\w]", " ", name).strip()[:28]
        page = book.add_sheet(f"{title}~{place}" if place else title or "Sheet1")
        for row, line in enumerate(lines[:65_536]):
            for column, cell in enumerate(line[:256]):
                if isinstance(cell, date):
                    with suppress(ValueError):
                        page.write(row, column, as_days(cell), day)
                elif cell is not None:
                    text = re.sub("[\ud800-\udfff]", "?", cell) if isinstance(cell, str) else cell
                    page.write(row, column, text[:CELL_LENGTH] if isinstance(text, str) else text)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# What happens to bytes, whatever they are.


def flip(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20, 300))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(chance: Random, data: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in "ab")
    return chance.choice((data[:start], data[start:], data[:start] + data[end:]))


def repeat(chance: Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 64, 4_096))]
    return data[:start] + piece * chance.choice((2, 50)) + data[start:]


def insert(chance: Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    piece = chance.choice(
        (b"\x00" * 512, b"\xff" * 64, b"PK\x03\x04", b"\xef\xbb\xbf", b'"', b"\r")
    )
    return data[:at] + piece + data[at:]


BYTES: Final[tuple[Callable[[Random, bytes], bytes], ...]] = (flip, cut, repeat, insert)


# What happens to an archive.


def unzip(data: bytes) -> Parts:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def remove_part(chance: Random, data: bytes) -> bytes:
    parts = unzip(data)
    del parts[chance.choice(list(parts))]
    return zipped(parts)


def cut_part(chance: Random, data: bytes) -> bytes:
    parts = unzip(data)
    name = chance.choice(list(parts))
    parts[name] = parts[name][: chance.randrange(len(parts[name]) + 1)]
    return zipped(parts)


def rename_part(chance: Random, data: bytes) -> bytes:
    parts = unzip(data)
    name = chance.choice(list(parts))
    new = (
        name.upper(),
        f"../{name}",
        f"/{name}",
        name.replace("/", "\\"),
        "甲",
        "x" * 60_000,
        "a/",
    )
    parts[chance.choice(new)] = parts.pop(name)
    return zipped(parts)


def repeat_part(chance: Random, data: bytes) -> bytes:
    parts = unzip(data)
    name = chance.choice(list(parts))
    other = flip(chance, parts[name]) if parts[name] else b"x"
    return zipped({**parts, chance.choice((name.upper(), f"{name} ", f"xl/{name}")): other})


def bomb_part(chance: Random, data: bytes) -> bytes:
    """Let a part unpack to a thousand times what it takes, or a little less than is noticed."""
    parts = unzip(data)
    name = chance.choice(list(parts))
    size = chance.choice((4 * 2**20, BOMB))
    filling = chance.choice((b"\x00", b" ", b"<c/>", b"<si><t>1</t></si>", "甲".encode()))
    closing = parts[name].rfind(b"</")
    blown = filling * (size // len(filling))
    parts[name] = parts[name][:closing] + blown + parts[name][closing:]
    return zipped(parts)


def lie_in_the_directory(chance: Random, data: bytes) -> bytes:
    """Say other sizes, checksums, methods or places in the directory of an archive."""
    changed = bytearray(data)
    entries = [found.start() for found in re.finditer(rb"PK\x01\x02", data)]
    at = chance.choice(entries)
    field = chance.choice((8, 10, 16, 20, 24, 28, 30, 42))
    value = chance.choice((0, 1, 8, 9, 12, 99, 0xFFFF, 0xFFFFFFFF, 2**31, chance.randrange(2**32)))
    if field in (8, 10, 28, 30):
        struct.pack_into("<H", changed, at + field, value & 0xFFFF)
    else:
        struct.pack_into("<I", changed, at + field, value)
    return bytes(changed)


def many_parts(chance: Random, data: bytes) -> bytes:
    parts = unzip(data)
    n = chance.choice((100, 2_100))
    return zipped({**parts, **{f"xl/worksheets/a{at}.xml": b"<worksheet/>" for at in range(n)}})


def stored(_chance: Random, data: bytes) -> bytes:
    return zipped(unzip(data), zipfile.ZIP_STORED)


def other_method(chance: Random, data: bytes) -> bytes:
    return zipped(unzip(data), chance.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))


# What happens to the XML of a workbook.


def on_part(
    pattern: str, change: Callable[[Random, bytes], bytes]
) -> Callable[[Random, bytes], bytes]:
    """Return a change of one part whose name matches."""

    def changed(chance: Random, data: bytes) -> bytes:
        parts = unzip(data)
        names = [name for name in parts if re.search(pattern, name)]
        if names:
            name = chance.choice(names)
            parts[name] = change(chance, parts[name])
        return zipped(parts)

    changed.__name__ = change.__name__
    return changed


def substituted(chance: Random, xml: bytes, pattern: bytes, *instead: bytes) -> bytes:
    """Return XML with some of what matches put into other words; ``\\1`` is its first group."""
    share = chance.choice((0.02, 0.3, 1.0))
    template = chance.choice(instead)

    def new(found: re.Match[bytes]) -> bytes:
        return found.expand(template) if chance.random() < share else found[0]

    return re.sub(pattern, new, xml)


def escaped(text: str) -> bytes:
    plain = text[:2_000].encode("utf-8", "replace")
    return plain.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b"\\", b"\\\\")


def lie_of_extent(chance: Random, xml: bytes) -> bytes:
    extents = (b"A1", b"A1:XFD1048576", b"B2:A1", b"XFE1:ZZZZ9", b"", b"A0:A0", b"A1:A99999999999")
    return substituted(
        chance,
        xml,
        rb'<dimension ref="[^"]*"/>',
        *(b'<dimension ref="%b"/>' % e for e in extents),
        b"",
    )


def lie_of_rows(chance: Random, xml: bytes) -> bytes:
    numbers = (b"0", b"-1", b"1048576", b"1048577", b"4294967296", b"9" * 30, b"A", b"", b"250000")
    return substituted(
        chance, xml, rb'<row r="\d+"', *(b'<row r="%b"' % n for n in numbers), b"<row"
    )


def lie_of_cells(chance: Random, xml: bytes) -> bytes:
    places = (
        b"A1",
        b"XFD1",
        b"XFE1",
        b"ZZZZZZZ9",
        b"A0",
        b"A",
        b"9",
        b"A1048576",
        b"A9999999999",
        b"a1",
    )
    return substituted(chance, xml, rb' r="[A-Z]+\d+"', *(b' r="%b"' % p for p in places), b"")


def lie_of_types(chance: Random, xml: bytes) -> bytes:
    types = (b"s", b"str", b"inlineStr", b"b", b"e", b"d", b"n", b"x", b"")
    return substituted(chance, xml, rb' t="\w+"', *(b' t="%b"' % t for t in types), b"")


def lie_of_values(chance: Random, xml: bytes) -> bytes:
    values = (
        b"-1",
        b"99999999",
        b"4294967295",
        b"NaN",
        b"INF",
        b"1e999",
        b"1e308",
        b"",
        b" ",
        b"--1",
    )
    return substituted(
        chance, xml, rb"<v>[^<]*</v>", *(b"<v>%b</v>" % v for v in values), b"<v/>", b""
    )


def lie_of_styles(chance: Random, xml: bytes) -> bytes:
    styles = (b"99999", b"-1", b"4294967296", b"1", b"2", b"A")
    return substituted(
        chance, xml, rb'<c (r="[A-Z]+\d+")(?: s="\d+")?', *(rb'<c \1 s="%b"' % s for s in styles)
    )


def merge_everything(chance: Random, xml: bytes) -> bytes:
    ranges = (
        *(b"A1:XFD1048576", b"A1:A1048576", b"C9:A1", b"A1:A1", b"A1", b"", b"ZZZ1:ZZZ9", b"A0:B0"),
        *(b"A3:IV250000", b"A1:B2:C3"),
    )
    chosen = b"".join(
        b'<mergeCell ref="%b"/>' % chance.choice(ranges)
        for _ in range(chance.choice((1, 9, 5_000)))
    )
    bare = re.sub(rb"<mergeCells.*</mergeCells>", b"", xml)
    return bare.replace(b"</sheetData>", b"</sheetData><mergeCells>" + chosen + b"</mergeCells>")


def put_formulas(chance: Random, xml: bytes) -> bytes:
    formulas = (
        b"<f>1/0</f>",
        b"<f/>",
        b'<f t="shared" si="99"/>',
        b'<f t="array" ref="A1:XFD9">1</f>',
    )
    return substituted(chance, xml, rb"<v>", *(f + b"<v>" for f in formulas))


def inline_texts(chance: Random, xml: bytes) -> bytes:
    said = escaped(chance.choice(EXTREMES))
    new = b'<c r="\\1" t="inlineStr"><is><t>%b</t></is></c>' % re.sub(
        rb"[\x00-\x08\x0b-\x1f]", b"", said
    )
    return substituted(chance, xml, rb'<c r="([A-Z]+\d+)"[^>]*><v>[^<]*</v></c>', new)


def spoil_strings(chance: Random, xml: bytes) -> bytes:
    texts = (
        *(
            b"<si/>",
            b"<si><t/></si>",
            b"<si><r><t>1</t></r><r><t>2</t></r></si>",
            b"<si><si></si></si>",
        ),
        *(b"<si><t>&#xD800;</t></si>", b"<si><t>&#0;</t></si>", b"<si><t>&nbsp;</t></si>", b""),
        *(b"<si><t>_xD800__x0000_</t></si>", b"<si><t>" + b"W" * 50_000 + b"</t></si>", b"<si>"),
        *(
            b"<si><rPh><t>1</t></rPh></si>",
            b"<si><t><![CDATA[1]]></t></si>",
            b"<si><!-- --><t>1</t></si>",
        ),
    )
    return substituted(chance, xml, rb"<si>.*?</si>", *texts)


def lie_of_counts(chance: Random, xml: bytes) -> bytes:
    counts = (b"0", b"-1", b"99999999999", b"4294967295", b"x", b"18446744073709551616")
    return substituted(chance, xml, rb'(ount=)"\d+"', *(rb'\1"%b"' % n for n in counts))


def spoil_formats(chance: Random, xml: bytes) -> bytes:
    return substituted(
        chance,
        xml,
        rb"<(numFmt|xf|cellXfs|font)\b",
        *(
            rb"<\1 numFmtId=%b" % n
            for n in (b'"14"', b'"22"', b'"46"', b'"-1"', b'"99999"', b'"x"')
        ),
        rb"<x\1",
        rb'<numFmt numFmtId="164" formatCode="[h]:mm:ss;@&quot;"/><\1',
    )


def spoil_sheets(chance: Random, xml: bytes) -> bytes:
    sheets = (
        *(rb'<sheet name="" \1', rb'<sheet state="veryHidden" \1', rb'<sheet name="&lt;" \1'),
        *(
            rb'<sheet name="' + b"W" * 70_000 + rb'" \1',
            rb"<sheet \1/><sheet \1",
            rb'<sheet name="&#55296;" \1',
        ),
        *(rb'<sheet name="a&#10;b" \1', rb'<workbookPr date1904="1"/><sheet \1'),
    )
    return substituted(chance, xml, rb"<sheet (?=[^>]*/>)([^/]*)", *sheets)


def spoil_relations(chance: Random, xml: bytes) -> bytes:
    targets = (
        *(
            b"",
            b"/",
            b"../../etc/passwd",
            b"worksheets/sheet9.xml",
            b"http://127.0.0.1/",
            b"styles.xml",
        ),
        *(b"sharedStrings.xml", b"file:///etc/passwd", b"workbook.xml", b"WORKSHEETS/SHEET1.XML"),
    )
    return substituted(chance, xml, rb'Target="[^"]*"', *(b'Target="%b"' % t for t in targets))


def declare_entities(chance: Random, xml: bytes) -> bytes:
    laughs = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    doctypes = (
        b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]>",
        b'<!DOCTYPE x [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    )
    body = re.sub(rb"<t>[^<]*</t>|<v>[^<]*</v>", b"<t>&l11;</t>", xml, count=3)
    return body.replace(b"?>", b"?>" + chance.choice(doctypes), 1)


def other_encoding(chance: Random, xml: bytes) -> bytes:
    said, used = chance.sample(("utf-8", "utf-16", "gb18030", "latin-1", "utf-7", "ebcdic"), 2)
    declared = xml.replace(b'encoding="UTF-8"', f'encoding="{said}"'.encode(), 1)
    try:
        return declared.decode("utf-8").encode(used, "replace")
    except (LookupError, UnicodeDecodeError):
        return declared


def spoil_tags(chance: Random, xml: bytes) -> bytes:
    """Remove, repeat, close twice or nest tags of any part."""
    tags = list(re.finditer(rb"<[^>]*>", xml))
    for _ in range(chance.choice((1, 4))):
        tag = chance.choice(tags)
        new = chance.choice(
            (b"", tag[0] * 2, tag[0] * 3_000, b"</x>", b"<x:y>", tag[0].lower(), b"<")
        )
        xml = xml[: tag.start()] + new + xml[tag.end() :]
        tags = list(re.finditer(rb"<[^>]*>", xml)) or tags
    return xml


def with_prefix(_chance: Random, xml: bytes) -> bytes:
    changed = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", xml)
    return changed.replace(b"xmlns=", b"xmlns:x=", 1)


SHEET, STRINGS, BOOK = r"sheet\d+\.xml$", r"sharedStrings\.xml$", r"workbook\.xml$"
ARCHIVE: Final[tuple[Callable[[Random, bytes], bytes], ...]] = (
    *(remove_part, cut_part, rename_part, repeat_part, bomb_part, lie_in_the_directory),
    *(lie_in_the_directory, many_parts, stored, other_method),
)
XML: Final[tuple[Callable[[Random, bytes], bytes], ...]] = (
    *(
        on_part(SHEET, change)
        for change in (lie_of_extent, lie_of_rows, lie_of_cells, lie_of_types)
    ),
    *(on_part(SHEET, change) for change in (lie_of_values, lie_of_styles, merge_everything)),
    *(on_part(SHEET, change) for change in (put_formulas, inline_texts, flip, repeat)),
    *(on_part(STRINGS, change) for change in (spoil_strings, lie_of_counts, flip)),
    *(on_part(r"styles\.xml$", change) for change in (spoil_formats, flip)),
    *(on_part(BOOK, spoil_sheets), on_part(r"\.rels$", spoil_relations)),
    *(
        on_part(r"\.xml$", change)
        for change in (declare_entities, other_encoding, spoil_tags, with_prefix)
    ),
)


def mutate(chance: Random, ending: str, data: bytes) -> tuple[bytes, list[str]]:
    """Return a file with some changes, or none, and what was done to it."""
    done = []
    ways = BYTES if ending != ".xlsx" else chance.choice((BYTES, ARCHIVE, XML, XML, XML))
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        way = chance.choice(ways)
        # What the first change has broken, the second may not be able to open.
        with suppress(
            zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, KeyError, IndexError
        ):
            data = way(chance, data)
            done.append(way.__name__)
    return data, done
