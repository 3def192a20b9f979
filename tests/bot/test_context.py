"""How an utterance is taken: alone, in its context, or as several requests."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.context import apart, halves, in_context, leaned_on, leans, requests
from conversations.events import ActionKind, GivenBack
from retrieval.prediction import Candidate, PassageHit, Prediction, TemplateHit, Verdict
from tests.bot.house import house
from tests.bot.reader import SIGNALS, KeywordReader


def hit(name: str, fit: float) -> TemplateHit:
    return TemplateHit(name, "a", fit)


def reading(intent: str, confidence: float, verdict: Verdict = Verdict.AMBIGUOUS) -> Prediction:
    candidates = (Candidate(intent, intent, confidence),)
    return Prediction(
        "", verdict, confidence, 1.0, confidence, candidates, (), (), (), SIGNALS, "r"
    )


@pytest.mark.parametrize(
    "text",
    [
        "and to Norway?",
        "What about the kids' ones",
        "does it come in red",
        "und wie teuer ist das?",
        "那加拿大呢？",
    ],
)
def test_words_that_point_back_lean(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "opening hours?",
        "how do I pay",
        "Where is my parcel",
        "怎么付款",
        "and " + "so on and on " * 20,
    ],
)
def test_words_that_say_what_they_want_do_not_lean(text: str) -> None:
    assert not leans(text)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (["and to Norway?"], 0),
        (["delivery time?", "opening hours?"], 1),
        (["delivery time?", "and to Norway?"], 1),
        (["delivery time?", "I would like to know " + "so much more " * 9], 0),
        (["delivery time?", "and to Norway?", "how much is it?"], 2),
        (["delivery time?", "and Norway?", "and Sweden?", "and Spain?"], 2),
    ],
)
def test_an_utterance_leans_on_a_few_before_it(said: list[str], count: int) -> None:
    assert leaned_on(said) == count


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Where is PP-204817? And can I still change it?",
            ["Where is PP-204817?", "And can I still change it?"],
        ),
        ("I want it back; who pays the postage", ["I want it back", "who pays the postage"]),
        (
            "my zip broke and also do you have size 40",
            ["my zip broke", "and also do you have size 40"],
        ),
        ("怎么退货？运费是谁来付？", ["怎么退货？", "运费是谁来付？"]),
        ("Hi there! Where is my parcel", []),
        ("Where is my parcel", []),
        ("One two three. Four five six. Seven eight nine. Ten eleven twelve.", []),
    ],
)
def test_a_message_may_hold_several_requests(text: str, parts: list[str]) -> None:
    assert requests(text) == parts


async def test_what_leans_is_read_with_what_it_leans_on_where_alone_it_says_nothing(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as desk:
        first = await desk.say("can I return boots")
        second = await desk.say("and what about hats?")
    card = json.loads(second.evidence)
    assert (second.action, second.intent) == (ActionKind.REPLY, "return_item")
    assert card["leans_on"] == [first.in_reply_to]
    assert card["read"] == second.in_reply_to
    assert (first.by_itself, second.by_itself) == (True, False)


def test_the_own_reading_counts_unless_the_other_is_surer() -> None:
    sure, unsure = reading("a", 0.9, Verdict.CONFIDENT), reading("b", 0.3)
    assert in_context(sure, reading("b", 0.99, Verdict.CONFIDENT)) == sure
    assert in_context(unsure, reading("a", 0.2)) == unsure


def test_a_reading_in_context_answers_only_what_the_utterance_may_mean_by_itself() -> None:
    together = reading("a", 0.9, Verdict.CONFIDENT)
    assert in_context(reading("a", 0.4), together).verdict is Verdict.CONFIDENT
    assert in_context(reading("b", 0.4), together).verdict is Verdict.AMBIGUOUS
    assert (
        in_context(reading("b", 0.1, Verdict.OUT_OF_SCOPE), together).verdict is Verdict.CONFIDENT
    )


def page(name: str, fit: float) -> PassageHit:
    return PassageHit(name, name, "", name, fit, name)


def test_in_context_pages_are_quoted_that_either_reading_finds_unless_only_its_own_is_sure() -> (
    None
):
    own, other = (
        (page("x", 2.0), page("y", 1.9)),
        (page("y", 2.1), page("z", 2.0), page("far", 1.0)),
    )
    unsure = replace(reading("b", 0.3), passages=own)
    together = replace(reading("a", 0.9, Verdict.CONFIDENT), passages=other)
    both = [("y", 2.1), ("x", 2.0), ("z", 2.0)]
    for alone in (unsure, replace(unsure, confidence=0.95)):
        assert [(hit.page, hit.fit) for hit in in_context(alone, together).passages] == both
    sure = replace(unsure, verdict=Verdict.CONFIDENT)
    assert in_context(sure, replace(together, verdict=Verdict.AMBIGUOUS)) is sure
    assert len(in_context(sure, together).passages) == 3


def test_in_context_the_templates_come_first_that_fit_both_readings() -> None:
    alone = replace(reading("a", 0.2), templates=(hit("x", 3.0), hit("y", 2.9)))
    together = replace(reading("a", 0.5), templates=(hit("z", 4.0), hit("y", 3.8), hit("x", 1.0)))
    taken = in_context(alone, together)
    assert [one.template_id for one in taken.templates] == ["y", "z", "x"]


async def test_what_is_clear_by_itself_is_not_read_in_context(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("can I return boots")
        decision = await desk.say("and where is my order")
    assert decision.intent == "order_status"
    assert "leans_on" not in json.loads(decision.evidence)


async def test_two_requests_are_both_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("Where is my order please? Can I return it anyway?")
    assert decision.text == "Hello Ada, which order?\n\nSixty days, free label."
    assert (decision.intent, decision.template_id) == ("order_status", "order-ask")
    assert not decision.by_itself


async def test_of_two_answers_the_less_sure_one_says_how_sure_the_reply_is(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("Where is my order please? Can I return it anyway?")
    requests = json.loads(decision.evidence)["requests"]
    assert [(one["text"], one["intent"]) for one in requests] == [
        ("Where is my order please?", "order_status"),
        ("Can I return it anyway?", "return_item"),
    ]
    assert decision.confidence == min(one["confidence"] for one in requests)
    assert decision.verdict == Verdict.CONFIDENT


async def test_two_sentences_about_one_matter_are_one_request(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("Where is my order please? My order should be here.")
    assert decision.text == "Hello Ada, which order?"


async def test_nothing_leans_on_what_was_said_to_a_person(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("a person")
        await desk.say("I want to return boots")
        await desk.log.append(await desk.conversation_of(), GivenBack(operator="eve"))
        decision = await desk.say("and what about hats?")
    assert decision.reason == "out_of_scope"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "Where is my order and how do I return a jacket?",
            [("Where is my order", "how do I return a jacket?")],
        ),
        (
            "I want to change my address, also is the shop open on Sunday",
            [("I want to change my address", "is the shop open on Sunday")],
        ),
        ("我的订单到哪了，怎么退货", [("我的订单到哪了", "怎么退货")]),
        ("退货要多少钱以及怎么开发票", [("退货要多少钱", "怎么开发票")]),
        ("do you have black and white boots", []),
        ("you and your courier lost my parcel", []),
        ("if I order today, when is it here", []),
        ("Where is my parcel", []),
    ],
)
def test_a_plain_and_may_join_two_requests(text: str, pairs: list[tuple[str, str]]) -> None:
    assert halves(text) == pairs


def test_halves_count_only_where_they_are_as_sure_as_the_whole() -> None:
    one, two = reading("a", 0.9, Verdict.CONFIDENT), reading("b", 0.8, Verdict.CONFIDENT)
    assert apart(reading("a", 0.7), [[one, two]]) == [one, two]
    assert not apart(reading("a", 0.85, Verdict.CONFIDENT), [[one, two]])
    assert not apart(reading("a", 0.1), [])


def test_what_the_whole_is_sure_of_a_half_need_not_be_sure_of_again() -> None:
    one, two = reading("a", 0.9, Verdict.CONFIDENT), reading("b", 0.7)
    found = apart(reading("b", 0.8, Verdict.CONFIDENT), [[one, two]])
    assert [(half.best.intent, half.confidence) for half in found] == [("a", 0.9), ("b", 0.8)]
    assert not apart(reading("b", 0.6), [[one, two]])


async def test_two_requests_that_an_and_joins_are_both_answered_from_one_batch(
    tmp_path: Path,
) -> None:
    reader = KeywordReader()
    async with house(tmp_path, reader) as desk:
        decision = await desk.say("Where is my order and how do I return a jacket?")
    assert decision.text == "Hello Ada, which order?\n\nSixty days, free label."
    assert reader.passes == [3]
