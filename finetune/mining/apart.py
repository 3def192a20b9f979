"""
A look for new topics in a process of its own, at the end of a night: `python -m finetune.mining.apart`, given its job in a line of
JSON, answers with one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from finetune import bounds
from finetune.bounds import Bounds
from finetune.mining.looking import keep_failure, look
from finetune.progress import People
from finetune.sentences import EXPECTED, Failed, sentence

NO_MEMORY = "there was not memory enough to look for new topics."


@dataclass(frozen=True, slots=True)
class Job:
    """Where to look, and the encoder to read with."""

    desk: str
    encoder: str
    hub: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """How a look ended: topics that were `found` among so many wordings, a `note` why there is none, or why it `failed`."""

    found: int = 0
    looked_at: int = 0
    note: str = ""
    failed: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        return cls(len(kept["topics"]), kept["looked_at"], kept["note"])

    @property
    def sentence(self) -> str:
        if self.failed:
            return f"New topics could not be looked for, and the night is what it is: {self.failed}"
        return self.note or f"{self.found} new topics in {self.looked_at:,} unanswered questions."

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def look_apart(job: Job, within: Bounds) -> Looked:
    """Look in another process. Whatever goes wrong is in what it returns, and with the desk for the console to say."""
    try:
        return _looked(job, within)
    except (*EXPECTED, OSError, ValueError) as error:
        why = sentence(error)
        keep_failure(Path(job.desk), datetime.now(UTC), why)
        return Looked(failed=why)


def _looked(job: Job, within: Bounds) -> Looked:
    command = (sys.executable, "-m", "finetune.mining.apart")
    looked = Looked(
        **json.loads(bounds.answered(command, json.dumps(asdict(job)).encode(), within))
    )
    if looked.failed:
        raise Failed(looked.failed)
    return looked


def main() -> None:
    """Look here; for the process that `look_apart` starts."""
    bounds.answer_whoever_started_it(lambda job: _here(Job(**job)).as_json())


def _here(job: Job) -> Looked:
    try:
        kept = look(
            Path(job.desk),
            job.encoder,
            hub=job.hub,
            clock=lambda: datetime.now(UTC),
            watch=People(),
        )
    except (*EXPECTED, OSError) as error:
        return Looked(failed=sentence(error))
    except MemoryError:
        return Looked(failed=NO_MEMORY)
    return Looked.of(kept)


if __name__ == "__main__":
    main()
