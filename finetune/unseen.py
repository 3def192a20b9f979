"""
What a Release said of its own examples before it had learned them, kept with it for the gate.

Training judges itself by cross-fitting: each example is read by a head that did not learn it. Champion and challenger have both
done so with most of a desk's examples, so the gate compares them there, where nobody has put questions aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from conversations.text import normalised
from finetune.evaluation import Outcome
from finetune.examples import Example

UNSEEN = "unseen.jsonl"  # in the folder of a Release; one that is older has none


def record(examples: Sequence[Example], outcomes: Sequence[Outcome]) -> bytes:
    """
    Return the file of what was said of each of the examples, (n,) both.

    An intent that was hidden to stand for what is out of scope had no chance to be found, and is left out.
    """
    told = [
        {"text": example.text, **asdict(outcome)}
        for example, outcome in zip(examples, outcomes, strict=True)
        if outcome.truth == example.intent
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told).encode()


def on_both(champion: Path, challenger: Path) -> tuple[list[Outcome], list[Outcome]]:
    """
    Return what two Releases said of the texts that both had not seen, in the same order.

    A text that has another intent by now is no question for both.
    """
    before, after = _told(champion), _told(challenger)
    shared = [key for key in before if key in after and before[key].truth == after[key].truth]
    return [before[key] for key in shared], [after[key] for key in shared]


def _told(release: Path) -> Mapping[str, Outcome]:
    file = release / UNSEEN
    return dict(_rows(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _rows(text: str) -> Iterator[tuple[str, Outcome]]:
    for line in text.split("\n"):
        if line:
            row = json.loads(line)
            yield normalised(row.pop("text")), Outcome(**row)
