"""Insults, and what they get."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.manners import rude
from conversations.events import HUMAN, ActionKind
from tests.bot.house import house

DEMO = Path(__file__).parents[2] / "bot" / "demo"


@pytest.mark.parametrize(
    "text",
    [
        "you stupid useless bot",
        "WTF!!",
        "what a useless service",
        "du bist so dumm",
        "Scheißladen",
        "t'es nul... merde",
        "eres tonto",
        "sei inutile",
        "垃圾客服！",
        "去死吧",
        "ばか",
        "идиоты",
    ],
)
def test_an_insult_is_heard(text: str) -> None:
    assert rude(text)


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "this is the worst rain in years",
        "my boots are useless without soles, what now",
        "the zip is a pain",
        "我的茶杯碎了",
        "can I return this",
        "",
    ],
)
def test_a_complaint_is_no_insult(text: str) -> None:
    assert not rude(text)


@pytest.mark.parametrize("desk", ["desk", "desk-zh"])
def test_hardly_any_question_of_the_demo_shops_is_taken_for_one(desk: str) -> None:
    with (DEMO / desk / "examples.csv").open(encoding="utf-8", newline="") as file:
        asked = [row for row in csv.DictReader(file) if row["intent"]]
    heard = [row for row in asked if rude(row["text"])]
    about_manners = {"complaint", "small_talk", "abuse", "insult"}
    assert len([row for row in heard if row["intent"] not in about_manners]) <= len(asked) / 50


async def test_whoever_only_insults_gets_a_kind_word_and_then_a_person(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        first = await desk.say("you stupid bot")
        again = await desk.say("idiots")
    assert (first.action, first.reason) == (ActionKind.CLARIFY, "upset")
    assert [choice.value for choice in first.choices] == [HUMAN]
    assert again.action is ActionKind.HANDOFF


async def test_whoever_asks_is_answered_whatever_the_tone(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("where is my fucking order you idiots")
    assert (decision.action, decision.intent) == (ActionKind.REPLY, "order_status")
