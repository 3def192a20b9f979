"""Hundreds of strings that would run if any of them were taken for more than text, in every place where the widget shows text."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from conversations.text import printable
from tests.bot.hostile import STRINGS
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]

PLACES = """
async (strings) => {
  await customElements.whenDefined("frontdesk-widget");
  let say;
  const widget = document.createElement("frontdesk-widget");
  widget.session = class {
    online = true;
    constructor(server, store, on) { say = on; }
    connect() {}
    pass = {};
    say(text) { return { id: String(Math.random()), text, files: [{ name: text, url: text, type: "image/png", size: 1 }] }; }
    rate() { return true; }
    score() { return true; }
    seen() {} typing() {} again() {} forget() {} identify() {} reset() {} destroy() {}
  };
  document.body.append(widget);
  await widget.open({ focus: false });
  let seq = 0;
  for (const evil of strings) {
    for (const name of ["name", "accent", "theme", "position", "locale", "greeting", "opener", "starters"]) widget.setAttribute(name, evil);
    await widget.open({ focus: false });
    say.welcome({ token: evil, desk: { name: evil, greeting: evil }, seq: 0, with_person: true, operator: evil, open: false, opens: evil.length % 2 ? null : new Date().toISOString(), wait: 60, starters: [{ label: evil, value: evil }], telegram: true, csat: true });
    const common = () => ({ type: "event", seq: ++seq, at: new Date().toISOString(), message_id: evil + seq, client_message_id: null });
    const file = { name: evil, url: evil, type: evil, size: 5 };
    say.events([
      { ...common(), kind: "customer", text: evil, files: [file, { ...file, type: "image/png" }] },
      { ...common(), kind: "bot", action: "reply", text: evil, rateable: true, choices: [{ label: evil, value: evil }], sources: [{ title: evil, url: evil }, { title: evil, url: "https://a.example/" + evil }], attachments: [{ name: evil, url: evil }] },
      { ...common(), kind: "operator", text: evil, author: evil, files: [{ ...file, url: "/files/1/" + encodeURIComponent(evil) }] },
      { ...common(), kind: "notice", text: evil },
    ], false);
    say.typing({ on: true, who: "operator", name: evil });
    say.presence({ operator: evil, open: true, opens: null, wait: null });
    say.calm({ state: "calm", sentence: evil });
    say.trouble(evil, evil);
    widget.draft(evil);
    widget.send(evil);
    const files = new DataTransfer();
    files.items.add(new File(["x"], evil.replaceAll("/", ":")));
    widget.shadowRoot.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: files }));
    for (const button of widget.shadowRoot.querySelectorAll(".log > :nth-last-child(-n+5) button")) button.click();
  }
  await new Promise((done) => setTimeout(done, 600));
  const root = widget.shadowRoot;
  const odd = [...root.querySelectorAll("script, iframe, object, embed, form, base, meta, style, link, template, video, body")].map((node) => node.outerHTML);
  const handlers = [...root.querySelectorAll("*")].filter((node) => [...node.attributes].some(({ name }) => name.startsWith("on"))).map((node) => node.outerHTML);
  const links = [...root.querySelectorAll("[href], [src]")].map((node) => node.href || node.src).filter((href) => !/^https?:/.test(href));
  return { odd, handlers, links, shown: root.querySelectorAll(".log .message").length, ran: window.ran ?? null };
}
"""


async def test_no_string_runs_wherever_text_is_shown(running: Desk, opened: Opened) -> None:
    """A dialog, an error of the page or a request to elsewhere would fail this at its end, see `opened`."""
    assert len(set(STRINGS)) >= 200
    page = await opened(running.url + "demo/states?state=closed")
    found = await page.evaluate(PLACES, [printable(one) for one in STRINGS])
    assert found["shown"] >= 400  # the latest, as many as are kept
    assert {key: found[key] for key in ("odd", "handlers", "links", "ran")} == {
        "odd": [],
        "handlers": [],
        "links": [],
        "ran": None,
    }, json.dumps(found)[:2_000]


async def test_no_string_runs_on_the_pages_around_it(running: Desk, opened: Opened) -> None:
    page = await opened(running.url + "demo")
    for evil in STRINGS[::5]:
        for name in ("desk", "greeting", "opener", "starters"):
            field = page.locator(f"[name={name}]")
            await field.fill(" ".join(printable(evil).split()))
            await field.dispatch_event("change")
    await expect(page.locator(".snippet")).to_contain_text("<script src=")
    assert await page.locator(".snippet *").count() == 0
