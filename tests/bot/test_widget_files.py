"""The widget's files as they are: its languages, its styles, its parts and what they weigh."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.channels.web_assets import static, wire
from bot.channels.web_frames import CLOSED, GIVEN_BACK, SENTENCES
from bot.channels.web_loader import LOST, loader_in, wished
from bot.channels.web_slim import beside, joined, needed_from_above, slim

STATIC = Path(__file__).parents[2] / "bot" / "static"
LATER = sorted((STATIC / "widget" / "later").glob("*.js"))
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

HEAVIEST = {  # bytes, gzipped; the first two as they were set before there was a widget, the others what they have grown to
    "loader": 3_072,
    "panel": 15_360,
    "opener": 1_080,
    "later/around": 1_130,
    "later/cards": 1_150,
    "later/chime": 320,
    "later/menu": 1_530,
    "later/reasons": 570,
    "later/score": 1_200,
    "later/uploads": 1_600,
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
    modules = [*(STATIC / "widget").glob("*.js"), *LATER]
    code = "".join(path.read_text(encoding="utf-8") for path in modules)
    said = {
        json.loads(text)
        for text in re.findall(r'(?:\bt|#t|mark|markAll)\((?:node, )?("[^"]+")', code)
    }
    said |= {json.loads(text) for text in re.findall(r'(?:SOUND|SAVE|PLANE), ("[^"]+"), \(', code)}
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


def on_the_wire() -> dict[str, int]:
    """Return how many bytes each of the widget's scripts takes when it is fetched, the loader with its longest sentence."""
    scripts = {path: body for path, body in wire(static()).items() if path.startswith("widget")}
    loader = scripts.pop("widget.js").decode()
    loaders = [len(gzipped(loader_in(locale, loader).encode())) for locale in LOST]
    return {"loader": max(loaders)} | {
        path.removeprefix("widget/").removesuffix(".js"): len(gzipped(body))
        for path, body in scripts.items()
        if path.endswith(".js")
    }


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def test_what_a_visitor_fetches_is_light() -> None:
    """Kilobytes of 1,024; whoever makes a part heavier makes room for it first."""
    weights = on_the_wire()
    languages = {name: weights.pop(name) for name in list(weights) if name.startswith("locales/")}
    assert len(languages) == len(LOCALES)
    heaviest = max(languages.values())
    assert heaviest <= 2_048, languages
    assert weights["loader"] + weights["panel"] + heaviest <= 20_480, weights
    assert set(weights) == set(HEAVIEST)
    assert {name: bytes_ for name, bytes_ in weights.items() if bytes_ > HEAVIEST[name]} == {}


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
    looks = [STATIC / "widget.js", *(STATIC / "widget").glob("*.js"), *LATER]
    for path in looks:
        text = path.read_text(encoding="utf-8")
        for word in ("left", "right", "margin-top", "padding-bottom"):
            assert f"{word}:" not in text, (path.name, word)


def test_slim_takes_what_only_readers_need() -> None:
    script = """
/** Says it. */
const TIMES = 2; // times
export const LOUD = 1;
class Bell {
  #rings = 0; // so far

  ring(times = 1 + 1) {
    const text = "a  b // c"; /* not a comment there */
    if (/[/"]  x/.test(text)) this.#rings += times / TIMES + LOUD + Line.TIMES + f(...TIMES);
    return `${this.#rings} {  rung TIMES  } ${TIMES}`;
  }
}
"""
    assert slim(script) == (
        "let $a=2;export let LOUD=1;"
        'class c{#a=0;ring(a=1+1){let b="a  b // c";if(/[/"]  x/.test(b))this.#a+=a/$a+LOUD+Line.TIMES+f(...$a);'
        "return`${this.#a} {  rung TIMES  } ${$a}`}}"
    )


def test_slim_shortens_what_is_a_variable_wherever_it_stands() -> None:
    script = """
const line = { open: 1, other };
export function known(open, words = "line", ...more) {
  const [first, second] = more;
  let kept = words;
  for (const each of line) kept = each.words ? first : open(`line ${second} ${kept.more}`);
  return { second, kept: kept, far: window.first };
}
class Bell {
  ring(times) { if (window) times(); }
  get first() { return (window) => 1; }
  far(bells, loud) { return `${f({ ...bells })}${loud}` + bells + loud; }
}
"""
    assert slim(script) == (
        "let a={open:1,other};"
        'export function known(open,words="line",...more){let[first,second]=more;let kept=words;'
        "for(let b of a)kept=b.words?first:open(`line ${second} ${kept.more}`);"
        "return{second,kept:kept,far:window.first}}"
        "class d{ring(c){if(window)c()}get first(){return(window)=>1}"
        "far(bells,loud){return`${f({ ...bells })}${loud}`+bells+loud}}"
    )


def test_joined_puts_what_is_needed_first_and_once() -> None:
    modules = {
        "top.js": 'import { a } from "./a.js";\nimport { b } from "./b.js";\nexport const top = a + b;\n',
        "a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "b.js": "export const b = 1;\n",
    }
    made = "const b = 1;\nconst a = b;\nexport const top = a + b;\n"
    assert joined(modules, "top.js") == made
    assert joined(modules, "top.js", {"b", "a"}) == made + "export { a, b };\n"


def test_a_later_part_shares_what_was_joined() -> None:
    part = 'import { a, b } from "../b.js";\nimport { c } from "./c.js";\n'
    assert needed_from_above(part) == {"a", "b"}
    assert beside(part, "top.js") == part.replace("../b.js", "../top.js")


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_what_is_served_is_a_script(tmp_path: Path) -> None:
    for path, body in wire(static()).items():
        if path.startswith("widget") and path.endswith(".js"):
            script = tmp_path / (path.replace("/", "-").removesuffix("js") + "mjs")
            script.write_bytes(body)
            subprocess.run(["node", "--check", script], check=True)  # noqa: S603, S607
