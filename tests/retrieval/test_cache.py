"""Where packed encoders are unpacked: once for each user, whole or not at all, whoever else is at it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.cache import NotUnpacked, unpacked
from retrieval.encoder import Encoder
from retrieval.manifest import MANIFEST, sha256, verify
from retrieval.pretrained import ENCODERS, WEIGHTS, EncoderUnavailable, Packaged, locate
from tests.retrieval.packed import Parts

ASKING = """
import sys
from pathlib import Path
from retrieval.cache import unpacked
print(unpacked(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with a packed encoder, named `packed` in the table, and an empty cache."""
    made = tmp_path / "packed_encoder" / "e5.bin"
    made.parent.mkdir()
    (made.parent / "__init__.py").touch()
    made.write_bytes(Parts().written())
    monkeypatch.syspath_prepend(tmp_path)
    known = Packaged("packed_encoder", "packed-encoder", made.name, sha256(made), packed=True)
    monkeypatch.setitem(ENCODERS, "packed", known)
    monkeypatch.setenv("FRONTDESK_CACHE", str(tmp_path / "cache"))
    return made


def made_of(file: Path) -> Path:
    return unpacked(file, sha256(file), WEIGHTS)


@pytest.mark.usefixtures("file")
def test_an_installed_packed_encoder_is_found_by_its_name(tmp_path: Path) -> None:
    folder = Path(locate("packed"))
    assert folder.parent == tmp_path / "cache"
    assert Encoder.load(str(folder)).dim == 32


def test_it_is_unpacked_once(file: Path) -> None:
    before = (made_of(file) / WEIGHTS).stat()
    assert (made_of(file) / WEIGHTS).stat().st_ino == before.st_ino


def test_what_is_whole_needs_no_room_to_write(file: Path) -> None:
    folder = made_of(file)
    (folder.parent / f".{folder.name}.lock").unlink()
    assert made_of(file) == folder
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json", MANIFEST])
def test_a_damaged_folder_is_made_anew(file: Path, name: str) -> None:
    folder = made_of(file)
    seal = verify(folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:-9])
    assert verify(made_of(file)) == seal


def test_what_a_killed_process_left_is_swept(file: Path) -> None:
    folder = made_of(file)
    left = folder.parent / f".tmp-{folder.name}-1"
    left.mkdir()
    (folder / MANIFEST).unlink()
    made_of(file)
    assert not left.exists()


def test_processes_that_ask_at_once_get_the_same_folder(file: Path) -> None:
    command = (sys.executable, "-c", ASKING, str(file), sha256(file), WEIGHTS)
    asking = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this Python
        for _ in range(3)
    ]
    folders = {process.communicate(timeout=60)[0].strip() for process in asking}
    assert folders == {str(made_of(file))}
    assert [process.returncode for process in asking] == [0, 0, 0]
    (folder,) = map(Path, folders)
    assert {entry.name for entry in folder.parent.iterdir()} == {
        folder.name,
        f".{folder.name}.lock",
    }


def test_other_bytes_are_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(EncoderUnavailable, match=r"not the published .* reinstall packed-encoder"):
        locate("packed")
    file.unlink()
    with pytest.raises(EncoderUnavailable, match=r"e5.bin: reinstall packed-encoder"):
        locate("packed")


def test_a_foreign_file_of_the_known_hash_is_refused_in_words(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"GGUF" + bytes(500))
    known = Packaged("packed_encoder", "packed-encoder", file.name, sha256(file), packed=True)
    monkeypatch.setitem(ENCODERS, "packed", known)
    with pytest.raises(EncoderUnavailable, match=r"e5.bin cannot be read: it does not begin with"):
        locate("packed")


def test_a_cache_that_cannot_be_written_says_what_to_do(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("FRONTDESK_CACHE", str(tmp_path / "taken" / "cache"))
    with pytest.raises(NotUnpacked, match=r"Not a directory.* in FRONTDESK_CACHE"):
        made_of(file)


def test_a_full_disk_is_said_and_nothing_is_left(
    file: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_CACHE", str(disk))
    free = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(free.f_bavail * free.f_frsize - 40_000))
    with pytest.raises(NotUnpacked, match=r"No space left.* in FRONTDESK_CACHE"):
        made_of(file)
    assert list(disk.glob("*e5*/*")) == []


@pytest.mark.parametrize(
    ("shared", "place"), [("xdg", "xdg/frontdesk"), ("", "home/.cache/frontdesk")]
)
def test_it_follows_the_conventions_of_the_platform(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str, place: str
) -> None:
    monkeypatch.delenv("FRONTDESK_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / shared) if shared else "relative")
    assert made_of(file).parent == tmp_path / place
