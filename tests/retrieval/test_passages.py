"""Knowledge pages: cut where a reader would cut them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.passages import MAX_PASSAGE, PageError, Passage, cut, passages_of, read_pages

PAGE = """# Wool care

Wool likes cold water.

## Washing

By hand.

Dry it flat.

## Moths

Cedar helps.
"""


def test_a_page_is_cut_at_its_headings() -> None:
    assert list(cut("wool-care", PAGE)) == [
        Passage("wool-care", "Wool care", "", "Wool likes cold water."),
        Passage("wool-care", "Wool care", "Washing", "By hand.\n\nDry it flat."),
        Passage("wool-care", "Wool care", "Moths", "Cedar helps."),
    ]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "wool-care.md").write_bytes(b"\xef\xbb\xbf" + PAGE.replace("\n", "\r\n").encode())
    assert read_pages(tmp_path) == tuple(cut("wool-care", PAGE))


def test_a_page_without_a_heading_is_called_by_its_file() -> None:
    assert list(cut("gift-cards", "They last for ever.")) == [
        Passage("gift-cards", "Gift cards", "", "They last for ever.")
    ]


def test_paragraphs_are_joined_up_to_the_length_of_a_chat_bubble() -> None:
    paragraph = "x" * (MAX_PASSAGE // 2 - 10)
    lengths = [len(p.text) for p in cut("p", "\n\n".join([paragraph] * 5))]
    assert lengths == [2 * len(paragraph) + 2, 2 * len(paragraph) + 2, len(paragraph)]


def test_headings_say_what_a_passage_is_about() -> None:
    assert [p.keyed for p in cut("w", "# Wool\n\nSoft.\n\n## Washing\n\nCold.")] == [
        "Wool. Soft.",
        "Wool. Washing. Cold.",
    ]


WORDS = st.text(alphabet="abc ", min_size=1, max_size=300).filter(str.strip)


@given(st.lists(WORDS, max_size=8))
def test_no_paragraph_is_lost_or_said_twice(paragraphs: list[str]) -> None:
    passages = list(cut("p", "\n\n".join(paragraphs)))
    said = [part for p in passages for part in p.text.split("\n\n")]
    assert said == [paragraph.strip() for paragraph in paragraphs]


def test_pages_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.md").write_text(f"About {name}.")
    (tmp_path / "notes.txt").write_text("not a page")
    (tmp_path / "empty.md").write_text("\n")
    assert [p.page for p in read_pages(tmp_path)] == ["a", "b", "c"]


def test_a_missing_folder_holds_no_pages(tmp_path: Path) -> None:
    assert read_pages(tmp_path / "pages") == ()


def test_a_page_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    with pytest.raises(PageError, match=r"latin\.md cannot be read as UTF-8"):
        read_pages(tmp_path)


def lengths(passages: list[Passage]) -> list[int]:
    return [len(passage.text) for passage in passages]


def test_a_long_paragraph_is_cut_where_sentences_end() -> None:
    sentence = "Wool is washed cold, by hand, e.g. in a bowl, and never wrung out. "
    passages = list(cut("wool", sentence * 40))
    assert len(passages) > 3
    assert max(lengths(passages)) <= MAX_PASSAGE
    assert " ".join(p.text for p in passages) == (sentence * 40).strip()
    assert all(p.text.endswith("out.") for p in passages)


def test_chinese_sentences_end_without_a_blank() -> None:
    paragraph = "羊毛要用冷水手洗。可以用洗衣机吗？不可以！" * 60  # noqa: RUF001 - Chinese has its own punctuation
    passages = list(cut("wool", paragraph))
    assert max(lengths(passages)) <= MAX_PASSAGE
    assert "".join(p.text for p in passages) == paragraph
    assert {p.text[-1] for p in passages} <= set("。？！")  # noqa: RUF001 - the same


def test_only_a_single_sentence_may_be_longer() -> None:
    endless = "and so on " * 100
    texts = [p.text for p in cut("p", f"It begins. {endless.strip()}. It ends.")]
    assert texts == ["It begins.", f"{endless.strip()}.", "It ends."]


def test_a_list_that_fits_stays_together() -> None:
    items = "\n".join(f"- item {n} of the list" for n in range(20))
    texts = [p.text for p in cut("p", f"{'Words. ' * 60}\n\n{items}")]
    assert texts == [("Words. " * 60).strip(), items]


def test_a_list_that_does_not_fit_is_cut_between_its_items() -> None:
    items = [f"- item {n} is about something\n  that takes two lines" for n in range(30)]
    passages = list(cut("p", "What there is:\n" + "\n".join(items)))
    assert max(lengths(passages)) <= MAX_PASSAGE
    assert passages[0].text.startswith("What there is:\n- item 0 ")
    assert all(p.text.endswith("that takes two lines") for p in passages)
    assert "\n".join(p.text for p in passages).endswith("\n".join(items))


def test_a_table_that_does_not_fit_keeps_its_head_over_every_piece() -> None:
    head = "| country | price |\n|---|---|\n"
    passages = list(cut("p", head + "\n".join(f"| land {n} | {n} euros |" for n in range(60))))
    assert len(passages) > 1
    assert max(lengths(passages)) <= MAX_PASSAGE
    assert all(p.text.startswith(head) for p in passages)
    rows = [row for p in passages for row in p.text.removeprefix(head).split("\n")]
    assert rows == [f"| land {n} | {n} euros |" for n in range(60)]


LONG = st.lists(
    st.text(alphabet="ab. \n-|。", min_size=1, max_size=900).filter(str.strip), max_size=4
)


@given(LONG)
def test_no_word_is_lost_however_long_a_paragraph_is(paragraphs: list[str]) -> None:
    def letters(texts: list[str]) -> str:
        return "".join(c for text in texts for c in text if c in "ab")

    said = [p.text for p in cut("p", "\n\n".join(paragraphs))]
    if not any(text.lstrip().startswith("|") for text in paragraphs):  # a table's head is repeated
        assert letters(said) == letters(paragraphs)


def test_front_matter_is_no_text_and_says_where_the_page_stands(tmp_path: Path) -> None:
    text = '---\ntitle: "Wool"\nurl: https://help.example.com/wool\ntags:\n  - care\n---\n\nCold.\n'
    (tmp_path / "w.md").write_text(text, encoding="utf-8")
    assert read_pages(tmp_path) == (
        Passage("w", "Wool", "", "Cold.", "https://help.example.com/wool"),
    )


ASKED = """# Flasks

