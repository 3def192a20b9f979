"""What a form leaves in the log: where it stands, and nothing to learn from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from conversations.audit import mistaken
from conversations.conduct import Conduct, conduct, decided_in
from conversations.conversation import fold, turns_down
from conversations.events import ActionKind, Decided, Filled, OpenForm, OperatorWrote, Visitor
from conversations.labels import lessons
from conversations.ledger import Ledger
from conversations.migrations import MIGRATIONS, unknown
from conversations.review import tickets
from conversations.rows import decode, encode
from tests.conversations.facts import handoff, heard, log, rated, reply

ASKED = OpenForm(form="order", asking="number")
TOLD = OpenForm(form="order", filled=(Filled("number", "PP-1"),))


def asked(to: str, for_form: str = "") -> Decided:
    made = replace(reply(to), action=ActionKind.CLARIFY, forms=(ASKED,), for_form=for_form)
    return replace(made, verdict="" if for_form else "confident", release="r")


def told(to: str, form: OpenForm = TOLD) -> Decided:
    return replace(reply(to), forms=(form,), for_form="order", release="r")


def test_what_began_a_form_is_what_is_talked_about() -> None:
    now = fold("c", log(heard("h1"), asked("h1"), heard("h2", "PP-1"), told("h2")))
    assert (now.filling, now.forms) == (False, (TOLD,))
    assert now.topic is not None
    assert (now.topic.message_id, now.given) == ("h1", ("parcel",))
    assert turns_down(heard("h3", "that's not it"), now)
    assert not turns_down(heard("h3", "that's not it"), fold("c", log(heard("h1"), asked("h1"))))


def test_a_correction_does_not_become_what_is_talked_about() -> None:
    again = replace(TOLD, filled=(Filled("number", "PP-2"),))
    before = (heard("h1"), asked("h1"), heard("h2", "PP-1"), told("h2"))
    now = fold("c", log(*before, heard("h3", "no, PP-2"), told("h3", again)))
    assert now.forms == (again,)
    assert now.topic is not None
    assert now.topic.message_id == "h1"


def test_a_question_of_a_form_is_no_clarification() -> None:
    now = fold("c", log(heard("h1"), asked("h1"), heard("h2", "hm"), asked("h2", "order")))
    assert (now.clarified, now.offered, now.filling) == (0, (), True)


@pytest.mark.parametrize("end", [handoff("h2", "still_unclear"), replace(reply("h2"), forms=())])
def test_a_form_is_gone_with_a_hand_off_and_with_another_answer(end: Decided) -> None:
    assert fold("c", log(heard("h1"), asked("h1"), heard("h2"), end)).forms == ()


def test_a_person_who_writes_ends_a_form() -> None:
    wrote = OperatorWrote(message_id="o", operator="eve", text="I'll look.")
    assert fold("c", log(heard("h1"), asked("h1"), wrote)).forms == ()


def test_the_answers_to_a_form_teach_nothing_and_ask_for_no_label() -> None:
    said = (heard("h1"), asked("h1"), heard("h2", "PP-1"), told("h2"), rated("h2"))
    history = log(*said)
    assert lessons(history) == []
    assert [ticket.text for ticket in tickets(Ledger.of(history))] == ["where is it"]
    ledger = Ledger.of(history)
    visitors = {
        one: Visitor(visitor_id="v", channel="web", address="v") for one in decided_in(ledger)
    }
    assert conduct(ledger, visitors)["r"] == Conduct(decisions=1, replies=0)


def test_a_form_that_began_is_right_where_its_intent_is() -> None:
    assert not mistaken(asked("h1"), "parcel")
    assert mistaken(asked("h1"), "repair")


def test_a_decision_from_before_there_were_forms_reads_on() -> None:
    row = encode(reply("h1"))
    body = json.loads(str(row["body"]))
    old = {name: value for name, value in body.items() if name not in {"forms", "for_form"}}
    assert decode(row | {"body": json.dumps(old)}) == reply("h1")


def test_an_older_program_refuses_a_log_with_forms(tmp_path: Path) -> None:
    """The step changes no table: it is there so that it is missing elsewhere."""
    database = Database(tmp_path / "log.db", execute_plugins=False)
    MIGRATIONS.apply(database)
    assert "m005_forms_and_how_words_were_read" in [
        step.name for step in MIGRATIONS.applied(database)
    ]
    assert unknown(database) == []
    database.close()
