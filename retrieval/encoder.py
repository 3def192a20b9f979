"""
Texts to vectors: the only module that loads sentence-transformers, because its import costs seconds.

An encoder is a folder in sentence-transformers' own layout, so that pooling, normalisation, prompts and
length limit travel with the weights.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer

from retrieval.prediction import Floats2d, Ints1d, Ints3d
from retrieval.terms import placed
from retrieval.words import Words

# Full-width digits, letters and hyphens are read as plain ones; an English encoder knows no others.
WIDE = (range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B), [0xFF0D])
PLAIN = {code: code - 0xFEE0 for codes in WIDE for code in codes}

MAX_TOKENS = (
    128  # a chat message rarely has 60; what is longer is a letter whose start says what it is
)
WITHIN, BEGINS = (
    "##",
    "\u2581",
)  # how pieces of words are marked: WordPiece those within one, others those that begin one
BATCH = 64  # texts; past it CPU throughput is flat and padding grows
ROWS = 2**14  # of a matrix compared at once
PADDING = 400  # characters, some 100 tokens: what they cost is what another forward pass costs

Progress = Callable[[int, int], None]  # (done, total) texts


class Encoder:
    """
    A sentence encoder on the CPU.

    `network` is the trainable module; `encode` is how it is used when nothing is learned.
    """

    def __init__(self, network: SentenceTransformer) -> None:
        self.network = network.eval()
        limit = network.max_seq_length
        network.max_seq_length = min(limit, MAX_TOKENS) if limit else MAX_TOKENS
        _halve_the_vocabulary(network)

    @classmethod
    def load(cls, source: str) -> Encoder:
        """Load from what `retrieval.pretrained.locate` returned."""
        _hush()
        local = Path(source).is_dir()
        # by itself the library would compute in the precision of the file, and CPUs are slow in half
        whole = {"dtype": torch.float32}
        return cls(
            SentenceTransformer(source, device="cpu", local_files_only=local, model_kwargs=whole)
        )

    @property
    def dim(self) -> int:
        width = self.network.get_embedding_dimension()
        assert width is not None  # noqa: S101 - every pooled model knows its width
        return int(width)

    @property
    def prompt(self) -> str | None:
        """What the encoder's makers put before every text, in training and in use; most put nothing."""
        return self.network.prompts.get(self.network.default_prompt_name or "") or None

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words, in lower case, that it reads in one piece."""
        pieces = self.network.tokenizer.get_vocab()
        if any(piece.startswith(WITHIN) for piece in pieces):
            return frozenset(p.casefold() for p in pieces if not p.startswith(WITHIN))
        return frozenset(p[1:].casefold() for p in pieces if p.startswith(BEGINS))

    def save(self, folder: Path) -> None:
        """Write the folder that `load` reads; the same weights give the same bytes."""
        self.network.save_pretrained(str(folder), create_model_card=False)

    def copied(self) -> Encoder:
        """Return a copy whose layers may learn; the tokenizer and a halved vocabulary, which do not, are shared."""
        own = [p for p in self.network.parameters() if p.dtype is torch.half]
        shared = {id(part): part for part in (self.network.tokenizer, *own)}
        return Encoder(copy.deepcopy(self.network, shared))

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Return (n, dim) unit vectors of one batch, with a gradient where one is recorded."""
        return _unit(self._forward(texts))

    def _forward(self, texts: Sequence[str]) -> dict[str, Any]:
        plain = [text.translate(PLAIN) for text in texts]
        return dict(self.network(self.network.preprocess(plain, prompt=self.prompt)))

    def encode(
        self, texts: Sequence[str], *, fast: bool = False, progress: Progress | None = None
    ) -> Floats2d:
        """
        Return (n, dim) unit vectors.

        Args:
            texts: any number; batched by length so that little is padding.
            fast: in bfloat16 where the CPU has it, about twice as quick; for choosing, never for serving.
            progress: told after every batch.
        """
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        done = 0
        with torch.inference_mode(), half_precision(fast):
            for rows in passes([len(text) for text in texts]):
                out[rows] = self.vectors([texts[i] for i in rows]).numpy()
                done += len(rows)
                if progress:
                    progress(done, len(texts))
        return out

    def read(
        self, texts: Sequence[str], language: str, progress: Progress | None = None
    ) -> tuple[Floats2d, list[Words]]:
        """
        Return (n, dim) unit vectors and, of the same forward pass, the words of each text with their vectors.

        Args:
            language: ISO 639-1, see `terms.placed`.
        """
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        words = [Words.none(self.dim)] * len(texts)
        done = 0
        with torch.inference_mode():
            for rows in passes([len(text) for text in texts]):
                batch = [texts[i] for i in rows]
                features = self._forward(batch)
                out[rows] = _unit(features).numpy()
                tokens = features["token_embeddings"].float().numpy()
                for row, text, offsets, vectors in zip(
                    rows, batch, self._offsets(batch), tokens, strict=True
                ):
                    words[row] = Words.of(placed(text, language), offsets, vectors)
                done += len(rows)
                if progress:
                    progress(done, len(texts))
        return out, words

    def _offsets(self, texts: Sequence[str]) -> Ints3d:
        """Return (n, tokens, 2) which characters of its text each token stands for; none (end at most start) for what the prompt or the encoder put there."""
        prompt = self.prompt or ""
        found = self.network.tokenizer(
            [prompt + text.translate(PLAIN) for text in texts],
            return_offsets_mapping=True,
            truncation=True,
            max_length=self.network.max_seq_length,
            padding=True,
        )
        offsets: Ints3d = np.asarray(found["offset_mapping"], dtype=np.int64) - len(prompt)
        return np.maximum(offsets, 0)


