"""
Who a browser is: an unnamed visitor by a token of ours, or a customer whom the host's page vouches for.

A token is a secret of 256 bits that the browser keeps; the log knows it by its hash. Where the page says who the visitor is, the
browser gets a new token, which leads to that customer for half a day and only together with the page's word; shown without it, the
token ends. What was said before signing in goes along; what was said while signed in does not stay with the browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.web_identity import BadIdentity, Identity, Vouching
from conversations.log import EventLog, Rejected

CHANNEL = "web"
SESSION = timedelta(hours=12)  # that a browser is somebody for without a token that is still valid
RENEWED = timedelta(hours=1)  # after which a valid token makes the half day begin anew
TOGETHER = timedelta(minutes=1)  # within which two tabs that sign in at once are given one token


@dataclass(frozen=True, slots=True)
class Entered:
    """
    A browser that was let in. `token` is what it is to keep, and `kept` whether it had that already.

    `trouble` says why the page's identity was refused.
    """

    token: str
    address: str
    kept: bool
    name: str = ""
    trouble: str = ""


class Visitors:
    """
    The door of the web channel.

    Args:
        new_token: makes a visitor's secret, 256 bits; the log only ever sees its hash.
        here: the addresses that have an open socket; one of them may be storing a first word.
        vacate: closes the sockets of an address, before its conversations become somebody's.
    """

    def __init__(
        self,
        log: EventLog,
        vouching: Vouching,
        *,
        clock: Callable[[], datetime],
        new_token: Callable[[], str],
        here: Container[str],
        vacate: Callable[[str], None],
    ) -> None:
        self._log = log
        self._vouching = vouching
        self._clock = clock
        self._new_token = new_token
        self._here = here
        self._vacate = vacate
        self._lately: dict[tuple[str, str], tuple[str, datetime]] = {}

    async def enter(self, token: str | None, identity: str | None) -> Entered:
        """Let a browser in, with the token that it has and the identity that its page gives."""
        session = await self._session(token)
        try:
            who = self._vouching.identity(identity, self._clock()) if identity else None
        except BadIdentity as error:
            return await self._unnamed(token, session, str(error))
        if who is None:
            return await self._unnamed(token, session)
        if token and session and session.address == who.address:
            if who.current and session.age > RENEWED:
                await self._log.let_in(address_of(token), who.address)
            if who.current or session.age < SESSION:
                return Entered(token, who.address, kept=True, name=who.name)
        if not who.current:
            return await self._unnamed(token, session, "The identity token has expired (exp).")
        return await self._named(token, session, who)

    async def address_of(self, token: str, identity: str | None) -> str | None:
        """
        Return who bears a token, together with the identity that the page gives; None where nobody does.

        Raises:
            BadIdentity: the token leads to a customer, and the page does not say that this is them.
        """
        if session := await self._session(token):
            if not session.address or session.age >= SESSION:
                return None
            if self._vouching.identity(identity or "", self._clock()).address != session.address:
                raise BadIdentity("The identity token is another customer's.")
            return session.address
        return await self._unnamed_at(token)

    async def _unnamed_at(self, token: str) -> str | None:
        """Return the address of an unnamed visitor."""
        address = address_of(token)
        known = address in self._here or await self._log.visitor(CHANNEL, address) is not None
        return address if known else None

    async def _session(self, token: str | None) -> _Session | None:
        """Return the customer that a token leads to, or led to until some time ago."""
        found = await self._log.session(address_of(token)) if token else None
        return _Session(found[0], self._clock() - found[1]) if found else None

    async def _unnamed(
        self, token: str | None, session: _Session | None, trouble: str = ""
    ) -> Entered:
        if token and session:  # signed out
            await self._log.let_in(address_of(token), "")
        elif token and await self._unnamed_at(token):
            return Entered(token, address_of(token), kept=True, trouble=trouble)
        fresh = self._new_token()
        return Entered(fresh, address_of(fresh), kept=False, trouble=trouble)

    async def _named(self, token: str | None, session: _Session | None, who: Identity) -> Entered:
        """Let a browser in as a customer, with a new token: the old one may be in other hands."""
        old = address_of(token) if token else ""
        if old and session:
            await self._log.let_in(old, "")
        elif old and await self._log.visitor(CHANNEL, old):
            self._vacate(old)
            await self._join(old, who)
        fresh = self._token_for(old, who)
        await self._log.let_in(address_of(fresh), who.address)
        return Entered(fresh, who.address, kept=False, name=who.name)

    async def _join(self, old: str, who: Identity) -> None:
        with suppress(Rejected):  # another tab of this browser was quicker
            await self._log.join(CHANNEL, old, who.address, who.name)

    def _token_for(self, old: str, who: Identity) -> str:
        """Return a new token; two tabs of one browser that sign in at once get one, or each would take the other's for the latest."""
        now = self._clock()
        self._lately = {k: v for k, v in self._lately.items() if now - v[1] < TOGETHER}
        token, _ = self._lately.get((old, who.address), ("", now)) if old else ("", now)
        token = token or self._new_token()
        self._lately[old, who.address] = token, now
        return token


@dataclass(frozen=True, slots=True)
class _Session:
    """A browser's time as the customer at `address`."""

    address: str
    age: timedelta


def address_of(token: str) -> str:
    """Return what the log knows a visitor by; the token itself is kept by the visitor alone."""
    return hashlib.sha256(token.encode()).hexdigest()
