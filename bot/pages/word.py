"""Word files (.docx) as pages: their headings, paragraphs, lists and tables; the only module that knows python-docx."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping

import docx
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph

from bot.pages.document import Document, Unreadable, document, one_line, table

OLD = b"\xd0\xcf\x11\xe0"  # the old Office container: a .doc, or a .docx behind a password
MAX_UNPACKED = 100 * 2**20  # bytes; pictures count, though they are not read
MAX_TEXT = 30 * 2**20  # bytes of word/document.xml; the Bible has 12 MB of it
MAX_ENTRIES = 5_000
HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
TEXT = "word/document.xml"
# What python-docx raises where parts are missing or are not what they should be; a SyntaxError is XML's, a RuntimeError
# zipfile's for what it cannot unpack.
DAMAGED = (
    OpcError,
    KeyError,
    ValueError,
    AttributeError,
    TypeError,
    SyntaxError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def word(data: bytes, name: str) -> Document:
    """
    Read a Word file.

    Raises:
        Unreadable: it is none, it is encrypted, or it unpacks to more than it may.
    """
    _check(data)
    try:
        opened = docx.Document(io.BytesIO(data))
        names = {style.style_id: style.name or "" for style in opened.styles}
        blocks = list(_blocks(opened.iter_inner_content(), names))
    except DAMAGED as error:
        raise Unreadable("it is no Word file (.docx), or it is damaged") from error
    said = one_line(opened.core_properties.title or "")
    shown = next((text for kind, text in blocks if kind == "title"), "")
    first = [text.removeprefix("# ") for _, text in blocks if text.startswith("# ")]
    title = shown or (first[0] if len(first) == 1 else said) or name
    return document(title, _joined([b for b in blocks if b[0] != "title"]))


def _check(data: bytes) -> None:
    """Look at what the file says of itself before anything of it is unpacked; zipfile unpacks no more than that."""
    if data.startswith(OLD):
        raise Unreadable("it is encrypted or an old .doc; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
            entries = len(packed.infolist())
    except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
        raise Unreadable("it is no Word file (.docx), or it is damaged") from error
    if TEXT not in sizes:
        raise Unreadable("it is no Word file (.docx): there is no text in it")
    total = sum(sizes.values())
    if total > MAX_UNPACKED or sizes[TEXT] > MAX_TEXT or entries > MAX_ENTRIES:
        raise Unreadable(
            f"it unpacks to {total >> 20:,} MB, more than a document needs; save its text alone"
        )


def _blocks(
    content: Iterator[Paragraph | Table], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (kind, Markdown) a block; the kinds are title, item and text."""
    for block in content:
        if isinstance(block, Table):
            yield "text", table(_rows(block))
        elif text := block.text.strip():
            yield _read(block, text, names)


def _read(paragraph: Paragraph, text: str, names: Mapping[str, str]) -> tuple[str, str]:
    # paragraph.style looks through all styles, 5 ms each time; what it needs of lxml's element is its style's id
    style = names.get(paragraph._p.style or "", "")
    if style == "Title":
        return "title", one_line(text)
    if heading := HEADING.fullmatch(style):
        return "text", f"{'#' * min(6, int(heading[1]))} {one_line(text)}"
    properties = paragraph._p.pPr  # the only way to see that it is numbered without a list's style
    if style.startswith("List") or (properties is not None and properties.numPr is not None):
        return "item", f"- {one_line(text)}"
    return "text", text


def _rows(found: Table) -> list[list[str]]:
    """Return the cells row by row, each cell once however many columns it spans."""
    rows = []
    for row in found.rows:
        cells = {id(cell._tc): cell.text for cell in row.cells}
        rows.append(list(cells.values()))
    return rows


def _joined(blocks: list[tuple[str, str]]) -> str:
    """Return the blocks as Markdown; items that follow each other are one list."""
    parts, before = [], ""
    for kind, block in blocks:
        parts += ["\n" if kind == before == "item" else "\n\n", block]
        before = kind
    return "".join(parts)
