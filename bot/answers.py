"""
What operators do to the desk's answers: save a draft, approve it, make it live, retire it, go back to an earlier version.

Each is a version of its own in the log. Whoever saves says which version they saw last, and is refused where another came since.

Unsavable         the answer cannot be saved as it is; one sentence says why
└── Conflict      somebody else saved it since
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.intake import BadInput, checked
from bot.operators import Unknown
from bot.saved import Answers, fresh_templates, own_template, said_by, template_in
from conversations.events import DESK, Recorded
from conversations.lessons import TemplateSaved
from conversations.log import EventLog
from conversations.teachings import Teachings, teachings
from conversations.versions import Saved, Version
from retrieval.template_files import refuse_missing_files, template_of, template_row
from retrieval.templates import State, Template, TemplateError
from retrieval.variables import Variables

MAX_LIVE = 100  # saved, live and not yet in the Release
MAX_QUESTIONS = 20  # of one answer
MAX_CONTENT = 64 * 1024  # characters of one version
FEWEST = 2  # questions from which an intent can be learned that the Release does not have
TAUGHT = "taught-"  # what the ids of taught answers begin with; those have ways of their own

CHANGES = {"approve": State.APPROVED, "live": State.LIVE, "retire": State.RETIRED}


class Unsavable(Exception):
    """The answer cannot be saved as it is."""


class Conflict(Unsavable):
    """Somebody else saved it since."""


@dataclass(frozen=True, slots=True)
class Means:
    """What saving is held against: the Release that serves, what answers may say, and the desk's folder."""

    release: Answers
    variables: Variables
    desk: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What an operator wants.

    Args:
        seen: the version that they saw last, 0 where none was saved yet; None takes the latest.
        row: a draft's fields, as in a template file; None leaves the text as it is.
        restore: the version to go back to, 0 for the Release's own; None where it is none of that.
    """

    operator: str
    template_id: str
    state: State = State.DRAFT
    seen: int | None = None
    row: Mapping[str, Any] | None = None
    restore: int | None = None


async def save(log: EventLog, change: Change, means: Means) -> Recorded:
    """
    Record a version.

    Raises:
        Unsavable: it is not fit, there is too much of it, or it was saved by somebody else since.
        Unknown: there is no such template, or no such version.
    """
    known = teachings(await log.teachings())
    latest = known.saved.latest(change.template_id)
    _refuse_late(change, latest)
    template = _wanted(change, known, means)
    # Each wording is rendered with and without its variables, which may take seconds.
    await asyncio.to_thread(_refuse_unfit, template, known, means)
    number = (latest.version if latest else 0) + 1
    event = TemplateSaved(
        template_id=template.id,
        version=number,
        external_id=f"{template.id}@{number}",
        operator=change.operator,
        state=str(template.state),
        content=json.dumps(template_row(said_by(template)), ensure_ascii=False),
        restores=change.restore,
    )
    return await log.append(DESK, event)


async def supposed(known: Teachings, change: Change, means: Means, at: datetime) -> Teachings:
    """
    Return what would be known if a change were live since a moment; nothing is recorded.

    Raises:
        Unsavable: it is not fit, or there is too much of it.
        Unknown: there is no such template, or no such version.
    """
    template = replace(_wanted(change, known, means), state=State.LIVE)
    await asyncio.to_thread(_refuse_unfit, template, known, means)
    before = known.saved.versions.get(template.id, ())
    version = Version(
        template_id=template.id,
        version=len(before) + 1,
        operator=change.operator,
        at=at,
        state=str(State.LIVE),
        content=json.dumps(template_row(said_by(template)), ensure_ascii=False),
    )
    versions = {**known.saved.versions, template.id: (*before, version)}
    return replace(known, saved=Saved(versions))


def base_of(template_id: str, release: Answers) -> Template | None:
    """Return a Release's own template of an id, under whatever intent."""
    found = (own_template(release, template_id, intent) for intent in release.titles)
    return next((template for template in found if template is not None), None)


def all_of(release: Answers) -> list[Template]:
    """Return the templates of a Release that are no taught answers."""
    own = (template for intent in release.titles for template in release.templates_of(intent))
    return [template for template in own if not template.id.startswith(TAUGHT)]


def given_of(known: Teachings, release: Answers) -> list[Template]:
    """Return the answers that customers get, each as they get it, with who wrote it and when."""
    own = {template.id: template for template in all_of(release)}
    saved = {version.template_id: template_in(version) for version in known.saved.live}
    gone = known.saved.retired
    return [template for template in (own | saved).values() if template.id not in gone]


def audiences(given: Iterable[Template]) -> dict[str, list[str]]:
    """Return the languages and the groups of customers that answers have wordings for, or are for or not for."""
    answers = list(given)
    languages = {variant.language for one in answers for variant in one.variants} - {""}
    segments = {name for one in answers for name in one.only_for | one.not_for}
    return {"languages": sorted(languages), "segments": sorted(segments)}


def as_listed(known: Teachings, release: Answers) -> list[dict[str, Any]]:
    """Return every answer with how far it has come, those of the Release first."""
    own = {template.id: template for template in all_of(release)}
    return [
        _listed(template_id, own.get(template_id), known)
        for template_id in dict.fromkeys((*own, *known.saved.versions))
    ]


def as_history(template_id: str, known: Teachings, release: Answers) -> dict[str, Any]:
    """
    Return an answer as it was last saved, with all its versions, 0 being the Release's own.

    Raises:
        Unknown: there is none of that id.
    """
    versions = [_version(version) for version in known.saved.versions.get(template_id, ())]
    if own := base_of(template_id, release):
        versions.insert(0, _of_release(own))
    if not versions:
        raise Unknown(f"There is no template {template_id!r}.")
    listed = _listed(template_id, own, known)
    return {**listed, "template": versions[-1]["template"], "versions": versions}


