"""
The judgement on one utterance: history, reading, policy, words.

One broad `except` around it: whatever goes wrong, the customer gets a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.asked import Asked, Taken
from bot.clerk import Case, Clerk
from bot.dialogue import Speech, Words, again, candidate_of, handoff, joined, left, say
from bot.evidence import card
from bot.intake import MAX_TEXT, heard_in
from bot.occasions import noted, occasion_of, written_before
from bot.phrasing import Phrasing
from bot.picking import picked
from bot.policy import (
    Action,
    Reason,
    Reply,
    decide,
    follow,
    other,
    reconsider,
    says_instead,
)
from bot.reader import Reader, Readings
from bot.smalltalk import Talk, talk
from bot.suggestions import Suggestion, answered, mentioned, suggestions, takes_suggestions
from bot.taking import Taking
from bot.whatnext import WhatNext
from conversations.conversation import Conversation, fold, turns_down
from conversations.events import (
    CANCEL,
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Choice,
    Decided,
    Heard,
    Recorded,
    Visitor,
    suggested,
)
from conversations.log import EventLog, StorageUnavailable
from conversations.notices import BOT_AGAIN, KEEP_WAITING, LEAVE_MESSAGE
from retrieval.languages import told
from retrieval.mood import ENGLISH, english
from retrieval.prediction import Prediction, Verdict
from retrieval.variants import ANY

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """
    What was decided, with what it rests on.

    `suggested` are the questions under an answer, `likely` what moved the order of a question's choices.
    """

    speech: Speech
    taken: Taken | None = None
    suggested: Sequence[Suggestion] = ()
    likely: Mapping[str, float] = field(default_factory=dict)


class Judge:
    """Decides; writes nothing. Answers are in `language` where that is given, else in what the customer writes."""

    def __init__(
        self,
        *,
        log: EventLog,
        readings: Readings,
        words: Words,
        new_id: Callable[[], str],
        clerk: Clerk | None = None,
        whatnext: WhatNext | None = None,
        phrasing: Phrasing | None = None,
        there: Callable[[], bool] = lambda: True,
        absence: Callable[[], str] = lambda: "",
        language: str = "",
    ) -> None:
        self._log = log
        self._taking = Taking(readings)
        self._words = words
        self._new_id = new_id
        self._clerk = clerk or Clerk(words)
        self._whatnext = whatnext
        self._phrasing = phrasing
        self._there = there
        self._absence = absence
        self._language = language

    async def decide_on(self, recorded: Recorded, visitor: Visitor) -> Decided:
        """
        Return the decision on a Heard, not yet in the log.

        Raises:
            StorageUnavailable: the history cannot be read now; everything else becomes a hand-off.
        """
        try:
            asked = await self._heard_out(await self._asked(recorded, visitor))
            return self._decided(asked, await self._outcome(asked))
        except StorageUnavailable:
            raise
        except Exception:
            logger.exception("turn failed", message_id=heard_in(recorded).message_id)
            return self.failure(recorded, visitor)

    def failure(self, recorded: Recorded, visitor: Visitor) -> Decided:
        """Return the decision where none could be made: a person takes over."""
        nothing = Conversation(recorded.conversation_id)
        asked = Asked(heard_in(recorded), visitor, (), nothing, recorded.at)
        return self._decided(asked, _Outcome(handoff(Reason.FAILED, self._words.says)))

    async def _asked(self, recorded: Recorded, visitor: Visitor) -> Asked:
        heard = heard_in(recorded)
        history = await self._log.history(recorded.conversation_id)
        # What was written after this utterance, while it waited for its turn, is not before it.
        before = [r for r in history if not (isinstance(r.event, Heard) and r.seq >= recorded.seq)]
        if any(
            isinstance(r.event, Heard) and r.event.corrects == heard.message_id for r in history
        ):
            return Asked(
                heard,
                visitor,
                before,
                fold(recorded.conversation_id, before),
                recorded.at,
                corrected=True,
            )
        own = suggested(heard.chosen)
        now = fold(recorded.conversation_id, [*before, recorded] if own else before)
        chosen = own or picked(heard, before)
        return Asked(heard, visitor, before, now, recorded.at, chosen)

    async def _outcome(self, asked: Asked) -> _Outcome:
        if asked.now.with_operator:
            return _Outcome(Speech(action=ActionKind.SILENT, reason=Reason.WITH_OPERATOR))
        if asked.corrected:  # what it says now is answered in its own turn
            return _Outcome(Speech(action=ActionKind.SILENT, reason=Reason.CORRECTED))
        if asked.chosen == CANCEL:
            return _Outcome(left(self._words.says))
        if asked.chosen == BOT_AGAIN:  # it is with the bot already
            return _Outcome(again(self._words.says))
        if asked.chosen in (HUMAN, LEAVE_MESSAGE, KEEP_WAITING):
            return _Outcome(handoff(Reason.ASKED_FOR_PERSON, self._words.says))
        if asked.heard.files and not asked.heard.text:
            return _Outcome(handoff(Reason.ONLY_A_FILE, self._words.says))
        taken = self._placed(asked, await self._taking.taken(asked))
        known = self._words.known(asked.visitor.name, asked.texts)
        speech = await self._clerk.attend(Case(asked, taken, known))
        likely = self._likely(asked, taken) if speech is None else {}
        speech = speech or self._speech(asked, taken, known, likely)
        if speech.reason is Reason.SMALL_TALK:  # the words alone say it, whatever was read
            return _Outcome(speech)
        speech = await self._phrased(asked, taken, speech)
        if speech.action is ActionKind.CLARIFY:
            offered = {choice.value for choice in speech.choices}
            return _Outcome(speech, taken, likely={i: likely[i] for i in likely if i in offered})
        found = self._suggested(asked, taken, speech, known)
        choices = (*speech.choices, *(one.choice for one in found))
        written, release = _written(asked, taken), taken.release
        speech = noted(speech, written, asked.before, release, self._words, taken.occasion)
        return _Outcome(replace(speech, choices=choices), taken, found)

    async def _phrased(self, asked: Asked, taken: Taken, speech: Speech) -> Speech:
        """Put what pages say into one answer's words, where the desk has somebody to ask for them; the quotes stay under it."""
        if self._phrasing is None or speech.action is not ActionKind.REPLY or not speech.source:
            return speech
        quotes = [passage.quote for passage in taken.prediction.passages]
        said = await self._phrasing.phrase(asked.about.text, quotes)
        text = f"{said}\n\n{speech.text}"
        if not said or len(text) > MAX_TEXT:
            return speech
        return replace(speech, text=text, phrased_by=self._phrasing.model)

    def _likely(self, asked: Asked, taken: Taken) -> dict[str, float]:
        """Return how likely each matter is after what the visitor asked before; only a question is ordered by it."""
        sure = asked.free and taken.prediction.verdict is Verdict.CONFIDENT
        if self._whatnext is None or sure:
            return {}
        language = taken.prediction.language
        course = self._whatnext.course(asked.visitor, answered(asked.before), language, asked.at)
        return self._whatnext.shares(course)

    def _suggested(
        self, asked: Asked, taken: Taken, speech: Speech, known: Mapping[str, str]
    ) -> Sequence[Suggestion]:
        """Return the questions under an answer: not what this message, this conversation or this visitor has asked already."""
        if self._whatnext is None or not takes_suggestions(speech, taken.release):
            return ()
        here = [*answered(asked.before), speech.intent]
        language = taken.prediction.language
        course = self._whatnext.course(asked.visitor, here, language, asked.at)
        told = {one.best.intent for one in taken.requests} | {speech.intent}
        but = course.lately | mentioned(asked.before) | told
        sequels = self._whatnext.sequels(course)
        return suggestions(sequels, taken.release, known, but, taken.occasion)

    def _placed(self, asked: Asked, taken: Taken) -> Taken:
        readings, written = [taken.prediction, *taken.requests], _written(asked, taken)
        who, at, chosen = asked.visitor, asked.at, asked.chosen
        suits = occasion_of(who, at, readings, taken.release, self._words, chosen, written)
        return replace(taken, occasion=replace(suits, language=self._language or suits.language))

    def _speech(
        self,
        asked: Asked,
        taken: Taken,
        known: Mapping[str, str],
        likely: Mapping[str, float],
    ) -> Speech:
        if taken.requests:
            answers = [
                say(
                    Reply(one.best),
                    self._words,
                    taken.release,
                    one.templates,
                    known,
                    occasion=taken.occasion,
                )
                for one in taken.requests
            ]
            if all(answer.action is ActionKind.REPLY for answer in answers):
                return joined(answers)
        return say(
            _action(asked, taken.prediction, taken.release, likely),
            self._words,
            taken.release,
            taken.prediction.templates,
            known,
            again=asked.now.clarified > 0,
            there=self._there(),
            occasion=taken.occasion,
        )

    async def _heard_out(self, asked: Asked) -> Asked:
        """Return a rejection as such, unless the same words say what was meant instead."""
        if asked.now.with_operator or asked.chosen or not turns_down(asked.heard, asked.now):
            return asked
        said = await self._taking.read(asked.heard.text, asked.now.conversation_id)
        return replace(asked, turns_down=not says_instead(said, asked.now))

    def _expecting(self, speech: Speech) -> Speech:
        """Say under the words of a hand-off where nobody is there, with the way back to the bot."""
        if speech.action is not ActionKind.HANDOFF or not (absence := self._absence()):
            return speech
        again = Choice(self._words.says.bot_again, BOT_AGAIN)
        text = f"{speech.text}\n\n{absence}".strip()
        return replace(speech, text=text, choices=(*speech.choices, again))

    def _decided(self, asked: Asked, outcome: _Outcome) -> Decided:
        speech, taken = self._expecting(outcome.speech), outcome.taken
        chosen = speech.reason in {Reason.CHOSEN, Reason.SUGGESTED}
        own_verdict = chosen or speech.for_form  # the customer's
        read = taken.least_sure if taken and not own_verdict else None
        return Decided(
            message_id=self._new_id(),
            in_reply_to=asked.heard.message_id,
            action=speech.action,
            text=speech.text,
            choices=speech.choices,
            intent=speech.intent or (read.best.intent if read else ""),
            confidence=float(read.confidence) if read else float(bool(speech.intent)),
            verdict=str(read.verdict) if read else "",
            template_id=speech.template_id,
            source=speech.source,
            reason=str(speech.reason),
            release=taken.release.hash if taken else "",
            by_itself=taken is None or taken.by_itself,
            attachments=speech.attachments,
            sources=speech.sources,
            evidence=card(
                speech,
                taken.prediction if taken else None,
                read=asked.about.message_id,
                leans_on=[heard.message_id for heard in taken.leans_on] if taken else [],
                requests=taken.requests if taken else (),
                chosen=asked.chosen,
                suggested=[one.sequel for one in outcome.suggested],
                likely=outcome.likely,
                occasion=taken.occasion if taken else ANY,
            ),
            forms=speech.forms,
            for_form=speech.for_form,
            mood=_mood(asked.heard, taken.prediction if taken else None, self._words.language),
        )


