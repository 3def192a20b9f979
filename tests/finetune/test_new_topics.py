"""New topics among unanswered questions: found in a real log with a small Release, dismissed, and remembered."""

from __future__ import annotations

import json
import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conversations.lessons import Dismissed
from conversations.reader import Reader
from finetune.mining.looking import TOPICS, look
from finetune.mining.topics_cli import topics
from finetune.progress import Nobody
from retrieval.sealing import load
from tests.finetune.small_desk import Log, clock, make_desk, open_log


def wordings(*words: str) -> tuple[str, ...]:
    """Fifteen texts of four words each: a reader without a language knows what they have in common."""
    return tuple(" ".join(some) for some in combinations(words, 4))


SINGING = wordings("sing", "song", "joke", "tell", "snow", "homework")
SPORT = wordings("who", "won", "football", "capital", "peru", "what")
ALL = len(SINGING) + len(SPORT)


def ask(desk: Path, *texts: str) -> list[str]:
    """Let customers ask what the bot hands off without understanding it."""
    with open_log(desk) as store:
        log = Log(store)
        return [log.hand_off(log.hear(text, address=text)) for text in texts]


def dismiss(desk: Path, messages: list[str]) -> None:
    with open_log(desk) as store:
        for one in messages:
            found = store.message(one)
            assert found is not None
            store.append(found.conversation_id, Dismissed(message_id=one, operator="ann"))


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path) -> Path:
    desk = make_desk(tmp_path)
    (desk / "champion").symlink_to(tiny_folder)
    return desk


def found(desk: Path, encoder: Path) -> dict[str, Any]:
    return look(desk, str(encoder), hub=False, clock=clock, watch=Nobody())


def texts_of(desk: Path, messages: list[str]) -> set[str]:
    with Reader.open(desk / "desk.db") as log:
        events = [log.message(one) for one in messages]
    return {getattr(one.event, "text", "") for one in events if one}


def test_topics_have_the_messages_and_nothing_that_they_say(desk: Path, tiny_encoder: Path) -> None:
    ask(desk, *SINGING, *SPORT)
    made = found(desk, tiny_encoder)
    assert made["looked_at"] == ALL
    assert {frozenset(texts_of(desk, topic["messages"])) for topic in made["topics"]} == {
        frozenset(SINGING),
        frozenset(SPORT),
    }
    kept = (desk / TOPICS).read_text()
    assert not any(text in kept for text in (*SINGING, *SPORT))


def test_a_topic_that_was_dismissed_comes_back_when_as_many_others_ask_it(
    desk: Path, tiny_encoder: Path
) -> None:
    singing = ask(desk, *SINGING)
    ask(desk, *SPORT)
    dismiss(desk, singing)
    [left] = found(desk, tiny_encoder)["topics"]
    assert texts_of(desk, left["messages"]) == set(SPORT)
    more = [f"{text} today" for text in SINGING] + [f"{text} maybe" for text in SINGING]
    again = ask(desk, *more)
    messages = [set(topic["messages"]) for topic in found(desk, tiny_encoder)["topics"]]
    assert set().union(*messages) >= set(again)
    assert not set().union(*messages) & set(singing)


def test_what_is_too_little_is_said_in_a_sentence(desk: Path, tiny_encoder: Path) -> None:
    ask(desk, *SINGING[:3])
    made = found(desk, tiny_encoder)
    assert made["topics"] == []
    assert "only 3 different requests" in made["note"]


def run(*arguments: object) -> tuple[int, str, str]:
    ran = CliRunner().invoke(topics, [str(one) for one in arguments])
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_command_keeps_what_it_finds_with_the_desk(desk: Path, tiny_encoder: Path) -> None:
    ask(desk, *SINGING, *SPORT)
    code, stdout, stderr = run("--desk", desk, "--encoder", tiny_encoder, "--json")
    assert code == 0, stderr
    kept = json.loads((desk / TOPICS).read_text())
    assert kept == json.loads(stdout)
    assert kept["release"] == load(desk / "champion").hash
    assert len(kept["topics"]) == 2
    assert f"2 new topics in {ALL} unanswered questions." in " ".join(stderr.split())


def test_a_desk_without_a_log_or_a_release_is_refused_in_a_sentence(
    desk: Path, tiny_encoder: Path
) -> None:
    code, _, stderr = run("--desk", desk, "--encoder", tiny_encoder)
    assert (code, "has no log yet" in " ".join(stderr.split())) == (1, True)
    (desk / "champion").unlink()
    code, _, stderr = run("--desk", desk)
    assert (code, "has no Release yet" in " ".join(stderr.split())) == (1, True)
    shutil.rmtree(desk)
    desk.mkdir()
    code, _, stderr = run("--desk", desk)
    assert (code, "desk" in stderr) == (1, True)
