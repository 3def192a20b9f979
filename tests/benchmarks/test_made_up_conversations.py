"""What the import benchmark writes is taken in whole, in every form of past conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.importing import FORMS, conversations
from conversations.exports import chatwoot, table, zendesk
from conversations.exports.parts import Read
from conversations.interchange import Malformed, PastConversation, parse_each


def own(file: Path) -> Iterator[PastConversation | Malformed]:
    with file.open("rb") as lines:
        yield from parse_each(lines)


READERS: dict[str, Callable[[Path], Iterator[Read | Malformed]]] = {
    "conversations": own,
    "table": table.read,
    "chatwoot": chatwoot.read,
    "zendesk": zendesk.read,
}


@pytest.mark.parametrize("form", READERS)
def test_every_form_holds_the_same_conversations(form: str, tmp_path: Path) -> None:
    past = list(conversations(40))
    FORMS[form](tmp_path / "past", past)
    found = list(READERS[form](tmp_path / "past"))
    for one, meant in zip(found, past, strict=True):
        assert isinstance(one, PastConversation)
        assert [(t.side, t.text) for t in one.turns] == [(t.side, t.text) for t in meant.turns]