def _mood(heard: Heard, read: Prediction | None, home: str) -> float | None:
    """Return how an utterance sounds, by the reading where it is of these very words; a button's words are nobody's."""
    if not heard.own_words or not heard.text:
        return None
    if (told(heard.text) or home) == ENGLISH:
        return english(heard.text)
    return read.mood if read and read.text == heard.text else None


def _written(asked: Asked, taken: Taken) -> list[str]:
    """Return what the customer wrote in words of their own, the latest first; a button's are the desk's."""
    own = not asked.suggested and not asked.about.tapped
    return [*([taken.prediction.text] if own else []), *written_before(asked.before)]


def _action(
    asked: Asked, prediction: Prediction, release: Reader, likely: Mapping[str, float]
) -> Action:
    if asked.turns_down:
        return reconsider(prediction, asked.now, likely)
    if chosen := candidate_of(asked.chosen, release):
        action = follow(chosen, prediction, asked.now)
        answers = asked.suggested and isinstance(action, Reply)
        return Reply(chosen, Reason.SUGGESTED) if answers else action
    if asked.chosen == NONE_OF_THESE:
        about = prediction if asked.now.asked else None
        return follow(NONE_OF_THESE, about, asked.now, likely)
    if asked.free and talk(prediction.text) is Talk.OTHER:
        offered = (*(choice.value for choice in asked.now.offered), *asked.now.passed_over)
        left = [c for value in dict.fromkeys(offered) if (c := candidate_of(value, release))]
        return other(left, asked.now)
    # Also where the champion no longer has what was chosen.
    return decide(prediction, asked.now, likely)
