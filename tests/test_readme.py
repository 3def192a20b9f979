"""The README stays true: the two commands, and a line for every module."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = ("bot", "retrieval", "finetune", "conversations", "benchmarks")


def test_it_names_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


@pytest.mark.parametrize("package", PACKAGES)
def test_the_tree_has_a_line_for_every_module(package: str) -> None:
    """Names that several packages have, such as cli.py, must stand there as often."""
    listed = [line.split()[0] for line in README.splitlines() if line.strip()]
    modules = [f.name for f in (ROOT / package).rglob("*.py") if f.name != "__init__.py"]
    assert [name for name in modules if name not in listed] == []


def test_its_pictures_and_pages_exist() -> None:
    for name in ("docs/widget.png", "docs/benchmarks.md", "docs/errors.md", "finetune/LOG.md"):
        assert name in README
        assert (ROOT / name).is_file()
