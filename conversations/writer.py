"""The one thread that appends to the log: it commits together whatever waits when it comes round."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from conversations.errors import LogError
from conversations.jobs import Done, Job
from conversations.store import Store

BATCH = (
    256  # jobs in one commit: some 20 ms of work, so that the first of them does not wait for long
)

logger = logging.getLogger(__name__)


class Waiting(NamedTuple):
    """A job in the queue, and the future of the caller who waits for it."""

    job: Job
    future: asyncio.Future[Done]

    def resolve(self, outcome: Done | LogError) -> None:
        """Hand the outcome over; on the event loop."""
        if self.future.done():  # its caller was cancelled; the event is in the log all the same
            return
        if not isinstance(outcome, LogError):
            self.future.set_result(outcome)
            return
        own = type(outcome)(
            *outcome.args
        )  # a batch shares the error, a traceback belongs to one caller
        own.__cause__ = outcome
        self.future.set_exception(own)


class Writer:
    """The thread that owns the store: takes what waits, commits it, says what came of it."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        committed: Callable[[Sequence[Waiting], Sequence[Done | LogError]], None],
    ) -> None:
        self._open_store = open_store
        self._committed = committed
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()  # None is the last
        self._opened: Future[None] = Future()
        # A daemon, so that a loop torn down without closing the log cannot keep the process alive:
        # what was not committed was not acknowledged.
        self._thread = Thread(target=self._run, name="event-log-writer", daemon=True)

    def start(self) -> Future[None]:
        """Start the thread; the future is done when the store is open, or says why it is not."""
        self._opened.set_running_or_notify_cancel()  # from here on nobody can cancel it
        self._thread.start()
        return self._opened

    def put(self, waiting: Waiting) -> None:
        self._queue.put(waiting)

    def close(self) -> None:
        """Commit what is queued, then close the store; returns when both are done."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            store = self._open_store()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the opening
            self._opened.set_exception(error)
            return
        with store:
            self._opened.set_result(None)
            ended = False
            while not ended:
                batch, ended = self._take()
                self._committed(batch, _write(store, batch))

    def _take(self) -> tuple[list[Waiting], bool]:
        """Wait for a job and take up to BATCH of those there are; true after the last."""
        batch: list[Waiting] = []
        waiting = self._queue.get()
        with suppress(Empty):
            while waiting is not None:
                batch.append(waiting)
                if len(batch) == BATCH:
                    return batch, False
                waiting = self._queue.get_nowait()
            return batch, True
        return batch, False


def _write(store: Store, batch: Sequence[Waiting]) -> Sequence[Done | LogError]:
    try:
        return store.write([waiting.job for waiting in batch]) if batch else []
    except LogError as error:
        logger.warning("a batch of %d events was not stored: %s", len(batch), error)
        return [error] * len(batch)
    except Exception as error:  # the thread must live on, and nobody may wait for ever
        logger.exception("a batch of %d events was not stored", len(batch))
        return [LogError(f"The event could not be stored: {error!r}")] * len(batch)
