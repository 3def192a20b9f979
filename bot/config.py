"""
A desk's configuration: read once, from desk.toml and the environment, which wins.

Every setting has its name in the environment: `port` is FRONTDESK_PORT, `telegram.token` FRONTDESK_TELEGRAM_TOKEN.
How sure is sure is not set here: thresholds belong to the Release.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from datetime import date, timedelta, tzinfo
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.channels.web_face import LOCALES
from bot.dialogue import Words
from bot.hours import DAYS, hours, spans
from bot.hours import Hours as Week
from bot.pages.addresses import Allowed
from bot.patience import Limits
from bot.patterns import bounded, compiled
from bot.phrasing import refused
from bot.refused import Refused
from bot.report.mail import MailServer, Security, password_in
from bot.report.week import Moment
from bot.says import CHINESE, Says
from retrieval.learning import Learning
from retrieval.pretrained import DEFAULT
from retrieval.variables import VARIABLES, Variables, refuse_unusable

SECRET = 32  # bytes of a secret that signs by HS256 at least; RFC 7518, section 3.2
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PREFIX = "FRONTDESK_"
LONGEST_PROMISE = timedelta(days=30)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
GREETINGS = {"en": "Hello! What can I do for you?", "zh": "您好！请问有什么可以帮您？"}  # noqa: RUF001 - Chinese has its own punctuation


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(text)) for text in texts)
    except ValueError as error:
        raise ValueError(
            f"{error}; write addresses and networks, 127.0.0.1 or 10.0.0.0/8"
        ) from error


def _locales(names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in names if name not in LOCALES]:
        raise ValueError(f"the widget does not speak {unknown[0]!r}; it has {', '.join(LOCALES)}")
    return names


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # a folder of zones is none, nor is a path
        raise ValueError(f"there is no time zone {name!r}; write it like Europe/Berlin") from error
    return name


def _duration(text: object) -> timedelta | None:
    if text == "":
        return None
    match = re.fullmatch(r"\s*(\d{1,6})\s*([smhd])\s*", text) if isinstance(text, str) else None
    found = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < found <= LONGEST_PROMISE:
        raise ValueError(
            f'{text!r} is no duration up to {LONGEST_PROMISE.days} days; write it like "90s", "5m", "2h" or "1d"'
        )
    return found


def _moment(text: object) -> Moment | None:
    if text == "":
        return None
    return text if isinstance(text, Moment) else Moment.of(str(text))


def _address(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", text):
        raise ValueError(f"{text!r} is no mail address; write it like ann@shop.example")
    return text


Pattern = Annotated[str, AfterValidator(bounded)]
Duration = Annotated[timedelta | None, BeforeValidator(_duration)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Telegram(_Section):
    """Off without a token. `texts` replaces what the channel says by itself. See docs/telegram.md."""

    token: SecretStr = SecretStr("")
    webhook_url: str = ""
    secret: SecretStr = SecretStr("")
    base_url: str = "https://api.telegram.org/bot"
    texts: dict[str, str] = {}
    delivery: Literal["at_least_once", "at_most_once"] = "at_least_once"


class Pages(_Section):
    """Where pages may be fetched from; see bot/pages/addresses.py."""

    allowed_hosts: tuple[str, ...] = ()

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        Allowed.of(hosts)
        return hosts


class Lookup(_Section):
    """Where forms may ask, and what their calls are signed with."""

    secret: SecretStr = SecretStr("")
    hosts: tuple[str, ...] = ()


class Console(_Section):
    """What the operators' console is told; see docs/console.md."""

    # How long a customer who waits for a person's words should wait at most, while people are there; None: nobody promises anything.
    answer_within: Duration = None


class Alerts(_Section):
    """Who is told when something rises beyond its season; see docs/alerts.md."""

    webhook: str = ""  # its host stands in [lookup] hosts
    telegram_chat: int = 0


class Waiting(_Section):
    """What is done by itself while a customer waits for a person, and after how long; see docs/handover.md. "" is never."""

    too_long: Duration = timedelta(minutes=5)  # nobody has come: the customer is told once
    gone: Duration = timedelta(minutes=10)  # an operator is not there any more: it waits for all
    hand_back: Duration = None  # nobody says anything any more: the bot goes on
    online: Duration = None  # whoever was seen so long ago is there; "": nobody is looked for

    @property
    def limits(self) -> Limits:
        """How long is too long."""
        return Limits(self.too_long, self.gone, self.hand_back)


