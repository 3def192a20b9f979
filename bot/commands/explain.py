"""explain: the evidence card of a decision, recomputed with the Release that made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bot import operators
from bot.commands.desks import desk_option, json_option, quoted, running
from bot.desk import Desk
from bot.refused import Refused
from conversations.events import Heard
from conversations.log import EventLog


@click.command()
@desk_option
@json_option
@click.argument("message_id")
def explain(folder: Path, message_id: str, as_json: bool) -> None:
    """Why the bot answered as it did; MESSAGE_ID is the utterance's or the reply's."""
    desk = Desk.open(folder)
    shown = _recorded(desk, message_id)
    shown["recomputed"] = _recomputed(desk, shown)
    click.echo(json.dumps(shown, indent=1, ensure_ascii=False) if as_json else _page(shown))


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
    decision["read"] = texts.get(decision["evidence"].get("read", ""), "")
    return decision


async def _from_log(log: EventLog, message_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    recorded = await operators.decision(log, message_id)
    history = await log.history(recorded.conversation_id)
    texts = {r.event.message_id: r.event.text for r in history if isinstance(r.event, Heard)}
    return operators.with_card(recorded), texts


def _recomputed(desk: Desk, shown: dict[str, Any]) -> dict[str, Any]:
    card = shown["evidence"]
    if "confidence" not in card:
        return {"identical": None, "why": "no model was asked"}
    folder = desk.shelf.releases / card["release"]
    if not folder.is_dir():
        raise Refused(f"The Release {card['release']} is no longer there to ask.")
    from bot.commands.serving import load_release  # torch: only where something is recomputed

    again = load_release(folder).read([shown["read"]])[0]
    return {
        "identical": again.confidence == card["confidence"],
        "confidence": again.confidence,
        "difference": abs(again.confidence - card["confidence"]),
        "verdict": str(again.verdict),
        "intent": again.best.intent,
    }


def _page(shown: dict[str, Any]) -> str:
    card, again = shown["evidence"], shown["recomputed"]
    lines = [
        f"{shown['action']}: {shown['text']}",
        f"  asked       {shown['read']}",
        f"  reason      {shown['reason']}",
        f"  intent      {shown['intent']}  {shown['template_id']}{shown['source']}",
        f"  confidence  {shown['confidence']:.4f}  {shown['verdict']}",
        f"  release     {shown['release']}",
    ]
    lines += [f"  {c['score']:.3f}       {c['intent']}" for c in card.get("candidates", [])[:3]]
    lines += [
        f"  {n['similarity']:.3f}       {n['intent']}: {n['text']}"
        for n in card.get("neighbours", [])[:3]
    ]
    match again["identical"]:
        case True:
            lines.append("  recomputed  identical")
        case None:
            lines.append(f"  recomputed  {again['why']}")
        case _:
            lines.append(f"  recomputed  {again['confidence']:.6f}: it differs")
    return "\n".join(lines)
