"""The serving Release, with what operators taught since, and the one thread that reads with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import structlog

from bot.intake import Busy
from bot.meters import Meters
from bot.reader import ModelFailed, Reader, sound
from retrieval.fresh_pages import FreshPages, Reading
from retrieval.prediction import Floats2d, Prediction
from retrieval.teachings import Overlay, TaughtRelease, Teachable, laid_over, read_by

BATCH = 32  # texts; more makes the first one wait longer than a pass is worth
WAITING = 512  # texts; at 100 readings a second the last one waits 5 s
PATIENCE = (
    10.0  # seconds a pass may take, two hundred times the usual; then a person gets its texts
)
POLL = 0.2  # seconds between two looks at the champion link, each a few microseconds

OverlayFor = Callable[[Teachable], Overlay]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    reading: asyncio.Future[tuple[Prediction, Reader]]


class Champion:
    """
    Holds the serving Release; used as `async with Champion(...)`.

    Whatever waits while the model is busy is read together in its next pass, by one Release: whoever gets
    a reading gets the Release that made it.
    """

    def __init__(
        self,
        release: Teachable,
        *,
        load: Callable[[Path], Teachable],
        meters: Meters,
        patience: float = PATIENCE,
        waiting: int = WAITING,
    ) -> None:
        self._sealed = release
        self._release: Reader = release  # under what was taught
        self._overlay_for: OverlayFor = lambda _: Overlay()
        self._heard: dict[str, Reading] = {}  # of fresh pages, by the sealed Release
        self._changing = asyncio.Lock()
        self._load = load
        self._meters = meters
        self._patience = patience
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(maxsize=waiting)
        self._thread = _model_thread()
        self._task: asyncio.Task[None] | None = None
        meters.serve(release.hash)

    async def __aenter__(self) -> Champion:
        self._task = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def serving(self) -> Reader:
        """The Release that would read the next text."""
        return self._release

    @property
    def sealed(self) -> Teachable:
        """The same without what operators taught since."""
        return self._sealed

    async def read(
        self, text: str, conversation_id: str = "", message_id: str = ""
    ) -> tuple[Prediction, Reader]:
        """
        Read one text, with others that wait.

        Args:
            conversation_id, message_id: where it was said; it is read the same everywhere.

        Raises:
            Busy: too many texts are waiting.
            ModelFailed: there is no reading, or none in time.
        """
        waiting = _Waiting(text, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(waiting)
        except asyncio.QueueFull:
            raise Busy from None
        return await waiting.reading  # however long the queue: a person would not be quicker

    async def points(self, texts: Sequence[str]) -> tuple[Floats2d, Teachable]:
        """
        Return (n, dim) where texts lie, and the sealed Release that says so.

        It is done in the thread that reads with this Release, before the next pass: hand it few at a time.
        """
        release = self._sealed
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, release.points, texts), release

    async def teach(self, overlay_for: OverlayFor) -> None:
        """Serve this Release, and every later one, under the overlay that this returns for it."""
        async with self._changing:
            # In the thread that reads with this Release: a tokenizer cannot be borrowed by two.
            overlay, thread = overlay_for(self._sealed), self._thread
            paged = await self._with_pages(overlay.pages, thread)
            self._release = await _laid_over(self._sealed, overlay, self._release, thread, paged)
            self._overlay_for = overlay_for

    async def _with_pages(self, pages: FreshPages, thread: Executor) -> Teachable:
        """
        Return the sealed Release with pages as they are now, each text of them read between two passes.

        What the pages of before and these both say is read once.
        """
        release, before, heard = self._sealed, self._heard, dict[str, Reading]()
        taught = self._release if isinstance(self._release, TaughtRelease) else None
        if taught and (same := taught.paged(release, pages)):
            return same

        def read(text: str) -> Reading:
            found = before.get(text) or thread.submit(read_by(release), text).result()
            return heard.setdefault(text, found)

        if not pages:
            self._heard = {}
            return release
        paged = await asyncio.to_thread(release.with_pages, pages, read)
        self._heard = heard
        return paged

    async def under(self, overlay_for: OverlayFor) -> Reader:
        """Return this Release as it would be under another overlay, to be read with by `read_with`; it serves nobody."""
        overlay, thread = overlay_for(self._sealed), self._thread
        return await _laid_over(self._sealed, overlay, self._release, thread)

    async def read_with(self, release: Reader, text: str) -> tuple[Prediction, Reader]:
        """
        Read one text with a Release that serves nobody, between two passes of the champion.

        Raises:
            ModelFailed: there is no reading, or none in time.
        """
        [reading] = await self._pass(release, [text])
        if isinstance(reading, Exception):
            raise ModelFailed("the Release could not read this text") from reading
        return reading, release

    async def watch(self, link: Path) -> None:
        """Serve whatever `link` points to, from then on; runs until it is cancelled."""
        seen: Path | None = None
        while True:
            target = await asyncio.to_thread(_target, link)
            if target is not None and target != seen:
                seen = target
                if target.name != self._release.hash:
                    await self._swap(target)
            await asyncio.sleep(POLL)

    async def _swap(self, folder: Path) -> None:
        try:
            release = await asyncio.to_thread(self._load, folder)
            # It reads all that was taught before anybody waits for it, and then what was taught meanwhile.
            taught = await _laid_over(release, self._overlay_for(release), None, None)
            async with self._changing:
                taught = await _laid_over(release, self._overlay_for(release), taught, None)
                before, self._sealed, self._release = self._release.hash, release, taught
                self._heard = {}
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the new one, the old one serves
            self._meters.swaps.labels(outcome="refused").inc()
            logger.error("release refused", folder=folder.name, why=str(error))  # noqa: TRY400 - a sentence, not a traceback
            return
        if release.hash != before:
            logger.info("champion swapped", before=before, now=release.hash)
            self._meters.serve(release.hash)
            self._meters.swaps.labels(outcome="swapped").inc()

    async def _serve(self) -> None:
        while True:
            batch = [w for w in await self._batch() if not w.reading.done()]
            if not batch:
                continue
            release = self._release  # taken once: a pass is never a mix of two
            texts = [waiting.text for waiting in batch]
            self._meters.batch_size.observe(len(batch))
            readings = await self._pass(release, texts)
            for waiting, reading in zip(batch, readings, strict=True):
                self._hand_over(waiting, reading, release)

    async def _pass(self, release: Reader, texts: Sequence[str]) -> list[Prediction | Exception]:
        """Read in the model's thread; one that hangs is left behind, and its texts have no reading."""
        reading = asyncio.get_running_loop().run_in_executor(self._thread, _read, release, texts)
        try:
            return await asyncio.wait_for(reading, self._patience)
        except TimeoutError:
            self._thread.shutdown(wait=False)
            self._thread = _model_thread()
            return [ModelFailed(f"no reading within {self._patience:g} s")] * len(texts)

    async def _batch(self) -> list[_Waiting]:
        batch = [await self._queue.get()]
        while len(batch) < BATCH and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

    def _hand_over(
        self, waiting: _Waiting, reading: Prediction | Exception, release: Reader
    ) -> None:
        if isinstance(reading, Exception):
            self._meters.model_failures.inc()
        if waiting.reading.done():  # its turn has given up
            return
        if isinstance(reading, Exception):
            failed = ModelFailed("the Release could not read this text")
            failed.__cause__ = reading
            waiting.reading.set_exception(failed)
        else:
            waiting.reading.set_result((reading, release))


async def _laid_over(
    release: Teachable,
    overlay: Overlay,
    before: Reader | None,
    thread: Executor | None,
    paged: Teachable | None = None,
) -> Reader:
    """Lay an overlay over a Release in a thread; what `before` has read of it is not read again."""
    known = before if isinstance(before, TaughtRelease) else None
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(thread, laid_over, release, overlay, known, paged)


def _model_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="model")


def _target(link: Path) -> Path | None:
    """Return the folder a link points to, or None where there is no such folder (yet)."""
    try:
        folder = link.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: links that lead in a circle
        return None
    return folder if folder.is_dir() else None


def _read(release: Reader, texts: Sequence[str]) -> list[Prediction | Exception]:
    """Read all together; where that fails one by one, so that a poisonous text harms only itself."""
    try:
        return list(sound(release.read(texts), len(texts)))
    except Exception as error:  # noqa: BLE001 - the model may fail in any way, the turns decide what then
        if len(texts) == 1:
            return [error]
        return [reading for text in texts for reading in _read(release, [text])]
