"""
What the bot says: an action of the policy in the desk's words, with its template, its choices and its source.

Pure: the same action and the same conversation give the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from bot.intake import MAX_TEXT, compatible
from bot.policy import Action, Chat, Clarify, Compose, Handoff, Offer, Reason, Reply, Silent, Soothe
from bot.quoting import unsaid
from bot.reader import Reader
from bot.says import Says
from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    SAYS,
    ActionKind,
    Attached,
    Choice,
    OpenForm,
)
from retrieval.enclosures import FILES
from retrieval.prediction import Candidate, PassageHit, TemplateHit
from retrieval.templates import Template
from retrieval.variants import ANY, Occasion

SAYS_MORE = (
    1.0  # what a variable that a template needs, and that is known, adds to its fit (LOG.md)
)
ROOM_TO_ASK = 200  # characters, for a question under what the pages say
MAX_PLACE = 200  # characters; what names a source is no second answer

# Where clients end a bare address too early.
UNBROKEN = str.maketrans({"*": "%2A", "(": "%28", ")": "%29"})


@dataclass(frozen=True, slots=True)
class Words:
    """
    A desk's sentences, and how to find an order number and the like in what a customer writes.

    `constants` are variables that are the same for everybody; `language` is the desk's own, empty where it has several;
    `files_at` is the address that its files are reached under, empty where only its own pages show them.
    """

    says: Says = field(default_factory=Says)
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    language: str = "en"
    files_at: str = ""

    def known(self, name: str, texts: Iterable[str]) -> dict[str, str]:
        """Return the variables that can be filled in, in half-width characters; of several order numbers the last one counts."""
        variables = {**self.constants, **({"name": name} if name else {})}
        for text in map(compatible, texts):
            for variable, pattern in self.patterns.items():
                if found := pattern.search(text):
                    variables[variable] = found.group()
        return variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """
    An action in words: the visible half of a Decided.

    `forms` and `for_form` are a Decided's.
    """

    action: ActionKind
    reason: Reason
    text: str = ""
    choices: tuple[Choice, ...] = ()
    intent: str = ""
    template_id: str = ""
    source: str = ""
    phrased_by: str = ""
    forms: tuple[OpenForm, ...] = ()
    for_form: str = ""
    attachments: tuple[Attached, ...] = ()
    sources: tuple[Attached, ...] = ()


def say(
    action: Action,
    words: Words,
    release: Reader,
    hits: Sequence[TemplateHit],
    known: Mapping[str, str],
    *,
    again: bool = False,
    there: bool = True,
    occasion: Occasion = ANY,
) -> Speech:
    """
    Return an action in the desk's words.

    Args:
        hits: the templates that fit the utterance, best first; they choose among an intent's templates.
        known: the variables that can be filled in.
        again: the bot has asked before.
        there: people are there now; who offers one when they are not says so.
        occasion: whom it is said to, where and on which day.
    """
    match action:
        case Reply():
            return _reply(action, words, release, hits, known, occasion)
        case Clarify():
            return _question(action, words.says, again=again)
        case Compose(passages, reason):
            return Speech(
                action=ActionKind.REPLY,
                reason=reason,
                text=_composed(passages, words.says),
                source=passages[0].page,
                sources=_linked(passages),
            )
        case Chat(talk):
            return Speech(
                action=ActionKind.REPLY,
                reason=Reason.SMALL_TALK,
                text=words.says.small_talk(talk),
            )
        case Soothe():
            return Speech(
                action=ActionKind.CLARIFY,
                reason=Reason.UPSET,
                text=words.says.upset,
                choices=_person(words.says),
            )
        case Offer(related):
            return Speech(
                action=ActionKind.CLARIFY,
                reason=Reason.OUT_OF_SCOPE,
                text=words.says.offer(_places(related), there=there),
                choices=_person(words.says),
                sources=_linked(related),
            )
        case Handoff(reason):
            return handoff(reason, words.says)
        case Silent():
            return Speech(action=ActionKind.SILENT, reason=Reason.WITH_OPERATOR)


def joined(answers: Sequence[Speech]) -> Speech:
    """Return the answers to several requests as one; the first one's intent and template stand for it."""
    text = "\n\n".join(answer.text for answer in answers)
    if len(text) > MAX_TEXT:
        return answers[0]
    attachments = tuple(one for answer in answers for one in answer.attachments)
    return replace(answers[0], text=text, choices=(), attachments=attachments)


def handoff(reason: Reason, says: Says) -> Speech:
    """Return what is said when a person takes over."""
    return Speech(action=ActionKind.HANDOFF, reason=reason, text=says.handoff(reason))


def left(says: Says) -> Speech:
    """Return what is said when the customer leaves what was under way."""
    return Speech(action=ActionKind.REPLY, reason=Reason.FORM_LEFT, text=says.form_left)


def again(says: Says) -> Speech:
    """Return what is said to whoever would rather go on with the bot, and does already."""
    return Speech(action=ActionKind.REPLY, reason=Reason.SMALL_TALK, text=says.with_bot_again)


