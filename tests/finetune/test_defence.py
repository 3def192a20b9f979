"""What visitors' evidence may teach: what curated examples find likely, and not too much of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from conversations.events import Visitor
from conversations.evidence import WEIGHTS, Signal
from conversations.labels import Lesson, Origin
from finetune.defence import PER_TWINS, Teacher, objections
from finetune.examples import Example
from finetune.sources import PER_NETWORK, PER_VISITOR
from retrieval.prediction import Floats2d

INTENTS = ("refund", "repair", "parcel")
ALL = [Example(f"text {n}", intent) for intent in INTENTS for n in range(100)]


def around(place: int, count: int, seed: int, spread: float = 0.5) -> Floats2d:
    """Unit vectors around an axis of 32."""
    points = np.random.default_rng(seed).normal(size=(count, 32)) * spread / 32**0.5
    points[:, place] += 1
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def teacher() -> Teacher:
    examples = [Example(f"{intent} {n}", intent) for intent in INTENTS for n in range(10)]
    points = np.vstack([around(place, 10, seed=place) for place in range(len(INTENTS))])
    return Teacher.of(points, examples)


def lessons(*intents: str) -> list[Lesson]:
    return [
        Lesson(f"text {n}", intent, WEIGHTS[Signal.THUMB_UP], Origin.THUMB, f"m{n}", f"c{n}")
        for n, intent in enumerate(intents)
    ]


def said(
    points: Floats2d,
    intent: str,
    visitors: Sequence[str],
    trusted: Sequence[Example] = ALL,
    networks: Sequence[str] = (),
) -> list[str]:
    who = [
        Visitor(visitor_id=name, channel="web", address=name, network=network)
        for name, network in zip_longest(visitors, networks, fillvalue="")
    ]
    return objections(lessons(*[intent] * len(points)), points, who, teacher(), trusted)


def test_the_teacher_agrees_with_what_its_examples_say() -> None:
    near = around(0, 20, seed=9)
    assert np.mean(teacher().agrees(near, ["refund"] * 20)) > 0.9
    assert not any(teacher().agrees(near, ["repair"] * 20))
    assert not any(teacher().agrees(near, ["an intent that nobody curated"] * 20))


def test_wrong_words_teach_nothing_however_many_visitors_say_them() -> None:
    points = around(0, 50, seed=8)
    assert all(said(points, "repair", [f"v{n}" for n in range(50)]))


def test_one_visitor_teaches_a_few_messages() -> None:
    points = around(1, 30, seed=7)
    why = said(points, "repair", ["v"] * 30)
    assert why.count("") == PER_VISITOR
    assert f"its visitor has taught {PER_VISITOR} messages already" in why


def test_a_flood_of_fresh_visitors_from_one_network_teaches_a_few_messages() -> None:
    points = around(1, 40, seed=7)
    flood = [f"v{n}" for n in range(40)]
    why = said(points, "repair", flood, networks=["one"] * 40)
    assert why.count("") == PER_NETWORK
    assert f"its network has taught {PER_NETWORK} messages already" in why
    nobody_knows = said(points, "repair", flood)
    assert nobody_knows.count("") > 2 * PER_NETWORK
    assert said(points, "repair", flood, networks=flood) == nobody_knows


def test_a_flood_takes_nothing_from_visitors_of_other_networks() -> None:
    points = around(1, 60, seed=7)
    flood, honest = [f"v{n}" for n in range(40)], [f"h{n}" for n in range(20)]
    why = said(points, "repair", [*flood, *honest], networks=["one"] * 40 + honest)
    assert why[40:] == said(points[40:], "repair", honest, networks=honest)


def test_the_same_words_teach_a_few_times() -> None:
    points = np.repeat(around(2, 1, seed=6), 10, axis=0)
    why = said(points, "parcel", [f"v{n}" for n in range(10)])
    assert why == [""] * PER_TWINS + [
        f"{PER_TWINS} messages that nearly say the same teach 'parcel' already"
    ] * (10 - PER_TWINS)


def test_what_visitors_teach_of_an_intent_weighs_no_more_than_its_examples() -> None:
    points = around(0, 30, seed=5)
    why = said(
        points,
        "refund",
        [f"v{n}" for n in range(30)],
        [Example(f"text {n}", "refund") for n in range(30)][:4],
    )
    assert why.count("") == int(4 / WEIGHTS[Signal.THUMB_UP])
    assert "visitors teach 'refund' as much already as its own examples do" in why
