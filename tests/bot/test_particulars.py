"""What in a text is one customer's own is found, and what says how things are is left alone."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import pytest

from bot.particulars import addressed, introduced, particulars, without
from bot.patterns import compiled

PATTERNS = {"order_number": compiled(r"PP-\d{6}")}


def masked(text: str, *names: str) -> str:
    return without(text, particulars(text, PATTERNS, names), lambda kind, _: f"[{kind}]")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hello Maren, PP-204817 is on its way.", "Hello [name], [order_number] is on its way."),
        ("Good morning Ms Okafor. It rains.", "Good morning [name]. It rains."),
        ("Write to piet.bakker@example.com.", "Write to [email]."),
        ("Call +49 170 1234567 or 0170.", "Call [phone] or 0170."),
        ("See https://track.example/p?id=PP-204817 now", "See [link] now"),
        ("See https://shop.example and /repair", "See https://shop.example and /repair"),
        ("IBAN DE89 3704 0044 0532 0130 00, please", "IBAN [number], please"),
        ("Parcel 1Z999AA10123456784 and card 4000 1234 5678 9010", "Parcel [number] and card [number]"),
        ("李女士，您的包裹明天到。", "[name]女士，您的包裹明天到。"),
        ("Sixty days, 60 days, €1,200, 5 to 8 days, 30°C, 2026.", "Sixty days, 60 days, €1,200, 5 to 8 days, 30°C, 2026."),
        ("Hello there, the Skipper 2 fits.", "Hello there, the Skipper 2 fits."),
    ],
)  # fmt: skip
def test_what_is_somebodys_own_is_found(text: str, left: str) -> None:
    assert masked(text) == left


def test_a_known_name_is_found_wherever_it_stands_and_only_as_a_word() -> None:
    assert masked("We asked Ann. Annual sale!", "Ann Lee") == "We asked [name]. Annual sale!"
    assert masked("王小明的订单", "王小明") == "[name]的订单"


@pytest.mark.parametrize(
    "text",
    [
        "It went to 12 Harbour Street, Cork.",
        "Wir senden es an die Lindenstraße 5.",
        "Send it to me, 1010 Wien",
        "寄到上海市南京路123号",
        "SW1A 1AA it is",
        "12 rue de la Paix",
    ],
)
def test_a_postal_address_is_known(text: str) -> None:
    assert addressed(text)


@pytest.mark.parametrize(
    "text", ["It takes 5 days on the road.", "Pay 20 euros, then 30.", "Our street is long."]
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not addressed(text)


def test_customers_say_what_they_are_called() -> None:
    said = ["Where is it?\nThanks, Emilia", "my name is John Smith, hello", "我叫王小明"]
    assert introduced(said) == ["Emilia", "John Smith", "王小明"]
