"""What operators are offered: of templates, pages and colleagues' answers, for this visitor and without anything of another's."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import running
from bot.assist import LEAST, MOST, Origin, Suggestion
from bot.assisting import Assistance, Assistant
from bot.champion import Champion
from bot.meters import Meters
from bot.operators import Unknown
from bot.precedents import Precedents
from bot.taking import Taking
from conversations.events import OperatorEdited, OperatorWrote, Recorded, Utterance
from conversations.log import EventLog
from tests.bot.house import WORDS, until
from tests.bot.reader import KeywordReader, load_reader, write_reader
from tests.bot.served import make_desk, served

ASKED = "can my dog chew these boots"
ANSWER = "Hello Maren, boots are no toys, so give the dog a bone. PP-204817 leaves today. Bob"
FOR_ANN = "Hello Ann, boots are no toys, so give the dog a bone. [order number] leaves today."


@dataclass
class Room:
    """A log with the assistant beside it, and what customers and operators do."""

    log: EventLog
    champion: Champion
    precedents: Precedents
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def said(self, text: str, visitor: str = "ann", name: str = "") -> str:
        utterance = Utterance(
            channel="web", address=visitor, external_id=f"x{next(self.numbers)}", text=text, name=name
        )  # fmt: skip
        return (await self.log.hear(utterance)).recorded.conversation_id

    async def wrote(self, conversation_id: str, text: str, operator: str = "Bob") -> Recorded:
        wrote = OperatorWrote(message_id=f"o{next(self.numbers)}", operator=operator, text=text)
        return await self.log.append(conversation_id, wrote)

    async def answered(self, visitor: str, name: str = "", answer: str = ANSWER) -> Recorded:
        return await self.wrote(await self.said(ASKED, visitor, name), answer)

    async def assist(self, conversation_id: str, message_id: str = "") -> Assistance:
        await self.precedents.catch_up()
        return await self.assistant.assist(conversation_id, message_id)

    @property
    def assistant(self) -> Assistant:
        return Assistant(self.log, Taking(self.champion), self.precedents, WORDS)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with (
        EventLog.open(
            tmp_path / "desk.db",
            clock=lambda: datetime.now(UTC),
            new_id=map("id{}".format, itertools.count()).__next__,
            session_idle=timedelta(hours=12),
        ) as log,
        Champion(KeywordReader(), load=load_reader, meters=Meters()) as champion,
    ):
        yield Room(log, champion, Precedents(log, champion))


def origins(found: Assistance) -> list[Origin]:
    return [one.origin for one in found.suggestions]


def colleagues(found: Assistance) -> list[Suggestion]:
    return [one for one in found.suggestions if one.origin is Origin.ANSWERED]


async def test_an_approved_answer_is_offered_as_this_visitor_would_get_it(room: Room) -> None:
    here = await room.said("where is order PP-118230", name="Ann Lee")
    found = (await room.assist(here)).suggestions
    assert (found[0].text, found[0].template_id) == (
        "Order PP-118230 is on its way.",
        "order-known",
    )
    assert found[0].likely > 0.8
    assert [one.likely for one in found] == sorted((one.likely for one in found), reverse=True)
    assert len(found) <= MOST
    assert all(one.likely >= LEAST for one in found)


async def test_a_person_who_is_asked_for_is_no_reply(room: Room) -> None:
    await room.said("where is my order")
    await room.said("thanks")
    here = await room.said("a person please")
    found = await room.assist(here)
    assert found.about is not None
    assert found.about.text == "where is my order"
    assert found.suggestions[0].template_id == "order-ask"
    assert "talk_to_person" not in {one.intent for one in found.suggestions}


async def test_a_second_message_is_read_with_the_first_across_a_persons_words(room: Room) -> None:
    here = await room.said("what does the return cost")
    await room.wrote(here, "Nothing at all, within sixty days.")
    await room.said("and with a gift?")
    found = await room.assist(here)
    assert found.suggestions[0].intent == "return_item"
    assert found.about is not None
    assert found.about.text == "and with a gift?"


async def test_pages_are_quoted_with_where_they_can_be_read(room: Room) -> None:
    found = await room.assist(await room.said("is there a page on boots"))
    page = next(one for one in found.suggestions if one.origin is Origin.PAGE)
    assert "Rinse them, dry them slowly." in page.text
    assert [source.url for source in page.sources] == ["/pages/care"]


async def test_what_a_colleague_answered_comes_without_what_was_anothers(room: Room) -> None:
    await room.answered("maren", "Maren Lindqvist")
    here = await room.said(ASKED, name="Ann Lee")
    [found] = colleagues(await room.assist(here))
    assert (found.text, found.gaps) == (FOR_ANN, ("[order number]",))
    assert found.precedent is not None
    assert (found.precedent.operator, found.precedent.times) == ("Bob", 1)
    await room.said("it is PP-118230 by the way, " + ASKED)
    [found] = colleagues(await room.assist(here))
    assert "PP-118230 leaves today" in found.text
    assert not found.gaps


async def test_answers_that_nearly_say_the_same_are_one_and_likelier(room: Room) -> None:
    await room.answered("maren", "Maren")
    here = await room.said(ASKED)
    alone = colleagues(await room.assist(here))[0].likely
    await room.answered("piet", "Piet", ANSWER.replace("Maren", "Piet"))
    [found] = colleagues(await room.assist(here))
    assert found.precedent is not None
    assert found.precedent.times == 2
    assert found.likely > alone
    await room.answered("eve", answer="No, please do not let any dog do such things to them.")
    two = colleagues(await room.assist(here))
    assert [one.precedent.times for one in two if one.precedent] == [2, 1]
    assert two[0].likely < found.likely


@pytest.mark.parametrize(
    "answer",
    [
        "I have sent the new pair to 12 Harbour Street, Cork, it is there tomorrow.",
        "Ask a@b.example or call +49 170 1234567 or write to PP-204817, that is all.",
        "寄到上海市南京路123号了，明天上午送到。",
        "Bitte geben Sie dem Hund lieber einen Knochen, Stiefel sind kein Spielzeug.",
    ],
)
async def test_an_answer_that_cannot_be_made_anothers_is_not_offered(
    room: Room, answer: str
) -> None:
    await room.answered("maren", answer=answer)
    assert not colleagues(await room.assist(await room.said(ASKED)))


async def test_what_was_erased_is_never_offered_again(room: Room) -> None:
    wrote = await room.answered("maren")
    await room.answered("piet", answer="Boots are for people, and bones are for dogs, I think.")
    here = await room.said(ASKED)
    assert len(colleagues(await room.assist(here))) == 2
    visitor = await room.log.visitor_of(wrote.conversation_id)
    assert visitor is not None
    await room.log.erase(visitor.visitor_id, "boss")
    [left] = colleagues(await room.assistant.assist(here))  # at once, before the index looks again
    assert left.text.startswith("Boots are for people")


async def test_an_edit_counts_and_a_start_finds_what_was_there_before(room: Room) -> None:
    wrote = await room.answered("maren")
    assert isinstance(wrote.event, OperatorWrote)
    edited = OperatorEdited(
        message_id="e",
        corrects=wrote.event.message_id,
        replaces=wrote.seq,
        operator="Bob",
        text="Boots are for feet, and never for teeth.",
    )
    await room.log.append(wrote.conversation_id, edited)
    here = await room.said(ASKED)
    room.precedents = Precedents(room.log, room.champion)
    [found] = colleagues(await room.assist(here))
    assert found.text == edited.text


async def test_another_champion_places_the_questions_anew(room: Room, tmp_path: Path) -> None:
    await room.answered("maren")
    here = await room.said(ASKED)
    assert colleagues(await room.assist(here))
    link = tmp_path / "champion"
    link.symlink_to(tmp_path / write_reader(tmp_path, "b" * 16))
    async with running(room.champion.watch(link)):
        await until(lambda: room.champion.serving.hash == "b" * 16)
    assert not colleagues(await room.assistant.assist(here))  # the old places say nothing to it
    assert colleagues(await room.assist(here))


async def test_a_message_may_be_named_and_what_is_not_there_is_said(room: Room) -> None:
    here = await room.said("where is my order")
    first = (await room.log.history(here))[0].event
    await room.said("how do I return it")
    named = await room.assist(here, getattr(first, "message_id", ""))
    assert named.about is not None
    assert named.about.text == "where is my order"
    with pytest.raises(Unknown, match="no message 'nothing'"):
        await room.assist(here, "nothing")
    with pytest.raises(Unknown, match="no conversation 'nowhere'"):
        await room.assist("nowhere")


async def test_a_text_that_the_model_cannot_read_leaves_the_summary(room: Room) -> None:
    found = await room.assist(await room.said("boom"))
    assert (found.about, found.suggestions) == (None, ())


async def test_a_draft_for_everybody_is_made_of_what_one_customer_was_told(room: Room) -> None:
    here = await room.said("where is my order PP-118230, this is Maren", name="Maren")
    wrote = await room.wrote(here, "Hello Maren, PP-118230 comes on Monday. Ask a@b.example. Bob")
    assert isinstance(wrote.event, OperatorWrote)
    lesson = await room.assistant.lesson(here, "", "", wrote.event.message_id)
    draft = lesson.draft
    assert draft.question == "where is my order, this is"
    assert draft.text == "{{ order_number }} comes on Monday. Ask [email]."
    assert (draft.needs, draft.gaps) == (("order_number",), ("[email]",))
    assert lesson.proposals[0].intent == "order_status"
    assert "talk_to_person" not in {one.intent for one in lesson.proposals}
    typed = await room.assistant.lesson(here, "hi Maren! it rains.", "Bob")
    assert typed.draft.text == "It rains."


# Over HTTP


async def test_what_is_offered_comes_over_http_and_nothing_is_sent(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        said = await client.say("where is order", name="Ann")
        path = f"/api/v1/conversations/{said['conversation_id']}"
        status, found = await client.get(f"{path}/assist", operator=True)
        assert (status, found["about"]["text"], found["summary"]) == (200, "where is order", [])
        [first, *_] = found["suggestions"]
        assert (first["origin"], first["text"]) == ("template", "Hello Ann, which order?")
        events = (await client.get(path, operator=True))[1]["events"]
        assert {event["kind"] for event in events} <= {"heard", "decided", "delivered"}
        assert (await client.get(f"{path}/assist"))[0] == 401
        status, problem = await client.get(f"{path}/assist?message=none", operator=True)
        assert (status, problem["detail"]) == (
            404,
            "The customer wrote no message 'none' in this conversation.",
        )


async def test_a_draft_is_taught_at_once_and_taken_back(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        said = await client.say("do you wrap gifts, my name is Ann Lee")
        path = f"/api/v1/conversations/{said['conversation_id']}/answer-draft"
        _, draft = await client.post(path, {"text": "Hi Ann, two euros."}, operator=True)
        assert (draft["text"], draft["question"]) == ("Two euros.", "do you wrap gifts, my name is")
        lesson = {"operator": "Bob", "intent": "gift_wrap", "text": draft["text"], "questions": ["do you wrap gifts"]}  # fmt: skip
        _, taught = await client.post("/api/v1/teachings", lesson, operator=True)
        assert taught["in_force"]
        assert (await client.say("do you wrap gifts", visitor="eve"))["text"] == "Two euros."
        undone = f"/api/v1/teachings/{taught['teaching_id']}?operator=Bob"
        assert (await client.ask("DELETE", undone, operator=True))[0] == 200
        assert (await client.say("do you wrap gifts", visitor="ida"))["text"] != "Two euros."
        for body, status in (({}, 400), ({"text": " "}, 400), ({"message_id": "none"}, 404)):
            assert (await client.post(path, body, operator=True))[0] == status
