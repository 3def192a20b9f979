"""Knowledge pages over HTTP: taken in after a look, quoted at once, put back as fast, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from bot.desk import Desk
from bot.librarian import MAX_ASKED, MAX_FRESH
from bot.pages.sources import MAX_FILE
from bot.pages.syncing import held
from tests.bot import page_imports, papers
from tests.bot.reader import write_reader
from tests.bot.served import Client, make_desk, served

PATH = "/api/v1/pages"
ZIPS = b"# Zips\n\n## Care\n\nRub a candle along the zipper. Then it runs again.\n"
BOTH = ZIPS + b"\n## Repair\n\nWe replace a broken slider for nothing.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


async def sent(
    client: Client, name: str, data: bytes, path: str = "", **asked: str
) -> tuple[int, Any]:
    form = FormData()
    form.add_field("file", BytesIO(data), filename=name, content_type="application/octet-stream")
    by = {"operator": "mia"} | asked
    query = "&".join(f"{key}={value}" for key, value in by.items())
    return await client.ask("POST", f"{PATH}{path}?{query}", operator=True, data=form)


async def taken(client: Client, name: str, data: bytes, **asked: str) -> Any:
    status, said = await sent(client, name, data, **asked)
    assert status == 200, said
    return said


async def listed(client: Client) -> dict[str, Any]:
    status, said = await client.get(PATH, operator=True)
    assert status == 200, said
    return {page["name"]: page for page in said["pages"]}


async def undo(client: Client, name: str, change_id: str) -> tuple[int, Any]:
    body = {"operator": "mia", "change_id": change_id}
    return await client.post(f"{PATH}/{name}/undo", body, operator=True)


async def quote(client: Client, words: str = "page zipper") -> str:
    return str((await client.say(words))["text"])


async def test_a_document_is_quoted_at_once_and_taken_back_as_fast(
    client: Client, desk: Desk
) -> None:
    assert "candle" not in await quote(client)
    status, plan = await sent(client, "zips.md", ZIPS, "/preview")
    assert (status, plan["name"], plan["title"], plan["same"]) == (200, "zips", "Zips", 0)
    assert [one["heading"] for one in plan["new"]] == ["Care"]
    assert not (desk.folder / "pages").exists()
    took = await taken(client, "zips.md", ZIPS, seen=plan["seen"])
    assert took["quoted"]
    assert "candle" in await quote(client)
    page = (await listed(client))["zips"]
    assert (page["source"], page["passages"], page["quoted"], page["edited"]) == ("zips.md", 1, True, False)  # fmt: skip
    assert page["last"]["operator"] == "mia"
    assert (await undo(client, "zips", took["change_id"]))[0] == 200
    assert "candle" not in await quote(client)
    assert await listed(client) == {}


async def test_a_page_comes_back_with_the_server_until_a_training_has_read_it(
    desk: Desk, tmp_path: Path
) -> None:
    async with served(desk) as client:
        took = await taken(client, "zips.md", ZIPS)
    async with served(desk) as client:
        assert "candle" in await quote(client)
    write_reader(desk.shelf.releases, "b" * 16, learned=[[took["change_id"], ""]])
    desk.shelf.promote("b" * 16)
    async with served(desk) as client:  # this one was trained without, whatever it read
        assert "candle" not in await quote(client)
        assert not (await listed(client))["zips"]["quoted"]


async def test_the_next_time_only_what_changed_is_named(client: Client) -> None:
    await taken(client, "zips.md", ZIPS)
    _, plan = await sent(client, "zips.md", BOTH.replace(b"candle", b"soap"), "/preview")
    assert [(one["before"][:12], one["text"][:10]) for one in plan["changed"]] == [("Rub a candle", "Rub a soap")]  # fmt: skip
    assert ([one["heading"] for one in plan["new"]], plan["same"]) == (["Repair"], 0)
    await taken(client, "zips.md", BOTH)
    _, plan = await sent(client, "zips.md", ZIPS, "/preview")
    assert ([one["heading"] for one in plan["gone"]], plan["same"]) == (["Repair"], 1)
    again = await taken(client, "zips.md", BOTH)
    assert again["change_id"] is None


async def test_every_format_is_known_by_its_content(client: Client) -> None:
    files = {
        "wax.html": b"<!doctype html><title>Wax</title><h1>Wax</h1><p>Wax twice a year.</p>",
        "label.txt": b"Labels\n\nPrint the label at home.",
        "asked.csv": b"question,answer\nIs it dear?,Not very.\n",
        "boots.docx": papers.word(("Title", "Boots"), ("Normal", "Dry them slowly.")),
        "coats.dat": papers.pdf(["Coats hang on a broad hanger."]),
    }
    for name, data in files.items():
        assert (await taken(client, name, data))["quoted"], name
    assert set(await listed(client)) == {"wax", "label", "asked", "boots", "coats"}
    status, page = await client.get(f"{PATH}/boots", operator=True)
    assert (status, page["said"]) == (
        200,
        [{"heading": "", "text": "Dry them slowly.", "asked": []}],
    )


async def test_the_bare_body_is_a_file_too(client: Client) -> None:
    status, said = await client.ask(
        "POST", f"{PATH}?name=zips.md&operator=bob", operator=True, data=ZIPS
    )
    assert (status, said["name"]) == (200, "zips")


@pytest.mark.parametrize(
    ("name", "data", "status", "why"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n\x00", 400, "photo.png: it is none of md"),
        ("notes.md", b"\x00\x01\x02", 400, "it is none of md"),
        ("letter.pdf", b"Dear all", 400, "its content is something else"),
        ("letter.pdf", b"%PDF-1.7 nothing", 400, "letter.pdf: "),
        ("sums.xlsx", b"PK\x03\x04" + b"\x00" * 40, 400, "sums.xlsx: "),
        ("latin.txt", "Schön".encode("latin-1"), 400, "save it as UTF-8"),
        ("empty.md", b"", 400, "empty"),
        ("bomb.docx", papers.bomb(300), 400, "bomb.docx: "),
    ],
)
async def test_a_broken_file_is_told_in_a_sentence_and_changes_nothing(
    client: Client, desk: Desk, name: str, data: bytes, status: int, why: str
) -> None:
    got, said = await sent(client, name, data)
    code = "unreadable" if data else "empty"
    assert (got, said["code"], why in said["detail"]) == (status, code, True), said
    assert list((desk.folder / "pages").glob("*.md")) == []


async def test_a_file_has_20_mb_at_most_however_it_is_sent(client: Client) -> None:
    path = f"{PATH}?name=thick.md&operator=mia"
    for data in (BytesIO(b"a" * (MAX_FILE + 2**20)), _endless(MAX_FILE + 2**20)):
        status, said = await client.ask("POST", path, operator=True, data=data)
        assert (status, said["detail"]) == (413, "A file may have 20 MB at most.")
    status, said = await sent(client, "thick.md", b"a" * (MAX_FILE + 2**17))
    assert (status, said["code"]) == (413, "too_long")


async def _endless(size: int) -> AsyncIterator[bytes]:
    for _ in range(size >> 16):
        yield b"a" * 2**16


async def test_a_page_of_somebody_else_is_replaced_or_stood_beside_only_on_demand(
    client: Client, desk: Desk, tmp_path: Path
) -> None:
    source = tmp_path / "help" / "zips.md"
    source.parent.mkdir()
    source.write_bytes(ZIPS)
    page_imports.done(desk.folder, source)
    changed = ZIPS.replace(b"candle", b"soap")
    _, plan = await sent(client, "zips.md", changed, "/preview")
    assert plan["in_the_way"] == "zips.md was made of help/zips.md."
    status, said = await sent(client, "zips.md", changed)
    assert (status, said["code"]) == (409, "conflict")
    assert "soap" not in await quote(client)
    beside = await taken(client, "zips.md", changed, way="beside")
    assert beside["name"] == "zips-2"
    assert (await undo(client, "zips-2", beside["change_id"]))[0] == 200
    (desk.folder / "pages" / ".imported.json").write_text(
        json.dumps(_without_uploads(desk.folder / "pages" / ".imported.json"))
    )
    await taken(client, "zips.md", changed, way="replace")
    assert "soap" in await quote(client)
    source.write_bytes(BOTH)
    assert "edited by hand" in page_imports.done(desk.folder, source)["kept"][0]


def _without_uploads(ledger: Path) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = json.loads(ledger.read_text())
    rows = found["sources"]
    return {"sources": {key: row for key, row in rows.items() if not key.startswith("upload:")}}


async def test_what_was_edited_by_hand_since_is_not_overwritten_unseen(
    client: Client, desk: Desk
) -> None:
    took = await taken(client, "zips.md", ZIPS)
    page = desk.folder / "pages" / "zips.md"
    page.write_text(page.read_text() + "\nAsk Ann.\n")
    shown = (await listed(client))["zips"]
    assert (shown["edited"], shown["quoted"], shown["last"]) == (True, False, None)
    assert (await undo(client, "zips", took["change_id"]))[1]["code"] == "conflict"
    assert (await sent(client, "zips.md", BOTH))[1]["code"] == "conflict"
    _, said = await sent(client, "zips.md", BOTH, way="replace", seen="0" * 64)
    assert said["detail"].startswith("The page 'zips' was changed since you looked")
    assert "Ask Ann." in page.read_text()


async def test_passages_that_nearly_say_what_another_page_says_are_named(client: Client) -> None:
    await taken(client, "zips.md", ZIPS)
    other = b"# Coats\n\nRub a candle along the zipper. Then it runs smoothly again.\n\n## Size\n\nOne larger.\n"
    _, plan = await sent(client, "coats.md", other, "/preview")
    assert [(one["page"], one["text"][:12]) for one in plan["alike"]] == [("zips", "Rub a candle")]


async def test_a_page_is_removed_and_put_back(client: Client, desk: Desk) -> None:
    await taken(client, "zips.md", ZIPS)
    path = f"{PATH}/zips?operator=mia"
    status, gone = await client.ask("DELETE", path, operator=True)
    assert (status, gone["quoted"]) == (200, True)
    assert "candle" not in await quote(client)
    _, found = await client.get(PATH, operator=True)
    assert [(one["name"], one["change_id"]) for one in found["removed"]] == [("zips", gone["change_id"])]  # fmt: skip
    assert (await client.ask("DELETE", path, operator=True))[0] == 404
    status, back = await undo(client, "zips", gone["change_id"])
    assert (status, back["quoted"]) == (200, True)
    assert "candle" in await quote(client)
    assert (await listed(client))["zips"]["source"] == "zips.md"
    for name in ("../desk", ".imported", "no-such"):
        found = await client.ask("DELETE", f"{PATH}/{name.replace('/', '%2F')}?operator=mia", operator=True)  # fmt: skip
        assert found[0] == 404


async def test_more_than_can_be_laid_over_waits_for_a_training(client: Client, desk: Desk) -> None:
    passages = "".join(f"## {n}\n\nSaying number {n}.\n\n" for n in range(MAX_FRESH + 1))
    asked = "\n".join(f"what about number {n}" for n in range(MAX_ASKED + 1))
    for long, much in (
        (passages, "It has 401 passages"),
        (f"Said once.\n\n<!-- asked:\n{asked}\n-->\n", "It has 4,001 questions that people ask"),
    ):
        status, said = await sent(client, "long.md", f"# Long\n\n{long}".encode())
        assert (status, said["code"]) == (409, "too_much")
        assert said["detail"].startswith(f"{much}, and 0 of other pages wait")
    assert not list((desk.folder / "pages").glob("*.md"))


async def test_an_import_at_the_same_time_is_waited_for(client: Client, desk: Desk) -> None:
    with held(desk.folder / "pages"):
        status, said = await sent(client, "zips.md", ZIPS)
    assert (status, said["code"]) == (503, "busy")


async def test_a_damaged_ledger_is_named_and_left_alone(client: Client, desk: Desk) -> None:
    await taken(client, "zips.md", ZIPS)
    ledger = desk.folder / "pages" / ".imported.json"
    ledger.write_text("{")
    status, said = await sent(client, "boots.md", BOTH)
    assert (status, said["code"]) == (409, "damaged")
    assert said["detail"].endswith(
        "restore it, or move it away, and every page counts as written by hand."
    )
    assert ledger.read_text() == "{"


async def test_a_disk_that_refuses_changes_nothing(desk: Desk) -> None:
    """What cannot be written here stands for any disk that refuses."""
    async with served(desk) as client:
        await taken(client, "zips.md", ZIPS)
        folder = desk.folder / "pages"
        (folder / "zips.md").unlink()
        (folder / "zips.md").mkdir()
        status, said = await sent(client, "zips.md", BOTH, way="replace")
        assert (status, said["code"]) == (503, "storage_unavailable")


async def test_the_audit_log_says_what_was_done(client: Client) -> None:
    await taken(client, "zips.md", ZIPS)
    lines = (await client.get("/api/v1/audit", operator=True))[1]["lines"]
    assert ("POST /api/v1/pages", "mia") in {(line["what"], line["who"]) for line in lines}
    assert "zips: " in str(lines)
