"""The evidence card of a decision: what the Release saw, kept so that it can be recomputed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from bot.dialogue import Speech
from conversations.sequels import Sequel
from retrieval.calibration import Calibration
from retrieval.prediction import Prediction
from retrieval.variants import ANY, Occasion

NEIGHBOURS = 5  # examples shown; more are not read
TOGETHER = 1e-5  # what reading a text in a batch with others may move; 2e-6 was measured


def card(
    speech: Speech,
    prediction: Prediction | None,
    *,
    read: str,
    chosen: str,
    leans_on: Sequence[str] = (),
    suggested: Sequence[Sequel] = (),
    likely: Mapping[str, float] = MappingProxyType({}),
    requests: Sequence[Prediction] = (),
    occasion: Occasion = ANY,
) -> str:
    """
    Return the card as JSON.

    Args:
        read: the message id of the utterance that was read; a choice is judged by the one it is about.
        leans_on: the message ids of what was read before it, a line each, because it leans on them.
        requests: the readings of its parts, where each was answered for itself.
        chosen: the choice that was made, or empty.
        suggested: what speaks for each question that was suggested.
        likely: what moved the order of the choices: how likely each was after what the visitor had asked before.
        occasion: what the answer and its wording had to suit.
    """
    body: dict[str, object] = {"reason": str(speech.reason), "read": read}
    if speech.phrased_by:
        body["phrased_by"] = speech.phrased_by
    if leans_on:
        body["leans_on"] = list(leans_on)
    if requests:
        body["requests"] = [
            {"text": one.text, "intent": one.best.intent, "confidence": float(one.confidence)}
            for one in requests
        ]
    if chosen:
        body["chosen"] = chosen
    if suggested:
        body["suggested"] = [asdict(sequel) for sequel in suggested]
    if likely:
        body["likely"] = dict(likely)
    if suits := _said_of(occasion):
        body["occasion"] = suits
    if prediction is not None:
        body |= reading(prediction)
    return json.dumps(body, ensure_ascii=False, allow_nan=False)


def _said_of(occasion: Occasion) -> dict[str, object]:
    day = occasion.on.isoformat() if occasion.on else ""
    said = asdict(occasion) | {"segments": sorted(occasion.segments), "on": day}
    return {name: value for name, value in said.items() if value}


def reading(prediction: Prediction) -> dict[str, Any]:
    """
    Return what the Release saw: the part of a card that can be recomputed.

    `edition` is on it where operators had taught something since, `taught` where that settled the reading, `read_as` where typing
    errors were repaired. Passages without a `quote` are worth a look.
    """
    taught = prediction.taught
    return {
        **({"edition": asdict(prediction.edition)} if prediction.edition else {}),
        **({"taught": asdict(taught)} if taught else {}),
        **({"read_as": prediction.read_as} if prediction.read_as else {}),
        "release": prediction.release,
        "verdict": str(prediction.verdict),
        "confidence": float(prediction.confidence),
        "in_scope": prediction.in_scope,
        "right": prediction.right,
        "language": prediction.language,
        "candidates": [asdict(candidate) for candidate in prediction.candidates],
        "signals": asdict(prediction.signals),
        "neighbours": [asdict(neighbour) for neighbour in prediction.neighbours[:NEIGHBOURS]],
        "templates": [asdict(hit) for hit in prediction.templates[:NEIGHBOURS]],
        "passages": [
            {"page": hit.page, "heading": hit.heading, "fit": hit.fit, "quote": hit.quote}
            for hit in prediction.passages or prediction.related
        ],
    }


def thresholds(calibration: Calibration, card: Mapping[str, Any]) -> dict[str, float]:
    """Return from which confidence on a Release answers, and asks back, where it read as a card says; nothing where it read nothing."""
    if "confidence" not in card:
        return {}
    fitted = calibration.thresholds_for(card.get("language", ""))
    answer_at = calibration.likeness.answer_at if "taught" in card else fitted.answer_at
    return {"answer": answer_at, "clarify": fitted.clarify_at}


def compared(card: Mapping[str, Any], again: Prediction) -> dict[str, Any]:
    """
    Compare a card with a new reading of its text by its Release.

    Returns:
        `identical`: to the last digit; `difference`: the largest between two numbers, None where more than numbers
        differ; `differs`: the parts of the card that differ by more than reading in a batch explains; and the
        `confidence`, `verdict` and `intent` of the new reading.
    """
    parts = json.loads(json.dumps(reading(again)))  # tuples are lists on a card
    names = [
        *parts,
        *(name for name in ("edition", "taught", "read_as") if name in card.keys() - parts),
    ]
    moved = {name: _difference(card.get(name), parts.get(name)) for name in names}
    largest = max(moved.values())
    return {
        "identical": largest == 0,
        "difference": largest if math.isfinite(largest) else None,
        "differs": [name for name, by in moved.items() if by > TOGETHER],
        "confidence": again.confidence,
        "verdict": str(again.verdict),
        "intent": again.best.intent,
    }


def _difference(one: object, other: object) -> float:
    """Return the largest difference of two numbers at the same place, infinite where anything else differs."""
    match one, other:
        case dict(), dict() if one.keys() == other.keys():
            return max((_difference(one[key], other[key]) for key in one), default=0.0)
        case list(), list() if len(one) == len(other):
            return max(map(_difference, one, other), default=0.0)
        case float(), float():
            return abs(one - other)
        case _:
            return 0.0 if one == other else math.inf
