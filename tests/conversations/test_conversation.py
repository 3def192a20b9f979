"""The conversation as the fold of its events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conversations.conversation import Conversation, fold
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Delivered,
    Event,
    GivenBack,
    Heard,
    Labelled,
    OperatorWrote,
    Rated,
    Recorded,
    Thumb,
    Undeliverable,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = Heard(message_id="h1", external_id="1", text="it is broken")
AGAIN = Heard(message_id="h2", external_id="2", text="the lamp")
PARCEL, REFUND = Choice("Parcel", "parcel"), Choice("Refund", "refund")


def decided(action: ActionKind, choices: tuple[Choice, ...] = (), reason: str = "") -> Decided:
    return Decided(
        message_id="d", in_reply_to="h", action=action, text="", choices=choices, reason=reason
    )


CLARIFY = decided(ActionKind.CLARIFY, (PARCEL,))
REPLY = decided(ActionKind.REPLY)
HANDOFF = decided(ActionKind.HANDOFF, reason="out_of_scope")
WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")


def state(*events: Event) -> Conversation:
    return fold("c", [Recorded(seq, "c", NOON, event) for seq, event in enumerate(events, 1)])


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), Conversation("c")),
        ((ASKED,), Conversation("c", asked=ASKED, seq=1)),
        ((ASKED, REPLY), Conversation("c", seq=2)),
        ((ASKED, decided(ActionKind.SILENT)), Conversation("c", asked=ASKED, seq=2)),
        (
            (ASKED, CLARIFY, AGAIN),
            Conversation("c", clarified=1, offered=(PARCEL,), asked=ASKED, seq=3),
        ),
        (
            (ASKED, CLARIFY, AGAIN, decided(ActionKind.CLARIFY, (REFUND,))),
            Conversation("c", clarified=2, offered=(PARCEL, REFUND), asked=ASKED, seq=4),
        ),
        ((ASKED, CLARIFY, AGAIN, REPLY), Conversation("c", seq=4)),
        (
            (ASKED, CLARIFY, AGAIN, HANDOFF),
            Conversation("c", with_operator=True, handoff_reason="out_of_scope", seq=4),
        ),
        ((ASKED, HANDOFF, GivenBack(operator="ann")), Conversation("c", seq=3)),
        ((WROTE,), Conversation("c", with_operator=True, seq=1)),
        (
            (ASKED, CLARIFY, WROTE, GivenBack(operator="ann"), AGAIN),
            Conversation("c", asked=AGAIN, seq=5),
        ),
        ((Closed(reason="done"),), Conversation("c", closed=True, seq=1)),
        (
            (ASKED, Delivered(message_id="d"), Undeliverable(message_id="d", reason="gone")),
            Conversation("c", asked=ASKED, seq=3),
        ),
        (
            (
                Rated(message_id="d", value=Thumb.DOWN),
                Labelled(message_id="h1", intent="", operator="ann"),
            ),
            Conversation("c", seq=2),
        ),
    ],
)
def test_a_conversation_is_the_fold_of_its_events(
    events: tuple[Event, ...], expected: Conversation
) -> None:
    assert state(*events) == expected
