"""
Whether anything that somebody wrote ran in a browser, or became more than text: what the tests with `tests.bot.hostile` look at.

A page is watched from before its first script: dialogs, `eval` and its kin, `document.write`, refusals of its policy, errors, requests to other
hosts, pages that are left. Its elements are then looked through, those in shadow roots too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Browser, Page, Request

from conversations.text import printable
from tests.bot.console_desk import sign_in
from tests.bot.widget_page import WATCH, watch

# In every document, frames too. What runs by name is told by whom it calls; a policy refuses most of it before.
RECORD = """
globalThis.deeds = [];
const did = (what) => (...given) => void deeds.push(`${what}(${given.map(String).join()})`.slice(0, 200));
for (const name of ["alert", "confirm", "prompt", "print", "open", "msgbox"]) globalThis[name] = did(name);
const run = globalThis.eval; // the browser's driver calls it too
globalThis.eval = (code) => (/^.{0,250}$/s.test(code) && /alert|ran=|evil/.test(code) ? did("eval")(code) : run(code));
for (const name of ["write", "writeln"]) Document.prototype[name] = did(`document.${name}`);
for (const name of ["setTimeout", "setInterval"]) {
  const real = globalThis[name];
  globalThis[name] = (work, ...more) => (typeof work === "string" ? did(name)(work) : real(work, ...more));
}
"""
# Elements that the pages make themselves: all that a console or a widget is built of, each with attributes that say nothing that runs.
STRANGE = r"""
() => {
  const found = [];
  const never = new Set("applet audio base body center embed font frame frameset iframe isindex keygen listing marquee math meta noembed noframes object param plaintext portal source template track video xmp image foreignobject animate set use mglyph".split(" "));
  const leads = ["href", "xlink:href", "src", "action", "formaction", "data", "poster", "background", "srcset", "ping", "cite", "manifest"];
  const nodes = (root) => [...root.querySelectorAll("*")].flatMap((node) => [node, ...(node.shadowRoot ? nodes(node.shadowRoot) : [])]);
  const own = (address) => address.origin === location.origin;
  for (const node of nodes(document)) {
    const name = node.localName;
    const told = (why) => found.push(`${why}: ${node.outerHTML.slice(0, 160)}`);
    if (never.has(name) && node !== document.body && !(name === "meta" && node.parentNode === document.head && !node.httpEquiv)) told("an element of nobody's");
    if (name.includes("-") && !customElements.get(name)) told("a custom element of nobody's");
    if (name === "script" && !(node.type === "importmap" ? node.parentNode === document.head : node.src && own(new URL(node.src)))) told("a script");
    if (name === "link" && !own(new URL(node.href))) told("a link elsewhere");
    if (name === "form" && node.hasAttribute("action")) told("a form that leads somewhere");
    for (const { name: attribute, value } of node.attributes) {
      if (/^on/i.test(attribute) || ["srcdoc", "is", "http-equiv", "nonce"].includes(attribute)) told(`the attribute ${attribute}`);
      if (attribute === "style" && /url\(|expression|binding|import/i.test(value)) told("a style");
      if (/[^\w:.-]/.test(attribute)) told(`the attribute ${attribute}`);
      if (!leads.includes(attribute)) continue;
      let address = null;
      try { address = new URL(value, document.baseURI); } catch { told("no address"); continue; }
      const picture = name === "img" && /^(data|blob):$/.test(address.protocol);
      if (!/^(https?|mailto):$/.test(address.protocol) && !picture) told("an address that runs");
      else if (!["a", "form"].includes(name) && !picture && !own(address)) told("something of another host's");
      else if (name === "a" && node.target && !own(address) && !/noopener|noreferrer/.test(node.rel)) told("a link that hands itself over");
    }
  }
  const clobbered = ["cookie", "location", "body", "querySelector", "defaultView"].filter((name) => {
    for (let at = document; (at = Object.getPrototypeOf(at)); ) if (Object.hasOwn(at, name)) return document[name] instanceof Element && name !== "body";
    return name !== "location" && document[name] instanceof Element;
  });
  const polluted = ["ran", "polluted"].filter((name) => name in {});
  return [...found, ...clobbered.map((name) => `document.${name} is an element`), ...polluted.map((name) => `every object has ${name}`), ...("ran" in globalThis ? ["window.ran was set"] : []), ...deeds];
}
"""
# Which strings cannot be read at some elements: as text, in fields, in what is told of them. White space, marks of direction and what nobody
# sees do not count. A short one has to begin or end a text: it stands in longer ones by chance.
LACKING = r"""
(nodes, strings) => {
  const bare = (text) => text.replace(/[\p{C}\p{White_Space}]/gu, "");
  const told = (node) => [node.textContent, node.value, node.title, node.getAttribute("aria-label"), node.alt];
  const texts = [...new Set(nodes.flatMap(told).filter((text) => typeof text === "string" && text).map(bare))];
  const whole = texts.join("\n");
  const said = (one) => (one.length > 14 ? whole.includes(one) : texts.some((text) => text.startsWith(one) || text.endsWith(one)));
  return strings.filter((one) => !said(bare(one)));
}
"""
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)  # seconds: what is there comes by and by


@dataclass
class Onlooker:
    """One browser page; `faults` is what happened on it that should not have."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def calm(self) -> list[str]:
        """Return all that was wrong so far, here and in its frames."""
        found = list(self.faults)
        for frame in self.page.frames:
            found += await frame.evaluate(STRANGE)
            found += await frame.evaluate("globalThis.violations ?? []")
        return found

    async def lacking(self, place: str, strings: Iterable[str]) -> list[str]:
        """Return those of the strings that cannot be read, whole and as they are, at any element of a CSS selector."""
        found: list[str] = await self.page.eval_on_selector_all(
            place, LACKING, [printable(one) for one in strings]
        )
        return found

    async def shows(self, place: str, strings: Sequence[str]) -> None:
        """Wait until every string can be read at a place."""
        left = await self.lacking(place, strings)
        for pause in PAUSES:
            if not left:
                break
            await asyncio.sleep(pause)
            left = await self.lacking(place, strings)
        assert left == [], f"{len(left)} of {len(strings)} are not at {place}: {left[:3]}"


def pieces(strings: Sequence[str], most: int) -> Iterator[list[str]]:
    """Yield the strings in lists that, a line each, are at most so many characters."""
    piece: list[str] = []
    for one in strings:
        if sum(map(len, piece)) + len(piece) + len(one) > most:
            yield piece
            piece = []
        piece.append(one)
    yield piece


@asynccontextmanager
async def looking_at(
    browser: Browser, url: str, name: str = "", **query: str
) -> AsyncIterator[Onlooker]:
    """Open a page under watch, signed in as `name` where there is one; at the end, nothing may have happened on it."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 720}, reduced_motion="reduce"
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)
    seen = Onlooker(page)
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
    watch(page, origin, seen.faults)
    page.on("request", lambda request: seen.faults.extend(_left(request, origin)))
    page.on("popup", lambda other: seen.faults.append(f"a window was opened: {other.url}"))
    await page.add_init_script(WATCH + RECORD)
    try:
        await page.goto(f"{url}?{urlencode(query)}" if query else url)
        if name:
            await sign_in(page, name)
        yield seen
        found = await seen.calm()
        assert not found, found
    finally:
        await context.close()


def _left(request: Request, origin: str) -> list[str]:
    """A page that leads itself elsewhere, data: addresses too."""
    away = request.is_navigation_request() and not request.url.startswith(origin)
    return [f"led to {request.url[:100]}"] if away else []
