"""A night at a small desk: what the gate said, how it ended, and that a refused night changes nothing."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from finetune.best import Best
from finetune.build import Options
from finetune.desks import DeskIncomplete
from finetune.examples import read_examples, write_examples
from finetune.history import History
from finetune.lease import Locked, held
from finetune.nightly import build_first
from finetune.progress import Nobody
from retrieval.manifest import MANIFEST, ReleaseRefused
from retrieval.sealing import load
from retrieval.shelf import Shelf
from tests import tiny
from tests.finetune.small_desk import (
    NEWS,
    Log,
    clock,
    curated,
    held_out,
    make_desk,
    night,
    open_log,
    poisoned,
    teach,
)


@pytest.fixture(scope="session")
def first_desk(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with its first Release; do not change it, copy it."""
    desk = make_desk(tmp_path_factory.mktemp("desk"))
    build_first(desk, tiny.options(tiny_encoder), clock=clock, watch=Nobody())
    return desk


@pytest.fixture
def desk(first_desk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first_desk, tmp_path / "desk", symlinks=True))


def state(desk: Path) -> tuple[str, list[str], str]:
    """What a night may change: the champion, the shelf, the history."""
    history = desk / "releases.jsonl"
    names = sorted(path.name for path in (desk / "releases").iterdir())
    return str((desk / "champion").readlink()), names, history.read_text()


def test_a_challenger_that_was_rolled_back_is_not_promoted_again(
    desk: Path, options: Options
) -> None:
    first = night(desk, options).challenger
    teach(desk, "buy a voucher", "is there a gift card", intent="voucher")
    second = night(desk, options)
    assert second.outcome == "promoted"
    Shelf(desk, clock).rollback(because="probation")
    again = night(desk, options)
    assert (again.outcome, again.challenger) == ("left_behind", second.challenger)
    assert Shelf(desk, clock).serving == first
    assert f"since Release {second.challenger} was rolled back" in again.sentence


def test_a_folder_without_examples_is_no_desk(tmp_path: Path, options: Options) -> None:
    with pytest.raises(
        DeskIncomplete, match=r"no examples\.csv in .*: make a desk with frontdesk init"
    ):
        night(tmp_path, options)


def test_a_night_tells_its_sets_apart(desk: Path, options: Options) -> None:
    with open_log(desk, sampled=True) as store:
        Log(store).labelled(NEWS[:1], "opening_hours")
    with open_log(desk) as store:
        log = Log(store)
        said = log.hear(NEWS[1])
        log.reply(said, "repair")
        log.label(said, "opening_hours")
    ended = night(desk, options)
    assert ended.contest.comparison is not None
    asked = {s["name"]: s["questions"] for s in ended.contest.comparison["sets"]}
    assert asked.pop("unseen") > 0
    assert asked == {"frozen": len(held_out()), "regression": 1, "fresh": 1, "labels": 0}
    assert ended.contest.waiting == 1


def test_the_first_release_is_the_champion(first_desk: Path) -> None:
    shelf = Shelf(first_desk, clock)
    assert [p.hash for p in shelf.promotions()] == [shelf.serving] == shelf.sealed()
    assert load(shelf.champion.resolve()).hash == shelf.serving


def test_a_night_without_news_changes_nothing(desk: Path, options: Options) -> None:
    before = state(desk)
    ended = night(desk, options)
    assert (ended.outcome, ended.contest.comparison) == ("unchanged", None)
    assert ended.champion == ended.challenger
    assert state(desk) == before


