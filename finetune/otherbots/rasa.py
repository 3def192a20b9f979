"""
A Rasa project (training data format 2.0 and 3.x): one YAML file or a folder of them.

Examples come from `nlu`; answers from `responses`, where a rule or a story says that an intent is answered by `utter_...`
at once, or the response is named after a retrieval intent. Entities, slots, forms and longer stories stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from finetune.otherbots.found import Found, NoProject
from retrieval.prediction import OUT_OF_SCOPE

SUFFIXES = {".yml", ".yaml"}
OUTSIDE = {"nlu_fallback", "out_of_scope"}  # what Rasa projects call what no intent covers
UTTER = "utter_"

# [Berlin](city), [Berlin](city:Berlin), [Berlin]{"entity": "city"}: only the text is the customer's.
MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
SLOT = re.compile(r"\{\w+\}")

Node: TypeAlias = yaml.Node


@dataclass
class _Project:
    """What stands in different files of one project and belongs together."""

    found: Found = field(default_factory=Found)
    responses: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: text, place
    answered_by: dict[str, str] = field(default_factory=dict)  # intent: response


def read(path: Path) -> Found:
    """
    Return the examples and answers of a project.

    Raises:
        NoProject: no YAML there, or none with training data.
    """
    files = sorted(f for f in path.rglob("*") if f.suffix in SUFFIXES) if path.is_dir() else [path]
    project = _Project()
    for file in files:
        _read_file(project, file, str(file.relative_to(path)) if path.is_dir() else file.name)
    _match(project)
    if not project.found.examples:
        raise NoProject(
            f"{path} holds no Rasa training data: no YAML file with examples of intents under nlu"
            + "".join(f"; {problem}" for problem in project.found.problems[:1])
        )
    return project.found


def _read_file(project: _Project, file: Path, name: str) -> None:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        project.found.problem(name, f"cannot be read ({type(error).__name__})")
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        project.found.problem(f"{name}{line}", f"not YAML ({getattr(error, 'problem', error)})")
        return
    for section, content in _pairs(root):
        for part in _items(content):
            if section == "nlu":
                _intent(project.found, part, name)
            elif section in {"rules", "stories"}:
                _story(project, part)
        if section == "responses":
            for response, texts in _pairs(content):
                _response(project, response, texts, name)


def _intent(found: Found, part: Node, name: str) -> None:
    fields = dict(_pairs(part))
    intent, examples = _scalar(fields.get("intent")), fields.get("examples")
    if not intent or examples is None:
        return  # a synonym, a lookup table, a regular expression
    meant = OUT_OF_SCOPE if intent in OUTSIDE else intent
    for text, line in _examples(examples):
        if text:
            found.example(MARKED.sub(r"\1", text), meant, f"{name}, line {line}")
        else:
            found.problem(f"{name}, line {line}", f"an example of {intent} without a text")


def _examples(node: Node) -> Iterator[tuple[str, int]]:
    """Yield each example and its line, from a block of `- ` lines or a list of objects with a text."""
    if isinstance(node, yaml.ScalarNode):
        for number, line in enumerate(node.value.split("\n"), start=node.start_mark.line + 2):
            if line.strip():
                yield line.strip().removeprefix("-").strip(), number
        return
    for item in _items(node):
        text = item if isinstance(item, yaml.ScalarNode) else dict(_pairs(item)).get("text")
        yield _scalar(text).strip().removeprefix("- ").strip(), item.start_mark.line + 1


def _story(project: _Project, part: Node) -> None:
    """Note which intent is answered by which response at once; what was noted first stays."""
    asked = ""
    for step in _items(dict(_pairs(part)).get("steps")):
        fields = dict(_pairs(step))
        action = _scalar(fields.get("action"))
        if asked and action.startswith(UTTER):
            project.answered_by.setdefault(asked, action)
        asked = _scalar(fields.get("intent"))


def _response(project: _Project, response: str, texts: Node, name: str) -> None:
    """Keep the first text of a response; the others say the same in other words or channels."""
    for variant in _items(texts):
        if text := _scalar(dict(_pairs(variant)).get("text")).strip():
            project.responses[response] = text, f"{name}, line {variant.start_mark.line + 1}"
            return


def _match(project: _Project) -> None:
    """Give every intent the answer that the project has for it."""
    for intent in dict.fromkeys(e.intent for e in project.found.examples if e.intent):
        response = project.answered_by.get(intent, UTTER + intent)
        if response not in project.responses:
            continue
        text, place = project.responses[response]
        if slots := sorted(set(SLOT.findall(text))):
            why = f"{response} fills in {', '.join(slots)}; write this answer by hand"
            project.found.problem(place, why)
        else:
            project.found.answer(intent, text, place)


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(_scalar(key), value) for key, value in node.value]


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _scalar(node: Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
