"""
The widget in a headless Chromium, as a visitor gets it: bytes, requests, times, memory, policy reports, accessibility.

Everything is measured against a small real desk over the loopback, once as it is and once as a slow phone would see it
(processor slowed four times, 150 ms and 1.6 Mbit/s). With `--lighthouse COMMAND` nothing but Lighthouse's scores of a page
without and with the widget.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks import lighthouse
from benchmarks.main_thread import LONG, traced
from benchmarks.served import free_port
from tests.bot.web_desk import Desk, served
from tests.bot.widget_page import CHROMIUM, QUIET, WATCH, bubbles, complaints, composer, host_page
from tests.bot.widget_states import STATES, show

LOCALES = ("ar", "de", "es", "fr", "he", "hi", "ja", "pt", "ru", "zh-Hans", "zh-Hant")
LATER = ("cards", "chime", "menu", "reasons", "score", "uploads")
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 94_000,
}
SLOWER = 4  # times
SENDS = 10
VISITS = 9  # the median counts
TAG = '<script src="/widget.js" defer data-desk="Shop"></script>'
WATCH_SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shift += value; }).observe({ type: "layout-shift", buffered: true });
const define = customElements.define;
customElements.define = function (...of) { const begun = performance.now(); define.apply(this, of); queueMicrotask(() => { window.usable ??= performance.now() - begun; }); };
"""
# By the page's own means: what a tool puts into the page to click and to look would be a long task of the tool's.
OPENED = """() => new Promise((done) => {
  const root = frontdesk.shadowRoot;
  const begun = performance.now();
  const look = () => (root.activeElement?.localName === "textarea" ? done(performance.now() - begun) : requestAnimationFrame(look));
  root.querySelector(".launcher").click();
  look();
})"""
MANY = """
async (count) => {
  let on;
  const widget = document.createElement("frontdesk-widget");
  widget.session = class {
    online = true;
    constructor(server, store, ears) { on = ears; }
    connect() {}
    seen() {} typing() {} destroy() {}
  };
  document.body.append(widget);
  await widget.open({ focus: false });
  const said = (seq) => ({ type: "event", seq, at: new Date().toISOString(), message_id: "m" + seq, client_message_id: null,
    kind: seq % 2 ? "customer" : "bot", action: "reply", rateable: true, choices: [], files: [], sources: [], text: "Parcels take **2 to 4 working days**.\\n- standard\\n- express, number " + seq });
  const begun = performance.now();
  on.events(Array.from({ length: Math.min(count, 400) }, (_, seq) => said(seq)), true);
  widget.shadowRoot.querySelector(".log").getBoundingClientRect();
  const rendered = performance.now() - begun;
  for (let seq = 400; seq < count; seq += 1) on.events([said(seq)], false);
  return { rendered, kept: widget.shadowRoot.querySelectorAll(".log .message").length };
}
"""


@dataclass(frozen=True, slots=True)
class Bytes:
    """
    What goes over the wire, gzipped, in bytes.

    `panel` has English in it; `whole` is the most that anybody fetches to talk: the loader with its longest sentence, the panel and
    the largest language. `opener` comes only where a page has a line beside the launcher, `later` after the panel.
    """

    loader: int
    panel: int
    largest_language: int
    whole: int
    opener: int
    later: dict[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor sees, in milliseconds; tasks are those from the tap until the panel and its later parts are there."""

    requests_before_interaction: int
    launcher_usable: float
    click_to_composer: float
    hovered_click_to_composer: float
    send_to_bubble: float
    render_400: float
    heap_after_1000_mb: float
    messages_kept: int
    longest_task: float
    longest_task_own_time: float
    openings_without_a_long_task: int
    layout_shift: float


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pages = [host_page("/host", TAG)]
        async with (
            served(Path(folder) / "log.db", free_port(), beside=pages) as desk,
            chromium() as browser,
        ):
            weight = await weigh(desk)
            fast = await visit(browser, desk, slow=False)
            slow = await visit(browser, desk, slow=True)
            reports = await policy_reports(browser, desk)
            found = await accessibility(browser, desk)
    print(table(weight, fast, slow, reports, found))
    figures = {
        "bytes": asdict(weight),
        "desktop": asdict(fast),
        "slow_phone": asdict(slow),
        "policy_reports": reports,
        "axe_findings": found,
        "axe_states": len(STATES) * 4,
        "load_average": round(os.getloadavg()[0], 1),  # what the times are worth
    }
    print(json.dumps(figures))


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


async def weigh(desk: Desk) -> Bytes:
    async with ClientSession(auto_decompress=False) as session:

        async def size(path: str, language: str = "en") -> int:
            headers = {"Accept-Encoding": "gzip", "Accept-Language": language}
            async with session.get(desk.url + path, headers=headers) as response:
                return len(await response.read())

        loader = max([await size("widget.js", language) for language in ("en", *LOCALES)])
        panel = await size("widget/panel.js")
        language = max([await size(f"widget/locales/{locale}.js") for locale in LOCALES])
        opener = await size("widget/opener.js")
        later = {name: await size(f"widget/later/{name}.js") for name in LATER}
    return Bytes(loader, panel, language, loader + panel + language, opener, later)


async def visit(browser: Browser, desk: Desk, *, slow: bool) -> Seen:
    visits = [await arrive(browser, desk, slow=slow, hover=False) for _ in range(VISITS)]
    requests, usable, cold = (statistics.median(each) for each in zip(*visits, strict=True))
    hovers = [await arrive(browser, desk, slow=slow, hover=True) for _ in range(VISITS)]
    held = [await held_up(browser, desk, slow=slow) for _ in range(VISITS)]
    longest, own = zip(*held, strict=True)
    page, _ = await page_on(browser, desk, slow=slow)
    await page.evaluate(OPENED)
    await page.wait_for_timeout(1_000)  # its frames, and the socket's first words
    shift = await page.evaluate("shift")
    answered = [await send(page, number) for number in range(SENDS)]
    await page.close()
    many = [await thousand(browser, desk, slow=slow) for _ in range(VISITS)]
    rendered, kept, heap = (statistics.median(each) for each in zip(*many, strict=True))
    return Seen(
        round(requests),
        round(usable, 1),
        round(cold),
        round(statistics.median(waited for _, _, waited in hovers)),
        round(statistics.median(answered)),
        round(rendered),
        round(heap / 1e6, 1),
        round(kept),
        round(statistics.median(longest)),
        round(statistics.median(own)),
        sum(task <= LONG for task in longest),
        round(shift, 4),
    )


async def page_on(browser: Browser, desk: Desk, *, slow: bool) -> tuple[Page, CDPSession]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.add_init_script(WATCH + WATCH_SHIFT)
    cdp = await context.new_cdp_session(page)
    if slow:
        await cdp.send("Network.enable")
        await cdp.send("Network.emulateNetworkConditions", SLOW_4G)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(desk.url + "host", wait_until="networkidle")
    return page, cdp


async def arrive(
    browser: Browser, desk: Desk, *, slow: bool, hover: bool
) -> tuple[int, float, float]:
    """Return the requests that the widget made by itself, the launcher's time and that from a click to the focused composer."""
    page, _ = await page_on(browser, desk, slow=slow)
    asked = await page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('widget')).length"
    )
    usable = await page.evaluate("usable")
    if hover:
        await page.get_by_role("button", name="Open the chat").hover()
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(1_000)
    waited = await page.evaluate(OPENED)
    await page.context.close()
    return int(asked), float(usable), float(waited)


