"""The command import pages: documents as a desk's pages, once, and only what changed the next time."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.pages.sources import MAX_FILE
from retrieval.passages import read_pages
from tests.bot import papers
from tests.bot.page_imports import done, run

PAGE = "<title>Returns</title><h1>Returns</h1><p>Thirty days.</p>"
WOOL = "# Wool\n\nCold water.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "desk.toml").write_text('name = "Shop"\n', encoding="utf-8")
    return folder


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "guides").mkdir(parents=True)
    (folder / "wool.md").write_text(WOOL, encoding="utf-8")
    (folder / "guides" / "Our Returns.html").write_text(PAGE, encoding="utf-8")
    (folder / "guides" / "sizes.docx").write_bytes(papers.word(("Normal", "Measure twice.")))
    (folder / "faq.csv").write_text("question,answer\nShoes?,Yes.\n", encoding="utf-8")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.md").write_text("no", encoding="utf-8")
    return folder


def stamps(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return what tells whether a file was written: its inode, its time and what is in it."""
    found = ((file, file.stat()) for file in folder.iterdir())
    return {f.name: (s.st_ino, s.st_mtime_ns, f.read_bytes()) for f, s in found}


def text(desk: Path, page: str) -> str:
    return (desk / "pages" / f"{page}.md").read_text(encoding="utf-8")


def test_a_folder_becomes_pages(desk: Path, docs: Path) -> None:
    assert done(desk, docs) == {
        "new": ["faq", "wool", "guides-our-returns", "guides-sizes"],
        "changed": [],
        "unchanged": 0,
        "kept": [],
        "gone": [],
        "removed": [],
        "left_out": [],
        "noted": [],
        "passed_over": 1,
    }
    assert text(desk, "guides-our-returns") == (
        "---\nsource: guides/Our Returns.html\n---\n\n# Returns\n\nThirty days.\n"
    )
    passages = {(p.page, p.title, p.heading, p.text) for p in read_pages(desk / "pages")}
    assert passages == {
        ("faq", "Faq", "Shoes?", "Yes."),
        ("wool", "Wool", "", "Cold water."),
        ("guides-our-returns", "Returns", "", "Thirty days."),
        ("guides-sizes", "Sizes", "", "Measure twice."),
    }


def test_twice_writes_nothing(desk: Path, docs: Path) -> None:
    done(desk, docs)
    before = stamps(desk / "pages")
    assert done(desk, docs)["unchanged"] == 4
    assert stamps(desk / "pages") == before
    result = run(desk, docs / "wool.md")  # the same file, named alone
    assert result.stderr == "Pages: 0 new, 0 changed, 1 unchanged.\n"
    assert stamps(desk / "pages") == before


def test_only_what_changed_is_written_anew(desk: Path, docs: Path) -> None:
    done(desk, docs)
    before = stamps(desk / "pages")
    (docs / "wool.md").write_text("# Wool\n\nIce water.\n", encoding="utf-8")
    (docs / "guides" / "Our Returns.html").write_text(f"<!-- 2 -->{PAGE}", encoding="utf-8")
    summary = done(desk, docs)
    assert (summary["changed"], summary["unchanged"]) == (["wool"], 3)
    after = stamps(desk / "pages")
    written = {name for name in after if after[name] != before[name]}
    assert written == {"wool.md", ".imported.json"}


def test_what_is_gone_is_listed_and_removed_when_that_is_wished(desk: Path, docs: Path) -> None:
    done(desk, docs)
    (docs / "wool.md").unlink()
    (desk / "pages" / "own.md").write_text("Written by hand.", encoding="utf-8")
    assert done(desk, docs)["gone"] == ["wool.md: ../docs/wool.md"]
    assert done(desk, docs / "faq.csv", "--prune")["removed"] == []  # not where that file would be
    assert text(desk, "wool").endswith(WOOL)
    assert done(desk, docs, "--prune")["removed"] == ["wool"]
    assert not (desk / "pages" / "wool.md").exists()
    assert text(desk, "own") == "Written by hand."
    assert done(desk, docs)["gone"] == []


