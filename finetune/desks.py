"""
A desk, as whoever trains it sees it: its folder, before anything in it is read.

DeskIncomplete    the folder is no desk that can be trained
"""

from __future__ import annotations

from pathlib import Path


class DeskIncomplete(Exception):
    """The folder holds no examples to train on."""


def refuse_no_desk(folder: Path) -> None:
    """Asked before anything is written, a lock file too."""
    if not (folder / "examples.csv").is_file():
        raise DeskIncomplete(
            f"there is no examples.csv in {folder}: make a desk with frontdesk init"
        )
