"""Which template answers a question."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finetune.examples import Example
from finetune.telling_apart import with_head
from retrieval import ranking
from retrieval.prediction import Floats2d
from retrieval.ranking import Answers, Ranking
from retrieval.templates import Template
from tests.points import place

RETURNS = Template("returns", "return", "Sixty days.", questions=("how do I return boots",))
GIFTS = Template("gifts", "return", "With the code.", questions=("return a gift with a code",))
ORDER = Template("order", "order", "Under My orders.", questions=("where is my order",))
NUMBERED = Template(
    "numbered",
    "order",
    "See {{ order_number }}.",
    questions=("where is PP-204817",),
    needs=frozenset({"order_number"}),
)
SILENT = Template("silent", "hours", "Nine to five.")
TEMPLATES = (RETURNS, GIFTS, ORDER, NUMBERED, SILENT)
CLASSES = ("", "hours", "order", "return")


def answers(templates: tuple[Template, ...] = TEMPLATES) -> Answers:
    plain = Answers(templates)
    return replace(plain, question_points=place(plain.questions))


def ranked(
    of: Answers, text: str, shares: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25)
) -> list[str]:
    probabilities: Floats2d = np.asarray([shares], dtype=np.float32)
    [hits] = Ranking(of, CLASSES, "en").rank([text], place([text]), probabilities)
    assert [hit.fit for hit in hits] == sorted((hit.fit for hit in hits), reverse=True)
    return [hit.template_id for hit in hits]


def test_the_template_with_the_nearest_question_comes_first() -> None:
    assert ranked(answers(), "can I return a gift without its code")[0] == "gifts"
    assert ranked(answers(), "boots: how to return")[0] == "returns"


def test_the_intent_is_a_prior_and_no_cage() -> None:
    order = (0.0, 0.0, 0.8, 0.2)
    assert ranked(answers(), "my thing is late", order)[0] in {"order", "numbered"}
    nearly = (0.0, 0.0, 0.5, 0.5)
    assert ranked(answers(), "return a gift with a code", nearly)[0] == "gifts"


def test_a_template_without_questions_is_ranked_by_its_intent() -> None:
    assert ranked(answers(), "when are you there", (0.0, 0.98, 0.01, 0.01))[0] == "silent"


def test_an_intent_that_no_head_knows_is_never_first() -> None:
    strange = Template("strange", "unheard", "Words.", questions=("where is my order",))
    assert ranked(answers((strange, ORDER)), "where is my order", (0, 0, 1, 0))[0] == "order"


def test_of_many_templates_only_those_worth_a_look_are_ranked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "can I return a gift without its code"
    of_all = ranked(answers(), text)
    monkeypatch.setattr(ranking, "ALL", 0)
    monkeypatch.setattr(ranking, "LOOKED_AT", 2)
    assert ranked(answers(), text)[0] == of_all[0]


def test_without_templates_nothing_is_ranked() -> None:
    assert ranked(Answers(), "anything") == []


EXAMPLES = [
    Example("the boots go back, how", "return"),
    Example("boots return please", "return"),
    Example("a present with a gift code goes back", "return"),
    Example("gift code, wrong size", "return"),
    Example("where is my parcel", "order"),
    Example("order", "order", hint=True),
]


def with_its_head(templates: tuple[Template, ...]) -> Answers:
    plain = answers(templates)
    texts = [example.text for example in EXAMPLES]
    return with_head(templates, plain.question_points, EXAMPLES, place(texts), "en")


def test_examples_teach_which_template_of_their_intent_is_meant() -> None:
    taught = with_its_head((RETURNS, GIFTS, ORDER))
    assert taught.head is not None
    assert taught.head.classes == ("returns", "gifts", "order")
    [shares] = taught.head.probabilities(place(["my present is the wrong size"]))
    assert shares[1] > shares[0]


def test_where_every_intent_has_one_template_there_is_nothing_to_tell_apart() -> None:
    assert with_its_head((RETURNS, ORDER)).head is None


def test_of_many_templates_those_of_the_likely_intents_are_looked_at_however_near_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranking, "ALL", 0)
    monkeypatch.setattr(ranking, "LOOKED_AT", 1)
    monkeypatch.setattr(ranking, "LIKELY", 1)
    order = (0.0, 0.0, 1.0, 0.0)
    assert set(ranked(answers(), "how do I return boots", order)) >= {"returns", "order"}
