"""The whole policy, as the table it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import (
    Action,
    Clarify,
    Compose,
    Handoff,
    Offer,
    Reason,
    Reply,
    Silent,
    by_templates,
    decide,
    follow,
    next_best,
    reconsider,
)
from conversations.conversation import Conversation
from conversations.events import HUMAN, NONE_OF_THESE, Choice, Heard
from retrieval.prediction import Candidate, PassageHit, Prediction, Signals, TemplateHit, Verdict

CANDIDATES = tuple(Candidate(f"i{n}", f"Title {n}", 0.5 / (n + 1)) for n in range(8))
PERSON = Candidate("person", "A person", 0.9, hands_off=True)
PASSAGE = PassageHit("page", "Page", "", "Words.", 0.8, "Words.")

LOOK = tuple(PassageHit(f"p{n}", f"Page {n}", "", "Words.", 0.6, "") for n in range(3))

HEARD = Heard(message_id="h", external_id="1", text="text")
FIRST = Conversation("c")
ONCE = Conversation("c", clarified=1, offered=tuple(Choice("", c.intent) for c in CANDIDATES[:3]))
TWICE = Conversation("c", clarified=2, offered=tuple(Choice("", c.intent) for c in CANDIDATES[:6]))
UNANSWERED = Conversation("c", unanswered=True)
OPERATOR = Conversation("c", with_operator=True)


def prediction(
    verdict: Verdict,
    candidates: tuple[Candidate, ...] = CANDIDATES,
    passages: tuple[PassageHit, ...] = (),
) -> Prediction:
    signals = Signals(0.5, 0.1, 0.5, 0.5, 1.0, 0.4, 0.3, 0.1, 0.6)
    return Prediction("text", verdict, 0.5, 1.0, 0.5, candidates, (), (), passages, signals, "r")


CONFIDENT = prediction(Verdict.CONFIDENT)
SURE_ON_A_PAGE = replace(CONFIDENT, passages=(PASSAGE,))
HANDS_OFF = prediction(Verdict.CONFIDENT, (PERSON, *CANDIDATES))
AMBIGUOUS = prediction(Verdict.AMBIGUOUS)
BESIDE = prediction(Verdict.AMBIGUOUS, passages=(PASSAGE,))
FEW = prediction(Verdict.AMBIGUOUS, CANDIDATES[:3])
OUTSIDE = prediction(Verdict.OUT_OF_SCOPE)
ON_A_PAGE = prediction(Verdict.OUT_OF_SCOPE, passages=(PASSAGE,))
NEAR_PAGES = replace(OUTSIDE, related=LOOK)
UNSURE_NEAR_PAGES = replace(AMBIGUOUS, related=LOOK)

REPLY = Reply(CANDIDATES[0])
READ_MORE = Reply(CANDIDATES[0], more=(PASSAGE,))
ASKED = Handoff(Reason.ASKED_FOR_PERSON)
UNCLEAR = Handoff(Reason.STILL_UNCLEAR)
UNKNOWN = Handoff(Reason.OUT_OF_SCOPE)

TABLE = [
    # reading, first time, asked once, asked twice
    ("confident", CONFIDENT, REPLY, REPLY, REPLY),
    ("confident, on a page", SURE_ON_A_PAGE, READ_MORE, READ_MORE, READ_MORE),
    ("confident of a hand-off", HANDS_OFF, ASKED, ASKED, ASKED),
    ("ambiguous", AMBIGUOUS, Clarify(CANDIDATES[:3]), Clarify(CANDIDATES[3:6]), UNCLEAR),
    (
        "ambiguous, on a page",
        BESIDE,
        Clarify(CANDIDATES[:3], passages=(PASSAGE,)),
        Clarify(CANDIDATES[3:6], passages=(PASSAGE,)),
        Compose((PASSAGE,)),
    ),
    (
        "ambiguous, near pages",
        UNSURE_NEAR_PAGES,
        Clarify(CANDIDATES[:3], related=LOOK[:1]),
        Clarify(CANDIDATES[3:6], related=LOOK[:1]),
        UNCLEAR,
    ),
    ("ambiguous among few", FEW, Clarify(CANDIDATES[:3]), UNCLEAR, UNCLEAR),
    ("out of scope", OUTSIDE, Offer(), UNKNOWN, UNKNOWN),
    ("out of scope, on a page", ON_A_PAGE, Compose((PASSAGE,)), UNKNOWN, UNKNOWN),
    ("out of scope, near pages", NEAR_PAGES, Offer(LOOK), UNKNOWN, UNKNOWN),
    ("a stranger, near pages", replace(NEAR_PAGES, in_scope=0.4), Offer(), UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(
    ("reading", "conversation", "action"),
    [
        pytest.param(reading, conversation, action, id=f"{name}, {when}")
        for name, reading, *actions in TABLE
        for when, conversation, action in zip(
            ("first", "once", "twice", "operator"),
            (FIRST, ONCE, TWICE, OPERATOR),
            (*actions, Silent()),
            strict=True,
        )
    ],
)
def test_every_verdict_in_every_state_has_its_action(
    reading: Prediction, conversation: Conversation, action: Action
) -> None:
    assert decide(reading, conversation) == action


@pytest.mark.parametrize(
    ("chosen", "reading", "conversation", "action"),
    [
        (CANDIDATES[4], AMBIGUOUS, ONCE, Reply(CANDIDATES[4], Reason.CHOSEN)),
        (PERSON, AMBIGUOUS, ONCE, ASKED),
        (HUMAN, None, FIRST, ASKED),
        (NONE_OF_THESE, AMBIGUOUS, ONCE, Clarify(CANDIDATES[3:6])),
        (NONE_OF_THESE, AMBIGUOUS, TWICE, UNCLEAR),
        (NONE_OF_THESE, BESIDE, ONCE, Clarify(CANDIDATES[3:6])),
        (NONE_OF_THESE, None, FIRST, UNCLEAR),
        (CANDIDATES[4], AMBIGUOUS, OPERATOR, Silent()),
        (HUMAN, None, OPERATOR, Silent()),
    ],
)
def test_a_choice_is_followed(
    chosen: Candidate | str,
    reading: Prediction | None,
    conversation: Conversation,
    action: Action,
) -> None:
    assert follow(chosen, reading, conversation) == action


def test_a_person_is_offered_once_and_then_called() -> None:
    assert decide(OUTSIDE, UNANSWERED) == UNKNOWN
    assert decide(ON_A_PAGE, UNANSWERED) == Compose((PASSAGE,))
    assert decide(CONFIDENT, UNANSWERED) == REPLY
    assert decide(AMBIGUOUS, UNANSWERED) == Clarify(CANDIDATES[:3])


def test_choices_stand_in_the_order_of_their_templates() -> None:
    hits = tuple(TemplateHit(f"t{n}", f"i{n}", 9.0 - n) for n in (2, 0, 5))
    action = decide(replace(AMBIGUOUS, templates=hits), FIRST)
    assert isinstance(action, Clarify)
    assert [candidate.intent for candidate in action.candidates] == ["i2", "i0", "i5"]


def test_what_is_likely_next_moves_up_where_it_fits_nearly_as_well() -> None:
    hits = tuple(TemplateHit(f"t{n}", f"i{n}", fit) for n, fit in ((2, 9.0), (0, 8.9), (5, 3.0)))
    reading = replace(AMBIGUOUS, templates=hits)
    near = by_templates(reading, {"i0": 0.6, "i2": 0.1})
    far = by_templates(reading, {"i5": 0.9})
    assert [candidate.intent for candidate in near][:3] == ["i0", "i2", "i5"]
    assert [candidate.intent for candidate in far][:3] == ["i2", "i0", "i5"]


@given(
    verdict=st.sampled_from(Verdict),
    fits=st.lists(st.floats(-20, 20), max_size=8),
    likely=st.dictionaries(st.sampled_from([c.intent for c in CANDIDATES]), st.floats(0, 1)),
)
def test_what_is_likely_moves_only_the_order_of_a_question(
    verdict: Verdict, fits: list[float], likely: dict[str, float]
) -> None:
    ordered = sorted(fits, reverse=True)
    hits = tuple(TemplateHit(f"t{n}", f"i{n}", fit) for n, fit in enumerate(ordered))
    reading = replace(prediction(verdict, CANDIDATES), templates=hits)
    plain, leaning = decide(reading, FIRST), decide(reading, FIRST, likely)
    assert sorted(c.intent for c in by_templates(reading, likely)) == sorted(
        c.intent for c in CANDIDATES
    )
    assert by_templates(reading, {}) == by_templates(reading)
    if verdict is Verdict.AMBIGUOUS:
        assert isinstance(leaning, Clarify)
    else:
        assert leaning == plain


ANSWERED = Conversation("c", topic=HEARD, given=("i0",))


@pytest.mark.parametrize(
    ("reading", "conversation", "action"),
    [
        (CONFIDENT, ANSWERED, Clarify(CANDIDATES[1:4], Reason.TURNED_DOWN)),
        (OUTSIDE, ANSWERED, Clarify(CANDIDATES[1:4], Reason.TURNED_DOWN)),
        (SURE_ON_A_PAGE, ANSWERED, Clarify(CANDIDATES[1:4], Reason.TURNED_DOWN, (PASSAGE,))),
        (ON_A_PAGE, replace(ANSWERED, given=("",)), Clarify(CANDIDATES[:3], Reason.TURNED_DOWN)),
        (NEAR_PAGES, ANSWERED, Clarify(CANDIDATES[1:4], Reason.TURNED_DOWN, (), LOOK[:1])),
        (prediction(Verdict.CONFIDENT, CANDIDATES[:1]), ANSWERED, UNCLEAR),
        (
            prediction(Verdict.CONFIDENT, CANDIDATES[:1], (PASSAGE,)),
            ANSWERED,
            Compose((PASSAGE,), Reason.TURNED_DOWN),
        ),
        (CONFIDENT, replace(ANSWERED, given=("i0", "i1")), UNCLEAR),
        (CONFIDENT, replace(ANSWERED, with_operator=True), Silent()),
    ],
)
def test_an_answer_turned_down_is_followed_by_the_next_best_and_then_a_person(
    reading: Prediction, conversation: Conversation, action: Action
) -> None:
    assert reconsider(reading, conversation) == action


@given(
    verdict=st.sampled_from(Verdict),
    candidates=st.integers(1, 8),
    clarified=st.integers(0, 4),
    offered=st.integers(0, 8),
    passage=st.booleans(),
)
def test_a_question_never_repeats_a_choice_and_never_comes_a_third_time(
    verdict: Verdict, candidates: int, clarified: int, offered: int, passage: bool
) -> None:
    choices = tuple(Choice("", c.intent) for c in CANDIDATES[:offered])
    conversation = replace(FIRST, clarified=clarified, offered=choices)
    reading = prediction(verdict, CANDIDATES[:candidates], (PASSAGE,) if passage else ())
    match decide(reading, conversation):
        case Clarify(asked):
            assert 1 <= len(asked) <= 3
            assert clarified < 2
            assert not {c.intent for c in asked} & {c.value for c in choices}
        case _:
            assert next_best(reading, conversation) is not None
