"""One visitor's socket: frames wait in a bounded queue, one task writes them, a slow reader is let go."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import WSCloseCode, web

from bot.channels.web_frames import Frame, encode

WAITING = 256  # frames; a tab that is further behind comes back and resumes from the log
CLOSING = 3.0  # seconds for the closing handshake
BURST, PER_SECOND = 10, 2.0  # frames from one socket

NOT_AN_EVENT = 0  # the seq of a frame that is not in the log


class Bucket:
    """A token bucket on a monotonic clock."""

    def __init__(self, now: float, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst, self._per_second = float(burst), per_second
        self._tokens, self._at = self._burst, now

    def take(self, now: float) -> bool:
        """Use one token up; false where there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Line:
    """A socket with its queue. Nobody ever waits for it, except its own writer."""

    def __init__(
        self, ws: web.WebSocketResponse, transport: asyncio.Transport | None, network: str = ""
    ) -> None:
        self.ws = ws
        self.network = network
        self.address = ""
        self.name = ""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._bucket = Bucket(self._loop.time())
        self._notes = Bucket(self._loop.time())
        self._queue: asyncio.Queue[tuple[int, Frame]] = asyncio.Queue(WAITING)
        self._seen = 0  # seq of the last event written
        self._writer: asyncio.Task[None] | None = None
        self._letting_go: asyncio.Task[None] | None = None

    def put(self, frame: Frame, seq: int = NOT_AN_EVENT) -> None:
        """Queue a frame; where there is no room, the socket is closed and the client resumes."""
        if self._letting_go:
            return
        try:
            self._queue.put_nowait((seq, frame))
        except asyncio.QueueFull:
            self.let_go(WSCloseCode.TRY_AGAIN_LATER)

    @property
    def leaving(self) -> bool:
        """Whether the socket is being closed: what still comes through it is repeated through the next one."""
        return self._letting_go is not None

    def let_go(self, code: int) -> None:
        """Close the socket without waiting for it; whoever is there comes back."""
        self._letting_go = self._letting_go or asyncio.create_task(self.close(code))

    def allows(self) -> bool:
        """Count a frame of the visitor's; false where they come too fast."""
        return self._bucket.take(self._loop.time())

    def allows_notes(self) -> bool:
        """Count a frame that asks for nothing, as typing does."""
        return self._notes.take(self._loop.time())

    async def start(self, first: list[Frame], seen: int) -> None:
        """Write `first`, which shows everything up to the event `seen`; from then on, the queue."""
        for frame in first:
            await self.ws.send_str(encode(frame))
        self._seen = seen
        self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        with suppress(ConnectionError):  # gone; the reader of this socket sees it too
            while True:
                seq, frame = await self._queue.get()
                if seq == NOT_AN_EVENT or seq > self._seen:
                    await self.ws.send_str(encode(frame))
                    self._seen = max(seq, self._seen)

    async def close(self, code: int) -> None:
        """Close the socket; a peer that takes nothing more is cut off."""
        await self.stop()
        if self._transport:
            self._loop.call_later(CLOSING, self._transport.abort)
        with suppress(asyncio.TimeoutError, ConnectionError):
            await asyncio.wait_for(self.ws.close(code=code, drain=False), CLOSING)

    async def stop(self) -> None:
        """End the writer."""
        if self._writer:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
