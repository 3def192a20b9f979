"""The page Knowledge in a real browser: documents dropped, looked at, taken in, taken back; pages found, removed, put back."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import FileChooser, Locator, Page, expect

from bot.desk import Desk
from tests.bot import page_imports
from tests.bot.console_desk import LAPTOP, TABLET, fits, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes of a picture
HELP = Path(__file__).parents[2] / "bot" / "demo" / "desk" / "pages"
ZIPS = "# Zips\n\n## Care\n\nRub a candle along the zipper. Then it runs again.\n"
HOSTILE = "<img src=x onerror=alert(1)> `{{ x }}`"
DROP = """([target, files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const event = (kind) => new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  target.dispatchEvent(event("dragover"));
  target.dispatchEvent(event("drop"));
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path) -> Desk:
    desk = staffed(tmp_path, "Puddle & Pine")
    source = tmp_path / "help"
    source.mkdir()
    for name in ("wool-care.md", "refunds.md"):
        shutil.copy(HELP / name, source)
    page_imports.done(desk.folder, source)
    (desk.folder / "pages" / "house-rules.md").write_text("# House rules\n\nBe kind.\n")
    return desk


@pytest_asyncio.fixture(loop_scope="module")
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


async def knowledge(client: Client, opened: Opened, name: str = "Mia", **options: object) -> Page:
    page = await opened(f"{client.url}/console/knowledge", viewport=LAPTOP, **options)
    await sign_in(page, name)
    await expect(pages(page).first).to_be_visible()
    return page


async def drop(page: Page, **files: str) -> None:
    """Drop files on the page; `__` in a name stands for its dot."""
    named = [[name.replace("__", "."), text] for name, text in files.items()]
    target = await page.locator(".knowledge").element_handle()
    await page.evaluate(DROP, [target, named])


def arrived(page: Page, name: str) -> Locator:
    return page.locator(".arrived").filter(has=page.get_by_role("heading", name=name))


def pages(page: Page) -> Locator:
    return page.get_by_role("region", name="Knowledge").get_by_role("link")


async def quote(client: Client, words: str = "page zipper") -> str:
    return str((await client.say(words))["text"])


async def test_a_dropped_document_is_looked_at_taken_in_and_taken_back(
    client: Client, opened: Opened
) -> None:
    page = await knowledge(client, opened)
    await drop(page, zips__md=ZIPS)
    one = arrived(page, "zips.md")
    await expect(one).to_contain_text("A new page")
    await expect(one).to_contain_text("Rub a candle along the zipper.")
    assert "candle" not in await quote(client)
    await one.get_by_role("button", name="Take in").click()
    await expect(one).to_contain_text("Taken in, quoted now")
    assert "candle" in await quote(client)
    await expect(pages(page).filter(has_text="Zips")).to_contain_text("Quoted")
    await one.get_by_role("button", name="Undo").click()
    await expect(one).to_have_count(0)
    await expect(pages(page).filter(has_text="Zips")).to_have_count(0)
    assert "candle" not in await quote(client)


async def test_of_several_files_each_has_its_result(client: Client, opened: Opened) -> None:
    page = await knowledge(client, opened)
    files = {"zips__md": ZIPS, "sun__txt": "Sun\n\nKeep it in the shade.", "photo__png": "\x00PNG"}
    await drop(page, **files, empty__csv="")
    await expect(arrived(page, "photo.png").get_by_role("alert")).to_contain_text("none of md")
    await expect(arrived(page, "empty.csv").get_by_role("alert")).to_have_text("The file is empty.")
    await page.get_by_role("button", name="Take all 2 in").click()
    for name in ("zips.md", "sun.txt"):
        await expect(arrived(page, name)).to_contain_text("Taken in, quoted now")
    await expect(pages(page)).to_have_count(5)


async def test_the_next_time_only_what_changed_is_shown_word_by_word(
    client: Client, opened: Opened
) -> None:
    page = await knowledge(client, opened)
    wool = (HELP / "wool-care.md").read_text(encoding="utf-8")
    await drop(page, **{"wool-care__md": f"{wool}\n\n## Moths\n\nCedar helps. {HOSTILE}\n"})
    one = arrived(page, "wool-care.md")
    await expect(one.get_by_role("alert")).to_contain_text("was made of help/wool-care.md.")
    await expect(one).to_contain_text("1 new, ")
    await expect(one).to_contain_text("Cedar helps. `{{ x }}`")
    await one.get_by_role("button", name="Replace that page").click()
    await one.get_by_role("button", name="Take in").click()
    await expect(one).to_contain_text("Taken in, quoted now")
    await drop(page, **{"wool-care__md": f"{wool}\n\n## Moths\n\nLavender helps.\n"})
    again = arrived(page, "wool-care.md").last
    await expect(again.locator("ins")).to_contain_text(["Lavender"])
    await expect(again.locator("del").first).to_contain_text("Cedar")
    await page.get_by_role("link", name="Show the page").click()
    await expect(page.get_by_role("list", name="Passages")).to_contain_text("Cedar helps.")


async def test_a_page_is_found_removed_and_put_back(client: Client, opened: Opened) -> None:
    page = await knowledge(client, opened)
    await page.keyboard.press("/")
    await page.keyboard.type("house")
    await page.keyboard.press("Enter")
    await expect(pages(page)).to_have_count(1)
    await expect(pages(page)).to_contain_text("Written by hand")
    await expect(pages(page)).to_contain_text("Waits for training")
    await pages(page).click()
    await expect(page.get_by_role("list", name="Passages")).to_have_text("Be kind.")
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(pages(page)).to_have_count(0)
    await page.get_by_role("button", name="Put house-rules back").click()
    await expect(pages(page)).to_contain_text("Quoted")


async def test_the_file_button_is_reached_by_keys(client: Client, opened: Opened) -> None:
    page = await opened(f"{client.url}/console/knowledge", viewport=LAPTOP)
    chosen = asyncio.Queue[FileChooser]()
    page.on("filechooser", chosen.put_nowait)  # from here on the browser leaves choosing to us
    await sign_in(page, "Mia")
    await expect(pages(page)).to_have_count(3)
    await page.keyboard.press("n")
    async with asyncio.timeout(30):
        files = await chosen.get()
    await files.set_files({"name": "zips.md", "mimeType": "", "buffer": ZIPS.encode()})
    await expect(arrived(page, "zips.md")).to_contain_text("A new page")
    await page.get_by_role("button", name="Choose files").press("Enter")
    async with asyncio.timeout(30):
        await chosen.get()


async def test_a_viewer_only_reads(client: Client, opened: Opened) -> None:
    page = await knowledge(client, opened, "Vic")
    await expect(pages(page)).to_have_count(3)
    await page.keyboard.press("j")
    await expect(page.get_by_role("list", name="Passages")).not_to_be_empty()
    await drop(page, zips__md=ZIPS)
    for name in ("Choose files", "Remove", "Take in"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_it_fits(
    client: Client, opened: Opened, tmp_path: Path, scheme: str
) -> None:
    for name in ("flasks", "payment", "repairs", "returns", "tracking", "warranty", "waxing"):
        data = (HELP / f"{name}.md").read_bytes()
        path = f"/api/v1/pages?operator=Mia&name={name}.md"
        assert (await client.ask("POST", path, operator=True, data=data))[0] == 200
    page = await knowledge(client, opened, color_scheme=scheme, bypass_csp=True)
    refunds = (HELP / "refunds.md").read_text(encoding="utf-8").replace("working days", "days")
    await drop(page, zips__md=ZIPS, refunds__md=refunds, photo__png="\x00PNG")
    await arrived(page, "zips.md").get_by_role("button", name="Take in").click()
    await expect(arrived(page, "zips.md")).to_contain_text("Taken in, quoted now")
    await arrived(page, "refunds.md").get_by_text("What changes").click()
    await pages(page).filter(has_text="Flasks").click()
    said = page.get_by_role("list", name="Passages")
    await said.get_by_text("questions that people ask").nth(1).click()
    await expect(said.get_by_text("Taking it ice fishing")).to_be_visible()
    assert await complaints(page) == []
    if scheme == "light":
        picture = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path)) / "console-knowledge.png"
        await page.screenshot(path=picture)
        assert picture.stat().st_size < LARGEST
    await page.set_viewport_size(TABLET)
    assert await fits(page)
