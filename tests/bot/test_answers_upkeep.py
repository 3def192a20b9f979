"""Which answers somebody should look at: what ends, what a page under it has changed since, and what gets in another's way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rounds import said_since
from bot.upkeep import LONG, SHOWN, Flag, Look, Standing, flags
from conversations.views.answers import Wear
from retrieval.enclosures import Attachment
from retrieval.templates import Template
from retrieval.variants import Variant

TODAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
RETURNS = "You may send anything back within 60 days of delivery, and the label costs nothing."


def one(name: str, intent: str, text: str = "", **more: Any) -> Template:
    return Template(name, intent, text or f"This is what {name} says.", **more)


def kinds(*given: Template, pages: tuple[Standing, ...] = ()) -> dict[str, list[tuple[Look, str]]]:
    found = flags(given, TODAY, pages)
    return {name: [(flag.kind, flag.other) for flag in some] for name, some in found.items()}


@pytest.mark.parametrize(
    ("days", "kind"), [(-1, Look.OVER), (0, Look.ENDS_SOON), (13, Look.ENDS_SOON), (14, None)]
)
def test_an_end_is_told_of_two_weeks_before(days: int, kind: Look | None) -> None:
    until = TODAY + timedelta(days=days)
    found = flags([one("sale", "sale", valid_until=until)], TODAY)
    assert found == ({"sale": (Flag(kind, at=until.isoformat()),)} if kind else {})


def test_an_old_answer_is_not_stale_by_itself() -> None:
    assert kinds(one("hours", "opening_hours", changed_at="2011-01-01T09:00:00+00:00")) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"text": "See [our page](https://shop.example/pages/returns)."},
        {"text": "It stands under /pages/returns."},
        {"text": "Look at https://shop.example/sending-back/, please."},
        {"text": "Yes.", "variants": (Variant("Siehe pages/returns", language="de"),)},
        {"text": "Yes.", "attachments": (Attachment("Page", "https://shop.example/sending-back"),)},
    ],
)
def test_a_page_that_changed_since_is_told_of(more: dict[str, Any]) -> None:
    page = Standing("returns", "https://shop.example/sending-back", NOON)
    before = (NOON - timedelta(days=1)).isoformat()
    after = (NOON + timedelta(days=1)).isoformat()
    assert kinds(one("a", "a", changed_at=before, **more), pages=(page,)) == {
        "a": [(Look.PAGE_CHANGED, "returns")]
    }
    assert kinds(one("a", "a", changed_at=after, **more), pages=(page,)) == {}
    assert kinds(one("a", "a", **more), pages=(page,)) == {}  # nobody noted when it was written


def test_another_page_does_not_count() -> None:
    page = Standing("returns", "", NOON)
    texts = ("pages/returns-abroad", "webpages/returns", "https://shop.example/returns")
    for text in texts:
        written = (NOON - timedelta(days=1)).replace(tzinfo=None).isoformat()
        assert kinds(one("a", "a", f"See {text}", changed_at=written), pages=(page,)) == {}


def test_two_answers_for_one_case_are_in_each_others_way() -> None:
    assert kinds(one("a", "return"), one("b", "return"), one("c", "other")) == {
        "a": [(Look.SAME_CASE, "b")],
        "b": [(Look.SAME_CASE, "a")],
    }


@pytest.mark.parametrize(
    ("of_a", "of_b"),
    [
        ({"questions": ("how do I return it",)}, {"questions": ("can a gift go back",)}),
        ({"needs": frozenset({"order_number"})}, {}),
        ({"questions": ("send it back",)}, {"questions": ("exchange it",)}),
        ({"only_for": frozenset({"business"})}, {"not_for": frozenset({"business"})}),
        ({"only_for": frozenset({"business"})}, {"only_for": frozenset({"private"})}),
        ({"valid_until": date(2026, 12, 24)}, {"valid_from": date(2026, 12, 25)}),
        ({"valid_until": TODAY - timedelta(days=1)}, {}),
        ({"hands_off": True}, {}),
    ],
)
def test_what_tells_two_answers_apart(of_a: dict[str, Any], of_b: dict[str, Any]) -> None:
    found = kinds(one("a", "return", **of_a), one("b", "return", **of_b))
    swapped = kinds(one("b", "return", **of_b), one("a", "return", **of_a))
    for looks in (*found.values(), *swapped.values()):
        assert all(kind is not Look.SAME_CASE for kind, _ in looks)


def test_the_same_question_under_both_tells_nothing_apart() -> None:
    a = one("a", "return", questions=("How do I return it?", "send back"))
    b = one("b", "return", questions=("how do i return it",))
    assert kinds(a, b)["a"] == [(Look.SAME_CASE, "b")]


def test_the_same_words_in_another_order_and_form_tell_nothing_apart() -> None:
    a = one("a", "return", questions=("returning my boots",))
    b = one("b", "return", questions=("My boots: return?",))
    assert kinds(a, b)["a"] == [(Look.SAME_CASE, "b")]


def test_a_question_of_two_intents_is_told_of() -> None:
    a = one("a", "return", questions=("Can I exchange it?", "send back"))
    b = one("b", "exchange", questions=("can i exchange it",))
    assert kinds(a, b) == {"a": [(Look.SAME_QUESTION, "b")], "b": [(Look.SAME_QUESTION, "a")]}
    early = one("b", "exchange", questions=b.questions, valid_from=date(2027, 1, 1))
    assert kinds(one("a", "return", questions=a.questions, valid_until=date(2026, 12, 31)), early) == {}  # fmt: skip


def test_other_figures_for_other_customers_are_no_contradiction() -> None:
    a = one("a", "return", RETURNS, only_for=frozenset({"business"}))
    b = one("b", "exchange", RETURNS.replace("60", "30"), not_for=frozenset({"business"}))
    assert kinds(a, b) == {}


def test_other_figures_under_one_intent_contradict_though_the_questions_differ() -> None:
    a = one("a", "return", RETURNS, questions=("how long can I wait",))
    b = one("b", "return", RETURNS.replace("60", "30"), questions=("what does it cost",))
    assert kinds(a, b)["a"] == [(Look.OTHER_FIGURES, "b")]
    same = one("b", "return", RETURNS, questions=("what does it cost",))
    assert kinds(a, same) == {}


@pytest.mark.parametrize(
    ("up", "down", "told"), [(0, 3, True), (3, 3, True), (4, 3, False), (0, 2, False)]
)
def test_what_customers_turn_down_is_told_of(up: int, down: int, told: bool) -> None:
    wear = Wear(TODAY - timedelta(days=7), given=True, up=up, down=down)
    found = flags([one("a", "a")], TODAY, wear={"a": wear})
    flag = Flag(Look.DISLIKED, at=wear.since.isoformat(), down=down, thumbs=up + down)
    assert found == ({"a": (flag,)} if told else {})


@pytest.mark.parametrize(("days", "told"), [(90, True), (89, False), (-1, False)])
def test_what_nobody_got_for_long_is_told_of(days: int, told: bool) -> None:
    assert timedelta(days=90) == LONG
    wear = Wear(TODAY - timedelta(days=days), given=False, up=0, down=0)
    for answer in (one("a", "a"), one("a", "a", hands_off=True)):
        found = flags([answer], TODAY, wear={"a": wear})
        assert bool(found) == (told and not answer.hands_off)
    given = Wear(wear.since, given=True, up=0, down=0)
    assert flags([one("a", "a")], TODAY, wear={"a": given}) == {}


@pytest.mark.parametrize(
    ("more", "since"),
    [
        ({}, date(2026, 8, 29)),
        ({"changed_at": "2011-01-01T09:00:00+00:00"}, date(2026, 8, 29)),
        ({"changed_at": "2026-11-20T23:30:00+00:00"}, date(2026, 11, 22)),  # there it is the 21st
        ({"changed_at": "2026-11-20T09:00:00"}, date(2026, 11, 21)),
        ({"valid_from": date(2026, 12, 1)}, date(2026, 12, 1)),
    ],
)
def test_an_answer_counts_from_the_day_after_it_was_changed(
    more: dict[str, Any], since: date
) -> None:
    assert said_since(one("a", "a", **more), TODAY - LONG, ZoneInfo("Europe/Berlin")) == since


def test_nearly_the_same_words_under_another_intent_are_told_of() -> None:
    other = RETURNS.replace("costs nothing", "is free")
    found = kinds(one("a", "return", RETURNS), one("b", "exchange", other))
    assert found == {"a": [(Look.SAME_WORDS, "b")], "b": [(Look.SAME_WORDS, "a")]}


def test_other_figures_in_the_same_words_contradict() -> None:
    said = one("b", "exchange", "No.", variants=(Variant(RETURNS.replace("60", "30"), "telegram"),))
    assert kinds(one("a", "return", RETURNS), said)["a"] == [(Look.OTHER_FIGURES, "b")]


def test_variables_are_no_words_of_an_answer() -> None:
    known = RETURNS.replace("You", "{{ name | default: 'You' }}{% if name %} you{% endif %}")
    assert kinds(one("a", "return", RETURNS), one("b", "exchange", known))["a"]


def test_chinese_answers_are_held_against_each_other_too() -> None:
    text = "收到商品之后60天内可以免费退货，退货标签由我们提供。"  # noqa: RUF001 - Chinese punctuation
    given = [one("a", "return", text), one("b", "exchange", text.replace("60", "30"))]
    assert flags(given, TODAY, language="zh")["a"] == (Flag(Look.OTHER_FIGURES, "b"),)


def test_different_words_and_courtesies_are_left_alone() -> None:
    assert kinds(
        one("a", "return", RETURNS),
        one("b", "repair", "Repairs take two to three weeks, and you hear from us by mail."),
        one("c", "thanks", "You are very welcome!"),
        one("d", "bye", "You are very welcome!"),
    ) == {}  # fmt: skip


def test_many_in_each_others_way_are_told_in_part() -> None:
    found = kinds(*(one(f"a{n}", "return") for n in range(20)))
    assert {len(looks) for looks in found.values()} == {SHOWN}
