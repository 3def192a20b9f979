"""
Twelve bad nights: each is refused, or ends in one sentence, or does no harm.

No harm: the champion is the same, or the one that was promoted is no worse on questions that nobody has touched.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conversations.errors import Damaged
from conversations.events import Thumb
from finetune.build import Options
from finetune.evaluation import Outcome as Answered
from finetune.examples import Example, write_examples
from finetune.history import History
from finetune.night import Outcome
from finetune.nightly import build_first, contest
from finetune.progress import Nobody
from finetune.serving import outcomes
from retrieval.manifest import MANIFEST, ReleaseRefused
from retrieval.pretrained import ENCODERS, WEIGHTS, EncoderUnavailable
from retrieval.sealing import load
from retrieval.shelf import Shelf
from tests import tiny
from tests.desks import finished, frontdesk
from tests.disks import fill
from tests.finetune.small_desk import (
    NEWS,
    NOON,
    Log,
    clock,
    curated,
    held_out,
    make_desk,
    night,
    open_log,
    poisoned,
)

RISK = 0.2  # what the owner of a tiny desk allows
CHINESE = (
    "我的包裹在哪里",
    "怎么退货",
    "拉链坏了",
    "几点开门",
    "订单还没到",
    "可以修吗",
    "周六开门吗",
    "我要退靴子",
)


@pytest.fixture(scope="session")
def made(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A desk with a first Release and held-out questions, and one without; do not change them."""
    desks = {}
    for held in (True, False):
        desk = make_desk(tmp_path_factory.mktemp("desk"))
        if not held:
            (desk / "heldout.csv").unlink()
        build_first(desk, tiny.options(tiny_encoder), clock=clock, watch=Nobody())
        desks[held] = desk
    return desks


@pytest.fixture
def desk(made: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[True], tmp_path / "desk", symlinks=True))


@pytest.fixture(params=[True, False], ids=["held-out file", "no held-out file"])
def any_desk(request: pytest.FixtureRequest, made: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[request.param], tmp_path / "desk", symlinks=True))


def asked(desk: Path) -> list[Answered]:
    """What the champion makes of questions that no night has touched."""
    return outcomes(load((desk / "champion").resolve()), held_out(), Nobody())


def right(answers: Sequence[Answered]) -> int:
    return sum(a.truth == a.predicted for a in answers)


def predicted(answers: Sequence[Answered]) -> list[tuple[str, bool]]:
    return [(a.predicted, a.answered) for a in answers]


def risk(answers: Sequence[Answered]) -> float:
    given = [a for a in answers if a.answered]
    return sum(a.truth != a.predicted for a in given) / max(1, len(given))


def assert_no_harm(desk: Path, before: Sequence[Answered]) -> None:
    after = asked(desk)
    assert right(after) >= right(before) - 1  # the smallest difference there is
    assert risk(after) <= max(RISK, risk(before))


def state(desk: Path) -> tuple[str, list[str]]:
    names = sorted(entry.name for entry in (desk / "releases").iterdir())
    return str((desk / "champion").readlink()), names


def assert_refused(desk: Path, options: Options, why: str) -> None:
    champion, names = state(desk)
    ended = night(desk, options)
    assert ended.outcome is Outcome.REFUSED
    assert state(desk) == (champion, sorted([*names, ended.challenger]))  # it stays to be looked at
    line = list(History(desk).lines())[-1]
    assert (line.outcome, line.champion) == ("refused", ended.champion)
    assert why in line.why


def without_templates_of(desk: Path, intent: str) -> None:
    file = desk / "templates.jsonl"
    kept = [row for row in file.read_text().splitlines() if f'"intent": "{intent}"' not in row]
    file.write_text("\n".join(kept) + "\n")


# What is taught


def test_1_the_labels_of_one_intent_are_flipped(any_desk: Path, options: Options) -> None:
    few = tiny.QUESTIONS["repair"][2:]
    flipped = [replace(e, intent="return_item") if e.text in few else e for e in curated()]
    write_examples(any_desk / "examples.csv", flipped)
    assert_refused(any_desk, options, "the labels of repair changed: 6 of its ")


def test_2_all_labels_are_flipped(any_desk: Path, options: Options) -> None:
    write_examples(any_desk / "examples.csv", poisoned())
    assert_refused(any_desk, options, "the labels of ")


def test_2_an_operator_flips_them_and_empties_the_gate(any_desk: Path, options: Options) -> None:
    flipped = {e.text: e.intent for e in poisoned()}
    asked_for = {e.text.removesuffix(" please"): e.text for e in held_out()}
    with open_log(any_desk) as store:
        log = Log(store)
        for text, intent in flipped.items():
            log.labelled([text], intent)
            if text in asked_for:
                log.labelled([asked_for[text]], intent)
    assert_refused(any_desk, options, "the labels of ")


