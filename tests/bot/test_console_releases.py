"""The page Releases in a real browser: what serves, what a night made, what is confused, promoting, going back, retraining."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from bot import app
from bot.commands.serving import world
from bot.desk import Desk
from finetune.examples import write_examples
from finetune.nightly import build_first
from finetune.progress import Nobody
from tests import tiny
from tests.bot.console_desk import LAPTOP, sign_in, staff
from tests.bot.served import Client
from tests.bot.widget_page import CHROMIUM, Opened, complaints
from tests.finetune.small_desk import NEWS, clock, make_desk, night, poisoned, teach

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes of a picture


@pytest.fixture(scope="module")
def lived(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a first Release, a good night, one whose challenger is held, and a bad one; copy it."""
    desk = make_desk(tmp_path_factory.mktemp("desk"))
    options = tiny.options(tiny_encoder)
    build_first(desk, options, clock=clock, watch=Nobody())
    teach(desk, *NEWS, intent="opening_hours")
    assert night(desk, options).outcome == "promoted"
    teach(desk, "my seam is open again", "mend this hole", intent="repair")
    assert night(desk, options, hold=True).outcome == "held"
    write_examples(desk / "examples.csv", poisoned())
    assert night(desk, options).outcome == "refused"
    return desk


@pytest_asyncio.fixture(loop_scope="module")
async def client(lived: Path, tmp_path: Path) -> AsyncIterator[Client]:
    folder = Path(shutil.copytree(lived, tmp_path / "desk", symlinks=True))
    (folder / "desk.toml").write_text("name = 'Puddle & Pine'\n")
    desk = Desk.open(folder)
    staff(desk)
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0) as url,
        ClientSession() as session,
    ):
        yield Client(url, session, desk.operator_token())


async def releases(client: Client, opened: Opened, name: str = "Mia", path: str = "") -> Page:
    page = await opened(f"{client.url}/console/releases{path}", viewport=LAPTOP)
    await sign_in(page, name)
    await expect(page.get_by_role("heading", name="On the shelf")).to_be_visible()
    return page


async def look_at(page: Page, standing: str) -> None:
    shelf = page.get_by_role("region", name="On the shelf")
    await shelf.get_by_role("link").filter(has_text=standing).click()


async def test_what_a_night_held_is_looked_at_promoted_and_taken_back(
    client: Client, opened: Opened
) -> None:
    page = await releases(client, opened)
    one = page.get_by_role("region", name="The Release", exact=True)
    await expect(one).to_contain_text("Serving")
    await look_at(page, "Candidate")
    await expect(one).to_contain_text("Candidate")
    held = await one.locator("code").first.inner_text()
    asked = one.get_by_role("region", name="What the gate asked")
    await expect(
        asked.get_by_role("row").filter(has_text="Held-out questions").first
    ).to_be_visible()
    await page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("it knows seams")
    await dialog.get_by_role("button", name="OK").click()
    await expect(one).to_contain_text("Serving")
    await expect(one).to_contain_text("Mia: it knows seams")
    assert (await client.get("/api/v1/releases", operator=True))[1]["champion"] == held
    await page.get_by_role("button", name="Go back to the one before").click()
    await dialog.get_by_label("Reason").fill("it does not")
    await dialog.get_by_role("button", name="OK").click()
    await expect(one).to_contain_text("Served before")
    [line] = [
        row
        for row in (await client.get("/api/v1/audit", operator=True))[1]["lines"]
        if row["what"].endswith("/rollback")
    ]
    assert line["before"] == held


async def test_a_cell_of_the_matrix_opens_its_examples(client: Client, opened: Opened) -> None:
    page = await releases(client, opened)
    await look_at(page, "Refused")
    matrix = page.get_by_role("region", name="What was taken for what")
    cell = matrix.get_by_role("button").first
    await cell.click()
    await expect(cell).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".examples li").first).to_contain_text("sure")


async def test_a_retraining_says_what_it_does_until_it_is_ended(
    client: Client, opened: Opened
) -> None:
    page = await releases(client, opened)
    await page.keyboard.press("r")
    await page.get_by_role("button", name="Hold it for me to look at").click()
    going = page.get_by_role("region", name="Retraining")
    await expect(going.get_by_role("log")).to_contain_text("examples", timeout=60_000)
    again = await client.post("/api/v1/releases/retrain", {"operator": "bob"}, operator=True)
    assert again[0] == 409
    await going.get_by_role("button", name="Stop").click()
    await expect(going.get_by_text("It was ended; the champion stays.")).to_be_visible(
        timeout=30_000
    )
    assert await complaints(page) == []


async def test_answers_are_compared_and_a_viewer_only_looks(client: Client, opened: Opened) -> None:
    page = await releases(client, opened)
    await look_at(page, "Candidate")
    await page.get_by_role("button", name="Compare its answers with the champion's").click()
    await expect(page.get_by_role("heading", name="What would change")).to_be_visible(
        timeout=90_000
    )
    viewer = await releases(client, opened, "Vic")
    await expect(viewer.get_by_role("button", name="Retrain now")).to_have_count(0)


async def test_a_reason_is_asked_for_and_a_release_must_be_there(client: Client) -> None:
    path = "/api/v1/releases"
    status, said = await client.post(f"{path}/rollback", {"operator": "ann"}, operator=True)
    assert (status, "reason" in said["detail"]) == (400, True)
    assert (await client.get(f"{path}/ffff", operator=True))[0] == 404
    champion = (await client.get(path, operator=True))[1]["champion"]
    body = {"operator": "ann", "reason": "again"}
    assert (await client.post(f"{path}/{champion}/promote", body, operator=True))[0] == 409


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_it_fits(client: Client, opened: Opened, scheme: str) -> None:
    page = await opened(
        f"{client.url}/console/releases", viewport=LAPTOP, color_scheme=scheme, bypass_csp=True
    )
    await sign_in(page, "Mia")
    await expect(page.get_by_role("region", name="How the nights ended")).to_be_visible()
    await page.locator("details summary").click()
    assert await complaints(page) == []
    wide = "document.querySelector('desk-releases').scrollWidth <= innerWidth"
    assert await page.evaluate(wide)
    await page.set_viewport_size({"width": 820, "height": 1180})
    assert await page.evaluate(wide)


async def test_its_picture_is_small(client: Client, opened: Opened, tmp_path: Path) -> None:
    folder = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
    page = await releases(client, opened)
    await look_at(page, "Candidate")
    await expect(page.get_by_role("region", name="The Release", exact=True)).to_contain_text(
        "Candidate"
    )
    await page.mouse.move(0, 0)
    picture = folder / "console-releases.png"
    await page.screenshot(path=picture)
    assert picture.stat().st_size < LARGEST
