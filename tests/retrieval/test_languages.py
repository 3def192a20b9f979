"""Which language a message is in: by its letters, then by a model that needs no network."""

from __future__ import annotations

import socket

import pytest

from retrieval import languages
from retrieval.languages import UNKNOWN, guesses, language, told

KNOWN = ["de", "en", "es", "ja", "ko", "zh"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where is my parcel? It should have been here on Monday.", "en"),
        ("¿Dónde está mi paquete? Lo esperaba el lunes.", "es"),
        ("Mein Paket ist immer noch nicht da, können Sie nachsehen?", "de"),
        ("我的包裹到哪儿了", "zh"),
        ("退货", "zh"),
        ("我的 VIP card 怎么用", "zh"),
        ("荷物はどこですか", "ja"),
        ("택배가 어디에 있나요", "ko"),
        ("??? 123", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_message_is_in_a_language(text: str, code: str) -> None:
    assert language(text, KNOWN) == code


def test_only_the_desks_languages_are_named() -> None:
    assert language("no, gracias", ["de", "es"]) == "es"
    assert language("荷物はどこですか", ["en", "zh"]) == UNKNOWN
    assert (
        language("返品方法", ["en", "ja"]) == "ja"
    )  # no kana, and still Japanese where nobody writes Chinese


def test_guesses_are_shares_the_likeliest_first() -> None:
    found = guesses("Where is my parcel? It should have been here on Monday.")
    assert found[0].code == "en"
    assert found[0].share > 0.5
    assert [g.share for g in found] == sorted((g.share for g in found), reverse=True)


def test_no_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    languages._model.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert language("Wann kommt mein Paket endlich an?", ["de", "en"]) == "de"


def test_a_desk_that_is_ready_has_read_the_model() -> None:
    languages._model.cache_clear()
    languages.get_ready()
    assert languages._model()._models


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wo bleibt meine Bestellung?", "de"),
        ("¿Cuánto tarda el envío a España?", "es"),
        ("怎么退货", "zh"),
        ("退货", UNKNOWN),
        ("注文はどこですか", "ja"),
        ("im done here, byee", UNKNOWN),
        ("PP-204817", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_message_that_is_too_short_to_tell_tells_no_language(text: str, code: str) -> None:
    assert told(text) == code
