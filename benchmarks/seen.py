"""
Seen: how soon operators see what they look at, in a real browser, at a desk of 50,000 conversations and 1,000,000 messages.

The desk of `benchmarks.office` is served with the demo shop's Release. Timed in a headless Chromium by the page's own clock, from where the wait
begins to the first frame that has it: the first row of the inbox after an address was opened, the figures and the chart of the numbers, and a
customer's new words in a conversation that is open, from when they were sent to the server.

    python -m benchmarks.seen --folder DIR --desk DEMO      DIR as for benchmarks.office; DEMO a trained demo desk, else one is trained first
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Page

from benchmarks.office import CONVERSATIONS, seeded
from benchmarks.served import Server, trained
from benchmarks.widget import chromium
from bot.desk import Desk
from tests.bot.console_desk import LAPTOP, PEOPLE, sign_in, staff

TIMES = 30  # of each
LOADING = 600_000  # milliseconds; the views are made once
AIMS = {"inbox": 400.0, "numbers": 400.0, "message": 500.0}  # milliseconds, p95
PERIOD = "?from=2026-10-03&to=2026-11-01"  # the last thirty days that the desk has
# Notes when something is there and on the screen: `seen(selector, words)` is asked for in each document before its own scripts run.
WATCH = """
globalThis.seen = (selector, words = "") => new Promise((done) => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.matches(selector) && one.textContent.includes(words)) return one;
      const within = one.shadowRoot && find(one.shadowRoot);
      if (within) return within;
    }
    return null;
  };
  const look = () => (find(document) ? requestAnimationFrame(() => setTimeout(() => done({ since: performance.now(), at: Date.now() }))) : requestAnimationFrame(look));
  look();
});
"""


@dataclass(frozen=True, slots=True)
class Row:
    """How long something took to be seen, milliseconds."""

    kind: str
    what: str
    p50: float
    p95: float

    @classmethod
    def of(cls, kind: str, what: str, times: Sequence[float]) -> Row:
        ordered = sorted(times)
        return cls(kind, what, ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="how soon operators see what they look at")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    parser.add_argument("--desk", type=Path, help="a demo desk that is trained already")
    options = parser.parse_args(arguments)
    desk = seeded(options.folder, options.conversations)
    with tempfile.TemporaryDirectory() as folder:
        _serve_with(desk, trained(Path(folder) / "shop", options.desk))
        rows = asyncio.run(measured(desk))
    held = all(row.p95 <= AIMS[row.kind] for row in rows)
    print(f"load average of the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n")  # fmt: skip
    print(table(rows))
    print(json.dumps({"bench": "seen", "held": held}))
    sys.exit(0 if held else 1)


def _serve_with(desk: Desk, shop: Path) -> None:
    """Let the desk serve with a shop's Release, and four people sign in."""
    for name in ("releases", "champion"):
        (desk.folder / name).unlink(missing_ok=True)
    (desk.folder / "releases").symlink_to((shop / "releases").resolve())
    (desk.folder / "champion").symlink_to(Path("releases") / (shop / "champion").resolve().name)
    if not desk.staff.exists():
        staff(desk)


async def measured(desk: Desk) -> list[Row]:
    """Return what was timed."""
    server = Server.of(desk.folder)
    await server.start()
    try:
        async with chromium() as browser:
            page = await browser.new_page(viewport=LAPTOP)
            await page.add_init_script(WATCH)
            page.set_default_timeout(LOADING)
            await page.goto(f"{server.url}/console/inbox")
            await sign_in(page, next(iter(PEOPLE)))
            await page.evaluate("seen('a.row')")  # the views are made by then
            inbox, numbers = "/console/inbox", f"/console/numbers{PERIOD}"
            return [
                Row.of("inbox", "first rows, waiting", await _opened(page, server, inbox, "a.row")),
                Row.of("inbox", "first rows, all", await _opened(page, server, f"{inbox}?state=all", "a.row")),
                Row.of("numbers", "chart of 30 days", await _opened(page, server, numbers, "canvas")),
                Row.of("message", "new words of a customer", await _written(page, server)),
            ]  # fmt: skip
    finally:
        await server.stop()


async def _opened(page: Page, server: Server, path: str, selector: str) -> list[float]:
    """Return how long after each opening of an address the first of it was on the screen."""
    times = []
    for _ in range(TIMES + 1):
        await page.goto("about:blank")
        await page.goto(server.url + path, wait_until="commit")
        seen = await page.evaluate(f"seen('{selector}')")
        times.append(seen["since"])
    return times[1:]  # the first one fills the browser's cache


async def _written(page: Page, server: Server) -> list[float]:
    """Return how long after they were sent a customer's words stood in the conversation that is open."""
    async with ClientSession() as session:

        async def say(text: str) -> dict[str, str]:
            body = {"visitor": f"seen-{os.getpid()}", "text": text}
            async with session.post(f"{server.url}/api/v1/messages", json=body) as response:
                response.raise_for_status()
                return dict(await response.json())

        about = (await say("I want to talk to a person"))["conversation_id"]
        await page.goto(f"{server.url}/console/inbox/{about}")
        await page.evaluate("seen('[role=log]', 'talk to a person')")
        times = []
        for number in range(TIMES):
            words = f"still here, number {number}"
            waiting = asyncio.create_task(page.evaluate("words => seen('[role=log]', words)", words))  # fmt: skip
            await asyncio.sleep(0.2)  # it looks by then
            begun = datetime.now(UTC).timestamp() * 1000
            await say(words)
            times.append((await waiting)["at"] - begun)
        return times


def table(rows: Sequence[Row]) -> str:
    """Return the Markdown table."""
    lines = [f"| {row.kind} | {row.what} | {row.p50:.0f} | {row.p95:.0f} | {AIMS[row.kind]:.0f} |" for row in rows]  # fmt: skip
    return "\n".join(["| | what | p50 ms | p95 ms | at most |", "|---|---|---|---|---|", *lines])


if __name__ == "__main__":
    main()