Two sizes.

## Cleaning
<!-- asked:
can the flask go in the dishwasher
  How do I get tea stains out?
-->
The body may go in the dishwasher.
<!-- asked: is bleach ok -->

The lid may not.

## Weight
310 g.
"""


def test_what_people_ask_is_answered_under_its_heading_and_never_quoted() -> None:
    questions = (
        "can the flask go in the dishwasher",
        "How do I get tea stains out?",
        "is bleach ok",
    )
    body = "The body may go in the dishwasher.\n\nThe lid may not."
    expected = (
        Passage("flasks", "Flasks", "", "Two sizes."),
        Passage("flasks", "Flasks", "Cleaning", body, "", questions),
        Passage("flasks", "Flasks", "Weight", "310 g."),
    )
    assert passages_of("flasks", ASKED) == expected
    assert passages_of("flasks", ASKED.replace("\n", "\r\n")) == expected


def test_a_comment_that_is_never_closed_swallows_nothing() -> None:
    passages = passages_of("flasks", ASKED.replace("?\n-->", "?\n"))
    assert [passage.heading for passage in passages] == ["", "Cleaning", "Weight"]
    assert passages[1].asked == ("is bleach ok",)
    assert passages[1].text.endswith("The body may go in the dishwasher.\n\nThe lid may not.")


def test_a_long_answer_is_asked_for_in_each_of_its_passages() -> None:
    paragraph = "x" * (MAX_PASSAGE - 10)
    passages = list(cut("p", f"## A\n<!-- asked: why -->\n{paragraph}\n\n{paragraph}"))
    assert [passage.asked for passage in passages] == [("why",), ("why",)]
