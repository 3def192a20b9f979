"""
Approved answers: Liquid texts keyed by the customer questions they fit.

TemplateError     a template file or text is not usable; the message names the place and the way out
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache

from retrieval.enclosures import MAX_ATTACHMENTS, MAX_REPLIES, Attachment, QuickReply
from retrieval.sandbox import MAX_ANSWER, LiquidText, Unfit
from retrieval.variables import Variables, meant
from retrieval.variants import ANY, CHANNELS, LANGUAGE, SEGMENT, Occasion, Variant, wording_for

MAX_VARIANTS = 50
SOON = timedelta(days=14)  # before its end an answer is told of


class TemplateError(Exception):
    """A template is not usable."""


class State(StrEnum):
    """How far an answer has come; only what is live is given."""

    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True)
class Template:
    """
    One approved answer.

    `title` is what the customer would call the matter, shown on a choice button; `needs` are variables
    without which it does not read; `questions` are what it answers; `hands_off` means a person takes over;
    `on_offer` is false for small talk, which makes no sense as a choice. A `draft` was proposed by a program or is being
    written, and is said to nobody. `variants` are its wordings for a channel or a language. It is given from the day
    `valid_from` to the day `valid_until`, to no customer of the segments `not_for`, and where there are some in `only_for`
    only to theirs. `author` and `changed_at` say who wrote it and when.
    """

    id: str
    intent: str
    text: str
    title: str = ""
    questions: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    hands_off: bool = False
    on_offer: bool = True
    state: State = State.LIVE
    variants: tuple[Variant, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    not_for: frozenset[str] = frozenset()
    only_for: frozenset[str] = frozenset()
    author: str = ""
    changed_at: str = ""

    @property
    def approved(self) -> bool:
        """Whether a person has read it and vouches for it."""
        return self.state in {State.APPROVED, State.LIVE}

    def suits(self, occasion: Occasion) -> bool:
        """Return whether it may be given to this customer on this day."""
        if occasion.segments & self.not_for:
            return False
        if self.only_for and not occasion.segments & self.only_for:
            return False
        return occasion.on is None or self.valid(occasion.on)

    def valid(self, on: date) -> bool:
        """Return whether it is given on a day; the last day counts."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on <= self.valid_until)

    def render(self, variables: Mapping[str, str], occasion: Occasion = ANY) -> str:
        """
        Return the wording for an occasion with its variables filled in; an empty variable counts as unknown.

        Raises:
            TemplateError: the text is broken or runs past its limits.
        """
        with _named(self.id):
            return self._texts[self.wording(occasion).text].render(variables)

    def wording(self, occasion: Occasion) -> Variant:
        """
        Return the wording for an occasion, with the quick replies that are under it.

        Another language has buttons of its own or none; a wording for a channel has those of the answer, if none of its own.
        """
        itself = Variant(self.text, quick_replies=self.quick_replies)
        found = wording_for(itself, self.variants, occasion)
        if found.language or found.quick_replies:
            return found
        return replace(found, quick_replies=self.quick_replies)

    def uses(self) -> frozenset[str]:
        """Return the variables that the text names; raises TemplateError where it is not valid Liquid."""
        return self._variables

    def parse(self) -> None:
        """Raise TemplateError if a text is not Liquid of answers, whatever variables it uses."""
        for text in self._texts.values():
            with _named(self.id):
                text.look_over()

    def check(self, variables: Variables | None = None) -> None:
        """
        Refuse what a customer would see broken.

        Args:
            variables: those of the desk; what every desk knows if they are not given.

        Raises:
            TemplateError: Liquid that is invalid or does what answers must not, an unknown variable or one that is said
                where it may be missing, no text or one longer than a message, dates, segments or enclosures that make no sense.
        """
        variables = variables or Variables()
        if unknown := (self._variables | self.needs) - variables.names:
            asked = meant(sorted(unknown), variables.names)
            raise TemplateError(
                f"template {self.id!r} uses {', '.join(sorted(unknown))}, which is not known: "
                f"{asked}{'Use' if asked else 'use'} {', '.join(sorted(variables.names))}"
            )
        self.parse()
        for text in self._texts.values():
            with _named(self.id):
                self._check_text(text, variables)
        if fault := next(self._faults(), ""):
            raise TemplateError(f"template {self.id!r} {fault}")

    def _check_text(self, text: LiquidText, variables: Variables) -> None:
        always = self.needs | variables.constants.keys()
        if gap := text.gaps(always, variables.perhaps - self.needs):
            raise Unfit(
                f"says {gap} where it may be unknown: write {{{{ {gap} | default: '...' }}}}, put it between "
                f"{{% if {gap} %}} and {{% endif %}}, or name it in needs"
            )
        perhaps = sorted(text.variables & variables.perhaps - self.needs)
        for known in ([], *([one] for one in perhaps)):
            if not text.render({v: v for v in (*always, *known)}).strip():
                told = f"nothing but {known[0]} is known" if known else "no variable is known"
                raise Unfit(
                    f"says nothing where {told}: give it words for that, or name in needs what it cannot do without"
                )
        if not 0 < len(text.render({v: v for v in variables.names})) <= MAX_ANSWER:
            raise Unfit(f"must give between 1 and {MAX_ANSWER} characters")

    def _faults(self) -> Iterator[str]:
        """Yield what is wrong beside the texts, as ends of sentences."""
        yield from _variant_faults(self.variants)
        if len(self.attachments) > MAX_ATTACHMENTS:
            yield f"has more than {MAX_ATTACHMENTS} attachments"
        yield from (fault for one in self.attachments if (fault := one.fault()))
        for replies in (self.quick_replies, *(variant.quick_replies for variant in self.variants)):
            if len(replies) > MAX_REPLIES:
                yield f"has more than {MAX_REPLIES} quick replies"
            yield from (fault for one in replies if (fault := one.fault()))
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            yield f"ends on {self.valid_until}, before it begins on {self.valid_from}"
        odd = [one for one in sorted(self.not_for | self.only_for) if not SEGMENT.fullmatch(one)]
        yield from (f"names the segment {one!r}: use small letters, digits, - and _" for one in odd)
        if both := self.not_for & self.only_for:
            yield f"is both for and not for {sorted(both)[0]}"

    @cached_property
    def _texts(self) -> dict[str, LiquidText]:
        written = (self.text, *(variant.text for variant in self.variants))
        return {text: LiquidText(text) for text in written}

    @property
    def _variables(self) -> frozenset[str]:
        with _named(self.id):
            return frozenset().union(*(text.variables for text in self._texts.values()))


