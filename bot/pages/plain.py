"""Text and Markdown as pages; what they are written in has to be UTF-8, or to say that it is not."""

from __future__ import annotations

import codecs
import re

from bot.pages.document import HEADING, Document, Unreadable, checked, document, one_line, tidy
from bot.pages.markup import without_html
from retrieval import frontmatter
from retrieval.passages import ASKED

STRIPPED = "raw HTML in it was taken out, scripts with all that they hold"
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
HEADLINE = re.compile(r"\A([^\n]{1,80}[^\n.:;,!?。：；，！？])\n[ \t]*\n")  # noqa: RUF001 - Chinese has its own punctuation


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """
    Return the text.

    Args:
        encoding: what it says of itself; a byte order mark knows better.

    Raises:
        Unreadable: it is not of that encoding.
    """
    mark = next((name for bytes_, name in MARKS.items() if data.startswith(bytes_)), encoding)
    try:
        return data.decode(mark)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = error.start - data.rfind(b"\n", 0, error.start)
        name = "UTF-8" if mark.startswith("utf-8") else mark
        raise Unreadable(f"line {line}: byte {byte} is not {name}; save it as UTF-8") from error
    except LookupError as error:
        raise Unreadable(
            f"it names the encoding {one_line(mark)[:40]!r}, which is not known; save it as UTF-8"
        ) from error


def text(data: bytes, name: str) -> Document:
    """Read plain text: a short first line for itself is its title."""
    body = tidy(decoded(data))
    if headline := HEADLINE.match(f"{body}\n"):
        return document(headline[1].lstrip("# "), body[headline.end() :])
    return document(name, body)


def markdown(data: bytes, name: str) -> Document:
    """
    Read Markdown, which stays as it is but for raw HTML; what people ask stays, in its comments. Its front matter may say its title and
    where it stands on the web.
    """
    fields, written = frontmatter.split(tidy(decoded(data)))
    parts = enumerate(ASKED.split(written))
    body = tidy("".join(part if place % 2 else without_html(part) for place, part in parts))
    first = next((heading[2] for heading in HEADING.finditer(body) if len(heading[1]) == 1), "")
    title = one_line(fields.get("title", "") or first or name)
    page = body.strip() if first else f"# {title}\n\n{body.strip()}"
    url = frontmatter.web_address(fields.get("url", ""))
    note = STRIPPED if body != tidy(written) else ""
    return Document(title, checked(f"{page}\n", body), url, note)
