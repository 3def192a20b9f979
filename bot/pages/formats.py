"""Which reader reads what: formats by the name of a file and by what a server calls it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import PurePath

from bot.pages.document import Document, Unreadable

READERS = {  # imported when they are needed: three of them rest on the extra [import]
    "md": "bot.pages.plain:markdown",
    "txt": "bot.pages.plain:text",
    "csv": "bot.pages.rows:table",
    "html": "bot.pages.webpage:page",
    "pdf": "bot.pages.pdf:pdf",
    "docx": "bot.pages.word:word",
}
SUFFIXES = {".md": "md", ".markdown": "md", ".txt": "txt", ".csv": "csv", ".html": "html"}
SUFFIXES |= {".htm": "html", ".xhtml": "html", ".pdf": "pdf", ".docx": "docx"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    WORD: "docx",
}
MEDIA |= {"text/markdown": "md", "text/csv": "csv", "text/plain": "txt"}
VAGUE = {
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "text/plain",
}  # the name knows better
KNOWN = "md, txt, html, pdf, docx and csv"


def of_name(name: str) -> str:
    """Return the format of a file by its suffix, or nothing."""
    return SUFFIXES.get(PurePath(name).suffix.lower(), "")


def of_content(name: str, data: bytes) -> str:
    """
    Return the format of a document by its bytes, and of text by its name.

    Raises:
        Unreadable: it is none that can be read, or not what its name says.
    """
    said = of_name(name)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "docx"  # or something else that is packed, which its reader says
    if said in {"pdf", "docx"}:
        raise Unreadable(f"its name says {said}, and its content is something else; save it anew")
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if not said or (b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise Unreadable(f"it is none of {KNOWN}")
    return said


def of_media(media: str, path: str) -> str:
    """
    Return the format of what a server sent.

    Raises:
        Unreadable: it is of another kind.
    """
    kind = (of_name(path) if media in VAGUE else "") or MEDIA.get(media, "")
    if not kind:
        raise Unreadable(f"the server calls it {media or 'nothing'!r}; known are {KNOWN}")
    return kind


def read(kind: str, data: bytes, name: str, charset: str = "") -> Document:
    """
    Read a document.

    Args:
        kind: one of READERS.
        name: what it is called where it does not say so itself.
        charset: what a server said that it is written in; only HTML listens.

    Raises:
        Unreadable: why it cannot be taken.
    """
    module, _, function = READERS[kind].partition(":")
    try:
        reader: Callable[..., Document] = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        raise Unreadable(
            f"{kind} needs an extra; install it with: pip install 'frontdesk[import]'"
        ) from error
    return reader(data, name, charset) if kind == "html" else reader(data, name)
