"""
Shorter names for what a script calls its variables, functions and parameters.

Without a parser, a name is only taken where nothing can go wrong: it is declared in the script, and wherever it stands it is a
variable, never a property, a key of an object, part of a pattern (`{ name }`), a method or what other modules know. Then it is
the same name in every scope, so that another one in its place everywhere means the same. Strings have been taken out before.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from string import ascii_lowercase

# Words of the language that stand where names do, and what browsers call so themselves, should a script use both.
_TAKEN = frozenset(
    re.findall(
        r"\w+",
        """
        async await break case catch class const continue default delete do else export extends false finally for from function
        get if import in instanceof let new null of return set static super switch this throw true try typeof undefined var void
        while yield event history location name open origin parent screen self status stop top window
        """,
    )
)
_NAME = re.compile(r"(?<![\w$#@])[A-Za-z]\w\w+\b")
_DECLARED = re.compile(r"\b(?:let|function|class) (\w+)")
_LISTED = re.compile(r"\blet ?\[([\w,]+)\]")
_ARROW = re.compile(r"(?<![\w$#.])(\w+)=>")
_PARAMETERS = re.compile(r"(\w+)?\(([^()]*)\)(=>|\{)")
_CONTROL = frozenset({"if", "for", "while", "switch", "with"})
_KNOWN_ABROAD = re.compile(r"\bexport (?:async )?(?:default )?(?:let|function|class) (\w+)")
_CLOSES = {")": "(", "]": "[", "}": "{"}


def short_variables(code: str) -> Mapping[str, str]:
    """Return a short name for each variable of a squeezed script (no strings, no comments, little space) that can have one."""
    counted = Counter(_NAME.findall(code))
    taken = _TAKEN | set(_KNOWN_ABROAD.findall(code)) | set(_not_variables(code))
    free = _declared(code) - taken
    wanted = [name for name, _ in counted.most_common() if name in free]
    known = set(re.findall(r"\w+", code)) | _TAKEN
    return dict(zip(wanted, (name for name in _letters() if name not in known), strict=False))


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Return the code with other names for its variables."""
    return _NAME.sub(lambda name: names.get(name[0], name[0]), code)


def _letters() -> Iterator[str]:
    for size in (1, 2):
        yield from map("".join, itertools.product(ascii_lowercase, repeat=size))


def _declared(code: str) -> set[str]:
    found = {*_DECLARED.findall(code), *_ARROW.findall(code)}
    for listed in _LISTED.findall(code):
        found |= set(listed.split(","))
    for before, inside, _ in _PARAMETERS.findall(code):
        if before not in _CONTROL:
            found |= {part.partition("=")[0].strip(". ") for part in inside.split(",")}
    return found


def _not_variables(code: str) -> Iterator[str]:
    """Yield each name that stands somewhere as something else than a variable."""
    within, ends = _brackets(code)
    for found in _NAME.finditer(code):
        start, end = found.span()
        before, after = code[max(0, start - 3) : start], code[end : end + 2]
        is_property = before.endswith(".") and before != "..."
        in_braces = within[start] == "{" and before[-1:] in "{,"
        in_pattern = in_braces and (after[:1] in ",}:" or _is_default(after))
        if is_property or in_pattern or (after[:1] == "(" and _is_method(code, found, ends)):
            yield found[0]


def _is_method(code: str, name: re.Match[str], ends: Mapping[int, int]) -> bool:
    """Whether a name before a bracket is followed by its body."""
    if code.endswith("function ", 0, name.start()):
        return False
    return code.startswith("{", ends[name.end()] + 1)


def _is_default(after: str) -> bool:
    return after[:1] == "=" and after[1:] not in {"=", ">"}


def _brackets(code: str) -> tuple[list[str], dict[int, int]]:
    """Return the bracket that each character is in, empty outside, and where each bracket ends."""
    within, ends, opened = [], {}, list[int]()
    for at, letter in enumerate(code):
        if letter in _CLOSES and opened:
            ends[opened.pop()] = at
        within.append(code[opened[-1]] if opened else "")
        if letter in "([{":
            opened.append(at)
    return within, ends
