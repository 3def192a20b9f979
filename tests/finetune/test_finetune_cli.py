"""The commands that learn: data on stdout, one sentence on stderr, and an exit code."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finetune.cli import evaluate, lint, predict, train
from finetune.curriculum import curriculum
from finetune.examples import Example, write_examples
from finetune.lease import held
from finetune.nightly import build_first
from finetune.progress import Nobody
from finetune.retrain_cli import retrain
from finetune.sentences import ERROR, LOCKED, REFUSED
from retrieval.manifest import verify
from retrieval.templates import TemplateError
from tests import tiny
from tests.finetune.small_desk import NEWS, NOON, clock, held_out, make_desk, poisoned, teach

USAGE = 2  # click's own


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


def said(result: Result, code: int, why: str) -> None:
    """The command ended with this code and one sentence, not with a traceback."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
    assert why in " ".join(result.stderr.split())
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    write_examples(tmp_path / "examples.csv", tiny.examples())
    return tmp_path / "examples.csv"


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A desk in which one text stands under two intents."""
    desk = make_desk(tmp_path)
    twice = Example("Where is my  order", "repair")
    write_examples(desk / "examples.csv", [*tiny.examples(), twice])
    return desk


def test_lint_says_what_to_do_and_where_and_ends_with_0(
    run: CliRunner, doubtful: Path, tiny_encoder: Path
) -> None:
    arguments = [str(doubtful / "examples.csv"), "--encoder", str(tiny_encoder)]
    result = run.invoke(lint, arguments)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "1 text stands under two intents:"
    assert "'order_status' (examples.csv, line 2)" in " ".join(result.stdout.split())
    assert "5 intents have fewer than ten examples:" in lines
    assert "  - out of scope has 6: write 4 more." in lines


def test_lint_with_json_gives_every_finding_and_reads_the_templates_questions(
    run: CliRunner, doubtful: Path, tiny_encoder: Path
) -> None:
    arguments = [str(doubtful / "examples.csv"), "--encoder", str(tiny_encoder), "--json"]
    result = run.invoke(lint, [*arguments, "--templates", str(doubtful / "templates.jsonl")])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)["findings"]
    (twice,) = [f for f in found if f["kind"] == "duplicate_under_two_labels"]
    assert twice["intents"] == ["order_status", "repair"]
    assert twice["examples"][1] == {
        "text": "Where is my  order",
        "intent": "repair",
        "place": "examples.csv, line 40",
    }
    assert {f["intents"][0]: f["count"] for f in found if f["kind"] == "few_examples"} == {
        "order_status": 9,
        "opening_hours": 8,
        "": 6,
    }
    assert all(f["sentence"] and f["suggestion"] for f in found)


def test_lint_says_that_there_is_nothing_to_say(
    run: CliRunner, tmp_path: Path, tiny_encoder: Path
) -> None:
    rows = [Example(f"{'order ' * n}", "order") for n in range(1, 13)]
    write_examples(tmp_path / "e.csv", rows)
    result = run.invoke(lint, [str(tmp_path / "e.csv"), "--encoder", str(tiny_encoder)])
    assert (result.exit_code, result.stdout) == (
        0,
        "Nothing to improve was found in 12 examples.\n",
    )


def test_lint_refuses_a_file_that_it_cannot_read(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("question\nhello\n")
    said(run.invoke(lint, [str(tmp_path / "e.csv")]), ERROR, "there is no column 'text'")


@pytest.mark.parametrize("command", ["train", "retrain"])
def test_before_training_a_line_a_kind_says_what_to_look_at(
    run: CliRunner,
    doubtful: Path,
    tiny_encoder: Path,
    tmp_path: Path,
    command: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    more = ["--fast", "--encoder", str(tiny_encoder)]
    files = [str(doubtful / "examples.csv"), "--templates", str(doubtful / "templates.jsonl")]
    result = (
        run.invoke(train, [*files, "--release", str(tmp_path / "release"), *more])
        if command == "train"
        else run.invoke(retrain, ["--desk", str(doubtful), "--dry-run", *more])
    )
    assert result.exit_code == 0, result.stderr
    way = f"see: frontdesk lint {' '.join(files)} --encoder {tiny_encoder}"
    heard = result.stderr + capfd.readouterr().err  # retrain trains in a process of its own
    assert [line for line in heard.splitlines() if line.startswith("lint:")] == [
        f"lint: 1 text stands under two intents; {way}",
        f"lint: 3 intents have fewer than ten examples; {way}",
    ]


def test_train_makes_a_release_and_reports_it_as_json(
    run: CliRunner, examples: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    result = run.invoke(
        train,
        [str(examples), "--release", str(release), "--encoder", str(tiny_encoder), "--fast", "--json"],
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["release"] == verify(release)
    assert report["validation"]["questions"] >= len(tiny.examples())
    assert f"Release {report['release']} is in" in " ".join(result.stderr.split())


def test_train_reads_templates_pages_and_past_messages(
    run: CliRunner, tiny_encoder: Path, tmp_path: Path
) -> None:
    desk = make_desk(tmp_path)
    (desk / "past.csv").write_text("text\nis it going to snow on saturday\n")
    result = run.invoke(
        train,
        [
            str(desk / "examples.csv"), "--release", str(tmp_path / "release"), "--fast",
            "--encoder", str(tiny_encoder), "--templates", str(desk / "templates.jsonl"),
            "--pages", str(desk / "pages"), "--unlabelled", str(desk / "past.csv"), "--seed", "3",
        ],
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "")
    report = json.loads((tmp_path / "release" / "report.json").read_text())
    assert (report["templates"], report["passages"], report["options"]["seed"]) == (5, 1, 3)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Error: examples.csv holds no rows below its header."),
        (b"text,intent\nhello,x\ncaf\xe9,x\n", "Error: examples.csv, line 3: byte 23 is not UTF-8"),
        (b"text,intent\na,x\nb,x\n", "Error: there must be at least two intents"),
        (b"text,intent\na,x\nb,x\nc,y\n", "Error: there is 1 intent: 'y' with a single example"),
    ],
)
def test_train_says_what_is_wrong_with_the_examples(
    run: CliRunner, tmp_path: Path, tiny_encoder: Path, data: bytes, why: str
) -> None:
    (tmp_path / "examples.csv").write_bytes(data)
    result = run.invoke(
        train,
        [str(tmp_path / "examples.csv"), "--release", str(tmp_path / "r"), "--encoder", str(tiny_encoder)],
    )  # fmt: skip
    said(result, ERROR, why)
    assert [path.name for path in tmp_path.iterdir()] == ["examples.csv"]


@pytest.mark.parametrize(
    ("more", "code", "why"),
    [
        (["--encoder", "owner/model"], ERROR, "hub ids are off unless FRONTDESK_HUB=1"),
        (["--risk", "0"], USAGE, "--risk"),
        (["--risk", "1.5"], USAGE, "--risk"),
        (["--search", "-1"], USAGE, "--search"),
        (["--templates", "none.jsonl"], USAGE, "does not exist"),
    ],
)
def test_train_refuses_options_that_make_no_sense(
    run: CliRunner, examples: Path, tmp_path: Path, more: list[str], code: int, why: str
) -> None:
    said(run.invoke(train, [str(examples), "--release", str(tmp_path / "r"), *more]), code, why)


@pytest.mark.parametrize(
    ("placeholder", "why"),
    [
        (
            "{{ ordernumber }}",
            "uses ordernumber, which is not known: did you mean order_number? Use name",
        ),
        ("{{ order_number", "is not valid Liquid: expected '}}', found end of file; check its"),
        ("{% if name %}", "is not valid Liquid"),
    ],
)
def test_a_broken_placeholder_stops_training_by_its_name(
    run: CliRunner, tmp_path: Path, tiny_encoder: Path, placeholder: str, why: str
) -> None:
    desk = make_desk(tmp_path)
    row = {"id": "broken", "intent": "repair", "text": f"Look at {placeholder}"}
    (desk / "templates.jsonl").write_text(json.dumps(row))
    options = ["--fast", "--encoder", str(tiny_encoder)]
    train_it = [str(desk / "examples.csv"), "--templates", str(desk / "templates.jsonl")]
    trained = run.invoke(train, [*train_it, "--release", str(tmp_path / "r"), *options])
    said(trained, ERROR, f"Error: templates.jsonl: template 'broken' {why}")
    assert not (tmp_path / "r").exists()
    with pytest.raises(TemplateError, match="template 'broken'"):  # what a night says of it
        curriculum(desk, lambda trusted, weak, visitors: [], NOON)


def test_train_leaves_a_folder_that_is_no_release(
    run: CliRunner, examples: Path, tiny_encoder: Path
) -> None:
    result = run.invoke(
        train,
        [str(examples), "--release", str(examples.parent), "--encoder", str(tiny_encoder), "--fast"],
    )  # fmt: skip
    said(result, ERROR, "exists and is not a Release: name another folder.")
    assert [path.name for path in examples.parent.iterdir()] == ["examples.csv"]


def test_predict_keeps_rows_and_columns_and_adds_three(
    run: CliRunner, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("id,text\n9,where is my order\n4,the zip is broken\n7,\n")
    out = tmp_path / "out.csv"
    result = run.invoke(
        predict, [str(tmp_path / "in.csv"), "--release", str(tiny_folder), "--output", str(out)]
    )
    assert (result.exit_code, result.stdout) == (0, "")
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["id", "text", "predicted", "confidence", "answered"]
    assert [row["id"] for row in rows] == ["9", "4", "7"]
    assert [row["predicted"] for row in rows[:2]] == ["order_status", "repair"]


@pytest.mark.parametrize(
    ("data", "output", "why"),
    [
        ("question\nhello\n", "out.csv", "there is no column 'text', only question"),
        ("", "out.csv", "holds no rows"),
        (
            "text\nhello\n",
            "missing/out.csv",
            "out.csv cannot be written: No such file or directory.",
        ),
        ("text\nhello\n", "in.csv/out.csv", "out.csv cannot be written: Not a directory."),
    ],
)
def test_predict_leaves_nothing_half_done(
    run: CliRunner, tiny_folder: Path, tmp_path: Path, data: str, output: str, why: str
) -> None:
    (tmp_path / "in.csv").write_text(data)
    arguments = [str(tmp_path / "in.csv"), "--release", str(tiny_folder)]
    said(run.invoke(predict, [*arguments, "--output", str(tmp_path / output)]), ERROR, why)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_folder_that_is_no_release_is_refused(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,intent\nhello,x\n")
    source = str(tmp_path / "in.csv")
    (tmp_path / "empty").mkdir()
    for folder, why in (("empty", "has no manifest.json"), ("none", "there is no Release at")):
        arguments = [source, "--release", str(tmp_path / folder)]
        said(run.invoke(evaluate, arguments), ERROR, why)
        said(run.invoke(predict, [*arguments, "--output", str(tmp_path / "o.csv")]), ERROR, why)


def test_evaluate_says_it_in_words_or_as_json(
    run: CliRunner, tiny_folder: Path, examples: Path
) -> None:
    arguments = [str(examples), "--release", str(tiny_folder)]
    words = run.invoke(evaluate, arguments)
    assert words.exit_code == 0
    assert f"Release              {verify(tiny_folder)}" in words.stdout
    assert "calibration error" in words.stdout
    figures = run.invoke(evaluate, [*arguments, "--json"])
    assert (figures.exit_code, figures.stderr) == (0, "")
    assert json.loads(figures.stdout)["questions"] == len(tiny.examples())


def test_evaluate_refuses_intents_that_the_release_cannot_know(
    run: CliRunner, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "test.csv").write_text("text,intent\nmoney back,refund\n")
    result = run.invoke(evaluate, [str(tmp_path / "test.csv"), "--release", str(tiny_folder)])
    said(result, ERROR, "intents that the Release does not know ('refund')")


@pytest.fixture
def desk(tiny_encoder: Path, tmp_path: Path) -> Path:
    made = make_desk(tmp_path)
    build_first(made, tiny.options(tiny_encoder), clock=clock, watch=Nobody())
    return made


def test_a_night_learns_with_the_encoder_that_the_desk_names(run: CliRunner, desk: Path) -> None:
    (desk / "desk.toml").write_text("name = 'Shop'\nencoder = 'owner/model'\n")
    said(run.invoke(retrain, ["--desk", str(desk), "--fast"]), ERROR, "no encoder 'owner/model'")


def test_a_refused_night_exits_with_3_and_says_why(
    run: CliRunner, desk: Path, tiny_encoder: Path
) -> None:
    write_examples(desk / "examples.csv", poisoned())
    champion = (desk / "champion").readlink()
    arguments = ["--desk", str(desk), "--encoder", str(tiny_encoder), "--fast", "--risk", "0.2"]
    result = run.invoke(retrain, [*arguments, "--json"])
    assert result.exit_code == REFUSED
    night = json.loads(result.stdout)
    assert (night["outcome"], night["comparison"]["passed"]) == ("refused", False)
    assert night["comparison"]["questions"] >= len(held_out())
    assert "FAILED: in-scope questions whose intent is right" in " ".join(result.stderr.split())
    assert "  frozen, 12 questions\n" in result.stderr
    told = run.invoke(retrain, ["--desk", str(desk), "--history"]).stdout.splitlines()
    assert [line.split()[1] for line in told] == ["promoted", "refused"]
    assert "in-scope questions whose intent is right" in told[1]
    history = run.invoke(retrain, ["--desk", str(desk), "--history", "--json"])
    assert [n["outcome"] for n in json.loads(history.stdout)["nights"]] == ["promoted", "refused"]
    assert "Traceback" not in result.stderr
    assert (desk / "champion").readlink() == champion
    look = f"frontdesk releases diff {champion.name} {night['challenger']} --desk {desk}"
    assert look in " ".join(result.stderr.split())


def test_a_held_night_names_the_commands_that_look_at_it_try_it_and_promote_it(
    run: CliRunner, desk: Path, tiny_encoder: Path
) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    champion = (desk / "champion").readlink()
    arguments = ["--desk", str(desk), "--encoder", str(tiny_encoder), "--fast", "--risk", "0.2"]
    result = run.invoke(retrain, [*arguments, "--hold", "--json"])
    assert result.exit_code == 0, result.stderr
    night = json.loads(result.stdout)
    assert night["outcome"] == "held"
    name, heard = night["challenger"], " ".join(result.stderr.split())
    for words in (f"diff {champion.name} {name}", f"try {name} --share 0.1", f"promote {name}"):
        assert f"frontdesk releases {words} --desk {desk}" in heard
    assert (desk / "champion").readlink() == champion
    both = run.invoke(retrain, ["--desk", str(desk), "--dry-run", "--hold"])
    assert (both.exit_code, "give one of them" in both.stderr) == (2, True)


def test_a_night_learns_as_the_desk_says_unless_the_command_line_says_otherwise(
    run: CliRunner, desk: Path, tiny_encoder: Path
) -> None:
    (desk / "desk.toml").write_text("[learning]\nrisk = 0.2\nminutes = 0.0001\n")
    arguments = ["--desk", str(desk), "--encoder", str(tiny_encoder), "--fast"]
    late = run.invoke(retrain, arguments)
    said(late, ERROR, "training took longer than 0.0001 minutes")
    assert "--fast" not in late.stderr  # it was given
    slow = run.invoke(retrain, arguments[:-1])
    said(slow, ERROR, "or train with --fast")
    result = run.invoke(retrain, [*arguments, "--minutes", "9", "--json"])
    assert json.loads(result.stdout)["outcome"] == "unchanged"  # of the same risk, as it was made


def test_a_second_run_exits_with_4(run: CliRunner, tmp_path: Path) -> None:
    make_desk(tmp_path)
    with held(tmp_path, clock):
        said(run.invoke(retrain, ["--desk", str(tmp_path)]), LOCKED, "being trained by another run")


def test_whoever_watches_over_a_night_has_no_torch() -> None:
    heavy = ("torch", "transformers", "sklearn", "faiss")
    program = f"import sys, finetune.retrain_cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_retrain_needs_a_desk(run: CliRunner, tmp_path: Path) -> None:
    said(run.invoke(retrain, ["--desk", str(tmp_path)]), ERROR, "make a desk with frontdesk init.")
    assert not list(tmp_path.iterdir())


def test_intents_can_be_taught_by_what_they_are_called_alone(
    run: CliRunner, tmp_path: Path, tiny_encoder: Path
) -> None:
    named = tmp_path / "intents.csv"
    named.write_text("intent,description\norder_status,where the parcel is\nrepair,\n", "utf-8")
    arguments = ["--intents", str(named), "--encoder", str(tiny_encoder), "--fast"]
    result = run.invoke(train, [*arguments, "--release", str(tmp_path / "release")])
    assert result.exit_code == 0, result.stderr
    assert verify(tmp_path / "release") in result.stderr


def test_without_examples_and_intents_there_is_nothing_to_learn(
    run: CliRunner, tmp_path: Path
) -> None:
    result = run.invoke(train, ["--release", str(tmp_path / "release")])
    said(result, ERROR, "give EXAMPLES to learn from, or say what the intents are with --intents")
    assert not (tmp_path / "release").exists()
