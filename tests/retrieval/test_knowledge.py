"""What a desk's pages say about a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Words, say
from bot.policy import Compose
from bot.says import Says
from retrieval.knowledge import NEAR, QUOTED, RELATED, Asked, Knowledge, Pages, leaning
from retrieval.passages import Passage, read_pages
from retrieval.prediction import PassageHit
from retrieval.quotes import quotes
from tests.bot.reader import KeywordReader
from tests.points import place

FOLDER = Path(__file__).parents[2] / "bot" / "demo" / "desk" / "pages"
SHOP = [
    replace(passage, asked=()) for passage in read_pages(FOLDER)
]  # these points know words only
WRITTEN = {page.stem: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}


@pytest.fixture(scope="module")
def shop() -> Knowledge:
    return Knowledge(Pages.of(SHOP, "en", place), "en")


def asked(knowledge: Knowledge, question: str, at: float = 0.0) -> tuple[PassageHit, ...]:
    [found] = knowledge.search([put(question)], at)
    return found.quoted


def put(question: str) -> Asked:
    point = place([question])[0]
    return Asked(question, point, point)


@pytest.mark.parametrize(
    ("question", "page", "said"),
    [
        ("can I park at Herring Quay", "the-saltmarsh-shop", "Park at Herring Quay"),
        ("is the lid of the flask stuck", "flasks", "Run warm water over the lid"),
        ("Svalbard and Liechtenstein, Channel Islands?", "delivery-outside-the-eu", "Svalbard"),
    ],
)
def test_the_passage_that_answers_is_found_and_its_sentence_quoted(
    shop: Knowledge, question: str, page: str, said: str
) -> None:
    best = asked(shop, question)[0]
    assert best.page == page
    assert said in best.quote


@given(question=st.text(max_size=60) | st.sampled_from([p.text[:80] for p in SHOP]))
@settings(max_examples=80, deadline=None)
def test_every_sentence_of_a_composed_answer_occurs_in_its_page(question: str) -> None:
    hits = asked(Knowledge(Pages.of(SHOP[:60], "en", place), "en"), question)
    says = Says()
    speech = say(Compose(hits), Words(), KeywordReader(), (), {})
    opening, *answers = speech.text.split("\n\n" + hits[0].quote)[0].split("\n\n")
    assert (opening, answers) == (says.from_pages, [])
    assert 1 <= len(hits) <= QUOTED
    for hit in hits:
        assert hit.quote in WRITTEN[hit.page]
        assert f"{hit.quote}\n{says.source} “{hit.title}" in speech.text
        assert all(sentence in WRITTEN[hit.page] for sentence in quotes(hit.quote))


def test_what_fits_nearly_as_well_as_the_best_is_quoted_too(shop: Knowledge) -> None:
    fits = [hit.fit for hit in asked(shop, "what happens to coats that cannot be mended")]
    assert fits == sorted(fits, reverse=True)
    assert all(fit >= NEAR * fits[0] for fit in fits)


def test_what_fits_less_well_is_worth_a_look_each_page_once(shop: Knowledge) -> None:
    question = put("what happens to coats that cannot be mended")
    [quoted] = shop.search([question], at=0.0, related_at=0.0)
    assert quoted.quoted
    assert quoted.related == ()
    [found] = shop.search([question], at=3.0, related_at=0.0)
    assert found.quoted == ()
    assert found.related[0].page == quoted.quoted[0].page
    assert len({hit.page for hit in found.related}) == RELATED
    assert {hit.quote for hit in found.related} == {""}
    [none] = shop.search([question], at=3.0, related_at=found.related[0].fit + 0.1)
    assert none.related == ()


def test_below_the_threshold_nothing_is_quoted(shop: Knowledge) -> None:
    assert asked(shop, "where can I park near the shop", at=2.0) == ()


def test_without_its_page_a_question_fits_another_one_less(shop: Knowledge) -> None:
    question = "where can I park near the shop"
    assert -1 < shop.best_elsewhere(put(question)) < shop.best(put(question))


def test_a_question_that_people_ask_finds_its_answer_and_only_the_answer_is_quoted() -> None:
    washing = Passage("wool", "Wool", "Washing", "By hand and cold.")
    machine = Passage("coats", "Coats", "Cleaning", "The machine may do it at thirty degrees.")
    question = "will my jumper survive the machine"
    without = Knowledge(Pages.of([washing, machine], "en", place), "en")
    assert asked(without, question)[0].page == "coats"
    taught = replace(washing, asked=("does a jumper survive the machine",))
    [hit, *_] = asked(Knowledge(Pages.of([taught, machine], "en", place), "en"), question)
    assert (hit.page, hit.quote) == ("wool", "By hand and cold.")


def test_without_its_answer_a_question_fits_what_stands_beside_it_less() -> None:
    washing = Passage("wool", "Wool", "Washing", "By hand and cold.", asked=("may it be boiled",))
    drying = Passage("wool", "Wool", "Drying", "Flat, and not boiled dry.")
    knowledge = Knowledge(Pages.of([washing, washing, drying], "en", place), "en")
    question = put("may it be boiled")
    assert -1 < knowledge.best_beside(question, 0) < knowledge.best(question)
    alone = Knowledge(Pages.of([washing], "en", place), "en")
    assert alone.best_beside(question, 0) == -1.0


def test_of_no_pages_nothing_is_said() -> None:
    assert asked(Knowledge(Pages(), "en"), "anything") == ()


def test_a_single_page_has_nothing_elsewhere() -> None:
    pages = Pages.of([Passage("wool", "Wool", "", "Wash it cold.")], "en", place)
    assert Knowledge(pages, "en").best_elsewhere(put("wash?")) == -1.0


def test_a_long_passage_is_quoted_in_part() -> None:
    sentences = [f"Sentence {n} says a little about matter {n} and no more." for n in range(40)]
    pages = Pages.of([Passage("long", "Long", "", " ".join(sentences))], "en", place)
    [hit] = asked(Knowledge(pages, "en"), "what about matter 17?")
    assert "matter 17 " in hit.quote
    assert len(hit.quote) <= 420


def test_a_quoted_list_keeps_its_marks() -> None:
    text = "What we need:\n- Your number\n- Two photos of the fault\n- A sentence"
    pages = Pages.of([Passage("warranty", "Warranty", "", text)], "en", place)
    [hit] = asked(Knowledge(pages, "en"), "how many photos of the fault?")
    assert "\n- Two photos of the fault\n" in hit.quote


def test_leaning_moves_a_question_towards_its_intents() -> None:
    points = np.eye(2, 3, dtype=np.float32)
    centres = np.asarray([[0, 0, 0.5], [0, 0, 0.5]], dtype=np.float32)
    moved = leaning(points, np.full((2, 2), 0.5, np.float32), centres)
    assert np.linalg.norm(moved, axis=1) == pytest.approx([1, 1])
    assert (moved[:, 2] > 0.3).all()
    nowhere = leaning(points, np.zeros((2, 2), np.float32), centres)
    np.testing.assert_allclose(nowhere, points, atol=1e-6)
