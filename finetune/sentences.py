"""What was expected to go wrong, said in one sentence and with an exit code; without a traceback, and without torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from conversations.errors import LogError
from finetune.bounds import OutOfBounds
from finetune.desks import DeskIncomplete
from finetune.examples import ExamplesError
from finetune.lease import Locked, Lost
from finetune.mining.errors import MiningError
from retrieval.manifest import ReleaseRefused
from retrieval.passages import PageError
from retrieval.pretrained import EncoderUnavailable
from retrieval.shelf import ShelfError
from retrieval.templates import TemplateError

ERROR, REFUSED, LOCKED = 1, 3, 4  # exit codes; 2 is click's own, for usage


class Failed(Exception):
    """What another process of ours could not do, in its own sentence."""


EXPECTED = (
    ExamplesError,
    TemplateError,
    PageError,
    EncoderUnavailable,
    ReleaseRefused,
    ShelfError,
    DeskIncomplete,
    LogError,
    MiningError,
    OutOfBounds,
    Lost,
    Failed,
)

P = ParamSpec("P")


def one_sentence(command: Callable[P, None]) -> Callable[P, None]:
    """Say what was expected to go wrong in one sentence, without a traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Locked as error:
            click.echo(f"Error: {sentence(error)}", err=True)
            raise SystemExit(LOCKED) from error
        except (*EXPECTED, OSError) as error:
            raise click.ClickException(sentence(error)) from error

    return guarded


def sentence(error: Exception) -> str:
    """Return an error with a full stop. It gets no capital: it may begin with the name of a file."""
    text = str(error)
    if isinstance(error, OSError):
        text = f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}"
    return text + ("" if text.endswith((".", "!", "?")) else ".")
