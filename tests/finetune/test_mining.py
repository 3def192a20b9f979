"""From what was said to topics, names and proposed answers: small conversations, the tiny encoder, real files."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from finetune.build import Material, build
from finetune.examples import read_examples, read_intents
from finetune.mining.answers import proposed, shared, with_variables
from finetune.mining.cli import mine
from finetune.mining.clusters import cluster, silhouettes
from finetune.mining.naming import called
from finetune.mining.smalltalk import empty
from finetune.mining.speech import Reply
from finetune.mining.topics import gists
from finetune.mining.variables import masked
from retrieval.centre import centred
from retrieval.sealing import load
from retrieval.template_files import read_templates
from retrieval.templates import State, TemplateError
from tests import tiny
from tests.finetune.small_desk import Log, make_desk, open_log


def clouds(sizes: list[int], dim: int = 32, seed: int = 0) -> np.ndarray:
    """Messages in clouds of these sizes around directions at right angles."""
    random = np.random.default_rng(seed)
    middles = np.eye(dim)[: len(sizes)]
    points = np.repeat(middles, sizes, axis=0) + 0.08 * random.normal(size=(sum(sizes), dim))
    return centred(points.astype(np.float32), points.mean(axis=0).astype(np.float32))


@pytest.mark.parametrize("sizes", [[40, 40, 40], [120, 40, 20], [30] * 8])
def test_the_number_of_clusters_is_found(sizes: list[int]) -> None:
    found = cluster(clouds(sizes))
    assert found.sizes.tolist() == sorted(sizes, reverse=True)


def test_messages_that_all_say_the_same_are_one_cluster() -> None:
    same = np.full((30, 8), 1e-9, dtype=np.float32)
    same[:, 0] = 1
    found = cluster(same)
    assert found.sizes.tolist() == [30]
    assert not found.silhouettes.any()


def test_the_same_messages_and_seed_give_the_same_clusters() -> None:
    points = clouds([50, 30, 20])
    assert cluster(points, 1).of.tolist() == cluster(points, 1).of.tolist()


def test_silhouettes_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import silhouette_samples

    points = clouds([30, 20, 10], seed=3)
    of = np.random.default_rng(0).integers(0, 4, len(points))
    expected = silhouette_samples(points, of, metric="cosine")
    np.testing.assert_allclose(silhouettes(points, of), expected, atol=1e-4)


def test_messages_that_differ_in_numbers_and_case_alone_are_one() -> None:
    made, of = gists(
        [("Where is order PP-204817?", True), ("where is order PP-111222", False), ("Hi", True)]
    )
    assert of == [0, 0, 1]
    assert (made[0].text, made[0].said, made[0].opened) == ("Where is order PP-204817?", 2, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order PP-204817 came on 3 March", "order order number came on date"),
        ("write to ada@example.com at 10:30", "write to email at time"),
        ("you owe me €12.50", "you owe me amount"),
        ("no numbers here", "no numbers here"),
    ],
)
def test_what_differs_between_customers_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "hollow"),
    [
        ("Hi!", True),
        ("thank you so much", True),
        ("PP-204817", True),
        ("ok", True),
        ("hello, where is my order?", False),
    ],
)
def test_greetings_thanks_and_ids_say_nothing(text: str, hollow: bool) -> None:
    assert empty(text) is hollow


def test_topics_are_called_by_what_they_share_and_others_lack() -> None:
    lost = ["I lost my card", "my lost card", "lost card, please block it"]
    track = ["track my order", "please track order 77", "can you track the order"]
    names = called([lost, track, track], taken=["lost_card"])
    assert names[1].name == "track_order"
    assert names[1].title == "Track order"
    assert len({n.name for n in names} | {"lost_card"}) == 4


def test_a_reply_gets_variables_for_what_is_the_customers_own() -> None:
    reply = Reply("Hi Ada, order PP-204817 costs €12.50. Kofi", (0,), "Ada Byron", "Kofi")
    assert (
        with_variables(reply)
        == "Hi {{ name }}, order {{ order_number }} costs {{ amount }}. {{ operator }}"
    )


def test_words_that_most_replies_have_not_become_a_detail() -> None:
    said = [
        f"Your parcel was scanned in {town} this morning." for town in ("Hanover", "Leeds", "Porto")
    ]
    assert shared(said) == "Your parcel was scanned in {{ detail }} this morning."


def test_an_answer_is_proposed_once_and_nobody_has_approved_it() -> None:
    replies = ["Hello {{ name }}, look under My orders."] * 2 + ["We open at nine every day."]
    vectors = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    (only,) = proposed("track", "Track", ["where is it"], replies, vectors)
    assert (only.replies, only.template.id, only.template.approved) == (2, "track", False)
    assert only.template.text.startswith("Hello{% if name %} {{ name }}{% endif %}, look")


@pytest.fixture
def conversations(tmp_path: Path) -> Path:
    """Every question of the tiny desk, asked after a greeting and answered by a person who asks for more."""
    lines = []
    for intent, questions in tiny.QUESTIONS.items():
        for number, question in enumerate(questions):
            name = f"{intent}-{number}"
            turns = [
                {"at": f"2026-03-01T09:0{n}:00+00:00", "from": side, "text": text}
                for n, (side, text) in enumerate(
                    [
                        ("customer", "hello"),
                        ("customer", question),
                        ("operator", f"Dear customer, about {intent}: here it is."),
                        ("customer", "thanks"),
                    ]
                )
            ]
            lines.append(
                json.dumps(
                    {
                        "id": name,
                        "channel": "web",
                        "started": turns[0]["at"],
                        "customer": {"id": name},
                        "turns": turns,
                    }
                )
            )
    file = tmp_path / "past.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(mine, [str(a) for a in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_conversations_become_a_folder_that_train_and_people_read(
    conversations: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, stdout, stderr = run(
        "--conversations", conversations, "--output", out, "--encoder", tiny_encoder, "--json"
    )
    assert code == 0, stderr
    report = json.loads(stdout)
    assert report == json.loads((out / "report.json").read_text(encoding="utf-8"))
    names = {topic["intent"] for topic in report["topics"]}
    examples = read_examples(out / "examples.csv")
    assert {e.intent for e in examples} == names
    assert len(examples) == report["distinct_requests"]
    assert set(read_intents(out / "intents.csv")) == names
    assert not any(t.approved for t in read_templates(out / "templates.jsonl"))
    with (out / "smalltalk.csv").open(encoding="utf-8") as aside:
        assert {"hello", "thanks"} <= {row["text"] for row in csv.DictReader(aside)}
    assert (out / "map.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_conversations_and_seed_give_the_same_files(
    conversations: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        run(
            "--conversations", conversations, "--output", tmp_path / name, "--encoder", tiny_encoder
        )
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in "ab")
    assert first == second


def test_a_folder_with_something_in_it_is_left_as_it_is(
    conversations: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    code, stdout, stderr = run("--conversations", conversations, "--output", tmp_path / "out")
    assert (code, stdout) == (1, "")
    assert "exists and is not an empty folder" in stderr
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_too_few_requests_are_refused_in_a_sentence(tiny_encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("text\nwhere is my order\nhello\n")
    code, _, stderr = run(
        "--conversations",
        tmp_path / "few.csv",
        "--output",
        tmp_path / "out",
        "--encoder",
        tiny_encoder,
    )
    assert code == 1
    assert "different requests are among 2 messages" in " ".join(stderr.split())
    assert not (tmp_path / "out").exists()


def test_no_release_is_built_with_an_answer_that_nobody_approved(tiny_encoder: Path) -> None:
    proposal = replace(tiny.TEMPLATES[3], id="proposal", text="Proposed.", state=State.DRAFT)
    material = Material(tiny.examples(), (*tiny.TEMPLATES, proposal))
    made = build(material, tiny.options(tiny_encoder))
    assert made.contents.answers.templates == tiny.TEMPLATES


def test_new_topics_are_sought_in_what_the_bot_did_not_answer(
    conversations: Path, tiny_folder: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "champion").symlink_to(tiny_folder)
    code, _, stderr = run(
        "--desk",
        desk,
        "--conversations",
        conversations,
        "--output",
        tmp_path / "out",
        "--encoder",
        tiny_encoder,
    )
    assert code == 1  # every question of these conversations is one of the desk's own examples
    assert "different requests" in " ".join(stderr.split())


def test_a_desk_whose_bot_understood_all_has_nothing_new_and_that_is_no_error(
    tiny_folder: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    desk = make_desk(tmp_path)
    (desk / "champion").symlink_to(tiny_folder)
    arguments = ("--desk", desk, "--output", tmp_path / "out", "--encoder", tiny_encoder, "--json")
    with open_log(desk) as store:
        log = Log(store)
        log.reply(log.hear("when does the shop open"), "opening_hours")
    understood = run(*arguments)
    with open_log(desk) as store:
        log = Log(store)
        log.hand_off(log.hear("do you have a gift card"))
    few = run(*arguments)
    name = load(tiny_folder).hash
    for code, stdout, stderr in (understood, few):
        assert (code, json.loads(stdout)) == (0, {"topics": [], "nothing_new_since": name})
        assert f"Nothing new since Release {name}: " in " ".join(stderr.split())
    assert "holds no message that the bot did not understand." in " ".join(understood[2].split())
    assert "1 different requests are among 1 messages" in " ".join(few[2].split())
    assert not (tmp_path / "out").exists()


def test_a_desk_without_a_log_is_refused_in_a_sentence(tmp_path: Path) -> None:
    code, _, stderr = run("--desk", tmp_path, "--output", tmp_path / "out")
    assert code == 1
    assert "has no log yet" in " ".join(stderr.split())


def test_a_proposal_may_use_a_variable_that_an_approved_answer_may_not(tmp_path: Path) -> None:
    row = {"id": "a", "intent": "a", "text": "It costs {{ amount }}."}
    file = tmp_path / "templates.jsonl"
    file.write_text(json.dumps({**row, "approved": False}))
    assert read_templates(file)[0].approved is False
    file.write_text(json.dumps(row))
    with pytest.raises(TemplateError, match="amount"):
        read_templates(file)
