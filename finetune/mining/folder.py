"""
What was mined as a folder for people to look over, written whole or not at all.

    examples.csv      text,intent: the proposals, for `frontdesk train`
    intents.csv       intent,title,description,messages: what each proposed intent is about
    review.md         every topic: size, spread, messages at its centre and edge, near-duplicates
    templates.jsonl   proposed answers; each has to be approved by a person
    smalltalk.csv     text,messages: what was set aside
    report.json       all figures
    map.png           the map
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from finetune.examples import write_examples
from finetune.mining import answers
from finetune.mining.errors import Occupied
from finetune.mining.map import picture
from finetune.mining.mine import Mined
from finetune.mining.topics import Topic
from retrieval.manifest import any_inside
from retrieval.template_files import template_row


def refuse_occupied(target: Path) -> None:
    """Raise Occupied if anything stands at `target` but an empty folder; asked before the work, too."""
    if target.is_symlink():
        raise Occupied(f"{target} is a link: name the folder itself, or another one")
    if target.exists() and any_inside(target):
        raise Occupied(f"{target} exists and is not an empty folder: name another one, or empty it")


def write(mined: Mined, target: Path, seed: int) -> None:
    """Write the folder. Raises Occupied or OSError; then nothing stands there that did not before."""
    with _whole(target) as folder:
        write_examples(folder / "examples.csv", mined.examples())
        _table(folder / "intents.csv", ("intent", "title", "description", "messages"), ((t.name, t.title, t.description, t.size) for t in mined.topics))  # fmt: skip
        _table(folder / "smalltalk.csv", ("text", "messages"), ((g.text, g.said) for g in mined.chat))  # fmt: skip
        rows = ({**template_row(p.template), **answers.row(p)} for p in mined.proposals)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / "templates.jsonl").write_text(lines, encoding="utf-8")
        (folder / "review.md").write_text(review(mined), encoding="utf-8")
        (folder / "map.png").write_bytes(picture(mined.points, mined.topics, seed))
        report = json.dumps(mined.as_json(), ensure_ascii=False, indent=1)
        (folder / "report.json").write_text(report + "\n", encoding="utf-8")


def review(mined: Mined) -> str:
    """Return the topics as a person reads them, the largest first."""
    said = sum(topic.size for topic in mined.topics)
    aside = sum(gist.said for gist in mined.chat)
    head = [
        "# What customers ask",
        "",
        f"{said:,} requests in {len(mined.topics)} topics; {aside:,} messages of small talk are in smalltalk.csv, and "
        f"{len(mined.proposals)} proposed answers in templates.jsonl.",
        "",
        "Look each topic over: rename it, merge it with its nearest, or split it, in examples.csv and intents.csv.",
        "Answers are said to nobody before their `state` is `live` in templates.jsonl.",
        "",
        "![the map](map.png)",
        "",
        "| intent | messages | distinct | openings | spread | apart | nearest |",
        "|---|---|---|---|---|---|---|",
        *(f"| {t.name} | {t.size:,} | {t.distinct:,} | {t.opened:,} | {t.spread:.2f} | {t.silhouette:.2f} | {t.nearest} |" for t in mined.topics),
    ]  # fmt: skip
    return "\n".join([*head, *(line for topic in mined.topics for line in _section(topic)), ""])


def _section(topic: Topic) -> Iterator[str]:
    yield from ("", f"## {topic.title}", "", f"`{topic.name}` · {', '.join(topic.words)}", "")
    yield from _listed("At the centre", topic.centre)
    yield from _listed("At the edge", topic.edge)
    yield from _listed("Nearly the same", [" / ".join(group[:5]) + (f" and {len(group) - 5} more" if len(group) > 5 else "") for group in topic.twins])  # fmt: skip


def _listed(what: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield from (f"{what}:", "", *(f"- {text}" for text in texts), "")


def _table(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Give a scratch folder beside `target`, which takes its place by one rename when the block ends well."""
    refuse_occupied(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.parent / f".tmp-{target.name}-{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
        scratch.replace(target)  # an empty folder may stand there
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
