"""serve and demo."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import secrets
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

import click
from aiohttp.web import RouteDef
from pydantic import SecretStr

from bot import app, logs
from bot.commands.demos import DEMOS, copy_demo
from bot.commands.desks import desk_option, new_folder
from bot.desk import Desk
from bot.listening import refuse_taken
from bot.nights import every_night
from bot.refused import Refused
from retrieval.pretrained import hub_allowed

if TYPE_CHECKING:  # it imports torch
    from retrieval.release import Release

port_option = click.option("--port", type=click.IntRange(0, 65535), help="Instead of the desk's.")


@click.command()
@desk_option
@port_option
@click.option("--host", help="Instead of the desk's.")
@click.option(
    "--retrain-at",
    type=click.DateTime(["%H:%M"]),
    metavar="HH:MM",
    help="Retrain every night at this hour of this machine, in a process of its own; a timer or cron does it as well.",
)
def serve(folder: Path, port: int | None, host: str | None, retrain_at: datetime | None) -> None:
    """Serve a desk until it is stopped."""
    run(Desk.open(folder), port, host, retrain_at.time() if retrain_at else None)


@click.command()
@port_option
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where the shop's desk is kept: demo-desk, demo-desk-zh or demo-desk-multi, if not said.",
)
@click.option(
    "--language",
    type=click.Choice(list(DEMOS)),
    default="en",
    show_default=True,
    help="zh: a tea shop in Chinese; multi: the English shop, whose customers also write Chinese and German. "
    "Both need the multilingual encoder.",
)
def demo(port: int | None, folder: Path | None, language: str) -> None:
    """Everything, with a bundled shop, on one port."""
    folder = folder or Path("demo-desk" if language == "en" else f"demo-desk-{language}")
    if not (folder / "desk.toml").exists():
        with new_folder(folder) as scratch:
            copy_demo(language, scratch)
    desk = Desk.open(folder)
    if not desk.shelf.serving:
        refuse_taken(desk.settings.host, desk.settings.port if port is None else port)
        _first_release(desk)
    from bot.commands.users import demo_user
    from bot.demo.orders import Orders

    desk, secret = _with_secret(desk)
    run(desk, port, None, beside=Orders.bundled(secret).routes(), more_to_say=demo_user)


def _with_secret(desk: Desk) -> tuple[Desk, str]:
    """Return the desk with a secret that it shares with the order service beside it."""
    lookup = desk.settings.lookup
    secret = lookup.secret.get_secret_value() or secrets.token_urlsafe(32)
    lookup = lookup.model_copy(update={"secret": SecretStr(secret)})
    return replace(desk, settings=desk.settings.model_copy(update={"lookup": lookup})), secret


def run(
    desk: Desk,
    port: int | None,
    host: str | None,
    retrain_at: time | None = None,
    beside: Iterable[RouteDef] = (),
    more_to_say: Callable[[Desk, str], str] | None = None,
) -> None:
    """Serve a desk in this process until SIGTERM or SIGINT; `more_to_say` is about the URL once it is open."""
    logs.to_stderr()
    settings = desk.settings

    def ready(url: str) -> None:
        click.echo(f"{settings.name} is open at {url}  (stop with Ctrl-C)", err=True)
        if more_to_say is not None:
            click.echo(more_to_say(desk, url), err=True)

    async def day_and_night() -> None:
        async with contextlib.AsyncExitStack() as stack:
            if retrain_at:
                retrain = [sys.executable, "-m", "bot.cli", "retrain", "--desk", str(desk.folder)]
                nights = every_night(retrain, retrain_at, desk.clock)
                await stack.enter_async_context(app.running(nights))
            await app.serve(
                desk,
                world(),
                host=host or settings.host,
                port=settings.port if port is None else port,
                ready=ready,
                more=beside,
            )

    asyncio.run(day_and_night())


def world() -> app.World:
    """Return the real world."""
    return app.World(
        load=load_release,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: uuid.uuid4().hex,
        rng=SystemRandom(),
    )


def load_release(folder: Path) -> Release:
    """
    Load a Release.

    Raises:
        Refused: it must not serve.
    """
    from retrieval.manifest import ReleaseRefused, verify

    try:
        if "torch" not in sys.modules:
            verify(folder)  # before the seconds that torch takes; `load` does it again
        from retrieval.sealing import load

        return load(folder)
    except ReleaseRefused as error:
        raise Refused(f"{error}.") from error


@contextlib.contextmanager
def in_background(desk: Desk) -> Iterator[str]:
    """Serve a desk from another thread, on a free port of this machine only; gives the URL."""
    loop = asyncio.new_event_loop()
    stop, started = asyncio.Event(), threading.Event()
    found: list[str | BaseException] = []

    async def host() -> None:
        async with app.serving(desk, world(), host="127.0.0.1", port=0) as url:
            found.append(url)
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            loop.run_until_complete(host())
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
            found.append(error)
        finally:
            started.set()
            loop.close()

    thread = threading.Thread(target=work, name="server")
    thread.start()
    started.wait()
    try:
        if isinstance(found[0], BaseException):
            raise found[0]
        yield found[0]
    finally:
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(stop.set)
        thread.join()


def _first_release(desk: Desk) -> None:
    click.echo("No Release yet: training the first one, one or two minutes.", err=True)
    # By name: bot does not rest on finetune.
    build, nightly, progress, sentences = (
        importlib.import_module(f"finetune.{name}")
        for name in ("build", "nightly", "progress", "sentences")
    )
    settings = desk.settings
    options = build.Options(settings.encoder, settings.learning.risk, fast=True, hub=hub_allowed())
    watch = progress.People()
    try:
        with desk.claim():
            nightly.build_first(desk.folder, options, clock=desk.clock, watch=watch)
    except sentences.EXPECTED as error:
        raise Refused(str(error)) from error
    except sentences.Locked as error:
        raise Refused(str(error), exit_code=4) from error
