"""
The answer templates that operators saved, version by version, and which of them are given.

A template is given in its latest version that is live, until a later one is live or it is retired: a draft changes nothing
for customers, and neither does an approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from conversations.events import Recorded
from conversations.lessons import TemplateSaved

LIVE, RETIRED = "live", "retired"  # as `retrieval.templates.State` has them


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What somebody saved; `content` is a row of a template file as a JSON text."""

    template_id: str
    version: int
    operator: str
    at: datetime
    state: str
    content: str
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The versions of each template, in the order they were saved."""

    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)

    def latest(self, template_id: str) -> Version | None:
        return next(reversed(self.versions.get(template_id, ())), None)

    def given(self, template_id: str) -> Version | None:
        """Return the version that customers get, None where the template is not given in any."""
        last = self._last_settled(template_id)
        return last if last is not None and last.state == LIVE else None

    @property
    def live(self) -> tuple[Version, ...]:
        return tuple(given for one in self.versions if (given := self.given(one)) is not None)

    @property
    def retired(self) -> frozenset[str]:
        """The templates that are no longer to be given, wherever else they stand."""
        last = {one: self._last_settled(one) for one in self.versions}
        return frozenset(
            one for one, version in last.items() if version and version.state == RETIRED
        )

    def _last_settled(self, template_id: str) -> Version | None:
        """Return the last version that changed what customers get."""
        return next(
            (v for v in reversed(self.versions.get(template_id, ())) if v.state in (LIVE, RETIRED)),
            None,
        )


def saved(recorded: Iterable[Recorded]) -> Saved:
    """Return what the saved templates of the log, given in its order, come to."""
    versions: dict[str, tuple[Version, ...]] = {}
    for entry in recorded:
        if isinstance(entry.event, TemplateSaved):
            event = entry.event
            version = Version(
                template_id=event.template_id,
                version=event.version,
                operator=event.operator,
                at=entry.at,
                state=event.state,
                content=event.content,
                restores=event.restores,
            )
            versions[event.template_id] = (*versions.get(event.template_id, ()), version)
    return Saved(versions)
