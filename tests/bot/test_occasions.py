"""Who gets which answer: by channel, language, day and group, with what comes along, through whole turns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels.telegram_text import lines
from bot.channels.web_frames import event
from bot.channels.web_visitors import CHANNEL
from bot.commands.chat import said
from bot.dialogue import Speech, Words, say
from bot.intake import MAX_TEXT
from bot.occasions import noted, occasion_of
from bot.policy import Reason, Reply
from bot.says import CHINESE, Says
from conversations.conversation import fold
from conversations.events import ActionKind, Attached, Decided, Recorded, Visitor
from retrieval.enclosures import Attachment, QuickReply
from retrieval.prediction import Candidate
from retrieval.templates import Template
from retrieval.variants import CHANNELS, Occasion, Variant
from tests.bot.form_desk import YAML, forms_in
from tests.bot.house import house
from tests.bot.reader import TEMPLATES, KeywordReader
from tests.bot.served import make_desk, served

SEGMENTED = {"visitor": "eve", "text": "return", "segments": ["business"]}
TODAY = datetime.now(UTC).date()
RETURN = Template(
    "return",
    "return_item",
    "Sixty days, free label.",
    variants=(
        Variant("Sechzig Tage, kostenlos.", language="de"),
        Variant("Sixty days.", "pigeon"),
    ),
    attachments=(
        Attachment("The form", "https://shop.example/form.pdf"),
        Attachment("The label", "files/label.pdf"),
    ),
    quick_replies=(QuickReply("And my order?", "where is my order"),),
)


def reader(*templates: Template) -> KeywordReader:
    """A Release with other answers about sending back."""
    others = [t for t in TEMPLATES if t.intent != "return_item"]
    gift = replace(TEMPLATES[3], intent="washing_care")
    return KeywordReader(templates=(*others, gift, *templates))


async def test_a_customer_gets_the_wording_for_their_language_and_channel(tmp_path: Path) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        german = await desk.say("Ich möchte das zurückschicken bitte: return")
        english = await desk.say("I would like to return this")
    assert german.text == "Sechzig Tage, kostenlos."
    assert english.text == "Sixty days."


FRENCH = "Comment puis-je renvoyer un article ? return"
NOTE = Says().other_language


async def test_a_message_too_short_to_tell_is_in_the_language_of_the_one_before(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        await desk.say("Ich möchte meine Bestellung zurückschicken, return")
        short, other = await desk.say("return"), await desk.say("return", who="eve")
        back = await desk.say("In English please, how would I return that")
        after = await desk.say("return")
    texts = ["Sechzig Tage, kostenlos.", "Sixty days.", "Sixty days.", "Sixty days."]
    assert [short.text, other.text, back.text, after.text] == texts


async def test_who_writes_in_a_language_without_a_wording_is_told_so_once(tmp_path: Path) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        first, second = await desk.say(FRENCH), await desk.say(FRENCH)
        german = await desk.say("Ich möchte das zurückschicken bitte: return", who="eve")
        english = await desk.say("I would like to return this coat", who="bob")
        short = await desk.say("retour return", who="joe")
    assert first.text == f"{NOTE}\n\nSixty days."
    assert second.text == english.text == short.text == "Sixty days."
    assert german.text == "Sechzig Tage, kostenlos."
    assert json.loads(first.evidence)["occasion"]["language"] == "fr"


def test_nothing_is_noted_where_the_desk_says_no_note_or_has_no_language_of_its_own() -> None:
    speech = Speech(
        action=ActionKind.REPLY, reason=Reason.CONFIDENT, text="Yes.", template_id="return"
    )
    for words in (Words(Says(other_language="")), Words(language="")):
        assert noted(speech, [FRENCH], (), reader(RETURN), words, Occasion()) is speech
    long = replace(speech, text="x" * MAX_TEXT)
    assert noted(long, [FRENCH], (), reader(RETURN), Words(), Occasion()) is long
    assert noted(speech, [FRENCH], (), reader(RETURN), Words(), Occasion()).text.endswith("Yes.")


async def test_a_chinese_desk_tells_an_english_customer_in_both_languages(tmp_path: Path) -> None:
    words = Words(CHINESE, language="zh")
    answer = replace(RETURN, text="六十天内可退。", variants=())
    async with house(tmp_path, reader(answer), words=words) as desk:
        english = await desk.say("I would like to return this tea please")
        chinese = await desk.say("我想退货 return", who="eve")
    assert english.text == f"{CHINESE.other_language}\n\n六十天内可退。"
    assert chinese.text == "六十天内可退。"


async def test_an_answer_in_the_middle_of_a_form_suits_the_occasion_too(tmp_path: Path) -> None:
    only_order = YAML[: YAML.index("  giving_back")]
    forms = forms_in(tmp_path / "forms", only_order)
    private = replace(RETURN, id="private", text="Private.", not_for=frozenset({"business"}))
    async with house(tmp_path, reader(private, RETURN), forms=forms) as desk:
        asked = replace(desk.utterance("order please", who="eve"), segments=("business",))
        await (await desk.turns.hear(asked)).answer
        aside = await desk.say("Ich möchte etwas anderes zurückschicken, return", who="eve")
        await desk.say("Wo bleibt denn meine Bestellung, die order", who="bob")
        german = (await desk.say("return", who="bob")).text
    assert aside.template_id == "return"
    assert aside.text.startswith("Sechzig Tage, kostenlos.\n\n")
    assert german == "Sechzig Tage, kostenlos.\n\nWelche Nummer?"


async def test_an_answer_brings_files_and_quick_replies_and_asks_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        answer = await desk.say("return")
        history = await desk.log.history(await desk.conversation_of())
        after = await desk.say("And my order?", chosen=answer.choices[0].value)
        said = await desk.log.message(after.in_reply_to)
    assert answer.action is ActionKind.REPLY
    assert answer.attachments == (
        Attached("The form", "https://shop.example/form.pdf"),
        Attached("The label", "/files/label.pdf"),
    )
    assert [(c.label, c.value) for c in answer.choices] == [
        ("And my order?", "say:where is my order")
    ]
    now = fold("c", history)
    assert (now.clarified, now.offered) == (0, ())
    assert said is not None
    assert "text='where is my order', chosen='', tapped=True" in repr(said.event)
    assert (after.intent, after.reason) == ("order_status", "confident")


async def test_a_quick_reply_in_the_desks_words_changes_no_customers_language(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        await desk.say("Ich möchte meine Bestellung zurückschicken, return")
        tapped = await desk.say("Return", chosen="say:Please tell me how I can return this")
        after = await desk.say("return")
    assert tapped.reason == "confident"
    assert tapped.text == after.text == "Sechzig Tage, kostenlos."


async def test_every_channel_shows_what_comes_along(tmp_path: Path) -> None:
    async with house(tmp_path, reader(RETURN)) as desk:
        answer = await desk.say("return")
    frame = event(Recorded(1, "c", datetime.now(UTC), answer))
    assert frame is not None
    assert frame["attachments"] == [
        {"name": "The form", "url": "https://shop.example/form.pdf"},
        {"name": "The label", "url": "/files/label.pdf"},
    ]
    assert lines(answer.attachments) == "The form: https://shop.example/form.pdf"


def test_files_of_the_desk_are_under_its_public_address() -> None:
    words = Words(files_at="https://desk.example")
    action = Reply(Candidate("return_item", "", 1.0))
    said = say(action, words, reader(RETURN), (), {})
    assert said.attachments[1].url == "https://desk.example/files/label.pdf"


@pytest.mark.parametrize("days", [-1, 0, 1])
async def test_an_answer_that_is_no_longer_valid_leaves_its_place_to_the_next(
    tmp_path: Path, days: int
) -> None:
    until = replace(RETURN, id="sale", valid_until=TODAY + timedelta(days=days))
    async with house(tmp_path, reader(until, replace(RETURN, id="always"))) as desk:
        answer = await desk.say("return")
    assert answer.template_id == ("always" if days < 0 else "sale")


async def test_where_no_answer_suits_a_person_takes_over(tmp_path: Path) -> None:
    over = replace(RETURN, valid_until=TODAY - timedelta(days=1))
    async with house(tmp_path, reader(over)) as desk:
        answer = await desk.say("return")
    assert (answer.action, answer.reason) == (ActionKind.HANDOFF, "no_answer")


async def test_never_for_business_customers(tmp_path: Path) -> None:
    private = replace(RETURN, id="private", not_for=frozenset({"business"}))
    business = replace(RETURN, id="business", only_for=frozenset({"business"}))
    async with house(tmp_path, reader(private, business)) as desk:
        named = replace(desk.utterance("return", who="eve"), segments=("business",))
        await (await desk.turns.hear(named)).answer
        eve, ada = await desk.say("return", who="eve"), await desk.say("return")
        nobody = replace(desk.utterance("return", who="eve"), segments=())
        await (await desk.turns.hear(nobody)).answer
        no_longer = await desk.say("return", who="eve")
    assert eve.template_id == "business"
    assert ada.template_id == "private"
    assert no_longer.template_id == "private"


async def test_constants_of_the_desk_are_in_its_answers() -> None:
    words = Words(constants={"phone": "555 0100"})
    answer = replace(
        RETURN, variants=(), text="Call {{ phone }}{% if name %}, {{ name }}{% endif %}."
    )
    action = Reply(Candidate("return_item", "", 1.0))
    assert say(action, words, reader(answer), (), words.known("", [])).text == "Call 555 0100."


def test_the_day_is_that_of_the_desk() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    [reading] = reader().read(["return"])
    visitor = Visitor(visitor_id="v", channel="web", address="a", segments=("vip",))
    words = Words(zone=ZoneInfo("Europe/Berlin"))
    occasion = occasion_of(visitor, late, [reading], reader(), words, written=["return"])
    assert occasion == Occasion("web", "en", frozenset({"vip"}), date(2027, 1, 1))


async def test_only_a_client_with_the_key_says_whom_a_visitor_belongs_to(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        status, problem = await client.post("/api/v1/messages", SEGMENTED)
        assert (status, "needs an api_key" in problem["detail"]) == (400, True)


async def test_the_groups_of_a_visitor_are_a_list_of_short_names(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path, 'api_key = "secret"')) as client:
        client.headers["Authorization"] = "Bearer secret"
        status, _ = await client.post("/api/v1/messages", SEGMENTED)
        assert status == 200
        for odd in ("business", ["Big Business"], [7], ["a"] * 21):
            status, problem = await client.post("/api/v1/messages", {**SEGMENTED, "segments": odd})
            assert (status, "'segments'" in problem["detail"]) == (400, True)


async def test_the_files_of_a_desk_are_served_and_no_others(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    (tmp_path / "files" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "label.pdf").write_bytes(b"%PDF")
    (tmp_path / "files" / ".hidden").write_bytes(b"no")
    (tmp_path / "files" / "link.txt").symlink_to(tmp_path / "desk.toml")
    async with served(desk) as client:
        async with client.session.get(client.url + "/files/label.pdf") as response:
            assert (response.status, await response.read()) == (200, b"%PDF")
            assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        for name in (
            ".hidden",
            "link.txt",
            "sub",
            "%2e%2e%2fdesk.toml",
            "..%5cdesk.toml",
            "gone",
            "%00",
        ):
            async with client.session.get(f"{client.url}/files/{name}") as response:
                assert response.status == 404, name


def test_every_channel_may_have_wordings_of_its_own() -> None:
    assert {CHANNEL, "telegram", "api"} == set(CHANNELS)


def test_a_decision_of_an_older_log_has_no_attachments() -> None:
    assert (
        Decided(message_id="d", in_reply_to="m", action=ActionKind.REPLY, text="x").attachments
        == ()
    )


def test_in_the_terminal_a_number_picks_from_a_question_and_is_a_word_under_an_answer() -> None:
    choices = [{"label": "Returns", "value": "return_item"}]
    assert said("1", "clarify", choices) == {"text": "Returns", "choice": "return_item"}
    assert said("2", "clarify", choices) == {"text": "2"}
    assert said("1", "reply", choices) == {"text": "1"}
    assert said("1", "", []) == {"text": "1"}
