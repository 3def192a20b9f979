"""
Labels that are probably wrong: what the champion's training suspected, and what people have said of it since.

Training keeps its suspicions with the Release (`suspects.jsonl`). One is open for as long as the text stands under that label, on an
operator's word or in the desk's files, and nobody has said since that it is right.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import decisions
from bot.reader import Reader
from conversations.events import Heard, Recorded
from conversations.ledger import Ledger, Placed
from conversations.lessons import Dismissed, Labelled
from conversations.log import EventLog
from conversations.teachings import TAUGHT, Teachings, teachings
from conversations.text import normalised
from retrieval import lines
from retrieval.prediction import Neighbour

SUSPECTS = "suspects.jsonl"  # in the folder of a Release; see `finetune.doubts`
EXAMPLES = "examples.csv"  # where a label of the desk's own can be corrected from here
TOGETHER = 100  # utterances of one decision
PIECE = 32  # texts read at once, so that customers' messages come between
ITSELF = 0.999  # cosine from which an example is the very text


class NoLonger(Exception):
    """Nobody suspects this label, or not any more."""


class Elsewhere(Exception):
    """The label stands where it cannot be changed from here; the message says where."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """
    A label that is probably wrong.

    `given` and `probability` (0 to 1) are those of the label and of `proposed`, by models that had not seen the text. `said` are the
    labels of operators that give it, none where it stands in the desk's files, at `place`.
    """

    text: str
    intent: str
    given: float
    proposed: str
    probability: float
    place: str
    said: Sequence[Placed[Labelled]]

    @property
    def correctable(self) -> bool:
        """Whether another label can be recorded; else the file has to be edited."""
        return bool(self.said) or self.place.startswith(EXAMPLES)


@dataclass(frozen=True, slots=True)
class Shown:
    """A suspect with the trained examples that are nearest to it, itself left out."""

    suspect: Suspect
    nearest: Sequence[Neighbour]


class Suspects:
    """
    The suspects of one desk.

    Args:
        champion: the folder of the Release that serves.
        serving: that Release, as it reads the next text.
    """

    def __init__(
        self,
        log: EventLog,
        champion: Callable[[], Path],
        serving: Callable[[], Reader],
        new_id: Callable[[], str],
    ) -> None:
        self._log = log
        self._champion = champion
        self._serving = serving
        self._new_id = new_id
        self._read: dict[str, Sequence[Neighbour]] = {}  # by text; of one Release
        self._by = ""  # its hash
        self._one_at_a_time = asyncio.Lock()

    async def known(self) -> bool:
        """Whether the serving Release was asked for suspects when it was made; an older one was not."""
        return await asyncio.to_thread((self._champion() / SUSPECTS).is_file)

    async def open(self) -> list[Suspect]:
        """Return what is open, the most doubtful first."""
        rows = await asyncio.to_thread(_rows, self._champion() / SUSPECTS)
        if not rows:
            return []
        return _open(rows, await self._log.teachings(), await self._log.labels())

    async def shown(self, suspects: Sequence[Suspect]) -> list[Shown]:
        """Return suspects with their nearest examples."""
        async with self._one_at_a_time:
            release = self._serving()
            if release.hash != self._by:
                self._read, self._by = {}, release.hash
            unread = [one.text for one in suspects if one.text not in self._read]
            for start in range(0, len(unread), PIECE):
                texts = unread[start : start + PIECE]
                self._read |= await asyncio.to_thread(_nearest, release, texts)
            return [Shown(one, self._read[one.text]) for one in suspects]

    async def decide(self, text: str, intent: str, meant: str, operator: str) -> str:
        """
        Record what a suspect means, and return the id of the decision.

        Args:
            intent: the label that it has; as `meant` again it is right as it is.

        Raises:
            NoLonger: the label is not suspected any more.
            Elsewhere: it cannot be changed from here.
        """
        key = normalised(text), intent
        for suspect in await self.open():
            if (normalised(suspect.text), suspect.intent) == key:
                break
        else:
            raise NoLonger(
                f"{text!r} is not suspected under {intent or 'out of scope'!r} any more: load the list again."
            )
        return await self._decided(suspect, meant, operator)

    async def _decided(self, suspect: Suspect, meant: str, operator: str) -> str:
        decision, right = self._new_id(), meant == suspect.intent
        messages = [one.event.message_id for one in suspect.said][:TOGETHER]
        messages = list(dict.fromkeys(messages))
        if messages and right:
            await decisions.dismiss(self._log, messages, operator, decision)
        elif messages:
            await decisions.label_together(self._log, messages, meant, operator, decision)
            await decisions.settle(self._log, messages, operator, decision)
        elif right or suspect.correctable:
            decision = f"{TAUGHT}{decision}"
            await decisions.correct(self._log, suspect.text, meant, operator, decision)
        else:
            raise Elsewhere(f"This label stands in {suspect.place}: change it there, and retrain.")
        return decision


def _rows(file: Path) -> list[Mapping[str, Any]]:
    return [row for row in lines.rows(file) if isinstance(row.get("text"), str)]


def _nearest(release: Reader, texts: Sequence[str]) -> dict[str, Sequence[Neighbour]]:
    points, words = release.heard(texts)
    readings = release.judge(texts, points, words)
    return {
        text: [one for one in reading.neighbours if one.similarity < ITSELF]
        for text, reading in zip(texts, readings, strict=True)
    }


def _open(
    rows: Sequence[Mapping[str, Any]], taught: Sequence[Recorded], labels: Sequence[Recorded]
) -> list[Suspect]:
    """
    Return the suspects that are open.

    Args:
        taught: what `EventLog.teachings` gives.
        labels: what `EventLog.labels` gives.
    """
    known, given = teachings(taught), _given(taught, labels)
    dismissed = Ledger.of(labels).dismissed
    found = []
    for row in rows:
        suspect = _suspect(row, given)
        if suspect.said:
            if not any(_right(one, dismissed) for one in suspect.said):
                found.append(suspect)
        elif suspect.place and not _spoken_of(suspect, known):
            found.append(suspect)
    return found


def _suspect(
    row: Mapping[str, Any], given: Mapping[tuple[str, str], Sequence[Placed[Labelled]]]
) -> Suspect:
    text, intent = row["text"], str(row.get("intent", ""))
    return Suspect(
        text=text,
        intent=intent,
        given=float(row.get("given", 0)),
        proposed=str(row.get("proposed", "")),
        probability=float(row.get("probability", 0)),
        place=str(row.get("place", "")),
        said=given.get((normalised(text), intent), ()),
    )


def _given(
    taught: Sequence[Recorded], labels: Sequence[Recorded]
) -> Mapping[tuple[str, str], Sequence[Placed[Labelled]]]:
    """Return the labels that stand and count, by the normalised words and the intent."""
    texts = {r.event.message_id: r.event.text for r in taught if isinstance(r.event, Heard)}
    found: defaultdict[tuple[str, str], list[Placed[Labelled]]] = defaultdict(list)
    for message_id, standing in Ledger.of(labels).labels.items():
        words = normalised(texts.get(message_id, ""))
        if words and standing:
            counts = next(reversed(standing.values())).event.intent
            found[words, counts] += [one for one in standing.values() if one.event.intent == counts]
    return found


def _right(label: Placed[Labelled], dismissed: Mapping[str, Placed[Dismissed]]) -> bool:
    """Whether somebody found since that a label is right."""
    dismissal = dismissed.get(label.event.message_id)
    return dismissal is not None and dismissal.seq > label.seq


def _spoken_of(suspect: Suspect, known: Teachings) -> bool:
    """Whether an operator has said what a question of the files means."""
    return known.about(suspect.text) is not None
