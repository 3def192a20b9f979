"""
The demo desks: which folders each is made of.

A folder that is laid over another holds only what is added: tables get more rows, an answer of the same id more questions and
wordings, or another wording in a language that it had; any other file takes the place of the one below it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.commands.desks import copy_files

SHOPS = Path(__file__).parent.parent / "demo"

# By language, lowest folder first.
DEMOS = {
    "en": (SHOPS / "desk",),
    "zh": (SHOPS / "desk-zh",),
    "multi": (SHOPS / "desk", SHOPS / "desk-multi"),
}


def copy_demo(language: str, folder: Path) -> None:
    """
    Make the demo desk of a language.

    Raises:
        OSError: it cannot be written.
    """
    first, *others = DEMOS[language]
    copy_files(first, folder)
    for other in others:
        lay_over(other, folder)


def lay_over(source: Path, folder: Path) -> None:
    """
    Add what is in one folder to the desk in another.

    Raises:
        ValueError: an answer is given wordings that the desk does not have.
    """
    for file in sorted(file for file in source.rglob("*") if file.is_file()):
        target = folder / file.relative_to(source)
        if target.suffix == ".csv" and target.exists():
            with target.open("a", encoding="utf-8", newline="") as table:
                table.writelines(file.read_text(encoding="utf-8").splitlines(keepends=True)[1:])
        elif target.name == "templates.jsonl" and target.exists():
            answers = _with_wordings(_rows(target), _rows(file))
            lines = (json.dumps(answer, ensure_ascii=False) for answer in answers)
            target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _with_wordings(
    answers: Iterable[dict[str, Any]], added: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    by_id = {answer["id"]: answer for answer in answers}
    for row in added:
        if row["id"] not in by_id:
            raise ValueError(f"there is no answer {row['id']!r} to give wordings to")
        answer = by_id[row["id"]]
        written = [*answer.get("variants", []), *row["variants"]]
        latest = {(one.get("language"), one.get("channel")): one for one in written}
        answer["variants"] = list(latest.values())
        answer["questions"] += row.get("questions", [])
    return list(by_id.values())


def _rows(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").split("\n")  # JSON may hold U+2028
    return [json.loads(line) for line in lines if line.strip()]
