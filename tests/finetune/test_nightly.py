"""A night at a small desk: what was learned, what the gate said, and that a refused night changes nothing."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conversations.audit import HELD
from conversations.events import Thumb
from conversations.evidence import WEIGHTS, Signal
from conversations.labels import Lesson
from finetune.build import Options
from finetune.curriculum import CORRECTION, GATE_SHARE, MESSAGES_FROM, curriculum
from finetune.defence import PER_VISITOR
from finetune.desks import DeskIncomplete
from finetune.examples import Example, read_examples, write_examples
from finetune.hearing import heard_in
from finetune.history import History
from finetune.lease import Locked, held
from finetune.night import Night, retrain
from finetune.nightly import build_first, by_teacher, contest
from finetune.progress import Nobody
from retrieval.manifest import MANIFEST, ReleaseRefused
from retrieval.release import load
from retrieval.shelf import Shelf
from tests import tiny
from tests.finetune.small_desk import (
    NOON,
    Log,
    clock,
    curated,
    held_out,
    make_desk,
    open_log,
    poisoned,
)


@pytest.fixture(scope="session")
def first_desk(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with its first Release; do not change it, copy it."""
    desk = make_desk(tmp_path_factory.mktemp("desk"))
    build_first(desk, tiny.options(tiny_encoder), clock=clock, watch=Nobody())
    return desk


@pytest.fixture
def desk(first_desk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first_desk, tmp_path / "desk", symlinks=True))


@pytest.fixture
def options(tiny_encoder: Path) -> Options:
    return tiny.options(tiny_encoder)


def night(
    desk: Path, options: Options, *, dry_run: bool = False, relabelled: bool = False
) -> Night:
    return retrain(
        desk,
        lambda: contest(desk, options, clock, Nobody(), relabelled=relabelled),
        dry_run=dry_run,
        clock=clock,
    )


def state(desk: Path) -> tuple[str, list[str], str]:
    """What a night may change: the champion, the shelf, the history."""
    history = desk / "releases.jsonl"
    names = sorted(path.name for path in (desk / "releases").iterdir())
    return str((desk / "champion").readlink()), names, history.read_text()


def teach(desk: Path, *texts: str, intent: str) -> None:
    with open_log(desk) as store:
        Log(store).labelled(texts, intent)


NEWS = ("is the shop shut on monday", "shop shut today", "monday hours of the shop")


def unguarded(_: object, weak: Sequence[Lesson], __: object) -> list[str]:
    return [""] * len(weak)


# What is taught


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
        Example("parcel news", "order_status", WEIGHTS[Signal.THUMB_UP]),
        Example("my coat", "repair", WEIGHTS[Signal.CHOICE]),
        Example("hello there", "", CORRECTION),
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
        log.hand_off(log.hear("a person", address="eve"))
    heard = heard_in(desk / "desk.db", (), NOON)
    assert list(heard.messages) == [
        "a person",
        "MY COAT",
        *(f"loud {number}" for number in range(PER_VISITOR + 2, 2, -1)),
    ]


def test_a_challenger_that_was_rolled_back_is_not_promoted_again(
    desk: Path, options: Options
) -> None:
    first = night(desk, options).challenger
    teach(desk, "buy a voucher", "is there a gift card", intent="voucher")
    second = night(desk, options)
    assert second.outcome == "promoted"
    Shelf(desk, clock).rollback(because="probation")
    again = night(desk, options)
    assert (again.outcome, again.challenger) == ("left_behind", second.challenger)
    assert Shelf(desk, clock).serving == first
    assert f"since Release {second.challenger} was rolled back" in again.sentence


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
    about = [
        e
        for e in curriculum(desk, unguarded, NOON).material.examples
        if e.text.lower() == "when are you open"
    ]
    assert about == [Example("When are you OPEN", "repair", CORRECTION)]


def test_a_new_intent_needs_two_different_questions(desk: Path) -> None:
    teach(desk, "buy a voucher", "Buy a  VOUCHER", intent="voucher")
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.material.examples) == curated()
    assert all("'voucher' is a new intent with a single example" in r for r in taught.left_out)
    teach(desk, "is there a gift card", intent="voucher")
    assert len(curriculum(desk, unguarded, NOON).left_out) == 0


def test_a_folder_without_examples_is_no_desk(tmp_path: Path, options: Options) -> None:
    with pytest.raises(
        DeskIncomplete, match=r"no examples\.csv in .*: make a desk with frontdesk init"
    ):
        night(tmp_path, options)


# What the gate asks of the log


def test_a_drawn_label_is_asked_for_a_month_and_then_teaches(desk: Path) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS, "opening_hours")
    asked = curriculum(desk, unguarded, NOON)
    assert [(e.text, e.intent) for e in asked.fresh] == [(text, "opening_hours") for text in NEWS]
    assert list(asked.material.examples) == curated()
    assert asked.manifest()["fresh"] == len(NEWS)
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


def test_a_night_tells_its_sets_apart(desk: Path, options: Options) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS[:1], "opening_hours")
    with open_log(desk) as store:
        log = Log(store)
        said = log.hear(NEWS[1])
        log.reply(said, "repair")
        log.label(said, "opening_hours")
    ended = night(desk, options)
    assert ended.contest.comparison is not None
    asked = {s["name"]: s["questions"] for s in ended.contest.comparison["sets"]}
    assert asked == {"frozen": len(held_out()), "regression": 1, "fresh": 1, "labels": 0}
    assert ended.contest.waiting == 1


