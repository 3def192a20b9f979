"""
The way from one channel to another within one conversation: a code that the widget shows as a link to the messenger.

A code is good for one use within fifteen minutes, and each visitor has one at a time. What is kept is its hash, beside the log: whoever
reads the file cannot use it, and a restart loses none. Whoever has the code goes on with the conversation, so it is for the visitor's
own eyes only. The messenger asks before it uses one, since somebody else may have sent the link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from conversations.log import EventLog
from conversations.notes import Address

GOOD_FOR = timedelta(minutes=15)
CODE_BYTES = 16  # of chance in a code: 22 characters of A-Z, a-z, 0-9, - and _; Telegram takes 64


class Links:
    """
    The codes of one desk.

    Args:
        new_code: makes a code that nobody guesses, `secrets.token_urlsafe(CODE_BYTES)`.
        channel: where the codes come from.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        new_code: Callable[[], str],
        channel: str = "web",
    ) -> None:
        self._log = log
        self._new_code = new_code
        self._whose = f"{channel}:"

    async def issue(self, address: str) -> str:
        """Return a fresh code for the visitor at this address; the one before it is no longer good."""
        code = self._new_code()
        await self._log.keep_note(_key(code), self._whose + address, GOOD_FOR)
        return code

    async def is_good(self, code: str, face: Address) -> bool:
        """Whether `face` may go on with the conversation that a code leads to, or did; the code stays as good as it was."""
        text = await self._log.fresh_note(_key(code))
        return text.startswith(self._whose) or text == ":".join(face)

    async def redeem(self, code: str, face: Address) -> bool:
        """
        Go on at `face` with the conversation that a code leads to; false where it is unknown, used elsewhere or too old.

        The code is used and the address bound in one step: what fails in between uses nothing, and a repeat is told the same.
        """
        return await self._log.bind_once(_key(code), face)


def _key(code: str) -> str:
    return f"link:{hashlib.sha256(code.encode(errors='replace')).hexdigest()}"