async def held_up(browser: Browser, desk: Desk, *, slow: bool) -> tuple[float, float]:
    """Return the longest task after a tap, by the clock and in the thread's own time."""
    page, cdp = await page_on(browser, desk, slow=slow)
    async with traced(cdp) as tasks:
        await page.evaluate(OPENED)
        await page.wait_for_timeout(
            2_500
        )  # its frames, the socket's first words, and the later parts
    await page.context.close()
    return tasks.longest, tasks.longest_own


async def send(page: Page, number: int) -> float:
    """Return the milliseconds from Enter to the answer in the list."""
    await composer(page).fill(f"echo {number}")
    begun = time.perf_counter()
    await composer(page).press("Enter")
    await bubbles(page, "bot").nth(number).wait_for()
    return (time.perf_counter() - begun) * 1_000


async def thousand(browser: Browser, desk: Desk, *, slow: bool) -> tuple[float, int, float]:
    """Return how long a history of 400 takes, how many of 1,000 messages are kept, and the heap then, in bytes."""
    page, cdp = await page_on(browser, desk, slow=slow)
    made = await page.evaluate(MANY, 1_000)
    await cdp.send("HeapProfiler.collectGarbage")
    await cdp.send("Performance.enable")
    metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
    heap = next(metric["value"] for metric in metrics if metric["name"] == "JSHeapUsedSize")
    await page.context.close()
    return float(made["rendered"]), int(made["kept"]), float(heap)


async def policy_reports(browser: Browser, desk: Desk) -> int:
    """Return how often the strict policy of a page was broken by opening, talking and rating."""
    page, _ = await page_on(browser, desk, slow=False)
    await page.get_by_role("button", name="Open the chat").click()
    await send(page, 0)
    await page.get_by_role("button", name="This did not help").click()
    reports = await page.evaluate("violations.length")
    await page.context.close()
    return int(reports)


async def accessibility(browser: Browser, desk: Desk) -> int:
    """Return what axe finds in every state, light and dark, in both directions."""
    context = await browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page, found = await context.new_page(), 0
    for theme in ("light", "dark"):
        for locale in ("en", "ar"):
            for state in STATES:
                await show(page, desk.url, state, theme=theme, locale=locale)
                said = await complaints(page)
                found += len(said)
                for line in said:
                    print(f"{state}, {theme}, {locale}: {line}", file=sys.stderr)
    await context.close()
    return found


def table(weight: Bytes, fast: Seen, slow: Seen, reports: int, found: int) -> str:
    rows = [("", "desktop", "slow 4G, processor 4 x slower")]
    rows += [
        (name.replace("_", " "), value, asdict(slow)[name]) for name, value in asdict(fast).items()
    ]
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    lines.insert(1, "|---|---|---|")
    lines += [
        "",
        *(f"- {name.replace('_', ' ')}: {value:,} bytes" for name, value in named_bytes(weight)),
    ]
    lines += [
        f"- policy reports: {reports}",
        f"- axe findings in {len(STATES) * 4} states: {found}",
    ]
    return "\n".join(lines)


def named_bytes(weight: Bytes) -> list[tuple[str, int]]:
    each = asdict(weight)
    later = each.pop("later")
    return [*each.items(), *((f"later {name}", value) for name, value in later.items())]


async def scored(command: str) -> None:
    """Print Lighthouse's scores side by side."""
    pages = [lighthouse.page("/blank", ""), lighthouse.page("/with", TAG)]
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder) / "log.db", free_port(), beside=pages) as desk:
            found = await lighthouse.compared(command, f"{desk.url}blank", f"{desk.url}with")
    lines = ["| | blank page | with the widget |", "|---|---|---|"]
    lines += [f"| {name} | {blank} | {other} |" for name, (blank, other) in found.items()]
    print("\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lighthouse", metavar="COMMAND", help='such as "npx lighthouse"')
    asked = parser.parse_args()
    asyncio.run(scored(asked.lighthouse) if asked.lighthouse else main())
