"""The whole loop, with real parts: asked, answered, corrected, retrained, swapped under load, rolled back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from bot.cli import frontdesk
from bot.desk import Desk
from conversations.events import HUMAN, Decided, Event, Heard, Rated, Thumb
from conversations.lessons import Labelled
from conversations.reader import Reader
from retrieval.dataset import learned_by
from tests.bot.served import Client
from tests.desks import finished, serving, train_first, write_desk
from tests.fakes.telegram import FakeTelegram

TOKEN = "123456:Loopback-token_of-a-bot"
KNOWN, KNOWN_ANSWER = "please where is my order", "look under My orders."
STRANGE = "plan a trip to africa"
MISREAD, ANSWER_BEFORE, ANSWER_AFTER = (
    "torn coat",
    "Send it with the repair form.",
    "Print a label under My orders.",
)
TAKEN_OVER = 2.0  # seconds until a running server has a new champion
SLOWNESS = 3.0  # other tests may run beside it

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all


@dataclass(frozen=True)
class Shop:
    """A desk with its server and its Telegram, and the name of its first Release."""

    desk: Desk
    client: Client
    telegram: FakeTelegram
    encoder: Path
    first: str
    chats: count[int] = field(default_factory=lambda: count(1))

    async def by_telegram(self, text: str) -> tuple[int, str]:
        """Ask from a fresh chat; return it and what the bot said."""
        chat = next(self.chats)
        self.telegram.customer_says(chat, text)
        return chat, (await self.telegram.wait_for_message(chat, within=20)).text

    async def run(self, *words: str) -> Result:
        """Run a short command, in this process; the server is another one."""
        words = (*words, "--desk", str(self.desk.folder))
        return await asyncio.to_thread(CliRunner().invoke, frontdesk, words)

    async def done(self, *words: str) -> str:
        result = await self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    async def serves(self, release: str) -> float:
        """Wait until the server answers with this Release; return the seconds that took."""
        begun = time.monotonic()
        for number in count():
            visitor = f"waiting-{begun}-{number}"
            if (await self.client.say(KNOWN, visitor))["release"] == release:
                return time.monotonic() - begun
            await asyncio.sleep(0.05)
            assert time.monotonic() - begun < TAKEN_OVER * SLOWNESS, "the champion was not taken"
        raise AssertionError


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with FakeTelegram(TOKEN) as telegram:
        folder = tmp_path_factory.mktemp("loop") / "desk"
        desk = write_desk(folder, f"[telegram]\nbase_url = '{telegram.base_url}'\n")
        first = train_first(desk, tiny_encoder)
        async with serving(desk, env={"FRONTDESK_TELEGRAM_TOKEN": TOKEN}) as client:
            yield Shop(desk, client, telegram, tiny_encoder, first)


async def test_a_known_question_gets_its_template_and_a_strange_one_the_offer_of_a_person(
    shop: Shop,
) -> None:
    answer = await shop.client.say(KNOWN, "ada")
    assert (answer["action"], answer["template_id"]) == ("reply", "order_status.plain")
    assert answer["text"].endswith(KNOWN_ANSWER)
    assert answer["release"] == shop.first
    assert (await shop.by_telegram(KNOWN))[1].endswith(KNOWN_ANSWER)
    strange = await shop.client.say(STRANGE, "ada")
    assert (strange["action"], strange["template_id"]) == ("clarify", "")
    assert [choice["value"] for choice in strange["choices"]] == [HUMAN]
    assert "colleague" in (await shop.by_telegram(STRANGE))[1]
    assert (await shop.client.say("yes", "ada"))["action"] == "handoff"


async def test_a_conversation_that_is_given_back_is_answered_again(shop: Shop) -> None:
    strange = await shop.client.say(STRANGE, "bea")
    assert (await shop.client.say("yes please", "bea"))["action"] == "handoff"
    assert (await shop.client.say(KNOWN, "bea"))["action"] == "silent"
    await shop.done("give-back", strange["conversation_id"])
    assert (await shop.client.say(KNOWN, "bea"))["action"] == "reply"


async def test_a_card_is_recomputed_to_the_bit(shop: Shop) -> None:
    answer = await shop.client.say(KNOWN, "cleo")
    shown = json.loads(await shop.done("explain", answer["message_id"], "--json"))
    assert shown["read"] == KNOWN
    assert shown["recomputed"]["identical"] is True
    assert shown["recomputed"]["confidence"] == answer["confidence"]


async def test_a_correction_changes_the_answer_and_no_message_is_lost_meanwhile(shop: Shop) -> None:
    asked = await shop.client.say(MISREAD, "dora")
    assert asked["text"] == ANSWER_BEFORE
    chat, told = await shop.by_telegram(MISREAD)
    assert told == ANSWER_BEFORE
    await thumbs_down(shop, asked, chat)
    await shop.done("label", asked["in_reply_to"], "return_item", "--operator", "eve")
    assert (await shop.client.say(MISREAD, "dora"))["text"] == ANSWER_AFTER  # at once
    events = logged(shop.desk)
    assert [e.value for e in events if isinstance(e, Rated)] == [Thumb.DOWN, Thumb.DOWN]
    assert [e.operator for e in events if isinstance(e, Labelled)] == ["eve"]
    async with trickle(shop) as asking:
        night = await retrained(shop)
        assert (night["outcome"], night["lessons"]) == ("promoted", 1)
        await shop.serves(night["challenger"])
        assert (asked["in_reply_to"], "return_item") in learned_by(shop.desk.shelf.champion)
        answer = await shop.client.say(MISREAD, "dora")
        assert (answer["text"], await edition(shop, answer)) == (ANSWER_AFTER, None)
        assert (await shop.by_telegram(MISREAD))[1] == ANSWER_AFTER

        await shop.done("releases", "rollback")
        await shop.serves(shop.first)
        answer = await shop.client.say(
            MISREAD, "dora"
        )  # the operator's word stands beside any Release
        assert (answer["text"], bool(await edition(shop, answer))) == (ANSWER_AFTER, True)
        await shop.done("teach", "--undo", asked["in_reply_to"])
        assert (await shop.client.say(MISREAD, "dora"))["text"] == ANSWER_BEFORE
    await asking.lost_nothing({shop.first, night["challenger"]})


async def edition(shop: Shop, answer: dict[str, Any]) -> Any:
    """Return what lay over the Release that gave an answer, None where nothing did."""
    path = f"/api/v1/messages/{answer['message_id']}/evidence"
    return (await shop.client.get(path, operator=True))[1]["evidence"].get("edition")


async def thumbs_down(shop: Shop, asked: dict[str, Any], chat: int) -> None:
    """Say over both channels that the answer was wrong."""
    body = {"message_id": asked["message_id"], "value": "down"}
    assert (await shop.client.post("/api/v1/feedback", body))[0] == 200
    buttons = [b for row in shop.telegram.sent_to(chat)[0].buttons for b in row]
    down = next(data for label, data in buttons if "👎" in label)
    query = shop.telegram.taps(chat, down)
    await shop.telegram.wait_until(lambda: query in shop.telegram.answers, within=20)


async def retrained(shop: Shop) -> dict[str, Any]:
    """Run the nightly command as a process; return how it ended."""
    where = ("--desk", str(shop.desk.folder), "--encoder", str(shop.encoder))
    code, out, err = await finished("retrain", "--fast", "--json", *where)
    assert code == 0, err
    night: dict[str, Any] = json.loads(out)
    return night


@dataclass
class Trickle:
    """Customers who keep asking the same, each once, over both channels."""

    shop: Shop
    said: list[str] = field(default_factory=list)  # as the log calls them
    answers: list[dict[str, Any]] = field(default_factory=list)
    chats: list[int] = field(default_factory=list)
    enough: bool = False

    async def ask(self) -> None:
        for number in count():
            if self.enough:
                return
            visitor = f"trickle-{number}"
            self.answers.append(
                await self.shop.client.say(KNOWN, visitor, client_message_id=str(number))
            )
            self.said.append(json.dumps([visitor, str(number)]))
            if number % 5 == 0:
                self.chats.append(1000 + number)
                message_id = self.shop.telegram.customer_says(self.chats[-1], KNOWN)
                self.said.append(f"{self.chats[-1]}:{message_id}")
            await asyncio.sleep(0.05)

    async def lost_nothing(self, releases: set[str]) -> None:
        """Every one was heard once, answered once and rightly, by one of the Releases."""
        for chat in self.chats:
            assert (await self.shop.telegram.wait_for_message(chat)).text.endswith(KNOWN_ANSWER)
        assert {answer["action"] for answer in self.answers} == {"reply"}
        assert {answer["release"] for answer in self.answers} == releases
        events = logged(self.shop.desk)
        heard = [event for event in events if isinstance(event, Heard)]
        times = Counter(event.external_id for event in heard)
        assert [times[said] for said in self.said] == [1] * len(self.said)
        answered = [event.in_reply_to for event in events if isinstance(event, Decided)]
        assert sorted(answered) == sorted(event.message_id for event in heard)


@contextlib.asynccontextmanager
async def trickle(shop: Shop) -> AsyncIterator[Trickle]:
    """Let customers ask for as long as the block lasts."""
    asking = Trickle(shop)
    task = asyncio.create_task(asking.ask())
    try:
        yield asking
    finally:
        asking.enough = True
        await task  # whatever a customer was refused is raised here


def logged(desk: Desk) -> list[Event]:
    with Reader.open(desk.database) as log:
        return [recorded.event for recorded in log.events()]