def _listed(template_id: str, own: Template | None, known: Teachings) -> dict[str, Any]:
    latest, given = known.saved.latest(template_id), known.saved.given(template_id)
    shown = template_in(latest) if latest else own
    assert shown is not None  # noqa: S101 - it stands in the Release or in the log
    settled = given or template_id in known.saved.retired
    return {
        "id": template_id,
        "intent": shown.intent,
        "title": shown.title,
        "text": shown.text,
        "state": str(shown.state),
        "version": latest.version if latest else 0,
        "live_version": given.version if given else (None if settled or not own else 0),
        "author": shown.author,
        "changed_at": shown.changed_at,
        "valid_until": shown.valid_until.isoformat() if shown.valid_until else None,
    }


def _version(version: Version) -> dict[str, Any]:
    row = asdict(version) | {"at": version.at.isoformat(), "template": json.loads(version.content)}
    return {name: row[name] for name in row if name not in ("content", "template_id")}


def _of_release(own: Template) -> dict[str, Any]:
    return {
        "version": 0,
        "operator": own.author,
        "at": own.changed_at,
        "state": str(State.LIVE),
        "restores": None,
        "template": template_row(said_by(own)),
    }


def _refuse_late(change: Change, latest: Version | None) -> None:
    number = latest.version if latest else 0
    if change.seen is None or change.seen == number:
        return
    if latest is None or change.seen > number:
        raise Unknown(f"There is no version {change.seen} of {change.template_id!r}.")
    raise Conflict(
        f"{latest.operator} saved version {number} of {latest.template_id!r} at {latest.at.isoformat()}, after "
        f"version {change.seen}; look at it, and save again."
    )


def _wanted(change: Change, known: Teachings, means: Means) -> Template:
    """Return the template as it is to be saved."""
    if change.restore is not None:
        return _restored(change.template_id, change.restore, known, means.release)
    if change.row is None:
        latest = known.saved.latest(change.template_id)
        template = template_in(latest) if latest else base_of(change.template_id, means.release)
        if template is None:
            raise Unknown(f"There is no template {change.template_id!r}.")
        return replace(template, state=change.state)
    row = {name: v for name, v in change.row.items() if name not in ("state", "approved")}
    try:
        template = template_of({**row, "id": change.template_id}, "the answer")
    except TemplateError as error:
        raise Unsavable(f"This cannot be saved: {str(error).rstrip('.')}.") from error
    return replace(template, state=change.state)


def _restored(template_id: str, number: int, known: Teachings, release: Answers) -> Template:
    if number == 0 and (own := base_of(template_id, release)):
        return own
    for version in known.saved.versions.get(template_id, ()):
        if version.version == number:
            return template_in(version)
    raise Unknown(f"There is no version {number} of {template_id!r}.")


def _refuse_unfit(template: Template, known: Teachings, means: Means) -> None:
    if fault := _fault(template, known, means):
        raise Unsavable(fault)
    try:
        for question in template.questions:
            checked(question)
        if template.state is not State.RETIRED:  # what has become unfit may still be taken away
            template.check(means.variables)
        refuse_missing_files(template, means.desk)
    except (BadInput, TemplateError) as error:
        raise Unsavable(f"This cannot be saved: {str(error).rstrip('.')}.") from error


def _fault(template: Template, known: Teachings, means: Means) -> str:
    own = base_of(template.id, means.release)
    for refuses, sentence in RULES:
        if refuses(template, own, known, means.release):
            return sentence.format(t=template, own=own)
    return ""


def _too_long(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    long = len(t.id) > 200 or len(t.intent) > 200 or len(t.questions) > MAX_QUESTIONS
    return long or len(json.dumps(template_row(t))) > MAX_CONTENT


def _is_taught(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    return t.id.startswith(TAUGHT)


def _is_another(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    fixed = (own.intent, own.hands_off, own.on_offer) if own else (t.intent, False, True)
    return (t.intent, t.hands_off, t.on_offer) != fixed


def _hands_over(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    return own is None and any(other.hands_off for other in release.templates_of(t.intent))


def _unlearnable(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    return t.state is State.LIVE and t.intent not in release.titles and len(t.questions) < FEWEST


def _is_one_more(t: Template, own: Template | None, known: Teachings, release: Answers) -> bool:
    waiting = {template.id for template in fresh_templates(known.saved, release)}
    return t.state is State.LIVE and t.id not in waiting and len(waiting) >= MAX_LIVE


Rule = Callable[[Template, Template | None, Teachings, Answers], bool]
RULES: tuple[tuple[Rule, str], ...] = (
    (_is_taught, "{t.id!r} is a taught answer: take it back with teach --undo, and teach another one."),
    (_too_long, f"An answer may have {MAX_QUESTIONS} questions, ids of 200 characters and {MAX_CONTENT:,} characters in all."),
    (_is_another, "The intent of an answer, hands_off and on_offer are changed in templates.jsonl and learned by a retrain; "
                  "here save an answer with an id of its own, or leave them as they are."),
    (_hands_over, "The intent {t.intent!r} hands over to a person, so that no answer of it is ever given; choose another intent."),
    (_unlearnable, f"The intent {{t.intent!r}} is new: give the answer {FEWEST} questions at least, so that it can be learned."),
    (_is_one_more, f"{MAX_LIVE} saved answers wait to be learned already: run frontdesk retrain, or retire one."),
)  # fmt: skip
