"""The second demo shop, 栖川茶铺: its questions, answers and pages agree with each other, and nothing is measured on what is learned."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bot.config import read_settings
from finetune.examples import read_examples
from retrieval.passages import ASKED, read_pages
from retrieval.template_files import read_templates

ROOT = Path(__file__).parents[2]
DESK = ROOT / "bot" / "demo" / "desk-zh"
GOLD = ROOT / "benchmarks" / "gold" / "zh"
SETTINGS = read_settings(DESK / "desk.toml")
TEMPLATES = {template.id: template for template in read_templates(DESK / "templates.jsonl")}
PASSAGES = read_pages(DESK / "pages")
NUMBER = re.compile(r"(?:QC|XB)\W?\d", re.IGNORECASE)  # an order or a repair, however it is typed
CONTACT = re.compile(r"[a-z]+@[a-z.]+|\d{4}-\d{7}|\w溪边街 \d+ 号")


def rows(name: str) -> list[dict[str, str]]:
    folder = DESK if (DESK / name).is_file() else GOLD
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts(name: str, column: str = "text") -> list[str]:
    return [row[column] for row in rows(name)]


def said(text: str) -> str:
    """A text without what a hasty customer leaves out: width, case, spaces, punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum()) or plain


def twice(given: Iterable[str]) -> list[str]:
    return [text for text, times in Counter(map(said, given)).items() if times > 1]


def test_every_intent_has_at_least_twenty_examples_and_at_least_five_held_out_questions() -> None:
    learned = Counter(example.intent for example in read_examples(DESK / "examples.csv"))
    held_out = Counter(example.intent for example in read_examples(DESK / "heldout.csv"))
    assert learned.pop("") >= 80
    assert held_out.pop("") == 50
    assert min(learned.values()) >= 20
    assert min(held_out.values()) >= 5
    assert len(learned) == 30
    assert learned.keys() == held_out.keys() == {t.intent for t in TEMPLATES.values()}


def test_no_question_is_asked_twice_or_measured_after_it_was_learned() -> None:
    learned, held_out = texts("examples.csv"), texts("heldout.csv")
    asked = texts("knowledge.csv", "question")
    answered = [question for template in TEMPLATES.values() for question in template.questions]
    on_pages = [question for passage in PASSAGES for question in passage.asked]
    assert twice(learned) + twice(held_out + asked) + twice(answered) + twice(on_pages) == []
    assert {*map(said, learned + answered + on_pages)} & {*map(said, held_out + asked)} == set()


def test_every_held_out_question_in_scope_has_an_answer_of_its_intent_and_what_that_needs() -> None:
    asked = rows("templates.csv")
    in_scope = [example for example in read_examples(DESK / "heldout.csv") if example.intent]
    assert [(r["text"], r["intent"]) for r in asked] == [(e.text, e.intent) for e in in_scope]
    for row in asked:
        template = TEMPLATES[row["template"]]
        assert template.intent == row["intent"], row
        assert template.needs <= SETTINGS.words.known("", [row["text"]]).keys(), row
    assert {row["template"] for row in asked} == TEMPLATES.keys()


def test_the_desk_finds_every_number_that_its_customers_write() -> None:
    answered = [question for template in TEMPLATES.values() for question in template.questions]
    written = [*texts("examples.csv"), *texts("heldout.csv"), *answered]
    numbered = [text for text in written if NUMBER.search(unicodedata.normalize("NFKC", text))]
    assert len(numbered) > 40
    assert [text for text in numbered if not SETTINGS.words.known("", [text])] == []


def test_a_fact_stands_in_the_section_that_is_said_to_answer_and_in_no_template() -> None:
    answers = [template.text.replace("**", "") for template in TEMPLATES.values()]
    answered = [row for row in rows("knowledge.csv") if row["page"]]
    assert len(answered) == 60
    assert {row["page"] for row in answered} == {passage.page for passage in PASSAGES}
    for row in answered:
        section = [p.text for p in PASSAGES if (p.page, p.heading) == (row["page"], row["heading"])]
        assert any(row["fact"] in text for text in section), row
        assert 3 <= len(row["fact"]) <= 20, row
        assert not any(row["fact"] in text for text in answers), row


def test_what_no_page_answers_names_no_page() -> None:
    unanswered = [row for row in rows("knowledge.csv") if not row["page"]]
    assert len(unanswered) == 25
    assert not any(row["heading"] + row["fact"] for row in unanswered)


def test_pages_are_short_and_give_the_addresses_that_the_answers_give() -> None:
    pages = [file.read_text(encoding="utf-8") for file in sorted((DESK / "pages").glob("*.md"))]
    assert len(pages) == 18
    assert all(300 <= len(ASKED.sub("", page)) <= 900 for page in pages)
    given = {c for template in TEMPLATES.values() for c in CONTACT.findall(template.text)}
    assert len(given) == 4
    assert [contact for contact in given if not any(contact in page for page in pages)] == []


def test_it_speaks_chinese_on_the_plain_page_and_fits_in_a_repository() -> None:
    assert (SETTINGS.language, SETTINGS.page) == ("zh", "plain")
    assert set(SETTINGS.patterns) == {"order_number", "repair_number"}
    assert all(file.stat().st_size < 2**20 for file in DESK.rglob("*.*"))
