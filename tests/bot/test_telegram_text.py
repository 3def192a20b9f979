"""What the bot says, checked by a parser as strict as Telegram's."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_buttons import (
    MAX_DATA,
    Asking,
    Button,
    Choosing,
    Rating,
    Rows,
    Setting,
    after,
    buttons,
    expired,
    own_data,
    read_button,
    reasons,
    settings,
    sure,
)
from bot.channels.telegram_text import MAX_TEXT, MAX_URL, parts
from bot.channels.telegram_words import LANGUAGES, texts_in
from conversations.events import ActionKind, Choice, Decided, Thumb
from tests.fakes.telegram_answers import answer
from tests.fakes.telegram_html import CannotParse, Entity, parse, units

WRITTEN = st.text(alphabet=st.sampled_from("ab *_<>&/\n.!。退款😀\ud800\0"), max_size=300)


def decision(
    action: ActionKind = ActionKind.REPLY, choices: tuple[Choice, ...] = (), message_id: str = "m1"
) -> Decided:
    return Decided(
        message_id=message_id, in_reply_to="u1", action=action, text="Hello", choices=choices
    )


def bare(text: str) -> str:
    """A text without what may be markup or a border."""
    return "".join(text.translate(str.maketrans("", "", "*_`")).split())


@given(WRITTEN, st.integers(1, 60))
def test_telegram_can_parse_whatever_the_bot_says_and_shows_all_of_it(
    text: str, times: int
) -> None:
    said = parts(text * times)
    seen = [parse(part.html)[0] for part in said]
    assert seen == [part.plain for part in said]
    assert all(0 < units(each) <= MAX_TEXT for each in seen)
    shown = (text * times).replace("\ud800", "\ufffd").replace("\0", "")
    assert bare("".join(seen)) == bare(shown)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("**bold** and not", "<b>bold</b> and not"),
        ("a < b & **c > d**", "a &lt; b &amp; <b>c &gt; d</b>"),
        ("one **left open", "one **left open"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("**over\nlines**", "**over\nlines**"),
        ("*so* _so_, snake_case_too, 2 * 3 * 4", "<i>so</i> <i>so</i>, snake_case_too, 2 * 3 * 4"),
        ("type `a<b`", "type <code>a&lt;b</code>"),
        (
            '[the "page"](https://a.b/?c=1&d="2")',
            '<a href="https://a.b/?c=1&amp;d=&quot;2&quot;">the "page"</a>',
        ),
        ("[no](javascript:alert(1)) [](https://a.b)", "[no](javascript:alert(1)) [](https://a.b)"),
        ("https://a.b/_x_/y_z_", "https://a.b/_x_/y_z_"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('it\'s "quoted"', 'it\'s "quoted"'),
    ],
)
def test_markup_becomes_tags_and_the_rest_is_escaped(text: str, html: str) -> None:
    assert [part.html for part in parts(text)] == [html]


@pytest.mark.parametrize("text", ["", "  \n ", "\0"])
def test_a_blank_text_has_no_parts(text: str) -> None:
    assert parts(text) == ()


@pytest.mark.parametrize("border", ["\n\n", "\n", ". ", "。", " "])
def test_a_long_text_is_cut_at_the_best_border(border: str) -> None:
    first, second = "a" * 3000, "b" * 3000
    said = [part.plain for part in parts(first + border + second)]
    assert said == [first + border.strip(), second]


def test_paragraphs_are_kept_together_where_they_fit() -> None:
    text = "\n\n".join(["One sentence. " * 100] * 5)
    assert all(part.plain.count("One sentence.") % 100 == 0 for part in parts(text))


def test_a_text_of_emoji_is_counted_as_telegram_counts() -> None:
    said = parts("😀" * 4096)
    assert [units(part.plain) for part in said] == [MAX_TEXT, MAX_TEXT]


def test_a_bold_span_is_not_torn_where_it_fits_into_one_message() -> None:
    said = parts("word " * 800 + "**" + "bold " * 40 + "end**")
    assert [part.html.count("<b>") for part in said] == [0, 1]


def test_a_bold_span_longer_than_a_message_stays_bold_in_each() -> None:
    said = parts("**" + "x" * 9000 + "**")
    assert len(said) == 3
    assert all(part.html == f"<b>{part.plain}</b>" for part in said)


@pytest.mark.parametrize("endless", ["**a ", "*a ", "_a ", "`a", "[", "[a ", "[a](http://", "****"])
def test_markup_without_end_takes_no_time(endless: str) -> None:
    assert parts(endless * 20_000)


def test_an_address_longer_than_telegram_takes_is_no_link() -> None:
    (long,) = parts(f"[here](https://a.b/{'c' * MAX_URL})")
    assert "<a" not in long.html


def test_telegram_parses_a_thousand_answers_and_shows_what_they_say() -> None:
    rng = Random(12)  # noqa: S311 - makes up answers, guards nothing
    for _ in range(1000):  # `make bench-telegram` has ten times as many
        said = parts(answer(rng))
        shown = [parse(part.html)[0] for part in said]
        assert shown == [part.plain for part in said]
        assert all(0 < units(text) <= MAX_TEXT for text in shown)


@given(st.text(min_size=1, max_size=80), st.lists(st.text(max_size=20), max_size=12))
def test_every_button_fits_and_is_read_back(message_id: str, labels: list[str]) -> None:
    message_id = message_id.encode(errors="replace").decode()
    choices = tuple(Choice(label, f"intent-{n}") for n, label in enumerate(labels))
    for row in buttons(decision(choices=choices, message_id=message_id)):
        for button in row:
            assert len(button.data.encode()) <= MAX_DATA
            match read_button(button.data):
                case Choosing(index, of):
                    assert (labels[index], message_id) == (button.label, of)
                case Rating(value, of):
                    assert (value is Thumb.UP, message_id) == (button.label == "👍", of)
                case other:
                    pytest.fail(f"{button} is read back as {other}")


@given(st.uuids(), st.sampled_from(sorted(LANGUAGES)), st.booleans())
def test_every_button_of_the_channel_s_own_fits_and_is_read_back(
    message_id: UUID, language: str, suggestions: bool
) -> None:
    texts = texts_in(language)
    own: Rows = (
        *settings(texts, language, suggestions=suggestions),
        *own_data(texts),
        *sure(texts),
        *reasons(message_id.hex, texts),
        *expired(texts),
    )
    for button in (button for row in own for button in row):
        assert 1 <= len(button.data.encode()) <= MAX_DATA
        assert 1 <= len(button.label) <= 64
        assert read_button(button.data) is not None
    chosen = read_button(settings(texts, language, suggestions=suggestions)[-1][0].data)
    assert chosen == Setting(suggestions=not suggestions)
    assert read_button(sure(texts)[0][0].data) == Asking("sure")


def test_what_was_tapped_stays_to_be_seen() -> None:
    shown: Rows = ((Button("One", "c:0:m"),), (Button("Two", "c:1:m"),), (Button("👍", "u:m"),))
    left = after(shown, Choosing(1, "m"), "c:1:m", texts_in("en"))
    assert [[button.label for button in row] for row in left] == [["✓ Two"], ["👍"]]


def test_thumbs_are_under_replies_only() -> None:
    shown = {action: buttons(decision(action)) for action in ActionKind}
    assert [action for action, rows in shown.items() if rows] == [ActionKind.REPLY]
    assert [[b.label for b in row] for row in shown[ActionKind.REPLY]] == [["👍", "👎"]]


@pytest.mark.parametrize(
    "data", ["", "u", "u:", "x:m1", "c:m1", "c:-1:m1", "c:²:m1", "c::m1", "c:1:"]
)
def test_foreign_data_is_no_button(data: str) -> None:
    assert read_button(data) is None


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<b>x", "Can't find end tag corresponding to start tag b"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("é<script>", 'Unsupported start tag "script" at byte offset 2'),
        ("a < b", "Unclosed start tag at byte offset 2"),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
    ],
)
def test_the_strict_parser_refuses_in_telegrams_words(html: str, why: str) -> None:
    with pytest.raises(CannotParse, match="Bad Request: can't parse entities: ") as refused:
        parse(html)
    assert str(refused.value).endswith(why)


def test_the_strict_parser_counts_entities_in_utf_16() -> None:
    text, entities = parse('😀 <b>a &amp; b</b> <a href="https://a.b">c</a>')
    assert text == "😀 a & b c"
    assert entities == (Entity("bold", 3, 5), Entity("text_link", 9, 1, "https://a.b"))
