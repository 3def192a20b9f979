"""
A Release on trial beside the champion: it answers in a share of the conversations, or only looks on.

A conversation is answered by one of the two from its first message to its last, by the hash of its id. Where the one on trial cannot
read a text, the champion does. What operators teach holds for both. What one that looks on would have answered otherwise is
kept (`bot.shadow`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.champion import Champion, OverlayFor
from bot.dialogue import Words
from bot.intake import Busy
from bot.meters import Meters
from bot.reader import ModelFailed, Reader
from bot.replay import answer
from bot.shadow import LOOKED_ON, Shadow
from retrieval.prediction import Prediction
from retrieval.shelf import Shelf, Trial
from retrieval.teachings import Overlay, Teachable

POLL = 1.0  # seconds between two looks at what is tried out
LOOKING_ON = 32  # texts that a Release which only looks on may have waiting; it misses the others
KEEP = 5.0  # seconds after which what it saw is written down

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
        self._shadow: Shadow | None = None
        self._kept_at = 0.0

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

    async def read(
        self, text: str, conversation_id: str, message_id: str = ""
    ) -> tuple[Prediction, Reader]:
        """Read a text with the Release that has its conversation; see `Readings.read`."""
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
        if not trial.share and message_id:
            self._show(rival, message_id, *found)
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
                if asyncio.get_running_loop().time() - self._kept_at >= KEEP:
                    await self._keep()
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
        self._shadow = await asyncio.to_thread(
            Shadow.of, self._file, trial.hash, self._champion.serving.hash
        )
        if self._overlay_for is not overlay_for:  # something was taught meanwhile
            await rival.teach(self._overlay_for)
        logger.info("release tried out", release=trial.hash, share=trial.share)

    async def _end(self) -> None:
        await self._keep()
        self._shadow = None
        rival, self._rival, self._trial = self._rival, None, None
        if rival is not None:
            logger.info("trial ended", release=rival.serving.hash)
            await rival.__aexit__(None, None, None)

    def _show(
        self, rival: Champion, message_id: str, prediction: Prediction, release: Reader
    ) -> None:
        """Let the one that looks on read what was answered, unless it is behind."""
        shadow = self._shadow
        if shadow is None or (shadow.release, shadow.champion) != (self.tried_out, release.hash):
            shadow = self._shadow = Shadow(self._file, self.tried_out, release.hash)
        if len(self._looking_on) >= LOOKING_ON:
            self._meters.trial.labels(outcome="missed").inc()
            shadow.count("missed")
            return
        task = asyncio.create_task(self._look_on(rival, shadow, message_id, prediction, release))
        self._looking_on.add(task)
        task.add_done_callback(self._looking_on.discard)

    async def _look_on(
        self,
        rival: Champion,
        shadow: Shadow,
        message_id: str,
        prediction: Prediction,
        release: Reader,
    ) -> None:
        try:
            own = await rival.read(prediction.text)
        except (ModelFailed, Busy):
            self._meters.trial.labels(outcome="failed").inc()
            shadow.count("failed")
            return
        before, after = answer(prediction, release, self._words), answer(*own, self._words)
        self._meters.trial.labels(outcome=shadow.note(before, after, message_id)).inc()

    @property
    def _file(self) -> Path:
        return self._shelf.folder / LOOKED_ON

    async def _keep(self) -> None:
        """Write down what the one that looks on saw; where the disk refuses, the next time."""
        self._kept_at = asyncio.get_running_loop().time()
        if (shadow := self._shadow) is None or not (text := shadow.news()):
            return
        try:
            await asyncio.to_thread(shadow.keep, text)
        except OSError as error:
            logger.warning("what a release looked on at is not kept", why=error.strerror)


def drawn(conversation_id: str, trial: Trial) -> bool:
    """Whether a conversation is the one on trial's; the same answer at any time, and another draw for another Release."""
    digest = hashlib.sha256(f"{trial.hash} {conversation_id}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") < trial.share * 2**64
