"""
The plans to try: the default first, then what a seeded search proposes after what it has heard.

optuna's tree-structured Parzen estimator (Bergstra et al. 2011, https://papers.nips.cc/paper/4443) needs a few dozen
trials to be worth more than chance; on a small desk a few minutes give as many.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finetune.training import Plan

if TYPE_CHECKING:
    from optuna import Study, Trial

FEW = 2_000  # examples; below, each is seen more often, for there are fewer to teach each other
MANY = 5_000
RATE = 2e-4  # learning rate of the layers themselves
LOW_RANK_RATE = 2e-3  # of additions of low rank, which begin at nothing
SLIPS = (
    0.5  # of the texts of a small set are read with a slip of the fingers; a large one has its own
)


class Search:
    """Proposes plans; `hear` says how good the last one was."""

    def __init__(self, default: Plan, layers: int, seed: int) -> None:
        self._default = default
        self._layers = layers
        self._seed = seed
        self._study: Study | None = None
        self._trial: Trial | None = None

    def next(self) -> Plan:
        """Return a plan to try."""
        if self._study is None:
            return self._default
        self._trial = self._study.ask()
        return self._drawn(self._trial)

    def hear(self, loss: float) -> None:
        """Take in how the plan that was proposed last did; lower is better."""
        if self._study is None:
            self._study = self._opened(loss)
        elif self._trial is not None:
            self._study.tell(self._trial, loss)

    def _opened(self, loss: float) -> Study:
        import optuna  # half a second, and most trainings search nothing

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=self._seed))
        study.enqueue_trial(_parameters(self._default))
        first = study.ask()
        self._drawn(first)
        study.tell(first, loss)
        return study

    def _drawn(self, trial: Trial) -> Plan:
        return Plan(
            epochs=trial.suggest_int("epochs", 2, 10),
            rate=trial.suggest_float("rate", 5e-5, 4e-3, log=True),
            layers=trial.suggest_int("layers", 1, self._layers),
            batch=trial.suggest_categorical("batch", [16, 32, 64]),
            rank=self._default.rank,
            slips=trial.suggest_categorical("slips", [0.0, SLIPS]),
        )


def default_plan(layers: int, examples: int, rank: int = 0) -> Plan:
    """Return the plan that won on average over sets of this size (LOG.md)."""
    epochs = 6 if examples < FEW else 4 if examples < MANY else 3
    rate = LOW_RANK_RATE if rank else RATE
    slips = SLIPS if examples < FEW else 0.0
    return Plan(epochs=epochs, rate=rate, layers=max(1, layers // 2), rank=rank, slips=slips)


def student_plan(plan: Plan, texts: int) -> Plan:
    """
    Return the plan for learning anew from examples and guesses together, `texts` in all.

    The guesses repeat what the teacher knows: once through thousands of them is enough, and customers made the slips.
    """
    return replace(plan, epochs=min(plan.epochs, max(1, round(MANY / texts))), slips=0.0)


def _parameters(plan: Plan) -> dict[str, int | float]:
    return {
        "epochs": plan.epochs,
        "rate": plan.rate,
        "layers": plan.layers,
        "batch": plan.batch,
        "slips": plan.slips,
    }
