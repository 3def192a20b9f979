"""
The files that visitors and operators sent, on the disk beside the log: `desk.files/` of `desk.db`.

A content is stored once under its SHA-256, and every file that has it has a card, `<id>.json`, that says whose it is, what it is
called and what it is. The cards are read once, at the start; whoever drops a card drops the content that nobody else has. A file
that was never said with words is dropped after a day; until then such files share a part of the room, so that who only uploads
leaves the rest to those who talk.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversations.events import Enclosed

UNSAID = timedelta(days=1)  # how long a file waits for the words that it comes with
PER_OWNER, PER_OWNER_BYTES = 50, 100 * 2**20  # of one visitor, within DAY
DAY = timedelta(days=1)
PER_NETWORK, PER_NETWORK_BYTES = 500, 500 * 2**20  # of all visitors of one network, within DAY
WHOLE = 4 * 2**30  # bytes of the whole vault, if nothing else is said
UNSAID_PART = 4  # a quarter of it is for what was not said with words yet
SOON = timedelta(hours=1)  # when to look again where no time is known


class Full(Exception):
    """There is no more room for files of this owner, this network, or of anybody; the message says which. `wait` is how long."""

    def __init__(self, message: str, wait: timedelta = SOON) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Card:
    """
    A file in the vault.

    `owner` is an address of a channel; `said` is true once it came with words; `at` is an ISO time; `network` is the hash of where
    it came from, empty where nobody can tell.
    """

    file_id: str
    owner: str
    name: str
    type: str
    size: int
    digest: str
    at: str
    said: bool = False
    network: str = ""

    @property
    def enclosed(self) -> Enclosed:
        return Enclosed(self.file_id, self.name, self.type, self.size)

    @property
    def since(self) -> datetime:
        return datetime.fromisoformat(self.at)


class Vault:
    """
    The files beside one log; for any thread.

    Args:
        new_id: makes an id that nobody guesses.
        whole: bytes at most, all files together.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        whole: int = WHOLE,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._new_id = new_id
        self._whole = whole
        self._lock = threading.Lock()
        self._cards = {card.file_id: card for card in map(_read, folder.glob("*.json")) if card}
        self.sweep()

    def keep(
        self,
        owner: str,
        name: str,
        kind: str,
        content: bytes,
        *,
        network: str = "",
        bounded: bool = True,
    ) -> Card:
        """
        Keep a file; durable when this returns. How much one owner and one network may keep in a day has an end where that is `bounded`.

        Raises:
            Full: the owner or the network has kept too much today, or everybody together.
            OSError: the disk refused.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            if bounded:
                self._refuse_too_much(owner, network, len(content))
            self._refuse_overflow(self._cards.values(), len(content), self._whole)
            card = Card(
                file_id=self._new_id(),
                owner=owner,
                name=name,
                type=kind,
                size=len(content),
                digest=digest,
                at=self._clock().astimezone(UTC).isoformat(),
                network=network,
            )
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if not self._content(digest).exists():
                _write(self._content(digest), content)
            self._put(card)
        return card

    def get(self, file_id: str) -> Card | None:
        return self._cards.get(file_id)

    def path(self, card: Card) -> Path:
        """Return where the content is."""
        return self._content(card.digest)

    def say(self, owner: str, file_ids: Iterable[str]) -> list[Card] | None:
        """Mark files as said, and return them; None where one of them is not this owner's or is gone."""
        with self._lock:
            cards = [self._cards.get(file_id) for file_id in dict.fromkeys(file_ids)]
            own = [card for card in cards if card is not None and card.owner == owner]
            if len(own) < len(cards):
                return None
            for card in own:
                if not card.said:
                    self._put(replace(card, said=True))
            return own

    def drop(self, file_ids: Iterable[str]) -> int:
        """Remove files, and return how many there were."""
        with self._lock:
            return sum(map(self._drop, dict.fromkeys(file_ids)))

    def drop_of(self, owner: str) -> int:
        """Remove every file of one owner, and return how many there were."""
        return self.drop([card.file_id for card in self._all() if card.owner == owner])

    def sweep(self) -> int:
        """Remove what was never said, and contents without a card, which a crash leaves behind."""
        old = self._clock() - UNSAID
        swept = self.drop(c.file_id for c in self._all() if not c.said and c.since < old)
        with self._lock:
            known = {card.digest for card in self._cards.values()}
            for file in self._folder.glob("*"):
                if file.suffix != ".json" and file.name not in known:
                    file.unlink(missing_ok=True)
        return swept

    def _all(self) -> list[Card]:
        with self._lock:
            return list(self._cards.values())

    def _refuse_too_much(self, owner: str, network: str, size: int) -> None:
        now = self._clock()
        today = [card for card in self._cards.values() if card.since > now - DAY]
        for cards, most, most_bytes in (
            ([c for c in today if c.owner == owner], PER_OWNER, PER_OWNER_BYTES),
            (
                [c for c in today if network and c.network == network],
                PER_NETWORK,
                PER_NETWORK_BYTES,
            ),
        ):
            if len(cards) >= most or _bytes(cards) + size > most_bytes:
                wait = min(card.since for card in cards) + DAY - now
                why = "That is enough files for today. Please send the rest tomorrow."
                raise Full(why, wait)
        unsaid = [card for card in self._cards.values() if not card.said]
        self._refuse_overflow(unsaid, size, self._whole // UNSAID_PART)

    def _refuse_overflow(self, cards: Iterable[Card], size: int, room: int) -> None:
        if _bytes(cards) + size > room:
            raise Full("There is no room for more files just now.")

    def _put(self, card: Card) -> None:
        told = {name: value for name, value in asdict(card).items() if name != "network" or value}
        _write(self._card(card.file_id), json.dumps(told, ensure_ascii=False).encode())
        self._cards[card.file_id] = card

    def _drop(self, file_id: str) -> bool:
        card = self._cards.pop(file_id, None)
        if card is None:
            return False
        self._card(file_id).unlink(missing_ok=True)
        if all(other.digest != card.digest for other in self._cards.values()):
            self._content(card.digest).unlink(missing_ok=True)
        return True

    def _card(self, file_id: str) -> Path:
        return self._folder / f"{file_id}.json"

    def _content(self, digest: str) -> Path:
        return self._folder / digest


def _bytes(cards: Iterable[Card]) -> int:
    return sum(card.size for card in cards)


def _read(file: Path) -> Card | None:
    """Return the card of a file; one that a crash cut short is none."""
    with suppress(ValueError, TypeError, OSError):
        return Card(**json.loads(file.read_bytes()))
    return None


def _write(file: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, also after a power cut."""
    fresh = file.with_name(f".{file.name}")
    with fresh.open("wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
