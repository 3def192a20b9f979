"""Telegram's HTML, parsed as strictly as the Bot API does: what it refuses, this refuses in its words."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)(?P<attributes>[^<>]*)>")
HREF = re.compile(r"""\s*href\s*=\s*(?:"([^"]*)"|'([^']*)')\s*""")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


class CannotParse(Exception):
    """The description of the 400 that the Bot API answers."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Bad Request: can't parse entities: {why}")


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted stretch; offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""

    def as_json(self) -> dict[str, object]:
        body: dict[str, object] = {"type": self.type, "offset": self.offset, "length": self.length}
        return body | ({"url": self.url} if self.url else {})


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    offset: int
    url: str


def units(text: str) -> int:
    """Return the length as Telegram counts it: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(source: str) -> tuple[str, tuple[Entity, ...]]:
    """
    Return the text that a reader sees, and its formatting.

    Raises:
        CannotParse: a tag is unknown, unclosed, or closed out of order.
    """
    visible, seen = "", 0  # and its length in UTF-16 units
    open_tags: list[_Open] = []
    entities: list[Entity] = []
    at = 0
    while (less := source.find("<", at)) >= 0:
        shown = _unescaped(source[at:less])
        visible, seen = visible + shown, seen + units(shown)
        tag = TAG.match(source, less)
        if tag is None:
            raise CannotParse(_not_a_tag(source[less:], _where(source, less)))
        if tag["close"]:
            entities.append(_closed(open_tags, tag["name"].lower(), seen, _where(source, less)))
        else:
            open_tags.append(_opened(tag, seen, _where(source, less)))
        at = tag.end()
    if open_tags:
        raise CannotParse(f"Can't find end tag corresponding to start tag {open_tags[-1].name}")
    return visible + _unescaped(source[at:]), tuple(e for e in entities if e.length)


def _where(source: str, at: int) -> int:
    """Return a place as the Bot API names it, in bytes."""
    return len(source[:at].encode())


def _unescaped(text: str) -> str:
    return ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _not_a_tag(rest: str, where: int) -> str:
    if ">" not in rest:
        return f"Unclosed start tag at byte offset {where}"
    name = re.split(r"[\s>]", rest[1:], maxsplit=1)[0]
    return f'Unsupported start tag "{name}" at byte offset {where}'


def _opened(tag: re.Match[str], offset: int, where: int) -> _Open:
    name = tag["name"].lower()
    if name not in TAGS:
        raise CannotParse(f'Unsupported start tag "{name}" at byte offset {where}')
    href = HREF.fullmatch(tag["attributes"]) if name == "a" else None
    return _Open(name, offset, (href[1] or href[2] or "") if href else "")


def _closed(open_tags: list[_Open], name: str, end: int, where: int) -> Entity:
    if not open_tags:
        raise CannotParse(f"Unexpected end tag at byte offset {where}")
    opened = open_tags.pop()
    if opened.name != name:
        raise CannotParse(
            f'Unmatched end tag at byte offset {where}, expected "</{opened.name}>", found "</{name}>"'
        )
    return Entity(TAGS[name], opened.offset, end - opened.offset, opened.url)