class _named:  # noqa: N801 - reads as the statement that it is
    """Says of which template something is said."""

    def __init__(self, template_id: str) -> None:
        self._id = template_id

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Unfit):
            raise TemplateError(f"template {self._id!r} {error}") from error


@lru_cache(maxsize=1024)  # what was taught is looked over with every teaching
def unreadable(template: Template) -> str:
    """Return why a template is no Liquid of answers, as the end of a sentence; empty where it is."""
    try:
        template.parse()
    except TemplateError as error:
        return str(error)
    return ""


def live(templates: Iterable[Template]) -> tuple[Template, ...]:
    """Return the templates that may be given, without drafts and what is only approved."""
    return tuple(template for template in templates if template.state is State.LIVE)


def ending(templates: Iterable[Template], on: date) -> list[Template]:
    """Return the templates that have ended by a day, or end within SOON of it, the first to end first."""
    dated = [(t.valid_until, t) for t in templates if t.valid_until is not None]
    soon = [(until, template) for until, template in dated if until < on + SOON]
    return [template for _, template in sorted(soon, key=lambda pair: pair[0])]


def titles_given(templates: Iterable[Template]) -> dict[str, list[str]]:
    """Return the titles that the templates of each intent give it."""
    titles: dict[str, list[str]] = {}
    for template in templates:
        if template.title:
            titles.setdefault(template.intent, []).append(template.title)
    return titles


def titles_of(templates: Iterable[Template], intents: Iterable[str]) -> dict[str, str]:
    """Return what to call each intent on a button: its first template's title, else the intent in words."""
    titles = {intent: intent.replace("_", " ").strip().capitalize() for intent in intents}
    return titles | {intent: given[0] for intent, given in titles_given(templates).items()}


def _variant_faults(variants: tuple[Variant, ...]) -> Iterator[str]:
    if len(variants) > MAX_VARIANTS:
        yield f"has more than {MAX_VARIANTS} variants"
    for variant in variants:
        if not variant.channel and not variant.language:
            yield "has a variant without a channel and without a language"
        if variant.channel and variant.channel not in CHANNELS:
            yield f"has a variant for the channel {variant.channel!r}: use {', '.join(CHANNELS)}"
        if variant.language and not LANGUAGE.fullmatch(variant.language):
            yield f"has a variant in {variant.language!r}: use codes like de, zh or zh-Hant"
    places = Counter((variant.channel, variant.language) for variant in variants)
    for (channel, language), times in places.items():
        if times > 1:
            yield f"has two variants for {' '.join(filter(None, (channel, language)))}"
