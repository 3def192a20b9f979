"""
Whether the reply is right: templates, pages and second messages, on questions that nothing learns from.

Trains the demo shops as `frontdesk train` does and asks them their gold questions (`benchmarks/gold`). What counts is what would
be answered, or offered first where the bot asks back. Beside it what meaning alone and words alone find among the same texts. Under
each table a line says of each aim whether it is held. The Chinese shop is skipped where its encoder is not installed.

    make bench-answers          some minutes; one shop alone, or a Release of it that is there already:
    python -m benchmarks.answers --language zh
    python -m benchmarks.answers --language en --release DIR
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bot.config import read_settings
from bot.context import in_context, leaned_on
from bot.dialogue import SAYS_MORE, Words
from bot.policy import Action, Clarify, Compose, Offer, Reply, by_templates, decide
from conversations.conversation import Conversation
from finetune.build import Material, Options, build, seal
from finetune.examples import read_examples
from finetune.progress import People
from retrieval.knowledge import Asked as Question
from retrieval.knowledge import Knowledge
from retrieval.lexical import Lexical
from retrieval.passages import read_pages
from retrieval.prediction import Floats2d, PassageHit, Prediction, Verdict
from retrieval.pretrained import ENCODERS, installed
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.template_files import read_templates

DEMO = Path(__file__).parent.parent / "bot" / "demo"
DESKS = {"en": DEMO / "desk", "zh": DEMO / "desk-zh"}
GOLD = Path(__file__).parent / "gold"
SHOPS = {"en": "The English shop", "zh": "The Chinese shop"}
AIMS = {"en": 0.92, "zh": 0.88}
AMONG = 3  # passages that are looked at for the right one
BELOW_ALL = -100.0  # a threshold that every passage passes

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a share of `of`, beside the least that is aimed for."""

    name: str
    share: float
    of: int
    aim: float | None = None

    def __str__(self) -> str:
        aim = "" if self.aim is None else f"{100 * self.aim:.3g} %"
        return f"| {self.name} | {100 * self.share:.1f} % | {self.of} | {aim} |"

    def verdict(self) -> str:
        """Return whether the aim is held, empty where there is none."""
        if self.aim is None:
            return ""
        word = "held" if self.share >= self.aim else "missed"
        return f"{word}: {self.name}, {100 * self.share:.1f} % (aim {100 * self.aim:.3g} %)"


