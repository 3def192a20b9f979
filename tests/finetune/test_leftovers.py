"""What a run left out, in a line a reason."""

from __future__ import annotations

from finetune.leftovers import grouped


def test_reasons_that_differ_in_quotes_and_numbers_are_one_line_with_three_examples() -> None:
    reasons = [
        *(f"id{n}: its visitor has taught 5 messages already" for n in range(4)),
        "id7: the curated examples alone do not find 'voucher' likely",
        "id8: the curated examples alone do not find 'repair' likely",
        "hello: what operators saved counts, not the line of templates.jsonl",
        "something without a place",
    ]
    assert list(grouped(reasons)) == [
        "4: its visitor has taught 5 messages already (id0, id1, id2, and 1 more)",
        "2: the curated examples alone do not find 'voucher' likely or alike (id7, id8)",
        "1: what operators saved counts, not the line of templates.jsonl (hello)",
        "1: something without a place",
    ]


def test_a_colon_and_quotes_within_a_reason_are_of_it() -> None:
    reasons = ["a: no example says 'it: now', and whoever says it teaches 'x'"]
    assert list(grouped(reasons)) == [
        "1: no example says 'it: now', and whoever says it teaches 'x' (a)"
    ]


def test_nothing_left_out_is_no_line() -> None:
    assert list(grouped([])) == []
