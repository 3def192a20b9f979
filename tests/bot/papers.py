"""Small documents, made by hand or by the library that others use to make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import docx
from pypdf import PdfReader, PdfWriter

LINES = 14  # points between two lines


def pdf(*pages: Sequence[str], title: str = "", outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """
    Return a PDF of pages of lines.

    Args:
        outline: (heading, page from 0) each.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_written(pages))))
    if title:
        writer.add_metadata({"/Title": title})
    for heading, page in outline:
        writer.add_outline_item(title=heading, page_number=page)
    return _saved(writer)


def encrypted(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, algorithm="RC4-128")
    return _saved(writer)


def word(*blocks: tuple[str, str], title: str = "", rows: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a Word file of (style, text) paragraphs and perhaps a table below them."""
    document = docx.Document()
    document.core_properties.title = title
    for style, text in blocks:
        document.add_paragraph(text, style=style)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                table.cell(n, m).text = cell
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb(megabytes: int) -> bytes:
    """Return a Word file of a few kilobytes whose text unpacks to as many megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("word/document.xml", "w") as text:
            for _ in range(megabytes):
                text.write(b" " * 2**20)
    return out.getvalue()


def _saved(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _written(pages: Sequence[Sequence[str]]) -> bytes:
    """Return the bytes of a PDF: a catalogue, the pages, one font, and each page's text as its stream."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for n, lines in enumerate(pages):
        shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
        stream = f"BT /F1 11 Tf 50 780 Td {LINES} TL {shown} ET" if lines else "0 0 m 9 9 l S"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    return _file(objects)


def _file(objects: Sequence[str]) -> bytes:
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return f"{body}{end}startxref\n{len(body)}\n%%EOF\n".encode("cp1252")


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
