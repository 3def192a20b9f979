"""
What a customer's words do to a form, pure: the same words at the same place always do the same.

| the words hold                          | and the form                                                        |
|-----------------------------------------|---------------------------------------------------------------------|
| the wish for a person                   | ends, a person takes over                                           |
| "forget it"                             | ends; where they go on with another matter, that is answered        |
| a value, of one slot or of several      | takes it, and asks the next slot that it does not know              |
| another value of a slot, "the other one" | takes it back: the new value, else the only other one, else it asks |
| another matter that is understood       | waits: the matter is answered, and the slot asked for again         |
| "I don't have it", "skip"               | leaves an optional slot out; else offers a person                   |
| a question, "one moment"                | waits: the slot is asked for again, and nothing is counted          |
| none of these                           | says what is missing, twice; offers a person; hands over            |
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.asides import (
    asks,
    blames,
    corrects,
    denies,
    lacks,
    leaves,
    leaves_for,
    names_another,
    pauses,
    skips,
)
from bot.forms import Form, Kind, Slot, chosen_in
from bot.intake import compatible
from bot.manners import rude
from bot.slots import found, is_label, recognised, stated
from conversations.events import Filled, OpenForm
from conversations.text import normalised

MEMORY = 20  # values taken back that a form remembers


class Doing(StrEnum):
    """What becomes of the form."""

    ASK = "ask"
    TELL = "tell"  # everything is known
    LEAVE = "leave"
    PERSON = "person"


class Why(StrEnum):
    """Why a slot is asked for."""

    BEGUN = "begun"
    NEXT = "next"
    RETURN = "return"  # something else came in between
    WAITING = "waiting"  # a question that nothing answers, or a moment was asked for
    INVALID = "invalid"
    UPSET = "upset"  # rude words
    OFFER = "offer"  # asked in vain so often that a person may be wanted


@dataclass(frozen=True, slots=True)
class Spoken:
    """
    An utterance, as far as a form is concerned.

    `before` is what the customer said earlier. `aside`: it is about another matter, and that can be answered; `chosen` is the value of
    a tapped choice.
    """

    text: str
    today: date
    before: Sequence[str] = ()
    chosen: str = ""
    aside: bool = False
    wants_person: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next. `aside`: the other matter is answered first."""

    doing: Doing
    form: OpenForm
    why: Why = Why.NEXT
    aside: bool = False


def begin(
    form: Form,
    spoken: Spoken,
    language: str,
    told: OpenForm | None = None,
    under: Sequence[OpenForm] = (),
) -> Step:
    """
    Return the first step of a form: what was said before is not asked for, unless it is about another one this time.

    Args:
        told: the same form, where it was just completed.
        under: the forms that wait for this one; what was taken back there is not taken here.
    """
    now = _knowing(OpenForm(form=form.name, language=language), under)
    if not names_another(spoken.text):
        for text in spoken.before:
            now = _with_recognised(
                form, now, replace(spoken, text=text), _refused(now), telling=True
            )
        for slot in form.slots:
            if told is not None and slot.telling and (value := told.values.get(slot.name)):
                now = _filled(now, slot, value)
    return _next(form, _with_recognised(form, now, spoken), Why.BEGUN)


def go_on(form: Form, now: OpenForm, spoken: Spoken) -> Step | None:
    """Return the next step of a form that waits for an answer, None where it no longer has what it asked for."""
    slot = form.slot(now.asking)
    if slot is None:
        return None
    if spoken.wants_person:
        return Step(Doing.PERSON, now)
    if spoken.chosen:
        return _tapped(form, now, spoken)
    if not is_label(slot, spoken.text):
        if pauses(spoken.text):
            return Step(Doing.ASK, now, Why.WAITING)
        if leaves(spoken.text):
            return Step(Doing.LEAVE, now)
        if spoken.aside and leaves_for(spoken.text):
            return Step(Doing.LEAVE, now, aside=True)
    changed = _changed(form, now, slot, spoken)
    if changed is not None:
        also = spoken.aside and asks(spoken.text)
        return replace(_next(form, changed), aside=also)
    if spoken.aside:
        return Step(Doing.ASK, now, Why.RETURN, aside=True)
    if asks(spoken.text) and not (lacks(spoken.text) or rude(compatible(spoken.text))):
        return Step(Doing.ASK, now, Why.WAITING)
    return _in_vain(form, now, slot, spoken.text)


