"""
Which addresses on the web may be asked for pages: hosts that the desk names, over https, at public addresses.

Pure. A private address (loopback, a company's own network, a cloud's metadata) is asked only where it stands in the list
itself, however a name or a redirect leads to it. http is for loopback alone, named with its port.

NotAllowed    an address may not be asked; the message says why and what would allow it
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from yarl import URL

HTTPS = 443
NAME = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
NUMBER = re.compile(
    r"(?:.*\.)?(?:0x[0-9a-f]*|\d+)\.?"
)  # a last part of digits: an address, however it is written
ENTRY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")
MAX_URL = 2_000  # characters

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(Exception):
    """This address may not be asked."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts that a desk names, each with its port."""

    hosts: frozenset[tuple[str, int]]

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """
        Read entries such as `help.example.com`, `help.example.com:8443`, `10.0.0.5` or `[fd00::5]:8443`.

        Raises:
            ValueError: one of them is none.
        """
        return cls(frozenset(_entry(entry.strip().lower()) for entry in entries))

    def checked(self, address: str) -> URL:
        """
        Return an address that may be asked, as far as its text says so; where its name leads is `checked_ip`'s to say.

        Raises:
            NotAllowed: it may not.
        """
        url = _parsed(address)
        host, port = (url.raw_host or "").lower(), url.port or 0
        if (host, port) not in self.hosts:
            shown = f"{host}:{port}" if port != HTTPS else host
            raise NotAllowed(f"the host {shown} is not among pages.allowed_hosts in desk.toml")
        if url.scheme != "https" and not _is_loopback(host):
            raise NotAllowed("only https is asked; http could be read and changed on its way")
        if _is_number(host):
            self.checked_ip(host, port)
        return url

    def checked_ip(self, ip: str, port: int) -> None:
        """
        Let an address pass that is public, or that stands in the list itself.

        Raises:
            NotAllowed: it is neither.
        """
        try:
            address = ipaddress.ip_address(ip)
        except ValueError as error:
            raise NotAllowed(f"{ip} is no address") from error
        if (str(address), port) not in self.hosts and not _is_public(address):
            raise NotAllowed(
                f"it leads to {address}, which is no public address; where that is meant, name it in "
                "pages.allowed_hosts too"
            )


def _entry(entry: str) -> tuple[str, int]:
    found = ENTRY.fullmatch(entry if entry.isascii() else _ascii(entry))
    host, port = (found[1].strip("[]"), int(found[2] or HTTPS)) if found else ("", 0)
    if not 0 < port < 65536 or not (
        _canonical(host) or (NAME.fullmatch(host) and not _is_number(host))
    ):
        raise ValueError(
            f"{entry!r} is no host: write help.example.com, with a port only where it is not 443"
        )
    return host, port


def _ascii(entry: str) -> str:
    """Return an entry of any script as names are looked up: müller.example as xn--mller-kva.example."""
    try:
        return str(URL(f"https://{entry}").host_port_subcomponent or "")
    except ValueError:
        return ""


def _parsed(address: str) -> URL:
    if len(address) > MAX_URL or not address.isprintable() or set(address) & set(' \\<>"'):
        raise NotAllowed("it is no address of a page")
    try:
        url = URL(address)
        host = url.raw_host
    except ValueError as error:
        raise NotAllowed("it is no address of a page") from error
    if url.scheme not in {"https", "http"} or not host:
        raise NotAllowed("it is no address of a page: those begin with https://")
    if url.raw_user is not None or url.raw_password is not None:
        raise NotAllowed("it holds a name or a password before the host")
    if not _canonical(host) and (_is_number(host.lower()) or not NAME.fullmatch(host.lower())):
        raise NotAllowed("its host is an address in an unusual writing")
    return url.with_fragment(None)


def _canonical(host: str) -> bool:
    try:
        return str(ipaddress.ip_address(host)) == host
    except ValueError:
        return False


def _is_number(host: str) -> bool:
    return ":" in host or bool(NUMBER.fullmatch(host))


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_canonical(host) and ipaddress.ip_address(host).is_loopback)


def _is_public(address: Address) -> bool:
    """An IPv6 address that carries an IPv4 one is as public as that one."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if address in NAT64 or address in COMPATIBLE:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return _is_public(carried)
    return address.is_global and not address.is_multicast
