"""forms.yaml: what is read, and what each mistake is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.commands.demos import DEMOS
from bot.commands.setup import doctor
from bot.config import read_settings
from bot.form_files import read_forms
from bot.forms import Kind, worded
from bot.refused import Refused
from bot.slots import found
from tests.bot.form_desk import TOML, forms_in
from tests.bot.served import make_desk, served

SECRET = (
    "\n[lookup]\nsecret = 'sixteen-letters-and-more'\nhosts = ['shop.example', '127.0.0.1:99']\n"
)


def one_slot(slot: str, form: str = "") -> str:
    return f"forms:\n  f:\n    slots:\n      s: {slot}\n    closing: Done.\n{form}"


def looking_up(url: str, more: str = "") -> str:
    lookup = f"{{url: '{url}', answer: Yes., {more}}}"
    return f"forms:\n  f:\n    slots:\n      s: {{ask: Which}}\n    lookup: {lookup}\n"


def test_forms_are_read_with_their_slots(tmp_path: Path) -> None:
    forms = forms_in(tmp_path)
    order, back = forms.by_name["order"], forms.by_name["giving_back"]
    assert forms.of("order_status") is order
    assert [slot.name for slot in back.slots] == ["order_number", "reason", "pieces", "day", "note"]
    assert [slot.kind for slot in back.slots][1:] == [
        Kind.CHOICE,
        Kind.NUMBER,
        Kind.DATE,
        Kind.TEXT,
    ]
    assert order.slots[0].called == ("order number", "number")
    assert forms.by_name["repair"].hands_off


def test_a_desk_without_the_file_has_no_forms(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(TOML)
    assert list(read_forms(tmp_path, read_settings(tmp_path / "desk.toml"))) == []


def test_the_demo_shop_s_forms_are_read() -> None:
    (desk,) = DEMOS["en"]
    forms = read_forms(desk, read_settings(desk / "desk.toml"))
    assert [form.name for form in forms] == ["order_status"]


@pytest.mark.parametrize("shop", DEMOS["en"] + DEMOS["multi"])
def test_an_order_number_of_the_demo_is_known_however_it_is_written(shop: Path) -> None:
    slot = read_forms(shop, read_settings(shop / "desk.toml")).by_name["order_status"].slots[0]
    written = (
        "PP-204817",
        "pp204817",
        "PP 204817",
        "PP \u2013 204817",
        "it is #204817.",
        "订单204817吗",
    )
    assert [found(slot, text) for text in written] == [["PP-204817"]] * len(written)
    assert [found(slot, text) for text in ("PP-20481", "2048170", "R-20481", "XPP204817")] == [
        []
    ] * 4


@pytest.mark.parametrize("to", [r"PP-\2", r"PP-\g<x>", r"PP-\q"])
def test_a_way_of_writing_that_names_no_group_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(Refused, match="names no group"):
        forms_in(tmp_path, one_slot(f"{{pattern: '(a)', to: '{to}', ask: Which}}"))
    with pytest.raises(Refused, match="only what a pattern finds"):
        forms_in(tmp_path, one_slot("{to: 'a', ask: Which}"))


def test_a_form_of_five_hundred_slots_is_refused_by_name(tmp_path: Path) -> None:
    slots = "".join(f"      s{n}: {{ask: What}}\n" for n in range(500))
    with pytest.raises(Refused) as refused:
        forms_in(tmp_path, f"forms:\n  survey:\n    slots:\n{slots}    closing: Thanks.\n")
    assert str(refused.value) == (
        f"{tmp_path / 'forms.yaml'}, form 'survey': slots: there are 500, and 20 is the most a form "
        "may have: nobody answers more questions in a chat."
    )


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        ("forms: [", "line 1: this is not YAML"),
        ("- a", "give the forms by their names, under forms"),
        ("form:\n  a: {}", "form is not a known setting"),
        ("forms:\n  a: {}\n", "form 'a': slots: a form needs one slot at least"),
        ("forms:\n  a b: {slots: {}}\n", "a name has letters, digits and _ only"),
        ("forms:\n  a: {slots: {}}\n  a: {slots: {}}\n", "line 3: 'a' stands there twice"),
        ("a: &x [1]\nforms: *x\n", "line 2: this is not YAML: aliases"),
        ("[" * 5000, "nested too deeply"),
        (one_slot("{}"), "form 'f', slot 's': ask: is missing"),
        (one_slot("{ask: What, color: red}"), "slot 's': color is not a known setting"),
        (one_slot("{ask: What, kind: phone}"), "kind: 'phone' is not known; there are text"),
        (one_slot("{ask: What, kind: date, choices: [a]}"), "one of kind, pattern and choices"),
        (one_slot("{ask: What, pattern: 'a+'}"), "slot 's': pattern: a pattern needs bounds"),
        (one_slot("{ask: What, choices: [a, A]}"), "choices: two of them are the same"),
        (one_slot("{ask: What, choices: " + str(["c"] * 13) + "}"), "a list of 12 texts at most"),
        (one_slot("{ask: What, tries: 99}"), "tries: give a number from 0 to 5"),
        (one_slot("{ask: What, optional: perhaps}"), "optional: is either true or false"),
        (one_slot("{ask: " + "x" * 1001 + "}"), "ask: give a text of 1 to 1,000 characters"),
        (one_slot("{ask: {en: [x]}}"), "ask: give a text"),
        (one_slot("{ask: What}").replace("Done.", "'{{ t }}'"), "closing: t is not known"),
        (
            one_slot("{ask: What}").replace("Done.", "'{{ t'"),
            "closing: the text is not valid Liquid",
        ),
        (
            one_slot("{ask: What}").replace("Done.", "'{% for i in (1..t) %}x{% endfor %}'"),
            "closing: the text loops up to a number that is not written out",
        ),
        (
            one_slot("{ask: What}").replace("Done.", "'{{ t.__class__ }}'"),
            "closing: the text takes t.__class__ apart",
        ),
        (one_slot("{ask: What}").replace("closing: Done.", ""), "closing: is missing"),
        (one_slot("{ask: What}", "  g: {intent: f, slots: {s: {ask: W}}, closing: D}\n"), "begins"),
        (
            "forms:\n" + "".join(f"  f{n}: {{slots: {{s: {{ask: W}}}}}}\n" for n in range(51)),
            "has 51 forms",
        ),
        (looking_up("http://shop.example/o"), "outside this machine only https is asked"),
        (looking_up("https://evil.example/o"), "the host evil.example is not allowed"),
        (looking_up("https://shop.example@evil.example/"), "a url begins with https"),
        (looking_up("ftp://shop.example/o"), "a url begins with https"),
        (looking_up("//evil.example/o"), "a url begins with https"),
        (looking_up("https://shop.example/o", "timeout: 99"), "timeout: give a number from 0.1 to"),
        (looking_up("https://shop.example/o", "failed: '{{ x }}'"), "failed: x is not known"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, yaml: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        forms_in(tmp_path, yaml, TOML + SECRET)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "forms.yaml"))


@pytest.mark.parametrize("url", ["https://shop.example/o", "http://127.0.0.1:99/o"])
def test_a_host_that_is_allowed_may_be_asked_by_whoever_has_a_secret(
    tmp_path: Path, url: str
) -> None:
    assert list(forms_in(tmp_path, looking_up(url), TOML + SECRET))
    short = TOML + SECRET.replace("sixteen-letters-and-more", "short")
    with pytest.raises(Refused, match="calls are signed: give a secret of 16 characters"):
        forms_in(tmp_path, looking_up(url), short)


def test_the_sentence_never_shows_the_secret(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        forms_in(tmp_path, looking_up("https://x.example/"), TOML + SECRET)
    assert "sixteen" not in str(refused.value)
    assert "sixteen" not in repr(read_settings(tmp_path / "desk.toml"))


async def test_a_broken_file_refuses_to_serve(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    (tmp_path / "forms.yaml").write_text("forms: [", encoding="utf-8")
    with pytest.raises(Refused, match="this is not YAML"):
        async with served(desk):
            pass


def test_the_doctor_says_what_is_wrong_with_the_forms(tmp_path: Path) -> None:
    make_desk(tmp_path)
    checked = CliRunner().invoke(doctor, ["--desk", str(tmp_path), "--json"])
    (tmp_path / "forms.yaml").write_text(one_slot("{kind: date}"), encoding="utf-8")
    broken = CliRunner().invoke(doctor, ["--desk", str(tmp_path), "--json"])
    found = [
        next(c for c in json.loads(run.stdout)["checks"] if c["check"] == "forms")
        for run in (checked, broken)
    ]
    assert found[0] == {"check": "forms", "ok": True, "found": "none"}
    assert not found[1]["ok"]
    assert "slot 's': ask: is missing" in found[1]["found"]


def test_the_lookup_s_settings_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_LOOKUP_SECRET", "sixteen-letters-and-more")
    monkeypatch.setenv("FRONTDESK_LOOKUP_HOSTS", '["shop.example"]')
    assert list(forms_in(tmp_path, looking_up("https://shop.example/o"), TOML))


def test_a_sentence_is_said_in_the_language_that_a_script_belongs_to() -> None:
    asked = {"en": "Which order?", "zh": "哪个订单"}
    assert worded(asked, "zh-Hant") == "哪个订单"
    assert worded(asked, "fr") == worded(asked, "") == "Which order?"
    assert worded({"": "?", **asked}, "fr") == "?"
