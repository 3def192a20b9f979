"""A disk of a few megabytes that is really full: one sentence, nothing half-done, and work goes on when there is room."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from bot.cli import frontdesk
from finetune.build import Built, seal
from retrieval.manifest import ReleaseRefused
from tests import tiny
from tests.bot.served import make_desk, served
from tests.desks import train_first, write_desk
from tests.disks import fill

ROOM = range(0, 280, 20)  # KB; the tiny Release has some 270


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(frontdesk, [str(word) for word in words])


async def test_the_log_refuses_and_goes_on_when_there_is_room(disk: Path) -> None:
    async with served(make_desk(disk)) as client:
        assert (await client.say("order"))["action"] == "reply"
        filler = fill(disk)
        body = {"visitor": "ada", "text": "order", "client_message_id": "again"}
        status, problem = await client.post("/api/v1/messages", body)
        assert (status, problem["code"]) == (503, "storage_unavailable")
        assert (await client.get("/readyz"))[1]["reason"] == f"The disk of {disk} is full."
        filler.unlink()
        assert (await client.post("/api/v1/messages", body))[0] == 200
        assert (await client.get("/readyz"))[0] == 200


def test_a_release_is_there_whole_or_not_at_all(
    disk: Path, tiny_built: Built, tiny_encoder: Path
) -> None:
    refusals = []
    for kilobytes in ROOM:  # each ends in another file
        fill(disk, leaving=1024 * kilobytes)
        try:
            seal(tiny_built, disk / "release", tiny.options(tiny_encoder))
            shutil.rmtree(disk / "release")
        except ReleaseRefused as refused:
            refusals.append(str(refused))
        assert [entry.name for entry in disk.iterdir()] == ["filler"]
    assert 0 < len(refusals) < len(ROOM)
    assert all(f"the disk of {disk} is full" in refusal for refusal in refusals)


def test_train_and_retrain_say_it_in_one_sentence(disk: Path, tiny_encoder: Path) -> None:
    desk = write_desk(disk / "desk")
    champion = train_first(desk, tiny_encoder)
    with (desk.folder / "examples.csv").open("a") as examples:
        examples.write("where might the parcel be,order_status\n")
    fill(disk, leaving=40_000)
    options = ("--fast", "--encoder", tiny_encoder)
    trained = run("train", desk.folder / "examples.csv", "--release", disk / "release", *options)
    assert trained.exit_code == 1
    assert f"Error: the disk of {disk} is full" in trained.stderr
    retrained = run("retrain", "--desk", desk.folder, *options)
    assert retrained.exit_code == 1
    assert f"Error: the disk of {desk.shelf.releases} is full" in retrained.stderr
    assert desk.shelf.serving == champion
    assert sorted(entry.name for entry in desk.shelf.releases.iterdir()) == [champion]


def test_predict_leaves_the_old_output(disk: Path, tiny_folder: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", disk / "out.csv"
    source.write_text("text\n" + "where is my order\n" * 2000)
    target.write_text("old")
    fill(disk)
    predicted = run("predict", source, "--release", tiny_folder, "--output", target)
    assert predicted.exit_code == 1
    assert "out.csv cannot be written: No space left on device." in predicted.stderr
    assert target.read_text() == "old"
    assert sorted(entry.name for entry in disk.iterdir()) == ["filler", "out.csv"]


def test_a_server_and_a_new_desk_say_it_in_one_sentence(disk: Path) -> None:
    (disk / "desk").mkdir()
    desk = make_desk(disk / "desk")
    fill(disk)
    for words in (("serve", "--desk", desk.folder, "--port", "0"), ("init", disk / "new")):
        refused = run(*words)
        assert refused.exit_code == 1
        assert "cannot be written to: No space left on device." in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert not (disk / "new").exists()
