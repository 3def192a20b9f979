"""Liquid as answers may use it: what runs on, reads or takes apart is refused in a sentence, and in no time."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.sandbox import MAX_SOURCE, LiquidText, Unfit
from retrieval.templates import Template, TemplateError
from retrieval.variables import VARIABLES

BOUND = 2.0  # seconds, of which some 0.05 are needed; the rest is for a busy machine

LONG = "a" * 4000
GROWING = "{% assign x = x | append: x %}"


def looked_over(text: str) -> str:
    """Return a text as it is said to nobody in particular."""
    liquid = LiquidText(text)
    liquid.look_over()
    return liquid.render({})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{% for i in (1..99999999) %}x{% endfor %}", "loops 99,999,999 times"),
        ("{% for i in (1..99999999999999999999) %}{% endfor %}", "1,000 rounds are the most"),
        ("{% for i in (1..n) %}x{% endfor %}", "may never end"),
        ("{% for i in (1..40) %}{% for k in (1..40) %}{% endfor %}{% endfor %}", "loops 1,600"),
        ("{% if name == 'x' %}{% for i in (1..9999) %}{% endfor %}{% endif %}", "loops 9,999"),
        ("{% for i in (1..900) %}" + "{{ name | upcase }}" * 9 + "{% endfor %}", "10,000 steps"),
        ("{% tablerow i in (1..9) %}{% endtablerow %}", "unexpected tag 'tablerow'"),
        ("{{ (1..99999999) | join: ',' }}", "range of numbers outside of a loop"),
        ("{% assign r = (1..99999999) %}{{ r }}", "range of numbers outside of a loop"),
        ("{% include 'secrets' %}", "reads another file with {% include %}"),
        ("{% render '/etc/passwd' %}", "reads another file with {% render %}"),
        ("{% liquid include 'x' %}", "unexpected tag 'liquid'"),
        ("{{ name.__class__ }}", "takes name.__class__ apart"),
        ("{{ name['__class__']['__mro__'] }}", "takes name.__class__.__mro__ apart"),
        ("{{ [name] }}", "apart: a variable is a text"),
        ("{{ forloop.parentloop.it }}", "apart: a variable is a text"),
        ("{{ name | where: 'a', 'b' }}", "the filter where, which answers do not have"),
        ("{{ 'now' | date: '%s' }}", "the filter date, which answers do not have"),
        ("{{ name | strip_html }}", "the filter strip_html"),
        ("{% if a %}" * 40 + "{% endif %}" * 40, "more than 8 blocks within each other"),
        ("{% if " + "a and " * 2500 + "a %}{% endif %}", "is nested too deeply"),
        ("{{ " + "9" * 5000 + " }}", "is not valid Liquid"),
        ("{{" * 8000, "more than 200 {{ }} and {% %}"),
        ("x" * (MAX_SOURCE + 1), "more than 16,384 characters"),
        ("{% assign x = 'aaaaaaaaaaaaaaaa' %}" + GROWING * 60, "grows beyond 4,096 characters"),
        (f"{{{{ '{LONG}' | replace: 'a', '{LONG}' }}}}", "grows beyond 4,096 characters"),
        (f"{{{{ '{LONG}' | split: '' | join: '{LONG}' }}}}", "more than 100 parts"),
        ("{% for i in (1..99) %}" + "x" * 500 + "{% endfor %}", "output stream limit"),
        (
            f"{{% for i in (1..900) %}}{{% assign z = '{LONG}' | squish | upcase %}}{{% endfor %}}",
            "more than 204,800 characters",
        ),
        (
            "{% assign n = 'é' %}"
            + "{% assign n = n | append: n %}" * 9
            + "{% for i in (1..900) %}{% assign z = n | url_encode %}{% endfor %}",
            "more than 204,800 characters",
        ),
        ("{% capture x %}" + "a" * 9999 + "{% endcapture %}" + "{{ x | upcase }}", "grows beyond"),
    ],
)
def test_hostile_liquid_is_refused_in_a_sentence_at_once(text: str, why: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Unfit) as refused:
        looked_over(text)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
    assert time.monotonic() - begun < BOUND


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for i in (1..3) %}{{ i }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "1, 2, 3"),
        ("{% assign days = 'Mo Tu' | split: ' ' %}{% for d in days %}{{ d }};{% endfor %}", "Mo;Tu;"),
        ("{% case 'a' %}{% when 'a' %}A{% else %}B{% endcase %}", "A"),
        ("{% comment %}{{ nobody }}{% endcomment %}{# #}Hello{% # a note %}", "{# #}Hello"),
        ("{% raw %}{{ name }}{% endraw %}", "{{ name }}"),
        ("{{ 'abcdef' | truncate: 4, '.' | upcase | replace: '.', '!' }}", "ABC!"),
        ("{% capture x %}a{% endcapture %}{{ x }}{{ x }}", "aa"),
    ],
)  # fmt: skip
def test_what_answers_need_is_there(text: str, said: str) -> None:
    assert looked_over(text) == said


def test_filters_are_counted_by_what_a_customer_wrote_and_anew_for_each_rendering() -> None:
    liquid = LiquidText("{% for i in (1..9) %}{{ note | strip | truncate: 9 }}{% endfor %}")
    liquid.look_over()
    for _ in range(3):
        assert liquid.render({"note": "x" * 4096}) == "xxxxxx..." * 9
    longer = LiquidText("{% for i in (1..20) %}{{ note | strip | truncate: 9 }}{% endfor %}")
    longer.look_over()
    assert longer.render({"note": "short"}) == "short" * 20
    with pytest.raises(Unfit, match="use fewer of them on long texts"):
        longer.render({"note": "x" * 4096})


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("{{ name }}", "name"),
        ("{{ 'Dear ' | append: name }}", "name"),
        ("{% assign who = name %}{{ who }}", "name"),
        ("{% if name or number %}{{ number }}{% endif %}", "number"),
        ("{% unless name %}{{ number }}{% endunless %}", "number"),
        ("{{ phone }} {{ name | default: 'you' }}", ""),
        ("{% if name == 'Ada' %}{{ name }}{% endif %}", ""),
        ("{% if name and number %}{{ name }}{{ number }}{% endif %}", ""),
        ("{% unless name %}hello{% else %}{{ name }}{% endunless %}", ""),
        ("{% if name contains 'A' %}{{ name | size }}{% endif %}", ""),
    ],
)
def test_a_variable_that_is_said_while_it_may_be_unknown_is_found(text: str, gap: str) -> None:
    assert LiquidText(text).gaps({"phone"}, {"name", "number"}) == gap


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{%-", "|", ":", "'", '"', "..", "(", ")", "[", "]", ".", ",", " ", "\n", "if ", "endif", "for ",
     "endfor", " in ", "(1..9)", "(1..99999999)", "else", "elsif ", "case ", "when ", "endcase", "assign ", "capture ", "endcapture",
     "= ", "==", " and ", " or ", " contains ", "name", "order_number", "x", "forloop", "__class__", "include ", "render ", "raw",
     "endraw", "comment", "endcomment", "upcase", "append", "replace", "split", "join", "default", "truncate", "slice", "reversed",
     "limit:", "offset:", "continue", "break", "1", "-1", "99999999999", "1e999", "nil", "true", "empty", "blank", "\u2028", "\x00"]
)  # fmt: skip
STATEMENTS = st.builds(
    lambda opening, inner, closing: f"{opening} {' '.join(inner)} {closing}",
    st.sampled_from(["{{", "{%", "{%-"]),
    st.lists(PIECES, max_size=8),
    st.sampled_from(["}}", "%}", "-%}"]),
)
TEXTS = st.one_of(
    st.lists(st.one_of(PIECES, STATEMENTS), max_size=40).map("".join),
    st.text(max_size=200),
    st.tuples(PIECES, st.integers(1, 9000)).map(lambda pair: (pair[0] * pair[1])[:20_000]),
)


@settings(max_examples=300, deadline=1000 * BOUND)
@given(TEXTS, st.dictionaries(st.sampled_from(["name", "order_number"]), st.text(max_size=50)))
def test_no_text_makes_a_check_do_anything_but_pass_or_say_why_it_does_not(
    text: str, variables: dict[str, str]
) -> None:
    template = Template("a", "b", text)
    with contextlib.suppress(TemplateError):
        template.check()
        assert template.render({name: name for name in VARIABLES})
    with contextlib.suppress(TemplateError):
        template.render(variables)
