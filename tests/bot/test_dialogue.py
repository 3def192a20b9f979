"""What the bot says when it quotes a page."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import Words, say
from bot.intake import MAX_TEXT
from bot.patterns import compiled
from bot.policy import Clarify, Compose, Offer, Reply
from bot.says import CHINESE
from conversations.events import Attached
from retrieval.prediction import Candidate, PassageHit
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


LOOK = (PASSAGE, replace(PASSAGE, page="faq", title="Questions", heading="", url=URL))
CARDS = (Attached("Looking after things", "/pages/care"), Attached("Questions", URL))


def test_what_it_does_not_know_comes_with_the_pages_worth_a_look() -> None:
    speech = say(Offer(LOOK), Words(), KeywordReader(), (), {}, there=False)
    assert speech.text == (
        "I don't know that for certain, but you may find it here:\n\n"
        "\u201cLooking after things: Boots\u201d\n\u201cQuestions\u201d\n"
        "https://help.example.com/boots_%28leather%29?a=%2A\n\n"
        "If not, try putting it another way, or shall I ask a colleague to take a look?\n\n"
        "Nobody is in right now; they would answer here once we are open again."
    )
    assert (speech.source, speech.sources) == ("", CARDS)


def test_a_question_back_names_the_page_worth_a_look_above_its_choices() -> None:
    candidate = Candidate("return_item", "A return", 0.4)
    speech = say(Clarify((candidate,), related=LOOK[:1]), Words(), KeywordReader(), (), {})
    assert speech.text == (
        "You may find it here:\n\n\u201cLooking after things: Boots\u201d\n\nOr did you mean one of these?"
    )
    assert speech.sources == CARDS[:1]


def test_an_answer_says_which_pages_tell_more() -> None:
    candidate = Candidate("return_item", "A return", 0.95)
    speech = say(Reply(candidate, more=LOOK), Words(), KeywordReader(), (), {})
    assert (speech.text, speech.sources) == ("Sixty days, free label.", CARDS)
