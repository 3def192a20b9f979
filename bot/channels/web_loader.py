"""
The loader's one sentence, in the language of whoever fetches it. Pure.

Where the panel cannot be fetched, the launcher has to say so, and nothing that it would say it with can be fetched either. Twelve languages are
more than the loader has room for: it carries the one that the browser asks for, as browsers show their own pages about lost connections.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from bot.channels.web_face import LOCALES, spoken

LOST: Mapping[str, str] = MappingProxyType(
    {
        "en": "No connection. Please try again.",
        "ar": "لا يوجد اتصال. يُرجى المحاولة مرة أخرى.",
        "de": "Keine Verbindung. Bitte noch einmal versuchen.",
        "es": "Sin conexión. Inténtelo de nuevo.",
        "fr": "Pas de connexion. Veuillez réessayer.",
        "he": "אין חיבור. נא לנסות שוב.",
        "hi": "कनेक्शन नहीं है। फिर कोशिश करें।",
        "ja": "接続できません。再度お試しください。",
        "pt": "Sem conexão. Tente novamente.",
        "ru": "Нет связи. Попробуйте ещё раз.",
        "zh-Hans": "无法连接。请重试。",
        "zh-Hant": "無法連線。請再試一次。",
    }
)


def loader_in(locale: str, script: str) -> str:
    """Return the loader with its sentence in one of the widget's locales."""
    said = json.dumps(LOST[locale], ensure_ascii=False)
    return script.replace(json.dumps(LOST["en"]), said, 1)


def wished(accepted: str) -> str:
    """Return the locale of the widget's that an `Accept-Language` header asks for first, English where it asks for none of them."""
    wishes = [_weighed(part) for part in accepted.split(",")]
    wishes.sort(key=lambda wish: -wish[1])  # equals keep their order
    known = (spoken(tag, LOCALES) for tag, weight in wishes if weight > 0)
    return next(filter(None, known), "en")


def _weighed(part: str) -> tuple[str, float]:
    """Return a tag of an `Accept-Language` header with its weight, 1 where it has none (RFC 9110, section 12.5.4)."""
    tag, _, weight = part.partition(";")
    name, _, value = weight.strip().partition("=")
    try:
        return tag.strip(), float(value) if name == "q" else 1.0
    except ValueError:
        return tag.strip(), 0.0