def test_3_a_class_is_dropped(any_desk: Path, options: Options) -> None:
    write_examples(any_desk / "examples.csv", [e for e in curated() if e.intent != "repair"])
    without_templates_of(any_desk, "repair")
    if (any_desk / "heldout.csv").is_file():
        write_examples(any_desk / "heldout.csv", [e for e in held_out() if e.intent != "repair"])
    assert_refused(any_desk, options, "the labels of repair changed")


def test_what_is_relabelled_on_purpose_is_let_through(any_desk: Path, options: Options) -> None:
    for name in ("examples.csv", "heldout.csv"):
        rows = curated() if name == "examples.csv" else held_out()
        named = [replace(e, intent="return_item") if e.intent == "repair" else e for e in rows]
        if (any_desk / name).is_file():
            write_examples(any_desk / name, named)
    without_templates_of(any_desk, "repair")
    assert night(any_desk, options).outcome is Outcome.REFUSED
    assert night(any_desk, options, relabelled=True).outcome is Outcome.PROMOTED


def test_a_new_name_for_an_intent_is_no_mistake(desk: Path, options: Options) -> None:
    for name in ("examples.csv", "heldout.csv", "templates.jsonl"):
        if (desk / name).is_file():
            text = (desk / name).read_text()
            (desk / name).write_text(text.replace("opening_hours", "hours"))
    ended = night(desk, options)
    comparison = ended.contest.comparison or {}
    assert [c["set"] for c in comparison["checks"] if not c["passed"]].count("labels") <= 1


def test_4_the_log_is_cut_short(desk: Path, options: Options) -> None:
    with open_log(desk) as store:
        Log(store).labelled([f"{text} {n}" for text in NEWS for n in range(200)], "opening_hours")
    before, log = state(desk), desk / "desk.db"
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    with pytest.raises(Damaged, match=r"desk\.db cannot be used as the event log"):
        night(desk, options)
    assert state(desk) == before
    line = list(History(desk).lines())[-1]
    assert (line.outcome, line.challenger) == ("failed", "")
    assert "desk.db cannot be used as the event log" in line.why


def test_4_a_log_from_an_older_backup_does_no_harm(desk: Path, options: Options) -> None:
    before = asked(desk)
    with open_log(desk) as store:
        Log(store).labelled(NEWS[:1], "opening_hours")
    shutil.copy(desk / "desk.db", desk / "backup")
    with open_log(desk) as store:
        Log(store).labelled(NEWS[1:], "opening_hours")
    night(desk, options)
    shutil.copy(desk / "backup", desk / "desk.db")
    night(desk, options)
    assert_no_harm(desk, before)


def test_5_events_are_there_many_times(desk: Path, options: Options) -> None:
    before = asked(desk)
    with open_log(desk) as store:
        log = Log(store)
        for _ in range(40):
            log.labelled(NEWS, "opening_hours")
            log.label(log.hear(NEWS[0]), "opening_hours")
    assert night(desk, options).outcome is not Outcome.FAILED
    assert_no_harm(desk, before)


def test_6_another_language_arrives(desk: Path, options: Options) -> None:
    before = asked(desk)
    with open_log(desk) as store:
        for text, intent in zip(CHINESE, [*tiny.QUESTIONS] * 2, strict=True):
            Log(store).labelled([text], intent)
    night(desk, options)
    assert_no_harm(desk, before)


def test_7_one_visitor_floods(desk: Path, options: Options) -> None:
    before = asked(desk)
    with open_log(desk) as store:
        log = Log(store)
        for number in range(30):
            for intent in tiny.QUESTIONS:
                said = log.hear(f"my coat {number}", address="mallory")
                log.reply(said, intent)
                log.rate(said, Thumb.UP)
    ended = night(desk, options)
    assert ended.contest.lessons <= 5
    assert_no_harm(desk, before)


def test_7_a_thousand_thumbs_of_one_visitor_on_one_answer_move_no_prediction(
    desk: Path, options: Options
) -> None:
    before = predicted(asked(desk))
    with open_log(desk) as store:
        log = Log(store)
        said = log.hear("where is my parcel", address="mallory")
        log.reply(said, "repair")
        for _ in range(1_000):
            log.rate(said, Thumb.UP)
    ended = night(desk, options)
    assert ended.contest.lessons <= 1
    assert predicted(asked(desk)) == before


# Where it runs


