"""The evidence of a decision as a person reads it: the message with its words in colour, then why, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

WORDS = 8  # shown; the others are in --json
SHOWN = 3  # candidates, neighbours and passages shown
FAINT = 0.05  # share of the strongest word below which a word is not worth a line
BAR = 12  # characters of the strongest word's bar
LONGEST = 30  # characters shown of a stretch of words

FOR, AGAINST = "green", "red"

Evidence = Mapping[str, Any]


def show(shown: Evidence) -> None:
    """Write the page to stdout, in colour where that is a terminal."""
    # A customer may write [brackets] or :smile:, which rich would take for its own
    console = Console(highlight=False, markup=False, emoji=False)
    click.echo(page(shown, console), color=console.is_terminal)


def page(shown: Evidence, console: Console) -> str:
    """
    Return the page as the console has it, as wide and in its colours.

    Args:
        shown: what `frontdesk explain --json` prints.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, content in _lines(shown):
        table.add_row(label, content)
    with console.capture() as written:
        console.print(table)
    return "\n".join(line.rstrip() for line in written.get().rstrip().split("\n"))


def _lines(shown: Evidence) -> Iterator[tuple[str, RenderableType]]:
    card, words = shown["evidence"], shown.get("words", [])
    yield "asked", _message(shown["read"], words)
    if "read_as" in card:
        yield "read as", Text(card["read_as"])
    if "action" in shown:
        yield from _decision(shown)
    if "taught" in card:
        yield from _teaching(card["taught"], shown.get("taught_by", []))
    if "confidence" in card:
        yield from _reading(card, shown.get("thresholds", {}))
    if "recomputed" in shown:
        yield "recomputed", _recomputed(shown["recomputed"])
    if words:
        intent = card["candidates"][0]["intent"]
        yield from _section(
            "words", Text(f"what each adds to {intent}, or takes from it", style="dim")
        )
        yield "", _influences(words)
    if "confidence" in card:
        yield from _parts(card)


def _decision(shown: Evidence) -> Iterator[tuple[str, RenderableType]]:
    if chosen := shown["evidence"].get("chosen"):
        yield "chosen", Text(chosen)
    yield "action", Text(" · ".join(filter(None, (shown["action"], shown["reason"]))))
    if shown["text"]:
        yield "said", Text(shown["text"])
    if shown["choices"]:
        yield "offered", Text(" · ".join(choice["label"] for choice in shown["choices"]))
    yield from _next(shown["evidence"])
    if source := shown["template_id"] or shown["source"]:
        yield "taken from", Text(source)


def _next(card: Evidence) -> Iterator[tuple[str, Text]]:
    """Why each question was suggested, or what moved the order of the choices."""
    for one in card.get("suggested", ()):
        said = (
            f"{one['visitors']} visitors asked it after {one['after']}, {one['share']:.0%} likely"
        )
        yield "suggested", Text(f"{one['intent']}: {said}", style="dim")
    likely = [f"{intent} {share:.0%}" for intent, share in card.get("likely", {}).items()]
    if likely:
        yield "likely", Text(f"after what was asked before: {', '.join(likely)}", style="dim")


def _teaching(taught: Evidence, by: Sequence[Evidence]) -> Iterator[tuple[str, Text]]:
    who = "".join(f" by {one['operator']}, {one['at'][:16].replace('T', ' ')}" for one in by)
    yield "taught", Text(f"{taught['teaching_id']}{who}")
    yield "", Text(f"{taught['similarity']:.3f} like: {taught['question']}", style="dim")


def _reading(card: Evidence, thresholds: Mapping[str, float]) -> Iterator[tuple[str, Text]]:
    best = card["candidates"][0]
    yield "intent", Text(f"{best['intent']}: {best['title']}")
    sure = f"{card['confidence']:.4f}, {card['verdict'].replace('_', ' ')}"
    if thresholds:
        where = f"in {card['language']}, " if card.get("language") else ""
        sure += f" ({where}answers from {thresholds['answer']:.4f}, asks back from {thresholds['clarify']:.4f})"
    yield "confidence", Text(sure)
    yield "", Text(f"in scope {card['in_scope']:.3f}, right if so {card['right']:.3f}", style="dim")
    yield "release", Text(card["release"])


def _recomputed(again: Evidence) -> Text:
    if again["identical"] is None:
        return Text(again["why"])
    if again["identical"]:
        return Text("identical", style=FOR)
    if not again["differs"]:
        return Text(
            f"the same to {again['difference']:.6f}: it was read together with other messages",
            style=FOR,
        )
    differing = f"differs in {', '.join(again['differs'])}"
    return Text(f"{differing}; the confidence is now {again['confidence']:.6f}", style=AGAINST)


def _message(text: str, words: Sequence[Evidence]) -> Text:
    """Return the text; words that spoke for the intent and against it have their colours."""
    message, strongest = Text(text), _strongest(words)
    for word in _weighty(words):
        strong = abs(word["confidence"]) >= strongest / 2
        message.stylize(f"{'bold ' * strong}{_colour(word)}", word["start"], word["end"])
    return message


def _influences(words: Sequence[Evidence]) -> RenderableType:
    weighty = sorted(_weighty(words), key=lambda word: -abs(word["confidence"]))[:WORDS]
    if not weighty:
        return Text("no word alone moves it")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_row("confidence", "score", style="dim")
    for word in sorted(weighty, key=lambda word: -word["confidence"]):
        table.add_row(*_influence(word, _strongest(words)))
    return table


def _influence(word: Evidence, strongest: float) -> tuple[Text, ...]:
    length = max(1, round(BAR * abs(word["confidence"]) / strongest))
    return (
        Text(f"{word['confidence']:+.3f}", style=_colour(word)),
        Text(f"{word['score']:+.3f}", style="dim"),
        Text("█" * length, style=_colour(word)),
        Text(_short(word["word"])),
        Text(f"else {word['instead']}" if word["instead"] else "", style="dim"),
    )


def _parts(card: Evidence) -> Iterator[tuple[str, RenderableType]]:
    parts = [Text(f"{value:.3f}  {name}") for name, value in card["signals"].items()]
    yield from _section("score", Columns(parts, padding=(0, 3)))
    intents = [(c["score"], c["intent"], c["title"]) for c in card["candidates"]]
    yield from _section("intents", _ranked(intents))
    nearest = [
        (n["similarity"], n["intent"] or "out of scope", n["text"]) for n in card["neighbours"]
    ]
    yield from _section("nearest", _ranked(nearest))
    pages = [(p["fit"], p["page"], p["heading"]) for p in card["passages"]]
    if pages:
        yield from _section("passages", _ranked(pages))


def _section(label: str, content: RenderableType) -> Iterator[tuple[str, RenderableType]]:
    yield "", ""
    yield label, content


def _ranked(rows: Sequence[tuple[float, str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for number, name, text in rows[:SHOWN]:
        table.add_row(Text(f"{number:.3f}"), Text(name), Text(text, style="dim"))
    return table


def _weighty(words: Sequence[Evidence]) -> list[Evidence]:
    least = FAINT * _strongest(words)
    return [word for word in words if abs(word["confidence"]) > least]


def _strongest(words: Sequence[Evidence]) -> float:
    return max((abs(word["confidence"]) for word in words), default=0.0)


def _colour(word: Evidence) -> str:
    return FOR if word["confidence"] > 0 else AGAINST


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
