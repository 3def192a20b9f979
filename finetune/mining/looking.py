"""
Looking for new topics: among what stands in a desk's log, and what is kept of it in its topics.json for the console.

A look that fails leaves what the last one found, and beside it when and why it failed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from finetune.desks import refuse_no_desk
from finetune.files import whole
from finetune.mining.errors import TooFewRequests, Unreadable
from finetune.mining.unanswered import Unanswered
from finetune.progress import Watch
from finetune.sentences import sentence

TOPICS = "topics.json"  # in the desk's folder; `bot.topics` reads it
CHAMPION, LOG = "champion", "desk.db"


def has_anything(desk: Path) -> bool:
    """Whether the desk has what a look needs: a Release, and a log."""
    return (desk / CHAMPION).is_dir() and (desk / LOG).is_file()


def look(
    desk: Path, encoder: str, *, hub: bool, clock: Callable[[], datetime], watch: Watch
) -> dict[str, Any]:
    """
    Look for new topics, and keep and return what was found: `topics`, how many wordings were `looked_at`, `at`, `release`, and a `note`
    that says why there is none, where that can be told.

    Raises:
        DeskIncomplete, Unreadable: there is no desk, no Release or no log.
        LogError, ReleaseRefused, EncoderUnavailable: one of them cannot be read.
    """
    _refuse_unready(desk)
    unanswered = Unanswered.of(desk / LOG)
    found: dict[str, Any] = {
        "at": clock().isoformat(timespec="seconds"),
        "release": (desk / CHAMPION).resolve().name,
        "looked_at": len(unanswered.tickets),
        "note": "",
        "topics": [],
    }
    try:
        unanswered.refuse_too_few()
        found |= _proposed(desk, encoder, hub, unanswered, watch)
    except TooFewRequests as few:
        found["note"] = sentence(few)
    _keep(desk, found)
    return found


def keep_failure(desk: Path, at: datetime, why: str) -> None:
    """Put beside what was found last that a look failed; a disk that is full keeps nothing of it."""
    failed = {"at": at.isoformat(timespec="seconds"), "why": why}
    with contextlib.suppress(OSError):
        _keep(desk, {**_kept(desk), "failed": failed})


def _refuse_unready(desk: Path) -> None:
    refuse_no_desk(desk)
    if not (desk / CHAMPION).is_dir():
        raise Unreadable(
            f"{desk} has no Release yet; make one with: frontdesk retrain --desk {desk}"
        )
    if not (desk / LOG).is_file():
        raise Unreadable(f"{desk} has no log yet: serve it or import conversations")


def _proposed(
    desk: Path, encoder: str, hub: bool, unanswered: Unanswered, watch: Watch
) -> dict[str, Any]:
    from finetune.mining.known import Known  # torch: only where there is something to read
    from finetune.mining.proposing import new_topics
    from finetune.reading import base_model
    from retrieval.sealing import load

    known = Known(load((desk / CHAMPION).resolve()))
    topics = new_topics(unanswered, base_model(encoder, hub=hub), known, watch)
    return {"release": known.release.hash, "topics": [topic.as_json() for topic in topics]}


def _keep(desk: Path, found: dict[str, Any]) -> None:
    with whole(desk / TOPICS) as file:
        file.write_text(json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")


def _kept(desk: Path) -> dict[str, Any]:
    try:
        found = json.loads((desk / TOPICS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # never looked for, or damaged
        return {}
    return found if isinstance(found, dict) else {}
