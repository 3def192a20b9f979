"""
Labels that are probably wrong, found while a Release is made and kept with it, for people to look at.

They are what `frontdesk lint` suspects (`finetune.lint`), among everything that is learned on somebody's word: the desk's files and what
operators labelled. What customers' thumbs and taps teach has no label that somebody gave.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from finetune.examples import Example
from finetune.lint import suspected
from finetune.linting import unseen_of
from retrieval.prediction import Floats2d

SUSPECTS = "suspects.jsonl"  # in the folder of a Release; one that is older has none
MOST = 200  # kept, the most doubtful; nobody reads more before the next Release


def record(examples: Sequence[Example], points: Floats2d) -> bytes:
    """
    Return the file of the labels that are probably wrong, the most doubtful first.

    Args:
        points: (n, dim) centred unit vectors of the frozen encoder.
    """
    rows = [row for row, e in enumerate(examples) if e.weight >= 1 and not e.hint]
    given = [replace(examples[row], fair=True) for row in rows]
    unseen = unseen_of(given, points[rows])
    told = (
        {
            "text": one.example.text,
            "intent": one.example.intent,
            "place": one.example.place,
            "given": round(one.given, 4),
            "proposed": one.proposed,
            "probability": round(one.probability, 4),
        }
        for one in (suspected(unseen) if unseen else ())
    )
    return "".join(
        json.dumps(row, ensure_ascii=False) + "\n" for row in islice(told, MOST)
    ).encode()
