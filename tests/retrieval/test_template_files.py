"""The fields of a template in a file: read, written back, and refused with their place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from retrieval.enclosures import Attachment, QuickReply
from retrieval.template_files import read_sealed, read_templates, template_row
from retrieval.templates import State, TemplateError, live
from retrieval.variants import Variant

FULL = {
    "id": "gift_wrap",
    "intent": "gift_wrap",
    "text": "Yes, for {{ price }}.",
    "variants": [
        {
            "text": "Ja, für {{ price }}.",
            "channel": "web",
            "language": "de",
            "quick_replies": [{"label": "Gern", "says": "Bitte einpacken"}],
        }
    ],
    "attachments": [
        {"name": "Papers", "url": "https://shop.example/papers.pdf"},
        {"name": "Prices", "url": "files/prices.pdf"},
    ],
    "quick_replies": [{"label": "Wrap it", "says": "Please wrap my order"}],
    "valid_from": "2026-11-01",
    "valid_until": "2026-12-24",
    "not_for": ["business"],
    "only_for": ["vip"],
    "state": "approved",
    "author": "eve",
    "changed_at": "2026-11-01T09:00:00+01:00",
}
HEADER = (
    "id,intent,text,text:web:de,quick_replies:web:de,attachments,quick_replies,valid_from,valid_until,not_for,only_for,"
    "state,author,changed_at"
)
CELLS = (
    'gift_wrap,gift_wrap,"Yes, for {{ price }}.","Ja, für {{ price }}.",Gern = Bitte einpacken,'
    "Papers = https://shop.example/papers.pdf | Prices = files/prices.pdf,"
    "Wrap it = Please wrap my order,2026-11-01,2026-12-24,business,vip,approved,eve,2026-11-01T09:00:00+01:00"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "desk.toml").write_text("[variables]\nprice = 'two euros'\n")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "prices.pdf").write_bytes(b"%PDF")
    return tmp_path


def written(desk: Path, **changed: Any) -> Path:
    file = desk / "templates.jsonl"
    file.write_text(json.dumps(FULL | changed), encoding="utf-8")
    return file


def test_every_field_is_read_from_json_lines_and_from_a_table_alike(desk: Path) -> None:
    table = desk / "templates.csv"
    table.write_text(f"{HEADER}\n{CELLS}\n", encoding="utf-8")
    [one], [other] = read_templates(written(desk)), read_templates(table)
    assert one == other
    gladly = (QuickReply("Gern", "Bitte einpacken"),)
    assert one.variants == (Variant("Ja, für {{ price }}.", "web", "de", gladly),)
    assert one.attachments[1] == Attachment("Prices", "files/prices.pdf")
    assert one.quick_replies == (QuickReply("Wrap it", "Please wrap my order"),)
    assert (one.valid_from, one.valid_until) == (date(2026, 11, 1), date(2026, 12, 24))
    assert one.not_for == {"business"}
    assert one.only_for == {"vip"}
    assert (one.state, one.author) == (State.APPROVED, "eve")


def test_every_field_is_written_back_as_it_was_read(desk: Path) -> None:
    [one] = read_templates(written(desk))
    file = desk / "again.jsonl"
    file.write_text(json.dumps(template_row(one)), encoding="utf-8")
    assert read_sealed(file) == (one,)


def test_a_release_may_say_what_its_desk_no_longer_knows(desk: Path) -> None:
    file = written(desk)
    (desk / "desk.toml").write_text("")
    with pytest.raises(TemplateError, match="uses price, which is not known"):
        read_templates(file)
    assert read_sealed(file)


def test_a_release_may_hold_an_answer_that_was_liquid_once_and_it_is_said_to_nobody(
    desk: Path,
) -> None:
    file = desk / "sealed.jsonl"
    texts = ("Hello {{ name | escape }}.", "Bye.", "{% cycle 'a', 'b' %}", "{{ name.size }}")
    rows = ({"id": f"t{n}", "intent": "a", "text": text} for n, text in enumerate(texts))
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    read = read_sealed(file)
    assert [one.text for one in read] == list(texts)
    assert [one.id for one in live(read)] == ["t1"]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"approved": False}, State.DRAFT),
        ({"approved": True}, State.LIVE),
        ({"approved": "no"}, State.DRAFT),
        ({}, State.LIVE),
        ({"state": "draft"}, State.DRAFT),
    ],
)
def test_a_file_from_before_says_approved_and_means_live_or_draft(
    desk: Path, given: dict[str, object], state: State
) -> None:
    file = desk / "templates.jsonl"
    file.write_text(json.dumps({"id": "a", "intent": "b", "text": "c", **given}))
    assert read_templates(file)[0].state is state


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"questons": ["a"]}, "line 1: 'questons' is no field of a template"),
        ({"a": 1, "b": 2}, "line 1: 'a', 'b' is no field"),
        ({"state": "ready"}, "line 1, state: 'ready' is none; use draft, approved, live"),
        ({"state": "retired"}, "'retired' is none"),
        ({"approved": True}, "line 1: give either 'state' or 'approved', not both"),
        ({"valid_until": "24.12.2026"}, "line 1, valid_until: '24.12.2026' is no day"),
        ({"valid_until": 2026}, "line 1, valid_until: '2026' is no day"),
        ({"valid_until": "2026-10-01"}, "ends on 2026-10-01, before it begins on 2026-11-01"),
        ({"changed_at": "yesterday"}, "line 1, changed_at: 'yesterday' is no time"),
        ({"variants": {"de": "x"}}, "line 1, variants: give a list of objects"),
        ({"variants": [{"txt": "x"}]}, "line 1, variants: each has text"),
        ({"variants": [{"text": " ", "language": "de"}]}, "line 1, variants: each has text"),
        ({"variants": [{"text": "x"}]}, "without a channel and without a language"),
        ({"variants": [{"text": "x", "channel": "fax"}]}, "the channel 'fax': use web"),
        ({"variants": [{"text": "x", "language": "German"}]}, "in 'German': use codes like de"),
        ({"variants": 2 * [{"text": "x", "language": "de"}]}, "two variants for de"),
        ({"variants": [{"text": "{{ pri }}", "language": "de"}]}, "uses pri, which is not known"),
        ({"variants": [{"text": "{{ name }}", "language": "de"}]}, "says name where it may be"),
        ({"attachments": [{"name": "x"}]}, "line 1, attachments: each has name and url"),
        ({"attachments": [{"name": "x", "url": "http://a.example"}]}, "neither an https address"),
        ({"attachments": [{"name": "x", "url": "https://u:p@a.example"}]}, "neither an https"),
        ({"attachments": [{"name": "x", "url": "files/../desk.db"}]}, "neither an https address"),
        ({"attachments": [{"name": "x", "url": "files/.secret"}]}, "neither an https address"),
        ({"attachments": [{"name": "x", "url": "files/gone.pdf"}]}, "files/gone.pdf, which is not"),
        (
            {"attachments": 6 * [{"name": "x", "url": "https://a.example"}]},
            "more than 5 attachments",
        ),
        ({"quick_replies:de": "a = b"}, "there is no text:de that it belongs to"),
        (
            {"variants": [{"text": "x", "language": "de", "quick_replies": "yes"}]},
            "line 1, variants, quick_replies: write label = says, not 'yes'",
        ),
        (
            {"variants": [{"text": "x", "language": "de", "quick_replies": [{"label": ""}]}]},
            "line 1, variants, quick_replies: each has label and says",
        ),
        ({"quick_replies": ["yes"]}, "line 1, quick_replies: give a list of objects"),
        ({"quick_replies": [{"label": "x" * 41, "says": "y"}]}, "label is not 1 to 40"),
        ({"quick_replies": [{"label": "x", "says": "y" * 191}]}, "does not say 1 to 190"),
        ({"quick_replies": 4 * [{"label": "x", "says": "y"}]}, "more than 3 quick replies"),
        ({"not_for": ["Big Business"]}, "the segment 'Big Business'"),
        ({"not_for": ["vip"]}, "both for and not for vip"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_with_its_place(
    desk: Path, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        read_templates(written(desk, **changed))
    assert why in str(refused.value)
    assert str(refused.value).startswith("templates.jsonl")


def test_a_desk_that_cannot_be_read_is_named(desk: Path) -> None:
    (desk / "desk.toml").write_text("variables = 7")
    with pytest.raises(TemplateError, match=r"desk.toml: \[variables\] holds names and texts"):
        read_templates(written(desk))
