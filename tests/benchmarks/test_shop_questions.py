"""The questions kept for measuring the demo shop fit its pages and templates, and nothing that it learns from."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

from benchmarks.answers import Line, table
from finetune.examples import normalised, read_examples
from retrieval.passages import read_pages
from retrieval.template_files import read_templates

ROOT = Path(__file__).parent.parent.parent
DESK = ROOT / "bot" / "demo" / "desk"
SHOP = ROOT / "benchmarks" / "gold" / "en"
TEMPLATES = {template.id: template for template in read_templates(DESK / "templates.jsonl")}
PASSAGES = read_pages(DESK / "pages")
PAGES = {passage.page for passage in PASSAGES}


def rows(name: str) -> list[dict[str, str]]:
    with (SHOP / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def carries(text: str, variable: str) -> bool:
    """Whether the desk would find the variable in the text."""
    patterns = tomllib.loads((DESK / "desk.toml").read_text(encoding="utf-8"))["patterns"]
    return re.search(patterns[variable], text, re.IGNORECASE) is not None


def test_a_fact_stands_in_the_section_that_is_said_to_answer() -> None:
    sections: Counter[tuple[str, str]] = Counter()
    for row in rows("knowledge.csv"):
        if row["fact"]:
            sections[row["page"], row["heading"]] += 1
            section = [
                p.text for p in PASSAGES if (p.page, p.heading) == (row["page"], row["heading"])
            ]
            assert any(row["fact"] in text for text in section), row
            assert 2 <= len(row["fact"].split()) <= 12, row
        else:
            assert not row["page"] + row["heading"], row
    assert sections.total() == 150
    assert {page for page, _ in sections} == PAGES


def test_no_template_says_what_only_a_page_should_answer() -> None:
    said = [template.text.replace("**", "") for template in TEMPLATES.values()]
    facts = [row["fact"] for row in rows("knowledge.csv") if row["fact"]]
    assert [fact for fact in facts if any(fact in text for text in said)] == []


def test_every_held_out_question_in_scope_has_a_template_of_its_intent_and_what_that_needs() -> (
    None
):
    asked = rows("templates.csv")
    in_scope = [example for example in read_examples(DESK / "heldout.csv") if example.intent]
    assert [(r["text"], r["intent"]) for r in asked] == [(e.text, e.intent) for e in in_scope]
    for row in asked:
        for name in row["template"].split("|"):
            template = TEMPLATES[name]
            assert template.intent == row["intent"], row
            assert all(carries(row["text"], variable) for variable in template.needs), row


def test_every_second_message_has_an_answer_that_exists() -> None:
    pairs = rows("followups.csv")
    assert Counter(row["kind"] for row in pairs) == {"followup": 120, "change": 120}
    for row in pairs:
        for name in row["template"].split("|"):
            assert name.removeprefix("page:") in (PAGES if name.startswith("page:") else TEMPLATES)


def test_no_question_is_asked_twice_or_stands_in_what_the_shop_learns_from() -> None:
    asked = [row["question"] for row in rows("knowledge.csv")]
    asked += [row[turn] for row in rows("followups.csv") for turn in ("first", "second")]
    learned = [
        e.text for name in ("examples.csv", "heldout.csv") for e in read_examples(DESK / name)
    ]
    learned += [question for template in TEMPLATES.values() for question in template.questions]
    learned += [question for passage in PASSAGES for question in passage.asked]
    times = Counter(normalised(text) for text in asked)
    assert [text for text, count in times.items() if count > 1] == []
    assert times.keys() & {normalised(text) for text in learned} == set()


def test_each_aim_is_said_to_be_held_or_missed() -> None:
    lines = [Line("right", 0.924, 250, 0.92), Line("- alone", 0.5, 250), Line("said", 0.7, 10, 0.8)]
    assert [line.verdict() for line in lines] == [
        "held: right, 92.4 % (aim 92 %)",
        "",
        "missed: said, 70.0 % (aim 80 %)",
    ]
    assert table(lines).splitlines()[2:4] == [
        "| right | 92.4 % | 250 | 92 % |",
        "| - alone | 50.0 % | 250 |  |",
    ]
