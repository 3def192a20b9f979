"""How an utterance is taken: read alone, beside what it may lean on and beside the requests that it may hold."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain

from bot.asked import Asked, Taken
from bot.context import apart, halves, in_context, leaned_on, requests
from bot.policy import each_sure
from bot.reader import Reader, Readings
from retrieval.prediction import Prediction

READING = 512  # texts on their way to the model; the champion's queue takes no more


class Taking:
    """Reads utterances in their place, with the Release that has the conversation."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._reading = asyncio.Semaphore(READING)  # recovery may start more turns than that

    async def read(self, text: str, conversation_id: str) -> Prediction:
        """Return the reading of a text alone."""
        async with self._reading:
            prediction, _ = await self._readings.read(text, conversation_id)
        return prediction

    async def taken(self, asked: Asked) -> Taken:
        """Read the utterance, and beside it what it may lean on and the requests that it may hold."""
        # What answers a form's question leans on that question, and not on what the customer said before.
        leading_up = [asked.about] if asked.now.filling else asked.leading_up
        before = leaned_on([heard.text for heard in leading_up])
        leans_on = leading_up[-1 - before : -1] if before else []
        whole = "\n".join(heard.text for heard in (*leans_on, asked.about))
        parts = requests(asked.about.text) if asked.free else []
        two = halves(asked.about.text) if asked.free and not parts else []
        texts = [asked.about.text, *([whole] if leans_on else []), *parts, *chain(*two)]
        readings = await self._read_together(texts, asked)
        alone, release = readings[0]
        if any(by is not release for _, by in readings):  # a new champion came in between
            return Taken(alone, release)
        of_parts = [prediction for prediction, _ in readings[1 + bool(leans_on) :]]
        counts = in_context(alone, readings[1][0]) if leans_on else alone
        if two:
            pairs = [of_parts[at : at + 2] for at in range(0, len(of_parts), 2)]
            of_parts = list(apart(alone, pairs))
        several = of_parts if each_sure(of_parts) else []
        by_itself = counts.text == alone.text  # with pages of the other reading or without
        return Taken(counts, release, () if by_itself else leans_on, several)

    async def _read_together(
        self, texts: Sequence[str], asked: Asked
    ) -> list[tuple[Prediction, Reader]]:
        """Read an utterance, the first, and what is read beside it; they share a batch."""
        conversation_id = asked.now.conversation_id
        ids = [asked.about.message_id, *("" for _ in texts[1:])]
        async with self._reading:
            read = [
                self._readings.read(text, conversation_id, message_id)
                for text, message_id in zip(texts, ids, strict=True)
            ]
            return await asyncio.gather(*read)