def resume(form: Form, now: OpenForm, spoken: Spoken, told: OpenForm | None = None) -> Step:
    """
    Return the step of a form that waited while another one was filled: what was said for that one is known here, too.

    Args:
        told: the form that was filled in the meantime.
    """
    said = OpenForm(form=form.name)
    now = _knowing(now, [told] if told else [])
    for text in (*spoken.before, spoken.text):
        insists = text is spoken.text and not blames(text)  # even on what was taken back
        but = set[str]() if insists else _refused(now)
        said = _with_recognised(form, said, replace(spoken, text=text), but, telling=True)
    fresh = tuple(one for one in said.filled if one.slot not in now.values)
    return _next(form, replace(now, filled=(*now.filled, *fresh)), Why.RETURN)


def open_again(form: Form, now: OpenForm, before: OpenForm | None) -> Step | None:
    """
    Return the step of a complete form whose lookup found nothing: its first slot that has looks waits for another value.

    Without such a slot None: anything could be meant for the others, and a correction in so many words is taken all the same.

    Args:
        before: where the form stood that the customer answered; a value that nobody knows counts as an answer that is none.
    """
    slot = next((one for one in form.slots if one.telling and now.values.get(one.name)), None)
    if slot is None:
        return None
    again = before is not None and (before.form, before.asking) == (form.name, slot.name)
    tries = before.tries + 1 if before is not None and again else 1
    if tries > slot.tries + 1:
        return Step(Doing.PERSON, now)
    why = Why.OFFER if tries == slot.tries + 1 else Why.INVALID
    return Step(Doing.ASK, replace(_without(now, slot), asking=slot.name, tries=tries), why)


def set_right(form: Form, now: OpenForm, spoken: Spoken) -> Step | None:
    """Return what a correction does to a form that is complete, None where the words are none."""
    if spoken.aside or spoken.chosen or spoken.wants_person:
        return None
    changed = _replaced(form, now, spoken)
    if changed is None and corrects(spoken.text):
        slot = _named(form, spoken.text)
        if slot is None and names_another(spoken.text):
            slot = _latest(form, now)
        if slot is not None and now.values.get(slot.name):
            blamed = blames(spoken.text) or not found(slot, spoken.text)
            changed = _taken_back(now, slot, spoken) if blamed else None
    if changed is None:
        return None
    return _next(form, _with_recognised(form, changed, spoken, _refused(changed), telling=True))


def _tapped(form: Form, now: OpenForm, spoken: Spoken) -> Step:
    chosen = chosen_in(form, spoken.chosen)
    if chosen is not None:
        return _next(form, _filled(now, *chosen))
    if spoken.aside:
        return Step(Doing.ASK, now, Why.RETURN, aside=True)
    return Step(Doing.ASK, now, Why.RETURN)  # a button of a question that is long past


def _changed(form: Form, now: OpenForm, slot: Slot, spoken: Spoken) -> OpenForm | None:
    """Return the form with what the words say for it, None where that is nothing."""
    text = spoken.text
    corrected = _corrected(form, now, slot, spoken)
    if corrected is not None:
        return _with_recognised(form, corrected, spoken, _refused(corrected), telling=True)
    if not slot.telling and spoken.aside and asks(text):
        return None  # a question is no answer, even where it holds a number
    if slot.optional and (skips(text) or (slot.kind is not Kind.TEXT and lacks(text))):
        return _filled(now, slot, "")
    value = stated(slot, text, spoken.today)
    taken = _filled(now, slot, value) if value else now
    if not value or slot.kind is not Kind.TEXT:
        taken = _with_recognised(form, taken, spoken, [value])
    return taken if taken.filled != now.filled else None


def _corrected(form: Form, now: OpenForm, slot: Slot, spoken: Spoken) -> OpenForm | None:
    """Return the form with something taken back that was said for another slot than the one asked for."""
    text, sure = spoken.text, corrects(spoken.text)
    answers = bool(found(slot, text)) and not (sure or denies(text))
    replaced = None if answers or is_label(slot, text) else _replaced(form, now, spoken)
    if replaced is not None:
        return replaced
    named = _named(form, text)
    if named in (None, slot) and names_another(text) and not found(slot, text):
        other = _taken_back(now, slot, spoken)
        if other.filled != now.filled:
            return other
    if not sure or found(slot, text) or (named is None and slot.kind is Kind.TEXT):
        return None
    target = named or _latest(form, now)
    if (
        target is None
        or not now.values.get(target.name)
        or (named is None and stated(slot, text, spoken.today))
    ):
        return None
    said = stated(target, text, spoken.today) if target.kind is not Kind.TEXT else ""
    if said and said != now.values.get(target.name):
        return _filled(_without(now, target), target, said)
    repeated = bool(said) or bool(found(target, text))  # what it holds already
    return None if repeated and not blames(text) else _taken_back(now, target, spoken)