# How a night ends


def test_the_first_release_is_the_champion(first_desk: Path) -> None:
    shelf = Shelf(first_desk, clock)
    assert [p.hash for p in shelf.promotions()] == [shelf.serving] == shelf.sealed()
    assert load(shelf.champion.resolve()).hash == shelf.serving


def test_a_night_without_news_changes_nothing(desk: Path, options: Options) -> None:
    before = state(desk)
    ended = night(desk, options)
    assert (ended.outcome, ended.contest.comparison) == ("unchanged", None)
    assert ended.champion == ended.challenger
    assert state(desk) == before


def test_a_good_night_promotes_and_keeps_the_old_one(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    ended = night(desk, options)
    shelf = Shelf(desk, clock)
    assert ended.outcome == "promoted"
    assert shelf.serving == ended.challenger != ended.champion
    assert set(shelf.sealed()) == {ended.champion, ended.challenger}
    assert ended.contest.lessons == len(NEWS)
    assert ended.contest.comparison is not None
    assert ended.contest.comparison["questions"] == len(held_out())
    assert json.loads(json.dumps(ended.as_json()))["outcome"] == "promoted"
    assert shelf.rollback() == ended.champion


def test_a_bad_night_is_refused_and_leaves_everything(desk: Path, options: Options) -> None:
    write_examples(desk / "examples.csv", poisoned())
    before = state(desk)
    ended = night(desk, options)
    assert ended.outcome == "refused"
    assert ended.contest.comparison is not None
    assert not ended.contest.comparison["passed"]
    assert state(desk) == before
    assert load(desk / "champion").hash == ended.champion


def test_a_release_says_which_messages_taught_it(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    promoted = night(desk, options)
    manifest = json.loads((desk / "champion" / "dataset.json").read_text())
    assert promoted.outcome == "promoted"
    assert manifest["examples"] == len(curated()) + len(NEWS)
    assert manifest["origins"] == {"operator": len(NEWS)}
    assert [one["intent"] for one in manifest["lessons"]] == ["opening_hours"] * len(NEWS)
    assert len({one["message_id"] for one in manifest["lessons"]}) == len(NEWS)
    assert (manifest["gate"], manifest["left_out"]) == (len(held_out()), [])


def test_every_night_has_a_line_in_the_history(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    promoted = night(desk, options)
    (desk / "templates.jsonl").write_text("{oops\n")
    with pytest.raises(Exception, match=r"templates\.jsonl, line 1"):
        night(desk, options)
    first, second, third = History(desk).lines()
    assert first.outcome == "promoted"  # the desk's first Release
    assert (second.outcome, second.champion) == ("promoted", promoted.champion)
    assert second.counts == {"lessons": 3, "left_out": 0, "questions": len(held_out())}
    assert second.why == f"Release {promoted.challenger} is the champion now."
    assert (third.outcome, third.champion) == ("failed", promoted.challenger)
    assert "templates.jsonl, line 1" in third.why


def test_a_night_without_news_trains_nothing(desk: Path, options: Options) -> None:
    assert night(desk, options).contest.resumed
    assert not night(desk, replace(options, risk=0.1)).contest.resumed


def test_a_dry_run_changes_nothing(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    before = state(desk)
    assert night(desk, options, dry_run=True).outcome == "would_promote"
    assert state(desk) == before


def test_a_dry_run_keeps_a_release_that_was_there_before(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    night(desk, options)
    Shelf(desk, clock).rollback()
    before = state(desk)
    assert night(desk, options, dry_run=True).outcome == "left_behind"
    assert state(desk) == before


def test_an_operators_label_changes_what_is_predicted(desk: Path, options: Options) -> None:
    asked = "did the football parcel go to peru"
    [before] = load(desk / "champion").read([asked])
    assert before.best.intent != "repair"
    teach(desk, asked, intent="repair")
    assert night(desk, options).outcome == "promoted"
    [after] = load(desk / "champion").read([asked])
    assert after.best.intent == "repair"
    assert after.neighbours[0].text == asked


def test_one_run_at_a_time(desk: Path, options: Options) -> None:
    before = state(desk)
    with held(desk, clock):
        with pytest.raises(Locked, match="is being trained by another run"):
            night(desk, options)
        with pytest.raises(Locked):
            build_first(desk, options, clock=clock, watch=Nobody())
    assert state(desk) == before
    with (desk / "retrain.lock").open() as lock:  # free again, without anyone tidying up
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_damaged_champion_is_not_compared_with(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    (desk / "champion" / "intents.json").write_text("{}")
    before = state(desk)
    with pytest.raises(ReleaseRefused, match=r"intents\.json"):
        night(desk, options)
    assert state(desk) == before


def test_a_desk_that_cannot_be_trained_keeps_its_champion(desk: Path, options: Options) -> None:
    before = state(desk)
    (desk / "templates.jsonl").write_text("{oops\n")
    with pytest.raises(Exception, match=r"templates\.jsonl, line 1"):
        night(desk, options)
    assert state(desk) == before


def test_a_night_without_a_champion_makes_one(desk: Path, options: Options) -> None:
    shutil.rmtree(desk / "releases")
    ended = night(desk, replace(options, seed=1))
    assert (ended.outcome, ended.champion) == ("promoted", "")
    assert (desk / "champion" / MANIFEST).is_file()
    assert read_examples(desk / "examples.csv") == curated()
