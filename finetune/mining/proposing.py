"""
New topics among a desk's unanswered questions, for the console's review: which messages each has, and nothing that they say.

What operators dismissed takes part in the clustering. A topic of which that is half or more has been looked at, and is not proposed
again until as many others ask it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conversations.review import Ticket
from finetune.mining.known import Known
from finetune.mining.mine import mine
from finetune.mining.topics import key
from finetune.mining.unanswered import Unanswered
from finetune.progress import Watch
from retrieval.encoder import Encoder

SEEN = 0.5  # of a topic's wordings that were dismissed, from which the topic was


@dataclass(frozen=True, slots=True)
class Proposed:
    """A topic: `messages` are the ids of utterances, one for each wording, the most central first."""

    name: str
    title: str
    words: Sequence[str]
    messages: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def new_topics(
    unanswered: Unanswered, encoder: Encoder, known: Known, watch: Watch
) -> list[Proposed]:
    """
    Return the new topics, the largest first.

    Raises:
        TooFewRequests: so few are unanswered that there is none.
    """
    mined = mine(unanswered.speech(), encoder, watch, known=known)
    said = _by_key(unanswered.tickets)
    found = []
    for topic in mined.topics:
        messages = [one for row in topic.rows for one in said[key(mined.requests[row].text)]]
        fresh = [one for one in messages if one in unanswered.waiting]
        if len(messages) - len(fresh) >= SEEN * len(messages):
            watch.say(f"  {topic.title!r} was dismissed: left out")
        else:
            found.append(Proposed(topic.name, topic.title, topic.words, fresh))
    return sorted(found, key=lambda one: -len(one.messages))


def _by_key(unanswered: Sequence[Ticket]) -> Mapping[str, Sequence[str]]:
    """Return the messages by what wordings share that differ in numbers or punctuation alone."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in unanswered:
        found[key(one.text)].append(one.message_id)
    return found
