"""What was found in another bot's project, and what of it could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversations.text import printable
from finetune.examples import MAX_TEXT, Example


class NoProject(Exception):
    """The file or folder is nothing of the kind; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other bot said to an intent."""

    intent: str
    text: str
    place: str


@dataclass(slots=True)
class Found:
    """
    What a reader gathers as it goes.

    `problems` says of everything that was left out where it stands and why.
    """

    examples: list[Example] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def example(self, text: str, intent: str, place: str) -> None:
        said = " ".join(printable(text).split())[:MAX_TEXT]
        self.examples.append(Example(said, printable(intent).strip(), place=place))

    def answer(self, intent: str, text: str, place: str) -> None:
        self.answers.append(Answer(printable(intent).strip(), printable(text).strip(), place))

    def problem(self, place: str, why: str) -> None:
        self.problems.append(f"{place}: {why}")
