"""releases diff: logged questions through two Releases, or what their reports say differently."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.catalogue import report_of
from bot.commands.changes import show
from bot.commands.desks import desk_option, json_option
from bot.commands.releases import expected
from bot.desk import Desk
from bot.refused import Refused
from conversations.errors import LogError
from conversations.exports.parts import NotAnExport, text_of
from conversations.questions import Question, questions, wordings
from conversations.reader import Reader

if TYPE_CHECKING:
    from bot.replay import Answered, Replayed


@click.command()
@desk_option
@json_option
@click.option(
    "--questions",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A CSV with a column text in place of the desk's log.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only so many wordings, the commonest.")
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Shown of each change.",
)
@click.option("--reports", is_flag=True, help="What their reports say differently; fast.")
@click.argument("before")
@click.argument("after")
def diff(
    folder: Path,
    before: str,
    after: str,
    source: Path | None,
    limit: int | None,
    examples: int,
    reports: bool,
    as_json: bool,
) -> None:
    """
    What changes for customers between two Releases: their logged questions, answered by both.

    Example, before a promotion: frontdesk releases diff 3f9a 81c2
    """
    desk = Desk.open(folder)
    with expected():
        old, new = (desk.shelf.release(name) for name in (before, after))
    if reports:
        _say_reports(old, new, as_json)
        return
    asked = (_in_file(source) if source else _in_log(desk.database))[:limit]
    if not asked:
        raise Refused(
            "There are no questions to replay: the log is empty, or name a --questions FILE."
        )
    from bot.replay import changes  # pulls numpy

    _say_changes(changes(list(_replayed(desk, old, new, asked)), examples), as_json)


def _in_log(database: Path) -> list[Question]:
    if not database.is_file():
        return []
    try:
        with Reader.open(database) as log:
            return questions(log.utterances())
    except LogError as error:
        raise Refused(str(error)) from error


def _in_file(source: Path) -> list[Question]:
    try:
        text = text_of(source)
    except NotAnExport as error:
        raise Refused(f"{error}.") from error
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        there = list(reader.fieldnames or ())
        if "text" not in there:
            raise Refused(
                f"{source.name}: there is no column 'text', only {', '.join(there) or 'nothing'}."
            )
        return wordings(row["text"] or "" for row in reader)
    except csv.Error as error:
        line = reader.line_num
        raise Refused(f"{source.name}, line {line}: not valid CSV ({error}).") from error


def _replayed(desk: Desk, old: Path, new: Path, asked: Sequence[Question]) -> Iterator[Answered]:
    from bot.commands.serving import load_release  # torch
    from bot.replay import replay
    from retrieval.manifest import alike

    before, after = load_release(old), load_release(new)
    one_encoder = alike(old, new, "encoder")
    with click.progressbar(length=len(asked), label="replaying", file=sys.stderr) as bar:
        yield from replay(
            asked,
            before,
            after,
            desk.settings.words,
            one_encoder=one_encoder,
            advance=lambda done, _: bar.update(done - bar.pos),
        )


def _say_changes(found: Replayed, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    counts = ", ".join(
        f"{count:,} {shift.replace('_', ' ')}" for shift, count in found.times.items()
    )
    click.echo(f"{found.asked:,} questions in {found.wordings:,} wordings: {counts}")
    for change in found.changes:
        show(change.before, change.after, change.times, change.examples)


def _say_reports(old: Path, new: Path, as_json: bool) -> None:
    before, after = dict(_flat(report_of(old))), dict(_flat(report_of(new)))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = {name: [before.get(name), after.get(name)] for name in names}
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for name, (was, now) in rows.items():
        click.echo(f"{name}: {was} -> {now}")


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield the leaves of a report, each with its path."""
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(part, f"{name}.{key}" if name else str(key))
        case list():
            for place, part in enumerate(value):
                yield from _flat(part, f"{name}[{place}]")
        case _:
            yield name, value
