"""What a Release says about one utterance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from retrieval.enclosures import PAGES

Floats1d = npt.NDArray[np.float32]
Floats2d = npt.NDArray[np.float32]
Ints1d = npt.NDArray[np.int64]
Ints2d = npt.NDArray[np.int64]
Ints3d = npt.NDArray[np.int64]

OUT_OF_SCOPE = ""  # the intent, in every file, of a text that none of the desk's intents covers


class Verdict(StrEnum):
    """How sure is sure, settled by the Release; what to do about it is the policy's."""

    CONFIDENT = "confident"
    AMBIGUOUS = "ambiguous"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    An intent the utterance may have.

    `score` is raw (0 to 1 over the intents); `hands_off`: it asks for a person; `on_offer`: it may be a choice, as
    small talk may not.
    """

    intent: str
    title: str
    score: float
    hands_off: bool = False
    on_offer: bool = True


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training example and its cosine to the utterance."""

    text: str
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True)
class TemplateHit:
    """An answer template and how well it fits the utterance; only fits to one utterance can be compared."""

    template_id: str
    intent: str
    fit: float


@dataclass(frozen=True, slots=True)
class PassageHit:
    """
    A passage of a knowledge page that fits the utterance well enough by one of the Release's fitted thresholds.

    `fit` is a cosine plus what shared words count; `quote` is the piece of `text` that answers, as it stands there, empty
    where the page is worth a look and does not fit well enough to be quoted.
    """

    page: str
    title: str
    heading: str
    text: str
    fit: float
    quote: str
    url: str = ""  # where the page stands on the web, if it does

    @property
    def address(self) -> str:
        """Where a customer can read the page: on the web, or else on the desk's own server, as a path there."""
        return self.url or f"/{PAGES}/{quote(self.page, safe='')}"


@dataclass(frozen=True, slots=True)
class TaughtHit:
    """
    The taught question that settled a reading, and its cosine to the utterance.

    `confidence`: that the two mean the same, as the Release's likeness has it; 1 where their words are the same.
    """

    teaching_id: str
    question: str
    intent: str
    similarity: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Edition:
    """Which teachings were on top of a Release: those up to the event `seq` of the log, `hash` over what they add."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Signals:
    """
    The parts of the confidence, each as the calibration saw it.

    Args of the mind behind them: `probability` of the best intent, its `margin` over the second,
    `similarity` of the nearest example, `agreement` of the nearest examples with the best intent, `energy` (log-sum-exp
    of the intents' scores), `density` (mean cosine of the nearest examples, out-of-scope ones counting nothing),
    `closeness` to the nearest intent's centre, `typicality` (cosine to the middle of all examples), `wording` (share of its
    groups of letters, rare ones counting more, that examples of the best intent hold).
    """

    probability: float
    margin: float
    similarity: float
    agreement: float
    energy: float
    density: float
    closeness: float
    typicality: float
    wording: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """
    The reading of one utterance by one Release.

    `candidates` are the best intents, best first; `confidence` is the calibrated probability that the first is right *and*
    the utterance is in scope: `in_scope`, that it is in scope, times `right`, that the first is right if it is.
    `templates` are ranked by their fit. `passages` may be quoted; where none may, `related` are worth a look, each of a page of its own. `language` says whose thresholds the verdict is by, empty where it is
    by those of all messages. `edition` says what operators had taught since, None where nothing; `taught` what of it
    settled this reading. `mood` is how the vector sounds, -1 to 1, None where the Release has no ear for it. `read_as` is the text with its
    typing errors repaired, where that was read.
    """

    text: str
    verdict: Verdict
    confidence: float
    in_scope: float
    right: float
    candidates: tuple[Candidate, ...]
    templates: tuple[TemplateHit, ...]
    neighbours: tuple[Neighbour, ...]
    passages: tuple[PassageHit, ...]
    signals: Signals
    release: str
    language: str = ""
    edition: Edition | None = None
    taught: TaughtHit | None = None
    mood: float | None = None
    related: tuple[PassageHit, ...] = ()
    read_as: str = ""

    @property
    def best(self) -> Candidate:
        return self.candidates[0]
