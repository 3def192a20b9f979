"""The review queue over a served desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from conversations.audit import drawn
from tests.bot.served import Client, make_desk, served

REVIEW = "/api/v1/review"
WORDS = "please tell me now where the order from last week with the blue boots is"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


async def tickets(client: Client, path: str = REVIEW) -> list[dict[str, Any]]:
    status, page = await client.get(path, operator=True)
    assert status == 200, page
    found: list[dict[str, Any]] = page["tickets"]
    return found


async def say(client: Client, text: str, *, sampled: bool = False) -> str:
    """Let visitors say a text until its utterance is in the audit sample, or is not; return its message id."""
    visitors = count()
    while True:
        said: str = (await client.say(text, visitor=f"{text} {next(visitors)}"))["in_reply_to"]
        if drawn(said) == sampled:
            return said


async def post(client: Client, path: str, **body: object) -> Any:
    status, answer = await client.post(f"{REVIEW}/{path}", body, operator=True)
    assert status == 200, answer
    return answer


async def test_an_empty_log_has_nothing_to_label(client: Client) -> None:
    assert await client.get(REVIEW, operator=True) == (
        200,
        {"open": 0, "today": [], "tickets": []},
    )


async def test_a_ticket_says_what_was_asked_and_what_it_is_taken_for(client: Client) -> None:
    await client.say("maybe this")
    await client.say("MAYBE  this", visitor="bob")
    [ticket] = await tickets(client)
    assert ticket["text"] == "MAYBE  this"
    assert ticket["why"] in {"uncertain", "audit"}  # its id decides
    assert ticket["asked"] == 2
    assert ticket["proposed"] == {
        "intent": "order_status",
        "title": "Where my order is",
        "confidence": 0.5,
    }
    assert len(ticket["candidates"]) == 4
    assert ticket["answered"]["action"] == "clarify"
    assert ticket["messages"] == [ticket["message_id"]]


async def test_a_complaint_says_why_and_comes_with_its_words(client: Client) -> None:
    answer = await client.say("order")
    await client.post(
        "/api/v1/feedback",
        {"message_id": answer["message_id"], "value": "down", "comment": "another order"},
    )
    [ticket] = await tickets(client)
    assert (ticket["why"], ticket["complaint"]) == ("complaint", 0.6)
    assert ticket["evidence"] == [
        {
            "signal": "thumb_down",
            "intent": "order_status",
            "against": True,
            "weight": 0.6,
            "message_id": ticket["message_id"],
            "words": "another order",
        }
    ]


async def test_near_duplicates_are_settled_by_one_decision_and_undone_by_one(
    client: Client,
) -> None:
    await say(client, WORDS)
    await say(client, f"{WORDS} today")
    [ticket] = await tickets(client)
    assert [ticket] == await tickets(client, f"{REVIEW}?limit=1")
    assert len(ticket["messages"]) == 2
    assert len(ticket["twins"]) == 1
    decided = await post(
        client, "decisions", messages=ticket["messages"], intent="order_status", operator="ann"
    )
    assert decided["labelled"] == ticket["messages"]
    assert await tickets(client) == []
    undone = await post(client, "undo", operator="ann")
    assert sorted(undone["unlabelled"]) == sorted(ticket["messages"])
    assert await tickets(client) == [ticket]
    assert await post(client, "undo", operator="ann") == {
        "unlabelled": [],
        "restored": [],
        "reopened": [],
    }


async def test_a_message_of_the_audit_sample_is_no_near_duplicate_of_an_uncertain_one(
    client: Client,
) -> None:
    uncertain = await say(client, WORDS)
    sampled = await say(client, f"{WORDS} today", sampled=True)
    page = await tickets(client)
    assert {t["why"]: t["messages"] for t in page} == {"uncertain": [uncertain], "audit": [sampled]}
    like = await tickets(client, f"{REVIEW}/similar?message_id={uncertain}")
    assert [t["message_id"] for t in like] == [uncertain]


async def test_ten_decisions_are_undone_one_by_one_the_latest_first(client: Client) -> None:
    answers = [await client.say(f"words{n}", visitor=f"v{n}") for n in range(10)]
    for answer in answers:
        await post(client, "decisions", messages=[answer["in_reply_to"]], intent="", operator="ann")
    undone = [await post(client, "undo", operator="ann") for _ in range(10)]
    assert [one["unlabelled"] for one in undone] == [[a["in_reply_to"]] for a in reversed(answers)]


async def test_operators_who_disagree_come_first_until_one_settles_it(client: Client) -> None:
    said = await client.say("order")
    await client.say("maybe something")
    about = [said["in_reply_to"]]
    await post(client, "decisions", messages=about, intent="order_status", operator="ann")
    await post(client, "decisions", messages=about, intent="return_item", operator="bob")
    first, _ = await tickets(client)
    assert first["why"] == "disputed"
    assert first["labels"] == [
        {"operator": "ann", "intent": "order_status"},
        {"operator": "bob", "intent": "return_item"},
    ]
    await post(
        client, "decisions", messages=about, intent="return_item", operator="bob", settle=True
    )
    assert [t["text"] for t in await tickets(client)] == ["maybe something"]


async def test_a_tenth_of_a_page_is_a_sample_of_ordinary_traffic(client: Client) -> None:
    answers = [await client.say(f"maybe {n} {n}", visitor=f"v{n}") for n in range(120)]
    sample = {a["in_reply_to"] for a in answers if drawn(a["in_reply_to"])}
    page = await tickets(client, f"{REVIEW}?limit=20")
    audited = [t for t in page if t["why"] == "audit"]
    assert {t["message_id"] for t in audited} <= sample
    assert len(audited) == min(2, len(sample))
    assert len(page) == 20


async def test_what_is_dismissed_leaves_the_queue(client: Client) -> None:
    said = await client.say("asdf")
    assert await post(client, "dismissals", messages=[said["in_reply_to"]], operator="ann") == {
        "dismissed": [said["in_reply_to"]]
    }
    assert await tickets(client) == []


async def test_a_dismissal_is_undone_as_one_decision_in_its_turn(client: Client) -> None:
    one, two = await say(client, "alpha"), await say(client, "beta")
    labelled = await say(client, "gamma")
    await post(client, "decisions", messages=[labelled], intent="", operator="ann")
    await post(client, "dismissals", messages=[one, two], operator="ann")
    await post(client, "dismissals", messages=[labelled], operator="bob")
    undone = await post(client, "undo", operator="ann")
    assert undone["unlabelled"] == []
    assert sorted(undone["restored"]) == sorted([one, two])
    assert {t["text"] for t in await tickets(client)} >= {"alpha", "beta"}
    assert await post(client, "undo", operator="ann") == {
        "unlabelled": [labelled],
        "restored": [],
        "reopened": [],
    }


async def test_the_progress_of_today_counts_what_stands(client: Client) -> None:
    said = [await say(client, text) for text in ("alpha", "beta", "gamma", "delta")]
    await post(client, "decisions", messages=said[:2], intent="order_status", operator="ann")
    await post(client, "dismissals", messages=said[2:3], operator="ann")
    await post(client, "decisions", messages=said[3:], intent="", operator="bob")
    _, page = await client.get(REVIEW, operator=True)
    assert page["today"] == [
        {"operator": "ann", "decisions": 2, "messages": 3},
        {"operator": "bob", "decisions": 1, "messages": 1},
    ]
    await post(client, "undo", operator="bob")
    _, page = await client.get(REVIEW, operator=True)
    assert [share["operator"] for share in page["today"]] == ["ann"]


async def test_a_ticket_shows_the_trained_examples_nearest_to_it(client: Client) -> None:
    await client.say("near maybe")
    [ticket] = await tickets(client)
    assert ticket["nearest"] == [
        {"text": "where did my parcel go", "intent": "order_status", "similarity": 0.8}
    ]


async def test_the_labels_of_one_operator_are_revoked_and_the_others_stand(client: Client) -> None:
    one, two = await client.say("alpha"), await client.say("beta", visitor="bob")
    for said, operator in ((one, "ann"), (two, "eve"), (one, "eve")):
        await post(
            client, "decisions", messages=[said["in_reply_to"]], intent="", operator=operator
        )
    later = await post(
        client, "revocations", operator="eve", by="ann", since="2999-01-01T00:00:00Z"
    )
    assert later == {"unlabelled": []}
    revoked = await post(client, "revocations", operator="eve", by="ann")
    assert sorted(revoked["unlabelled"]) == sorted([one["in_reply_to"], two["in_reply_to"]])
    assert [t["text"] for t in await tickets(client)] == ["beta"]


async def test_like_messages_are_found_whatever_they_are_taken_for(client: Client) -> None:
    boots = "where are the red boots that were promised to me for"
    about = await say(client, f"{boots} monday", sampled=True)
    await say(client, f"{boots} tuesday")
    await say(client, f"{boots} wednesday", sampled=True)
    await client.say("something else", visitor="eve")
    found = await tickets(client, f"{REVIEW}/similar?message_id={about}")
    assert [t["text"].split()[-1] for t in found] == ["monday", "tuesday"]
    assert await tickets(client, f"{REVIEW}/similar?message_id=nobody") == []


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("decisions", {"messages": [], "intent": "", "operator": "ann"}, 400, "1 to 100"),
        ("decisions", {"messages": "m", "intent": "", "operator": "ann"}, 400, "1 to 100"),
        ("decisions", {"messages": [7], "intent": "", "operator": "ann"}, 400, "must be a string"),
        ("decisions", {"messages": ["m"], "intent": "x", "operator": "ann"}, 400, "no intent 'x'"),
        ("decisions", {"messages": ["m"], "intent": "", "operator": "ann"}, 404, "utterance 'm'"),
        ("decisions", {"messages": ["m"], "intent": ""}, 400, "'operator' must be a string"),
        ("dismissals", {"messages": ["m"], "operator": "ann"}, 404, "utterance 'm'"),
        ("undo", {}, 400, "'operator' must be a string"),
        ("revocations", {"operator": "a", "by": "b", "since": "soon"}, 400, "a time with its zone"),
        ("revocations", {"operator": "a", "by": "b", "since": "2026-03-01"}, 400, "with its zone"),
    ],
)
async def test_a_bad_request_is_told_in_a_sentence(
    client: Client, path: str, body: dict[str, object], status: int, sentence: str
) -> None:
    got, problem = await client.post(f"{REVIEW}/{path}", body, operator=True)
    assert got == status
    assert sentence in problem["detail"]


@pytest.mark.parametrize("limit", ["0", "101", "many", "-1", "9" * 30])
async def test_a_page_has_a_sensible_size(client: Client, limit: str) -> None:
    status, problem = await client.get(f"{REVIEW}?limit={limit}", operator=True)
    assert status == 400
    assert "from 1 to 100" in problem["detail"]


async def test_the_queue_is_for_operators_alone(client: Client) -> None:
    assert (await client.get(REVIEW))[0] == 401
    assert (await client.post(f"{REVIEW}/undo", {"operator": "ann"}))[0] == 401


async def test_a_message_that_the_model_cannot_read_is_missing_alone(client: Client) -> None:
    said = [await say(client, text) for text in ("maybe nan", "maybe my boots", "maybe boom")]
    assert [ticket["text"] for ticket in await tickets(client)] == ["maybe my boots"]
    for one in (said[0], said[2]):
        assert await tickets(client, f"{REVIEW}/similar?message_id={one}") == []
