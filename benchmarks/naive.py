"""
The loop that one would write first, as the measure for the server: one message after the other, nothing shared.

Each message is encoded by sentence-transformers' own `encode`, classified by the Release's head, looked up among the
Release's examples with FAISS, and written into SQLite with one commit (`synchronous=FULL`, the same journal as the
server's). It gets what helps the server too: one FAISS thread and OMP_WAIT_POLICY=PASSIVE, without which it is five times
slower on a busy machine. There is no HTTP, no history, no policy, no calibrated confidence, no answer, no second and third record.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

NEIGHBOURS = 8  # as many as the server asks


class Naive:
    """The loop with its own encoder, head, index and database, in this process."""

    def __init__(self, release: Path, database: Path) -> None:
        tensors = load_file(release / "vectors.safetensors")
        self._network = SentenceTransformer(
            str(release / "encoder"), device="cpu", local_files_only=True
        )
        self._mean, self._weight = tensors["mean"], tensors["head.weight"]
        self._bias = tensors["head.bias"]
        intents = json.loads((release / "intents.json").read_text(encoding="utf-8"))
        self._classes = intents["classes"]
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexFlatIP(tensors["examples"].shape[1])
        self._index.add(tensors["examples"])
        self._rows = sqlite3.connect(database)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=FULL")
        self._rows.execute("CREATE TABLE turns (text TEXT, intent TEXT, score REAL, near TEXT)")

    def run(self, texts: Sequence[str]) -> list[float]:
        """Handle the texts and return the seconds each took."""
        return [self._timed(text) for text in texts]

    def _timed(self, text: str) -> float:
        begun = time.perf_counter()
        self._handle(text)
        return time.perf_counter() - begun

    def _handle(self, text: str) -> None:
        vector = self._network.encode([text], normalize_embeddings=True, show_progress_bar=False)
        point = vector - self._mean
        point /= np.linalg.norm(point)
        scores = (point @ self._weight.T + self._bias)[0]
        powers = np.exp(scores - scores.max())
        best = int(scores.argmax())
        similarities, rows = self._index.search(point, NEIGHBOURS)
        near = json.dumps([similarities[0].tolist(), rows[0].tolist()])
        row = (text, self._classes[best], float(powers[best] / powers.sum()), near)
        with self._rows:
            self._rows.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        self._rows.close()