class Mail(_Section):
    """The mail server that the desk sends through; off without a host. See docs/report.md."""

    host: str = Field(default="", max_length=255)
    port: int = Field(default=587, ge=1, le=65535)
    security: Security = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")  # from the environment alone
    password_file: str = ""
    sender: Annotated[str, AfterValidator(_address)] = ""

    @model_validator(mode="after")
    def _can_send(self) -> Mail:
        if self.host and not self.sender:
            raise ValueError("sender: say whom mails are from: desk@shop.example")
        if self.user and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(
                "security: a password goes to another machine under starttls or tls only"
            )
        return self

    def server(self, folder: Path) -> MailServer:
        """
        Return the server as it is reached; a file of the password is named from the desk's folder.

        Raises:
            MailRefused: that file cannot be read.
        """
        secret = self.password.get_secret_value()
        if self.password_file and not secret:
            secret = password_in(folder / self.password_file)
        return MailServer(self.host, self.port, self.security, self.user, secret)


class Report(_Section):
    """Who gets the weekly report by mail, and when; see docs/report.md."""

    at: Annotated[Moment | None, BeforeValidator(_moment)] = None  # "monday 08:00", by time_zone
    to: tuple[Annotated[str, AfterValidator(_address)], ...] = ()


class Hours(_Section):
    """When people answer; see bot/hours.py. Without a day, somebody is always there."""

    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""
    closed: tuple[date, ...] = ()

    @field_validator(*DAYS)
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        spans(text)
        return text

    def week(self, zone: tzinfo) -> Week:
        """Return the hours at a place."""
        return hours({day: getattr(self, day) for day in DAYS}, self.closed, zone)


class Greeting(_Section):
    """The widget's greeting on some pages of the host's site."""

    path: Line  # /pricing*
    greeting: Annotated[str, Field(min_length=1, max_length=1000)]


class Widget(_Section):
    """What visitors see before anybody has said anything; see docs/embedding.md."""

    locales: Annotated[
        tuple[str, ...], AfterValidator(_locales)
    ] = ()  # empty: those of the desk's language
    starters: Annotated[tuple[Line, ...], Field(max_length=6)] = ()
    openers: tuple[Greeting, ...] = ()


class Identity(_Section):
    """Visitors who are signed in on the company's own site; off without a secret. See docs/embedding.md."""

    secret: SecretStr = SecretStr("")
    audience: str = Field(
        default="", max_length=200
    )  # that the tokens name; the desk's name where it is empty

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < SECRET:
            raise ValueError(
                f"it must have at least {SECRET} bytes; make one with: openssl rand -hex 32"
            )
        return secret


class Phrasing(_Section):
    """A language model that phrases what pages say; off without a url. See docs/knowledge.md."""

    url: str = ""  # the base of an interface like OpenAI's: http://127.0.0.1:11434/v1
    model: str = ""
    key: SecretStr = SecretStr("")
    timeout: float = Field(default=8.0, gt=0, le=60)  # seconds

    @model_validator(mode="after")
    def _can_be_asked(self) -> Phrasing:
        if self.url and (why := refused(self.url)):
            raise ValueError(f"url: {why}")
        if self.url and not self.model:
            raise ValueError("model: name the model that the server at url is to use")
        return self


