"""What is built once a run: a tiny encoder, and a tiny Release that it reads for. And a disk that can be filled up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from finetune.build import Built
from finetune.build import seal as seal_release
from retrieval.release import Release
from retrieval.sealing import load
from tests import tiny
from tests.disks import small_disk

settings.register_profile("whole", deadline=None)  # how long something takes is for the benchmarks
settings.load_profile("whole")

torch.set_num_threads(1)  # tiny models only wait for each other on a second one


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a two-layer encoder."""
    return tiny.save_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def tiny_built(tiny_encoder: Path) -> Built:
    return tiny.built(tiny_encoder)


@pytest.fixture(scope="session")
def tiny_folder(
    tiny_built: Built, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a sealed Release; do not change it, copy it."""
    folder = tmp_path_factory.mktemp("sealed") / "release"
    seal_release(tiny_built, folder, tiny.options(tiny_encoder))
    return folder


@pytest.fixture(scope="session")
def tiny_release(tiny_folder: Path) -> Release:
    return load(tiny_folder)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder
