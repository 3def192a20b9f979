"""Which network a visitor comes from: a hash to count by, believed of named proxies alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.channels.networks import Networks
from bot.config import read_settings
from bot.refused import Refused
from conversations.events import Visitor
from conversations.reader import Reader
from tests.bot.served import Client, make_desk, served

PROXY = "10.1.2.3"
TRUSTING = "trusted_proxies = ['127.0.0.1']\n"


def named(peer: str | None, *forwarded: str, trusted: Sequence[str] = ("10.0.0.0/8",)) -> str:
    return Networks("key", trusted).named(peer, forwarded)


def test_neighbours_share_a_network_and_strangers_do_not() -> None:
    assert named("81.2.3.4") == named("81.2.3.250") != named("81.2.4.4")
    assert named("2a01:4f8:1:2::3") == named("2a01:4f8:1:ffff::9") != named("2a01:4f8:2::3")
    assert named("::ffff:81.2.3.4") == named("81.2.3.4")


def test_a_name_says_nothing_without_the_key() -> None:
    assert "81.2" not in named("81.2.3.4")
    assert Networks("another key").named("81.2.3.4", ()) != named("81.2.3.4")


@pytest.mark.parametrize(
    "peer", [None, "", "not an address", "127.0.0.1", "::1", "10.9.9.9", "192.168.1.7", "100.64.0.1", "fe80::1%eth0"]
)  # fmt: skip
def test_what_is_not_of_the_public_internet_tells_nothing(peer: str | None) -> None:
    assert named(peer, trusted=()) == ""


@pytest.mark.parametrize(
    "forwarded",
    [
        ["81.2.3.4"],
        ["81.2.3.4:51000"],
        ["6.6.6.6, 81.2.3.4"],
        ["6.6.6.6", "81.2.3.4, 10.7.7.7"],
        [" nonsense , 81.2.3.4 ,10.7.7.7"],
    ],
)
def test_a_named_proxy_is_believed_about_who_came_to_it(forwarded: list[str]) -> None:
    assert named(PROXY, *forwarded) == named("81.2.3.4") != ""


def test_a_proxy_may_write_a_port_behind_an_address_of_ipv6() -> None:
    assert named(PROXY, "[2a01:4f8:1::3]:443") == named("2a01:4f8:1::3") != ""


@pytest.mark.parametrize("forwarded", [[], [""], ["nonsense"], ["81.2.3.4, unknown"], ["10.7.7.7"]])
def test_a_proxy_that_names_nobody_leaves_the_network_unknown(forwarded: list[str]) -> None:
    assert named(PROXY, *forwarded) == ""


def test_nobody_else_is_believed() -> None:
    assert named("81.2.3.4", "6.6.6.6") == named("81.2.3.4")
    assert named(PROXY, "81.2.3.4", trusted=()) == ""


def test_a_proxy_is_named_by_its_address_or_network(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("name = 'Test'\ntrusted_proxies = ['127.0.0.1', '10.0.0.0/8']\n")
    assert read_settings(file).trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8")
    file.write_text("name = 'Test'\ntrusted_proxies = ['nginx']\n")
    with pytest.raises(Refused, match=r"trusted_proxies.*'nginx'.*write addresses and networks"):
        read_settings(file)


def visitor(folder: Path, channel: str, address: str) -> Visitor:
    with Reader.open(folder / "desk.db") as log:
        found = log.visitor(channel, address)
    assert found is not None
    return found


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def from_address(client: Client, address: str, who: str) -> None:
    client.session.headers["X-Forwarded-For"] = address
    await client.say("order", visitor=who)


async def test_a_visitor_keeps_the_network_of_the_first_message_and_no_address_is_written(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path, TRUSTING)
    async with served(desk) as client:
        await from_address(client, "81.2.3.4", "ada")
        await from_address(client, "92.5.6.7", "ada")
        await from_address(client, "81.2.3.99", "bob")
    ada, bob = (visitor(tmp_path, "api", name) for name in ("ada", "bob"))
    assert ada.network == bob.network != ""
    written = everything(tmp_path)
    assert ada.network.encode() in written
    assert not any(address in written for address in (b"81.2.3", b"92.5.6"))


async def test_the_widgets_visitors_have_networks_too(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, TRUSTING)
    async with served(desk) as client:
        headers = {"Origin": client.url, "X-Forwarded-For": "81.2.3.4"}
        async with client.session.ws_connect(f"{client.url}/ws", headers=headers) as ws:
            await ws.send_json({"type": "hello", "token": None, "seq": 0})
            await ws.receive_json()
            await ws.send_json({"type": "say", "id": "1", "text": "order"})
            async with asyncio.timeout(10):
                while (await ws.receive_json())["type"] != "ack":
                    pass
        await from_address(client, "81.2.3.99", "bob")
    with Reader.open(tmp_path / "desk.db") as log:
        assert log.networks() == 1


async def test_behind_a_key_the_address_is_a_programs(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, TRUSTING + "api_key = 'open sesame'\n")
    async with served(desk) as client:
        client.headers["Authorization"] = "Bearer open sesame"
        await from_address(client, "81.2.3.4", "ada")
    assert visitor(tmp_path, "api", "ada").network == ""
