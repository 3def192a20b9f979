"""The benchmark of labelling: what the queue deals first is held against all messages, and nobody is asked what was learned."""

from __future__ import annotations

from pathlib import Path

from benchmarks.labelling import asked_of, dealt, said
from bot.desk import Desk
from finetune.examples import Example, write_examples
from tests.bot.reader import KeywordReader

SURE = {f"order number{n} of box{n}": "order_status" for n in range(60)}
UNSURE = {f"maybe thing{n} for place{n}": "return_item" for n in range(60)}


async def test_what_the_queue_deals_first_is_wrong_more_often_than_chance(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\n")
    desk, release, truth = Desk.open(tmp_path), KeywordReader(), {**SURE, **UNSURE}
    said(desk, release, list(truth))
    order = await dealt(desk, release, truth)
    assert (order.tickets, order.messages) == (50, 120)
    assert order.by_chance == 0.5
    assert sum(order.reasons.values()) == 50
    assert order.times == order.wrong / 0.5


def test_nobody_asks_what_was_learned(tmp_path: Path) -> None:
    write_examples(tmp_path / "test.csv", [Example(f"text {n}", "a") for n in range(10)])
    asked = asked_of(tmp_path / "test.csv", [Example("text 3", "a")], 20)
    assert {e.text for e in asked} == {f"text {n}" for n in range(10)} - {"text 3"}
    assert len(asked_of(tmp_path / "test.csv", [], 4)) == 4
