"""What people may be called."""

from __future__ import annotations

import re
import unicodedata

from bot.staff.errors import Unacceptable

_NAME = re.compile(r"\w(?:[\w .@'+-]{0,62}[\w.])?")


def checked_name(name: str) -> str:
    """
    Return a name as it is kept.

    Raises:
        Unacceptable: it is empty or too long, or has signs that no name has.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not _NAME.fullmatch(kept):
        raise Unacceptable(
            f"{name!r} cannot be a user's name: choose 1 to 64 letters and digits, with spaces and . @ ' + - between."
        )
    return kept


def key_of(name: str) -> str:
    """Return what two names have alike that only look different."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
