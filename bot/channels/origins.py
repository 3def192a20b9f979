"""Whether a page that asks is one of the server's own."""

from __future__ import annotations

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def is_own(origin: str, host: str) -> bool:
    """Whether a page of this origin came from the server that was asked as `host`; a missing or opaque origin did not."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in _PORTS or not parts.netloc:
        return False
    default = f":{_PORTS[parts.scheme]}"
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)
