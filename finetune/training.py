"""
Fine-tuning the encoder together with its head, and to other courses beside, each with a head of its own.

The upper layers learn the desk's own distinctions; embeddings and lower layers, which hold the language, stay as
they are. The head starts from the logistic regression over the frozen vectors, so the first gradients that reach the
encoder already come from a good classifier and do not tear its features apart (Kumar et al. 2022,
https://arxiv.org/abs/2202.10054). Figures behind the defaults: LOG.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from finetune.courses import Course
from finetune.fitting import prior
from finetune.slips import slipped
from retrieval.centre import Centre
from retrieval.encoder import Encoder, half_precision
from retrieval.head import Head
from retrieval.prediction import Ints1d

WARM_UP = 0.1  # of the steps, until the learning rate is reached
HEAD_RATE = 1e-2  # learning rate of the head: it has no knowledge to lose
CLIP = 1.0  # gradient norm
BUCKET = 8  # batches whose texts are sorted by length together: little padding, still mixed

Advance = Callable[[int, int], None]  # (steps done, steps in all)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How to fine-tune.

    `layers` are the uppermost ones that learn; `rate` is the encoder's learning rate; a share `slips` of the texts is
    read with a slip of the fingers. With a `rank` the layers stay as they are and learn an addition of that rank to each
    of their matrices (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685), which is added to them in the end.
    """

    epochs: int
    rate: float
    layers: int
    batch: int = 32
    rank: int = 0
    slips: float = 0.0


def fine_tune(
    encoder: Encoder,
    course: Course,
    centre: Centre,
    plan: Plan,
    seed: int,
    advance: Advance = lambda done, total: None,
    beside: Sequence[Course] = (),
) -> tuple[Encoder, Head]:
    """
    Return a copy of the encoder that is tuned to a course, and the head that was learned with it.

    Args:
        centre: taken out of the vectors, fixed.
        seed: of batches and dropout; the same machine gives the same weights.
        beside: what the encoder learns as well, text by text in the same batches, each course with a head of its own that is not kept.
    """
    torch.manual_seed(seed)
    tuned = encoder.copied()
    _unfreeze(tuned, plan.layers)
    make_part = _adapt(tuned, plan)
    learning = [p for p in tuned.network.parameters() if p.requires_grad]
    courses = (course, *beside)
    texts = [text for one in courses for text in one.texts]
    ends = np.cumsum([len(one.texts) for one in courses]).tolist()
    subjects = [_Subject(one, end) for one, end in zip(courses, ends, strict=True)]
    heads = [p for subject in subjects for p in subject.linear.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": learning, "lr": plan.rate}, {"params": heads, "lr": HEAD_RATE}],
        weight_decay=0.01,
    )
    rng = np.random.default_rng(seed)
    batches = list(_batches(texts, plan, rng))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(batches)))
    mean, directions = torch.from_numpy(centre.mean), torch.from_numpy(centre.directions)
    tuned.network.train()
    for step, rows in enumerate(batches, start=1):
        with half_precision(True):
            vectors = tuned.vectors(_typed([texts[row] for row in rows], plan, rng))  # (batch, dim)
        moved = vectors - mean
        points = torch.nn.functional.normalize(moved - moved @ directions.T @ directions, dim=-1)
        losses = torch.cat([subject.losses(points, rows) for subject in subjects])  # (batch,)
        losses.mean().backward()  # type: ignore[no-untyped-call]  # torch
        torch.nn.utils.clip_grad_norm_(learning, CLIP)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        advance(step, len(batches))
    make_part()
    tuned.network.eval()
    return tuned, subjects[0].head()


class _Subject:
    """A course with its linear layer, which starts from the logistic regression; its texts are the last before row `end` of all."""

    def __init__(self, course: Course, end: int) -> None:
        self._classes = tuple(course.classes)
        self._rows = end - len(course.texts), end
        self._truth = torch.from_numpy(course.targets)
        self._trust = torch.from_numpy(course.weights)
        self._often = torch.from_numpy(prior(course.targets, course.weights))
        self.linear = _linear(course.head())

    def losses(self, points: torch.Tensor, rows: Ints1d) -> torch.Tensor:
        """Return the loss of each of the rows (batch,) that is a text of this course, whose points are (batch, dim)."""
        first, end = self._rows
        place = np.flatnonzero((first <= rows) & (rows < end))
        own = rows[place] - first
        scores = self.linear(points[place]) + self._often
        losses = torch.nn.functional.cross_entropy(scores, self._truth[own], reduction="none")
        return losses * self._trust[own]

    def head(self) -> Head:
        linear = self.linear
        return Head(self._classes, linear.weight.detach().numpy(), linear.bias.detach().numpy())


def depth(encoder: Encoder) -> int:
    """Return how many transformer layers the encoder has."""
    return len(_layers(encoder))


def _layers(encoder: Encoder) -> torch.nn.ModuleList:
    stacks = [m for m in encoder.network.modules() if isinstance(m, torch.nn.ModuleList)]
    return max(stacks, key=len)  # whatever the family calls it, the layers are its longest list


def _unfreeze(encoder: Encoder, layers: int) -> None:
    encoder.network.requires_grad_(False)
    for layer in list(_layers(encoder))[-layers:]:
        layer.requires_grad_(True)


def _adapt(encoder: Encoder, plan: Plan) -> Callable[[], object]:
    """Let additions of low rank learn in place of the layers' own matrices; return what makes them part of these."""
    if not plan.rank:
        return lambda: None
    from peft import LoraConfig, get_peft_model  # seconds, and few ask for it

    network = encoder.network.transformers_model
    assert network is not None  # noqa: S101 - its layers were just unfrozen
    learning = [
        name
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and module.weight.requires_grad
    ]
    config = LoraConfig(
        r=plan.rank, lora_alpha=2 * plan.rank, lora_dropout=0.1, target_modules=learning
    )
    with warnings.catch_warnings():
        # peft 0.21 asks transformers 5 for an attribute under its old name
        warnings.simplefilter("ignore", FutureWarning)
        adapted = get_peft_model(network, config)
    return adapted.merge_and_unload


def _linear(head: Head) -> torch.nn.Linear:
    linear = torch.nn.Linear(head.weight.shape[1], head.weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(head.weight))
        linear.bias.copy_(torch.from_numpy(head.bias))
    return linear


def _batches(texts: Sequence[str], plan: Plan, rng: np.random.Generator) -> Iterator[Ints1d]:
    lengths = np.asarray([len(text) for text in texts])
    for _ in range(plan.epochs):
        order = rng.permutation(len(texts))
        epoch: list[Ints1d] = []
        for start in range(0, len(order), plan.batch * BUCKET):
            bucket = order[start : start + plan.batch * BUCKET]
            bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
            epoch += [bucket[i : i + plan.batch] for i in range(0, len(bucket), plan.batch)]
        for number in rng.permutation(len(epoch)):
            yield epoch[number]


def _typed(texts: Sequence[str], plan: Plan, rng: np.random.Generator) -> list[str]:
    return [slipped(text, rng) if rng.random() < plan.slips else text for text in texts]


def _rate(step: int, steps: int) -> float:
    rising = (step + 1) / max(1.0, WARM_UP * steps)
    falling = (steps - step) / max(1.0, (1 - WARM_UP) * steps)
    return float(min(rising, falling, 1.0))
