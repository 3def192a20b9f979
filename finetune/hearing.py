"""What a desk's log says to a night: lessons, taught answers, the audit of labels, and messages that nobody labelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from conversations.audit import Audit, audit, lot
from conversations.events import ActionKind, Visitor
from conversations.evidence import only_turns_down, opens_adopted
from conversations.labels import Lesson, taught_in
from conversations.ledger import Ledger, Said
from conversations.likeness import Likeness
from conversations.reader import Reader
from conversations.teachings import Teaching, teachings
from conversations.text import normalised
from conversations.versions import Saved
from finetune.answers import readable, with_taught
from finetune.saved import with_saved
from finetune.sources import Sources
from retrieval.templates import Template

MOST = 5_000  # messages without a label; a trial hears no more of them
PER_TWINS = 3  # of these that nearly say the same


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What a log says.

    `left_out` says which utterances teach nothing though something speaks for an intent of theirs, and why; `visitors` are those of the
    conversations that teach something, by the conversation, without their network where it tells nothing; `messages` are customers' own words, each once, as they were drawn; `corrections` say what questions of the desk's files mean;
    `pages` are the ids of what operators did last to each knowledge page.
    """

    lessons: Sequence[Lesson] = ()
    left_out: Sequence[str] = ()
    visitors: Mapping[str, Visitor] = field(default_factory=dict)
    answers: Sequence[Teaching] = ()
    corrections: Sequence[Teaching] = ()
    saved: Saved = field(default_factory=Saved)
    pages: Sequence[str] = ()
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
        taught = taught_in(ledger, _intents_of(with_taught(templates, answers)))
        own = _own_words(ledger)
        visitors = log.visitors(
            {lesson.conversation_id for lesson in taught.lessons}
            | {said.conversation_id for said in own}
        )
        return Heard(
            taught.lessons,
            taught.left_out,
            visitors,
            answers,
            known.corrections,
            known.saved,
            [page.change_id for page in known.pages.values()],
            audit(ledger, now),
            _overheard(own, visitors, _told(ledger)),
        )


def _told(ledger: Ledger) -> set[str]:
    """Return the words that operators labelled."""
    return {
        normalised(ledger.said[one].heard.text) for one in ledger.labels if ledger.label_of(one)
    }


def _overheard(
    own: Sequence[Said], visitors: Mapping[str, Visitor], told: Collection[str]
) -> list[str]:
    """
    Draw messages of customers that no operator labelled, each wording once.

    They are drawn by their ids, which nobody chooses: where the latest were taken, whoever sends many could crowd all others out. Left
    out is what one visitor or one network says beyond its share (`finetune.sources`), and what nearly says the same as PER_TWINS others.
    """
    drawn = sorted(own, key=lambda said: lot(said.heard.message_id))
    like, sources, found = Likeness(said.heard.text for said in own), Sources(), dict[str, str]()
    for said in drawn:
        text, visitor = said.heard.text, visitors.get(said.conversation_id)
        words = normalised(text)
        if visitor is None or not words or words in told or words in found:
            continue
        if sources.exhausted(visitor) or like.of(text) >= PER_TWINS:
            continue
        sources.add(visitor)
        like.add(text)
        found[words] = text
        if len(found) == MOST:
            break
    return list(found.values())


def _own_words(ledger: Ledger) -> list[Said]:
    """
    Return what customers said to the bot, and what they opened conversations from elsewhere with.

    Taps are left out, what only turned an answer down, and what was said to a person: of a conversation from elsewhere a person answered all but the first message.
    """
    found = []
    for said, decided in ledger.decisions():
        if decided.event.action is not ActionKind.SILENT:
            if said.heard.own_words and not only_turns_down(said, decided.event):
                found.append(said)
        elif opens_adopted(ledger, said, decided.event):
            found.append(said)
    return found


def _intents_of(templates: Sequence[Template]) -> dict[str, str]:
    """Return what an operator who answers with a template says by it, by its id and by its words."""
    by_words = {normalised(t.text): t.intent for t in templates if not t.hands_off}
    return by_words | {t.id: t.intent for t in templates}