def test_8_the_disk_is_full(disk: Path, made: dict[bool, Path], options: Options) -> None:
    desk = Path(shutil.copytree(made[True], disk / "desk", symlinks=True))
    write_examples(desk / "examples.csv", [*curated(), Example("parcel news", "order_status")])
    before = state(desk)
    for leaving in (0, 8_192, 60_000, 200_000):
        fill(disk, leaving=leaving)
        with pytest.raises((ReleaseRefused, OSError), match=r"is full|No space left"):
            night(desk, options)
        assert state(desk) == before
    (disk / "filler").unlink()
    assert night(desk, options).outcome is not Outcome.FAILED


def test_9_a_run_is_killed_and_the_next_one_goes_on(desk: Path, tiny_encoder: Path) -> None:
    (desk / "retrain.json").unlink()
    before = state(desk)
    words = ("retrain", "--desk", str(desk), "--fast", "--encoder", str(tiny_encoder))

    async def killed() -> None:
        process = await frontdesk(*words)
        assert process.stderr is not None
        while b"questions for the gate" not in await process.stderr.readline():
            pass
        process.kill()
        await process.communicate()

    (desk / "releases" / ".new-1").mkdir()
    asyncio.run(killed())
    assert (desk / "champion").readlink() == Path(before[0])
    code, _, said = asyncio.run(finished(*words, "--risk", "0.2"))
    assert code == 0, said
    assert not list((desk / "releases").glob(".*"))


def test_9_what_was_sealed_before_the_end_is_taken_up(desk: Path, options: Options) -> None:
    with open_log(desk) as store:
        Log(store).labelled(NEWS, "opening_hours")
    before = state(desk)
    sealed = contest(desk, options, clock, Nobody())  # killed before anything was settled
    assert state(desk)[0] == before[0]
    again = contest(desk, options, clock, Nobody())
    assert (again.challenger, again.resumed, again.ours) == (sealed.challenger, True, True)
    assert not sealed.resumed
    with open_log(desk) as store:  # there is news: nobody will compare that one any more
        Log(store).labelled(["hours on sunday"], "opening_hours")
    other = contest(desk, options, clock, Nobody())
    assert not (desk / "releases" / sealed.challenger).exists()
    assert (desk / "releases" / other.challenger / MANIFEST).is_file()


@pytest.mark.parametrize(
    ("bound", "why"),
    [
        (("--memory", "150"), "training needed more than 150 MB of memory and was ended"),
        (("--minutes", "0.01"), "training took longer than 0.01 minutes and was ended"),
    ],
)
def test_10_a_bound_is_reached(desk: Path, bound: tuple[str, str], why: str) -> None:
    before = state(desk)
    code, out, said = asyncio.run(finished("retrain", "--desk", str(desk), *bound))
    assert (code, out) == (1, "")
    assert f"Error: {why}" in said
    assert "Traceback" not in said
    assert state(desk) == before
    assert list(History(desk).lines())[-1].why.startswith(why)


@pytest.mark.parametrize("years", [-30, 30])
def test_11_the_clock_jumps(desk: Path, options: Options, years: int) -> None:
    before = asked(desk)
    with open_log(desk) as store:
        Log(store).labelled(NEWS, "opening_hours")
    elsewhen = NOON + timedelta(days=365 * years)
    ended = night(desk, options, lambda: elsewhen)
    assert ended.outcome in {Outcome.PROMOTED, Outcome.REFUSED}
    assert_no_harm(desk, before)
    if ended.outcome is Outcome.PROMOTED:
        assert Shelf(desk, clock).rollback() == ended.champion


def test_12_the_base_model_has_other_bytes(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = ENCODERS["english"]
    spec = importlib.util.find_spec(english.package)
    assert spec is not None
    assert spec.submodule_search_locations
    package = tmp_path / english.package
    shutil.copytree(Path(next(iter(spec.submodule_search_locations))), package)
    weights = package / english.held / WEIGHTS
    body = bytearray(weights.read_bytes())
    body[-1] ^= 1
    weights.write_bytes(body)
    monkeypatch.syspath_prepend(tmp_path)
    before = state(desk)
    with pytest.raises(EncoderUnavailable, match="not the published"):
        night(desk, Options(fast=True))
    assert state(desk) == before


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 4096])
def test_12_the_weights_of_a_folder_are_damaged(
    desk: Path, tiny_encoder: Path, tmp_path: Path, damage: bytes
) -> None:
    copy = Path(shutil.copytree(tiny_encoder, tmp_path / "encoder"))
    [weights] = copy.rglob("model.safetensors")
    weights.write_bytes(damage)
    before = state(desk)
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        night(desk, tiny.options(copy))
    assert state(desk) == before


def test_a_damaged_champion_is_named_with_the_way_back(desk: Path, options: Options) -> None:
    (desk / "champion" / "intents.json").write_text("{}")
    before = state(desk)
    with pytest.raises(ReleaseRefused, match=r"intents\.json.*frontdesk releases rollback"):
        night(desk, options)
    assert state(desk) == before
