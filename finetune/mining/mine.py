"""From what was said to what a first bot may know: small talk set aside, requests clustered into topics, replies into answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from finetune.examples import Example, distinct
from finetune.mining import answers
from finetune.mining.clusters import cluster
from finetune.mining.errors import FEWEST, TooFewRequests
from finetune.mining.known import Known
from finetune.mining.smalltalk import Ear, empty, phrases
from finetune.mining.speech import Speech
from finetune.mining.topics import Gist, Topic, gists, names_of, topics
from finetune.mining.variables import masked
from finetune.progress import Watch
from finetune.reading import read
from retrieval.centre import centred
from retrieval.encoder import Encoder
from retrieval.prediction import Floats2d

CHATTY = 0.5  # probability of small talk from which on a message is set aside
OPENING = (
    0.8  # for a message that opens a conversation: what somebody comes with is mostly a request
)
ASKED_BACK = (
    2  # of a conversation's messages before a reply that the reply may be to, the latest first
)


@dataclass(frozen=True)
class Mined:
    """
    What was found. `points` are (requests, dim) centred unit vectors of the distinct requests; `chat` are the distinct
    messages set aside, the most frequent first.
    """

    speech: Speech
    requests: Sequence[Gist]
    points: Floats2d
    topics: Sequence[Topic]
    chat: Sequence[Gist]
    proposals: Sequence[answers.Proposal]

    def examples(self) -> list[Example]:
        """Return the requests with the topic of each, topic by topic, the most central first."""
        found = [Example(self.requests[row].text, t.name) for t in self.topics for row in t.rows]
        return distinct(found)

    def as_json(self) -> dict[str, Any]:
        said = sum(gist.said for gist in self.requests)
        return {
            "conversations": self.speech.conversations,
            "messages": len(self.speech.messages),
            "requests": said,
            "distinct_requests": len(self.requests),
            "small_talk": len(self.speech.messages) - said,
            "replies": len(self.speech.replies),
            "templates": len(self.proposals),
            "topics": [topic.as_json() for topic in self.topics],
            "left_out": self.speech.left_out,
        }


def mine(
    speech: Speech, encoder: Encoder, watch: Watch, *, seed: int = 0, known: Known | None = None
) -> Mined:
    """
    Find the topics and the answers.

    Args:
        known: what the desk understands already; then only new topics are found.

    Raises:
        TooFewRequests: fewer than FEWEST distinct requests.
    """
    open_rows = [row for row, message in enumerate(speech.messages) if not message.settled]
    messages, of = gists((speech.messages[r].text, speech.messages[r].opening) for r in open_rows)
    vectors = read(encoder, [masked(gist.text) for gist in messages], "distinct messages", watch)
    asks = _asks(messages, vectors, Ear.of(encoder.encode(phrases())))
    if known:
        asks = asks[~np.asarray(known.answered([messages[row].text for row in asks]), dtype=bool)]
    if len(asks) < FEWEST:
        raise TooFewRequests.among(len(asks), len(open_rows))
    requests = [messages[row] for row in asks]
    points = centred(vectors[asks], vectors[asks].mean(axis=0))
    with watch.stage(f"clustering {len(requests):,} distinct requests"):
        found = topics(requests, points, cluster(points, seed), known.intents if known else ())
    if known:
        found = _new(found, requests, known, watch)
    place = {int(row): number for number, row in enumerate(asks)}
    topic_of = names_of(found)
    meant = [""] * len(speech.messages)
    for row, gist in zip(open_rows, of, strict=True):
        meant[row] = topic_of.get(place.get(gist, -1), "")
    chat = [gist for row, gist in enumerate(messages) if row not in place]
    proposals = _answers(speech, meant, found, encoder, watch)
    return Mined(speech, requests, points, found, sorted(chat, key=_by_use), proposals)


def _by_use(gist: Gist) -> tuple[int, str]:
    return -gist.said, gist.text


def _new(
    found: Sequence[Topic], requests: Sequence[Gist], known: Known, watch: Watch
) -> list[Topic]:
    """Return the topics that are none of the known intents."""
    new = []
    for topic in found:
        if intent := known.meant([requests[row].text for row in topic.rows]):
            watch.say(f"  {topic.title!r} is probably the known intent {intent!r}: left out")
        else:
            new.append(topic)
    return new


def _asks(messages: Sequence[Gist], vectors: Floats2d, ear: Ear) -> np.ndarray:
    """Return the rows of the messages that ask for something."""
    chatty = ear.chat(vectors)
    limits = np.asarray([OPENING if 2 * gist.opened > gist.said else CHATTY for gist in messages])
    hollow = np.asarray([empty(gist.text) for gist in messages], dtype=bool)
    return np.flatnonzero((chatty < limits) & ~hollow)


def _answers(
    speech: Speech, meant: Sequence[str], found: Sequence[Topic], encoder: Encoder, watch: Watch
) -> list[answers.Proposal]:
    """Return the proposed templates: replies to messages of each topic, what is said alike together."""
    asked: dict[str, list[str]] = {}
    for reply in speech.replies:
        about = [meant[row] for row in reply.asked[-ASKED_BACK:] if meant[row]]
        if about:
            asked.setdefault(about[-1], []).append(answers.with_variables(reply))
    distinct_replies = list(dict.fromkeys(text for texts in asked.values() for text in texts))
    if not distinct_replies:
        return []
    vectors = dict(zip(distinct_replies, read(encoder, distinct_replies, "replies", watch), strict=True))  # fmt: skip
    proposals: list[answers.Proposal] = []
    for topic in found:
        if replies := asked.get(topic.name, []):
            points = np.stack([vectors[text] for text in replies])
            questions = _questions(topic)
            proposals += answers.proposed(topic.name, topic.title, questions, replies, points)
    return proposals


def _questions(topic: Topic) -> list[str]:
    return list(topic.centre[:3])
