"""From examples to a Release."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from finetune.build import Built, Material, Options, build, seal
from finetune.examples import Example, ExamplesError
from retrieval.prediction import OUT_OF_SCOPE, Verdict
from retrieval.pretrained import EncoderUnavailable
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.templates import Template
from tests import tiny

INSIDE = [e for e in tiny.examples() if e.intent != OUT_OF_SCOPE]


NAMES = {(intent.replace("_", " "), intent) for intent in tiny.QUESTIONS}


def fast(encoder: Path, seed: int = 0) -> Options:
    return tiny.options(encoder, seed=seed)


def test_every_example_was_judged_by_who_had_not_seen_it(tiny_built: Built) -> None:
    examples = len(tiny_built.contents.examples)
    assert tiny_built.evaluation.questions >= examples
    assert 0.5 < tiny_built.evaluation.accuracy < 1  # what it has seen, it knows by heart


def test_the_questions_of_templates_are_examples_of_their_intents(tiny_built: Built) -> None:
    examples = set(tiny_built.contents.examples)
    asked = {(q, t.intent) for t in tiny.TEMPLATES for q in t.questions}
    assert asked <= examples
    assert len(tiny_built.contents.examples) == len(examples)
    assert len(tiny_built.contents.answers.question_points) == sum(
        len(t.questions) for t in tiny.TEMPLATES
    )


def test_out_of_scope_is_a_class_and_no_intent(tiny_built: Built) -> None:
    assert OUT_OF_SCOPE in tiny_built.contents.head.classes
    assert set(tiny_built.contents.titles) == set(tiny.QUESTIONS)


def test_a_release_explains_itself(tiny_folder: Path, tiny_built: Built) -> None:
    report = json.loads((tiny_folder / "report.json").read_text())
    promise = tiny_built.contents.calibration.thresholds.statement
    assert report["regime"] == "frozen"
    assert report["examples"] == len(tiny_built.contents.examples)
    assert report["out_of_scope_examples"] == len(tiny.STRANGERS)
    assert (report["intents"], report["templates"], report["passages"]) == (4, 5, 1)
    assert report["promises"] == {"": promise}
    assert report["validation"]["questions"] == tiny_built.evaluation.questions
    assert f"Promise: {promise}." in (tiny_folder / "README.md").read_text()
    assert (tiny_folder / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_examples_alone_are_enough(tiny_encoder: Path) -> None:
    built = build(Material(INSIDE), fast(tiny_encoder))
    [p] = Release("", built.contents).read(["where is my order"])
    assert p.best.intent == "order_status"
    assert (p.templates, p.passages) == ((), ())
    assert built.evaluation.out_of_scope_answered is not None  # hidden intents stood in


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("intents", [2, 3])
def test_the_smallest_desk_gets_a_release_that_reads(
    tiny_encoder: Path, intents: int, seed: int
) -> None:
    names = ["order_status", "repair", "opening_hours"][:intents]
    examples = [Example(text, name) for name in names for text in tiny.QUESTIONS[name][:2]]
    built = build(Material(examples), fast(tiny_encoder, seed))
    [p] = Release("", built.contents).read([examples[0].text])
    assert p.verdict in set(Verdict)
    assert 0 <= p.confidence <= 1


def test_past_messages_shift_what_the_texts_have_in_common(
    tiny_encoder: Path, tiny_built: Built
) -> None:
    material = Material(tiny.examples(), tiny.TEMPLATES, tiny.PASSAGES, ["parcel on saturday"] * 30)
    built = build(material, fast(tiny_encoder))
    assert (built.contents.centre.mean != tiny_built.contents.centre.mean).any()
    assert built.contents.examples == tiny_built.contents.examples


def test_rows_without_words_and_repeats_are_left_out(tiny_encoder: Path) -> None:
    again = [Example(f"  {e.text.upper()} ", e.intent) for e in INSIDE]
    built = build(Material([*INSIDE, Example("", "repair"), *again]), fast(tiny_encoder))
    assert built.contents.examples[: len(INSIDE)] == [(e.text, e.intent) for e in INSIDE]
    assert set(built.contents.examples[len(INSIDE) :]) <= NAMES


@pytest.mark.parametrize(
    ("material", "why"),
    [
        (Material([]), "at least two intents"),
        (Material(INSIDE[:8]), "at least two intents to tell apart, not 1"),
        (Material([*INSIDE, Example("hello", "greet")]), "'greet' with a single example"),
        (Material([*INSIDE, Example("a b", "greet"), Example("A  b", "greet")]), "single example"),
        (Material(INSIDE, [Template("t", "refund", "x")]), "template 't' answers the intent 'refund'"),
    ],
)  # fmt: skip
def test_what_cannot_be_taught_is_refused(tiny_encoder: Path, material: Material, why: str) -> None:
    with pytest.raises(ExamplesError) as refused:
        build(material, fast(tiny_encoder))
    assert why in str(refused.value)


def test_an_encoder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable):
        build(Material(INSIDE), replace(fast(tmp_path), encoder="owner/model"))


def test_an_intent_may_have_a_description_and_no_example(tiny_encoder: Path) -> None:
    rest = [e for e in tiny.examples() if e.intent != "opening_hours"]
    said = {"opening_hours": "when are you open, what are your hours"}
    built = build(Material(rest, descriptions=said), fast(tiny_encoder))
    assert "opening_hours" in built.contents.titles
    [p] = Release("", built.contents).read(["what are your hours"])
    assert p.best.intent == "opening_hours"


def test_descriptions_alone_are_enough_to_understand_and_not_to_answer(tiny_encoder: Path) -> None:
    said = {intent: texts[0] for intent, texts in tiny.QUESTIONS.items()}
    built = build(Material([], descriptions=said), fast(tiny_encoder))
    release = Release("", built.contents)
    for intent, text in said.items():
        [p] = release.read([text])
        assert p.best.intent == intent
        assert p.verdict is not Verdict.CONFIDENT
    assert "no examples" in built.contents.calibration.thresholds.statement


def test_a_desk_of_two_languages_promises_its_risk_in_each(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    said = {
        "order_status": "Wo ist {} geblieben, bitte? Ich warte schon so lange darauf.",
        "return_item": "Ich möchte {} gerne zurückschicken, wie geht das bei Ihnen?",
        "repair": "Können Sie {} für mich reparieren? Da ist etwas kaputt gegangen.",
    }
    things = (
        "mein Paket",
        "den Mantel",
        "die Stiefel",
        "meine Jacke",
        "das Hemd",
        "den Gürtel",
        "die Mütze",
    )
    german = [
        Example(text.format(thing), intent) for intent, text in said.items() for thing in things
    ]
    options = fast(tiny_encoder)
    built = build(Material([*INSIDE, *german]), options)
    seal(built, tmp_path / "release", options)
    release = load(tmp_path / "release")
    assert set(release.calibration.languages) == {"de", "en"}
    texts = [
        "Wo bleibt denn mein Paket, bitte?",
        "where is my parcel, it should be here",
        "?",
        "我的包裹",
    ]
    read = release.read(texts)
    assert [p.language for p in read] == ["de", "en", "", ""]
    for p in read:
        assert p.verdict is release.calibration.thresholds_for(p.language).verdict(p.confidence)
    card = (tmp_path / "release" / "README.md").read_text()
    assert "Promise: " in card
    assert "Promise in de: " in card


def test_messages_that_nobody_labelled_are_guessed_and_left_out_where_they_are_examples(
    tiny_encoder: Path,
) -> None:
    few = [e for e in INSIDE if e.text in {t for ts in tiny.QUESTIONS.values() for t in ts[:3]}]
    known = {e.text for e in few}
    messages = [e.text for e in INSIDE] * 2
    built = build(Material(few, unlabelled=messages), fast(tiny_encoder))
    assert {text for text, _ in built.contents.examples} & set(messages) == known
    assert {t.way.regime for t in built.trials} <= {"frozen", "self-taught"}
