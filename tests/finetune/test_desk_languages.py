"""The languages of a desk are those that enough of its examples are surely in."""

from __future__ import annotations

from finetune.languages import ENOUGH, desk_languages, languages_of

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
DANISH = [
    "Hvor er min pakke henne?",
    "Jeg vil gerne have mine penge tilbage",
    "Hvor lang tid tager leveringen?",
    "Kan jeg ændre adressen på min ordre?",
]
NORWEGIAN = [
    "Hvor er pakken min?",
    "Jeg vil ha pengene mine tilbake, takk",
    "Kan jeg bytte størrelse?",
]
JAPANESE = ["返品方法", "配送料金", "荷物はどこですか", "返品したいのですが"]
TIMES = ENOUGH // 4 + 1


def test_a_desk_of_one_language_has_no_need_to_tell() -> None:
    assert languages_of(GERMAN, desk_languages(ENGLISH * TIMES)) == []


def test_a_stray_sentence_makes_no_language() -> None:
    assert desk_languages([*(ENGLISH * 10), GERMAN[0]]) == ["en"]
    assert desk_languages([*ENGLISH, *GERMAN]) == []  # too few of each to judge by


def test_languages_that_look_alike_are_one() -> None:
    assert len(desk_languages([*DANISH, *NORWEGIAN] * TIMES)) == 1
    assert desk_languages(JAPANESE * TIMES)[0] in {"ja", "zh"}
    assert len(desk_languages(JAPANESE * TIMES)) == 1


def test_two_languages_are_told_apart() -> None:
    found = languages_of(
        ["Vielen Dank, das war es schon", "that was all, thanks", "?"],
        desk_languages([*ENGLISH, *GERMAN] * TIMES),
    )
    assert found == ["de", "en", ""]
