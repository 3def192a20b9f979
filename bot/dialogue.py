"""
What the bot says: an action of the policy in the desk's words, with its template, its choices and its source.

Pure: the same action and the same conversation give the same words.
"""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import ClassVar

from bot.intake import MAX_TEXT, compatible
from bot.policy import Action, Clarify, Compose, Handoff, Reason, Reply, Silent, Soothe
from bot.quoting import unsaid
from bot.reader import Reader
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """The bot's own sentences; a desk replaces any of them."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}  # read by bot/config.py

    clarify: str = "Did you mean one of these?"
    clarify_again: str = "Then perhaps one of these?"
    clarify_beside: str = "If that is not it, did you mean one of these?"
    clarify_instead: str = "Sorry, that missed. Did you mean one of these?"
    upset: str = (
        "I'm sorry, this has been tiresome. Tell me in a few words what it is about, and I'll do what I can. "
        "Or talk to one of us."
    )
    something_else: str = "Something else"
    talk_to_person: str = "Talk to a person"
    from_pages: str = "Here is what our pages say about that:"
    source: str = "From our page"
    asked_for_person: str = (
        "Of course. I've passed this to a colleague, who will answer here as soon as possible."
    )
    out_of_scope: str = (
        "I'd rather not guess. I've passed this to a colleague, who will answer here. "
        "Anything you write in the meantime reaches them too."
    )
    still_unclear: str = "I'm still not sure what you need, so I've passed this to a colleague, who will answer here."
    only_a_file: str = "Thank you, the file is here. I can't look into files, so I've passed it to a colleague, who will answer here."
    no_answer: str = (
        "I don't have a ready answer to that. I've passed it to a colleague, who will answer here."
    )
    failed: str = (
        "Something went wrong on my side. I've passed this to a colleague, who will answer here."
    )
    other_language: str = "I'm afraid I can answer this in English only:"
    form_invalid: str = "I can't read that."
    form_offer: str = "I can't make that out. Shall a colleague take over? Or try once more:"
    form_left: str = "All right, we leave that. What else can I do for you?"
    lookup_failed: str = "I can't look that up right now. Please try again in a few minutes."

    def question(self, reason: Reason, *, again: bool) -> str:
        """Return how the bot asks back, for the first time or `again`."""
        if reason is Reason.TURNED_DOWN:
            return self.clarify_instead
        return self.clarify_again if again else self.clarify

    def handoff(self, reason: Reason) -> str:
        """Return what the customer is told when a person takes over."""
        match reason:
            case Reason.ASKED_FOR_PERSON:
                return self.asked_for_person
            case Reason.STILL_UNCLEAR:
                return self.still_unclear
            case Reason.NO_ANSWER:
                return self.no_answer
            case Reason.ONLY_A_FILE:
                return self.only_a_file
            case Reason.FAILED:
                return self.failed
            case _:
                return self.out_of_scope


CHINESE = Says(
    clarify="您是想问下面的哪一项？",
    clarify_again="那是不是下面的某一项？",
    clarify_beside="如果不是这个，您是想问下面的哪一项？",
    clarify_instead="抱歉，没答到点上。您想问的是下面的某一项吗？",
    upset="实在抱歉，让您费心了。请用一两句话告诉我是什么事，我尽力帮您；也可以直接找同事。",
    something_else="都不是",
    talk_to_person="转人工客服",
    from_pages="我们的页面上是这样写的：",
    source="来自我们的页面",
    asked_for_person="好的，已为您转接人工客服，同事会尽快在这里回复您。",
    out_of_scope="这个问题我不想乱猜，已转给同事，同事会在这里回复您。您可以继续补充信息，同事都会看到。",
    still_unclear="我还是不太确定您的意思，已转给同事，同事会在这里回复您。",
    only_a_file="文件收到了，谢谢。我看不了文件，已转给同事，同事会在这里回复您。",
    no_answer="这个问题我没有现成的答案，已转给同事，同事会在这里回复您。",
    failed="我这边出了点问题，已转给同事，同事会在这里回复您。",
    other_language="抱歉，这个问题目前只有中文答复。 / Sorry, this answer is available in Chinese only:",
    form_invalid="这个我没看懂。",
    form_offer="我还是没看懂。要帮您转人工吗？或者再试一次：",
    form_left="好的，那就先不办了。还有什么可以帮您？",
    lookup_failed="现在查不到，请过几分钟再试。",
)


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
    occasion: Occasion = ANY,
) -> Speech:
    """
    Return an action in the desk's words.

    Args:
        hits: the templates that fit the utterance, best first; they choose among an intent's templates.
        known: the variables that can be filled in.
        again: the bot has asked before.
        occasion: whom it is said to, where and on which day.
    """
    match action:
        case Reply():
            return _reply(action, words, release, hits, known, occasion)
        case Clarify():
            return _question(action, words.says, again=again)
        case Compose(passages):
            return Speech(
                action=ActionKind.REPLY,
                reason=Reason.FROM_KNOWLEDGE,
                text=_composed(passages, words.says),
                source=passages[0].page,
                sources=_linked(passages),
            )
        case Soothe():
            return Speech(
                action=ActionKind.CLARIFY,
                reason=Reason.UPSET,
                text=words.says.upset,
                choices=(Choice(words.says.talk_to_person, HUMAN),),
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
    return Speech(
        action=ActionKind.CLARIFY,
        reason=action.reason,
        text=text,
        choices=_choices(action.candidates, says),
        source=source,
        sources=_linked(action.passages),
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
    text = template.render(known, occasion) if template else ""
    if template is None or not text.strip():
        return handoff(Reason.NO_ANSWER, words.says)
    return Speech(
        action=ActionKind.REPLY,
        reason=action.reason,
        text=text,
        choices=tuple(
            Choice(one.label, f"{SAYS}{one.says}")
            for one in template.wording(occasion).quick_replies
        ),
        intent=action.candidate.intent,
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
        Choice(says.talk_to_person, HUMAN),
    )


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
    """Return where a quote stands; a bare address is a link in the widget, on Telegram and in most other clients."""
    place = f"{passage.title}: {passage.heading}" if passage.heading else passage.title
    named = f"{says.source} “{_shortened(place, MAX_PLACE)}”"
    return f"{named}\n{passage.url.translate(UNBROKEN)}" if passage.url else named


def _linked(passages: Sequence[PassageHit]) -> tuple[Attached, ...]:
    """Return where these pages can be read, each once."""
    return tuple({one.address: Attached(one.title, one.address) for one in passages}.values())


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
