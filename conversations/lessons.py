"""What people teach the bot: labels, answers and pages, each given and taken back: events, as `conversations.events` has them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """
    An operator says what the utterance `message_id` meant; an empty intent means out of scope.

    What was labelled in one go has the same `decision`.
    """

    message_id: str
    intent: str
    operator: str
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlabelled:
    """
    The label that `operator` gave the utterance `message_id` is taken back, by them or by somebody else.

    `decision` is the one of another label that settled it, or empty: with that one taken back this one stands again.
    """

    message_id: str
    operator: str
    by: str
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    """
    An operator finds that the utterance `message_id` needs no label, until there is a new reason, or takes that back.

    What was dismissed in one go has the same `decision`.
    """

    message_id: str
    operator: str
    decision: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """
    An operator's approved answer to some questions, in the conversation DESK.

    Without a `text` it is no answer but a label: what questions mean that stand in the desk's files, where no utterance bears one.
    `text`, `title` and `needs` are those of an answer template (`retrieval.templates`); `external_id` is the caller's own
    id, under which it is taught once; `message_id` is the utterance that it came from, or empty.
    """

    teaching_id: str
    external_id: str
    operator: str
    intent: str
    questions: tuple[str, ...]
    text: str
    title: str = ""
    needs: tuple[str, ...] = ()
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaught:
    """An operator takes the answer `teaching_id` back."""

    teaching_id: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSaved:
    """
    An operator saves a version of an answer template, in the conversation DESK.

    `version` counts from 1 for each template, and `external_id` is both, so that no version is saved twice. `content` is a row
    of a template file (`retrieval.template_files`) as a JSON text; `restores` is the version that it is taken from again,
    None where it is a new one.
    """

    template_id: str
    version: int
    external_id: str
    operator: str
    state: str
    content: str
    restores: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSaved:
    """
    An operator takes in a knowledge page or removes it, in the conversation DESK.

    `text` is the page's file from then on, `before` what it was until then; empty where there is none. `source` is the document that it was
    made of, empty where it is a text of before again.
    """

    change_id: str
    page: str
    operator: str
    text: str
    before: str
    source: str = ""
