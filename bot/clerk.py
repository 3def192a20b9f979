"""
The clerk: takes the utterances that a form has a say about, before the policy is asked.

What the words do to the form is decided in `bot.filling`; here are the words that the customer gets, and the lookup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.asides import asks, corrects, denies
from bot.asked import Asked, Taken
from bot.dialogue import Speech, Words, candidate_of, handoff, joined, left, say, template_for
from bot.filling import Doing, Spoken, Step, Why, begin, go_on, open_again, resume, set_right
from bot.forms import Form, Forms, Lookup, Slot, choices_of, rendered, worded
from bot.intake import MAX_TEXT
from bot.lookup import Answer, Call, Failed, Found, Lookups, NotFound
from bot.policy import Compose, Reason, Reply
from conversations.events import HUMAN, ActionKind, Choice, OpenForm
from conversations.text import normalised
from retrieval.prediction import Candidate, Prediction, TemplateHit, Verdict
from retrieval.templates import Template, TemplateError

DEPTH = 3  # forms under way at a time; a fourth matter gets its plain answer
LATELY = (
    20  # utterances whose values are remembered: who comes back after more has forgotten them, too
)
FEWEST = 3  # words of a question to the pages in the middle of a form


@dataclass(frozen=True, slots=True)
class Case:
    """What the clerk goes by: an utterance in its place, how it was taken, and what the answers' variables are known to be."""

    asked: Asked
    taken: Taken
    known: Mapping[str, str]

    @property
    def today(self) -> date:
        """The day at the desk, by which "yesterday" is told."""
        return self.taken.occasion.on or self.asked.at.date()


