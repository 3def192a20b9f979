"""The languages of a desk are those that its examples are in."""

from __future__ import annotations

from finetune.spoken import languages_of

ENGLISH = [
    "Where is my parcel, please?",
    "I would like my money back",
    "How long does delivery take?",
    "Can I change the address of my order?",
    "Do you ship to other countries?",
]
GERMAN = [
    "Wo ist denn mein Paket geblieben?",
    "Ich möchte mein Geld zurück haben",
    "Wie lange dauert die Lieferung?",
    "Kann ich die Adresse meiner Bestellung ändern?",
    "Liefern Sie auch ins Ausland?",
]


def test_a_desk_of_one_language_has_no_need_to_tell() -> None:
    assert languages_of(GERMAN, ENGLISH) == []


def test_a_stray_sentence_makes_no_language() -> None:
    assert languages_of(ENGLISH, [*(ENGLISH * 2), GERMAN[0]]) == []


def test_two_languages_are_told_apart() -> None:
    found = languages_of(
        ["Vielen Dank, das war es schon", "that was all, thanks", "?"], ENGLISH + GERMAN
    )
    assert found[:2] == ["de", "en"]
    assert found[2] in {"de", "en"}  # what has no letters is judged with one of them