def _unit(features: dict[str, Any]) -> torch.Tensor:
    """Return (n, dim) the unit vectors of what the network made."""
    return torch.nn.functional.normalize(features["sentence_embedding"].float(), dim=-1)


def passes(lengths: Sequence[int]) -> Iterator[Ints1d]:
    """
    Yield the rows of each forward pass, shortest texts first; every row is in one of them.

    A pass ends where the next text would stretch the others beyond PADDING characters in all, or at BATCH texts.
    A batch of chat messages of every length is read in three or four passes, a third quicker than in one.
    """
    order = np.argsort(lengths, kind="stable")
    start, padding = 0, 0
    for end in range(1, len(order)):
        padding += (end - start) * (lengths[order[end]] - lengths[order[end - 1]])
        if padding > PADDING or end - start == BATCH:
            yield order[start:end]
            start, padding = end, 0
    if len(order):
        yield order[start:]


def half_precision(wanted: bool) -> AbstractContextManager[Any]:
    """Autocast to bfloat16 where the CPU computes in it; elsewhere it is emulated and far slower."""
    able = bool(torch.cpu._is_avx512_bf16_supported())
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=wanted and able)


def _halve_the_vocabulary(network: SentenceTransformer) -> None:
    """
    Hold the vocabulary's matrix in half precision where that loses nothing, in memory and in what is saved.

    Of an encoder of many languages it is most of the weights, and nothing trains it. What is added to it is in single
    precision, and so is all that comes after.
    """
    model = network.transformers_model
    embedding = model.get_input_embeddings() if model is not None else None
    if isinstance(embedding, torch.nn.Embedding) and embedding.weight.dtype is torch.float:
        whole = embedding.weight.detach()
        half = whole.half()
        pairs = zip(torch.split(half, ROWS), torch.split(whole, ROWS), strict=True)
        if all(torch.equal(one.float(), other) for one, other in pairs):
            embedding.weight = torch.nn.Parameter(half, requires_grad=False)


def _hush() -> None:
    # A library that draws bars and prints advice on stdout breaks `--json`.
    loud: Any = transformers.utils.logging  # untyped
    loud.disable_progress_bar()
    loud.set_verbosity_error()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)  # it warns of every prompt
