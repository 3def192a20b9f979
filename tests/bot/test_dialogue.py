"""What the bot says when it quotes a page."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import CHINESE, Words, say
from bot.intake import MAX_TEXT
from bot.patterns import compiled
from bot.policy import Compose
from retrieval.prediction import PassageHit
from tests.bot.reader import PASSAGE, KeywordReader

URL = "https://help.example.com/boots_(leather)?a=*"


def said(passage: PassageHit, words: Words | None = None) -> str:
    return say(Compose((passage,)), words or Words(), KeywordReader(), (), {}).text


def test_a_quoted_page_is_named() -> None:
    assert said(PASSAGE) == (
        "Here is what our pages say about that:\n\n"
        "Rinse them, dry them slowly.\nFrom our page \u201cLooking after things: Boots\u201d"
    )


def test_a_page_on_the_web_is_linked_to_by_an_address_that_no_client_breaks() -> None:
    assert said(replace(PASSAGE, url=URL)).split("\n")[-2:] == [
        "From our page \u201cLooking after things: Boots\u201d",
        "https://help.example.com/boots_%28leather%29?a=%2A",
    ]
    assert said(replace(PASSAGE, url=URL), Words(CHINESE)).endswith("%2A")


def test_whatever_the_page_it_fits_a_message() -> None:
    """Imported documents have headings and sentences of any length."""
    url = f"https://a.example/{'u' * 1900}"
    long = PassageHit("p", "t" * 5000, "h" * 5000, "x" * 9000, 0.8, "x" * 9000, url)
    assert MAX_TEXT / 2 < len(said(long)) <= MAX_TEXT
    assert said(long).endswith(long.url)


def test_a_number_typed_in_full_width_characters_is_found_and_said_in_plain_ones() -> None:
    words = Words(patterns={"order_number": compiled(r"PP-\d{6}")})
    assert words.known(
        "", ["我的\uff30\uff30\uff0d\uff13\uff13\uff10\uff19\uff11\uff12到哪了"]
    ) == {"order_number": "PP-330912"}


def test_a_sentence_that_two_pages_have_is_quoted_once() -> None:
    """A page that adds nothing is not quoted; of one that does, what it adds is."""
    more = replace(PASSAGE, page="faq", title="Questions", quote=f"{PASSAGE.quote} Then wax them.")
    copy = replace(PASSAGE, page="copy", title="Copy")
    text = say(Compose((PASSAGE, copy, more)), Words(), KeywordReader(), (), {}).text
    assert text.count(PASSAGE.quote) == 1
    assert "Copy" not in text
    assert "\n\nThen wax them.\nFrom our page \u201cQuestions: Boots\u201d" in text
