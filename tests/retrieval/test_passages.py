"""Knowledge pages: cut where a reader would cut them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.passages import MAX_PASSAGE, PageError, Passage, cut, read_pages

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
