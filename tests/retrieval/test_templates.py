"""Templates: what a customer would see, and what an owner is told when it would look broken."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from retrieval.sandbox import MAX_ANSWER
from retrieval.template_files import read_templates, template_row
from retrieval.templates import Template, TemplateError, titles_of
from tests import tiny

GREETING = "Hello{% if name %} {{ name }}{% endif %}, {{ order_number | default: 'your order' }}."


def template(text: str) -> Template:
    return Template("greeting", "greet", text)


def jsonl(folder: Path, *rows: object) -> Path:
    file = folder / "templates.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def csv_file(folder: Path, text: str) -> Path:
    file = folder / "templates.csv"
    file.write_bytes(text.encode())
    return file


def test_variables_are_filled_in() -> None:
    said = template(GREETING).render({"name": "Ada", "order_number": "PP-1"})
    assert said == "Hello Ada, PP-1."


@pytest.mark.parametrize("unknown", [{}, {"name": "", "order_number": ""}])
def test_a_missing_or_empty_variable_takes_its_fallback(unknown: dict[str, str]) -> None:
    assert template(GREETING).render(unknown) == "Hello, your order."


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7 | times: 7 }}",
        "{% for i in (1..9) %}x{% endfor %}",
        "{{",
        "%}",
        "<b>&amp;</b>",
        "\u202e",
    ],
)
def test_what_a_customer_typed_is_never_a_template(hostile: str) -> None:
    assert template("Hi {{ name }}!").render({"name": hostile}) == f"Hi {hostile}!"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ ordernumber }}", "not known: did you mean order_number? Use name, order_number"),
        ("{{ price }}", "uses price, which is not known: use name, order_number"),
        ("{{ name }} {{ a }} {{ b.c }}", "uses a, b"),
        ("Hello {{ name ", "not valid Liquid"),
        ("{% if name %}x", "not valid Liquid"),
        ("{{ name | shout }}", "shout"),
        ("{% include 'other' %}", "'greeting' reads another file"),
        ("Hi {{ name }}!", "says name where it may be unknown"),
        (
            "{% if order_number %}{{ name | upcase }}{% endif %}",
            "says name where it may be unknown",
        ),
        ("{{ surname | default: 'you' }}", "uses surname"),
        ("{{ '' }}", "says nothing where no variable is known"),
        (" ", "says nothing where no variable is known"),
        ("{% if name %}Hello {{ name }}.{% endif %}", "says nothing where no variable is known"),
        (
            "{% unless order_number %}Which order?{% endunless %}",
            "says nothing where nothing but order_number is known",
        ),
        ("x" * (MAX_ANSWER + 1), f"between 1 and {MAX_ANSWER}"),
    ],
)
def test_a_text_that_would_look_broken_is_refused(text: str, why: str) -> None:
    with pytest.raises(TemplateError, match="template 'greeting'") as refused:
        template(text).check()
    assert why in str(refused.value)


def test_a_need_that_is_no_variable_is_refused() -> None:
    with pytest.raises(TemplateError, match="uses tracking_number"):
        Template("a", "b", "text", needs=frozenset({"tracking_number"})).check()


@pytest.mark.parametrize("body", ["x", ""])
def test_an_endless_loop_ends_at_once(body: str) -> None:
    begun = time.monotonic()
    with pytest.raises(TemplateError, match="loop iteration limit"):
        template(f"{{% for i in (1..100000000) %}}{body}{{% endfor %}}").render({})
    assert time.monotonic() - begun < 5


def test_jsonl_and_csv_say_the_same(tmp_path: Path) -> None:
    row = {
        "id": "where",
        "intent": "order_status",
        "title": "My order",
        "questions": ["where is it", "track it"],
        "needs": ["order_number"],
        "hands_off": True,
        "text": "Look at {{ order_number }},\nthen wait.",
    }
    table = csv_file(
        tmp_path,
        "id,intent,title,questions,needs,hands_off,text\r\n"
        'where,order_status,My order,where is it | track it,order_number,yes,"Look at'
        ' {{ order_number }},\nthen wait."\r\n',
    )
    [one], [other] = read_templates(jsonl(tmp_path, row)), read_templates(table)
    assert one == other
    assert one.questions == ("where is it", "track it")
    assert one.needs == {"order_number"}
    assert one.hands_off
    assert "\n" in other.text


def test_what_was_read_is_written_back_the_same(tmp_path: Path) -> None:
    assert read_templates(jsonl(tmp_path, *map(template_row, tiny.TEMPLATES))) == tiny.TEMPLATES


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0c"])
def test_a_line_separator_inside_a_text_ends_no_row(tmp_path: Path, odd: str) -> None:
    text = f"one{odd}two"
    assert read_templates(jsonl(tmp_path, {"id": "a", "intent": "b", "text": text}))[0].text == text
    [cell] = read_templates(csv_file(tmp_path, f"id,intent,text\na,b,{text}\n"))
    assert cell.text == text


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    [cell] = read_templates(csv_file(tmp_path, "\ufeffid,intent,text\na,b,hello\n"))
    assert cell.id == "a"


GOOD = {"id": "a", "intent": "b", "text": "c"}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([GOOD, "", "{oops"], "templates.jsonl, line 3: not JSON"),
        ([GOOD, "[1]"], "line 2: a template is a JSON object"),
        ([GOOD, {"id": "x", "intent": "b"}], "line 2: 'text' is missing"),
        ([{**GOOD, "intent": 7}], "line 1: 'intent' is missing"),
        ([{**GOOD, "id": "  "}], "line 1: 'id' is missing"),
        ([{**GOOD, "questions": 7}], "line 1, questions: give a list of texts"),
        ([{**GOOD, "needs": [1]}], "line 1, needs: give a list of texts"),
        ([GOOD, GOOD], "two templates are called 'a'"),
        ([f'{{"id": {"1" * 5000}}}'], "line 1: not JSON"),
        (["[" * 100_000], "line 1: not JSON"),
        ([r'{"id": "a", "intent": "b", "text": "\ud800"}'], "line 1: not JSON"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, rows: list[object], why: str) -> None:
    with pytest.raises(TemplateError) as refused:
        read_templates(jsonl(tmp_path, *rows))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('id,intent,text\na,b,"one\ntwo"\nc,,three\n', "line 4: 'intent' is missing"),
        ('id,intent,text\na,b,c\nd,e,"f', "line 3: not valid CSV"),
        ("identity,text\na,b\n", "line 2: 'identity' is no field of a template"),
        ("id,intent,text\na,b,c,d\n", "line 2: there are more cells than columns"),
    ],
)
def test_a_bad_csv_row_is_refused_with_the_line_it_begins_on(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        read_templates(csv_file(tmp_path, text))
    assert why in str(refused.value)


def test_a_file_that_is_not_utf_8_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,intent,text\na,b,caf\xe9\n")
    for name in ("t.csv", "none.jsonl"):
        with pytest.raises(TemplateError, match=f"{name} cannot be read"):
            read_templates(tmp_path / name)


def test_an_intent_is_called_by_its_first_title_or_in_words() -> None:
    templates = [
        Template("a", "refund", "x"),
        Template("b", "refund", "x", "Money back"),
        Template("c", "refund", "x", "Later"),
    ]
    assert titles_of(templates, ["refund", "opening_hours"]) == {
        "refund": "Money back",
        "opening_hours": "Opening hours",
    }
