"""The Bot API client: settings that mask themselves, requests that keep quiet, errors in our words."""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import structlog
from telegram import Bot, Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.channel import ChannelError, Undeliverable
from bot.channels.telegram_words import Phrasebook
from bot.refused import Refused

TOKEN = re.compile(r"(?P<user_id>\d+):[\w-]+", re.ASCII)
SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)  # Bot API, setWebhook, secret_token
LOGGED = 200  # characters of an error; a proxy in between may answer with a whole page

logger = structlog.get_logger(__name__)


class TelegramRefused(Refused):
    """Telegram does not know the token, or the webhook cannot be made safe; only its owner can help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """
    How to reach Telegram and what to say there.

    Args:
        webhook_url: the public https address of our route; empty means polling.
        secret: what Telegram sends along to the webhook, 1 to 256 of A-Z, a-z, 0-9, _ and -.
        at_least_once: send again what may have arrived; else such a message is given up. Telegram takes no key against repeats.
        public_url: where customers reach the desk's page, empty where they do not.
        poll: seconds that one getUpdates may wait for news.
        first_wait, longest_wait: seconds; the n-th wait after a failure is uniform between 0 and
            `first_wait` * 2**n, at most `longest_wait`.
        album_settles: seconds without a further part after which an album counts as whole.
        fetch_within: seconds that one try to fetch a customer's file may take.
    """

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    webhook_url: str = ""
    secret: str = field(default="", repr=False)
    phrases: Phrasebook = field(default_factory=Phrasebook, repr=False)
    at_least_once: bool = True
    public_url: str = ""
    poll: int = 30
    first_wait: float = 0.5
    longest_wait: float = 30.0
    album_settles: float = 0.7
    fetch_within: float = 60.0

    @property
    def user_id(self) -> int:
        """The bot's own; the token begins with it. 0 for a token that is none."""
        match = TOKEN.fullmatch(self.token)
        return int(match["user_id"]) if match else 0

    def check(self) -> None:
        """
        Refuse what Telegram would refuse, before it is asked.

        Raises:
            TelegramRefused: the token or the webhook's secret is malformed.
        """
        if not TOKEN.fullmatch(self.token):
            raise TelegramRefused(
                "The Telegram token is malformed: it looks like 123456:ABC-DEF, as @BotFather gave it."
            )
        if self.webhook_url and not SECRET.fullmatch(self.secret):
            raise TelegramRefused(
                "The Telegram webhook needs a secret of 1 to 256 characters from A-Z, a-z, 0-9, _ and -."
            )


def quiet_logs() -> None:
    """
    Keep the token and what customers write out of the log; called once by the app.

    Telegram has the token in the path: httpx logs it at INFO (`HTTP Request: POST
    https://api.telegram.org/bot<token>/...`), httpcore and python-telegram-bot at DEBUG, and the latter
    whole messages too.
    """
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


def waits(settings: TelegramSettings, rng: Random) -> Iterator[float]:
    """Yield the seconds to wait after each failure in turn: full jitter, so that not all come back at once."""
    for failures in itertools.count():
        most = settings.first_wait * 2.0 ** min(failures, 20)
        yield rng.uniform(0, min(settings.longest_wait, most))


def client(settings: TelegramSettings) -> Bot:
    """Return the client, not connected yet."""
    # Without this opt-in the library warns of its own RetryAfter whenever Telegram asks for patience.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    shared = {"verify": _certificates(settings.base_url)}
    return Bot(
        settings.token or "none",  # Bot() itself refuses an empty one; check() has the better words
        settings.base_url,
        settings.base_url.removesuffix("/bot") + "/file/bot",
        request=_Request(httpx_kwargs=shared),
        get_updates_request=_Request(connection_pool_size=1, httpx_kwargs=shared),
    )


def _certificates(base_url: str) -> ssl.SSLContext:
    """Both pools share them: loading takes 60 ms. On plain http there are none, and https would fail."""
    if base_url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


class _Request(HTTPXRequest):
    """Reads answers without logging them, and sets aside updates that the library cannot read."""

    __slots__ = ()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(payload.decode(errors="replace"))
        except (ValueError, RecursionError):
            raise TelegramError("the answer is not JSON") from None
        if isinstance(answer.get("result"), list):
            answer["result"] = [_readable(item) for item in answer["result"]]
        return answer


def _readable(item: Any) -> Any:
    """
    Return an update, or only its id where the library cannot read the rest.

    The library reads a batch as a whole: one such update would come back for ever and keep all others.
    """
    if not isinstance(item, dict) or "update_id" not in item or read_update(item):
        return item
    logger.error("telegram update cannot be read, skipped", update_id=item["update_id"])
    return {"update_id": item["update_id"]}


def read_update(posted: Any) -> Update | None:
    """Return the update that `posted` describes, or none where it describes none."""
    if not isinstance(posted, dict):
        return None
    try:
        update = Update.de_json(posted)
    except Exception:  # noqa: BLE001 - the library has no error of its own for this
        return None
    return update if isinstance(update.update_id, int) else None


def in_our_words(error: TelegramError, token: str) -> ChannelError:
    """Return what the caller should make of `error`; the token is not in it."""
    what = plainly(error, token)
    match error:
        case BadRequest():  # a NetworkError for the library, but asking again changes nothing
            return Undeliverable(what)
        case Forbidden() | ChatMigrated():
            return Undeliverable(what)
        case _:
            return ChannelError(what, retry_after=asked_wait(error))


def plainly(error: TelegramError, token: str) -> str:
    """Return the message of `error` for the log."""
    return f"{type(error).__name__}: {error}".replace(token or "\0", "***")[:LOGGED]


def is_uncertain(error: TelegramError) -> bool:
    """Whether Telegram may have done what it was asked although no answer came."""
    before = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    cut_off = isinstance(error, NetworkError) and isinstance(error.__cause__, httpx.HTTPError)
    return cut_off and not isinstance(error.__cause__, before)


def asked_wait(error: TelegramError) -> float:
    """Return the seconds that Telegram asks us to wait; the library gives them in either unit."""
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
