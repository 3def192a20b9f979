"""
The contest in a process of its own: `python -m finetune.apart`, given its job in a line of JSON, answers with one.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune import bounds
from finetune.bounds import Bounds
from finetune.night import Contest
from finetune.sentences import EXPECTED, Failed, sentence


@dataclass(frozen=True, slots=True)
class Job:
    """What to train, and how: the fields of `finetune.build.Options`, which need torch to be named here."""

    desk: str
    encoder: str
    risk: float
    fast: bool
    seed: int
    hub: bool
    relabelled: bool


def contest_apart(job: Job, within: Bounds) -> Contest:
    """
    Hold the contest in another process.

    Raises:
        OutOfBounds: it took too long or too much memory, or ended by itself.
        Failed: its own sentence.
    """
    command = (sys.executable, "-m", "finetune.apart")
    answer = json.loads(bounds.answered(command, json.dumps(asdict(job)).encode(), within))
    if "failed" in answer:
        raise Failed(answer["failed"])
    return Contest(**answer)


def main() -> None:
    """Hold the contest here; for the process that `contest_apart` starts."""
    bounds.answer_whoever_started_it(lambda job: _answer(Job(**job)))


def _answer(job: Job) -> dict[str, Any]:
    from finetune.build import Options  # torch: only in this process
    from finetune.nightly import contest
    from finetune.progress import People

    options = Options(job.encoder, job.risk, job.fast, seed=job.seed, hub=job.hub)
    try:
        found = contest(
            Path(job.desk),
            options,
            lambda: datetime.now(UTC),
            People(),
            relabelled=job.relabelled,
        )
    except (*EXPECTED, OSError) as error:
        return {"failed": sentence(error)}
    except MemoryError:
        smaller = "" if job.fast else "with --fast, or "
        return {
            "failed": f"there was not memory enough to train; train {smaller}on a larger machine."
        }
    return found.as_json()


if __name__ == "__main__":
    main()
