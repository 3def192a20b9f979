"""Predicting file in, file out."""

from __future__ import annotations

import csv
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from finetune.examples import Example, ExamplesError
from finetune.progress import Nobody
from finetune.serving import ADDED, outcomes, predict_file, refuse_unknown
from retrieval.prediction import OUT_OF_SCOPE, Verdict
from retrieval.release import Release
from tests import tiny


def predicted(release: Release, source: Path) -> list[dict[str, str]]:
    target = source.with_name("out.csv")
    count = predict_file(release, source, target, Nobody())
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == count
    return rows


def written(folder: Path, name: str, data: str) -> Path:
    file = folder / name
    file.write_bytes(data.encode())
    return file


@contextmanager
def full_disk(free: int) -> Iterator[None]:
    """No file grows past `free` bytes, which is how a full disk looks to who writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_rows_and_columns_stay_as_they_were(tiny_release: Release, tmp_path: Path) -> None:
    source = written(
        tmp_path,
        "in.csv",
        '\ufeffid,text,note\r\n7,where is my order,"a, ""b"""\r\n\r\n3,,none\r\n5,"the zip\nis broken",\r\n',
    )
    rows = predicted(tiny_release, source)
    assert list(rows[0]) == ["id", "text", "note", *ADDED]
    assert [row["id"] for row in rows] == ["7", "3", "5"]
    assert [row["note"] for row in rows] == ['a, "b"', "none", ""]
    assert rows[2]["text"] == "the zip\nis broken"


def test_what_is_added_is_what_the_release_says(tiny_release: Release, tmp_path: Path) -> None:
    texts = [e.text for e in tiny.examples()]
    rows = predicted(tiny_release, written(tmp_path, "in.csv", "\n".join(["text", *texts])))
    for row, p in zip(rows, tiny_release.read(texts), strict=True):
        assert row["predicted"] == p.best.intent
        assert float(row["confidence"]) == pytest.approx(p.confidence, abs=1e-5)
        assert row["answered"] == str(int(p.verdict is Verdict.CONFIDENT))


def test_old_predictions_are_replaced_and_not_repeated(
    tiny_release: Release, tmp_path: Path
) -> None:
    source = written(tmp_path, "in.csv", "text,predicted,answered\nwhere is my order,wrong,9\n")
    [row] = predicted(tiny_release, source)
    assert list(row) == ["text", *ADDED]
    assert row["predicted"] == "order_status"


def test_no_row_of_jsonl_breaks_the_output(tiny_release: Release, tmp_path: Path) -> None:
    rows = [
        {"text": "where is my order", "note": "half \ud83e pair", "n": 1},
        {"text": "hi \ud800", "note": None},
        {"note": "no text at all"},
        {"text": None},
        {"text": ["a", "list"], "note": {"a": 1}},
        {"text": "where is my order " * 60_000},
        {"text": "\u2028\x00"},
    ]
    source = written(tmp_path, "in.jsonl", "\n".join(json.dumps(row) for row in rows))
    target = tmp_path / "out.csv"
    assert predict_file(tiny_release, source, target, Nobody()) == len(rows)
    out = target.read_text(encoding="utf-8")
    assert out.startswith("text,note,n,predicted,confidence,answered\n")
    assert "half ? pair,1," in out


def test_the_output_may_be_the_input(tiny_release: Release, tmp_path: Path) -> None:
    file = written(tmp_path, "in.csv", "text\nwhere is my order\n")
    predict_file(tiny_release, file, file, Nobody())
    assert file.read_text().startswith(
        "text,predicted,confidence,answered\nwhere is my order,order"
    )


def test_a_full_disk_leaves_the_old_output_and_nothing_else(
    tiny_release: Release, tmp_path: Path
) -> None:
    source = written(tmp_path, "in.csv", "text,note\n" + f"hello,{'x' * 900}\n" * 40)
    target = written(tmp_path, "out.csv", "the old one")
    with full_disk(8192):
        with pytest.raises(ExamplesError, match=r"out\.csv cannot be written: File too large"):
            predict_file(tiny_release, source, target, Nobody())
    assert target.read_text() == "the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize("place", ["missing/out.csv", "in.csv/out.csv"])
def test_an_output_that_cannot_be_is_refused(
    tiny_release: Release, tmp_path: Path, place: str
) -> None:
    source = written(tmp_path, "in.csv", "text\nhello\n")
    with pytest.raises(ExamplesError, match=r"out\.csv cannot be written"):
        predict_file(tiny_release, source, tmp_path / place, Nobody())
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_device_is_never_replaced_by_a_file(tiny_release: Release, tmp_path: Path) -> None:
    source = written(tmp_path, "in.csv", "text\nhello\n")
    (tmp_path / "folder").mkdir()
    for target in (Path("/dev/null"), tmp_path / "folder"):
        with pytest.raises(ExamplesError, match="it is not a file"):
            predict_file(tiny_release, source, target, Nobody())
    assert Path("/dev/null").is_char_device()


def test_an_output_behind_a_link_is_written_where_it_leads(
    tiny_release: Release, tmp_path: Path
) -> None:
    source = written(tmp_path, "in.csv", "text\nhello\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    predict_file(tiny_release, source, tmp_path / "link.csv", Nobody())
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("text,predicted")


def test_outcomes_are_truth_and_reading_side_by_side(tiny_release: Release) -> None:
    asked = [Example("where is my order", "order_status"), Example("sing a song", OUT_OF_SCOPE)]
    first, second = outcomes(tiny_release, asked, Nobody())
    assert (first.truth, first.predicted, first.answered) == ("order_status", "order_status", True)
    assert second.truth == OUT_OF_SCOPE
    assert second.confidence < first.confidence
    assert outcomes(tiny_release, [], Nobody()) == []


def test_a_test_of_intents_it_cannot_know_is_refused(tiny_release: Release) -> None:
    refuse_unknown(tiny_release, tiny.examples())
    with pytest.raises(
        ExamplesError, match=r"1 intents that the Release does not know \('refund'\)"
    ):
        refuse_unknown(tiny_release, [Example("money back", "refund")])
