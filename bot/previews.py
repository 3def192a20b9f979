"""
What an answer looks like before anybody gets it: each of its wordings as the web and as Telegram show it, with its variables filled in.

Variables that are perhaps known are shown twice: filled in with an example, and missing, as for a customer who has not said them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers import Unsavable
from bot.channels.telegram_text import MAX_TEXT, parts
from retrieval.template_files import template_of
from retrieval.templates import Template, TemplateError
from retrieval.variables import CUSTOMER, Variables
from retrieval.variants import Occasion

NAMED = "Ada"  # the customer of the example
TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True)
class Preview:
    """
    One wording, empty channel and language for the one that holds everywhere.

    `web` is the text with its marks, `telegram` the messages that it becomes, each as plain text; `bare` is the text where nothing is known of
    the customer, empty where it is the same, or where the answer is not given then. Under it stand `quick_replies`, the buttons, and what is attached.
    """

    channel: str
    language: str
    web: str
    telegram: tuple[str, ...]
    bare: str
    quick_replies: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        lengths = [len(text.encode("utf-16-le")) // 2 for text in self.telegram]
        return {
            "channel": self.channel,
            "language": self.language,
            "web": self.web,
            "telegram": [
                {"text": text, "length": n, "most": MAX_TEXT}
                for text, n in zip(self.telegram, lengths, strict=True)
            ],
            "bare": self.bare,
            "quick_replies": list(self.quick_replies),
            "attachments": list(self.attachments),
        }


def previews(row: Mapping[str, Any], variables: Variables) -> list[Preview]:
    """
    Return every wording of an answer, the one for everybody first.

    Args:
        row: its fields, as in a template file.

    Raises:
        Unsavable: it cannot be an answer; the sentence says why, and what to write instead.
    """
    try:
        template = template_of({**row, "id": str(row.get("id") or "new")}, "the answer")
        template.check(variables)
        occasions = [Occasion(), *(Occasion(v.channel, v.language) for v in template.variants)]
        return [_preview(template, occasion, variables) for occasion in occasions]
    except TemplateError as error:
        raise Unsavable(f"This cannot be saved: {str(error).rstrip('.')}.") from error


def _preview(template: Template, occasion: Occasion, variables: Variables) -> Preview:
    examples = {name: NAMED if name == CUSTOMER else f"[{name}]" for name in variables.perhaps}
    web = template.render({**variables.constants, **examples}, occasion)
    bare = "" if template.needs else template.render(variables.constants, occasion)
    return Preview(
        occasion.channel,
        occasion.language,
        web if occasion.channel != TELEGRAM else "",
        tuple(part.plain for part in parts(web)) if occasion.channel in ("", TELEGRAM) else (),
        bare if bare != web else "",
        tuple(one.label for one in template.wording(occasion).quick_replies),
        tuple(one.name for one in template.attachments),
    )
