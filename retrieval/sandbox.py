"""
Liquid as answers may use it: texts with variables, conditions and short loops, and nothing that reads, waits or runs on.

What is not on the two lists below does not exist here. A text is looked over before it is kept: how many steps it takes is
counted without running it, and how many characters its filters may go through is counted while it runs, so that no text that
passes can take longer, whatever a customer writes.

Unfit     the text is not fit to be an answer; the message says why, as the end of a sentence about it
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, wraps
from itertools import combinations
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import (
    FilteredExpression,
    LoopExpression,
    Path,
)
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import (
    BlockNestingError,
    LiquidError,
    LiquidSyntaxError,
    UndefinedError,
)
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.undefined import Undefined

MAX_ANSWER = 4096  # characters; Bot API, sendMessage
MAX_SOURCE = 4 * MAX_ANSWER  # characters of a text with its Liquid
MAX_TAGS = (
    200  # {{ }} and {% %}; the lexer takes 15 s for 8,000 that are never closed, 10 ms for these
)
MAX_DEPTH = 8  # blocks within each other
MAX_LOOPS = 1000  # rounds of all loops together; an answer that needs more is a mistake
MAX_LIST = 100  # parts of a text that is split
MAX_STEPS = 10_000  # expressions, filters and pieces of text; some 20 ms
MAX_WORK = 50 * MAX_ANSWER  # characters that filters take and give in one rendering; some 20 ms
WORKED = "worked"  # under which a rendering keeps its count

TAGS = frozenset(
    {"if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment", "raw", "#"}
)
PARTS = frozenset(
    {"content", "output", "illegal"}
)  # what a text is made of beside tags, as the library names it
READING = frozenset({"include", "render"})
FILTERS = frozenset(
    {"append", "capitalize", "default", "downcase", "first", "join", "last", "lstrip", "prepend", "remove", "replace",
     "rstrip", "size", "slice", "split", "squish", "strip", "truncate", "truncatewords", "upcase", "url_encode"}
)  # fmt: skip
LOOP = "forloop"  # what a loop knows about itself; the only thing with parts

Filter = Callable[..., Any]


class Unfit(Exception):
    """The text is not fit to be an answer."""


class LiquidText:
    """A text with its Liquid, read once."""

    def __init__(self, source: str) -> None:
        self.source = source

    def render(self, variables: Mapping[str, str]) -> str:
        """
        Return the text with its variables filled in; an empty variable counts as unknown.

        Raises:
            Unfit: it cannot be read, or runs past its limits.
        """
        return _rendered(self._compiled, variables)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables that it uses; Unfit is raised where it cannot be read."""
        return frozenset(str(name) for name in self._compiled.global_variables())

    def look_over(self) -> None:
        """
        Refuse what could run on, read something, or take a variable apart.

        Raises:
            Unfit: why, and the way out.
        """
        try:
            _Inspection(self._compiled).refuse()
        except RecursionError as error:
            raise Unfit("is nested too deeply; write it simpler") from error

    def gaps(self, known: Collection[str], perhaps: Iterable[str]) -> str:
        """
        Return a variable that would be said while it is unknown, empty where there is none.

        Args:
            known: variables that are always there.
            perhaps: those that may be missing, each alone, and some of them together.
        """
        compiled = _compiled(self.source, _Missing)
        often = sorted(set(perhaps) & self.variables)
        for missing in _subsets(often):
            given = {name: name for name in {*known, *often} if name not in missing}
            try:
                _rendered(compiled, given)
            except Unfit as unfit:
                if isinstance(unfit.__cause__, UndefinedError):
                    return str(unfit.__cause__.message)
                raise
        return ""

    @cached_property
    def _compiled(self) -> BoundTemplate:
        return _compiled(self.source, Undefined)


class _Missing(Undefined):
    """An unknown variable that may be asked about, but not be said."""

    __slots__ = ()

    def __str__(self) -> str:
        raise UndefinedError(self.name, token=None)


class _Sandbox(Environment):
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = 4 * MAX_ANSWER  # bytes
    local_namespace_limit = 16 * MAX_ANSWER  # bytes
    context_depth_limit = 2 * MAX_DEPTH
    block_nesting_limit = MAX_DEPTH

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Take over only what is on the lists, and filters only with bounds."""
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | PARTS}
        self.filters = {name: _bounded(f) for name, f in self.filters.items() if name in FILTERS}
        self.filters["replace"] = _bounded(_replace)


def _compiled(source: str, undefined: type[Undefined]) -> BoundTemplate:
    if len(source) > MAX_SOURCE:
        raise Unfit(f"has more than {MAX_SOURCE:,} characters; make it shorter")
    if source.count("{{") + source.count("{%") > MAX_TAGS:
        raise Unfit(f"has more than {MAX_TAGS} {{{{ }}}} and {{% %}}; write it simpler")
    try:
        return _Sandbox(undefined=undefined).from_string(source)
    except (LiquidError, ValueError, RecursionError) as error:
        raise Unfit(_why_unreadable(error)) from error


def _why_unreadable(error: Exception) -> str:
    token = getattr(error, "token", None)
    tag = token.value if token is not None else ""
    match error:
        case LiquidSyntaxError() if str(error.message).startswith("unexpected tag") and (
            tag in READING
        ):
            return f"reads another file with {{% {tag} %}}; write its words here instead"
        case LiquidSyntaxError() if str(error.message).startswith("unexpected tag"):
            known = ", ".join(sorted(TAGS - {"#"}))
            return f"is not valid Liquid: {error.message}; answers know {known}"
        case BlockNestingError():
            return f"has more than {MAX_DEPTH} blocks within each other; write it simpler"
        case LiquidError() if not isinstance(error.__cause__, RecursionError):
            return f"is not valid Liquid: {error.message}; check its {{{{ }}}} and {{% %}}"
        case _:
            return "is nested too deeply or holds a number that is too long; write it simpler"


def _rendered(compiled: BoundTemplate, variables: Mapping[str, str]) -> str:
    known = {name: value for name, value in variables.items() if value}
    try:
        return str(compiled.render(known)).strip()
    except LiquidError as error:
        raise Unfit(f"cannot be rendered: {error.message}") from error
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise Unfit(f"cannot be rendered: {error}") from error


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Which variables may be missing together: any of a few, of many one or all."""
    sizes = range(1, len(names) + 1) if len(names) <= 4 else (1, len(names))
    for size in sizes:
        yield from combinations(names, size)


