"""
A head that tells a desk's templates apart.

Nobody labels examples with templates, only with intents. So each example is given to the template of its intent whose own questions
it is most like, and the head learns from these together with the questions themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from finetune.examples import Example
from finetune.fitting import fit_head, one_hot
from retrieval.prediction import Floats2d
from retrieval.ranking import Answers, Ranking
from retrieval.templates import Template

MANY = 500  # templates, from which a head over them takes minutes to fit


def with_head(
    templates: Sequence[Template],
    question_points: Floats2d,
    examples: Sequence[Example],
    points: Floats2d,
    language: str,
) -> Answers:
    """
    Return the answers of a desk with their head, without one where they are too many, or where no intent has two.

    Args:
        question_points: (questions, dim) of the templates, in their order.
        points: (examples, dim).
    """
    plain = Answers(templates, question_points)
    of_intent: dict[str, list[int]] = {}
    for row, template in enumerate(templates):
        of_intent.setdefault(template.intent, []).append(row)
    if len(templates) > MANY or len(templates) == len(of_intent):
        return plain
    given = _given(plain, of_intent, examples, points, language)
    names = [template.id for template in templates]
    kept = sorted(given)
    asked = [names[row] for row, t in enumerate(templates) for _ in t.questions]
    named = [*asked, *(names[given[row]] for row in kept)]
    head = fit_head(
        np.vstack([question_points, points[kept]]),
        names,
        one_hot(names, named),
        np.ones(len(named), dtype=np.float32),
    )
    return Answers(templates, question_points, head)


def _given(
    plain: Answers,
    of_intent: Mapping[str, Sequence[int]],
    examples: Sequence[Example],
    points: Floats2d,
    language: str,
) -> dict[int, int]:
    """Return the row of the template that each example is given to, by the example's row."""
    ranking = Ranking(plain, sorted(of_intent), language)
    own = set(plain.questions)
    given = {}
    for row, example in enumerate(examples):
        rows = np.asarray(of_intent.get(example.intent, []), dtype=np.int64)
        if len(rows) and not example.hint and example.text not in own:
            likeness = ranking.of_questions(example.text, points[row], rows)
            given[row] = int(rows[likeness.argmax()])
    return given
