"""JSON Lines that only grow: whole lines, whatever a crash left before."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.lines import append, rows


def test_lines_come_back_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    assert list(rows(file)) == []
    for number in (1, 2):
        append(file, {"n": number, "said": "größer\n"})
    assert [row["n"] for row in rows(file)] == [1, 2]
    assert file.read_text().count("\n") == 2


@pytest.mark.parametrize("torn", [b'{"n": 2', b"\xff\xfe", b"[1]\n", b"\n\n"])
def test_what_a_crash_tore_is_passed_over(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "lines.jsonl"
    append(file, {"n": 1})
    with file.open("ab") as stream:
        stream.write(torn)
    append(file, {"n": 3})
    assert [row["n"] for row in rows(file)] == [1, 3]
