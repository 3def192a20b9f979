"""Answers that nobody wrote: marked up well and badly, in several scripts, some longer than a message."""

from __future__ import annotations

from random import Random

PIECES = (
    "Refunds take **5 days** to arrive. ", "_Please_ write to us. ", "退款需要**五天**。", "<b>", "</a>", "&amp;", "&",
    "[our page](https://shop.example/a?b=1&c=2) ", "`PP-10<2>`", "**", "*", "_", "`", "[", "](", "](https://", "https://x.y/_z_ ",
    "\n", "\n\n", "- one\n- two\n", "😀", "👩‍👩‍👧", "שלום **עולם** ", "\u202e", "\0", "\ud800", "1. ", "~#+-=|{}.!", "<script>alert(1)</script>",
)  # fmt: skip


def answer(rng: Random) -> str:
    """Make an answer up, one in ten longer than a message; like those of people, most of what is opened is closed."""
    long = rng.random() < 0.1
    said = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 30)))
    filler = "A sentence of some words. " * rng.randint(150, 400) if long else ""
    return f"{rng.choice('*_`[') * rng.randint(0, 2)}Hello {said}{filler}{said}"
