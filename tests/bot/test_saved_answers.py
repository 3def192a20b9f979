"""Answers saved version by version: drafts change nothing, what is live serves the next customer, and late ones lose."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import frontdesk
from tests.bot.reader import write_reader
from tests.bot.served import FIRST, Client, make_desk, served

TEMPLATES = "/api/v1/templates"
ROW = {"intent": "return_item", "text": "A hundred days, free label."}
WRAP = {
    "intent": "gift_wrap",
    "text": "Two euros.",
    "questions": ["do you wrap gifts", "gift wrap"],
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


async def put(
    client: Client, template_id: str, version: int, row: dict[str, Any], operator: str = "eve"
) -> tuple[int, Any]:
    body = {"operator": operator, "version": version, "template": row}
    return await client.ask("PUT", f"{TEMPLATES}/{template_id}", operator=True, json=body)


async def change(
    client: Client, template_id: str, version: int, name: str, **more: Any
) -> tuple[int, Any]:
    body = {"operator": "ann", "version": version, **more}
    return await client.post(f"{TEMPLATES}/{template_id}/{name}", body, operator=True)


async def history(client: Client, template_id: str) -> Any:
    status, found = await client.get(f"{TEMPLATES}/{template_id}", operator=True)
    assert status == 200, found
    return found


async def test_a_draft_is_said_to_nobody_until_it_is_live(client: Client) -> None:
    texts = []
    for version, name in enumerate(("put", "approve", "live")):
        status, saved = (
            await put(client, "return", 0, ROW)
            if name == "put"
            else await change(client, "return", version, name)
        )
        assert (status, saved["version"], saved["in_force"]) == (200, version + 1, True)
        texts.append((await client.say("return", f"ada-{name}"))["text"])
    assert texts == ["Sixty days, free label.", "Sixty days, free label.", ROW["text"]]
    answer = await client.say("return", "bob")
    assert (answer["template_id"], answer["release"]) == ("return", FIRST)


async def test_every_version_has_its_author_its_time_and_its_words(client: Client) -> None:
    await put(client, "return", 0, ROW)
    await change(client, "return", 1, "live")
    await put(client, "return", 2, {**ROW, "text": "Next."}, operator="bob")
    found = await history(client, "return")
    rows = [(v["version"], v["operator"], v["state"]) for v in found["versions"]]
    assert rows == [(0, "", "live"), (1, "eve", "draft"), (2, "ann", "live"), (3, "bob", "draft")]
    assert [v["template"]["text"] for v in found["versions"]][1:] == [ROW["text"]] * 2 + ["Next."]
    assert (found["version"], found["live_version"], found["state"]) == (3, 2, "draft")
    assert found["template"]["text"] == "Next."
    _, listed = await client.get(TEMPLATES, operator=True)
    by_id = {row["id"]: row for row in listed["templates"]}
    assert (by_id["return"]["version"], by_id["order-ask"]["version"]) == (3, 0)
    assert by_id["order-ask"]["live_version"] == 0


async def test_whoever_saves_late_is_told_who_was_first(client: Client) -> None:
    races = [put(client, "return", 0, {**ROW, "text": f"{n} days."}, f"op{n}") for n in range(5)]
    outcomes = await asyncio.gather(*races)
    assert sorted(status for status, _ in outcomes) == [200, 409, 409, 409, 409]
    [winner] = [saved["operator"] for status, saved in outcomes if status == 200]
    problem = next(problem for status, problem in outcomes if status == 409)
    assert problem["code"] == "conflict"
    assert problem["detail"].startswith(f"{winner} saved version 1 of 'return' at 20")
    assert len((await history(client, "return"))["versions"]) == 2
    assert (await put(client, "return", 7, ROW))[0] == 404


async def test_checking_a_long_answer_keeps_nobody_waiting(client: Client) -> None:
    text = "{% if name %}{% elsif order_number %}{% elsif repair_number %}{% endif %}Yes. "
    text += "{% for i in (1..900) %}{% assign z = 'a  b' | squish | squish %}{% endfor %}"
    variants = [{"text": f"{text} {code}", "language": code} for code in ("de", "fr", "nl")]
    waits = []

    async def beat() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            waits.append(time.perf_counter() - begun)

    beating = asyncio.create_task(beat())
    begun = time.perf_counter()
    status, why = await put(client, "return", 0, {**ROW, "text": text, "variants": variants})
    taken = time.perf_counter() - begun
    beating.cancel()
    assert status == 200, why
    assert max(waits) < taken / 2


async def test_going_back_restores_a_version_in_the_state_it_had(client: Client) -> None:
    await put(client, "return", 0, ROW)
    await change(client, "return", 1, "live")
    status, saved = await change(client, "return", 2, "restore", restore=0)
    assert (status, saved["state"], saved["restores"]) == (200, "live", 0)
    assert (await client.say("return", "a"))["text"] == "Sixty days, free label."
    await change(client, "return", 3, "restore", restore=2)
    assert (await client.say("return", "b"))["text"] == ROW["text"]
    await change(client, "return", 4, "restore", restore=1)  # a draft: nothing changes
    assert (await client.say("return", "c"))["text"] == ROW["text"]
    assert (await change(client, "return", 5, "restore", restore=9))[0] == 404


async def test_what_is_retired_is_given_to_nobody(client: Client) -> None:
    await change(client, "return", 0, "retire")
    assert (await client.say("return", "a"))["template_id"] == "return-gift"
    await change(client, "return-gift", 0, "retire")
    answer = await client.say("return", "b")
    assert (answer["action"], answer["reason"]) == ("handoff", "no_answer")
    await change(client, "return", 1, "live")
    assert (await client.say("return", "c"))["template_id"] == "return"


async def test_a_new_answer_is_found_by_its_questions(client: Client) -> None:
    await put(client, "wrapping", 0, WRAP)
    assert (await client.say("do you wrap gifts", "a"))["action"] == "clarify"
    await change(client, "wrapping", 1, "live")
    answer = await client.say("do you wrap gifts please", "b")
    assert (answer["intent"], answer["template_id"]) == ("gift_wrap", "wrapping")


async def test_what_is_live_survives_a_restart_and_a_release_that_has_learned_it(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path)
    async with served(desk) as client:
        await put(client, "return", 0, {**ROW, "text": "Sixty days, free label."})
        await change(client, "return", 1, "live")
        await put(client, "return-gift", 0, ROW)
        await change(client, "return-gift", 1, "live")
    async with served(desk) as client:
        answer = await client.say("return a gift")
        assert answer["text"] == ROW["text"]
        _, card = await client.get(
            f"/api/v1/messages/{answer['message_id']}/evidence", operator=True
        )
        assert card["evidence"]["edition"]["seq"] > 0
    write_reader(desk.shelf.releases, "b" * 16)
    desk.shelf.promote("b" * 16)
    async with served(desk) as client:
        assert (await client.say("return a gift", "eve"))["text"] == ROW["text"]


@pytest.mark.parametrize(
    ("template_id", "row", "why"),
    [
        ("return", {**ROW, "intent": "washing_care"}, "learned by a retrain"),
        ("return", {**ROW, "hands_off": True}, "learned by a retrain"),
        ("persona", {**ROW, "intent": "talk_to_person"}, "hands over to a person"),
        ("wrapping", {**WRAP, "questions": ["gift wrap"]}, "give the answer 2 questions"),
        ("return", {**ROW, "attachments": [{"name": "x", "url": "files/x.pdf"}]}, "is not in"),
    ],
)
async def test_what_is_not_fit_goes_live_for_nobody(
    client: Client, template_id: str, row: dict[str, Any], why: str
) -> None:
    status, problem = await put(client, template_id, 0, row)
    if status == 200:  # a draft of a new intent may gain its questions later
        status, problem = await change(client, template_id, 1, "live")
    assert (status, why in problem["detail"]) == (400, True), problem


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({**ROW, "text": "{% for i in (1..99999999) %}x{% endfor %}"}, "loops 99,999,999 times"),
        ({**ROW, "text": "{% include 'x' %}"}, "reads another file"),
        ({**ROW, "text": "{{ nam }}"}, "uses nam, which is not known"),
        ({**ROW, "text": "{{ name }}"}, "says name where it may be unknown"),
        ({**ROW, "variants": [{"language": "de", "text": "{{ nam }}"}]}, "uses nam"),
        ({**ROW, "text": "{{ name.__class__ }}"}, "takes name.__class__ apart"),
        ({**ROW, "txt": "x"}, "'txt' is no field of a template"),
        ({**ROW, "questions": ["a"] * 21}, "may have 20 questions"),
        ({**ROW, "text": "x" * 70_000}, "65,536 characters in all"),
        ({"text": "x"}, "'intent' is missing"),
    ],
)
async def test_hostile_drafts_are_not_even_kept(
    client: Client, row: dict[str, Any], why: str
) -> None:
    status, problem = await put(client, "return", 0, row)
    assert (status, why in problem["detail"]) == (400, True), problem
    assert len((await history(client, "return"))["versions"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("return/approve", {"operator": "a", "version": "1"}, 400),
        ("return/approve", {"operator": "a"}, 400),
        ("return/approve", {"version": 0}, 400),
        ("return/restore", {"operator": "a", "version": 0, "restore": -1}, 400),
        ("nobody/approve", {"operator": "a", "version": 0}, 404),
        ("taught-1/live", {"operator": "a", "version": 0}, 404),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await client.post(f"{TEMPLATES}/{path}", body, operator=True))[0] == status


async def test_only_operators_see_and_save_answers(client: Client) -> None:
    assert (await client.get(TEMPLATES))[0] == 401
    assert (await client.post(f"{TEMPLATES}/return/live", {"operator": "x", "version": 0}))[
        0
    ] == 401


def run(*words: str) -> Result:
    return CliRunner().invoke(frontdesk, ["templates", *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    desk = make_desk(tmp_path)
    release = desk.shelf.champion.resolve()
    (release / "intents.json").write_text(json.dumps({"titles": {"return_item": "Back"}}))
    row = {"id": "return", "intent": "return_item", "text": "Sixty days."}
    (release / "templates.jsonl").write_text(json.dumps(row))
    return tmp_path


def test_the_command_saves_shows_compares_and_goes_back_without_a_server(folder: Path) -> None:
    where, file = ("--desk", str(folder)), folder / "new.jsonl"
    file.write_text(json.dumps({"id": "return", **ROW}))
    assert run("save", str(file), "--operator", "eve", *where).stdout == "return\t1\n"
    assert run("save", str(file), *where).stderr == "0 of 1 answers are saved as drafts.\n"
    assert "is approved" in run("approve", "return", "--operator", "ann", *where).stderr
    late = run("live", "return", "--version", "1", *where)
    assert (late.exit_code, "ann saved version 2" in late.stderr) == (1, True)
    assert run("live", "return", *where).exit_code == 0
    assert json.loads(run("show", "return", *where).stdout)["text"] == ROW["text"]
    compared = run("diff", "return", "0", "3", *where).stdout.splitlines()
    assert ' "text": "Sixty days."' in {line[1:] for line in compared if line.startswith("-")}
    assert run("restore", "return", "0", *where).exit_code == 0
    lines = run("history", "return", *where).stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["live", "draft", "approved", "live", "live"]
    assert lines[-1].endswith("restores 0")
    assert run("list", *where).stdout.startswith("return\tlive 4\tlive 4\t")
    listed = json.loads(run("list", "--json", *where).stdout)["templates"]
    assert listed[0]["live_version"] == 4
    assert run("show", "nobody", *where).exit_code == 1


async def test_the_command_asks_a_running_server(folder: Path) -> None:
    where = ("--desk", str(folder))
    from bot.desk import Desk

    async with served(Desk.open(folder)) as client:
        for words in (("retire", "return"), ("restore", "return", "0"), ("live", "return-gift")):
            result = await asyncio.to_thread(run, *words, *where)
            assert result.exit_code == 0, result.stderr
        assert (await history(client, "return"))["version"] == 2
        file = folder / "new.csv"
        file.write_text("id,intent,text\nreturn,return_item,New.\n")
        result = await asyncio.to_thread(run, "save", str(file), "--json", *where)
        assert json.loads(result.stdout)["saved"][0]["version"] == 3
