"""What a desk's log says to a night: lessons, taught answers, the audit of labels, and messages that nobody labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from conversations.adoption import ADOPTED
from conversations.audit import Audit, audit
from conversations.events import ActionKind, Visitor
from conversations.labels import Lesson, lessons_in
from conversations.ledger import Ledger, Said
from conversations.reader import Reader
from conversations.teachings import Teaching, teachings
from conversations.text import normalised
from conversations.versions import Saved
from finetune.answers import readable, with_taught
from finetune.saved import with_saved
from retrieval.templates import Template

LATEST = 5_000  # messages without a label; a trial hears no more of them
PER_VISITOR = 5  # of these, as of lessons: nobody's way of speaking becomes everybody's


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What a log says.

    `visitors` are those of the conversations that teach something, by the conversation, without their network where it tells
    nothing; `messages` are customers' own words, each once, the latest first.
    """

    lessons: Sequence[Lesson] = ()
    visitors: Mapping[str, Visitor] = field(default_factory=dict)
    answers: Sequence[Teaching] = ()
    saved: Saved = field(default_factory=Saved)
    audit: Audit = field(default_factory=Audit)
    messages: Sequence[str] = ()


def heard_in(database: Path, templates: Sequence[Template], now: datetime) -> Heard:
    """
    Read a desk's log; where there is none, nothing was heard.

    Raises:
        LogError: it cannot be read.
    """
    if not database.is_file():
        return Heard()
    with Reader.open(database) as log:
        log.refuse_damaged()
        known = teachings(log.teachings())
        answers, templates = readable(known.answers), with_saved(templates, known.saved)
        ledger = Ledger.of(log.events())
        taught = lessons_in(ledger, _intents_of(with_taught(templates, answers)))

        def visitor_of(conversation_id: str) -> str:
            visitor = log.visitor_of(conversation_id)
            return visitor.visitor_id if visitor else ""

        visitors = log.visitors({lesson.conversation_id for lesson in taught})
        return Heard(
            taught,
            visitors,
            answers,
            known.saved,
            audit(ledger, now),
            unlabelled(ledger, visitor_of),
        )


def unlabelled(ledger: Ledger, visitor_of: Callable[[str], str]) -> list[str]:
    """
    Return messages of customers that no operator labelled, each wording once, the latest first.

    Left out are taps, what was said to a person, and what one visitor says beyond PER_VISITOR messages. Of a conversation from
    elsewhere, where a person answered everything, the first message counts.
    """
    told = {
        normalised(ledger.said[one].heard.text) for one in ledger.labels if ledger.label_of(one)
    }
    by_visitor: Counter[str] = Counter()
    found: dict[str, str] = {}
    for said in sorted(_own_words(ledger), key=lambda said: -said.seq):
        words = normalised(said.heard.text)
        if not words or words in told or words in found:
            continue
        visitor = visitor_of(said.conversation_id)
        if by_visitor[visitor] < PER_VISITOR:
            by_visitor[visitor] += 1
            found[words] = said.heard.text
        if len(found) == LATEST:
            break
    return list(found.values())


def _own_words(ledger: Ledger) -> list[Said]:
    """Return what customers said to the bot, and what they opened conversations from elsewhere with."""
    found, opened = [], set[str]()
    for said, decided in ledger.decisions():
        if decided.event.action is not ActionKind.SILENT:
            if said.heard.own_words:
                found.append(said)
        elif decided.event.reason == ADOPTED and said.conversation_id not in opened:
            opened.add(said.conversation_id)
            found.append(said)
    return found


def _intents_of(templates: Sequence[Template]) -> dict[str, str]:
    """Return what an operator who answers with a template says by it, by its id and by its words."""
    by_words = {normalised(t.text): t.intent for t in templates if not t.hands_off}
    return by_words | {t.id: t.intent for t in templates}
