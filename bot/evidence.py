"""The evidence card of a decision: what the Release saw, kept so that it can be recomputed."""

from __future__ import annotations

import json
from dataclasses import asdict

from bot.dialogue import Speech
from retrieval.prediction import Prediction

NEIGHBOURS = 5  # examples shown; more are not read


def card(speech: Speech, prediction: Prediction | None, *, read: str, chosen: str) -> str:
    """
    Return the card as JSON.

    Args:
        read: the message id of the utterance that was read; a choice is judged by the one it is about.
        chosen: the choice that was made, or empty.
    """
    body: dict[str, object] = {"reason": str(speech.reason), "read": read}
    if chosen:
        body["chosen"] = chosen
    if prediction is not None:
        body |= _reading(prediction)
    return json.dumps(body, ensure_ascii=False, allow_nan=False)


def _reading(prediction: Prediction) -> dict[str, object]:
    return {
        "release": prediction.release,
        "verdict": str(prediction.verdict),
        "confidence": float(prediction.confidence),
        "candidates": [asdict(candidate) for candidate in prediction.candidates],
        "signals": asdict(prediction.signals),
        "neighbours": [asdict(neighbour) for neighbour in prediction.neighbours[:NEIGHBOURS]],
        "templates": [asdict(hit) for hit in prediction.templates[:NEIGHBOURS]],
        "passages": [
            {"page": hit.page, "heading": hit.heading, "similarity": hit.similarity}
            for hit in prediction.passages
        ],
    }