def candidate_of(intent: str, release: Reader) -> Candidate | None:
    """Return an intent that a customer chose, or None where the serving Release no longer has it."""
    if intent not in release.titles:
        return None
    hands_off = any(template.hands_off for template in release.templates_of(intent))
    return Candidate(intent, release.titles[intent], score=1.0, hands_off=hands_off)


def template_for(
    intent: str,
    release: Reader,
    hits: Sequence[TemplateHit],
    known: Mapping[str, str],
    occasion: Occasion = ANY,
) -> Template | None:
    """
    Return the template of an intent that fits best of those whose needs are met and that suit the occasion, if there is one.

    One that needs what is known says more than one that does not.
    """
    fits = {hit.template_id: hit.fit for hit in hits if hit.intent == intent}
    near = [release.template(template_id) for template_id in fits]
    near.sort(key=lambda template: -fits[template.id] - SAYS_MORE * len(template.needs))
    usable = (t for t in (*near, *release.templates_of(intent)) if t.needs <= known.keys())
    return next((template for template in usable if template.suits(occasion)), None)


def _question(action: Clarify, says: Says, *, again: bool) -> Speech:
    text, source = says.question(action.reason, again=again), ""
    if action.passages:
        text = f"{_composed(action.passages, says)}\n\n{says.clarify_beside}"
        source = action.passages[0].page
    elif action.related:
        text = "\n\n".join((says.look_here, _places(action.related), says.clarify_or_look))
    return Speech(
        action=ActionKind.CLARIFY,
        reason=action.reason,
        text=text,
        choices=_choices(action.candidates, says),
        source=source,
        sources=_linked(action.passages or action.related),
    )


def _reply(
    action: Reply,
    words: Words,
    release: Reader,
    hits: Sequence[TemplateHit],
    known: Mapping[str, str],
    occasion: Occasion,
) -> Speech:
    template = template_for(action.candidate.intent, release, hits, known, occasion)
    speech = given(template, words, known, occasion) if template else None
    if speech is None:
        return handoff(Reason.NO_ANSWER, words.says)
    return replace(speech, reason=action.reason, sources=_linked(action.more))


def given(
    template: Template, words: Words, known: Mapping[str, str], occasion: Occasion = ANY
) -> Speech | None:
    """Return a template as its reply; None where it would say nothing."""
    text = template.render(known, occasion)
    if not text.strip():
        return None
    return Speech(
        action=ActionKind.REPLY,
        reason=Reason.CONFIDENT,
        text=text,
        choices=tuple(
            Choice(one.label, f"{SAYS}{one.says}")
            for one in template.wording(occasion).quick_replies
        ),
        intent=template.intent,
        template_id=template.id,
        attachments=tuple(
            Attached(one.name, _address(one.url, words)) for one in template.attachments
        ),
    )


def _address(url: str, words: Words) -> str:
    """Return where an attachment is; a file of the desk is reached under its address, or from its own pages."""
    return f"{words.files_at}/{url}" if url.startswith(f"{FILES}/") else url


def _choices(candidates: Iterable[Candidate], says: Says) -> tuple[Choice, ...]:
    return (
        *(Choice(candidate.title, candidate.intent) for candidate in candidates),
        Choice(says.something_else, NONE_OF_THESE),
        *_person(says),
    )


def _person(says: Says) -> tuple[Choice, ...]:
    return (Choice(says.talk_to_person, HUMAN),)


def _composed(passages: Sequence[PassageHit], says: Says) -> str:
    """Return what the pages say, word for word, under one opening line, each piece with its page; as much as a message holds."""
    room, text = MAX_TEXT - ROOM_TO_ASK, says.from_pages
    said: list[str] = []
    for passage in passages:
        fresh = unsaid(passage.quote, said)
        quoted = f"\n\n{fresh}\n{_source(passage, says)}"
        if fresh and len(text) + len(quoted) <= room:
            text += quoted
            said.append(passage.quote)
    if text == says.from_pages:  # one sentence is longer than a message
        origin = f"\n{_source(passages[0], says)}"
        text += f"\n\n{_shortened(passages[0].quote, room - len(text) - len(origin) - 2)}{origin}"
    return text


def _source(passage: PassageHit, says: Says) -> str:
    """Return where a quote stands."""
    return f"{says.source} {_place(passage)}"


def _places(passages: Iterable[PassageHit]) -> str:
    """Return where it may be worth to look, one page under the other."""
    return "\n".join(map(_place, passages))


def _place(passage: PassageHit) -> str:
    """Return a passage's page and heading; a bare address is a link in the widget, on Telegram and in most other clients."""
    place = f"{passage.title}: {passage.heading}" if passage.heading else passage.title
    named = f"“{_shortened(place, MAX_PLACE)}”"
    return f"{named}\n{passage.url.translate(UNBROKEN)}" if passage.url else named


def _linked(passages: Sequence[PassageHit]) -> tuple[Attached, ...]:
    """Return where these pages can be read, each once."""
    return tuple({one.address: Attached(one.title, one.address) for one in passages}.values())


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
