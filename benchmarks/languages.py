"""
Several languages at one desk: how well each is understood, and whether a question finds an answer kept in another.

Asks the mixed demo shop its held-out questions, by language, at the thresholds that were fitted for each and at the one for all.
For the second table it learns the shop without the Chinese and German words for FIVE intents, which have one answer each, and
without any, and asks what these were about: what is found is then kept in English only.

    python -m benchmarks.languages                  some minutes, a few hundred MB on disk
    python -m benchmarks.languages --release DIR    with a Release of the demo that is there already
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.answers import Asked, trained
from bot.commands.demos import DEMOS, copy_demo
from bot.config import read_settings
from finetune.examples import Example, read_examples
from finetune.progress import Nobody
from finetune.serving import outcomes
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.release import Release
from retrieval.sealing import load

LANGUAGES = {"en": "English", "zh": "Chinese", "de": "German"}
FIVE = ("delivery_cost", "item_damaged", "wrong_item", "payment_failed", "back_in_stock")
HAN = ("\u4e00", "\u9fff")  # from the first Chinese character to the last


@dataclass(frozen=True, slots=True)
class Line:
    """
    What is understood in a language: shares of the questions in scope, and of the answers for `wrong`.

    `strangers` are the questions out of scope that are answered all the same.
    """

    language: str
    thresholds: str
    questions: int
    right: float
    answered: float
    wrong: float
    answers: int
    strangers: str

    def __str__(self) -> str:
        shares = " | ".join(f"{100 * one:.1f} %" for one in (self.right, self.answered, self.wrong))
        return f"| {self.language} | {self.thresholds} | {self.questions} | {shares} | {self.answers} | {self.strangers} |"


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the questions of a language about the FIVE have the right answer first."""

    language: str
    learned_from: str
    right: int
    questions: int

    def __str__(self) -> str:
        share = 100 * self.right / self.questions
        return f"| {self.language} | {self.learned_from} | {share:.1f} % | {self.questions} |"


def spoken(name: str) -> dict[str, list[Example]]:
    """Return the rows of a table of the mixed shop by language."""
    english, added = (read_examples(folder / name) for folder in DEMOS["multi"])
    chinese = [e for e in added if any(HAN[0] <= letter <= HAN[1] for letter in e.text)]
    german = [e for e in added if e not in chinese]
    return {"en": list(english), "zh": chinese, "de": german}


def understood(release: Release, questions: Mapping[str, Sequence[Example]]) -> list[Line]:
    """Return a line for each language at its own thresholds, and one at those for all."""
    calibration = replace(release.calibration, languages={})
    pooled = Release(release.hash, replace(release.contents, calibration=calibration))
    return [
        _line(LANGUAGES[code], name, one, asked)
        for code, asked in questions.items()
        for name, one in (("its own", release), ("for all", pooled))
    ]


def _line(language: str, name: str, release: Release, questions: Sequence[Example]) -> Line:
    found = outcomes(release, questions, Nobody())
    inside = [one for one in found if one.truth != OUT_OF_SCOPE]
    given = [one for one in found if one.answered]
    strange = sum(one.truth == OUT_OF_SCOPE for one in given)
    return Line(
        language,
        name,
        len(inside),
        sum(one.predicted == one.truth for one in inside) / len(inside),
        sum(one.answered for one in inside) / len(inside),
        sum(one.predicted != one.truth for one in given) / max(len(given), 1),
        len(given),
        f"{strange} of {len(found) - len(inside)}",
    )


def found(
    asked: Asked, questions: Mapping[str, Sequence[Example]], learned_from: str
) -> list[Found]:
    """Return how often the right answer comes first, by language."""
    return [
        Found(LANGUAGES[code], learned_from, _hits(asked, of_five), len(of_five))
        for code in ("zh", "de")
        if (of_five := [e for e in questions[code] if e.intent in FIVE])
    ]


def _hits(asked: Asked, questions: Sequence[Example]) -> int:
    predictions = asked.release.read([question.text for question in questions])
    pairs = zip(predictions, questions, strict=True)
    return sum(asked.first(p, q.text) == f"{q.intent}.general" for p, q in pairs)


def without_the_five(desk: Path) -> None:
    """Take the Chinese and German words for the FIVE out of a mixed desk."""
    examples = spoken("examples.csv")
    unlearned = {e.text for code in ("zh", "de") for e in examples[code] if e.intent in FIVE}
    kept = [e for e in read_examples(desk / "examples.csv") if e.text not in unlearned]
    with (desk / "examples.csv").open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([("text", "intent"), *((e.text, e.intent) for e in kept)])


def english_alone(desk: Path) -> None:
    """Make the shop in a mixed desk the English one, with the encoder that it has."""
    for name in ("examples.csv", "templates.jsonl"):
        shutil.copyfile(DEMOS["en"][0] / name, desk / name)


def learned(scratch: Path, change: Callable[[Path], None] | None = None) -> Release:
    """Return a Release of the mixed shop, changed before it is learned."""
    desk = scratch / (change.__name__ if change else "whole")
    copy_demo("multi", desk)
    if change:
        change(desk)
    return trained(desk / "release", desk, fast=True)


def across(whole: Release, scratch: Path) -> list[Found]:
    """Return how questions about the FIVE are answered, with examples in their language and without."""
    words = read_settings(DEMOS["multi"][-1] / "desk.toml").words
    held_out, taught = spoken("heldout.csv"), spoken("examples.csv")
    every = {code: [*taught[code], *held_out[code]] for code in LANGUAGES}
    bare = Asked(learned(scratch, without_the_five), words)
    english = Asked(learned(scratch, english_alone), words)
    return [
        *found(Asked(whole, words), held_out, "of every intent"),
        *found(bare, held_out, "of other intents only"),
        *found(english, held_out, "of none"),
        *found(bare, every, "of other intents only"),
        *found(english, every, "of none"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="several languages at one desk")
    parser.add_argument("--release", type=Path, help="a Release of the mixed demo shop")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        whole = load(options.release) if options.release else learned(Path(folder))
        cross = across(whole, Path(folder))
    lines = understood(whole, spoken("heldout.csv"))
    print("| language | thresholds | questions | understood | answered | wrong | answers | strangers answered |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|", *lines, sep="\n")
    print("\n| asked in | examples in that language | right answer first | of |")
    print("|---|---|---|---|", *cross, sep="\n")
    rows = [*map(asdict, lines), *map(asdict, cross)]
    print(json.dumps({"bench": "languages", "release": whole.hash, "rows": rows}, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
