"""
A knowledge page as HTML that customers can read whole: the same words that are quoted to them, and nothing that runs.

Raw HTML never gets through: it is taken out first, and what is left of it is escaped.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from markdown_it import MarkdownIt

from bot.pages.markup import without_html
from retrieval import frontmatter

FRAME = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="color-scheme" content="light dark">
<link rel="icon" href="../static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../static/knowledge.css">
</head>
<body>
<main dir="auto">
{body}</main>
</body>
</html>
"""
LEADS = re.compile(
    r"(?:https?|mailto|tel):|[^:/?#]*(?:[/?#]|$)", re.IGNORECASE
)  # or without a scheme, on the desk's own server


class Spoken(MarkdownIt):
    """Markdown whose links lead where customers may go; one that leads elsewhere stands there as text."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library calls it so
        return LEADS.match(url) is not None


SPOKEN = Spoken("commonmark", {"html": False}).enable("table").disable("image")


def page_file(desk: Path, name: str) -> Path | None:
    """Return the page of the desk in the folder `desk` that has this name; None where there is none, or it lies elsewhere."""
    if not name or name.startswith(".") or not name.isprintable() or set(name) & {"/", "\\"}:
        return None
    folder = (desk / "pages").resolve()
    try:
        file = (folder / f"{name}.md").resolve()
        return file if file == folder / f"{name}.md" and file.is_file() else None
    except OSError:  # a name that no file can have
        return None


def shown(text: str, name: str, desk: str, language: str) -> str:
    """
    Return a page as HTML.

    Args:
        text: the page's file.
        name: what it is called where it does not say so itself.
        desk: the desk's name.
        language: a language tag.
    """
    fields, written = frontmatter.split(text)
    tokens = SPOKEN.parse(without_html(written))
    inner = (tokens[n + 1] for n, token in enumerate(tokens) if token.tag == "h1")
    first = next((heading.content for heading in inner), "")
    title = fields.get("title", "") or first or name.replace("-", " ").capitalize()
    body = SPOKEN.renderer.render(tokens, SPOKEN.options, {})
    head = "" if first else f"<h1>{html.escape(title)}</h1>\n"
    return _framed(f"{title} - {desk}", head + body, language)


def missing(name: str, desk: str) -> str:
    """Return the page that says that there is no such page."""
    sentence = f"There is no page {name!r} here; it may have a new name. Ask at the desk instead."
    return _framed(desk, f"<h1>No such page</h1>\n<p>{html.escape(sentence)}</p>\n", "en")


def _framed(title: str, body: str, language: str) -> str:
    return FRAME.format(title=html.escape(title), body=body, language=html.escape(language))
