"""Reports for people: the model card of a Release and the summary of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finetune.evaluation import Evaluation

WEAKEST = 10  # intents shown in a summary


def model_card(report: Mapping[str, Any], evaluation: Evaluation) -> str:
    """Return the README of a Release, in Markdown."""
    return "\n".join(_card(report, evaluation)) + "\n"


def summary(evaluation: Evaluation) -> str:
    """Return what an owner wants to know first, in a few lines of plain text."""
    return "\n".join(_summary(evaluation))


def _card(report: Mapping[str, Any], evaluation: Evaluation) -> Iterator[str]:
    yield "# A Frontdesk Release\n"
    yield (
        f"Learned from {report['examples']:,} examples of {report['intents']} intents "
        f"({report['out_of_scope_examples']} out of scope), {report['templates']} answer templates and "
        f"{report['passages']} knowledge passages. Regime: {report['regime']}.\n"
    )
    for language, promise in report["promises"].items():
        yield f"Promise{f' in {language}' if language else ''}: {promise}.\n"
    yield "## On texts it had not seen\n"
    yield "The thresholds were picked on these texts too, so what is answered will be a little less or a little worse.\n"
    yield "```\n" + summary(evaluation) + "\n```\n"
    yield "![calibration curve](calibration.png)\n"
    yield "## Intents\n"
    yield "| intent | precision | recall | F1 | questions |\n|---|---|---|---|---|"
    for s in sorted(evaluation.intents, key=lambda s: (s.f1, s.intent)):
        yield f"| {s.intent} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | {s.support} |"
    yield "\n## Most confused\n"
    yield "| meant | taken for | times |\n|---|---|---|"
    for c in evaluation.confusions:
        yield f"| {c.truth} | {c.predicted} | {c.count} |"


def _summary(e: Evaluation) -> Iterator[str]:
    yield f"questions            {e.questions:,} ({e.in_scope:,} in scope)"
    yield f"accuracy, in scope   {e.accuracy:.2%}   macro F1 {e.macro_f1:.4f}"
    yield f"answered             {e.coverage:.2%}   of these wrong {e.risk:.2%}"
    if e.out_of_scope_answered is not None:
        yield f"out of scope         {e.out_of_scope_answered:.2%} answered all the same"
    if e.auroc is not None:
        yield f"in or out of scope   AUROC {e.auroc:.4f}"
    if e.kept is not None:
        yield f"80 % of these caught {e.kept:.2%} of the in-scope questions right and kept"
    yield f"calibration error    {e.calibration_error:.4f}"
    weak = sorted(e.intents, key=lambda s: (s.f1, s.intent))[:WEAKEST]
    if weak and weak[0].f1 < 1:
        yield "weakest intents      " + ", ".join(
            f"{s.intent} {s.f1:.2f}" for s in weak if s.f1 < 1
        )
    for c in e.confusions[:3]:
        yield f"confused             {c.truth} taken for {c.predicted}, {c.count} times"
