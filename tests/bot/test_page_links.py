"""The command import pages with a list of addresses: fetched where the desk allows it, and linked to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import read_settings
from bot.refused import Refused
from retrieval.passages import Passage, read_pages
from tests.bot import papers
from tests.bot.page_imports import done, run
from tests.bot.websites import Canary, Site, open_site


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    allowed = f'name = "Shop"\n[pages]\nallowed_hosts = ["127.0.0.1:{site.port}"]\n'
    (folder / "desk.toml").write_text(allowed, encoding="utf-8")
    return folder


def listed(desk: Path, *addresses: str) -> Path:
    file = desk / "addresses.txt"
    file.write_text("# our help\n" + "".join(f"{one}\n" for one in addresses), encoding="utf-8")
    return file


def test_pages_at_addresses_are_linked_to(desk: Path, site: Site) -> None:
    pdf = papers.pdf(["Measure twice."], title="Sizes")
    one = site.page("/help/returns.html?lang=en")
    other = site.page("/help/sizes", pdf, Content_Type="application/pdf")
    assert done(desk, listed(desk, one, other))["new"] == ["help-returns-lang-en", "help-sizes"]
    assert read_pages(desk / "pages") == (
        Passage("help-returns-lang-en", "Returns", "", "Thirty days.", one),
        Passage("help-sizes", "Sizes", "", "Measure twice.", other),
    )


def test_an_address_that_says_the_same_is_not_written_again(desk: Path, site: Site) -> None:
    one, other = site.page("/a"), site.page("/b")
    addresses = listed(desk, one, other)
    done(desk, "--urls", addresses)
    before = {file.name: file.stat().st_mtime_ns for file in (desk / "pages").iterdir()}
    assert done(desk, "--urls", addresses)["unchanged"] == 2
    assert {f.name: f.stat().st_mtime_ns for f in (desk / "pages").iterdir()} == before
    site.page("/b", b"<h1>Returns</h1><p>Sixty days.</p>")
    assert done(desk, addresses)["changed"] == ["b"]


def test_a_server_in_trouble_keeps_the_page_and_a_shorter_list_lets_it_go(
    desk: Path, site: Site
) -> None:
    one, other = site.page("/a"), site.page("/b")
    done(desk, listed(desk, one, other))
    site.page("/b", b"", 404)
    summary = done(desk, listed(desk, one, other), "--prune")
    assert (summary["left_out"], summary["removed"]) == (
        [f"{other} (line 3): the server answers 404"],
        [],
    )
    assert done(desk, listed(desk, one))["gone"] == [f"b.md: {other}"]
    assert done(desk, listed(desk, one), "--prune")["removed"] == ["b"]


def test_addresses_that_are_not_allowed_are_named_and_never_asked(desk: Path, site: Site) -> None:
    canary = Canary("127.0.0.1")
    there = site.page("/a")
    away = site.page("/away", b"", 302, Location=f"http://127.0.0.1:{canary.port}/")
    direct = f"http://127.0.0.1:{canary.port}/"
    summary = done(desk, listed(desk, direct, away, there, "https://help.example.com/"))
    why = f"the host 127.0.0.1:{canary.port} is not among pages.allowed_hosts in desk.toml"
    assert summary["left_out"] == [
        f"{direct} (line 2): {why}",
        f"{away} (line 3): {why}",
        "https://help.example.com/ (line 5): the host help.example.com is not among pages.allowed_hosts in desk.toml",
    ]
    assert summary["new"] == ["a"]
    time.sleep(0.1)
    canary.close()
    assert canary.connections == 0


def test_a_host_that_is_none_is_named_when_the_desk_is_read(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('name = "Shop"\n[pages]\nallowed_hosts = ["*.example.com"]\n', encoding="utf-8")
    with pytest.raises(
        Refused, match=r"pages\.allowed_hosts .*'\*\.example\.com' is no host: write help"
    ):
        read_settings(file)


def test_a_slip_in_a_list_is_named_and_the_other_lines_are_taken(desk: Path, site: Site) -> None:
    a, b, c = site.page("/a"), site.page("/b"), site.page("/c")
    done(desk, listed(desk, a, b, c))
    wrong = ["file:///etc/hostname", c.removeprefix("http://")]
    summary = done(desk, "--urls", listed(desk, a, *wrong, b), "--prune")
    assert summary["left_out"] == [
        f"addresses.txt, line {number}: {line!r} is no address of a page"
        for number, line in enumerate(wrong, start=3)
    ]
    assert (summary["unchanged"], summary["removed"], summary["gone"]) == (2, [], [])


def test_a_list_without_one_good_line_is_refused_with_its_lines(desk: Path) -> None:
    result = run(desk, "--urls", listed(desk, "file:///etc/hostname"))
    assert result.exit_code == 1
    assert "addresses.txt, line 2: 'file:///etc/hostname' is no address of a page" in result.stderr
