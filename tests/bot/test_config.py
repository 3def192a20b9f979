"""Configuration: what a wrong setting is called, and who wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import read_settings
from bot.refused import Refused
from bot.says import CHINESE, Says
from retrieval.learning import Learning


def written(folder: Path, toml: str) -> Path:
    file = folder / "desk.toml"
    file.write_text(toml, encoding="utf-8")
    return file


def test_the_defaults_are_enough(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "name = 'Shop'"))
    assert settings.port == 8080
    assert settings.says == Says()
    assert settings.greeting


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_PORT", "9999")
    monkeypatch.setenv("FRONTDESK_TELEGRAM_TOKEN", "123:abc")
    monkeypatch.setenv("FRONTDESK_SESSION_IDLE_HOURS", "3")
    toml = "name = 'Shop'\nport = 80\n[telegram]\nwebhook_url = 'https://desk.example'\n"
    settings = read_settings(written(tmp_path, toml))
    assert settings.port == 9999
    assert settings.telegram.token.get_secret_value() == "123:abc"
    assert settings.telegram.webhook_url == "https://desk.example"
    assert settings.session_idle_hours == 3
    assert "123:abc" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "seconds"), [("", None), ("90s", 90), ("5m", 300), (" 2 h", 7200), ("1d", 86400)]
)
def test_a_desk_promises_an_answer_within_some_time_or_none(
    tmp_path: Path, text: str, seconds: int | None
) -> None:
    toml = f"name = 'Shop'\n[console]\nanswer_within = '{text}'\n"
    within = read_settings(written(tmp_path, toml)).console.answer_within
    assert (within and within.total_seconds()) == seconds


def test_a_desk_says_how_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_LEARNING_KEEP", "3")
    toml = "name = 'Shop'\n[learning]\nrisk = 0.02\nmemory = 2000\n"
    learning = read_settings(written(tmp_path, toml)).learning
    assert learning == Learning(risk=0.02, memory=2000, keep=3)


def test_a_desk_speaks_chinese_and_keeps_its_own_sentences(tmp_path: Path) -> None:
    toml = "name = '店'\nlanguage = 'zh'\n[says]\nclarify = '哪个'\n"
    settings = read_settings(written(tmp_path, toml))
    assert settings.says.clarify == "哪个"
    assert settings.says.failed == CHINESE.failed


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("port = 1", "name"),
        ("name = 'x'\nport = 'http'", "port"),
        ("name = 'x'\nencoder = ''", "encoder"),
        ("name = 'x'\nport = 99999", "port"),
        ("name = 'x'\ncolour = 'red'", "colour is not a known setting"),
        ("name = 'x'\n[says]\nahoy = 'red'", "says.ahoy is not a known setting"),
        ("name = 'x'\n[telegram]\ntokn = '1'", "telegram.tokn is not a known setting"),
        ("name = 'x'\nlanguage = 'fr'", "language"),
        ("name = 'x'\nsession_idle_hours = 0", "session_idle_hours"),
        ("name = 'x'\n[patterns]\norder_number = '(a+)+'", "bounds"),
        ("name = 'x'\n[patterns]\norder_number = '(a{1,9}){1,9}'", "bounds"),
        ("name = 'x'\n[patterns]\norder_number = '['", "regular expression"),
        ('name = "x"\n[patterns]\n"order number" = "a"', "variable 'order number'"),
        ("name = 'x'\n[variables]\nname = 'Ada'", "variable 'name'"),
        ("name = 'x'\n[variables]\nphone = ''", "the variable phone is empty"),
        ("name = 'x'\n[patterns]\na = '1'\n[variables]\na = 'b'", "in patterns and in variables"),
        (
            "name = 'x'\ntime_zone = 'Mars'",
            "time_zone (or FRONTDESK_TIME_ZONE): there is no time zone",
        ),
        ("name = 'x'\npublic_url = 'ftp://x'", "public_url"),
        ("name = 'x'\n[learning]\nrisk = 5", "risk: a share between 0 and 1"),
        ("name = 'x'\n[learning]\nrisk = 'low'", "learning.risk"),
        ("name = 'x'\n[learning]\nrsik = 0.1", "learning.rsik is not a known setting"),
        ("name = 'x'\n[console]\nanswer_within = 'soon'", "console.answer_within"),
        ("name = 'x'\n[console]\nanswer_within = '0m'", 'write it like "90s", "5m"'),
        ("name = 'x'\n[console]\nanswer_within = 5", "5 is no duration"),
        ("name = 'x'\n[console]\nanswer_within = '31d'", "up to 30 days"),
        ("name =", "cannot be read"),
    ],
)
def test_a_bad_setting_is_reported_with_its_name(tmp_path: Path, toml: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings(written(tmp_path, toml))
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_secret_is_not_shown_where_it_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TELEGRAM", '{"token": ["geheim"]}')
    with pytest.raises(Refused) as refused:
        read_settings(written(tmp_path, "name = 'x'"))
    assert "telegram.token" in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_pattern_finds_whole_words_only(tmp_path: Path) -> None:
    toml = "name = 'x'\n[patterns]\norder_number = 'PP-\\d{6}'\n"
    words = read_settings(written(tmp_path, toml)).words
    assert words.known("", ["it is pp-123456."]) == {"order_number": "pp-123456"}
    assert words.known("", ["it is PP-1234567 or XPP-123456"]) == {}
    assert words.known("Ada", ["PP-111111", "no, PP-222222"])["order_number"] == "PP-222222"
    assert words.known("", ["订单PP-123456到哪了"]) == {"order_number": "PP-123456"}
    assert words.known("", ["注文PP-123456です"]) == {"order_number": "PP-123456"}
    assert words.known("", ["订单PP-1234567到哪了"]) == {}
