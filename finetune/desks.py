"""
A desk, as whoever trains it sees it: its folder, before anything in it is read.

DeskIncomplete    the folder is no desk that can be trained
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from retrieval.pretrained import DEFAULT


class DeskIncomplete(Exception):
    """The folder holds no examples to train on, or does not say with which encoder."""


def refuse_no_desk(folder: Path) -> None:
    """Asked before anything is written, a lock file too."""
    if not (folder / "examples.csv").is_file():
        raise DeskIncomplete(
            f"there is no examples.csv in {folder}: make a desk with frontdesk init"
        )


def encoder_of(folder: Path) -> str:
    """
    Return the encoder that the desk's configuration names: the environment, desk.toml, or the usual one.

    The other settings are the server's; only it reads them.

    Raises:
        DeskIncomplete: desk.toml cannot be read, or names no encoder where it should.
    """
    if named := os.environ.get("FRONTDESK_ENCODER"):
        return named
    file = folder / "desk.toml"
    try:
        named = tomllib.loads(file.read_text(encoding="utf-8")).get("encoder", DEFAULT)
    except FileNotFoundError:
        return DEFAULT
    except (OSError, ValueError) as error:
        raise DeskIncomplete(f"{file} cannot be read: {error}") from error
    if not isinstance(named, str) or not named:
        raise DeskIncomplete(
            f"{file}: encoder is english, multilingual, a folder or a hub id, in quotation marks"
        )
    return named
