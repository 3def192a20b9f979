"""A topic that is proposed: what it is called, how alike its messages are, and which of them say most about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from finetune.examples import normalised
from finetune.mining.clusters import Clusters
from finetune.mining.naming import called
from finetune.mining.variables import masked
from retrieval.prediction import Floats2d

SHOWN = 8  # messages at the centre and at the edge, and groups of near-duplicates, that a person is shown
COMPARED = 2_000  # messages of a topic, from its centre on, among which near-duplicates are sought
TWINS = 0.95  # cosine of messages that say the same in nearly the same words


@dataclass(frozen=True, slots=True)
class Gist:
    """A distinct message: its words, how often it was said, and how often as the opening of a conversation."""

    text: str
    said: int
    opened: int


@dataclass(frozen=True, slots=True)
class Topic:
    """
    A proposed intent.

    `size` counts messages, `distinct` different ones, `opened` conversations that began with it; `spread` is the mean distance
    (1 - cosine) to the centre; `silhouette` says how clearly it is apart from the next topic, `nearest`; `rows` are its
    distinct messages, the most central first.
    """

    name: str
    title: str
    words: tuple[str, ...]
    size: int
    distinct: int
    opened: int
    spread: float
    silhouette: float
    nearest: str
    rows: tuple[int, ...]
    centre: tuple[str, ...]
    edge: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]

    @property
    def description(self) -> str:
        """What the topic is about, in a sentence: its title and its most central message."""
        return f"{self.title}: {self.centre[0]}"

    def as_json(self) -> dict[str, Any]:
        return {
            "intent": self.name,
            "title": self.title,
            "words": list(self.words),
            "messages": self.size,
            "distinct": self.distinct,
            "openings": self.opened,
            "spread": round(self.spread, 4),
            "silhouette": round(self.silhouette, 4),
            "nearest": self.nearest,
            "centre": list(self.centre),
            "edge": list(self.edge),
            "near_duplicates": [list(group) for group in self.twins],
        }


def gists(texts: Iterable[tuple[str, bool]]) -> tuple[list[Gist], list[int]]:
    """
    Return the distinct messages of (text, opens a conversation), and for each message which of them it is.

    Two messages are one if they differ in case, punctuation or numbers alone. It keeps the wording that came first.
    """
    rows: dict[str, int] = {}
    first: list[str] = []
    of: list[int] = []
    openings: list[bool] = []
    for text, opens in texts:
        row = rows.setdefault(key(text), len(first))
        if row == len(first):
            first.append(text)
        of.append(row)
        openings.append(opens)
    said = np.bincount(of, minlength=len(first))
    opened = np.bincount(of, weights=openings, minlength=len(first))
    counts = zip(first, said, opened, strict=True)
    return [Gist(text, int(s), int(o)) for text, s, o in counts], of


def key(text: str) -> str:
    """Return what two messages share that differ in case, punctuation or numbers alone."""
    bare = normalised(masked(text))
    return " ".join(re.findall(r"\w+", bare)) or bare


def topics(
    messages: Sequence[Gist], points: Floats2d, clusters: Clusters, taken: Iterable[str] = ()
) -> list[Topic]:
    """
    Return the topics, the largest cluster's first.

    Args:
        points: (n, dim) unit vectors of the messages, centred.
        taken: names of intents that there are already.
    """
    members = [np.flatnonzero(clusters.of == c) for c in range(len(clusters.centres))]
    names = called([[messages[int(r)].text for r in rows] for rows in members], taken)
    between = clusters.centres @ clusters.centres.T
    np.fill_diagonal(between, -np.inf)
    made = []
    for number, (rows, name) in enumerate(zip(members, names, strict=True)):
        near = points[rows] @ clusters.centres[number]
        order = [int(r) for r in rows[np.argsort(-near, kind="stable")]]
        made.append(
            Topic(
                name=name.name,
                title=name.title,
                words=name.words,
                size=sum(messages[r].said for r in order),
                distinct=len(rows),
                opened=sum(messages[r].opened for r in order),
                spread=float(1 - near.mean()),
                silhouette=float(clusters.silhouettes[rows].mean()),
                nearest=names[int(between[number].argmax())].name if len(names) > 1 else "",
                rows=tuple(order),
                centre=tuple(messages[r].text for r in order[:SHOWN]),
                edge=tuple(messages[r].text for r in order[::-1][:SHOWN] if r not in order[:SHOWN]),
                twins=_twins(messages, points, order),
            )
        )
    return made


def _twins(
    messages: Sequence[Gist], points: Floats2d, order: Sequence[int]
) -> tuple[tuple[str, ...], ...]:
    """Return groups of messages that say the same in nearly the same words, the largest first."""
    left = list(order[:COMPARED])
    groups: list[tuple[str, ...]] = []
    while left:
        near = points[left] @ points[left[0]] >= TWINS
        near[0] = True
        group = [row for row, same in zip(left, near, strict=True) if same]
        left = [row for row, same in zip(left, near, strict=True) if not same]
        if len(group) > 1:
            groups.append(tuple(messages[row].text for row in group))
    return tuple(sorted(groups, key=len, reverse=True)[:SHOWN])


def names_of(made: Sequence[Topic]) -> Mapping[int, str]:
    """Return the topic of each distinct message, by its row."""
    return {row: topic.name for topic in made for row in topic.rows}
