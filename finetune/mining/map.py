"""The map of what customers ask: every distinct message a dot, every topic a colour, the largest by name."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from finetune.figures import INK
from finetune.mining.topics import Topic
from retrieval.prediction import Floats2d, Ints1d

DOTS = 4_000  # messages on the map; more would hide each other, and take minutes
NAMED = 45  # topics whose names are tried, the largest first
PERPLEXITY = 30.0  # neighbours that a dot is drawn to; scikit-learn's default
DIRECTIONS = 30  # of the vectors that the projection looks at; the rest is noise and time
GOLDEN = 0.61803398875  # of the circle of hues between one topic and the next smaller one
LINE = 15.0  # pixels that a name is moved by when another one is in its way


def picture(points: Floats2d, topics: Sequence[Topic], seed: int = 0) -> bytes:
    """
    Return a PNG.

    Args:
        points: (n, dim) centred unit vectors of the distinct messages, which the topics' rows number.
    """
    topic_of = np.full(len(points), -1)
    for number, topic in enumerate(topics):
        topic_of[list(topic.rows)] = number
    shown = _shown(topic_of, seed)
    where, topic_of = places(points[shown], seed), topic_of[shown]
    figure = Figure(figsize=(13, 10), dpi=110, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_axis_off()
    colours = _colours(len(topics))
    axes.scatter(where[:, 0], where[:, 1], s=10, c=colours[topic_of], linewidths=0, alpha=0.7)
    messages = sum(topic.size for topic in topics)
    title = f"What customers ask: {len(topics)} topics in {messages:,} messages"
    axes.set_title(title, loc="left", fontsize=15, color=INK, fontweight="bold")
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib types only a part of itself; only then is it known where a name would lie
    taken: list[Bbox] = []
    for number, topic in enumerate(topics[:NAMED]):
        if len(dots := where[topic_of == number]):
            _name(axes, topic.title, _middle(dots), colours[number], taken)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def places(points: Floats2d, seed: int) -> Floats2d:
    """Return (n, 2) positions in which near messages are near: t-SNE over the main directions of the vectors."""
    if len(points) < 4:
        return np.asarray(np.pad(points, ((0, 0), (0, 2)))[:, :2], dtype=np.float32)
    main = PCA(min(DIRECTIONS, *points.shape), random_state=seed).fit_transform(points)
    projection = TSNE(
        perplexity=min(PERPLEXITY, (len(points) - 1) / 3),
        init="pca",
        metric="cosine",
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(projection.fit_transform(main), dtype=np.float32)


def _shown(topic_of: Ints1d, seed: int) -> Ints1d:
    """Return the rows of messages with a topic, or of a fair sample of them."""
    rows = np.flatnonzero(topic_of >= 0)
    return np.sort(np.random.default_rng(seed).permutation(rows)[:DOTS])


def _colours(count: int) -> Floats2d:
    """Return (count, 3), topics of neighbouring size far apart in hue."""
    numbers = np.arange(count)
    hues = (numbers * GOLDEN) % 1
    return np.asarray(hsv_to_rgb(np.c_[hues, np.full(count, 0.72), 0.62 + 0.23 * (numbers % 2)]))


def _middle(dots: Floats2d) -> Floats2d:
    """Return the dot nearest the median of all: a mean may lie between two islands, where nothing is."""
    return np.asarray(dots[np.linalg.norm(dots - np.median(dots, axis=0), axis=1).argmin()])


def _name(
    axes: Axes,
    title: str,
    at: Floats2d,
    colour: Floats2d,
    taken: list[Bbox],
) -> None:
    """Write a topic's name over its dots, a little above or below where another one is in the way, or not at all."""
    for lines in (0, 1, -1, 2, -2, 3, -3):
        text = _written(axes, title, at, lines, colour)
        box = text.get_window_extent().padded(2)
        if not any(box.overlaps(other) for other in taken):
            taken.append(box)
            return
        text.remove()


def _written(axes: Axes, title: str, at: Floats2d, lines: int, colour: Floats2d) -> Text:
    return axes.annotate(
        title,
        (float(at[0]), float(at[1])),
        xytext=(0, lines * LINE),
        textcoords="offset pixels",
        fontsize=9.5,
        fontweight="bold",
        color=tuple(colour * 0.6),
        ha="center",
        va="center",
        bbox={
            "boxstyle": "round,pad=0.12",
            "facecolor": "white",
            "edgecolor": "none",
            "alpha": 0.8,
        },
    )
