"""
New topics among a desk's unanswered questions, for the console's review: which messages each has, and nothing that they say.

What operators dismissed takes part in the clustering. A topic of which that is half or more has been looked at, and is not proposed
again until as many others ask it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conversations.ledger import Ledger
from conversations.reader import Reader
from conversations.review import Ticket, tickets
from finetune.mining.errors import TooFewRequests
from finetune.mining.known import Known
from finetune.mining.mine import mine
from finetune.mining.speech import Message, Speech
from finetune.mining.topics import key
from finetune.progress import Watch
from finetune.sentences import sentence
from retrieval.encoder import Encoder

MOST = 5_000  # wordings that are looked at, the latest; reading them takes some minutes
SEEN = 0.5  # of a topic's wordings that were dismissed, from which the topic was


@dataclass(frozen=True, slots=True)
class Proposed:
    """A topic: `messages` are the ids of utterances, one for each wording, the most central first."""

    name: str
    title: str
    words: Sequence[str]
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The topics, the largest first; `looked_at` wordings were read, and `note` says why there is none where that can be told."""

    topics: Sequence[Proposed] = ()
    looked_at: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def new_topics(database: Path, encoder: Encoder, known: Known, watch: Watch) -> Found:
    """
    Find the topics of what the bot did not understand, or answered wrongly, and nobody has labelled.

    Raises:
        LogError: the log cannot be read.
    """
    with Reader.open(database) as log:
        ledger = Ledger.of(log.events())
    unanswered = [one for one in tickets(ledger, dismissed=True) if one.missed][:MOST]
    open_ = {one.message_id for one in tickets(ledger) if one.missed}
    speech = Speech([Message(" ".join(o.text.split()), _opens(o, ledger)) for o in unanswered])
    try:
        mined = mine(speech, encoder, watch, known=known)
    except TooFewRequests as few:
        return Found((), len(unanswered), sentence(few))
    said = _by_key(unanswered)
    topics = []
    for topic in mined.topics:
        messages = [one for row in topic.rows for one in said[key(mined.requests[row].text)]]
        fresh = [one for one in messages if one in open_]
        if len(messages) - len(fresh) >= SEEN * len(messages):
            watch.say(f"  {topic.title!r} was dismissed: left out")
        else:
            topics.append(Proposed(topic.name, topic.title, topic.words, fresh))
    return Found(sorted(topics, key=lambda one: -len(one.messages)), len(unanswered))


def _opens(ticket: Ticket, ledger: Ledger) -> bool:
    """Whether somebody began a conversation with it: what customers come with is mostly a request."""
    return any(ledger.opened.get(o.conversation_id) == o.heard.message_id for o in ticket.said)


def _by_key(unanswered: Sequence[Ticket]) -> Mapping[str, Sequence[str]]:
    """Return the messages by what wordings share that differ in numbers or punctuation alone."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in unanswered:
        found[key(one.text)].append(one.message_id)
    return found
