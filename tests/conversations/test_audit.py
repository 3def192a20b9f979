"""The audit sample, and what the bot got wrong by an operator's word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conversations.audit import HELD, ONE_IN, audit, drawn, mistaken
from conversations.events import ActionKind, Choice, Decided, Event, Thumb
from conversations.ledger import Ledger
from conversations.lessons import Unlabelled
from conversations.reader import Reader
from tests.conversations.facts import heard, labelled, log
from tests.finetune.small_desk import NOON, Log, open_log


def test_one_in_ten_is_drawn_and_always_the_same() -> None:
    names = [f"message-{n}" for n in range(5000)]
    share = sum(map(drawn, names)) / len(names)
    assert share == pytest.approx(1 / ONE_IN, rel=0.15)
    assert [drawn(name) for name in names] == [drawn(name) for name in names]


def decided(action: ActionKind, intent: str = "", reason: str = "", source: str = "") -> Decided:
    choices = (Choice("A", "a"), Choice("B", "b"))
    return Decided(
        message_id="d",
        in_reply_to="m",
        action=action,
        text="",
        choices=choices,
        intent=intent,
        reason=reason,
        source=source,
    )


@pytest.mark.parametrize(
    ("decision", "label", "wrong"),
    [
        (decided(ActionKind.REPLY, "a"), "a", False),
        (decided(ActionKind.REPLY, "a"), "b", True),
        (decided(ActionKind.REPLY, "a"), "", True),
        (decided(ActionKind.REPLY, "a", source="wool"), "", False),
        (decided(ActionKind.REPLY, "a", source="wool"), "a", True),
        (decided(ActionKind.CLARIFY), "b", False),
        (decided(ActionKind.CLARIFY), "c", True),
        (decided(ActionKind.CLARIFY), "", True),
        (decided(ActionKind.HANDOFF, reason="out_of_scope"), "", False),
        (decided(ActionKind.CLARIFY, reason="out_of_scope"), "", False),  # a person was offered
        (decided(ActionKind.CLARIFY, reason="out_of_scope"), "a", True),
        (decided(ActionKind.HANDOFF, reason="still_unclear"), "a", True),
        (decided(ActionKind.HANDOFF, reason="asked_for_person"), "a", False),
        (decided(ActionKind.SILENT), "a", False),
    ],
)
def test_a_decision_is_wrong_where_the_label_says_otherwise(
    decision: Decided, label: str, wrong: bool
) -> None:
    assert mistaken(decision, label) is wrong


def test_a_drawn_label_is_asked_for_a_month_unless_somebody_complained(tmp_path: Path) -> None:
    with open_log(tmp_path, sampled=True) as store:
        pen = Log(store)
        calm, cross, silent = (pen.hear(text) for text in ("one", "two", "three"))
        for said in (calm, cross):
            pen.reply(said, "repair")
            pen.label(said, "return_item")
        pen.rate(cross, Thumb.UP)
        pen.rate(cross, Thumb.DOWN)
    with Reader.open(tmp_path / "desk.db") as reader:
        ledger = Ledger.of(reader.events())
    now = audit(ledger, NOON)
    assert set(now.asked) == {calm}
    assert set(now.wrong) == {calm, cross}
    assert set(now.sampled) == {calm}
    assert silent not in now.asked
    assert audit(ledger, NOON + HELD).asked == frozenset()
    assert set(audit(ledger, NOON - HELD).asked) == {calm}  # a clock that was set back


def test_what_was_labelled_along_with_another_utterance_is_no_sample() -> None:
    one, other, later = [name for name in map(str, range(90)) if drawn(name)][:3]
    both = [replace(labelled(name, "repair"), decision="d1") for name in (one, other)]
    again = replace(labelled(other, "repair", "bob"), decision="d2")
    history: list[Event] = [
        heard(one),
        heard(other),
        heard(later),
        *both,
        labelled(later, "repair"),
    ]
    assert audit(Ledger.of(log(*history)), NOON).sampled == {one, later}
    assert audit(Ledger.of(log(*history, again)), NOON).sampled == {one, other, later}
    gone = Unlabelled(message_id=one, operator="ann", by="ann")
    assert audit(Ledger.of(log(*history, gone)), NOON).sampled == {later}


def test_what_is_not_drawn_is_never_asked(tmp_path: Path) -> None:
    with open_log(tmp_path) as store:
        Log(store).labelled(["one", "two"], "repair")
    with Reader.open(tmp_path / "desk.db") as reader:
        assert audit(Ledger.of(reader.events()), NOON).asked == frozenset()
