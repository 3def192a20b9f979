"""What a browser holds: a random token whose hash alone is kept, and what is derived of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32  # 256 bits: nobody guesses it, so that a plain hash keeps it


def new_token() -> str:
    """Return a token."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def csrf_of(token: str) -> str:
    """Return what a page of the console sends along with a change: only whoever may read /me knows it."""
    return hmac.new(token.encode(errors="replace"), b"csrf", "sha256").hexdigest()
