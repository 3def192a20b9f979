"""
A desk's forms.yaml, read: every mistake is told with its file, form and slot, and with the way out.

Nothing in the file is taken on trust: aliases (which could grow to anything) and the same name twice are refused, texts and numbers of
things are bounded, patterns cannot run away, and a lookup asks only hosts that desk.toml names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern
from typing import TypeAlias

import yaml

from bot.config import Settings
from bot.forms import ANY, Form, Forms, Kind, Lookup, Slot
from bot.lookup import refusal
from bot.patterns import bounded, compiled
from bot.refused import Refused
from retrieval.templates import Template, TemplateError

FILE = "forms.yaml"
MAX_FORMS, MAX_SLOTS, MAX_CHOICES = 50, 20, 12
MAX_TEXT, MAX_NAME, MAX_LABEL = 1_000, 40, 60  # characters
MAX_FILE = 2**20  # bytes; 50 forms of 20 slots are some 200 kB
MAX_TRIES = 5
MIN_SECRET = 16  # characters
TIMEOUTS = (0.1, 10.0)  # seconds; a customer who waits longer has left
LANGUAGES = 12

Value: TypeAlias = "str | list[Value] | dict[str, Value]"


@dataclass(frozen=True, slots=True)
class _Section:
    """A mapping of the file: what is taken out of it is known, and what is left over is not."""

    place: str
    values: dict[str, Value]
    patterns: Mapping[str, Pattern[str]] = field(default_factory=dict)

    def refuse(self, name: str, why: str) -> Refused:
        return Refused(f"{self.place}: {name}: {why}." if name else f"{self.place}: {why}.")

    def text(self, name: str, default: str | None = None, most: int = MAX_TEXT) -> str:
        value = self.values.pop(name, default)
        if value is None:
            raise self.refuse(name, "is missing; give it a text")
        if not isinstance(value, str) or len(value) > most or (default is None and not value):
            raise self.refuse(name, f"give a text of 1 to {most:,} characters")
        return value

    def texts(self, name: str, *, needed: bool = False) -> dict[str, str]:
        """Return one wording for all languages, or one for each."""
        value = self.values.pop(name, "")
        if value == "" and needed:
            raise self.refuse(name, "is missing; give it a text, or one for each language")
        if isinstance(value, str):
            value = {ANY: value} if value else {}
        if not isinstance(value, dict) or len(value) > LANGUAGES:
            raise self.refuse(name, "give a text, or one for each language: {en: ..., de: ...}")
        return {
            language: _Section(self.place, {name: text}).text(name)
            for language, text in value.items()
        }

    def listed(self, name: str, most: int, length: int = MAX_LABEL) -> tuple[str, ...]:
        value = self.values.pop(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise self.refuse(name, f"give a list of {most} texts at most")
        return tuple(_Section(self.place, {name: one}).text(name, most=length) for one in value)

    def flag(self, name: str) -> bool:
        value = self.values.pop(name, "false")
        if value not in {"true", "false"}:
            raise self.refuse(name, "is either true or false")
        return value == "true"

    def number(self, name: str, default: float, least: float, most: float) -> float:
        said = self.text(name, str(default))
        try:
            number = float(said)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise self.refuse(name, f"give a number from {least:g} to {most:g}")
        return number

    def section(self, name: str, value: Value, what: str) -> _Section:
        """Return what stands under a name of its own."""
        place = f"{self.place}, {what} {name!r}"
        if not isinstance(value, dict):
            raise Refused(f"{place}: give it settings, one a line.")
        if not name.isidentifier() or len(name) > MAX_NAME:
            raise Refused(
                f"{place}: a name has letters, digits and _ only, and {MAX_NAME} at most."
            )
        return _Section(place, dict(value), self.patterns)

    def done(self) -> None:
        if self.values:
            raise self.refuse("", f"{next(iter(self.values))} is not a known setting")


def read_forms(folder: Path, settings: Settings) -> Forms:
    """
    Read the forms of a desk's folder; without a file there are none.

    Raises:
        Refused: naming the file, the form and the slot, and what to change.
    """
    file = folder / FILE
    try:
        if file.stat().st_size > MAX_FILE:
            raise Refused(f"{file} is larger than {MAX_FILE >> 20} MB; shorten it.")
        whole = _plain(_composed(file), str(file))
    except FileNotFoundError:
        return Forms()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read as UTF-8 text: {error}.") from error
    top = _Section(str(file), whole if isinstance(whole, dict) else {}, settings.words.patterns)
    written = top.values.pop("forms", {}) or {}
    top.done()
    if not isinstance(written, dict) or not isinstance(whole, dict):
        raise Refused(f"{file}: give the forms by their names, under forms.")
    if len(written) > MAX_FORMS:
        raise Refused(f"{file} has {len(written)} forms; {MAX_FORMS} is the most a desk may have.")
    forms = [
        _form(name, top.section(name, value, "form"), settings) for name, value in written.items()
    ]
    _refuse_twins(file, forms)
    return Forms({form.name: form for form in forms})


def _refuse_twins(file: Path, forms: Sequence[Form]) -> None:
    first: dict[str, str] = {}
    for form in forms:
        if form.intent in first:
            raise Refused(
                f"{file}, form {form.name!r}: the intent {form.intent!r} begins the form "
                f"{first[form.intent]!r} already."
            )
        first[form.intent] = form.name


def _form(name: str, form: _Section, settings: Settings) -> Form:
    slots = _slots(form)
    variables = settings.known.names | {slot.name for slot in slots}
    asks = form.values.pop("lookup", None)
    lookup = None
    if asks is not None:
        lookup = _lookup(form.section("lookup", asks, "section"), variables, settings)
    closing = _answers(form, "closing", variables, needed=lookup is None)
    read = Form(
        name=name,
        intent=form.text("intent", name, MAX_LABEL * 2),
        slots=slots,
        opening=form.texts("opening"),
        closing=closing,
        lookup=lookup,
        hands_off=form.flag("hands_off"),
        instead_of=frozenset(form.listed("instead_of", 50, 200)),
    )
    if lookup and (closing or read.hands_off):
        raise form.refuse("", "closing and hands_off are for a form without a lookup")
    form.done()
    return read


def _slots(form: _Section) -> tuple[Slot, ...]:
    written = form.values.pop("slots", {})
    if not isinstance(written, dict) or not written:
        raise form.refuse("slots", "a form needs one slot at least, by its name")
    if len(written) > MAX_SLOTS:
        raise form.refuse(
            "slots",
            f"there are {len(written)}, and {MAX_SLOTS} is the most a form may have: "
            "nobody answers more questions in a chat",
        )
    return tuple(_slot(n, form.section(n, value, "slot")) for n, value in written.items())


def _slot(name: str, slot: _Section) -> Slot:
    written = slot.text("kind", "")
    pattern, choices = slot.text("pattern", ""), slot.listed("choices", MAX_CHOICES)
    kind, looks = _kind(slot, written, pattern, choices)
    read = Slot(
        name=name,
        kind=kind,
        ask=slot.texts("ask", needed=True),
        invalid=slot.texts("invalid"),
        pattern=looks,
        choices=choices,
        called=slot.listed("called", MAX_CHOICES) or _called(name),
        optional=slot.flag("optional"),
        tries=int(slot.number("tries", 2, 0, MAX_TRIES)),
        to=_to(slot, looks),
    )
    slot.done()
    return read


def _kind(
    slot: _Section, written: str, pattern: str, choices: Sequence[str]
) -> tuple[Kind, Pattern[str] | None]:
    """Return what a slot takes, and what that looks like where it has looks."""
    if sum(map(bool, (written, pattern, choices))) > 1 or written in {"choice", "pattern"}:
        raise slot.refuse("", "give one of kind, pattern and choices")
    if pattern:
        try:
            return Kind.PATTERN, compiled(bounded(pattern))
        except ValueError as error:
            raise slot.refuse("pattern", str(error)) from error
    if choices:
        if len({label.casefold() for label in choices}) < len(choices):
            raise slot.refuse("choices", "two of them are the same")
        return Kind.CHOICE, None
    if written in slot.patterns:
        return Kind.PATTERN, slot.patterns[written]
    if (written or "text") not in set(Kind):
        known = (
            *(kind for kind in Kind if kind not in {Kind.CHOICE, Kind.PATTERN}),
            *slot.patterns,
        )
        raise slot.refuse("kind", f"{written!r} is not known; there are {', '.join(known)}")
    return Kind(written or "text"), None


def _to(slot: _Section, looks: Pattern[str] | None) -> str:
    """Return how what is found is written."""
    to = slot.text("to", "")
    if not to:
        return ""
    if looks is None:
        raise slot.refuse("to", "only what a pattern finds is written in another way")
    try:
        looks.sub(to, "")
    except (re.error, IndexError) as error:
        raise slot.refuse(
            "to", f"this names no group of the pattern: {error}; \\1 is its first (...)"
        ) from error
    return to


def _called(name: str) -> tuple[str, ...]:
    """Return what customers may call a slot: its name in words, and the last of them."""
    words = name.replace("_", " ")
    return tuple(dict.fromkeys((words, words.rpartition(" ")[2])))


def _lookup(lookup: _Section, variables: frozenset[str], settings: Settings) -> Lookup:
    url = lookup.text("url")
    if not url.startswith("/") or url.startswith("//"):
        if why := refusal(url, settings.lookup.hosts):
            raise lookup.refuse("url", why)
        if len(settings.lookup.secret.get_secret_value()) < MIN_SECRET:
            raise lookup.refuse(
                "",
                f"calls are signed: give a secret of {MIN_SECRET} characters at least in desk.toml "
                "([lookup] secret) or FRONTDESK_LOOKUP_SECRET",
            )
    gives = lookup.listed("gives", MAX_SLOTS)
    read = Lookup(
        url=url,
        gives=gives,
        answer=_answers(lookup, "answer", variables | set(gives), needed=True),
        not_found=_answers(lookup, "not_found", variables),
        failed=_answers(lookup, "failed", variables),
        timeout=lookup.number("timeout", 3.0, *TIMEOUTS),
    )
    lookup.done()
    return read


def _answers(
    section: _Section, name: str, variables: frozenset[str], *, needed: bool = False
) -> dict[str, Template]:
    """Return Liquid texts that use only what is known."""
    answers = {
        language: Template(f"{section.place}: {name}", "", text)
        for language, text in section.texts(name, needed=needed).items()
    }
    for template in answers.values():
        try:
            template.parse()
            unknown = template.uses() - variables
        except TemplateError as error:
            raise section.refuse(name, f"the text {error.__cause__}") from error
        if unknown:
            raise section.refuse(
                name,
                f"{sorted(unknown)[0]} is not known; there are {', '.join(sorted(variables))}",
            )
    return answers


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # the library has no types
    """YAML without aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases (*) are not read", problem_mark=mark)
        compose: Callable[..., yaml.Node | None] = super().compose_node
        return compose(parent, index)


def _composed(file: Path) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise Refused(f"{file}{line}: this is not YAML: {problem}.") from error
    except RecursionError as error:
        raise Refused(f"{file}: it is nested too deeply.") from error


def _plain(node: yaml.Node | None, file: str) -> Value:
    """Return a node as texts, lists and mappings: `no` is a word here, and 007 keeps its zeros."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, file) for one in node.value]
    if not isinstance(node, yaml.MappingNode):
        return str(node.value) if node is not None else {}
    plain: dict[str, Value] = {}
    for key, value in node.value:
        line = f"{file}, line {key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise Refused(f"{line}: a name is a text.")
        if key.value in plain:
            raise Refused(f"{line}: {key.value!r} stands there twice.")
        plain[str(key.value)] = _plain(value, file)
    return plain