class Asked:
    """A Release and the desk's words: what it would say."""

    def __init__(self, release: Release, words: Words) -> None:
        self.release = release
        self.words = words
        contents = release.contents
        self.templates = contents.answers.templates
        self.passages = contents.pages.passages
        self.knowledge = Knowledge(contents.pages, contents.language)

    def usable(self, text: str) -> list[int]:
        """Return the rows of the templates whose needs the words meet."""
        known = self.words.known("", [text]).keys()
        return [row for row, t in enumerate(self.templates) if t.needs <= known]

    def first(self, prediction: Prediction, said: str) -> str:
        """Return the template that is given, or would be for the first choice; empty where there is none."""
        confident = prediction.verdict is Verdict.CONFIDENT
        intent = (prediction.best if confident else by_templates(prediction)[0]).intent
        known = self.words.known("", [said]).keys()
        fits = {hit.template_id: hit.fit for hit in prediction.templates if hit.intent == intent}
        of_intent = [t for t in self.release.templates_of(intent) if t.needs <= known]
        best = max(
            of_intent,
            key=lambda t: fits.get(t.id, BELOW_ALL) + SAYS_MORE * len(t.needs),
            default=None,
        )
        return best.id if best else ""

    def quoted(self, texts: Sequence[str]) -> list[tuple[PassageHit, ...]]:
        """Return what pages say about each text, however badly it fits."""
        found = self.knowledge.search(self._questions(texts), BELOW_ALL)
        return [pages.quoted for pages in found]

    def passages_for(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the rows of the AMONG passages that fit each text best."""
        every = np.arange(len(self.passages))
        found = [self.knowledge.fits(asked, every)[0] for asked in self._questions(texts)]
        return [rows[:AMONG].tolist() for rows in found]

    def _questions(self, texts: Sequence[str]) -> list[Question]:
        points, words = self.release.heard(texts)
        probabilities = self.release.contents.head.probabilities(points)
        return self.release.questions(texts, points, words, probabilities)


def templates(asked: Asked, rows: Rows) -> list[Line]:
    """How often the right template comes first, and by meaning alone and words alone."""
    texts = [row["text"] for row in rows]
    gold = [row["template"].split("|") for row in rows]
    pairs = zip(asked.release.read(texts), texts, strict=True)
    ours = [asked.first(prediction, text) for prediction, text in pairs]
    contents = asked.release.contents.answers
    owners = [t.id for t in contents.templates for _ in t.questions]
    usable = [{asked.templates[row].id for row in asked.usable(text)} for text in texts]
    dense = asked.release.points(texts) @ contents.question_points.T
    index = Lexical(contents.questions, asked.release.contents.language)
    words = np.stack([index.scores(text) for text in texts])
    intents = {t.id: t.intent for t in asked.templates}
    right_intent = [
        intents.get(one, "") in {intents[g] for g in of} for one, of in zip(ours, gold, strict=True)
    ]
    return [
        _share("right template first", _hits(ours, gold), AIMS[asked.release.contents.language]),
        _share("- by meaning alone", _hits(_best(dense, owners, usable), gold)),
        _share("- by words alone", _hits(_best(words, owners, usable), gold)),
        _share("- its intent", right_intent),
    ]


def knowledge(asked: Asked, rows: Rows) -> list[Line]:
    """Whether the passage is found, what is quoted holds the fact, and what no page answers is declined."""
    held = [row for row in rows if row["page"]]
    strange = [row["question"] for row in rows if not row["page"]]
    texts = [row["question"] for row in held]
    places = [(p.page, p.heading) for p in asked.passages]
    gold = [
        {
            n
            for n, place in enumerate(places)
            if place == (row["page"], row["heading"]) and row["fact"] in asked.passages[n].text
        }
        for row in held
    ]
    hits = asked.quoted(texts)
    at = asked.release.calibration.passage_at
    said = [_plain(" ".join(hit.quote for hit in of)) for of in hits]
    fact = [_plain(row["fact"]) in text for row, text in zip(held, said, strict=True)]
    fits = [of[0].fit >= at for of in hits]
    both = [a and b for a, b in zip(fact, fits, strict=True)]
    led = [
        row["page"] in _pages_told(decide(prediction, Conversation("first")))
        for row, prediction in zip(held, asked.release.read(texts), strict=True)
    ]
    points = asked.release.points(texts)
    pages = asked.release.contents.pages
    index = Lexical([p.keyed for p in pages.passages], asked.release.contents.language)
    words = np.stack([index.scores(text) for text in texts])
    ours = asked.passages_for(texts)
    read = asked.release.read(strange)
    silent = [of[0].fit < at for of in asked.quoted(strange)]
    nothing = [
        p.verdict is not Verdict.CONFIDENT and quiet for p, quiet in zip(read, silent, strict=True)
    ]
    return [
        _share("right passage among the first three", _among(ours, gold), 0.90),
        _share("- by meaning alone", _among(_top(points @ pages.points.T), gold)),
        _share("- by words alone", _among(_top(words), gold)),
        _share("what is quoted holds the fact and fits well enough to be said", both, 0.80),
        _share("- holds the fact, among what would be quoted without a threshold", fact),
        _share("its page is quoted or named in the first reply", led),
        _share("unanswerable: no page is quoted", silent, 0.85),
        _share("- and no template is given either", nothing),
    ]


def _pages_told(action: Action) -> set[str]:
    """Return the pages that a reply quotes or names as worth a look."""
    match action:
        case Reply(more=hits) | Compose(hits) | Offer(hits):
            return {hit.page for hit in hits}
        case Clarify(passages=quoted, related=related):
            return {hit.page for hit in quoted or related}
        case _:
            return set()


def followups(asked: Asked, rows: Rows) -> list[Line]:
    """Whether a second message is answered rightly with the first beside it, and without."""
    lines = []
    for kind, words, aim in (
        ("followup", "second message that leans on the first", 0.80),
        ("change", "second message about something else", None),  # no loss: as good as read alone
    ):
        own = [row for row in rows if row["kind"] == kind]
        alone = asked.release.read([row["second"] for row in own])
        beside = asked.release.read([f"{row['first']}\n{row['second']}" for row in own])
        taken = [
            in_context(a, b) if leaned_on([row["first"], row["second"]]) else a
            for row, a, b in zip(own, alone, beside, strict=True)
        ]
        before = _share(
            "- read alone", [_right(asked, row, p) for row, p in zip(own, alone, strict=True)]
        )
        right = [_right(asked, row, p) for row, p in zip(own, taken, strict=True)]
        lines += [_share(words, right, before.share if aim is None else aim), before]
    return lines


def _right(asked: Asked, row: Mapping[str, str], prediction: Prediction) -> bool:
    """Whether the template comes first that is right, or the page is quoted."""
    gold = row["template"].split("|")
    said = f"{row['first']}\n{row['second']}"
    pages = {f"page:{hit.page}" for hit in prediction.passages}
    return asked.first(prediction, said) in gold or bool(pages & set(gold))


def _hits(found: Sequence[str], gold: Sequence[Sequence[str]]) -> list[bool]:
    return [one in of for one, of in zip(found, gold, strict=True)]


def _among(found: Sequence[Sequence[int]], gold: Sequence[set[int]]) -> list[bool]:
    return [bool(set(one) & of) for one, of in zip(found, gold, strict=True)]


def _best(scores: Floats2d, owners: Sequence[str], usable: Sequence[set[str]]) -> list[str]:
    found = []
    for row, allowed in zip(scores, usable, strict=True):
        order = np.argsort(-row, kind="stable")
        found.append(next(owners[n] for n in order if owners[n] in allowed))
    return found


def _top(scores: Floats2d) -> list[list[int]]:
    return [[int(n) for n in row] for row in np.argsort(-scores, axis=1, kind="stable")[:, :AMONG]]


def _share(name: str, right: Sequence[bool], aim: float | None = None) -> Line:
    return Line(name, sum(right) / len(right), len(right), aim)


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def trained(folder: Path, desk: Path, *, fast: bool) -> Release:
    """Return a demo shop's Release, trained as `frontdesk train` does."""
    material = Material(
        read_examples(desk / "examples.csv"),
        read_templates(desk / "templates.jsonl"),
        read_pages(desk / "pages"),
    )
    options = Options(encoder=read_settings(desk / "desk.toml").encoder, fast=fast)
    seal(build(material, options, People()), folder, options)
    return load(folder)


def table(lines: Sequence[Line]) -> str:
    """Return the Markdown table."""
    return "\n".join(["| | share | of | aim |", "|---|---|---|---|", *map(str, lines)])


def measured(language: str, release: Path | None, *, fast: bool) -> dict[str, object]:
    """Ask one shop everything, print its table and its verdicts, and return its figures."""
    desk = DESKS[language]
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder) / "release"
        loaded = load(release) if release else trained(at, desk, fast=fast)
    asked = Asked(loaded, read_settings(desk / "desk.toml").words)
    parts = {"templates": templates, "knowledge": knowledge, "followups": followups}
    lines = [
        line
        for name, part in parts.items()
        if (rows := _rows(GOLD / language / f"{name}.csv"))
        for line in part(asked, rows)
    ]
    print(f"\n{SHOPS[language]}\n\n{table(lines)}\n")
    for line in lines:
        if verdict := line.verdict():
            print(verdict)
    return {
        "language": language,
        "release": loaded.hash,
        "rows": [asdict(line) | {"verdict": line.verdict().partition(":")[0]} for line in lines],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="whether the reply is right")
    parser.add_argument("--release", type=Path, help="a Release of the shop; with --language")
    parser.add_argument("--fast", action="store_true", help="keep the encoder frozen")
    parser.add_argument("--language", choices=list(DESKS), help="of one shop alone")
    options = parser.parse_args(arguments)
    if options.release and not options.language:
        parser.error("say whose Release it is: --language en or --language zh")
    shops = []
    for language in [options.language] if options.language else list(DESKS):
        encoder = read_settings(DESKS[language] / "desk.toml").encoder
        if installed().get(encoder, True):
            shops.append(measured(language, options.release, fast=options.fast))
        else:
            needed = ENCODERS[encoder].distribution
            print(f"\n{SHOPS[language]} was skipped: it needs pip install {needed}.")
    print(json.dumps({"bench": "answers", "shops": shops}))


def _rows(file: Path) -> Rows:
    """Return the rows of a file, none where a shop has none of its kind."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main(sys.argv[1:])
