"""Labels that are probably wrong: found while a Release is made, kept with it, and corrected by operators."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conversations.events import DESK
from conversations.lessons import Taught, Untaught
from finetune.build import Built, Options, seal
from finetune.curriculum import curriculum
from finetune.doubts import SUSPECTS, record
from finetune.examples import Example, write_examples
from finetune.nightly import build_first
from finetune.progress import Nobody
from retrieval.dataset import learned_by
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.shelf import Shelf
from tests.finetune.small_desk import NOON, clock, curated, make_desk, open_log, unguarded
from tests.finetune.test_lint import cloud

TOPICS = [n % 5 for n in range(100)]
PLANTED = {8: 4, 41: 3, 77: 0}


def labelled(weight: float = 1.0) -> list[Example]:
    """A hundred texts of five intents, three of them under a wrong one."""
    return [
        Example(
            f"text {n}",
            f"intent {PLANTED.get(n, topic)}",
            weight if n in PLANTED else 1.0,
            place=f"examples.csv, line {n}",
        )
        for n, topic in enumerate(TOPICS)
    ]


def rows(file: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.decode().splitlines()]


def test_planted_wrong_labels_are_kept_with_their_place_and_what_is_more_likely() -> None:
    found = rows(record(labelled(), cloud(TOPICS)))
    assert {row["text"] for row in found} == {f"text {n}" for n in PLANTED}
    for row in found:
        assert row["place"] == f"examples.csv, line {str(row['text']).split()[1]}"
        assert 0 <= float(str(row["given"])) < float(str(row["probability"])) <= 1
        assert row["proposed"] != row["intent"]


def test_what_an_operator_singled_out_is_suspected_like_any_other() -> None:
    unfair = [replace(e, fair=False) for e in labelled()]
    assert record(unfair, cloud(TOPICS)) == record(labelled(), cloud(TOPICS))


def test_what_customers_thumbs_teach_has_no_label_that_anybody_gave() -> None:
    assert record(labelled(weight=0.6), cloud(TOPICS)) == b""


def test_a_single_intent_is_in_nobodys_doubt() -> None:
    assert record([Example("a", "x"), Example("b", "x")], cloud([0, 0])) == b""


def test_a_sealed_release_keeps_its_suspects(
    tiny_built: Built, options: Options, tmp_path: Path
) -> None:
    seal(tiny_built, tmp_path / "release", options)
    assert (tmp_path / "release" / SUSPECTS).read_bytes() == tiny_built.suspects


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return make_desk(tmp_path)


def correct(desk: Path, question: str, intent: str) -> None:
    """Let an operator say what a question of the desk's files means."""
    with open_log(desk) as store:
        event = Taught(
            teaching_id="taught-1",
            external_id="taught-1",
            operator="ann",
            intent=intent,
            questions=(question,),
            text="",
        )
        store.append(DESK, event)


def intents_of(desk: Path, text: str) -> list[str]:
    examples = curriculum(desk, unguarded, NOON).material.examples
    return [e.intent for e in examples if e.text.casefold() == text.casefold()]


def test_a_correction_overrides_the_label_of_the_file_until_it_is_taken_back(desk: Path) -> None:
    one = curated()[0]
    correct(desk, one.text.upper(), "repair")
    assert intents_of(desk, one.text) == ["repair"]
    with open_log(desk) as store:
        store.append(DESK, Untaught(teaching_id="taught-1", operator="ann"))
    assert intents_of(desk, one.text) == [one.intent]


@pytest.mark.parametrize("intent", ["repair", OUT_OF_SCOPE, "unheard_of"])
def test_what_the_file_does_not_hold_is_not_taught_by_a_correction(desk: Path, intent: str) -> None:
    one, *others = curated()
    correct(desk, one.text, intent)
    write_examples(desk / "examples.csv", others)
    assert intents_of(desk, one.text) == []


def test_a_correction_to_an_intent_that_the_file_lost_leaves_the_label(desk: Path) -> None:
    one = curated()[0]
    correct(desk, one.text, "unheard_of")
    assert intents_of(desk, one.text) == [one.intent]


def test_a_release_that_reads_a_correction_as_it_was_made_need_not_be_told(
    desk: Path, options: Options
) -> None:
    one = curated()[0]
    correct(desk, one.text, one.intent)
    build_first(desk, options, clock=clock, watch=Nobody())
    assert ("taught-1", one.intent) in learned_by(Shelf(desk, clock).champion)
