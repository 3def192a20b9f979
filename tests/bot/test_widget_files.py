"""The widget's files as they are: its languages, its styles, its parts and what they weigh."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.channels.web_frames import CLOSED, GIVEN_BACK, SENTENCES
from bot.channels.web_loader import LOST, loader_in, wished
from bot.channels.web_slim import joined, slim

STATIC = Path(__file__).parents[2] / "bot" / "static"
LOCALES = {path.stem: path for path in sorted((STATIC / "widget" / "locales").glob("*.js"))}
ENTRY = re.compile(r'^  ("(?:[^"\\]|\\.)+"): (.+),$', re.MULTILINE)
FORM = re.compile(r'(\w+): ("(?:[^"\\]|\\.)+")')
PLACE = re.compile(r"\{(\w+)\}")
PLURALS = {  # the categories that whole numbers from 1 to 1,000 have, by the Unicode CLDR
    "ar": {"one", "two", "few", "many", "other"},
    "he": {"one", "two", "other"},
    "ru": {"one", "few", "many"},
    **{key: {"other"} for key in ("ja", "zh-Hans", "zh-Hant")},
    **{key: {"one", "other"} for key in ("de", "es", "fr", "hi", "pt")},
}


def sentences(path: Path) -> dict[str, dict[str, str]]:
    """Return a language's sentences, each by plural category; one without forms has only `other`."""
    found = {}
    for key, value in ENTRY.findall(path.read_text(encoding="utf-8")):
        forms = FORM.findall(value) if value.startswith("{") else [("other", value)]
        found[json.loads(key)] = {category: json.loads(text) for category, text in forms}
    return found


def said_by_the_widget() -> set[str]:
    """Return every English sentence in the widget's modules that is handed to its tongue, or to what hands it on."""
    modules = [*(STATIC / "widget").glob("*.js"), *(STATIC / "widget" / "later").glob("*.js")]
    code = "".join(path.read_text(encoding="utf-8") for path in modules)
    said = {
        json.loads(text)
        for text in re.findall(r'(?:\bt|#t|mark|markAll)\((?:id, )?("[^"]+")', code)
    }
    said |= {
        json.loads(text) for text in re.findall(r'"(?:sound|save|plane)", ("[^"]+"), \(', code)
    }
    said |= {json.loads(text) for text in re.findall(r'"(?:up|down)", ("This [^"]+")', code)}
    for name in ("REASONS = {", "SCORES = [", "REFUSED = {", "LATER = ", "SORRY = "):
        listed = code.partition(name)[2].partition(";")[0]
        said |= {json.loads(text) for text in re.findall(r'"[A-Z{][^"]+"', listed)}
    return said | {"Edit", "You might ask", "What others asked next"}


def test_what_the_server_says_to_a_customer_is_in_every_language() -> None:
    unsaid = {"restarting", "bad_identity", "not_rated", "not_scored"}  # see session.js, panel.js
    said = {GIVEN_BACK, CLOSED} | {SENTENCES[code] for code in set(SENTENCES) - unsaid}
    assert said - set(sentences(LOCALES["de"])) == set()


def test_there_are_twelve_languages_with_english() -> None:
    assert set(LOCALES) == set(PLURALS)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_says_everything(locale: str) -> None:
    known = sentences(LOCALES[locale])
    assert said_by_the_widget() - set(known) == set()
    others = [set(sentences(path)) for path in LOCALES.values()]
    assert all(set(known) == other for other in others)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_keeps_the_places_and_has_every_plural(locale: str) -> None:
    for english, forms in sentences(LOCALES[locale]).items():
        places = set(PLACE.findall(english))
        for text in forms.values():
            assert set(PLACE.findall(text)) <= places, english
        if places - {"n"}:
            assert all(set(PLACE.findall(text)) == places for text in forms.values()), english
        if "n" in places:
            assert PLURALS[locale] <= set(forms), english


def on_the_wire(script: str) -> int:
    """Return how many bytes a script takes when it is fetched."""
    return len(gzip.compress(slim(script).encode(), 9, mtime=0))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_is_light(locale: str) -> None:
    assert on_the_wire(LOCALES[locale].read_text(encoding="utf-8")) <= 2 * 1024


