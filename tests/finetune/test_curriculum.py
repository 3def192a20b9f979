"""What a small desk and its log teach tonight, and what the gate keeps for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.audit import HELD
from conversations.events import NETWORKS_FROM, Thumb
from conversations.evidence import WEIGHTS, Signal
from conversations.labels import WEAK_PER_CONVERSATION
from finetune.build import Options
from finetune.crossfit import Drawn
from finetune.curriculum import CORRECTION, GATE_SHARE, MESSAGES_FROM, curriculum
from finetune.examples import Example, write_examples
from finetune.hearing import PER_TWINS, heard_in
from finetune.nightly import by_teacher
from finetune.progress import Nobody
from finetune.sources import PER_NETWORK, PER_VISITOR
from tests import tiny
from tests.finetune.small_desk import (
    NEWS,
    NOON,
    Log,
    curated,
    held_out,
    make_desk,
    open_log,
    teach,
    unguarded,
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return make_desk(tmp_path)


def test_a_desk_teaches_its_files_and_keeps_the_gate_apart(desk: Path) -> None:
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.material.examples) == curated()
    assert list(taught.gate) == held_out()
    assert [t.id for t in taught.material.templates] == [t.id for t in tiny.TEMPLATES]
    assert [p.page for p in taught.material.passages] == ["wool"]
    assert (list(taught.lessons), list(taught.left_out)) == ([], [])


def test_a_held_out_question_is_not_learned_from_the_examples_either(desk: Path) -> None:
    asked = held_out()[0]
    write_examples(desk / "examples.csv", [*curated(), Example(asked.text.upper(), asked.intent)])
    assert list(curriculum(desk, unguarded, NOON).material.examples) == curated()


def test_without_a_held_out_file_some_examples_are_kept_for_the_gate(desk: Path) -> None:
    (desk / "heldout.csv").unlink()
    many = [Example(f"question {n}", "order_status" if n % 2 else "repair") for n in range(700)]
    write_examples(desk / "examples.csv", many)
    taught = curriculum(desk, unguarded, NOON)
    assert len(taught.gate) == pytest.approx(700 / GATE_SHARE, rel=0.25)
    assert not {e.text for e in taught.gate} & {e.text for e in taught.material.examples}
    write_examples(desk / "examples.csv", many[:350])
    assert {e.text for e in curriculum(desk, unguarded, NOON).gate} <= {e.text for e in taught.gate}


def test_the_log_teaches_by_how_far_its_words_are_trusted(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        liked = log.hear("parcel news")
        log.reply(liked, "order_status")
        log.rate(liked, Thumb.UP)
        asked = log.hear("my coat", address="bob")
        log.ask(asked, "repair", "return_item")
        log.hear("A repair", address="bob", chosen="repair")
        log.labelled(["hello there"], "")
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.material.examples)[len(curated()) :] == [
        Example("parcel news", "order_status", WEIGHTS[Signal.THUMB_UP], fair=False),
        Example("my coat", "repair", WEIGHTS[Signal.CHOICE], fair=False),
        Example("hello there", "", CORRECTION, fair=False),
    ]


def test_what_an_operator_answers_with_teaches_what_it_answers(desk: Path) -> None:
    template = next(t for t in tiny.TEMPLATES if t.intent == "return_item")
    with open_log(desk) as store:
        log = Log(store)
        asked = log.hear("parcel oh parcel")
        log.hand_off(asked)
        log.write(asked, template.text)
    [lesson] = curriculum(desk, unguarded, NOON).lessons
    assert (lesson.text, lesson.intent, lesson.origin) == (
        "parcel oh parcel",
        template.intent,
        "answer",
    )


def test_messages_without_a_label_are_guessed_about_once_there_are_enough(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for number in range(MESSAGES_FROM):
            log.reply(log.hear(f"parcel number {number}", address=f"v{number}"), "order_status")
        assert len(curriculum(desk, unguarded, NOON).material.unlabelled) == MESSAGES_FROM
        log.label(log.hear("parcel number 7", address="v7"), "order_status")
    assert curriculum(desk, unguarded, NOON).material.unlabelled == []


def test_what_is_overheard_is_customers_own_words_and_of_one_visitor_a_few(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for number in range(PER_VISITOR + 3):
            log.reply(log.hear(f"loud {number}", address="loud"), "order_status")
        asked = log.hear("my coat", address="bob")
        log.ask(asked, "repair", "return_item")
        log.reply(log.hear("A repair", address="bob", chosen="repair"), "repair")
        log.reply(log.hear("MY COAT", address="eve"), "repair")
        log.reply(log.hear("How do you repair it?", address="eve", tapped=True), "repair")
        log.hand_off(log.hear("a person", address="eve"))
    heard = heard_in(desk / "desk.db", (), NOON)
    rest = [text for text in heard.messages if not text.startswith("loud ")]
    assert sorted(text.casefold() for text in rest) == ["a person", "my coat"]
    assert len(heard.messages) == PER_VISITOR + 2


def test_a_flood_of_fresh_names_is_overheard_as_little_as_its_network_and_its_words_are(
    desk: Path,
) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for number in range(NETWORKS_FROM):
            honest = log.hear(f"honest{number}", address=f"h{number}", network=f"network {number}")
            log.reply(honest, "repair")
        for number in range(5 * PER_NETWORK):
            log.reply(log.hear(f"flood{number}", address=f"f{number}", network="one"), "repair")
            same = f"so where is my parcel with the boots {number}"
            log.reply(log.hear(same, address=f"s{number}"), "repair")
    heard = heard_in(desk / "desk.db", (), NOON).messages
    begun = [text[:5] for text in heard]
    assert [begun.count(one) for one in ("hones", "flood", "so wh")] == [
        NETWORKS_FROM,
        PER_NETWORK,
        PER_TWINS,
    ]
    assert begun != sorted(begun)  # drawn, neither the first nor the latest first


def test_what_is_overheard_is_drawn_alike_every_night(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for number in range(40):
            log.reply(log.hear(f"question{number}", address=f"v{number}"), "repair")
    first, again = (heard_in(desk / "desk.db", (), NOON).messages for _ in range(2))
    assert first == again
    assert first not in (sorted(first), sorted(first, reverse=True))


def test_a_visitor_whom_the_examples_contradict_teaches_nothing(
    desk: Path, options: Options
) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for text in tiny.QUESTIONS["repair"]:
            liked = log.hear(f"{text} now")
            log.reply(liked, "opening_hours")
            log.rate(liked, Thumb.UP)
        agreed = [f"{text} today" for text in tiny.QUESTIONS["order_status"]]
        for text in agreed:
            liked = log.hear(text, address="bob")
            log.reply(liked, "order_status")
            log.rate(liked, Thumb.UP)
    taught = curriculum(desk, by_teacher(options, Nobody()), NOON)
    learned = {lesson.text: lesson.intent for lesson in taught.lessons}
    assert set(learned.values()) <= {"order_status"}
    assert 0 < len(learned) <= PER_VISITOR
    assert "the curated examples alone do not find 'opening_hours' likely" in " ".join(
        taught.left_out
    )


def taught_by_flood(desk: Path, options: Options, honest: int, network: str = "one") -> list[str]:
    """Let so many visitors of networks of their own say hello, a flood of one network teach, and return what was left out."""
    flood = [(f"{text} now", intent) for intent, own in tiny.QUESTIONS.items() for text in own]
    with open_log(desk) as store:
        log = Log(store)
        for number in range(honest):
            log.hear("hello", address=f"honest {number}", network=f"network {number}")
        for number, (text, intent) in enumerate(flood):
            liked = log.hear(text, address=f"flood {number}", network=network)
            log.reply(liked, intent)
            log.rate(liked, Thumb.UP)
    left_out: list[str] = curriculum(desk, by_teacher(options, Nobody()), NOON).manifest()[
        "left_out"
    ]
    return [line for line in left_out if "its network has taught" in line]


def test_what_a_network_teaches_too_much_of_is_told_in_the_manifest(
    desk: Path, options: Options
) -> None:
    assert taught_by_flood(desk, options, NETWORKS_FROM - 1)


@pytest.mark.parametrize(
    ("honest", "network"), [(NETWORKS_FROM - 2, "the proxy"), (NETWORKS_FROM, "")]
)
def test_a_desk_behind_a_proxy_that_it_does_not_name_has_no_cap_by_network(
    desk: Path, options: Options, honest: int, network: str
) -> None:
    assert taught_by_flood(desk, options, honest, network) == []


def test_a_question_that_an_operator_labelled_leaves_the_gate_and_teaches(desk: Path) -> None:
    asked = held_out()[0]
    with open_log(desk) as store:
        Log(store).labelled([f"  {asked.text.upper()}"], asked.intent)
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.gate) == held_out()[1:]
    assert [e.intent for e in list(taught.material.examples)[len(curated()) :]] == [asked.intent]


def test_a_thumb_on_one_of_the_gates_questions_is_left_out_with_a_reason(desk: Path) -> None:
    asked = held_out()[0]
    with open_log(desk) as store:
        log = Log(store)
        liked = log.hear(asked.text)
        log.reply(liked, asked.intent)
        log.rate(liked, Thumb.UP)
    taught = curriculum(desk, unguarded, NOON)
    assert len(taught.left_out) == 1
    assert taught.left_out[0].endswith(": its text is one of the gate's questions")
    assert list(taught.material.examples) == curated()


def test_an_operator_overrules_the_example_of_the_same_words(desk: Path) -> None:
    teach(desk, "When are you OPEN", intent="repair")
    taught = curriculum(desk, unguarded, NOON)
    about = [e for e in taught.material.examples if e.text.lower() == "when are you open"]
    assert about == [Example("When are you OPEN", "repair", CORRECTION, fair=False)]
    [why] = taught.left_out
    assert why.casefold().startswith("the example 'when are you open': ")
    assert why.endswith("an operator says that it means 'repair', not 'opening_hours'")


def test_what_one_conversation_teaches_too_much_of_is_told_in_the_manifest(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for number in range(PER_VISITOR + 2):
            liked = log.hear(f"my coat {number}", address="mallory")
            log.reply(liked, "repair")
            log.rate(liked, Thumb.UP)
    manifest = curriculum(desk, unguarded, NOON).manifest()
    assert len(manifest["lessons"]) == WEAK_PER_CONVERSATION
    why = {reason.partition(": ")[2] for reason in manifest["left_out"]}
    assert why == {f"its conversation teaches {WEAK_PER_CONVERSATION} messages already"}


def test_a_new_intent_needs_two_different_questions(desk: Path) -> None:
    teach(desk, "buy a voucher", "Buy a  VOUCHER", intent="voucher")
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.material.examples) == curated()
    assert all("'voucher' is a new intent with a single example" in r for r in taught.left_out)
    teach(desk, "is there a gift card", intent="voucher")
    assert len(curriculum(desk, unguarded, NOON).left_out) == 0


def test_a_drawn_label_is_asked_for_a_month_and_then_teaches(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS, "opening_hours")
    asked = curriculum(desk, unguarded, NOON)
    assert [(e.text, e.intent) for e in asked.fresh] == [(text, "opening_hours") for text in NEWS]
    assert list(asked.material.examples) == curated()
    assert asked.manifest()["fresh"] == len(NEWS)
    assert asked.material.drawn == Drawn(len(NEWS), 0)
    later = curriculum(desk, unguarded, NOON + HELD)
    assert (len(later.fresh), len(later.lessons)) == (0, len(NEWS))


def test_what_another_label_of_the_same_words_teaches_is_not_asked(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS, "opening_hours")
    with open_log(desk) as store:
        Log(store).labelled([NEWS[0].upper()], "opening_hours")
    taught = curriculum(desk, unguarded, NOON)
    assert [e.text for e in taught.fresh] == list(NEWS[1:])
    assert [lesson.text for lesson in taught.lessons] == [NEWS[0].upper()]


def test_what_another_label_of_nearly_the_same_words_teaches_is_not_asked(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS, "opening_hours")
    with open_log(desk) as store:
        Log(store).labelled([f"so {NEWS[0]}"], "opening_hours")
    assert [e.text for e in curriculum(desk, unguarded, NOON).fresh] == list(NEWS[1:])


def test_a_drawn_message_that_was_labelled_along_with_another_teaches_and_judges_nothing(
    desk: Path,
) -> None:
    with open_log(desk) as store:
        about = Log(store).hear("is the workshop shut on friday")
    with open_log(desk, sampled=True) as store:
        Log(store).label_together([about, *map(Log(store).hear, NEWS[:2])], "opening_hours")
    taught = curriculum(desk, unguarded, NOON + HELD)
    assert (len(taught.fresh), len(taught.lessons)) == (0, 3)
    assert len(curriculum(desk, unguarded, NOON).lessons) == 3
    assert [e.fair for e in taught.material.examples if e.text in NEWS] == [False, False]


def test_a_thumb_on_nearly_a_drawn_question_does_not_teach_it(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS[:1], "opening_hours")
    with open_log(desk) as store:
        log = Log(store)
        liked = log.hear(f"so {NEWS[0]}")
        log.reply(liked, "opening_hours")
        log.rate(liked, Thumb.UP)
    taught = curriculum(desk, unguarded, NOON)
    assert (len(taught.fresh), len(taught.lessons)) == (1, 0)
    assert taught.left_out == [f"{liked}: it nearly says what the gate asks of these days"]


def test_a_thumb_on_a_drawn_question_does_not_teach_it(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS[:1], "opening_hours")
    with open_log(desk) as store:
        log = Log(store)
        liked = log.hear(NEWS[0])
        log.reply(liked, "opening_hours")
        log.rate(liked, Thumb.UP)
    taught = curriculum(desk, unguarded, NOON)
    assert (len(taught.fresh), len(taught.lessons)) == (1, 0)


def test_what_the_bot_got_wrong_is_taught_and_asked(desk: Path) -> None:
    with open_log(desk) as store:
        log = Log(store)
        for text, named in zip(NEWS, ("repair", "opening_hours", "repair"), strict=True):
            said = log.hear(text)
            log.reply(said, named)
            log.label(said, "opening_hours")
    taught = curriculum(desk, unguarded, NOON)
    assert [e.text for e in taught.regression] == [NEWS[0], NEWS[2]]
    assert len(taught.lessons) == len(NEWS)


def test_what_was_asked_for_because_the_bot_was_unsure_teaches_and_does_not_judge(
    desk: Path,
) -> None:
    with open_log(desk, sampled=True) as store:  # every label is in the sample
        Log(store).labelled(["parcel oh parcel"], "order_status")
    with_sample = curriculum(desk, unguarded, NOON + HELD).material.examples
    assert [e.judges for e in with_sample if e.text == "parcel oh parcel"] == [True]
    with open_log(desk) as store:
        Log(store).labelled(["oh my coat"], "repair")
    without = curriculum(desk, unguarded, NOON + HELD).material.examples
    assert [e.judges for e in without if e.text == "oh my coat"] == [False]


def test_what_somebody_complained_about_judges_nothing_though_it_was_drawn(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        log = Log(store)
        cross = log.hear("parcel oh parcel")
        log.reply(cross, "repair")
        log.rate(cross, Thumb.DOWN)
        log.label(cross, "order_status")
    examples = curriculum(desk, unguarded, NOON + HELD).material.examples
    assert [e.judges for e in examples if e.text == "parcel oh parcel"] == [False]


def test_an_intent_that_nobody_wrote_down_is_judged_by_its_labels(desk: Path) -> None:
    with open_log(desk) as store:
        Log(store).labelled(["a voucher", "two vouchers"], "voucher")
    examples = curriculum(desk, unguarded, NOON).material.examples
    assert [e.judges for e in examples if e.intent == "voucher"] == [True, True]
