"""What comes with an answer: files to look at, and what the customer may want to say next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ATTACHMENTS = 5
MAX_REPLIES = 3  # as many as fit one line of buttons on a phone
MAX_NAME = 100  # characters
MAX_LABEL = 40  # characters; a button's
MAX_SAID = 190  # characters; with its mark a choice's value
MAX_URL = 500  # characters
PAGES = "pages"  # the folder of the desk's knowledge pages, and the path that they are shown under
FILES = "files"  # the folder of the desk that attachments may come from
FILE = re.compile(rf"{FILES}/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}")  # no folder in it, nothing hidden


@dataclass(frozen=True, slots=True)
class Attachment:
    """`url` is an https address, or files/NAME in the desk's folder."""

    name: str
    url: str

    def fault(self) -> str:
        """Return what is wrong with it, as the end of a sentence; empty where nothing is."""
        if not 0 < len(self.name.strip()) <= MAX_NAME:
            return f"has an attachment whose name is not 1 to {MAX_NAME} characters long"
        if not FILE.fullmatch(self.url) and not _on_the_web(self.url):
            return f"attaches {self.url[:80]!r}, which is neither an https address nor {FILES}/NAME"
        return ""


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button: what is on it, and what the customer says by it."""

    label: str
    says: str

    def fault(self) -> str:
        """Return what is wrong with it, as the end of a sentence; empty where nothing is."""
        if not 0 < len(self.label.strip()) <= MAX_LABEL:
            return f"has a quick reply whose label is not 1 to {MAX_LABEL} characters long"
        if not 0 < len(self.says.strip()) <= MAX_SAID:
            return f"has a quick reply that does not say 1 to {MAX_SAID} characters"
        return ""


def _on_the_web(url: str) -> bool:
    if len(url) > MAX_URL or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:  # [half an IPv6 address
        return False