def test_the_loader_and_the_panel_are_light() -> None:
    script = (STATIC / "widget.js").read_text(encoding="utf-8")
    loader = max(on_the_wire(loader_in(locale, script)) for locale in LOCALES)
    panel = on_the_wire(joined(panel_modules(), "panel.js"))
    assert loader <= 3_072
    assert loader + panel <= 20_480


def test_the_loader_has_its_sentence_in_every_language() -> None:
    script = slim((STATIC / "widget.js").read_text(encoding="utf-8"))
    assert set(LOST) == {"en", *LOCALES}
    for locale, sentence in LOST.items():
        assert loader_in(locale, script).count(sentence) == 1


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "en"),
        ("*", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("nl, zh-TW;q=0.7, de;q=0.9", "de"),
        ("zh", "zh-Hans"),
        ("zh-HK", "zh-Hant"),
        ("de;q=0, ja;q=0.1", "ja"),
        ("de;q=much, ;;=, he", "he"),
    ],
)
def test_the_loader_is_asked_for_in_the_browsers_language(accepted: str, locale: str) -> None:
    assert wished(accepted) == locale


def panel_modules() -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8") for path in (STATIC / "widget").glob("*.js")
    }


def test_the_docs_list_every_method_and_event_that_is_typed() -> None:
    typed = (STATIC / "widget.d.ts").read_text(encoding="utf-8")
    docs = (STATIC.parents[1] / "docs" / "widget.md").read_text(encoding="utf-8")
    events = set(
        re.findall(
            r"^  (\w+): (?:undefined|\{)",
            typed.partition("export interface FrontdeskWidget")[0],
            re.M,
        )
    )
    methods = set(re.findall(r"^  (\w+)(?:<[^(]+>)?\(", typed, re.M))
    loader = (STATIC / "widget.js").read_text(encoding="utf-8")
    assert len(methods) == 10
    for name in methods:
        assert f"`{name}(" in docs, name
        assert re.search(rf"^    (?:async )?{name}\(", loader, re.M), name
    for name in events:
        assert f"`{name}`" in docs, name
        assert f'"frontdesk-{name}"' in typed, name


def test_no_style_names_left_or_right() -> None:
    for name in ("widget.js", "widget/style.js", "widget/opener.js"):
        text = (STATIC / name).read_text(encoding="utf-8")
        for word in ("left", "right", "margin-top", "padding-bottom"):
            assert f"{word}:" not in text, (name, word)


def test_slim_takes_what_only_readers_need() -> None:
    script = """
/** Says it. */
class Bell {
  #rings = 0; // so far

  ring(times = 1 + 1) {
    const text = "a  b // c"; /* not a comment there */
    if (/[/"]  x/.test(text)) this.#rings += times / 2;
    return `${this.#rings} {  rung  }`;
  }
}
"""
    assert slim(script) == (
        'class Bell{#a=0;ring(times=1+1){const text="a  b // c";if(/[/"]  x/.test(text))this.#a+=times/2;'
        "return`${this.#a} {  rung  }`;}}".replace(";}", "}")
    )


def test_joined_puts_what_is_needed_first_and_once() -> None:
    modules = {
        "top.js": 'import { a } from "./a.js";\nimport { b } from "./b.js";\nexport const top = a + b;\n',
        "a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "b.js": "export const b = 1;\n",
    }
    assert joined(modules, "top.js") == "const b = 1;\nconst a = b;\nexport const top = a + b;\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_what_is_served_is_a_script(tmp_path: Path) -> None:
    panel = slim(joined(panel_modules(), "panel.js"))
    (tmp_path / "panel.mjs").write_text(panel, encoding="utf-8")
    (tmp_path / "widget.cjs").write_text(slim((STATIC / "widget.js").read_text()), encoding="utf-8")
    for name in ("panel.mjs", "widget.cjs"):
        subprocess.run(["node", "--check", tmp_path / name], check=True)  # noqa: S603, S607