def _bounded(given: Filter) -> Filter:
    """Let a filter take and give only what is of the size of an answer, and all of a rendering together only so much."""

    @wraps(given)
    def bounded(*values: Any, context: RenderContext, **options: Any) -> Any:
        _count(context, map(_sized, values))
        result = _sized(given(*values, **options))
        _count(context, [result])
        return result

    return with_context(bounded)


def _count(context: RenderContext, values: Iterable[Any]) -> None:
    worked = context.tag_namespace.get(WORKED, 0) + sum(map(_characters, values))
    if worked > MAX_WORK:
        raise LiquidError(
            f"its filters go through more than {MAX_WORK:,} characters; use fewer of them on long texts",
            token=None,
        )
    context.tag_namespace[WORKED] = worked


def _characters(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_characters, value))
    return len(value) if isinstance(value, str) else 1


def _sized(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_ANSWER:
        raise LiquidError(f"a text grows beyond {MAX_ANSWER:,} characters", token=None)
    if isinstance(value, list | tuple) and len(value) > MAX_LIST:
        raise LiquidError(f"a text is split into more than {MAX_LIST} parts", token=None)
    return value


def _replace(value: object, old: object, new: object = "") -> str:
    """Replace in a text; how long the result will be is known before it is made."""
    text, sought, fresh = str(value), str(old), str(new)
    if text.count(sought) * len(fresh) > MAX_ANSWER:
        raise LiquidError(f"a text grows beyond {MAX_ANSWER:,} characters", token=None)
    return text.replace(sought, fresh)


class _Inspection:
    """A look at every node and expression of a text."""

    def __init__(self, compiled: BoundTemplate) -> None:
        self._compiled = compiled
        self._context = RenderContext(compiled)

    def refuse(self) -> None:
        if sum(self._steps(node, 1) for node in self._compiled.nodes) > MAX_STEPS:
            raise Unfit(f"takes more than {MAX_STEPS:,} steps; give its loops fewer rounds")

    def _steps(self, node: Node, rounds: int) -> int:
        """Return how many steps a node takes where what surrounds it is gone through `rounds` times."""
        inner, steps = rounds, rounds
        for expression in node.expressions():
            if isinstance(expression, LoopExpression):
                inner = rounds * _rounds(expression)
                steps += self._look(expression, in_loop=True)
            else:
                steps += rounds * self._look(expression)
        if inner > MAX_LOOPS:
            raise Unfit(f"loops {inner:,} times; {MAX_LOOPS:,} rounds are the most")
        children = node.children(self._context, include_partials=False)
        return steps + sum(self._steps(child, inner) for child in children)

    def _look(self, expression: Expression, *, in_loop: bool = False) -> int:
        """Refuse what must not be used; return how many steps the expression takes."""
        match expression:
            case Path(path=[str()]) | Path(path=["forloop", str()]):
                pass
            case Path():
                raise Unfit(
                    f"takes {str(expression)[:60]} apart: a variable is a text and has no parts"
                )
            case RangeLiteral() if not in_loop:
                raise Unfit("uses a range of numbers outside of a loop; write the numbers out")
            case FilteredExpression(filters=filters) if filters:
                self._look_at_filters([str(used.name) for used in filters])
            case _:
                pass
        return 1 + sum(self._look(part, in_loop=in_loop) for part in expression.children())

    def _look_at_filters(self, names: Iterable[str]) -> None:
        if unknown := [name for name in names if name not in FILTERS]:
            raise Unfit(
                f"uses the filter {unknown[0]}, which answers do not have; they know "
                f"{', '.join(sorted(FILTERS))}"
            )


def _rounds(loop: LoopExpression) -> int:
    """Return how often a loop goes round at most; how far it counts has to be written out."""
    match loop.iterable:
        case RangeLiteral(start=IntegerLiteral(value=start), stop=IntegerLiteral(value=stop)):
            return max(1, stop - start + 1)
        case RangeLiteral():
            raise Unfit("loops up to a number that is not written out, so that it may never end")
        case _:
            return MAX_LIST
