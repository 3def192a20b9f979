"""
The report as a page that needs nothing else: a file, and what a mail shows.

Mail programs know little of CSS: tables carry the layout, and nothing is drawn that is not said in words, too. What customers wrote is
escaped, and never runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.report.facts import Facts
from bot.report.sections import Line, Section, sections, tiles
from bot.report.style import STYLE
from bot.report.wording import days, lead, title

HIGHEST = 96  # pixels of a column


def as_page(facts: Facts) -> str:
    """Return the report as an HTML page, light or dark as its reader's system is."""
    name = escape(title(facts))
    body = "".join(map(_section, sections(facts)))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(facts.desk)}</h1>"
        f'<p class="period">Week {escape(facts.week.name)}: {escape(days(facts))}</p><p class="lead">{escape(lead(facts))}</p>'
        f'<div class="tiles">{"".join(map(_tile, tiles(facts)))}</div>{body}{_links(facts)}</main></body></html>\n'
    )


def _tile(line: Line) -> str:
    name, now, before, moved = map(escape, line.cells)
    beside = f'<b class="{line.tone}">{moved}</b> from {before}' if moved else f"before: {before}"
    return f'<div class="tile"><p class="name">{name}</p><p class="value">{now}</p><p class="beside">{beside}</p></div>'


def _section(section: Section) -> str:
    heading = f"<h2>{escape(section.title)}</h2>"
    if section.about:
        heading += f'<p class="about">{escape(section.about)}</p>'
    if not section.lines:
        return f'<section>{heading}<p class="about">{escape(section.instead)}</p></section>'
    if section.lines[0].colour == "days":
        return f"<section>{heading}{_columns(section.lines)}</section>"
    stack = _stack(section.lines) if any(line.part for line in section.lines) else ""
    body = "".join(_line(section, line) for line in section.lines)
    kind = "counts" if section.counts else "words"
    table = f'<table class="{kind}"><thead><tr>{_head(section)}</tr></thead><tbody>{body}</tbody></table>'
    return f"<section>{heading}{stack}{table}</section>"


def _head(section: Section) -> str:
    return "".join(f'<th scope="col">{escape(cell)}</th>' for cell in section.head)


def _stack(lines: Sequence[Line]) -> str:
    """Return the parts of a whole, side by side."""
    cells = "".join(
        f'<td class="{line.colour}" width="{100 * line.part:.1f}%"></td>'
        for line in lines
        if line.part
    )
    return f'<table class="stack" role="presentation" aria-hidden="true"><tbody><tr>{cells}</tr></tbody></table>'


def _columns(lines: Sequence[Line]) -> str:
    """Return counts as columns beside each other, each as high as its part of the highest."""
    bars = "".join(
        f'<td>{escape(line.cells[1])}<div class="bar days" style="height:{round(HIGHEST * (line.part or 0))}px"></div></td>'
        for line in lines
    )
    names = "".join(f'<th scope="col">{escape(line.cells[0][:3])}</th>' for line in lines)
    return f'<table class="columns"><tbody><tr>{bars}</tr><tr>{names}</tr></tbody></table>'


def _line(section: Section, line: Line) -> str:
    first, *rest = line.cells
    dot = f'<span class="dot {line.colour}"></span>' if line.colour else ""
    tag = "th" if section.counts else "td"
    scope = ' scope="row"' if section.counts else ' class="at"'
    cells = "".join(
        f'<td{_class(line, place, len(rest))} dir="auto">{escape(cell)}</td>'
        for place, cell in enumerate(rest, 1)
    )
    row = f'<{tag}{scope} dir="auto">{dot}{escape(first)}</{tag}>{cells}'
    if not line.note:
        return f"<tr>{row}</tr>"
    wide = len(line.cells)
    return f'<tr class="noted">{row}</tr><tr><td colspan="{wide}" class="note">{escape(line.note)}</td></tr>'


def _class(line: Line, place: int, last: int) -> str:
    return f' class="{line.tone}"' if line.tone and place == last else ""


def _links(facts: Facts) -> str:
    if not facts.url:
        return ""
    week = f"?from={facts.week.first}&to={facts.week.last}"
    pages = (("Numbers", f"numbers{week}"), ("Review", "review"), ("Answers", "answers"), ("Releases", "releases"))  # fmt: skip
    console = f"{facts.url}/console/"
    links = [f'<a href="{escape(console + path)}">{name}</a>' for name, path in pages]
    return f'<p class="links">In the console: {", ".join(links)}</p>'