def test_a_good_night_promotes_and_keeps_the_old_one(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    ended = night(desk, options)
    shelf = Shelf(desk, clock)
    assert ended.outcome == "promoted"
    assert shelf.serving == ended.challenger != ended.champion
    assert set(shelf.sealed()) == {ended.champion, ended.challenger}
    assert ended.contest.lessons == len(NEWS)
    assert ended.contest.comparison is not None
    assert ended.contest.comparison["questions"] > len(held_out())
    assert json.loads(json.dumps(ended.as_json()))["outcome"] == "promoted"
    assert Best.read(desk).release == ended.champion
    assert None not in Best.read(desk).on(held_out())
    assert shelf.rollback() == ended.champion


def test_a_bad_night_is_refused_and_leaves_everything(desk: Path, options: Options) -> None:
    write_examples(desk / "examples.csv", poisoned())
    before = state(desk)
    ended = night(desk, options)
    assert ended.outcome == "refused"
    assert ended.contest.comparison is not None
    assert not ended.contest.comparison["passed"]
    assert Best.read(desk) == Best()
    link, names, history = before
    assert state(desk) == (link, sorted([*names, ended.challenger]), history)
    assert load(desk / "champion").hash == ended.champion


def test_a_release_says_which_messages_taught_it(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    promoted = night(desk, options)
    manifest = json.loads((desk / "champion" / "dataset.json").read_text())
    assert promoted.outcome == "promoted"
    assert manifest["examples"] == len(curated()) + len(NEWS)
    assert manifest["origins"] == {"operator": len(NEWS)}
    assert [one["intent"] for one in manifest["lessons"]] == ["opening_hours"] * len(NEWS)
    assert len({one["message_id"] for one in manifest["lessons"]}) == len(NEWS)
    assert (manifest["gate"], manifest["left_out"]) == (len(held_out()), [])


def test_every_night_has_a_line_in_the_history(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    promoted = night(desk, options)
    (desk / "templates.jsonl").write_text("{oops\n")
    with pytest.raises(Exception, match=r"templates\.jsonl, line 1"):
        night(desk, options)
    first, second, third = History(desk).lines()
    assert first.outcome == "promoted"  # the desk's first Release
    assert (second.outcome, second.champion) == ("promoted", promoted.champion)
    assert second.counts["questions"] > len(held_out())
    assert (second.counts["lessons"], second.counts["left_out"]) == (3, 0)
    assert second.why == f"Release {promoted.challenger} is the champion now."
    assert (third.outcome, third.champion) == ("failed", promoted.challenger)
    assert "templates.jsonl, line 1" in third.why


def test_a_night_without_news_trains_nothing(desk: Path, options: Options) -> None:
    assert night(desk, options).contest.resumed
    assert not night(desk, replace(options, risk=0.1)).contest.resumed


def test_a_dry_run_changes_nothing(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    before = state(desk)
    assert night(desk, options, dry_run=True).outcome == "would_promote"
    assert state(desk) == before


def test_a_held_challenger_is_promoted_by_nobody_and_outlives_the_next_nights(
    desk: Path, options: Options
) -> None:
    shelf = Shelf(desk, clock)
    first = shelf.serving
    teach(desk, *NEWS, intent="opening_hours")
    before = state(desk)
    ended = night(desk, options, hold=True)
    link, names, history = before
    assert (ended.outcome, ended.champion) == ("held", first)
    assert state(desk) == (link, sorted([*names, ended.challenger]), history)
    assert night(desk, options, dry_run=True).outcome == "would_promote"
    assert night(desk, options, hold=True).contest.resumed
    teach(desk, "is there a gift card", "buy a voucher", intent="voucher")
    again = night(desk, options, hold=True)
    assert [mark.standing for mark in shelf.waiting.values()] == ["candidate"] * 2
    assert list(shelf.waiting) == [ended.challenger, again.challenger]
    shelf.promote(ended.challenger)
    assert list(shelf.waiting) == [again.challenger]
    assert night(desk, options).outcome == "promoted"
    assert (shelf.serving, shelf.waiting) == (again.challenger, {})


def test_what_the_gate_refused_stays_with_its_reason_until_the_next_night(
    desk: Path, options: Options
) -> None:
    shelf = Shelf(desk, clock)
    write_examples(desk / "examples.csv", poisoned())
    refused = night(desk, options)
    assert night(desk, options).contest.resumed
    assert night(desk, options, dry_run=True).outcome == "refused"
    mark = shelf.waiting[refused.challenger]
    assert mark.because == "; ".join(refused.failed_checks()) != ""
    write_examples(desk / "examples.csv", curated())
    teach(desk, *NEWS, intent="opening_hours")
    assert night(desk, options, dry_run=True).outcome == "would_promote"
    assert set(shelf.sealed()) == {shelf.serving, refused.challenger}
    promoted = night(desk, options)
    assert set(shelf.sealed()) == {promoted.champion, promoted.challenger}
    assert shelf.marks[refused.challenger].standing == "removed"


def test_what_the_gate_refused_stays_while_it_is_tried_out(desk: Path, options: Options) -> None:
    shelf = Shelf(desk, clock)
    write_examples(desk / "examples.csv", poisoned())
    refused = night(desk, options).challenger
    shelf.try_out(refused, 0.0)
    write_examples(desk / "examples.csv", curated())
    assert night(desk, options).outcome == "unchanged"
    assert refused in shelf.sealed()
    shelf.end_trial()
    night(desk, options)
    assert refused not in shelf.sealed()


def test_a_dry_run_keeps_a_release_that_was_there_before(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    night(desk, options)
    Shelf(desk, clock).rollback()
    before = state(desk)
    assert night(desk, options, dry_run=True).outcome == "left_behind"
    assert state(desk) == before


def test_an_operators_label_changes_what_is_predicted(desk: Path, options: Options) -> None:
    asked = "did the football parcel go to peru"
    [before] = load(desk / "champion").read([asked])
    assert before.best.intent != "repair"
    teach(desk, asked, intent="repair")
    assert night(desk, options).outcome == "promoted"
    [after] = load(desk / "champion").read([asked])
    assert after.best.intent == "repair"
    assert after.neighbours[0].text == asked


def test_one_run_at_a_time(desk: Path, options: Options) -> None:
    before = state(desk)
    with held(desk, clock):
        with pytest.raises(Locked, match="is being trained by another run"):
            night(desk, options)
        with pytest.raises(Locked):
            build_first(desk, options, clock=clock, watch=Nobody())
    assert state(desk) == before
    with (desk / "retrain.lock").open() as lock:  # free again, without anyone tidying up
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_damaged_champion_is_not_compared_with(desk: Path, options: Options) -> None:
    teach(desk, *NEWS, intent="opening_hours")
    (desk / "champion" / "intents.json").write_text("{}")
    before = state(desk)
    with pytest.raises(ReleaseRefused, match=r"intents\.json"):
        night(desk, options)
    assert state(desk) == before


def test_a_desk_that_cannot_be_trained_keeps_its_champion(desk: Path, options: Options) -> None:
    before = state(desk)
    (desk / "templates.jsonl").write_text("{oops\n")
    with pytest.raises(Exception, match=r"templates\.jsonl, line 1"):
        night(desk, options)
    assert state(desk) == before


def test_a_night_without_a_champion_makes_one(desk: Path, options: Options) -> None:
    shutil.rmtree(desk / "releases")
    ended = night(desk, replace(options, seed=1))
    assert (ended.outcome, ended.champion) == ("promoted", "")
    assert (desk / "champion" / MANIFEST).is_file()
    assert read_examples(desk / "examples.csv") == curated()


def test_a_night_keeps_so_many_releases_and_their_equal_encoder_once(
    desk: Path, options: Options
) -> None:
    shelf = Shelf(desk, clock)
    for age, name in enumerate(("older", "old")):
        shutil.copytree(shelf.champion.resolve(), shelf.releases / name)
        os.utime(shelf.releases / name / MANIFEST, (age, age))
    teach(desk, *NEWS, intent="opening_hours")
    assert night(desk, options, dry_run=True, keep=1).outcome == "would_promote"
    assert len(shelf.sealed()) == 3
    ended = night(desk, options, keep=1)
    assert ended.outcome == "promoted"
    assert set(shelf.sealed()) == {ended.challenger, ended.champion, "old"}
    one, other = (
        shelf.releases / name / "encoder" / "model.safetensors"
        for name in (ended.challenger, ended.champion)
    )
    assert one.samefile(other)
    assert load(shelf.champion.resolve()).hash == ended.challenger


def test_a_night_is_what_it_is_where_nothing_can_be_tidied_up(desk: Path, options: Options) -> None:
    shelf = Shelf(desk, clock)
    shutil.copytree(shelf.champion.resolve(), shelf.releases / "old")
    shutil.copytree(shelf.champion.resolve(), shelf.releases / "older")
    (desk / "candidates.jsonl").symlink_to("nowhere/candidates.jsonl")  # no line can be written
    teach(desk, *NEWS, intent="opening_hours")
    ended = night(desk, options, keep=1)
    assert (ended.outcome, shelf.serving) == ("promoted", ended.challenger)
