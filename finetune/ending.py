"""Answers whose time is over or nearly so, as findings of the lint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from finetune.findings import Finding, Kind
from retrieval.templates import Template, ending


def endings(templates: Iterable[Template], on: date) -> Iterator[Finding]:
    """Yield a finding for each answer that has ended by a day, or soon will."""
    for template in ending(templates, on):
        over = not template.valid_until or template.valid_until < on
        verb = "ended" if over else "ends"
        yield Finding(
            Kind.ENDING_ANSWER,
            (),
            (template.intent,),
            f"The answer {template.id!r} {verb} on {template.valid_until}.",
            "Change its valid_until, or write what is said from then on.",
        )
