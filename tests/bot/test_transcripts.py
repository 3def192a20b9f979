"""A visitor's conversations as a text: every word of it in their language, and lines that read in its direction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.channels.transcript_words import WORDS
from bot.channels.transcripts import ISOLATE, POP, RIGHT_TO_LEFT_MARK, transcript
from bot.channels.web_face import LOCALES
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Enclosed,
    Event,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
)

AT = datetime(2026, 11, 28, 9, 5, tzinfo=UTC)
TEAR = Enclosed("f1", "tear.png", "image/png", 184_000)


def heard(text: str, *files: Enclosed) -> Heard:
    return Heard(message_id="h1", external_id="web:h1", text=text, files=files)


def answered(text: str) -> Decided:
    return Decided(message_id="b1", in_reply_to="h1", action=ActionKind.REPLY, text=text)


def told(said: Sequence[Event], locale: str, desk: str = "77") -> str:
    history = [Recorded(seq, "c1", AT, event) for seq, event in enumerate(said, start=1)]
    return transcript(history, desk, ZoneInfo("Europe/Berlin"), locale)


EVERYTHING = (
    heard("1 2", TEAR),
    answered("3"),
    OperatorWrote(message_id="o1", operator="88", text="5"),
    OperatorEdited(message_id="o2", operator="88", text="7", corrects="o1", replaces=3),
    Closed(reason="idle"),
)


def test_every_language_of_the_widget_has_the_words() -> None:
    assert set(WORDS) == set(LOCALES)
    assert {word.count("{zone}") for word in (words.times for words in WORDS.values())} == {1}
    assert {word.count("{name}") for word in (words.file for words in WORDS.values())} == {1}


def test_a_transcript_tells_who_said_what_when_and_what_became_of_it() -> None:
    assert told(EVERYTHING, "en").split("\n\n") == [
        "77\nTimes: Europe/Berlin",
        "[2026-11-28 10:05] You: 1 2\n  [file: tear.png]",
        "[2026-11-28 10:05] 77: 3",
        "[2026-11-28 10:05] 88: 7 (edited)",
        "[2026-11-28 10:05] (The conversation was closed.)\n",
    ]


@pytest.mark.parametrize("locale", sorted(set(LOCALES) - {"en"}))
def test_no_english_is_left(locale: str) -> None:
    text = told(EVERYTHING, locale)
    for words in ("You", "Times", "file", "edited", "closed"):
        assert words not in text.replace("tear.png", "")
    assert WORDS[locale].you in text


def test_what_reads_from_the_right_is_marked_and_other_letters_are_kept_apart() -> None:
    text = told([heard("أين طردي؟"), answered("Track it: PP-1.\nSoon.")], "ar", desk="Pine")
    assert all(line.startswith(RIGHT_TO_LEFT_MARK) for line in text.split("\n") if line)
    assert "أنت: أين طردي؟" in text
    assert (
        f"{ISOLATE}Pine{POP}: {ISOLATE}Track it: PP-1.{POP}\n{RIGHT_TO_LEFT_MARK}  {ISOLATE}Soon.{POP}"
        in text
    )


def test_a_text_without_letters_of_the_other_direction_has_no_marks() -> None:
    text = told([heard("Где 5?"), answered("Hier.")], "ru")
    assert set(text).isdisjoint({RIGHT_TO_LEFT_MARK, ISOLATE, POP})
    mixed = told([heard("שלום!\n\nHi")], "ru")
    assert f"Вы: {ISOLATE}שלום!{POP}\n\n  Hi\n" in mixed
