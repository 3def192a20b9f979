"""
A Release on trial beside the champion: it answers in a share of the conversations, or only looks on.

A conversation is answered by one of the two from its first message to its last, by the hash of its id. Where the one on trial cannot
read a text, the champion does. What operators teach holds for both.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.champion import Champion, ModelFailed, OverlayFor
from bot.dialogue import Words
from bot.intake import Busy
from bot.meters import Meters
from bot.reader import Reader
from bot.replay import answer
from retrieval.prediction import Prediction
from retrieval.shelf import Shelf, Trial
from retrieval.teachings import Overlay, Teachable

POLL = 1.0  # seconds between two looks at what is tried out
LOOKING_ON = 32  # texts that a Release which only looks on may have waiting; it misses the others

logger = structlog.get_logger(__name__)


class Rivals:
    """
    The champion and, while one is tried out, its rival.

    Args:
        load: of a Release's folder.
        words: the desk's, which decide what a customer gets.
    """

    def __init__(
        self,
        champion: Champion,
        shelf: Shelf,
        *,
        load: Callable[[Path], Teachable],
        words: Words,
        meters: Meters,
    ) -> None:
        self._champion = champion
        self._shelf = shelf
        self._load = load
        self._words = words
        self._meters = meters
        self._trial: Trial | None = None
        self._rival: Champion | None = None
        self._overlay_for: OverlayFor = lambda _: Overlay()
        self._looking_on: set[asyncio.Task[None]] = set()

    @property
    def serving(self) -> Reader:
        """The Release that would read the next text of most conversations."""
        return self._champion.serving

    @property
    def sealed(self) -> Teachable:
        """The same without what operators taught since."""
        return self._champion.sealed

    @property
    def tried_out(self) -> str:
        """The hash of the Release on trial, empty where none is."""
        return self._rival.serving.hash if self._rival else ""

    async def read(self, text: str, conversation_id: str) -> tuple[Prediction, Reader]:
        """Read a text with the Release that has its conversation; see `Champion.read`."""
        rival, trial = self._rival, self._trial
        if rival is None or trial is None:
            return await self._champion.read(text)
        if drawn(conversation_id, trial):
            try:
                return await rival.read(text)
            except ModelFailed:
                self._meters.trial.labels(outcome="failed").inc()
                return await self._champion.read(text)
        found = await self._champion.read(text)
        if not trial.share and len(self._looking_on) < LOOKING_ON:
            task = asyncio.create_task(self._look_on(rival, text, *found))
            self._looking_on.add(task)
            task.add_done_callback(self._looking_on.discard)
        return found

    async def teach(self, overlay_for: OverlayFor) -> None:
        """See `Champion.teach`."""
        self._overlay_for = overlay_for
        await self._champion.teach(overlay_for)
        if self._rival is not None:
            await self._rival.teach(overlay_for)

    async def watch(self) -> None:
        """Try out whatever the shelf says, from then on; runs until it is cancelled."""
        try:
            while True:
                trial = await asyncio.to_thread(lambda: self._shelf.trial)
                if trial is not None and trial.hash == self.serving.hash:
                    trial = None  # it has won
                if trial != self._trial:
                    await self._change(trial)
                await asyncio.sleep(POLL)
        finally:
            await self._end()

    async def _change(self, trial: Trial | None) -> None:
        if trial is None or self._rival is None or self._rival.serving.hash != trial.hash:
            await self._end()
        self._trial = trial
        if trial is None or self._rival is not None:
            return
        try:
            release = await asyncio.to_thread(self._load, self._shelf.releases / trial.hash)
            rival = Champion(release, load=self._load, meters=Meters())
            await rival.__aenter__()
            await rival.teach(overlay_for := self._overlay_for)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the champion serves
            logger.error("release not tried out", release=trial.hash, why=str(error))  # noqa: TRY400 - a sentence, not a traceback
            return
        self._rival = rival
        if self._overlay_for is not overlay_for:  # something was taught meanwhile
            await rival.teach(self._overlay_for)
        logger.info("release tried out", release=trial.hash, share=trial.share)

    async def _end(self) -> None:
        rival, self._rival, self._trial = self._rival, None, None
        if rival is not None:
            logger.info("trial ended", release=rival.serving.hash)
            await rival.__aexit__(None, None, None)

    async def _look_on(
        self, rival: Champion, text: str, prediction: Prediction, release: Reader
    ) -> None:
        try:
            own = await rival.read(text)
        except (ModelFailed, Busy):
            self._meters.trial.labels(outcome="failed").inc()
            return
        same = answer(*own, self._words) == answer(prediction, release, self._words)
        self._meters.trial.labels(outcome="same" if same else "otherwise").inc()


def drawn(conversation_id: str, trial: Trial) -> bool:
    """Whether a conversation is the one on trial's; the same answer at any time, and another draw for another Release."""
    digest = hashlib.sha256(f"{trial.hash} {conversation_id}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") < trial.share * 2**64
