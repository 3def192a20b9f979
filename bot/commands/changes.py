"""What changes for customers, for people to read: both wordings, and questions as examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from conversations.questions import Question

if TYPE_CHECKING:
    from bot.replay import Answer

LINE = 160  # characters of a wording that are shown


def show(before: Answer, after: Answer, times: int, examples: Iterable[Question]) -> None:
    """Say one change: how often, from what to what, both wordings where they differ, and some questions."""
    click.echo(f"\n{times:,} x  {before} -> {after}")
    for sign, one, other in (("-", before, after), ("+", after, before)):
        for line in _wordings(one.said, other.said):
            click.echo(f"  {sign} {line}")
    for example in examples:
        often = f"  ({example.times:,} x)" if example.times > 1 else ""
        click.echo(f"    {' '.join(example.text.split())}{often}")


def _wordings(said: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> Iterator[str]:
    for channel, text in said:
        if (channel, text) not in other:
            where = f"on {channel}: " if channel else ""
            line = f"{where}{' '.join(text.split())}"
            yield line if len(line) <= LINE else f"{line[: LINE - 1]}…"
