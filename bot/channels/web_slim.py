"""
The widget's modules as they go over the wire: joined to one file, without what only their readers need.

There is no build step: this happens once, when the files are read, and the widget runs as well module by module. It is
written for our own scripts, which keep to a few forms (statements end in semicolons, no template within a template, a
space on both sides of a division, only constants are written in capitals and are no object's keys); the browser tests
run what it makes of them.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from string import ascii_letters

from bot.channels.web_names import renamed, short_variables

_KEPT = r"""
    "(?:\\.|[^"\\\n])*"                                              # a string
  | `(?:\\.|[^`\\])*`                                                # a template
  | (?<=[=(,:!&|?\[\s])/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/[a-z]*   # a regular expression
"""
_COMMENT = r"/\*.*?\*/ | //[^\n]*"
_PARTS = re.compile(f"(?P<kept>{_KEPT}) | (?P<comment>{_COMMENT})", re.VERBOSE | re.DOTALL)
_SPACE = re.compile(r"\s+")
_TIGHT = "{}()[];,:=<>?&|*!%/+-"  # what needs no space beside it, as long as `+ +` stays apart
_PRIVATE = re.compile(r"#[A-Za-z]\w*")
_CONSTANT = re.compile(r"(?<![\w\"])(?<!(?<!\.\.)\.)[A-Z][A-Z_]+\b")  # no property, but spread
_DECLARED = re.compile(r"^ *const ([A-Z][A-Z_]+) =", re.MULTILINE)
_ACROSS = re.compile(
    r"^(?:import|export) [^;]*;", re.MULTILINE
)  # what other modules know by its name
_OWN = re.compile(r"(?<=\.)#[A-Za-z]\w*")  # within a template, which may hold colours too
_HOLE = re.compile(r"\$\{[^{}]*\}")  # and words in capitals
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\./(\w+\.js)\";\n", re.MULTILINE)
_ABOVE = re.compile(r"^import \{ ([^}]*) \} from \"\.\./(\w+\.js)\";$", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_NEEDLESS = re.compile(r"[;,](?=\})|,(?=[)\]])")  # before a closing bracket
_STYLE_SPACE = re.compile(r"\s*([{};,])\s*|(?<=[\w)]): +|\s+")


def slim(script: str) -> str:
    """Return a script that does the same in fewer bytes: no comments, little white space, short names for what is its own."""
    parts = list(_parts(script))
    names = _short_names(script)
    variables = short_variables(_code(parts))

    def short(pattern: re.Pattern[str], code: str) -> str:
        return pattern.sub(lambda found: names.get(found[0], found[0]), code)

    def in_hole(hole: re.Match[str]) -> str:
        return renamed(short(_CONSTANT, hole[0]), variables)

    return "".join(
        (_HOLE.sub(in_hole, short(_OWN, part)) if part.startswith("`") else part)
        if kept
        else renamed(short(_CONSTANT, short(_PRIVATE, part)), variables)
        for part, kept in parts
    )


def variables(script: str) -> set[str]:
    """Return the variables of a script that are called otherwise over the wire."""
    return set(short_variables(_code(_parts(script))))


def _code(parts: Iterable[tuple[str, bool]]) -> str:
    """Return the code alone: of what is kept only what is within a template."""
    return "".join(_within(part) if kept else part for part, kept in parts)


def _within(kept: str) -> str:
    """Return the code within a template; where it has braces of its own, each word in it as one that nobody may rename."""
    holes = _HOLE.findall(kept) if kept.startswith("`") else []
    inside = "".join(f"({hole[2:-1]})" for hole in holes)
    if kept.startswith("`") and kept.count("${") > len(holes):
        inside += " ".join(f".{word}" for word in re.findall(r"\w+", kept))
    return f"'{inside}'"


def joined(modules: Mapping[str, str], entry: str, shared: Collection[str] = ()) -> str:
    """
    Return one module that is `entry` with everything it imports, each once and before what needs it.

    Top-level names have to be different in all of them, and imported under their own name. It exports what is `shared`, too.
    """
    order: dict[str, None] = {}
    _visit(entry, modules, order)
    parts = [_IMPORT.sub("", modules[name]) for name in order]
    also = f"export {{ {', '.join(sorted(shared))} }};\n" if shared else ""
    return "".join([*(_EXPORT.sub("", part) for part in parts[:-1]), parts[-1], also])


def needed_from_above(module: str) -> set[str]:
    """Return the names that a module imports from modules of the folder above."""
    return {name for names, _ in _ABOVE.findall(module) for name in names.split(", ")}


def beside(module: str, entry: str) -> str:
    """Return a module that imports from `entry`, which was joined, what it imports from single modules of the folder above."""
    return _ABOVE.sub(rf'import {{ \1 }} from "../{entry}";', module)


def _visit(name: str, modules: Mapping[str, str], order: dict[str, None]) -> None:
    for needed in _IMPORT.findall(modules[name]):
        if needed not in order:
            _visit(needed, modules, order)
    order[name] = None


def _parts(script: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a script and whether they are kept as they are; a comment is white space."""
    at, code = 0, ""
    for part in _PARTS.finditer(script):
        code += script[at : part.start()]
        at = part.end()
        if part["kept"] is not None:
            yield _squeezed(code), False
            yield (_style(part[0]) if part[0].startswith("`\n") else part[0]), True
            code = ""
    yield _squeezed(code + script[at:]), False


def _squeezed(code: str) -> str:
    def space(found: re.Match[str]) -> str:
        before, after = shorter[: found.start()][-1:], shorter[found.end() :][:1]
        apart = before == after and before in "+-/"
        if not apart and (before in _TIGHT or after in _TIGHT):
            return ""
        return "\n" if "\n" in found[0] else " "

    shorter = re.sub(r"\bconst\b", "let", code)  # the same for what runs at all
    return _NEEDLESS.sub("", _SPACE.sub(space, shorter))


def _style(template: str) -> str:
    """Return a style sheet's template without what CSS does not need."""
    template = re.sub(r"/\*.*?\*/", "", template, flags=re.DOTALL)
    tight = _STYLE_SPACE.sub(lambda found: found[1] or (":" if ":" in found[0] else " "), template)
    return tight.replace(";}", "}")


def _short_names(script: str) -> dict[str, str]:
    """Return a short name for each private one and for each constant, the shortest for what stands most often."""
    code = "".join(part for part, kept in _parts(script) if not kept)
    across = set(_CONSTANT.findall(" ".join(_ACROSS.findall(script))))
    own = set(_DECLARED.findall(script)) - across
    constants = [name for name in _CONSTANT.findall(code) if name in own]
    return _numbered("#", _PRIVATE.findall(code)) | _numbered("$", constants)


def _numbered(sign: str, names: Iterable[str]) -> dict[str, str]:
    counted = [name for name, _ in Counter(names).most_common()]
    letters = (
        sign + "".join(pair)
        for size in (1, 2)
        for pair in itertools.product(ascii_letters, repeat=size)
    )
    return dict(zip(counted, letters, strict=False))
