"""Labelled questions: what a file may look like, and the sentence for what it may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.examples import (
    MAX_TEXT,
    Example,
    ExamplesError,
    distinct,
    normalised,
    read_examples,
    read_intents,
    read_rows,
    read_texts,
    refuse_unteachable,
    with_words,
    write_examples,
)
from retrieval.prediction import OUT_OF_SCOPE

TWO = [Example("where is it", "order"), Example("sing a song", OUT_OF_SCOPE)]


def file_of(folder: Path, name: str, data: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.csv", "text,intent\nwhere is it,order\nsing a song,\n"),
        ("windows.csv", "\ufefftext,intent\r\nwhere is it,order\r\nsing a song,\r\n"),
        ("more.csv", "id,intent,text,note\n1,order,where is it,\n2, , sing a song ,x\n"),
        ("quoted.csv", 'text,intent\n"where is it",order\n\n"sing a song",""\n'),
        ("no-end.csv", "text,intent\nwhere is it,order\nsing a song,"),
        ("a.jsonl", '{"text":"where is it","intent":"order"}\n\n{"text":"sing a song","intent":""}'),
        ("b.ndjson", '\ufeff{"text":"where is it","intent":"order","n":1}\r\n'
                     '{"text":"sing a song","intent":""}\r\n'),
    ],
)  # fmt: skip
def test_a_file_may_come_from_any_program(tmp_path: Path, name: str, data: str) -> None:
    assert read_examples(file_of(tmp_path, name, data)) == TWO


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.csv", "", "empty.csv holds no rows below its header"),
        ("header.csv", "text,intent\n", "header.csv holds no rows below its header"),
        ("empty.jsonl", "\n\n", "empty.jsonl holds no rows"),
        ("a.csv", "question,intent\nhello,x\n", "a.csv: there is no column 'text', only question"),
        ("a.csv", "text\nhello\n", "a.csv: there is no column 'intent', only text; the header"),
        ("a.csv", "text;intent\nhello;x\n", "there is no column 'text', only text;intent"),
        ("a.csv", "\n\nhello,x\n", "there is no column 'text', only nothing"),
        ("a.csv", "text,intent\nhello,x\nbye\n", "a.csv, line 3: the row has no intent"),
        ("a.csv", "text,intent\n\n\nhello,x\n\nbye\n", "a.csv, line 6: the row has no intent"),
        ("a.csv", 'text,intent\n"two\nlines",x\nbye\n', "a.csv, line 4: the row has no intent"),
        ("a.csv", 'text,intent\nhello,x\n"open,y\n', "a.csv, line 3: not valid CSV"),
        ("a.csv", b"text,intent\nhello,x\ncaf\xe9,y\n", "line 3: byte 23 is not UTF-8; save"),
        ("a.csv", "text,intent\n".encode("utf-16"), "line 1: byte 0 is not UTF-8"),
        ("a.csv", "text,intent\nhello,x\n".encode("utf-16-le"), "there is no column 'text'"),
        ("a.jsonl", '{"text":"a","intent":"x"}\n{"text"', "a.jsonl, line 2: not JSON"),
        ("a.jsonl", '{"text":"a","intent":"x"}\n\n[]', "a.jsonl, line 3: a row is a JSON object"),
        ("a.jsonl", '{"text":"a","intent":"x"}\n{"text":"b"}', "line 2: the row has no intent"),
        ("a.jsonl", '{"text":"a","intent":null}', "line 1: the row has no intent"),
        ("a.jsonl", '{"text":5,"intent":"x"}', "line 1: the row has no text"),
        ("a.jsonl", '{"text":"a","intent":"x","n":' + "1" * 5000 + "}", "line 1: not JSON"),
        ("a.jsonl", "[" * 100_000, "line 1: not JSON"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, name: str, data: str | bytes, why: str
) -> None:
    with pytest.raises(ExamplesError, match=name) as refused:
        read_examples(file_of(tmp_path, name, data))
    assert why in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ExamplesError, match="cannot be read"):
            read_examples(missing)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_megabyte_of_text_is_cut(tmp_path: Path, name: str) -> None:
    long = "where is it " * 90_000
    row = (
        f"text,intent\n{long},order\n"
        if name == "a.csv"
        else json.dumps({"text": long, "intent": "order"})
    )
    [example] = read_examples(file_of(tmp_path, name, row))
    assert example == Example(long[:MAX_TEXT], "order")


def test_half_a_surrogate_pair_becomes_something_that_can_be_stored(tmp_path: Path) -> None:
    data = r'{"text": "hi \ud83e there", "intent": "gre\ud800et"}'
    [example] = read_examples(file_of(tmp_path, "a.jsonl", data))
    assert example == Example("hi \ufffd there", "gre\ufffdet")
    write_examples(tmp_path / "again.csv", [example])


def test_control_characters_are_taken_out(tmp_path: Path) -> None:
    for name, data in (
        ("a.csv", "text,intent\na\0b,x\n"),
        ("a.jsonl", r'{"text":"a\u0000b","intent":"x"}'),
    ):
        assert read_examples(file_of(tmp_path, name, data)) == [Example("ab", "x")]


def test_rows_keep_their_other_columns_and_lines(tmp_path: Path) -> None:
    file = file_of(tmp_path, "a.csv", 'id,text\n1,"two\nlines"\n\n2,three,too many\n4\n')
    assert [(line, dict(row)) for line, row in read_rows(file, "text")] == [
        (2, {"id": "1", "text": "two\nlines"}),
        (5, {"id": "2", "text": "three"}),
        (6, {"id": "4", "text": None}),
    ]


def test_a_row_without_words_is_read_and_teaches_nothing(tmp_path: Path) -> None:
    examples = read_examples(file_of(tmp_path, "a.csv", "text,intent\n  ,order\nhello,\n"))
    assert examples == [Example("", "order"), Example("hello", OUT_OF_SCOPE)]
    assert with_words(examples) == examples[1:]


def test_texts_are_read_without_their_labels(tmp_path: Path) -> None:
    assert read_texts(file_of(tmp_path, "a.csv", "text\nhello\nbye\n")) == ["hello", "bye"]


WRITABLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), max_size=30
)


@given(
    st.lists(
        st.builds(Example, WRITABLE.map(str.strip).filter(bool), WRITABLE.map(str.strip)),
        min_size=1,
    )
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, examples: list[Example]
) -> None:
    file = tmp_path_factory.getbasetemp() / "written.csv"
    write_examples(file, examples)
    assert read_examples(file) == examples


@pytest.mark.parametrize(
    ("intents", "why"),
    [
        ([], "at least two intents to tell apart, not 0"),
        (["a", "a", "a"], "at least two intents to tell apart, not 1"),
        (["a", "a", "", ""], "at least two intents to tell apart, not 1"),
        (["a", "a", "b"], "there is 1 intent: 'b' with a single example: write at least 2"),
        (["a", "b", "c", "c"], "there are 2 intents: 'a', 'b' with a single example"),
    ],
)
def test_what_no_classifier_can_learn_is_refused(intents: list[str], why: str) -> None:
    with pytest.raises(ExamplesError) as refused:
        refuse_unteachable([Example("text", intent) for intent in intents])
    assert why in str(refused.value)


def test_the_smallest_set_is_two_of_two() -> None:
    refuse_unteachable([Example("text", intent) for intent in ("a", "a", "b", "b", "")])


def test_of_repeats_the_most_trusted_stays() -> None:
    weak, strong = Example("Where  IS it", "order", 0.3), Example("where is it", "order", 1.0)
    other = Example("where is it", "repair")
    assert distinct([weak, strong, other, weak]) == [strong, other]
    assert normalised(" STRASSE\n x") == normalised("straße x")


def test_what_intents_are_about_is_read_by_name(tmp_path: Path) -> None:
    file = file_of(tmp_path, "intents.csv", "intent,description\nrefund, Money back \nrepair,\n")
    assert read_intents(file) == {"refund": "Money back", "repair": ""}


def test_a_description_of_nothing_is_refused_with_its_line(tmp_path: Path) -> None:
    file = file_of(tmp_path, "intents.csv", "intent,description\n,about nothing\n")
    with pytest.raises(ExamplesError, match=r"intents.csv, line 2: the row names no intent"):
        read_intents(file)


def test_a_described_intent_may_have_a_single_example_or_none() -> None:
    few = [Example("one", "a"), Example("two", "b"), Example("three", "b")]
    refuse_unteachable(few, {"a", "c"})
    with pytest.raises(ExamplesError, match="'a' with a single example"):
        refuse_unteachable(few, {"c"})