def test_a_page_that_a_person_edited_is_theirs(desk: Path, docs: Path) -> None:
    done(desk, docs)
    (desk / "pages" / "wool.md").write_text("Mine.", encoding="utf-8")
    assert done(desk, docs)["unchanged"] == 4
    (docs / "wool.md").write_text("# Wool\n\nIce water.\n", encoding="utf-8")
    for _ in range(2):
        assert done(desk, docs)["kept"] == [
            "wool.md was edited by hand, and wool.md is not taken; --force takes it"
        ]
    assert text(desk, "wool") == "Mine."
    assert done(desk, docs, "--force")["changed"] == ["wool"]
    assert "Ice water." in text(desk, "wool")


def test_an_edited_page_outlives_its_source(desk: Path, docs: Path) -> None:
    done(desk, docs)
    (desk / "pages" / "wool.md").write_text("Mine.", encoding="utf-8")
    (docs / "wool.md").unlink()
    assert done(desk, docs, "--prune")["kept"] == [
        "wool.md was edited by hand, and ../docs/wool.md is gone; --force removes it"
    ]
    assert text(desk, "wool") == "Mine."
    assert done(desk, docs, "--prune", "--force")["removed"] == ["wool"]


def test_a_page_that_a_person_removed_stays_away(desk: Path, docs: Path) -> None:
    done(desk, docs)
    (desk / "pages" / "wool.md").unlink()
    assert done(desk, docs)["kept"] == [
        "wool.md was removed by hand, and wool.md is not taken; --force takes it"
    ]
    assert done(desk, docs, "--force")["changed"] == ["wool"]


def test_pages_of_people_keep_their_names(desk: Path, docs: Path) -> None:
    (desk / "pages").mkdir()
    (desk / "pages" / "wool.md").write_text("Written by hand.", encoding="utf-8")
    (docs / "wool.txt").write_text("Another one.", encoding="utf-8")
    assert done(desk, docs)["new"] == [
        "faq",
        "wool-2",
        "wool-3",
        "guides-our-returns",
        "guides-sizes",
    ]
    assert text(desk, "wool") == "Written by hand."


def test_without_its_ledger_an_import_knows_its_pages_by_what_they_say(
    desk: Path, docs: Path
) -> None:
    """As after a kill between a page and the ledger."""
    done(desk, docs)
    (desk / "pages" / ".imported.json").unlink()
    summary = done(desk, docs)
    assert (summary["new"], summary["unchanged"]) == ([], 4)
    (docs / "wool.md").write_text("# Wool\n\nIce water.\n", encoding="utf-8")
    assert done(desk, docs)["changed"] == ["wool"]


def test_bad_documents_are_named_and_the_others_taken(desk: Path, docs: Path) -> None:
    (docs / "scan.pdf").write_bytes(papers.pdf([], []))
    (docs / "fake.pdf").write_bytes(b"no")
    (docs / "bomb.docx").write_bytes(papers.bomb(200))
    (docs / "latin.txt").write_bytes(b"caf\xe9")
    with (docs / "huge.html").open("wb") as huge:
        huge.truncate(200 << 20)
    (docs / "link.md").symlink_to("/etc/hostname")
    (docs / "links").symlink_to("/etc")
    os.mkfifo(docs / "pipe.txt")
    assert done(desk, docs)["left_out"] == [
        "links: it is a link; only what lies here is read",
        "link.md: it is a link; only what lies here is read",
        "bomb.docx: it unpacks to 200 MB, more than a document needs; save its text alone",
        "fake.pdf: it is no PDF, whatever its name says",
        f"huge.html: it has 200 MB, more than {MAX_FILE >> 20}: split it",
        "latin.txt: line 1: byte 4 is not UTF-8; save it as UTF-8",
        "pipe.txt: it is no file",
        "scan.pdf: there is no text on its pages: it is scanned; run text recognition (OCR) on it",
    ]
    assert len(list((desk / "pages").glob("*.md"))) == 4


