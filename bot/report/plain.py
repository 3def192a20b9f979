"""The report as plain text, for a terminal and for whoever reads mail without pages."""

from __future__ import annotations

from textwrap import wrap

from bot.report.facts import Facts
from bot.report.sections import Line, Section, sections
from bot.report.wording import NAMES, days, lead, title

WIDE = 78  # characters of a line
GAP = 2  # between columns
BAR = 24  # characters of the longest


def as_text(facts: Facts) -> str:
    """Return the report, columns side by side; what the figures mean stands at its end."""
    head = f"{title(facts)}\n{days(facts)}\n\n{_wrapped(lead(facts))}"
    meant = facts.numbers["definitions"]
    meanings = [_wrapped(f"{NAMES[name]}: {meant[name]}") for name in NAMES if name in meant]
    ends = "\n".join([*_headed("What the figures mean"), *meanings])
    return "\n\n".join([head, *map(_text, sections(facts)), ends]) + "\n"


def _headed(words: str) -> list[str]:
    return [words, "-" * len(words)]


def _wrapped(words: str) -> str:
    return "\n".join(wrap(words, WIDE, subsequent_indent="  " if ": " in words[:60] else ""))


def _text(section: Section) -> str:
    top = _headed(section.title)
    if section.about:
        top.append("\n".join(wrap(section.about, WIDE)))
    if not section.lines:
        return "\n".join([*top, section.instead])
    rows = [line.cells for line in section.lines]
    if section.counts:
        return "\n".join([*top, *_table(section, [section.head, *rows])])
    return "\n".join([*top, *(_folded("  ".join(row)) for row in rows)])


def _table(section: Section, rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows whose numbers stand below each other; a long first cell goes on below itself."""
    numbers = [max(len(row[at]) for row in rows) for at in range(1, len(section.head))]
    room = WIDE - sum(numbers) - GAP * len(numbers)
    first = min(room, max(len(row[0]) for row in rows))
    lines: list[Line | None] = [None, *section.lines]
    return [_row(row, line, first, numbers) for row, line in zip(rows, lines, strict=True)]


def _row(row: tuple[str, ...], line: Line | None, first: int, numbers: list[int]) -> str:
    begin, *more = wrap(row[0], first) or [""]
    cells = (f"{cell:>{width + GAP}}" for cell, width in zip(row[1:], numbers, strict=True))
    shown = begin.ljust(first) + "".join(cells)
    if line and line.colour == "days" and line.part:
        shown += "  " + "\N{FULL BLOCK}" * max(1, round(line.part * BAR))
    notes = wrap(line.note, WIDE - GAP) if line and line.note and len(row) == 2 else []
    return "\n".join([shown.rstrip(), *more, *(" " * GAP + note for note in notes)])


def _folded(words: str) -> str:
    return "\n".join(wrap(words, WIDE, subsequent_indent="    "))
