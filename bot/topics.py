"""
New topics among unanswered questions: what `frontdesk topics` found last, and what of it still waits.

The command keeps which messages a topic has and nothing that they say (`topics.json`); what is erased, labelled or dismissed since is
in no topic any more. A topic of which nothing is left is gone.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Any

from bot.followed import Followed
from bot.reader import Reader
from conversations.log import EventLog
from conversations.review import Ticket, tickets
from conversations.teachings import teachings
from conversations.text import normalised
from conversations.versions import Saved

TOPICS = "topics.json"  # in the desk's folder; see `finetune.mining.looking`
TOGETHER = 100  # messages of one decision
READ = 8  # wordings of a topic that the Release reads, the most central
LIKELY = 4  # intents that it might be


@dataclass(frozen=True, slots=True)
class Topic:
    """
    Unanswered questions that ask the same, the most central first.

    `draft` is the answer that was saved for some of them and is not given yet, or empty.
    """

    name: str
    title: str
    words: Sequence[str]
    tickets: Sequence[Ticket]
    draft: str = ""

    @property
    def asked(self) -> int:
        return sum(len(ticket.said) for ticket in self.tickets)

    @property
    def messages(self) -> list[str]:
        """What one decision settles: one for each wording."""
        return [ticket.message_id for ticket in self.tickets][:TOGETHER]

    def days(self, zone: tzinfo) -> list[tuple[date, int]]:
        """Return how often it was asked on each day that it was, the earliest first."""
        said = (one for ticket in self.tickets for one in ticket.said)
        return sorted(Counter(one.at.astimezone(zone).date() for one in said).items())


@dataclass(frozen=True, slots=True)
class Likely:
    """An intent that a topic might be; `score` is the mean over its most central wordings, 0 to 1."""

    intent: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """
    What there is; `at` says when it was looked for, empty where it never was.

    `failed` says why the latest look of a night failed, and `failed_at` when; empty where it did not.
    """

    topics: Sequence[Topic] = ()
    at: str = ""
    release: str = ""
    looked_at: int = 0
    note: str = ""
    failed_at: str = ""
    failed: str = ""


class Topics:
    """The topics of one desk."""

    def __init__(
        self, log: EventLog, followed: Followed, folder: Path, serving: Callable[[], Reader]
    ) -> None:
        self._log = log
        self._followed = followed
        self._file = folder / TOPICS
        self._serving = serving

    async def page(self) -> Page:
        """Return the topics that wait, the most asked first."""
        found = await asyncio.to_thread(_kept, self._file)
        if not found:
            return Page()
        waiting = await self._followed.ask(tickets)
        saved = teachings(await self._log.teachings()).saved
        return Page(
            topics=_open(found, waiting, _drafts(saved)),
            at=str(found.get("at", "")),
            release=str(found.get("release", "")),
            looked_at=int(found.get("looked_at", 0)),
            note=str(found.get("note", "")),
            **_failure(found.get("failed")),
        )

    async def likely(self, topics: Sequence[Topic]) -> list[list[Likely]]:
        """Return for each topic the intents that the serving Release takes it for, the likeliest first."""
        release = self._serving()
        return [await asyncio.to_thread(_likely, release, topic) for topic in topics]


def _kept(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # never looked for; the next look writes it anew
        return {}
    return found if isinstance(found, dict) else {}


def _failure(failed: object) -> dict[str, str]:
    if not isinstance(failed, dict):
        return {}
    return {"failed_at": str(failed.get("at", "")), "failed": str(failed.get("why", ""))}


def _open(
    found: Mapping[str, Any], waiting: Sequence[Ticket], drafts: Mapping[str, str]
) -> list[Topic]:
    by_message = {one.heard.message_id: ticket for ticket in waiting for one in ticket.said}
    topics = []
    for row in found.get("topics", ()):
        own = {
            ticket.message_id: ticket
            for message_id in row.get("messages", ())
            if (ticket := by_message.get(message_id))
        }
        if own:
            draft = next(
                (drafts[n] for one in own.values() if (n := normalised(one.text)) in drafts), ""
            )
            topics.append(
                Topic(row["name"], row["title"], row.get("words", ()), [*own.values()], draft)
            )
    return sorted(topics, key=lambda topic: -topic.asked)


def _drafts(saved: Saved) -> dict[str, str]:
    """Return the answers that are not given yet, by the normalised questions that they are for."""
    found = {}
    for template_id in saved.versions:
        latest = saved.latest(template_id)
        if latest and latest.state in ("draft", "approved"):
            for question in json.loads(latest.content).get("questions", ()):
                found[normalised(question)] = template_id
    return found


def _likely(release: Reader, topic: Topic) -> list[Likely]:
    texts = [ticket.text for ticket in topic.tickets[:READ]]
    points, words = release.heard(texts)
    scores: defaultdict[tuple[str, str], float] = defaultdict(float)
    for reading in release.judge(texts, points, words):
        for candidate in reading.candidates:
            scores[candidate.intent, candidate.title] += candidate.score / len(texts)
    ranked = sorted(scores.items(), key=lambda one: -one[1])[:LIKELY]
    return [Likely(intent, title, round(score, 4)) for (intent, title), score in ranked]