@dataclass(frozen=True, slots=True)
class Clerk:
    """Fills a desk's forms. Writes nothing: where a form stands is in the log."""

    words: Words
    forms: Forms = field(default_factory=Forms)
    lookups: Lookups | None = None

    async def attend(self, case: Case) -> Speech | None:
        """Return what is said where a form has a say about the utterance, else None."""
        if case.asked.now.filling:
            return await self._going_on(case)
        if (step := self._set_right(case)) is not None:
            return await self._said(case, step, (), case.asked.now.forms[-1].form)
        return None if case.asked.turns_down else await self._beginning(case, ())

    async def _going_on(self, case: Case) -> Speech | None:
        *under, now = case.asked.now.forms
        form = self.forms.get(now.form)
        if form is None:
            return None
        answers = self._beside(case, form)
        other = self._begun_by(case)
        inner = None if other in (None, form) else other
        spoken = _spoken(case, aside=bool(answers or inner), wants_person=_wants_person(case))
        step = go_on(form, now, spoken)
        if step is None:
            return None
        if step.aside and inner is not None:
            if step.doing is Doing.LEAVE:
                return await self._beginning(case, ())
            return await self._interrupted(case, inner, (*under, step.form))
        return await self._said(case, step, tuple(under), now.form, answers if step.aside else ())

    async def _interrupted(
        self, case: Case, inner: Form, under: tuple[OpenForm, ...]
    ) -> Speech | None:
        """Another form comes in between: the one that waits is gone on with where the other ends."""
        waiting = next((one for one in under if one.form == inner.name), None)
        if waiting is None:
            return await self._beginning(case, under[-DEPTH + 1 :])
        rest = tuple(one for one in under if one is not waiting)
        return await self._said(case, resume(inner, waiting, _spoken(case)), rest, "")

    async def _beginning(self, case: Case, under: tuple[OpenForm, ...]) -> Speech | None:
        form = self._begun_by(case)
        if form is None:
            return None
        told = (
            case.asked.now.forms[-1]
            if case.asked.now.forms and not case.asked.now.filling
            else None
        )
        same = told if told and told.form == form.name else None
        step = begin(form, _spoken(case), _language(case), same, under)
        return await self._said(case, step, under, "", self._others(case, form))

    def _set_right(self, case: Case) -> Step | None:
        if not case.asked.now.forms:
            return None
        told = case.asked.now.forms[-1]
        form = self.forms.get(told.form)
        if form is None:
            return None
        sure = case.taken.prediction.verdict is Verdict.CONFIDENT and not case.asked.turns_down
        again = case.taken.prediction.best.intent == form.intent
        correcting = again and (corrects(case.asked.heard.text) or denies(case.asked.heard.text))
        return set_right(form, told, _spoken(case, aside=sure and not correcting))

    def _begun_by(self, case: Case) -> Form | None:
        """Return the form of what the customer surely wants, if that intent has one and no other answer fits better."""
        for prediction, candidate in _wanted(case):
            form = self.forms.of(candidate.intent)
            if form is None:
                continue
            template = template_for(
                candidate.intent,
                case.taken.release,
                prediction.templates,
                case.known,
                case.taken.occasion,
            )
            fits = template.id if template else ""
            taught = prediction.taught is not None and prediction.taught.teaching_id == fits
            if not taught and (not form.instead_of or fits in form.instead_of):
                return form
        return None

    def _others(self, case: Case, form: Form) -> list[Speech]:
        """Return the answers to what else a message asks for, beside what begins a form."""
        others = [one for one in case.taken.requests if one.best.intent != form.intent]
        return self._replies(case, [(one, one.best) for one in others])

    def _beside(self, case: Case, form: Form) -> list[Speech]:
        """Return the answers to another matter in the middle of a form."""
        wanted = [one for one in _wanted(case) if one[1].intent != form.intent]
        if wanted:
            return self._replies(case, wanted)
        prediction, long = (
            case.taken.prediction,
            len(normalised(case.asked.heard.text).split()) >= FEWEST,
        )
        elsewhere = prediction.verdict is Verdict.OUT_OF_SCOPE or (
            prediction.verdict is Verdict.AMBIGUOUS and prediction.best.intent != form.intent
        )
        pages = elsewhere and prediction.passages
        if pages and long and asks(case.asked.heard.text) and not case.asked.chosen:
            return [
                say(Compose(prediction.passages), self.words, case.taken.release, (), case.known)
            ]
        return []

    def _replies(self, case: Case, wanted: Sequence[tuple[Prediction, Candidate]]) -> list[Speech]:
        reason = Reason.CHOSEN if case.asked.chosen else Reason.CONFIDENT
        said = [
            self._reply(case, Reply(c, reason), prediction.templates, case.known)
            for prediction, c in wanted
        ]
        return [one for one in said if one.action is ActionKind.REPLY]

    def _reply(
        self, case: Case, action: Reply, hits: Sequence[TemplateHit], known: Mapping[str, str]
    ) -> Speech:
        return say(
            action, self.words, case.taken.release, hits, known, occasion=case.taken.occasion
        )

    async def _said(
        self,
        case: Case,
        step: Step,
        under: tuple[OpenForm, ...],
        for_form: str,
        first: Sequence[Speech] = (),
    ) -> Speech:
        """
        Return a step in words.

        Args:
            under: the forms that wait below this one.
            for_form: the form, where the utterance was about a slot of it.
            first: answers to other matters, which come before.
        """
        form = self.forms.by_name[step.form.form]
        match step.doing:
            case Doing.PERSON:
                reason = Reason.ASKED_FOR_PERSON if _wants_person(case) else Reason.STILL_UNCLEAR
                return replace(handoff(reason, self.words.says), for_form=for_form)
            case Doing.LEAVE if first:
                return joined(first)
            case Doing.LEAVE:
                return replace(left(self.words.says), for_form=for_form)
            case Doing.ASK:
                return _placed(self._question(form, step, under), first, for_form)
            case Doing.TELL:
                told = await self._told(case, form, step.form, under)
                return _placed(told, first, for_form)

    def _question(self, form: Form, step: Step, under: tuple[OpenForm, ...]) -> Speech:
        slot = form.slot(step.form.asking)
        assert slot is not None  # noqa: S101 - a form asks for its own slots
        ask = worded(slot.ask, step.form.language)
        text = "\n".join(filter(None, (self._lead(form, slot, step), ask)))
        return Speech(
            action=ActionKind.CLARIFY,
            reason=Reason.ASKED_FOR_SLOT,
            text=text,
            choices=self._choices(form, slot, step.why),
            intent=form.intent,
            forms=(*under, step.form),
        )

    def _lead(self, form: Form, slot: Slot, step: Step) -> str:
        """Return what is said before the question."""
        match step.why:
            case Why.BEGUN:
                return worded(form.opening, step.form.language)
            case Why.INVALID:
                return worded(slot.invalid, step.form.language) or self.words.says.form_invalid
            case Why.UPSET:
                return self.words.says.upset
            case Why.OFFER:
                return self.words.says.form_offer
            case Why.NEXT | Why.RETURN | Why.WAITING:
                return ""

    def _choices(self, form: Form, slot: Slot, why: Why) -> tuple[Choice, ...]:
        choices = choices_of(form, slot)
        if choices or why in {Why.WAITING, Why.UPSET, Why.OFFER}:
            return (*choices, Choice(self.words.says.talk_to_person, HUMAN))
        return ()

    async def _told(
        self, case: Case, form: Form, now: OpenForm, under: tuple[OpenForm, ...]
    ) -> Speech:
        """Say what a complete form comes to, and ask again what a form below it waits for."""
        speech = await self._outcome(case, form, now)
        if form.lookup and form.lookup.not_found and speech.reason is Reason.NOT_FOUND:
            before = case.asked.now.forms[-1] if case.asked.now.forms else None
            if step := open_again(form, now, before):
                return self._waiting(speech, form, step, under)
        if speech.action is not ActionKind.REPLY:
            return speech
        *rest, waiting = under or (now,)
        outer = self.forms.get(waiting.form)
        if not under or outer is None:
            return replace(speech, forms=(now,))
        step = resume(outer, waiting, _spoken(case), now)
        if step.doing is Doing.TELL:
            return _after([speech], await self._told(case, outer, step.form, tuple(rest)))
        return _after([speech], self._question(outer, step, tuple(rest)))

    def _waiting(
        self, speech: Speech, form: Form, step: Step, under: tuple[OpenForm, ...]
    ) -> Speech:
        """Say that nothing was found, and keep the form open for what is sent again."""
        slot = form.slot(step.form.asking)
        if step.doing is Doing.PERSON or slot is None:
            return handoff(Reason.STILL_UNCLEAR, self.words.says)
        choices = self._choices(form, slot, step.why)
        return replace(speech, choices=choices, forms=(*under, step.form))

    async def _outcome(self, case: Case, form: Form, now: OpenForm) -> Speech:
        variables = {**case.known, **now.values}
        if form.lookup is None or self.lookups is None:
            return self._closed(case, form, now, variables)
        lookup = form.lookup
        call = Call(
            lookup.url, lookup.timeout, now.values, lookup.gives, case.asked.heard.message_id
        )
        answer = await self.lookups.ask(call)
        texts, reason = _texts(lookup, answer)
        if isinstance(answer, Found):
            variables = {**variables, **answer.values}
        try:
            text = rendered(texts, now.language, variables)
        except TemplateError:
            text = ""
        if not text:
            return self._plainly(case, form, variables)
        return Speech(action=ActionKind.REPLY, reason=reason, text=text, intent=form.intent)

    def _closed(
        self, case: Case, form: Form, now: OpenForm, variables: Mapping[str, str]
    ) -> Speech:
        try:
            text = rendered(form.closing, now.language, variables)
        except TemplateError:
            text = ""
        if not text and form.hands_off:
            return handoff(Reason.NO_ANSWER, self.words.says)
        if not text:
            return self._plainly(case, form, variables)
        action = ActionKind.HANDOFF if form.hands_off else ActionKind.REPLY
        return Speech(action=action, reason=Reason.FORM_FILLED, text=text, intent=form.intent)

    def _plainly(self, case: Case, form: Form, variables: Mapping[str, str]) -> Speech:
        """Give the intent's own answer, or say that nothing can be looked up."""
        hits = () if case.asked.now.forms else case.taken.prediction.templates
        reason = Reason.LOOKUP_FAILED
        if candidate := candidate_of(form.intent, case.taken.release):
            speech = self._reply(case, Reply(candidate, reason), hits, variables)
            if speech.action is ActionKind.REPLY:
                return speech
        text = self.words.says.lookup_failed
        return Speech(action=ActionKind.REPLY, reason=reason, text=text, intent=form.intent)


