"""Telling people how far long work is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 10.0  # seconds between lines where there is no terminal

Advance = Callable[[int, int], None]  # (done, total)


class Watch(Protocol):
    """Who is told about stages and their progress."""

    def say(self, sentence: str) -> None: ...

    def stage(self, name: str) -> contextlib.AbstractContextManager[Advance]: ...


class Nobody:
    """For tests and callers who do not care."""

    def say(self, sentence: str) -> None:
        """Keep it to oneself."""

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        yield lambda done, total: None


class People:
    """Whoever sits at stderr."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    def say(self, sentence: str) -> None:
        # an intent or a path may hold brackets, which rich would take for its markup
        self._console.print(sentence, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        begun = time.monotonic()
        with self._bar(name) if self._console.is_terminal else self._lines(name) as advance:
            yield advance
        self.say(f"  {name}: done in {time.monotonic() - begun:.1f} s")

    @contextlib.contextmanager
    def _bar(self, name: str) -> Iterator[Advance]:
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(name, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    @contextlib.contextmanager
    def _lines(self, name: str) -> Iterator[Advance]:
        last = time.monotonic()

        def advance(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= EVERY:
                last = time.monotonic()
                self.say(f"  {name}: {done} of {total}")

        yield advance
