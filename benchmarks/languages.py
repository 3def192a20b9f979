"""
Several languages at one desk: how well each is understood, and whether a question finds an answer kept in another.

Asks the mixed demo shop its held-out questions, by language, at the thresholds that were fitted for each and at the one for all.
For the second table it learns the shop without the Chinese and German words for FIVE intents, which have one answer each, and
asks every question that it did not see about them: what is found is then kept in English only.

    python -m benchmarks.languages                  some minutes, a few hundred MB on disk
    python -m benchmarks.languages --release DIR    with a Release of the demo that is there already
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="several languages at one desk")
    parser.add_argument("--release", type=Path, help="a Release of the mixed demo shop")
    options = parser.parse_args(arguments)
    learned, held_out = spoken("examples.csv"), spoken("heldout.csv")
    with tempfile.TemporaryDirectory() as scratch:
        desk, english = Path(scratch) / "desk", Path(scratch) / "without"
        for folder in (desk, english):
            copy_demo("multi", folder)
        words = read_settings(desk / "desk.toml").words
        whole = load(options.release) if options.release else trained(desk / "release", desk, fast=True)  # fmt: skip
        without_the_five(english)
        bare = trained(english / "release", english, fast=True)
    lines = understood(whole, held_out)
    every = {code: [*learned[code], *held_out[code]] for code in LANGUAGES}
    cross = [
        *found(Asked(whole, words), held_out, "twelve of its own, the held-out ones asked"),
        *found(Asked(bare, words), held_out, "English alone, the same asked"),
        *found(Asked(bare, words), every, "English alone, all asked"),
    ]
    print("| language | thresholds | questions | understood | answered | wrong | answers | strangers answered |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|", *lines, sep="\n")
    print(
        "\n| asked in | examples | right answer first | of |", "|---|---|---|---|", *cross, sep="\n"
    )
    rows = [asdict(line) for line in (*lines, *cross)]
    print(json.dumps({"bench": "languages", "release": whole.hash, "rows": rows}, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
