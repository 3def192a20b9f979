"""The one port: the application of all routes on it, and in words why it cannot be listened on."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator, Iterable

from aiohttp import web

from bot.channels.bodies import MAX_BODY
from bot.channels.problems import problems
from bot.refused import Refused

HANGING_UP = 5.0  # seconds that open requests get when the server stops


@contextlib.asynccontextmanager
async def runner_of(routes: Iterable[web.RouteDef]) -> AsyncIterator[web.AppRunner]:
    """Have an application of these routes ready to listen, for as long as the context lasts."""
    app = web.Application(middlewares=[problems], client_max_size=MAX_BODY)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=HANGING_UP)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()


async def listen(runner: web.AppRunner, host: str, port: int) -> str:
    """Open the port and return the URL."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise _port_refused(error, host, port) from error
    return _url(host, runner.addresses[0][1])


def refuse_taken(host: str, port: int) -> None:
    """
    Refuse an address that could not be listened on.

    Raises:
        Refused: it is taken, or is not of this machine.
    """
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise _port_refused(error, host, port) from error


def _port_refused(error: OSError, host: str, port: int) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return Refused(f"Port {port} is taken; choose another one with --port.")
    return Refused(
        f"{host}:{port} cannot be used: {_reason(error)}; choose another --port or host."
    )


def _reason(error: OSError) -> str:
    """The loop puts the whole story into the error's text; its number says it in short."""
    known = not isinstance(error, socket.gaierror) and error.errno in errno.errorcode
    return os.strerror(error.errno) if known and error.errno else str(error.strerror or error)


def _url(host: str, port: int) -> str:
    """Return where the server is reached from this machine."""
    named = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a comparison
    return f"http://{named}:{port}"
