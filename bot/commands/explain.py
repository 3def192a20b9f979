"""explain: the evidence card of a decision, recomputed with the Release that made it, word by word."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import operators
from bot.commands.desks import desk_option, json_option, quoted, running
from bot.desk import Desk
from bot.refused import Refused
from conversations.events import Heard
from conversations.log import EventLog, LogError
from conversations.reader import Reader
from conversations.teachings import Teachings, teachings

if TYPE_CHECKING:
    from retrieval.prediction import Prediction
    from retrieval.teachings import TaughtRelease, Teachable


@click.command()
@desk_option
@json_option
@click.option("--text", help="Any text in place of a message, as if it were asked now.")
@click.option(
    "--release",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="For --text: the Release that reads it (the desk's champion).",
)
@click.argument("message_id", required=False)
def explain(
    folder: Path, release: Path | None, message_id: str | None, text: str | None, as_json: bool
) -> None:
    """Why the bot answered as it did; MESSAGE_ID is the utterance's or the reply's."""
    if text is not None and message_id is None:
        shown = _asked_now(text, release, None if release else Desk.open(folder))
    elif message_id is not None and text is None and release is None:
        shown = _asked_then(Desk.open(folder), message_id)
    else:
        raise click.UsageError("Give a MESSAGE_ID, or --text and then perhaps --release.")
    if as_json:
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
    else:
        from bot.commands.evidence_page import show

        show(shown)


def _asked_now(text: str, folder: Path | None, desk: Desk | None) -> dict[str, Any]:
    """Return what a Release makes of any text, or a desk's champion with what it was taught."""
    from bot.evidence import reading
    from bot.intake import BadInput, checked

    try:
        text = checked(text)
    except BadInput as error:
        raise Refused(str(error)) from error
    known = _taught(desk)
    release = _release(folder or _champion(desk), known)
    [prediction] = release.read([text])
    return {"read": text, "evidence": reading(prediction), **_inside(release, prediction, known)}


def _asked_then(desk: Desk, message_id: str) -> dict[str, Any]:
    """Return a decision of the log with what its Release makes of the text again."""
    shown = _recorded(desk, message_id)
    if why := _not_again(desk, shown):
        del shown["last"]
        return shown | {"recomputed": {"identical": None, "why": why}}
    from bot.evidence import compared

    card = shown["evidence"]
    known = _taught(desk, card["edition"]["seq"]) if "edition" in card else Teachings()
    release = _release(desk.shelf.releases / card["release"], known)
    prediction = _read_again(release, shown.pop("last"), shown["read"])
    inside = _inside(release, prediction, known)
    return shown | {"recomputed": compared(card, prediction), **inside}


def _read_again(release: Teachable | TaughtRelease, last: str, whole: str) -> Prediction:
    """Return the reading of an utterance, together with what it leans on where it was so read."""
    from bot.context import in_context

    if last == whole:
        [prediction] = release.read([whole])
        return prediction
    alone, together = release.read([last, whole])
    return in_context(alone, together)


def _not_again(desk: Desk, shown: dict[str, Any]) -> str:
    """Return why a card cannot be recomputed, empty where it can."""
    card = shown["evidence"]
    if "confidence" not in card:
        return "no model was asked"
    if not shown["read"]:
        return "its text is no longer in the log"
    gone = not (desk.shelf.releases / card["release"]).is_dir()
    return f"the Release {card['release']} is no longer there to ask" if gone else ""


def _taught(desk: Desk | None, until: int | None = None) -> Teachings:
    """Return what a desk's operators had taught after an event of its log, or up to now."""
    if desk is None or not desk.database.is_file():
        return Teachings()
    try:
        with Reader.open(desk.database) as log:  # it cannot write, and may read beside a server
            return teachings(log.teachings() if until is None else log.teachings(until))
    except LogError as error:
        raise Refused(str(error)) from error


def _release(folder: Path, known: Teachings) -> Teachable | TaughtRelease:
    """Return a Release under what it had been taught."""
    from bot.commands.serving import load_release  # torch: only where something is read
    from bot.teaching import overlay_of
    from retrieval.teachings import laid_over

    release = load_release(folder)
    return laid_over(release, overlay_of(known, release))


def _inside(
    release: Teachable | TaughtRelease, prediction: Prediction, known: Teachings
) -> dict[str, Any]:
    """Return what no card holds: who taught what settled it, and what costs a reading for every word."""
    from bot.evidence import reading, thresholds
    from retrieval.occlusion import influences

    taught = prediction.taught
    return {
        "thresholds": thresholds(release.calibration, reading(prediction)),
        "taught_by": [
            {"operator": one.operator, "at": one.at.isoformat(), "intent": one.intent}
            for one in known.in_force
            if taught and one.teaching_id == taught.teaching_id
        ],
        "words": [asdict(word) for word in influences(prediction, release.read)],
    }


def _champion(desk: Desk | None) -> Path:
    assert desk is not None  # noqa: S101 - asked only where no Release was named
    if not desk.shelf.serving:
        raise Refused(
            f"The desk {desk.folder} has no Release yet; make one with: "
            f"frontdesk retrain --desk {desk.folder}"
        )
    return desk.shelf.champion.resolve()


def _recorded(desk: Desk, message_id: str) -> dict[str, Any]:
    """Return the decision with its card and the text that was read."""
    if server := running(desk):
        decision = server.get(f"messages/{quoted(message_id)}/evidence")
        events = server.get(f"conversations/{quoted(decision['conversation_id'])}")["events"]
        texts = {e["message_id"]: e["text"] for e in events if e["kind"] == "heard"}
    else:
        # Imported here: with a server running, the log stays closed.
        from bot.commands.operators import written

        decision, texts = written(desk, lambda log: _from_log(log, message_id))
    decision["read"] = _read(decision["evidence"], texts)
    decision["last"] = texts.get(decision["evidence"].get("read", ""), "")
    return decision


def _read(card: dict[str, Any], texts: dict[str, str]) -> str:
    """Return what was read, empty where a part of it is no longer in the log."""
    ids = [*card.get("leans_on", []), card.get("read", "")]
    return "\n".join(texts[one] for one in ids) if all(texts.get(one) for one in ids) else ""


async def _from_log(log: EventLog, message_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    recorded = await operators.decision(log, message_id)
    history = await log.history(recorded.conversation_id)
    texts = {r.event.message_id: r.event.text for r in history if isinstance(r.event, Heard)}
    return operators.with_card(recorded), texts
