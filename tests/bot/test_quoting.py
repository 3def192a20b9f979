"""What a quote adds to the quotes above it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quoting import TELLING, unsaid
from conversations.text import normalised
from retrieval.quotes import quotes

TOLD = (
    "Boots last five years or so.",
    "They are sewn in Norway by hand.",
    "寄往挪威的包裹免收运费。",
    "Never.",
)
PASSAGES = st.lists(st.sampled_from(TOLD), min_size=1, max_size=5).flatmap(
    lambda pieces: st.sampled_from([" ", "\n", "\n\n"]).map(lambda gap: gap.join(pieces))
)


@settings(deadline=None)
@given(st.lists(PASSAGES, min_size=1, max_size=4))
def test_quotes_say_everything_word_for_word_and_no_sentence_of_an_earlier_one(
    passages: list[str],
) -> None:
    said: list[str] = []
    for passage in passages:
        left = unsaid(passage, said)
        earlier = {normalised(piece) for one in said for piece in quotes(one)}
        pieces = [normalised(piece) for piece in quotes(left)]
        long = {piece for piece in pieces if len(piece.encode()) >= TELLING}
        assert not long & earlier
        assert {normalised(piece) for piece in quotes(passage)} <= {*pieces, *earlier}
        assert all(piece in passage for piece in quotes(left))
        said.append(passage)
    assert unsaid(passages[0], []) == passages[0]


def test_a_short_answer_stays_although_another_question_has_the_same() -> None:
    said = ["Do you ship to Norway, to Bergen? No."]
    assert unsaid("Do you ship to Iceland? No.", said) == "Do you ship to Iceland? No."
    assert unsaid("do you ship to Norway, to Bergen?  No", said) == ""


def test_what_was_left_out_in_the_middle_is_a_gap() -> None:
    page = "- Boots last five years or so. They are sewn in Norway by hand. Ask us."
    assert unsaid(page, ["They are sewn in Norway by hand."]) == (
        "- Boots last five years or so.\nAsk us."
    )