def _spoken(case: Case, *, aside: bool = False, wants_person: bool = False) -> Spoken:
    return Spoken(
        case.asked.heard.text,
        case.today,
        case.asked.texts[:-1][-LATELY:],
        case.asked.chosen,
        aside,
        wants_person,
    )


def _language(case: Case) -> str:
    return case.taken.occasion.language or case.taken.prediction.language


def _wanted(case: Case) -> list[tuple[Prediction, Candidate]]:
    """Return what the customer surely wants, with the reading that says so; more than one matter where a message holds several."""
    if case.asked.chosen:
        candidate = candidate_of(case.asked.chosen, case.taken.release)
        return [(case.taken.prediction, candidate)] if candidate and not candidate.hands_off else []
    readings = case.taken.requests or [case.taken.prediction]
    return [
        (one, one.best)
        for one in readings
        if one.verdict is Verdict.CONFIDENT and not one.best.hands_off
    ]


def _wants_person(case: Case) -> bool:
    if case.asked.chosen:
        candidate = candidate_of(case.asked.chosen, case.taken.release)
        return candidate is not None and candidate.hands_off
    return (
        case.taken.prediction.verdict is Verdict.CONFIDENT and case.taken.prediction.best.hands_off
    )


def _texts(lookup: Lookup, answer: Answer) -> tuple[Mapping[str, Template], Reason]:
    match answer:
        case Found():
            return lookup.answer, Reason.LOOKED_UP
        case NotFound():
            return lookup.not_found or lookup.failed, Reason.NOT_FOUND
        case Failed():
            return lookup.failed, Reason.LOOKUP_FAILED


def _placed(speech: Speech, first: Sequence[Speech], for_form: str) -> Speech:
    """An utterance with another matter in it says what the customer wants, and is not about the form alone."""
    return _after(first, speech) if first else replace(speech, for_form=for_form)


def _after(first: Sequence[Speech], then: Speech) -> Speech:
    """Return answers with a form's words under them, in one message; only the latter where that is too much."""
    answer = joined(first)
    text = f"{answer.text}\n\n{then.text}"
    if len(text) > MAX_TEXT or then.action is ActionKind.HANDOFF:
        return then
    return replace(answer, text=text, choices=then.choices, forms=then.forms)
