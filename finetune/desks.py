"""
A desk, as whoever trains it sees it: its folder, before anything in it is read.

DeskIncomplete    the folder is no desk that can be trained
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from retrieval.learning import Learning
from retrieval.pretrained import DEFAULT

PREFIX = "FRONTDESK_LEARNING_"


class DeskIncomplete(Exception):
    """The folder holds no examples to train on, or does not say how."""


def refuse_no_desk(folder: Path) -> None:
    """Asked before anything is written, a lock file too."""
    if not (folder / "examples.csv").is_file():
        raise DeskIncomplete(
            f"there is no examples.csv in {folder}: make a desk with frontdesk init"
        )


def encoder_of(folder: Path) -> str:
    """
    Return the encoder that the desk's configuration names: the environment, desk.toml, or the usual one.

    Raises:
        DeskIncomplete: desk.toml cannot be read, or names no encoder where it should.
    """
    if named := os.environ.get("FRONTDESK_ENCODER"):
        return named
    named = _settings(folder).get("encoder", DEFAULT)
    if not isinstance(named, str) or not named:
        raise DeskIncomplete(
            f"{folder / 'desk.toml'}: encoder is english, multilingual, a folder or a hub id, in quotation marks"
        )
    return named


def learning_of(folder: Path) -> Learning:
    """
    Return how the desk learns: the environment (FRONTDESK_LEARNING_RISK), [learning] in desk.toml, or as usual.

    Raises:
        DeskIncomplete: naming the setting that is wrong, and what it may be.
    """
    words = {
        name.removeprefix(PREFIX).lower(): word
        for name, word in os.environ.items()
        if name.startswith(PREFIX)
    }
    try:
        return Learning.of(_settings(folder).get("learning", {}), words)
    except ValueError as error:
        raise DeskIncomplete(
            f"{folder / 'desk.toml'}, [learning] (or {PREFIX}...): {error}"
        ) from error


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "desk.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DeskIncomplete(f"{file} cannot be read: {error}") from error
