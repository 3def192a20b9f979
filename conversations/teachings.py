"""
What operators have taught: the fold of their answers, their labels, and what they took back.

A question belongs to whoever spoke of it last: a later answer or a label of another intent takes it over, and a teaching
that has lost all its questions is no longer in force. A label with the intent of the answer leaves the answer as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from conversations.events import Heard, Recorded
from conversations.lessons import Labelled, PageSaved, Taught, Unlabelled, Untaught
from conversations.text import normalised
from conversations.versions import Saved, saved

TAUGHT = "taught-"  # how the ids of taught answers begin, and of the templates that become of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """
    Questions that mean an intent, empty for out of scope, on an operator's word; with a `text` also their answer.

    `teaching_id` of a label is the id of the message that it is about, as is `message_id`; that of a question in the desk's files has
    no message.
    """

    teaching_id: str
    operator: str
    at: datetime
    intent: str
    questions: tuple[str, ...]
    text: str = ""
    title: str = ""
    needs: tuple[str, ...] = ()
    message_id: str = ""

    @property
    def of_files(self) -> bool:
        """Whether it says what a question means that stands in the desk's files, and answers nothing."""
        return not self.text and not self.message_id

    @property
    def template(self) -> dict[str, Any]:
        """The answer as a row of a template file (`retrieval.templates`), under the teaching's own id."""
        return {
            "id": self.teaching_id,
            "intent": self.intent,
            "title": self.title,
            "text": self.text,
            "needs": list(self.needs),
            "questions": list(self.questions),
        }


@dataclass(frozen=True, slots=True)
class Teachings:
    """
    What is in force after the event `seq` of the log, in the order it was taught.

    `undone` are the answers that were taken back or taken over: a Release may hold them still. `saved` are the versions of
    answer templates, `pages` the last that operators did to each knowledge page, by its name.
    """

    in_force: tuple[Teaching, ...] = ()
    undone: tuple[Teaching, ...] = ()
    seq: int = 0
    saved: Saved = field(default_factory=Saved)
    pages: Mapping[str, PageSaved] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Teaching, ...]:
        return tuple(teaching for teaching in self.in_force if teaching.text)

    @property
    def corrections(self) -> tuple[Teaching, ...]:
        """What operators say of questions that stand in the desk's files."""
        return tuple(teaching for teaching in self.in_force if teaching.of_files)

    def about(self, question: str) -> Teaching | None:
        """Return the teaching that a question belongs to."""
        sought = normalised(question)
        return next(
            (t for t in self.in_force if sought in map(normalised, t.questions)),
            None,
        )


def teachings(recorded: Iterable[Recorded]) -> Teachings:
    """Return what the log's teachings, given in its order (`Reader.teachings`), come to."""
    heard: dict[str, str] = {}
    labels: dict[str, dict[str, Teaching]] = {}  # by message, those of each operator that stand
    taught: dict[str, Teaching] = {}
    pages: dict[str, PageSaved] = {}
    answers, seq = list[Teaching](), 0
    entries = list(recorded)
    for entry in entries:
        if isinstance(entry.event, Heard):
            heard[entry.event.message_id] = entry.event.text
            continue
        seq = entry.seq
        match entry.event:
            case Taught() as event:
                one = _answer(event, entry.at)
                answers += [one] if one.text else []
                taught[event.teaching_id] = one
            case Labelled() as event if heard.get(event.message_id, "").strip():
                label = _label(event, heard[event.message_id], entry.at)
                _stand(taught, labels.setdefault(event.message_id, {}), event.operator, label)
            case Unlabelled(message_id=message_id, operator=operator):
                taught.pop(message_id, None)
                _stand(taught, labels.get(message_id, {}), operator, None)
            case Untaught(teaching_id=teaching_id):
                taught.pop(teaching_id, None)
            case PageSaved() as page:
                pages[page.page] = page
            case _:
                pass
    in_force = _owned(taught.values())
    held = {teaching.teaching_id for teaching in in_force}
    undone = tuple(a for a in answers if a.teaching_id not in held)
    return Teachings(in_force, undone, seq, saved(entries), pages)


def _stand(
    taught: dict[str, Teaching],
    standing: dict[str, Teaching],
    operator: str,
    label: Teaching | None,
) -> None:
    """Put an operator's label of a message in place, or away; the last one that stands is in force, as if said last."""
    standing.pop(operator, None)
    if label is not None:
        standing[operator] = label
    if standing:
        last = next(reversed(standing.values()))
        taught.pop(last.teaching_id, None)
        taught[last.teaching_id] = last


def _answer(event: Taught, at: datetime) -> Teaching:
    return Teaching(
        teaching_id=event.teaching_id,
        operator=event.operator,
        at=at,
        intent=event.intent,
        questions=event.questions,
        text=event.text,
        title=event.title,
        needs=event.needs,
        message_id=event.message_id,
    )


def _label(event: Labelled, text: str, at: datetime) -> Teaching:
    return Teaching(
        teaching_id=event.message_id,
        operator=event.operator,
        at=at,
        intent=event.intent,
        questions=(text,),
        message_id=event.message_id,
    )


def _owned(taught: Iterable[Teaching]) -> tuple[Teaching, ...]:
    """Return the teachings, given in order, with the questions that are still theirs, without those that have none left."""
    owners: dict[str, Teaching] = {}
    in_order = tuple(taught)
    for teaching in in_order:
        for question in map(normalised, teaching.questions):
            owner = owners.get(question)
            if owner is None or teaching.text or owner.intent != teaching.intent:
                owners[question] = teaching
    kept = (
        replace(one, questions=tuple(q for q in one.questions if owners[normalised(q)] is one))
        for one in in_order
    )
    return tuple(teaching for teaching in kept if teaching.questions)
