"""import pages: documents of a company as the knowledge pages of its desk."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from bot.commands.desks import desk_option, json_option
from bot.desk import Desk
from bot.pages import sources
from bot.pages.bench import Bench
from bot.pages.ledger import Damaged
from bot.pages.sources import Found, NoSource
from bot.pages.syncing import Busy, Done, Syncing, Wish, held
from bot.refused import Refused

SHOWN = 20  # of what was kept, gone, noted or left out; all of it is in --json
EVERY = 10.0  # seconds between lines where there is no terminal
BUSY = 4  # exit code: another run holds the lock


@click.command()
@desk_option
@json_option
@click.option(
    "--urls",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Addresses to fetch, one a line, of hosts in pages.allowed_hosts.",
)
@click.option("--prune", is_flag=True, help="Remove pages whose source is gone.")
@click.option("--force", is_flag=True, help="Overwrite pages that people edited since.")
@click.argument(
    "source", required=False, type=click.Path(exists=True, path_type=Path), metavar="[SOURCE]"
)
def pages(
    folder: Path, source: Path | None, urls: Path | None, as_json: bool, prune: bool, force: bool
) -> None:
    """
    Take in documents as knowledge pages: SOURCE is a folder, a file, or a text file of addresses.

    Read are md, txt, html, pdf, docx and csv. The next time only what changed is written; pages that
    people edited since stay as they are.
    """
    if (source is None) == (urls is None):
        raise click.UsageError("Name a SOURCE, or a list of addresses with --urls.")
    desk = Desk.open(folder)
    try:
        done = _synced(desk, _found(desk, source, urls), Wish(force=force, prune=prune))
    except (NoSource, Damaged, Busy) as error:
        raise Refused(f"{error}.", exit_code=BUSY if isinstance(error, Busy) else 1) from error
    except OSError as error:
        raise Refused(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    _tell(done, folder, as_json)
    if done.left_out and not (done.new or done.changed or done.unchanged or done.kept):
        raise SystemExit(1)


def _synced(desk: Desk, found: Found, wish: Wish) -> Done:
    done, pages = Done(), desk.folder / "pages"
    try:
        with held(pages), Bench() as bench:
            Syncing(pages, bench.read, desk.clock(), wish, _progress()).run(found, done)
    except KeyboardInterrupt:
        click.echo("\nStopped; the same command goes on from there.", err=True)
        raise
    return done


def _found(desk: Desk, source: Path | None, urls: Path | None) -> Found:
    listed = urls or (source if source and source.is_file() and sources.is_list(source) else None)
    if listed:
        from bot.pages.addresses import Allowed
        from bot.pages.fetching import Fetcher  # aiohttp: only here

        fetcher = Fetcher(Allowed.of(desk.settings.pages.allowed_hosts))
        return sources.at_addresses(listed, desk.folder, fetcher.fetch)
    assert source is not None  # noqa: S101 - the command asked for one of the two
    return (sources.in_folder if source.is_dir() else sources.in_file)(source, desk.folder)


def _progress() -> Callable[[int, int], None]:
    """Return what tells people how far it is: in place on a terminal, a line now and then elsewhere."""
    last, terminal = time.monotonic(), sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if terminal:
            shown = f"  {done:,} of {total:,}"
            click.echo(f"\r{shown if done < total else ' ' * len(shown)}\r", nl=False, err=True)
        elif time.monotonic() - last >= EVERY:
            last = time.monotonic()
            click.echo(f"  {done:,} of {total:,}", err=True)

    return tell


def _tell(done: Done, folder: Path, as_json: bool) -> None:
    told = {
        "left out": done.left_out,
        "noted": done.noted,
        "kept": done.kept,
        "gone": done.gone,
    }
    for what, lines in told.items():
        for line in lines[:SHOWN]:
            click.echo(f"  {what}: {line}", err=True)
        if len(lines) > SHOWN:
            click.echo(f"  and {len(lines) - SHOWN} more {what}, all in --json", err=True)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
    parts = [
        f"{len(done.new):,} new",
        f"{len(done.changed):,} changed",
        f"{done.unchanged:,} unchanged",
        f"{len(done.kept):,} kept as people edited them" if done.kept else "",
        f"{len(done.removed):,} removed" if done.removed else "",
        f"{len(done.gone):,} without their source (--prune removes them)" if done.gone else "",
        f"{len(done.left_out):,} left out" if done.left_out else "",
        f"{done.passed_over:,} files of other kinds" if done.passed_over else "",
    ]
    click.echo(f"Pages: {', '.join(filter(None, parts))}.", err=True)
    if done.new or done.changed or done.removed:
        click.echo(f"Look them over, then: frontdesk retrain --desk {folder}", err=True)
