"""Saved versions of answer templates as templates, and what a Release has to be told of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from conversations.versions import Saved, Version
from retrieval.teachings import Question
from retrieval.template_files import read_sealed, saved_template
from retrieval.templates import State, Template, live


class Answers(Protocol):
    """The answers of a Release."""

    @property
    def titles(self) -> Mapping[str, str]:
        """What each intent is called."""
        ...

    def templates_of(self, intent: str) -> tuple[Template, ...]: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """The answers of a Release's folder, without the seconds that loading it takes."""

    titles: Mapping[str, str]
    templates: Sequence[Template]

    @classmethod
    def of(cls, release: Path) -> Sealed:
        """Read a Release's folder; where there is none, there are no answers."""
        intents, templates = release / "intents.json", release / "templates.jsonl"
        titles = (
            json.loads(intents.read_text(encoding="utf-8"))["titles"] if intents.is_file() else {}
        )
        return cls(titles, read_sealed(templates) if templates.is_file() else ())

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        return tuple(template for template in live(self.templates) if template.intent == intent)


def template_in(version: Version) -> Template:
    """Return a saved version as a template, with who saved it and when."""
    template = saved_template(version.content, version.operator, version.at)
    return replace(template, state=State(version.state))


def said_by(template: Template) -> Template:
    """Return a template without what is only about it: what customers get of it."""
    return replace(template, state=State.LIVE, author="", changed_at="")


def own_template(release: Answers, template_id: str, intent: str) -> Template | None:
    """Return a Release's own template of an id and an intent."""
    own = (template for template in release.templates_of(intent) if template.id == template_id)
    return next(own, None)


def fresh_templates(saved: Saved, release: Answers) -> Iterator[Template]:
    """Yield the live templates that a Release does not have, or has otherwise."""
    for version in saved.live:
        template = template_in(version)
        own = own_template(release, template.id, template.intent)
        if own is None or said_by(own) != said_by(template):
            yield template


def fresh_questions(templates: Iterable[Template], release: Answers) -> Iterator[Question]:
    """Yield the questions of templates that a Release does not know as theirs."""
    for template in templates:
        own = own_template(release, template.id, template.intent)
        known = own.questions if own else ()
        for text in template.questions:
            if text not in known:
                yield Question(template.id, text, template.intent)


def retired_of(saved: Saved, release: Answers) -> Iterator[str]:
    """Yield the templates of a Release that are no longer to be given."""
    for template_id in saved.retired:
        latest = saved.versions[template_id][-1]
        if own_template(release, template_id, json.loads(latest.content)["intent"]):
            yield template_id