def test_a_file_that_lost_its_raw_html_is_noted(desk: Path, docs: Path) -> None:
    (docs / "silk.md").write_text("# Silk\n\n<script>steal()</script>Never.\n", encoding="utf-8")
    result = run(desk, docs)
    assert "  noted: silk.md: raw HTML in it was taken out, scripts with all" in result.stderr
    assert text(desk, "silk").endswith("# Silk\n\nNever.\n")


def test_a_source_that_broke_keeps_its_page(desk: Path, docs: Path) -> None:
    done(desk, docs)
    (docs / "faq.csv").write_text("who,what\n", encoding="utf-8")
    assert done(desk, docs, "--prune")["left_out"][0].startswith(
        "faq.csv: there is no column 'title'"
    )
    assert "Shoes?" in text(desk, "faq")


def test_where_nothing_could_be_taken_the_exit_code_says_so(desk: Path, docs: Path) -> None:
    (docs / "fake.pdf").write_bytes(b"no")
    result = run(desk, docs / "fake.pdf")
    assert result.exit_code == 1
    assert result.stderr == (
        "  left out: fake.pdf: it is no PDF, whatever its name says\n"
        "Pages: 0 new, 0 changed, 0 unchanged, 1 left out.\n"
    )


def test_what_is_no_source_is_refused(desk: Path, docs: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("# ours\nhelp.example.com\n", encoding="utf-8")
    cases: list[tuple[int, list[object], str]] = [
        (1, [docs / "logo.png"], "logo.png is none of md, txt, html, pdf, docx and csv."),
        (1, ["--urls", listed], "list.txt, line 2: 'help.example.com' is no address of a page\n"),
        (2, [], "Name a SOURCE, or a list of addresses with --urls."),
        (2, [docs, "--urls", listed], "Name a SOURCE, or a list of addresses with --urls."),
        (2, [docs / "nothing"], "does not exist."),
    ]
    for code, words, said in cases:
        result = run(desk, *words)
        assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    done(desk, docs)
    assert "is where the desk keeps its pages" in run(desk, desk / "pages").stderr
    (desk / "pages" / ".imported.json").write_text("{", encoding="utf-8")
    assert ".imported.json is damaged: restore it, or move it away" in run(desk, docs).stderr


def test_a_folder_that_holds_the_desk_does_not_swallow_its_pages(desk: Path, docs: Path) -> None:
    done(desk, docs)
    assert done(desk, desk.parent)["unchanged"] == 4


def test_two_imports_do_not_write_at_once(desk: Path, docs: Path) -> None:
    (desk / "pages").mkdir()
    descriptor = os.open(desk / "pages", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        result = run(desk, docs)
    finally:
        os.close(descriptor)
    assert (result.exit_code, "is being written by another import" in result.stderr) == (4, True)


def test_an_import_that_is_stopped_goes_on_from_there(desk: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(400):
        (many / f"{number:03}.txt").write_text(f"Page {number}.", encoding="utf-8")
    command = [sys.executable, "-m", "bot.cli", "import", "pages", "--desk", str(desk), str(many)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
        while len(list(desk.glob("pages/*.md"))) < 60:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert not list(desk.glob("pages/.*.md.*"))[1:]  # at most the page that was being written
    there = len(list(desk.glob("pages/*.md")))
    summary = done(desk, many)
    assert (len(summary["new"]), summary["unchanged"], summary["kept"]) == (400 - there, there, [])


def test_files_of_any_name_become_pages(desk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    for name in (
        b"\xff\xfe.txt",
        "退货 政策.txt".encode(),
        b"---.txt",
        b"a\nb: c.txt",
        b"x" * 200 + b".txt",
    ):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_text("Text.", encoding="utf-8")
    summary = done(desk, folder)
    assert sorted(summary["new"]) == ["a-b-c", "page", "page-2", "x" * 60, "退货-政策"]
    assert {p.text for p in read_pages(desk / "pages")} == {"Text."}
    assert done(desk, folder)["unchanged"] == 5
