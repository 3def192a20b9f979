"""The inbox in a real browser: an operator takes, answers and gives back what a customer sees in the widget; keys, axe, hostile words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.bot.console_desk import LAPTOP, sign_in, staffed
from tests.bot.console_talks import written
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, complaints, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
QUESTION = "a person please"
# What a browser tells a field when somebody pastes a file, or lets one fall on it.
GIVE = """(field, [kind, name, size = 5]) => {
  const data = new DataTransfer();
  data.items.add(new File(["w".repeat(size)], name, { type: "text/plain" }));
  const more = { bubbles: true, cancelable: true };
  const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: data, ...more }) : new DragEvent(kind, { dataTransfer: data, ...more });
  field.dispatchEvent(event);
}"""
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "${alert(5)} {{alert(6)}} <!--?lit$1$-->",
    "<iframe srcdoc='<script>alert(7)</script>'>",
)


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path)) as found:
        yield found


async def console(client: Client, opened: Opened, name: str = "Ann", path: str = "") -> Page:
    page = await opened(f"{client.url}/console{path}", viewport=LAPTOP, bypass_csp=False)
    await sign_in(page, name)
    return page


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("list", name="Conversations").get_by_role("link").filter(has_text=text)


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def customer(client: Client, opened: Opened, text: str = QUESTION) -> Page:
    page = await opened(f"{client.url}/demo")
    await page.get_by_role("button", name="Open the chat").click()
    await say(page, text)
    return page


async def test_a_conversation_is_taken_answered_and_given_back(
    client: Client, opened: Opened
) -> None:
    theirs = await customer(client, opened)
    ann, bob = await console(client, opened), await console(client, opened, "Bob")
    for page in (ann, bob):
        await row(page, QUESTION).click()
        await expect(log(page)).to_contain_text(QUESTION)
    await expect(bob.get_by_text("Ann looks at this too")).to_be_visible()
    await ann.get_by_role("button", name="Take over").click()
    await expect(ann.get_by_text("You have it")).to_be_visible()
    await expect(bob.get_by_text("Ann has it", exact=True)).to_be_visible()
    await expect(bob.get_by_text("Ann has this conversation.")).to_be_visible()
    await ann.get_by_role("textbox", name="Reply to the customer").fill("It rains, as ever.")
    await expect(bob.get_by_text("Ann is typing")).to_be_visible()
    await ann.keyboard.press("Enter")
    await expect(theirs.get_by_text("It rains, as ever.")).to_be_visible()
    await expect(log(bob)).to_contain_text("It rains, as ever.")
    await say(theirs, "Thank you")
    await expect(log(ann)).to_contain_text("Thank you")
    await ann.get_by_role("button", name="Give back").click()
    await expect(log(bob)).to_contain_text("gave it back to the bot")
    await say(theirs, "order")
    await expect(bubbles(theirs, "bot").last).to_contain_text("which order?")


async def test_what_an_operator_wrote_is_changed_where_it_stands(
    client: Client, opened: Opened
) -> None:
    theirs = await customer(client, opened)
    ann, bob = await console(client, opened), await console(client, opened, "Bob")
    for page in (ann, bob):
        await row(page, QUESTION).click()
    await ann.get_by_role("button", name="Take over").click()
    reply = ann.get_by_role("textbox", name="Reply to the customer")
    await reply.fill("It rains, as evr.")
    await reply.press("Enter")
    await expect(log(ann)).to_contain_text("as evr.")
    await expect(reply).to_be_focused()
    await reply.press("ArrowUp")
    words = ann.get_by_role("textbox", name="Change what you wrote")
    await expect(words).to_have_value("It rains, as evr.")
    await expect(words).to_be_focused()
    await words.press("Escape")
    await expect(reply).to_be_focused()
    await reply.press("ArrowUp")
    await words.fill("It rains, as ever.")
    await words.press("Enter")
    await expect(reply).to_be_focused()
    for page in (ann, bob):
        await expect(log(page)).to_contain_text("It rains, as ever.")
        await expect(log(page)).to_contain_text("edited")
        await expect(log(page)).not_to_contain_text("as evr.")
    await expect(bubbles(theirs, "operator").last).to_contain_text("It rains, as ever.")
    await expect(bubbles(theirs, "operator")).to_have_count(1)
    edit = log(ann).get_by_role("button", name="Edit")
    await edit.click()
    assert await complaints(ann) == []
    await ann.get_by_role("button", name="Leave it").click()
    await expect(log(bob).get_by_role("button", name="Edit")).to_have_count(0)
    await ann.get_by_role("button", name="Give back").click()
    await expect(edit).to_have_count(0)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("The list is being made anew.", None),
        ("This is being made anew. What is missing comes by itself.", {"behind": 5000}),
    ],
)
async def test_what_cannot_be_shown_yet_comes_by_itself(
    client: Client, opened: Opened, said: str, answer: dict[str, int] | None
) -> None:
    async def late(route: Route) -> None:
        if answer is None:
            await route.fulfill(status=503, json={"detail": said})
        else:
            found = await (await route.fetch()).json()
            await route.fulfill(json=found | answer | {"rows": []})

    await client.say(QUESTION)
    page = await console(client, opened, path="/people")
    addresses = {"Inbox": "**/api/v1/inbox*", "Numbers": "**/api/v1/numbers*"}
    for address in addresses.values():
        await page.route(address, late)
    for name, there in (("Inbox", row(page, QUESTION)), ("Numbers", page.locator("canvas").first)):
        await page.get_by_role("link", name=name, exact=True).click()
        await expect(page.get_by_text(said)).to_be_visible()
        await page.unroute(addresses[name])
        await expect(there).to_be_visible()
        await expect(page.get_by_text(said)).to_have_count(0)


async def test_the_keyboard_alone_goes_from_one_to_the_next(client: Client, opened: Opened) -> None:
    for visitor in ("ada", "bob", "eve"):
        await client.say(f"{QUESTION} for {visitor}", visitor=visitor)
    page = await console(client, opened, path="/inbox?state=waiting")
    await expect(page.get_by_role("list", name="Conversations").get_by_role("link")).to_have_count(
        3
    )
    await page.keyboard.press("j")
    await expect(log(page)).to_contain_text("for ada")
    await page.keyboard.press("j")
    await expect(log(page)).to_contain_text("for bob")
    await page.keyboard.press("n")
    await page.keyboard.type("Kept while I look at another one")
    await page.keyboard.press("Escape")
    await page.keyboard.press("k")
    await expect(log(page)).to_contain_text("for ada")
    await page.keyboard.press("j")
    await page.reload()
    await page.get_by_role("tab", name="Note").click()
    note = page.get_by_role("textbox", name="Note for colleagues")
    await expect(note).to_have_value("Kept while I look at another one")
    await note.press("Enter")
    await expect(log(page)).to_contain_text("Kept while I look at another one")
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    await expect(page.get_by_text("You have it")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Reply to the customer")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await expect(log(page)).to_contain_text("for eve")
    await page.keyboard.press("s")
    await page.get_by_role("button", name="In one hour").press("Enter")
    await expect(page.get_by_role("link", name="Snoozed")).to_contain_text("1")
    await expect(page.get_by_role("list", name="Conversations").get_by_role("link")).to_have_count(
        1
    )


async def test_what_was_said_is_found_and_a_colleague_keeps_what_they_have(
    client: Client, opened: Opened
) -> None:
    said = await client.say(f"{QUESTION} and a wedding")
    await client.say(QUESTION)
    taking = f"/api/v1/conversations/{said['conversation_id']}/take"
    assert (await client.post(taking, {"operator": "Bob"}, operator=True))[0] == 200
    page = await console(client, opened)
    await expect(row(page, QUESTION)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("wed")
    await client.say(QUESTION, visitor="eve")
    await expect(page.get_by_role("link", name="Open")).to_contain_text("2")
    await page.keyboard.type("ding")
    await page.keyboard.press("Enter")
    await expect(page.locator("mark")).to_have_text("wedding")
    await page.get_by_role("link").filter(has_text="wedding").click()
    await expect(page.get_by_text("Bob has it")).to_be_visible()
    await page.keyboard.press("t")
    await page.get_by_role("button", name="Cancel").press("Enter")
    await expect(page.get_by_text("Bob has it")).to_be_visible()
    await page.keyboard.press("t")
    await page.get_by_role("button", name="Take it from Bob").press("Enter")
    await expect(page.get_by_text("You have it")).to_be_visible()


async def test_who_is_asked_to_care_finds_it_among_theirs(client: Client, opened: Opened) -> None:
    await client.say(f"{QUESTION} about boots")
    bob = await console(client, opened, "Bob", "/inbox?state=mine")
    await expect(bob.get_by_text("nobody asks you to care")).to_be_visible()
    ann = await console(client, opened)
    await row(ann, "about boots").click()
    await expect(log(ann)).to_contain_text("about boots")
    await ann.keyboard.press("a")
    dialog = ann.get_by_role("dialog", name="Who should take care")
    await expect(dialog.get_by_role("button")).to_have_text(
        ["Cancel", "Me, Ann", "Bob", "Mia", "Nobody in particular", "OK"]
    )
    await dialog.get_by_role("button", name="Bob").press("Enter")
    await expect(row(ann, "about boots")).to_contain_text("Bob is asked")
    await expect(row(bob, "about boots")).to_contain_text("You are asked")
    await expect(bob.get_by_role("link", name="Mine")).to_contain_text("1")
    await row(bob, "about boots").click()
    await bob.get_by_role("button", name="Take over").click()
    await expect(bob.get_by_text("You have it")).to_be_visible()
    await expect(row(bob, "about boots")).not_to_contain_text("asked")


async def test_several_are_chosen_and_each_has_its_outcome(client: Client, opened: Opened) -> None:
    said = [
        await client.say(f"{QUESTION} for {visitor}", visitor=visitor, name=visitor)
        for visitor in ("ada", "bob", "eve")
    ]
    taking = f"/api/v1/conversations/{said[-1]['conversation_id']}/take"
    assert (await client.post(taking, {"operator": "Bob"}, operator=True))[0] == 200
    page = await console(client, opened, path="/inbox?state=open")
    await expect(row(page, "for ")).to_have_count(3)
    await page.keyboard.press("j")
    await expect(log(page)).to_contain_text("for ada")
    await page.keyboard.press("x")
    await page.get_by_role("checkbox", name="Choose bob").check()
    chosen = page.get_by_role("group", name="Chosen conversations")
    await expect(chosen).to_contain_text("2 chosen")
    assert await complaints(page) == []
    await page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Assign 2 conversations")
    await dialog.get_by_role("button", name="Mia").press("Enter")
    await expect(page.get_by_text("2 assigned to Mia.")).to_be_visible()
    await expect(row(page, "Mia is asked")).to_have_count(2)
    assert await complaints(page) == []
    await page.keyboard.press("z")
    await expect(page.get_by_text("2 are as before.")).to_be_visible()
    await expect(row(page, "is asked")).to_have_count(0)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("all that are shown")
    await page.keyboard.press("Enter")
    await expect(chosen).to_contain_text("3 chosen")
    await chosen.get_by_role("button", name="Resolve").click()
    await page.get_by_role("button", name="which cannot be taken back").press("Enter")
    await expect(page.get_by_text("2 resolved: Bob has 1.")).to_be_visible()
    await expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    await expect(row(page, "for ")).to_have_count(1)


async def test_a_row_says_how_long_is_left_and_then_that_it_is_overdue(
    tmp_path: Path, opened: Opened
) -> None:
    desk = staffed(tmp_path, toml="[console]\nanswer_within = '5m'\n")
    await written(desk)
    async with served(desk) as client:
        page = await console(client, opened, path="/inbox?state=waiting&sort=waiting")
        waits = page.get_by_role("list", name="Conversations").locator(".wait")
        await expect(waits).to_have_text(
            [re.compile(r"^Overdue \d+m$")] * 2 + [re.compile(r"left$")] * 2
        )
        await expect(page.get_by_label("Order")).to_have_value("waiting")
        await expect(page.get_by_label("Order").get_by_role("option")).to_have_text(
            ["Soonest due", "Unhappiest", "Latest"]
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(client: Client, opened: Opened, scheme: str) -> None:
    said = await client.say("order")
    rating = {"message_id": said["message_id"], "value": "down", "comment": "no"}
    await client.post("/api/v1/feedback", rating)
    await client.say("maybe")
    waiting = (await client.say(QUESTION))["conversation_id"]
    path = f"/api/v1/conversations/{waiting}"
    await client.post(f"{path}/notes", {"operator": "Bob", "text": "Called"}, operator=True)
    page = await opened(
        f"{client.url}/console/inbox/{waiting}",
        viewport=LAPTOP,
        color_scheme=scheme,
        bypass_csp=True,
    )
    await page.get_by_role("heading", name="Sign in").wait_for()
    assert await complaints(page) == []
    await sign_in(page)
    await expect(log(page)).to_contain_text("Called")
    assert await complaints(page) == []
    for key, name in (("?", "Keys"), ("Control+k", "Commands"), ("a", "Who should take care")):
        await page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name=name)
        await expect(dialog).to_be_visible()
        assert await complaints(page) == [], name
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()


async def test_hostile_words_are_only_words(client: Client, opened: Opened) -> None:
    for at, text in enumerate(HOSTILE):
        said = await client.say(f"{text} {QUESTION}", visitor=f"v{at}", name=text)
        path = f"/api/v1/conversations/{said['conversation_id']}"
        for what, body in (("notes", {"text": text}), ("assign", {"to": text})):
            await client.post(f"{path}/{what}", {"operator": text, **body}, operator=True)
    page = await console(client, opened, path="/inbox?state=waiting")
    for text in HOSTILE:
        await row(page, text).first.click()
        await expect(log(page).locator(".words").first).to_have_text(f"{text} {QUESTION}")
        await expect(log(page).locator(".note .words")).to_have_text(text)
        await expect(page.get_by_role("heading", level=1)).to_have_text(text)


async def test_a_slash_finds_a_canned_answer_and_enter_puts_it_in(
    client: Client, opened: Opened
) -> None:
    theirs = await customer(client, opened)
    page = await console(client, opened)
    await row(page, QUESTION).click()
    field = page.get_by_role("textbox", name="Reply to the customer")
    await field.press_sequentially("/")
    await expect(page.get_by_text("There is no canned answer yet")).to_be_visible()
    await page.get_by_role("button", name="Write or change them").click()
    dialog = page.get_by_role("dialog", name="Canned answers")
    await dialog.get_by_label("Name").fill("hello")
    await dialog.get_by_label("Text").fill("Hello {{ nmae }}")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("did you mean name?")
    text = '<b>Hello</b> {{ name | default: "there" }}, this is {{ operator }}.'
    await dialog.get_by_label("Text").fill(text)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Saved.")).to_be_visible()
    assert await complaints(page) == []
    await dialog.get_by_role("button", name="New one").click()
    await dialog.get_by_label("Name").fill("bye")
    await dialog.get_by_label("Text").fill("Goodbye!")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Saved.")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await field.fill("")
    await field.press_sequentially("Well. /")
    options = page.get_by_role("listbox", name="Canned answers").get_by_role("option")
    await expect(options).to_have_count(2)
    assert await complaints(page) == []
    await field.press_sequentially("HEL")
    await expect(options).to_have_count(1)
    await field.press("Enter")
    await expect(field).to_have_value("Well. <b>Hello</b> there, this is Ann.")
    await expect(options).to_have_count(0)
    await field.press("Enter")
    await expect(log(page)).to_contain_text("Well. <b>Hello</b> there, this is Ann.")
    await expect(theirs.get_by_text("<b>Hello</b> there, this is Ann.")).to_be_visible()
    await field.press_sequentially("/nothing")
    await field.press("Enter")
    await expect(page.get_by_text("No canned answer is like that")).to_be_visible()
    await expect(field).to_have_value("/nothing")


async def test_files_go_with_a_reply(client: Client, opened: Opened) -> None:
    theirs = await customer(client, opened)
    page = await console(client, opened)
    await row(page, QUESTION).click()
    field = page.get_by_role("textbox", name="Reply to the customer")
    files = page.get_by_role("list", name="Files with this reply").get_by_role("listitem")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Files").click()
    given = {"label.txt": b"To Harbour Street", "run.exe": b"MZ\x90\x00" * 64}
    await (await chooser.value).set_files(
        [FilePayload(name=name, mimeType="", buffer=content) for name, content in given.items()]
    )
    await field.evaluate(GIVE, ["drop", "long.txt", 10 * 2**20 + 1])
    await field.evaluate(GIVE, ["drop", "empty.txt", 0])
    await expect(files).to_have_text(
        [re.compile("label.txt.*1 KB"), re.compile("run.exe.*is not taken"), re.compile("10 MB at most"), re.compile("is empty")]
    )  # fmt: skip
    await field.evaluate(GIVE, ["paste", "pasted.txt"])
    await field.evaluate(GIVE, ["drop", "dropped.txt"])
    await expect(files.filter(has_text="1 KB")).to_have_count(3)
    assert await complaints(page) == []
    await page.get_by_role("button", name="Take dropped.txt out").click()
    await expect(files).to_have_count(5)
    await page.get_by_role("tab", name="Note").click()
    await expect(files).to_have_count(0)
    await page.get_by_role("tab", name="Reply").click()
    await field.press("Enter")
    await expect(log(page).get_by_role("link")).to_have_text(["label.txt", "pasted.txt"])
    await expect(files).to_have_count(0)
    await expect(theirs.get_by_role("link", name="label.txt")).to_be_visible()
