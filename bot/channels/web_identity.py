"""
Who a visitor is by the word of the page that the widget stands on: a short-lived token, signed with the desk's secret.

HS256 and nothing else; `exp` at most a quarter of an hour ahead, `aud` this desk, `sub` the host's own name for the customer.
Source: RFC 7519, and RFC 8725 for what goes wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import jwt
from jwt.types import Options

from conversations.text import printable

MAX_TOKEN = 4096  # characters
LONGEST = timedelta(minutes=15)  # that a token may be valid for
LEEWAY = timedelta(minutes=1)  # that the clocks of two machines may differ by
MAX_NAME = 200  # characters
# The times are compared with our own clock, below; PyJWT would ask the machine's.
_OPTIONS: Options = {
    "require": ["exp", "aud", "sub"],
    "strict_aud": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class BadIdentity(Exception):
    """The token vouches for nobody; the message says why, to whoever embeds the widget."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer of the host's. `current` is false where the token was right and its time is over."""

    subject: str
    name: str = ""
    current: bool = True

    @property
    def address(self) -> str:
        """What the log knows the visitor by; no token of ours has a zero byte in it, so that none leads here."""
        return hashlib.sha256(f"identity\0{self.subject}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Vouching:
    """What tokens are held against; nobody is vouched for without a secret."""

    secret: str = ""
    audience: str = ""

    def identity(self, token: str, now: datetime) -> Identity:
        """
        Return whom a token vouches for.

        Raises:
            BadIdentity: nobody, or for too long.
        """
        if not self.secret:
            raise BadIdentity("This desk has no identity.secret in its desk.toml.")
        if len(token) > MAX_TOKEN:
            raise BadIdentity(f"The identity token has more than {MAX_TOKEN} characters.")
        claims = self._claims(token)
        expires = _time(claims, "exp")
        if expires > (now + LONGEST + LEEWAY).timestamp():
            raise BadIdentity("The identity token must expire within 15 minutes (exp).")
        if "nbf" in claims and _time(claims, "nbf") > (now + LEEWAY).timestamp():
            raise BadIdentity("The identity token is not valid yet (nbf).")
        current = expires > (now - LEEWAY).timestamp()
        return Identity(_text(claims, "sub"), _text(claims, "name", ""), current)

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token, self.secret, algorithms=["HS256"], audience=self.audience, options=_OPTIONS
            )
        except jwt.InvalidAudienceError as error:
            raise BadIdentity(f"The identity token is not for {self.audience!r} (aud).") from error
        except jwt.MissingRequiredClaimError as error:
            raise BadIdentity(f"The identity token has no {error.claim!r}.") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            why = "The identity token is not signed with this desk's secret by HS256."
            raise BadIdentity(why) from error


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadIdentity(f"{name!r} of the identity token is not a number of seconds.")
    return float(value)


def _text(claims: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = claims.get(name, default)
    text = printable(value).strip() if isinstance(value, str) else None
    if text is None or len(text) > MAX_NAME or (not text and default is None):
        raise BadIdentity(
            f"{name!r} of the identity token is not a text of 1 to {MAX_NAME} letters."
        )
    return text
