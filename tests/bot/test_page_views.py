"""A quoted page can be read whole: served as HTML in which nothing runs, and linked to from the quote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.dialogue import Words, say
from bot.pages.showing import shown
from bot.policy import Compose
from conversations.events import Attached
from retrieval.prediction import PassageHit
from tests.bot.reader import PASSAGE, KeywordReader
from tests.bot.served import make_desk, served

CARE = "---\ntitle: Care & repair\n---\n## Boots\n\nRinse **them**, dry them slowly.\n\n<script>x()</script>\n"


def sources(passage: PassageHit) -> tuple[Attached, ...]:
    return say(Compose((passage,)), Words(), KeywordReader(), (), {}).sources


def test_a_quote_links_to_its_page_on_the_web_or_else_on_the_desk_s_own_server() -> None:
    assert sources(PASSAGE) == (Attached("Looking after things", "/pages/care"),)
    assert sources(replace(PASSAGE, page="退/换 货"))[0].url == (
        "/pages/%E9%80%80%2F%E6%8D%A2%20%E8%B4%A7"
    )
    url = "https://help.example.com/care"
    assert sources(replace(PASSAGE, url=url)) == (Attached("Looking after things", url),)


async def test_the_pages_of_a_desk_are_served_and_nothing_else(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    pages = tmp_path / "pages"
    (pages / "sub").mkdir(parents=True)
    (pages / "care.md").write_text(CARE, encoding="utf-8")
    (pages / "退换 货.md").write_text("# 退换\n\n三十天。\n", encoding="utf-8")
    for name in (".hidden.md", ".imported.json", "sub/inner.md"):
        (pages / name).write_text("no", encoding="utf-8")
    (pages / "link.md").symlink_to(tmp_path / "desk.toml")
    (pages / "latin.md").write_bytes(b"caf\xe9")
    async with served(desk) as client:
        async with client.session.get(client.url + "/pages/care") as response:
            text = await response.text()
            assert (response.status, response.content_type) == (200, "text/html")
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert "<h1>Care &amp; repair</h1>\n<h2>Boots</h2>\n<p>Rinse <strong>them</strong>" in text
        assert '<html lang="en">' in text
        assert "script" not in text
        async with client.session.get(
            client.url + sources(replace(PASSAGE, page="退换 货"))[0].url
        ) as response:
            assert (response.status, "三十天。" in await response.text()) == (200, True)
        gone = [".hidden", ".imported.json", "care.md", "gone", "latin", "link", "sub", "%00"]
        for name in [*gone, "sub%2finner", "%2e%2e%2fdesk", "..%5cdesk", "%3Cscript%3E", "a" * 300]:
            async with client.session.get(f"{client.url}/pages/{name}") as response:
                assert response.status == 404, name
                text = await response.text()
                assert "it may have a new name" in text
                assert "<script" not in text


@pytest.mark.parametrize(
    ("hostile", "held"),
    [
        ("[a](javascript:x())", "[a](javascript:x())"),
        ("[a](https://a.example 'x\" onclick=\"x()')", "x&quot; onclick=&quot;x()"),
        ("a < b <b\nonclick=x()", "a &lt; b &lt;b"),
        ("`<script>x()</script>`", "<code>&lt;script&gt;x()&lt;/script&gt;</code>"),
        ("![a](https://a.example/pixel.png)", '!<a href="https://a.example/pixel.png">a</a>'),
    ],
)
def test_nothing_in_a_page_runs_or_is_fetched(hostile: str, held: str) -> None:
    page = shown(f"# T\n\n{hostile}\n", "t", "Shop", "en")
    assert held in page
    assert [part for part in ("<script", "<img", ' onclick="') if part in page] == []


def test_what_people_ask_is_no_part_of_a_page_that_is_shown() -> None:
    page = shown("# Wool\n\n<!-- asked:\ncan it shrink?\n-->\nCold.\n", "wool", "Shop", "en")
    assert "<p>Cold.</p>" in page
    assert "shrink" not in page