def _replaced(form: Form, now: OpenForm, spoken: Spoken) -> OpenForm | None:
    """Return the form with the new value of a slot that is filled already, recognised by its looks."""
    for slot in _latest_first(form, now):
        others = [v for v in found(slot, spoken.text) if v != now.values[slot.name]]
        if others:
            return _filled(_without(now, slot), slot, others[-1])
    return None


def _taken_back(now: OpenForm, slot: Slot, spoken: Spoken) -> OpenForm:
    """Return the form with the only other value that was ever said for a slot, or with none."""
    without = _without(now, slot)
    said = {value for text in spoken.before for value in found(slot, text)} - _refused(without)
    return _filled(without, slot, said.pop()) if len(said) == 1 else without


def _in_vain(form: Form, now: OpenForm, slot: Slot, text: str) -> Step:
    """No answer: say why and ask again, then offer a person, then let one take over; do without where that is possible."""
    last = slot.tries + 1
    tries = max(now.tries + 1, last if lacks(text) and now.tries < last else 0)
    if slot.optional and tries >= last:
        return _next(form, _filled(now, slot, ""))
    if tries > last:
        return Step(Doing.PERSON, now)
    why = Why.UPSET if rude(compatible(text)) else Why.OFFER if tries == last else Why.INVALID
    return Step(Doing.ASK, replace(now, tries=tries), why)


def _next(form: Form, now: OpenForm, why: Why = Why.NEXT) -> Step:
    missing = next((slot for slot in form.slots if slot.name not in now.values), None)
    if missing is None:
        return Step(Doing.TELL, replace(now, asking="", tries=0), why)
    return Step(Doing.ASK, replace(now, asking=missing.name, tries=0), why)


def _with_recognised(
    form: Form, now: OpenForm, spoken: Spoken, but: Collection[str] = (), *, telling: bool = False
) -> OpenForm:
    """
    Take what an utterance says for slots that it was not asked for.

    Of several order numbers the last one counts, unless two slots take one each.

    Args:
        but: values that are spoken for.
        telling: only what is recognised wherever it stands.
    """
    taken = set(but)
    for slot in form.slots:
        if not slot.telling and (telling or slot.name in now.values):
            continue
        fresh = [v for v in recognised(slot, spoken.text, spoken.today) if v not in taken]
        twins = sum(other.pattern == slot.pattern for other in form.slots if other.telling)
        if fresh:
            value = fresh[0] if twins > 1 else fresh[-1]
            taken.add(value)
            now = _filled(now, slot, value)
    return now


def _named(form: Form, text: str) -> Slot | None:
    """Return the slot that a text names by what it is called."""
    said = f" {normalised(compatible(text))} "
    for slot in form.slots:
        if any(_holds(said, normalised(name)) for name in (*slot.called, slot.name)):
            return slot
    return None


def _holds(said: str, name: str) -> bool:
    return f" {name} " in said if name.isascii() else name in said


def _latest(form: Form, now: OpenForm) -> Slot | None:
    return next(_latest_first(form, now), None)


def _latest_first(form: Form, now: OpenForm) -> Iterator[Slot]:
    """Yield the slots that hold something, what was said last before what was said first."""
    for one in reversed(now.filled):
        slot = form.slot(one.slot)
        if slot is not None and one.value:
            yield slot


def _filled(now: OpenForm, slot: Slot, value: str) -> OpenForm:
    others = tuple(one for one in now.filled if one.slot != slot.name)
    said = Filled(slot.name, value)
    refused = tuple(one for one in now.turned_down if one != said)
    return replace(now, filled=(*others, said), turned_down=refused)


def _without(now: OpenForm, slot: Slot) -> OpenForm:
    gone = tuple(one for one in now.filled if one.slot == slot.name)
    kept = tuple(one for one in now.filled if one.slot != slot.name)
    return replace(now, filled=kept, turned_down=(*now.turned_down, *gone)[-MEMORY:])


def _knowing(now: OpenForm, others: Sequence[OpenForm]) -> OpenForm:
    """Return the form with what was taken back in others: the customer said that it is not the one."""
    more = [one for other in others for one in other.turned_down if one not in now.turned_down]
    return replace(now, turned_down=(*now.turned_down, *more)[-MEMORY:])


def _refused(now: OpenForm) -> set[str]:
    return {one.value for one in now.turned_down}
