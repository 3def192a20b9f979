"""What the widget is told, pure: events become frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot.channels.file_kinds import described
from bot.hours import Standing
from conversations.edits import last_edits, reworded
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Enclosed,
    GivenBack,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Recorded,
    Thumb,
)
from conversations.notices import Told

Frame = Mapping[str, object]

GIVEN_BACK = "You are talking to the assistant again."
CLOSED = "This conversation is closed. What you write next begins a new one."
SENTENCES = {  # what the customer may see of these the widget says in its own languages
    "bad_input": "That could not be read.",
    "rate_limited": "That was a lot at once. The rest follows one by one.",
    "busy": "That did not work just now. Please try again in a moment.",
    "file_gone": "Please attach the file again.",
    "storage_unavailable": "Your message could not be kept just now.",
    "restarting": "The desk is restarting and will be back in a moment.",
    "bad_identity": "The page could not say who you are.",
    "not_rated": "There is no such answer to rate.",
    "not_scored": "No conversation has ended yet.",
}


def encode(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def live(recorded: Recorded) -> Frame | None:
    """Return what an event shows the visitor, None where it is not for their eyes."""
    if isinstance(recorded.event, Rated):
        return rated(recorded.event)
    return event(recorded)


def event(recorded: Recorded, thumb: Thumb | None = None) -> Frame | None:
    """Return the event frame of something that was said, with the visitor's thumb on it."""
    match recorded.event:
        case Heard() as heard:
            said = _said("customer", heard.message_id, heard.text) | _files(heard.files)
            said["client_message_id"] = heard.external_id.partition(":")[2]
        case Decided(text="") | Decided(action=ActionKind.SILENT):
            return None
        case Decided() as decided:
            said = _said("bot", decided.message_id, decided.text) | _bot(decided, thumb)
        case OperatorWrote() as wrote:
            said = _said("operator", wrote.message_id, wrote.text) | _files(wrote.files)
            said["author"] = wrote.operator
        case OperatorEdited() as edited:
            said = _said("operator", edited.message_id, edited.text)
            said |= {"author": edited.operator, "edits": edited.corrects}
        case Told() as told:
            said = _said("bot", told.message_id, told.text)
            said |= {"choices": choices(told.choices), "action": ActionKind.HANDOFF.value}
        case GivenBack(operator=""):  # the desk tells why, in a sentence of its own
            return None
        case GivenBack():
            said = _said("notice", "", GIVEN_BACK)
        case Closed():
            said = _said("notice", "", CLOSED)
        case _:
            return None
    return {"type": "event", "seq": recorded.seq, "at": recorded.at.isoformat(), **said}


def _said(kind: str, message_id: str, text: str) -> dict[str, object]:
    return {
        "kind": kind,
        "message_id": message_id,
        "client_message_id": None,
        "text": text,
        "choices": [],
        "action": "",
        "author": "",
        "source": "",
        "sources": [],
        "attachments": [],
        "files": [],
        "rateable": False,
        "rated": None,
    }


def _bot(decided: Decided, thumb: Thumb | None) -> dict[str, object]:
    return {
        "choices": choices(decided.choices),
        "action": decided.action.value,
        "source": decided.source,
        "sources": [{"title": one.name, "url": one.url} for one in decided.sources],
        "attachments": [{"name": one.name, "url": one.url} for one in decided.attachments],
        "rateable": decided.action is ActionKind.REPLY,
        "rated": thumb.value if thumb else None,
    }


def choices(given: Sequence[Choice]) -> list[dict[str, str]]:
    return [{"label": choice.label, "value": choice.value} for choice in given]


def _files(files: Sequence[Enclosed]) -> dict[str, object]:
    return {"files": [described(file) for file in files]}


def replay(history: Sequence[Recorded], after: int) -> list[Frame]:
    """
    Return what a visitor who saw everything up to `after` has missed; thumbs are folded in.

    Of what an operator edited only the last wording is shown, in the place of the first one and again as the last edit: for who saw an
    earlier wording, and since the last of the history always has a frame.
    """
    thumbs = {r.event.message_id: r.event for r in history if isinstance(r.event, Rated)}
    said = [*reworded(history), *last_edits(history).values()]
    shown = sorted((r for r in said if r.seq > after), key=lambda r: r.seq)
    frames = [event(r, _thumb_on(r, thumbs)) for r in shown]
    missed = {r.event.message_id for r in history if isinstance(r.event, Rated) and r.seq > after}
    seen = {r.event.message_id for r in history if isinstance(r.event, Decided) and r.seq <= after}
    return [f for f in frames if f is not None] + [
        rated(thumbs[message_id]) for message_id in sorted(missed & seen)
    ]


def _thumb_on(recorded: Recorded, thumbs: Mapping[str, Rated]) -> Thumb | None:
    match recorded.event:
        case Decided(message_id=message_id) if message_id in thumbs:
            return thumbs[message_id].value
        case _:
            return None


def last_shown(history: Sequence[Recorded]) -> int:
    """Return the seq of the last event that has a frame, 0 where there is none."""
    return next((r.seq for r in reversed(history) if event(r) is not None), 0)


def welcome(token: str, name: str, greeting: str, seq: int, with_person: bool) -> Frame:
    desk = {"name": name, "greeting": greeting}
    return {
        "type": "welcome",
        "token": token,
        "desk": desk,
        "seq": seq,
        "with_person": with_person,
    }


def ack(client_message_id: str, recorded: Recorded, message_id: str) -> Frame:
    return {
        "type": "ack",
        "id": client_message_id,
        "message_id": message_id,
        "seq": recorded.seq,
    }


def rated(event: Rated) -> Frame:
    return {"type": "rated", "message_id": event.message_id, "value": event.value.value}


def typing(on: bool, who: str, name: str = "") -> Frame:
    """Return that the bot or an operator writes, or ceases to."""
    return {"type": "typing", "on": on, "who": who, "name": name}


def who(operator: str, standing: Standing) -> dict[str, object]:
    """Return who has the conversation, and what may be expected of the people behind the desk."""
    return {"operator": operator or None, **_expected(standing)}


def presence(operator: str, standing: Standing) -> Frame:
    return {"type": "presence", **who(operator, standing)}


def status(state: str, standing: Standing | None = None) -> Frame:
    """Return what is waited for: `loading` is the model, `calm` an answer that takes its time, `person` a person."""
    return {"type": "status", "state": state, **(_expected(standing) if standing else {})}


def ask_csat() -> Frame:
    return {"type": "ask_csat"}


def _expected(standing: Standing) -> dict[str, object]:
    opens = standing.opens.isoformat() if standing.opens else None
    return {"open": standing.open, "opens": opens, "wait": standing.wait}


def error(code: str, about: str | None = None, message: str = "") -> Frame:
    return {"type": "error", "code": code, "id": about, "message": message or SENTENCES[code]}


def refusal(code: str, about: str | None, message: str) -> Frame:
    """Return the error frame of what was refused, in the sentence that the widget has in all its languages, where there is one."""
    return error(code, about, SENTENCES.get(code, message))
