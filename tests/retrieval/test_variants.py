"""Which wording of an answer a customer gets, and whether they get it."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.enclosures import QuickReply
from retrieval.languages import language_of
from retrieval.templates import Template
from retrieval.variants import Occasion, Variant, wording_for

ALL = (
    Variant("zh-Hant on telegram", "telegram", "zh-Hant"),
    Variant("zh-Hant", language="zh-Hant"),
    Variant("zh on telegram", "telegram", "zh"),
    Variant("zh", language="zh"),
    Variant("on telegram", "telegram"),
)
ITSELF = Variant("itself")
WRITTEN = Occasion("telegram", "zh-Hant-TW")


@pytest.mark.parametrize("gone", range(len(ALL) + 1))
def test_the_wordings_are_tried_in_their_order(gone: int) -> None:
    left = ALL[gone:]
    assert wording_for(ITSELF, left, WRITTEN) == (left[0] if left else ITSELF)


@pytest.mark.parametrize(
    ("occasion", "text"),
    [
        (Occasion(), "itself"),
        (Occasion("web", "en"), "itself"),
        (Occasion("web", "zh"), "zh"),
        (Occasion("web", "zh-Hans"), "zh"),
        (Occasion("telegram", "zh"), "zh on telegram"),
        (Occasion("telegram", "en"), "on telegram"),
        (Occasion("telegram"), "on telegram"),
    ],
)
def test_only_a_wording_that_fits_is_taken(occasion: Occasion, text: str) -> None:
    assert wording_for(ITSELF, ALL, occasion).text == text


@pytest.mark.parametrize(
    ("text", "among", "home", "language"),
    [
        ("Wo bleibt meine Bestellung?", ["de"], "en", "de"),
        ("where is my order", ["de"], "en", "en"),
        ("¿dónde está mi pedido?", ["de"], "", "es"),
        ("我的訂單在哪裡", ["zh-Hant", "de"], "en", "zh-Hant"),
        ("我的订单在哪里", ["zh-Hant"], "en", "zh-Hans"),
        ("你好", ["zh-Hant"], "en", "zh"),
        ("我的訂單在哪裡", ["zh"], "en", "zh"),
        ("12345", ["de"], "en", ""),
        ("Comment puis-je renvoyer un article ?", ["de"], "en", "fr"),
        ("ok", ["de"], "en", "en"),
    ],
)
def test_the_language_of_a_message_is_told_among_those_there_are_answers_in(
    text: str, among: list[str], home: str, language: str
) -> None:
    assert language_of(text, among, home) == language


CHRISTMAS = Template("a", "b", "c", valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 24))


@pytest.mark.parametrize(
    ("day", "given"),
    [
        (date(2026, 11, 30), False),
        (date(2026, 12, 1), True),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (None, True),
    ],
)
def test_an_answer_is_given_from_its_first_to_its_last_day(day: date | None, given: bool) -> None:
    assert CHRISTMAS.suits(Occasion(on=day)) is given


@pytest.mark.parametrize(
    ("segments", "not_for", "only_for", "given"),
    [
        ((), ("business",), (), True),
        (("business",), ("business",), (), False),
        (("business", "vip"), ("business",), ("vip",), False),
        (("vip",), (), ("vip", "staff"), True),
        ((), (), ("vip",), False),
        (("business",), (), ("vip",), False),
    ],
)
def test_an_answer_is_kept_from_those_it_is_not_for(
    segments: tuple[str, ...], not_for: tuple[str, ...], only_for: tuple[str, ...], given: bool
) -> None:
    answer = Template("a", "b", "c", not_for=frozenset(not_for), only_for=frozenset(only_for))
    assert answer.suits(Occasion(segments=frozenset(segments))) is given


@pytest.mark.parametrize(
    ("occasion", "labels"),
    [
        (Occasion("web", "en"), ["Sizes"]),
        (Occasion("telegram", "en"), ["Sizes"]),
        (Occasion("api", "en"), ["More"]),
        (Occasion("web", "de"), ["Größen"]),
        (Occasion("web", "fr"), []),
    ],
)
def test_buttons_are_in_the_language_of_the_answer_that_they_are_under(
    occasion: Occasion, labels: list[str]
) -> None:
    template = Template(
        "coat",
        "coat",
        "A coat.",
        quick_replies=(QuickReply("Sizes", "which size"),),
        variants=(
            Variant("Coat.", "telegram"),
            Variant("coat", "api", quick_replies=(QuickReply("More", "more about coats"),)),
            Variant("Ein Mantel.", language="de", quick_replies=(QuickReply("Größen", "Größe?"),)),
            Variant("Un manteau.", language="fr"),
        ),
    )
    template.check()
    assert [one.label for one in template.wording(occasion).quick_replies] == labels
