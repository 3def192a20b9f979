"""A champion on probation: customers' own signals decide whether it stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.followed import Followed
from bot.probation import BEFORE, FEWEST, LOOKS, Looks, Probation, look_due, signs
from conversations.conduct import Conduct, conduct, decided_in
from conversations.events import ActionKind, Decided, Rated, Thumb, Utterance
from conversations.ledger import Ledger
from conversations.log import EventLog
from tests.bot.house import event_log

OLD, NEW = "a" * 16, "b" * 16


class NoWayBack(OSError):
    """The champion link cannot be moved."""


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EventLog]:
    async with event_log(tmp_path) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "probation.jsonl"


class Desk:
    """Customers of two Releases, and a champion that may be rolled back."""

    def __init__(self, log: EventLog, file: Path) -> None:
        self.log = log
        self.why: list[str] = []
        self.stuck = False
        self.probation = Probation(
            Followed(log), Looks(file), champions=lambda: (NEW, OLD), roll_back=self._roll_back
        )

    def _roll_back(self, why: str) -> None:
        if self.stuck:
            raise NoWayBack
        self.why.append(why)

    async def serve(
        self,
        release: str,
        count: int,
        *,
        disliked: int = 0,
        missed: int = 0,
        who: str = "",
        network: str = "",
    ) -> None:
        """Let a Release decide on so many messages, of one visitor each if nobody is named, the first of which go badly."""
        for number in range(count):
            name = f"{release[0]}{await self.log.seq()}"
            utterance = Utterance(
                channel="web",
                address=who or name,
                external_id=name,
                text=f"question {name}",
                network=network or f"network of {name}",
            )
            heard = (await self.log.hear(utterance)).recorded
            message_id = getattr(heard.event, "message_id", "")
            lost = number >= count - missed
            decided = Decided(
                message_id=f"d-{message_id}",
                in_reply_to=message_id,
                action=ActionKind.HANDOFF if lost else ActionKind.REPLY,
                text="Here.",
                intent="" if lost else "parcel",
                reason="out_of_scope" if lost else "confident",
                release=release,
            )
            await self.log.append(heard.conversation_id, decided)
            if number < disliked:
                down = Rated(message_id=decided.message_id, value=Thumb.DOWN)
                await self.log.append(heard.conversation_id, down)


async def taken_badly(log: EventLog, file: Path) -> Desk:
    """Return a desk whose new champion was served to fifty, of whom two fifths disliked it."""
    desk = Desk(log, file)
    await desk.serve(OLD, 100, disliked=4)
    await desk.serve(NEW, 50, disliked=20)
    return desk


async def test_a_champion_whose_answers_are_taken_badly_is_rolled_back(
    log: EventLog, file: Path
) -> None:
    desk = await taken_badly(log, file)
    await desk.probation.look()
    assert desk.why == ["probation: replies taken badly 20 of 50, before 4 of 100"]


async def test_a_champion_that_understands_less_is_rolled_back(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 100, missed=20)
    await desk.serve(NEW, 50, missed=35)
    await desk.probation.look()
    assert desk.why == ["probation: questions not understood 35 of 50, before 20 of 100"]


async def test_a_difference_that_chance_explains_is_no_reason(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 100, disliked=5, missed=20)
    await desk.serve(NEW, 50, disliked=5, missed=14)
    assert [sign.worse for sign in await desk.probation.look()] == [False, False]
    assert desk.why == []


async def test_nothing_is_judged_before_there_is_enough_to_judge(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, BEFORE - 1)
    await desk.serve(NEW, LOOKS[0], disliked=40)
    assert await desk.probation.look() == ()
    assert desk.why == []


async def test_each_look_is_taken_once(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 60)
    await desk.serve(NEW, 49)
    assert await desk.probation.look() == ()
    await desk.serve(NEW, 1)
    assert len(await desk.probation.look()) == 2
    await desk.serve(NEW, 5)
    assert await desk.probation.look() == ()


async def test_a_restart_goes_on_where_the_last_look_was(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 60)
    await desk.serve(NEW, 50)
    assert len(await desk.probation.look()) == 2
    await desk.serve(NEW, 20, disliked=20)
    for _ in range(3):
        desk = Desk(log, file)
        assert await desk.probation.look() == ()
    await desk.serve(NEW, 30)
    assert len(await Desk(log, file).probation.look()) == 2
    assert desk.why == []


async def test_a_look_that_passed_while_nobody_served_is_taken_at_the_start(
    log: EventLog, file: Path
) -> None:
    await taken_badly(log, file)
    again = Desk(log, file)
    await again.probation.look()
    assert again.why == ["probation: replies taken badly 20 of 50, before 4 of 100"]


async def test_a_server_that_could_not_roll_back_finds_the_reason_again(
    log: EventLog, file: Path
) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 100, disliked=4)
    await desk.serve(NEW, 50, disliked=20)
    desk.stuck = True
    with pytest.raises(NoWayBack):
        await desk.probation.look()
    again = Desk(log, file)
    await again.probation.look()
    assert len(again.why) == 1


async def test_what_was_looked_at_on_trial_is_not_looked_at_again_as_the_champion(
    log: EventLog, file: Path
) -> None:
    looks = Looks(file)
    desk = Desk(log, file)
    await desk.serve(OLD, 60)
    await desk.serve(NEW, 70)
    trial, champion = (
        Probation(Followed(log), looks, champions=lambda: (NEW, OLD), roll_back=desk.why.append)
        for _ in range(2)
    )
    assert len(await trial.look()) == 2
    assert await champion.look() == ()


def test_a_torn_line_of_the_record_is_no_look(file: Path) -> None:
    Looks(file).note(NEW, 50)
    with file.open("a", encoding="utf-8") as out:
        out.write('{"release": "' + NEW)
    assert Looks(file).at(NEW) == 50
    Looks(file).note(NEW, 110)
    assert (Looks(file).at(NEW), Looks(file).at(OLD)) == (110, 0)


@pytest.mark.parametrize(
    ("decisions", "looked", "due"),
    [(49, 0, False), (50, 49, True), (60, 50, False), (130, 60, True), (900, 500, True),
     (2000, 900, False)],
)  # fmt: skip
def test_looks_are_due_at_each_doubling(decisions: int, looked: int, due: bool) -> None:
    assert look_due(decisions, looked) is due


def test_nothing_beside_nothing_is_not_worse() -> None:
    assert not any(sign.worse for sign in signs(Conduct(), Conduct()))


@pytest.mark.parametrize(("who", "network"), [("flooder", ""), ("", "one network")])
async def test_who_floods_a_champion_with_thumbs_down_is_one_visitor(
    log: EventLog, file: Path, who: str, network: str
) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 60)
    await desk.serve(NEW, 70, disliked=70, who=who, network=network)
    assert await desk.probation.look() == ()  # one has not been served to fifty
    await desk.serve(NEW, 49)
    badly, missed = await desk.probation.look()
    assert (badly.after, badly.before) == ((1, 50), (0, 60))
    assert missed.after == (0, 50)
    assert desk.why == []


async def test_visitors_in_a_private_network_are_told_apart_by_their_names(
    log: EventLog, file: Path
) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 60, network="the proxy")
    await desk.serve(NEW, 50, disliked=20, network="the proxy")
    await desk.probation.look()
    assert desk.why == ["probation: replies taken badly 20 of 50, before 0 of 60"]


def test_a_few_who_are_beyond_chance_beside_very_many_are_not_enough() -> None:
    before = Conduct(decisions=3000, replies=3000)
    few, more = (Conduct(decisions=50, replies=50, disliked=bad) for bad in (FEWEST - 1, FEWEST))
    assert [signs(before, after)[0].worse for after in (few, more)] == [False, True]


async def test_conduct_counts_each_release_for_itself(log: EventLog, file: Path) -> None:
    desk = Desk(log, file)
    await desk.serve(OLD, 6, disliked=1, missed=2)
    await desk.serve(NEW, 3)
    ledger = Ledger.of(await log.events(0, 1000))
    assert conduct(ledger, await log.visitors(decided_in(ledger))) == {
        OLD: Conduct(decisions=6, replies=4, disliked=1, not_understood=2),
        NEW: Conduct(decisions=3, replies=3, disliked=0, not_understood=0),
    }
