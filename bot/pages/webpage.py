"""
HTML as a page: its headings, paragraphs, lists and tables; the only module that knows lxml.

What is around the text (navigation, headers, footers, forms) is left out where the page says so by its elements, roles or
usual class names. Folded answers are text like any other, since help pages fold most of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from bot.pages.document import Document, Unreadable, document, one_line, table
from bot.pages.markup import NEVER
from bot.pages.plain import decoded

Element = Any  # lxml has no types

HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"summary": 4, "dt": 4, "legend": 4}
# fmt: off
BLOCKS = {
    "p", "div", "section", "article", "main", "body", "dd", "details", "figure", "figcaption", "address",
    "blockquote", "center", "fieldset", "ul", "ol", "dl", "pre", "hr", "html", "form", "header"}
APART = {"br", "li", "td", "th", "tr", "dt", "summary", "table", "tbody", "thead"}
# Where an item or a cell holds one of these, a list or a table only lays things out.
WITHIN = {"h1", "h2", "h3", "h4", "h5", "h6", "table", "details", "dl", "pre", "button"}
# fmt: on
AROUND = {"nav", "footer", "aside", "menu"}
ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"}
CLASSES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|topbar|footer|cookies?|consent|share|social|skip)"
    r"(?:$|[\s_-])"
)
BULK = 0.4  # of all text: what holds so much is the text, whatever its class is called, such as "with-sidebar"
CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses text that names its own encoding
MAX_DEPTH = 300  # elements within elements; what is deeper is taken as one run of text
MAX_LISTS = 12  # lists within lists, the same


def page(data: bytes, name: str, charset: str = "") -> Document:
    """
    Read HTML.

    Args:
        charset: what the server said it is written in, which wins over what the page says.

    Raises:
        Unreadable: it is no HTML, in an encoding that it does not name, or without text.
    """
    said = CHARSET.search(data[:4096])
    encoding = charset or (said[1].decode("ascii") if said else "utf-8")
    root = _parsed(DECLARED.sub("", decoded(data, encoding)))
    called = one_line(root.findtext(".//title") or "")
    etree.strip_elements(root, *NEVER, with_tail=False)
    body = root.find("body") if root.tag == "html" else root
    text = _main(root if body is None else body)
    written = _Writer(BULK * _amount(text))
    written.read(text)
    return document(_title(root) or called or name, written.markdown())


def _parsed(text: str) -> Element:
    try:
        return html.document_fromstring(
            text, parser=html.HTMLParser(no_network=True, huge_tree=False)
        )
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("it holds no text") from error


def _main(body: Element) -> Element:
    """Return the element that says it holds the text, where there is just one, else all of it."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = body.findall(path)
        if len(found) == 1 and one_line("".join(found[0].itertext())):
            return found[0]
    return body


def _title(root: Element) -> str:
    """Return the only heading of the first level, if there is one."""
    first = [_inline(heading) for heading in root.iter("h1")]
    return first[0] if len(first) == 1 else ""


def _is_around(element: Element, bulk: float) -> bool:
    """Whether an element holds what is around the text; what has a page's first heading or the bulk of it does not."""
    if element.tag in AROUND or element.get("role") in ROLES:
        return True
    if element.tag == "header":  # of the page, not of an article on it
        return next(element.iterancestors("main", "article", "section"), None) is None
    said = f"{element.get('class', '')} {element.get('id', '')}".casefold()
    if element.tag != "form" and not CLASSES.search(said):
        return False
    return element.find(".//h1") is None and _amount(element) < bulk


def _amount(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _opens(element: Element) -> bool:
    """Whether a button is the headline of what it unfolds."""
    return bool(element.get("aria-expanded") or element.get("aria-controls"))


@dataclass(slots=True)
class _Writer:
    """
    Reads elements in order and keeps the blocks that they come to.

    `bulk`: characters; what holds as many is never left out for its class.
    """

    bulk: float
    blocks: list[str] = field(default_factory=list)
    line: str = ""

    def markdown(self) -> str:
        self._end()
        return "\n\n".join(self.blocks)

    def read(self, element: Element, depth: int = 0) -> None:
        """Read the inside of an element."""
        if depth > MAX_DEPTH:
            self.line += f" {_inline(element)} "
            return
        self.line += _spaced(element.text)
        for child in element:
            if isinstance(child.tag, str):  # else a comment, or a processing instruction
                self._child(child, depth + 1)
            self.line += _spaced(child.tail)

    def _child(self, child: Element, depth: int) -> None:
        tag = child.tag
        if tag in HEADINGS or (tag == "button" and _opens(child)):
            self._block(f"{'#' * HEADINGS.get(tag, 4)} {_inline(child)}" if _inline(child) else "")
        elif tag == "button" or _is_around(child, self.bulk):
            return
        elif tag == "br":
            self.line = f"{self.line.rstrip(' ')}\n"
        elif tag == "table" and (rows := _rows(child)):
            self._block(table(rows))
        elif tag in {"ul", "ol"} and (items := _list(child)):
            self._block("\n".join(items))
        elif tag == "pre":
            self._block("".join(child.itertext()).strip("\n"))
        elif tag in BLOCKS or tag in APART:
            self._end()
            self.read(child, depth)
            self._end()
        else:
            self.read(child, depth)

    def _block(self, text: str) -> None:
        self._end()
        if text.strip():
            self.blocks.append(text.strip())

    def _end(self) -> None:
        lines = (one_line(line) for line in self.line.split("\n"))
        if text := "\n".join(line for line in lines if line):
            self.blocks.append(text)
        self.line = ""


def _lays_out(element: Element, tags: Set[str]) -> bool:
    return any(inner is not element for inner in element.iter(*tags))


def _rows(element: Element) -> list[list[str]]:
    """Return the rows of a table of data, nothing where it only lays things out."""
    if _lays_out(element, WITHIN | {"ul", "ol"}):
        return []
    rows = (
        [_inline(cell) for cell in row if cell.tag in {"td", "th"}] for row in element.iter("tr")
    )
    return [row for row in rows if any(row)]


def _list(element: Element) -> list[str]:
    """Return the lines of a list, nothing where it only lays things out, as cards or questions that unfold."""
    return [] if _lays_out(element, WITHIN) else list(_items(element, 0))


def _items(element: Element, depth: int) -> Iterator[str]:
    """Yield the lines of a list, lists within it indented."""
    for number, item in enumerate(element.findall("li"), start=1):
        inner = [c for c in item if c.tag in {"ul", "ol"}] if depth < MAX_LISTS else []
        if text := _inline(item, inner):
            mark = f"{number}." if element.tag == "ol" else "-"
            yield f"{'  ' * depth}{mark} {text}"
        for below in inner:
            yield from _items(below, depth + 1)


def _inline(element: Element, without: Sequence[Element] = ()) -> str:
    return one_line("".join(_texts(element, without)))


def _texts(element: Element, without: Sequence[Element]) -> Iterator[str]:
    """Yield the text inside an element, a blank where a block within it begins or ends; not by recursion."""
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, at in walk:
        apart = " " if at.tag in BLOCKS or at.tag in APART else ""
        if event == "start" and at in without:
            walk.skip_subtree()
        elif event == "start":
            yield f"{apart}{at.text or ''}"
        elif at is not element:
            yield f"{apart}{at.tail or ''}"


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
