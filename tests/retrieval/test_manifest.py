"""The seal: what it is made of does not change unnoticed, and what is written is there whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval.manifest import (
    FORMAT,
    MANIFEST,
    NAME_LENGTH,
    ReleaseRefused,
    seal,
    verify,
    whole_or_not_at_all,
)
from tests.retrieval.damage import Damage, cut, flipped, gone, written

HALF = """
import sys, time
from pathlib import Path
from retrieval.manifest import whole_or_not_at_all
with whole_or_not_at_all(Path(sys.argv[1])) as scratch:
    (scratch / "head.json").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def made(folder: Path, head: str = '{"weight": 1}') -> Path:
    (folder / "encoder").mkdir(parents=True)
    (folder / "encoder" / "model.bin").write_bytes(bytes(range(256)))
    (folder / "head.json").write_text(head)
    return folder


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    folder = made(tmp_path / "release")
    seal(folder)
    return folder


def test_a_sealed_folder_is_verified_under_its_name(tmp_path: Path) -> None:
    name = seal(made(tmp_path / "release"))
    assert verify(tmp_path / "release") == name
    assert len(name) == NAME_LENGTH


def test_the_name_is_the_hash_of_the_content_and_of_nothing_else(tmp_path: Path) -> None:
    one, same = seal(made(tmp_path / "one")), seal(made(tmp_path / "elsewhere" / "two"))
    assert one == same != seal(made(tmp_path / "three", head="{}"))


def test_a_renamed_file_is_another_release(tmp_path: Path) -> None:
    name = seal(made(tmp_path / "one"))
    (made(tmp_path / "two") / "head.json").rename(tmp_path / "two" / "tail.json")
    assert seal(tmp_path / "two") != name


def changed(change: Callable[[dict[str, Any]], object]) -> Damage:
    def damage(folder: Path) -> None:
        body = json.loads((folder / MANIFEST).read_text())
        change(body)
        (folder / MANIFEST).write_text(json.dumps(body))

    return damage


def linked(folder: Path) -> None:
    (folder / "head.json").rename(folder.parent / "elsewhere.json")
    (folder / "head.json").symlink_to(folder.parent / "elsewhere.json")


def a_folder_in_its_place(folder: Path) -> None:
    (folder / "head.json").unlink()
    (folder / "head.json").mkdir()


def claims(files: object) -> Damage:
    return changed(lambda body: body.update(files=files))


DAMAGES = [
    (
        cut("encoder/model.bin"),
        "model.bin has 128 bytes, the manifest says 256: it is half-written",
    ),
    (flipped("encoder/model.bin"), "model.bin is damaged: its SHA-256 is not the manifest's"),
    (gone("head.json"), "head.json is missing"),
    (a_folder_in_its_place, "head.json is missing"),
    (linked, "manifest.json names head.json, which is not a plain file"),
    (gone(MANIFEST), "has no manifest.json: it is half-written or not a Release"),
    (cut(MANIFEST), "manifest.json is damaged"),
    (written(MANIFEST, ""), "manifest.json is damaged"),
    (written(MANIFEST, "[1]"), "manifest.json is damaged: it is not an object"),
    (written(MANIFEST, "[" * 100_000), "manifest.json is damaged"),
    (written(MANIFEST, "{}"), "manifest.json has a format this version does not read"),
    (changed(lambda body: body.update(format=FORMAT + 1)), "a format this version does not read"),
    (claims(["head.json"]), "a format this version does not read"),
    (claims({}), "manifest.json was changed"),
    (claims({"head.json": 7}), "manifest.json is damaged: head.json has no hash"),
    (claims({"head.json": {}}), "head.json has 13 bytes, the manifest says None"),
    (claims({"../elsewhere": {}}), "manifest.json names ../elsewhere, which is not a plain file"),
    (claims({"/etc/hostname": {}}), "manifest.json names /etc/hostname, which is not a plain file"),
    (changed(lambda body: body["files"].pop("head.json")), "manifest.json was changed"),
    (changed(lambda body: body.update(release="0" * NAME_LENGTH)), "manifest.json was changed"),
]


@pytest.mark.parametrize(("damage", "why"), DAMAGES)
def test_every_damage_is_refused_with_the_file_it_is_in(
    sealed: Path, damage: Damage, why: str
) -> None:
    damage(sealed)
    with pytest.raises(ReleaseRefused) as refused:
        verify(sealed)
    assert why in str(refused.value)


def test_a_manifest_that_is_not_text_is_refused(sealed: Path) -> None:
    (sealed / MANIFEST).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReleaseRefused, match=r"manifest\.json is damaged"):
        verify(sealed)


def test_an_empty_folder_and_no_folder_are_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefused, match=r"has no manifest\.json"):
        verify(tmp_path)
    with pytest.raises(ReleaseRefused, match="there is no Release at"):
        verify(tmp_path / "nothing")


def write(target: Path, head: str = "{}") -> str:
    with whole_or_not_at_all(target) as scratch:
        (scratch / "head.json").write_text(head)
        return seal(scratch)


def test_a_release_replaces_an_older_one_and_leaves_nothing_beside_it(sealed: Path) -> None:
    name = write(sealed)
    assert verify(sealed) == name
    assert [path.name for path in sealed.parent.iterdir()] == ["release"]


def test_a_release_is_written_where_nothing_or_an_empty_folder_is(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "new" / "deep" / "release"):
        assert write(target) == verify(target)


def test_a_folder_that_is_no_release_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    (tmp_path / "file").write_text("words")
    for target in (tmp_path / "photos", tmp_path / "file"):
        with pytest.raises(
            ReleaseRefused, match="exists and is not a Release: name another folder"
        ):
            write(target)
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"
    assert (tmp_path / "file").read_text() == "words"
    assert len(list(tmp_path.rglob("*"))) == 3


def interrupted(target: Path) -> None:
    with whole_or_not_at_all(target) as scratch:
        (scratch / "head.json").write_text("half")
        raise KeyboardInterrupt


def test_a_write_that_fails_leaves_the_old_release_whole(sealed: Path) -> None:
    name = verify(sealed)
    with pytest.raises(KeyboardInterrupt):
        interrupted(sealed)
    assert verify(sealed) == name
    assert [path.name for path in sealed.parent.iterdir()] == ["release"]


def test_a_write_that_is_killed_leaves_the_old_release_whole(sealed: Path) -> None:
    name = verify(sealed)
    writer = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HALF, str(sealed)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert writer.stdout is not None
    with writer, writer.stdout:
        assert writer.stdout.readline() == b"writing\n"
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert verify(sealed) == name
    assert write(sealed) == verify(sealed)
