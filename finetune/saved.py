"""The versions of answers that operators saved, as a training takes them in: they stand in for what the desk's file says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.versions import Saved, Version
from retrieval.template_files import saved_template
from retrieval.templates import Template


def with_saved(own: Sequence[Template], saved: Saved) -> tuple[Template, ...]:
    """Return the desk's own templates, each in its live version where one was saved, without the retired, and the new ones."""
    live = {version.template_id: _template(version) for version in saved.live}
    kept = [live.pop(template.id, template) for template in own if template.id not in saved.retired]
    return (*kept, *live.values())


def overruled(own: Sequence[Template], saved: Saved) -> list[str]:
    """Return in words which answers of the desk's file do not count, since another version of them was saved."""
    given = {template.id: template for template in with_saved(own, saved)}
    return [
        f"{template.id}: what operators saved counts, not the line of templates.jsonl"
        for template in own
        if _said_by(template) != _said_by(given.get(template.id))
    ]


def _template(version: Version) -> Template:
    return saved_template(version.content, version.operator, version.at)


def _said_by(template: Template | None) -> Template | None:
    return template and replace(template, author="", changed_at="")
