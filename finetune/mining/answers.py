"""
Operators' replies as proposed answers: what differs between customers becomes a variable, what is said alike one template.

A proposal is no answer yet. Its `"state"` is `"draft"`, and no Release is built with it until a person has made that `"live"`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from finetune.mining.speech import Reply
from finetune.mining.variables import replaced
from retrieval.prediction import Floats2d
from retrieval.templates import State, Template, TemplateError
from retrieval.variables import VARIABLES

ALIKE = 0.8  # cosine of replies that say the same
PROPOSED = 3  # templates of an intent, at most
SHARED = 0.5  # of the replies that are alike must have a word, or it is a detail of some
SHORTEST = 4  # words of a reply that answers something

_GREETED = re.compile(
    r"^(?P<hello>(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))) (?P<name>[A-Z][\w'-]+)(?=[,.!])",
    re.I,
)
_NAMED = re.compile(r" (?:\{\{ name \}\})")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A template that a person has to approve, and how many replies say it."""

    template: Template
    replies: int


def with_variables(reply: Reply) -> str:
    """Return the reply with its customer's particulars as variables of the template language."""
    text = _without_names(reply)
    text = replaced(text, lambda kind: "{{ " + kind + " }}")
    return re.sub(r"(\{\{ \w+ \}\})(?: \1)+", r"\1", text)


def proposed(
    intent: str, title: str, questions: Sequence[str], replies: Sequence[str], vectors: Floats2d
) -> list[Proposal]:
    """
    Return the templates that these replies to one intent suggest, the most often said first.

    Args:
        replies: with variables in them.
        vectors: (n, dim) unit vectors of the replies.
    """
    proposals = []
    for number, rows in enumerate(_groups(vectors), start=1):
        said = [replies[row] for row in rows]
        text = shared(said)
        template = Template(
            id=intent if number == 1 else f"{intent}.{number}",
            intent=intent,
            text=_optional_name(text),
            title=title,
            questions=tuple(questions) if number == 1 else (),
            needs=frozenset(_variables(text) - {"name"}),
            state=State.DRAFT,
        )
        if _sound(template):
            proposals.append(Proposal(template, len(rows)))
    return proposals


def shared(said: Sequence[str]) -> str:
    """Return the first text, in which words that fewer than half of the others have became `{{ detail }}`."""
    words = said[0].split()
    if len(said) < 3:  # of two, nobody can say which one is the exception
        return said[0]
    common: Counter[int] = Counter()
    for other in said[1:]:
        matcher = SequenceMatcher(None, words, other.split(), autojunk=False)
        common.update(
            row for m in matcher.get_matching_blocks() for row in range(m.a, m.a + m.size)
        )
    agreed = [common[row] >= SHARED * (len(said) - 1) for row in range(len(words))]
    if sum(agreed) < len(words) / 2:  # they say the same in other words: nothing can be aligned
        return said[0]
    return _with_details(words, agreed)


def row(proposal: Proposal) -> Mapping[str, object]:
    """Return what stands beside a template's own fields in the file."""
    unknown = sorted(_variables(proposal.template.text) - VARIABLES)
    return {"said": proposal.replies, "to_fill_in": unknown}


def _with_details(words: Sequence[str], agreed: Sequence[bool]) -> str:
    out: list[str] = []
    for word, common in zip(words, agreed, strict=True):
        if common or "{{" in word or "}}" in word:
            out.append(word)
        elif not out or not out[-1].startswith("{{ detail }}"):
            out.append("{{ detail }}")
        if not common and word[-1] in ".,!?" and out[-1] == "{{ detail }}":
            out[-1] += word[-1]
    return " ".join(out)


def _without_names(reply: Reply) -> str:
    text = reply.text
    for name, variable in ((reply.customer, "name"), (reply.operator, "operator")):
        for part in (name, name.split()[0] if name.split() else ""):
            if len(part) > 1:
                text = re.sub(rf"\b{re.escape(part)}\b", "{{ " + variable + " }}", text)
    return _GREETED.sub(r"\g<hello> {{ name }}", text)


def _optional_name(text: str) -> str:
    """A name is left out where it is not known, with the space before it."""
    return _NAMED.sub("{% if name %} {{ name }}{% endif %}", text)


def _variables(text: str) -> set[str]:
    return set(re.findall(r"\{\{ (\w+) \}\}", text))


def _sound(template: Template) -> bool:
    try:
        template.parse()
    except TemplateError:  # somebody wrote braces of their own
        return False
    return len(re.findall(r"\w+", template.text)) >= SHORTEST


def _groups(vectors: Floats2d) -> list[list[int]]:
    """Return the rows of replies that were given more than once, or of the one most like all others."""
    often = [rows for rows in _alike(vectors) if len(rows) > 1][:PROPOSED]
    return often or [[int((vectors @ vectors.mean(axis=0)).argmax())]]


def _alike(vectors: Floats2d) -> list[list[int]]:
    """Return the rows of replies that say the same, the largest group first, each beginning with its middle."""
    left = np.ones(len(vectors), dtype=bool)
    near = vectors @ vectors.T >= ALIKE
    groups = []
    while left.any():
        counts = (near & left[None, :]).sum(axis=1) * left
        middle = int(counts.argmax())
        rows = np.flatnonzero(near[middle] & left)
        groups.append([middle, *(int(r) for r in rows if r != middle)])
        left[rows] = False
        left[middle] = False
    return groups