class Settings(BaseSettings):
    """What a desk is told; see the module."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
    )

    name: Line
    language: Literal["en", "zh", "multi"] = "en"
    encoder: Annotated[str, Field(min_length=1)] = DEFAULT  # that the desk's Releases learn from
    greeting: str = Field(default="", max_length=1000)
    says: Says = Says()
    page: Literal["shop", "plain"] = "plain"
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: Annotated[tuple[str, ...], AfterValidator(_networks)] = ()
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    telegram: Telegram = Telegram()
    pages: Pages = Pages()
    api_key: SecretStr = SecretStr("")
    patterns: dict[str, Pattern] = {}
    lookup: Lookup = Lookup()
    alerts: Alerts = Alerts()
    phrasing: Phrasing = Phrasing()
    identity: Identity = Identity()
    console: Console = Console()
    hours: Hours = Hours()
    waiting: Waiting = Waiting()
    mail: Mail = Mail()
    report: Report = Report()
    widget: Widget = Widget()
    learning: Learning = Learning()
    variables: dict[str, Annotated[str, Field(max_length=1000)]] = {}
    time_zone: Zone = "UTC"
    public_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$", max_length=200)
    session_idle_hours: float = Field(default=12.0, gt=0, le=24 * 30)
    probation: bool = True  # a new champion that does worse with customers is rolled back by itself

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what is passed in, which is desk.toml."""
        return env_settings, init_settings

    @model_validator(mode="before")
    @classmethod
    def _speak_the_language(cls, given: dict[str, Any]) -> dict[str, Any]:
        chinese = given.get("language") == "zh"
        says = given.get("says", {})
        if chinese and isinstance(says, dict):
            given = {**given, "says": asdict(CHINESE) | says}
        greeting = given.get("greeting") or GREETINGS["zh" if chinese else "en"]
        return {**given, "greeting": greeting}

    @model_validator(mode="after")
    def _variables_are_usable(self) -> Settings:
        refuse_unusable(self.patterns, self.variables)
        return self

    @model_validator(mode="after")
    def _report_can_be_sent(self) -> Settings:
        if self.report.at and not (self.report.to and self.mail.host):
            raise ValueError(
                "report.at needs somebody in report.to and a server in mail.host, or nobody gets the report"
            )
        return self

    @property
    def locales(self) -> tuple[str, ...]:
        """What the widget may speak with this desk's visitors, the usual one first."""
        own = {"en": ("en",), "zh": ("zh-Hans", "zh-Hant"), "multi": LOCALES}
        return self.widget.locales or own[self.language]

    @property
    def known(self) -> Variables:
        """What the answers of this desk may say."""
        return Variables(VARIABLES | self.patterns.keys(), self.variables)

    @property
    def words(self) -> Words:
        """The desk's sentences and patterns; a match never begins or ends within a word."""
        return Words(
            says=self.says,
            patterns={variable: compiled(pattern) for variable, pattern in self.patterns.items()},
            constants=self.variables,
            zone=ZoneInfo(self.time_zone),
            language="" if self.language == "multi" else self.language,
            files_at=self.public_url.rstrip("/"),
        )


def read_settings(file: Path) -> Settings:
    """
    Read a desk's configuration.

    Raises:
        Refused: naming the setting that is wrong, and why.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused(
            f"There is no {file}; make a desk with: frontdesk init {file.parent}"
        ) from error
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Refused(f"{file} cannot be read: {error}.") from error
    if "password" in _table(given, "mail"):
        raise Refused(
            f"{file}: mail.password does not belong in a file that people read: give it as {PREFIX}MAIL_PASSWORD, "
            "or name a file of its own in mail.password_file."
        )
    try:
        return Settings(**given)
    except ValidationError as error:
        raise Refused(f"{file}: {_sentence(error)}") from None  # its text shows what was given
    except ValueError as error:  # an environment variable of a section that is not JSON
        raise Refused(f"The environment ({PREFIX}...): {error}.") from error


def _table(given: dict[str, Any], name: str) -> dict[str, Any]:
    found = given.get(name)
    return found if isinstance(found, dict) else {}


def _sentence(error: ValidationError) -> str:
    first, *others = error.errors(include_url=False, include_input=False)
    setting = ".".join(str(part) for part in first["loc"])
    what = (
        f"{setting} is not a known setting" if _is_unknown(first["type"]) else first["msg"]
    ).removeprefix("Value error, ")
    name = PREFIX + setting.replace(".", "_").upper()
    place = "" if not setting or _is_unknown(first["type"]) else f"{setting} (or {name}): "
    more = f" ({len(others)} more)" if others else ""
    return f"{place}{what}{more}."


def _is_unknown(kind: str) -> bool:
    return kind in {"extra_forbidden", "unexpected_keyword_argument"}
