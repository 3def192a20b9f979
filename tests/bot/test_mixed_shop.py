"""The third demo shop: Puddle & Pine for three languages, put together of two folders, is whole."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.commands.demos import DEMOS, copy_demo, lay_over
from bot.config import read_settings
from bot.form_files import read_forms
from finetune.examples import read_examples
from finetune.languages import desk_languages, languages_of
from retrieval.template_files import read_templates
from retrieval.templates import Template
from retrieval.terms import scripts
from retrieval.variants import Occasion
from tests.bot.test_chinese_shop import said, twice

ENGLISH, ADDED = DEMOS["multi"]
NUMBERED = {"order_number": "PP-204817", "repair_number": "R-20418"}
IN_LATIN = {"nihao", "88", "3q"}  # hello, bye-bye and thank you, as they are typed
FACT = re.compile(r"\d+(?:[:.]\d+)*|[a-z]+@[a-z]+\.example")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    copy_demo("multi", folder)
    return folder


def rows(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as table:
        return [(row["text"], row["intent"]) for row in csv.DictReader(table)]


def chinese(text: str) -> bool:
    return text in IN_LATIN or any("CJK" in unicodedata.name(letter, "") for letter in text)


def by_language(given: Iterable[tuple[str, str]]) -> Counter[tuple[str, bool]]:
    return Counter((intent, chinese(text)) for text, intent in given)


def facts(text: str) -> set[str]:
    """Figures and addresses, as they are written in any language."""
    plain = re.sub(r"(\d),(\d\d) €", r"\1.\2", text)  # 4,90 € is what Germans call €4.90
    return set(FACT.findall(plain))


def worded(desk: Path) -> list[Template]:
    return [t for t in read_templates(desk / "templates.jsonl") if t.variants]


def test_its_tables_are_those_of_both_folders(desk: Path) -> None:
    for name in ("examples.csv", "heldout.csv"):
        assert rows(desk / name) == rows(ENGLISH / name) + rows(ADDED / name)
    answers = read_templates(desk / "templates.jsonl")
    assert [t.id for t in answers] == [t.id for t in read_templates(ENGLISH / "templates.jsonl")]
    assert len(list((desk / "pages").iterdir())) == 26


def test_twenty_intents_and_small_talk_are_asked_for_in_chinese_and_german(desk: Path) -> None:
    learned, held_out = (
        by_language(rows(ADDED / name)) for name in ("examples.csv", "heldout.csv")
    )
    assert learned.keys() == held_out.keys()
    assert {learned.pop(("", True)), learned.pop(("", False))} == {26}
    assert {held_out.pop(("", True)), held_out.pop(("", False))} == {10}
    assert min(learned.values()) == 12
    assert set(held_out.values()) == {4}
    intents = {intent for intent, _ in learned}
    assert intents > {"greeting", "thanks", "goodbye"}
    assert len(intents) == 23
    assert intents < {t.intent for t in read_templates(desk / "templates.jsonl")}


def test_no_question_is_asked_twice_or_measured_after_it_was_learned(desk: Path) -> None:
    taught = [q for t in read_templates(desk / "templates.jsonl") for q in t.questions]
    english = {text for file in ENGLISH.glob("*.csv") for text, _ in rows(file)}
    english |= {q for t in read_templates(ENGLISH / "templates.jsonl") for q in t.questions}
    added = [text for name in ("examples.csv", "heldout.csv") for text, _ in rows(ADDED / name)]
    added += [question for question in taught if question not in english]
    assert twice(added) == []
    assert {*map(said, english)} & {*map(said, added)} == set()


def test_enough_of_it_is_in_each_language_for_thresholds_of_its_own(desk: Path) -> None:
    texts = [example.text for example in read_examples(desk / "examples.csv")]
    texts += [q for t in read_templates(desk / "templates.jsonl") for q in t.questions]
    spoken = desk_languages(texts)
    assert spoken == ["de", "en", "zh"]
    written = languages_of([text for text, _ in rows(ADDED / "examples.csv")], spoken)
    told = Counter(zip(written, (chinese(t) for t, _ in rows(ADDED / "examples.csv")), strict=True))
    assert told["zh", True] > 295
    assert told["de", False] > 290


@pytest.mark.parametrize(("name", "wide", "mixed", "traditional"), [("examples.csv", 7, 40, 40), ("heldout.csv", 4, 5, 24)])  # fmt: skip
def test_chinese_is_written_in_many_ways(
    name: str, wide: int, mixed: int, traditional: int
) -> None:
    texts = [text for text, _ in rows(ADDED / name) if chinese(text)]
    assert sum(bool(re.search("[\uff10-\uff19\uff21-\uff5a]", text)) for text in texts) == wide
    assert sum(bool(re.search("[A-Za-z]{4}", text)) for text in texts) == mixed
    assert sum(scripts(text) == (True, False) for text in texts) == traditional


def test_every_wording_renders_with_and_without_what_may_be_known(desk: Path) -> None:
    for template in worded(desk):
        for variant in template.variants:
            occasion = Occasion(channel=variant.channel, language=variant.language)
            needed = {name: NUMBERED[name] for name in template.needs}
            for known in (needed, {**NUMBERED, "name": "Ada"}):
                text = template.render(known, occasion)
                assert text.strip()
                assert not any(sign in text for sign in ("{", "}", "  ", "****")), text


def test_a_wording_states_no_figure_or_address_that_the_answer_does_not(desk: Path) -> None:
    for template in worded(desk):
        for variant in template.variants:
            assert facts(variant.text) <= facts(template.text) | CONVERTED.get(template.id, set())


# What a language writes in figures that English says in words, or the other way round.
CONVERTED = {
    "discount_code.welcome": {"9"},  # 10 % off is 9 折
}


def test_all_twenty_intents_answer_in_chinese_and_some_in_german(desk: Path) -> None:
    languages = {
        (template.intent, variant.language) for template in worded(desk) for variant in template.variants
    }  # fmt: skip
    asked = {intent for _, intent in rows(ADDED / "examples.csv")} - {""}
    assert {intent for intent in asked if (intent, "zh") not in languages} == set()
    assert 8 <= sum(language == "de" for _, language in languages) < 20  # the others under a note
    assert sum(language == "zh-Hant" for _, language in languages) >= 3


def test_its_form_asks_in_three_languages(desk: Path) -> None:
    settings = read_settings(desk / "desk.toml")
    (form,) = read_forms(desk, settings)
    assert set(form.slots[0].ask) == set(form.opening) == {"en", "de", "zh"}
    assert (settings.language, settings.encoder) == ("en", "multilingual")


def test_wordings_for_an_answer_that_is_not_there_are_refused(tmp_path: Path) -> None:
    below, above = tmp_path / "below", tmp_path / "above"
    for folder, row in ((below, '{"id": "a"}\n'), (above, '{"id": "b", "variants": []}\n')):
        folder.mkdir()
        (folder / "templates.jsonl").write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match="no answer 'b'"):
        lay_over(above, below)


def test_a_wording_takes_the_place_of_one_in_the_same_language_and_of_no_other(desk: Path) -> None:
    answers = {template.id: template for template in worded(desk)}
    german = answers["greeting.general"].wording(Occasion(language="de")).text
    telegram = answers["opening_hours.phone"].wording(Occasion(channel="telegram")).text
    assert "Englisch" not in german
    assert telegram.startswith("Tap to ring us")
