"""
Which network a visitor comes from, as a keyed hash: enough to count by, and no address.

It is kept once a visitor, from their first message on: who came from it is forgotten with the visitor, and what it was with the key.
An address that is not of the public internet tells nothing: behind it stands a proxy that the desk does not name, or the house itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp import web

# What one customer gets of a provider: a whole /48 of IPv6, and an address among neighbours of IPv4, where it changes.
PREFIX = {4: 24, 6: 48}  # bits
DIGITS = 16  # of the hash: 64 bits, so that a million networks hardly ever share one

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Networks:
    """
    Names the networks of requests.

    Args:
        key: the desk's own, without which nobody can try all addresses out.
        trusted: networks of the proxies whose X-Forwarded-For is believed; from anybody else it is a visitor's word.
    """

    def __init__(self, key: str, trusted: Sequence[str] = ()) -> None:
        self._key = key.encode()
        self._trusted: list[Network] = [ip_network(one) for one in trusted]

    def of(self, request: web.Request) -> str:
        """Return the name of the network that a request comes from, empty where nobody can tell."""
        return self.named(request.remote, request.headers.getall("X-Forwarded-For", []))

    def source(self, request: web.Request) -> str:
        """Return the name of where a request comes from: its network, or the very address where that is not public."""
        forwarded = request.headers.getall("X-Forwarded-For", [])
        if network := self.named(request.remote, forwarded):
            return network
        return self._hashed(str(self._visitor(request.remote, forwarded)))

    def named(self, peer: str | None, forwarded: Sequence[str]) -> str:
        """
        Return the name of the network behind a connection, empty where nobody can tell.

        Args:
            peer: the address at its other end.
            forwarded: the X-Forwarded-For headers, in their order.
        """
        address = self._visitor(peer, forwarded)
        if address is None or not address.is_global:
            return ""
        network = ip_network((address, PREFIX[address.version]), strict=False)
        return self._hashed(str(network))

    def _hashed(self, place: str) -> str:
        return hmac.new(self._key, place.encode(), "sha256").hexdigest()[:DIGITS]

    def _visitor(self, peer: str | None, forwarded: Sequence[str]) -> Address | None:
        """Return the first address that is no trusted proxy's, from our end on: what stands before it anybody may write."""
        for hop in (peer or "", *_hops(forwarded)):
            address = _address(hop)
            if address is None or not any(address in network for network in self._trusted):
                return address
        return None


def _hops(forwarded: Sequence[str]) -> Iterator[str]:
    yield from reversed([hop for header in forwarded for hop in header.split(",")])


def _address(hop: str) -> Address | None:
    """Return the address of a hop; some proxies write its port as well."""
    host = hop.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
