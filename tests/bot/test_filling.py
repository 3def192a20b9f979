"""What words do to a form: a table of conversations, each a list of utterances with what the bot asks for after it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.asides import asks, corrects, lacks, leaves, leaves_for
from bot.dates import day_in
from bot.filling import Doing, Spoken, Step, Why, begin, go_on, resume, set_right
from bot.forms import Form, Forms, Kind, Slot, chosen_in
from bot.patterns import compiled
from bot.slots import found, stated
from conversations.events import Filled, OpenForm
from tests.bot.form_desk import forms_in

TODAY = date(2026, 11, 26)
NUMBER = Slot(
    name="order_number", kind=Kind.PATTERN, ask={"": "Which?"}, pattern=compiled(r"PP-\d{6}")
)
ONE, TWO, THREE = "PP-111111", "PP-222222", "PP-333333"


@pytest.fixture
def forms(tmp_path: Path) -> Forms:
    return forms_in(tmp_path)


def talked(form: Form, *said: str) -> Iterator[Step]:
    """Yield the steps of a conversation in which every word is about this form."""
    step: Step | None = None
    for place, text in enumerate(said):
        spoken = Spoken(text, TODAY, said[:place])
        if step is None:
            step = begin(form, spoken, "en")
        elif step.doing is Doing.ASK:
            step = go_on(form, step.form, spoken)
        else:
            step = set_right(form, step.form, spoken)
        assert step is not None
        yield step


@pytest.mark.parametrize(
    ("said", "asking", "values"),
    [
        (["where is it"], "order_number", {}),
        ([f"where is {ONE}"], "email", {"order_number": ONE}),
        ([f"{ONE} for a@b.example"], "", {"order_number": ONE, "email": "a@b.example"}),
        (["my order", ONE], "email", {"order_number": ONE}),
        (["my order", "pp-111111."], "email", {"order_number": ONE}),
        (["my order", "\uff30\uff30-１１１１１１"], "email", {"order_number": ONE}),  # noqa: RUF001
        (["我的订单", f"订单号是{ONE}谢谢"], "email", {"order_number": ONE}),
        (["my order", "a@b.example"], "order_number", {"email": "a@b.example"}),
        (["my order", ONE, f"no, I meant {TWO}"], "email", {"order_number": TWO}),
        (["my order", ONE, f"actually it's {TWO}"], "email", {"order_number": TWO}),
        (["my order", ONE, f"it's {TWO}, not {ONE}"], "email", {"order_number": TWO}),
        (["my order", ONE, f"not {ONE} but {TWO}"], "email", {"order_number": TWO}),
        (["my order", ONE, f"nein, {TWO}"], "email", {"order_number": TWO}),
        (["my order", ONE, TWO], "email", {"order_number": TWO}),
        ([f"{ONE} or {TWO}", "no, the other number"], "email", {"order_number": ONE}),
        ([f"{ONE} {TWO} {THREE}", "no, the other number"], "order_number", {}),
        (["my order", ONE, "no, the other number"], "order_number", {}),
        (["my order", ONE, "that's the wrong number"], "order_number", {}),
        (["my order", ONE, f"{ONE} is wrong"], "order_number", {}),
        (["my order", ONE, "不是这个订单号,是另一个 number"], "order_number", {}),
        (
            ["my order", ONE, f"no, {TWO} and my mail is a@b.example"],
            "",
            {"order_number": TWO, "email": "a@b.example"},
        ),
        ([f"{ONE} a@b.example", f"no, {TWO}"], "", {"order_number": TWO, "email": "a@b.example"}),
        ([f"{ONE} a@b.example", "the email is wrong"], "email", {"order_number": ONE}),
    ],
)
def test_what_is_known_is_not_asked_for(
    forms: Forms, said: list[str], asking: str, values: dict[str, str]
) -> None:
    *_, last = talked(forms.by_name["order"], *said)
    assert (last.form.asking, last.form.values) == (asking, values)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("too small", "Too small"),
        ("they are TOO SMALL for me", "Too small"),
        ("2", "Too big"),
        ("Broken!", "Broken"),
        ("too small or too big", ""),
        ("no", ""),
        ("4", ""),
    ],
)
def test_a_choice_is_taken_by_its_label_or_its_number(forms: Forms, said: str, reason: str) -> None:
    form = forms.by_name["giving_back"]
    *_, last = talked(form, f"send back {ONE}", said)
    assert last.form.values.get("reason", "") == reason


def test_a_button_of_an_earlier_question_corrects_its_answer(forms: Forms) -> None:
    form = forms.by_name["giving_back"]
    *_, last = talked(form, f"send back {ONE}", "Broken")
    step = go_on(form, last.form, Spoken("Too big", TODAY, chosen="slot:giving_back.reason.2"))
    assert step is not None
    assert step.form.values["reason"] == "Too big"
    assert chosen_in(form, "slot:giving_back.reason.4") is None


@pytest.mark.parametrize("skipped", ["no", "nothing else", "nein danke", "没有", "skip it"])
def test_an_optional_slot_can_be_left_out(forms: Forms, skipped: str) -> None:
    said = (f"send back {ONE}", "Broken", "2", "3 November", skipped)
    *_, last = talked(forms.by_name["giving_back"], *said)
    assert last.doing is Doing.TELL
    assert last.form.values["note"] == ""
    assert last.form.values["day"] == "2026-11-03"


def test_a_free_text_is_kept_as_it_was_written(forms: Forms) -> None:
    note = "I don't have the box any more, sorry; it was the wrong size."
    said = (f"send back {ONE}", "Broken", "2", "3.11.2026", note)
    *_, last = talked(forms.by_name["giving_back"], *said)
    assert last.form.values["note"] == note


def test_an_answer_that_is_none_is_asked_for_twice_and_then_a_person_is_offered(
    forms: Forms,
) -> None:
    steps = list(talked(forms.by_name["order"], "my order", "hm", "hm", "hm", "hm"))
    assert [str(step.why) for step in steps[:4]] == ["begun", "invalid", "invalid", "offer"]
    assert steps[4].doing is Doing.PERSON


@pytest.mark.parametrize(
    "said",
    [
        "How long do boots last?",
        "wait a moment",
        "One sec, let me check",
        "Moment bitte",
        "稍等一下",
    ],
)
def test_a_question_or_a_pause_costs_no_try(forms: Forms, said: str) -> None:
    steps = list(talked(forms.by_name["order"], "my order", *[said] * 5, ONE))
    assert {(step.why, step.form.tries) for step in steps[1:6]} == {(Why.WAITING, 0)}
    assert steps[-1].form.values == {"order_number": ONE}


def test_a_pause_is_no_free_text_and_a_complaint_is_one(forms: Forms) -> None:
    said = (f"send back {ONE}", "Broken", "2", "3 November", "one moment", "a fucking hole")
    *_, pause, last = talked(forms.by_name["giving_back"], *said)
    assert (pause.why, pause.form.asking) == (Why.WAITING, "note")
    assert last.form.values["note"] == "a fucking hole"


def test_rude_words_get_a_kind_one_and_a_person_in_the_end(forms: Forms) -> None:
    steps = list(talked(forms.by_name["order"], "my order", *["fuck you"] * 4))
    assert [step.why for step in steps[1:4]] == [Why.UPSET] * 3
    assert steps[-1].doing is Doing.PERSON


def test_whoever_has_no_answer_is_offered_a_person_at_once(forms: Forms) -> None:
    *_, last = talked(forms.by_name["order"], "my order", "I don't know my number")
    assert last.why == "offer"
    step = go_on(forms.by_name["order"], last.form, Spoken(f"ah, {ONE}", TODAY))
    assert step is not None
    assert (step.form.asking, step.form.tries) == ("email", 0)


def test_another_matter_is_answered_and_the_slot_asked_for_again(forms: Forms) -> None:
    form = forms.by_name["order"]
    waiting = OpenForm(form="order", asking="order_number")
    step = go_on(form, waiting, Spoken("do you ship to Norway?", TODAY, aside=True))
    both = go_on(form, waiting, Spoken(f"can I return {ONE}?", TODAY, aside=True))
    person = go_on(form, waiting, Spoken("a person please", TODAY, wants_person=True))
    leaving = go_on(form, waiting, Spoken("forget it, how do I return it?", TODAY, aside=True))
    assert step == Step(Doing.ASK, waiting, Why.RETURN, aside=True)
    assert both is not None
    assert (both.aside, both.form.values) == (True, {"order_number": ONE})
    assert person is not None
    assert person.doing is Doing.PERSON
    assert leaving is not None
    assert (leaving.doing, leaving.aside) == (Doing.LEAVE, True)


def test_a_question_is_no_answer_to_a_question_for_a_number(forms: Forms) -> None:
    form = forms.by_name["giving_back"]
    waiting = OpenForm(form="giving_back", asking="pieces", filled=(Filled("order_number", ONE),))
    step = go_on(form, waiting, Spoken("how long do 2 parcels take?", TODAY, aside=True))
    assert step is not None
    assert "pieces" not in step.form.values


def test_a_form_that_lost_its_slot_has_no_say(forms: Forms) -> None:
    waiting = OpenForm(form="order", asking="gone")
    assert go_on(forms.by_name["order"], waiting, Spoken("hello", TODAY)) is None


@pytest.mark.parametrize(
    "text",
    [
        "forget it",
        "Never mind, thanks.",
        "cancel",
        "ok stop",
        "Vergiss es",
        "abbrechen bitte",
        "laisse tomber",
        "cancelar",
        "lascia stare",
        "deixa pra lá",
        "laat maar",
        "nieważne",
        "не надо",
        "算了",
        "取消吧",
        "やめます",
    ],
)
def test_a_form_can_be_left_in_many_languages(text: str) -> None:
    assert leaves(text)


@pytest.mark.parametrize("text", ["cancel my order", "stop the parcel please", "where is it", "no"])
def test_what_says_more_leaves_nothing(text: str) -> None:
    assert not leaves(text)


def test_words_that_go_on_after_leaving_are_known() -> None:
    assert leaves_for("never mind, how do I return it?")
    assert not leaves_for("never mind")
    assert asks("wie lange dauert das")
    assert asks("要多久到？")  # noqa: RUF001
    assert lacks("I lost it")
    assert corrects("der andere")
    assert not corrects("they are fine")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("1.3.2026", "2026-03-01"),
        ("on 25/12/2025", "2025-12-25"),
        ("3/4/2026", None),  # March or April
        ("on 3 march", "2027-03-03"),
        ("december 3rd", "2026-12-03"),
        ("am 5. märz 2026", "2026-03-05"),
        ("2026年3月1日", "2026-03-01"),
        ("yesterday", "2026-11-25"),
        ("31.6.2026", None),
        ("you may call 12 times", None),
    ],
)
def test_days_are_read_as_they_are_written(text: str, day: str | None) -> None:
    read = day_in(text, TODAY)
    assert (read.isoformat() if read else None) == day


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.EMAIL, "it is Ada.L+shop@Mail.Example, thanks", "ada.l+shop@mail.example"),
        (Kind.EMAIL, "ada@", ""),
        (Kind.NUMBER, "about 2,5 kilos", "2.5"),
        (Kind.NUMBER, "2 or 3", ""),
        (Kind.TEXT, "  the left one  ", "the left one"),
        (Kind.TEXT, "x" * 1001, ""),
    ],
)
def test_values_are_read_by_their_kind(kind: Kind, text: str, value: str) -> None:
    assert stated(Slot(name="s", kind=kind, ask={}), text, TODAY) == value


def test_two_slots_of_one_kind_take_two_values() -> None:
    other = Slot(name="other", kind=NUMBER.kind, ask={"": "Other?"}, pattern=NUMBER.pattern)
    form = Form(name="swap", intent="swap", slots=(NUMBER, other))
    *_, both = talked(form, f"swap {ONE} for {TWO}")
    *_, one = talked(form, "swap", ONE, TWO)
    wanted = {"order_number": ONE, "other": TWO}
    assert both.form.values == one.form.values == wanted


def test_a_value_that_is_denied_is_none() -> None:
    assert found(NUMBER, f"not {ONE} but {TWO}") == [TWO]
    assert found(NUMBER, f"no, {ONE}") == [ONE]


def test_a_form_remembers_only_so_much_of_what_was_taken_back(forms: Forms) -> None:
    numbers = [f"PP-{n:06}" for n in range(100, 150)]
    *_, last = talked(forms.by_name["order"], *itertools.chain(["my order"], numbers))
    assert last.form.values == {"order_number": numbers[-1]}
    assert len(last.form.turned_down) == 20


SLOW = 0.5  # seconds, of which some 0.05 are needed; it was 3 before texts were cut


def test_letters_that_unfold_into_many_hold_nobody_up() -> None:
    asked = {"": "?"}
    slots = (
        NUMBER,
        Slot(name="email", kind=Kind.EMAIL, ask=asked),
        Slot(name="day", kind=Kind.DATE, ask=asked),
        Slot(name="why", kind=Kind.CHOICE, ask=asked, choices=("Too small", "Broken")),
        Slot(name="note", kind=Kind.TEXT, ask=asked, optional=True),
    )
    form = Form(name="return", intent="return", slots=slots)
    before = ["\ufdfa" * 4095 + chr(ord("a") + number) for number in range(20)]
    begun = time.process_time()
    step = begin(form, Spoken("return it", TODAY, before), "en")
    go_on(form, step.form, Spoken(before[0], TODAY, before))
    resume(form, step.form, Spoken(before[0], TODAY, before))
    assert time.process_time() - begun < SLOW


def test_what_stands_behind_the_length_of_a_message_is_not_read() -> None:
    assert found(NUMBER, "\ufdfa " + ONE) == [ONE]
    assert found(NUMBER, "\ufdfa" * 300 + " " + ONE) == []
