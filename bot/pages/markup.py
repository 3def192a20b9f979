"""
Raw HTML within Markdown, taken out: customers would be quoted it as it stands.

What HTML pages are read without goes with all that is in it; of other elements the text stays. Code keeps what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

# fmt: off
NEVER = frozenset({
    "head", "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "canvas",
    "select", "option", "input", "textarea", "video", "audio", "map", "dialog"})
# fmt: on
EMPTY = {"embed", "input"}  # of these, what has no end
CODE = r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
COMMENT = r"<!--.*?(?:-->|(?=\n[ \t]*\n)|\Z)|<[!?][^<>]*>"
ELEMENT = (  # one that is never closed ends with its paragraph
    rf"<(?P<never>{'|'.join(sorted(NEVER - EMPTY))})\b[^<>]*>"
    r"(?:.*?</(?P=never)\s*>|.*?(?=\n[ \t]*\n|\Z))"
)
BREAK = r"(?P<break><br\s*/?>)"
TAG = r"</?[a-z][a-z0-9-]*(?:\s[^<>]*|/)?>"  # no address: <https://a.example> stays
RAW = re.compile("|".join((CODE, COMMENT, ELEMENT, BREAK, TAG)), re.IGNORECASE | re.DOTALL)
BLOCKS = MarkdownIt("commonmark")


def without_html(markdown: str) -> str:
    """Return Markdown without raw HTML; what has none comes back as it is."""
    plain = markdown
    while (less := "".join(_stretches(plain))) != plain:
        plain = less  # what was taken out may have parted a tag in two
    return plain


def _stretches(markdown: str) -> Iterator[str]:
    """Yield the text in stretches: blocks of code as they are, what lies between them without HTML."""
    lines, at = markdown.split("\n"), 0
    ends = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
    for token in BLOCKS.parse(markdown):
        if token.type in {"fence", "code_block"} and token.map:
            begin, end = token.map
            yield RAW.sub(_kept, "".join(ends[at:begin]))
            yield "".join(ends[begin:end])
            at = end
    yield RAW.sub(_kept, "".join(ends[at:]))


def _kept(found: re.Match[str]) -> str:
    return "\n" if found["break"] else found["code"] or ""
