"""The ledger that keeps up with the log."""

from __future__ import annotations

from pathlib import Path

from bot.followed import Followed
from conversations.ledger import Ledger
from conversations.privacy import erase
from tests.bot.house import house


def words(ledger: Ledger) -> list[str]:
    return [said.heard.text for said in ledger.said.values()]


async def test_what_was_erased_is_gone_from_the_ledger_too(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        followed = Followed(desk.log)
        await desk.say("my order please", who="ada")
        await desk.say("the weather", who="bob")
        assert await followed.ask(words) == ["my order please", "the weather"]
        ada = await desk.log.visitor("pigeon", "ada")
        assert ada is not None
        await erase(desk.log, ada.visitor_id, "ann")
        assert await followed.ask(words) == ["", "the weather"]
