"""Which addresses may be asked for pages, and which never."""

from __future__ import annotations

import pytest

from bot.pages.addresses import Allowed, NotAllowed

ALLOWED = Allowed.of(
    ["help.example.com", "Docs.Example.com:8443", "10.0.0.5", "127.0.0.1:8123", "localhost:81"]
)
UNUSUAL = "its host is an address in an unusual writing"
NO_PAGE = "it is no address of a page"


@pytest.mark.parametrize(
    "address",
    [
        "https://help.example.com/returns?lang=en#how",
        "https://HELP.example.com",
        "https://help.example.com:443/",
        "https://docs.example.com:8443/a",
        "https://10.0.0.5/",
        "http://127.0.0.1:8123/a",
        "http://localhost:81/",
    ],
)
def test_hosts_on_the_list_may_be_asked(address: str) -> None:
    assert ALLOWED.checked(address).fragment == ""


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://example.com/", "the host example.com is not among pages.allowed_hosts in desk.toml"),
        ("https://evil-help.example.com/", "is not among"),
        ("https://help.example.com.evil.example/", "is not among"),
        ("https://help.example.com./", UNUSUAL),
        ("https://help.example.com:8443/", "the host help.example.com:8443 is not among"),
        ("https://docs.example.com/", "is not among"),
        ("http://help.example.com/", "is not among"),
        ("http://help.example.com:443/", "only https is asked"),
        ("http://10.0.0.5:443/", "only https is asked"),
        ("https://127.0.0.1/", "is not among"),
        ("http://127.0.0.1:8124/", "is not among"),
        ("https://169.254.169.254/latest/meta-data/", "is not among"),
        ("https://[::1]/", "is not among"),
        ("https://[::ffff:127.0.0.1]/", ""),
        ("https://[::ffff:10.0.0.5]/", ""),
        ("https://[fe80::1%25eth0]/", ""),
        ("https://2130706433/", UNUSUAL),
        ("http://2130706433:8123/", UNUSUAL),
        ("https://0177.0.0.1/", UNUSUAL),
        ("https://127.1/", UNUSUAL),
        ("https://0x7f000001/", UNUSUAL),
        ("https://0x7f.0.0.1/", UNUSUAL),
        ("https://010.0.0.5/", UNUSUAL),
        ("https://10.0.5/", UNUSUAL),
        ("https://\uff11\uff12\uff17.0.0.1/", "the host 127.0.0.1 is not among"),
        ("https://help.example.com@evil.example/", "it holds a name or a password"),
        ("https://evil.example#@help.example.com/", "is not among"),
        ("https://help.example.com\\@evil.example/", NO_PAGE),
        ("https://evil.example\\.help.example.com/", NO_PAGE),
        ("https://help.example.com /", NO_PAGE),
        ("https://help.example.com\t/", NO_PAGE),
        ("https://help.example.com/\r\nHost: evil", NO_PAGE),
        ("https:///etc/passwd", NO_PAGE),
        ("https://", NO_PAGE),
        ("//help.example.com/", NO_PAGE),
        ("file:///etc/passwd", NO_PAGE),
        ("gopher://help.example.com/", NO_PAGE),
        ("javascript:alert(1)", NO_PAGE),
        ("https://help.example.com:99999/", ""),
        ("https://help.example.com:0/", ""),
        ("https://[bad/", ""),
        ("https://help.example.com/" + "a" * 2000, NO_PAGE),
        ("", NO_PAGE),
    ],
)  # fmt: skip
def test_anything_else_may_not(address: str, why: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        ALLOWED.checked(address)
    assert why in str(refused.value)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "10.0.0.5"])
def test_public_addresses_and_named_ones_may_be_connected_to(ip: str) -> None:
    ALLOWED.checked_ip(ip, 443)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.6", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.5", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:5",
        "2002:7f00:1::", "2001:0:7f00:1::", "nonsense",
    ],
)  # fmt: skip
def test_private_addresses_may_not_whatever_name_leads_there(ip: str) -> None:
    with pytest.raises(NotAllowed):
        ALLOWED.checked_ip(ip, 443)


def test_a_private_address_is_named_with_its_port() -> None:
    ALLOWED.checked_ip("127.0.0.1", 8123)
    with pytest.raises(NotAllowed, match=r"it leads to 127\.0\.0\.1, which is no public address"):
        ALLOWED.checked_ip("127.0.0.1", 8124)


@pytest.mark.parametrize(
    "entry",
    ["https://help.example.com", "help.example.com/", "*", "*.example.com", "", "a b", "2130706433",
     "0177.0.0.1", "10.0.0.0/8", "help.example.com:0", "help.example.com:70000", "user@help.example.com"],
)  # fmt: skip
def test_the_list_holds_hosts_and_nothing_like_them(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is no host: write help\.example\.com"):
        Allowed.of([entry])


def test_a_host_of_any_script_is_compared_as_it_is_looked_up() -> None:
    allowed = Allowed.of(["hilfe.m\u00fcller.example"])
    assert allowed.checked("https://hilfe.m\u00fcller.example/a") == allowed.checked(
        "https://hilfe.xn--mller-kva.example/a"
    )
